package pseudo

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// MountControl registers the calls below /_sandbox/pseudo: they open the boxes
// for learning and tests. Nothing here exists at eHealth.
func (s *Service) MountControl(m *respond.Mux) {
	m.Handle("pseudo-owners", http.MethodGet, "/pseudo/owners", s.listOwners)
	m.Handle("pseudo-owner-key", http.MethodGet, "/pseudo/owners/{application}/private-key", s.ownerKey)
	m.Handle("pseudo-domains", http.MethodGet, "/pseudo/domains", s.listDomains)
	m.Handle("pseudo-domain", http.MethodGet, "/pseudo/domains/{domain}", s.showDomain)
	m.Handle("pseudo-domain-put", http.MethodPut, "/pseudo/domains/{domain}", s.putDomain)
	m.Handle("pseudo-domain-delete", http.MethodDelete, "/pseudo/domains/{domain}", s.deleteDomain)
	m.Handle("pseudo-domain-keys", http.MethodGet, "/pseudo/domains/{domain}/keys", s.domainKeys)
	m.Handle("pseudo-at-rest", http.MethodGet, "/pseudo/domains/{domain}/at-rest/{value}", s.valueAtRest)
	m.Handle("pseudo-in-transit", http.MethodGet, "/pseudo/domains/{domain}/in-transit/{value}", s.valueInTransit)
	m.Handle("pseudo-rotate", http.MethodPost, "/pseudo/domains/{domain}/rotate", s.rotate)
	m.Handle("pseudo-open", http.MethodPost, "/pseudo/open", s.openPseudonym)
	m.Handle("pseudo-explain", http.MethodPost, "/pseudo/explain", s.explain)
	m.Handle("pseudo-counters", http.MethodGet, "/pseudo/counters", s.showCounters)
}

func controlNotFound(message string) error {
	return &respond.Refusal{Status: http.StatusNotFound, Code: respond.CodeNotFound, Message: message, Rule: "control-not-found"}
}

func controlBad(code, message, hint string) error {
	return &respond.Refusal{Status: http.StatusBadRequest, Code: "bad-" + code, Message: message, Rule: "control-" + code, Hint: hint}
}

// decodeStrict reads a JSON body without unknown members; an empty body is {}.
func decodeStrict(r *http.Request, v any) error {
	body := strings.TrimSpace(string(respond.Body(r)))
	if body == "" {
		body = "{}"
	}
	dec := json.NewDecoder(strings.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return controlBad("body", "the body is not the JSON expected: "+err.Error(), "")
	}
	if dec.More() {
		return controlBad("body", "the body holds more than one JSON value", "")
	}
	return nil
}

// named returns the domain of the path, or a 404 of the control API.
func (s *Service) named(r *http.Request) (*tenant.Tenant, *domain, error) {
	t, key := tenant.From(r.Context()), mux.Vars(r)["domain"]
	d, err := s.domain(t, key)
	if err == nil && d == nil {
		err = controlNotFound("there is no domain " + clip(key) + "; GET /_sandbox/pseudo/domains lists them")
	}
	return t, d, err
}

func (s *Service) listOwners(r *http.Request) (any, error) {
	type row struct {
		Name          string `json:"name"`
		Type          string `json:"type"`
		Identifier    string `json:"identifier"`
		ApplicationID string `json:"applicationIdentifier"`
		KID           string `json:"kid"`
		X5T           string `json:"x5t#S256"`
		JKU           string `json:"jku"`
		JWKS          string `json:"jwks"` // where the sandbox serves what stands behind jku
		PrivateKey    string `json:"private_key"`
	}
	base, out := origin.Of(r), []row{}
	for _, o := range s.owners {
		jku := s.jku(o.row)
		_, path, _ := strings.Cut(jku, "/etee/")
		out = append(out, row{o.row.Name, o.row.Type, o.row.Identifier, o.row.ApplicationID, o.row.KID,
			base64.RawURLEncoding.EncodeToString(o.jwk.CertificateThumbprintSHA256), jku, base + "/etee/" + path,
			base + "/_sandbox/pseudo/owners/" + o.row.ApplicationID + "/private-key"})
	}
	return map[string]any{"owners": out}, nil
}

// ownerKey hands out an owner's private key: PEM with the certificate, or a JWK
// if the request accepts JSON.
func (s *Service) ownerKey(r *http.Request) (any, error) {
	name := mux.Vars(r)["application"]
	o := s.ownerNamed(name)
	if o == nil {
		return nil, controlNotFound("there is no owner " + clip(name) + "; GET /_sandbox/pseudo/owners lists them")
	}
	accept := r.Header.Get("Accept")
	if strings.Contains(accept, "json") {
		k := o.jwk
		k.Key = o.private
		return &respond.Response{Status: http.StatusOK, ContentType: "application/jwk+json", Body: k}, nil
	}
	return &respond.Response{Status: http.StatusOK, ContentType: "application/x-pem-file", Body: o.pem}, nil
}

type domainView struct {
	Key        string      `json:"key"`
	Desc       string      `json:"description"`
	Audience   string      `json:"audience"`
	BufferSize int         `json:"buffer_size"`
	TimeToLive string      `json:"time_to_live"`
	Owners     []string    `json:"owners"` // jku of each
	Keys       []keyView   `json:"secret_keys"`
	Access     []accessRow `json:"access"`
	Added      bool        `json:"added"`
}

type keyView struct {
	KID    string          `json:"kid"`
	Active bool            `json:"active"`
	JWK    json.RawMessage `json:"jwk,omitempty"`
}

func (s *Service) view(d *domain, opened bool) (domainView, error) {
	v := domainView{Key: d.row.Key, Desc: d.row.Description, Audience: d.audience, BufferSize: d.row.BufferSize, TimeToLive: d.row.TimeToLive,
		Owners: []string{}, Keys: []keyView{}, Access: d.row.Access, Added: d.added}
	recipients, err := s.recipients(d)
	if err != nil {
		return v, err
	}
	for _, r := range recipients {
		v.Owners = append(v.Owners, r.JKU)
	}
	for _, row := range d.row.SecretKeys {
		k := keyView{KID: row.KID, Active: row.Active}
		if opened {
			k.JWK = d.keys[row.KID].JWK()
		}
		v.Keys = append(v.Keys, k)
	}
	if v.Access == nil {
		v.Access = []accessRow{}
	}
	return v, nil
}

func (s *Service) listDomains(r *http.Request) (any, error) {
	t := tenant.From(r.Context())
	keys, err := s.keys(t)
	if err != nil {
		return nil, err
	}
	out := []domainView{}
	for _, key := range keys {
		d, err := s.domain(t, key)
		if err != nil {
			return nil, err
		}
		if d == nil {
			continue
		}
		v, err := s.view(d, false)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return map[string]any{"domains": out}, nil
}

func (s *Service) showDomain(r *http.Request) (any, error) {
	_, d, err := s.named(r)
	if err != nil {
		return nil, err
	}
	return s.view(d, false)
}

// domainKeys shows the AES keys of a domain in the clear.
func (s *Service) domainKeys(r *http.Request) (any, error) {
	_, d, err := s.named(r)
	if err != nil {
		return nil, err
	}
	v, err := s.view(d, true)
	return map[string]any{"domain": v.Key, "audience": v.Audience, "keys": v.Keys}, err
}

func (s *Service) valueAtRest(r *http.Request) (any, error) {
	t, d, err := s.named(r)
	if err != nil {
		return nil, err
	}
	value := mux.Vars(r)["value"]
	atRest, err := s.Owned(d.row.Key).AtRest(t, value)
	if err != nil {
		return nil, controlBad("value", err.Error(), "")
	}
	return map[string]any{"domain": d.row.Key, "value": value, "at_rest": atRest, "x": standard(atRest)}, nil
}

// standard is the base64 of x in the alphabet of requests and answers.
func standard(atRest string) string { return strings.NewReplacer("-", "+", "_", "/").Replace(atRest) }

func (s *Service) valueInTransit(r *http.Request) (any, error) {
	t, d, err := s.named(r)
	if err != nil {
		return nil, err
	}
	transit, err := s.Owned(d.row.Key).Transit(t, mux.Vars(r)["value"])
	if err != nil {
		return nil, controlBad("value", err.Error(), "")
	}
	p, err := client.ParseInTransit(transit)
	if err != nil {
		return nil, err
	}
	h, err := client.ParseHeader(p.TransitInfo)
	if err != nil {
		return nil, err
	}
	return map[string]any{"domain": d.row.Key, "short": p.String(), "standard": p.Standard(), "urn": p.FHIR(), "exp": h.Expires}, nil
}

// openPseudonym shows everything about a pseudonym in transit; a box that has
// expired is opened all the same.
func (s *Service) openPseudonym(r *http.Request) (any, error) {
	var in struct {
		Pseudonym string `json:"pseudonym"`
		Domain    string `json:"domain"` // found by the audience if empty
	}
	if err := decodeStrict(r, &in); err != nil {
		return nil, err
	}
	p, err := client.ParseInTransit(strings.TrimSpace(in.Pseudonym))
	if err != nil {
		return nil, controlBad("pseudonym", err.Error(), "send <SEC 1>:<transitInfo>, with or without its urn: prefix")
	}
	header, err := client.ParseHeader(p.TransitInfo)
	if err != nil {
		return nil, controlBad("pseudonym", err.Error(), "")
	}
	t := tenant.From(r.Context())
	d, err := s.byAudience(t, in.Domain, header.Audience)
	if err != nil {
		return nil, err
	}
	box, _, err := client.OpenBox(p.TransitInfo, d.check(time.Time{}))
	if err != nil {
		return nil, controlBad("pseudonym", err.Error(), boxHint(kindOf(err)))
	}
	q, err := multiply(t, p.Point, box.Scalar)
	if err != nil {
		return nil, err
	}
	now := t.Clock.Now()
	atRest := client.AtRestOf(q).String()
	out := map[string]any{
		"domain": d.row.Key, "at_rest": atRest, "x": standard(atRest),
		"point":   pointView(p.Point),
		"header":  map[string]any{"kid": header.KeyID, "aud": header.Audience, "iat": header.IssuedAt, "exp": header.Expires},
		"box":     map[string]any{"iat": box.IssuedAt.Unix(), "exp": box.Expires.Unix(), "scalar": base64.StdEncoding.EncodeToString(box.Scalar.Bytes())},
		"expired": box.Expires.Before(now.Add(-client.ClockSkew)), "seconds_left": int64(box.Expires.Sub(now) / time.Second),
	}
	value, err := s.Owned(d.row.Key).Value(t, atRest)
	switch {
	case errors.Is(err, client.ErrNoValue):
		out["value"], out["value_hint"] = nil, "the point holds no value: the box belongs to another pseudonym, or the point is still blinded"
	case err != nil:
		return nil, err
	case printable(value):
		out["value"] = string(value)
	default:
		out["value_base64"] = base64.StdEncoding.EncodeToString(value)
	}
	return out, nil
}

func kindOf(err error) string {
	var b *client.BoxError
	if errors.As(err, &b) {
		return b.Kind
	}
	return ""
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return true
}

// byAudience finds the domain of a box by name or by its aud.
func (s *Service) byAudience(t *tenant.Tenant, name, audience string) (*domain, error) {
	keys, err := s.keys(t)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		d, err := s.domain(t, key)
		if err != nil {
			return nil, err
		}
		if d != nil && (name == key || name == "" && d.audience == audience) {
			return d, nil
		}
	}
	if name != "" {
		return nil, controlNotFound("there is no domain " + clip(name))
	}
	return nil, controlNotFound("no domain has the audience " + clip(audience))
}

// rotate makes a new active key; the old ones stay listed, so that what was
// sealed under them can still be opened.
func (s *Service) rotate(r *http.Request) (any, error) {
	t, d, err := s.named(r)
	if err != nil {
		return nil, err
	}
	row := d.row
	row.SecretKeys = append([]secretRow(nil), row.SecretKeys...)
	for i := range row.SecretKeys {
		row.SecretKeys[i].Active = false
	}
	row.SecretKeys = append(row.SecretKeys, newSecret(t))
	if d, err = s.save(t, row); err != nil {
		return nil, err
	}
	return s.view(d, false)
}

func newSecret(t *tenant.Tenant) secretRow {
	return secretRow{KID: "sandbox-" + t.Chance.UUID(), Secret: t.Chance.Token(32), Active: true}
}

func (s *Service) showCounters(r *http.Request) (any, error) {
	id := r.URL.Query().Get("client_id")
	if id == "" {
		return nil, controlBad("client", "client_id is missing", "GET /_sandbox/pseudo/counters?client_id=demo-hospital")
	}
	return s.Counters(tenant.From(r.Context()), id)
}
