package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// parameters is a FHIR Parameters resource as far as the journey reads it.
type parameters struct {
	Parameter []struct {
		Name        string
		ValueString string
		Part        []struct {
			Name        string
			ValueCode   string
			ValueString string
		}
	}
}

// terminology looks a code up and searches terms, in Dutch and French.
func (j *journey) terminology(ctx context.Context) error {
	q := url.Values{"system": {snomed}, "code": {"225964003"}}
	a, err := j.do(ctx, request{method: http.MethodGet, path: "/terminology/fhir/CodeSystem/$lookup?" + q.Encode(), want: http.StatusOK})
	if err != nil {
		return err
	}
	var p parameters
	if err := a.into(&p); err != nil {
		return err
	}
	seen := map[string]string{}
	for _, e := range p.Parameter {
		language, value := "", ""
		for _, part := range e.Part {
			switch part.Name {
			case "language":
				language = part.ValueCode
			case "value":
				value = part.ValueString
			}
		}
		if e.Name == "designation" && language != "" {
			seen[language[:min(2, len(language))]] = value
		}
	}
	j.say("225964003 in Dutch %q, in French %q", seen["nl"], seen["fr"])
	if seen["nl"] == "" || seen["fr"] == "" {
		return fmt.Errorf("designations %v lack Dutch or French", seen)
	}
	for language, filter := range map[string]string{"nl": "hyg", "fr": "hyg"} {
		q := url.Values{"url": {"http://snomed.info/sct?fhir_vs"}, "filter": {filter}, "displayLanguage": {language}, "includeDesignations": {"true"}, "count": {"5"}}
		a, err := j.do(ctx, request{method: http.MethodGet, path: "/terminology/fhir/ValueSet/$expand?" + q.Encode(), want: http.StatusOK})
		if err != nil {
			return err
		}
		vs := struct {
			Expansion struct {
				Contains []struct{ Code, Display string }
			}
		}{}
		if err := a.into(&vs); err != nil {
			return err
		}
		if len(vs.Expansion.Contains) == 0 {
			return fmt.Errorf("nothing found for %q in %s", filter, language)
		}
		for _, c := range vs.Expansion.Contains {
			j.say("%s: %s %s", language, c.Code, c.Display)
		}
	}
	return nil
}

// option is one entry of an autocompletion list.
type option struct {
	Value string            `json:"value"`
	Label map[string]string `json:"label"`
}

// options asks one of the two lists and returns its first entry.
func (j *journey) options(ctx context.Context, path, member string) (option, error) {
	a, err := j.do(ctx, request{method: http.MethodGet, path: path, bearer: j.exchanged.Access, want: http.StatusOK})
	if err != nil {
		return option{}, err
	}
	lists := map[string][]option{}
	if err := a.into(&lists); err != nil {
		return option{}, err
	}
	if len(lists[member]) == 0 {
		return option{}, fmt.Errorf("%s found nothing", path)
	}
	first := lists[member][0]
	j.say("%d %s, first %s %q", len(lists[member]), member, first.Value, first.Label["nl"])
	return first, nil
}

// advice asks for ranked exams, as must be shown while a radiology
// prescription is made.
func (j *journey) advice(ctx context.Context) error {
	exam, err := j.options(ctx, "/frontend/api/pss/radiology/procedures?intention="+url.QueryEscape("ct hoofd"), "intentions")
	if err != nil {
		return err
	}
	complaint, err := j.options(ctx, "/frontend/api/pss/radiology/indications?indications="+url.QueryEscape("head trauma"), "indications")
	if err != nil {
		return err
	}
	a, err := j.do(ctx, request{method: http.MethodPost, path: "/frontend/api/pss/radiology/control", bearer: j.exchanged.Access, want: http.StatusOK,
		json: object{"age": 72, "gender": "F", "intention": exam, "indications": []option{complaint}}})
	if err != nil {
		return err
	}
	answer := struct {
		ExchangeID     string `json:"exchangeId"`
		SupportOptions []struct {
			ID          string `json:"id"`
			Score       int    `json:"score"`
			Instruction struct {
				Code string `json:"code"`
			} `json:"instruction"`
		} `json:"supportOptions"`
	}{}
	if err := a.into(&answer); err != nil {
		return err
	}
	j.say("exchangeId %s", answer.ExchangeID)
	for _, o := range answer.SupportOptions {
		j.say("score %d  %s %s", o.Score, o.ID, o.Instruction.Code)
	}
	if answer.ExchangeID == "" || len(answer.SupportOptions) == 0 {
		return fmt.Errorf("no advice in %s", shorten(string(a.body), 300))
	}
	return nil
}
