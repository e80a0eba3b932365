package rules

import "fmt"

// Set is one loaded and checked rule set. It never changes after Load.
type Set struct {
	Procedures    []Procedure
	Indications   []Indication
	Symptoms      []Symptom
	Rules         []Rule
	Fallbacks     []Fallback
	Modifiers     []Modifier
	Antimicrobial Antimicrobial

	// Checksum names the exact content of every file that was read (16 hex
	// digits). A stored consultation quotes it, so that an answer given under
	// an older table can be told apart.
	Checksum string
	// Files lists what was read, in order, with user files marked as such.
	Files []string

	procedure  map[string]int
	indication map[string]int
	symptom    map[string]int
	fallback   map[string]int   // group → Fallbacks
	byCode     map[string][]int // indication code → Rules, in file order
	order      map[string]int   // procedure code → first appearance in the rule table

	procedures  func() *Index // built when first searched
	indications func() *Index
}

// Procedure is an examination of the QSI list. Not all of them are imaging:
// the list also holds a laboratory test and endoscopies.
type Procedure struct {
	Code         string `yaml:"code" json:"code"`
	Display      string `yaml:"display" json:"display"`
	NL           string `yaml:"nl" json:"nl"`
	FR           string `yaml:"fr" json:"fr"`
	DE           string `yaml:"de" json:"de"`
	Modality     string `yaml:"modality" json:"modality"`          // ct, cbct, mri, ultrasound, x-ray, other
	Contrast     string `yaml:"contrast" json:"contrast"`          // w, wo, wo/w or empty
	Radiation    int    `yaml:"radiation" json:"sandboxRadiation"` // 0 to 5
	RelativeCost int    `yaml:"relativeCost" json:"relativeCost"`  // meaning not public; 0 unless a fixture says so
	Inactive     bool   `yaml:"inactive" json:"-"`                 // commented out in the public list; still answered
	Active       *bool  `yaml:"-" json:"activeInPublicList"`       // as the code list writes it
}

// Indication is a clinical reason of the QSI list. Labels are not unique: the
// code is the key, the label is only shown.
type Indication struct {
	Code    string `yaml:"code" json:"code"`
	Display string `yaml:"display" json:"display"`
	NL      string `yaml:"nl" json:"nl"` // the public list is English only; a fixture may add translations
	FR      string `yaml:"fr" json:"fr"`
	DE      string `yaml:"de" json:"de"`
	Group   string `yaml:"group" json:"group"` // key of the fallback table
}

// Symptom maps a SNOMED CT code to fine-grained indications.
type Symptom struct {
	SNOMED      string   `yaml:"snomed"`
	Label       string   `yaml:"label"` // our own words, for readers of the file
	Indications []string `yaml:"indications"`
}

// Range is a span of whole years, both ends included; nil is open.
type Range struct {
	Min *int `yaml:"min"`
	Max *int `yaml:"max"`
}

// Holds says whether an age in whole years lies in the range.
func (r Range) Holds(age int) bool {
	return (r.Min == nil || age >= *r.Min) && (r.Max == nil || age <= *r.Max)
}

func (r Range) overlaps(o Range) bool {
	below := func(hi, lo *int) bool { return hi != nil && lo != nil && *hi < *lo }
	return !below(r.Max, o.Min) && !below(o.Max, r.Min)
}

// Option is one examination with its score: 9 (best) to 1, or 10 for no score.
type Option struct {
	Procedure string `yaml:"procedure"`
	Score     int    `yaml:"score"`
	Radiation *int   `yaml:"radiation"` // overrides the procedure's own level
}

// Rule scores examinations for any of its indications, within its limits.
type Rule struct {
	ID          string   `yaml:"id"`
	Indications []string `yaml:"indications"`
	Age         Range    `yaml:"age"`
	Sex         string   `yaml:"sex"` // M, F or empty
	Options     []Option `yaml:"options"`
	Note        string   `yaml:"note"`

	at fmt.Stringer // file:line
}

// Fallback answers for indications of a group that have no rule.
type Fallback struct {
	Group   string   `yaml:"group"`
	Options []Option `yaml:"options"`

	at fmt.Stringer
}

// ID is the rule id a fallback shows in answers and in the inspector.
func (f Fallback) ID() string { return "FALLBACK-" + dashed(f.Group) }

// Modifier changes scores when the caller sent a flag and the tenant asked for
// flags to be considered. The real service ignores such facts.
type Modifier struct {
	Flag      string   `yaml:"flag"`
	Source    []string `yaml:"source"` // codes that raise the flag
	AppliesTo struct {
		Modality     []string `yaml:"modality"`
		Contrast     []string `yaml:"contrast"`
		MinRadiation int      `yaml:"minRadiation"`
	} `yaml:"appliesTo"`
	Effect struct {
		Cap      *int   `yaml:"cap"`      // never above this score
		Subtract string `yaml:"subtract"` // a number, or "radiation" for the option's radiation level
		Floor    int    `yaml:"floor"`
	} `yaml:"effect"`
	SuggestReason string `yaml:"suggestReason"`

	at fmt.Stringer
}

// Procedure finds an examination by its code.
func (s *Set) Procedure(code string) (Procedure, bool) {
	i, ok := s.procedure[code]
	if !ok {
		return Procedure{}, false
	}
	return s.Procedures[i], true
}

// Indication finds a clinical reason by its code.
func (s *Set) Indication(code string) (Indication, bool) {
	i, ok := s.indication[code]
	if !ok {
		return Indication{}, false
	}
	return s.Indications[i], true
}

// Symptom gives the indications mapped to a SNOMED CT code.
func (s *Set) Symptom(code string) ([]string, bool) {
	i, ok := s.symptom[code]
	if !ok {
		return nil, false
	}
	return s.Symptoms[i].Indications, true
}

// SearchProcedures returns at most limit procedures whose labels hold every
// word of text, best first for a reader of lang (nl, fr, de or en).
func (s *Set) SearchProcedures(text, lang string, limit int) []Procedure {
	hits := s.procedures().Search(text, lang, limit)
	out := make([]Procedure, len(hits))
	for i, h := range hits {
		out[i] = s.Procedures[h]
	}
	return out
}

// SearchIndications is SearchProcedures for clinical reasons.
func (s *Set) SearchIndications(text, lang string, limit int) []Indication {
	hits := s.indications().Search(text, lang, limit)
	out := make([]Indication, len(hits))
	for i, h := range hits {
		out[i] = s.Indications[h]
	}
	return out
}

// Flag says whether a code raises a flag of the modifier table.
func (s *Set) Flag(code string) bool {
	for i := range s.Modifiers {
		if contains(s.Modifiers[i].Source, code) {
			return true
		}
	}
	return false
}

// Label is the label in lang (nl, fr, de, en); the English one when that
// language is missing.
func (p Procedure) Label(lang string) string { return label(p.Display, p.NL, p.FR, p.DE, lang) }

// Label is the label in lang (nl, fr, de, en); the English one when that
// language is missing.
func (i Indication) Label(lang string) string { return label(i.Display, i.NL, i.FR, i.DE, lang) }

func label(en, nl, fr, de, lang string) string {
	chosen := ""
	switch lang {
	case "nl":
		chosen = nl
	case "fr":
		chosen = fr
	case "de":
		chosen = de
	}
	if chosen == "" {
		return en
	}
	return chosen
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}
