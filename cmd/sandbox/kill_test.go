package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestAcknowledgedPrescriptionsSurviveKill9 kills the real process under load,
// starts it again on the same data, and looks for every prescription whose
// creation had been acknowledged; indexes and documents must agree.
func TestAcknowledgedPrescriptionsSurviveKill9(t *testing.T) {
	t.Parallel()
	rounds := 50
	if testing.Short() {
		rounds = 3
	}
	data := t.TempDir()
	p := start(t, "-data", data)
	total := 0
	for round := range rounds {
		acked := load(t, p, 2+round%7)
		p = start(t, "-data", data)
		token := uhmepToken(t, p)
		for _, id := range acked {
			status, raw, err := call1(t.Context(), http.MethodGet, p.url+"/uhmep/v1/ServiceRequest/"+id, token, "", nil)
			if err != nil || status != http.StatusOK {
				t.Fatalf("round %d: acknowledged prescription %s is gone: %d %v %.200s", round, id, status, err, raw)
			}
		}
		if round%10 == 0 {
			consistent(t, p)
		}
		total += len(acked)
	}
	consistent(t, p)
	if total < rounds {
		t.Errorf("only %d prescriptions were acknowledged in %d rounds: the load is too low to prove anything", total, rounds)
	}
	t.Logf("%d acknowledged prescriptions over %d kills, none lost", total, rounds)
}

// load creates prescriptions with several clients, kills the process once
// enough were acknowledged and others are under way, and returns the
// acknowledged ids.
func load(t *testing.T, p *process, enough int) []string {
	t.Helper()
	token := uhmepToken(t, p)
	status, body, err := call1(t.Context(), http.MethodGet, p.url+"/_sandbox/uhmep/sample", "", "", nil)
	if err != nil || status != http.StatusOK {
		t.Fatalf("sample: %d %v %s", status, err, body)
	}
	var mu sync.Mutex
	var acked []string
	reached := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10_000 {
				status, raw, err := call1(t.Context(), http.MethodPost, p.url+"/uhmep/v1/ServiceRequest", token, "application/fhir+json", body)
				if err != nil {
					return // the process is gone
				}
				made := struct{ ID string }{}
				if status != http.StatusCreated || json.Unmarshal(raw, &made) != nil {
					t.Errorf("create: %d %.300s", status, raw)
					return
				}
				mu.Lock()
				if acked = append(acked, made.ID); len(acked) == enough {
					close(reached)
				}
				mu.Unlock()
			}
		})
	}
	select {
	case <-reached:
	case <-time.After(time.Minute):
		t.Error("no prescription was acknowledged within a minute")
	}
	p.kill()
	wg.Wait()
	return acked
}

func uhmepToken(t *testing.T, p *process) string {
	t.Helper()
	body := `{"realm":"healthcare","client_id":"nihdi-uhmep-hcp","persona":"dr-peeters","exchange_to":"nihdi-uhmep-fhir-hcp"}`
	status, raw, err := call1(t.Context(), http.MethodPost, p.url+"/_sandbox/iam/tokens", "", "application/json", []byte(body))
	if err != nil || status/100 != 2 {
		t.Fatalf("token: %d %v %s", status, err, raw)
	}
	answer := struct {
		AccessToken string `json:"access_token"`
	}{}
	if err := json.Unmarshal(raw, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.AccessToken
}

// consistent asks the sandbox to compare its documents with its indexes.
func consistent(t *testing.T, p *process) {
	t.Helper()
	status, raw, err := call1(t.Context(), http.MethodGet, p.url+"/_sandbox/uhmep/check", "", "", nil)
	if err != nil || status != http.StatusOK {
		t.Fatalf("consistency check: %d %v %s", status, err, raw)
	}
}

// TestARestartWithDataKeepsSessionsAndClock starts the program twice on one
// directory: a refresh token of the first run works in the second.
func TestARestartWithDataKeepsSessionsAndClock(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := start(t, "-data", data)
	body := `{"realm":"healthcare","client_id":"nihdi-uhmep-hcp","persona":"dr-peeters"}`
	status, raw, err := call1(t.Context(), http.MethodPost, p.url+"/_sandbox/iam/tokens", "", "application/json", []byte(body))
	if err != nil || status/100 != 2 {
		t.Fatalf("token: %d %v %s", status, err, raw)
	}
	answer := struct {
		RefreshToken string `json:"refresh_token"`
	}{}
	if err := json.Unmarshal(raw, &answer); err != nil || answer.RefreshToken == "" {
		t.Fatalf("no refresh token in %s", raw)
	}
	if status, raw, err = call1(t.Context(), http.MethodPut, p.url+"/_sandbox/clock", "", "", []byte(`{"offset":"5m"}`)); err != nil || status != 200 {
		t.Fatalf("clock: %d %v %s", status, err, raw)
	}
	p.kill()
	p = start(t, "-data", data)
	if _, raw, err = call1(t.Context(), http.MethodGet, p.url+"/_sandbox/clock", "", "", nil); err != nil || !strings.Contains(string(raw), `"5m0s"`) {
		t.Errorf("the clock after the restart: %s %v", raw, err)
	}
	form := "grant_type=refresh_token&client_id=nihdi-uhmep-hcp&refresh_token=" + answer.RefreshToken
	if status, raw, err = call1(t.Context(), http.MethodPost, p.url+"/auth/realms/healthcare/protocol/openid-connect/token", "", "application/x-www-form-urlencoded", []byte(form)); err != nil || status != 200 {
		t.Errorf("refresh after the restart: %d %v %s", status, err, raw)
	}
}
