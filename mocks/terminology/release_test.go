package terminology

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/bench/rf2gen"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

func synthetic(t testing.TB) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "release.zip")
	if err := rf2gen.Zip(name, rf2gen.Options{Concepts: 1500, Seed: 5}); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestAReleaseTakesThePlaceOfTheFragment(t *testing.T) {
	t.Parallel()
	zip := synthetic(t)
	s := newServer(t, map[string]string{"tx-rf2": zip})
	a := s.get("/fhir/CodeSystem?title=BE%20edition")
	if a.body["total"].(interface{ String() string }).String() != "1" || !strings.Contains(a.raw, "sct_11000172109_20260915") {
		t.Errorf("search: got %s", a.raw)
	}
	a = s.get("/fhir/CodeSystem/$lookup?system=http://snomed.info/sct&code=404684003&property=*&displayLanguage=nl-BE")
	if a.status != http.StatusOK || a.param("version") != "http://snomed.info/sct/11000172109/version/20260915" {
		t.Errorf("lookup: got %d %s", a.status, a.raw)
	}
	a = s.get("/fhir/CodeSystem/$lookup?system=http://snomed.info/sct&code=225964003")
	if a.status != http.StatusNotFound {
		t.Errorf("a code of the fragment is still there: %s", a.raw)
	}
	a = s.get("/fhir/CodeSystem/$lookup?system=http://snomed.info/sct&version=http://snomed.info/sct/11000172109/version/20250101&code=404684003")
	if a.status != http.StatusNotFound || !strings.Contains(a.raw, "20260915") {
		t.Errorf("a version that is not loaded: got %d %s", a.status, a.raw)
	}
	a = s.get("/fhir/ValueSet/$expand?url=http://snomed.info/sct?fhir_vs=isa/404684003&count=10")
	if len(a.codes()) != 10 {
		t.Errorf("isa: got %v", a.codes())
	}
	a = s.get("/fhir/CodeSystem/$subsumes?system=http://snomed.info/sct&codeA=138875005&codeB=404684003")
	if a.param("outcome") != "subsumes" {
		t.Errorf("subsumes: got %s", a.raw)
	}
	again := newServer(t, map[string]string{"tx-rf2": zip})
	if again.service.editions[0].source == zip {
		t.Error("the second start did not use the index file")
	}
}

func TestMetadataNamesTheLanguagesOfARelease(t *testing.T) {
	t.Parallel()
	s := newServer(t, map[string]string{"tx-rf2": synthetic(t)})
	a := s.get("/fhir/metadata?mode=terminology")
	systems, _ := a.body["codeSystem"].([]any)
	for _, x := range systems {
		o := x.(tx.Object)
		if o["uri"] != "http://snomed.info/sct" {
			continue
		}
		v := o["version"].([]any)[0].(tx.Object)
		got, _ := v["language"].([]any)
		slices.SortFunc(got, func(a, b any) int { return strings.Compare(text(a), text(b)) })
		if fmt.Sprint(got) != "[en fr nl]" {
			t.Errorf("got %v", v)
		}
		return
	}
	t.Errorf("no SNOMED CT in %s", a.raw)
}

func TestABrokenReleaseLeavesThePreviousOneInPlace(t *testing.T) {
	t.Parallel()
	zip := synthetic(t)
	s := newServer(t, map[string]string{"tx-rf2": zip})
	broken := filepath.Join(t.TempDir(), "broken.zip")
	if err := os.WriteFile(broken, []byte("PK nothing"), 0o644); err != nil {
		t.Fatal(err)
	}
	st := s.service.startImport(broken, "", s.tenant.Clock.Now())
	s.service.wait.Wait()
	if st.State != stateFailed || !strings.Contains(st.Error, "no zip file") || st.Percent != 0 {
		t.Errorf("got %+v", st)
	}
	// Every file can be read, but the version is none: the import fails at its very end.
	late := s.service.startImport(zip, "http://snomed.info/sct/x", s.tenant.Clock.Now())
	s.service.wait.Wait()
	if late.State != stateFailed || late.Percent != 99 {
		t.Errorf("got %+v, want it to have failed at 99 percent", late)
	}
	if a := s.get("/fhir/CodeSystem/$lookup?system=http://snomed.info/sct&code=404684003"); a.status != http.StatusOK {
		t.Errorf("the previous release is gone: %s", a.raw)
	}
	second := s.service.startImport(zip, "http://snomed.info/xsct/11000172109/version/20261015", s.tenant.Clock.Now())
	s.service.wait.Wait()
	if second.State != stateCompleted || second.Percent != 100 || len(s.service.releases()) != 3 {
		t.Errorf("got %+v and %d releases", second, len(s.service.releases()))
	}
	if !s.service.dropRelease("http://snomed.info/xsct/11000172109/version/20261015") {
		t.Error("the release could not be dropped")
	}
}

func TestTheImportCommand(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "be.snomed")
	var stdout, stderr bytes.Buffer
	if code := ImportCommand(context.Background(), []string{"-o", out, synthetic(t)}, &stdout, &stderr); code != 0 {
		t.Fatalf("got %d: %s", code, stderr.String())
	}
	if !strings.Contains(stdout.String(), "SNOMED CT BE edition") || !strings.Contains(stderr.String(), "descriptions") {
		t.Errorf("got %q and %q", stdout.String(), stderr.String())
	}
	s := newServer(t, map[string]string{"tx-rf2": out})
	if a := s.get("/fhir/CodeSystem/$lookup?system=http://snomed.info/sct&code=138875005"); a.status != http.StatusOK {
		t.Errorf("got %s", a.raw)
	}
	for _, args := range [][]string{{}, {"-nonsense"}} {
		if code := ImportCommand(context.Background(), args, &stdout, &stderr); code != 2 {
			t.Errorf("%v: got %d, want 2", args, code)
		}
	}
	if code := ImportCommand(context.Background(), []string{"/does/not/exist"}, &stdout, &stderr); code != 1 {
		t.Errorf("a missing file: got %d, want 1", code)
	}
	if code := ImportCommand(context.Background(), []string{out}, &stdout, &stderr); code != 1 || !strings.Contains(stderr.String(), "is an index file already") {
		t.Errorf("an index file: got %d and %q", code, stderr.String())
	}
}

func TestHistoricalAssociationsTranslate(t *testing.T) {
	t.Parallel()
	s := newServer(t, map[string]string{"tx-rf2": synthetic(t)})
	row, ok := s.service.editions[0].Refset(900000000000527005)
	if !ok {
		t.Fatal("the release has no associations")
	}
	m := s.service.editions[0].MemberAt(row, 0)
	old, successor := idText(s.service.editions[0].IDOf(m.Concept)), idText(s.service.editions[0].IDOf(m.Target))
	a := s.get("/fhir/ConceptMap/$translate?url=http://snomed.info/sct?fhir_cm=900000000000527005&system=http://snomed.info/sct&code=" + old)
	if a.param("result") != true || !strings.Contains(a.raw, successor) || !strings.Contains(a.raw, `"equal"`) {
		t.Errorf("got %s", a.raw)
	}
	a = s.get("/fhir/ConceptMap/$translate?url=http://snomed.info/sct?fhir_cm=900000000000527005&reverse=true&system=http://snomed.info/sct&code=" + successor)
	if a.param("result") != true || !strings.Contains(a.raw, old) {
		t.Errorf("reverse: got %s", a.raw)
	}
	a = s.do(http.MethodPost, "/fhir/ValueSet/$validate-code", tx.Object{"resourceType": "Parameters", "parameter": []any{
		tx.Object{"name": "url", "valueUri": "http://snomed.info/sct?fhir_vs=ecl/%3C%3C%20138875005"},
		tx.Object{"name": "coding", "valueCoding": tx.Object{"system": "http://snomed.info/sct", "code": old}}}})
	if a.param("result") != false {
		t.Errorf("an inactive code was taken: %s", a.raw)
	}
}

func TestTheImportCommandAlwaysReadsTheRelease(t *testing.T) {
	t.Parallel()
	dir, out := t.TempDir(), t.TempDir()
	err := rf2gen.Write(func(path string) (io.Writer, error) {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(path)), 0o755); err != nil {
			return nil, err
		}
		f, err := os.Create(filepath.Join(dir, path))
		if err == nil {
			t.Cleanup(func() { _ = f.Close() })
		}
		return f, err
	}, rf2gen.Options{Concepts: 1500, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	run := func() (int, string, string) {
		var stdout, stderr bytes.Buffer
		code := ImportCommand(context.Background(), []string{"-q", "-o", out, dir}, &stdout, &stderr)
		return code, stdout.String(), stderr.String()
	}
	code, first, stderr := run()
	if code != 0 || !strings.Contains(first, "the whole release was read") {
		t.Fatalf("got %d %q %q", code, first, stderr)
	}
	// One byte in the middle of the descriptions: name, size, first and last block stay as they were.
	names, err := filepath.Glob(filepath.Join(dir, "*", "*", "sct2_Description_*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no descriptions: %v", err)
	}
	raw, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) < 3*64<<10 {
		t.Fatalf("the file has no middle: %d bytes", len(raw))
	}
	raw[len(raw)/2] = 0xff
	if err := os.WriteFile(names[0], raw, 0o644); err != nil {
		t.Fatal(err)
	}
	if code, stdout, stderr := run(); code != 1 || !strings.Contains(stderr, "UTF-8") {
		t.Errorf("got %d %q %q, want the altered release to be refused", code, stdout, stderr)
	}
	// A start goes by the fingerprint.
	if s := newServer(t, map[string]string{"tx-rf2": dir, "tx-index-dir": out}); !strings.HasSuffix(s.service.editions[0].source, indexSuffix) {
		t.Errorf("the start did not use the index file but %s", s.service.editions[0].source)
	}
}
