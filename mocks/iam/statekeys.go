package iam

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
)

// Layout of this service's part of a tenant's store:
//
//	iam/client/<realm>/<client_id>     Client registered at run time, or {"deleted":true} over a seeded one
//	iam/session/<sid>                  session (healthcare)
//	iam/code/<uuid>                    authorization code, also after use, until it would have expired
//	iam/login/<auth session>/<tab>     a login page that waits for its answer
//	iam/jti/<client>/<hash>            client assertion that was used
//	iam/keys/<realm>                   keyState after a rotation
//	iam/notbefore/<realm>              instant before which tokens are stale, Unix seconds
//	iam/autologin                      persona of PUT /_sandbox/iam/auto-login
//	iam/revoked/<jti>                  access token revoked before its time
//	iam/exp/<unix, 12 digits>/<key>    when to look at key again and drop it
const statePrefix = "iam/"

func clientKey(realm, id string) string { return statePrefix + "client/" + realm + "/" + id }
func sessionKey(sid string) string      { return statePrefix + "session/" + sid }
func codeKey(id string) string          { return statePrefix + "code/" + id }
func loginKey(authSession, tab string) string {
	return statePrefix + "login/" + authSession + "/" + tab
}
func keysKey(realm string) string      { return statePrefix + "keys/" + realm }
func notBeforeKey(realm string) string { return statePrefix + "notbefore/" + realm }
func revokedKey(jti string) string     { return statePrefix + "revoked/" + digest(jti) }

const (
	autoLoginKey = statePrefix + "autologin"
	expiryPrefix = statePrefix + "exp/"
)

func jtiKey(client, jti string) string {
	return statePrefix + "jti/" + client + "/" + digest(jti)
}

// digest shortens text of unknown length to a key.
func digest(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:16])
}

func expiryKey(at int64, key string) string {
	return fmt.Sprintf("%s%012d/%s", expiryPrefix, max(at, 0), key)
}

// sweepBatch bounds the clean-up that one write does on the side.
const sweepBatch = 16

// putUntil stores v under key and notes when it may go. Each such write also
// clears a few entries whose time has passed, so that no background job is needed.
func putUntil(w store.Writer, now time.Time, key string, v any, until time.Time) error {
	if err := store.PutJSON(w, key, v); err != nil {
		return err
	}
	w.Put(expiryKey(until.Unix()+1, key), nil)
	return sweep(w, now)
}

func sweep(w store.Writer, now time.Time) error {
	var due []string
	for k := range w.Scan(expiryPrefix, "") {
		if len(due) == sweepBatch || k >= expiryKey(now.Unix(), "") {
			break
		}
		due = append(due, k)
	}
	for _, k := range due {
		w.Delete(k)
		_, key, _ := strings.Cut(strings.TrimPrefix(k, expiryPrefix), "/")
		if sid, ok := strings.CutPrefix(key, sessionKey("")); ok {
			ses, found, err := store.GetJSON[session](w, key)
			if err != nil {
				return err
			}
			if found && ses.ExpiresAt > now.Unix() { // was used meanwhile
				w.Put(expiryKey(ses.ExpiresAt+1, sessionKey(sid)), nil)
				continue
			}
		}
		w.Delete(key)
	}
	return nil
}
