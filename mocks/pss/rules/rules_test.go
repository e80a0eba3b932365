package rules_test

import (
	"os"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/pss/rules"
)

// builtin loads the rule set the sandbox ships.
func builtin(tb testing.TB) *rules.Set {
	tb.Helper()
	set, err := rules.Load(rules.Sources{Base: os.DirFS("../../../fixtures")})
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

func TestTheBuiltInRuleSetLoads(t *testing.T) {
	t.Parallel()
	set := builtin(t)
	t.Log(len(set.Procedures), len(set.Indications), len(set.Rules), set.Checksum)
}
