package pseudo_test

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// Whatever is posted, the answer is 200 or a client error, never a 500.
func FuzzRequests(f *testing.F) {
	w := newWorld(f)
	good := `{"id":"a","crv":"P-521","x":"ANFUuq31wTw6haVOKmS91Te9oA9KV51FXMTz/+lH/yRzqNyUGpLErrITgIR7UrSQLOa7+DVRz6fHDz2F7M1TzxAD","y":"AdG6iMsGARPT4EOObyns/Tzpxzcg7/Ww2VpsI2T8dbLkRweXIJU0QTUN28Arv68EoOHq6AKtU0FKip8mPdTQp657"}`
	info := w.transit("uhmep_v1", "85042101234").TransitInfo
	for _, s := range []string{good, `{"inputs":[` + good + `,null]}`, strings.Replace(good, "}", `,"transitInfo":"`+info+`"}`, 1), "", "{", `{"inputs":[[]]}`, `{"id":1,"x":"AA==","y":"AA=="}`} {
		for op := range uint8(6) {
			f.Add(op, s)
		}
	}
	paths := []string{"uhmep_v1/pseudonymize", "uhmep_v1/identify", "uhmep_v1/convertTo/ehealth_v1", "uhmep_v1/pseudonymizeMultiple", "uhmep_v1/identifyMultiple", "uhmep_v1/convertMultipleTo/ehealth_v1"}
	f.Fuzz(func(t *testing.T, op uint8, body string) {
		r := httptest.NewRequest("POST", "/pseudo/v1/domains/"+paths[int(op)%len(paths)], strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer backend")
		r.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code != 200 && (rec.Code < 400 || rec.Code > 499) {
			t.Errorf("%s: got %d %s", body, rec.Code, rec.Body)
		}
	})
}

// The control call that takes pseudonyms apart never fails on its input.
func FuzzOpen(f *testing.F) {
	w := newWorld(f)
	f.Add(`{"pseudonym":"` + w.transit("uhmep_v1", "1").String() + `"}`)
	f.Add(`{"pseudonym":"urn:be:fgov:pseudo:v1:e30="}`)
	f.Add(`{"pseudonym":":"}`)
	f.Fuzz(func(t *testing.T, body string) {
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, httptest.NewRequest("POST", "/_sandbox/pseudo/open", strings.NewReader(body)))
		if rec.Code >= 500 {
			t.Errorf("%s: got %d %s", body, rec.Code, rec.Body)
		}
	})
}
