package terminology

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/rf2"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// indexSuffix ends the names of index files.
const indexSuffix = ".snomed"

// Names of the states of an import, as the syndication status of the national image has them.
const (
	stateRunning   = "RUNNING"
	stateCompleted = "COMPLETED"
	stateFailed    = "FAILED"
)

// importStatus tells how an import stands.
type importStatus struct {
	Path      string    `json:"path"`
	Requested string    `json:"requestedVersion,omitempty"`
	Actual    string    `json:"actualVersion,omitempty"`
	State     string    `json:"status"`
	Step      string    `json:"step,omitempty"`
	Percent   int       `json:"percent"` // 100 only when the import succeeded; after a failure how far it got
	Error     string    `json:"error,omitempty"`
	Started   time.Time `json:"started"`
	Anomalies []string  `json:"anomalies,omitempty"`
}

// LoadRelease opens a release: an index file, or an RF2 zip file or folder, which is imported unless its index file is there already.
// Several packages that make one edition are joined by "+", the extension last.
func (s *Service) LoadRelease(path string) error {
	_, err := s.load(context.Background(), path, s.cfg.Settings.String("tx-rf2-version"), func(string, int) {})
	return err
}

func (s *Service) load(ctx context.Context, path, version string, progress func(step string, percent int)) (*snomed.Edition, error) {
	e, source, err := OpenRelease(ctx, packages(path), s.cfg.Settings.String("tx-index-dir"), rf2.Options{
		Version:      version,
		DropInactive: !s.cfg.Settings.Bool("tx-rf2-inactive-descriptions"),
		Progress:     func(step string, done, total int64) { progress(step, percentOf(done, total)) },
	})
	if err != nil {
		return nil, err
	}
	s.addEdition(s.newEdition(e, source))
	for _, a := range e.Anomalies {
		s.say(e.Title + ": " + a)
	}
	s.say(fmt.Sprintf("%s %s is loaded: %d concepts, %d active", e.Title, e.Date, e.ConceptCount, e.ActiveCount))
	return e, nil
}

func percentOf(done, total int64) int {
	if total <= 0 {
		return 0
	}
	return int(min(100, done*100/total))
}

func (s *Service) say(line string) {
	if s.cfg.Progress != nil {
		s.cfg.Progress(line)
	}
}

// packages splits base.zip+extension.zip; a file whose own name holds a plus stays whole.
func packages(path string) []string {
	if _, err := os.Stat(path); err == nil {
		return []string{path}
	}
	return strings.Split(path, "+")
}

// OpenRelease opens the index file of a release, or imports the release and writes the index file. Whether an index file is that of the
// release is told by the fingerprint, which does not cover the middle of the files in a folder: `sandbox import-rf2` reads them all. indexDir "" puts it beside the
// release, or into the user's cache folder when that cannot be written. source is the file that was opened, or the release itself
// when no index file could be written and the edition is held in memory.
func OpenRelease(ctx context.Context, paths []string, indexDir string, opt rf2.Options) (e *snomed.Edition, source string, err error) {
	if len(paths) == 1 && strings.HasSuffix(paths[0], indexSuffix) {
		e, err := snomed.Open(paths[0])
		return e, paths[0], err
	}
	sum, err := rf2.Fingerprint(paths, opt)
	if err != nil {
		return nil, "", err
	}
	for _, d := range indexDirs(indexDir, paths) {
		found, _ := filepath.Glob(filepath.Join(d, "*_"+sum[:16]+indexSuffix))
		for _, name := range found {
			if e, err := snomed.Open(name); err == nil && e.Fingerprint == sum {
				return e, name, nil
			}
		}
	}
	return importRelease(ctx, paths, indexDir, opt)
}

// importRelease reads a release, whether or not there is an index file of it, and writes the index file.
func importRelease(ctx context.Context, paths []string, indexDir string, opt rf2.Options) (e *snomed.Edition, source string, err error) {
	e, err = rf2.Import(ctx, paths, opt)
	if err != nil {
		return nil, "", err
	}
	var failed []error
	for _, d := range indexDirs(indexDir, paths) {
		name := filepath.Join(d, fmt.Sprintf("%d_%s_%s%s", e.Module, e.Date, e.Fingerprint[:16], indexSuffix))
		if err := os.MkdirAll(d, 0o755); err != nil { //nolint:gosec // index files hold public terminology
			failed = append(failed, err)
			continue
		}
		if err := e.WriteFile(name); err != nil {
			failed = append(failed, err)
			continue
		}
		opened, err := snomed.Open(name)
		return opened, name, err
	}
	if indexDir != "" {
		return nil, "", fmt.Errorf("write the index file: %w", errors.Join(failed...))
	}
	e.Anomalies = append(e.Anomalies, "no index file could be written, so the release will be imported anew at the next start: set -tx-index-dir (SANDBOX_TX_INDEX_DIR)")
	return e, strings.Join(paths, "+"), nil
}

// indexDirs lists where index files may lie, the first choice first.
func indexDirs(chosen string, paths []string) []string {
	if chosen != "" {
		return []string{chosen}
	}
	out := []string{filepath.Dir(filepath.Clean(paths[len(paths)-1]))}
	if cache, err := os.UserCacheDir(); err == nil {
		out = append(out, filepath.Join(cache, "ehealth-sandbox"))
	}
	return out
}

// startImport loads a release in the background; its state can be asked for.
func (s *Service) startImport(path, version string, now time.Time) *importStatus {
	st := &importStatus{Path: path, Requested: version, State: stateRunning, Started: now}
	s.mu.Lock()
	s.imports = append(s.imports, st)
	if len(s.imports) > 50 {
		s.imports = s.imports[1:]
	}
	s.mu.Unlock()
	s.wait.Add(1)
	go func() {
		defer s.wait.Done()
		e, err := s.load(s.stop, path, version, func(step string, percent int) {
			s.mu.Lock()
			st.Step, st.Percent = step, min(percent, 99)
			s.mu.Unlock()
		})
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil {
			st.State, st.Error = stateFailed, err.Error()
			return
		}
		st.State, st.Percent = stateCompleted, 100
		st.Actual, st.Anomalies = e.System, e.Anomalies
	}()
	return st
}

// statuses copies the states of all imports, oldest first.
func (s *Service) statuses() []importStatus {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]importStatus, len(s.imports))
	for i, st := range s.imports {
		out[i] = *st
	}
	return out
}

// dropRelease takes a release out of service. Its file stays mapped until Close: requests may still read it.
func (s *Service) dropRelease(version string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := slices.IndexFunc(s.editions, func(e *edition) bool { return e.source != "" && e.System == version })
	if n < 0 {
		return false
	}
	s.cache.forget(s.editions[n].Edition)
	s.retired = append(s.retired, s.editions[n])
	s.editions = slices.Delete(s.editions, n, n+1)
	s.rebuild()
	return true
}
