package terminology

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
)

// MountControl names the control calls below /_sandbox: releases of SNOMED CT are loaded, listed and dropped while the sandbox runs.
func (s *Service) MountControl(m *respond.Mux) {
	m.Handle("terminology-releases", http.MethodGet, "/terminology/releases", s.listReleases)
	m.Handle("terminology-release-put", http.MethodPut, "/terminology/releases", s.putRelease)
	m.Handle("terminology-release-delete", http.MethodDelete, "/terminology/releases/{module}/{date}", s.deleteRelease)
}

// releaseInfo describes a loaded release.
type releaseInfo struct {
	Title     string   `json:"title"`
	Version   string   `json:"version"`
	Module    string   `json:"module"`
	Date      string   `json:"date"`
	Concepts  int      `json:"concepts"`
	Active    int      `json:"active"`
	Languages []string `json:"languages"`
	Refsets   int      `json:"referenceSets"`
	Fragment  bool     `json:"fragment"`
	Source    string   `json:"source,omitempty"`
	Anomalies []string `json:"anomalies,omitempty"`
}

func (s *Service) releases() []releaseInfo {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := []releaseInfo{}
	for _, e := range s.editions {
		out = append(out, releaseInfo{Title: e.Title, Version: e.System, Module: idText(e.Module), Date: e.Date, Concepts: e.ConceptCount, Active: e.ActiveCount,
			Languages: e.Languages, Refsets: len(e.Refsets) + len(e.LangRefsets), Fragment: e.Fragment, Source: e.source, Anomalies: e.Anomalies})
	}
	return out
}

func (s *Service) listReleases(*http.Request) (any, error) {
	return map[string]any{"releases": s.releases(), "imports": s.statuses()}, nil
}

// putRelease starts an import: {"path": "/data/rf2.zip", "version": "http://snomed.info/sct/…"}. The path is one of the machine that
// runs the sandbox.
func (s *Service) putRelease(r *http.Request) (any, error) {
	var in struct {
		Path    string `json:"path"`
		Version string `json:"version"`
	}
	d := json.NewDecoder(strings.NewReader(string(respond.Body(r))))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil || in.Path == "" {
		return nil, &respond.Refusal{Status: http.StatusBadRequest, Code: "bad-request", Message: `the body must be {"path": "<zip, folder or index file>"}, with "version" if need be`, Rule: "tx-control"}
	}
	st := s.startImport(in.Path, in.Version, tenant.From(r.Context()).Clock.Now())
	s.mu.RLock()
	defer s.mu.RUnlock()
	copied := *st
	return &respond.Response{Status: http.StatusAccepted, Body: copied}, nil
}

func (s *Service) deleteRelease(r *http.Request) (any, error) {
	v := mux.Vars(r)
	for _, scheme := range []string{"sct", "xsct"} {
		if s.dropRelease("http://snomed.info/" + scheme + "/" + v["module"] + "/version/" + v["date"]) {
			return &respond.Response{Status: http.StatusNoContent}, nil
		}
	}
	return nil, &respond.Refusal{Status: http.StatusNotFound, Code: "not-found", Message: "no such release is loaded", Rule: "tx-control", Got: v["module"] + " " + v["date"]}
}
