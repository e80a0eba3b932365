package iam

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	jose "github.com/go-jose/go-jose/v4"
)

const (
	remoteLife  = 24 * time.Hour   // how long a downloaded key set is used
	remotePause = 10 * time.Second // shortest time between two downloads
	remoteWait  = 5 * time.Second  // real time a download may take
	remoteLimit = 1 << 20
)

// remoteKeys caches one tenant's downloads of clients' jwks_url documents.
type remoteKeys struct {
	mu   sync.Mutex
	sets map[string]remoteSet
}

type remoteSet struct {
	keys    []jose.JSONWebKey
	fetched time.Time // tenant's clock
}

// get returns the key set behind url. again asks for a new download, which
// happens at most every remotePause; the tenant's clock counts.
func (rk *remoteKeys) get(ctx context.Context, client *http.Client, url string, now time.Time, again bool) ([]jose.JSONWebKey, error) {
	rk.mu.Lock()
	set, ok := rk.sets[url]
	rk.mu.Unlock()
	age := now.Sub(set.fetched).Abs()
	if ok && age < remoteLife && (!again || age < remotePause) {
		return set.keys, nil
	}
	keys, err := download(ctx, client, url)
	if err != nil {
		if ok {
			return set.keys, nil // the old keys may still do
		}
		return nil, err
	}
	rk.mu.Lock()
	defer rk.mu.Unlock()
	if rk.sets == nil {
		rk.sets = map[string]remoteSet{}
	}
	rk.sets[url] = remoteSet{keys: keys, fetched: now}
	return keys, nil
}

func download(ctx context.Context, client *http.Client, url string) ([]jose.JSONWebKey, error) {
	if client == nil {
		return nil, fmt.Errorf("this sandbox does not call other hosts")
	}
	ctx, cancel := context.WithTimeout(ctx, remoteWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("jwks_url: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("download jwks: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("download jwks: %s answered %s", url, res.Status)
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, remoteLimit))
	if err != nil {
		return nil, fmt.Errorf("download jwks: %w", err)
	}
	return parseJWKS(raw)
}

// encryptsOnly tells whether key_ops, which go-jose does not keep, excludes
// signatures.
func encryptsOnly(jwk []byte) bool {
	var ops struct {
		KeyOps []string `json:"key_ops"`
	}
	return json.Unmarshal(jwk, &ops) == nil && len(ops.KeyOps) > 0 && !slices.Contains(ops.KeyOps, "verify")
}

// parseJWKS reads a key set and skips members that are no usable key, as
// RFC 7517 section 5 asks.
func parseJWKS(raw []byte) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(raw, &set); err != nil {
		return nil, fmt.Errorf("not a JWK set: %w", err)
	}
	var out []jose.JSONWebKey
	for _, one := range set.Keys {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(one) != nil || !key.Valid() {
			continue
		}
		if key.Use == "" && encryptsOnly(one) {
			key.Use = "enc"
		}
		out = append(out, key)
	}
	return out, nil
}
