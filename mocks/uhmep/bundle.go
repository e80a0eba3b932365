package uhmep

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/query"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// bundle is a Bundle being written for one request. Stored resources go in as
// they are, so that one pass mints their pseudonyms.
type bundle struct {
	ResourceType string  `json:"resourceType"`
	ID           string  `json:"id"`
	Meta         any     `json:"meta,omitempty"`
	Type         string  `json:"type"`
	Total        *int    `json:"total,omitempty"`
	Link         []link  `json:"link,omitempty"`
	Entry        []entry `json:"entry,omitempty"`

	service *Service
	r       *http.Request
	have    map[string]bool
	shape   func([]byte) ([]byte, error)
	patient bool
}

type link struct {
	Relation string `json:"relation"`
	URL      string `json:"url"`
}

type entry struct {
	FullURL  string          `json:"fullUrl,omitempty"`
	Resource json.RawMessage `json:"resource,omitempty"`
	Search   *searchMode     `json:"search,omitempty"`
	Request  *entryRequest   `json:"request,omitempty"`
	Response *entryResponse  `json:"response,omitempty"`
}

type searchMode struct {
	Mode string `json:"mode"`
}

type entryRequest struct {
	Method string `json:"method"`
	URL    string `json:"url"`
}

type entryResponse struct {
	Status       string `json:"status"`
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"lastModified"`
}

func (s *Service) newBundle(r *http.Request, kind string) *bundle {
	t := tenant.From(r.Context())
	return &bundle{ResourceType: "Bundle", ID: t.Chance.UUID(), Type: kind, service: s, r: r, have: map[string]bool{},
		Meta: map[string]any{"lastUpdated": instant(t.Clock.Now())}}
}

// stored adds a stored resource, once; mode is match, include or "".
func (b *bundle) stored(x records.Resource, mode string) {
	b.add(x.Type+"/"+x.ID, x.JSON, mode)
}

func (b *bundle) add(ref string, resource []byte, mode string) {
	if b.have[ref] {
		return
	}
	b.have[ref] = true
	b.patient = b.patient || strings.HasPrefix(ref, "ServiceRequest/")
	e := entry{FullURL: base(b.r) + "/" + ref, Resource: resource}
	if mode != "" {
		e.Search = &searchMode{Mode: mode}
	}
	b.Entry = append(b.Entry, e)
}

// actors adds what a reference to a role or organisation leads to.
func (b *bundle) actors(ref string) {
	t := tenant.From(b.r.Context())
	if strings.HasPrefix(ref, "Organization/") {
		if o := b.service.organization(t, ref); o != nil {
			b.add(ref, tree.Encode(o), "")
		}
		return
	}
	b.role(ref, "")
	if p := b.service.practitioner(t, workflow.SSIN(ref)); p != nil {
		b.add("Practitioner/"+workflow.SSIN(ref), tree.Encode(p), "")
	}
	if _, n, scoped := strings.Cut(ref, "-NIHII-"); scoped {
		b.actors("Organization/NIHII-" + n)
	}
}

func (b *bundle) role(ref, mode string) {
	if o := b.service.role(tenant.From(b.r.Context()), ref); o != nil {
		b.add(ref, tree.Encode(o), mode)
	}
}

// version adds one version of a history.
func (b *bundle) version(x records.Resource) error {
	method, status := "PATCH", "200"
	switch {
	case x.Deleted:
		method, status = "DELETE", "204"
	case x.Version == 1:
		method, status = "POST", "201"
	}
	e := entry{FullURL: base(b.r) + "/" + x.Type + "/" + x.ID, Resource: x.JSON, Request: &entryRequest{Method: method, URL: x.Type + "/" + x.ID},
		Response: &entryResponse{Status: status, ETag: `W/"` + strconv.Itoa(x.Version) + `"`, LastModified: instant(x.Updated)}}
	if x.Version == 1 {
		e.Request.URL = x.Type
	}
	if x.Deleted {
		e.Resource = nil
	}
	b.patient = b.patient || x.Type == "ServiceRequest"
	b.Entry = append(b.Entry, e)
	return nil
}

// page adds the links of a page.
func (b *bundle) page(at func(offset int) string, q *query.Query, more bool) {
	b.Link = append(b.Link, link{"self", at(q.Offset)})
	if more && q.Count > 0 {
		b.Link = append(b.Link, link{"next", at(q.Offset + q.Count)})
	}
	if q.Offset > 0 && q.Count > 0 {
		b.Link = append(b.Link, link{"previous", at(max(q.Offset-q.Count, 0))})
	}
}

// response encodes the bundle and mints its pseudonyms.
func (b *bundle) response() (any, error) {
	if b.shape != nil {
		for i, e := range b.Entry {
			if e.Resource == nil || (e.Search != nil && e.Search.Mode == "include") {
				continue
			}
			out, err := b.shape(e.Resource)
			if err != nil {
				return nil, err
			}
			b.Entry[i].Resource = out
		}
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(b); err != nil {
		return nil, err
	}
	raw, err := b.service.Mint(tenant.From(b.r.Context()), bytes.TrimSpace(text.Bytes()))
	if err != nil {
		return nil, err
	}
	h := http.Header{}
	if b.patient {
		pseudonymised(h)
	}
	return &respond.Response{Status: http.StatusOK, Header: h, Body: raw, ContentType: fhirJSON}, nil
}

func encode(v map[string][]string) string { return url.Values(v).Encode() }

func asRefusal(err error) *respond.Refusal {
	f := new(respond.Refusal)
	if errors.As(err, &f) {
		return f
	}
	return nil
}
