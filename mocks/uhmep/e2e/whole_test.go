package e2e

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// The seeded texts can be read like any other: open the key, decrypt.
func TestSeededTextsCanBeDecrypted(t *testing.T) {
	t.Parallel()
	p, err := start("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.sb.Close() })
	raw, err := p.call("POST", "/uhmep/v1/ServiceRequest/_search", p.doctor, "application/x-www-form-urlencoded", url.Values{"patient": {p.patient}}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	bundle, problems := tree.Parse(raw, tree.Limits{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	read := 0
	for _, e := range tree.Objects(bundle, "entry") {
		sr := tree.Child(e, "resource")
		for _, note := range tree.Objects(sr, "note") {
			key := tree.Objects(tree.Child(sr, "meta"), "extension")[0]
			urn := tree.Text(tree.Objects(key, "extension")[0], "valueString")
			text, err := decrypt(p, urn, tree.Text(note, "text"))
			if err != nil || !strings.Contains(text, ": ") {
				t.Errorf("%s: %q, %v", sr["id"], text, err)
			}
			read++
		}
	}
	if read < 5 {
		t.Errorf("%d notes read", read)
	}
}

func decrypt(p *process, urn, text string) (string, error) {
	body, err := json.Marshal(map[string]string{"pseudonym": urn})
	if err != nil {
		return "", err
	}
	raw, err := p.call("POST", "/_sandbox/pseudo/open", "", "application/json", string(body))
	if err != nil {
		return "", err
	}
	var out struct {
		Value string `json:"value_base64"`
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return "", err
	}
	secret, err := base64.StdEncoding.DecodeString(out.Value)
	if err != nil {
		return "", err
	}
	key, err := pseudo.TextKeyFrom(secret)
	if err != nil {
		return "", err
	}
	return key.Decrypt(text)
}

// Time that passes in the pseudonymisation domain makes a pseudonym useless.
func TestAnExpiredPseudonymIsRefused(t *testing.T) {
	t.Parallel()
	p, err := start("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.sb.Close() })
	if _, err := p.call("PUT", "/_sandbox/clock", "", "application/json", `{"advance":"P2D"}`); err != nil {
		t.Fatal(err)
	}
	old := p.patient
	if err := p.login(); err != nil {
		t.Fatal(err)
	}
	search := func(patient string) error {
		_, err := p.call("POST", "/uhmep/v1/ServiceRequest/_search", p.doctor, "application/x-www-form-urlencoded", url.Values{"patient": {patient}}.Encode())
		return err
	}
	if err := search(old); err == nil || !strings.Contains(err.Error(), "PSEUDONYM_INVALID") || !strings.Contains(err.Error(), "expired") {
		t.Errorf("the old one: %v", err)
	}
	if err := search(p.patient); err != nil {
		t.Errorf("a new one: %v", err)
	}
}
