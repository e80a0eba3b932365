package snomed

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/fold"
)

// Query asks for concepts by the beginnings of the words of a term.
type Query struct {
	Text      string
	Languages []string // codes whose terms are searched ("nl", "fr"); English is always searched; empty = all
	Refsets   []uint64 // language reference sets whose preferred terms go first
	Within    Set      // only these concepts; nil = all active ones
	Skip      int
	Limit     int // negative = no limit
}

// Hit is a concept and the description that matched best.
type Hit struct{ Concept, Desc uint32 }

// smallSide is the size of a concept set below which reading its terms beats the word index.
const smallSide = 400

// Search finds the concepts with a description in which every word of the text begins some word. The order is: exact match, fewer
// words, shorter, preferred, requested language before English, alphabet. total counts all of them, also those not returned.
func (e *Edition) Search(q Query) (hits []Hit, total int) {
	folded := fold.String(q.Text)
	words := fold.Words(nil, folded)
	slices.Sort(words)
	words = slices.Compact(words)
	if len(words) == 0 {
		return nil, 0
	}
	if len(words) == 1 {
		if id, ok := ParseID(words[0]); ok {
			if c, ok := e.byAnyID(id); ok && e.allowed(c, q.Within) {
				return e.cut([]Hit{{c, None}}, q), 1
			}
		}
	}
	s := searcher{e: e, q: q, exact: strings.Join(fold.Words(nil, folded), " "), size: utf8.RuneCountInString(folded)}
	s.languages()
	if q.Within != nil && q.Within.Count() <= smallSide {
		return s.small(words)
	}
	marks := e.matching(words)
	if marks == nil {
		return nil, 0
	}
	return s.collect(marks)
}

func (e *Edition) byAnyID(id uint64) (uint32, bool) {
	if c, ok := e.Concept(id); ok {
		return c, true
	}
	return e.ByDescription(id)
}

func (e *Edition) allowed(c uint32, within Set) bool {
	if within != nil {
		return within.Has(c)
	}
	return e.Active(c)
}

func (e *Edition) cut(h []Hit, q Query) []Hit {
	h = h[min(q.Skip, len(h)):]
	if q.Limit >= 0 && len(h) > q.Limit {
		h = h[:q.Limit]
	}
	return h
}

// matching gives the ranks of the terms in which every word begins some word.
func (e *Edition) matching(words []string) Set {
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	var all Set
	for _, w := range words {
		lo := sort.Search(len(e.wordOff)-1, func(i int) bool { return string(e.word(i)) >= w })
		n := len(e.wordOff) - 1 - lo
		hi := lo + sort.Search(n, func(i int) bool { x := e.word(lo + i); return len(x) < len(w) || string(x[:len(w)]) != w })
		if lo == hi {
			return nil
		}
		s := NewSet(len(e.rankDesc))
		for i := lo; i < hi; i++ {
			list, rank := e.postings[e.postingOff[i]:e.postingOff[i+1]], uint32(0)
			for len(list) > 0 {
				if c := list[0]; c < 0x80 {
					rank += uint32(c)
					list = list[1:]
				} else {
					d, k := binary.Uvarint(list)
					if k <= 0 {
						break
					}
					rank += uint32(d)
					list = list[k:]
				}
				s.Add(rank)
			}
		}
		if all == nil {
			all = s
		} else {
			all.And(s)
		}
	}
	return all
}

func (e *Edition) word(i int) []byte { return e.words[e.wordOff[i]:e.wordOff[i+1]] }

type searcher struct {
	e       *Edition
	q       Query
	exact   string // folded words of the question joined by blanks
	size    int
	search  [256]bool // languages to search
	wanted  [256]bool // languages asked for
	bits    uint32    // language reference sets whose preferred terms go first
	scratch []candidate
}

type candidate struct {
	Hit
	size uint32
	key  byte // smaller first: exact, preferred, language
}

func (s *searcher) languages() {
	for i, l := range s.e.Languages {
		english := strings.HasPrefix(l, "en")
		asked := len(s.q.Languages) == 0
		for _, w := range s.q.Languages {
			asked = asked || l == w || strings.HasPrefix(l, w+"-") || strings.HasPrefix(w, l+"-")
		}
		s.wanted[i], s.search[i] = asked, asked || english
	}
	for _, r := range s.q.Refsets {
		if i, ok := s.e.langIndex[r]; ok {
			s.bits |= 1 << i
		}
	}
}

func (s *searcher) candidate(d uint32, size uint32, text func() string) candidate {
	c := candidate{Hit: Hit{s.e.descConcept[d], d}, size: size}
	if s.e.descPreferred[d]&s.bits == 0 {
		c.key |= 2
	}
	if !s.wanted[s.e.descLang[d]] {
		c.key |= 1
	}
	if int(size&0xffff) != s.size || strings.Join(fold.Words(nil, text()), " ") != s.exact {
		c.key |= 4
	}
	return c
}

func (s *searcher) less(a, b candidate) int {
	return cmp.Or(cmp.Compare(a.key&4, b.key&4), cmp.Compare(a.size, b.size), cmp.Compare(a.key, b.key),
		cmp.Compare(s.e.descAlpha[a.Desc], s.e.descAlpha[b.Desc]))
}

func (s *searcher) text(d uint32) string {
	t := s.e.Term(d)
	if s.e.descType[d] == typeFSN {
		t, _ = FSNTag(t)
	}
	return fold.String(t)
}

// collect walks the matches in the order of rank. Terms of equal size form a group, which is sorted by what the question adds.
func (s *searcher) collect(marks Set) (hits []Hit, total int) {
	e := s.e
	seen := NewSet(e.Len())
	need := s.q.Skip + s.q.Limit
	group := uint32(0)
	flush := func() {
		slices.SortFunc(s.scratch, s.less)
		for _, c := range s.scratch {
			if !seen.Has(c.Concept) {
				seen.Add(c.Concept)
				total++
				hits = append(hits, c.Hit)
			}
		}
		s.scratch = s.scratch[:0]
	}
	marks.Each(func(rank uint32) bool {
		c := e.rankConcept[rank]
		if !s.search[e.rankLang[rank]] || seen.Has(c) || !e.allowed(c, s.q.Within) {
			return true
		}
		size := e.rankSize[rank]
		if s.q.Limit >= 0 && len(hits) >= need && size != group {
			seen.Add(c)
			total++
			return true
		}
		if size != group {
			flush()
			group = size
			if s.q.Limit >= 0 && len(hits) >= need {
				if !seen.Has(c) {
					seen.Add(c)
					total++
				}
				group = 0
				return true
			}
		}
		d := e.rankDesc[rank]
		s.scratch = append(s.scratch, s.candidate(d, size, func() string { return s.text(d) }))
		return true
	})
	flush()
	return e.cut(hits, s.q), total
}

// small reads the terms of few concepts.
func (s *searcher) small(words []string) ([]Hit, int) {
	var all []candidate
	var have []string
	s.q.Within.Each(func(c uint32) bool {
		best := candidate{Hit: Hit{Concept: None}}
		for d := s.e.descOff[c]; d < s.e.descOff[c+1]; d++ {
			if s.e.descType[d] == typeDefinition || !s.search[s.e.descLang[d]] {
				continue
			}
			text := s.text(d)
			have = fold.Words(have[:0], text)
			if !covers(have, words) {
				continue
			}
			size := uint32(min(len(have), 1<<15))<<16 | uint32(min(utf8.RuneCountInString(text), 1<<16-1))
			if x := s.candidate(d, size, func() string { return text }); best.Concept == None || s.less(x, best) < 0 {
				best = x
			}
		}
		if best.Concept != None {
			all = append(all, best)
		}
		return true
	})
	slices.SortFunc(all, s.less)
	hits := make([]Hit, len(all))
	for i, c := range all {
		hits[i] = c.Hit
	}
	return s.e.cut(hits, s.q), len(hits)
}

// covers tells whether every wanted word begins one of the words.
func covers(have, wanted []string) bool {
	for _, w := range wanted {
		if !slices.ContainsFunc(have, func(h string) bool { return strings.HasPrefix(h, w) }) {
			return false
		}
	}
	return true
}
