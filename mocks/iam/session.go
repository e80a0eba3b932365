package iam

import (
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

// session is one person's single sign-on session. Times are Unix seconds.
type session struct {
	ID       string `json:"id"`
	Persona  string `json:"persona"`
	AuthTime int64  `json:"auth_time"`
	// ExpiresAt is the idle limit, never later than MaxAt.
	ExpiresAt int64 `json:"expires_at"`
	MaxAt     int64 `json:"max_at"`
	// Clients are the client sessions by client id.
	Clients map[string]clientSession `json:"clients,omitempty"`
}

// clientSession is one client's part of a session.
type clientSession struct {
	Started int64 `json:"started"`
	// RefreshID is the jti of the newest refresh token; with rotation on, an
	// older one counts as reuse.
	RefreshID string `json:"refresh_id,omitempty"`
	// ExchangeRefreshID is the same for refresh tokens that came with an
	// exchange: they rotate on their own.
	ExchangeRefreshID string `json:"exchange_refresh_id,omitempty"`
}

func (s *session) alive(now time.Time) bool { return now.Unix() < s.ExpiresAt }

// loadSession returns the live session, nil when it ended or never was.
func loadSession(r store.Reader, sid string, now time.Time) (*session, error) {
	if sid == "" {
		return nil, nil
	}
	s, ok, err := store.GetJSON[session](r, sessionKey(sid))
	if err != nil || !ok || !s.alive(now) {
		return nil, err
	}
	return &s, nil
}

// touch moves the idle limit.
func (s *session) touch(now time.Time, idle time.Duration) {
	s.ExpiresAt = min(now.Add(idle).Unix(), s.MaxAt)
}

// newSession starts a session; it is not stored yet.
func newSession(id, persona string, now time.Time, opt options) *session {
	s := &session{
		ID: id, Persona: persona, AuthTime: now.Unix(),
		MaxAt: now.Add(opt.sessionMax()).Unix(), Clients: map[string]clientSession{},
	}
	s.touch(now, opt.sessionIdle())
	return s
}

// attach opens, or keeps, the client's part.
func (s *session) attach(client string, now time.Time) {
	if s.Clients == nil {
		s.Clients = map[string]clientSession{}
	}
	if _, ok := s.Clients[client]; !ok {
		s.Clients[client] = clientSession{Started: now.Unix()}
	}
}

// saveNew stores a session for the first time, with its expiry entry.
func (s *session) saveNew(w store.Writer, now time.Time) error {
	return putUntil(w, now, sessionKey(s.ID), s, time.Unix(s.ExpiresAt, 0))
}

// save stores a changed session; the sweep re-reads ExpiresAt by itself.
func (s *session) save(w store.Writer) error { return store.PutJSON(w, sessionKey(s.ID), s) }

// endSession removes it; whether it existed.
func endSession(w store.Writer, sid string) bool {
	_, ok := w.Get(sessionKey(sid))
	w.Delete(sessionKey(sid))
	return ok
}

// familyExchange marks refresh tokens that came with an exchange.
const familyExchange = "exchange"

func (cs *clientSession) refreshID(family string) string {
	if family == familyExchange {
		return cs.ExchangeRefreshID
	}
	return cs.RefreshID
}

func (cs *clientSession) setRefreshID(family, id string) {
	if family == familyExchange {
		cs.ExchangeRefreshID = id
		return
	}
	cs.RefreshID = id
}
