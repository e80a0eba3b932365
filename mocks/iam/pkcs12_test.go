package iam

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"software.sslmate.com/src/go-pkcs12"
)

// certificateFile asks for a certificate and returns its PKCS #12.
func certificateFile(t *testing.T, g *rig, password string) (raw []byte, answer map[string]any) {
	t.Helper()
	res := g.control("POST", "/certificates", `{"type":"NIHII-HOSPITAL","identifier":"71099911","password":"`+password+`"}`)
	if res.StatusCode != 201 {
		t.Fatalf("certificates answered %d: %s", res.StatusCode, res.body)
	}
	answer = res.json(t)
	raw, err := base64.StdEncoding.DecodeString(answer["pkcs12"].(string))
	if err != nil {
		t.Fatal(err)
	}
	return raw, answer
}

func TestThePKCS12IsReadByAnotherLibrary(t *testing.T) {
	t.Parallel()
	g := newRig(t)
	raw, answer := certificateFile(t, g, "Geheim é1")
	key, cert, err := pkcs12.Decode(raw, "Geheim é1")
	if err != nil {
		t.Fatal(err)
	}
	if !key.(*rsa.PrivateKey).PublicKey.Equal(cert.PublicKey) {
		t.Error("key and certificate do not belong together")
	}
	if _, _, err := pkcs12.Decode(raw, "wrong"); err == nil {
		t.Error("a wrong password opens the file")
	}
	if !strings.Contains(cert.Subject.String(), "not-for-production") {
		t.Errorf("subject %s does not say that it is not for production", cert.Subject)
	}
	if !strings.HasPrefix(answer["kid"].(string), "sandbox-") {
		t.Errorf("kid %v", answer["kid"])
	}
}

// Java's keytool and openssl are what integrators load such files with.
func TestThePKCS12IsReadByTheirTools(t *testing.T) {
	t.Parallel()
	for _, tool := range []struct {
		name, want string
		args       func(file string) []string
	}{
		{"keytool", "authentication", func(f string) []string {
			return []string{"-list", "-keystore", f, "-storetype", "PKCS12", "-storepass", "sandbox"}
		}},
		{"openssl", "friendlyName: authentication", func(f string) []string {
			return []string{"pkcs12", "-in", f, "-passin", "pass:sandbox", "-noenc"}
		}},
	} {
		t.Run(tool.name, func(t *testing.T) {
			t.Parallel()
			path, err := exec.LookPath(tool.name)
			if err != nil {
				t.Skipf("%s is not installed here", tool.name)
			}
			raw, _ := certificateFile(t, newRig(t), "")
			file := filepath.Join(t.TempDir(), "client.p12")
			if err := os.WriteFile(file, raw, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(path, tool.args(file)...).CombinedOutput()
			if err != nil || !strings.Contains(string(out), tool.want) {
				t.Fatalf("%v: %s", err, out)
			}
		})
	}
}

func TestFailingRandomnessMakesNoPKCS12(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := selfSigned(realmSubject("x"), "x", key, testTime, testTime.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := encodePKCS12(strings.NewReader("short"), "a", "b", key, cert); err == nil {
		t.Error("no error")
	}
}
