package terminology

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// syndicationStatus is one line of GET /syndication/status, as the national image answers it.
type syndicationStatus struct {
	Terminology string  `json:"terminology"`
	Requested   string  `json:"requestedVersion"`
	Actual      string  `json:"actualVersion"`
	Status      string  `json:"status"`
	Exception   *string `json:"exception"`
	Timestamp   int64   `json:"timestamp"`
}

// mountSyndication names the two calls by which the national image is fed. Nothing is ever downloaded: an import reads what tx-rf2 names.
func (s *Service) mountSyndication(root *mux.Router) {
	service := &respond.Service{Name: "terminology", Limit: 64 << 10, Dialect: nativeDialect}
	m := service.Mount(root, "/syndication")
	m.Handle("syndication-status", http.MethodGet, "/status", s.syndicationStatus)
	m.Handle("syndication-import", http.MethodPut, "/import", s.syndicationImport)
}

func (s *Service) syndicationStatus(r *http.Request) (any, error) {
	running, _ := strconv.ParseBool(parseQuery(r.URL.RawQuery).Get("runningOnly"))
	now := tenant.From(r.Context()).Clock.Now().UnixMilli()
	out := []syndicationStatus{}
	for _, st := range s.statuses() {
		if running && st.State != stateRunning {
			continue
		}
		line := syndicationStatus{Terminology: "SNOMED", Requested: first(st.Requested, st.Path), Actual: st.Actual, Status: st.State, Timestamp: st.Started.UnixMilli()}
		if st.Error != "" {
			line.Exception = &st.Error
		}
		out = append(out, line)
	}
	if !running {
		for _, e := range s.releases() {
			out = append(out, syndicationStatus{Terminology: "SNOMED", Requested: "http://snomed.info/sct/" + e.Module, Actual: e.Version, Status: stateCompleted, Timestamp: now})
		}
	}
	return out, nil
}

func (s *Service) syndicationImport(r *http.Request) (any, error) {
	var in struct {
		TerminologyName   string `json:"terminologyName"`
		Version           string `json:"version"`
		ExtensionName     string `json:"extensionName"`
		SyndicationSecret string `json:"syndicationSecret"`
	}
	if err := json.Unmarshal(respond.Body(r), &in); err != nil {
		return nil, badNative("the body must be {terminologyName, version, extensionName, syndicationSecret}", "")
	}
	if secret := s.cfg.Settings.String("tx-syndication-secret"); secret != "" && subtle.ConstantTimeCompare([]byte(secret), []byte(in.SyndicationSecret)) != 1 {
		return nil, &respond.Refusal{Status: http.StatusForbidden, Code: "forbidden", Message: "Invalid syndication secret", Rule: "tx-syndication", Hint: "the secret is the setting tx-syndication-secret"}
	}
	if name := strings.ToUpper(in.TerminologyName); name != "SNOMED" {
		return nil, badNative("Only SNOMED can be imported here; nothing is downloaded.", in.TerminologyName)
	}
	paths := s.cfg.Settings.List("tx-rf2")
	if len(paths) == 0 {
		return nil, badNative("No release is configured: set tx-rf2 (SANDBOX_TX_RF2) to a mounted RF2 release.", in.Version)
	}
	for _, p := range paths {
		s.startImport(p, s.cfg.Settings.String("tx-rf2-version"), tenant.From(r.Context()).Clock.Now())
	}
	return map[string]any{"status": "IMPORT_STARTED"}, nil
}
