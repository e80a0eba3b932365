package uhmep

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/query"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// parameters are those of the URL, and for a POST those of the form too.
func parameters(r *http.Request) (url.Values, error) {
	form := url.Values{}
	bad := func(err error) error {
		return refuse(codeInvalidParameter, "search-form", "the parameters cannot be read", err.Error(), "name=value pairs, percent-encoded", "")
	}
	fromURL, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, bad(err)
	}
	for k, v := range fromURL {
		form[k] = append(form[k], v...)
	}
	if r.Method != http.MethodPost {
		return form, nil
	}
	body := strings.TrimSpace(string(respond.Body(r)))
	if body == "" && r.Header.Get("Content-Type") == "" {
		return form, nil
	}
	if err := contentType(r, "application/x-www-form-urlencoded"); err != nil {
		return nil, err
	}
	posted, err := url.ParseQuery(body)
	if err != nil {
		return nil, bad(err)
	}
	for k, v := range posted {
		form[k] = append(form[k], v...)
	}
	return form, nil
}

func (s *Service) searchRequests(r *http.Request, c *Caller) (any, error) {
	form, err := parameters(r)
	if err != nil {
		return nil, err
	}
	t := tenant.From(r.Context())
	var stable []string
	if token := form.Get("_page"); token != "" {
		if form, stable, err = s.openPage(t, token, form); err != nil {
			return nil, err
		}
	}
	q, bad := query.Parse(form)
	if bad != nil {
		return nil, searchRefusal(bad)
	}
	q.Stable = stable
	q.Requester, q.Owner = relative(q.Requester, base(r)), relative(q.Owner, base(r))
	if q.Summary == "count" {
		q.Count = 0
	}
	f, err := s.Search(r.Context(), c, q)
	if err != nil {
		return nil, err
	}
	b := s.newBundle(r, "searchset")
	if f.Total >= 0 {
		b.Total = ptr(f.Total)
	}
	page, err := s.pageLinks(r, q, f)
	if err != nil {
		return nil, err
	}
	b.page(page, q, f.More)
	for _, x := range f.Matches {
		b.stored(x, "match")
	}
	for _, ref := range f.Roles {
		b.role(ref, "include")
	}
	for _, x := range f.Included {
		b.stored(x, "include")
	}
	b.shape = shaper(q)
	return b.response()
}

// relative strips the base of the API off references.
func relative(filters []query.AnyOf[string], base string) []query.AnyOf[string] {
	for _, f := range filters {
		for i := range f {
			f[i] = strings.TrimPrefix(f[i], base+"/")
		}
	}
	return filters
}

// pageLinks makes the links of a result. A pseudonym never stands in a link:
// such a search continues by an opaque token.
func (s *Service) pageLinks(r *http.Request, q *query.Query, f *Found) (func(offset int) string, error) {
	v := url.Values{}
	for name, values := range q.Values {
		if name != "_offset" && name != "_count" {
			v[name] = values
		}
	}
	if len(f.Stable) > 0 || r.Method == http.MethodPost {
		token, err := s.sealPage(tenant.From(r.Context()), v, f.Stable)
		if err != nil {
			return nil, err
		}
		v = url.Values{"_page": {token}}
	}
	return func(offset int) string {
		w := url.Values{"_count": {strconv.Itoa(q.Count)}, "_offset": {strconv.Itoa(offset)}}
		for k, values := range v {
			w[k] = values
		}
		return base(r) + "/ServiceRequest?" + w.Encode()
	}, nil
}

// pageToken is what a page link carries, sealed.
type pageToken struct {
	Values url.Values `json:"v"`
	Stable []string   `json:"p,omitempty"`
}

func (s *Service) sealPage(t *tenant.Tenant, v url.Values, stable []string) (string, error) {
	clean := url.Values{}
	for name, values := range v {
		if name != "patient" && name != "_page" {
			clean[name] = values
		}
	}
	raw, err := json.Marshal(pageToken{clean, stable})
	if err != nil {
		return "", err
	}
	box, err := s.pageBox.Get(t)()
	if err != nil {
		return "", err
	}
	nonce := t.Chance.Bytes(box.NonceSize())
	return base64.RawURLEncoding.EncodeToString(box.Seal(nonce, nonce, raw, nil)), nil
}

// openPage gives back the search a page link stands for, with the page asked.
func (s *Service) openPage(t *tenant.Tenant, token string, form url.Values) (url.Values, []string, error) {
	bad := refuse(codeInvalidParameter, "search-page", "this page link is not valid any more", "_page", "a link of an earlier answer", "search again: page links end with a restart or reset")
	box, err := s.pageBox.Get(t)()
	if err != nil {
		return nil, nil, err
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) < box.NonceSize() {
		return nil, nil, bad
	}
	plain, err := box.Open(nil, raw[:box.NonceSize()], raw[box.NonceSize():], nil)
	if err != nil {
		return nil, nil, bad
	}
	var p pageToken
	if err := json.Unmarshal(plain, &p); err != nil {
		return nil, nil, bad
	}
	out := url.Values{}
	for k, v := range p.Values {
		out[k] = v
	}
	for _, name := range []string{"_count", "_offset"} {
		if v := form[name]; len(v) > 0 {
			out[name] = v
		}
	}
	return out, p.Stable, nil
}

// newPageBox makes a tenant's box for page links: a key in memory, gone with
// the process.
func newPageBox(t *tenant.Tenant) func() (cipher.AEAD, error) {
	key := t.Chance.Bytes(32)
	return func() (cipher.AEAD, error) {
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		return cipher.NewGCM(block)
	}
}

// shaper applies _summary and _elements; nil when nothing was asked.
func shaper(q *query.Query) func([]byte) ([]byte, error) {
	var keep []string
	switch {
	case len(q.Elements) > 0:
		keep = append([]string{"resourceType", "id", "meta", "status", "intent", "subject"}, q.Elements...)
	case q.Summary == "true": // the elements R4 marks as summary
		keep = []string{"resourceType", "id", "meta", "implicitRules", "identifier", "basedOn", "replaces", "requisition", "status", "intent",
			"category", "priority", "doNotPerform", "code", "orderDetail", "quantityQuantity", "subject", "encounter", "occurrenceTiming",
			"occurrenceDateTime", "occurrencePeriod", "asNeededBoolean", "authoredOn", "requester", "reasonCode", "reasonReference", "specimen", "bodySite"}
	case q.Summary == "data":
		return func(raw []byte) ([]byte, error) { return subset(raw, func(name string) bool { return name != "text" }) }
	default:
		return nil
	}
	return func(raw []byte) ([]byte, error) {
		return subset(raw, func(name string) bool { return slices.Contains(keep, strings.TrimPrefix(name, "_")) })
	}
}

func subset(raw []byte, keep func(name string) bool) ([]byte, error) {
	o, err := readTree(raw)
	if err != nil {
		return nil, err
	}
	for name := range o {
		if !keep(name) {
			delete(o, name)
		}
	}
	meta, _ := o["meta"].(tree.Object)
	if meta == nil {
		meta = tree.Object{}
		o["meta"] = meta
	}
	tree.Append(meta, "tag", tree.Object{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"})
	return tree.Encode(o), nil
}
