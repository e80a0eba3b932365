package pss

import (
	"encoding/json"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// mountFHIR registers door B below each of its bases.
func (s *Service) mountFHIR(root *mux.Router, bases []string) {
	svc := &respond.Service{Name: serviceName, ContentType: fhirJSON, Dialect: outcome}
	m := svc.Mount(root, bases...)
	m.Handle("metadata", http.MethodGet, "/metadata", s.metadata)
	m.Handle("get-diagnoses", http.MethodPost, "/PlanDefinition/GetDiagnoses/$apply", s.apply(s.getDiagnoses))
	m.Handle("get-data-to-collect", http.MethodPost, "/PlanDefinition/GetDataToCollect/$apply", s.apply(s.getDataToCollect))
	m.Handle("get-recommendations", http.MethodPost, "/PlanDefinition/GetRecommendations/$apply", s.apply(s.getRecommendations))
	m.Handle("feedback", http.MethodPost, "/PlanDefinition/$feedback", s.feedback)
	m.Handle("feedback", http.MethodPost, "/PlanDefinition/{name:GetRecommendations|GetDiagnoses|GetDataToCollect}/$feedback", s.feedback)
	m.Handle("bundle-search", http.MethodGet, "/Bundle", s.searchBundles)
	m.Handle("bundle-read", http.MethodGet, "/Bundle/{id}", s.readBundle)
	m.Handle("consent", http.MethodPost, "/QuestionnaireResponse", s.giveConsent)
}

// consultation is one $apply under way.
type consultation struct {
	*request
	who caller
}

// apply wraps one of the three $apply operations: access, consent, the message
// itself, and the switches of testers.
func (s *Service) apply(answer func(consultation) (*exchange, error)) respond.HandlerFunc {
	return func(r *http.Request) (any, error) {
		who, err := s.authorize(r)
		if err != nil {
			return nil, err
		}
		t := tenant.From(r.Context())
		sw, err := inForce(t)
		if err != nil {
			return nil, err
		}
		if refused, err := s.withoutConsent(r, who, sw); refused != nil || err != nil {
			return refused, err
		}
		if lang := language(r); lang == "de" || lang == "en" {
			journal.Warn(r.Context(), "pss-language", "Accept-Language asks for "+lang+"; the real PSS serves NL and FR only")
		}
		q, err := readRequest(r)
		if err != nil {
			return nil, err
		}
		s.warnR4(q)
		if err := sw.delay(r.Context()); err != nil {
			return nil, refuse(r, codeQSI, "the client left while the answer was delayed", "", "")
		}
		if sw.Status == "off" {
			if err := q.refusal(); err != nil {
				return nil, err
			}
			return s.unavailable(r, q.patient, "pss.status is off"), nil
		}
		x, err := answer(consultation{q, who})
		if err != nil {
			return nil, err
		}
		if x == nil {
			return s.unavailable(r, q.patient, "nothing was found"), nil
		}
		if err := put(t, x); err != nil {
			return nil, err
		}
		return x.Bundle, nil
	}
}

// warnR4 notes what base FHIR R4 has against the resources of a request.
func (s *Service) warnR4(q *request) {
	if s.cfg.CheckR4 == nil {
		return
	}
	for _, res := range q.resources {
		raw, err := json.Marshal(res.node)
		if err != nil {
			continue
		}
		for _, found := range s.cfg.CheckR4(raw) {
			journal.Warn(q.r.Context(), "pss-r4", res.where+": "+found)
		}
	}
}

// exchange starts the record of an answer over FHIR.
func (s *Service) exchange(q consultation, kind, domain string) *exchange {
	t := tenant.From(q.r.Context())
	return &exchange{
		ID: t.Chance.UUID(), Kind: kind, Domain: domain, Door: "B", Created: t.Clock.Now(), Caller: q.who, Checksum: s.rules.Checksum,
		Asked: asked{Age: q.age, AgeMonths: q.months, Sex: q.sex},
	}
}

// seal stores the finished bundle in the exchange.
func (x *exchange) seal(b *answerBundle) (*exchange, error) {
	var err error
	x.Bundle, err = json.Marshal(b)
	return x, err
}

// unavailable is the exception with status 200 that says there is no guidance:
// integrators overlook it.
func (s *Service) unavailable(r *http.Request, patient *resource, why string) any {
	t := tenant.From(r.Context())
	journal.Note(r.Context(), "pss-exception", "guidance-unavailable: "+why)
	sorry := text{
		nl: "Er is momenteel geen advies beschikbaar. De doorgestuurde gegevens worden wel geregistreerd.",
		fr: "Aucun avis n'est disponible pour le moment. Les données transmises sont toutefois enregistrées.",
	}
	b := newAnswer(t, t.Chance.UUID())
	subject := b.echo(patient)
	var ref object
	if subject != "" {
		ref = reference(subject)
	}
	message := b.add("CommunicationRequest", profileBase+"PSSResponseCommunicationRequest",
		member{"status", "active"}, member{"subject", ref}, member{"payload", []any{object{
			{"contentString", sorry.nl}, {"_contentString", translated("fr-BE", sorry.fr)},
		}}})
	b.group(subject, object{{"action", []any{object{
		{"title", "Geen advies beschikbaar"}, {"_title", translated("fr-BE", "Avis indisponible")},
		{"code", []any{concept(systemExcept, "guidance-unavailable", "Guidance unavailable")}},
		{"resource", reference(message)},
	}}}})
	return b
}
