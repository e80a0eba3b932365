package snomedtest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// Edition is an edition with the identifiers of its concepts by name.
type Edition struct {
	*snomed.Edition
	IDs map[string]uint64
	tb  testing.TB
}

// ID gives the identifier of a concept by its name.
func (e *Edition) ID(name string) uint64 {
	e.tb.Helper()
	id, ok := e.IDs[name]
	if !ok {
		e.tb.Fatalf("no concept is called %q", name)
	}
	return id
}

// Text replaces every [Name] by the identifier of the concept.
func (e *Edition) Text(s string) string {
	e.tb.Helper()
	return named.ReplaceAllStringFunc(s, func(m string) string { return snomed.ID(e.ID(m[1 : len(m)-1])) })
}

var (
	named = regexp.MustCompile(`\[[A-Za-z][^\]]*\]`)
	group = regexp.MustCompile(`\{[^}]*\}`)
)

type line struct {
	name, parents, roles string
	id                   uint64
	defined, inactive    bool
}

// New builds an edition. version is its version URI.
func New(tb testing.TB, version, text string) *Edition {
	tb.Helper()
	e := &Edition{IDs: map[string]uint64{}, tb: tb}
	var concepts []line
	var members []string
	for l := range strings.Lines(text) {
		l = strings.TrimSpace(l)
		switch {
		case l == "":
		case strings.HasPrefix(l, "^"), strings.HasPrefix(l, "domain "), strings.HasPrefix(l, "range "):
			members = append(members, l)
		default:
			c := read(l, len(concepts))
			e.IDs[c.name] = c.id
			concepts = append(concepts, c)
		}
	}
	b := snomed.NewBuilder()
	for n, c := range concepts {
		b.Concept(c.id, snomed.CoreModule, 20250101, !c.inactive, c.defined)
		for p := range strings.SplitSeq(c.parents, ",") {
			if p = strings.TrimSpace(p); p != "" {
				b.Relation(c.id, e.ID(p), snomed.IsA, 0)
			}
		}
		for i, g := range group.FindAllString(c.roles, -1) {
			e.relate(b, c.id, strings.Trim(g, "{}"), uint32(i+1))
		}
		e.relate(b, c.id, group.ReplaceAllString(c.roles, ""), 0)
		d := snomed.WithCheckDigit(uint64(5000+n)*100 + 1)
		if err := b.Description(d, c.id, "en", snomed.Synonym, []byte(c.name), snomed.CaseInsensitive, 20250101); err != nil {
			tb.Fatal(err)
		}
		if err := b.LangMember(snomed.EnUS, d, true); err != nil {
			tb.Fatal(err)
		}
	}
	for _, m := range members {
		if err := e.member(b, m); err != nil {
			tb.Fatal(err)
		}
	}
	built, err := b.Finish(snomed.Meta{Module: snomed.CoreModule, Date: "20250101", System: version, Title: "SNOMED CT Test Edition"})
	if err != nil {
		tb.Fatal(err)
	}
	e.Edition = built
	return e
}

func read(l string, n int) line {
	c := line{id: snomed.WithCheckDigit(uint64(7000+n) * 100)}
	head, roles, _ := strings.Cut(l, ":")
	head, parents, _ := strings.Cut(head, "<")
	c.roles, c.parents, c.name = roles, parents, strings.TrimSpace(head)
	if name, ok := strings.CutSuffix(c.name, "*"); ok {
		c.name, c.defined = name, true
	}
	if name, ok := strings.CutSuffix(c.name, "-"); ok {
		c.name, c.inactive = name, true
	}
	if name, id, ok := strings.Cut(c.name, "#"); ok {
		c.name = name
		c.id, _ = strconv.ParseUint(id, 10, 64)
	}
	return c
}

// relate adds relationships: attribute=value, attribute=value.
func (e *Edition) relate(b *snomed.Builder, source uint64, list string, group uint32) {
	for r := range strings.SplitSeq(list, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(r), "=")
		switch {
		case !ok:
		case strings.HasPrefix(value, "#"), strings.HasPrefix(value, `"`):
			b.ConcreteValue(source, e.ID(name), group, value)
		default:
			b.Relation(source, e.ID(value), e.ID(name), group)
		}
	}
}

// member adds the members of a reference set, or a rule of the concept model.
func (e *Edition) member(b *snomed.Builder, l string) error {
	if set, list, ok := strings.Cut(l, ":"); ok && strings.HasPrefix(l, "^") {
		shape := b.Shape(snomed.Shape{Kind: snomed.KindSimple})
		for c := range strings.SplitSeq(list, ",") {
			r := snomed.Row{Shape: shape, Refset: e.ID(strings.TrimSpace(set[1:])), Concept: e.ID(strings.TrimSpace(c)), Module: snomed.CoreModule, Effective: 20250101}
			if err := b.Member(r); err != nil {
				return err
			}
		}
		return nil
	}
	kind, rest, _ := strings.Cut(l, " ")
	parts := 5
	if kind == "range" {
		parts = 2 // constraints have pipes, too
	}
	f := strings.SplitN(rest, "|", parts)
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	const mandatory, postcoordinated = "723597001", "723595009"
	row := snomed.Row{Concept: e.ID(f[0]), Module: snomed.CoreModule, Effective: 20250101}
	var names []string
	if kind == "domain" {
		names = []string{"domainId", "grouped", "attributeCardinality", "attributeInGroupCardinality", "ruleStrengthId", "contentTypeId"}
		row.Refset = 723604009
		row.Text = fmt.Appendf(nil, "%d\t%s\t%s\t%s\t%s\t%s", e.ID(f[1]), f[2], f[3], f[4], mandatory, postcoordinated)
	} else {
		names = []string{"rangeConstraint", "attributeRule", "ruleStrengthId", "contentTypeId"}
		row.Refset = 723592007
		row.Text = fmt.Appendf(nil, "%s\t\t%s\t%s", e.Text(f[1]), mandatory, postcoordinated)
	}
	s := snomed.Shape{Kind: snomed.KindSimple}
	for _, n := range names {
		s.Fields = append(s.Fields, snomed.Field{Name: n, Type: snomed.FieldText})
	}
	row.Shape = b.Shape(s)
	return b.Member(row)
}
