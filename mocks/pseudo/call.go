package pseudo

import (
	"context"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/internal/ecgroup"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/bearer"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// call is one request whose token, domains and role have been checked.
type call struct {
	ctx   context.Context
	r     *http.Request
	t     *tenant.Tenant
	token *bearer.Token
	from  *domain
	to    *domain // the target of a conversion, else from
	group ecgroup.Group
	now   time.Time // whole seconds
	op    string    // last part of the path that names the operation
}

// handle checks in the order of the service: token, domain, role; what follows
// is the operation's. action is the operation in access rules, "" for the
// domain document.
func (s *Service) handle(action string, h func(*call) (any, error)) respond.HandlerFunc {
	return func(r *http.Request) (any, error) {
		c := &call{ctx: r.Context(), r: r, t: tenant.From(r.Context()), op: action}
		var err error
		if c.token, err = s.cfg.Verifier.Verify(r); err != nil {
			return nil, unauthorized(err)
		}
		vars := mux.Vars(r)
		if c.from, err = s.known(c, vars["domain"]); err != nil {
			return nil, err
		}
		journal.Note(c.ctx, "domain", c.from.row.Key)
		c.to = c.from
		if to, ok := vars["to"]; ok {
			if c.to, err = s.known(c, to); err != nil {
				return nil, err
			}
			journal.Note(c.ctx, "to_domain", to)
		}
		if err := permit(c, action); err != nil {
			return nil, err
		}
		c.group = group(c.t)
		c.now = c.t.Clock.Now().Truncate(time.Second)
		return h(c)
	}
}

func (s *Service) known(c *call, key string) (*domain, error) {
	d, err := s.domain(c.t, key)
	if err != nil {
		return nil, err
	}
	if d == nil {
		keys, err := s.keys(c.t)
		if err != nil {
			return nil, err
		}
		return nil, notFound("pseudo-domain", "Domain "+clip(key)+" does not exist", clip(key), keys)
	}
	return d, nil
}

// unknownOperation answers paths that name no operation; a token is asked for
// first, as everywhere.
func (s *Service) unknownOperation(r *http.Request) (any, error) {
	if _, err := s.cfg.Verifier.Verify(r); err != nil {
		return nil, unauthorized(err)
	}
	return nil, notFound("pseudo-operation", "Unknown operation "+clip(mux.Vars(r)["operation"]), r.Method+" "+clip(r.URL.Path),
		[]string{"pseudonymize", "pseudonymizeMultiple", "identify", "identifyMultiple", "convertTo/{domain}", "convertMultipleTo/{domain}"})
}

// body returns the request body after the checks on its type and size.
func (c *call) body() ([]byte, error) {
	given := c.r.Header.Get("Content-Type")
	if media, _, err := mime.ParseMediaType(given); err != nil || media != "application/json" {
		return nil, &respond.Refusal{Status: http.StatusUnsupportedMediaType, Code: typeUnsupported, Message: "the Content-Type must be application/json",
			Rule: "pseudo-content-type", Got: given, Want: "application/json, with or without charset"}
	}
	body := respond.Body(c.r)
	if len(body) > maxBody {
		return nil, &respond.Refusal{Status: http.StatusRequestEntityTooLarge, Code: respond.CodeTooLarge, Message: "the request body is too large",
			Rule: "pseudo-body-limit", Got: strconv.Itoa(len(body)) + " bytes", Want: "at most " + strconv.Itoa(maxBody) + " bytes"}
	}
	return body, nil
}
