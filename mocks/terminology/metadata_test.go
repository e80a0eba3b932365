package terminology

import (
	"net/http"
	"slices"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// versions are those that TerminologyCapabilities name for a code system, and which of them are marked as the default.
func (s *server) versions(url string) (all, defaults []string) {
	s.t.Helper()
	systems, _ := s.get("/fhir/metadata?mode=terminology").body["codeSystem"].([]any)
	for _, o := range systems {
		o := o.(map[string]any)
		if o["uri"] != url {
			continue
		}
		for _, v := range o["version"].([]any) {
			v := v.(map[string]any)
			all = append(all, v["code"].(string))
			if v["isDefault"] == true {
				defaults = append(defaults, v["code"].(string))
			}
		}
	}
	return all, defaults
}

func TestTheDefaultVersionIsTheOneThatAnswers(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	for id, version := range map[string]string{"same": "1.0.0", "newer": "1.10"} {
		o := tx.Object{"resourceType": "CodeSystem", "url": careTypes, "version": version, "status": "active", "content": "complete", "concept": []any{tx.Object{"code": "hygienic-care", "display": "Ours"}}}
		if a := s.do(http.MethodPut, "/fhir/CodeSystem/"+id, o); a.status != http.StatusCreated {
			t.Fatalf("got %d %s", a.status, a.raw)
		}
	}
	all, defaults := s.versions(careTypes)
	if !slices.Equal(all, []string{"1.0.0", "1.10"}) || !slices.Equal(defaults, []string{"1.10"}) {
		t.Errorf("got %v, default %v", all, defaults)
	}
}

func TestASupplementWithTheURLOfItsCodeSystemHidesNothing(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	o := tx.Object{"resourceType": "CodeSystem", "url": careTypes, "version": "1.0.0", "status": "active", "content": "supplement", "supplements": careTypes,
		"concept": []any{tx.Object{"code": "hygienic-care"}}}
	if a := s.do(http.MethodPut, "/fhir/CodeSystem/more", o); a.status != http.StatusCreated {
		t.Fatalf("got %d %s", a.status, a.raw)
	}
	if a := s.get("/fhir/CodeSystem/$lookup?code=hygienic-care&system=" + careTypes); a.status != http.StatusOK {
		t.Errorf("lookup: got %d %s", a.status, a.raw)
	}
	if a := s.get("/fhir/CodeSystem/$validate-code?code=hygienic-care&url=" + careTypes); a.status != http.StatusOK || a.param("result") != true {
		t.Errorf("validation: got %d %s", a.status, a.raw)
	}
}
