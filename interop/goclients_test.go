package interop

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	oidcclient "github.com/coreos/go-oidc/v3/oidc"
	"github.com/zitadel/oidc/v3/pkg/client/rp"
	"github.com/zitadel/oidc/v3/pkg/client/rs"
	"github.com/zitadel/oidc/v3/pkg/client/tokenexchange"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"golang.org/x/oauth2"
)

const (
	redirectURI   = "http://localhost/iam-connect-endpoint/"
	publicClient  = "nihdi-uhmep-hcp"
	uhmepAudience = "nihdi-uhmep-fhir-hcp"
)

// control makes one call of the sandbox's control API and fails the test unless it is answered with 2xx.
func control(t *testing.T, base, method, path string, body any) {
	t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, base+"/_sandbox"+path, bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if answer, _ := io.ReadAll(res.Body); res.StatusCode >= 300 {
		t.Fatalf("%s /_sandbox%s: %s\n%s", method, path, res.Status, answer)
	}
}

// codeFor follows the authorization address without a browser: the persona is named by standard parameters, and the
// answer is the redirect that carries the code.
func codeFor(t *testing.T, authURL, persona string) string {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(authURL + "&kc_idp_hint=sandbox-auto&login_hint=" + url.QueryEscape(persona))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	location, err := res.Location()
	if err != nil {
		body, _ := io.ReadAll(res.Body)
		t.Fatalf("authorization: %s without redirect\n%s", res.Status, body)
	}
	code := location.Query().Get("code")
	if code == "" {
		t.Fatalf("authorization came back without a code: %s", location)
	}
	return code
}

func verifierAndChallenge() (verifier, challenge string) {
	verifier = rand.Text() + rand.Text()
	sum := sha256.Sum256([]byte(verifier))
	return verifier, base64.RawURLEncoding.EncodeToString(sum[:])
}

// signInWithGoOIDC is the code flow as go-oidc's manual shows it.
func signInWithGoOIDC(t *testing.T, base, persona string) (*oidcclient.Provider, *oauth2.Token) {
	t.Helper()
	provider, err := oidcclient.NewProvider(t.Context(), base+"/auth/realms/healthcare")
	if err != nil {
		t.Fatal(err)
	}
	config := oauth2.Config{ClientID: publicClient, RedirectURL: redirectURI, Endpoint: provider.Endpoint(), Scopes: []string{oidcclient.ScopeOpenID}}
	verifier := oauth2.GenerateVerifier()
	code := codeFor(t, config.AuthCodeURL("state", oauth2.S256ChallengeOption(verifier), oidcclient.Nonce("n-1")), persona)
	token, err := config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	return provider, token
}

func idTokenOf(t *testing.T, token *oauth2.Token) string {
	t.Helper()
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		t.Fatal("no id_token in the answer")
	}
	return raw
}

func TestGoOIDC(t *testing.T) {
	t.Parallel()
	base := startSandbox(t)
	defer recordCoverage(t, base, "go-oidc")
	provider, token := signInWithGoOIDC(t, base, "dr-peeters")
	keys := provider.Verifier(&oidcclient.Config{ClientID: publicClient})

	t.Run("the ID token verifies, with nonce and at_hash", func(t *testing.T) {
		id, err := keys.Verify(t.Context(), idTokenOf(t, token))
		if err != nil {
			t.Fatal(err)
		}
		if id.Nonce != "n-1" {
			t.Errorf("nonce %q, want n-1", id.Nonce)
		}
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			t.Error(err)
		}
		var claims struct {
			SSIN        string `json:"ssin"`
			UserProfile struct {
				Physician struct {
					NIHII11 string `json:"nihii11"`
				} `json:"physician"`
			} `json:"userProfile"`
		}
		if err := id.Claims(&claims); err != nil {
			t.Fatal(err)
		}
		if claims.SSIN != "71011599751" || claims.UserProfile.Physician.NIHII11 != "19990116004" {
			t.Errorf("claims %+v, want ssin 71011599751 and nihii11 19990116004", claims)
		}
	})
	t.Run("userinfo has the subject of the ID token", func(t *testing.T) {
		info, err := provider.UserInfo(t.Context(), oauth2.StaticTokenSource(token))
		if err != nil {
			t.Fatal(err)
		}
		if id, err := keys.Verify(t.Context(), idTokenOf(t, token)); err != nil || info.Subject != id.Subject {
			t.Errorf("subject %q, want that of the ID token (%v)", info.Subject, err)
		}
	})
	t.Run("an ID token is not taken for another client's", func(t *testing.T) {
		other := provider.Verifier(&oidcclient.Config{ClientID: "demo-ehr-spa"})
		if _, err := other.Verify(t.Context(), idTokenOf(t, token)); err == nil {
			t.Error("verified for demo-ehr-spa")
		}
	})
	t.Run("the other realm's verifier refuses it", func(t *testing.T) {
		m2m, err := oidcclient.NewProvider(t.Context(), base+"/auth/realms/M2M")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m2m.Verifier(&oidcclient.Config{SkipClientIDCheck: true}).Verify(t.Context(), idTokenOf(t, token)); err == nil {
			t.Error("verified by M2M")
		}
	})
	t.Run("the exchanged access token verifies for its new audience", func(t *testing.T) {
		exchanged := exchangeByForm(t, base, token.AccessToken)
		access := provider.Verifier(&oidcclient.Config{ClientID: uhmepAudience})
		if _, err := access.Verify(t.Context(), exchanged); err != nil {
			t.Error(err)
		}
		if _, err := access.Verify(t.Context(), token.AccessToken); err == nil {
			t.Error("the initial token verified for " + uhmepAudience)
		}
	})
	t.Run("after a key rotation old and new tokens verify", func(t *testing.T) {
		control(t, base, http.MethodPost, "/iam/realms/healthcare/keys/rotate", map[string]bool{"keep_previous": true})
		_, fresh := signInWithGoOIDC(t, base, "nurse-claes")
		for name, raw := range map[string]string{"old": idTokenOf(t, token), "new": idTokenOf(t, fresh)} {
			if _, err := keys.Verify(t.Context(), raw); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if keyID(t, idTokenOf(t, token)) == keyID(t, idTokenOf(t, fresh)) {
			t.Error("the key did not change")
		}
	})
}

func keyID(t *testing.T, raw string) string {
	t.Helper()
	head, err := base64.RawURLEncoding.DecodeString(raw[:strings.IndexByte(raw, '.')])
	if err != nil {
		t.Fatal(err)
	}
	var header struct {
		KID string `json:"kid"`
	}
	if err := json.Unmarshal(head, &header); err != nil {
		t.Fatal(err)
	}
	return header.KID
}

// accessToken posts a form to the token endpoint of healthcare and answers the access token.
func accessToken(base string, form url.Values) (string, error) {
	res, err := http.PostForm(base+"/auth/realms/healthcare/protocol/openid-connect/token", form)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusOK || answer.AccessToken == "" {
		return "", fmt.Errorf("token endpoint: %s %s %s", res.Status, answer.Error, answer.Description)
	}
	return answer.AccessToken, nil
}

func exchangeByForm(t *testing.T, base, subject string) string {
	t.Helper()
	token, err := accessToken(base, url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "client_id": {publicClient}, "subject_token": {subject},
		"subject_token_type": {"urn:ietf:params:oauth:token-type:access_token"}, "audience": {uhmepAudience},
	})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// goServer registers a confidential client with a secret, the way a developer would for a first try.
func goServer(t *testing.T, base string) (id, secret string) {
	t.Helper()
	id, secret = "go-server", "only-for-the-sandbox"
	control(t, base, http.MethodPut, "/iam/clients/healthcare/"+id, map[string]any{
		"realm": "healthcare", "client_id": id, "name": "Go server", "description": "interop", "access_type": "confidential",
		"scopes_default": []string{"openid", "profile", "ssin", "iam:authz", "iam:connect:exchange", "pseudo:api:pseudonymize",
			"pseudo:api:identify", "nihdi:uhmep:pseudo", "nihdi:uhmep:hcp"},
		"redirect_uris": []string{redirectURI}, "environment": "Integration",
		"credentials": map[string]any{"client_secret": secret},
		"flags":       map[string]any{"standard_flow": true},
	})
	return id, secret
}

func TestZitadelOIDC(t *testing.T) {
	t.Parallel()
	base := startSandbox(t)
	defer recordCoverage(t, base, "zitadel/oidc")
	issuer := base + "/auth/realms/healthcare"
	id, secret := goServer(t, base)

	signIn := func(t *testing.T, clientID, clientSecret string) (rp.RelyingParty, *oidc.Tokens[*oidc.IDTokenClaims]) {
		t.Helper()
		party, err := rp.NewRelyingPartyOIDC(t.Context(), issuer, clientID, clientSecret, redirectURI, []string{oidc.ScopeOpenID},
			rp.WithVerifierOpts(rp.WithIssuedAtMaxAge(time.Minute), rp.WithNonce(func(context.Context) string { return "n-2" })),
			rp.WithSigningAlgsFromDiscovery())
		if err != nil {
			t.Fatal(err)
		}
		verifier, challenge := verifierAndChallenge()
		code := codeFor(t, rp.AuthURL("state", party, rp.WithCodeChallenge(challenge),
			rp.AuthURLOpt(rp.WithURLParam("nonce", "n-2"))), "dr-peeters")
		tokens, err := rp.CodeExchange[*oidc.IDTokenClaims](t.Context(), code, party, rp.WithCodeVerifier(verifier))
		if err != nil {
			t.Fatal(err)
		}
		return party, tokens
	}

	t.Run("a public client signs in, reads userinfo and renews", func(t *testing.T) {
		party, tokens := signIn(t, publicClient, "")
		info, err := rp.Userinfo[*oidc.UserInfo](t.Context(), tokens.AccessToken, tokens.TokenType, tokens.IDTokenClaims.Subject, party)
		if err != nil {
			t.Fatal(err)
		}
		if info.FamilyName != "Peeters" {
			t.Errorf("family name %q, want Peeters", info.FamilyName)
		}
		// A refreshed ID token has no nonce, so it is checked by a party that does not ask for one.
		later, err := rp.NewRelyingPartyOIDC(t.Context(), issuer, publicClient, "", redirectURI, []string{oidc.ScopeOpenID})
		if err != nil {
			t.Fatal(err)
		}
		renewed, err := rp.RefreshTokens[*oidc.IDTokenClaims](t.Context(), later, tokens.RefreshToken, "", "")
		if err != nil {
			t.Fatal(err)
		}
		if renewed.AccessToken == tokens.AccessToken {
			t.Error("refreshing gave the same access token")
		}
	})
	t.Run("a confidential client signs in, introspects and revokes", func(t *testing.T) {
		party, tokens := signIn(t, id, secret)
		server, err := rs.NewResourceServerClientCredentials(t.Context(), issuer, id, secret)
		if err != nil {
			t.Fatal(err)
		}
		alive, err := rs.Introspect[*oidc.IntrospectionResponse](t.Context(), server, tokens.AccessToken)
		if err != nil {
			t.Fatal(err)
		}
		if !alive.Active || alive.ClientID != id {
			t.Errorf("introspection %+v, want active for %s", alive, id)
		}
		if err := rp.RevokeToken(t.Context(), party, tokens.RefreshToken, "refresh_token"); err != nil {
			t.Fatal(err)
		}
		if _, err := rp.RefreshTokens[*oidc.IDTokenClaims](t.Context(), party, tokens.RefreshToken, "", ""); err == nil {
			t.Error("a revoked refresh token was accepted")
		}
	})
	t.Run("the token exchanger exchanges for eReferral", func(t *testing.T) {
		_, tokens := signIn(t, id, secret)
		exchanger, err := tokenexchange.NewTokenExchangerClientCredentials(t.Context(), issuer, id, secret)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := tokenexchange.ExchangeToken(t.Context(), exchanger, tokens.AccessToken, oidc.AccessTokenType, "", "",
			nil, []string{uhmepAudience}, nil, oidc.AccessTokenType)
		if err != nil {
			t.Fatal(err)
		}
		if answer.AccessToken == "" || answer.RefreshToken != "" {
			t.Errorf("want an access token alone, got %+v", answer)
		}
	})
	t.Run("sign-out answers the redirect address", func(t *testing.T) {
		party, tokens := signIn(t, publicClient, "")
		to, err := rp.EndSession(t.Context(), party, tokens.IDToken, redirectURI, "bye", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		if want := redirectURI + "?state=bye"; to.String() != want {
			t.Errorf("sign-out goes to %s, want %s", to, want)
		}
	})
	// This library's client assertions carry no jti, which Keycloak demands.
	t.Run("its client assertions are refused for want of a jti, as by Keycloak", func(t *testing.T) {
		party, err := rp.NewRelyingPartyOIDC(t.Context(), base+"/auth/realms/M2M", "demo-hospital", "", redirectURI, nil,
			rp.WithJWTProfile(rp.SignerFromKeyAndKeyID(demoClientKey(t), "sandbox-1795000006")))
		if err != nil {
			t.Fatal(err)
		}
		assertion := signedAssertion(t, party, base)
		_, err = rp.ClientCredentials(t.Context(), party, url.Values{"client_assertion": {assertion},
			"client_assertion_type": {oidc.ClientAssertionTypeJWTAssertion}})
		if err == nil || !strings.Contains(err.Error(), "Token jti claim is required") {
			t.Errorf("got %v, want: Token jti claim is required", err)
		}
	})
}

// demoClientKey is the key of the seeded machine clients, as an integrator finds it in the repository.
func demoClientKey(t *testing.T) []byte {
	t.Helper()
	key, err := fixtureKey()
	if err != nil {
		t.Fatal(fmt.Errorf("seeded client key: %w", err))
	}
	return key
}
