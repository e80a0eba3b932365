package interop

import (
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// surefire is the part of a JUnit report that says how each test went.
type surefire struct {
	Name  string `xml:"name,attr"`
	Cases []struct {
		Name    string   `xml:"name,attr"`
		Failure *failure `xml:"failure"`
		Error   *failure `xml:"error"`
	} `xml:"testcase"`
}

type failure struct {
	Text string `xml:",chardata"`
}

// TestJavaClients: Spring Security, HAPI FHIR and the HL7 validator need Maven and a minute; `make test` runs them, once and
// without the race detector.
func TestJavaClients(t *testing.T) {
	needMaven(t)
	base := startSandbox(t)
	target := t.TempDir()
	var only []string
	if name := os.Getenv("CASE"); name != "" {
		only = []string{"-Dtest=" + name}
	}
	out, runErr := maven(t, "java", base, target, only...)
	reports, err := filepath.Glob(filepath.Join(target, "surefire-reports", "*.xml"))
	if err != nil || len(reports) == 0 {
		t.Fatalf("no test reports: %v %v\n%s", runErr, err, out)
	}
	for _, path := range reports {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var suite surefire
		if err := xml.Unmarshal(data, &suite); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		t.Run(suite.Name, func(t *testing.T) {
			for _, c := range suite.Cases {
				t.Run(c.Name, func(t *testing.T) {
					for _, f := range []*failure{c.Failure, c.Error} {
						if f != nil {
							t.Error(f.Text)
						}
					}
				})
			}
		})
	}
	if runErr != nil && !t.Failed() {
		t.Fatalf("mvn test: %v\n%s", runErr, out)
	}
}

// needMaven skips a test that runs Java clients where they cannot, or were not asked for.
func needMaven(t *testing.T) {
	t.Helper()
	if os.Getenv("SANDBOX_INTEROP_JAVA") == "" {
		t.Skip("the Java clients run with SANDBOX_INTEROP_JAVA=1 (make interop-java)")
	}
	if _, err := exec.LookPath("mvn"); err != nil {
		t.Skipf("Java clients cannot run: %v", err)
	}
}

// maven runs the tests of a Maven module against a sandbox; reports go below target.
func maven(t *testing.T, module, base, target string, more ...string) ([]byte, error) {
	t.Helper()
	args := append([]string{"-B", "-q", "test", "-Dsandbox.url=" + base, "-Dinterop.target=" + target}, more...)
	mvn := exec.CommandContext(t.Context(), "mvn", args...)
	mvn.Dir = module
	return mvn.CombinedOutput()
}
