package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"filippo.io/nistec"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/internal/ecgroup"
	"github.com/ehealth-sandbox/sandbox/mocks"
)

const bareName = "bare conversion"

// rows are what is measured; done closes the sandbox.
func rows() (all []row, done func(), err error) {
	p, err := client.PointOf([]byte("85042101234"), client.DefaultBufferSize)
	if err != nil {
		return nil, nil, err
	}
	sb, err := mocks.Open(mocks.Options{})
	if err != nil {
		return nil, nil, err
	}
	h := &caller{sandbox: sb}
	if err := h.login(); err != nil {
		return nil, nil, err
	}
	blinded, info, err := h.transit(p)
	if err != nil {
		return nil, nil, err
	}
	item := map[string]any{"id": "1", "crv": "P-521", "x": b64(p.X()), "y": b64(p.Y())}
	boxed := map[string]any{"id": "1", "crv": "P-521", "x": b64(blinded.X()), "y": b64(blinded.Y()), "transitInfo": info}
	ten, tenBoxed := map[string]any{"inputs": tenOf(item)}, map[string]any{"inputs": tenOf(boxed)}
	all = []row{multiplication(ecgroup.Fast(), p), multiplication(ecgroup.Reference(), p), nist(p), bare(p)}
	for _, c := range []struct {
		operation string
		body      any
		each      int
	}{{"pseudonymize", item, 1}, {"identify", boxed, 1}, {"pseudonymizeMultiple", ten, 10}, {"identifyMultiple", tenBoxed, 10}} {
		r, err := h.row(c.operation, c.body, c.each)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, r)
	}
	return all, func() { _ = sb.Close() }, nil
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func tenOf(item any) []any {
	out := make([]any, 10)
	for i := range out {
		out[i] = item
	}
	return out
}

// multiplication is the raw scalar multiplication of one group, with the point
// check that each of them makes.
func multiplication(g ecgroup.Group, p client.Point) row {
	q, err := g.Point(p.X(), p.Y())
	s, serr := ecgroup.RandomScalar(rand.Reader)
	if serr != nil {
		err = serr
	}
	name := "multiplication by internal/p521"
	if g.Name() != ecgroup.Fast().Name() {
		name = "multiplication by circl"
	}
	return row{name, func() (int, error) {
		if err == nil {
			q, err = g.Mul(q, s)
		}
		return 1, err
	}}
}

func nist(p client.Point) row {
	q, err := nistec.NewP521Point().SetBytes(append([]byte{4}, append(bytes.Clone(p.X()), p.Y()...)...))
	scalar := bytes.Repeat([]byte{0x5a}, 66)
	scalar[0] = 1
	return row{"multiplication by nistec", func() (int, error) {
		if err != nil {
			return 0, err
		}
		out, err := nistec.NewP521Point().ScalarMult(q, scalar)
		if err != nil {
			return 0, err
		}
		q, err = nistec.NewP521Point().SetBytes(out.Bytes())
		return 1, err
	}}
}

// bare is one pseudonymisation without HTTP, JSON, tokens and journal.
func bare(p client.Point) row {
	x, y := b64(p.X()), b64(p.Y())
	k, kerr := ecgroup.RandomScalar(rand.Reader)
	key, err := client.NewKey("sandbox-00000000-0000-4000-8000-000000000000", make([]byte, 32))
	if kerr != nil {
		err = kerr
	}
	g := ecgroup.Fast()
	return row{bareName, func() (int, error) {
		if err != nil {
			return 0, err
		}
		xb, err := base64.StdEncoding.DecodeString(x)
		if err != nil {
			return 0, err
		}
		yb, err := base64.StdEncoding.DecodeString(y)
		if err != nil {
			return 0, err
		}
		q, err := g.Point(xb, yb)
		if err != nil {
			return 0, err
		}
		t, err := client.RandomScalar(rand.Reader)
		if err != nil {
			return 0, err
		}
		now := time.Now()
		if _, err := client.SealBox(key, "https://api-acpt.ehealth.fgov.be/pseudo/v1/domains/uhmep_v1", client.Box{IssuedAt: now, Expires: now, Scalar: t}, rand.Reader); err != nil {
			return 0, err
		}
		s, err := ecgroup.NewScalar(t.Inverse().Bytes())
		if err != nil {
			return 0, err
		}
		if q, err = g.Mul(q, k.Mul(s)); err != nil {
			return 0, err
		}
		x, y = b64(q.X()), b64(q.Y())
		return 1, nil
	}}
}

// caller posts to the sandbox in this process.
type caller struct {
	sandbox http.Handler
	token   string
}

func (c *caller) post(path string, body []byte) (*httptest.ResponseRecorder, error) {
	r := httptest.NewRequest(http.MethodPost, "http://localhost"+path, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	rec := httptest.NewRecorder()
	c.sandbox.ServeHTTP(rec, r)
	if rec.Code != http.StatusOK {
		return nil, fmt.Errorf("%s answered %d: %s", path, rec.Code, rec.Body)
	}
	return rec, nil
}

// login asks the control API for a token that lasts.
func (c *caller) login() error {
	rec, err := c.post("/_sandbox/iam/tokens", []byte(`{"realm":"healthcare","client_id":"nihdi-uhmep-hcp","persona":"dr-peeters","expires_in":86400}`))
	if err != nil {
		return err
	}
	var out struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		return err
	}
	if c.token = out.AccessToken; c.token == "" {
		return fmt.Errorf("no access token in %s", rec.Body)
	}
	return nil
}

// transit pseudonymises p and returns the pseudonym's point and box.
func (c *caller) transit(p client.Point) (client.Point, string, error) {
	body, err := json.Marshal(map[string]string{"id": "1", "x": b64(p.X()), "y": b64(p.Y())})
	if err != nil {
		return client.Point{}, "", err
	}
	rec, err := c.post("/pseudo/v1/domains/uhmep_v1/pseudonymize", body)
	if err != nil {
		return client.Point{}, "", err
	}
	var out struct{ X, Y, TransitInfo string }
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		return client.Point{}, "", err
	}
	x, err := base64.StdEncoding.DecodeString(out.X)
	if err != nil {
		return client.Point{}, "", err
	}
	y, err := base64.StdEncoding.DecodeString(out.Y)
	if err != nil {
		return client.Point{}, "", err
	}
	q, err := client.NewPoint(x, y)
	return q, out.TransitInfo, err
}

// row measures one operation over the whole path but the network.
func (c *caller) row(operation string, body any, each int) (row, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return row{}, err
	}
	name := "HTTP " + operation
	if each > 1 {
		name += fmt.Sprintf(" of %d, each", each)
	}
	return row{name, func() (int, error) {
		rec, err := c.post("/pseudo/v1/domains/uhmep_v1/"+operation, raw)
		if err != nil {
			return 0, err
		}
		if strings.Contains(rec.Body.String(), `"title"`) {
			return 0, fmt.Errorf("%s: a problem: %s", operation, rec.Body)
		}
		return each, nil
	}}, nil
}
