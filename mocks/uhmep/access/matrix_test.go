package access

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ehealth-sandbox/sandbox/fixtures"
)

func TestTheBuiltInMatrixKnowsThePublicRow(t *testing.T) {
	t.Parallel()
	m, err := Load(fixtures.FS)
	if err != nil {
		t.Fatal(err)
	}
	yes := map[string]bool{"assignPrescription": true, "assignProposal": true, "removeAssignationPrescription": true, "removeAssignationProposal": true,
		"cancelPrescription": true, "cancelProposal": true, "consultPrescription": true, "consultProposal": true}
	if len(m.Templates()) != 14 {
		t.Errorf("%d templates, want 14", len(m.Templates()))
	}
	for _, template := range m.Templates() {
		for _, flag := range Flags() {
			if got := m.Allows("PATIENT", template, flag); got != yes[flag] {
				t.Errorf("PATIENT %s %s: %t", template, flag, got)
			}
		}
	}
	if m.Any("PHYSIOTHERAPIST") || !m.Any("NURSE") || m.Any("nobody") {
		t.Error("who has any right is wrong")
	}
}

func TestMistakesInAMatrixAreNamed(t *testing.T) {
	t.Parallel()
	for want, text := range map[string]string{
		"uhmep/matrix.yaml:2: rows.0.rights.b: \"b\" is neither a group nor a template": "groups: {a: [x]}\nrows: [{who: [N], rights: {b: [createProposal]}}]",
		"uhmep/matrix.yaml:3: rows.0.rights.a.0: \"fly\" is not a right":                "groups: {a: [x]}\nrows:\n  - {who: [N], rights: {a: [fly]}}",
		"template x is in a and in b":                                                   "groups: {a: [x], b: [x]}",
		"is not a group":                                                                "groups: {a: [x]}\nassignable: [{family: c, intent: order}]",
		"neither order nor proposal":                                                    "groups: {a: [x]}\nassignable: [{family: a, intent: plan}]",
		"field colour not found":                                                        "colour: red",
	} {
		_, err := Load(fstest.MapFS{"uhmep/matrix.yaml": {Data: []byte(text)}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %s, got %v", want, err)
		}
	}
}
