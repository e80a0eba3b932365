package profile

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/codes"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

type noCodes struct{}

func (noCodes) Member(_, _, _ string) (member, known bool) { return false, false }

// files makes a fixtures tree of one profile and one extensions file.
func files(profile, extensions string) fstest.MapFS {
	return fstest.MapFS{
		Dir + "/p.yaml":            {Data: []byte(profile)},
		Dir + "/" + extensionsFile: {Data: []byte(extensions)},
	}
}

func TestBrokenFilesStopTheStartAndSayWhere(t *testing.T) {
	t.Parallel()
	const fine = "extensions: []\n"
	for _, tc := range []struct{ name, profile, extensions, want string }{
		{"an unknown member", "id: p\nresource: Task\ncolour: red\n", fine, "p.yaml:3: field colour not found"},
		{"an id that is not the file name", "id: q\n", fine, `p.yaml: id "q" must be the file name`},
		{"an unknown parent", "id: p\nparents: [nobody]\n", fine, `p.yaml: unknown profile "nobody"`},
		{"a profile that is its own parent", "id: p\nparents: [p]\n", fine, "p.yaml: the parents go in a circle"},
		{"a cardinality that is none", "id: p\nelements:\n  - {path: a, card: many}\n", fine, `element a: cardinality "many" is not min..max`},
		{"a path that is none", "id: p\nelements:\n  - {path: \"a[b\", card: 0..1}\n", fine, `path "a[b" is not understood`},
		{"a binding without strength", "id: p\nelements:\n  - {path: a, bind: {valueSet: v}}\n", fine, "element a: the binding has no strength"},
		{"an unknown invariant", "id: p\ninvariants: [inv-0]\n", fine, `p.yaml: unknown invariant "inv-0"`},
		{"an element of an unknown profile", "id: p\nelements:\n  - {path: a, profile: q}\n", fine, `element a names the unknown profile "q"`},
		{"an extension without context", "id: p\n", "extensions:\n  - {url: u, value: [Code]}\n", "extensions.yaml: extension u: url and context are needed"},
		{"an extension with value and parts", "id: p\n", "extensions:\n  - {url: u, context: [any], value: [Code], parts: [{name: a, card: 0..1, value: Code}]}\n", "either value or parts is needed"},
		{"an extension with an unknown invariant", "id: p\n", "extensions:\n  - {url: u, context: [any], value: [Code], invariants: [inv-0]}\n", `unknown invariant "inv-0"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(files(tc.profile, tc.extensions), noCodes{})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q in it", err, tc.want)
			}
		})
	}
}

func TestAChildReplacesItsParentsRow(t *testing.T) {
	t.Parallel()
	fsys := files("id: p\nparents: [base]\nelements:\n  - {path: note, card: 0..1}\n", "extensions: []\n")
	fsys[Dir+"/base.yaml"] = &fstest.MapFile{Data: []byte("id: base\nelements:\n  - {path: note, card: 2..*}\n  - {path: code, card: 1..1}\n")}
	set, err := Load(fsys, noCodes{})
	if err != nil {
		t.Fatal(err)
	}
	note := tree.Object{"text": "a"}
	var rules []string
	for _, f := range set.Check("p", tree.Object{"resourceType": "Task", "note": []any{note, note}}) {
		rules = append(rules, f.Rule)
	}
	if got := strings.Join(rules, " "); got != "base/code:cardinality p/note:cardinality" {
		t.Errorf("got %s, want the parent's row on code and the child's on note", got)
	}
}

func TestEveryBindingNamesAKnownValueSet(t *testing.T) {
	t.Parallel()
	registry, err := codes.Load(os.DirFS("../../../fixtures"))
	if err != nil {
		t.Fatal(err)
	}
	set := open(t)
	binds := map[string]*Bind{}
	for _, p := range set.Profiles() {
		for _, e := range p.elements {
			if e.Bind != nil {
				binds[p.ID+" "+e.Path] = e.Bind
			}
		}
	}
	for _, ext := range set.Extensions() {
		if ext.Bind != nil {
			binds[ext.URL] = ext.Bind
		}
	}
	for at, bind := range binds {
		if _, ok := registry.ValueSet(bind.ValueSet); !ok {
			t.Errorf("%s: the value set %s is unknown", at, bind.ValueSet)
		}
	}
}

func TestEveryInvariantIsObeyedSomewhere(t *testing.T) {
	t.Parallel()
	set := open(t)
	used := map[string]bool{}
	for _, p := range set.Profiles() {
		for _, inv := range p.invariants {
			used[inv.ID] = true
		}
	}
	for _, ext := range set.Extensions() {
		for _, inv := range ext.invariants {
			used[inv.ID] = true
		}
	}
	for _, inv := range Registered() {
		if !used[inv.ID] {
			t.Errorf("no profile obeys %s", inv.ID)
		}
	}
}

func TestCanonicalsAndAliasesFindTheirProfile(t *testing.T) {
	t.Parallel()
	set := open(t)
	for _, tc := range []struct{ url, want string }{
		{"https://www.riziv-inami.be/standards/fhir/ereferral/StructureDefinition/ereferral-annex-81|2.0.0", "ereferral-annex-81"},
		{"https://www.ehealth.fgov.be/standards/fhir/drp/StructureDefinition/be-annex-81", "ereferral-annex-81"},
		{"https://www.ehealth.fgov.be/standards/fhir/drp/StructureDefinition/be-performer-task", "be-performer-task"},
		{"https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/be-performer-task2", ""},
		{"", ""},
	} {
		got := ""
		if p := set.ByURL(tc.url); p != nil {
			got = p.ID
		}
		if got != tc.want {
			t.Errorf("%q: got %q, want %q", tc.url, got, tc.want)
		}
	}
}
