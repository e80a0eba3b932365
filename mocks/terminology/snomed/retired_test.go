package snomed

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// renamed is an edition of three concepts, of which the second has two inactive descriptions and the third, itself inactive, one.
func renamed(t *testing.T) *Edition {
	t.Helper()
	b := NewBuilder()
	b.Concept(1000001, CoreModule, 20250101, true, false)
	b.Concept(1100001, CoreModule, 20250101, true, false)
	b.Concept(1300001, CoreModule, 20250101, false, false)
	b.Relation(1100001, 1000001, IsA, 0)
	if err := b.Description(5000010, 1100001, "en", Synonym, []byte("Knee"), CaseInsensitive, 20250101); err != nil {
		t.Fatal(err)
	}
	for _, d := range []struct {
		id, concept uint64
		lang, term  string
		typ         uint64
	}{
		{5000210, 1300001, "en", "Long gone", Synonym},
		{5000140, 1100001, "da", "knæ", Synonym},
		{5000110, 1100001, "en", "Old knee (old tag)", FSN},
		{5000310, 1400001, "en", "of a concept that is not there", Synonym},
	} {
		if err := b.Retired(BelgianModule, d.id, d.concept, d.lang, d.typ, []byte(d.term), EntireTermSensitive, 20200131); err != nil {
			t.Fatal(err)
		}
	}
	// Releases have such members; they make nothing preferred.
	if err := b.LangMember(EnUS, 5000110, true); err != nil {
		t.Fatal(err)
	}
	var reports []string
	b.Report = func(format string, _ ...any) { reports = append(reports, format) }
	e, err := b.Finish(Meta{Retired: true})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(reports, func(s string) bool { return strings.Contains(s, "inactive descriptions of unknown concepts") }) {
		t.Errorf("the description of an unknown concept was not reported: %q", reports)
	}
	return e
}

func TestInactiveDescriptionsLieApartFromTheActiveOnes(t *testing.T) {
	t.Parallel()
	built := renamed(t)
	name := filepath.Join(t.TempDir(), "e.snomed")
	if err := built.WriteFile(name); err != nil {
		t.Fatal(err)
	}
	opened, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	for _, e := range []*Edition{built, opened} {
		root, _ := e.Concept(1000001)
		knee, _ := e.Concept(1100001)
		gone, _ := e.Concept(1300001)
		want := []Description{
			{Num: None, ID: 5000110, Type: FSN, Language: "en", Term: "Old knee (old tag)", Sensitive: EntireTermSensitive, Effective: 20200131, Module: BelgianModule, Inactive: true},
			{Num: None, ID: 5000140, Type: Synonym, Language: "da", Term: "knæ", Sensitive: EntireTermSensitive, Effective: 20200131, Module: BelgianModule, Inactive: true},
		}
		if got := e.RetiredDescriptions(knee); !slices.Equal(got, want) {
			t.Errorf("got %+v", got)
		}
		if got := e.RetiredDescriptions(gone); len(got) != 1 || got[0].Term != "Long gone" {
			t.Errorf("an inactive concept: got %+v", got)
		}
		if got := e.RetiredDescriptions(root); len(got) != 0 {
			t.Errorf("a concept without any: got %+v", got)
		}
		if got := e.WithRetired(); got.Count() != 2 || !got.Has(knee) || !got.Has(gone) {
			t.Errorf("concepts with inactive descriptions: %d", got.Count())
		}
		if got := e.WithRetired(5000210, 5000010); got.Count() != 1 || !got.Has(gone) {
			t.Errorf("concepts of given descriptions: %d", got.Count())
		}
		if got := e.Descriptions(knee); len(got) != 1 || got[0].Inactive {
			t.Errorf("active descriptions: %+v", got)
		}
		if _, ok := e.PreferredIn(knee, EnUS); ok {
			t.Error("an inactive description is preferred")
		}
		if _, ok := e.ByDescription(5000110); ok {
			t.Error("an inactive description is found by its identifier")
		}
		if hits, _ := e.Search(Query{Text: "old", Limit: 5}); len(hits) > 0 {
			t.Error("an inactive description is searched")
		}
		if term, _ := e.Display(gone, nil); term != "1300001" {
			t.Errorf("display of a concept without active term: %q", term)
		}
		if !e.Retired || slices.Contains(e.Languages, "da") {
			t.Errorf("languages %v", e.Languages)
		}
	}
}

func TestAFileOfAnOlderFormatIsToBeImportedAgain(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "e.snomed")
	if err := renamed(t).WriteFile(name); err != nil {
		t.Fatal(err)
	}
	mem, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for old := range uint32(format) {
		binary.LittleEndian.PutUint32(mem[8:], old)
		if _, err := fromMemory(mem); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "import the release again") {
			t.Errorf("format %d: got %v", old, err)
		}
	}
}
