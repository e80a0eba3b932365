package fold

import (
	"slices"
	"testing"
)

func TestTextIsFoldedAsAPersonTypesIt(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Hygiënische zorg": "hygienische zorg", "Œdème à gauche": "oedeme a gauche", "Große Fuß": "grosse fuss",
		"knie": "knie", "ÉPAULE": "epaule", "Ménière": "meniere", "sørensen": "sorensen", "H₂O": "h2o", "e\u0301": "e", "": "", "\xff": " ",
	} {
		if got := String(in); got != want {
			t.Errorf("String(%q): got %q, want %q", in, got, want)
		}
	}
}

func TestWordsAreRunsOfLettersAndDigits(t *testing.T) {
	t.Parallel()
	got := Words(nil, String("Röntgen (L5-S1), d'épaule: 3.5mm"))
	want := []string{"rontgen", "l5", "s1", "d", "epaule", "3", "5mm"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBlanksAreCollapsed(t *testing.T) {
	t.Parallel()
	if got := Spaces("  Display \t 1\n"); got != "Display 1" {
		t.Errorf("got %q", got)
	}
}

func FuzzFoldingIsStable(f *testing.F) {
	for _, s := range []string{"Hygiënische", "ﬁ", "İ", "\xff\xfe", "ẞ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a := String(s)
		for _, w := range Words(nil, a) {
			if w == "" {
				t.Fatal("an empty word")
			}
		}
		_ = Spaces(a)
	})
}
