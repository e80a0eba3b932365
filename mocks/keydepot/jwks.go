package keydepot

import (
	"context"
	"net/http"

	"github.com/go-jose/go-jose/v4"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// jwks answers one key set; member is the name of the query member that holds
// the identifier.
func (s *Service) jwks(r *http.Request, q Query, member string) (any, error) {
	for _, m := range []struct{ name, value string }{{"type", q.Type}, {member, q.Identifier}} {
		if m.value == "" {
			return nil, &respond.Refusal{Status: http.StatusBadRequest, Code: codeBadRequest, Message: m.name + " is missing",
				Rule: "jwks-query", Want: "type and " + member, Hint: "for instance ?" + member + "=0406798006&type=CBE&use=enc"}
		}
	}
	if q.Use != "" && q.Use != "sig" && q.Use != "enc" {
		return nil, &respond.Refusal{Status: http.StatusBadRequest, Code: codeBadRequest, Message: "use must be sig or enc", Rule: "jwks-use", Got: q.Use, Want: "sig or enc"}
	}
	t := tenant.From(r.Context())
	keys, err := s.Keys(t, q)
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, &respond.Refusal{Status: http.StatusNotFound, Code: codeNotFound, Message: "no key for " + q.Type + "=" + q.Identifier,
			Rule: "jwks-unknown", Got: q.Type + "=" + q.Identifier + applicationOf(q), Hint: s.nearby(t, q)}
	}
	warn(r.Context(), keys)
	return jose.JSONWebKeySet{Keys: keys}, nil
}

func applicationOf(q Query) string {
	out := ""
	if q.ApplicationID != "" {
		out += ", applicationIdentifier=" + q.ApplicationID
	}
	if q.Use != "" {
		out += ", use=" + q.Use
	}
	return out
}

// warn notes keys that Smals' helpers stumble over.
func warn(ctx context.Context, keys []jose.JSONWebKey) {
	for _, k := range keys {
		if k.Use == "enc" && len(k.CertificateThumbprintSHA256) == 0 {
			journal.Warn(ctx, "jwks-x5t", "the key "+k.KeyID+" has no x5t#S256: the Java and .NET pseudonymisation helpers cannot use it")
		}
	}
}
