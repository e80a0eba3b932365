package terminology

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

func isoDate(d string) string {
	if len(d) != 8 {
		return d
	}
	return d[:4] + "-" + d[4:6] + "-" + d[6:]
}

// nativeCodeSystems lists the editions.
func (s *Service) nativeCodeSystems(*nativeCall) (any, error) {
	items := []any{}
	seen := map[string]bool{}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, e := range s.offered() {
		short := shortName(e)
		if seen[short] {
			continue
		}
		seen[short] = true
		n, _ := strconv.Atoi(e.Date)
		items = append(items, map[string]any{"name": e.Title, "shortName": short, "branchPath": "MAIN/" + short, "languages": e.Languages,
			"latestVersion": map[string]any{"shortName": short, "effectiveDate": n, "version": isoDate(e.Date), "branchPath": "MAIN/" + short + "/" + isoDate(e.Date)}})
	}
	return map[string]any{"items": items, "total": len(items), "limit": len(items), "offset": 0}, nil
}

func (s *Service) nativeVersions(c *nativeCall) (any, error) {
	short := mux.Vars(c.r)["short"]
	items := []any{}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, e := range s.offered() {
		if strings.EqualFold(shortName(e), short) {
			n, _ := strconv.Atoi(e.Date)
			items = append(items, map[string]any{"shortName": shortName(e), "effectiveDate": n, "version": isoDate(e.Date), "branchPath": "MAIN/" + shortName(e) + "/" + isoDate(e.Date)})
		}
	}
	if len(items) == 0 {
		return nil, &respond.Refusal{Status: http.StatusNotFound, Code: "not-found", Message: "Code system not found", Rule: "tx-native", Got: short}
	}
	return map[string]any{"items": items}, nil
}

// nativeBranches lists MAIN, the branch of each edition and those of its releases.
func (s *Service) nativeBranches(*nativeCall) (any, error) {
	out := []any{}
	seen := map[string]bool{}
	add := func(path string) {
		if !seen[path] {
			seen[path] = true
			out = append(out, map[string]any{"path": path, "state": "UP_TO_DATE", "locked": false})
		}
	}
	add("MAIN")
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, e := range s.offered() {
		add("MAIN/" + shortName(e))
		add("MAIN/" + shortName(e) + "/" + isoDate(e.Date))
	}
	return out, nil
}
