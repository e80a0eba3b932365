package pseudo_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ehealth-sandbox/sandbox/fixtures"
	"github.com/ehealth-sandbox/sandbox/mocks/pseudo"
)

func TestBrokenFixturesNameFileAndLine(t *testing.T) {
	t.Parallel()
	good, err := fs.ReadFile(fixtures.FS, "pseudo/domains.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ old, new, want string }{
		"two active keys":       {"active: false", "active: true", "2 secret keys are active"},
		"unknown owner":         {"owners: [uhmep, pseudonymisation]", "owners: [nobody]", "there is no owner nobody"},
		"unknown member":        {"buffer_size: 8", "buffersize: 8", "buffersize not found"},
		"multiplier":            {"multiplier: A", "multiplier: '%'#", "multiplier is not base64"},
		"secret too short":      {"secret: r9Dw", "secret: ", "want 32"},
		"duration":              {"time_to_live: PT10M", "time_to_live: 600", "no duration"},
		"key twice":             {"key: ehealth_v1", "key: uhmep_v1", "the key uhmep_v1 is taken"},
		"owner without kid":     {`kid: "sandbox-1757000001", `, "", "are needed"},
		"operation":             {"operation: identify", "operation: read", "operation is"},
		"missing PEM":           {"keys/demo.pem", "keys/none.pem", "owner demo"},
		"PEM of something else": {"keys/demo.pem", "domains.yaml", "want a PKCS#8 RSA key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(string(good), tc.old, tc.new, 1)
			fsys := fstest.MapFS{"pseudo/domains.yaml": {Data: []byte(changed)}}
			for _, key := range []string{"uhmep", "pseudonymisation", "demo"} {
				raw, err := fs.ReadFile(fixtures.FS, "pseudo/keys/"+key+".pem")
				if err != nil {
					t.Fatal(err)
				}
				fsys["pseudo/keys/"+key+".pem"] = &fstest.MapFile{Data: raw}
			}
			_, err := pseudo.New(pseudo.Config{Fixtures: fsys, Verifier: fakeVerifier{tokens()}})
			if tc.want == "" {
				if err != nil {
					t.Errorf("got %v, want it accepted", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want …%s…", err, tc.want)
			}
			if err != nil && tc.want != "owner demo" && !strings.Contains(err.Error(), "pseudo/") {
				t.Errorf("got %v, want the file named", err)
			}
		})
	}
}

func TestSeededSandboxRepeatsItself(t *testing.T) {
	t.Parallel()
	var all [2]string
	for n := range all {
		w := newWorld(t) // both tenants draw from the same stream
		i := in{"id": "a", "x": b64(value(t, "1").X()), "y": b64(value(t, "1").Y())}
		for _, a := range []answer{
			w.send("GET", "/pseudo/v1/domains/uhmep_v1", "all", nil), w.post("uhmep_v1/pseudonymize", "all", i),
			w.post("uhmep_v1/pseudonymizeMultiple", "all", in{"inputs": []any{i, i, nil, i, i}}), w.send("POST", "/_sandbox/pseudo/domains/uhmep_v1/rotate", "", nil),
			w.send("POST", "/_sandbox/pseudo/explain", "", in{"value": "1"}), w.send("GET", "/_sandbox/pseudo/domains/uhmep_v1/in-transit/1", "", nil),
		} {
			all[n] += string(a.raw) + "\n"
		}
	}
	if all[0] != all[1] {
		t.Errorf("two runs with one seed differ:\n%s\n%s", all[0], all[1])
	}
}
