package ecl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// members gives what the members of the reference sets refer to, inactive concepts included, or the concepts of the field selected.
func (v *evaluator) members(refsets snomed.Set, x *Sub) (snomed.Set, error) {
	m := memberQuery{v: v, sub: x, active: true, reader: v.e.MemberReader(), missing: map[*Condition]bool{}}
	if err := m.prepare(); err != nil {
		return nil, err
	}
	rows := m.rows(refsets)
	out := v.empty()
	unknown := x.Field != nil
	for _, r := range rows {
		pick, found, err := m.pick(r)
		if err != nil {
			return nil, err
		}
		unknown = unknown && !found
		tests, err := m.bind(r)
		if err != nil {
			return nil, err
		}
		if pick == nil || tests == nil {
			continue
		}
		if err := m.scan(r, tests, pick, out); err != nil {
			return nil, err
		}
	}
	if unknown && len(rows) > 0 {
		return nil, noField(x.Field.Name, x.Field.Column, rows)
	}
	for c, missing := range m.missing {
		if missing && len(rows) > 0 {
			return nil, noField(c.Name, c.Column, rows)
		}
	}
	return out, nil
}

// memberQuery is one ^ with its member filters.
type memberQuery struct {
	v                *evaluator
	sub              *Sub
	conditions       []memberCondition
	active, inactive bool // which members are asked for
	reader           *snomed.MemberReader
	missing          map[*Condition]bool // conditions whose field no reference set has, so far
}

type memberCondition struct {
	*Condition
	set snomed.Set
}

type memberTest func(i int) bool

// prepare evaluates the values of all conditions; a member must satisfy all filters.
func (m *memberQuery) prepare() error {
	stated := false
	for i := range m.sub.Filters {
		if m.sub.Filters[i].Kind != "M" {
			continue
		}
		for k := range m.sub.Filters[i].Conditions {
			c := &m.sub.Filters[i].Conditions[k]
			if c.Name == "active" {
				if !stated {
					m.active, m.inactive, stated = true, true, true
				}
				m.active, m.inactive = m.active && c.active(true), m.inactive && c.active(false)
				continue
			}
			set, err := m.v.valueSet(c.Set)
			if err != nil {
				return err
			}
			m.conditions = append(m.conditions, memberCondition{c, set})
		}
	}
	// Texts cost more to compare than numbers.
	slices.SortStableFunc(m.conditions, func(a, b memberCondition) int { return min(len(a.Terms), 1) - min(len(b.Terms), 1) })
	return nil
}

// rows lists the reference sets; * stands for those that are listed.
func (m *memberQuery) rows(refsets snomed.Set) []*snomed.RefsetRow {
	var out []*snomed.RefsetRow
	e := m.v.e
	if m.sub.Any {
		for i := range e.Refsets {
			out = append(out, &e.Refsets[i])
		}
		for i := range e.Unlisted {
			if r := &e.Unlisted[i]; m.inactive && r.To == r.From {
				out = append(out, r)
			}
		}
		return out
	}
	refsets.Each(func(c uint32) bool {
		if r, ok := e.Refset(e.IDOf(c)); ok {
			out = append(out, r)
		}
		return true
	})
	return out
}

// scan adds what is picked of the members that pass all tests.
func (m *memberQuery) scan(r *snomed.RefsetRow, tests []memberTest, pick func(i int) uint32, out snomed.Set) error {
	from, to := r.From, r.End
	if !m.active {
		from = r.To
	}
	if !m.inactive {
		to = r.To
	}
	if len(tests) == 0 && m.sub.Field == nil && m.active && !m.inactive {
		out.AddAll(m.v.e.Members(r))
		return nil
	}
next:
	for i := from; i < to; i++ {
		if i%4096 == 0 && m.v.ctx.Err() != nil {
			return m.v.ctx.Err()
		}
		for _, t := range tests {
			if !t(i) {
				continue next
			}
		}
		if c := pick(i); c != snomed.None {
			out.Add(c)
		}
	}
	return nil
}

// pick gives the function that tells the concept wanted of a member, nil when the set has no such field.
func (m *memberQuery) pick(r *snomed.RefsetRow) (pick func(i int) uint32, found bool, err error) {
	f := m.sub.Field
	if f == nil || strings.EqualFold(f.Name, "referencedComponentId") {
		return m.reader.Concept, true, nil
	}
	ofID := func(id uint64) uint32 {
		if c, ok := m.v.e.Concept(id); ok {
			return c
		}
		return snomed.None
	}
	switch strings.ToLower(f.Name) {
	case "moduleid":
		return func(i int) uint32 { return ofID(m.reader.Module(i)) }, true, nil
	case "refsetid":
		c := ofID(r.ID)
		return func(int) uint32 { return c }, true, nil
	case "id", "effectivetime", "active":
		return nil, true, notConcepts(f)
	}
	k, ok := r.Field(f.Name)
	switch {
	case !ok:
		return nil, false, nil
	case r.Fields[k].Type != snomed.FieldConcept:
		return nil, true, notConcepts(f)
	}
	return func(i int) uint32 { return m.reader.Target(r, i, k) }, true, nil
}

func notConcepts(f *MemberField) error {
	return &Error{Column: f.Column, Text: fmt.Sprintf("the field %s holds no concepts, and the answer must be concepts", f.Name), Unsupported: true}
}

// noField says which fields there are.
func noField(name string, column int, rows []*snomed.RefsetRow) error {
	have := []string{"referencedComponentId"}
	for _, r := range rows {
		for _, f := range r.Fields {
			if !slices.Contains(have, f.Name) && len(have) < 12 {
				have = append(have, f.Name)
			}
		}
	}
	return &Error{Column: column, Text: fmt.Sprintf("no reference set here has a field %q; there is %s", name, strings.Join(have, ", "))}
}

// bind makes the tests for the members of a reference set; nil when a field is missing in it.
func (m *memberQuery) bind(r *snomed.RefsetRow) ([]memberTest, error) {
	tests := []memberTest{}
	for _, c := range m.conditions {
		test, err := m.test(c, r)
		if err != nil {
			return nil, err
		}
		if known, seen := m.missing[c.Condition]; !seen || known {
			m.missing[c.Condition] = test == nil
		}
		if test == nil {
			tests = nil
		} else if tests != nil {
			tests = append(tests, test)
		}
	}
	return tests, nil
}

func (m *memberQuery) test(c memberCondition, r *snomed.RefsetRow) (memberTest, error) {
	want := c.Compare != "!="
	name := strings.ToLower(c.Name)
	switch name {
	case "effectivetime":
		return func(i int) bool { return c.time(m.reader.Effective(i)) }, nil
	case "moduleid":
		return func(i int) bool { return m.v.within(c.set, m.reader.Module(i)) == want }, nil
	}
	k, ok := r.Field(c.Name)
	typ := snomed.FieldConcept
	switch {
	case ok:
		typ = r.Fields[k].Type
	case name != "referencedcomponentid" && name != "refsetid":
		return nil, nil
	}
	if typ == snomed.FieldConcept {
		if c.Set == nil {
			return nil, c.wrongType("concepts", "= and an expression")
		}
		switch {
		case name == "referencedcomponentid":
			return func(i int) bool { return c.set.Has(m.reader.Concept(i)) == want }, nil
		case name == "refsetid":
			return func(int) bool { return m.v.within(c.set, r.ID) == want }, nil
		}
		return func(i int) bool {
			t := m.reader.Target(r, i, k)
			return (t != snomed.None && c.set.Has(t)) == want
		}, nil
	}
	return m.literal(c, r, k, typ)
}

// literal compares numbers, texts, times and truth values.
func (m *memberQuery) literal(c memberCondition, r *snomed.RefsetRow, k int, typ string) (memberTest, error) {
	want := c.Compare != "!="
	text := func(i int) string { return string(m.reader.Text(r, i, k)) }
	switch {
	case c.Number != nil:
		return func(i int) bool {
			n, err := strconv.ParseFloat(text(i), 64)
			return err == nil && compare(c.Compare, n, *c.Number)
		}, nil
	case c.Words != nil: // true, false
		return func(i int) bool {
			t := strings.ToLower(text(i))
			return (t == "true" || t == "1") == (c.Words[0] == "true") == want
		}, nil
	case typ == snomed.FieldText && c.Times != nil:
		return func(i int) bool {
			n, err := strconv.ParseUint(text(i), 10, 32)
			return err == nil && c.time(uint32(n))
		}, nil
	case typ == snomed.FieldText && c.Terms != nil:
		return func(i int) bool {
			t := text(i)
			return slices.ContainsFunc(c.Terms, func(s SearchTerm) bool { return s.matches(t) }) == want
		}, nil
	case typ == snomed.FieldNumber:
		return nil, c.wrongType("numbers", "#5")
	}
	return nil, c.wrongType("texts", "a text in quotation marks")
}

func (c *Condition) wrongType(holds, write string) error {
	return &Error{Column: c.Value, Text: fmt.Sprintf("the field %s holds %s: compare it with %s", c.Name, holds, write)}
}
