package codes

import (
	"regexp"
	"sort"
	"strconv"
)

// Code systems of Prescription Search Support.
const (
	PSSConditions      = pssBase + "PSSQSIConditions" // radiology indications, PSS guide
	PSSProcedures      = pssBase + "PSSQSIProcedures" // radiology procedures, PSS guide
	PSSCodes           = pssBase + "PSSCodes"         // answers of questionnaires
	ReferralConditions = beTerm + "be-cs-pss-qsi-indications"
	ReferralProcedures = beTerm + "be-cs-pss-qsi-diagnostic-imaging-procedure"
	QSICode            = "http://qsi.code" // the form's own system for procedures: any code
	PSSIndication      = "PSS_INDICATION"  // antimicrobial indications

	pssBase = "https://www.ehealth.fgov.be/standards/fhir/pss/CodeSystem/"
	beTerm  = "https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/"
)

// pssFile is what the registry needs of pss-codes.json; rules are read by the PSS service.
type pssFile struct {
	Radiology struct {
		Indications []struct{ Code, Display, Group string } `json:"indications"`
		Procedures  []struct {
			Code, Display, FR, NL, DE, Modality, Contrast string
			SandboxRadiation                              int `json:"sandboxRadiation"`
		} `json:"procedures"`
		SnomedEquivalents struct {
			Items []struct{ Snomed, OwnLabel, QSI string } `json:"items"`
		} `json:"snomedEquivalents"`
		SymptomToIndication []struct{ Snomed, OwnLabel string } `json:"symptomToIndication"`
		DeviationReasons    codeList                            `json:"deviationReasons"`
	} `json:"radiology"`
	Antimicrobial struct {
		Indications []struct {
			Code, OwnLabel string
			Snomed         []string
		} `json:"indications"`
		KnownParameters []struct {
			Items []struct {
				Code      string
				Variables []string
			} `json:"items"`
		} `json:"knownParameters"`
		PublishedVariableCodes map[string]struct{ Snomed []string } `json:"publishedVariableCodes"`
		DeviationReasons       codeList                             `json:"deviationReasons"`
	} `json:"antimicrobial"`
	Common struct {
		FeedbackCodes  codeList `json:"feedbackCodes"`
		BundleTags     codeList `json:"bundleTags"`
		RatingTypes    codeList `json:"ratingTypes"`
		ExceptionCodes codeList `json:"exceptionCodes"`
	} `json:"common"`
}

type codeList struct {
	System string   `json:"system"`
	Codes  []string `json:"codes"`
}

// addPSS registers the radiology and antimicrobial lists. The two guides give the same codes different URLs; both systems share
// their concepts here.
func (b *builder) addPSS(p *pssFile) {
	var indications, procedures []*Concept
	for _, i := range p.Radiology.Indications {
		indications = append(indications, &Concept{Code: i.Code, Display: i.Display, Properties: map[string]string{"group": i.Group}})
	}
	for _, x := range p.Radiology.Procedures {
		c := &Concept{Code: x.Code, Display: x.Display, Designations: map[string]string{}, Properties: map[string]string{"modality": x.Modality}}
		for lang, label := range map[string]string{"fr": x.FR, "nl": x.NL, "de": x.DE} {
			if label != "" {
				c.Designations[lang] = label
			}
		}
		if x.Contrast != "" {
			c.Properties["contrast"] = x.Contrast
		}
		c.Properties["sandboxRadiation"] = strconv.Itoa(x.SandboxRadiation)
		procedures = append(procedures, c)
	}
	numeric := regexp.MustCompile(`^[0-9]{1,9}$`)
	fragment := func(url, name, title string, concepts []*Concept, pattern *regexp.Regexp) {
		_ = b.addSystem(&System{URL: url, Name: name, Title: title, Status: "active", CaseSensitive: true, Content: ContentFragment,
			Pattern: pattern, Concepts: concepts, Note: "a working subset of the public list; codes that are not listed cannot be judged"})
	}
	fragment(PSSConditions, "PSSQSIConditions", "PSS radiology indications (subset)", indications, numeric)
	fragment(PSSProcedures, "PSSQSIProcedures", "PSS radiology procedures (subset)", procedures, numeric)
	fragment(ReferralConditions, "BeCSPSSIndication", "PSS radiology indications in eReferral (subset)", indications, numeric)
	fragment(ReferralProcedures, "BeCSPSSQSIDiagnosticImagingProcedure", "PSS radiology procedures in eReferral (subset)", procedures, numeric)
	fragment(QSICode, "QSICode", "QSI codes in the UHMEP form", procedures, nil)
	b.addPSSAnswers(p)
	for _, l := range []struct {
		list codeList
		name string
	}{
		{p.Radiology.DeviationReasons, "PSSrFeedbackReasons"}, {p.Antimicrobial.DeviationReasons, "PSSaFeedbackReasons"},
		{p.Common.FeedbackCodes, "PSSFeedbackCodes"}, {p.Common.BundleTags, "PSSBundleTags"},
		{p.Common.RatingTypes, "PSSRatingTypes"}, {p.Common.ExceptionCodes, "PSSExceptionCodes"},
	} {
		if l.list.System == "" {
			continue
		}
		s := &System{URL: l.list.System, Name: l.name, Title: l.name, Status: "active", CaseSensitive: true, Content: ContentComplete}
		for _, c := range l.list.Codes {
			s.Concepts = append(s.Concepts, &Concept{Code: c, Display: words(c)})
		}
		_ = b.addSystem(s)
	}
	for _, e := range p.Radiology.SnomedEquivalents.Items {
		b.noteSNOMED(Coding{System: SNOMED, Code: e.Snomed, Display: e.OwnLabel})
	}
	for _, e := range p.Radiology.SymptomToIndication {
		b.noteSNOMED(Coding{System: SNOMED, Code: e.Snomed, Display: e.OwnLabel})
	}
}

func (b *builder) addPSSAnswers(p *pssFile) {
	ind := &System{URL: PSSIndication, Name: "PSSIndication", Title: "PSS antimicrobial indications", Status: "active", CaseSensitive: true, Content: ContentFragment}
	for _, i := range p.Antimicrobial.Indications {
		ind.Concepts = append(ind.Concepts, &Concept{Code: i.Code, Display: i.OwnLabel})
		for _, s := range i.Snomed {
			b.noteSNOMED(Coding{System: SNOMED, Code: s})
			if b.tags[s] == "" {
				b.tags[s] = "disorder"
			}
		}
	}
	answers := map[string]bool{}
	for _, k := range p.Antimicrobial.KnownParameters {
		for _, i := range k.Items {
			answers[i.Code] = true
			for _, v := range i.Variables {
				answers[v] = true
			}
		}
	}
	for v, codes := range p.Antimicrobial.PublishedVariableCodes {
		answers[v] = true
		for _, s := range codes.Snomed {
			b.noteSNOMED(Coding{System: SNOMED, Code: s})
		}
	}
	ans := &System{URL: PSSCodes, Name: "PSSCodes", Title: "PSS questionnaire answers", Status: "active", CaseSensitive: true, Content: ContentFragment}
	for a := range answers {
		ans.Concepts = append(ans.Concepts, &Concept{Code: a, Display: words(a)})
	}
	sort.Slice(ans.Concepts, func(i, j int) bool { return ans.Concepts[i].Code < ans.Concepts[j].Code })
	_ = b.addSystem(ind)
	_ = b.addSystem(ans)
}

// internalSNOMED lists codes the official form sends under SNOMED CT though no such concept exists.
func internalSNOMED() []*Concept {
	var out []*Concept
	for code, display := range map[string]string{"tmp-img-ct": "CT", "tmp-img-mri": "MRI", "tmp-img-xray": "X-ray", "tmp-img-us": "Ultrasound"} {
		out = append(out, &Concept{Code: code, Display: display, Internal: true})
	}
	return out
}

// words turns a code such as "ContrastAllergy" or "guidance-unavailable" into a label.
func words(code string) string {
	var out []byte
	for i := range len(code) {
		c := code[i]
		switch {
		case c == '-' || c == '_':
			out = append(out, ' ')
		case c >= 'A' && c <= 'Z' && i > 0 && code[i-1] >= 'a' && code[i-1] <= 'z':
			out = append(out, ' ', c+'a'-'A')
		default:
			out = append(out, c)
		}
	}
	return string(out)
}
