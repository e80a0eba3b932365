package uhmep

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// What was accepted comes back as it was: digits of decimals, unknown
// extensions, extensions on primitives. Only what the server sets differs.
func TestTheAcceptedDocumentIsKeptWithoutLoss(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	body := b.request("bloodletting", "dr-peeters", func(o *sample.Options) { o.End = "2027-05-01" })
	body["quantityQuantity"] = tree.Object{"value": json.Number("300.00"), "system": "http://unitsofmeasure.org", "code": "mL", "unit": "milliliter"}
	tree.Append(body, "extension", tree.Object{"url": "http://example.org/exact", "valueDecimal": json.Number("1.10")})
	body["_authoredOn"] = tree.Object{"extension": []any{tree.Object{"url": "http://example.org/source", "valueString": "<wall> & clock\u00e9"}}}
	created := b.want(b.call("dr-peeters", "POST", "/ServiceRequest", body), 201)
	read := b.call("nurse-claes", "GET", "/ServiceRequest/"+created.id(), nil).tree
	task := b.assign("nurse-claes", created.id(), "nurse-claes")
	b.want(b.call("nurse-claes", "PATCH", "/Task/"+task, sample.Patch(sample.StartAt(longDate(b.t.Clock.Now())))), 200)
	later := b.call("nurse-claes", "GET", "/ServiceRequest/"+created.id(), nil).tree
	for name, want := range body {
		switch name {
		case "meta", "subject", "extension":
			continue // pseudonyms are fresh; the server adds the latest end date
		}
		for version, got := range map[string]tree.Object{"first": read, "second": later} {
			if !reflect.DeepEqual(got[name], want) {
				t.Errorf("%s, %s version: got %s, want %s", name, version, tree.Encode(got[name]), tree.Encode(want))
			}
		}
	}
	if ext, _ := tree.Extension(later, "http://example.org/exact"); tree.Number(ext, "valueDecimal") != "1.10" {
		t.Errorf("decimal of an unknown extension: %v", ext)
	}
}

// The server's own: narrative is dropped, ids and identifiers are replaced.
func TestWhatTheServerReplaces(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	body := b.request("hygienic-care", "dr-peeters")
	body["id"] = "mine"
	body["text"] = tree.Object{"status": "generated", "div": `<div xmlns="http://www.w3.org/1999/xhtml">clear text</div>`}
	body["identifier"] = []any{tree.Object{"system": "http://example.org/ehr", "value": "42"}, tree.Object{"system": shortSystem, "value": "ABCDEF"}}
	read := b.want(b.call("dr-peeters", "POST", "/ServiceRequest", body), 201)
	if read.id() == "mine" || strings.Contains(read.Body.String(), "clear text") {
		t.Errorf("%s", read.Body)
	}
	if got := identifier(read.tree, "http://example.org/ehr"); got != "42" {
		t.Errorf("the client's identifier: %q", got)
	}
	if got := identifier(read.tree, shortSystem); got == "" || got == "ABCDEF" {
		t.Errorf("short code: %q", got)
	}
	task := b.task(read.id(), "nurse-claes")
	task["for"] = tree.Object{"display": "the patient"}
	if a := b.call("nurse-claes", "POST", "/Task", task); a.Code == 201 && a.tree["for"] != nil {
		t.Errorf("the patient is kept in a task: %s", a.Body)
	}
}

func TestABodyThatIsTooLarge(t *testing.T) {
	t.Parallel()
	b := open(t, false)
	b.want(b.call("dr-peeters", "POST", "/ServiceRequest", strings.Repeat(" ", 3<<20)), 413, "BODY_TOO_LARGE")
}
