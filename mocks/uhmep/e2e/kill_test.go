package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
)

// killEnv makes the test binary the process that is killed; its value is the
// data directory.
const killEnv = "UHMEP_KILL_DIR"

// rounds of killing; each takes about a second.
const rounds = 3

func TestMain(m *testing.M) {
	if dir := os.Getenv(killEnv); dir != "" {
		if err := load(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// process is a sandbox in this process with what the load needs.
type process struct {
	sb             *mocks.Sandbox
	doctor, nurse  string
	patient, key   string
	authored, from string
}

func start(dir string) (*process, error) {
	sb, err := mocks.Open(mocks.Options{Settings: map[string]string{"data": dir}})
	if err != nil {
		return nil, err
	}
	p := &process{sb: sb}
	return p, p.login()
}

// login makes tokens and pseudonyms.
func (p *process) login() error {
	now := time.Now().In(time.FixedZone("CET", 3600))
	p.authored, p.from = now.Format("2006-01-02T15:04:05-07:00"), now.Format(time.DateOnly)
	token := func(persona string, into *string) error {
		var out struct {
			AccessToken string `json:"access_token"`
		}
		raw, err := p.call("POST", "/_sandbox/iam/tokens", "", "", fmt.Sprintf(`{"realm":"healthcare","client_id":"nihdi-uhmep-hcp","persona":%q,"exchange_to":"nihdi-uhmep-fhir-hcp"}`, persona))
		if err == nil {
			err = json.Unmarshal(raw, &out)
		}
		*into = out.AccessToken
		return err
	}
	transit := func(value string, into *string) error {
		var out struct{ URN string }
		raw, err := p.call("GET", "/_sandbox/pseudo/domains/uhmep_v1/in-transit/"+value, "", "", "")
		if err == nil {
			err = json.Unmarshal(raw, &out)
		}
		*into = out.URN
		return err
	}
	for _, step := range []error{token("dr-peeters", &p.doctor), token("nurse-claes", &p.nurse),
		transit("54022899886", &p.patient), transit("0123456789abcdef0123456789abcdef", &p.key)} {
		if step != nil {
			return step
		}
	}
	return nil
}

func (p *process) call(method, path, token, contentType, body string) ([]byte, error) {
	r := httptest.NewRequest(method, "http://localhost:8080"+path, strings.NewReader(body))
	r.Header.Set("User-Agent", "kill/1 go")
	r.Header.Set("From", "kill@example.be")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if contentType == "" {
		contentType = "application/fhir+json"
	}
	r.Header.Set("Content-Type", contentType)
	rec := httptest.NewRecorder()
	p.sb.ServeHTTP(rec, r)
	if rec.Code/100 != 2 {
		return nil, fmt.Errorf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
	return rec.Body.Bytes(), nil
}

// post creates something and returns its id.
func (p *process) post(path, token string, body []byte) (string, error) {
	raw, err := p.call("POST", "/uhmep/v1"+path, token, "", string(body))
	if err != nil {
		return "", err
	}
	var out struct{ ID string }
	err = json.Unmarshal(raw, &out)
	return out.ID, err
}

// load writes for ever and prints "what id status" after each answer.
func load(dir string) error {
	p, err := start(dir)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	say := func(path, id, status string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(path, id, status)
	}
	fail := make(chan error, 4)
	for range 4 {
		go func() {
			for {
				if err := p.once(say); err != nil {
					fail <- err
					return
				}
			}
		}()
	}
	return <-fail
}

func (p *process) once(say func(path, id, status string)) error {
	doc := sample.Request("hygienic-care", sample.Options{Patient: p.patient, Key: p.key, Requester: "PractitionerRole/71011599751-PHYSICIAN", AuthoredOn: p.authored, Start: p.from})
	sr, err := p.post("/ServiceRequest", p.doctor, sample.JSON(doc))
	if err != nil {
		return err
	}
	say("ServiceRequest", sr, "active")
	task, err := p.post("/Task", p.nurse, sample.JSON(sample.PerformerTask(sr, "PractitionerRole/85072299879-NURSE")))
	if err != nil {
		return err
	}
	say("Task", task, "ready")
	_, err = p.call("PATCH", "/uhmep/v1/Task/"+task, p.nurse, "", string(sample.JSON(sample.Patch(sample.StartAt(p.authored)))))
	if err == nil {
		say("Task", task, "in-progress")
	}
	return err
}

func TestKillingTheProcessLosesNothingThatWasAnswered(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	status := map[string]string{} // "Type id" → last status answered
	for round := range rounds {
		killOnce(t, dir, time.Duration(400+150*round)*time.Millisecond, status)
		p, err := start(dir)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := p.call("GET", "/_sandbox/uhmep/check", "", "", "")
		if err != nil {
			t.Errorf("round %d: %v", round, err)
		}
		var report struct{ Problems []string }
		if err := json.Unmarshal(raw, &report); err != nil || len(report.Problems) > 0 {
			t.Errorf("round %d: %v %s", round, err, raw)
		}
		for what, want := range status {
			typ, id, _ := strings.Cut(what, " ")
			raw, err := p.call("GET", "/uhmep/v1/"+typ+"/"+id, p.nurse, "", "")
			if err != nil {
				t.Errorf("round %d: %s was answered and is gone: %v", round, what, err)
				continue
			}
			// A later step may have been written before its answer got out.
			if typ == "Task" && !bytes.Contains(raw, []byte(`"status":"`+want+`"`)) && want != "ready" {
				t.Errorf("round %d: %s was answered %s, now %s", round, what, want, raw)
			}
		}
		if err := p.sb.Close(); err != nil {
			t.Error(err)
		}
	}
	if len(status) == 0 {
		t.Error("nothing was written before the kills")
	}
	t.Logf("%d resources checked over %d kills", len(status), rounds)
}

// killOnce runs the load in a process of its own and kills it with SIGKILL
// some time after its first answer.
func killOnce(t *testing.T, dir string, after time.Duration, status map[string]string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), killEnv+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	var timer *time.Timer
	for {
		line, err := lines.ReadString('\n')
		if err != nil { // what the killed process had not finished printing does not count
			if err != io.EOF {
				t.Logf("read: %v", err)
			}
			break
		}
		if timer == nil {
			timer = time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		}
		if f := strings.Fields(line); len(f) == 3 {
			status[f[0]+" "+f[1]] = f[2]
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the process ended before it was killed")
	}
	if timer == nil {
		t.Fatal("the process answered nothing")
	}
}
