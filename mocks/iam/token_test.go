package iam

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	jose "github.com/go-jose/go-jose/v4"
)

func TestTokenEndpointRowsCommonToAllGrants(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for _, tc := range []struct {
		name              string
		path              string
		form              url.Values
		status            int
		code, description string
	}{
		{"row 1: no grant_type", oidcPath + "token", url.Values{"client_id": {"demo-ehr-spa"}}, 400, "invalid_request", "Missing form parameter: grant_type"},
		{"row 1: query parameters are ignored", oidcPath + "token?grant_type=refresh_token&client_id=demo-ehr-spa", url.Values{}, 400, "invalid_request", "Missing form parameter: grant_type"},
		{"row 2: unknown grant_type", oidcPath + "token", url.Values{"grant_type": {"magic"}}, 400, "unsupported_grant_type", "Unsupported grant_type"},
		{"row 2: device grant", oidcPath + "token", url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}}, 400, "unsupported_grant_type", "Unsupported grant_type"},
		{"password grant is off", oidcPath + "token", url.Values{"grant_type": {"password"}}, 400, "unsupported_grant_type", "Unsupported grant_type"},
		{"token exchange does not exist in M2M", m2mToken, url.Values{"grant_type": {grantExchange}}, 400, "unsupported_grant_type", "Unsupported grant_type"},
		{"row 3 before row 4: unknown client", oidcPath + "token", url.Values{"grant_type": {"refresh_token"}, "client_id": {"nobody"}, "x": {"1", "2"}}, 401, "invalid_client", badCredentials},
		{"row 4: a key twice", oidcPath + "token", url.Values{"grant_type": {"refresh_token"}, "client_id": {"demo-ehr-spa"}, "refresh_token": {"a", "b"}}, 400, "invalid_request", "duplicated parameter"},
		{"client_credentials for a public client", oidcPath + "token", url.Values{"grant_type": {"client_credentials"}, "client_id": {"demo-ehr-spa"}}, 401, "unauthorized_client", "Public client not allowed to retrieve service account"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res := g.post(tc.path, tc.form)
			g.wantError(res, tc.status, tc.code, tc.description)
			if res.Header.Get("Content-Type") != "application/json" || res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Pragma") != "no-cache" {
				t.Errorf("headers %v", res.Header)
			}
		})
	}
}

func TestTheJournalTellsM2MClientsToAskForTwoTokens(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.post(m2mToken, url.Values{"grant_type": {grantExchange}})
	if f := g.last().Refusal; f.Rule != "iam-6.1-exchange-m2m" || !strings.Contains(f.Hint, "two tokens") {
		t.Errorf("refusal %+v", f)
	}
}

func TestJSONInsteadOfAFormIsExplained(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	res := g.do(http.DefaultClient, g.request("POST", oidcPath+"token", `{"grant_type":"x"}`, "Content-Type", "application/json"))
	if res.StatusCode != 415 || !strings.Contains(g.last().Refusal.Hint, "form") {
		t.Errorf("status %d, %+v", res.StatusCode, g.last().Refusal)
	}
}

func TestConfidentialClientsOfHealthcareHaveNoServiceAccount(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	a := signed(t, jose.RS256, g.demoKey(), "", g.assertionOf("demo-ehr-server", Healthcare))
	res := g.post(oidcPath+"token", m2mForm(a))
	g.wantError(res, 401, "unauthorized_client", "Client not enabled to retrieve service account")
}

func TestStandardFlowIsNotForM2M(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	a := signed(t, jose.RS256, g.demoKey(), "", g.assertionOf("demo-hospital", M2M))
	res := g.post(m2mToken, m2mForm(a, "grant_type", grantCode, "code", "x"))
	g.wantError(res, 400, "unauthorized_client", "Client not allowed for standard flow")
	a = signed(t, jose.RS256, g.demoKey(), "", g.assertionOf("demo-hospital", M2M))
	res = g.post(m2mToken, m2mForm(a, "grant_type", grantRefresh, "refresh_token", "x"))
	g.wantError(res, 400, "invalid_grant", "Invalid refresh token")
}

// The rows of client authentication that are not about the assertion's content.
func TestClientAuthenticationParameters(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.control("PUT", "/clients/healthcare/secretive", `{"name":"x","access_type":"confidential","redirect_uris":["http://localhost/*"],"credentials":{"client_secret":"s3cret"}}`)
	g.control("PUT", "/clients/M2M/switched-off", `{"name":"x","credentials":{"client_secret":"s3cret"},"flags":{"disabled":true}}`)
	for _, tc := range []struct {
		name              string
		path              string
		form              url.Values
		basic             string
		status            int
		code, description string
	}{
		{"no client at all", m2mToken, url.Values{}, "", 401, "invalid_client", badCredentials},
		{"unknown client", m2mToken, url.Values{"client_id": {"nobody"}}, "", 401, "invalid_client", badCredentials},
		{"disabled client", m2mToken, url.Values{"client_id": {"switched-off"}, "client_secret": {"s3cret"}}, "", 401, "invalid_client", badCredentials},
		{"resource client", m2mToken, url.Values{"client_id": {"nihdi-uhmep-api"}}, "", 401, "invalid_client", badCredentials},
		{"secret missing", oidcPath + "token", url.Values{"client_id": {"secretive"}}, "", 401, "unauthorized_client", badCredentials},
		{"secret wrong", oidcPath + "token", url.Values{"client_id": {"secretive"}, "client_secret": {"guess"}}, "", 401, "unauthorized_client", badCredentials},
		{"secret wrong, basic", oidcPath + "token", url.Values{}, "secretive:guess", 401, "unauthorized_client", badCredentials},
		{"secret for a client with keys", m2mToken, url.Values{"client_id": {"demo-hospital"}, "client_secret": {"guess"}}, "", 401, "unauthorized_client", badCredentials},
		{"assertion without type", m2mToken, url.Values{"client_assertion": {"x"}}, "", 400, "invalid_client", "Parameter client_assertion_type is missing"},
		{"type wrong", m2mToken, url.Values{"client_assertion": {"x"}, "client_assertion_type": {"saml"}}, "", 400, "invalid_client",
			"Parameter client_assertion_type has value 'saml' but expected is 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'"},
		{"type without assertion", m2mToken, url.Values{"client_assertion_type": {assertionType}}, "", 400, "invalid_client", "client_assertion parameter missing"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.form.Set("grant_type", grantCredentials)
			var header []string
			if tc.basic != "" {
				header = []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(tc.basic))}
			}
			g.wantError(g.post(tc.path, tc.form, header...), tc.status, tc.code, tc.description)
		})
	}
	ok := g.post(oidcPath+"token", url.Values{"grant_type": {grantCredentials}, "client_id": {"secretive"}, "client_secret": {"s3cret"}})
	if ok.json(t)["error_description"] != "Client not enabled to retrieve service account" || !g.warned("iam-6.4-secret") {
		t.Errorf("a right secret: %s, %+v", ok.body, g.last().Warnings)
	}
}

func TestTheClientWithoutScopeParameterHasItsRoles(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	res := g.m2m("demo-m2m-noscope", "")
	access := payload(t, res["access_token"])["resource_access"].(map[string]any)
	if _, ok := access["ehealth-pseudo-api"]; !ok {
		t.Errorf("resource_access %v", access)
	}
}

func TestScopesOutsideTheRegistrationAreNamed(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for _, tc := range []struct{ name, scope, hint string }{
		{"not registered", "openid nihdi:uhmep:hcp", "exists only in realm healthcare"},
		{"capital of the form", "openid Pseudo:api:pseudonymize", "write pseudo:api:pseudonymize"},
		{"l for capital i", "lam:authz", "write iam:authz"},
		{"exchange scope", "iam:connect:exchange", "two tokens"},
		{"unknown", "openid iam:auth", "did you mean iam:authz"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := signed(t, jose.RS256, g.demoKey(), "", g.assertionOf("demo-hospital", M2M))
			g.wantError(g.post(m2mToken, m2mForm(a, "scope", tc.scope)), 400, "invalid_scope", "Invalid scopes: "+tc.scope)
			if !strings.Contains(g.last().Refusal.Hint, tc.hint) {
				t.Errorf("hint %q, want %q", g.last().Refusal.Hint, tc.hint)
			}
		})
	}
}

func TestAudienceParameterOfClientCredentials(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	all := "openid pseudo:api:identify nihdi:uhmep:pseudo"
	for _, tc := range []struct {
		name, audience string
		want           []any
		warning        bool
	}{
		{"none", "", []any{"demo-hospital", "nihdi-uhmep-api", "ehealth-pseudo-api"}, false},
		{"a resource client", "ehealth-pseudo-api", []any{"demo-hospital", "ehealth-pseudo-api"}, false},
		{"unknown", "nowhere", []any{"demo-hospital", "nihdi-uhmep-api", "ehealth-pseudo-api"}, true},
		{"a client that owns no roles", "demo-guardpost", []any{"demo-hospital", "nihdi-uhmep-api", "ehealth-pseudo-api"}, true},
	} {
		a := signed(t, jose.RS256, g.demoKey(), "", g.assertionOf("demo-hospital", M2M))
		res := g.post(m2mToken, m2mForm(a, "scope", all, "audience", tc.audience))
		if got := payload(t, res.json(t)["access_token"])["aud"].([]any); !slices.Equal(got, tc.want) {
			t.Errorf("%s: aud %v, want %v", tc.name, got, tc.want)
		}
		if g.warned("iam-6.7-audience") != tc.warning {
			t.Errorf("%s: warnings %v", tc.name, g.last().Warnings)
		}
	}
}

func TestM2MTokensThatWillBeOfNoUseAreWarnedAbout(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for _, tc := range []struct{ client, scope, rule string }{
		{"demo-hospital", "openid pseudo:api:identify nihdi:uhmep:organization", "iam-6.7-two-tokens"},
		{"demo-hospital", "openid iam:authz", "iam-6.7-no-business-scope"},
		{"cbe-0999999031", "openid nihdi:uhmep:organization", "iam-3.3-target-group"},
	} {
		token := payload(t, g.m2m(tc.client, tc.scope)["access_token"])
		if !g.warned(tc.rule) {
			t.Errorf("%s: warnings %v", tc.rule, g.last().Warnings)
		}
		if access, _ := token["resource_access"].(map[string]any); tc.client == "cbe-0999999031" && access["nihdi-uhmep-api"] != nil {
			t.Errorf("a CBE certificate got %v", access)
		}
	}
}

func TestEveryOrganisationOfTheWorldHasItsClient(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	for _, o := range g.s.cfg.World.SeededOrganisations() {
		token := payload(t, g.m2m("demo-"+o.TokenKey, "openid nihdi:uhmep:organization")["access_token"])
		want := fmt.Sprintf(`{"organizations":[{"%s":{"name":"%s","nihii":"%s"}}]}`, o.TokenKey, o.Name, o.NIHII)
		got, err := json.Marshal(token["userProfile"])
		if err != nil || string(got) != want {
			t.Errorf("%s: userProfile %s, want %s", o.Key, got, want)
		}
	}
}

func TestUHMEPBackendMayConvert(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	roles := payload(t, g.m2m("uhmep-backend", "")["access_token"])["resource_access"].(map[string]any)["ehealth-pseudo-api"].(map[string]any)["roles"].([]any)
	if !slices.Contains(roles, any("convert")) {
		t.Errorf("roles %v", roles)
	}
}
