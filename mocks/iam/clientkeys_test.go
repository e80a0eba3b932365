package iam

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
)

func TestKeysWithoutUseWarnOrAreSkipped(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for _, use := range []string{"", "enc"} {
		set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: g.demoKey().Public(), KeyID: "own", Use: use}}})
		if err != nil {
			t.Fatal(err)
		}
		g.control("PUT", "/clients/M2M/own", `{"name":"x","credentials":{"jwks":`+string(set)+`}}`)
		for _, mode := range []string{"lenient", "strict"} {
			g.set(map[string]string{"iam-assertion-mode": mode})
			res := g.post(m2mToken, m2mForm(signed(t, jose.RS256, g.demoKey(), "own", g.assertionOf("own", M2M))))
			if use == "" && mode == "lenient" {
				if res.StatusCode != 200 || !g.warned("iam-6.4-key") {
					t.Errorf("without use, lenient: %d %s %v", res.StatusCode, res.body, g.last().Warnings)
				}
				continue
			}
			g.wantError(res, 400, "invalid_client", "Unable to load public key")
		}
	}
}

func TestANewKeyWorksAtOnce(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	_, answer := certificateFile(t, g, "")
	key, err := parsePrivateKey([]byte(answer["private_key_pem"].(string)))
	if err != nil {
		t.Fatal(err)
	}
	for _, kid := range []string{answer["kid"].(string), ""} {
		res := g.post(m2mToken, m2mForm(signed(t, jose.RS256, key, kid, g.assertionOf("demo-hospital", M2M))))
		if res.StatusCode != 200 {
			t.Errorf("kid %q: got %d %s", kid, res.StatusCode, res.body)
		}
	}
}

// A document behind jwks_url is fetched again for an unknown kid, at most every
// ten seconds.
func TestExternalKeysAreFetchedAgainAfterRotation(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	kid := "one"
	fetches := 0
	keys := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		fetches++
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: g.demoKey().Public(), KeyID: kid, Use: "sig"}}})
	})
	g.control("PUT", "/clients/M2M/remote", `{"name":"x","credentials":{"jwks_url":"`+keys+`"}}`)
	try := func(kid string) int {
		return g.post(m2mToken, m2mForm(signed(t, jose.RS256, g.demoKey(), kid, g.assertionOf("remote", M2M)))).StatusCode
	}
	for range 2 {
		if got := try("one"); got != 200 || fetches != 1 {
			t.Fatalf("status %d, %d fetches, want 1", got, fetches)
		}
	}
	kid = "two"
	if try("two") != 400 || fetches != 1 {
		t.Errorf("within ten seconds: %d fetches, want 1", fetches)
	}
	g.t.Clock.Advance(11 * time.Second)
	if try("two") != 200 || fetches != 2 {
		t.Errorf("after ten seconds: %d fetches, want 2", fetches)
	}
}

func TestAnUnreachableJWKSIsSaidSo(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.control("PUT", "/clients/M2M/remote", `{"name":"x","credentials":{"jwks_url":"http://127.0.0.1:1/jwks"}}`)
	res := g.post(m2mToken, m2mForm(signed(t, jose.RS256, g.demoKey(), "", g.assertionOf("remote", M2M))))
	g.wantError(res, 400, "invalid_client", "Unable to load public key")
	if !strings.Contains(g.last().Refusal.Got, "download jwks") {
		t.Errorf("got %q", g.last().Refusal.Got)
	}
}

// Without a kid a new key pair is noticed by the signature: one more download.
func TestExternalKeysAreFetchedAgainAfterAFailedSignature(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	_, answer := certificateFile(t, g, "")
	fresh, err := parsePrivateKey([]byte(answer["private_key_pem"].(string)))
	if err != nil {
		t.Fatal(err)
	}
	current := g.demoKey()
	keys := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: current.Public(), KeyID: "only", Use: "sig"}}})
	})
	g.control("PUT", "/clients/M2M/remote", `{"name":"x","credentials":{"jwks_url":"`+keys+`"}}`)
	try := func() reply {
		return g.post(m2mToken, m2mForm(signed(t, jose.RS256, current, "", g.assertionOf("remote", M2M))))
	}
	if res := try(); res.StatusCode != 200 {
		t.Fatalf("first key: %s", res.body)
	}
	current = fresh
	g.t.Clock.Advance(11 * time.Second)
	if res := try(); res.StatusCode != 200 {
		t.Errorf("second key: %s", res.body)
	}
}
