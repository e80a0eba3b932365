package rf2_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/rf2"
)

// again repeats a row of a file as another one, with another date when one is given, and says on which line it then stands.
func again(s string, row, at int, date string) (string, int) {
	lines := strings.SplitAfter(s, "\r\n")
	l := lines[row]
	if date != "" {
		l = strings.Replace(l, "\t20260915\t", "\t"+date+"\t", 1)
	}
	if at == 0 {
		at = len(lines) - 1
	}
	return strings.Join(lines[:at], "") + l + strings.Join(lines[at:], ""), at + 1
}

const concreteFile = "Snapshot/Terminology/sct2_RelationshipConcreteValues_Snapshot_INT_20260915.txt"

func withConcrete(t *testing.T) map[string]*bytes.Buffer {
	all := files(t)
	all[concreteFile] = table("id\teffectiveTime\tactive\tmoduleId\tsourceId\tvalue\trelationshipGroup\ttypeId\tcharacteristicTypeId\tmodifierId",
		"9000001020 20260915 1 900000000000012004 404684003 5 1 363698007 900000000000011006 900000000000451002",
		"9000002029 20260915 1 900000000000012004 404684003 6 1 363698007 900000000000011006 900000000000451002")
	text := strings.NewReplacer("\t5\t", "\t#5\t", "\t6\t", "\t#6\t").Replace(all[concreteFile].String())
	all[concreteFile] = bytes.NewBufferString(text)
	return all
}

func TestASnapshotHasOneRowOfEachComponent(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, part string
		row, at    int // 0 = at the end
		date       string
	}{
		{"a concept", "sct2_Concept", 7, 0, ""},
		{"a concept next to itself", "sct2_Concept", 7, 8, ""},
		{"a concept of another time", "sct2_Concept", 7, 0, "20200131"},
		{"a description", "sct2_Description", 3, 0, ""},
		{"a description next to itself", "sct2_Description", 3, 4, ""},
		{"a relationship", "sct2_Relationship_", 1, 0, ""},
		{"a relationship next to itself", "sct2_Relationship_", 40, 41, ""},
		{"a concrete value", "ConcreteValues", 1, 0, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			good := withConcrete(t)
			bad := withConcrete(t)
			name := named(t, bad, tc.part)
			text, line := again(bad[name].String(), tc.row, tc.at, tc.date)
			bad[name] = bytes.NewBufferString(text)
			goodDir, badDir := folder(t, good), folder(t, bad)
			if _, err := rf2.Import(context.Background(), []string{goodDir}, rf2.Options{}); err != nil {
				t.Fatal(err)
			}
			// Alone, and as an extension of another package.
			for _, paths := range [][]string{{badDir}, {goodDir, badDir}} {
				_, err := rf2.Import(context.Background(), paths, rf2.Options{})
				var x *rf2.Error
				if !errors.As(err, &x) || x.File != filepath.Base(name) || x.Line != line || !strings.Contains(x.Text, "for the second time, after line") {
					t.Errorf("%d packages: got %v, want %s:%d", len(paths), err, filepath.Base(name), line)
				}
			}
		})
	}
}

func TestTheSameRowInAFullFileIsNoMatter(t *testing.T) {
	t.Parallel()
	full := map[string]*bytes.Buffer{}
	for name, b := range files(t) {
		text := b.String()
		if strings.Contains(name, "sct2_") {
			text, _ = again(text, 3, 0, "")
			text, _ = again(text, 4, 0, "20200131")
		}
		full[strings.ReplaceAll(strings.ReplaceAll(name, "Snapshot_", "Full_"), "Snapshot/", "Full/")] = bytes.NewBufferString(text)
	}
	e, err := rf2.Import(context.Background(), []string{folder(t, full)}, rf2.Options{})
	if err != nil || e.ConceptCount != 1500 {
		t.Errorf("got %v", err)
	}
}
