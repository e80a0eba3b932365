package rf2_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/ecl"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/rf2"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// memberHeader begins the header of every reference set file.
const memberHeader = "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId"

// table writes a release file; rows have their columns separated by blanks, ~ stands for a blank.
func table(header string, rows ...string) *bytes.Buffer {
	b := bytes.NewBufferString(header + "\r\n")
	for i, r := range rows {
		r = strings.ReplaceAll(strings.ReplaceAll(r, " ", "\t"), "~", " ")
		b.WriteString(strings.Replace(r, "#", fmt.Sprintf("00000000-0000-4000-8000-%012d", i), 1) + "\r\n")
	}
	return b
}

// withSets adds reference sets of every form to the generated release.
func withSets(t testing.TB) map[string]*bytes.Buffer {
	t.Helper()
	all := files(t)
	dir := "Snapshot/Refset/"
	concepts, relations := all[named(t, all, "sct2_Concept")], all[named(t, all, "sct2_Relationship_")]
	for i, id := range []uint64{447562003, 446608001, 733618005, 900000000000489007, 733073007, snomed.ModuleDependency} {
		fmt.Fprintf(concepts, "%d\t20260915\t1\t900000000000012004\t900000000000074008\r\n", id)
		fmt.Fprintf(relations, "%d\t20260915\t1\t900000000000012004\t%d\t138875005\t0\t116680003\t900000000000011006\t900000000000451002\r\n", 9000000029+i*100, id)
	}
	all[dir+"Map/der2_iisssccRefset_ExtendedMapSnapshot_INT_20260915.txt"] = table(memberHeader+"\tmapGroup\tmapPriority\tmapRule\tmapAdvice\tmapTarget\tcorrelationId\tmapCategoryId",
		"# 20250101 1 900000000000207008 447562003 404684003 1 1 TRUE ALWAYS~K20 K20 404684003 138875005",
		"# 20260915 0 900000000000207008 447562003 138875005 1 2 TRUE ALWAYS~K21 K21 404684003 138875005")
	all[dir+"Map/der2_iissscRefset_ComplexMapSnapshot_INT_20260915.txt"] = table(memberHeader+"\tmapGroup\tmapPriority\tmapRule\tmapAdvice\tmapTarget\tcorrelationId",
		"# 20250101 1 900000000000207008 446608001 404684003 3 1 TRUE ALWAYS 8010/3 404684003")
	all[dir+"Content/der2_ciRefset_OrderedAssociationSnapshot_BE1000172_20260915.txt"] = table(memberHeader+"\ttargetComponentId\torder",
		"# 20260915 1 11000172109 733618005 138875005 404684003 7")
	all[dir+"Content/der2_cRefset_AttributeValueSnapshot_INT_20260915.txt"] = table(memberHeader+"\tvalueId",
		"# 20260915 1 900000000000207008 900000000000489007 404684003 138875005", "# 20260915 0 900000000000207008 900000000000489007 404684003 -")
	all["Snapshot/Terminology/sct2_sRefset_OWLExpressionSnapshot_INT_20260915.txt"] = table(memberHeader+"\towlExpression",
		"# 20260915 1 900000000000012004 733073007 404684003 SubClassOf(:404684003~:138875005)")
	all["Snapshot/Terminology/sct2_Identifier_Snapshot_LO1010000_20260915.txt"] = table("alternateIdentifier\teffectiveTime\tactive\tmoduleId\tidentifierSchemeId\treferencedComponentId",
		"1-8 20260915 1 11010000107 30051010000102 404684003", "2-8 20260915 0 11010000107 30051010000102 404684003", "3-8 20260915 1 11010000107 30051010000102 999999990989121104")
	return all
}

func TestReferenceSetsKeepEveryColumn(t *testing.T) {
	t.Parallel()
	e, err := rf2.Import(context.Background(), []string{folder(t, withSets(t))}, rf2.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []string{"1 inactive reference set members cannot be read", "1 alternate identifiers name an unknown concept"} {
		if !slices.Contains(e.Anomalies, a) {
			t.Errorf("%q is not among the anomalies %q", a, e.Anomalies)
		}
	}
	for _, tc := range []struct {
		ecl  string
		want []uint64
	}{
		{`^ 447562003 {{ M mapTarget = "K20", mapGroup = #1, mapCategoryId = 138875005 }}`, []uint64{404684003}},
		{"^ 447562003 {{ M active = 0 }}", []uint64{138875005}},
		{`^ 447562003 {{ M effectiveTime < "20260101", moduleId = 900000000000207008 }}`, []uint64{404684003}},
		{"^ 446608001 {{ M mapGroup = #3, correlationId = 404684003 }}", []uint64{404684003}},
		{"^ [targetComponentId] 733618005 {{ M order > #6 }}", []uint64{404684003}},
		{"^ 900000000000489007 {{ M valueId = 138875005 }}", []uint64{404684003}},
		{`^ 733073007 {{ M owlExpression = wild:"subclassof*" }}`, []uint64{404684003}},
		{`^ 900000000000534007 {{ M targetEffectiveTime = "20260915" }} AND 900000000000207008`, []uint64{900000000000207008}},
		{"LOINC#1-8", []uint64{404684003}},
	} {
		n, err := ecl.Parse(tc.ecl)
		if err != nil {
			t.Fatal(err)
		}
		set, err := ecl.Evaluate(context.Background(), n, e)
		if err != nil {
			t.Errorf("%s: %v", tc.ecl, err)
			continue
		}
		var got []uint64
		set.Each(func(c uint32) bool { got = append(got, e.IDOf(c)); return true })
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.ecl, got, tc.want)
		}
	}
	if slices.ContainsFunc(e.Refsets, func(r snomed.RefsetRow) bool { return r.ID == 733073007 || r.ID == 900000000000534007 }) {
		t.Error("sets about the terminology itself are listed")
	}
}

func TestIdentifierFilesOfTheOldFormAreRead(t *testing.T) {
	t.Parallel()
	all := withSets(t)
	all[named(t, all, "sct2_Identifier")] = table("identifierSchemeId\talternateIdentifier\teffectiveTime\tactive\tmoduleId\treferencedComponentId",
		"705114005 1-8 20260915 1 11010000107 404684003", "705114005 2-8 20260915 0 11010000107 404684003")
	// Imported twice over itself, the newest row of an identifier counts.
	for _, paths := range [][]string{{folder(t, all)}, {folder(t, all), folder(t, all)}} {
		e, err := rf2.Import(context.Background(), paths, rf2.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(e.Schemes) != 1 || e.Schemes[0].ID != 705114005 || e.Schemes[0].To != 1 || len(e.ByIdentifier(e.Schemes[0], "1-8")) != 1 {
			t.Errorf("got %+v", e.Schemes)
		}
	}
}

func TestBrokenReferenceSetFilesAreRefusedWithTheirPlace(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, part, from, to, want string }{
		{"a header of another file", "ExtendedMap", "mapPriority", "priority", ":1: the header is"},
		{"an active row with a bad date", "ComplexMap", "\t20250101\t1", "\t2025\t1", ":2: column effectiveTime"},
		{"an active row without target", "AttributeValue", "404684003\t138875005", "404684003\t", ":2: column valueId"},
		{"an identifier without text", "sct2_Identifier", "1-8\t", "\t", ":2: column alternateIdentifier: is empty"},
		{"an unknown identifier header", "sct2_Identifier", "alternateIdentifier", "alternate", ":1: the header is"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			all := withSets(t)
			name := named(t, all, tc.part)
			all[name] = bytes.NewBufferString(strings.Replace(all[name].String(), tc.from, tc.to, 1))
			if _, err := rf2.Import(context.Background(), []string{folder(t, all)}, rf2.Options{}); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func FuzzReferenceSetRowsNeverPanic(f *testing.F) {
	f.Add("00000000-0000-4000-8000-000000000000\t20250101\t1\t900000000000207008\t447562003\t404684003\t1\t1\tTRUE\tALWAYS\tK20\t404684003\t138875005")
	f.Add("x\t\t0\t\t\t\t\t\t\t\t\t\t")
	all := withSets(f)
	name := named(f, all, "ExtendedMap")
	header, _, _ := strings.Cut(all[name].String(), "\r\n")
	f.Fuzz(func(t *testing.T, line string) {
		own := map[string]*bytes.Buffer{}
		for k, v := range all {
			own[k] = v
		}
		own[name] = bytes.NewBufferString(header + "\r\n" + line + "\r\n")
		_, _ = rf2.Import(context.Background(), []string{folder(t, own)}, rf2.Options{})
	})
}
