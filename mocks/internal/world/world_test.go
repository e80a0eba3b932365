package world_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ehealth-sandbox/sandbox/fixtures"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/ssin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant/tenanttest"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

func TestSeededNumbersAreInventedButWellFormed(t *testing.T) {
	t.Parallel()
	r, err := world.New(fixtures.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.SeededPersonas() {
		if w := p.Warnings(); len(w) > 0 {
			t.Errorf("%s: %v", p.Name, w)
		}
		odd := (p.SSIN[8]-'0')%2 == 1
		if p.Gender == "M" && !odd || p.Gender == "F" && odd {
			t.Errorf("%s: gender %s does not fit the serial of %s", p.Name, p.Gender, p.SSIN)
		}
	}
	for _, o := range r.SeededOrganisations() {
		if !ssin.ValidNIHII(o.NIHII) || o.CBE != "" && !ssin.ValidCBE(o.CBE) {
			t.Errorf("%s: wrong check digits", o.Key)
		}
	}
}

func TestPersonasChangeForOneTenantOnly(t *testing.T) {
	t.Parallel()
	r, err := world.New(fixtures.FS)
	if err != nil {
		t.Fatal(err)
	}
	a, b := r.Of(tenanttest.New(t, time.Time{}, nil)), r.Of(tenanttest.New(t, time.Time{}, nil))
	n := len(b.Personas())
	added := world.Persona{Name: "new", Kind: "patient", SSIN: "54022899886", FirstName: "N", LastName: "N"}
	if err := a.PutPersona(added); err != nil {
		t.Fatal(err)
	}
	if err := a.DeletePersona("dr-peeters"); err != nil {
		t.Fatal(err)
	}
	if _, ok := a.Persona("dr-peeters"); ok {
		t.Error("a deleted persona is still there")
	}
	if got, ok := a.Persona("new"); !ok || got.SSIN != added.SSIN || len(a.Personas()) != n {
		t.Errorf("added persona: %+v, %v, %d in all", got, ok, len(a.Personas()))
	}
	if _, ok := b.Persona("dr-peeters"); !ok || len(b.Personas()) != n {
		t.Error("another tenant saw the change")
	}
	if p, ok := b.Find("19990116004"); !ok || p.Name != "dr-peeters" {
		t.Errorf("found by NIHII: %+v", p)
	}
	if err := a.PutPersona(world.Persona{Name: "x", Kind: "wizard"}); err == nil {
		t.Error("an unknown kind was accepted")
	}
}

func TestFixtureErrorsNameFileAndLine(t *testing.T) {
	t.Parallel()
	ok := "organisations: []\n"
	for _, tc := range []struct{ name, personas, want string }{
		{"unknown member", "personas:\n  - name: a\n    shoe_size: 42\n", "personas.yaml:3: field shoe_size"},
		{"broken YAML", "personas:\n  - {name: a\n", "personas.yaml:"},
		{"an empty file", "", "personas.yaml:1"},
		{"wrong kind", "personas:\n  - {name: a, kind: patient, ssin: \"54022899886\", first_name: A, last_name: B}\n  - {name: b, kind: wizard, ssin: \"54022899886\", first_name: A, last_name: B}\n", "personas.yaml:3: personas.1"},
		{"bad number", "personas:\n  - {name: a, kind: patient, ssin: \"12\", first_name: A, last_name: B}\n", "personas.yaml:2"},
		{"name twice", "personas:\n  - {name: a, kind: patient, ssin: \"54022899886\", first_name: A, last_name: B}\n  - {name: a, kind: patient, ssin: \"54022899886\", first_name: A, last_name: B}\n", "personas.yaml:3"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := world.New(fstest.MapFS{"personas.yaml": {Data: []byte(tc.personas)}, "organisations.yaml": {Data: []byte(ok)}})
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "personas.yaml") {
				t.Errorf("got %v, want a mention of %q", err, tc.want)
			}
		})
	}
}
