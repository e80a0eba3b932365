package pss

import "strings"

// URLs of the PSS guide, the eReferral guide and FHIR.
const (
	pssBase        = "https://www.ehealth.fgov.be/standards/fhir/pss/"
	profileBase    = pssBase + "StructureDefinition/"
	systemIndica   = pssBase + "CodeSystem/PSSQSIConditions"
	systemProced   = pssBase + "CodeSystem/PSSQSIProcedures"
	systemAnswers  = pssBase + "CodeSystem/PSSCodes"
	systemReasonR  = pssBase + "CodeSystem/PSSrFeedbackReasons"
	systemReasonA  = pssBase + "CodeSystem/PSSaFeedbackReasons"
	systemTags     = pssBase + "CodeSystem/PSSBundleTags"
	systemExcept   = pssBase + "CodeSystem/pss-exception-codes"
	systemErrors   = "urn:pss:errors"
	systemQSI      = "http://qsi.code"
	systemSNOMED   = "http://snomed.info/sct"
	systemInfect   = "PSS_INDICATION"
	systemVMPG     = "https://www.ehealth.fgov.be/standards/fhir/medication/CodeSystem/vmpg"
	systemActivity = "http://hl7.org/fhir/uv/cpg/CodeSystem/cpg-activity-type-cs"
	systemUCUM     = "http://unitsofmeasure.org"

	urlRating      = profileBase + "PSSStructuredRating"
	urlAge         = profileBase + "PSSRelevantAge"
	urlValueSet    = profileBase + "CodeValueSet"
	urlAnswerCode  = profileBase + "AnswerOptionAdditionalCode"
	urlLanguage    = "http://hl7.org/fhir/StructureDefinition/language"
	urlTranslation = "http://hl7.org/fhir/StructureDefinition/translation"
	urlMarkdown    = "http://hl7.org/fhir/StructureDefinition/rendering-markdown"
	urlAbsent      = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

	terminologyBase = "https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/"
)

// indicationSystem says whether a system names radiology indications. The two
// guides publish the same codes under different URLs; alias is true for the
// one of the other guide.
func indicationSystem(url string) (known, alias bool) {
	switch bare(url) {
	case systemIndica:
		return true, false
	case terminologyBase + "be-cs-pss-qsi-indications",
		"https://www.riziv-inami.be/standards/fhir/ereferral/CodeSystem/be-cs-pss-indication", systemQSI:
		return true, true
	}
	return false, false
}

// procedureSystem is indicationSystem for examinations.
func procedureSystem(url string) (known, alias bool) {
	switch bare(url) {
	case systemProced:
		return true, false
	case terminologyBase + "be-cs-pss-qsi-diagnostic-imaging-procedure", systemQSI:
		return true, true
	}
	return false, false
}

// bare drops a version: url|1.0 → url.
func bare(url string) string {
	u, _, _ := strings.Cut(url, "|")
	return u
}

// profileName reads the name of a PSS profile from its canonical URL or from
// the address of its page, which the cookbook prints instead.
func profileName(url string) (name string, page bool) {
	rest, ok := strings.CutPrefix(bare(url), profileBase)
	if ok {
		return rest, false
	}
	if rest, ok = strings.CutPrefix(bare(url), pssBase+"StructureDefinition-"); ok {
		if rest, ok = strings.CutSuffix(rest, ".html"); ok {
			return rest, true
		}
	}
	return "", false
}

// coding is a FHIR Coding.
func coding(system, code, display string) object {
	return object{{"system", system}, {"code", code}, {"display", display}}
}

// concept is a FHIR CodeableConcept of one coding.
func concept(system, code, display string) object {
	return object{{"coding", []any{coding(system, code, display)}}}
}

func reference(to string) object { return object{{"reference", to}} }

// translated is the companion (_name) of a text that carries a translation.
func translated(lang, content string) object {
	if content == "" {
		return nil
	}
	return object{{"extension", []any{object{
		{"extension", []any{
			object{{"url", "lang"}, {"valueCode", lang}},
			object{{"url", "content"}, {"valueString", content}},
		}},
		{"url", urlTranslation},
	}}}}
}

// inLanguage is the companion of a text that says which language it is in.
func inLanguage(lang string) object {
	return object{{"extension", []any{object{{"url", urlLanguage}, {"valueCode", lang}}}}}
}
