package rf2_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/bench/rf2gen"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/rf2"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// withRetired is the generated release with 20 % of inactive description rows more.
func withRetired(t *testing.T) map[string]*bytes.Buffer {
	t.Helper()
	out := map[string]*bytes.Buffer{}
	err := rf2gen.Write(func(path string) (io.Writer, error) {
		out[path] = &bytes.Buffer{}
		return out[path], nil
	}, rf2gen.Options{Concepts: 1500, Seed: 3, Inactive: 20})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func retired(e *snomed.Edition) (n int) {
	for c := range uint32(e.Len()) {
		n += len(e.RetiredDescriptions(c))
	}
	return n
}

func TestInactiveDescriptionsAreKeptOrDropped(t *testing.T) {
	t.Parallel()
	dir, plain := folder(t, withRetired(t)), folder(t, files(t))
	for _, tc := range []struct {
		name string
		dir  string
		opt  rf2.Options
		want int
	}{
		{"kept", dir, rf2.Options{}, 1500},
		{"dropped", dir, rf2.Options{DropInactive: true}, 0},
		{"a release without any", plain, rf2.Options{}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			e, err := rf2.Import(context.Background(), []string{tc.dir}, tc.opt)
			if err != nil {
				t.Fatal(err)
			}
			if n := retired(e); n != tc.want || e.Retired == tc.opt.DropInactive {
				t.Errorf("got %d, want %d; kept: %v", n, tc.want, e.Retired)
			}
			root, _ := e.Concept(snomed.Root)
			if n := len(e.Descriptions(root)); n != 4 {
				t.Errorf("the root has %d active descriptions, want 4", n)
			}
			if sum, err := rf2.Fingerprint([]string{tc.dir}, tc.opt); err != nil || sum != e.Fingerprint {
				t.Errorf("fingerprint: got %s, want %s (%v)", sum, e.Fingerprint, err)
			}
		})
	}
	keep, _ := rf2.Fingerprint([]string{dir}, rf2.Options{})
	drop, _ := rf2.Fingerprint([]string{dir}, rf2.Options{DropInactive: true})
	if keep == drop {
		t.Error("keeping or dropping does not show in the fingerprint")
	}
}

func TestADescriptionThatWasMadeInactiveLaterIsInactive(t *testing.T) {
	t.Parallel()
	base, ext := files(t), files(t)
	for name, b := range ext {
		text := strings.ReplaceAll(b.String(), "\t20260915\t", "\t20261015\t")
		if strings.Contains(name, "sct2_Description_") {
			lines := strings.SplitAfterN(text, "\r\n", 4)
			lines[2] = strings.Replace(lines[2], "\t20261015\t1\t", "\t20261015\t0\t", 1)
			text = strings.Join(lines, "")
		}
		ext[name] = bytes.NewBufferString(text)
	}
	e, err := rf2.Import(context.Background(), []string{folder(t, base), folder(t, ext)}, rf2.Options{})
	if err != nil {
		t.Fatal(err)
	}
	root, _ := e.Concept(snomed.Root)
	if len(e.Descriptions(root)) != 3 || len(e.RetiredDescriptions(root)) != 1 || retired(e) != 1 {
		t.Errorf("got %d active, %d inactive, %d in all", len(e.Descriptions(root)), len(e.RetiredDescriptions(root)), retired(e))
	}
}

func TestWhatIsWrongWithAnInactiveDescriptionRefusesNoRelease(t *testing.T) {
	t.Parallel()
	all := files(t)
	name := named(t, all, "sct2_Description_")
	for i, row := range []struct{ lang, term string }{{"en", ""}, {"?", "a term"}, {"en", "a good one"}} {
		fmt.Fprintf(all[name], "%d\t20200131\t0\t%d\t%d\t%s\t%d\t%s\t%d\r\n", snomed.WithCheckDigit(uint64(990000+i)*1000000000+199999911), uint64(snomed.BelgianModule), uint64(snomed.Root), row.lang,
			uint64(snomed.Synonym), row.term, uint64(snomed.CaseInsensitive))
	}
	e, err := rf2.Import(context.Background(), []string{folder(t, all)}, rf2.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if retired(e) != 1 || !slices.Contains(e.Anomalies, "2 inactive descriptions without a term or a language are left out") {
		t.Errorf("got %d, %q", retired(e), e.Anomalies)
	}
}

func TestADamagedRowOfHistoryIsCountedAndADamagedActiveColumnIsNot(t *testing.T) {
	t.Parallel()
	id := fmt.Sprint(snomed.WithCheckDigit(990000*1000000000 + 199999911))
	for _, tc := range []struct {
		name              string
		id, date, on, typ string
		refused           string
	}{
		{name: "identifier", id: "12x", date: "20200131", on: "0", typ: fmt.Sprint(uint64(snomed.Synonym))},
		{name: "date", id: id, date: "2020-01-31", on: "0", typ: fmt.Sprint(uint64(snomed.Synonym))},
		{name: "type", id: id, date: "20200131", on: "0", typ: "x"},
		{name: "active", id: id, date: "20200131", on: "2", typ: fmt.Sprint(uint64(snomed.Synonym)), refused: "column active"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			all := files(t)
			fmt.Fprintf(all[named(t, all, "sct2_Description_")], "%s\t%s\t%s\t%d\t%d\ten\t%s\tas it was called\t%d\r\n", tc.id, tc.date, tc.on, uint64(snomed.BelgianModule), uint64(snomed.Root), tc.typ, uint64(snomed.CaseInsensitive))
			e, err := rf2.Import(context.Background(), []string{folder(t, all)}, rf2.Options{})
			if tc.refused != "" {
				if err == nil || !strings.Contains(err.Error(), tc.refused) {
					t.Errorf("got %v, want it refused for %q", err, tc.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if retired(e) != 0 || !slices.ContainsFunc(e.Anomalies, func(a string) bool { return strings.HasPrefix(a, "1 inactive description") }) {
				t.Errorf("got %d, %q", retired(e), e.Anomalies)
			}
		})
	}
}
