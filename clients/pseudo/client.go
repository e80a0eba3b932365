package pseudo

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

// Client reaches the pseudonymisation service. It may be shared by goroutines
// once its fields are set.
type Client struct {
	// BaseURL ends in /pseudo/v1, for instance
	// https://api-acpt.ehealth.fgov.be/pseudo/v1.
	BaseURL string
	// Token returns the access token of I.AM Connect, the initial one and not
	// the one exchanged for UHMEP.
	Token func(ctx context.Context) (string, error)
	// HTTP is the client to use, http.DefaultClient if nil.
	HTTP *http.Client
	// UserAgent and From are asked of back-end clients by the cookbook.
	UserAgent, From string
	// Now is the clock, time.Now if nil. Rand is the source of blinding numbers,
	// crypto/rand if nil.
	Now  func() time.Time
	Rand io.Reader
	// Parallel is how many requests of ten a long list keeps under way, 2 if 0.
	Parallel int
}

// Domain is a domain as a caller sees it. Making one sends nothing.
type Domain struct {
	// Key is the name in the path, such as uhmep_v1.
	Key string
	// BufferSize is the domain's; every public domain has 8.
	BufferSize int
	// Cache, if set, keeps pseudonyms in transit until shortly before they expire.
	Cache *Cache

	client *Client
}

// Domain returns the domain with this key and a buffer of 8 bytes.
func (c *Client) Domain(key string) *Domain {
	return &Domain{Key: key, BufferSize: DefaultBufferSize, client: c}
}

// Document reads the domain document. Only owners need it.
func (d *Domain) Document(ctx context.Context) (*Document, error) {
	raw, err := d.client.call(ctx, http.MethodGet, "/domains/"+url.PathEscape(d.Key), nil)
	if err != nil {
		return nil, err
	}
	doc, err := ParseDocument(raw)
	if err != nil {
		return nil, err
	}
	if doc.Domain != d.Key {
		return nil, fmt.Errorf("asked for domain %s, got %s", d.Key, doc.Domain)
	}
	return doc, nil
}

// Owner reads the domain document and the JWKS behind jku, and opens the keys.
// fetch is the URL to read the JWKS from if that is not jku itself, as in a
// sandbox where jku names the acceptance environment.
func (d *Domain) Owner(ctx context.Context, jku, fetch string, private func(x5tS256 string) (*rsa.PrivateKey, error)) (*Owner, error) {
	doc, err := d.Document(ctx)
	if err != nil {
		return nil, err
	}
	if fetch == "" {
		fetch = jku
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fetch, nil)
	if err != nil {
		return nil, err
	}
	raw, err := d.client.do(req)
	if err != nil {
		return nil, fmt.Errorf("read the owner's JWKS: %w", err)
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(raw, &set); err != nil {
		return nil, fmt.Errorf("read the owner's JWKS: %w", err)
	}
	return OpenDomain(doc, OwnerConfig{JKU: jku, JWKS: set, PrivateKey: private, Now: d.client.Now, Rand: d.client.Rand})
}

func (c *Client) call(ctx context.Context, method, path string, body any) ([]byte, error) {
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.BaseURL, "/")+path, content)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Token != nil {
		token, err := c.Token(ctx)
		if err != nil {
			return nil, fmt.Errorf("get an access token: %w", err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return c.do(req)
}

func (c *Client) do(req *http.Request) ([]byte, error) {
	req.Header.Set("Accept", "application/json")
	if c.UserAgent != "" {
		req.Header.Set("User-Agent", c.UserAgent)
	}
	if c.From != "" {
		req.Header.Set("From", c.From)
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, problemOf(res.StatusCode, res.Header, raw)
	}
	return raw, nil
}

func (c *Client) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}
