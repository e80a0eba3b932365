package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
)

const (
	physicians = 50
	nurse      = "PractitionerRole/85072299879-NURSE"
	base       = "/uhmep/v1"
)

// world is a sandbox with doctors, patients and what was made so far.
type world struct {
	sb      *mocks.Sandbox
	at      time.Time
	doctors []doctor
	nurse   string
	patient []string // pseudonyms in transit
	keys    []string // as many texts keys, so that a list of documents has all different ones

	mu    sync.Mutex
	ids   []string
	tasks []string
	used  map[string]int // next free prescription or task by row
}

type doctor struct{ role, token string }

func open(data string) (*world, error) {
	settings := map[string]string{"journal-entries": "100"}
	if data != "" {
		settings["data"] = data
	}
	sb, err := mocks.Open(mocks.Options{Settings: settings})
	if err != nil {
		return nil, err
	}
	w := &world{sb: sb, at: time.Now().Truncate(time.Second), used: map[string]int{}}
	return w, w.prepare()
}

func (w *world) close() { _ = w.sb.Close() }

// prepare freezes the clock, so that tokens and pseudonyms last, and makes
// doctors and patients.
func (w *world) prepare() error {
	if err := w.control("PUT", "/_sandbox/clock", map[string]string{"freeze": w.at.Format(time.RFC3339)}, nil); err != nil {
		return err
	}
	for i := range physicians {
		number := ssin(600101+i, 991+2*(i%4))
		name := "bench-" + strconv.Itoa(i)
		persona := map[string]any{"name": name, "kind": "physician", "ssin": number, "first_name": "Bench", "last_name": strconv.Itoa(i), "gender": "M", "language": "nl",
			"disciplines": []any{map[string]any{"key": "physician", "nihii": "19990116004"}}}
		if err := w.control("PUT", "/_sandbox/iam/personas/"+name, persona, nil); err != nil {
			return err
		}
		token, err := w.token(name)
		if err != nil {
			return err
		}
		w.doctors = append(w.doctors, doctor{role: "PractitionerRole/" + number + "-PHYSICIAN", token: token})
	}
	var err error
	if w.nurse, err = w.token("nurse-claes"); err != nil {
		return err
	}
	for i := range 200 {
		key, err := w.transit(fmt.Sprintf("%032d", i))
		if err != nil {
			return err
		}
		w.keys = append(w.keys, key)
	}
	return nil
}

// ssin makes a synthetic number from a date and a serial.
func ssin(date, serial int) string {
	nine := date*1000 + serial
	return fmt.Sprintf("%09d%02d", nine, 97-nine%97)
}

func (w *world) token(persona string) (string, error) {
	var out struct {
		AccessToken string `json:"access_token"`
	}
	err := w.control("POST", "/_sandbox/iam/tokens", map[string]any{"realm": "healthcare", "client_id": "nihdi-uhmep-hcp", "persona": persona,
		"exchange_to": "nihdi-uhmep-fhir-hcp"}, &out)
	return out.AccessToken, err
}

func (w *world) transit(value string) (string, error) {
	var out struct {
		URN string `json:"urn"`
	}
	err := w.control("GET", "/_sandbox/pseudo/domains/uhmep_v1/in-transit/"+url.PathEscape(value), nil, &out)
	return out.URN, err
}

func (w *world) control(method, path string, in, out any) error {
	var body []byte
	if in != nil {
		body, _ = json.Marshal(in)
	}
	r := httptest.NewRequest(method, "http://localhost:8080"+path, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	w.sb.ServeHTTP(rec, r)
	if rec.Code/100 != 2 {
		return fmt.Errorf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(rec.Body.Bytes(), out)
}

// call is one request of the API.
func (w *world) call(token, method, path, contentType string, body []byte, want int) ([]byte, error) {
	r := httptest.NewRequest(method, "http://localhost:8080"+base+path, bytes.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("User-Agent", "bench/1 go")
	r.Header.Set("From", "bench@example.be")
	if body != nil {
		r.Header.Set("Content-Type", contentType)
	}
	rec := httptest.NewRecorder()
	w.sb.ServeHTTP(rec, r)
	if rec.Code != want {
		return nil, fmt.Errorf("%s %s: got %d, want %d: %s", method, path, rec.Code, want, rec.Body)
	}
	return rec.Body.Bytes(), nil
}

const fhir = "application/fhir+json"

func (w *world) made() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.ids)
}

// patientOf is the patient of a document: about 20 documents each.
func (w *world) patientOf(n int) (string, error) {
	p := n / 20
	w.mu.Lock()
	for len(w.patient) <= p {
		i := len(w.patient)
		w.mu.Unlock()
		urn, err := w.transit(ssin(100101+i/9*100%990000, 990+i%9))
		w.mu.Lock()
		if err != nil {
			w.mu.Unlock()
			return "", err
		}
		if len(w.patient) == i {
			w.patient = append(w.patient, urn)
		}
	}
	defer w.mu.Unlock()
	return w.patient[p], nil
}

func (w *world) create(int) error {
	n := w.next("create")
	patient, err := w.patientOf(n)
	if err != nil {
		return err
	}
	d := w.doctors[n%physicians]
	templates := sample.NursingTemplates()
	doc := sample.Request(templates[n%len(templates)], sample.Options{Patient: patient, Key: w.keys[n%len(w.keys)], Requester: d.role,
		AuthoredOn: w.at.Add(-time.Duration(n%86000) * time.Second).In(brussels()).Format("2006-01-02T15:04:05-07:00"), Start: w.at.In(brussels()).Format(time.DateOnly)})
	raw, err := w.call(d.token, "POST", "/ServiceRequest", fhir, sample.JSON(doc), http.StatusCreated)
	if err != nil {
		return err
	}
	id, err := idOf(raw)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids = append(w.ids, id)
	return err
}

func brussels() *time.Location { return time.FixedZone("CET", 3600) }

func idOf(raw []byte) (string, error) {
	var out struct{ ID string }
	err := json.Unmarshal(raw, &out)
	return out.ID, err
}

// next counts the uses of one row.
func (w *world) next(row string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.used[row]++
	return w.used[row] - 1
}

// id spreads reads over the store.
func (w *world) id(n int) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ids[(n*7919)%len(w.ids)]
}

func (w *world) read(n int) error {
	_, err := w.call(w.doctors[n%physicians].token, "GET", "/ServiceRequest/"+w.id(n), "", nil, http.StatusOK)
	return err
}

func (w *world) search(token string, form url.Values) error {
	_, err := w.call(token, "POST", "/ServiceRequest/_search", "application/x-www-form-urlencoded", []byte(form.Encode()), http.StatusOK)
	return err
}

func (w *world) searchPatient(n int) error {
	w.mu.Lock()
	patient := w.patient[(n*31)%len(w.patient)]
	w.mu.Unlock()
	return w.search(w.nurse, url.Values{"patient": {patient}})
}

func (w *world) searchStatus(n int) error { return w.status(n, "accurate") }

func (w *world) searchNoTotal(n int) error { return w.status(n, "none") }

func (w *world) status(n int, total string) error {
	d := w.doctors[n%physicians]
	return w.search(d.token, url.Values{"requester": {d.role}, "status": {"active"}, "_total": {total}, "_offset": {strconv.Itoa(n % 4 * 25)}})
}

func (w *world) assign(int) error {
	id := w.ids[len(w.ids)-1-w.next("assign")%len(w.ids)]
	raw, err := w.call(w.nurse, "POST", "/Task", fhir, sample.JSON(sample.PerformerTask(id, nurse)), http.StatusCreated)
	if err != nil {
		return err
	}
	task, err := idOf(raw)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tasks = append(w.tasks, task)
	return err
}

func (w *world) start(int) error {
	return w.patch("start", sample.JSON(sample.Patch(sample.StartAt(w.at.Format("2006-01-02T15:04:05-07:00")))))
}

func (w *world) finish(int) error {
	return w.patch("finish", sample.JSON(sample.Patch(sample.FinishAt(w.at.Format("2006-01-02T15:04:05-07:00")))))
}

func (w *world) patch(row string, body []byte) error {
	n := w.next(row)
	w.mu.Lock()
	task := w.tasks[n]
	w.mu.Unlock()
	_, err := w.call(w.nurse, "PATCH", "/Task/"+task, fhir, body, http.StatusOK)
	return err
}

func (w *world) check() (int, error) {
	var out struct{ Problems []string }
	err := w.control("GET", "/_sandbox/uhmep/check", nil, &out)
	return len(out.Problems), err
}
