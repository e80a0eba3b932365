package profile

import (
	"strings"
)

// Row is one rule for documentation: its id, the place it holds for, and what it asks.
type Row struct{ Rule, Path, Text string }

// Rows lists the rules a profile adds to its parents, in the order of its file, without its invariants.
func (p *Profile) Rows() []Row {
	var out []Row
	for i := range p.elements {
		e := &p.elements[i]
		if e.from != p.ID {
			continue
		}
		add := func(aspect Aspect, text string) { out = append(out, Row{e.rule(aspect), e.Path, text}) }
		if e.Card == "0..0" {
			add(Cardinality, "not allowed")
		} else if e.Card != "" {
			add(Cardinality, e.Card)
		}
		if e.Types != nil {
			add(Types, "only "+strings.Join(e.Types, ", "))
		}
		if e.Targets != nil {
			add(Types, "reference to "+strings.Join(e.Targets, ", "))
		}
		if e.Fixed != "" {
			add(Fixed, "fixed `"+e.Fixed+"`")
		}
		if e.Codes != nil {
			add(Fixed, "one of "+strings.Join(e.Codes, ", "))
		}
		if e.Bind != nil {
			add(Binding, e.Bind.Strength+": "+e.Bind.ValueSet[strings.LastIndexByte(e.Bind.ValueSet, '/')+1:])
		}
		if e.Profile != "" {
			add(Types, "must meet "+e.Profile)
		}
	}
	for _, path := range sortedKeys(p.slicing) {
		if p.slicing[path].Closed {
			out = append(out, Row{p.ID + "/" + path + ":closed", path, "only the slices " + strings.Join(sortedKeys(p.slicing[path].Slices), ", ")})
		}
	}
	return out
}

// Rows lists the rules of an extension definition.
func (e *Extension) Rows() []Row {
	name := e.URL[strings.LastIndexByte(e.URL, '/')+1:]
	out := []Row{{name + ":context", name, "on " + strings.Join(e.Context, ", ")}}
	if e.Value != nil {
		out = append(out, Row{name + "/value[x]:type", "value[x]", strings.Join(e.Value, " or ")})
	}
	if e.Bind != nil {
		out = append(out, Row{name + "/value[x]:binding", "value[x]", e.Bind.Strength + ": " + e.Bind.ValueSet[strings.LastIndexByte(e.Bind.ValueSet, '/')+1:]})
	}
	if e.ID == "required" {
		out = append(out, Row{name + "/id:cardinality", "id", "1..1"})
	}
	for _, part := range e.Parts {
		text := part.Card + " " + part.Value
		if part.Fixed != "" {
			text += " = " + part.Fixed
		}
		if part.Codes != nil {
			text += " of " + strings.Join(part.Codes, ", ")
		}
		out = append(out, Row{name + "/" + part.Name + ":cardinality", part.Name, text})
	}
	return out
}
