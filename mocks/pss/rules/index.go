package rules

import (
	"math/bits"
	"slices"
	"sort"
	"strings"
)

// Languages are the languages labels exist in, in the order of their indexes.
func Languages() []string { return []string{"nl", "fr", "de", "en"} }

// Index finds entries by word prefixes of their labels, in any language.
//
// Each distinct word points at the entries that hold it; the words are sorted,
// so that a prefix is a span found by binary search. The order of the answer
// (fewest label words first, then label, then code) is computed once per
// language, and a search only walks it until the limit is reached.
type Index struct {
	codes []string
	terms []string           // sorted, distinct
	posts [][]int32          // posts[i] = entries that hold terms[i], ascending
	order map[string][]int32 // language → entries in answer order
	exact map[string][]int32 // folded code → entries
}

// entry is what the index needs to know of one code.
type entry struct {
	code   string
	labels map[string]string   // language → label
	words  map[string][]string // language → its folded words
}

func newIndex(entries []entry) *Index {
	ix := &Index{order: map[string][]int32{}, exact: map[string][]int32{}}
	posts := map[string][]int32{}
	for i, e := range entries {
		ix.codes = append(ix.codes, e.code)
		key := strings.ToLower(e.code)
		ix.exact[key] = append(ix.exact[key], int32(i))
		for _, lang := range Languages() {
			for _, w := range e.words[lang] {
				p := posts[w]
				if len(p) == 0 || p[len(p)-1] != int32(i) {
					posts[w] = append(p, int32(i))
				}
			}
		}
	}
	for w := range posts {
		ix.terms = append(ix.terms, w)
	}
	sort.Strings(ix.terms)
	for _, w := range ix.terms {
		ix.posts = append(ix.posts, posts[w])
	}
	for _, lang := range Languages() {
		ix.order[lang] = rank(entries, lang)
	}
	return ix
}

func rank(entries []entry, lang string) []int32 {
	type row struct {
		at     int32
		length int
		label  string
		raw    string
	}
	rows := make([]row, len(entries))
	for i, e := range entries {
		w := e.words[lang]
		rows[i] = row{int32(i), len(w), strings.Join(w, " "), e.labels[lang]}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		if a.length != b.length {
			return a.length - b.length
		}
		if c := strings.Compare(a.label, b.label); c != 0 {
			return c
		}
		if c := strings.Compare(a.raw, b.raw); c != 0 {
			return c
		}
		return strings.Compare(entries[a.at].code, entries[b.at].code)
	})
	out := make([]int32, len(rows))
	for i, r := range rows {
		out[i] = r.at
	}
	return out
}

// Search returns at most limit entries, as positions in the list the index was
// made of. Every word of the query must begin some word of the entry's labels,
// whatever the language, or be the entry's code. Queries of fewer than two letters or digits find nothing.
func (ix *Index) Search(query, lang string, limit int) []int {
	wanted := words(query)
	letters := 0
	for _, w := range wanted {
		letters += len([]rune(w))
	}
	if letters < 2 || limit <= 0 {
		return nil
	}
	size := (len(ix.codes) + 63) / 64
	found := ix.prefixed(wanted[0], size)
	for _, w := range wanted[1:] {
		other := ix.prefixed(w, size)
		for i := range found {
			found[i] &= other[i]
		}
	}
	total := 0
	for _, b := range found {
		total += bits.OnesCount64(b)
	}
	if total == 0 {
		return nil
	}
	order, ok := ix.order[lang]
	if !ok {
		order = ix.order["nl"]
	}
	out := make([]int, 0, min(total, limit))
	for _, at := range order {
		if found[at/64]&(1<<(at%64)) != 0 {
			if out = append(out, int(at)); len(out) == cap(out) {
				break
			}
		}
	}
	return out
}

// prefixed marks the entries that hold a word beginning with prefix, or whose
// code it is.
func (ix *Index) prefixed(prefix string, size int) []uint64 {
	set := make([]uint64, size)
	for i := sort.SearchStrings(ix.terms, prefix); i < len(ix.terms) && strings.HasPrefix(ix.terms[i], prefix); i++ {
		for _, at := range ix.posts[i] {
			set[at/64] |= 1 << (at % 64)
		}
	}
	for _, at := range ix.exact[prefix] {
		set[at/64] |= 1 << (at % 64)
	}
	return set
}
