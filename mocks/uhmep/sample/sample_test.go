package sample

import (
	"strings"
	"testing"
)

func TestEditChangesOnlyItsPath(t *testing.T) {
	t.Parallel()
	doc := Request("hygienic-care", Options{})
	if err := Edit(doc, `set code.coding[0].code "1"`, `add note {"text":"a b"}`, `del priority`, `set a.b.c 1.50`); err != nil {
		t.Fatal(err)
	}
	text := string(JSON(doc))
	for _, want := range []string{`"code":"1"`, `{"text":"a b"}`, `"a":{"b":{"c":1.50}}`} {
		if !strings.Contains(text, want) {
			t.Errorf("got %s, want %s in it", text, want)
		}
	}
	if strings.Contains(text, `"priority"`) {
		t.Error("priority is still there")
	}
	if err := Edit(doc, `del nothing`); err == nil {
		t.Error("want an error for a member that is not there")
	}
}

func TestEveryTemplateHasASample(t *testing.T) {
	t.Parallel()
	for _, template := range Templates() {
		if Request(template, Options{}) == nil {
			t.Errorf("no sample for %s", template)
		}
	}
	if Request("unheard-of", Options{}) != nil {
		t.Error("want no sample for an unknown template")
	}
}
