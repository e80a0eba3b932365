// Package rf2gen writes synthetic SNOMED CT releases in RF2, of any size, without any licensed content: identifiers have valid check
// digits, terms are made of invented words in three languages, the hierarchy is a random polyhierarchy of realistic depth.
//
//	err := rf2gen.Zip("release.zip", rf2gen.Options{Concepts: 500_000, Descriptions: 4, Seed: 1})
package rf2gen

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// Options of a release.
type Options struct {
	Concepts     int    // at least 1 000
	Descriptions int    // per concept, 4 when 0: English name and synonym, Dutch, French; further ones are synonyms
	Seed         uint64 // the same seed gives the same release
	Date         string // YYYYMMDD, 20260915 when empty
	// Inactive is the percentage of description rows that are inactive, below 75; they come on top of Descriptions, and nothing else of
	// the release depends on it.
	Inactive int
}

// Identifiers of the model that a release needs; everything else is invented.
const (
	findingSite = 363698007
	morphology  = 116676008
	nlRefset    = 31000172101
	frRefset    = 21000172104
	problemList = 40811000172108
	namespace   = 1999999 // of nobody
)

// Zip writes a release as a zip file.
func Zip(name string, o Options) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	z := zip.NewWriter(f)
	err = Write(func(path string) (io.Writer, error) { return z.Create("SnomedCT_Synthetic_BE1000172/" + path) }, o)
	if err == nil {
		err = z.Close()
	}
	if c := f.Close(); err == nil {
		err = c
	}
	return err
}

type generator struct {
	o        Options
	r        *rand.Rand
	ids      []uint64
	parents  [][]int
	words    map[string][]string
	modelIDs []uint64
}

// Write writes the files of a release, one after the other, to what create returns.
func Write(create func(path string) (io.Writer, error), o Options) error {
	if o.Concepts < 1000 {
		o.Concepts = 1000
	}
	if o.Descriptions == 0 {
		o.Descriptions = 4
	}
	if o.Date == "" {
		o.Date = "20260915"
	}
	if o.Inactive < 0 || o.Inactive >= 75 || o.Descriptions+o.retired() > 16 {
		return fmt.Errorf("%d %% inactive descriptions beside %d active ones of a concept are not possible", o.Inactive, o.Descriptions)
	}
	g := &generator{o: o, r: rand.New(rand.NewPCG(o.Seed, 7))}
	g.hierarchy()
	g.vocabulary()
	for _, f := range []struct {
		path, header string
		rows         func(w *bufio.Writer)
	}{
		{"Snapshot/Terminology/sct2_Concept_Snapshot_BE1000172_" + o.Date + ".txt", "id effectiveTime active moduleId definitionStatusId", g.concepts},
		{"Snapshot/Terminology/sct2_Description_Snapshot_BE1000172_" + o.Date + ".txt", "id effectiveTime active moduleId conceptId languageCode typeId term caseSignificanceId", g.descriptions},
		{"Snapshot/Terminology/sct2_Relationship_Snapshot_BE1000172_" + o.Date + ".txt", "id effectiveTime active moduleId sourceId destinationId relationshipGroup typeId characteristicTypeId modifierId", g.relationships},
		{"Snapshot/Refset/Language/der2_cRefset_LanguageSnapshot_BE1000172_" + o.Date + ".txt", "id effectiveTime active moduleId refsetId referencedComponentId acceptabilityId", g.language},
		{"Snapshot/Refset/Content/der2_Refset_SimpleSnapshot_BE1000172_" + o.Date + ".txt", "id effectiveTime active moduleId refsetId referencedComponentId", g.simple},
		{"Snapshot/Refset/Content/der2_cRefset_AssociationSnapshot_BE1000172_" + o.Date + ".txt", "id effectiveTime active moduleId refsetId referencedComponentId targetComponentId", g.associations},
		{"Snapshot/Refset/Metadata/der2_ssRefset_ModuleDependencySnapshot_BE1000172_" + o.Date + ".txt", "id effectiveTime active moduleId refsetId referencedComponentId sourceEffectiveTime targetEffectiveTime", g.modules},
	} {
		out, err := create(f.path)
		if err != nil {
			return err
		}
		w := bufio.NewWriterSize(out, 1<<20)
		_, _ = w.WriteString(strings.ReplaceAll(f.header, " ", "\t") + "\r\n")
		f.rows(w)
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// hierarchy makes the model concepts and a tree of about twelve levels with a second parent for every third concept.
func (g *generator) hierarchy() {
	g.modelIDs = []uint64{snomed.Root, 404684003, 123037004, 106237007, snomed.IsA, findingSite, morphology, snomed.CoreModule, snomed.ModelModule, snomed.BelgianModule,
		snomed.EnUS, nlRefset, frRefset, problemList, snomed.SameAs, snomed.RefsetRoot, snomed.Preferred, snomed.Acceptable, snomed.Primitive, snomed.FullyDefined}
	g.ids = append(g.ids, g.modelIDs...)
	g.parents = make([][]int, len(g.ids))
	for i := 1; i < len(g.ids); i++ {
		g.parents[i] = []int{0}
	}
	for i := len(g.ids); i < g.o.Concepts; i++ {
		g.ids = append(g.ids, snomed.WithCheckDigit((uint64(i)*10000000+namespace)*100+10))
		var p []int
		switch {
		case i < 200:
			p = []int{1 + i%2}
		default:
			// Near the front of the list: branches of very different size, as in the real hierarchy.
			at := int(float64(i) * g.r.Float64() * g.r.Float64())
			p = []int{max(20, at)}
			if i%3 == 0 {
				if q := max(20, int(float64(i)*g.r.Float64()*g.r.Float64())); q != p[0] {
					p = append(p, q)
				}
			}
		}
		g.parents = append(g.parents, p)
	}
}

// vocabulary invents words; a few are real so that examples look familiar.
func (g *generator) vocabulary() {
	syllables := map[string][]string{
		"en": strings.Fields("ar thro derm cardi neur pul mon gas tro hep at oste my el os fra ct ur in fect lo cal chron ic ac ute knee hand foot head ven tral dor sal"),
		"nl": strings.Fields("kni e hand voet hoof d been breuk ont ste king zweer pijn gezw el hui d lon gen hart vaat stoor nis lin ker rech ter bo ven on der"),
		"fr": strings.Fields("ge nou main pied tête frac ture dou leur in flam ma tion pul mo naire car di aque gau che droi te chro ni que ai gu é pau le"),
	}
	g.words = map[string][]string{}
	n := min(60000, g.o.Concepts/8+500)
	for _, lang := range []string{"en", "nl", "fr"} {
		list := map[string][]string{"en": {"knee", "pain", "fracture", "left"}, "nl": {"knie", "pijn", "breuk", "links"}, "fr": {"genou", "douleur", "fracture", "épaule"}}[lang]
		s := syllables[lang]
		for len(list) < n {
			w := ""
			for range 2 + g.r.IntN(3) {
				w += s[g.r.IntN(len(s))]
			}
			list = append(list, w)
		}
		g.words[lang] = list
	}
}

// term makes a term of two to six words, frequent ones more often.
func (g *generator) term(lang string) string {
	list := g.words[lang]
	var out []string
	for range 2 + g.r.IntN(5) {
		x := g.r.Float64()
		out = append(out, list[int(x*x*x*float64(len(list)))])
	}
	return strings.Join(out, " ")
}

func (g *generator) inactive(i int) bool {
	return i >= len(g.modelIDs)+200 && i%17 == 0 && i > g.o.Concepts/2
}

func (g *generator) concepts(w *bufio.Writer) {
	for i, id := range g.ids {
		active, def := 1, uint64(snomed.Primitive)
		if g.inactive(i) {
			active = 0
		}
		if i%5 == 0 {
			def = snomed.FullyDefined
		}
		fmt.Fprintf(w, "%d\t%s\t%d\t%d\t%d\r\n", id, g.o.Date, active, uint64(snomed.BelgianModule), def)
	}
}

// languageOf tells the language and kind of the k-th description.
func languageOf(k int) (lang string, fsn bool) {
	switch k {
	case 0:
		return "en", true
	case 1:
		return "en", false
	case 2:
		return "nl", false
	case 3:
		return "fr", false
	}
	return []string{"en", "nl", "fr"}[k%3], false
}

func descriptionID(i, k int) uint64 {
	return snomed.WithCheckDigit((uint64(i*16+k+1)*10000000+namespace)*100 + 11)
}

func (g *generator) descriptions(w *bufio.Writer) {
	for i, id := range g.ids {
		for k := range g.o.Descriptions {
			lang, fsn := languageOf(k)
			typ, term := uint64(snomed.Synonym), g.term(lang)
			if fsn {
				typ = snomed.FSN
				term += fmt.Sprintf(" %d (finding)", i)
			}
			fmt.Fprintf(w, "%d\t%s\t1\t%d\t%d\t%s\t%d\t%s\t%d\r\n", descriptionID(i, k), g.o.Date, uint64(snomed.BelgianModule), id, lang, typ, term, uint64(snomed.CaseInsensitive))
		}
	}
	g.retiredDescriptions(w)
}

// retired is the most inactive descriptions that a concept has.
func (o Options) retired() int {
	return (o.Descriptions*o.Inactive + 99 - o.Inactive) / (100 - o.Inactive)
}

// retiredDescriptions spreads inactive rows over the concepts, in all languages.
func (g *generator) retiredDescriptions(w *bufio.Writer) {
	back := g.r
	defer func() { g.r = back }()
	g.r = rand.New(rand.NewPCG(g.o.Seed, 8))
	due := 0 // rows, in parts of 100-Inactive
	for i, id := range g.ids {
		due += g.o.Descriptions * g.o.Inactive
		for k := g.o.Descriptions; due >= 100-g.o.Inactive; k++ {
			due -= 100 - g.o.Inactive
			lang := []string{"en", "nl", "fr"}[g.r.IntN(3)]
			fmt.Fprintf(w, "%d\t20200131\t0\t%d\t%d\t%s\t%d\t%s\t%d\r\n", descriptionID(i, k), uint64(snomed.BelgianModule), id, lang, uint64(snomed.Synonym), g.term(lang),
				uint64(snomed.CaseInsensitive))
		}
	}
}

func (g *generator) relationships(w *bufio.Writer) {
	n := 0
	put := func(s, d uint64, group int, typ uint64) {
		n++
		fmt.Fprintf(w, "%d\t%s\t1\t%d\t%d\t%d\t%d\t%d\t%d\t900000000000451002\r\n", snomed.WithCheckDigit((uint64(n)*10000000+namespace)*100+12), g.o.Date,
			uint64(snomed.BelgianModule), s, d, group, typ, uint64(snomed.Inferred))
	}
	for i, id := range g.ids {
		if g.inactive(i) {
			continue
		}
		placed := false
		for _, p := range g.parents[i] {
			if !g.inactive(p) {
				put(id, g.ids[p], 0, snomed.IsA)
				placed = true
			}
		}
		if !placed && i > 0 {
			put(id, g.ids[1], 0, snomed.IsA)
		}
		if i > 220 {
			put(id, g.ids[20+g.r.IntN(min(i-20, 20000))], 1, findingSite)
			if i%2 == 0 {
				put(id, g.ids[20+g.r.IntN(min(i-20, 20000))], 1, morphology)
			}
		}
	}
}

func uuid(a, b int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", a, b) }

func (g *generator) language(w *bufio.Writer) {
	refsets := map[string]uint64{"en": snomed.EnUS, "nl": nlRefset, "fr": frRefset}
	for i := range g.ids {
		for k := range g.o.Descriptions {
			lang, _ := languageOf(k)
			role := uint64(snomed.Preferred)
			if k > 3 {
				role = snomed.Acceptable
			}
			fmt.Fprintf(w, "%s\t%s\t1\t%d\t%d\t%d\t%d\r\n", uuid(1, i*16+k), g.o.Date, uint64(snomed.BelgianModule), refsets[lang], descriptionID(i, k), role)
		}
	}
}

func (g *generator) simple(w *bufio.Writer) {
	for i, id := range g.ids {
		if i%100 == 5 {
			fmt.Fprintf(w, "%s\t%s\t1\t%d\t%d\t%d\r\n", uuid(2, i), g.o.Date, uint64(snomed.BelgianModule), uint64(problemList), id)
		}
	}
}

func (g *generator) associations(w *bufio.Writer) {
	for i, id := range g.ids {
		if g.inactive(i) {
			fmt.Fprintf(w, "%s\t%s\t1\t%d\t%d\t%d\t%d\r\n", uuid(3, i), g.o.Date, uint64(snomed.BelgianModule), uint64(snomed.SameAs), id, g.ids[i-1])
		}
	}
}

func (g *generator) modules(w *bufio.Writer) {
	for n, m := range [][2]uint64{{snomed.BelgianModule, snomed.CoreModule}, {snomed.CoreModule, snomed.ModelModule}} {
		fmt.Fprintf(w, "%s\t%s\t1\t%d\t%d\t%d\t%s\t%s\r\n", uuid(4, n), g.o.Date, m[0], uint64(snomed.ModuleDependency), m[1], g.o.Date, g.o.Date)
	}
}
