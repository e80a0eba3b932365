package iam

import (
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/fixtures"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// What eHealth would answer to a form.
func TestRegistrationFormsAreReviewed(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	const keys = `"credentials":{"ehealth_certificate":{"type":"NIHII-HOSPITAL","identifier":"71099911"}}`
	for _, tc := range []struct {
		name, realm, form string
		status            int
		says              string // in errors, warnings or corrections
	}{
		{"a good M2M form", "M2M", `{"name":"Hospital",` + keys + `}`, 201, ""},
		{"M2M is never public", "M2M", `{"name":"x","access_type":"public"}`, 400, "always confidential"},
		{"no credentials", "M2M", `{"name":"x"}`, 400, "needs ehealth_certificate"},
		{"unknown access type", "healthcare", `{"name":"x","access_type":"secret","redirect_uris":["http://localhost/*"]}`, 400, `access_type is \"secret\"`},
		{"access type missing", "healthcare", `{"name":"x","redirect_uris":["http://localhost/*"]}`, 201, "asks for public or confidential"},
		{"no redirect URI", "healthcare", `{"name":"x","access_type":"public"}`, 400, "redirect_uris is empty"},
		{"relative URI without root_url", "healthcare", `{"name":"x","access_type":"public","redirect_uris":["/cb"]}`, 400, "no root_url"},
		{"relative URI with root_url", "healthcare", `{"name":"x","access_type":"public","redirect_uris":["/cb"],"root_url":"https://a.example"}`, 201, ""},
		{"script URI", "healthcare", `{"name":"x","access_type":"public","redirect_uris":["javascript:alert(1)"]}`, 400, "may be sent to"},
		{"lone star", "healthcare", `{"name":"x","access_type":"public","redirect_uris":["*"]}`, 201, "lone * would not be accepted"},
		{"star in the middle", "healthcare", `{"name":"x","access_type":"public","redirect_uris":["https://*.a.example/x"]}`, 201, "taken literally"},
		{"root_url relative", "healthcare", `{"name":"x","access_type":"public","redirect_uris":["http://localhost/*"],"root_url":"x"}`, 400, "root_url"},
		{"misspelt certificate type", "M2M", `{"name":"x","credentials":{"ehealth_certificate":{"type":"NIHII-END_CAREER","identifier":"71099911"}}}`, 400, "did you mean NIHII-END-CAREER?"},
		{"identifier missing", "M2M", `{"name":"x","credentials":{"ehealth_certificate":{"type":"CBE","identifier":""}}}`, 400, "identifier is missing"},
		{"identifier of odd length", "M2M", `{"name":"x","credentials":{"ehealth_certificate":{"type":"NIHII-HOSPITAL","identifier":"710999117"}}}`, 201, "8 digits"},
		{"leading zero lost", "M2M", `{"name":"x","credentials":{"ehealth_certificate":{"type":"CBE","identifier":"999999031"}}}`, 201, "did you mean 0999999031?"},
		{"wrong check digits of a CBE number", "M2M", `{"name":"x","credentials":{"ehealth_certificate":{"type":"CBE","identifier":"0999999032"}}}`, 201, "check digits of enterprise number"},
		{"wrong check digits of a NIHII number", "M2M", `{"name":"x","credentials":{"ehealth_certificate":{"type":"NIHII-HOSPITAL","identifier":"71099912"}}}`, 201, "check digits of NIHII number"},
		{"certificate for encryption", "M2M", `{"name":"x","credentials":{"ehealth_certificate":{"type":"NIHII-HOSPITAL","identifier":"71099911","use":"enc"}}}`, 201, "sig keys only"},
		{"certificate for nothing", "M2M", `{"name":"x","credentials":{"ehealth_certificate":{"type":"NIHII-HOSPITAL","identifier":"71099911","use":"x"}}}`, 400, "give sig or enc"},
		{"secret", "M2M", `{"name":"x","credentials":{"client_secret":"s"}}`, 201, "local convenience"},
		{"jwks_url", "M2M", `{"name":"x","credentials":{"jwks_url":"ftp://x"}}`, 400, "not an http(s) URL"},
		{"jwks without keys", "M2M", `{"name":"x","credentials":{"jwks":{"keys":[]}}}`, 400, "not a JWK set"},
		{"scope of another realm", "M2M", `{"name":"x","scopes_optional":["iam:connect:exchange"],` + keys + `}`, 400, "does not exist in realm M2M"},
		{"scopes as on the form", "M2M", `{"name":"x","scopes_optional":["Pseudo:api:identify;Nihdi:uhmep:pseudo; lam:authz"],` + keys + `}`, 201, "registered as iam:authz"},
		{"unknown scope", "M2M", `{"name":"x","scopes_optional":["nihdi:uhmep:organisation"],` + keys + `}`, 201, "did you mean nihdi:uhmep:organization?"},
		{"exchange in M2M", "M2M", `{"name":"x","flags":{"exchange_targets":["nihdi-uhmep-api"]},` + keys + `}`, 400, "two tokens"},
		{"exchange target follows from scopes", "healthcare", `{"name":"x","access_type":"public","redirect_uris":["http://localhost/*"],"scopes_default":["iam:connect:exchange","nihdi:uhmep:hcp"]}`, 201, "exchange_targets: nihdi-uhmep-fhir-hcp"},
		{"healthcare form incomplete", "healthcare", `{"name":"x","access_type":"public","redirect_uris":["http://localhost/*"]}`, 201, "contact are required"},
		{"contact without a mail address", "healthcare", `{"name":"x","access_type":"public","redirect_uris":["http://localhost/*"],"contact":{"name":"A","mails":["nobody"]}}`, 201, "not a mail address"},
		{"lifetime out of range", "M2M", `{"name":"x","flags":{"lifetimes":{"access":-1}},` + keys + `}`, 400, "flags.lifetimes.access"},
		{"environment unknown", "M2M", `{"name":"x","environment":"Test",` + keys + `}`, 201, "Acceptation"},
		{"no purpose", "M2M", `{` + keys + `}`, 201, "purpose"},
		{"web origin with a path", "healthcare", `{"name":"x","access_type":"public","redirect_uris":["http://localhost/*"],"web_origins":["http://localhost/x"]}`, 201, "not an origin"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res := g.control("PUT", "/clients/"+tc.realm+"/form-"+strings.ReplaceAll(tc.name, " ", "-"), tc.form)
			if res.StatusCode != tc.status || !strings.Contains(string(res.body), tc.says) {
				t.Errorf("%d %s, want %d with %q", res.StatusCode, res.body, tc.status, tc.says)
			}
		})
	}
}

func TestARefusedFormChangesNothing(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	g.control("PUT", "/clients/healthcare/demo-ehr-spa", `{"name":"x","access_type":"public"}`)
	g.login("dr-peeters")
}

func TestM2MFormsGetTheirAutomaticScopes(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	body := g.control("PUT", "/clients/M2M/auto", `{"name":"x","credentials":{"client_secret":"s"},"scopes_optional":["nihdi:uhmep:pseudo"]}`).json(t)
	if got := words(body["client"].(map[string]any)["scopes_default"]); got != "openid ssin profile" {
		t.Errorf("default scopes %q", got)
	}
}

func TestThereAreTwentySixCertificateTypes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	groups := 0
	for _, c := range certTypes() {
		if seen[c.Name] {
			t.Errorf("%s is there twice", c.Name)
		}
		seen[c.Name] = true
		if (c.Key == "") != (c.TargetGroup == "") {
			t.Errorf("%s: key %q, target group %q", c.Name, c.Key, c.TargetGroup)
		}
		if c.Key != "" {
			groups++
		}
		if want := 8; strings.HasPrefix(c.Name, "NIHII-") && c.Digits != want || !strings.HasPrefix(c.Name, "NIHII-") && c.Digits != 10 {
			t.Errorf("%s has %d digits", c.Name, c.Digits)
		}
	}
	if len(seen) != 26 || groups != 9 {
		t.Errorf("%d types, %d target groups", len(seen), groups)
	}
}

func TestOrganisationsAndCertificateTypesAgree(t *testing.T) {
	t.Parallel()
	registry, err := world.New(fixtures.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range registry.SeededOrganisations() {
		ct, ok := certTypeByName(o.CertificateType)
		if !ok || ct.Key != o.TokenKey || ct.TargetGroup != o.TargetGroup {
			t.Errorf("%s: %+v", o.Key, ct)
		}
	}
}

func TestBadFixturesAreRefusedWithTheirPlace(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, file, content, says string }{
		{"misspelt member", "iam/clients.yaml", "- {realm: M2M, client_id: a, acess_type: confidential}", "clients.yaml"},
		{"form that would be refused", "iam/clients.yaml", "- {realm: M2M, client_id: a, access_type: public}", "iam/clients.yaml:1: client a"},
		{"client twice", "iam/clients.yaml", "- {realm: M2M, client_id: a, access_type: resource}\n- {realm: M2M, client_id: a, access_type: resource}", "there twice"},
		{"scope in no realm", "iam/scopes.yaml", "- {name: openid, realms: [mars]}", "mars"},
		{"scopes without openid", "iam/scopes.yaml", "- {name: roles, realms: [M2M]}", "openid"},
		{"scope with unknown claims", "iam/scopes.yaml", "- {name: openid, claims: [shoes]}", "shoes"},
		{"scope twice", "iam/scopes.yaml", "- {name: openid}\n- {name: openid}", "twice"},
		{"certificate of no type", "iam/certificates.yaml", "- {type: HOSPITAL, identifier: '1', key: keys/demo-client.pem}", "did you mean"},
		{"certificate without key", "iam/certificates.yaml", "- {type: CBE, identifier: '1', key: keys/none.pem}", "none.pem"},
		{"key that is none", "iam/keys/m2m-sig.pem", "hello", "no PEM block"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			files := overlayFS{fixtures.FS, tc.file, tc.content}
			registry, err := world.New(fixtures.FS)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := New(Config{Fixtures: files, World: registry}); err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v, want an error with %q", err, tc.says)
			}
		})
	}
}
