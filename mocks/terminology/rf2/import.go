package rf2

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// Options of an import.
type Options struct {
	// Version is the version URI of the release, when it cannot be told from the files or should be another.
	Version string
	// Title of the edition; empty = made from the module.
	Title string
	// DropInactive leaves inactive descriptions out, for a smaller index.
	DropInactive bool
	// Progress is called with the step and how much of it is done, in bytes; total is 0 for steps of unknown size.
	Progress func(step string, done, total int64)
}

// Headers of the files.
const (
	common              = "id effectiveTime active moduleId "
	headerConcept       = common + "definitionStatusId"
	headerDescription   = common + "conceptId languageCode typeId term caseSignificanceId"
	headerRelationship  = common + "sourceId destinationId relationshipGroup typeId characteristicTypeId modifierId"
	headerConcrete      = common + "sourceId value relationshipGroup typeId characteristicTypeId modifierId"
	headerRefset        = common + "refsetId referencedComponentId"
	headerLanguage      = headerRefset + " acceptabilityId"
	headerAssociation   = headerRefset + " targetComponentId"
	headerAttribute     = headerRefset + " valueId"
	headerSimpleMap     = headerRefset + " mapTarget"
	headerExtendedMap   = headerRefset + " mapGroup mapPriority mapRule mapAdvice mapTarget correlationId mapCategoryId"
	headerModuleDepends = headerRefset + " sourceEffectiveTime targetEffectiveTime"
)

type importer struct {
	ctx         context.Context
	opt         Options
	b           *snomed.Builder
	files       []*file
	latest      bool // several rows of one id may occur: only the newest counts
	seed        maphash.Seed
	total       int64
	done        int64
	step        string
	problems    []string
	counted     map[string]int
	twice       twice
	wrong       int // identifiers with a wrong check digit or partition
	checked     int
	members     int // active ones
	noUUID      int // those of them whose identifier is no UUID
	firstNoUUID *Error
	modules     map[uint64]int // concepts per module
	depends     map[uint64]map[uint64]bool
	isModule    map[uint64]bool
}

// Import reads the packages and makes an edition. Later packages lie over earlier ones: of rows with the same id the newest counts.
func Import(ctx context.Context, paths []string, opt Options) (*snomed.Edition, error) {
	packs, err := openAll(paths)
	if err != nil {
		return nil, err
	}
	defer closeAll(packs)
	im := &importer{ctx: ctx, opt: opt, b: snomed.NewBuilder(), seed: maphash.MakeSeed(), modules: map[uint64]int{}, depends: map[uint64]map[uint64]bool{},
		isModule: map[uint64]bool{}, counted: map[string]int{}}
	im.b.Report = im.report
	if err := im.choose(packs); err != nil {
		return nil, err
	}
	for _, s := range []struct {
		step string
		run  func() error
	}{
		{"modules", im.readModules}, {"concepts", im.readConcepts}, {"relationships", im.readRelationships}, {"descriptions", im.readDescriptions},
		{"language", im.readLanguage}, {"reference sets", im.readRefsets}, {"identifiers", im.readIdentifiers},
	} {
		im.step = s.step
		if err := s.run(); err != nil {
			return nil, err
		}
	}
	if err := im.checkDigits(); err != nil {
		return nil, err
	}
	if err := im.checkMembers(); err != nil {
		return nil, err
	}
	meta, err := im.meta(packs)
	if err != nil {
		return nil, err
	}
	im.twice = twice{}
	im.progress("index")
	e, err := im.b.Finish(*meta)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", strings.Join(paths, ", "), err)
	}
	if err := im.verify(e); err != nil {
		return nil, fmt.Errorf("%s: %w", strings.Join(paths, ", "), err)
	}
	for _, k := range slices.Sorted(mapKeys(im.counted)) {
		im.problems = append(im.problems, fmt.Sprintf("%d %s", im.counted[k], k))
	}
	e.Anomalies = im.problems
	return e, nil
}

func mapKeys(m map[string]int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (im *importer) report(format string, args ...any) {
	if len(im.problems) < 100 {
		im.problems = append(im.problems, fmt.Sprintf(format, args...))
	}
}

func (im *importer) progress(step string) {
	if im.opt.Progress != nil {
		im.opt.Progress(step, im.done, im.total)
	}
}

func (im *importer) count(n int) {
	im.done += int64(n)
	im.progress(im.step)
}

// choose picks snapshots where there are some, else full files.
func (im *importer) choose(packs []*pack) error {
	for _, p := range packs {
		form := ""
		for _, f := range p.files {
			switch {
			case f.form == "Snapshot":
				form = "Snapshot"
			case f.form == "Full" && form != "Snapshot", f.form == "Delta" && form == "":
				form = f.form
			}
		}
		switch form {
		case "":
			return &Error{File: p.path, Text: "holds no release files (sct2_Concept_Snapshot_….txt and so on)"}
		case "Delta":
			return &Error{File: p.path, Text: "holds only delta files: import a snapshot or full release"}
		case "Full":
			im.latest = true
		}
		for _, f := range p.files {
			if f.form == form {
				im.files = append(im.files, f)
				im.total += f.size
			}
		}
	}
	im.latest = im.latest || len(packs) > 1
	slices.SortStableFunc(im.files, func(a, b *file) int {
		if a.source != b.source {
			return a.source - b.source
		}
		return strings.Compare(a.name, b.name)
	})
	for _, kind := range []string{"Concept", "Description", "Relationship"} {
		if len(im.of(kind, "")) == 0 {
			return &Error{File: packs[len(packs)-1].path, Text: fmt.Sprintf("the file sct2_%s_Snapshot_….txt is missing", kind)}
		}
	}
	return nil
}

// of lists the files of a kind and content.
func (im *importer) of(kind, content string) []*file {
	var out []*file
	for _, f := range im.files {
		if f.kind == kind && f.content == content {
			out = append(out, f)
		}
	}
	return out
}

// rows reads files; when several rows of one id may occur only the newest of each is handed on.
func (im *importer) rows(files []*file, header string, more bool, fn func(*row) error) error {
	if !im.latest {
		for _, f := range files {
			if err := im.read(f, header, more, im.count, fn); err != nil {
				return err
			}
		}
		return nil
	}
	newest := map[uint64]uint64{}
	for _, f := range files {
		err := im.read(f, header, more, func(int) {}, func(r *row) error {
			k, v := maphash.Bytes(im.seed, r.key()), uint64(r.date())<<8|uint64(f.source)
			if v >= newest[k] {
				newest[k] = v
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, f := range files {
		err := f.each(im.ctx, header, more, im.count, func(r *row) error {
			k, v := maphash.Bytes(im.seed, r.key()), uint64(r.date())<<8|uint64(f.source)
			if newest[k] != v {
				return nil
			}
			delete(newest, k)
			return fn(r)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// check counts identifiers whose check digit or partition is wrong and reports the first of them.
func (im *importer) check(r *row, id uint64, kind string) {
	im.checked++
	if snomed.CheckDigit(id) && snomed.Kind(id) == kind {
		return
	}
	if im.wrong++; im.wrong <= 20 {
		im.report("%s:%d: %d is no valid %s identifier (check digit or partition)", r.file, r.line, id, kind)
	}
}

func (im *importer) checkDigits() error {
	if im.wrong*1000 <= im.checked {
		return nil
	}
	return fmt.Errorf("%d of %d identifiers have a wrong check digit or partition: %s", im.wrong, im.checked, strings.Join(im.problems[:min(5, len(im.problems))], "; "))
}

// packageInfo is what release_package_information.json says.
type packageInfo struct {
	EffectiveTime any `json:"effectiveTime"`
}

// meta works out module, date, version and title.
func (im *importer) meta(packs []*pack) (*snomed.Meta, error) {
	m := &snomed.Meta{Fingerprint: fingerprint(packs, im.opt), System: im.opt.Version, Title: im.opt.Title, Retired: !im.opt.DropInactive}
	for _, f := range im.files {
		m.Date = max(m.Date, f.date)
	}
	if info := packs[len(packs)-1].info; info != nil {
		if raw, err := info(); err == nil {
			var p packageInfo
			if json.Unmarshal(raw, &p) == nil {
				if d := digits(fmt.Sprint(p.EffectiveTime)); len(d) >= 8 {
					m.Date = d[:8]
				}
			}
		}
	}
	if im.opt.Version != "" {
		edition, date, _ := strings.Cut(im.opt.Version, "/version/")
		module, err := strconv.ParseUint(edition[strings.LastIndexByte(edition, '/')+1:], 10, 64)
		if err != nil || date != "" && len(date) != 8 || !strings.HasPrefix(im.opt.Version, "http://snomed.info/") {
			return nil, fmt.Errorf("version %q has not the form http://snomed.info/sct/<module>/version/<YYYYMMDD>", im.opt.Version)
		}
		m.Module = module
		if date == "" {
			m.System += "/version/" + m.Date
		} else {
			m.Date = date
		}
	} else {
		module, err := im.edition()
		if err != nil {
			return nil, err
		}
		m.Module = module
		scheme := "sct"
		if strings.HasPrefix(im.files[0].name, "x") {
			scheme = "xsct" // files of unpublished releases carry an x before their names
		}
		m.System = fmt.Sprintf("http://snomed.info/%s/%d/version/%s", scheme, module, m.Date)
	}
	if m.Title == "" {
		m.Title = titleOf(m.Module)
	}
	return m, nil
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

func titleOf(module uint64) string {
	switch module {
	case snomed.BelgianModule:
		return "SNOMED CT BE edition"
	case snomed.CoreModule:
		return "SNOMED CT International edition"
	case 31000003106:
		return "SNOMED CT Test Edition" // the subset that HL7 tests terminology servers with
	case 827022005:
		return "SNOMED CT IPS terminology"
	}
	return fmt.Sprintf("SNOMED CT edition %d", module)
}

// edition is the module on which no other module of the package depends.
func (im *importer) edition() (uint64, error) {
	var candidates []uint64
	for m := range im.isModule {
		if im.modules[m] == 0 && len(im.depends[m]) == 0 {
			continue
		}
		used := false
		for other, on := range im.depends {
			used = used || other != m && on[m]
		}
		if !used {
			candidates = append(candidates, m)
		}
	}
	if len(im.isModule) == 0 {
		for m := range im.modules {
			if m != snomed.ModelModule {
				candidates = append(candidates, m)
			}
		}
	}
	slices.Sort(candidates)
	switch {
	case len(candidates) == 1:
		return candidates[0], nil
	case slices.Contains(candidates, snomed.BelgianModule):
		return snomed.BelgianModule, nil
	case len(candidates) == 0:
		return 0, errors.New("the edition cannot be told from the module dependencies: name it with -tx-rf2-version (SANDBOX_TX_RF2_VERSION)")
	}
	return 0, fmt.Errorf("the package holds several editions %v: name one with -tx-rf2-version (SANDBOX_TX_RF2_VERSION), for example http://snomed.info/sct/%d", candidates, candidates[0])
}
