package pss_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

const controlBody = `{"age":53,"gender":"M","intention":{"value":"114055","label":{"nl":"CT, hoofd, zonder i.v.-contrastmiddel","fr":"TDM, tête, sans injection de produit de contraste IV","de":"CT, Kopf, ohne i.v.-Kontrastmittel"}},
 "indications":[{"value":"5000246","label":{"nl":"Head trauma, ataxia","fr":"Head trauma, ataxia","de":"Head trauma, ataxia"}}]}`

const controlAnswer = `{"exchangeId":"ID","request":{"exchangeId":"ID","indications":[{"id":"5000246","name":"Head trauma, ataxia"}]},
 "supportOptions":[
  {"id":"114055","score":9,"instruction":{"id":"114055","system":"http://qsi.code","code":"CT, head, wo iv contrast","translations":[{"language":"NL","value":"CT, hoofd, zonder i.v.-contrastmiddel"},{"language":"FR","value":"TDM, tête, sans injection de produit de contraste IV"}]},"medications":[],"supportOptionMetadata":{"radiationLevel":3,"relativeCost":0,"isRequested":true}},
  {"id":"114092","score":8,"instruction":{"id":"114092","system":"http://qsi.code","code":"MR, head, wo iv contrast","translations":[{"language":"NL","value":"MR, hoofd, zonder i.v.-contrastmiddel"},{"language":"FR","value":"IRM, tête, sans injection de produit de contraste IV"}]},"medications":[],"supportOptionMetadata":{"radiationLevel":0,"relativeCost":0,"isRequested":false}},
  {"id":"114054","score":6,"instruction":{"id":"114054","system":"http://qsi.code","code":"CT, head, wo/w iv contrast","translations":[{"language":"NL","value":"CT, hoofd, zonder en met i.v.-contrastmiddel"},{"language":"FR","value":"TDM, tête, sans puis avec injection de produit de contraste IV"}]},"medications":[],"supportOptionMetadata":{"radiationLevel":3,"relativeCost":0,"isRequested":false}}],
 "conclusions":[],
 "evidenceUrl":{"id":"R001","system":"SANDBOX","code":"R001","translations":[{"language":"NL","value":"https://sandbox.invalid/pss/evidence/R001?lang=nl"},{"language":"FR","value":"https://sandbox.invalid/pss/evidence/R001?lang=fr"}]}}`

const facade = "/frontend/api/pss"

func (w *world) controlled(body string) map[string]any {
	w.Helper()
	v := w.json(call{path: facade + "/radiology/control", body: body, contentType: "application/json"}, http.StatusOK)
	m, _ := v.(map[string]any)
	return m
}

func TestControlAnswersTheWorkedExample(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	got := w.controlled(controlBody)
	id := text(got, "exchangeId")
	if len(id) != 36 || text(got, "request", "exchangeId") != id {
		t.Errorf("exchangeId %q, in request %q", id, text(got, "request", "exchangeId"))
	}
	var want map[string]any
	if err := json.Unmarshal([]byte(controlAnswer), &want); err != nil {
		t.Fatal(err)
	}
	want["exchangeId"] = id
	want["request"].(map[string]any)["exchangeId"] = id
	if !reflect.DeepEqual(any(got), any(want)) {
		g, _ := json.MarshalIndent(got, "", " ")
		t.Errorf("answer is\n%s", g)
	}
}

func TestControlByIDReturnsTheSameBytes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	body := strings.Replace(controlBody, `{"value":"5000246"`, `{"value":"3106365"},{"value":"5000246"`, 1) // its label holds a <
	first := w.do(call{path: facade + "/radiology/control", body: body, contentType: "application/json"})
	var v map[string]any
	if err := json.Unmarshal(first.body, &v); err != nil {
		t.Fatal(err)
	}
	id := text(v, "exchangeId")
	again := w.do(call{path: facade + "/radiology/control/" + id, token: "nurse"})
	if again.status != 200 || string(again.body) != string(first.body) {
		t.Errorf("status %d, body\n%s\nwant\n%s", again.status, again.body, first.body)
	}
	w.tenant.Clock.Advance(91 * 24 * time.Hour)
	if late := w.do(call{path: facade + "/radiology/control/" + id}); late.status != 404 {
		t.Errorf("after 91 days: status %d, want 404", late.status)
	}
}

func TestTwoRunsWithOneSeedGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	run := func() string {
		w := newWorld(t, nil)
		return string(w.do(call{path: facade + "/radiology/control", body: controlBody}).body) +
			string(w.do(call{path: "/pss/v1/fhir/PlanDefinition/GetRecommendations/$apply", body: recommendBody()}).body)
	}
	if a, b := run(), run(); a != b {
		t.Errorf("first run\n%s\nsecond\n%s", a, b)
	}
}

func TestControlRefusesWhatItCannotUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	const good = `"indications":[{"value":"5000246"}]`
	for _, tc := range []struct {
		name, body, code string
		status           int
	}{
		{"an age that is missing", `{"gender":"M",` + good + `}`, "PARAMETER", 400},
		{"an age below 0", `{"age":-1,"gender":"M",` + good + `}`, "PARAMETER", 400},
		{"an age above 130", `{"age":131,"gender":"M",` + good + `}`, "PARAMETER", 400},
		{"an age with a fraction", `{"age":5.5,"gender":"M",` + good + `}`, "PARAMETER", 400},
		{"an age in quotes", `{"age":"53","gender":"M",` + good + `}`, "PARAMETER", 400},
		{"a gender in words", `{"age":53,"gender":"male",` + good + `}`, "PARAMETER", 400},
		{"a gender that is missing", `{"age":53,` + good + `}`, "PARAMETER", 400},
		{"no indications", `{"age":53,"gender":"M"}`, "PARAMETER", 400},
		{"an empty list of indications", `{"age":53,"gender":"M","indications":[]}`, "PARAMETER", 400},
		{"an unknown indication", `{"age":53,"gender":"M","indications":[{"value":"1"}]}`, "PARAMETER", 400},
		{"an unknown intention", `{"age":53,"gender":"M","intention":{"value":"1"},` + good + `}`, "PARAMETER", 400},
		{"broken JSON", `{"age":53`, "JSON", 400},
		{"a member that occurs twice", `{"age":53,"age":54,"gender":"M",` + good + `}`, "JSON", 400},
		{"a list instead of an object", `[]`, "JSON", 400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := w.json(call{path: facade + "/radiology/control", body: tc.body, contentType: "application/json"}, tc.status)
			if code := text(got, "code"); code != tc.code {
				t.Errorf("code %q, want %q", code, tc.code)
			}
			if text(got, "message") == "" || text(got, "traceId") == "" || text(got, "detail") == "" {
				t.Errorf("message, detail and traceId must be there: %v", got)
			}
		})
	}
}

func TestControlByIDRefusesAnUnknownNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	got := w.json(call{path: facade + "/radiology/control/7d0f7f0e-3c55-4c0c-9a35-6f1d6a9b2e01"}, 404)
	if code := text(got, "code"); code != "EXCHANGE" {
		t.Errorf("code %q", code)
	}
}

func TestFacadeTakesWhateverTokenTheReferralBackEndTakes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, tc := range []struct {
		name, token string
		status      int
	}{
		{"a physician", "physician", 200}, {"a nurse", "nurse", 200}, {"a citizen", "citizen", 200},
		{"no token", "-", 401}, {"a bad token", "forged", 401}, {"pseudonymisation rights", "initial", 403}, {"another audience", "elsewhere", 401},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if a := w.do(call{path: facade + "/status", token: tc.token}); a.status != tc.status {
				t.Errorf("status %d, want %d: %s", a.status, tc.status, a.body)
			}
		})
	}
}

func TestStatusIsABareBoolean(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	if a := w.do(call{path: facade + "/status"}); string(a.body) != "true" {
		t.Errorf("body %q, want true", a.body)
	}
}

func TestAutocompleteFindsByWordPrefixesInAnyLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, tc := range []struct{ name, path, list, first string }{
		{"Dutch procedure", "/radiology/procedures?intention=ct+hoofd+zonder", "intentions", "114055"},
		{"French procedure without its accents", "/radiology/procedures?intention=tdm+tete+sans+inj", "intentions", "114055"},
		{"French procedure with accents and capitals", "/radiology/procedures?intention=T%C3%8ATE+SANS+TDM", "intentions", "114055"},
		{"procedure by code", "/radiology/procedures?intention=114092", "intentions", "114092"},
		{"indication", "/radiology/indications?indications=head+trau+atax", "indications", "5000246"},
		{"indication by code", "/radiology/indications?indications=3074220", "indications", "3074220"},
		{"two texts", "/radiology/indications?indications=5000246&indications=3074220", "indications", "5000246"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := w.json(call{path: facade + tc.path}, 200)
			if first := text(got, tc.list, 0, "value"); first != tc.first {
				t.Errorf("first is %q, want %q: %v", first, tc.first, got)
			}
			for _, lang := range []string{"nl", "fr", "de", "en"} {
				if text(got, tc.list, 0, "label", lang) == "" {
					t.Errorf("label.%s is missing", lang)
				}
			}
		})
	}
	for _, path := range []string{"/radiology/procedures?intention=c", "/radiology/indications?indications=zzzz", "/radiology/indications?indications="} {
		got := w.json(call{path: facade + path}, 200)
		if m, _ := got.(map[string]any); len(m) != 1 || len(list(got, "intentions"))+len(list(got, "indications")) != 0 {
			t.Errorf("%s: want one empty list, got %v", path, got)
		}
	}
	for _, path := range []string{"/radiology/procedures", "/radiology/indications?text=head"} {
		if a := w.do(call{path: facade + path}); a.status != 400 {
			t.Errorf("%s: status %d, want 400", path, a.status)
		}
	}
}

func TestAutocompleteReturnsAtMost50(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	got := w.json(call{path: facade + "/radiology/procedures?intention=ct"}, 200)
	if n := len(list(got, "intentions")); n != 50 {
		t.Errorf("%d options, want 50", n)
	}
}

func TestEveryIndicationGetsAdvice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, in := range w.svc.Rules().Indications {
		got := w.controlled(`{"age":40,"gender":"F","indications":[{"value":"` + in.Code + `"}]}`)
		if len(list(got, "supportOptions")) == 0 || text(got, "evidenceUrl", "id") == "" {
			t.Errorf("%s %s: no advice", in.Code, in.Display)
		}
	}
}

func TestTheIntendedExamIsAlwaysInTheList(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	got := w.controlled(`{"age":53,"gender":"M","intention":{"value":"115348"},"indications":[{"value":"5000246"}]}`)
	options := list(got, "supportOptions")
	last := options[len(options)-1]
	if text(last, "id") != "115348" || get(last, "score") != 10.0 || get(last, "supportOptionMetadata", "isRequested") != true {
		t.Errorf("last option is %v", last)
	}
}

func TestPSSSwitchedOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.json(call{method: "PUT", path: "/_sandbox/pss/switches", body: `{"status":"off"}`}, 200)
	if a := w.do(call{path: facade + "/status"}); string(a.body) != "false" {
		t.Errorf("status %q, want false", a.body)
	}
	if a := w.do(call{path: facade + "/radiology/control", body: controlBody}); a.status != 503 {
		t.Errorf("control: %d, want 503", a.status)
	}
	got := w.json(call{path: "/pss/v1/fhir/PlanDefinition/GetRecommendations/$apply", body: recommendBody()}, 200)
	if code := exception(got); code != "guidance-unavailable" {
		t.Errorf("door B: exception %q", code)
	}
	if a := w.do(call{path: "/pss/v1/domains/ANTIMICROBIALS/indications"}); a.status != 503 {
		t.Errorf("door C: %d, want 503", a.status)
	}
	w.json(call{method: "PUT", path: "/_sandbox/pss/switches", body: `{}`}, 200)
	if a := w.do(call{path: facade + "/status"}); string(a.body) != "true" {
		t.Errorf("status %q, want true", a.body)
	}
}
