package console

import "strings"

// Step is one step of the first journey with a command to copy. The commands
// build on each other: they set shell variables.
type Step struct {
	Title   string
	Why     string
	Command string
}

// A PKCE pair made for this page: the challenge is BASE64URL(SHA-256(verifier))
// (RFC 7636 §4.2). Real clients draw a fresh verifier for every login.
const (
	verifier  = "sandbox-verifier-for-copy-and-paste-not-for-production"
	challenge = "rtjGh5fQMTc4IcKDNd8BLA8jlMz0_Kg1xEKRHSJ0fzY"
)

// A blinded point: r·V of an SSIN, so that the call can be made without a
// client library. It is public test data.
const (
	blindX = "ANFUuq31wTw6haVOKmS91Te9oA9KV51FXMTz/+lH/yRzqNyUGpLErrITgIR7UrSQLOa7+DVRz6fHDz2F7M1TzxAD"
	blindY = "AdG6iMsGARPT4EOObyns/Tzpxzcg7/Ww2VpsI2T8dbLkRweXIJU0QTUN28Arv68EoOHq6AKtU0FKip8mPdTQp657"
)

// Steps are the steps of the first journey against base.
func Steps(base string) []Step {
	steps := []Step{
		{"Ask what is here", "Version, clock, services, personas and clients.",
			`B=BASE
curl -s $B/_sandbox/info`},
		{"Discover the identity provider", "I.AM Connect is Keycloak-shaped: your OIDC library reads this document.",
			`curl -s $B/auth/realms/healthcare/.well-known/openid-configuration
curl -s $B/auth/realms/healthcare/protocol/openid-connect/certs`},
		{"Log in as dr-peeters, without a browser", "Authorization code with PKCE. kc_idp_hint and login_hint skip the login page; leave them out to see it.",
			`CODE=$(curl -s -o /dev/null -w '%{redirect_url}' "$B/auth/realms/healthcare/protocol/openid-connect/auth?client_id=nihdi-uhmep-hcp&redirect_uri=http://localhost:4200/&response_type=code&scope=openid&code_challenge=CHALLENGE&code_challenge_method=S256&kc_idp_hint=sandbox-auto&login_hint=dr-peeters" | sed 's/.*[?&]code=//; s/&.*//')
TOKEN=$(curl -s $B/auth/realms/healthcare/protocol/openid-connect/token -d grant_type=authorization_code -d client_id=nihdi-uhmep-hcp -d redirect_uri=http://localhost:4200/ -d code_verifier=VERIFIER -d code=$CODE | sed 's/.*"access_token":"\([^"]*\)".*/\1/'); echo $TOKEN`},
		{"Exchange the token for UHMEP", "The initial token is for pseudonymisation only. The exchanged one has lost that right, and opens UHMEP and PSS.",
			`UHMEP=$(curl -s $B/auth/realms/healthcare/protocol/openid-connect/token -d grant_type=urn:ietf:params:oauth:grant-type:token-exchange -d client_id=nihdi-uhmep-hcp -d subject_token=$TOKEN -d subject_token_type=urn:ietf:params:oauth:token-type:access_token -d audience=nihdi-uhmep-fhir-hcp | sed 's/.*"access_token":"\([^"]*\)".*/\1/'); echo $UHMEP`},
		{"Pseudonymise a blinded value", "The service sees neither the national number nor the pseudonym. The point below is a blinded SSIN.",
			`curl -s $B/pseudo/v1/domains/uhmep_v1 -H "Authorization: Bearer $TOKEN"
curl -s $B/pseudo/v1/domains/uhmep_v1/pseudonymize -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"id":"1","crv":"P-521","x":"BLINDX","y":"BLINDY"}'`},
		{"Create a nursing prescription", "The sample comes with a fresh pseudonym of pat-dubois and an encrypted note, as your software would build it.",
			`curl -s "$B/_sandbox/uhmep/sample?template=hygienic-care&patient=pat-dubois&requester=dr-peeters" > /tmp/prescription.json
curl -si $B/uhmep/v1/ServiceRequest -H "Authorization: Bearer $UHMEP" -H 'User-Agent: demo/1.0 eHealth/Technical/3.0' -H 'From: dev@example.org' -H 'Content-Type: application/fhir+json' --data-binary @/tmp/prescription.json`},
		{"Look up a code, in Dutch and French", "The terminology server knows every code of eReferral; mount your own SNOMED CT release for the rest.",
			`curl -s "$B/terminology/fhir/CodeSystem/\$lookup?system=http://snomed.info/sct&code=225964003"
curl -s "$B/terminology/fhir/ValueSet/\$expand?url=http://snomed.info/sct?fhir_vs&filter=hyg&displayLanguage=nl&includeDesignations=true"`},
		{"Ask for radiology advice", "Prescription Search Support: procedures, indications, advice. Scores are sandbox data, not medical advice.",
			`curl -s "$B/frontend/api/pss/radiology/procedures?intention=ct" -H "Authorization: Bearer $UHMEP"
curl -s "$B/frontend/api/pss/radiology/indications?indications=hoofd" -H "Authorization: Bearer $UHMEP"`},
		{"Get an organisation's token", "Machines use client_credentials with a signed JWT; this call of the control API signs it for you.",
			`curl -s $B/_sandbox/iam/tokens -H 'Content-Type: application/json' -d '{"realm":"M2M","client_id":"demo-hospital","scope":"nihdi:uhmep:organization openid iam:authz"}'`},
		{"See why something was refused", "Send the initial token to UHMEP, which must refuse it, then read the reason in the journal.",
			`curl -s $B/uhmep/v1/ServiceRequest/1 -H "Authorization: Bearer $TOKEN" -H 'User-Agent: demo/1.0' -H 'From: dev@example.org'
curl -s "$B/_sandbox/journal?refused=true&limit=1"`},
		{"Let time pass", "Every tenant has its own clock: see tokens and pseudonyms expire without waiting.",
			`curl -s -X PUT $B/_sandbox/clock -d '{"advance":"PT10M"}'
curl -s -X POST $B/_sandbox/reset`},
	}
	fill := strings.NewReplacer("BASE", base, "CHALLENGE", challenge, "VERIFIER", verifier, "BLINDX", blindX, "BLINDY", blindY)
	for i := range steps {
		steps[i].Command = fill.Replace(steps[i].Command)
	}
	return steps
}
