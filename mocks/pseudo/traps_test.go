package pseudo_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/fixtures"
	"github.com/ehealth-sandbox/sandbox/mocks/pseudo"
)

// The mistakes that implementations of the service are known to make, one test
// each, in the order of the list that the project keeps of them.

func TestTrap01NoNumberLooksNegative(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 30 { // every second x is 2^520 or more
		i, _ := blinded(t, value(t, "85042101234"), "a")
		a := w.post("uhmep_v1/pseudonymize", "all", i)
		for _, name := range []string{"x", "y"} {
			s, _ := a.body[name].(string)
			if b := unb64(t, s); len(b) != 66 || b[0] > 1 {
				t.Fatalf("%s: got %d bytes from %02x, want 66 from 00 or 01", name, len(b), b[0])
			}
		}
		opened := w.openBox(a.body)
		if b := unb64(t, opened); len(b) != 66 || b[0] > 1 {
			t.Fatalf("scalar: got %d bytes from %02x, want 66 from 00 or 01", len(b), b[0])
		}
	}
}

// openBox shows the scalar of an output's box through the control API.
func (w *world) openBox(out map[string]any) string {
	w.tb.Helper()
	info, _ := out["transitInfo"].(string)
	p := client.InTransit{Point: pointOf(w.tb, out), TransitInfo: info}
	a := w.send("POST", "/_sandbox/pseudo/open", "", in{"pseudonym": p.String()})
	box, _ := a.body["box"].(map[string]any)
	s, _ := box["scalar"].(string)
	if s == "" {
		w.tb.Fatalf("open: got %s", a)
	}
	return s
}

func TestTrap02CoordinatesUseTheStandardAlphabetAndBoxesTheURLOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seen := ""
	for range 20 {
		i, _ := blinded(t, value(t, "1"), "a")
		a := w.post("uhmep_v1/pseudonymize", "all", i)
		x, _ := a.body["x"].(string)
		info, _ := a.body["transitInfo"].(string)
		if strings.ContainsAny(x, "-_=") || len(x) != 88 {
			t.Errorf("x: got %s, want 88 characters of the standard alphabet without padding", x)
		}
		if strings.ContainsAny(info, "+/=") {
			t.Errorf("transitInfo: got %s, want base64url without padding", info)
		}
		seen += x + w.openBox(a.body)
	}
	if !strings.ContainsAny(seen, "+/") {
		t.Error("no + or / in 40 numbers: is this the standard alphabet?")
	}
}

func TestTrap03PointIsDividedByTAndTheBoxSaysT(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.transit("uhmep_v1", "85042101234")
	s := w.openBox(map[string]any{"x": b64(p.Point.X()), "y": b64(p.Point.Y()), "transitInfo": p.TransitInfo})
	scalar, err := client.NewScalar(unb64(t, s))
	if err != nil {
		t.Fatal(err)
	}
	q, err := p.Point.Mul(scalar)
	if err != nil {
		t.Fatal(err)
	}
	want, err := w.service.Owned("uhmep_v1").AtRest(w.t, "85042101234")
	if err != nil || client.AtRestOf(q).String() != want {
		t.Errorf("t·T: got %s, %v, want the pseudonym at rest %s", client.AtRestOf(q), err, want)
	}
}

func TestTrap04InversesAreModuloN(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 20 { // an inverse modulo p would be right never, a t of 0 would fail
		v := []byte{byte('a' + i)}
		d := w.client("all").Domain("uhmep_v1")
		p, err := d.Pseudonymize(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := d.Identify(t.Context(), p); err != nil || string(got) != string(v) {
			t.Errorf("got %q, %v, want %q", got, err, v)
		}
	}
}

func TestTrap05IdentifyGetsAPointItNeverIssued(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.transit("uhmep_v1", "85042101234")
	for range 3 { // another r each time, the same box: a replay is fine
		if got, err := w.client("all").Domain("uhmep_v1").Identify(t.Context(), p); err != nil || string(got) != "85042101234" {
			t.Errorf("got %q, %v", got, err)
		}
	}
	// A negated point is the same person.
	a := p
	y := make([]byte, 66)
	for i, b := range p.Point.Y() {
		y[i] = ^b
	}
	y[0] &= 1
	q, err := client.NewPoint(p.Point.X(), y)
	if err != nil {
		t.Fatal(err)
	}
	a.Point = q
	if got, err := w.client("all").Domain("uhmep_v1").Identify(t.Context(), a); err != nil || string(got) != "85042101234" {
		t.Errorf("negated: got %q, %v", got, err)
	}
}

func TestTrap06ProblemsHaveNoPointAndOutputsHaveTheirBox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good, _ := blinded(t, value(t, "1"), "a")
	out := outputs(w.post("uhmep_v1/pseudonymizeMultiple", "all", in{"inputs": []any{good, good.with("x", "AQ==")}}))
	if out[0]["transitInfo"] == nil || out[0]["title"] != nil {
		t.Errorf("output: got %v", out[0])
	}
	checkProblem(t, "problem", out[1], 400, gcloud+"badRequest")
	if out[1]["transitInfo"] != nil {
		t.Errorf("problem: got %v", out[1])
	}
}

func TestTrap07OutputsKeepOrderAndNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var inputs []any
	var unblind []client.Blinding
	for _, v := range strings.Split("0 1 2 3 4 5 6 7 8 9", " ") {
		i, b := blinded(t, value(t, v), "id-"+v)
		inputs, unblind = append(inputs, i), append(unblind, b)
	}
	inputs[3] = nil
	out := outputs(w.post("uhmep_v1/pseudonymizeMultiple", "all", in{"inputs": inputs}))
	if len(out) != 10 {
		t.Fatalf("got %d outputs", len(out))
	}
	for i, o := range out {
		if i == 3 {
			checkProblem(t, "element 3", o, 400, gcloud+"badRequest")
			continue
		}
		p, err := unblind[i].Unblind(pointOf(t, o))
		if err != nil {
			t.Fatal(err)
		}
		info, _ := o["transitInfo"].(string)
		got, err := w.service.Owned("uhmep_v1").Open(w.t, client.InTransit{Point: p, TransitInfo: info}.String())
		want, werr := w.service.Owned("uhmep_v1").AtRest(w.t, string(rune('0'+i)))
		if err != nil || werr != nil || got != want || o["inResponseTo"] != "id-"+string(rune('0'+i)) {
			t.Errorf("element %d: got %s, %v, %v", i, got, err, o["inResponseTo"])
		}
	}
}

func TestTrap08OneBadInputSpoilsNoList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good, _ := blinded(t, value(t, "1"), "a")
	for at := range 3 {
		inputs := []any{good, good, good}
		inputs[at] = good.with("y", 5)
		a := w.post("uhmep_v1/pseudonymizeMultiple", "all", in{"inputs": inputs})
		out := outputs(a)
		if a.status != 200 || len(out) != 3 {
			t.Fatalf("got %d %s", a.status, a)
		}
		for i, o := range out {
			if (o["x"] == nil) != (i == at) {
				t.Errorf("bad at %d: element %d: got %v", at, i, o)
			}
		}
	}
}

func TestTrap09ConversionsNameTheTargetDomain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.transit("uhmep_v1", "1")
	i, _ := blinded(t, p.Point, "a")
	a := w.post("uhmep_v1/convertTo/sandbox_v1", "backend", i.with("transitInfo", p.TransitInfo))
	info, _ := a.body["transitInfo"].(string)
	h, err := client.ParseHeader(info)
	if a.body["domain"] != "sandbox_v1" || err != nil || !strings.HasSuffix(h.Audience, "/domains/sandbox_v1") {
		t.Errorf("got %s, header %+v, %v", a, h, err)
	}
}

func TestTrap10TimesAreIntegerSeconds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.at(start.Add(123456789 * time.Nanosecond))
	i, _ := blinded(t, value(t, "1"), "a")
	a := w.post("uhmep_v1/pseudonymize", "all", i)
	for _, want := range []string{`"iat":1750000000,`, `"exp":1750000600,`} {
		if !strings.Contains(string(a.raw), want) {
			t.Errorf("got %s, want %s", a.raw, want)
		}
	}
}

func TestTrap11AudienceIsFixedToTheByte(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const want = "https://api-acpt.ehealth.fgov.be/pseudo/v1/domains/uhmep_v1"
	a := w.send("GET", "/pseudo/v1/domains/uhmep_v1", "all", nil, "X-Forwarded-Host", "elsewhere.test")
	i, _ := blinded(t, value(t, "1"), "a")
	b := w.post("uhmep_v1/pseudonymize", "all", i, "X-Forwarded-Host", "elsewhere.test")
	info, _ := b.body["transitInfo"].(string)
	h, err := client.ParseHeader(info)
	if a.body["audience"] != want || h.Audience != want || err != nil {
		t.Errorf("got %v and %v, %v, want %s", a.body["audience"], h.Audience, err, want)
	}
}

func TestTrap12AudienceIsNeverEmpty(t *testing.T) {
	t.Parallel()
	s, err := pseudo.New(pseudo.Config{Fixtures: fixtures.FS, Verifier: fakeVerifier{tokens()}, AudienceBase: "https://sandbox.test/pseudo/v1/"})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.service = s
	w.serve(s)
	for _, d := range []string{"uhmep_v1", "ehealth_v1", "sandbox_v1"} {
		a := w.send("GET", "/pseudo/v1/domains/"+d, "all", nil)
		if a.body["audience"] != "https://sandbox.test/pseudo/v1/domains/"+d {
			t.Errorf("%s: got %v", d, a.body["audience"])
		}
	}
}

func TestTrap13SecretKeysAreThereAndOneIsActive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 2 {
		a := w.send("GET", "/pseudo/v1/domains/uhmep_v1", "all", nil)
		list, _ := a.body["secretKeys"].([]any)
		active, kids := 0, map[any]bool{}
		for _, k := range list {
			m, _ := k.(map[string]any)
			on, isBool := m["active"].(bool)
			if !isBool {
				t.Errorf("active: got %v, want a boolean", m["active"])
			}
			if on {
				active++
			}
			kids[m["kid"]] = true
		}
		if active != 1 || len(kids) != len(list) || len(list) < 2 {
			t.Errorf("got %d active of %d, %d kids", active, len(list), len(kids))
		}
		w.send("POST", "/_sandbox/pseudo/domains/uhmep_v1/rotate", "", nil)
	}
}

func TestTrap14KeysAreGeneralJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.send("GET", "/pseudo/v1/domains/uhmep_v1", "all", nil)
	var doc struct {
		SecretKeys []struct {
			Encoded map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(a.raw, &doc); err != nil {
		t.Fatal(err)
	}
	for _, k := range doc.SecretKeys {
		if string(k.Encoded["protected"]) != `"eyJlbmMiOiJBMjU2R0NNIn0"` || k.Encoded["aad"] != nil {
			t.Errorf("got %s and aad %s, want enc alone and no aad", k.Encoded["protected"], k.Encoded["aad"])
		}
		var recipients []struct {
			Header struct{ Alg, Kid, Jku string }
		}
		if err := json.Unmarshal(k.Encoded["recipients"], &recipients); err != nil || len(recipients) != 2 {
			t.Fatalf("recipients: got %s, %v, want one per owner", k.Encoded["recipients"], err)
		}
		for _, r := range recipients {
			if r.Header.Alg != "RSA-OAEP-256" || r.Header.Kid == "" || r.Header.Jku == "" {
				t.Errorf("header: got %+v", r.Header)
			}
		}
	}
}

func TestTrap15OwnersKeysCarryTheirCertificateHash(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, q := range []string{"identifier=0406798006&type=CBE&applicationIdentifier=UHMEP", "identifier=0809394427&type=CBE&applicationIdentifier=PSEUDONYMISATION"} {
		a := w.send("GET", "/etee/v1/pubKeys/cacerts/jwks?"+q+"&use=enc", "", nil)
		var set struct{ Keys []map[string]any }
		if err := json.Unmarshal(a.raw, &set); err != nil || len(set.Keys) != 1 {
			t.Fatalf("got %s, %v", a, err)
		}
		k := set.Keys[0]
		if k["x5t#S256"] == nil || k["x5c"] == nil || k["kty"] != "RSA" || k["use"] != "enc" || k["d"] != nil || k["e"] != "AQAB" {
			t.Errorf("got %v", k)
		}
	}
}
