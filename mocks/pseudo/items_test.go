package pseudo_test

import (
	"bytes"
	"strings"
	"testing"
)

// badItems are inputs that are refused, each alone, whatever the operation.
func badItems(tb testing.TB) map[string]struct {
	item any
	rule string
	// echoed tells whether the item's id can be read.
	echoed bool
} {
	tb.Helper()
	good, _ := blinded(tb, value(tb, "85042101234"), "a")
	prime := bytes.Repeat([]byte{0xff}, 66)
	prime[0] = 1
	off := unb64(tb, good["y"].(string))
	off[65] ^= 1
	type row = struct {
		item   any
		rule   string
		echoed bool
	}
	return map[string]row{
		"x missing":                 {good.with("x", nil), "pseudo-x", true},
		"y missing":                 {good.with("y", nil), "pseudo-y", true},
		"x null":                    {rawNull(good, "x"), "pseudo-x", true},
		"y null":                    {rawNull(good, "y"), "pseudo-y", true},
		"x a number":                {good.with("x", 12), "pseudo-x", true},
		"y an array":                {good.with("y", []string{"AQ=="}), "pseudo-y", true},
		"x an object":               {good.with("x", in{"a": 1}), "pseudo-x", true},
		"x empty":                   {good.with("x", ""), "pseudo-x", true},
		"x not base64":              {good.with("x", "%%%"), "pseudo-x", true},
		"x in base64url":            {good.with("x", strings.Repeat("_", 88)), "pseudo-x", true},
		"x without its padding":     {good.with("x", "AQ"), "pseudo-x", true},
		"x with a newline":          {good.with("x", "AQ\n=="), "pseudo-x", true},
		"x of 67 significant bytes": {good.with("x", b64(append([]byte{1}, make([]byte, 66)...))), "pseudo-point", true},
		"x huge":                    {good.with("x", b64(bytes.Repeat([]byte{7}, 4000))), "pseudo-point", true},
		"x = p":                     {good.with("x", b64(prime)), "pseudo-point", true},
		"y = p":                     {good.with("y", b64(prime)), "pseudo-point", true},
		"x = 2^528-1":               {good.with("x", b64(bytes.Repeat([]byte{0xff}, 66))), "pseudo-point", true},
		"off the curve":             {good.with("y", b64(off)), "pseudo-point", true},
		"x and y exchanged":         {good.with("x", good["y"]).with("y", good["x"]), "pseudo-point", true},
		"infinity as (0,0)":         {good.with("x", "AA==").with("y", "AA=="), "pseudo-point", true},
		"crv P-256":                 {good.with("crv", "P-256"), "pseudo-crv", true},
		"crv a number":              {good.with("crv", 521), "pseudo-crv", true},
		"crv in lower case":         {good.with("crv", "p-521"), "pseudo-crv", true},
		"names in capitals":         {in{"ID": "a", "X": good["x"], "Y": good["y"]}, "pseudo-x", false},
		"empty object":              {in{}, "pseudo-x", false},
	}
}

func rawNull(i in, name string) any {
	out := i.with(name, nil)
	out[name] = nil
	return out
}

func TestBadItemAloneIsA400(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, row := range badItems(t) {
		for _, path := range []string{"uhmep_v1/pseudonymize", "uhmep_v1/identify", "uhmep_v1/convertTo/ehealth_v1"} {
			a := w.post(path, "backend", row.item)
			if a.status != 400 || a.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s: %s: got %d %s", path, name, a.status, a)
				continue
			}
			checkProblem(t, name, a.body, 400, gcloud+"badRequest")
			if row.echoed != (a.body["inResponseTo"] == "a") {
				t.Errorf("%s: inResponseTo: got %v", name, a.body["inResponseTo"])
			}
			if e := w.last(); e.Refusal == nil || e.Refusal.Rule != row.rule || e.Refusal.Got == "" || e.Refusal.Want == "" {
				t.Errorf("%s: journal: got %+v, want rule %s with got and want", name, e.Refusal, row.rule)
			}
		}
	}
}

func TestBadItemsInAListAreAnsweredInTheirPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good, _ := blinded(t, value(t, "85042101234"), "good")
	rows := badItems(t)
	type odd = struct {
		item   any
		rule   string
		echoed bool
	}
	for name, item := range map[string]any{"null": nil, "a number": 12, "a text": "AQ==", "a list": []int{1}, "true": true} {
		rows[name] = odd{item, "pseudo-item", false}
	}
	for _, path := range []string{"uhmep_v1/pseudonymizeMultiple", "uhmep_v1/convertMultipleTo/ehealth_v1"} {
		for name, row := range rows {
			a := w.post(path, "backend", in{"inputs": []any{good, row.item, good.with("id", "last")}})
			out := outputs(a)
			if a.status != 200 || len(out) != 3 || a.header.Get("Content-Type") != "application/json" {
				t.Fatalf("%s: %s: got %d %s", path, name, a.status, a)
			}
			if out[0]["inResponseTo"] != "good" || out[2]["inResponseTo"] != "last" || out[0]["x"] == nil || out[2]["x"] == nil {
				t.Errorf("%s: the good ones: got %v and %v", name, out[0], out[2])
			}
			checkProblem(t, name, out[1], 400, gcloud+"badRequest")
			if row.echoed != (out[1]["inResponseTo"] == "a") {
				t.Errorf("%s: inResponseTo: got %v", name, out[1]["inResponseTo"])
			}
		}
	}
}

func TestWholeRequestIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good, _ := blinded(t, value(t, "1"), "a")
	many := make([]any, 11)
	for i := range many {
		many[i] = good
	}
	for name, body := range map[string]any{
		"empty": "", "not JSON": "{", "JSON and more": "{} {}", "null": "null", "an array": "[]", "a text": `"x"`, "XML": "<x/>",
	} {
		for _, path := range []string{"uhmep_v1/pseudonymize", "uhmep_v1/pseudonymizeMultiple", "uhmep_v1/identifyMultiple"} {
			a := w.post(path, "all", body)
			if a.status != 400 {
				t.Errorf("%s: %s: got %d", path, name, a.status)
			}
			checkProblem(t, name, a.body, 400, gcloud+"badRequest")
		}
	}
	for name, body := range map[string]any{
		"no inputs": in{}, "inputs null": `{"inputs":null}`, "inputs an object": in{"inputs": good}, "inputs a text": in{"inputs": "x"},
		"no element": in{"inputs": []any{}}, "eleven": in{"inputs": many}, "one item instead of a list": good, "Inputs": in{"Inputs": []any{good}},
	} {
		a := w.post("uhmep_v1/pseudonymizeMultiple", "all", body)
		if a.status != 400 || a.body["outputs"] != nil {
			t.Errorf("%s: got %d %s", name, a.status, a)
		}
		checkProblem(t, name, a.body, 400, gcloud+"badRequest")
	}
	for _, n := range []int{1, 2, 10} {
		if a := w.post("uhmep_v1/pseudonymizeMultiple", "all", in{"inputs": many[:n]}); a.status != 200 || len(outputs(a)) != n || len(a.body) != 1 {
			t.Errorf("%d inputs: got %d %s", n, a.status, a)
		}
	}
}

func TestBadBoxesAreProblems(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	transit := w.transit("uhmep_v1", "85042101234")
	other := w.transit("ehealth_v1", "85042101234")
	good, _ := blinded(t, transit.Point, "a")
	parts := strings.Split(transit.TransitInfo, ".")
	swapped := "A" + parts[4][1:]
	if swapped == parts[4] {
		swapped = "B" + parts[4][1:]
	}
	for _, tc := range []struct {
		name string
		info any
		rule string
	}{
		{"missing", nil, "pseudo-transit-missing"},
		{"empty", "", "pseudo-transit-missing"},
		{"a number", 12, "pseudo-transit-text"},
		{"an object", in{"a": 1}, "pseudo-transit-text"},
		{"no JWE", "hello", "pseudo-transit-parts"},
		{"four parts", strings.Join(parts[:4], "."), "pseudo-transit-parts"},
		{"padded", transit.TransitInfo + "==", "pseudo-transit-parts"},
		{"whole pseudonym", transit.String(), "pseudo-transit-parts"},
		{"of another domain", other.TransitInfo, "pseudo-transit-aud"},
		{"tag changed", strings.Join(append(append([]string{}, parts[:4]...), swapped), "."), "pseudo-transit-tag"},
		{"alg none", "eyJhbGciOiJub25lIiwiZW5jIjoiQTI1NkdDTSIsImF1ZCI6ImEifQ" + transit.TransitInfo[len(parts[0]):], "pseudo-transit-alg"},
	} {
		body := good.with("transitInfo", tc.info)
		a := w.post("uhmep_v1/identify", "all", body)
		if a.status != 400 {
			t.Errorf("%s: got %d %s", tc.name, a.status, a)
		}
		checkProblem(t, tc.name, a.body, 400, gcloud+"badRequest")
		if e := w.last(); e.Refusal == nil || e.Refusal.Rule != tc.rule {
			t.Errorf("%s: journal: got %+v, want rule %s", tc.name, e.Refusal, tc.rule)
		}
		a = w.post("uhmep_v1/identifyMultiple", "all", in{"inputs": []any{body, good.with("transitInfo", transit.TransitInfo)}})
		out := outputs(a)
		if a.status != 200 || len(out) != 2 || out[1]["x"] == nil {
			t.Fatalf("%s in a list: got %d %s", tc.name, a.status, a)
		}
		checkProblem(t, tc.name, out[0], 400, gcloud+"badRequest")
		failed := false
		for _, c := range w.last().Checks {
			failed = failed || !c.OK && c.Rule == tc.rule
		}
		if !failed {
			t.Errorf("%s in a list: the journal has no failed check %s", tc.name, tc.rule)
		}
		if tc.name == "missing" {
			continue // at rest, for conversions
		}
		if a = w.post("uhmep_v1/convertTo/ehealth_v1", "backend", body); a.status != 400 {
			t.Errorf("%s converted: got %d %s", tc.name, a.status, a)
		}
	}
}

func TestBoxOfAnotherPseudonymIsNotDetected(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.transit("uhmep_v1", "85042101234"), w.transit("uhmep_v1", "00000000097")
	item, _ := blinded(t, a.Point, "a")
	if got := w.post("uhmep_v1/identify", "all", item.with("transitInfo", b.TransitInfo)); got.status != 200 {
		t.Errorf("got %d %s, want 200 with a meaningless point", got.status, got)
	}
}

func TestErrorsNameThePublishedText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.post("uhmep_v1/pseudonymize", "all", in{"id": "a", "x": "AQ==", "y": "Ag=="})
	if want := "Invalid point [ECPoint{curve='P-521', x=1, y=2}]"; a.body["detail"] != want || a.body["title"] != "Bad Request" {
		t.Errorf("got %v, want %s", a.body, want)
	}
}
