package iam

import (
	"net/http"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

// keyView is a realm key without its material.
type keyView struct {
	Kid    string `json:"kid"`
	Status string `json:"status"`
}

func (s *Service) keyViews(c *call, state keyState) any {
	out := []keyView{}
	for _, k := range state.Keys {
		out = append(out, keyView{kidOf(c.t.Name, k.ID), k.Status})
	}
	return map[string]any{"realm": c.realm, "keys": out, "rotations": state.Rotations}
}

func (s *Service) listKeys(c *call) (any, error) {
	state, err := s.realmKeys(c.t, c.realm)
	if err != nil {
		return nil, err
	}
	return s.keyViews(c, state), nil
}

// rotateKeys makes a new signing key; keep_previous (the default) leaves the
// old one published until its tokens are dead.
func (s *Service) rotateKeys(c *call) (any, error) {
	body := struct {
		KeepPrevious *bool `json:"keep_previous"`
	}{}
	if err := c.readOptionalJSON(&body); err != nil {
		return nil, err
	}
	state, err := s.rotate(c.t, c.realm, body.KeepPrevious == nil || *body.KeepPrevious)
	if err != nil {
		return nil, err
	}
	return s.keyViews(c, state), nil
}

// putNotBefore makes every token issued earlier stale.
func (s *Service) putNotBefore(c *call) (any, error) {
	body := struct {
		NotBefore *int64 `json:"not_before"` // Unix seconds; absent: now
	}{}
	if err := c.readOptionalJSON(&body); err != nil {
		return nil, err
	}
	at := c.now.Unix()
	if body.NotBefore != nil {
		at = *body.NotBefore
	}
	return map[string]any{"realm": c.realm, "not_before": at}, c.t.Store.Update(func(w store.Writer) error {
		return store.PutJSON(w, notBeforeKey(c.realm), at)
	})
}

func (s *Service) listSessions(c *call) (any, error) {
	out := []session{}
	err := c.t.Store.View(func(r store.Reader) error {
		for key := range r.Scan(sessionKey(""), "") {
			ses, err := loadSession(r, strings.TrimPrefix(key, sessionKey("")), c.now)
			if err != nil {
				return err
			}
			if ses != nil {
				out = append(out, *ses)
			}
			if len(out) == 1000 {
				break
			}
		}
		return nil
	})
	return out, err
}

func (s *Service) endSession(c *call) (any, error) {
	sid := c.pathVar("sid")
	found := false
	err := c.t.Store.Update(func(w store.Writer) error {
		found = endSession(w, sid)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, notFound("session", sid, "the sid of a live session; see GET /_sandbox/iam/sessions")
	}
	return &respond.Response{Status: http.StatusNoContent}, nil
}

// assertionCheck runs every row of the table of client authentication and
// reports each; the jti is not used up.
func (s *Service) assertionCheck(c *call) (any, error) {
	var body struct {
		Realm     string `json:"realm"`
		ClientID  string `json:"client_id"`
		Assertion string `json:"client_assertion"`
	}
	if err := c.readJSON(&body); err != nil {
		return nil, err
	}
	if body.Realm != Healthcare && body.Realm != M2M {
		return nil, badBody("realm is missing or unknown", body.Realm, Healthcare+" or "+M2M)
	}
	c.realm = body.Realm
	x := s.examine(c, body.Assertion, body.ClientID, true)
	answer := map[string]any{"accepted": x.refusal == nil, "findings": x.findings, "mode": "lenient"}
	if c.opt.strictAssertions() {
		answer["mode"] = "strict"
	}
	if f := x.refusal; f != nil {
		answer["answer"] = map[string]any{"status": f.Status, "error": f.Code, "error_description": f.Message}
	}
	return answer, nil
}
