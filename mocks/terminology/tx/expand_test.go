package tx_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// expander answers $expand over the given resources, which travel with the request.
func expander(t *testing.T, resources []string, value string, more ...string) (tx.Object, *tx.Problem) {
	t.Helper()
	e := &tx.Engine{MaxExpansion: 1000, Now: func() time.Time { return time.Unix(0, 0) }, UUID: func() string { return "u" }}
	return e.Expand(callOn(t, value, resources, more))
}

// callOn asks about a value set; the resources and the other parameters are JSON.
func callOn(t *testing.T, value string, resources, more []string) tx.Call {
	t.Helper()
	list := []any{map[string]any{"name": "url", "valueUri": value}}
	for _, r := range resources {
		list = append(list, map[string]any{"name": "tx-resource", "resource": decode(t, r)})
	}
	for _, m := range more {
		list = append(list, decode(t, m))
	}
	p, problem := tx.ReadParameters(tx.Object{"resourceType": "Parameters", "parameter": list})
	if problem != nil {
		t.Fatal(problem)
	}
	return tx.Call{Params: p}
}

func decode(t *testing.T, s string) tx.Object {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var o tx.Object
	if err := d.Decode(&o); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return o
}

// members writes code or code|version of each member, those below others in brackets.
func members(list any) string {
	var out []string
	items, _ := list.([]any)
	for _, x := range items {
		o := x.(tx.Object)
		s := fmt.Sprint(o["code"])
		if v, ok := o["version"]; ok {
			s += "|" + fmt.Sprint(v)
		}
		if below := members(o["contains"]); below != "" {
			s += "[" + below + "]"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// parameters writes name=value of the parameters of an expansion but used-codesystem.
func parameters(o tx.Object) string {
	var out []string
	items, _ := o["parameter"].([]any)
	for _, x := range items {
		p := x.(tx.Object)
		for k, v := range p {
			if k != "name" && p["name"] != "used-codesystem" {
				out = append(out, fmt.Sprintf("%v=%v", p["name"], v))
			}
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// Two releases of a list of wound kinds: "old" is gone from the second, "new" came with it.
const (
	wounds1 = `{"resourceType":"CodeSystem","url":"urn:wounds","version":"1.0","status":"active","content":"complete","concept":[{"code":"cut"},{"code":"old"}]}`
	wounds2 = `{"resourceType":"CodeSystem","url":"urn:wounds","version":"2.0","status":"active","content":"complete","concept":[{"code":"cut"},{"code":"new"}]}`
)

func woundSet(compose string) string {
	return `{"resourceType":"ValueSet","url":"urn:set","status":"active","compose":{` + compose + `}}`
}

func TestValueSetsOverSeveralVersionsOfACodeSystem(t *testing.T) {
	t.Parallel()
	const (
		v1    = `{"system":"urn:wounds","version":"1.0"}`
		v2    = `{"system":"urn:wounds","version":"2.0"}`
		any   = `{"system":"urn:wounds"}`
		match = `"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/valueset-expansion-parameter","extension":[{"url":"name","valueCode":"versionsMatch"},{"url":"value","valueString":"%t"}]}],`
	)
	for _, tc := range []struct{ name, compose, members, parameters string }{
		{"each version has members of its own, the newest first", `"include":[` + v1 + `,` + v2 + `]`, "cut|2.0 new|2.0 cut|1.0 old|1.0", ""},
		{"an include without a version comes after those with one", `"include":[` + v1 + `,` + any + `]`, "cut|1.0 old|1.0 cut|2.0 new|2.0", ""},
		{"versionsMatch merges equal codes into the newest", fmt.Sprintf(match, true) + `"include":[` + v1 + `,` + v2 + `]`, "cut|2.0 new|2.0 old|1.0", "versionsMatch=true"},
		{"excluding a version that is not included works on codes", `"include":[` + v2 + `],"exclude":[` + v1 + `]`, "new|2.0", "versionsMatch=true"},
		{"unless the definition keeps versions apart", fmt.Sprintf(match, false) + `"include":[` + v2 + `],"exclude":[` + v1 + `]`, "cut|2.0 new|2.0", ""},
		{"excluding a code of an included version leaves the other version's", `"include":[` + v1 + `,` + v2 + `],"exclude":[{"system":"urn:wounds","version":"1.0","concept":[{"code":"cut"}]}]`, "cut|2.0 new|2.0 old|1.0", ""},
		{"one version only: members carry none", `"include":[` + v2 + `]`, "cut new", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o, p := expander(t, []string{wounds1, wounds2, woundSet(tc.compose)}, "urn:set")
			if p != nil {
				t.Fatal(p)
			}
			e := o["expansion"].(tx.Object)
			if got := members(e["contains"]); got != tc.members {
				t.Errorf("members %s; want %s", got, tc.members)
			}
			if got := parameters(e); got != tc.parameters {
				t.Errorf("parameters %s; want %s", got, tc.parameters)
			}
		})
	}
}

func TestVersionParametersThatDecidedAreEchoed(t *testing.T) {
	t.Parallel()
	param := func(name, version string) string {
		return fmt.Sprintf(`{"name":%q,"valueUri":"urn:wounds|%s"}`, name, version)
	}
	const open, pinned = `"include":[{"system":"urn:wounds"}]`, `"include":[{"system":"urn:wounds","version":"2.0"}]`
	for _, tc := range []struct{ name, compose, param, members, echo string }{
		{"system-version decides where the definition is silent", open, param("system-version", "1.0"), "cut old", "system-version=urn:wounds|1.0"},
		{"system-version yields to the definition", pinned, param("system-version", "1.0"), "cut new", ""},
		{"check-system-version decides where the definition is silent", open, param("check-system-version", "1.x"), "cut old", "check-system-version=urn:wounds|1.x"},
		{"force-system-version overrules the definition", pinned, param("force-system-version", "1.x"), "cut old", "force-system-version=urn:wounds|1.x"},
		{"a parameter about another system is not echoed", open, `{"name":"system-version","valueUri":"urn:other|1.0"}`, "cut new", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o, p := expander(t, []string{wounds1, wounds2, woundSet(tc.compose)}, "urn:set", tc.param)
			if p != nil {
				t.Fatal(p)
			}
			e := o["expansion"].(tx.Object)
			if got := members(e["contains"]); got != tc.members {
				t.Errorf("members %s; want %s", got, tc.members)
			}
			if got := parameters(e); got != tc.echo {
				t.Errorf("parameters %q; want %q", got, tc.echo)
			}
		})
	}
	t.Run("check-system-version refuses another version that the definition names", func(t *testing.T) {
		t.Parallel()
		_, p := expander(t, []string{wounds1, wounds2, woundSet(pinned)}, "urn:set", param("check-system-version", "1.0"))
		if p == nil || p.Status != 422 || p.Issues[0].Type != "version-error" {
			t.Errorf("got %v", p)
		}
	})
}

// A tree of dressings: why one is out of use is told, and what the definition asks for is shown.
const dressings = `{"resourceType":"CodeSystem","url":"urn:dressings","version":"1","status":"active","content":"%s","hierarchyMeaning":"is-a",
 "property":[{"code":"status","uri":"http://hl7.org/fhir/concept-properties#status","type":"code"},{"code":"size","type":"string"}],
 "concept":[{"code":"dressing","display":"Dressing","definition":"Any","concept":[
   {"code":"gauze","display":"Gauze dressing","definition":"Woven","property":[{"code":"size","valueString":"S"},{"code":"size","valueString":"M"}]},
   {"code":"lint","display":"Lint dressing","property":[{"code":"status","valueCode":"retired"}]},
   {"code":"wax","display":"Wax dressing","property":[{"code":"status","valueCode":"deprecated"}]},
   {"code":"foam","display":"Foam dressing","property":[{"code":"status","valueCode":"trial"}]}]}]}`

func TestWhatExpansionsTellOfMembers(t *testing.T) {
	t.Parallel()
	set := `{"resourceType":"ValueSet","url":"urn:set","status":"%s","extension":[{"url":"urn:ext","valueString":"x"}],"compose":{"include":[{"system":"urn:dressings"%s}]}}`
	props := func(o tx.Object, code string) string {
		var out []string
		var walk func(list any)
		walk = func(list any) {
			items, _ := list.([]any)
			for _, x := range items {
				m := x.(tx.Object)
				if m["code"] == code {
					ext, _ := m["extension"].([]any)
					for _, e := range ext {
						parts := e.(tx.Object)["extension"].([]any)
						s := fmt.Sprint(parts[0].(tx.Object)["valueCode"])
						for k, v := range parts[1].(tx.Object) {
							if k != "url" {
								s += "=" + fmt.Sprint(v)
							}
						}
						out = append(out, s)
					}
				}
				walk(m["contains"])
			}
		}
		walk(o["expansion"].(tx.Object)["contains"])
		return strings.Join(out, " ")
	}
	get := func(t *testing.T, content, status, more string, params ...string) tx.Object {
		t.Helper()
		o, p := expander(t, []string{fmt.Sprintf(dressings, content), fmt.Sprintf(set, status, more)}, "urn:set", params...)
		if p != nil {
			t.Fatal(p)
		}
		return o
	}
	t.Run("the status says why a concept is out of use", func(t *testing.T) {
		t.Parallel()
		o := get(t, "complete", "active", "")
		for code, want := range map[string]string{"lint": "status=retired", "wax": "status=deprecated", "foam": "", "gauze": ""} {
			if got := props(o, code); got != want {
				t.Errorf("%s: %q; want %q", code, got, want)
			}
		}
	})
	t.Run("every value of a repeated property is shown", func(t *testing.T) {
		t.Parallel()
		o := get(t, "complete", "active", "", `{"name":"property","valueCode":"size"}`)
		if got := props(o, "gauze"); got != "size=S size=M" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("a text filter keeps the tree", func(t *testing.T) {
		t.Parallel()
		o := get(t, "complete", "active", "", `{"name":"filter","valueString":"dress"}`)
		if got := members(o["expansion"].(tx.Object)["contains"]); got != "dressing[gauze lint wax foam]" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("a page is flat", func(t *testing.T) {
		t.Parallel()
		o := get(t, "complete", "active", "", `{"name":"count","valueInteger":2}`)
		if got := members(o["expansion"].(tx.Object)["contains"]); got != "dressing gauze" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("extensions of the definition come with the definition", func(t *testing.T) {
		t.Parallel()
		if o := get(t, "complete", "active", ""); o["extension"] != nil || o["compose"] != nil {
			t.Errorf("got %v", o)
		}
		if o := get(t, "complete", "active", "", `{"name":"includeDefinition","valueBoolean":true}`); o["extension"] == nil || o["compose"] == nil {
			t.Errorf("got %v", o)
		}
	})
	t.Run("a draft that is expanded itself is no warning", func(t *testing.T) {
		t.Parallel()
		if got := parameters(get(t, "complete", "draft", "")["expansion"].(tx.Object)); got != "" {
			t.Errorf("got %s", got)
		}
	})
	for _, tc := range []struct{ name, more, want string }{
		{"a fragment taken whole may have more members", "", "valueset-unclosed valueset-unclosed-reason"},
		{"codes that are listed are all there are", `,"concept":[{"code":"gauze"}]`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			ext, _ := get(t, "fragment", "active", tc.more)["expansion"].(tx.Object)["extension"].([]any)
			for _, e := range ext {
				if u := fmt.Sprint(e.(tx.Object)["url"]); strings.Contains(u, "unclosed") {
					got = append(got, u[strings.LastIndexByte(u, '/')+1:])
				}
			}
			if s := strings.Join(got, " "); s != tc.want {
				t.Errorf("got %q; want %q", s, tc.want)
			}
		})
	}
}
