package snomed

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Description is one term of a concept.
type Description struct {
	Num       uint32 // None when it is inactive
	ID        uint64
	Type      uint64 // FSN, Synonym or Definition
	Language  string
	Term      string
	Sensitive uint64 // case significance
	Effective uint32
	Module    uint64
	Inactive  bool
}

// Descriptions lists the active terms of a concept in the order of their identifiers.
func (e *Edition) Descriptions(c uint32) []Description {
	out := make([]Description, 0, e.descOff[c+1]-e.descOff[c])
	for d := e.descOff[c]; d < e.descOff[c+1]; d++ {
		out = append(out, e.Description(d))
	}
	return out
}

// Description gives one term by its dense number.
func (e *Edition) Description(d uint32) Description {
	return Description{Num: d, ID: e.descID[d], Type: typeID(e.descType[d]), Language: e.Languages[e.descLang[d]], Term: e.Term(d), Sensitive: caseIDs[e.descCase[d]], Effective: e.descEff[d],
		Module: e.module(e.descModule[d])}
}

// typeID is the identifier of a type as stored.
func typeID(t byte) uint64 {
	switch t {
	case typeFSN:
		return FSN
	case typeDefinition:
		return Definition
	}
	return Synonym
}

// Term is the text of a description.
func (e *Edition) Term(d uint32) string { return string(e.terms[e.termOff[d]:e.termOff[d+1]]) }

// ByDescription finds a concept by the identifier of one of its descriptions.
func (e *Edition) ByDescription(id uint64) (uint32, bool) {
	i := sort.Search(len(e.descByID), func(i int) bool { return e.descID[e.descByID[i]] >= id })
	if i < len(e.descByID) && e.descID[e.descByID[i]] == id {
		return e.descConcept[e.descByID[i]], true
	}
	return 0, false
}

// Acceptability lists the language reference sets that hold a description, with Preferred or Acceptable.
func (e *Edition) Acceptability(d uint32) []LangMember {
	var out []LangMember
	for i, id := range e.LangRefsets {
		switch bit := uint32(1) << i; {
		case e.descPreferred[d]&bit != 0:
			out = append(out, LangMember{id, Preferred})
		case e.descAcceptable[d]&bit != 0:
			out = append(out, LangMember{id, Acceptable})
		}
	}
	return out
}

// LangMember says how a description stands in a language reference set.
type LangMember struct{ Refset, Role uint64 }

// PreferredIn gives the preferred synonym of a concept in a language reference set.
func (e *Edition) PreferredIn(c uint32, refset uint64) (uint32, bool) {
	i, ok := e.langIndex[refset]
	if !ok {
		return None, false
	}
	d := e.preferred[i*e.Len()+int(c)]
	return d, d != None
}

// Display chooses the term to show: the preferred synonym in the first of the language reference sets that has one, else the one in
// US English, else any preferred synonym, else any synonym, else the fully specified name without its tag.
func (e *Edition) Display(c uint32, refsets []uint64) (term string, desc uint32) {
	d := e.displayDesc(c, refsets)
	if d == None {
		return ID(e.conceptID[c]), None
	}
	if e.descType[d] == typeFSN {
		t, _ := FSNTag(e.Term(d))
		return t, d
	}
	return e.Term(d), d
}

func (e *Edition) displayDesc(c uint32, refsets []uint64) uint32 {
	for _, r := range refsets {
		if d, ok := e.PreferredIn(c, r); ok {
			return d
		}
	}
	if d, ok := e.PreferredIn(c, EnUS); ok {
		return d
	}
	best, class := None, 4
	for d := e.descOff[c]; d < e.descOff[c+1]; d++ {
		k := 4
		switch {
		case e.descType[d] == typeSynonym && e.descPreferred[d] != 0:
			k = 1
		case e.descType[d] == typeSynonym:
			k = 2
		case e.descType[d] == typeFSN:
			k = 3
		}
		if k < class {
			best, class = d, k
		}
	}
	return best
}

// FSNOf gives the fully specified name, in the language asked for when there is one, else in English.
func (e *Edition) FSNOf(c uint32, lang string) string {
	first, english := "", ""
	for d := e.descOff[c]; d < e.descOff[c+1]; d++ {
		if e.descType[d] != typeFSN {
			continue
		}
		switch l := e.Languages[e.descLang[d]]; {
		case l == lang:
			return e.Term(d)
		case strings.HasPrefix(l, "en"):
			english = e.Term(d)
		}
		if first == "" {
			first = e.Term(d)
		}
	}
	if english != "" {
		return english
	}
	return first
}

// Bounds of the orders that ByDisplay keeps.
const (
	smallSet  = 2000 // below it sorting anew is cheaper than walking all concepts
	maxOrders = 32
)

// ByDisplay walks concepts in the alphabetical order of the term shown for them, until f says false.
func (e *Edition) ByDisplay(s Set, refsets []uint64, f func(c uint32) bool) {
	if s.Count() < smallSet {
		for _, c := range e.sorted(s, refsets) {
			if !f(c) {
				return
			}
		}
		return
	}
	for _, c := range e.order(refsets) {
		if s.Has(c) && !f(c) {
			return
		}
	}
}

// order gives all concepts in the order of their displays; it is worked out once per choice of languages.
func (e *Edition) order(refsets []uint64) []uint32 {
	key := fmt.Sprint(refsets)
	if o, ok := e.orders.Load(key); ok {
		return o.([]uint32)
	}
	all := NewSet(e.Len())
	for c := range uint32(e.Len()) {
		all.Add(c)
	}
	o := e.sorted(all, refsets)
	if e.orderN.Load() < maxOrders {
		if _, there := e.orders.LoadOrStore(key, o); !there {
			e.orderN.Add(1)
		}
	}
	return o
}

// sorted orders concepts by the alphabetical place of the term shown for them; those without a term come last.
func (e *Edition) sorted(s Set, refsets []uint64) []uint32 {
	type placed struct{ place, concept uint32 }
	list := make([]placed, 0, s.Count())
	s.Each(func(c uint32) bool {
		p := placed{None, c}
		if d := e.displayDesc(c, refsets); d != None {
			p.place = e.descAlpha[d]
		}
		list = append(list, p)
		return true
	})
	slices.SortFunc(list, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(e.conceptID[a.concept], e.conceptID[b.concept]))
	})
	out := make([]uint32, len(list))
	for i, p := range list {
		out[i] = p.concept
	}
	return out
}

var caseIDs = [...]uint64{CaseInsensitive, EntireTermSensitive, 900000000000020002}
