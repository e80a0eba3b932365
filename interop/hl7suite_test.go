package interop

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestJavaHL7TerminologySuite runs HL7's terminology tests with HL7's own runner (tx/pom.xml) and compares each case with what is
// expected of it. A case listed in tx/superseded.json has to fail: the release on Maven Central (1.7.0) is not HL7's newest, and where the
// newest asks for something else the sandbox follows it. A listed case that passes is an error too, so that the list stays true.
func TestJavaHL7TerminologySuite(t *testing.T) {
	needMaven(t)
	base := startSandbox(t)
	target := t.TempDir()
	out, runErr := maven(t, "tx", base, target)

	var results struct {
		Suites []struct {
			Name  string
			Tests []struct{ Name, Status, Message string }
		}
	}
	readJSON(t, filepath.Join(target, "results", "test-results.json"), &results, string(out))
	var superseded []struct {
		Why   string
		Cases []string
	}
	readJSON(t, filepath.Join("tx", "superseded.json"), &superseded, "")
	why := map[string]string{}
	for _, s := range superseded {
		for _, c := range s.Cases {
			why[c] = s.Why
		}
	}
	ran, passed, superseding := 0, 0, 0
	for _, s := range results.Suites {
		t.Run(s.Name, func(t *testing.T) {
			for _, c := range s.Tests {
				name := s.Name + "/" + c.Name
				ran++
				reason, listed := why[name]
				delete(why, name)
				switch {
				case c.Status == "pass" && listed:
					t.Errorf("%s passes: take it off tx/superseded.json (%s)", name, reason)
				case c.Status == "pass":
					passed++
				case listed:
					superseding++
				default:
					t.Errorf("%s: %s: %s", name, c.Status, c.Message)
				}
			}
		})
	}
	for name := range why {
		t.Errorf("tx/superseded.json lists %s, which is no case of the suite", name)
	}
	// 250 cases of mode general: a runner that stopped half-way must not look like success.
	if ran < 250 {
		t.Errorf("only %d cases ran: %v\n%s", ran, runErr, out)
	}
	t.Logf("%d of %d cases pass; %d are superseded", passed, ran, superseding)
}

func readJSON(t *testing.T, path string, into any, context string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v\n%s", err, context)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
