package pss

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// Tags that tell the two kinds of stored bundles apart.
const (
	tagAdvice   = "recommendation"
	tagFeedback = "feedback"
)

const systemPSSID = pssBase + "NamingSystem/pss-id"

// searchBundles finds what was answered, and reported back, under a PSS number
// (PSS-5, PSS-6). There is no other search.
func (s *Service) searchBundles(r *http.Request) (any, error) {
	if _, err := s.authorize(r); err != nil {
		return nil, err
	}
	if err := acceptable(r); err != nil {
		return nil, err
	}
	query := r.URL.Query()
	for name := range query {
		switch name {
		case "identifier", "_tag", "_format":
		default:
			return nil, refuse(r, codeParameter, "search by "+shown(name), "identifier and _tag", "")
		}
	}
	system, id, split := strings.Cut(query.Get("identifier"), "|")
	if !split {
		system, id = "", system
	}
	if id == "" {
		return nil, refuse(r, codeParameter, "identifier is missing", "identifier=<PSS number>", "")
	}
	want := query.Get("_tag")
	if i := strings.LastIndex(want, "|"); i >= 0 {
		if tagSystem := want[:i]; tagSystem != "" && tagSystem != systemTags {
			want = "no such tag"
		} else {
			want = want[i+1:]
		}
	}
	var entries []any
	x, found, err := get(tenant.From(r.Context()), id)
	if err != nil {
		return nil, err
	}
	if found && (system == "" || system == systemPSSID) {
		for _, b := range x.bundles() {
			if want != "" && want != b.tag {
				continue
			}
			entries = append(entries, object{
				{"fullUrl", origin.Of(r) + strings.TrimPrefix(r.URL.Path, origin.Prefix(r)) + "/" + url.PathEscape(b.id)},
				{"resource", b.resource}, {"search", object{{"mode", "match"}}},
			})
		}
	}
	return object{
		{"resourceType", "Bundle"}, {"type", "searchset"}, {"total", len(entries)},
		{"link", []any{object{{"relation", "self"}, {"url", origin.Of(r) + strings.TrimPrefix(r.URL.RequestURI(), origin.Prefix(r))}}}},
		{"entry", entries},
	}, nil
}

// readBundle reads one stored bundle by the id a search gave it.
func (s *Service) readBundle(r *http.Request) (any, error) {
	if _, err := s.authorize(r); err != nil {
		return nil, err
	}
	if err := acceptable(r); err != nil {
		return nil, err
	}
	id := mux.Vars(r)["id"]
	x, found, err := get(tenant.From(r.Context()), strings.TrimSuffix(id, feedbackSuffix))
	if err != nil {
		return nil, err
	}
	if found {
		for _, b := range x.bundles() {
			if b.id == id {
				return b.resource, nil
			}
		}
	}
	return nil, refuse(r, codeExchange, shown(id), "the id of a bundle a search returned", "")
}

// feedbackSuffix makes the id of the feedback bundle from a PSS number.
const feedbackSuffix = "-feedback"

type storedBundle struct {
	id, tag  string
	resource any
}

// bundles are the stored bundles of an exchange, tagged.
func (x *exchange) bundles() []storedBundle {
	var out []storedBundle
	if b := tagged(x.Bundle, x.ID, tagAdvice); b != nil {
		out = append(out, storedBundle{x.ID, tagAdvice, b})
	}
	if len(x.Feedback) == 0 {
		return out
	}
	newID := derivedIDs(x.ID + feedbackSuffix)
	var entries []any
	last := x.Created
	for _, f := range x.Feedback {
		entries = append(entries, object{{"fullUrl", "urn:uuid:" + newID()}, {"resource", f.Resource}})
		last = f.Received
	}
	return append(out, storedBundle{x.ID + feedbackSuffix, tagFeedback, object{
		{"resourceType", "Bundle"}, {"id", x.ID + feedbackSuffix},
		{"meta", object{{"profile", []any{profileBase + "PSSFeedbackBundle"}}, {"tag", []any{coding(systemTags, tagFeedback, "")}}}},
		{"identifier", object{{"value", x.ID}}}, {"type", "collection"}, {"timestamp", instant(last)}, {"entry", entries},
	}})
}

// tagged adds id and tag to a bundle as it was sent; nil when there is none.
func tagged(raw json.RawMessage, id, tag string) any {
	if len(raw) == 0 {
		return nil
	}
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil
	}
	out := object{
		{"resourceType", members["resourceType"]}, {"id", id},
		{"meta", object{{"profile", []any{profileBase + "PSSResponseBundle"}}, {"tag", []any{coding(systemTags, tag, "")}}}},
	}
	for _, name := range []string{"identifier", "type", "timestamp", "entry"} {
		out = append(out, member{name, members[name]})
	}
	return out
}
