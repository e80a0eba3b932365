package pseudo_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/fixtures"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
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

func TestTrap16JKUIsExact(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.send("GET", "/pseudo/v1/domains/uhmep_v1", "all", nil)
	for _, want := range []string{
		"https://api-acpt.ehealth.fgov.be/etee/v1/pubKeys/cacerts/jwks?identifier=0406798006&type=CBE&applicationIdentifier=UHMEP&use=enc",
		"https://api-acpt.ehealth.fgov.be/etee/v1/pubKeys/cacerts/jwks?identifier=0809394427&type=CBE&applicationIdentifier=PSEUDONYMISATION&use=enc",
	} {
		if strings.Count(string(a.raw), `"`+want+`"`) != 3 { // the list, and one recipient of each key
			t.Errorf("%s: got %s", want, a.raw)
		}
	}
	if strings.Contains(string(a.raw), "&amp;") || strings.Contains(string(a.raw), `\u0026`) {
		t.Error("& is escaped")
	}
}

func TestTrap17SuccessIsExactly200(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i, _ := blinded(t, value(t, "1"), "a")
	for _, a := range []answer{
		w.send("GET", "/pseudo/v1/domains/uhmep_v1", "all", nil), w.post("uhmep_v1/pseudonymize", "all", i),
		w.post("uhmep_v1/pseudonymizeMultiple", "all", in{"inputs": []any{i}}), w.post("uhmep_v1/convertTo/ehealth_v1", "backend", i),
	} {
		if a.status != http.StatusOK || a.header.Get("Content-Encoding") != "" {
			t.Errorf("got %d %v", a.status, a.header)
		}
	}
}

func TestTrap18NothingMoreIsRequired(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := value(t, "1")
	a := w.post("uhmep_v1/pseudonymize", "all", in{"id": "no uuid", "x": b64(trim(p.X())), "y": b64(trim(p.Y()))}, "From", "", "User-Agent", "", "Accept", "")
	if a.status != 200 || a.body["inResponseTo"] != "no uuid" {
		t.Errorf("got %d %s", a.status, a)
	}
}

func TestTrap19ValueIsNotLookedAt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, v := range []string{"", "\x00\x00", "not a number", strings.Repeat("x", 56)} {
		p := w.transit("uhmep_v1", v)
		if got, err := w.client("all").Domain("uhmep_v1").Identify(t.Context(), p); err != nil || string(got) != v {
			t.Errorf("got %q, %v, want %q", got, err, v)
		}
	}
}

func TestTrap20PointsAreChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, op := range []string{"uhmep_v1/pseudonymize", "uhmep_v1/identify", "uhmep_v1/convertTo/ehealth_v1"} {
		for _, xy := range [][2]string{{"AQ==", "AQ=="}, {"AA==", "AA=="}, {"/w==", "AA=="}} {
			if a := w.post(op, "backend", in{"x": xy[0], "y": xy[1], "transitInfo": w.transit("uhmep_v1", "1").TransitInfo}); a.status != 400 {
				t.Errorf("%s %v: got %d", op, xy, a.status)
			}
		}
	}
}

func TestTrap21SkewIsSixtySeconds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.transit("uhmep_v1", "1")
	item, _ := blinded(t, p.Point, "a")
	item["transitInfo"] = p.TransitInfo
	for seconds, want := range map[int]int{-61: 400, -60: 200, 0: 200, 600: 200, 660: 200, 661: 400} {
		w.at(start.Add(time.Duration(seconds) * time.Second))
		a := w.post("uhmep_v1/identify", "all", item)
		if a.status != want {
			t.Errorf("%d s after: got %d %s, want %d", seconds, a.status, a, want)
		}
		if detail, _ := a.body["detail"].(string); seconds == 661 && detail != "the transitInfo expired at 1750000600" {
			t.Errorf("detail: got %q", detail)
		}
	}
}

func TestTrap22PayloadCountsAndAlgorithmsComeFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.transit("uhmep_v1", "1")
	item, _ := blinded(t, p.Point, "a")
	_, rest, _ := strings.Cut(p.TransitInfo, ".")
	header := "eyJhbGciOiJub25lIiwiZW5jIjoiQTI1NkdDTSIsImF1ZCI6ImEiLCJleHAiOjk5OTk5OTk5OTl9" // alg none
	a := w.post("uhmep_v1/identify", "all", item.with("transitInfo", header+"."+rest))
	if detail, _ := a.body["detail"].(string); a.status != 400 || !strings.Contains(detail, "alg") {
		t.Errorf("got %d %s, want alg refused", a.status, a)
	}
}

func TestTrap23FivePartsAreSeparate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	info := w.transit("uhmep_v1", "1").TransitInfo
	parts := strings.Split(info, ".")
	if len(parts) != 5 || parts[1] != "" || len(parts[2]) != 16 || len(parts[3]) != 180 || len(parts[4]) != 22 {
		t.Errorf("got %v, want header..12 bytes.135 bytes.16 bytes", parts)
	}
}

func TestTrap24IdentityIsXAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.service.Owned("uhmep_v1")
	want, err := o.AtRest(w.t, "85042101234")
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		transit, err := o.Mint(w.t, want) // rebuilt from x: the sign of y is lost
		if err != nil {
			t.Fatal(err)
		}
		if got, err := o.Open(w.t, transit); err != nil || got != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
		p, err := client.ParseInTransit(transit)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := w.client("all").Domain("uhmep_v1").Identify(t.Context(), p); err != nil || string(got) != "85042101234" {
			t.Errorf("identified: got %q, %v", got, err)
		}
	}
}

func TestTrap25MultiplierOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	a, b := newWorld(t), newWorld(t)
	p := a.transit("uhmep_v1", "85042101234")
	if got, err := b.client("all").Domain("uhmep_v1").Identify(t.Context(), p); err != nil || string(got) != "85042101234" {
		t.Errorf("another process: got %q, %v", got, err)
	}
}

func TestTrap26LeadingZerosAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	short := 0
	for range 200 {
		i, _ := blinded(t, value(t, "1"), "a")
		a := w.post("uhmep_v1/pseudonymize", "all", i)
		x, _ := a.body["x"].(string)
		if len(x) != 88 {
			t.Fatalf("x: got %d characters", len(x))
		}
		if strings.HasPrefix(x, "AA") {
			short++
		}
	}
	if short == 0 {
		t.Error("no x below 2^516 in 200: this test has shown nothing")
	}
}

func TestTrap27ValuesMayStartWithZeros(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, err := w.service.Owned("uhmep_v1").AtRest(w.t, "\x00a")
	b, berr := w.service.Owned("uhmep_v1").AtRest(w.t, "a")
	if err != nil || berr != nil || a == b {
		t.Errorf("got %s, %v and %s, %v, want two", a, err, b, berr)
	}
}

func TestTrap28PreflightNeedsNoToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.send(http.MethodOptions, "/pseudo/v1/domains/uhmep_v1/identify", "", nil, "Origin", "https://a.example", "Access-Control-Request-Method", "POST")
	if a.status != 200 || a.header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("got %d %v", a.status, a.header)
	}
}

func TestTrap29EveryOutputHasItsOwnT(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i, _ := blinded(t, value(t, "1"), "a")
	out := outputs(w.post("uhmep_v1/pseudonymizeMultiple", "all", in{"inputs": []any{i, i, i}}))
	for _, name := range []string{"id", "x", "transitInfo"} {
		if out[0][name] == out[1][name] || out[1][name] == out[2][name] || out[0][name] == out[2][name] {
			t.Errorf("%s: got equal ones for equal inputs", name)
		}
	}
}

func TestTrap30NoSecretReachesJournalOrLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var log strings.Builder
	w.t.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	p := w.transit("uhmep_v1", "85042101234")
	if _, err := w.client("all").Domain("uhmep_v1").Identify(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	w.send("GET", "/pseudo/v1/domains/uhmep_v1", "all", nil)
	scalar := w.openBox(map[string]any{"x": b64(p.Point.X()), "y": b64(p.Point.Y()), "transitInfo": p.TransitInfo})
	keys := w.send("GET", "/_sandbox/pseudo/domains/uhmep_v1/keys", "", nil)
	all, err := json.Marshal(w.t.Journal.Entries(journal.Filter{}))
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{scalar, "AYa6okKaK0BPiRzTzYAOdm2YvY2S59qPvUC0d9Ib3Id72szLqfahHCHIyHIXwuMl80doChwo9+sVg43Do9GaAF8G",
		"e7PKoechOZ23yolZD4NR-Ihd4TX2hQzLcbYvq_TcKjI", "r9DwXjRP3nBxYA49XjqqwESj7eAFuxhCoz6AENoRlok"}
	for _, s := range secrets {
		if strings.Contains(string(all), s) || strings.Contains(log.String(), s) {
			t.Errorf("the secret %.12s… is in journal or log", s)
		}
	}
	if !strings.Contains(string(keys.raw), secrets[2]) {
		t.Error("the control API does not show the key: this test has shown nothing")
	}
}
