package iam

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/c2sp/wycheproof"
	jose "github.com/go-jose/go-jose/v4"
)

// Vectors of Project Wycheproof (C2SP).
type wycheproofFile struct {
	NumberOfTests int `json:"numberOfTests"`
	TestGroups    []struct {
		Comment string          `json:"comment"`
		Private json.RawMessage `json:"private"`
		Public  json.RawMessage `json:"public"`
		Tests   []struct {
			ID      int             `json:"tcId"`
			Comment string          `json:"comment"`
			JWS     json.RawMessage `json:"jws"`
			Result  string          `json:"result"`
			Flags   []string        `json:"flags"`
		} `json:"tests"`
	} `json:"testGroups"`
}

func loadWycheproof(t *testing.T, name string) wycheproofFile {
	t.Helper()
	raw, err := fs.ReadFile(wycheproof.TestVectors, name+"_test.json")
	if err != nil {
		t.Fatal(err)
	}
	var file wycheproofFile
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	return file
}

// groupKeys are the keys of a group, as a client would have registered them.
func groupKeys(t *testing.T, public, private json.RawMessage) []jose.JSONWebKey {
	t.Helper()
	raw := public
	if len(raw) == 0 {
		raw = private
	}
	if !strings.Contains(string(raw), `"keys"`) {
		raw = json.RawMessage(`{"keys":[` + string(raw) + `]}`)
	}
	keys, err := parseJWKS(raw)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// accepted runs what the token endpoint runs on a client assertion's
// signature: the algorithm list, the choice of keys, the check itself.
func accepted(raw string, keys []jose.JSONWebKey) bool {
	var header joseHeader
	parts := strings.Split(raw, ".")
	if len(parts) != 3 || json.Unmarshal(decodeSegment(parts[0]), &header) != nil || !slices.Contains(assertionAlgs(), header.Alg) {
		return false
	}
	candidates, _ := matching(keys, header, false)
	return verifiesWith(raw, header.Alg, candidates)
}

// exceptions are vectors on which we deliberately differ, by comment.
func exceptions(group string) string {
	switch group {
	case "rfc7520", "rfc7520WithKeyOps":
		return "the registered key is for another algorithm than the header's: refused here"
	case "jws_rsa_roca_key":
		return "keys with the ROCA weakness are not recognised: it would take knowledge of one vendor's generator"
	}
	return ""
}

func TestWycheproofSignatures(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"json_web_signature", "json_web_key"} {
		file := loadWycheproof(t, name)
		ran, valid := 0, 0
		for _, group := range file.TestGroups {
			keys := groupKeys(t, group.Public, group.Private)
			for _, tc := range group.Tests {
				ran++
				var raw string
				if json.Unmarshal(tc.JWS, &raw) != nil {
					raw = string(tc.JWS) // JSON serialisation: never a client assertion
				}
				got := accepted(raw, keys)
				want := tc.Result == "valid" && ours(raw)
				if want {
					valid++
				}
				if got != want && exceptions(group.Comment) != "" {
					t.Logf("%s %d: %s", name, tc.ID, exceptions(group.Comment))
					continue
				}
				if got && tc.Result != "valid" {
					t.Errorf("%s %d (%s, %s): an invalid signature was accepted", name, tc.ID, group.Comment, tc.Comment)
				}
				if want && !got {
					t.Errorf("%s %d (%s, %s): a valid signature was refused", name, tc.ID, group.Comment, tc.Comment)
				}
			}
		}
		if ran != file.NumberOfTests || ran == 0 {
			t.Errorf("%s: ran %d of %d", name, ran, file.NumberOfTests)
		}
		t.Logf("%s: %d vectors, %d of them valid with an algorithm of ours", name, ran, valid)
	}
}

// ours tells whether a compact JWS uses an algorithm of the list; the others
// (HMAC above all) must be refused however valid they are.
func ours(raw string) bool {
	var header joseHeader
	part, _, _ := strings.Cut(raw, ".")
	return json.Unmarshal(decodeSegment(part), &header) == nil && slices.Contains(assertionAlgs(), header.Alg)
}
