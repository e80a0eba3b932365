package rf2_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/rf2"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// changed is the generated release with a column of the first rows of a file replaced.
func changed(t *testing.T, part string, rows, column int, to string) (all map[string]*bytes.Buffer, name string) {
	t.Helper()
	all = files(t)
	name = named(t, all, part)
	lines := strings.SplitAfter(all[name].String(), "\r\n")
	for i := 1; i <= rows; i++ {
		f := strings.Split(lines[i], "\t")
		f[column] = to
		lines[i] = strings.Join(f, "\t")
	}
	all[name] = bytes.NewBufferString(strings.Join(lines, ""))
	return all, name
}

func TestWhatAnActiveDescriptionHolds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, part string
		column     int
		to, want   string // want empty = taken
	}{
		{"a language with a region", "sct2_Description", 5, "nl-BE", ""},
		{"a language of three letters", "sct2_Description", 5, "nds", ""},
		{"a language with two subtags", "sct2_Description", 5, "en-x-gp", ""},
		{"a language of one letter", "sct2_Description", 5, "e", `column languageCode: "e" is no language`},
		{"a language in capitals", "sct2_Description", 5, "EN", "column languageCode"},
		{"a language with a digit", "sct2_Description", 5, "e1", "column languageCode"},
		{"a language of four letters", "sct2_Description", 5, "engl", "column languageCode"},
		{"a language with an underscore", "sct2_Description", 5, "nl_BE", "column languageCode"},
		{"a language that ends in a hyphen", "sct2_Description", 5, "nl-", "column languageCode"},
		{"a language with two hyphens", "sct2_Description", 5, "nl--BE", "column languageCode"},
		{"a type that is none", "sct2_Description", 6, "900000000000074008", "column typeId: 900000000000074008 is neither"},
		{"a definition", "sct2_Description", 6, "900000000000550004", ""},
		{"a control character", "sct2_Description", 7, "a \x01 term", "column term: holds the control character U+0001"},
		{"a carriage return", "sct2_Description", 7, "a \r term", "U+000D"},
		{"a term that begins with a null", "sct2_Description", 7, "\x00term", "U+0000"},
		{"what is just no control character", "sct2_Description", 7, " \"term\u007f", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			all, name := changed(t, tc.part, 1, tc.column, tc.to)
			_, err := rf2.Import(context.Background(), []string{folder(t, all)}, rf2.Options{})
			if tc.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var x *rf2.Error
			if !errors.As(err, &x) || x.File != filepath.Base(name) || x.Line != 2 || !strings.Contains(x.Text, tc.want) {
				t.Errorf("got %v, want %s:2: %s", err, filepath.Base(name), tc.want)
			}
		})
	}
}

func TestUnfitInactiveDescriptionsAreCountedAndLeftOut(t *testing.T) {
	t.Parallel()
	all := files(t)
	name := named(t, all, "sct2_Description_")
	for i, row := range []struct {
		lang, term string
		typ        uint64
	}{
		{"EN", "a term", snomed.Synonym}, {"en", "a \x02 term", snomed.Synonym}, {"en", "a term", snomed.Primitive}, {"en", "a good one", snomed.Synonym},
	} {
		fmt.Fprintf(all[name], "%d\t20200131\t0\t%d\t%d\t%s\t%d\t%s\t%d\r\n", snomed.WithCheckDigit(uint64(990000+i)*1000000000+199999911), uint64(snomed.BelgianModule), uint64(snomed.Root), row.lang,
			row.typ, row.term, uint64(snomed.CaseInsensitive))
	}
	e, err := rf2.Import(context.Background(), []string{folder(t, all)}, rf2.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 inactive descriptions without a term or a language are left out", "1 inactive descriptions with control characters in their term are left out",
		"1 inactive descriptions of an unknown type are left out"} {
		if !slices.Contains(e.Anomalies, want) {
			t.Errorf("%q is not among %q", want, e.Anomalies)
		}
	}
	if n := retired(e); n != 1 {
		t.Errorf("%d inactive descriptions are kept, want 1", n)
	}
}

func TestMemberIdentifiersAreUUIDs(t *testing.T) {
	t.Parallel()
	const uuid = "0000000a-0000-4000-8000-00000000000"
	for _, tc := range []struct {
		name, part string
		rows       int
		to         string
		refused    bool
		noted      int
	}{
		{"a few are reported", "LanguageSnapshot", 2, "12", false, 2},
		{"capitals will do", "LanguageSnapshot", 1, strings.ToUpper(uuid) + "F", false, 0},
		{"a letter that is no digit", "LanguageSnapshot", 1, uuid + "g", false, 1},
		{"a hyphen too many", "LanguageSnapshot", 1, uuid + "-", false, 1},
		{"a hyphen missing", "LanguageSnapshot", 1, "0000000a00000-4000-8000-000000000000", false, 1},
		{"a digit too many", "LanguageSnapshot", 1, uuid + "00", false, 1},
		{"many are refused", "LanguageSnapshot", 50, "12", true, 0},
		{"many historical associations are refused", "Association", 30, "x", true, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			all, name := changed(t, tc.part, tc.rows, 0, tc.to)
			e, err := rf2.Import(context.Background(), []string{folder(t, all)}, rf2.Options{})
			if tc.refused {
				var x *rf2.Error
				if !errors.As(err, &x) || x.File != filepath.Base(name) || x.Line != 2 || !strings.Contains(x.Text, "is no UUID") || !strings.Contains(x.Text, fmt.Sprintf("%d of ", tc.rows)) {
					t.Errorf("got %v, want a refusal at %s:2", err, filepath.Base(name))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			noted := 0
			for _, a := range e.Anomalies {
				if strings.Contains(a, "is no member identifier (a UUID)") && strings.HasPrefix(a, filepath.Base(name)+":") {
					noted++
				}
			}
			if noted != tc.noted {
				t.Errorf("got %d notes, want %d: %q", noted, tc.noted, e.Anomalies)
			}
		})
	}
}

func TestInactiveMembersWithoutUUIDAreCounted(t *testing.T) {
	t.Parallel()
	all := withSets(t)
	name := named(t, all, "AttributeValue")
	all[name] = table(memberHeader+"\tvalueId", "# 20260915 1 900000000000207008 900000000000489007 404684003 138875005",
		"x 20260915 0 900000000000207008 900000000000489007 404684003 138875005")
	e, err := rf2.Import(context.Background(), []string{folder(t, all)}, rf2.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "1 inactive reference set members whose identifier is no UUID are left out"; !slices.Contains(e.Anomalies, want) {
		t.Errorf("%q is not among %q", want, e.Anomalies)
	}
}
