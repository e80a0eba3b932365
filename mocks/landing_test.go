package mocks_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/console"
	"github.com/ehealth-sandbox/sandbox/mocks/mockstest"
)

func TestTheLandingPageShowsWhatIsHere(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	for _, base := range []string{sb.URL, sb.URL + "/t/demo"} {
		a := get(t, sb, base+"/")
		if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || !strings.Contains(a.header.Get("Content-Security-Policy"), "default-src 'self'") {
			t.Fatalf("%s: %d %v", base, a.status, a.header)
		}
		for _, want := range []string{"SANDBOX", base + "/auth", base + "/pseudo/v1", base + "/uhmep/v1", base + "/terminology/fhir", base + "/pss", "dr-peeters", "pat-dubois", "71011599751", "AZ Zandbak", "SNOMED CT® is © and ® SNOMED International", "B=" + base + "\n"} {
			if !strings.Contains(a.body, want) {
				t.Errorf("%s: the page does not show %q", base, want)
			}
		}
		for _, m := range regexp.MustCompile(`(?:href|src)="(static/[^"]+)"`).FindAllStringSubmatch(a.body, -1) {
			if f := get(t, sb, base+"/"+m[1]); f.status != 200 {
				t.Errorf("%s: %s answers %d", base, m[1], f.status)
			}
		}
	}
}

// TestTheCommandsOfTheLandingPageWork pastes all of them into one shell, as a
// reader does.
func TestTheCommandsOfTheLandingPageWork(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"bash", "curl", "sed"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the commands of the page need %s: %v", tool, err)
		}
	}
	sb := mockstest.New(t).Tenant("paste")
	var script strings.Builder
	script.WriteString("set -eu\n")
	for _, s := range console.Steps(sb.URL) {
		script.WriteString("echo \"### " + s.Title + "\"\n" + s.Command + "\necho\n")
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script.String())
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "no_proxy=*")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	sections := strings.Split(string(out), "### ")[1:]
	for title, want := range map[string]string{
		"Ask what is here":                    `"sandbox":true`,
		"Discover the identity provider":      `"issuer":"` + sb.URL + `/auth/realms/healthcare"`,
		"Log in as dr-peeters":                "ey",
		"Exchange the token":                  "ey",
		"Pseudonymise a blinded value":        `"transitInfo"`,
		"Create a nursing prescription":       "201 Created",
		"Look up a code, in Dutch and French": "hygi",
		"Ask for radiology advice":            `"intentions"`,
		"Get an organisation's token":         `"access_token"`,
		"See why something was refused":       `"hint"`,
		"Let time pass":                       `"status":"reset"`,
	} {
		found := false
		for _, s := range sections {
			if strings.HasPrefix(s, title) {
				found = true
				if !strings.Contains(s, want) {
					t.Errorf("%s: no %q in\n%.1500s", title, want, s)
				}
			}
		}
		if !found {
			t.Errorf("no step is called %q", title)
		}
	}
}

func TestThirdPartyFilesAreUnchanged(t *testing.T) {
	t.Parallel()
	css, err := fs.ReadFile(console.Static(), "pico-2.1.1.min.css")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := fs.ReadFile(console.Static(), "README.md")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(css)
	if !strings.Contains(string(readme), hex.EncodeToString(sum[:])) {
		t.Errorf("pico-2.1.1.min.css has checksum %x, which its README does not name", sum)
	}
}
