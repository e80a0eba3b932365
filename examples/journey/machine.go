package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net/http"
	"net/url"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// machine is an organisation's software: a client of realm M2M.
type machine struct {
	client string // client_id
	key    *rsa.PrivateKey
	kid    string
	pseudo tokens // for pseudonymisation
	uhmep  tokens // for UHMEP
}

// The hospital of the seed world: its client, certificate and number.
const (
	hospitalClient = "demo-hospital"
	hospitalCert   = "NIHII-HOSPITAL/71099911"
	hospitalDoctor = doctorRole + "-NIHII-71099911710" // dr-peeters, working there
	nurseGroup     = "Organization/NIHII-94799979947"  // home care service of the seed world
)

// Scopes of the two tokens: in realm M2M nothing can be exchanged, so a client
// asks twice (Integration Guide, M2M).
const (
	pseudoScopes = "pseudo:api:pseudonymize pseudo:api:identify nihdi:uhmep:pseudo openid iam:authz"
	uhmepScopes  = "nihdi:uhmep:organization openid iam:authz"
)

const (
	keyBits        = 2048
	assertionLife  = time.Minute
	assertionType  = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	clientGrant    = "client_credentials"
	machineIssuer  = "/auth/realms/M2M"
	machineMetaURL = machineIssuer + "/.well-known/openid-configuration"
)

// machineTokens makes a key pair, registers its public half where eHealth
// certificates are published, and gets both tokens.
func (j *journey) machineTokens(ctx context.Context) error {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return err
	}
	j.machine = machine{client: hospitalClient, key: key, kid: "journey-" + random()[:8]}
	// At eHealth the certificate request does this; here one call: sandbox only.
	public := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: j.machine.kid, Use: "sig", Algorithm: string(jose.RS256)}}}
	if _, err := j.do(ctx, request{method: http.MethodPut, path: "/_sandbox/iam/jwks/" + hospitalCert, json: public, want: http.StatusOK}); err != nil {
		return err
	}
	var meta metadata
	a, err := j.do(ctx, request{method: http.MethodGet, path: machineMetaURL, want: http.StatusOK})
	if err != nil {
		return err
	}
	if err := a.into(&meta); err != nil {
		return err
	}
	if j.machine.pseudo, err = j.machineToken(ctx, meta, pseudoScopes); err != nil {
		return err
	}
	if j.machine.uhmep, err = j.machineToken(ctx, meta, uhmepScopes); err != nil {
		return err
	}
	if err := j.show("token for pseudonymisation", j.machine.pseudo.Access); err != nil {
		return err
	}
	return j.show("token for UHMEP", j.machine.uhmep.Access)
}

// machineToken authenticates with a signed JWT (RFC 7523).
func (j *journey) machineToken(ctx context.Context, meta metadata, scope string) (tokens, error) {
	var t tokens
	now, err := j.now(ctx)
	if err != nil {
		return t, err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: j.machine.key, KeyID: j.machine.kid}}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return t, err
	}
	assertion, err := jwt.Signed(signer).Claims(jwt.Claims{Issuer: j.machine.client, Subject: j.machine.client, Audience: jwt.Audience{meta.Issuer},
		IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(assertionLife)), ID: random()}).Serialize()
	if err != nil {
		return t, err
	}
	a, err := j.do(ctx, request{method: http.MethodPost, path: meta.Token, want: http.StatusOK, form: url.Values{"grant_type": {clientGrant},
		"client_id": {j.machine.client}, "scope": {scope}, "client_assertion_type": {assertionType}, "client_assertion": {assertion}}})
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

// machinePrescribes walks pseudonymisation and prescription as an organisation.
func (j *journey) machinePrescribes(ctx context.Context) error {
	d := j.domain(j.machine.pseudo.Access)
	s, err := j.create(ctx, d, j.machine.uhmep.Access, hospitalDoctor)
	if err != nil {
		return err
	}
	fresh, err := d.Pseudonymize(ctx, []byte(patientSSIN))
	if err != nil {
		return err
	}
	// Outside their own assignments organisations search by short code and patient.
	if err := j.search(ctx, j.machine.uhmep.Access, url.Values{"identifier": {s.shortCode()}, "patient": {fresh.FHIR()}}, s.ID); err != nil {
		return err
	}
	task := object{"resourceType": "Task", "meta": object{"profile": list{referral + "be-organization-task"}}, "status": "ready", "intent": "order",
		"focus": object{"reference": "ServiceRequest/" + s.ID}, "partOf": list{object{"reference": "Task/" + s.ID}}, "owner": object{"reference": nurseGroup}}
	_, err = j.do(ctx, request{method: http.MethodPost, path: "/uhmep/v1/Task", bearer: j.machine.uhmep.Access, json: task, typ: fhirJSON, want: http.StatusCreated})
	return err
}
