package terminology

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/fold"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// descriptionSearch is a term search of Snowstorm's browser.
type descriptionSearch struct {
	*nativeCall
	term   string
	words  []string // of the term, folded
	langs  []string // the only languages that are wanted; none = all
	tags   []string // the only semantic tags that are wanted; none = all
	within tx.Set
}

// foundTerm is a concept and the one of its descriptions that answers.
type foundTerm struct {
	concept uint32
	d       snomed.Description
}

// nativeDescriptions answers the term search of the browser.
func (s *Service) nativeDescriptions(c *nativeCall) (any, error) {
	offset, limit, err := c.window()
	if err != nil {
		return nil, err
	}
	q := &descriptionSearch{nativeCall: c, term: c.get("term"), langs: c.list("language"), tags: append(c.list("semanticTags"), c.list("semanticTag")...)}
	if n := utf8.RuneCountInString(strings.TrimSpace(q.term)); n < nativeMinTerm {
		return nil, badNative("Search term must have at least 3 characters.", q.term)
	}
	if mode := c.get("searchMode"); mode != "" && mode != "STANDARD" {
		return nil, badNative("Parameter searchMode="+mode+" is not supported: the sandbox searches by the beginnings of words only, which is STANDARD.", mode)
	}
	q.words = fold.Words(nil, fold.String(q.term))
	e := c.e.Edition
	conceptActive, given, err := c.flag("conceptActive")
	if err != nil {
		return nil, err
	}
	q.within = e.ActiveSet()
	if given && !conceptActive {
		q.within = c.e.system.All()
		q.within.Minus(e.ActiveSet())
	}
	active, given, err := c.flag("active")
	if err != nil {
		return nil, err
	}
	var found []foundTerm
	var total int
	if given && !active {
		if !e.Retired {
			return nil, badNative("Parameter active=false is not supported: this release has no inactive descriptions (tx-rf2-inactive-descriptions).", "false")
		}
		found = q.retired()
		total = len(found)
	} else {
		found, total = q.current()
	}
	tags, languages, names := map[string]int{}, map[string]int{}, map[string]string{"en": "English", "nl": "Dutch", "fr": "French", "de": "German"}
	for _, f := range found {
		tags[c.tag(f.concept)]++
		languages[f.d.Language]++
	}
	items := []any{}
	for _, f := range found[min(offset, len(found)):min(offset+limit, len(found))] {
		items = append(items, map[string]any{"active": !f.d.Inactive, "languageCode": f.d.Language, "term": f.d.Term, "module": snomed.ID(e.ModuleOf(f.concept)), "concept": c.mini(f.concept)})
	}
	return map[string]any{"items": items, "total": total, "limit": limit, "offset": offset, "languageNames": names, "bucketConcepts": map[string]any{},
		"buckets": map[string]any{"semanticTags": tags, "language": languages, "module": map[string]int{}, "membership": map[string]int{}}}, nil
}

// current searches the active descriptions. What the language and the tag leave out does not count.
func (q *descriptionSearch) current() (found []foundTerm, total int) {
	ask := snomed.Query{Text: q.term, Languages: q.nativeCall.langs, Refsets: q.refsets, Within: q.within, Limit: nativeMaxWindow}
	if len(q.langs) > 0 {
		ask.Languages = q.langs
	}
	filtered := len(q.langs)+len(q.tags) > 0
	if filtered {
		ask.Limit = -1
	}
	hits, total := q.e.Search(ask)
	for _, h := range hits {
		if !q.tagged(h.Concept) {
			continue
		}
		if f, ok := q.answering(h); ok {
			found = append(found, f)
		}
	}
	if filtered {
		total = len(found)
	}
	return found, total
}

// answering gives the description of a hit, or another one of the concept when that is in none of the languages wanted.
func (q *descriptionSearch) answering(h snomed.Hit) (foundTerm, bool) {
	e, byID := q.e.Edition, h.Desc == snomed.None
	d := snomed.Description{Language: "en"}
	if byID {
		if d.Term, h.Desc = e.Display(h.Concept, q.refsets); h.Desc != snomed.None {
			d = e.Description(h.Desc)
		}
	} else {
		d = e.Description(h.Desc)
	}
	if q.speaks(d.Language) {
		return foundTerm{h.Concept, d}, true
	}
	best, ok := foundTerm{concept: h.Concept}, false
	for _, d := range e.Descriptions(h.Concept) {
		if d.Type != snomed.Definition && q.speaks(d.Language) && (byID || q.covers(d)) && (!ok || len(d.Term) < len(best.d.Term)) {
			best.d, ok = d, true
		}
	}
	return best, ok
}

// retired searches the inactive descriptions, shortest first.
func (q *descriptionSearch) retired() []foundTerm {
	var found []foundTerm
	some := q.e.WithRetired()
	some.And(q.within)
	some.Each(func(x uint32) bool {
		if !q.tagged(x) {
			return true
		}
		for _, d := range q.e.RetiredDescriptions(x) {
			if d.Type != snomed.Definition && q.speaks(d.Language) && q.covers(d) {
				found = append(found, foundTerm{x, d})
			}
		}
		return q.r.Context().Err() == nil
	})
	slices.SortFunc(found, func(a, b foundTerm) int {
		return cmp.Or(cmp.Compare(len(a.d.Term), len(b.d.Term)), strings.Compare(a.d.Term, b.d.Term), cmp.Compare(a.d.ID, b.d.ID))
	})
	return found
}

// covers tells whether every word searched for begins some word of the description.
func (q *descriptionSearch) covers(d snomed.Description) bool {
	term := d.Term
	if d.Type == snomed.FSN {
		term, _ = snomed.FSNTag(term)
	}
	have := fold.Words(nil, fold.String(term))
	for _, w := range q.words {
		if !slices.ContainsFunc(have, func(h string) bool { return strings.HasPrefix(h, w) }) {
			return false
		}
	}
	return len(q.words) > 0
}

func (q *descriptionSearch) speaks(language string) bool {
	return len(q.langs) == 0 || slices.ContainsFunc(q.langs, func(l string) bool {
		return strings.EqualFold(language, l) || strings.HasPrefix(strings.ToLower(language), strings.ToLower(l)+"-")
	})
}

func (q *descriptionSearch) tagged(x uint32) bool {
	return len(q.tags) == 0 || slices.Contains(q.tags, q.tag(x))
}

// tag is the semantic tag of a concept.
func (c *nativeCall) tag(x uint32) string {
	_, tag := snomed.FSNTag(c.e.FSNOf(x, "en"))
	return tag
}

// list reads a parameter that may be repeated or hold several values between commas.
func (c *nativeCall) list(name string) []string {
	var out []string
	for _, v := range c.q[name] {
		for one := range strings.SplitSeq(v, ",") {
			if one = strings.TrimSpace(one); one != "" {
				out = append(out, one)
			}
		}
	}
	return out
}
