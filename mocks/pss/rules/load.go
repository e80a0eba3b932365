package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"sort"
	"sync"
)

// Sources says where the files of a rule set are.
type Sources struct {
	// Base holds the built-in world: terminology/pss-codes.json with the
	// published code lists, and pss/*.yaml with the rest.
	Base fs.FS
	// Overlay, if set, is a user's folder (its root holds rules.yaml and so
	// on). Each file it holds replaces the built-in one of the same name.
	Overlay fs.FS
	// OverlayName is how the folder is called in errors.
	OverlayName string
	// More adds the rows of more-rules to those of rules.
	More bool
}

// extensions a user's file may have, in the order they are looked for.
func extensions() []string { return []string{".yaml", ".yml", ".json", ".csv"} }

// maxProblems bounds the list of problems a loading error shows.
const maxProblems = 20

type loader struct {
	src   Sources
	set   *Set
	sum   hash.Hash
	err   []error
	where map[string]fmt.Stringer // "procedure 114055" → file:line of its first row
}

// Load reads and checks a rule set. The error lists the problems found, each
// as "file:line: what is wrong".
func Load(src Sources) (*Set, error) {
	l := &loader{src: src, set: &Set{}, sum: sha256.New(), where: map[string]fmt.Stringer{}}
	l.codeLists()
	l.tables()
	l.antimicrobial()
	if len(l.err) == 0 {
		l.index()
		l.check()
	}
	if len(l.err) > 0 {
		if len(l.err) > maxProblems {
			more := len(l.err) - maxProblems
			l.err = append(l.err[:maxProblems], fmt.Errorf("and %d more problems", more))
		}
		return nil, fmt.Errorf("load PSS rules: %w", errors.Join(l.err...))
	}
	l.search()
	l.set.Checksum = hex.EncodeToString(l.sum.Sum(nil))[:16]
	return l.set, nil
}

func (l *loader) problem(at fmt.Stringer, format string, args ...any) {
	l.err = append(l.err, fmt.Errorf("%s: "+format, append([]any{at}, args...)...))
}

// file finds a table: the user's first, else the built-in one. name is shown
// in errors. found is false when neither exists.
func (l *loader) file(table string) (name string, data []byte, own, found bool) {
	if l.src.Overlay != nil {
		for _, ext := range extensions() {
			data, err := fs.ReadFile(l.src.Overlay, table+ext)
			if err == nil {
				name = table + ext
				if l.src.OverlayName != "" {
					name = l.src.OverlayName + "/" + name
				}
				l.read(name, data)
				return name, data, true, true
			}
			if !errors.Is(err, fs.ErrNotExist) {
				l.err = append(l.err, fmt.Errorf("read %s%s: %w", table, ext, err))
			}
		}
	}
	name = "pss/" + table + ".yaml"
	data, err := fs.ReadFile(l.src.Base, name)
	if err != nil {
		return name, nil, false, false
	}
	l.read(name, data)
	return name, data, false, true
}

func (l *loader) read(name string, data []byte) {
	fmt.Fprintf(l.sum, "%s\x00%d\x00", name, len(data))
	l.sum.Write(data)
	l.set.Files = append(l.set.Files, name)
}

// published is the part of the published code file this package uses.
type published struct {
	Radiology struct {
		Indications []Indication `json:"indications"`
		Procedures  []Procedure  `json:"procedures"`
	} `json:"radiology"`
	Antimicrobial struct {
		Indications []Infection `json:"indications"`
	} `json:"antimicrobial"`
}

func (l *loader) codeLists() {
	const name = "terminology/pss-codes.json"
	data, err := fs.ReadFile(l.src.Base, name)
	if err != nil {
		l.err = append(l.err, fmt.Errorf("read code lists: %w", err))
		return
	}
	l.read(name, data)
	var lists published
	if err := json.Unmarshal(data, &lists); err != nil {
		l.problem(literal(name), "%v", err)
		return
	}
	l.set.Antimicrobial.Infections = lists.Antimicrobial.Indications

	l.set.Procedures = lists.Radiology.Procedures
	for i := range l.set.Procedures {
		p := &l.set.Procedures[i]
		p.Inactive = p.Active != nil && !*p.Active
		p.Active = nil
	}
	var procedures []Procedure
	if d, own := l.table("procedures", &procedures); d != nil {
		if own {
			l.set.Procedures = nil
		}
		for i := range procedures {
			l.where["procedure "+procedures[i].Code] = d.at(i)
		}
		l.set.Procedures = append(l.set.Procedures, procedures...)
	}

	l.set.Indications = lists.Radiology.Indications
	var indications []Indication
	if d, own := l.table("indications", &indications); d != nil {
		if own {
			l.set.Indications = nil
		}
		for i := range indications {
			l.where["indication "+indications[i].Code] = d.at(i)
		}
		l.set.Indications = append(l.set.Indications, indications...)
	}
}

// table decodes one optional table and says whether it is the user's own.
func (l *loader) table(name string, v any) (*document, bool) {
	file, data, own, found := l.file(name)
	if !found {
		return nil, false
	}
	d, err := decode(file, data, v)
	if err != nil {
		l.err = append(l.err, err)
		return nil, own
	}
	return d, own
}

func (l *loader) tables() {
	if file, data, _, found := l.file("rules"); !found {
		l.problem(literal("pss/rules.yaml"), "the table of rules is missing")
	} else if isCSV(file) {
		l.set.Rules = l.rulesCSV(file, data)
	} else if d, err := decode(file, data, &l.set.Rules); err != nil {
		l.err = append(l.err, err)
	} else {
		for i := range l.set.Rules {
			l.set.Rules[i].at = d.at(i)
		}
	}
	if l.src.More {
		var more []Rule
		if d, _ := l.table("more-rules", &more); d != nil {
			for i := range more {
				more[i].at = d.at(i)
			}
			l.set.Rules = append(l.set.Rules, more...)
		}
	}
	if d, _ := l.table("fallback", &l.set.Fallbacks); d != nil {
		for i := range l.set.Fallbacks {
			l.set.Fallbacks[i].at = d.at(i)
		}
	}
	if d, _ := l.table("modifiers", &l.set.Modifiers); d != nil {
		for i := range l.set.Modifiers {
			l.set.Modifiers[i].at = d.at(i)
		}
	}
	if d, _ := l.table("symptoms", &l.set.Symptoms); d != nil {
		for i := range l.set.Symptoms {
			l.where["symptom "+l.set.Symptoms[i].SNOMED] = d.at(i)
		}
	}
}

// index fills the look-up maps; a code that occurs twice is a problem.
func (l *loader) index() {
	s := l.set
	s.procedure = positions(l, "procedure", len(s.Procedures), func(i int) string { return s.Procedures[i].Code })
	s.indication = positions(l, "indication", len(s.Indications), func(i int) string { return s.Indications[i].Code })
	s.symptom = positions(l, "symptom", len(s.Symptoms), func(i int) string { return s.Symptoms[i].SNOMED })
	s.fallback = map[string]int{}
	for i, f := range s.Fallbacks {
		if _, twice := s.fallback[f.Group]; twice {
			l.problem(f.at, "group %q has a second fallback", f.Group)
		}
		s.fallback[f.Group] = i
	}
	s.byCode = map[string][]int{}
	s.order = map[string]int{}
	for i, r := range s.Rules {
		for _, c := range r.Indications {
			s.byCode[c] = append(s.byCode[c], i)
		}
		s.appearance(r.Options)
	}
	for _, f := range s.Fallbacks {
		s.appearance(f.Options)
	}
}

func (s *Set) appearance(options []Option) {
	for _, o := range options {
		if _, seen := s.order[o.Procedure]; !seen {
			s.order[o.Procedure] = len(s.order)
		}
	}
}

func positions(l *loader, kind string, n int, code func(int) string) map[string]int {
	out := make(map[string]int, n)
	for i := range n {
		c := code(i)
		if _, twice := out[c]; twice {
			l.problem(l.place(kind, c), "%s %s occurs twice", kind, c)
		}
		out[c] = i
	}
	return out
}

// search prepares the two autocomplete indexes.
func (l *loader) search() {
	s := l.set
	s.procedures = sync.OnceValue(func() *Index {
		return indexOf(len(s.Procedures), func(i int) (string, func(string) string) { return s.Procedures[i].Code, s.Procedures[i].Label })
	})
	s.indications = sync.OnceValue(func() *Index {
		return indexOf(len(s.Indications), func(i int) (string, func(string) string) { return s.Indications[i].Code, s.Indications[i].Label })
	})
}

func indexOf(n int, row func(int) (code string, label func(string) string)) *Index {
	entries := make([]entry, n)
	for i := range entries {
		code, label := row(i)
		entries[i] = entry{code: code, labels: map[string]string{}, words: map[string][]string{}}
		for _, lang := range Languages() {
			text := label(lang)
			entries[i].labels[lang], entries[i].words[lang] = text, words(text)
		}
	}
	return newIndex(entries)
}

// Groups lists the groups of the fallback table, sorted.
func (s *Set) Groups() []string {
	out := make([]string, 0, len(s.Fallbacks))
	for _, f := range s.Fallbacks {
		out = append(out, f.Group)
	}
	sort.Strings(out)
	return out
}
