package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// A public client of the real environments and the page it returns to.
const (
	clientID    = "nihdi-uhmep-hcp"
	redirectURI = "http://localhost:4200/"
	uhmepClient = "nihdi-uhmep-fhir-hcp" // target of the exchange
)

// metadata is what the journey reads of the discovery document.
type metadata struct {
	Issuer        string `json:"issuer"`
	Authorization string `json:"authorization_endpoint"`
	Token         string `json:"token_endpoint"`
	JWKS          string `json:"jwks_uri"`
	UserInfo      string `json:"userinfo_endpoint"`
}

// tokens is a token answer.
type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	ID      string `json:"id_token"`
	Scope   string `json:"scope"`
}

// claims are the claims the journey looks at.
type claims struct {
	Audience audience `json:"aud"`
	Azp      string   `json:"azp"`
	Access   map[string]struct {
		Roles []string `json:"roles"`
	} `json:"resource_access"`
}

// audience is a string or an array in a JWT.
type audience []string

// UnmarshalJSON implements json.Unmarshaler.
func (a *audience) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		*a = make(audience, 1)
		return json.Unmarshal(raw, &(*a)[0])
	}
	return json.Unmarshal(raw, (*[]string)(a))
}

// read decodes a token's claims. The receiver of a token verifies it first;
// the client it was issued to only looks.
func read(token string) (claims, error) {
	var c claims
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, fmt.Errorf("not a JWT: %s", shorten(token, 40))
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(raw, &c)
}

func (j *journey) landing(ctx context.Context) error {
	a, err := j.do(ctx, request{method: http.MethodGet, path: "/", want: http.StatusOK})
	if err != nil {
		return err
	}
	if !strings.Contains(string(a.body), "SANDBOX") || a.header.Get("X-Sandbox") != "true" {
		return fmt.Errorf("the page does not say that it is a sandbox")
	}
	return nil
}

func (j *journey) discover(ctx context.Context) error {
	a, err := j.do(ctx, request{method: http.MethodGet, path: "/auth/realms/healthcare/.well-known/openid-configuration", want: http.StatusOK})
	if err != nil {
		return err
	}
	if err := a.into(&j.meta); err != nil {
		return err
	}
	j.say("issuer %s", j.meta.Issuer)
	if !strings.HasSuffix(j.meta.Issuer, "/auth/realms/healthcare") {
		return fmt.Errorf("strange issuer %s", j.meta.Issuer)
	}
	keys := struct {
		Keys []struct {
			Kid string `json:"kid"`
			Use string `json:"use"`
		} `json:"keys"`
	}{}
	if a, err = j.do(ctx, request{method: http.MethodGet, path: j.meta.JWKS, want: http.StatusOK}); err != nil {
		return err
	}
	if err := a.into(&keys); err != nil {
		return err
	}
	for _, k := range keys.Keys {
		j.say("key %s for %s", k.Kid, k.Use)
	}
	return nil
}

// authorization is one run of the authorization code flow with PKCE (RFC 7636).
type authorization struct{ verifier, state string }

func newAuthorization() authorization { return authorization{random(), random()} }

func random() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

func (a authorization) query(extra map[string]string) string {
	challenge := sha256.Sum256([]byte(a.verifier))
	q := url.Values{"client_id": {clientID}, "redirect_uri": {redirectURI}, "response_type": {"code"}, "scope": {"openid"}, "state": {a.state},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"}}
	for k, v := range extra {
		q.Set(k, v)
	}
	return q.Encode()
}

// code reads the code out of the redirect and checks the state.
func (a authorization) code(location string) (string, error) {
	u, err := url.Parse(location)
	if err != nil {
		return "", err
	}
	q := u.Query()
	if q.Get("code") == "" || q.Get("state") != a.state || !strings.HasPrefix(location, redirectURI) {
		return "", fmt.Errorf("redirected to %s, without code or with another state", location)
	}
	return q.Get("code"), nil
}

var formAction = regexp.MustCompile(`(?s)<form[^>]*id="kc-form-login"[^>]*action="([^"]+)"|<form[^>]*action="([^"]+)"[^>]*id="kc-form-login"`)

// loginPage logs in as a person would: page, form, redirect.
func (j *journey) loginPage(ctx context.Context) error {
	auth := newAuthorization()
	page, err := j.do(ctx, request{method: http.MethodGet, path: j.meta.Authorization + "?" + auth.query(nil), want: http.StatusOK})
	if err != nil {
		return err
	}
	m := formAction.FindSubmatch(page.body)
	if m == nil {
		return fmt.Errorf("the login page has no form kc-form-login")
	}
	action := html.UnescapeString(string(slices.Concat(m[1], m[2])))
	if strings.HasPrefix(action, "/") {
		u, err := url.Parse(j.meta.Authorization)
		if err != nil {
			return err
		}
		action = u.Scheme + "://" + u.Host + action
	}
	var cookies []string
	for _, c := range (&http.Response{Header: page.header}).Cookies() {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	a, err := j.do(ctx, request{method: http.MethodPost, path: action, form: url.Values{"username": {"dr-peeters"}, "password": {"sandbox"}},
		header: map[string]string{"Cookie": strings.Join(cookies, "; ")}, want: http.StatusFound})
	if err != nil {
		return err
	}
	code, err := auth.code(a.header.Get("Location"))
	if err != nil {
		return err
	}
	_, err = j.redeem(ctx, auth, code)
	return err
}

// login gets tokens for a persona without a page: kc_idp_hint and login_hint
// are legal, and ignored, at the real service.
func (j *journey) login(ctx context.Context, persona string) (tokens, error) {
	auth := newAuthorization()
	q := auth.query(map[string]string{"kc_idp_hint": "sandbox-auto", "login_hint": persona})
	a, err := j.do(ctx, request{method: http.MethodGet, path: j.meta.Authorization + "?" + q, want: http.StatusFound})
	if err != nil {
		return tokens{}, err
	}
	code, err := auth.code(a.header.Get("Location"))
	if err != nil {
		return tokens{}, err
	}
	return j.redeem(ctx, auth, code)
}

func (j *journey) redeem(ctx context.Context, auth authorization, code string) (tokens, error) {
	return j.token(ctx, url.Values{"grant_type": {"authorization_code"}, "client_id": {clientID}, "redirect_uri": {redirectURI}, "code": {code}, "code_verifier": {auth.verifier}})
}

func (j *journey) token(ctx context.Context, form url.Values) (tokens, error) {
	var t tokens
	a, err := j.do(ctx, request{method: http.MethodPost, path: j.meta.Token, form: form, want: http.StatusOK})
	if err != nil {
		return t, err
	}
	if err := a.into(&t); err != nil {
		return t, err
	}
	if t.Access == "" {
		return t, fmt.Errorf("no access token in %s", shorten(string(a.body), 200))
	}
	return t, nil
}

func (j *journey) loginHeadless(ctx context.Context) error {
	var err error
	if j.initial, err = j.login(ctx, "dr-peeters"); err != nil {
		return err
	}
	refreshed, err := j.token(ctx, url.Values{"grant_type": {"refresh_token"}, "client_id": {clientID}, "refresh_token": {j.initial.Refresh}})
	if err != nil {
		return err
	}
	j.initial = refreshed
	return j.show("initial token", refreshed.Access)
}

// show prints audience and roles of a token.
func (j *journey) show(what, token string) error {
	c, err := read(token)
	if err != nil {
		return err
	}
	j.say("%s: aud %v", what, []string(c.Audience))
	for client, a := range c.Access {
		j.say("  roles of %s: %v", client, a.Roles)
	}
	return nil
}

// exchangeFor trades an initial token for one that UHMEP accepts (RFC 8693).
func (j *journey) exchangeFor(ctx context.Context, initial string) (tokens, error) {
	return j.token(ctx, url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "client_id": {clientID}, "subject_token": {initial},
		"subject_token_type": {"urn:ietf:params:oauth:token-type:access_token"}, "audience": {uhmepClient}})
}

func (j *journey) exchange(ctx context.Context) error {
	var err error
	if j.exchanged, err = j.exchangeFor(ctx, j.initial.Access); err != nil {
		return err
	}
	c, err := read(j.exchanged.Access)
	if err != nil {
		return err
	}
	if _, has := c.Access["ehealth-pseudo-api"]; has || !slices.Contains(c.Audience, uhmepClient) {
		return fmt.Errorf("the exchanged token has audience %v and may pseudonymise: %v", c.Audience, has)
	}
	return j.show("exchanged token", j.exchanged.Access)
}

// wrongTokens shows that UHMEP refuses the initial token and the
// pseudonymisation service the exchanged one.
func (j *journey) wrongTokens(ctx context.Context) error {
	for _, try := range []request{
		{method: http.MethodGet, path: "/uhmep/v1/ServiceRequest/any", bearer: j.initial.Access, want: http.StatusUnauthorized},
		{method: http.MethodPost, path: "/pseudo/v1/domains/uhmep_v1/pseudonymize", bearer: j.exchanged.Access, json: map[string]string{"id": "1"}, want: http.StatusForbidden},
	} {
		a, err := j.do(ctx, try)
		if err != nil {
			return err
		}
		if err := j.why(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// why reads the reason of a refusal in the journal: sandbox only.
func (j *journey) why(ctx context.Context, a answer) error {
	e, err := j.do(ctx, request{method: http.MethodGet, path: "/_sandbox/journal/" + a.header.Get("X-Sandbox-Trace"), want: http.StatusOK})
	if err != nil {
		return err
	}
	entry := struct {
		Refusal *struct{ Rule, Got, Want, Hint string } `json:"refusal"`
	}{}
	if err := e.into(&entry); err != nil {
		return err
	}
	if entry.Refusal == nil || entry.Refusal.Rule == "" {
		return fmt.Errorf("the journal does not say why: %s", shorten(string(e.body), 400))
	}
	j.say("refused by rule %s: got %q, want %q; %s", entry.Refusal.Rule, entry.Refusal.Got, entry.Refusal.Want, entry.Refusal.Hint)
	return nil
}
