package terminology

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// nativeConcepts answers /{branch}/concepts and its POST form.
func (s *Service) nativeConcepts(c *nativeCall) (any, error) {
	offset, limit, err := c.window()
	if err != nil {
		return nil, err
	}
	expression, term, ids := c.get("ecl"), c.get("term"), c.q["conceptIds"]
	if c.body != nil {
		expression, term = first(text(c.body["eclFilter"]), expression), first(text(c.body["termFilter"]), term)
		if list, ok := c.body["conceptIds"].([]any); ok {
			for _, v := range list {
				ids = append(ids, text(v))
			}
		}
	}
	e := c.e.Edition
	var set tx.Set
	if expression != "" {
		found, p := s.evaluate(c.r.Context(), e, expression)
		if p != nil {
			return nil, badNative(p.Error(), expression)
		}
		set = found
	}
	if len(ids) > 0 {
		wanted := snomed.NewSet(e.Len())
		for _, list := range ids {
			for id := range strings.SplitSeq(list, ",") {
				if n, ok := snomed.ParseID(strings.TrimSpace(id)); ok {
					if x, ok := e.Concept(n); ok {
						wanted.Add(x)
					}
				}
			}
		}
		if set != nil {
			wanted.And(set)
		}
		set = wanted
	}
	active, given, err := c.flag("activeFilter")
	if err != nil {
		return nil, err
	}
	if given {
		if set == nil {
			set = c.e.system.All()
		}
		if active {
			set.And(e.ActiveSet())
		} else {
			set.Minus(e.ActiveSet())
		}
	}
	if set == nil {
		set = c.e.system.All()
	}
	idOnly, _, err := c.flag("returnIdOnly")
	if err != nil {
		return nil, err
	}
	if on, given, err := c.flag("termActive"); err != nil {
		return nil, err
	} else if given && !on && term != "" {
		return nil, badNative("Parameter termActive=false is not supported: only active descriptions are searched here; /browser/{branch}/descriptions?active=false searches inactive ones.", "false")
	}
	var page []uint32
	var total int
	if term != "" {
		if utf8.RuneCountInString(term) < nativeMinTerm {
			return nil, badNative("Search term must have at least 3 characters.", term)
		}
		hits, n := e.Search(snomed.Query{Text: term, Languages: c.langs, Refsets: c.refsets, Within: set, Skip: offset, Limit: limit})
		total = n
		for _, h := range hits {
			page = append(page, h.Concept)
		}
	} else {
		total = set.Count()
		at := 0
		e.ByDisplay(set, c.refsets, func(x uint32) bool {
			if at >= offset && len(page) < limit {
				page = append(page, x)
			}
			at++
			return len(page) < limit
		})
	}
	items := []any{}
	for _, x := range page {
		if idOnly {
			items = append(items, snomed.ID(e.IDOf(x)))
		} else {
			items = append(items, c.mini(x))
		}
	}
	out := map[string]any{"items": items, "total": total, "limit": limit, "offset": offset}
	if offset+len(page) < total && len(page) > 0 {
		after := "o" + strconv.Itoa(offset+len(page))
		out["searchAfter"], out["searchAfterArray"] = after, []any{after}
	}
	return out, nil
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (s *Service) nativeMini(c *nativeCall) (any, error) {
	x, err := c.concept()
	if err != nil {
		return nil, err
	}
	return c.mini(x), nil
}

// nativeRelatives answers children, parents or ancestors.
func (s *Service) nativeRelatives(rel string) func(*nativeCall) (any, error) {
	return func(c *nativeCall) (any, error) {
		x, err := c.concept()
		if err != nil {
			return nil, err
		}
		list := c.e.Children(x)
		switch rel {
		case "parents":
			list = c.e.Parents(x)
		case "ancestors":
			list = c.e.Ancestors(x)
		}
		out := []any{}
		for _, r := range list {
			m := c.mini(r)
			m["isLeafInferred"] = len(c.e.Children(r)) == 0
			out = append(out, m)
		}
		return out, nil
	}
}

// nativeConcept answers the whole concept.
func (s *Service) nativeConcept(c *nativeCall) (any, error) {
	x, err := c.concept()
	if err != nil {
		return nil, err
	}
	e := c.e.Edition
	out := c.mini(x)
	out["released"] = true
	out["descendantCount"] = len(e.Descendants(x))
	descriptions := []any{}
	for _, d := range e.Descriptions(x) {
		accept := map[string]string{}
		for _, m := range e.Acceptability(d.Num) {
			role := "PREFERRED"
			if m.Role == snomed.Acceptable {
				role = "ACCEPTABLE"
			}
			accept[snomed.ID(m.Refset)] = role
		}
		descriptions = append(descriptions, map[string]any{"active": true, "released": true, "descriptionId": snomed.ID(d.ID), "term": d.Term, "conceptId": out["conceptId"], "lang": d.Language,
			"type":             map[uint64]string{snomed.FSN: "FSN", snomed.Synonym: "SYNONYM", snomed.Definition: "TEXT_DEFINITION"}[d.Type],
			"caseSignificance": map[uint64]string{snomed.CaseInsensitive: "CASE_INSENSITIVE", snomed.EntireTermSensitive: "ENTIRE_TERM_CASE_SENSITIVE"}[d.Sensitive], "acceptabilityMap": accept})
	}
	out["descriptions"] = descriptions
	relationships := []any{}
	add := func(typ, target uint32, group uint32) {
		relationships = append(relationships, map[string]any{"active": true, "released": true, "sourceId": out["conceptId"], "destinationId": snomed.ID(e.IDOf(target)), "typeId": snomed.ID(e.IDOf(typ)),
			"relationshipGroup": group, "groupId": group, "characteristicType": "INFERRED_RELATIONSHIP", "modifier": "EXISTENTIAL", "type": c.mini(typ), "target": c.mini(target)})
	}
	if isA, ok := e.Concept(snomed.IsA); ok {
		for _, p := range e.Parents(x) {
			add(isA, p, 0)
		}
	}
	for _, r := range e.Roles(x) {
		add(r.Type, r.Target, r.Group)
	}
	out["relationships"] = relationships
	out["classAxioms"], out["gciAxioms"] = []any{}, []any{}
	return out, nil
}

// nativeMembers answers the members of a reference set.
func (s *Service) nativeMembers(c *nativeCall) (any, error) {
	offset, limit, err := c.window()
	if err != nil {
		return nil, err
	}
	id, ok := snomed.ParseID(c.get("referenceSet"))
	if !ok {
		return nil, badNative("Parameter referenceSet must be an SCTID.", c.get("referenceSet"))
	}
	if active, given, err := c.flag("active"); err != nil {
		return nil, err
	} else if given && !active {
		return nil, badNative("Parameter active=false is not supported: inactive members are not kept when a release is imported.", "false")
	}
	e := c.e.Edition
	items := []any{}
	var total int
	if row, ok := e.Refset(id); ok {
		only := c.get("referencedComponentId")
		for i := range e.Members(row) {
			m := e.MemberAt(row, i)
			component := snomed.ID(e.IDOf(m.Concept))
			if only != "" && component != only {
				continue
			}
			if total >= offset && len(items) < limit {
				item := map[string]any{"active": true, "refsetId": snomed.ID(id), "referencedComponentId": component, "referencedComponent": c.mini(m.Concept)}
				extra := map[string]string{}
				switch {
				case row.Kind == "association" && m.Target != snomed.None:
					extra["targetComponentId"] = snomed.ID(e.IDOf(m.Target))
				case row.Kind == "attribute" && m.Target != snomed.None:
					extra["valueId"] = snomed.ID(e.IDOf(m.Target))
				case row.Kind == "map":
					if f := strings.Split(m.Text, "\t"); len(f) == 1 {
						extra["mapTarget"] = f[0]
					} else if len(f) >= 6 {
						extra["mapGroup"], extra["mapPriority"], extra["mapRule"], extra["mapAdvice"], extra["mapTarget"], extra["correlationId"] = f[0], f[1], f[2], f[3], f[4], f[5]
					}
				}
				item["additionalFields"] = extra
				items = append(items, item)
			}
			total++
		}
	}
	return map[string]any{"items": items, "total": total, "limit": limit, "offset": offset}, nil
}
