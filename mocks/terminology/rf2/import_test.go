package rf2_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ehealth-sandbox/sandbox/bench/rf2gen"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/rf2"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// generated is a small release as a map from path to content.
var generated = sync.OnceValues(func() (map[string]*bytes.Buffer, error) {
	out := map[string]*bytes.Buffer{}
	err := rf2gen.Write(func(path string) (io.Writer, error) {
		out[path] = &bytes.Buffer{}
		return out[path], nil
	}, rf2gen.Options{Concepts: 1500, Seed: 3})
	return out, err
})

// files copies the generated release.
func files(t testing.TB) map[string]*bytes.Buffer {
	t.Helper()
	all, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*bytes.Buffer{}
	for name, b := range all {
		out[name] = bytes.NewBuffer(slices.Clone(b.Bytes()))
	}
	return out
}

func folder(t testing.TB, all map[string]*bytes.Buffer) string {
	t.Helper()
	dir := t.TempDir()
	for name, b := range all {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// named finds a file by a part of its name.
func named(t testing.TB, all map[string]*bytes.Buffer, part string) string {
	t.Helper()
	for name := range all {
		if strings.Contains(name, part) {
			return name
		}
	}
	t.Fatalf("no file is called like %s", part)
	return ""
}

func TestARelease(t *testing.T) {
	t.Parallel()
	dir := folder(t, files(t))
	e, err := rf2.Import(context.Background(), []string{dir}, rf2.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if e.System != "http://snomed.info/sct/11000172109/version/20260915" || e.Title != "SNOMED CT BE edition" {
		t.Errorf("got %s %q", e.System, e.Title)
	}
	if e.ConceptCount != 1500 || e.ActiveCount >= 1500 {
		t.Errorf("got %d concepts, %d active", e.ConceptCount, e.ActiveCount)
	}
	root, _ := e.Concept(snomed.Root)
	if n := len(e.Descendants(root)); n != e.ActiveCount-1 {
		t.Errorf("the root has %d descendants, want %d", n, e.ActiveCount-1)
	}
	if !slices.Contains(e.Languages, "nl") || len(e.LangRefsets) != 3 {
		t.Errorf("languages %v, reference sets %v", e.Languages, e.LangRefsets)
	}
	if r, ok := e.Refset(snomed.SameAs); !ok || r.Kind != "association" {
		t.Errorf("historical associations: %v", r)
	}
	finding, _ := e.Concept(404684003)
	if hits, total := e.Search(snomed.Query{Text: "knie", Languages: []string{"nl"}, Limit: 5}); len(hits) == 0 || total < len(hits) {
		t.Errorf("the search for knie found %v of %d", hits, total)
	}
	if len(e.Descendants(finding)) == 0 {
		t.Error("clinical finding has no descendants")
	}
}

func TestAZipFileGivesTheSameEdition(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "r.zip")
	if err := rf2gen.Zip(name, rf2gen.Options{Concepts: 1500, Seed: 3}); err != nil {
		t.Fatal(err)
	}
	z, err := rf2.Import(context.Background(), []string{name}, rf2.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := rf2.Import(context.Background(), []string{folder(t, files(t))}, rf2.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if z.ConceptCount != d.ConceptCount || z.ActiveCount != d.ActiveCount {
		t.Errorf("zip %d/%d, folder %d/%d", z.ConceptCount, z.ActiveCount, d.ConceptCount, d.ActiveCount)
	}
}

func TestFullFilesKeepTheNewestRow(t *testing.T) {
	t.Parallel()
	full := map[string]*bytes.Buffer{}
	for name, b := range files(t) {
		name = strings.ReplaceAll(strings.ReplaceAll(name, "Snapshot_", "Full_"), "Snapshot/", "Full/")
		text := b.String()
		if strings.Contains(name, "sct2_Concept_") {
			// The root was inactive in an older row, and stays active in the newer one.
			lines := strings.SplitAfterN(text, "\r\n", 3)
			old := strings.Replace(strings.Replace(lines[1], "\t20260915\t1", "\t20200131\t0", 1), "20260915", "20200131", 1)
			text = lines[0] + lines[1] + old + lines[2]
		}
		full[name] = bytes.NewBufferString(text)
	}
	e, err := rf2.Import(context.Background(), []string{folder(t, full)}, rf2.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if root, ok := e.Concept(snomed.Root); !ok || !e.Active(root) {
		t.Error("the older row won")
	}
}

func TestAnExtensionLiesOverItsBase(t *testing.T) {
	t.Parallel()
	base := folder(t, files(t))
	ext := files(t)
	for name, b := range ext {
		text := strings.ReplaceAll(b.String(), "\t20260915\t", "\t20261015\t")
		if strings.Contains(name, "Concept_Snapshot") {
			lines := strings.SplitAfter(text, "\r\n")
			last := strings.Replace(lines[len(lines)-2], "\t20261015\t1\t", "\t20261015\t0\t", 1)
			text = strings.Join(append(lines[:len(lines)-2:len(lines)-2], last), "")
		}
		ext[name] = bytes.NewBufferString(text)
	}
	one, err := rf2.Import(context.Background(), []string{base}, rf2.Options{})
	if err != nil {
		t.Fatal(err)
	}
	both, err := rf2.Import(context.Background(), []string{base, folder(t, ext)}, rf2.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if both.ConceptCount != one.ConceptCount || both.ActiveCount != one.ActiveCount-1 {
		t.Errorf("got %d concepts, %d active; want %d and %d", both.ConceptCount, both.ActiveCount, one.ConceptCount, one.ActiveCount-1)
	}
}

func TestBrokenReleasesAreRefusedWithTheirPlace(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		part string // file that is broken
		edit func(string) string
		want string
		line int
	}{
		{"a missing file", "sct2_Relationship", nil, "sct2_Relationship_Snapshot_….txt is missing", 0},
		{"an unknown header", "sct2_Concept", func(s string) string { return strings.Replace(s, "definitionStatusId", "definitionStatus", 1) }, "the header is", 1},
		{"a column too few", "sct2_Concept", func(s string) string { return cutColumn(s, 3) }, "4 columns, 5 expected", 4},
		{"an empty line in the middle", "sct2_Concept", func(s string) string { return insertLines(s, 5, "\r\n") }, "1 columns, 5 expected", 6},
		{"several empty lines in the middle", "LanguageSnapshot", func(s string) string { return insertLines(s, 1, "\r\n\n") }, "1 columns, 7 expected", 2},
		{"an identifier with letters", "sct2_Concept", func(s string) string { return strings.Replace(s, "138875005\t", "13887500x\t", 1) }, "is no SNOMED CT identifier", 2},
		{"active is neither 0 nor 1", "sct2_Concept", func(s string) string { return strings.Replace(s, "\t1\t", "\tyes\t", 1) }, "neither 0 nor 1", 2},
		{"a date that is none", "sct2_Concept", func(s string) string { return strings.Replace(s, "\t20260915\t", "\t2026-09-15\t", 1) }, "YYYYMMDD", 2},
		{"a wrong encoding", "sct2_Description", func(s string) string { return strings.Replace(s, "(finding)", "(f\xe9inding)", 1) }, "not encoded in UTF-8", 2},
		{"an empty file", "sct2_Description", func(string) string { return "" }, "not even a header", 0},
		{"an acceptability that is none", "LanguageSnapshot", func(s string) string { return strings.Replace(s, "900000000000548007", "900000000000013009", 1) }, "neither preferred nor acceptable", 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			all := files(t)
			name := named(t, all, tc.part)
			if tc.edit == nil {
				delete(all, name)
			} else {
				all[name] = bytes.NewBufferString(tc.edit(all[name].String()))
			}
			_, err := rf2.Import(context.Background(), []string{folder(t, all)}, rf2.Options{})
			var x *rf2.Error
			if !errors.As(err, &x) || !strings.Contains(x.Text, tc.want) || x.Line != tc.line {
				t.Fatalf("got %v, want line %d and %q", err, tc.line, tc.want)
			}
			if tc.edit != nil && x.File != filepath.Base(name) {
				t.Errorf("got file %s, want %s", x.File, filepath.Base(name))
			}
		})
	}
}

func TestAReleaseWithoutLanguageReferenceSetsSaysSo(t *testing.T) {
	t.Parallel()
	for _, without := range []bool{false, true} {
		all := files(t)
		for name := range all {
			if without && strings.Contains(name, "cRefset_Language") {
				delete(all, name)
			}
		}
		e, err := rf2.Import(context.Background(), []string{folder(t, all)}, rf2.Options{})
		if err != nil {
			t.Fatal(err)
		}
		said := slices.ContainsFunc(e.Anomalies, func(a string) bool {
			return strings.Contains(a, "no language reference set (") && strings.Contains(a, "displays fall back to")
		})
		if said != without {
			t.Errorf("without them: %v, notes %q", without, e.Anomalies)
		}
		root, _ := e.Concept(snomed.Root)
		if term, _ := e.Display(root, []uint64{snomed.EnUS}); term == "" || term == "138875005" {
			t.Errorf("the root is shown as %q", term)
		}
	}
}

// insertLines puts text behind the first lines of a file.
func insertLines(s string, after int, text string) string {
	lines := strings.SplitAfterN(s, "\r\n", after+1)
	lines[after] = text + lines[after]
	return strings.Join(lines, "")
}

func TestEmptyLinesMayEndAFile(t *testing.T) {
	t.Parallel()
	all := files(t)
	all[named(t, all, "sct2_Concept")].WriteString("\r\n\r\n\n")
	if _, err := rf2.Import(context.Background(), []string{folder(t, all)}, rf2.Options{}); err != nil {
		t.Error(err)
	}
}

// cutColumn drops the last column of a data row.
func cutColumn(s string, row int) string {
	lines := strings.SplitAfter(s, "\r\n")
	l := lines[row]
	lines[row] = l[:strings.LastIndexByte(l, '\t')] + "\r\n"
	return strings.Join(lines, "")
}

func TestManyWrongCheckDigitsAreRefused(t *testing.T) {
	t.Parallel()
	all := files(t)
	name := named(t, all, "sct2_Description")
	text := all[name].String()
	lines := strings.SplitAfter(text, "\r\n")
	for i := 1; i < 200; i++ {
		id, rest, _ := strings.Cut(lines[i], "\t")
		last := '0' + (id[len(id)-1]-'0'+1)%10
		lines[i] = id[:len(id)-1] + string(last) + "\t" + rest
	}
	all[name] = bytes.NewBufferString(strings.Join(lines, ""))
	if _, err := rf2.Import(context.Background(), []string{folder(t, all)}, rf2.Options{}); err == nil || !strings.Contains(err.Error(), "check digit") {
		t.Errorf("got %v", err)
	}
}

func TestBrokenZipFilesAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := filepath.Join(dir, "good.zip")
	if err := rf2gen.Zip(good, rf2gen.Options{Concepts: 1000}); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	damaged := slices.Clone(whole)
	for i := 2000; i < 2100; i++ {
		damaged[i] ^= 0xff
	}
	for _, tc := range []struct {
		name string
		data []byte
		want string
	}{
		{"cut short", whole[:len(whole)/2], "cut short"},
		{"damaged", damaged, ".txt:"},
		{"no zip file", []byte("PK, but not really"), "no zip file"},
		{"a zip bomb", bomb(t), "zip bomb"},
		{"without release files", empty(t), "holds no release files"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			name := filepath.Join(t.TempDir(), "x.zip")
			if err := os.WriteFile(name, tc.data, 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := rf2.Import(context.Background(), []string{name}, rf2.Options{}); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func bomb(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	w, err := z.Create("sct2_Concept_Snapshot_INT_20260101.txt")
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 64 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func empty(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if _, err := z.Create("readme.txt"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAnImportCanBeCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := rf2.Import(ctx, []string{folder(t, files(t))}, rf2.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestSeveralEditionsAskForAChoice(t *testing.T) {
	t.Parallel()
	all := files(t)
	for name, b := range all {
		all[name] = bytes.NewBufferString(strings.ReplaceAll(b.String(), "11000172109", "554471000005108"))
	}
	deps := named(t, all, "ModuleDependency")
	all[deps].WriteString("00000009-0000-4000-8000-000000000009\t20260915\t1\t11000274103\t900000000000534007\t900000000000207008\t20260915\t20260915\r\n")
	_, err := rf2.Import(context.Background(), []string{folder(t, all)}, rf2.Options{})
	if err == nil || !strings.Contains(err.Error(), "several editions") {
		t.Errorf("got %v", err)
	}
	e, err := rf2.Import(context.Background(), []string{folder(t, all)}, rf2.Options{Version: "http://snomed.info/xsct/554471000005108"})
	if err != nil || e.System != "http://snomed.info/xsct/554471000005108/version/20260915" {
		t.Errorf("got %v %v", e, err)
	}
}
