package bench

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/ehealth-sandbox/sandbox/fixtures"
	"github.com/ehealth-sandbox/sandbox/mocks"
)

// What I.AM Connect costs beyond its signatures. Everything runs in process,
// without a network; what is measured is processor time, because the machine
// may be busy with other work. One core's worth per second is reported.
//
//	go test -run '^$' -bench IAM -benchtime 600x -cpu 1 ./bench/
//
// x/signatures is the processor time of one operation divided by that of its
// RS256 signatures alone (access token and ID token: two each).

const (
	iamVerifier  = "verifier-0123456789-0123456789-0123456789-abc"
	iamChallenge = "uE2T3AGHOnS-NjpxOKWgYVLWgRsEsgk2csQmWWiPzr8"
	iamOIDC      = "/auth/realms/healthcare/protocol/openid-connect/"
	iamM2M       = "/auth/realms/M2M/protocol/openid-connect/token"
)

type iamBench struct {
	b   *testing.B
	sb  *mocks.Sandbox
	key *rsa.PrivateKey
}

func newIAMBench(b *testing.B) *iamBench {
	b.Helper()
	sb, err := mocks.Open(mocks.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = sb.Close() })
	raw, err := fs.ReadFile(fixtures.FS, "iam/keys/demo-client.pem")
	if err != nil {
		b.Fatal(err)
	}
	block, _ := pem.Decode(raw)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		b.Fatal(err)
	}
	return &iamBench{b: b, sb: sb, key: key.(*rsa.PrivateKey)}
}

func (x *iamBench) call(method, target string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://localhost:8080"+target, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	x.sb.ServeHTTP(w, r)
	return w
}

func (x *iamBench) tokens(form url.Values) map[string]any {
	x.b.Helper()
	w := x.call(http.MethodPost, iamOIDC+"token", form)
	if w.Code != http.StatusOK {
		x.b.Fatalf("token answered %d: %s", w.Code, w.Body)
	}
	out := map[string]any{}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		x.b.Fatal(err)
	}
	return out
}

// login is the whole code flow: authorization, then the code for tokens.
func (x *iamBench) login() map[string]any {
	x.b.Helper()
	q := url.Values{"client_id": {"nihdi-uhmep-hcp"}, "redirect_uri": {"http://localhost:4200/"}, "response_type": {"code"}, "scope": {"openid"},
		"code_challenge": {iamChallenge}, "code_challenge_method": {"S256"}, "kc_idp_hint": {"sandbox-auto"}, "login_hint": {"dr-peeters"}}
	w := x.call(http.MethodGet, iamOIDC+"auth?"+q.Encode(), nil)
	u, err := url.Parse(w.Header().Get("Location"))
	if err != nil || u.Query().Get("code") == "" {
		x.b.Fatalf("auth answered %d: %s", w.Code, w.Body)
	}
	return x.tokens(url.Values{"grant_type": {"authorization_code"}, "client_id": {"nihdi-uhmep-hcp"}, "code": {u.Query().Get("code")}, "redirect_uri": {"http://localhost:4200/"}, "code_verifier": {iamVerifier}})
}

// assertion is made before the clock starts: it is the client's work.
func (x *iamBench) assertion(i int) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: x.key}, nil)
	if err != nil {
		x.b.Fatal(err)
	}
	now := time.Now().Unix()
	payload := fmt.Sprintf(`{"iss":"demo-hospital","sub":"demo-hospital","aud":"http://localhost:8080/auth/realms/M2M","iat":%d,"exp":%d,"jti":"bench-%d"}`, now, now+3000, i)
	signed, err := signer.Sign([]byte(payload))
	if err != nil {
		x.b.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		x.b.Fatal(err)
	}
	return text
}

// processorTime is what this process has used so far, all threads.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure runs op b.N times, then as many signatures as it made, and reports.
func (x *iamBench) measure(signatures int, op func(i int)) {
	x.b.Helper()
	op(-1) // warm up
	runtime.GC()
	x.b.ResetTimer()
	start := processorTime()
	for i := range x.b.N {
		op(i)
	}
	spent := processorTime() - start
	x.b.StopTimer()
	digest := sha256.Sum256([]byte("x"))
	start = processorTime()
	for range x.b.N * signatures {
		if _, err := rsa.SignPKCS1v15(rand.Reader, x.key, crypto.SHA256, digest[:]); err != nil {
			x.b.Fatal(err)
		}
	}
	raw := processorTime() - start
	x.b.ReportMetric(float64(x.b.N)/spent.Seconds(), "per-s/core")
	x.b.ReportMetric(float64(spent)/float64(raw), "x/signatures")
	x.b.ReportMetric(float64(spent.Microseconds()-raw.Microseconds())/float64(x.b.N), "µs-beside")
}

func BenchmarkIAMClientCredentials(b *testing.B) {
	x := newIAMBench(b)
	assertions := make([]string, b.N+1)
	for i := range assertions {
		assertions[i] = x.assertion(i)
	}
	x.measure(2, func(i int) {
		w := x.call(http.MethodPost, iamM2M, url.Values{"grant_type": {"client_credentials"}, "scope": {"openid iam:authz nihdi:uhmep:organization"},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "client_assertion": {assertions[i+1]}})
		if w.Code != http.StatusOK {
			b.Fatalf("token answered %d: %s", w.Code, w.Body)
		}
	})
}

func BenchmarkIAMCodeFlow(b *testing.B) {
	x := newIAMBench(b)
	x.measure(2, func(int) { x.login() })
}

func BenchmarkIAMRefresh(b *testing.B) {
	x := newIAMBench(b)
	token := x.login()["refresh_token"].(string)
	x.measure(2, func(int) {
		x.tokens(url.Values{"grant_type": {"refresh_token"}, "client_id": {"nihdi-uhmep-hcp"}, "refresh_token": {token}})
	})
}

func BenchmarkIAMExchange(b *testing.B) {
	x := newIAMBench(b)
	token := x.login()["access_token"].(string)
	x.measure(2, func(int) {
		x.tokens(url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "client_id": {"nihdi-uhmep-hcp"}, "subject_token": {token},
			"subject_token_type": {"urn:ietf:params:oauth:token-type:access_token"}, "audience": {"nihdi-uhmep-fhir-hcp"}})
	})
}

// BenchmarkIAMSessions makes live sessions and reports what each costs.
func BenchmarkIAMSessions(b *testing.B) {
	x := newIAMBench(b)
	x.login()
	before := liveHeap()
	b.ResetTimer()
	for range b.N {
		x.login()
	}
	b.StopTimer()
	b.ReportMetric(float64(liveHeap()-before)/float64(b.N), "B/session")
}

func liveHeap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// The constants of this file fit each other.
func TestIAMBenchConstants(t *testing.T) {
	sum := sha256.Sum256([]byte(iamVerifier))
	if got := base64.RawURLEncoding.EncodeToString(sum[:]); got != iamChallenge {
		t.Errorf("challenge %s", got)
	}
}
