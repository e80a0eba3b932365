package terminology

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/fold"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// base is the URL below which the client calls us.
func base(r *http.Request) string {
	for _, p := range Prefixes() {
		if strings.HasPrefix(r.URL.Path, p) {
			return origin.Of(r) + p
		}
	}
	return origin.Of(r) + Prefixes()[0]
}

func locationOf(c *call, id string) string { return base(c.r) + "/" + c.typ + "/" + id }

func (s *Service) read(c *call) (any, error) {
	o, ok := s.find(c.r, c.typ, c.id)
	if !ok {
		return nil, unknownID(c.typ, c.id)
	}
	return summarise(o, c.query), nil
}

// search answers a type-level search.
func (s *Service) search(c *call) (any, error) {
	if err := checkSearch(c.query); err != nil {
		return nil, err
	}
	all := s.visible(c.r, c.typ)
	var hits []tx.Object
	for _, o := range all {
		if matches(c, o) {
			hits = append(hits, o)
		}
	}
	if err := sortBy(hits, c.query.Get("_sort")); err != nil {
		return nil, err
	}
	return page(c, hits)
}

// visible lists the resources of a type; what the tenant created hides the built-in one of the same id or canonical.
func (s *Service) visible(r *http.Request, typ string) []tx.Object {
	out := s.stored(tenant.From(r.Context()), typ)
	seen := map[string]bool{}
	keys := func(o tx.Object) []string {
		return []string{"id:" + text(o["id"]), "url:" + text(o["url"]) + "|" + text(o["version"])}
	}
	for _, o := range out {
		for _, k := range keys(o) {
			seen[k] = true
		}
	}
	for _, o := range s.builtins(typ) {
		k := keys(o)
		if !seen[k[0]] && (text(o["url"]) == "" || !seen[k[1]]) {
			out = append(out, o)
		}
		seen[k[0]] = true
	}
	return out
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// matches judges one resource by every search parameter.
func matches(c *call, o tx.Object) bool {
	for name, values := range c.query {
		param, modifier, _ := strings.Cut(name, ":")
		switch param {
		case "_count", "_offset", "_summary", "_elements", "_sort", "_total", "_format", "_pretty", "_page":
			continue
		}
		for _, v := range values {
			ok, known := matchOne(o, param, modifier, v)
			if !known {
				journal.Note(c.r.Context(), "ignored-parameter", name)
				continue
			}
			if !ok {
				return false
			}
		}
	}
	return true
}

// matchOne judges one parameter; several values separated by commas are alternatives.
func matchOne(o tx.Object, param, modifier, value string) (ok, known bool) {
	if modifier == "missing" {
		_, present := o[field(param)]
		return present == (value == "false"), true
	}
	alternatives := func(f func(string) bool) bool { return slices.ContainsFunc(splitValues(value), f) }
	switch param {
	case "_id":
		return alternatives(func(v string) bool { return text(o["id"]) == v }), true
	case "url":
		return alternatives(func(v string) bool {
			u, version, has := strings.Cut(v, "|")
			return text(o["url"]) == u && (!has || text(o["version"]) == version)
		}), true
	case "system":
		if text(o["resourceType"]) == "CodeSystem" {
			return alternatives(func(v string) bool { return text(o["url"]) == v }), true
		}
	case "name", "title", "description", "publisher":
		return alternatives(func(v string) bool { return matchText(text(o[param]), modifier, v) }), true
	case "date":
		return alternatives(func(v string) bool { return matchDate(text(o["date"]), v) }), true
	case "status", "version", "content":
		return alternatives(func(v string) bool {
			_, v, _ = cutToken(v)
			return text(o[param]) == v
		}), true
	case "identifier":
		return alternatives(func(v string) bool { return hasIdentifier(o, v) }), true
	case "code":
		if text(o["resourceType"]) == "CodeSystem" {
			return alternatives(func(v string) bool { return hasCode(o["concept"], v) }), true
		}
	case "reference":
		return alternatives(func(v string) bool { return references(o, v) }), true
	case "source-system", "target-system", "source", "target":
		key := strings.TrimSuffix(param, "-system")
		return alternatives(func(v string) bool { return mapsBetween(o, key, v) }), true
	}
	return true, false
}

func field(param string) string {
	if param == "_id" {
		return "id"
	}
	return param
}

// splitValues splits at commas that are not escaped.
func splitValues(v string) []string {
	var out []string
	cur := ""
	for i := 0; i < len(v); i++ {
		switch {
		case v[i] == '\\' && i+1 < len(v):
			i++
			cur += string(v[i])
		case v[i] == ',':
			out = append(out, cur)
			cur = ""
		default:
			cur += string(v[i])
		}
	}
	return append(out, cur)
}

func cutToken(v string) (system, code string, has bool) {
	if s, c, ok := strings.Cut(v, "|"); ok {
		return s, c, true
	}
	return "", v, false
}

func matchText(have, modifier, want string) bool {
	switch modifier {
	case "exact":
		return have == want
	case "contains":
		return strings.Contains(fold.String(have), fold.String(want))
	}
	// Starts with, at the beginning or at a word: integrators search CodeSystem?title=BE edition.
	h, w := fold.String(have), fold.String(want)
	return strings.HasPrefix(h, w) || strings.Contains(h, " "+w)
}

func hasIdentifier(o tx.Object, v string) bool {
	system, value, has := cutToken(v)
	list, _ := o["identifier"].([]any)
	for _, x := range list {
		id, _ := x.(tx.Object)
		if text(id["value"]) == value && (!has || system == "" || text(id["system"]) == system) {
			return true
		}
	}
	return false
}

func hasCode(list any, code string) bool {
	concepts, _ := list.([]any)
	for _, x := range concepts {
		if c, ok := x.(tx.Object); ok && (text(c["code"]) == code || hasCode(c["concept"], code)) {
			return true
		}
	}
	return false
}

func references(o tx.Object, system string) bool {
	compose, _ := o["compose"].(tx.Object)
	include, _ := compose["include"].([]any)
	for _, x := range include {
		if in, ok := x.(tx.Object); ok && text(in["system"]) == system {
			return true
		}
	}
	return false
}

func mapsBetween(o tx.Object, key, system string) bool {
	if text(o[key+"Uri"]) == system || text(o[key+"Canonical"]) == system {
		return true
	}
	groups, _ := o["group"].([]any)
	for _, x := range groups {
		if g, ok := x.(tx.Object); ok && text(g[key]) == system {
			return true
		}
	}
	return false
}

// sortBy orders by url, name, date or _id; a minus reverses.
func sortBy(list []tx.Object, spec string) error {
	if spec == "" {
		return nil
	}
	keys := strings.Split(spec, ",")
	for _, k := range keys {
		if !slices.Contains([]string{"url", "name", "date", "_id", "title", "version", "status"}, strings.TrimPrefix(k, "-")) {
			return &respond.Refusal{Status: http.StatusBadRequest, Code: "not-supported", Message: "cannot sort by " + k, Rule: "tx-sort", Got: k, Want: "url, name, date, _id"}
		}
	}
	slices.SortStableFunc(list, func(a, b tx.Object) int {
		for _, k := range keys {
			name, down := strings.CutPrefix(k, "-")
			if c := strings.Compare(text(a[field(name)]), text(b[field(name)])); c != 0 {
				if down {
					return -c
				}
				return c
			}
		}
		return 0
	})
	return nil
}

// page cuts the hits and writes the searchset with its links.
func page(c *call, hits []tx.Object) (any, error) {
	count, offset := 50, 0
	for name, into := range map[string]*int{"_count": &count, "_offset": &offset} {
		v := c.query.Get(name)
		if v == "" {
			continue
		}
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			return nil, &respond.Refusal{Status: http.StatusBadRequest, Code: "invalid", Message: name + " must be a whole number of 0 or more", Rule: "tx-search", Got: v}
		}
		*into = n
	}
	total := len(hits)
	hits = hits[min(offset, total):]
	more := len(hits) > count
	hits = hits[:min(count, len(hits))]
	root := base(c.r)
	link := func(at int) string {
		q := url.Values{}
		for k, v := range c.query {
			q[k] = v
		}
		if at > 0 {
			q.Set("_offset", strconv.Itoa(at))
		} else {
			q.Del("_offset")
		}
		u := root + "/" + c.typ
		if len(q) > 0 {
			u += "?" + q.Encode()
		}
		return u
	}
	links := []any{tx.Object{"relation": "self", "url": link(offset)}}
	// With _count=0 every page is the same: there is no other one to go to.
	if more && count > 0 {
		links = append(links, tx.Object{"relation": "next", "url": link(offset + count)})
	}
	if offset > 0 && count > 0 {
		links = append(links, tx.Object{"relation": "previous", "url": link(max(0, offset-count))})
	}
	b := tx.Object{"resourceType": "Bundle", "type": "searchset", "total": total, "link": links}
	var entries []any
	for _, o := range hits {
		entries = append(entries, tx.Object{"fullUrl": fmt.Sprintf("%s/%s/%s", root, c.typ, text(o["id"])), "resource": summarise(o, c.query), "search": tx.Object{"mode": "match"}})
	}
	if len(entries) > 0 && c.query.Get("_summary") != "count" {
		b["entry"] = entries
	}
	return b, nil
}

// summarise applies _summary and _elements.
func summarise(o tx.Object, q url.Values) tx.Object {
	keep := map[string]bool{"resourceType": true, "id": true, "meta": true}
	switch q.Get("_summary") {
	case "true":
		for _, k := range []string{"url", "identifier", "version", "name", "title", "status", "experimental", "date", "publisher", "copyright", "caseSensitive", "valueSet",
			"hierarchyMeaning", "compositional", "versionNeeded", "content", "supplements", "count", "property", "immutable", "language", "sourceUri", "targetUri", "sourceCanonical", "targetCanonical", "kind"} {
			keep[k] = true
		}
	case "text":
		keep["text"] = true
	case "data":
		out := tx.Object{}
		for k, v := range o {
			if k != "text" {
				out[k] = v
			}
		}
		return out
	default:
		e := q.Get("_elements")
		if e == "" {
			return o
		}
		for k := range strings.SplitSeq(e, ",") {
			keep[strings.TrimSpace(k)] = true
		}
	}
	out := tx.Object{}
	for k, v := range o {
		if keep[k] {
			out[k] = v
		}
	}
	out["meta"] = tx.Object{"tag": []any{tx.Object{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}}}
	return out
}
