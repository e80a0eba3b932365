package iam

import (
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

// authCode is what an authorization code stands for.
type authCode struct {
	ID          string `json:"id"`
	Client      string `json:"client"`
	SID         string `json:"sid"`
	RedirectURI string `json:"redirect_uri,omitempty"` // "" when the request had none
	Scope       string `json:"scope,omitempty"`        // as asked
	Nonce       string `json:"nonce,omitempty"`
	Acr         string `json:"acr"`
	Challenge   string `json:"challenge,omitempty"`
	Method      string `json:"method,omitempty"`
	ExpiresAt   int64  `json:"expires_at"`
	Spent       bool   `json:"spent,omitempty"`
}

// text is the code as the client sees it; opaque to it.
func (a *authCode) text() string {
	return a.ID + "." + a.SID + "." + clientUUID(Healthcare, a.Client)
}

// putCode stores a code. It is kept after its use, and a while after it
// expired, so that a reuse is recognised.
func putCode(w store.Writer, now time.Time, a *authCode) error {
	return putUntil(w, now, codeKey(a.ID), a, time.Unix(a.ExpiresAt, 0).Add(10*time.Minute))
}

func loadCode(r store.Reader, id string) (*authCode, error) {
	a, ok, err := store.GetJSON[authCode](r, codeKey(id))
	if err != nil || !ok {
		return nil, err
	}
	return &a, nil
}
