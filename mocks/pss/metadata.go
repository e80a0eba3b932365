package pss

import (
	"net/http"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// metadata is the public CapabilityStatement of door B.
func (s *Service) metadata(r *http.Request) (any, error) {
	if err := acceptable(r); err != nil {
		return nil, err
	}
	base := origin.Of(r) + strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, origin.Prefix(r)), "/metadata")
	operation := func(name, definition string) object { return object{{"name", name}, {"definition", definition}} }
	interaction := func(codes ...string) []any {
		var out []any
		for _, c := range codes {
			out = append(out, object{{"code", c}})
		}
		return out
	}
	return object{
		{"resourceType", "CapabilityStatement"}, {"status", "active"}, {"date", instant(tenant.From(r.Context()).Clock.Now())},
		{"kind", "instance"}, {"software", object{{"name", "eHealth sandbox: Prescription Search Support (not for care)"}}},
		{"implementation", object{{"description", "Sandbox of Prescription Search Support; scores are invented"}, {"url", base}}},
		{"fhirVersion", "4.0.1"}, {"format", []any{"json"}},
		{"rest", []any{object{
			{"mode", "server"},
			{"resource", []any{
				object{{"type", "PlanDefinition"}, {"operation", []any{
					operation("apply", "http://hl7.org/fhir/uv/cpg/OperationDefinition/cpg-plandefinition-apply"),
					operation("feedback", pssBase+"OperationDefinition/feedback"),
				}}},
				object{{"type", "QuestionnaireResponse"}, {"interaction", interaction("create")}},
				object{{"type", "Bundle"}, {"interaction", interaction("read", "search-type")},
					{"searchParam", []any{object{{"name", "identifier"}, {"type", "token"}}, object{{"name", "_tag"}, {"type", "token"}}}}},
			}},
		}}},
	}, nil
}
