package iam

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
)

// The whole way of an integrator without a browser.
func TestAPersonLogsInExchangesAndLogsOut(t *testing.T) {
	t.Parallel()
	g := newRig(t)

	disco := g.get("/auth/realms/healthcare/.well-known/openid-configuration").json(t)
	if got, want := disco["issuer"], g.srv.URL+"/auth/realms/healthcare"; got != want {
		t.Fatalf("issuer %v, want %v", got, want)
	}
	tokens := g.login("dr-peeters")
	access := payload(t, tokens["access_token"])
	if got := access["ssin"]; got != "71011599751" {
		t.Errorf("ssin %v", got)
	}
	if id := payload(t, tokens["id_token"]); id["nonce"] != "nonce-1" || id["aud"] != "demo-ehr-spa" {
		t.Errorf("ID token %v", id)
	}

	refreshed := g.post(oidcPath+"token", url.Values{"grant_type": {grantRefresh}, "client_id": {"demo-ehr-spa"}, "refresh_token": {tokens["refresh_token"].(string)}})
	if refreshed.StatusCode != http.StatusOK {
		t.Fatalf("refresh answered %d: %s", refreshed.StatusCode, refreshed.body)
	}
	subject := refreshed.json(t)["access_token"].(string)

	res := g.post(oidcPath+"token", exchangeForm(subject, nil))
	if res.StatusCode != http.StatusOK {
		t.Fatalf("exchange answered %d: %s", res.StatusCode, res.body)
	}
	exchanged := res.json(t)["access_token"].(string)
	if aud := payload(t, exchanged)["aud"].([]any); !slices.Contains(aud, any("nihdi-uhmep-fhir-hcp")) {
		t.Errorf("aud %v", aud)
	}
	info := g.get(oidcPath+"userinfo", "Authorization", "Bearer "+exchanged)
	if info.StatusCode != http.StatusOK || info.json(t)["sub"] != access["sub"] {
		t.Errorf("userinfo answered %d: %s", info.StatusCode, info.body)
	}
	out := g.do(g.browser, g.request(http.MethodGet, oidcPath+"logout?"+url.Values{
		"id_token_hint": {tokens["id_token"].(string)}, "post_logout_redirect_uri": {spaRedirect}, "state": {"bye"}}.Encode(), ""))
	if got, want := out.Header.Get("Location"), spaRedirect+"?state=bye"; out.StatusCode != http.StatusFound || got != want {
		t.Errorf("logout answered %d to %q, want %q", out.StatusCode, got, want)
	}
	after := g.get(oidcPath+"userinfo", "Authorization", "Bearer "+exchanged)
	if after.StatusCode != http.StatusUnauthorized {
		t.Errorf("userinfo after logout answered %d", after.StatusCode)
	}
}

func TestAnOrganisationGetsItsTwoTokens(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	pseudo := g.m2m("demo-hospital", "pseudo:api:pseudonymize pseudo:api:identify nihdi:uhmep:pseudo openid iam:authz")
	if pseudo["scope"] != "openid pseudo:api:identify iam:authz pseudo:api:pseudonymize profile nihdi:uhmep:pseudo" {
		t.Errorf("scope %v", pseudo["scope"])
	}
	org := payload(t, g.m2m("demo-hospital", "nihdi:uhmep:organization openid iam:authz")["access_token"])
	roles := org["resource_access"].(map[string]any)["nihdi-uhmep-api"].(map[string]any)["roles"].([]any)
	if len(roles) != 1 || roles[0] != "organization" {
		t.Errorf("roles %v", roles)
	}
}
