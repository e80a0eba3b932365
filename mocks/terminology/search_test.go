package terminology

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// dated makes a server with four code systems called Dated whose dates are of different precision.
func dated(t *testing.T) *server {
	t.Helper()
	s := newServer(t, nil)
	for id, date := range map[string]string{"year": "2024", "month": "2025-06", "day": "2025-06-15", "instant": "2025-06-15T10:30:00+02:00", "never": ""} {
		o := tx.Object{"resourceType": "CodeSystem", "url": "http://sandbox.test/" + id, "version": "1", "name": "Dated", "status": "active", "content": "complete", "date": date}
		if date == "" {
			delete(o, "date")
		}
		if a := s.do(http.MethodPut, "/fhir/CodeSystem/"+id, o); a.status != http.StatusCreated {
			t.Fatalf("%s: got %d %s", id, a.status, a.raw)
		}
	}
	return s
}

func ids(a answer) string {
	var out []string
	entries, _ := a.body["entry"].([]any)
	for _, e := range entries {
		res, _ := e.(tx.Object)["resource"].(tx.Object)
		out = append(out, text(res["id"]))
	}
	return strings.Join(out, " ")
}

func TestDatesAreSearchedAsRanges(t *testing.T) {
	t.Parallel()
	s := dated(t)
	for _, tc := range []struct{ query, want string }{
		{"date=2024", "year"},
		{"date=eq2025-06", "day instant month"},
		{"date=2025-06-15", "day instant"},
		{"date=2025", "day instant month"},
		{"date=ne2025-06-15", "month year"},
		{"date=gt2025-06-15", "month"}, // June goes on after the 15th
		{"date=gt2025-06", ""},
		{"date=gt2024", "day instant month"},
		{"date=ge2025-06-15", "day instant month"},
		{"date=lt2025-06-15", "month year"},
		{"date=le2025-06-15", "day instant month year"},
		{"date=le2024", "year"},
		{"date=lt2024", ""},
		{"date=sa2024", "day instant month"},
		{"date=eb2025-06-15", "year"},
		{"date=2025-06-15T08:30:00Z", "instant"},
		{"date=2025-06-15T10:30:00%2B02:00", "instant"},
		{"date=2025-06-15T10:30:00+02:00", "instant"},
		{"date=2025-06-15T08:30Z", "instant"},
		{"date=2025-06-15T08:30", "instant"},
		{"date=gt2025-06-15T08:29:59.999Z&date=lt2025-06-15T08:30:01Z", "day instant month"},
		{"date=ge2025-06-01&date=lt2025-07-01", "day instant month"},
		{"date=2024,2025-06-15", "day instant year"},
		{"date:missing=true", "never"},
		{"date:missing=false", "day instant month year"},
	} {
		t.Run(tc.query, func(t *testing.T) {
			t.Parallel()
			if a := s.get("/fhir/CodeSystem?name=Dated&_sort=_id&" + tc.query); a.status != http.StatusOK || ids(a) != tc.want {
				t.Errorf("got %d %q, want %q", a.status, ids(a), tc.want)
			}
		})
	}
}

func TestRefusalsOfSearches(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	for _, tc := range []struct{ name, query, code, text string }{
		{"a date that is none", "date=yesterday", "invalid", "yesterday"},
		{"a day that does not exist", "date=2025-02-30", "invalid", "2025-02-30"},
		{"a prefix that is not offered", "date=ap2025", "invalid", "ap2025"},
		{"a prefix without date", "date=gt", "invalid", "gt"},
		{"an empty date", "date=", "invalid", "date"},
		{"one bad date among good ones", "date=2024,nonsense", "invalid", "nonsense"},
		{"a bad date beside what finds nothing", "_id=none&date=nonsense", "invalid", "nonsense"},
		{"a modifier of no parameter", "name:foo=x", "not-supported", ":foo"},
		{"a modifier that this parameter lacks", "url:below=http://x", "not-supported", ":below"},
		{"text modifiers on what is no text", "url:contains=x", "not-supported", ":contains"},
		{"a modifier of a token", "status:not=active", "not-supported", ":not"},
		{"a modifier of an unknown parameter", "_has:x:y:z=1", "not-supported", "_has"},
		{"missing without a truth value", "name:missing=perhaps", "invalid", "true or false"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for _, typ := range []string{"CodeSystem", "ConceptMap"} {
				a := s.get("/fhir/" + typ + "?" + tc.query)
				if a.status != http.StatusBadRequest || firstIssue(a)["code"] != tc.code || !strings.Contains(a.raw, tc.text) {
					t.Errorf("%s: got %d %.300s, want 400 %s with %q", typ, a.status, a.raw, tc.code, tc.text)
				}
			}
		})
	}
}

func TestLinksOfPages(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	for _, tc := range []struct{ query, relations string }{
		{"_count=0", "self"},
		{"_count=0&_offset=3", "self"},
		{"_count=2", "self next"},
		{"_count=2&_offset=2", "self next previous"},
		{"_count=2000", "self"},
	} {
		a := s.get("/fhir/CodeSystem?" + tc.query)
		var got []string
		links, _ := a.body["link"].([]any)
		for _, l := range links {
			got = append(got, text(l.(tx.Object)["relation"]))
		}
		if strings.Join(got, " ") != tc.relations || fmt.Sprint(a.body["total"]) == "0" {
			t.Errorf("%s: got %v and total %v, want %s", tc.query, got, a.body["total"], tc.relations)
		}
	}
}
