package tx_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// Maps between invented lists of tools. "drawer" is about the tools that its source value set names; what it does not list it leaves to
// "shed", which has an answer for everything. "north" and "south" send each other what they do not know.
const (
	tools      = `{"resourceType":"CodeSystem","url":"urn:tools","status":"active","content":"complete","concept":[{"code":"saw"},{"code":"rasp"},{"code":"file"},{"code":"glue"}]}`
	sharpTools = `{"resourceType":"ValueSet","url":"urn:sharp","status":"active","compose":{"include":[{"system":"urn:tools","concept":[{"code":"saw"},{"code":"rasp"},{"code":"file"}]}]}}`
	drawer     = `{"resourceType":"ConceptMap","url":"urn:drawer","version":"1","status":"active","sourceUri":"urn:sharp","targetUri":"urn:places","group":[{"source":"urn:tools","target":"urn:boxes",
		"element":[{"code":"saw","target":[{"code":"long","equivalence":"wider","comment":"on top"}]},
			{"code":"rasp","target":[{"equivalence":"unmatched"}]}],
		"unmapped":{"mode":"other-map","url":"urn:shed"}}]}`
	shed = `{"resourceType":"ConceptMap","url":"urn:shed","version":"2","status":"active","sourceUri":"urn:sharp","group":[{"source":"urn:tools","target":"urn:boxes",
		"element":[{"code":"saw","target":[{"code":"wall","equivalence":"equivalent"}]}],"unmapped":{"mode":"fixed","code":"floor","display":"The floor"}}]}`
	north = `{"resourceType":"ConceptMap","url":"urn:north","status":"active","group":[{"source":"urn:tools","target":"urn:poles","unmapped":{"mode":"other-map","url":"urn:south"}}]}`
	south = `{"resourceType":"ConceptMap","url":"urn:south","status":"active","group":[{"source":"urn:tools","target":"urn:poles","unmapped":{"mode":"other-map","url":"urn:north"}}]}`
	lost  = `{"resourceType":"ConceptMap","url":"urn:lost","status":"active","group":[{"source":"urn:tools","target":"urn:nowhere","unmapped":{"mode":"other-map","url":"urn:gone"}}]}`
	whole = `{"resourceType":"ConceptMap","url":"urn:whole","status":"active","group":[{"source":"urn:tools","target":"urn:all","unmapped":{"mode":"fixed","valueSet":"urn:sharp"}}]}`
	same  = `{"resourceType":"ConceptMap","url":"urn:same","status":"active","group":[{"source":"urn:tools","target":"urn:copies","unmapped":{"mode":"provided"}}]}`
	// An R5 map in the shape it has when it is sent to an R4 server, and one in its own shape.
	fifth = `{"resourceType":"ConceptMap","url":"urn:fifth","status":"active","group":[{"source":"urn:tools","target":"urn:r4","unmapped":{"mode":"fixed","code":"x",
		"extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-ConceptMap.group.unmapped.relationship","valueCode":"source-is-broader-than-target"}]}}]}`
	fifthProper = `{"resourceType":"ConceptMap","url":"urn:proper","status":"active","sourceScopeUri":"urn:sharp","group":[{"source":"urn:tools","target":"urn:r5",
		"element":[{"code":"saw","target":[{"code":"a","relationship":"related-to"},{"code":"b","relationship":"not-related-to"}]},{"code":"rasp","noMap":true},
			{"code":"file","target":[{"code":"c","relationship":"not-related-to"}]}]}]}`
	// A target that depends on what else is known.
	wet = `{"resourceType":"ConceptMap","url":"urn:wet","status":"active","group":[{"source":"urn:tools","target":"urn:racks","element":[{"code":"saw","target":[
		{"code":"inside","equivalence":"equivalent","dependsOn":[{"property":"urn:weather","system":"urn:w","value":"rain"}]},
		{"code":"outside","equivalence":"equivalent","dependsOn":[{"property":"urn:weather","system":"urn:w","value":"sun"}]}]}]}]}`
	old = `{"resourceType":"ConceptMap","url":"urn:aged","version":"1.9","status":"active","group":[{"source":"urn:tools","target":"urn:ages","element":[{"code":"saw","target":[{"code":"old","equivalence":"equal"}]}]}]}`
	new = `{"resourceType":"ConceptMap","url":"urn:aged","version":"1.10","status":"active","group":[{"source":"urn:tools","target":"urn:ages","element":[{"code":"saw","target":[{"code":"new","equivalence":"equal"}]}]}]}`
)

// translation answers $translate with parameters written as name=value; a value in braces is JSON with its type before it.
func translation(t *testing.T, e *tx.Engine, resources []string, params string) (tx.Object, *tx.Problem) {
	t.Helper()
	var list []any
	for _, r := range resources {
		list = append(list, map[string]any{"name": "tx-resource", "resource": decode(t, r)})
	}
	for _, s := range strings.Fields(params) {
		name, value, _ := strings.Cut(s, "=")
		p := map[string]any{"name": name, "valueString": value}
		switch typ, text, isJSON := strings.Cut(value, "{"); {
		case isJSON && typ == "part":
			delete(p, "valueString")
			p["part"] = decode(t, "{"+text)["part"]
		case isJSON:
			delete(p, "valueString")
			p["value"+typ] = decode(t, "{"+text)
		}
		list = append(list, p)
	}
	p, problem := tx.ReadParameters(tx.Object{"resourceType": "Parameters", "parameter": list})
	if problem != nil {
		t.Fatal(problem)
	}
	return e.Translate(tx.Call{Params: p}, nil)
}

// matches writes the result, then each match as source code>target code:equivalence@map with what else is said, and the other maps that were used.
func matches(o tx.Object) string {
	var out []string
	result := ""
	for _, x := range o["parameter"].([]any) {
		p := x.(tx.Object)
		switch p["name"] {
		case "result":
			result = fmt.Sprint(p["valueBoolean"])
		case "used-conceptmap":
			out = append(out, fmt.Sprintf("+%v", p["valueUri"]))
		case "match":
			part := map[any]tx.Object{}
			for _, y := range p["part"].([]any) {
				part[y.(tx.Object)["name"]] = y.(tx.Object)
			}
			code := func(name string) any {
				if c, ok := part[name]["valueCoding"].(tx.Object); ok {
					return c["code"]
				}
				return "-"
			}
			s := fmt.Sprintf("%v>%v", code("sourceConcept"), code("concept"))
			if e, ok := part["equivalence"]; ok {
				s += fmt.Sprintf(":%v", e["valueCode"])
			}
			if part["noMap"] != nil {
				s += ":none"
			}
			if m, ok := part["originMap"]; ok {
				s += fmt.Sprintf("@%v", m["valueCanonical"])
			}
			for _, n := range []string{"message", "targetComment", "sourceComment"} {
				if c, ok := part[n]; ok {
					s += fmt.Sprintf("(%v)", c["valueString"])
				}
			}
			out = append(out, s)
		}
	}
	return strings.Join(append([]string{result}, out...), " ")
}

func message(o tx.Object) string {
	for _, x := range o["parameter"].([]any) {
		if p := x.(tx.Object); p["name"] == "message" {
			return fmt.Sprint(p["valueString"])
		}
	}
	return ""
}

func TestTranslations(t *testing.T) {
	t.Parallel()
	all := []string{tools, sharpTools, shed, drawer, north, south, lost, same, fifth, fifthProper, wet, old, new}
	for _, tc := range []struct{ name, params, want string }{
		{"R4 names", "code=saw system=urn:tools targetsystem=urn:boxes url=urn:drawer", "true saw>long:wider@urn:drawer|1(on top)"},
		{"R5 names", "sourceCode=saw sourceSystem=urn:tools targetSystem=urn:boxes url=urn:drawer|1", "true saw>long:wider@urn:drawer|1(on top)"},
		{"a coding", `coding=Coding{"system":"urn:tools","code":"saw"} url=urn:drawer`, "true saw>long:wider@urn:drawer|1(on top)"},
		{"every coding of a concept", `codeableConcept=CodeableConcept{"coding":[{"system":"urn:tools","code":"saw"},{"system":"urn:tools","code":"file"}]} url=urn:shed`,
			"true saw>wall:equivalent@urn:shed|2 file>floor:relatedto@urn:shed|2"},
		{"every map that fits when none is named, those that refer to others first", "code=saw system=urn:tools targetsystem=urn:boxes",
			"true saw>long:wider@urn:drawer|1(on top) saw>wall:equivalent@urn:shed|2"},
		{"a map reached through another speaks once, in the name of the other", "code=file system=urn:tools targetsystem=urn:boxes",
			"true file>floor:relatedto@urn:drawer|1 +urn:shed|2"},
		{"the statement that there is no target", "code=rasp system=urn:tools url=urn:drawer", "false rasp>-:none@urn:drawer|1"},
		{"the same statement of an R5 map", "code=rasp system=urn:tools url=urn:proper", "false rasp>-:none@urn:proper"},
		{"R5 relationships in R4 words", "code=saw system=urn:tools url=urn:proper", "true saw>a:relatedto@urn:proper saw>b:disjoint@urn:proper"},
		{"an unrelated code is no translation", "code=file system=urn:tools url=urn:proper", "false file>c:disjoint@urn:proper"},
		{"the code itself", "code=glue system=urn:tools targetsystem=urn:copies", "true glue>glue:equal@urn:same"},
		{"the relationship of unlisted codes", "code=glue system=urn:tools targetsystem=urn:r4", "true glue>x:narrower@urn:fifth"},
		{"the newest version of a map", "code=saw system=urn:tools url=urn:aged", "true saw>new:equal@urn:aged|1.10"},
		{"the newest version when none is named", "code=saw system=urn:tools targetsystem=urn:ages", "true saw>new:equal@urn:aged|1.10"},
		{"the version that is asked for", "code=saw system=urn:tools url=urn:aged conceptMapVersion=1.9", "true saw>old:equal@urn:aged|1.9"},
		{"the source value set that is asked for", "code=saw system=urn:tools targetsystem=urn:boxes source=urn:other", "false"},
		{"the target value set that is asked for", "code=saw system=urn:tools targetsystem=urn:boxes target=urn:elsewhere", "true saw>wall:equivalent@urn:shed|2"},
		{"reverse swaps source and target", "code=wall system=urn:boxes targetsystem=urn:tools reverse=true", "true saw>wall:equivalent@urn:shed|2"},
		{"a target code asks for its sources", "targetcode=wall targetsystem=urn:boxes system=urn:tools", "true saw>wall:equivalent@urn:shed|2"},
		{"a target coding asks for its sources", `targetCoding=Coding{"system":"urn:boxes","code":"long"} sourceSystem=urn:tools`, "true saw>long:wider@urn:drawer|1(on top)"},
		{"without dependencies all targets", "code=saw system=urn:tools url=urn:wet", "true saw>inside:equivalent@urn:wet saw>outside:equivalent@urn:wet"},
		{"a dependency leaves out what contradicts it", `code=saw system=urn:tools url=urn:wet dependency=part{"part":[{"name":"element","valueUri":"urn:weather"},{"name":"concept","valueCodeableConcept":{"coding":[{"system":"urn:w","code":"sun"}]}}]}`,
			"true saw>outside:equivalent@urn:wet"},
		{"a dependency of another kind changes nothing", `code=saw system=urn:tools url=urn:wet dependency=part{"part":[{"name":"element","valueUri":"urn:moon"},{"name":"concept","valueCodeableConcept":{"coding":[{"system":"urn:w","code":"sun"}]}}]}`,
			"true saw>inside:equivalent@urn:wet saw>outside:equivalent@urn:wet"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o, p := translation(t, &tx.Engine{}, all, tc.params)
			if p != nil {
				t.Fatal(p)
			}
			if got := matches(o); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestTranslationsThatThereAreNotSayWhy(t *testing.T) {
	t.Parallel()
	all := []string{tools, sharpTools, shed, drawer}
	for _, tc := range []struct {
		name, params string
		want         []string
	}{
		{"no map goes there", "code=saw system=urn:tools targetsystem=urn:moon", []string{"No ConceptMap is available to translate from 'urn:tools' to 'urn:moon'"}},
		{"no map goes anywhere", "code=saw system=urn:moon", []string{"No ConceptMap is available to translate from 'urn:moon'"}},
		{"no map comes from there", "code=saw system=urn:tools targetsystem=urn:boxes reverse=true", []string{"from 'urn:boxes' to 'urn:tools'"}},
		{"the named map is about other codes, whatever it says about unlisted ones", "code=glue system=urn:tools url=urn:shed", []string{"glue", "urn:sharp", "urn:shed"}},
		{"all maps are about other codes", "code=glue system=urn:tools targetsystem=urn:boxes", []string{"glue", "urn:sharp"}},
		{"the named map has no such target", "targetcode=moon targetsystem=urn:boxes url=urn:shed", []string{"urn:boxes#moon"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o, p := translation(t, &tx.Engine{}, all, tc.params)
			if p != nil {
				t.Fatal(p)
			}
			got := message(o)
			if matches(o) != "false" || slices.ContainsFunc(tc.want, func(w string) bool { return !strings.Contains(got, w) }) {
				t.Errorf("got %s %q, want false and %q", matches(o), got, tc.want)
			}
		})
	}
}

func TestAMapWhoseSourceValueSetIsUnknownIsUsedAllTheSame(t *testing.T) {
	t.Parallel()
	o, p := translation(t, &tx.Engine{}, []string{shed}, "code=glue system=urn:tools url=urn:shed")
	if p != nil || matches(o) != "true glue>floor:relatedto@urn:shed|2" {
		t.Errorf("got %v %v", o, p)
	}
}

func TestTranslationsThatCannotBeAnswered(t *testing.T) {
	t.Parallel()
	all := []string{tools, north, south, lost, whole}
	for _, tc := range []struct {
		name, params string
		status       int
		code, want   string
	}{
		{"maps that refer to each other in a circle", "code=saw system=urn:tools url=urn:north", 422, "business-rule", "urn:north → urn:south → urn:north"},
		{"a map that refers to an unknown one", "code=saw system=urn:tools url=urn:lost", 422, "not-found", "urn:gone"},
		{"unlisted codes that go to a whole value set", "code=saw system=urn:tools url=urn:whole", 422, "not-supported", "urn:whole"},
		{"an unknown map", "code=saw system=urn:tools url=urn:gone", 404, "not-found", "urn:gone"},
		{"an unknown version of a map", "code=saw system=urn:tools url=urn:lost conceptMapVersion=9", 404, "not-found", "urn:lost"},
		{"nothing to translate", "url=urn:lost", 400, "required", "code and system"},
		{"a code without a system", "code=saw", 400, "required", "system"},
		{"a target code without a system", "targetcode=saw", 400, "required", "targetsystem"},
		{"turned around twice", "targetcode=saw targetsystem=urn:poles reverse=true", 400, "invalid", "reverse"},
		{"reverse that is neither true nor false", "code=saw system=urn:tools reverse=perhaps", 400, "invalid", "reverse"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, p := translation(t, &tx.Engine{}, all, tc.params)
			if p == nil || p.Status != tc.status || p.Issues[0].Code != tc.code || !strings.Contains(p.Error(), tc.want) {
				t.Errorf("got %+v, want %d %s with %q", p, tc.status, tc.code, tc.want)
			}
		})
	}
}
