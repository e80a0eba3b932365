package check

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"
)

var update = flag.Bool("update", false, "rewrite docs/uhmep-rules.md")

// ruleTable is docs/uhmep-rules.md.
func ruleTable(c *Checker) string {
	var b strings.Builder
	b.WriteString("# UHMEP: rule ids\n\nGenerated from `fixtures/uhmep/profiles`, the registered invariants and the checker; rewrite it with\n" +
		"`go test ./mocks/uhmep/check -run TestRuleTable -update`. How the rules work together: [uhmep-validation.md](uhmep-validation.md).\n")
	table := func(title, middle string, rows []profile.Row) {
		if len(rows) == 0 {
			return
		}
		fmt.Fprintf(&b, "\n## %s\n\n| Rule id | %s | Asks |\n|---|---|---|\n", title, middle)
		for _, row := range rows {
			fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", row.Rule, row.Path, strings.ReplaceAll(row.Text, "|", "\\|"))
		}
	}
	table("Checker", "Sandbox code", Rules())
	var rows []profile.Row
	for _, inv := range profile.Registered() {
		rows = append(rows, profile.Row{Rule: inv.ID, Path: "invariant", Text: inv.Text})
	}
	table("Invariants", "Kind", rows)
	for _, p := range c.Profiles().Profiles() {
		table("Profile "+p.ID, "Path", p.Rows())
	}
	rows = nil
	for _, ext := range c.Profiles().Extensions() {
		rows = append(rows, ext.Rows()...)
	}
	table("Extensions", "Part", rows)
	return b.String()
}

func TestRuleTableIsCurrent(t *testing.T) {
	t.Parallel()
	const file = "../../../docs/uhmep-rules.md"
	want := ruleTable(open(t))
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/uhmep-rules.md is out of date: run this test with -update")
	}
}
