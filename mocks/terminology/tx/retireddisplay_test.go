package tx_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

const (
	kneeCode, handCode = 1110001007, 1120001002
	dutchSet           = 31000172101
)

// renamed is an edition of two concepts: knee pain, which had another English and another Dutch name before, and hand, of one term.
func renamed(t *testing.T, keep bool) *tx.SCT {
	t.Helper()
	b := snomed.NewBuilder()
	b.Concept(snomed.Root, snomed.CoreModule, 20250101, true, false)
	for _, c := range []uint64{kneeCode, handCode} {
		b.Concept(c, snomed.CoreModule, 20250101, true, false)
		b.Relation(c, snomed.Root, snomed.IsA, 0)
	}
	for i, d := range []struct {
		concept uint64
		lang    string
		typ     uint64
		term    string
		refset  uint64
		pref    bool
		retired bool
	}{
		{kneeCode, "en", snomed.Synonym, "Gonalgia", snomed.EnUS, false, false},
		{kneeCode, "en", snomed.Synonym, "Knee pain", snomed.EnUS, true, false},
		{kneeCode, "en", snomed.FSN, "Knee pain (finding)", snomed.EnUS, true, false},
		{kneeCode, "en", snomed.Definition, "Pain felt in the knee", snomed.EnUS, true, false},
		{kneeCode, "nl", snomed.Synonym, "kniepijn", dutchSet, true, false},
		{kneeCode, "en", snomed.Synonym, "Pain, knee", 0, false, true},
		{kneeCode, "nl", snomed.Synonym, "zeer aan knie", 0, false, true},
		{kneeCode, "en", snomed.Synonym, "kniepijn", 0, false, true},
		{handCode, "en", snomed.Synonym, "Hand", snomed.EnUS, true, false},
		{handCode, "en", snomed.Synonym, "Manual part", 0, false, true},
	} {
		id := uint64(5000010 + i*100)
		var err error
		switch {
		case !d.retired:
			if err = b.Description(id, d.concept, d.lang, d.typ, []byte(d.term), snomed.CaseInsensitive, 20250101); err == nil {
				err = b.LangMember(d.refset, id, d.pref)
			}
		case keep:
			err = b.Retired(snomed.CoreModule, id, d.concept, d.lang, d.typ, []byte(d.term), snomed.CaseInsensitive, 20250101)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	e, err := b.Finish(snomed.Meta{Module: snomed.CoreModule, Date: "20250101", System: "http://snomed.info/sct/900000000000207008/version/20250101", Retired: keep})
	if err != nil {
		t.Fatal(err)
	}
	return tx.NewSCT(e, []tx.Dialect{{Tag: "nl-BE", Refsets: []uint64{dutchSet}}, {Tag: "en", Refsets: []uint64{snomed.EnUS}}}, nil)
}

// validatedIn answers CodeSystem/$validate-code over one code system.
func validatedIn(t *testing.T, sys tx.System, params ...string) tx.Object {
	t.Helper()
	var list []any
	for _, p := range params {
		list = append(list, decode(t, p))
	}
	p, problem := tx.ReadParameters(tx.Object{"resourceType": "Parameters", "parameter": list})
	if problem != nil {
		t.Fatal(problem)
	}
	shelf := tx.NewShelf()
	shelf.AddSystem(sys)
	e := &tx.Engine{Shelves: []*tx.Shelf{shelf}, MaxExpansion: 1000, Now: func() time.Time { return time.Unix(0, 0) }, UUID: func() string { return "u" }}
	o, problem := e.ValidateInSystem(tx.Call{Params: p})
	if problem != nil {
		t.Fatal(problem)
	}
	return o
}

// told writes result, message and the issues of an answer.
func told(o tx.Object) (result bool, message string, issues []string) {
	for _, x := range o["parameter"].([]any) {
		p := x.(tx.Object)
		switch p["name"] {
		case "result":
			result = p["valueBoolean"].(bool)
		case "message":
			message = p["valueString"].(string)
		case "issues":
			for _, y := range p["resource"].(tx.Object)["issue"].([]any) {
				i := y.(tx.Object)
				d := i["details"].(tx.Object)
				typ := ""
				if c, ok := d["coding"].([]any); ok {
					typ = fmt.Sprint(c[0].(tx.Object)["code"])
				}
				issues = append(issues, fmt.Sprintf("%v %v %s %v", i["severity"], i["code"], typ, d["text"]))
			}
		}
	}
	return result, message, issues
}

func TestADisplayThatWasOnceRightIsToldSo(t *testing.T) {
	t.Parallel()
	const english = "The correct display is one of Knee pain,Knee pain (finding),Gonalgia"
	for _, tc := range []struct {
		name, display, lang string
		code                uint64
		drop                bool
		typ, text           string // "" = the display is right
	}{
		{name: "an active term", display: "Gonalgia", code: kneeCode},
		{name: "an inactive term", display: "Pain, knee", code: kneeCode, lang: "en", typ: "display-comment", text: english},
		{name: "no language lists all terms", display: "Pain, knee", code: kneeCode, typ: "display-comment", text: english + ",kniepijn"},
		{name: "case and blanks", display: "pain,  KNEE ", code: kneeCode, lang: "en", typ: "display-comment", text: "'pain,  KNEE ' is no longer considered a correct display for code '1110001007' (status = inactive). " + english},
		{name: "another language than the inactive term", display: "Pain, knee", code: kneeCode, lang: "nl-BE", typ: "display-comment", text: "The correct display is 'kniepijn'"},
		{name: "inactive in one language, active in another", display: "kniepijn", code: kneeCode, lang: "en", typ: "invalid-display", text: "Wrong Display Name"},
		{name: "a single term", display: "Manual part", code: handCode, typ: "display-comment", text: "The correct display is 'Hand'"},
		{name: "the inactive term of another concept", display: "Manual part", code: kneeCode, typ: "invalid-display", text: "Wrong Display Name"},
		{name: "blanks of an active term", display: "Knee  pain", code: kneeCode, typ: "invalid-display", text: "Wrong whitespace"},
		{name: "a definition is no term", display: "Pain felt in the knee", code: kneeCode, typ: "invalid-display", text: "Wrong Display Name"},
		{name: "inactive terms that were not kept", display: "Pain, knee", code: kneeCode, drop: true, typ: "invalid-display", text: "Wrong Display Name"},
	} {
		for _, lenient := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, lenient %v", tc.name, lenient), func(t *testing.T) {
				t.Parallel()
				params := []string{`{"name":"url","valueUri":"http://snomed.info/sct"}`, fmt.Sprintf(`{"name":"code","valueCode":"%d"}`, tc.code),
					fmt.Sprintf(`{"name":"display","valueString":%q}`, tc.display), fmt.Sprintf(`{"name":"lenient-display-validation","valueBoolean":%v}`, lenient)}
				if tc.lang != "" {
					params = append(params, fmt.Sprintf(`{"name":"displayLanguage","valueCode":%q}`, tc.lang))
				}
				result, message, issues := told(validatedIn(t, renamed(t, !tc.drop), params...))
				if tc.typ == "" {
					if !result || message != "" || len(issues) > 0 {
						t.Fatalf("got %v %q %q", result, message, issues)
					}
					return
				}
				severity := "error"
				if lenient {
					severity = "warning"
				}
				if len(issues) != 1 || !strings.HasPrefix(issues[0], severity+" invalid "+tc.typ+" ") || !strings.Contains(issues[0], tc.text) {
					t.Fatalf("got %q", issues)
				}
				if tc.typ == "display-comment" && !strings.HasSuffix(issues[0], tc.text) {
					t.Errorf("the list goes on: %q", issues)
				}
				if result != lenient || strings.Contains(message, "no longer") != (!lenient && tc.typ == "display-comment") {
					t.Errorf("got %v %q", result, message)
				}
			})
		}
	}
}

func TestInactiveDescriptionsAreNowhereShown(t *testing.T) {
	t.Parallel()
	s := renamed(t, true)
	i, _ := s.Find(snomed.ID(handCode))
	if n := len(s.Designations(i)); n != 1 {
		t.Errorf("got %d designations, want 1", n)
	}
	for _, lang := range []string{"en", "nl"} {
		if hits, _ := s.Search("manual", s.All(), tx.Languages{Tags: []string{lang}}, 0, 10); len(hits) > 0 {
			t.Errorf("a search in %s found an inactive description", lang)
		}
	}
}
