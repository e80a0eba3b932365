package mocks_test

import (
	"bytes"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/fixtures"
	"github.com/ehealth-sandbox/sandbox/mocks"
)

func TestAMistakeInAUsersFixtureIsToldAtTheStartWithFileAndLine(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, file, old, replacement string
		want                         string // after "file:line: "
	}{
		{"persona member", "personas.yaml", "ssin:", "ssinn:", "field ssinn"},
		{"organisation number", "organisations.yaml", `nihii: "`, `nihii: "x`, "organisations."},
		{"client member", "iam/clients.yaml", "client_id:", "clientid:", "field clientid"},
		{"client realm", "iam/clients.yaml", "realm: healthcare", "realm: nowhere", "nowhere"},
		{"scope", "iam/scopes.yaml", "{name: openid,", `{name: "",`, "empty"},
		{"certificate type", "iam/certificates.yaml", "type: ", "type: X", "certificate type"},
		{"pseudonymisation domain", "pseudo/domains.yaml", "domains:", "domain:", "field domain"},
		{"care relation", "care/relations.yaml", `patient: "54022899886", given`, `patient: "5402289988", given`, "consents.0"},
		{"seeded patient", "uhmep/seed.yaml", "patient: pat-dubois", "patient: nobody", "nobody"},
		{"seeded template", "uhmep/seed.yaml", "template: hygienic-care", "template: nothing", "nothing"},
		{"seeded step", "uhmep/seed-proposals.yaml", "by: nurse", "by: ghost", "ghost"},
		{"access matrix", "uhmep/matrix.yaml", "disciplines: [", "discipline: [", "field discipline"},
		{"template", "uhmep/templates.yaml", "templates:", "template:", "field template"},
		{"profile", "uhmep/profiles/be-patient.yaml", "url:", "uri:", "field uri"},
		{"PSS rule", "pss/rules.yaml", "score: 9", "score: 99", "outside"},
		{"PSS antimicrobial", "pss/antimicrobial.yaml", "\n", "\nbogus: 1\n", "bogus"},
		{"code list member", "terminology/uhmep-terminology.json", `"codeSystems"`, `"codeSystem"`, "codeSystem"},
		{"code list end", "terminology/snomed-labels.json", "", "}", "follows the end"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			raw, err := fs.ReadFile(fixtures.FS, tc.file)
			if err != nil {
				t.Fatal(err)
			}
			text := string(raw) + tc.replacement
			if tc.old != "" {
				if text = strings.Replace(string(raw), tc.old, tc.replacement, 1); text == string(raw) {
					t.Fatalf("%s holds no %q", tc.file, tc.old)
				}
			}
			sb, err := openOver(t, tc.file, text, nil)
			if err == nil {
				_ = sb.Close()
				t.Fatal("it started")
			}
			if !regexp.MustCompile(regexp.QuoteMeta(tc.file) + `:\d+: .*` + tc.want).MatchString(err.Error()) {
				t.Errorf("the error does not say %s:<line>: … %s: %v", tc.file, tc.want, err)
			}
		})
	}
}

func TestAFixtureFileWithAMisspeltNameIsWarnedAbout(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	sb, err := openOver(t, "persona.yaml", "x", slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := sb.Close(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), "persona.yaml") {
		t.Errorf("logged: %s", log.String())
	}
}

// openOver opens a sandbox with one file laid over the built-in ones.
func openOver(t *testing.T, file, text string, log *slog.Logger) (*mocks.Sandbox, error) {
	t.Helper()
	dir := t.TempDir()
	name := filepath.Join(dir, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return mocks.Open(mocks.Options{Settings: map[string]string{"fixtures": dir}, Log: log})
}
