package tx_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// validated answers $validate-code on a value set and writes result, version and display, then each issue as severity/type[expression].
func validated(t *testing.T, resources []string, params ...string) string {
	t.Helper()
	o, problem := (&tx.Engine{MaxExpansion: 1000}).ValidateCode(callOn(t, "urn:set", resources, params))
	if problem != nil {
		return fmt.Sprintf("%d %s [%s] %s", problem.Status, problem.Issues[0].Type, problem.Issues[0].Expression, problem.Issues[0].Text)
	}
	value := map[string]string{}
	var issues []string
	for _, x := range o["parameter"].([]any) {
		p := x.(tx.Object)
		for k, v := range p {
			if strings.HasPrefix(k, "value") {
				value[fmt.Sprint(p["name"])] = fmt.Sprint(v)
			}
		}
		r, _ := p["resource"].(tx.Object)
		list, _ := r["issue"].([]any)
		for _, y := range list {
			i := y.(tx.Object)
			d := i["details"].(tx.Object)
			s := fmt.Sprint(i["severity"], "/", d["coding"].([]any)[0].(tx.Object)["code"])
			if e, ok := i["expression"].([]any); ok {
				s += fmt.Sprint(e)
			}
			issues = append(issues, s)
		}
	}
	out := strings.TrimSpace(value["result"] + " " + value["version"] + " " + value["display"])
	return strings.TrimSpace(out + " " + strings.Join(issues, " "))
}

// validatedMessage gives the parameter message of a $validate-code.
func validatedMessage(t *testing.T, resources []string, params ...string) string {
	t.Helper()
	o, problem := (&tx.Engine{MaxExpansion: 1000}).ValidateCode(callOn(t, "urn:set", resources, params))
	if problem != nil {
		t.Fatal(problem)
	}
	_, m, _ := told(o)
	return m
}

// Two releases in which "cut" was renamed, "old" went and "new" came.
const (
	named1 = `{"resourceType":"CodeSystem","url":"urn:wounds","version":"1.0","status":"active","content":"complete","concept":[{"code":"cut","display":"Cut"},{"code":"old","display":"Old"}]}`
	named2 = `{"resourceType":"CodeSystem","url":"urn:wounds","version":"2.0","status":"active","content":"complete","concept":[{"code":"cut","display":"Incision"},{"code":"new","display":"New"}]}`
)

func wound(version, code, display string) string {
	return fmt.Sprintf(`{"name":"coding","valueCoding":{"system":"urn:wounds","version":%q,"code":%q,"display":%q}}`, version, code, display)
}

func TestValidationAgainstSeveralVersionsOfACodeSystem(t *testing.T) {
	t.Parallel()
	resources := []string{named1, named2, woundSet(`"include":[{"system":"urn:wounds","version":"1.0"},{"system":"urn:wounds","version":"2.0"}]`)}
	for _, tc := range []struct{ name, coding, want string }{
		{"without a version and display the newest answers", wound("", "cut", ""), "true 2.0 Incision"},
		{"without a version the display picks one", wound("", "cut", "Cut"), "true 1.0 Cut"},
		{"a display of no version is compared with the newest", wound("", "cut", "Gash"), "false 2.0 Incision error/invalid-display[Coding.display]"},
		{"a code of the older version only", wound("", "old", ""), "true 1.0 Old"},
		{"the version of the coding is the one that counts", wound("1.0", "cut", ""), "true 1.0 Cut"},
		{"and its displays", wound("1.0", "cut", "Incision"), "false 1.0 Cut error/invalid-display[Coding.display]"},
		{"a code that came later is unknown in the version of the coding", wound("1.0", "new", ""), "false error/invalid-code[Coding.code] error/not-in-vs[Coding.code]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := validated(t, resources, tc.coding); got != tc.want {
				t.Errorf("got %s; want %s", got, tc.want)
			}
		})
	}
	t.Run("an inferred system is one, however many versions have the code", func(t *testing.T) {
		t.Parallel()
		if got := validated(t, resources, `{"name":"code","valueCode":"cut"}`, `{"name":"inferSystem","valueBoolean":true}`); got != "true 2.0 Incision" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("a term withdrawn in the newest version picks the one where it is in use", func(t *testing.T) {
		t.Parallel()
		withdrawn := `{"resourceType":"CodeSystem","url":"urn:wounds","version":"2.0","status":"active","content":"complete","concept":[{"code":"cut","display":"Incision",
			"designation":[{"value":"Cut","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status","valueCode":"withdrawn"}]}]}]}`
		if got := validated(t, []string{named1, withdrawn, resources[2]}, wound("", "cut", "Cut")); got != "true 1.0 Cut" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("each coding of a concept finds its version", func(t *testing.T) {
		t.Parallel()
		cc := `{"name":"codeableConcept","valueCodeableConcept":{"coding":[{"system":"urn:wounds","code":"cut","display":"Incision"},{"system":"urn:wounds","code":"cut","display":"Cut"}]}}`
		// The concept itself is echoed; only what was judged is compared.
		if got := validated(t, resources, cc); !strings.HasPrefix(got, "true 2.0 Incision") || strings.Contains(got, "error") {
			t.Errorf("got %s", got)
		}
	})
}

func TestWhichVersionValidationTakes(t *testing.T) {
	t.Parallel()
	set := func(version string) string { return woundSet(`"include":[{"system":"urn:wounds"` + version + `}]`) }
	pin := func(v string) string { return `,"version":"` + v + `"` }
	param := func(name, version string) string {
		return fmt.Sprintf(`{"name":%q,"valueUri":"urn:wounds|%s"}`, name, version)
	}
	for _, tc := range []struct {
		name, set string
		params    []string
		want      string
	}{
		{"nobody names one: the newest", set(""), []string{wound("", "cut", "")}, "true 2.0 Incision"},
		{"the check names one where nobody else does", set(""), []string{wound("", "cut", ""), param("check-system-version", "1.x")}, "true 1.0 Cut"},
		{"so does the default", set(""), []string{wound("", "cut", ""), param("system-version", "1.0")}, "true 1.0 Cut"},
		{"a coding that names one is compared with the newest, whatever the default", set(""), []string{wound("1.0", "cut", ""), param("system-version", "1.0")}, "false 2.0 Incision error/vs-invalid[Coding.version]"},
		{"a coding that names one that is not here is compared with the default", set(""), []string{wound("9", "cut", ""), param("system-version", "1.0")}, "false 1.0 Cut error/not-found[Coding.system] error/vs-invalid[Coding.version]"},
		{"a wildcard takes the version of the coding", set(pin("x.0")), []string{wound("1.0", "cut", "")}, "true 1.0 Cut"},
		{"and is content with the check then", set(pin("x.0")), []string{wound("1.0", "cut", ""), param("check-system-version", "1.0")}, "true 1.0 Cut"},
		{"without one it takes the newest", set(pin("x.0")), []string{wound("", "cut", "")}, "true 2.0 Incision"},
		{"force overrules the definition", set(pin("2.0")), []string{wound("", "cut", ""), param("force-system-version", "1.0")}, "true 1.0 Cut"},
		{"a definition in a version that is not here cannot be decided", set(pin("7")), []string{wound("", "cut", "")}, "false error/not-found[Coding.system]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := validated(t, []string{named1, named2, tc.set}, tc.params...); got != tc.want {
				t.Errorf("got %s; want %s", got, tc.want)
			}
		})
	}
}

func TestEditionsDoNotFollowEachOther(t *testing.T) {
	t.Parallel()
	const international, belgian = "http://snomed.info/sct/900000000000207008", "http://snomed.info/sct/11000172109"
	release := func(edition, day string) string {
		return fmt.Sprintf(`{"resourceType":"CodeSystem","url":"http://snomed.info/sct","version":"%s/version/%s","status":"active","content":"fragment","concept":[{"code":"22298006"}]}`, edition, day)
	}
	resources := []string{release(international, "20260101"), release(international, "20260201"), release(belgian, "20260315"),
		woundSet(`"include":[{"system":"http://snomed.info/sct"}]`)}
	both := append(resources[:3:3], woundSet(`"include":[{"system":"http://snomed.info/sct","version":"`+international+`"},{"system":"http://snomed.info/sct","version":"`+belgian+`"}]`))
	in := func(version string) string {
		return fmt.Sprintf(`{"name":"coding","valueCoding":{"system":"http://snomed.info/sct","version":%q,"code":"22298006"}}`, version)
	}
	ask := `{"name":"system-version","valueUri":"http://snomed.info/sct|` + international + `"}`
	for _, tc := range []struct {
		name      string
		resources []string
		params    []string
		want      string
	}{
		{"the edition asked for is the one a coding is compared with", resources, []string{in(international + "/version/20260201"), ask}, "true " + international + "/version/20260201"},
		{"an older release of that edition does", resources, []string{in(international + "/version/20260101"), ask}, "true " + international + "/version/20260101"},
		{"an edition named without its release is enough", resources, []string{in(belgian)}, "true " + belgian + "/version/20260315"},
		{"also where the value set names several", both, []string{in(belgian)}, "true " + belgian + "/version/20260315"},
		{"another edition than the one asked for", resources, []string{in(belgian), ask}, "false " + international + "/version/20260201 error/vs-invalid[Coding.version]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := validated(t, tc.resources, tc.params...); got != tc.want {
				t.Errorf("got %s; want %s", got, tc.want)
			}
		})
	}
}

func TestWhatValidationProposesAndExcuses(t *testing.T) {
	t.Parallel()
	const system = `{"resourceType":"CodeSystem","url":"urn:wounds","version":"1","status":"draft","content":"complete","language":"en","concept":[
	  {"code":"cut","display":"Cut","designation":[{"use":{"system":"urn:uses","code":"slang"},"value":"nick"}]},
	  {"code":"rip","display":"Rip","property":[{"code":"status","valueCode":"deprecated"}]}]}`
	whole := woundSet(`"include":[{"system":"urn:wounds"}]`)
	for _, tc := range []struct {
		name      string
		resources []string
		params    []string
		want      string
	}{
		{"the operators of R5 come in an extension in R4", []string{system, woundSet(`"include":[{"system":"urn:wounds","filter":[{"property":"code","value":"cut",
			"_op":{"extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.compose.include.filter.op","valueCode":"="}]}}]}]`)}, []string{wound("", "rip", "")},
			"false 1 Rip error/not-in-vs[Coding.code] information/status-check"},
		{"a term that is no display is accepted", []string{system, whole}, []string{wound("", "cut", "nick")}, "true 1 Cut information/status-check"},
		{"a discouraged concept is a member with a warning", []string{system, whole}, []string{wound("", "rip", "")}, "true 1 Rip warning/code-comment[Coding.code] information/status-check"},
		{"a set that includes what is not here says that only", []string{system, woundSet(`"include":[{"valueSet":["urn:none"]}]`)}, []string{wound("", "cut", "")}, "false 1 Cut error/not-found information/status-check"},
		{"a faulty definition names its place", []string{system, woundSet(`"include":[{"system":"urn:wounds","filter":[{"property":"concept","op":"is-a"}]}]`)}, []string{wound("", "cut", "")},
			"422 vs-invalid [ValueSet['urn:set'].compose.include[0].filter[0].value] The system urn:wounds filter with property = concept, op = is-a has no value"},
		{"a language that is none", []string{system, whole}, []string{wound("", "cut", ""), `{"name":"displayLanguage","valueCode":"-"}`}, "400 invalid-display [] Invalid displayLanguage: '-'"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := validated(t, tc.resources, tc.params...); got != tc.want {
				t.Errorf("got %s; want %s", got, tc.want)
			}
		})
	}
	t.Run("a term that is no display is not proposed", func(t *testing.T) {
		t.Parallel()
		o, p := (&tx.Engine{}).ValidateCode(callOn(t, "urn:set", []string{system, whole}, []string{wound("", "cut", "gash")}))
		if said := fmt.Sprint(o); p != nil || !strings.Contains(said, "Valid display is 'Cut' (en) (for") || strings.Contains(said, "nick") {
			t.Errorf("got %s %v", said, p)
		}
	})
	t.Run("a faulty definition hinders nobody else", func(t *testing.T) {
		t.Parallel()
		faulty := `{"resourceType":"ValueSet","url":"urn:faulty","status":"active","compose":{"include":[{}]}}`
		if got := validated(t, []string{faulty, system, whole}, wound("", "cut", "")); got != "true 1 Cut information/status-check" {
			t.Errorf("got %s", got)
		}
	})
}
