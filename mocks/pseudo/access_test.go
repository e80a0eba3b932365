package pseudo_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/bearer"
)

// checkProblem looks at everything a problem must have and must not have.
func checkProblem(t *testing.T, what string, p map[string]any, status int, typ string) {
	t.Helper()
	title, _ := p["title"].(string)
	detail, _ := p["detail"].(string)
	if p["status"] != float64(status) || p["type"] != typ || title == "" || detail == "" {
		t.Errorf("%s: got %v, want status %d, type %s, title and detail", what, p, status, typ)
	}
	for _, name := range []string{"x", "y"} {
		if _, there := p[name]; there {
			t.Errorf("%s: %s in a problem makes it a success", what, name)
		}
	}
}

const gcloud = "https://www.gcloud.belgium.be/rest/problems/"

func TestTokensAreCheckedFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tc := range []struct{ name, token, scheme, typ string }{
		{"no token", "", "", "urn:problem-type:belgif:noAccessToken"},
		{"other scheme", "", "Basic YTpi", "urn:problem-type:belgif:noAccessToken"},
		{"empty token", "", "Bearer ", "urn:problem-type:belgif:noAccessToken"},
		{"malformed", bearer.Malformed, "", "urn:problem-type:belgif:invalidAccessToken"},
		{"bad signature", bearer.Signature, "", "urn:problem-type:belgif:invalidAccessToken"},
		{"wrong issuer", bearer.Issuer, "", "urn:problem-type:belgif:invalidAccessToken"},
		{"other tenant", bearer.Tenant, "", "urn:problem-type:belgif:invalidAccessToken"},
		{"expired", bearer.Expired, "", "urn:problem-type:belgif:expiredAccessToken"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"GET uhmep_v1", "POST uhmep_v1/pseudonymize", "POST unknown/identify", "GET uhmep_v1/identify", "POST uhmep_v1/nothing", "POST uhmep_v1/convertTo/ehealth_v1"} {
				method, path, _ := strings.Cut(path, " ")
				a := w.send(method, "/pseudo/v1/domains/"+path, tc.token, "not even JSON", "Authorization", auth(tc.token, tc.scheme))
				if a.status != 401 || !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Bearer") || a.header.Get("Content-Type") != "application/problem+json" {
					t.Errorf("%s %s: got %d %v", method, path, a.status, a.header)
				}
				checkProblem(t, path, a.body, 401, tc.typ)
			}
		})
	}
}

func auth(token, scheme string) string {
	if token != "" {
		return "Bearer " + token
	}
	return scheme
}

func TestRoles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i, _ := blinded(t, value(t, "1"), "a")
	transit := w.transit("uhmep_v1", "1")
	ehealth := w.transit("ehealth_v1", "1")
	for _, tc := range []struct {
		name, path, token string
		status            int
		rule              string
	}{
		{"the document is open to any valid token", "GET uhmep_v1", "nothing", 200, ""},
		{"but not to exchanged ones", "GET uhmep_v1", "exchanged", 403, "pseudo-exchanged-token"},
		{"pseudonymize needs its role", "uhmep_v1/pseudonymize", "identifier", 403, "pseudo-role"},
		{"pseudonymizeMultiple needs it too", "uhmep_v1/pseudonymizeMultiple", "identifier", 403, "pseudo-role"},
		{"pseudonymize with its role", "uhmep_v1/pseudonymize", "pseudonymizer", 200, ""},
		{"identify needs its role", "uhmep_v1/identify", "pseudonymizer", 403, "pseudo-role"},
		{"identifyMultiple needs it too", "uhmep_v1/identifyMultiple", "pseudonymizer", 403, "pseudo-role"},
		{"identify with its role", "uhmep_v1/identify", "identifier", 200, ""},
		{"uhmep_v1 asks for pseudo in nihdi-uhmep-api", "uhmep_v1/pseudonymize", "no-uhmep", 403, "pseudo-access-rule"},
		{"to identify as well", "uhmep_v1/identify", "no-uhmep", 403, "pseudo-access-rule"},
		{"other domains do not", "ehealth_v1/pseudonymize", "no-uhmep", 200, ""},
		{"convert needs its role", "uhmep_v1/convertTo/ehealth_v1", "all", 403, "pseudo-role"},
		{"convertMultiple needs it too", "uhmep_v1/convertMultipleTo/ehealth_v1", "all", 403, "pseudo-role"},
		{"convert with its role and nothing else", "uhmep_v1/convertTo/ehealth_v1", "converter", 200, ""},
		{"a token without roles", "uhmep_v1/pseudonymize", "nothing", 403, "pseudo-role"},
		{"exchanged tokens are for UHMEP", "uhmep_v1/pseudonymize", "exchanged", 403, "pseudo-exchanged-token"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			body := i.with("transitInfo", transit.TransitInfo)
			if strings.HasPrefix(tc.path, "ehealth") {
				body = i.with("transitInfo", ehealth.TransitInfo)
			}
			method, path, ok := strings.Cut(tc.path, " ")
			if !ok {
				method, path = "POST", tc.path
			}
			a := w.send(method, "/pseudo/v1/domains/"+path, tc.token, body)
			if a.status != tc.status {
				t.Fatalf("got %d %s, want %d", a.status, a, tc.status)
			}
			if tc.status == 403 {
				checkProblem(t, tc.name, a.body, 403, "urn:problem-type:belgif:missingPermission")
				if e := w.last(); e.Refusal == nil || e.Refusal.Rule != tc.rule || e.Refusal.Want == "" {
					t.Errorf("journal: got %+v, want rule %s", e.Refusal, tc.rule)
				}
			}
		})
	}
}

func TestPathsAndMethods(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tc := range []struct {
		method, path, token string
		status              int
		typ                 string
	}{
		{"GET", "/pseudo/v1/domains/unknown_v9", "all", 404, gcloud + "resourceNotFound"},
		{"POST", "/pseudo/v1/domains/unknown_v9/pseudonymize", "nothing", 404, gcloud + "resourceNotFound"},
		{"POST", "/pseudo/v1/domains/unknown_v9/identifyMultiple", "all", 404, gcloud + "resourceNotFound"},
		{"POST", "/pseudo/v1/domains/uhmep_v1/convertTo/unknown_v9", "backend", 404, gcloud + "resourceNotFound"},
		{"POST", "/pseudo/v1/domains/unknown_v9/convertMultipleTo/uhmep_v1", "backend", 404, gcloud + "resourceNotFound"},
		{"POST", "/pseudo/v1/domains/uhmep_v1/translate", "all", 404, gcloud + "resourceNotFound"},
		{"POST", "/pseudo/v1/domains/uhmep_v1/translate/x", "all", 404, gcloud + "resourceNotFound"},
		{"GET", "/pseudo/v1/domains", "all", 404, gcloud + "resourceNotFound"},
		{"GET", "/pseudo/v1/", "all", 404, gcloud + "resourceNotFound"},
		{"GET", "/pseudo/v1/nothing/here", "all", 404, gcloud + "resourceNotFound"},
		{"GET", "/pseudo/v1/domains/UHMEP_V1", "all", 404, gcloud + "resourceNotFound"},
		{"GET", "/pseudo/v1/domains/uhmep_v1/pseudonymize", "all", 405, "urn:problem-type:belgif:methodNotAllowed"},
		{"PUT", "/pseudo/v1/domains/uhmep_v1/identifyMultiple", "all", 405, "urn:problem-type:belgif:methodNotAllowed"},
		{"DELETE", "/pseudo/v1/domains/uhmep_v1", "all", 405, "urn:problem-type:belgif:methodNotAllowed"},
		{"POST", "/pseudo/v1/domains/uhmep_v1", "all", 405, "urn:problem-type:belgif:methodNotAllowed"},
	} {
		a := w.send(tc.method, tc.path, tc.token, "{}")
		if a.status != tc.status {
			t.Errorf("%s %s: got %d %s, want %d", tc.method, tc.path, a.status, a, tc.status)
			continue
		}
		checkProblem(t, tc.path, a.body, tc.status, tc.typ)
		if tc.status == 405 && a.header.Get("Allow") == "" {
			t.Errorf("%s %s: no Allow", tc.method, tc.path)
		}
	}
	// The role comes before the method.
	if a := w.send("GET", "/pseudo/v1/domains/uhmep_v1/pseudonymize", "nothing", nil); a.status != 403 {
		t.Errorf("GET without the role: got %d, want 403", a.status)
	}
	// The .NET library's spelling.
	if a := w.post("uhmep_v1/convertToMultiple/ehealth_v1", "backend", `{"inputs":[{}]}`); a.status != 200 {
		t.Errorf("convertToMultiple: got %d %s", a.status, a)
	}
}

func TestBodiesAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i, _ := blinded(t, value(t, "1"), "a")
	for size, want := range map[int]int{60 << 10: 200, 66 << 10: 413, 2 << 20: 413} {
		a := w.post("uhmep_v1/pseudonymize", "all", i.with("pad", strings.Repeat("x", size)))
		if a.status != want {
			t.Errorf("%d bytes: got %d, want %d", size, a.status, want)
		}
		if want == 413 {
			checkProblem(t, "too large", a.body, 413, "urn:problem-type:belgif:payloadTooLarge")
		}
	}
}

func TestBrowsersMayCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const page = "https://ehr.example"
	for _, path := range []string{"", "/pseudonymize", "/identifyMultiple", "/convertTo/ehealth_v1"} {
		a := w.send(http.MethodOptions, "/pseudo/v1/domains/uhmep_v1"+path, "", nil, "Origin", page,
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type,x-other")
		h := a.header
		if a.status != 200 || h.Get("Access-Control-Allow-Origin") != page || !strings.Contains(h.Get("Access-Control-Allow-Methods"), "POST") ||
			!strings.Contains(h.Get("Access-Control-Allow-Methods"), "GET") || !strings.Contains(h.Get("Access-Control-Allow-Headers"), "Authorization") ||
			!strings.Contains(h.Get("Access-Control-Allow-Headers"), "Content-Type") {
			t.Errorf("preflight of %s: got %d %v", path, a.status, h)
		}
	}
	if a := w.send(http.MethodOptions, "/pseudo/v1/domains/uhmep_v1/identify", "", nil); a.status != 200 || a.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("OPTIONS without Origin: got %d %v", a.status, a.header)
	}
	i, _ := blinded(t, value(t, "1"), "a")
	for token, want := range map[string]int{"all": 200, "": 401, "nothing": 403} {
		if a := w.post("uhmep_v1/pseudonymize", token, i, "Origin", page); a.status != want || a.header.Get("Access-Control-Allow-Origin") != page {
			t.Errorf("token %q: got %d, %v", token, a.status, a.header)
		}
	}
	if a := w.post("uhmep_v1/pseudonymize", "all", "{}", "Origin", page); a.status != 400 || a.header.Get("Access-Control-Allow-Origin") != page {
		t.Errorf("400: got %d, %v", a.status, a.header)
	}
}

func TestInjectedFaultsSpeakTheDialect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.t.Faults.Add(fault(503, ""))
	w.t.Faults.Add(fault(400, "badThing"))
	i, _ := blinded(t, value(t, "1"), "a")
	a := w.post("uhmep_v1/pseudonymize", "all", i)
	checkProblem(t, "503", a.body, 503, "urn:problem-type:belgif:serviceUnavailable")
	a = w.post("uhmep_v1/pseudonymize", "all", i)
	checkProblem(t, "400", a.body, 400, "urn:problem-type:belgif:badThing")
	if a = w.post("uhmep_v1/pseudonymize", "all", i); a.status != 200 {
		t.Errorf("after the faults: got %d", a.status)
	}
}

// A volume test: none of ten thousand numbers is lost or confused.
func TestTenThousandSSINsThereAndBack(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some ten seconds: left out with -short")
	}
	t.Parallel()
	w := newWorld(t)
	c := w.client("all")
	c.Parallel = 2
	d := c.Domain("uhmep_v1")
	const n = 10_000
	values := make([][]byte, n)
	for i := range values {
		values[i] = fmt.Appendf(nil, "%011d", i*7919)
	}
	made, err := d.PseudonymizeMultiple(t.Context(), values)
	if err != nil {
		t.Fatal(err)
	}
	pseudonyms := make([]client.InTransit, n)
	distinct := map[string]bool{}
	for i, r := range made {
		if r.Err != nil {
			t.Fatalf("value %d: %v", i, r.Err)
		}
		pseudonyms[i] = r.Value
		distinct[r.Value.Point.Short()] = true
	}
	if len(distinct) != n {
		t.Errorf("%d distinct pseudonyms, want %d", len(distinct), n)
	}
	back, err := d.IdentifyMultiple(t.Context(), pseudonyms)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range back {
		if r.Err != nil || string(r.Value) != string(values[i]) {
			t.Fatalf("value %d: got %q, %v, want %q", i, r.Value, r.Err, values[i])
		}
	}
	counted, err := w.service.Counters(w.t, "ehr")
	if err != nil || counted.Items != 2*n || counted.Multiples != 2*n/10 || counted.Singles != 0 {
		t.Errorf("counters: got %+v, %v", counted, err)
	}
}

func TestReferenceGroupGivesTheSamePseudonyms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fast, err := w.service.Owned("uhmep_v1").AtRest(w.t, "85042101234")
	if err != nil {
		t.Fatal(err)
	}
	p := w.transit("uhmep_v1", "85042101234")
	if err := w.t.Settings.Override(map[string]string{"pseudo-group": "circl"}); err != nil {
		t.Fatal(err)
	}
	slow, err := w.service.Owned("uhmep_v1").AtRest(w.t, "85042101234")
	if err != nil || slow != fast {
		t.Errorf("at rest: got %s, %v, want %s", slow, err, fast)
	}
	if got, err := w.client("all").Domain("uhmep_v1").Identify(t.Context(), p); err != nil || string(got) != "85042101234" {
		t.Errorf("identify: got %q, %v", got, err)
	}
	if got, err := w.service.Owned("uhmep_v1").Open(w.t, w.transit("uhmep_v1", "85042101234").String()); err != nil || got != fast {
		t.Errorf("open: got %s, %v, want %s", got, err, fast)
	}
	if a := w.post("uhmep_v1/pseudonymize", "all", in{"x": "AQ==", "y": "AQ=="}); a.status != 400 {
		t.Errorf("off the curve: got %d", a.status)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.client("all").Domain("uhmep_v1")
	done := make(chan error, 50)
	for i := range 50 {
		go func() {
			v := fmt.Sprintf("850421%05d", i)
			p, err := d.Pseudonymize(t.Context(), []byte(v))
			if err == nil {
				var got []byte
				if got, err = d.Identify(t.Context(), p); err == nil && string(got) != v {
					err = fmt.Errorf("got %q, want %q", got, v)
				}
			}
			done <- err
		}()
	}
	for range 50 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestForgottenBlindingIsWarnedAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.transit("uhmep_v1", "85042101234")
	v := value(t, "85042101234")
	good, _ := blinded(t, v, "a")
	goodTransit, _ := blinded(t, p.Point, "a")
	for _, tc := range []struct {
		name, path string
		body       in
		want       bool
	}{
		{"value sent as it is", "uhmep_v1/pseudonymize", in{"x": b64(v.X()), "y": b64(v.Y())}, true},
		{"value blinded", "uhmep_v1/pseudonymize", good, false},
		{"pseudonym sent as it is", "uhmep_v1/identify", in{"x": b64(p.Point.X()), "y": b64(p.Point.Y()), "transitInfo": p.TransitInfo}, true},
		{"pseudonym blinded", "uhmep_v1/identify", goodTransit.with("transitInfo", p.TransitInfo), false},
	} {
		if a := w.post(tc.path, "all", tc.body); a.status != 200 {
			t.Errorf("%s: got %d %s, want it accepted all the same", tc.name, a.status, a)
		}
		warned := false
		for _, x := range w.last().Warnings {
			warned = warned || x.Rule == "pseudo-not-blinded"
		}
		if warned != tc.want {
			t.Errorf("%s: warned %v, want %v", tc.name, warned, tc.want)
		}
	}
}
