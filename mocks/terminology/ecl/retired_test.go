package ecl

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// renamed is an edition in which 111000 and 112000 had other names once; 113000 has active names only. 120000 is inactive itself.
func renamed(t *testing.T) *snomed.Edition {
	t.Helper()
	b := snomed.NewBuilder()
	for _, id := range []uint64{100000, 111000, 112000, 113000, snomed.FSN, snomed.Synonym, snomed.CoreModule} {
		b.Concept(id, snomed.CoreModule, 20240101, true, false)
		if id != 100000 {
			b.Relation(id, 100000, snomed.IsA, 0)
		}
	}
	b.Concept(120000, snomed.CoreModule, 20240101, false, false)
	for _, d := range []struct {
		id, concept uint64
		lang        string
		typ         uint64
		term        string
		retired     bool
	}{
		{11, 111000, "en", snomed.Synonym, "Knee pain", false},
		{12, 111000, "en", snomed.Synonym, "Gonalgia", true},
		{13, 111000, "nl", snomed.Synonym, "zeer aan knie", true},
		{21, 112000, "en", snomed.Synonym, "Shoulder", false},
		{22, 112000, "en", snomed.FSN, "Shoulder (old tag)", true},
		{31, 113000, "en", snomed.Synonym, "Gonalgia of the left", false},
		{41, 120000, "en", snomed.Synonym, "Gonalgia long gone", true},
	} {
		var err error
		if d.retired {
			err = b.Retired(snomed.CoreModule, d.id, d.concept, d.lang, d.typ, []byte(d.term), snomed.CaseInsensitive, 20200131)
		} else if err = b.Description(d.id, d.concept, d.lang, d.typ, []byte(d.term), snomed.CaseInsensitive, 20240101); err == nil {
			err = b.LangMember(snomed.EnUS, d.id, true)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	e, err := b.Finish(snomed.Meta{Retired: true})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestFiltersOfInactiveDescriptions(t *testing.T) {
	t.Parallel()
	e := renamed(t)
	for _, tc := range []struct {
		ecl  string
		want []uint64
	}{
		{`< 100000 {{ D active = 0 }}`, []uint64{111000, 112000}},
		{`< 100000 {{ active = false }}`, []uint64{111000, 112000}},
		{`< 100000 {{ D active != 1 }}`, []uint64{111000, 112000}},
		{`* {{ D active = 0 }}`, []uint64{111000, 112000, 120000}},
		{`< 100000 {{ term = "gonal" }}`, []uint64{113000}},
		{`< 100000 {{ term = "gonal", active = 1 }}`, []uint64{113000}},
		{`< 100000 {{ term = "gonal", active = 0 }}`, []uint64{111000}},
		{`< 100000 {{ D active = *, term = "gonal" }}`, []uint64{111000, 113000}},
		{`< 100000 {{ D active = 0, active = 1 }}`, nil},
		{`< 100000 {{ D active = 0, language = nl }}`, []uint64{111000}},
		{`< 100000 {{ D active = 0, language != en }}`, []uint64{111000}},
		{`< 100000 {{ D active = 0, type = fsn }}`, []uint64{112000}},
		{`< 100000 {{ D active = 0, typeId = 900000000000013009 }}`, []uint64{111000}},
		{`< 100000 {{ D active = 0, moduleId = 900000000000207008, effectiveTime < "20210101" }}`, []uint64{111000, 112000}},
		{`< 100000 {{ D active = 0, term = "gonal", language = nl }}`, nil}, // not one description
		{`< 100000 {{ D active = 0, dialect = en-us }}`, nil},
		{`< 100000 {{ D active = 0, dialect != en-us }}`, []uint64{111000, 112000}},
		{`< 100000 {{ D active = *, dialect = en-us, term = "gonal" }}`, []uint64{113000}},
		{`< 100000 {{ D active = 0 }} {{ D term = "knee" }}`, []uint64{111000}},
	} {
		t.Run(tc.ecl, func(t *testing.T) {
			t.Parallel()
			n, err := Parse(tc.ecl)
			if err != nil {
				t.Fatal(err)
			}
			set, err := Evaluate(context.Background(), n, e)
			if err != nil {
				t.Fatal(err)
			}
			var got []uint64
			set.Each(func(c uint32) bool { got = append(got, e.IDOf(c)); return true })
			slices.Sort(got)
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestDescriptionsAreFoundByIdentifierInTheStateAskedFor(t *testing.T) {
	t.Parallel()
	e := renamedByRealIDs(t)
	for _, tc := range []struct {
		ecl  string
		want int
	}{
		{`* {{ D id = 5000018 }}`, 1},
		{`* {{ D id = 5000117 }}`, 0},
		{`* {{ D active = 0, id = 5000117 }}`, 1},
		{`* {{ D active = 0, id = 5000018 }}`, 0},
		{`* {{ D active = *, id = (5000018 5000117) }}`, 2},
	} {
		n, err := Parse(tc.ecl)
		if err != nil {
			t.Fatal(err)
		}
		set, err := Evaluate(context.Background(), n, e)
		if err != nil {
			t.Fatal(err)
		}
		if set.Count() != tc.want {
			t.Errorf("%s: got %d concepts, want %d", tc.ecl, set.Count(), tc.want)
		}
	}
}

// renamedByRealIDs has two concepts with one description each, of which the second is inactive.
func renamedByRealIDs(t *testing.T) *snomed.Edition {
	t.Helper()
	b := snomed.NewBuilder()
	b.Concept(100000, snomed.CoreModule, 20240101, true, false)
	b.Concept(110000, snomed.CoreModule, 20240101, true, false)
	b.Relation(110000, 100000, snomed.IsA, 0)
	if err := b.Description(5000018, 100000, "en", snomed.Synonym, []byte("one"), snomed.CaseInsensitive, 20240101); err != nil {
		t.Fatal(err)
	}
	if err := b.Retired(snomed.CoreModule, 5000117, 110000, "en", snomed.Synonym, []byte("two"), snomed.CaseInsensitive, 20240101); err != nil {
		t.Fatal(err)
	}
	e, err := b.Finish(snomed.Meta{Retired: true})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestInactiveDescriptionsThatWereNotKeptAreRefused(t *testing.T) {
	t.Parallel()
	e := world(t)
	for _, text := range []string{"* {{ D active = 0 }}", "* {{ D active = * }}", "* {{ D active != true }}"} {
		n, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Evaluate(context.Background(), n, e)
		var x *Error
		if !errors.As(err, &x) || !x.Unsupported {
			t.Errorf("%s: got %v", text, err)
		}
	}
}
