// Package iam emulates I.AM Connect, the eHealth platform's identity provider:
// a Keycloak with the realms healthcare (people) and M2M (organisations).
//
// It follows the eReferral Integration Guide 3.0, chapters 7 and 8, the M2M
// registration form 1.1 and, where both are silent, Keycloak 26 as observed from outside.
// OpenID Connect Core, RFC 6749, 7009, 7519, 7523, 7636, 7662, 8693 and 9207
// are the standards behind it.
//
// Left out on purpose: dynamic registration, device, CIBA and PAR endpoints,
// consent, implicit and hybrid flows, acting for somebody else (profile switch).
//
// A call that needs no browser:
//
//	curl -i 'http://localhost:8080/auth/realms/healthcare/protocol/openid-connect/auth?response_type=code&client_id=nihdi-uhmep-hcp&redirect_uri=http://localhost:4200/&scope=openid&code_challenge_method=S256&code_challenge=…&kc_idp_hint=sandbox-auto&login_hint=dr-peeters'
//
// Files are named after endpoints and grants: auth.go, token.go, grant_code.go,
// userinfo.go and so on. What may be changed while the sandbox runs is kept in
// the tenant's store; statekeys.go lists the keys. The Service itself never changes
// after New.
package iam
