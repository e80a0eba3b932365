package terminology

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/codes"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/settings"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// Prefixes are the paths below which the FHIR operations are served; the second is that of the national image.
func Prefixes() []string { return []string{"/terminology/fhir", "/fhir"} }

// Config is what the service needs.
type Config struct {
	Registry *codes.Registry  // code systems and value sets of the sandbox
	Settings *settings.Values // the process's values
	// Verify judges the bearer token of a request when tx-require-token is set; nil refuses every request then.
	Verify func(*http.Request) error
	// Progress receives one line per step of an import; nil drops them.
	Progress func(line string)
	// Version of the program, for metadata.
	Version string
}

// Service is the terminology server. It is safe for all goroutines.
type Service struct {
	cfg      Config
	dialects []tx.Dialect
	registry *tx.Shelf // built-in resources of the registry
	files    *tx.Shelf // resources of tx-resources
	slot     tenant.Slot[*tenantShelf]
	cache    *eclCache

	mu       sync.RWMutex
	editions []*edition // loaded releases, the built-in fragment last
	sct      *tx.Shelf  // the releases as code systems
	imports  []*importStatus
	retired  []*edition // out of service, still mapped

	wait   sync.WaitGroup
	stop   context.Context // ends with Close
	cancel context.CancelFunc
}

// edition is a loaded release and where it came from.
type edition struct {
	*snomed.Edition
	system *tx.SCT
	source string // file or folder; "" for the built-in fragment
}

// New loads what is built in and the releases and resources that the settings name.
func New(cfg Config) (*Service, error) {
	s := &Service{cfg: cfg, cache: newECLCache(cfg.Settings.Int("tx-ecl-cache") << 20)}
	s.slot.Make = s.makeShelf
	s.stop, s.cancel = context.WithCancel(context.Background())
	dialects, err := dialectTable(cfg.Settings.List("tx-dialects"))
	if err != nil {
		return nil, err
	}
	s.dialects = dialects
	if s.registry, err = registryShelf(cfg.Registry); err != nil {
		return nil, err
	}
	fragment, err := buildFragment(cfg.Registry)
	if err != nil {
		return nil, fmt.Errorf("build the SNOMED CT fragment: %w", err)
	}
	s.editions = []*edition{s.newEdition(fragment, "")}
	s.rebuild()
	if s.files, err = loadResources(cfg.Settings.String("tx-resources")); err != nil {
		return nil, err
	}
	for _, path := range cfg.Settings.List("tx-rf2") {
		if err := s.LoadRelease(path); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Close ends running imports and gives the files of the releases back.
func (s *Service) Close() error {
	s.cancel()
	s.wait.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for _, e := range append(s.editions, s.retired...) {
		err = errors.Join(err, e.Close())
	}
	s.editions, s.retired = nil, nil
	return err
}

func (s *Service) newEdition(e *snomed.Edition, source string) *edition {
	return &edition{Edition: e, source: source, system: tx.NewSCT(e, s.dialects, s.evaluate)}
}

// offered lists the releases that answer; the fragment does only while no release is loaded. The caller holds the lock.
func (s *Service) offered() []*edition {
	real := slices.ContainsFunc(s.editions, func(e *edition) bool { return e.source != "" })
	return slices.DeleteFunc(slices.Clone(s.editions), func(e *edition) bool { return e.source == "" && real })
}

// rebuild makes the shelf of SNOMED CT releases anew.
func (s *Service) rebuild() {
	shelf := tx.NewShelf()
	for _, e := range s.offered() {
		shelf.AddSystem(e.system)
	}
	s.sct = shelf
}

// addEdition puts a release into service; one of the same version is replaced.
func (s *Service) addEdition(e *edition) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := []*edition{e}
	for _, o := range s.editions {
		if o.System == e.System && o.source != "" {
			s.retired = append(s.retired, o)
			continue
		}
		kept = append(kept, o)
	}
	s.editions = kept
	s.rebuild()
}

// engine is what answers for one tenant.
func (s *Service) engine(r *http.Request) *tx.Engine {
	t := tenant.From(r.Context())
	s.mu.RLock()
	sct := s.sct
	s.mu.RUnlock()
	return &tx.Engine{
		Shelves:           []*tx.Shelf{s.slot.Get(t).current(), s.files, s.registry, sct},
		MaxExpansion:      t.Settings.Int("tx-max-expansion"),
		DefaultEdition:    t.Settings.String("tx-default-edition"),
		SCTMaps:           tx.SCTMaps(t.Settings.String("tx-icd10be")),
		FragmentReject:    t.Settings.String("tx-fragment") == "reject",
		RefuseExpressions: t.Settings.String("tx-postcoordination") == "refuse",
		SnowstormPage:     t.Settings.Bool("tx-snowstorm-paging"),
		VersionParameter:  t.Settings.String("tx-version-parameter"),
		Now:               t.Clock.Now,
		UUID:              t.Chance.UUID,
		Note:              noteIn(r),
	}
}

// Mount names the routes.
func (s *Service) Mount(root *mux.Router) *respond.Mux {
	service := &respond.Service{Name: "terminology", Limit: 4 << 20, ContentType: fhirJSON, Dialect: dialect, Decorate: decorate}
	m := service.Mount(root, Prefixes()...)
	both := func(op, path string, h func(*call) (any, error)) {
		for _, p := range []string{path, path + "/"} {
			m.Handle(op, http.MethodGet, p, s.handle(h))
			m.Handle(op, http.MethodPost, p, s.handle(h))
		}
	}
	get := func(op, method, path string, h func(*call) (any, error)) {
		m.Handle(op, method, path, s.handle(h))
		m.Handle(op, method, path+"/", s.handle(h))
	}
	get("metadata", http.MethodGet, "/metadata", s.metadata)
	both("versions", "/$versions", s.versions)
	for _, p := range []string{"", "/"} {
		m.Handle("batch", http.MethodPost, p, s.handle(s.batch))
	}
	for _, x := range []struct {
		op, typ, name string
		h             func(*call) (any, error)
		instance      bool
	}{
		{"lookup", "CodeSystem", "$lookup", s.lookup, true},
		{"validate-code", "CodeSystem", "$validate-code", s.validateInSystem, true},
		{"batch-validate-code", "CodeSystem", "$batch-validate-code", s.batchValidate, false},
		{"subsumes", "CodeSystem", "$subsumes", s.subsumes, true},
		{"expand", "ValueSet", "$expand", s.expand, true},
		{"validate-code", "ValueSet", "$validate-code", s.validateCode, true},
		{"batch-validate-code", "ValueSet", "$batch-validate-code", s.batchValidate, false},
		{"translate", "ConceptMap", "$translate", s.translate, true},
	} {
		both(x.op, "/"+x.typ+"/"+x.name, x.h)
		if x.instance {
			both(x.op, "/"+x.typ+"/{id}/"+x.name, x.h)
		}
	}
	for _, typ := range resourceTypes() {
		base := "/" + typ
		get("search", http.MethodGet, base, s.search)
		get("search", http.MethodPost, base+"/_search", s.search)
		get("read", http.MethodGet, base+"/{id}", s.read)
		if typ == "NamingSystem" {
			continue
		}
		get("create", http.MethodPost, base, s.create)
		get("update", http.MethodPut, base+"/{id}", s.update)
		get("delete", http.MethodDelete, base+"/{id}", s.remove)
	}
	s.mountNative(root)
	s.mountSyndication(root)
	return m
}

// dialectTable is the table of languages, the user's rows first.
func dialectTable(extra []string) ([]tx.Dialect, error) {
	var out []tx.Dialect
	for _, row := range extra {
		tag, id, ok := strings.Cut(row, "=")
		n, valid := snomed.ParseID(id)
		if !ok || !valid {
			return nil, fmt.Errorf("-tx-dialects (SANDBOX_TX_DIALECTS): %q has not the form tag=reference set id", row)
		}
		out = append(out, tx.Dialect{Tag: tag, Refsets: []uint64{n}})
	}
	// General practitioners' terms cover little: the general ones of the language follow.
	return append(out,
		tx.Dialect{Tag: "nl-BE", Refsets: []uint64{31000172101}}, tx.Dialect{Tag: "fr-BE", Refsets: []uint64{21000172104}},
		tx.Dialect{Tag: "de-BE", Refsets: []uint64{120961000172108}},
		tx.Dialect{Tag: "nl-BE-GP", Refsets: []uint64{701000172104, 31000172101}}, tx.Dialect{Tag: "fr-BE-GP", Refsets: []uint64{711000172101, 21000172104}},
		tx.Dialect{Tag: "en-US", Refsets: []uint64{snomed.EnUS}}, tx.Dialect{Tag: "en", Refsets: []uint64{snomed.EnUS}}, tx.Dialect{Tag: "en-GB", Refsets: []uint64{snomed.EnGB}},
		tx.Dialect{Tag: "fr", Refsets: []uint64{21000172104, 722131000}}, tx.Dialect{Tag: "de", Refsets: []uint64{120961000172108, 722130004}},
		tx.Dialect{Tag: "nl-NL", Refsets: []uint64{31000146106}}, tx.Dialect{Tag: "nl", Refsets: []uint64{31000172101, 31000146106}},
	), nil
}
