package settings

// iamTable holds what I.AM Connect leaves open to the sandbox. The profile
// "strict" overrides the individual switches with their severe side.
func iamTable() []Setting {
	return []Setting{
		{Name: "iam-profile", Default: "default", Values: []string{"default", "strict"}, PerTenant: true, Help: "strict sets every IAM switch to its severe side, for a last check before acceptance"},
		{Name: "iam-assertion-mode", Default: "lenient", Values: []string{"lenient", "strict"}, PerTenant: true, Help: "client assertions: lenient only warns about far expiry, missing iat and old iat (up to 1 h)"},
		{Name: "iam-exchange-mode", Default: "v1", Values: []string{"v1", "v2"}, PerTenant: true, Help: "token exchange as in Keycloak's legacy (v1) or standard (v2) form; v2 refuses public clients"},
		{Name: "iam-aud-style", Default: "array", Values: []string{"array", "keycloak"}, PerTenant: true, Help: "aud of access tokens: always an array with the client in it, or plain Keycloak's form"},
		{Name: "iam-pkce", Default: "required", Values: []string{"required", "optional"}, PerTenant: true, Help: "whether public clients must send a code_challenge"},
		{Name: "iam-enable-password-grant", Kind: Bool, Default: "false", PerTenant: true, Help: "sandbox extension: grant_type=password for personas"},
		{Name: "iam-rotate-refresh", Kind: Bool, Default: "false", PerTenant: true, Help: "a refresh token may be used once (clients can override it)"},
		{Name: "iam-access-lifetime", Kind: Duration, Default: "300s", PerTenant: true, Help: "life of access and ID tokens"},
		{Name: "iam-refresh-lifetime", Kind: Duration, Default: "1800s", PerTenant: true, Help: "life of refresh tokens and idle time of a session"},
		{Name: "iam-session-lifetime", Kind: Duration, Default: "36000s", PerTenant: true, Help: "longest life of a session"},
		{Name: "iam-code-lifetime", Kind: Duration, Default: "60s", PerTenant: true, Help: "life of an authorization code"},
		{Name: "iam-login-lifetime", Kind: Duration, Default: "1800s", PerTenant: true, Help: "life of a login page"},
		{Name: "iam-auto-login", PerTenant: true, Help: "persona as whom every authorization is answered at once; empty shows the login page"},
		{Name: "iam-password", Default: "sandbox", PerTenant: true, Help: "password of every persona; * takes any"},
		{Name: "iam-cookie-prefix", PerTenant: true, Help: "prefix of the cookie names, so that several sandboxes on localhost do not log each other out"},
		{Name: "iam-keys", Default: "fixed", Values: []string{"fixed", "ephemeral"}, Help: "realm keys: the ones shipped with the sandbox, or new ones at every start"},
		{Name: "iam-jwks-enc-first", Kind: Bool, Default: "false", PerTenant: true, Help: "list the encryption key first in JWKS, to find clients that take the first key"},
		{Name: "backchannel-dynamic", Kind: Bool, Default: "false", PerTenant: true, Help: "with a public URL: token, JWKS, userinfo, introspection and revocation URLs in discovery follow the request"},
		{Name: "iam-patient-initial-ssin", Kind: Bool, Default: "true", PerTenant: true, Help: "whether a patient's initial token and ID token carry the SSIN"},
		{Name: "iam-patient-pseudonym-in", Default: "both", Values: []string{"userinfo", "id_token", "both"}, PerTenant: true, Help: "where a patient's pseudonym is delivered after the exchange"},
		{Name: "iam-patient-pseudonym-claim", Default: "pseudoSsin", PerTenant: true, Help: "name of the claim with the patient's pseudonym"},
		{Name: "iam-patient-id-token-profile", Default: "full", Values: []string{"full", "none"}, PerTenant: true, Help: "whether a patient's ID token carries userProfile"},
	}
}
