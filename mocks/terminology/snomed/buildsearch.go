package snomed

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"unicode/utf8"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/fold"
)

// buildSearch derives the alphabetical order of all terms and the word index of the searchable ones.
func (e *Edition) buildSearch() {
	folded, off := e.foldTerms()
	e.alphabet(folded, off)
	ranked := e.searchable(folded, off)
	e.rankTerms(ranked)
	e.indexWords(ranked, folded)
}

// foldTerms folds every term into one block.
func (e *Edition) foldTerms() ([]byte, []uint32) {
	m := len(e.descID)
	folded, off := make([]byte, 0, len(e.terms)+len(e.terms)/16), make([]uint32, m+1)
	for d := range m {
		folded = fold.Append(folded, string(e.terms[e.termOff[d]:e.termOff[d+1]]))
		off[d+1] = uint32(len(folded))
	}
	return folded, off
}

// alphabet sorts the descriptions by folded term, term and identifier. The first eight bytes decide most comparisons.
func (e *Edition) alphabet(folded []byte, off []uint32) {
	m := len(e.descID)
	type key struct {
		head uint64
		desc uint32
	}
	keys := make([]key, m)
	for d := range m {
		var head [8]byte
		copy(head[:], folded[off[d]:off[d+1]])
		keys[d] = key{binary.BigEndian.Uint64(head[:]), uint32(d)}
	}
	slices.SortFunc(keys, func(x, y key) int {
		if x.head != y.head {
			return cmp.Compare(x.head, y.head)
		}
		a, b := x.desc, y.desc
		return cmp.Or(bytes.Compare(folded[off[a]:off[a+1]], folded[off[b]:off[b+1]]),
			bytes.Compare(e.terms[e.termOff[a]:e.termOff[a+1]], e.terms[e.termOff[b]:e.termOff[b+1]]), cmp.Compare(e.descID[a], e.descID[b]))
	})
	e.alphaDesc, e.descAlpha = make([]uint32, m), make([]uint32, m)
	for i, k := range keys {
		e.alphaDesc[i], e.descAlpha[k.desc] = k.desc, uint32(i)
	}
}

// rankedTerm is a searchable description: the folded text to search is folded[from:to].
type rankedTerm struct {
	desc, from, to uint32
	size           uint32
}

// searchable lists synonyms, and fully specified names without their tag where no synonym says the same, in alphabetical order.
func (e *Edition) searchable(folded []byte, off []uint32) []rankedTerm {
	out := make([]rankedTerm, 0, len(e.descID))
	var words []string
	for _, d := range e.alphaDesc {
		from, to := off[d], off[d+1]
		if e.descType[d] == typeDefinition {
			continue
		}
		if e.descType[d] == typeFSN {
			text, _ := FSNTag(string(folded[from:to]))
			to = from + uint32(len(text))
			if e.synonymSays(d, folded[from:to], folded, off) {
				continue
			}
		}
		words = fold.Words(words[:0], string(folded[from:to]))
		if len(words) == 0 {
			continue
		}
		size := uint32(min(len(words), 1<<15))<<16 | uint32(min(utf8.RuneCount(folded[from:to]), 1<<16-1))
		out = append(out, rankedTerm{d, from, to, size})
	}
	return out
}

func (e *Edition) synonymSays(d uint32, text, folded []byte, off []uint32) bool {
	c := e.descConcept[d]
	for o := e.descOff[c]; o < e.descOff[c+1]; o++ {
		if o != d && e.descType[o] == typeSynonym && e.descLang[o] == e.descLang[d] && bytes.Equal(folded[off[o]:off[o+1]], text) {
			return true
		}
	}
	return false
}

// rankTerms orders by number of words, then length, then alphabet: the order of answers that does not depend on the question.
func (e *Edition) rankTerms(r []rankedTerm) {
	slices.SortStableFunc(r, func(x, y rankedTerm) int { return cmp.Compare(x.size, y.size) })
	n := len(r)
	e.rankDesc, e.rankConcept, e.rankSize, e.rankLang = make([]uint32, n), make([]uint32, n), make([]uint32, n), make([]byte, n)
	for i, t := range r {
		e.rankDesc[i], e.rankConcept[i], e.rankSize[i], e.rankLang[i] = t.desc, e.descConcept[t.desc], t.size, e.descLang[t.desc]
	}
}

// indexWords writes, per word, the ranks of the terms that hold it, as differences.
func (e *Edition) indexWords(r []rankedTerm, folded []byte) {
	number := map[string]uint32{}
	var list []string
	var counts []uint32
	flat := make([]uint32, 0, len(r)*5)
	perTerm := make([]uint16, len(r))
	var words []string
	for i, t := range r {
		words = fold.Words(words[:0], string(folded[t.from:t.to]))
		from := len(flat)
		for _, w := range words {
			n, ok := number[w]
			if !ok {
				n = uint32(len(list))
				w = string([]byte(w))
				number[w] = n
				list = append(list, w)
				counts = append(counts, 0)
			}
			if slices.Contains(flat[from:], n) {
				continue
			}
			flat = append(flat, n)
			counts[n]++
		}
		perTerm[i] = uint16(len(flat) - from)
	}
	starts := make([]uint32, len(list)+1)
	for i, c := range counts {
		starts[i+1] = starts[i] + c
	}
	next := slices.Clone(starts)
	ranks := make([]uint32, len(flat))
	at := 0
	for i, k := range perTerm {
		for _, w := range flat[at : at+int(k)] {
			ranks[next[w]] = uint32(i)
			next[w]++
		}
		at += int(k)
	}
	order := make([]uint32, len(list))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Compare(list[a], list[b]) })
	e.wordOff, e.postingOff = make([]uint32, 1, len(list)+1), make([]uint32, 1, len(list)+1)
	for _, w := range order {
		e.words = append(e.words, list[w]...)
		e.wordOff = append(e.wordOff, uint32(len(e.words)))
		last := uint32(0)
		for _, rank := range ranks[starts[w]:starts[w+1]] {
			e.postings = binary.AppendUvarint(e.postings, uint64(rank-last))
			last = rank
		}
		e.postingOff = append(e.postingOff, uint32(len(e.postings)))
	}
}
