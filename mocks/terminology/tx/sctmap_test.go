package tx_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// Concepts of an invented release: "was" concepts are inactive.
const (
	rootConcept = 1000001
	headache    = 1100001
	migraine    = 1200001
	wasHeadache = 1300001
	wasUnsure   = 1400001
	fracture    = 1500001
	listed      = 1600001
)

const icd10be = "urn:icd-10-be"

// release builds a small edition with associations, a simple map and an extended map.
func release(t *testing.T, module uint64, date string) *tx.SCT {
	t.Helper()
	b := snomed.NewBuilder()
	for i, id := range []uint64{rootConcept, headache, migraine, fracture, listed, wasHeadache, wasUnsure, snomed.EnUS} {
		b.Concept(id, module, 20260101, id != wasHeadache && id != wasUnsure, false)
		if id != rootConcept && id != wasHeadache && id != wasUnsure {
			b.Relation(id, rootConcept, snomed.IsA, 0)
		}
		for n, d := range []struct {
			lang, term string
			refset     uint64
		}{{"en", fmt.Sprintf("term %d", id), snomed.EnUS}, {"nl", fmt.Sprintf("woord %d", id), 31000172101}} {
			desc := uint64(5000010 + i*1000 + n*100)
			if err := b.Description(desc, id, d.lang, snomed.Synonym, []byte(d.term), snomed.CaseInsensitive, 20260101); err != nil {
				t.Fatal(err)
			}
			if err := b.LangMember(d.refset, desc, true); err != nil {
				t.Fatal(err)
			}
		}
	}
	columns := func(names string) (out []snomed.Field) {
		for _, n := range strings.Fields(names) {
			out = append(out, snomed.Field{Name: n, Type: snomed.FieldText})
		}
		return out
	}
	association := b.Shape(snomed.Shape{Kind: snomed.KindAssociation, Fields: columns("targetComponentId")})
	simple := b.Shape(snomed.Shape{Kind: snomed.KindMap, Fields: columns("mapTarget")})
	extended := b.Shape(snomed.Shape{Kind: snomed.KindMap, Fields: columns("mapGroup mapPriority mapRule mapAdvice mapTarget correlationId mapCategoryId")})
	for _, r := range []struct {
		shape           int
		refset          uint64
		concept, target uint64
		text            string // columns divided by |
	}{
		{association, snomed.SameAs, wasHeadache, headache, ""},
		{association, snomed.ReplacedBy, wasHeadache, migraine, ""},
		{association, snomed.PossiblyEquivalentTo, wasUnsure, migraine, ""},
		{association, snomed.PossiblyEquivalentTo, wasUnsure, headache, ""},
		{association, snomed.Alternative, wasUnsure, headache, ""},
		{association, snomed.PartiallyEquivalent, wasUnsure, headache, ""},
		{association, snomed.PossiblyReplacedBy, wasUnsure, fracture, ""},
		{simple, snomed.ICDOMap, headache, 0, "T-1"},
		{simple, snomed.ICDOMap, migraine, 0, "T-1"},
		// Of the second group the rows lie in the wrong order.
		{extended, snomed.BelgianICD10Map, headache, 0, "2|2|OTHERWISE TRUE|second choice|Z9|447558009|1"},
		{extended, snomed.BelgianICD10Map, headache, 0, "2|1|TRUE|always|Z1|447558009|1"},
		{extended, snomed.BelgianICD10Map, headache, 0, "1|1|TRUE|always|R51|447557004|1"},
		{extended, snomed.BelgianICD10Map, fracture, 0, "1|1|IFA 248152002 : Female|if a woman|S1|447559001|1"},
		{extended, snomed.BelgianICD10Map, fracture, 0, "1|2|IFA 248153007 : Male|if a man|S2|447559001|1"},
		{extended, snomed.BelgianICD10Map, fracture, 0, "1|3|OTHERWISE TRUE|else|S3|447560006|1"},
		{extended, snomed.BelgianICD10Map, fracture, 0, "2|1|TRUE|always|W19|447557004|1"},
		{extended, snomed.BelgianICD10Map, listed, 0, "1|1|TRUE|cannot be classified||1193552004|1"},
	} {
		if err := b.Member(snomed.Row{Shape: r.shape, Refset: r.refset, Concept: r.concept, Target: r.target, Module: module, Effective: 20260101, Text: []byte(strings.ReplaceAll(r.text, "|", "\t"))}); err != nil {
			t.Fatal(err)
		}
	}
	e, err := b.Finish(snomed.Meta{Module: module, Date: date, System: fmt.Sprintf("http://snomed.info/sct/%d/version/%s", module, date)})
	if err != nil {
		t.Fatal(err)
	}
	return tx.NewSCT(e, []tx.Dialect{{Tag: "en-US", Refsets: []uint64{snomed.EnUS}}, {Tag: "nl-BE", Refsets: []uint64{31000172101}}}, nil)
}

// belgian is an engine with one Belgian release.
func belgian(t *testing.T) *tx.Engine {
	t.Helper()
	shelf := tx.NewShelf()
	shelf.AddSystem(release(t, snomed.BelgianModule, "20260915"))
	return &tx.Engine{Shelves: []*tx.Shelf{shelf}, SCTMaps: tx.SCTMaps(icd10be)}
}

// short writes the answer without the prefix of all its map URLs.
func short(o tx.Object) string {
	return strings.ReplaceAll(matches(o), "http://snomed.info/sct?fhir_cm=", "")
}

func TestReferenceSetsTranslate(t *testing.T) {
	t.Parallel()
	e := belgian(t)
	const sct = "system=http://snomed.info/sct "
	const cm = "url=http://snomed.info/sct?fhir_cm="
	for _, tc := range []struct{ name, params, want string }{
		{"SAME AS", sct + cm + "900000000000527005 code=1300001", "true 1300001>1100001:equal@900000000000527005"},
		{"REPLACED BY", sct + cm + "900000000000526001 code=1300001", "true 1300001>1200001:equivalent@900000000000526001"},
		{"POSSIBLY EQUIVALENT TO, all of them", sct + cm + "900000000000523009 code=1400001", "true 1400001>1100001:inexact@900000000000523009 1400001>1200001:inexact@900000000000523009"},
		{"ALTERNATIVE", sct + cm + "900000000000530003 code=1400001", "true 1400001>1100001:inexact@900000000000530003"},
		{"PARTIALLY EQUIVALENT TO", sct + cm + "1186924009 code=1400001", "true 1400001>1100001:inexact@1186924009"},
		{"POSSIBLY REPLACED BY", sct + cm + "1186921001 code=1400001", "true 1400001>1500001:inexact@1186921001"},
		{"the system may be left out", cm + "900000000000527005 code=1300001", "true 1300001>1100001:equal@900000000000527005"},
		{"reverse finds predecessors", sct + cm + "900000000000527005 code=1100001 reverse=true", "true 1100001>1300001:equal@900000000000527005"},
		{"reverse finds nothing before a predecessor", sct + cm + "900000000000527005 code=1300001 reverse=true", "false"},
		{"a simple map", sct + cm + "446608001 code=1100001", "true 1100001>T-1:relatedto@446608001"},
		{"a simple map backwards", "system=http://hl7.org/fhir/sid/icd-o " + cm + "446608001 code=T-1 reverse=true", "true T-1>1100001:relatedto@446608001 T-1>1200001:relatedto@446608001"},
		{"a code of the target asks for the way back", "system=http://hl7.org/fhir/sid/icd-o " + cm + "446608001 code=T-1", "true T-1>1100001:relatedto@446608001 T-1>1200001:relatedto@446608001"},
		{"of each map group the first row by priority", sct + cm + "10861000172102 code=1100001", "true 1100001>R51:equal@10861000172102 1100001>Z1:wider@10861000172102"},
		{"rules about the patient leave a group open", sct + cm + "10861000172102 code=1500001",
			"true 1500001>S1:narrower@10861000172102(if a woman) 1500001>S2:narrower@10861000172102(if a man) 1500001>S3:inexact@10861000172102(else) 1500001>W19:equal@10861000172102"},
		{"a row without a target", sct + cm + "10861000172102 code=1600001", "false 1600001>-:unmatched@10861000172102"},
		{"narrower is wider on the way back", "system=urn:icd-10-be " + cm + "10861000172102 code=S1 reverse=true", "true S1>1500001:wider@10861000172102(if a woman)"},
		{"a concept without a row", sct + cm + "10861000172102 code=1200001", "false"},
		{"a concept that does not exist", sct + cm + "10861000172102 code=1700001", "false"},
		{"a target that is not the map's", sct + cm + "10861000172102 code=1100001 targetsystem=http://hl7.org/fhir/sid/icd-10", "false"},
		{"a code of another system", "system=urn:other " + cm + "900000000000527005 code=1300001", "false"},
		{"without url by the target that is wanted", sct + "code=1100001 targetsystem=urn:icd-10-be", "true 1100001>R51:equal@10861000172102 1100001>Z1:wider@10861000172102"},
		{"without url the sets of history, the certain ones first", sct + "code=1300001 targetsystem=http://snomed.info/sct", "true 1300001>1100001:equal@900000000000527005 1300001>1200001:equivalent@900000000000526001"},
		{"without url backwards", "system=urn:icd-10-be code=W19 targetsystem=http://snomed.info/sct", "true W19>1500001:equal@10861000172102"},
		{"a codeable concept", cm + `900000000000527005 codeableConcept=CodeableConcept{"coding":[{"system":"urn:x","code":"1"},{"system":"http://snomed.info/sct","code":"1300001"}]}`, "true 1300001>1100001:equal@900000000000527005"},
		{"the edition in the URL", sct + "code=1300001 url=http://snomed.info/sct/11000172109?fhir_cm=900000000000527005", "true 1300001>1100001:equal@http://snomed.info/sct/11000172109?fhir_cm=900000000000527005"},
		{"the release in the URL", sct + "code=1300001 url=http://snomed.info/sct/11000172109/version/20260915?fhir_cm=900000000000527005",
			"true 1300001>1100001:equal@http://snomed.info/sct/11000172109/version/20260915?fhir_cm=900000000000527005"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o, p := translation(t, e, nil, tc.params)
			if p != nil {
				t.Fatal(p)
			}
			if got := short(o); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			if (tc.want == "false") != (message(o) != "") {
				t.Errorf("message %q", message(o))
			}
		})
	}
}

func TestSuccessorsHaveDisplaysInTheLanguageAskedFor(t *testing.T) {
	t.Parallel()
	o, p := translation(t, belgian(t), nil, "url=http://snomed.info/sct?fhir_cm=900000000000527005 code=1300001 displayLanguage=nl-BE")
	if p != nil {
		t.Fatal(p)
	}
	got := fmt.Sprint(o)
	if !strings.Contains(got, "display:woord 1100001") || !strings.Contains(got, "name:source valueUri:http://snomed.info/sct?fhir_cm=900000000000527005") {
		t.Errorf("got %s", got)
	}
}

func TestCorrelationsGiveTheEquivalence(t *testing.T) {
	t.Parallel()
	for correlation, want := range map[string]string{
		"447557004": "equal", "447559001": "narrower", "447558009": "wider", "447560006": "inexact", "447556008": "disjoint", "447561005": "unmatched",
		"1193548004": "equal", "1193547009": "narrower", "1193549007": "wider", "1193550007": "inexact", "1193551006": "disjoint", "1193552004": "unmatched", "1": "relatedto",
	} {
		t.Run(correlation, func(t *testing.T) {
			t.Parallel()
			b := snomed.NewBuilder()
			b.Concept(rootConcept, snomed.CoreModule, 20260101, true, false)
			shape := b.Shape(snomed.Shape{Kind: snomed.KindMap, Fields: []snomed.Field{{Name: "mapGroup"}, {Name: "mapPriority"}, {Name: "mapRule"}, {Name: "mapAdvice"}, {Name: "mapTarget"}, {Name: "correlationId"}}})
			if err := b.Member(snomed.Row{Shape: shape, Refset: snomed.ICD10ExtendedMap, Concept: rootConcept, Text: []byte("1\t1\tTRUE\tALWAYS A1\tA1\t" + correlation)}); err != nil {
				t.Fatal(err)
			}
			e, err := b.Finish(snomed.Meta{Module: snomed.CoreModule, Date: "20260101", System: "http://snomed.info/sct/900000000000207008/version/20260101"})
			if err != nil {
				t.Fatal(err)
			}
			shelf := tx.NewShelf()
			shelf.AddSystem(tx.NewSCT(e, nil, nil))
			o, p := translation(t, &tx.Engine{Shelves: []*tx.Shelf{shelf}, SCTMaps: tx.SCTMaps(icd10be)}, nil, "url=http://snomed.info/sct?fhir_cm=447562003 code=1000001")
			if p != nil {
				t.Fatal(p)
			}
			result := want != "disjoint" && want != "unmatched"
			if got := short(o); got != fmt.Sprintf("%v 1000001>A1:%s@447562003", result, want) {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestReferenceSetsThatCannotTranslate(t *testing.T) {
	t.Parallel()
	e := belgian(t)
	for _, tc := range []struct{ name, params, want string }{
		{"a set that is no map", "url=http://snomed.info/sct?fhir_cm=900000000000509007 code=1300001", "fhir_cm=900000000000509007"},
		{"no identifier", "url=http://snomed.info/sct?fhir_cm code=1300001", "fhir_cm"},
		{"another system", "url=http://loinc.org?fhir_cm=900000000000527005 code=1300001", "loinc"},
		{"an edition that is not loaded", "url=http://snomed.info/sct/999999990000000108?fhir_cm=900000000000527005 code=1300001", "Valid versions: http://snomed.info/sct/11000172109/version/20260915"},
		{"a release that is not loaded", "url=http://snomed.info/sct/11000172109/version/20200101?fhir_cm=900000000000527005 code=1300001", "20260915"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, p := translation(t, e, nil, tc.params)
			if p == nil || p.Status != 404 || p.Issues[0].Code != "not-found" || !strings.Contains(p.Error(), tc.want) {
				t.Errorf("got %+v, want 404 with %q", p, tc.want)
			}
		})
	}
}

func TestMissingReferenceSetsAreNamed(t *testing.T) {
	t.Parallel()
	e := belgian(t)
	for name, tc := range map[string]struct {
		resources []string
		url, want string
	}{
		"a set without members": {nil, "447562003", "447562003"},
		"a list of codes in place of a release": {[]string{`{"resourceType":"CodeSystem","url":"http://snomed.info/sct","version":"http://snomed.info/sct/11000172109/version/20270101","status":"active","content":"fragment","concept":[{"code":"1300001"}]}`},
			"900000000000527005", "no reference sets"},
	} {
		o, p := translation(t, e, tc.resources, "url=http://snomed.info/sct?fhir_cm="+tc.url+" code=1300001")
		if p != nil {
			t.Fatal(p)
		}
		if matches(o) != "false" || !strings.Contains(message(o), tc.want) {
			t.Errorf("%s: got %v", name, o)
		}
	}
}

func TestAConceptMapThatStandsForAReferenceSetTranslates(t *testing.T) {
	t.Parallel()
	m, p := tx.NewConceptMap(decode(t, `{"resourceType":"ConceptMap","url":"http://snomed.info/sct?fhir_cm=900000000000527005","version":"http://snomed.info/sct/11000172109/version/20260915"}`))
	if p != nil {
		t.Fatal(p)
	}
	o, p := belgian(t).Translate(tx.Call{Params: tx.Params{{Name: "code", Value: "1300001"}, {Name: "system", Value: "http://snomed.info/sct"}}}, m)
	if p != nil || !strings.HasPrefix(matches(o), "true 1300001>1100001:equal@") {
		t.Errorf("got %v %v", o, p)
	}
}
