package iam

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

const typLogout = "Logout" // proof that the confirmation page was shown

// logout ends a session: in the browser (OpenID Connect RP-Initiated Logout)
// or, with a refresh token, behind its back.
func (s *Service) logout(c *call) (*respond.Response, error) {
	p := c.r.URL.Query()
	if c.r.Method == http.MethodPost {
		p = c.form
		if p.Has("refresh_token") {
			return s.logoutRefresh(c)
		}
	}
	return s.logoutBrowser(c, p)
}

// logoutRefresh answers 204, also when the session had ended already.
func (s *Service) logoutRefresh(c *call) (*respond.Response, error) {
	client, err := s.authenticate(c)
	if err != nil {
		return nil, err
	}
	claims, problem := s.verifySecret(c.t, c.realm, c.form.Get("refresh_token"), typRefresh)
	if problem != nil {
		return nil, because(badGrant("iam-9.10-logout-token", "Invalid refresh token"), problem.Got, problem.Want, problem.Hint)
	}
	if claims.Azp != client.ClientID {
		return nil, because(badGrant("iam-9.10-logout-client", "Invalid refresh token. Token client and authorized client don't match"),
			"client "+client.ClientID, "client "+claims.Azp, "")
	}
	err = c.t.Store.Update(func(w store.Writer) error {
		endSession(w, claims.Sid)
		return nil
	})
	return &respond.Response{Status: http.StatusNoContent}, err
}

// logoutWish is a checked browser logout.
type logoutWish struct {
	SID      string `json:"sid"`
	Redirect string `json:"redirect"`
	State    string `json:"state"`
	HasState bool   `json:"has_state"`
}

func (s *Service) logoutBrowser(c *call, p url.Values) (*respond.Response, error) {
	hint, client, err := s.logoutParties(c, p)
	if err != nil {
		return nil, err
	}
	wish := logoutWish{Redirect: p.Get("post_logout_redirect_uri"), State: p.Get("state"), HasState: p.Has("state")}
	if wish.Redirect != "" {
		if hint == nil && !p.Has("client_id") {
			return nil, s.pageError(c, http.StatusBadRequest, "missingHintMessage", "iam-9.10-logout-hint", "neither id_token_hint nor client_id",
				"id_token_hint", "send the ID token of the session with post_logout_redirect_uri")
		}
		if client == nil || !client.matchesPostLogout(wish.Redirect) {
			return nil, s.pageError(c, http.StatusBadRequest, "invalidLogoutRedirectMessage", "iam-9.10-logout-redirect", quote(wish.Redirect),
				"one of the client's redirect URIs", logoutRedirectHint(client, wish.Redirect))
		}
	}
	ses, _, err := s.browserSession(c)
	if err != nil {
		return nil, err
	}
	switch {
	case hint != nil:
		wish.SID = hint.Sid
	case ses != nil:
		wish.SID = ses.ID
		return s.confirmLogout(c, wish)
	}
	return s.loggedOut(c, wish)
}

func logoutRedirectHint(client *Client, uri string) string {
	if client == nil {
		return "the client is unknown"
	}
	return redirectHint(client, uri)
}

// logoutParties are the ID token of the hint, possibly expired, and the
// client; either may be absent.
func (s *Service) logoutParties(c *call, p url.Values) (hint *tokenClaims, client *Client, err error) {
	id := p.Get("client_id")
	if raw := p.Get("id_token_hint"); raw != "" {
		claims, problem := s.verifySigned(c.t, c.realm, raw)
		switch {
		case problem != nil:
			return nil, nil, s.pageError(c, http.StatusBadRequest, "invalidHintMessage", "iam-9.10-logout-hint", problem.Got, problem.Want, problem.Hint)
		case claims.Typ != typID:
			return nil, nil, s.pageError(c, http.StatusBadRequest, "invalidHintMessage", "iam-9.10-logout-hint", "a token of typ "+claims.Typ, "the ID token", "")
		case id != "" && id != claims.Azp:
			return nil, nil, s.pageError(c, http.StatusBadRequest, "invalidHintMessage", "iam-9.10-logout-hint", "client_id "+id, "client_id "+claims.Azp, "")
		}
		hint, id = claims, claims.Azp
	}
	if id == "" {
		return hint, nil, nil
	}
	client, err = s.lookup(c.t, c.realm, id)
	if client != nil {
		journal.Note(c.ctx, "client", client.ClientID)
	}
	return hint, client, err
}

// confirmLogout asks first, because a link on any page could lead here.
func (s *Service) confirmLogout(c *call, wish logoutWish) (*respond.Response, error) {
	code, err := s.signSecret(c.t, c.realm, object{
		{"exp", c.now.Add(c.opt.loginLife()).Unix()}, {"iss", c.issuer()}, {"typ", typLogout}, {"wish", wish},
	})
	if err != nil {
		return nil, err
	}
	return s.page(c, http.StatusOK, "logout_confirm", map[string]any{"Action": c.endpoint("logout/logout-confirm"), "Code": code})
}

// logoutConfirm is the target of the confirmation page. The browser must be
// the one that saw the page: its session cookie has to name the same session.
func (s *Service) logoutConfirm(c *call) (*respond.Response, error) {
	claims, problem := s.verifySecret(c.t, c.realm, c.form.Get("session_code"), typLogout)
	ses, _, err := s.browserSession(c)
	if err != nil {
		return nil, err
	}
	var body struct {
		Wish logoutWish `json:"wish"`
	}
	if problem == nil {
		err = unmarshalClaims(claims, &body)
	}
	if problem != nil || err != nil || claims.Exp <= c.now.Unix() || ses == nil || ses.ID != body.Wish.SID {
		_, err := s.pageRefusal(c, http.StatusBadRequest, "expired", map[string]any{"Restart": ""}, "iam-9.10-logout-confirm",
			"a confirmation that does not belong to this browser's session", "the confirmation page of this browser", "")
		return nil, err
	}
	return s.loggedOut(c, body.Wish)
}

// loggedOut ends the session and leaves the page. Only state goes back, no iss.
func (s *Service) loggedOut(c *call, wish logoutWish) (*respond.Response, error) {
	if wish.SID != "" {
		err := c.t.Store.Update(func(w store.Writer) error {
			endSession(w, wish.SID)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	var res *respond.Response
	if wish.Redirect == "" {
		page, err := s.page(c, http.StatusOK, "info", map[string]any{"Message": "loggedOut", "Link": ""})
		if err != nil {
			return nil, err
		}
		res = page
	} else {
		target := wish.Redirect
		if wish.HasState {
			target = joinRedirect(target, "query", "state="+url.QueryEscape(wish.State))
		}
		res = &respond.Response{Status: http.StatusFound, Header: http.Header{"Location": {strings.TrimSpace(target)}}}
	}
	setCookies(res, c.clearedCookies())
	return res, nil
}
