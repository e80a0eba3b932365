package pseudo_test

import (
	"strings"
	"testing"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
)

func TestSevenOperations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client("backend")
	from, to := c.Domain("uhmep_v1"), c.Domain("ehealth_v1")
	doc, err := from.Document(t.Context())
	if err != nil || doc.Domain != "uhmep_v1" {
		t.Fatalf("domain document: got %+v, %v", doc, err)
	}
	p, err := from.Pseudonymize(t.Context(), []byte("85042101234"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := from.Identify(t.Context(), p); err != nil || string(got) != "85042101234" {
		t.Errorf("identify: got %q, %v", got, err)
	}
	many, err := from.PseudonymizeMultiple(t.Context(), [][]byte{[]byte("1"), []byte("2"), []byte("1")})
	if err != nil {
		t.Fatal(err)
	}
	back, err := from.IdentifyMultiple(t.Context(), []client.InTransit{many[0].Value, many[1].Value, many[2].Value})
	if err != nil || string(back[0].Value)+string(back[1].Value)+string(back[2].Value) != "121" {
		t.Errorf("identifyMultiple: got %v, %v", back, err)
	}
	atRest, err := w.service.Owned("uhmep_v1").Open(w.t, p.String())
	if err != nil {
		t.Fatal(err)
	}
	stored, err := client.ParseAtRest(atRest)
	if err != nil {
		t.Fatal(err)
	}
	one, err := from.Convert(t.Context(), to, p)
	if err != nil {
		t.Fatal(err)
	}
	two, err := from.ConvertAtRest(t.Context(), to, stored)
	if err != nil {
		t.Fatal(err)
	}
	three, err := from.ConvertMultiple(t.Context(), to, []client.InTransit{p, p})
	if err != nil {
		t.Fatal(err)
	}
	four, err := from.ConvertMultipleAtRest(t.Context(), from, []client.AtRest{stored})
	if err != nil {
		t.Fatal(err)
	}
	want, err := w.service.Owned("ehealth_v1").AtRest(w.t, "85042101234")
	if err != nil {
		t.Fatal(err)
	}
	for i, q := range []client.InTransit{one, two, three[0].Value, three[1].Value} {
		if got, err := w.service.Owned("ehealth_v1").Open(w.t, q.String()); err != nil || got != want {
			t.Errorf("conversion %d: got %s, %v, want %s", i, got, err, want)
		}
	}
	if got, err := w.service.Owned("uhmep_v1").Open(w.t, four[0].Value.String()); err != nil || got != atRest {
		t.Errorf("conversion to the same domain: got %s, %v, want %s", got, err, atRest)
	}
}

func TestOutputsHaveTheirMembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i, b := blinded(t, value(t, "85042101234"), "a")
	a := w.post("uhmep_v1/pseudonymize", "all", i)
	if a.status != 200 || a.header.Get("Content-Type") != "application/json" {
		t.Fatalf("got %d %s", a.status, a)
	}
	info, _ := a.body["transitInfo"].(string)
	h, err := client.ParseHeader(info)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{"domain": "uhmep_v1", "crv": "P-521", "iat": 1750000000.0, "exp": 1750000600.0, "inResponseTo": "a"} {
		if a.body[name] != want {
			t.Errorf("%s: got %v, want %v", name, a.body[name], want)
		}
	}
	if h.IssuedAt != 1750000000 || h.Expires != 1750000600 || !strings.HasPrefix(h.KeyID, "sandbox-") {
		t.Errorf("header of the box: got %+v", h)
	}
	id, _ := a.body["id"].(string)
	if len(id) != 36 || id[14] != '4' {
		t.Errorf("id: got %q, want a fresh UUID v4", id)
	}
	p, err := b.Unblind(pointOf(t, a.body))
	if err != nil {
		t.Fatal(err)
	}
	i, _ = blinded(t, p, "b")
	a = w.post("uhmep_v1/identify", "all", i.with("transitInfo", info))
	if _, there := a.body["transitInfo"]; there || a.status != 200 || a.body["exp"] != 1750000600.0 {
		t.Errorf("identify: got %s, want no transitInfo", a)
	}
	i, _ = blinded(t, value(t, "1"), "")
	if a = w.post("uhmep_v1/pseudonymize", "all", i.with("id", nil)); a.body["inResponseTo"] != nil || a.status != 200 {
		t.Errorf("without id: got %s, want no inResponseTo", a)
	}
	if a = w.post("uhmep_v1/pseudonymize", "all", i.with("id", "1")); a.body["inResponseTo"] != "1" {
		t.Errorf("old software's id: got %s, want it echoed", a)
	}
}

func TestSemanticsOfRequestMembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i, _ := blinded(t, value(t, "85042101234"), "a")
	small := value(t, "1") // 66 bytes with many leading zeros
	short := in{"x": b64(trim(small.X())), "y": b64(trim(small.Y()))}
	for name, body := range map[string]any{
		"unknown members are ignored":          i.with("more", in{"x": 1}),
		"crv may be missing":                   i.with("crv", nil),
		"transitInfo is ignored":               i.with("transitInfo", "nonsense"),
		"transitInfo of any type is ignored":   i.with("transitInfo", 12),
		"coordinates may be short":             short,
		"coordinates may have leading zeros":   in{"x": b64(append(make([]byte, 9), small.X()...)), "y": b64(small.Y())},
		"null for crv and id is as none":       `{"id":null,"crv":null,"x":"` + b64(small.X()) + `","y":"` + b64(small.Y()) + `"}`,
		"of a member given twice, last counts": `{"x":"AQ==","x":"` + b64(small.X()) + `","y":"` + b64(small.Y()) + `"}`,
		"whitespace around":                    "\n { \"x\" : \"" + b64(small.X()) + "\", \"y\":\"" + b64(small.Y()) + "\"}\n",
	} {
		if a := w.post("uhmep_v1/pseudonymize", "all", body); a.status != 200 {
			t.Errorf("%s: got %d %s, want 200", name, a.status, a)
		}
	}
}

func trim(b []byte) []byte {
	for len(b) > 1 && b[0] == 0 {
		b = b[1:]
	}
	return b
}

func TestContentTypes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i, _ := blinded(t, value(t, "1"), "a")
	for given, want := range map[string]int{
		"application/json": 200, "application/json; charset=utf-8": 200, "application/json;charset=UTF-8": 200,
		"text/plain": 415, "application/fhir+json": 415, "": 415, "application/x-www-form-urlencoded": 415,
	} {
		a := w.post("uhmep_v1/pseudonymize", "all", i, "Content-Type", given)
		if a.status != want {
			t.Errorf("%q: got %d, want %d", given, a.status, want)
		}
	}
}
