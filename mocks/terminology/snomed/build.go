package snomed

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
)

// Builder collects the rows of one release. Only rows that hold in the release are given to it; inactive concepts and
// members belong to it, inactive descriptions only by way of Retired, relationships and identifiers not at all. It is used by one
// goroutine.
type Builder struct {
	concepts     []conceptRow
	descriptions []descriptionRow
	retired      []descriptionRow // inactive ones
	terms        []byte
	relations    []relationRow
	concretes    []concreteRow
	langMembers  []langRow
	members      []memberRow
	texts        []byte
	identifiers  []identifierRow
	codes        []byte

	languages        []string
	langRefsets      []uint64
	retiredLanguages []string
	shapes           []Shape
	modules          []uint64
	lastModule       int // the module of the last row, which mostly is that of the next

	// Report receives what is wrong but does not stop the import.
	Report func(format string, args ...any)
}

type conceptRow struct {
	id, module uint64
	eff        uint32
	flags      byte
}

type descriptionRow struct {
	id, concept     uint64
	off             uint32
	size            uint16
	typ, lang, sens byte
	ownModule       bool
	module          byte // its number, when it has its own
	eff             uint32
}

type relationRow struct {
	source, target, typ uint64
	group               uint32
}

type concreteRow struct {
	source, typ uint64
	group       uint32
	value       string
}

type langRow struct {
	desc      uint64
	refset    uint8
	preferred bool
}

// NewBuilder makes an empty builder.
func NewBuilder() *Builder {
	return &Builder{Report: func(string, ...any) {}}
}

// Concept adds a concept.
func (b *Builder) Concept(id, module uint64, effective uint32, active, defined bool) {
	row := conceptRow{id: id, module: module, eff: effective}
	if active {
		row.flags |= 1
	}
	if defined {
		row.flags |= 2
	}
	b.concepts = append(b.concepts, row)
}

// Description adds an active description of the module of its concept; the term is copied.
func (b *Builder) Description(id, concept uint64, lang string, typ uint64, term []byte, sensitive uint64, effective uint32) error {
	row, err := b.descriptionRow(&b.languages, id, concept, lang, typ, term, sensitive, effective)
	if err != nil {
		return err
	}
	b.descriptions = append(b.descriptions, row)
	return nil
}

// descriptionRow copies the term and numbers the language.
func (b *Builder) descriptionRow(languages *[]string, id, concept uint64, lang string, typ uint64, term []byte, sensitive uint64, effective uint32) (descriptionRow, error) {
	if len(b.terms)+len(term) > 1<<32-1 || len(term) > 1<<16-1 {
		return descriptionRow{}, fmt.Errorf("description %d: the terms of this release are too long (%d bytes)", id, len(b.terms)+len(term))
	}
	l := slices.Index(*languages, lang)
	if l < 0 {
		if len(*languages) == 250 {
			return descriptionRow{}, fmt.Errorf("description %d: more than 250 languages", id)
		}
		l = len(*languages)
		*languages = append(*languages, lang)
	}
	row := descriptionRow{id: id, concept: concept, off: uint32(len(b.terms)), size: uint16(len(term)), lang: byte(l), eff: effective}
	switch typ {
	case FSN:
		row.typ = typeFSN
	case Definition:
		row.typ = typeDefinition
	default:
		row.typ = typeSynonym
	}
	if i := slices.Index(caseIDs[:], sensitive); i > 0 {
		row.sens = byte(i)
	}
	b.terms = append(b.terms, term...)
	return row, nil
}

// ModuleDescription adds an active description of a module of its own.
func (b *Builder) ModuleDescription(module, id, concept uint64, lang string, typ uint64, term []byte, sensitive uint64, effective uint32) error {
	m, err := b.module(module)
	if err != nil {
		return err
	}
	if err := b.Description(id, concept, lang, typ, term, sensitive, effective); err != nil {
		return err
	}
	d := &b.descriptions[len(b.descriptions)-1]
	d.ownModule, d.module = true, m
	return nil
}

// Relation adds an active inferred relationship, is-a included.
func (b *Builder) Relation(source, target, typ uint64, group uint32) {
	b.relations = append(b.relations, relationRow{source, target, typ, group})
}

// ConcreteValue adds an active inferred relationship with a literal, written as in RF2.
func (b *Builder) ConcreteValue(source, typ uint64, group uint32, value string) {
	b.concretes = append(b.concretes, concreteRow{source, typ, group, value})
}

// LangMember adds an active member of a language reference set.
func (b *Builder) LangMember(refset, desc uint64, preferred bool) error {
	i := slices.Index(b.langRefsets, refset)
	if i < 0 {
		if len(b.langRefsets) == 32 {
			return fmt.Errorf("language reference set %d: more than 32 of them", refset)
		}
		i = len(b.langRefsets)
		b.langRefsets = append(b.langRefsets, refset)
	}
	b.langMembers = append(b.langMembers, langRow{desc, uint8(i), preferred})
	return nil
}

// Finish computes everything that is derived. The builder is empty afterwards.
func (b *Builder) Finish(meta Meta) (*Edition, error) {
	e := &Edition{Meta: meta}
	e.Languages, e.LangRefsets = b.languages, b.langRefsets
	if err := b.numberConcepts(e); err != nil {
		return nil, err
	}
	if err := b.hierarchy(e); err != nil {
		return nil, err
	}
	b.roles(e)
	b.concreteValues(e)
	b.retire(e)
	b.describe(e)
	b.language(e)
	b.refsets(e)
	b.alternates(e)
	if e.Len() > 100_000 {
		runtime.GC() // the rows are no longer needed, and the index is about to need as much
	}
	e.buildSearch()
	e.ConceptCount = e.Len()
	e.index()
	return e, nil
}

// numberConcepts gives dense numbers: active concepts from the roots down, then the inactive ones by identifier.
func (b *Builder) numberConcepts(e *Edition) error {
	slices.SortFunc(b.concepts, func(a, c conceptRow) int { return cmp.Compare(a.id, c.id) })
	for i := 1; i < len(b.concepts); i++ {
		if b.concepts[i].id == b.concepts[i-1].id {
			return fmt.Errorf("concept %d occurs twice", b.concepts[i].id)
		}
	}
	n := len(b.concepts)
	at := func(id uint64) (uint32, bool) {
		i, ok := slices.BinarySearchFunc(b.concepts, id, func(r conceptRow, id uint64) int { return cmp.Compare(r.id, id) })
		return uint32(i), ok
	}
	type edge struct{ child, parent uint32 }
	var edges []edge
	kept := b.relations[:0]
	dropped := 0
	for _, r := range b.relations {
		if r.typ != IsA {
			kept = append(kept, r)
			continue
		}
		c, ok1 := at(r.source)
		p, ok2 := at(r.target)
		if !ok1 || !ok2 || b.concepts[c].flags&1 == 0 || b.concepts[p].flags&1 == 0 || c == p {
			dropped++
			continue
		}
		edges = append(edges, edge{c, p})
	}
	b.relations = kept
	if dropped > 0 {
		b.Report("%d is-a relationships with an unknown or inactive end are left out", dropped)
	}
	slices.SortFunc(edges, func(a, c edge) int {
		return cmp.Or(cmp.Compare(a.parent, c.parent), cmp.Compare(a.child, c.child))
	})
	edges = slices.Compact(edges)
	waiting := make([]uint32, n) // parents not yet numbered
	childOff := make([]uint32, n+1)
	for _, d := range edges {
		waiting[d.child]++
		childOff[d.parent+1]++
	}
	for i := range n {
		childOff[i+1] += childOff[i]
	}
	order := make([]uint32, 0, n)
	roots := 0
	for i := range b.concepts {
		if b.concepts[i].flags&1 != 0 && waiting[i] == 0 {
			order = append(order, uint32(i))
			roots++
		}
	}
	for k := 0; k < len(order); k++ {
		for _, d := range edges[childOff[order[k]]:childOff[order[k]+1]] {
			if waiting[d.child]--; waiting[d.child] == 0 {
				order = append(order, d.child)
			}
		}
	}
	e.ActiveCount = len(order)
	for i := range b.concepts {
		if b.concepts[i].flags&1 != 0 && waiting[i] != 0 {
			return fmt.Errorf("the is-a hierarchy has a circle through concept %d", b.concepts[i].id)
		}
	}
	if roots > 1 && !e.Fragment {
		b.Report("%d active concepts have no parent", roots-1)
	}
	for i := range b.concepts {
		if b.concepts[i].flags&1 == 0 {
			order = append(order, uint32(i))
		}
	}
	dense := make([]uint32, n) // place by identifier → dense number
	e.conceptID, e.cFlags, e.cEff, e.cModule = make([]uint64, n), make([]byte, n), make([]uint32, n), make([]byte, n)
	for d, i := range order {
		dense[i] = uint32(d)
		r := &b.concepts[i]
		m, err := b.module(r.module)
		if err != nil {
			return err
		}
		e.conceptID[d], e.cFlags[d], e.cEff[d], e.cModule[d] = r.id, r.flags, r.eff, m
	}
	e.Modules = b.modules
	e.bySCTID = dense
	b.concepts = nil
	e.parentOff = make([]uint32, n+1)
	for _, d := range edges {
		e.parentOff[dense[d.child]+1]++
	}
	for i := range n {
		e.parentOff[i+1] += e.parentOff[i]
	}
	e.parent = make([]uint32, len(edges))
	next := slices.Clone(e.parentOff)
	for _, d := range edges {
		c := dense[d.child]
		e.parent[next[c]] = dense[d.parent]
		next[c]++
	}
	for c := range uint32(n) {
		slices.Sort(e.parent[e.parentOff[c]:e.parentOff[c+1]])
	}
	return nil
}
