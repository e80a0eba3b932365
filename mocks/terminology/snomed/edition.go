package snomed

import (
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
)

// None stands for "no concept" or "no description" where a dense number is expected.
const None = ^uint32(0)

// Meta describes an edition.
type Meta struct {
	Module           uint64      `json:"module"`
	Date             string      `json:"date"` // YYYYMMDD
	System           string      `json:"uri"`  // version URI
	Title            string      `json:"title"`
	Fingerprint      string      `json:"fingerprint"`
	Fragment         bool        `json:"fragment"`                   // built-in subset: absence of a code means nothing
	Languages        []string    `json:"languages"`                  // language codes; a description holds an index into it
	Retired          bool        `json:"retired,omitempty"`          // inactive descriptions were kept
	RetiredLanguages []string    `json:"retiredLanguages,omitempty"` // their language codes
	LangRefsets      []uint64    `json:"langRefsets"`                // at most 32; a description holds one bit for each
	Anomalies        []string    `json:"anomalies,omitempty"`        // what the import reported
	ConceptCount     int         `json:"concepts"`
	ActiveCount      int         `json:"active"`
	Modules          []uint64    `json:"modules"`            // at most 256; concepts, descriptions and members hold an index into it
	Refsets          []RefsetRow `json:"refsets"`            // those with active members
	Unlisted         []RefsetRow `json:"unlisted,omitempty"` // those about the terminology itself, and those with inactive members only
	Schemes          []SchemeRow `json:"schemes,omitempty"`  // alternate identifiers
}

// data is what an edition consists of; each slice is one section of the file.
type data struct {
	conceptID []uint64 // by dense number
	bySCTID   []uint32 // dense numbers in the order of their identifiers
	cFlags    []byte   // bit 0 active, bit 1 fully defined
	cEff      []uint32 // effective time as a number
	cModule   []byte   // index into Meta.Modules, as the other modules

	parentOff, parent         []uint32
	childOff, child           []uint32
	ancestorOff, ancestor     []uint32
	descendantOff, descendant []uint32

	roleOff                                    []uint32 // by source; len n+1
	roleSource, roleType, roleTarget, roleGrp  []uint32
	roleInverse                                []uint32 // role numbers by type, target, source
	concreteOff                                []uint32 // by source
	concreteType, concreteGrp, concreteTextOff []uint32
	concreteText                               []byte

	descOff                       []uint32 // by concept
	descID                        []uint64
	descConcept                   []uint32
	descType, descLang, descCase  []byte
	descModule                    []byte
	descEff                       []uint32
	termOff                       []uint32
	terms                         []byte
	descPreferred, descAcceptable []uint32 // one bit per language reference set
	descByID                      []uint32
	alphaDesc, descAlpha          []uint32 // descriptions in alphabetical order, and the place of each
	preferred                     []uint32 // per language reference set and concept: the preferred synonym, or None

	rankDesc, rankConcept []uint32 // searchable descriptions in the order of rank
	rankSize              []uint32 // words<<16 | runes of the searched text
	rankLang              []byte
	wordOff               []uint32
	words                 []byte
	postingOff            []uint32
	postings              []byte

	memberConcept, memberTarget, memberTextOff []uint32
	memberEff                                  []uint32
	memberModule, memberText                   []byte
	packFirst, packOff                         []uint32 // compressed texts: first member and place of each block
	packText                                   []byte

	altOff, altConcept []uint32 // alternate identifiers by scheme and text
	altText            []byte

	oldConcept, oldEff                   []uint32 // inactive descriptions by concept and identifier
	oldID                                []uint64
	oldType, oldLang, oldCase, oldModule []byte
	oldTermOff                           []uint32
	oldTerms                             []byte
}

// Edition is one release, ready to be asked. It is immutable and safe for all goroutines.
type Edition struct {
	Meta
	data
	refsets   map[uint64]*RefsetRow
	langIndex map[uint64]int
	close     func() error
	once      sync.Once
	active    Set
	orders    sync.Map // names of language reference sets → concepts in the order of their displays
	orderN    atomic.Int32
}

// Description types as stored.
const (
	typeFSN = iota
	typeSynonym
	typeDefinition
)

func (e *Edition) index() {
	e.refsets = make(map[uint64]*RefsetRow, len(e.Refsets)+len(e.Unlisted))
	for i := range e.Unlisted {
		e.refsets[e.Unlisted[i].ID] = &e.Unlisted[i]
	}
	for i := range e.Refsets {
		e.refsets[e.Refsets[i].ID] = &e.Refsets[i]
	}
	e.langIndex = make(map[uint64]int, len(e.LangRefsets))
	for i, id := range e.LangRefsets {
		e.langIndex[id] = i
	}
}

// Close gives the file back. The edition must not be used afterwards.
func (e *Edition) Close() error {
	if e.close == nil {
		return nil
	}
	return e.close()
}

// Len is the number of concepts, active or not; dense numbers are below it.
func (e *Edition) Len() int { return len(e.conceptID) }

// Concept finds the dense number of an identifier.
func (e *Edition) Concept(id uint64) (uint32, bool) {
	i := sort.Search(len(e.bySCTID), func(i int) bool { return e.conceptID[e.bySCTID[i]] >= id })
	if i < len(e.bySCTID) && e.conceptID[e.bySCTID[i]] == id {
		return e.bySCTID[i], true
	}
	return 0, false
}

// InOrder gives the dense numbers in the order of the identifiers.
func (e *Edition) InOrder() []uint32 { return e.bySCTID }

// IDOf is the identifier of a concept.
func (e *Edition) IDOf(c uint32) uint64 { return e.conceptID[c] }

// Active tells whether the concept is active.
func (e *Edition) Active(c uint32) bool { return e.cFlags[c]&1 != 0 }

// Defined tells whether the concept is fully defined.
func (e *Edition) Defined(c uint32) bool { return e.cFlags[c]&2 != 0 }

// EffectiveTime is YYYYMMDD as a number.
func (e *Edition) EffectiveTime(c uint32) uint32 { return e.cEff[c] }

// ModuleOf is the module of the concept.
func (e *Edition) ModuleOf(c uint32) uint64 { return e.module(e.cModule[c]) }

// module gives the identifier of a module by its number, 0 when there is none.
func (e *Edition) module(n byte) uint64 {
	if int(n) >= len(e.Modules) {
		return 0
	}
	return e.Modules[n]
}

// Parents, Children, Ancestors and Descendants are ascending lists that must not be changed; a concept is not its own relative.
func (e *Edition) Parents(c uint32) []uint32     { return csr(e.parentOff, e.parent, c) }
func (e *Edition) Children(c uint32) []uint32    { return csr(e.childOff, e.child, c) }
func (e *Edition) Ancestors(c uint32) []uint32   { return csr(e.ancestorOff, e.ancestor, c) }
func (e *Edition) Descendants(c uint32) []uint32 { return csr(e.descendantOff, e.descendant, c) }

func csr(off, list []uint32, i uint32) []uint32 { return list[off[i]:off[i+1]:off[i+1]] }

// Subsumes tells whether a is an ancestor of b.
func (e *Edition) Subsumes(a, b uint32) bool {
	_, ok := slices.BinarySearch(e.Ancestors(b), a)
	return ok
}

// ActiveSet is the set of all active concepts; it must not be changed.
func (e *Edition) ActiveSet() Set {
	e.once.Do(func() {
		e.active = NewSet(e.Len())
		// Active concepts have the lowest numbers.
		for c := range uint32(e.ActiveCount) {
			e.active.Add(c)
		}
	})
	return e.active
}

// Role is one active inferred relationship other than is-a.
type Role struct{ Type, Target, Group uint32 }

// Roles lists the relationships of a concept, by group and type.
func (e *Edition) Roles(c uint32) []Role {
	out := make([]Role, 0, e.roleOff[c+1]-e.roleOff[c])
	for i := e.roleOff[c]; i < e.roleOff[c+1]; i++ {
		out = append(out, Role{e.roleType[i], e.roleTarget[i], e.roleGrp[i]})
	}
	return out
}

// RoleRange gives the numbers of the relationships of a concept, for RoleAt; those of one group stand together.
func (e *Edition) RoleRange(c uint32) (from, to uint32) { return e.roleOff[c], e.roleOff[c+1] }

// RoleAt is the relationship of a number.
func (e *Edition) RoleAt(i uint32) Role { return Role{e.roleType[i], e.roleTarget[i], e.roleGrp[i]} }

// Concrete is one relationship with a literal value, written as in RF2: #5, #-0.5, "text".
type Concrete struct {
	Type, Group uint32
	Value       string
}

// Concretes lists the literal values of a concept.
func (e *Edition) Concretes(c uint32) []Concrete {
	var out []Concrete
	for i := e.concreteOff[c]; i < e.concreteOff[c+1]; i++ {
		out = append(out, Concrete{e.concreteType[i], e.concreteGrp[i], string(e.concreteText[e.concreteTextOff[i]:e.concreteTextOff[i+1]])})
	}
	return out
}

// HasConcretes tells whether any concept has literal values.
func (e *Edition) HasConcretes() bool { return len(e.concreteType) > 0 }

// RolesOfType calls f with source and target of every relationship of a type until f says false.
func (e *Edition) RolesOfType(typ uint32, f func(source, target, group uint32) bool) {
	from := sort.Search(len(e.roleInverse), func(i int) bool { return e.roleType[e.roleInverse[i]] >= typ })
	for _, r := range e.roleInverse[from:] {
		if e.roleType[r] != typ || !f(e.roleSource[r], e.roleTarget[r], e.roleGrp[r]) {
			return
		}
	}
}

// SourcesWithin adds to into the sources of all relationships whose type is in types and whose target is in targets, or is not in it
// when outside is set. It reads all relationships in order, which beats the index unless the sets are small.
func (e *Edition) SourcesWithin(types, targets Set, outside bool, into Set) {
	for i, t := range e.roleType {
		if types.Has(t) && targets.Has(e.roleTarget[i]) != outside {
			into.Add(e.roleSource[i])
		}
	}
}

// SourcesOf adds to into every source of a relationship typ to target.
func (e *Edition) SourcesOf(typ, target uint32, into Set) {
	from := sort.Search(len(e.roleInverse), func(i int) bool {
		r := e.roleInverse[i]
		return e.roleType[r] > typ || e.roleType[r] == typ && e.roleTarget[r] >= target
	})
	for _, r := range e.roleInverse[from:] {
		if e.roleType[r] != typ || e.roleTarget[r] != target {
			return
		}
		into.Add(e.roleSource[r])
	}
}

// RoleTypes lists the attributes in use.
func (e *Edition) RoleTypes() []uint32 {
	var out []uint32
	for i := 0; i < len(e.roleInverse); {
		t := e.roleType[e.roleInverse[i]]
		out = append(out, t)
		i += sort.Search(len(e.roleInverse)-i, func(k int) bool { return e.roleType[e.roleInverse[i+k]] > t })
	}
	return out
}

// IsLangRefset tells whether the identifier is a language reference set with members.
func (e *Edition) IsLangRefset(id uint64) bool { _, ok := e.langIndex[id]; return ok }

// FSNTag splits a fully specified name into its text and its semantic tag.
func FSNTag(fsn string) (text, tag string) {
	if i := strings.LastIndex(fsn, " ("); i > 0 && strings.HasSuffix(fsn, ")") {
		return fsn[:i], fsn[i+2 : len(fsn)-1]
	}
	return fsn, ""
}
