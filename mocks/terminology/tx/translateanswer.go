package tx

import (
	"cmp"
	"fmt"
)

// answer writes the result: true when some match is a counterpart, not merely the statement that there is none.
func (t *translation) answer() Object {
	var o out
	good := false
	for _, m := range t.found {
		good = good || !m.noMap && m.equivalence != "unmatched" && m.equivalence != "disjoint"
	}
	o.add("result", "Boolean", good)
	if len(t.found) == 0 {
		c := t.codings[0]
		o.add("message", "String", cmp.Or(t.why, fmt.Sprintf("No translation found for %s#%s", c.System, c.Code)))
	}
	for _, m := range t.found {
		o.parts("match", t.matchParts(m))
	}
	for _, u := range t.used {
		o.add("used-conceptmap", "Uri", u)
	}
	return o.parameters()
}

func (t *translation) matchParts(m match) out {
	var parts out
	switch {
	case m.noMap:
		parts.add("noMap", "Boolean", true)
	case m.equivalence != "":
		parts.add("equivalence", "Code", m.equivalence)
	}
	if m.target.Code != "" {
		parts.add("concept", "Coding", t.withDisplay(m.target).object())
	}
	for _, d := range m.product {
		parts = append(parts, mapAttribute("product", d))
	}
	for _, d := range m.depends {
		parts = append(parts, mapAttribute("dependsOn", d))
	}
	for _, x := range [][2]string{{"message", m.advice}, {"targetComment", m.comment}, {"sourceComment", m.about}} {
		if x[1] != "" {
			parts.add(x[0], "String", x[1])
		}
	}
	if m.from.Code != "" {
		parts.add("sourceConcept", "Coding", m.from.object())
	}
	if m.origin != "" {
		typ := "Canonical"
		if m.implicit {
			typ = "Uri"
		}
		parts.add("source", typ, m.origin)
		parts.add("originMap", "Canonical", m.origin)
	}
	return parts
}

// mapAttribute writes a product or dependsOn of a target.
func mapAttribute(name string, d Object) Object {
	var parts out
	parts.add("element", "Uri", cmp.Or(str(d, "property"), str(d, "attribute")))
	parts.add("concept", "Coding", Coding{System: str(d, "system"), Code: str(d, "value"), Display: str(d, "display")}.object())
	return Object{"name": name, "part": []any(parts)}
}

// withDisplay fills in the display of a SNOMED CT target in the language asked for.
func (q *request) withDisplay(c Coding) Coding {
	if c.Display != "" || c.System != snomedURL {
		return c
	}
	if sys, p := q.system(c.System, c.Version); p == nil {
		if i, ok := sys.Find(c.Code); ok {
			c.Display, _ = sys.Display(i, q.langs)
		}
	}
	return c
}
