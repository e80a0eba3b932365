package mocks_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/mockstest"
)

// req is one request of a test.
type req struct {
	method, path string
	header       map[string]string
	body         string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func send(t *testing.T, sb *mockstest.Server, q req) answer {
	t.Helper()
	target := q.path
	if strings.HasPrefix(target, "/") {
		target = sb.URL + target
	}
	r, err := http.NewRequestWithContext(t.Context(), q.method, target, strings.NewReader(q.body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range q.header {
		if k == "Host" {
			r.Host = v
			continue
		}
		r.Header.Set(k, v)
	}
	res, err := sb.Client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(raw)}
}

func get(t *testing.T, sb *mockstest.Server, path string) answer {
	t.Helper()
	return send(t, sb, req{method: http.MethodGet, path: path})
}

// control makes a control call that must succeed.
func control(t *testing.T, sb *mockstest.Server, method, path, body string) map[string]any {
	t.Helper()
	a := send(t, sb, req{method: method, path: "/_sandbox" + path, body: body})
	if a.status/100 != 2 {
		t.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
	}
	out := map[string]any{}
	if a.body != "" {
		decode(t, a.body, &out)
	}
	return out
}

func decode(t *testing.T, raw string, v any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader([]byte(raw)))
	if err := dec.Decode(v); err != nil {
		t.Fatalf("not JSON: %v: %.300s", err, raw)
	}
}

// uhmepHeaders are the headers UHMEP asks of every caller.
func uhmepHeaders(token string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + token, "User-Agent": "test/1.0 eHealth/Technical/3.0", "From": "dev@example.org"}
}
