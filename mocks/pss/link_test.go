package pss_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/mocks/mockstest"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
)

// TestAPrescriptionShowsTheAdviceItQuotes runs the whole sandbox: a radiology
// advice, a prescription that quotes its number, and the advice again when the
// prescription is opened later.
func TestAPrescriptionShowsTheAdviceItQuotes(t *testing.T) {
	t.Parallel()
	sb := mockstest.New(t)
	now := noon()
	sb.Freeze(t, now)
	initial := sb.Token(t, mockstest.TokenRequest{})
	exchanged := sb.Token(t, mockstest.TokenRequest{ExchangeTo: "nihdi-uhmep-fhir-hcp"})
	send := func(method, path, kind string, body []byte) (int, []byte) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, sb.URL+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+exchanged)
		req.Header.Set("Content-Type", kind)
		req.Header.Set("User-Agent", "pss-test/1.0")
		req.Header.Set("From", "sandbox@example.invalid")
		res, err := sb.Client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		out, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, out
	}

	status, advice := send(http.MethodPost, "/frontend/api/pss/radiology/control", "application/json", []byte(controlBody))
	if status != http.StatusOK {
		t.Fatalf("control: %d %s", status, advice)
	}
	id := exchangeOf(advice)

	domain := (&pseudo.Client{BaseURL: sb.URL + "/pseudo/v1", HTTP: sb.Client, UserAgent: "pss-test/1.0", From: "sandbox@example.invalid",
		Token: func(context.Context) (string, error) { return initial, nil }}).Domain("uhmep_v1")
	patient, err := domain.Pseudonymize(t.Context(), []byte("54022899886"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := pseudo.NewTextKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keyInTransit, err := domain.Pseudonymize(t.Context(), key.Value())
	if err != nil {
		t.Fatal(err)
	}
	brussels, err := time.LoadLocation("Europe/Brussels")
	if err != nil {
		t.Fatal(err)
	}
	doc := sample.JSON(sample.Request(sample.Imaging, sample.Options{
		Patient: patient.FHIR(), Key: keyInTransit.FHIR(), Requester: "PractitionerRole/71011599751-PHYSICIAN",
		AuthoredOn: now.In(brussels).Format("2006-01-02T15:04:05-07:00"), Start: now.Format(time.DateOnly),
	}))
	const sampleID = "d2b8f0d4-6a39-4a31-9d1e-0c6f0e6f7a11"
	if !strings.Contains(string(doc), sampleID) {
		t.Fatalf("the sample quotes no PSS number: %s", doc)
	}
	doc = bytes.ReplaceAll(doc, []byte(sampleID), []byte(id))
	status, made := send(http.MethodPost, "/uhmep/v1/ServiceRequest", "application/fhir+json", doc)
	if status != http.StatusCreated {
		t.Fatalf("create: %d %s", status, made)
	}
	var stored any
	if err := json.Unmarshal(made, &stored); err != nil {
		t.Fatal(err)
	}

	sb.Advance(t, 24*time.Hour)
	exchanged = sb.Token(t, mockstest.TokenRequest{ExchangeTo: "nihdi-uhmep-fhir-hcp"})
	status, opened := send(http.MethodGet, "/uhmep/v1/ServiceRequest/"+text(stored, "id"), "", nil)
	if status != http.StatusOK || !strings.Contains(string(opened), id) {
		t.Fatalf("open: %d, quotes the number: %v", status, strings.Contains(string(opened), id))
	}
	status, again := send(http.MethodGet, "/frontend/api/pss/radiology/control/"+id, "", nil)
	if status != http.StatusOK || !bytes.Equal(again, advice) {
		t.Errorf("advice later: %d\n%s\nfirst\n%s", status, again, advice)
	}
}
