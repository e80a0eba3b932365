package pseudo

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeService is a small service with the arithmetic of the blinded protocol
// and none of the real one's checks. mocks/pseudo is tested against this client
// too; the fake lets the client be bad-mouthed.
type fakeService struct {
	k    map[string]Scalar
	key  Key
	now  time.Time
	mu   sync.Mutex
	hits map[string]int
	// twist changes an answer before it is sent.
	twist func(path string, answer map[string]any) any
	// status, if set, is answered instead.
	status int
	body   string
}

func newFake(t *testing.T) (*fakeService, *Client) {
	t.Helper()
	f := &fakeService{k: map[string]Scalar{}, key: vectorKey(t, "fake"), now: time.Unix(1750000000, 0), hits: map[string]int{}}
	for _, d := range []string{"uhmep_v1", "ehealth_v1"} {
		s, err := RandomScalar(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		f.k[d] = s
	}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return f, &Client{
		BaseURL: server.URL + "/pseudo/v1", Now: func() time.Time { return f.now },
		Token: func(context.Context) (string, error) { return "tok", nil }, UserAgent: "test", From: "a@example.org",
	}
}

func audienceOf(domain string) string { return "https://fake.test/pseudo/v1/domains/" + domain }

func (f *fakeService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/pseudo/v1/domains/"), "/")
	f.mu.Lock()
	f.hits[strings.Join(parts[1:], "/")]++
	f.mu.Unlock()
	if f.status != 0 {
		w.Header().Set("X-Sandbox-Trace", "tr-1")
		w.WriteHeader(f.status)
		fmt.Fprint(w, f.body)
		return
	}
	if r.Header.Get("Authorization") != "Bearer tok" {
		w.WriteHeader(401)
		return
	}
	from, to := parts[0], parts[len(parts)-1]
	if !strings.HasPrefix(parts[1], "convert") {
		to = from
	}
	var body struct {
		item
		Inputs []item `json:"inputs"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		w.WriteHeader(400)
		return
	}
	if !strings.Contains(parts[1], "ultiple") {
		f.write(w, r.URL.Path, f.convert(parts[1], from, to, body.item))
		return
	}
	outputs := []any{}
	for _, i := range body.Inputs {
		outputs = append(outputs, f.convert(parts[1], from, to, i))
	}
	f.write(w, r.URL.Path, map[string]any{"outputs": outputs})
}

func (f *fakeService) write(w http.ResponseWriter, path string, answer map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	var v any = answer
	if f.twist != nil {
		v = f.twist(path, answer)
	}
	_ = json.NewEncoder(w).Encode(v)
}

func (f *fakeService) convert(operation, from, to string, i item) map[string]any {
	p, err := pointFromBase64(i.X, i.Y)
	if err != nil {
		return problem(err.Error(), i.ID)
	}
	out := map[string]any{"id": "o-" + i.ID, "domain": to, "crv": "P-521", "inResponseTo": i.ID}
	factor := f.k[to]
	if !strings.HasPrefix(operation, "pseudonymize") {
		factor = f.k[from].Inverse()
		if strings.HasPrefix(operation, "convert") {
			factor = factor.Mul(f.k[to])
		}
		if i.TransitInfo != "" {
			box, _, err := OpenBox(i.TransitInfo, BoxCheck{Audience: audienceOf(from), Now: f.now, Key: func(string) (Key, bool) { return f.key, true }})
			if err != nil {
				return problem(err.Error(), i.ID)
			}
			factor = factor.Mul(box.Scalar)
		}
	}
	if !strings.HasPrefix(operation, "identify") {
		t, _ := RandomScalar(rand.Reader)
		factor = factor.Mul(t.Inverse())
		out["transitInfo"], _ = SealBox(f.key, audienceOf(to), Box{f.now, f.now.Add(10 * time.Minute), t}, rand.Reader)
	}
	q, err := p.Mul(factor)
	if err != nil {
		return problem(err.Error(), i.ID)
	}
	out["x"], out["y"] = base64.StdEncoding.EncodeToString(q.X()), base64.StdEncoding.EncodeToString(q.Y())
	return out
}

func problem(detail, id string) map[string]any {
	return map[string]any{"type": "https://www.gcloud.belgium.be/rest/problems/badRequest", "title": "Bad Request",
		"status": "400", "detail": detail, "inResponseTo": id}
}
