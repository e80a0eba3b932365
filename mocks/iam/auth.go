package iam

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// authRequest is a checked authorization request. It also travels in a login
// page's stored state.
type authRequest struct {
	Client      string `json:"client"`
	RedirectURI string `json:"redirect_uri"`
	Sent        string `json:"sent,omitempty"` // redirect_uri as sent, "" when it was left out
	Mode        string `json:"mode"`
	State       string `json:"state,omitempty"`
	HasState    bool   `json:"has_state,omitempty"`
	Nonce       string `json:"nonce,omitempty"`
	Scope       string `json:"scope,omitempty"`
	Challenge   string `json:"challenge,omitempty"`
	Method      string `json:"method,omitempty"`
	Hint        string `json:"hint,omitempty"`
	Locale      string `json:"locale,omitempty"`
}

// authorize is the authorization endpoint. Parameters come from the query or,
// for POST, from the form only.
func (s *Service) authorize(c *call) (*respond.Response, error) {
	p := c.r.URL.Query()
	if c.r.Method == http.MethodPost {
		p = c.form
	}
	req, client, err := s.authClient(c, p)
	if err != nil {
		return nil, err
	}
	if problem := s.authParameters(c, p, client, req); problem != nil {
		return s.authRefused(c, req, problem)
	}
	return s.authDecide(c, p, client, req)
}

// authClient does the checks whose failure is a page of our own, because the
// browser must not be sent to an address that nobody registered.
func (s *Service) authClient(c *call, p url.Values) (*authRequest, *Client, error) {
	id := p.Get("client_id")
	client, err := s.lookup(c.t, c.realm, id)
	if err != nil {
		return nil, nil, err
	}
	if client == nil || client.Flags.Disabled {
		f := s.unknownClient(c, client, id)
		return nil, nil, s.pageError(c, http.StatusBadRequest, "clientNotFoundMessage", "iam-5.1-2", f.Got, f.Want, f.Hint)
	}
	c.identify(client)
	if client.resource() {
		return nil, nil, s.pageError(c, http.StatusForbidden, "bearerOnlyMessage", "iam-5.1-3", "client "+id+", which only owns roles",
			"a client of your own", "use the client_id of your registration; "+id+" is named in audience of the exchange")
	}
	if age := p.Get("max_age"); age != "" {
		if n, err := strconv.Atoi(age); err != nil || n < 0 {
			return nil, nil, s.pageError(c, http.StatusBadRequest, "invalidMaxAgeMessage", "iam-5.1-4", "max_age "+quote(age), "a number of seconds", "")
		}
	}
	req := &authRequest{Client: id, Sent: p.Get("redirect_uri"), Hint: p.Get("login_hint"), Locale: wantedLocale(p)}
	if req.RedirectURI = redirectFor(client, req.Sent, p.Get("scope")); req.RedirectURI == "" {
		return nil, nil, s.pageError(c, http.StatusBadRequest, "invalidRedirectMessage", "iam-5.1-5", quote(req.Sent),
			"one of "+quote(joinWords(client.RedirectURIs)), redirectHint(client, req.Sent))
	}
	c.check("iam-5.1-5", req.RedirectURI, "one of "+joinWords(client.RedirectURIs))
	return req, client, nil
}

// redirectFor is the address to return to, "" when there is none. A missing
// parameter is tolerated only without openid and with a single concrete URI.
func redirectFor(client *Client, sent, scope string) string {
	if sent != "" {
		if client.matchesRedirect(sent) {
			return sent
		}
		return ""
	}
	if slices.Contains(strings.Fields(scope), "openid") || len(client.RedirectURIs) != 1 || strings.Contains(client.RedirectURIs[0], "*") {
		return ""
	}
	only := client.RedirectURIs[0]
	if strings.HasPrefix(only, "/") {
		only = strings.TrimSuffix(client.RootURL, "/") + only
	}
	return only
}

func redirectHint(client *Client, sent string) string {
	switch {
	case sent == "":
		return "send redirect_uri"
	case slices.Contains(client.RedirectURIs, sent+"/"), slices.Contains(client.RedirectURIs, strings.TrimSuffix(sent, "/")):
		return "the slash at the end counts"
	case strings.Contains(sent, "127.0.0.1") && client.matchesRedirect(strings.Replace(sent, "127.0.0.1", "localhost", 1)),
		strings.Contains(sent, "localhost") && client.matchesRedirect(strings.Replace(sent, "localhost", "127.0.0.1", 1)):
		return "localhost and 127.0.0.1 are different"
	case strings.Contains(sent, "?"):
		return "the query counts in an exact comparison: register the page with a * at the end"
	}
	return "nothing is normalised: scheme, case, port, slash and encoding all count; a * at the end of a registered value makes it a prefix"
}

// authProblem is an error that is sent back to the client's redirect URI.
type authProblem struct {
	code, description string
	rule              string
	got, want, hint   string
}

// authParameters checks everything else, in Keycloak's order.
func (s *Service) authParameters(c *call, p url.Values, client *Client, req *authRequest) *authProblem {
	req.State, req.HasState = p.Get("state"), p.Has("state")
	req.Mode, req.Nonce, req.Scope = "query", p.Get("nonce"), p.Get("scope")
	mode := p.Get("response_mode")
	if slices.Contains([]string{"query", "fragment", "form_post"}, mode) {
		req.Mode = mode
	}
	responseType := p.Get("response_type")
	switch {
	case responseType == "":
		return &authProblem{"invalid_request", "Missing parameter: response_type", "iam-5.1-6", "no response_type", "code", ""}
	case responseType != "code":
		return &authProblem{"unsupported_response_type", "", "iam-5.1-7", responseType, "code", "implicit and hybrid flows are not granted"}
	case mode != "" && req.Mode != mode:
		return &authProblem{"invalid_request", "Invalid parameter: response_mode", "iam-5.1-8", mode, "query, fragment or form_post", ""}
	case !client.Flags.StandardFlow:
		return &authProblem{"unauthorized_client", "Client is not allowed to initiate browser login with given response_type. Standard flow is disabled for the client.",
			"iam-5.1-9", "client " + client.ClientID, "a client with standard flow", ""}
	}
	for _, name := range []string{"request", "request_uri"} {
		if p.Has(name) {
			return &authProblem{name + "_not_supported", "", "iam-2.3-request", name, "plain parameters", "discovery says that request objects are not supported"}
		}
	}
	for _, name := range sortedNames(p) {
		if len(p[name]) > 1 {
			return &authProblem{"invalid_request", "duplicated parameter", "iam-5.1-10", name + " is there more than once", "each parameter once", ""}
		}
	}
	if _, bad := s.resolve(client, req.Scope); len(bad) > 0 {
		return &authProblem{"invalid_scope", "Invalid scopes: " + req.Scope, "iam-5.1-11", joinWords(bad),
			joinWords(append(slices.Clone(client.ScopesDefault), client.ScopesOptional...)), s.scopeHint(client, bad)}
	}
	return authPKCE(c, p, client, req)
}

func authPKCE(c *call, p url.Values, client *Client, req *authRequest) *authProblem {
	const rule = "iam-5.1-12"
	challenge, method := p.Get("code_challenge"), p.Get("code_challenge_method")
	if challenge == "" {
		if method != "" || c.opt.pkceRequired(client) {
			return &authProblem{"invalid_request", "Missing parameter: code_challenge", rule, "no code_challenge", "a code_challenge with method S256",
				"public clients use PKCE (RFC 7636)"}
		}
		return nil
	}
	if method == "" {
		method = "plain"
	}
	if method != "plain" && method != "S256" {
		return &authProblem{"invalid_request", "Invalid parameter: code_challenge_method", rule, method, "S256", "the name is case-sensitive"}
	}
	if !unreserved(challenge) {
		return &authProblem{"invalid_request", "Invalid parameter: code_challenge", rule, quote(challenge), "43 to 128 characters of A-Z a-z 0-9 - . _ ~",
			"base64url without padding"}
	}
	if method == "plain" {
		c.warn(rule, "code_challenge_method plain protects nothing: use S256")
	}
	req.Challenge, req.Method = challenge, method
	return nil
}

// authRefused sends an error back to the client through the browser.
func (s *Service) authRefused(c *call, req *authRequest, p *authProblem) (*respond.Response, error) {
	params := object{{"error", p.code}}
	if p.description != "" {
		params.set("error_description", p.description)
	}
	res, err := s.authAnswer(c, req, params)
	if err != nil {
		return nil, err
	}
	noteRefusal(c, p, res.Status)
	return res, nil
}
