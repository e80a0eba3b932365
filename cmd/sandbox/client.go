package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"

	"github.com/ehealth-sandbox/sandbox/clients/pseudo"
)

// tokenRequest is the body of POST /_sandbox/iam/tokens.
type tokenRequest struct {
	Realm      string `json:"realm"`
	ClientID   string `json:"client_id"`
	Persona    string `json:"persona,omitempty"`
	Scope      string `json:"scope,omitempty"`
	ExchangeTo string `json:"exchange_to,omitempty"`
}

// token prints an access token made by a running sandbox.
func token(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("sandbox token", flag.ContinueOnError)
	fs.SetOutput(stderr)
	to := targetFlags(fs, getenv)
	req := tokenRequest{}
	fs.StringVar(&req.Realm, "realm", "healthcare", "healthcare or M2M")
	fs.StringVar(&req.ClientID, "client", "nihdi-uhmep-hcp", "client_id")
	fs.StringVar(&req.Persona, "persona", "dr-peeters", "who logs in; ignored in realm M2M")
	fs.StringVar(&req.Scope, "scope", "", "scopes, space separated")
	fs.StringVar(&req.ExchangeTo, "exchange", "", "exchange the token to this client, for instance nihdi-uhmep-fhir-hcp")
	whole := fs.Bool("json", false, "print the whole token answer")
	tenant := fs.String("tenant", "", "tenant")
	if err := parse(fs, args); err != nil {
		return err
	}
	if req.Realm == "M2M" {
		req.Persona = ""
	}
	raw, access, err := mint(ctx, to(), *tenant, req)
	if err != nil {
		return err
	}
	if *whole {
		_, err = fmt.Fprintln(stdout, string(raw))
		return err
	}
	_, err = fmt.Fprintln(stdout, access)
	return err
}

// mint asks the control API for a token.
func mint(ctx context.Context, to target, tenant string, req tokenRequest) (raw []byte, access string, err error) {
	body, err := json.Marshal(req)
	if err != nil {
		return nil, "", err
	}
	if raw, err = call(ctx, to, http.MethodPost, "/_sandbox/iam/tokens", tenant, body); err != nil {
		return nil, "", err
	}
	answer := struct {
		AccessToken string `json:"access_token"`
	}{}
	if err := json.Unmarshal(raw, &answer); err != nil || answer.AccessToken == "" {
		return nil, "", fmt.Errorf("the sandbox answered without an access token: %.200s", raw)
	}
	return raw, answer.AccessToken, nil
}

// maxAnswer bounds what is read from a sandbox.
const maxAnswer = 8 << 20

// call makes one control call.
func call(ctx context.Context, to target, method, path, tenant string, body []byte) ([]byte, error) {
	url := to.admin + path
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if to.token != "" {
		req.Header.Set("Authorization", "Bearer "+to.token)
	}
	if tenant != "" {
		req.Header.Set("X-Sandbox-Tenant", tenant)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w (is a sandbox running? start one with: sandbox serve)", err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	if res.StatusCode/100 != 2 {
		return nil, fmt.Errorf("%s %s: %s: %.500s", method, url, res.Status, raw)
	}
	return raw, nil
}

// pseudonymize runs one blinded round for a national number and prints its
// pseudonym in transit, its pseudonym at rest, and the way back.
func pseudonymize(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("sandbox pseudonymize", flag.ContinueOnError)
	fs.SetOutput(stderr)
	to := targetFlags(fs, getenv)
	domain := fs.String("domain", "uhmep_v1", "domain")
	persona := fs.String("persona", "dr-peeters", "who asks")
	tenant := fs.String("tenant", "", "tenant")
	if err := parse(fs, args); err != nil {
		return err
	}
	if fs.NArg() != 1 {
		fmt.Fprintln(stderr, "usage: sandbox pseudonymize [flags] <ssin>")
		return errUsage
	}
	ssin, base := fs.Arg(0), to().url
	if *tenant != "" {
		base += "/t/" + *tenant
	}
	_, access, err := mint(ctx, to(), *tenant, tokenRequest{Realm: "healthcare", ClientID: "nihdi-uhmep-hcp", Persona: *persona})
	if err != nil {
		return err
	}
	client := &pseudo.Client{BaseURL: base + "/pseudo/v1", Token: func(context.Context) (string, error) { return access, nil }, UserAgent: "sandbox-cli"}
	d := client.Domain(*domain)
	transit, err := d.Pseudonymize(ctx, []byte(ssin))
	if err != nil {
		return err
	}
	back, err := d.Identify(ctx, transit)
	if err != nil {
		return err
	}
	raw, err := call(ctx, to(), http.MethodGet, "/_sandbox/pseudo/domains/"+*domain+"/at-rest/"+ssin, *tenant, nil)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "in transit  %s\nat rest     %s\nidentified  %s\n", transit, bytes.TrimSpace(raw), back)
	return err
}
