package pss

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/pss/rules"
)

// mountComponents registers door C. Only the list of indications is a known
// path; the others are choices of the sandbox.
func (s *Service) mountComponents(root *mux.Router, prefix string) {
	svc := &respond.Service{Name: serviceName, Dialect: problem}
	m := svc.Mount(root, prefix)
	m.Handle("amb-indications", http.MethodGet, "/ANTIMICROBIALS/indications", s.open(s.infections))
	m.Handle("amb-parameters", http.MethodGet, "/ANTIMICROBIALS/indications/{code}/support-parameters", s.open(s.supportParameters))
	m.Handle("amb-support", http.MethodPost, "/ANTIMICROBIALS/indications/{code}/support", s.open(s.supportAntimicrobial))
	m.Handle("amb-support-read", http.MethodGet, "/ANTIMICROBIALS/support/{exchangeId}", s.open(s.supportRead))
}

// open checks access and the tester's switch.
func (s *Service) open(h func(*http.Request, caller) (any, error)) respond.HandlerFunc {
	return func(r *http.Request) (any, error) {
		who, err := s.authorize(r)
		if err != nil {
			return nil, err
		}
		sw, err := inForce(tenant.From(r.Context()))
		if err != nil {
			return nil, err
		}
		if sw.Status == "off" {
			return nil, down(r)
		}
		return h(r, who)
	}
}

func (s *Service) infections(*http.Request, caller) (any, error) {
	out := []identifierCode{}
	for _, i := range s.rules.Antimicrobial.Infections {
		out = append(out, infectionCode(i))
	}
	return map[string]any{"indications": out}, nil
}

func infectionCode(i rules.Infection) identifierCode {
	return identifierCode{i.Code, systemInfect, i.Code, bothLanguages(i.Label("nl"), i.Label("fr"))}
}

func pssCode(code, nl, fr string) identifierCode {
	return identifierCode{code, "PSS", code, bothLanguages(nl, fr)}
}

func variableCode(v rules.Variable) identifierCode { return pssCode(v.Code, v.NL, v.FR) }

// infection reads the code in the path.
func (s *Service) infection(r *http.Request) (rules.Infection, error) {
	code := mux.Vars(r)["code"]
	i, ok := s.rules.Infection(code)
	if !ok {
		f := refuse(r, codeUnknown, shown(code), "an indication of /domains/ANTIMICROBIALS/indications", "")
		f.Status = http.StatusNotFound
		return i, f
	}
	return i, nil
}

func (s *Service) supportParameters(r *http.Request, _ caller) (any, error) {
	infection, err := s.infection(r)
	if err != nil {
		return nil, err
	}
	out := supportParameters{SupportParameters: []supportParameter{}}
	for _, p := range s.rules.ParametersOf(infection.Code) {
		one := supportParameter{Identifier: pssCode(p.Code, p.NL, p.FR), Exclusive: p.Exclusive(), Mandatory: p.Mandatory(), PatientVariables: []patientVariable{}}
		for _, code := range p.Variables {
			v := s.rules.Variable(code)
			pv := patientVariable{Identifier: variableCode(v), AuthorizedCodes: []authorizedCode{}}
			for _, c := range v.Codings() {
				pv.AuthorizedCodes = append(pv.AuthorizedCodes, authorizedCode(c))
			}
			one.PatientVariables = append(one.PatientVariables, pv)
		}
		out.SupportParameters = append(out.SupportParameters, one)
	}
	return out, nil
}

func (s *Service) supportAntimicrobial(r *http.Request, who caller) (any, error) {
	infection, err := s.infection(r)
	if err != nil {
		return nil, err
	}
	t := tenant.From(r.Context())
	given, age, err := s.readValues(r, infection)
	if err != nil {
		return nil, err
	}
	sw, err := inForce(t)
	if err != nil {
		return nil, err
	}
	if err := sw.delay(r.Context()); err != nil {
		return nil, down(r)
	}
	x := &exchange{
		ID: t.Chance.UUID(), Kind: kindAdvice, Domain: Antimicrobial, Door: "C", Created: t.Clock.Now(), Caller: who,
		Asked: asked{Age: age, AgeMonths: age * 12, Sex: "U"}, Checksum: s.rules.Checksum,
	}
	_, ok, err := s.decide(x, infection, given, nil)
	if err != nil {
		return nil, err
	}
	if !ok {
		f := refuse(r, codeQSI, "no row of the table holds", "", "give the table a row for every indication (*)")
		return nil, f
	}
	if err := put(t, x); err != nil {
		return nil, err
	}
	return x.Answer, nil
}

// readValues reads {language, age?, supportParameterValues}. An identifier may
// be a whole code object or the bare code.
func (s *Service) readValues(r *http.Request, infection rules.Infection) (map[string]string, int, error) {
	body, err := parse(respond.Body(r))
	if err != nil {
		return nil, 0, refuse(r, codeJSON, err.Error(), "a JSON object", "")
	}
	if _, ok := body.(map[string]any); !ok {
		return nil, 0, refuse(r, codeJSON, "not an object", "a JSON object", "")
	}
	v := &valueReader{given: map[string]string{}, known: map[string]rules.Parameter{}, variables: map[string]bool{}}
	for _, p := range s.rules.ParametersOf(infection.Code) {
		v.known[p.Code] = p
		for _, code := range p.Variables {
			v.variables[code] = true
		}
	}
	age := 0
	if raw := at(body, "age"); raw != nil {
		number, _ := raw.(json.Number)
		n, err := strconv.Atoi(number.String())
		if err != nil || n < 0 || n > maxAge {
			v.wrong("age is "+shown(raw), "a whole number from 0 to 130")
		}
		age = n
	}
	for i, pv := range listAt(body, "supportParameterValues") {
		v.parameter(fmt.Sprintf("supportParameterValues[%d]", i), pv)
	}
	for _, p := range s.rules.ParametersOf(infection.Code) {
		if p.Mandatory() && v.given[p.Code] == "" && !slices.ContainsFunc(p.Variables, func(c string) bool { return v.given[c] == "true" }) {
			v.wrong(p.Code+" is not answered", "one of its variables")
		}
	}
	if len(v.issues) > 0 {
		return nil, 0, refuseAll(v.issues)
	}
	if lang := stringAt(body, "language"); lang != "" && lang != "NL" && lang != "FR" {
		journal.Warn(r.Context(), "pss-language", "language "+shown(lang)+": the components send NL or FR")
	}
	return v.given, age, nil
}

type valueReader struct {
	given     map[string]string
	known     map[string]rules.Parameter
	variables map[string]bool
	issues    []issue
}

func (v *valueReader) wrong(found, want string) {
	v.issues = append(v.issues, issue{Code: codeQRAnswer, Found: found, Want: want})
}

func identifierOf(v any) string {
	if code, ok := at(v, "identifier").(string); ok {
		return code
	}
	return stringAt(v, "identifier", "code")
}

// textOf is a value as text: the components write booleans as strings.
func textOf(v any) string {
	if b, ok := v.(bool); ok {
		return strconv.FormatBool(b)
	}
	s, _ := v.(string)
	return s
}

func (v *valueReader) parameter(where string, one any) {
	code := identifierOf(one)
	p, known := v.known[code]
	if !known {
		v.wrong(where+".identifier "+shown(code), "a parameter of the indication")
		return
	}
	if value := textOf(at(one, "value")); value != "" {
		good := value == "true" || value == "false"
		if p.Exclusive() {
			good = slices.Contains(p.Variables, value) || value == rules.None && !p.Mandatory()
		}
		if !good {
			v.wrong(where+".value "+shown(value), "an answer of "+code)
		}
		v.given[code] = value
	}
	chosen := 0
	for j, pv := range listAt(one, "patientVariableValues") {
		id, value := identifierOf(pv), textOf(at(pv, "value"))
		if !v.variables[id] || value != "true" && value != "false" {
			v.wrong(fmt.Sprintf("%s.patientVariableValues[%d] %s = %s", where, j, shown(id), shown(at(pv, "value"))), `a variable of the indication with "true" or "false"`)
			continue
		}
		if v.given[id] = value; value == "true" {
			chosen++
		}
	}
	if p.Exclusive() && chosen > 1 {
		v.wrong(where+" ("+code+") has "+plural(chosen, "true variable"), "one: the parameter is exclusive")
	}
}

func (s *Service) supportRead(r *http.Request, _ caller) (any, error) {
	id := mux.Vars(r)["exchangeId"]
	x, found, err := get(tenant.From(r.Context()), id)
	if err != nil {
		return nil, err
	}
	if !found || x.Domain != Antimicrobial || len(x.Answer) == 0 {
		return nil, refuse(r, codeExchange, shown(id), "an exchangeId of this tenant", "")
	}
	return x.Answer, nil
}

// step is the answer of door C.
func (s *Service) step(x *exchange, infection rules.Infection, out rules.Outcome) stepCompleted {
	res := stepCompleted{
		ExchangeID: x.ID, ResponseID: out.Row.ID,
		Request:        stepRequest{Indication: infectionCode(infection), SupportParameterValues: []parameterValue{}},
		SupportOptions: []supportOption{}, ExternalLinks: []externalLink{},
	}
	for _, v := range out.Values {
		one := parameterValue{Identifier: pssCode(v.Parameter.Code, v.Parameter.NL, v.Parameter.FR), PatientVariableValues: []variableValue{}}
		for _, pv := range v.Variables {
			one.PatientVariableValues = append(one.PatientVariableValues, variableValue{variableCode(pv.Variable), pv.Value})
		}
		res.Request.SupportParameterValues = append(res.Request.SupportParameterValues, one)
	}
	for _, d := range out.Decisions {
		res.Request.Justification.Decisions = append(res.Request.Justification.Decisions, traced(d))
	}
	for i, o := range out.Row.Options {
		res.SupportOptions = append(res.SupportOptions, antimicrobialOption(x.Options[i].ID, o))
	}
	for i, l := range s.rules.Antimicrobial.Links {
		id := strconv.Itoa(i + 1)
		url := func(lang string) string { return strings.ReplaceAll(l.URL, "{lang}", lang) }
		res.ExternalLinks = append(res.ExternalLinks, externalLink{
			Links:  identifierCode{id, "PSS_EXTERNAL_LINK", id, bothLanguages(url("nl"), url("fr"))},
			Labels: identifierCode{id, "PSS_EXTERNAL_LINK_LABEL", id, bothLanguages(l.NL, l.FR)},
		})
	}
	words := antimicrobialDisclaimer().with(invented())
	res.Disclaimer = bothLanguages(words.nl, words.fr)
	return res
}

func traced(d rules.Decision) decision {
	out := decision{Inputs: []namedValue{}, MatchingRule: matchingRule{Conditions: []conditionValue{}, Conclusion: namedValue(d.Conclusion)}}
	for _, in := range d.Inputs {
		out.Inputs = append(out.Inputs, namedValue(in))
	}
	for _, c := range d.Conditions {
		out.MatchingRule.Conditions = append(out.MatchingRule.Conditions, conditionValue{c})
	}
	return out
}

func antimicrobialOption(id string, o rules.Treatment) supportOption {
	words := colour(o.Score).with(invented())
	out := supportOption{
		ID: id, Score: o.Score, Medications: []medication{}, Metadata: map[string]any{},
		Instruction:     codedValue{ID: id, System: "PSS_INSTRUCTION", Code: id, Translations: bothLanguages(o.NL, o.FR)},
		EvidenceSummary: &codedValue{ID: id, System: "PSS_EVIDENCE_SUMMARY", Code: id, Translations: bothLanguages(words.nl, words.fr)},
	}
	parts := o.All
	if len(parts) == 0 {
		parts = []rules.Treatment{o}
	}
	for _, p := range parts {
		if p.ATC != "" {
			out.Medications = append(out.Medications, medication{
				ID: p.ATC, Code: codedValue{ID: p.ATC, System: "ATC", Code: p.ATC, Translations: bothLanguages(p.NL, p.FR)}, VMPGroup: p.VMPG,
			})
		}
	}
	return out
}
