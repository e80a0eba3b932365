package uhmep

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/query"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// Found is the answer of a search, before it is written.
type Found struct {
	Total    int // all matches the caller may see; -1 when not counted
	More     bool
	Matches  []records.Resource
	Included []records.Resource // Tasks and replaced prescriptions
	Roles    []string           // PractitionerRole references to include
	Stable   []string           // the patients asked for, for the page link
}

// Search finds ServiceRequests. Documents the caller may not see are dropped
// silently, before paging.
func (s *Service) Search(ctx context.Context, c *Caller, q *query.Query) (*Found, error) {
	t := tenant.From(ctx)
	if len(q.Ignored) > 0 {
		journal.Warn(ctx, "search-unknown-filter", "ignored, as the platform does: "+strings.Join(q.Ignored, " "))
	}
	if bad := q.Demand(asker(c)); bad != nil {
		return nil, searchRefusal(bad)
	}
	if err := shortCodesValid(q); err != nil {
		return nil, err
	}
	if err := s.CatchUp(t); err != nil {
		return nil, err
	}
	stable, err := s.patientsAsked(ctx, c, q)
	if err != nil {
		return nil, err
	}
	f := &Found{Stable: stable}
	allowed := s.relations(ctx, c)
	err = t.Store.View(func(r store.Reader) error {
		hits, err := s.hits(c, r, q, stable, allowed, f)
		if err != nil {
			return err
		}
		for _, h := range hits {
			res, ok, err := records.Get(r, "ServiceRequest", h.ID)
			if err != nil {
				return err
			}
			if ok {
				f.Matches = append(f.Matches, res)
			}
		}
		return s.include(c, r, q, hits, f)
	})
	return f, err
}

func asker(c *Caller) query.Asker {
	return query.Asker{Role: string(c.Role), Is: c.Is, Organisation: c.Org, Ref: c.Ref()}
}

func searchRefusal(b *query.Bad) error {
	text := "the search cannot be done"
	switch b.Code {
	case query.Missing:
		text = "a mandatory search criterion is missing"
	case query.WrongRole:
		text = "the search criterion must name the caller"
	}
	return refuse(b.Code, b.Rule, text, b.Got, b.Want, b.Hint)
}

// shortCodesValid checks and normalises the short codes asked for.
func shortCodesValid(q *query.Query) error {
	for _, alternatives := range q.Identifier {
		for i, v := range alternatives {
			if v.System == uhmepSystem || (v.System == "" && len(v.Code) == 36) {
				continue
			}
			code, ok := ParseShortCode(v.Code)
			if !ok && (v.System == "" || v.System == shortSystem) {
				return refuse(codeInvalidShortCode, "short-code", "this is no short code", v.Code, "six characters 0-9 A-N P-Z with a right check character", "")
			}
			alternatives[i].Code = code
		}
	}
	return nil
}

// patientsAsked opens the patient filter. A patient may ask for themselves only.
func (s *Service) patientsAsked(ctx context.Context, c *Caller, q *query.Query) ([]string, error) {
	t := tenant.From(ctx)
	stable := slices.Clone(q.Stable)
	for _, p := range q.Patients {
		atRest, err := s.open(ctx, p, "patient")
		if err != nil {
			return nil, err
		}
		stable = append(stable, atRest)
	}
	err := t.Store.View(func(r store.Reader) error {
		for i := range stable {
			stable[i] = records.Current(r, stable[i])
		}
		if c.Role == workflow.Patient && !slices.Contains(stable, records.Current(r, c.Pseudonym)) {
			return refuse(codeWrongProfessional, "search-patient-self", "a patient searches for themselves only", "another patient", "the patient of the token", "")
		}
		return nil
	})
	slices.Sort(stable)
	return slices.Compact(stable), err
}

// hits scans the narrowest index, filters and pages.
func (s *Service) hits(c *Caller, r store.Reader, q *query.Query, stable []string, allowed func(string) (bool, string), f *Found) ([]records.Summary, error) {
	if len(stable) > 1 {
		return nil, nil // two different patients at once: nothing matches
	}
	streaming := q.Sort == "-authored"
	var page, all []records.Summary
	seen := map[string]bool{}
	prefixes := drivers(r, q, stable)
	several := len(prefixes) > 1
	for _, prefix := range prefixes {
		for _, raw := range r.Scan(prefix, "") {
			sum, err := records.DecodeSummary(raw)
			if err != nil {
				return nil, err
			}
			if !q.Match(&sum) || s.visible(r, c, &sum.Document, "") != nil {
				continue
			}
			if ok, _ := allowed(sum.Patient); !ok {
				continue
			}
			if several {
				if seen[sum.ID] {
					continue
				}
				seen[sum.ID] = true
			}
			if !streaming || several {
				all = append(all, sum)
				continue
			}
			f.Total++
			if f.Total > q.Offset && len(page) < q.Count {
				page = append(page, sum)
			} else if q.NoTotal && len(page) == q.Count && f.Total > q.Offset {
				f.More, f.Total = true, -1
				return page, nil
			}
		}
	}
	if !streaming || several {
		order(all, q.Sort)
		f.Total = len(all)
		page = all[min(q.Offset, len(all)):min(q.Offset+q.Count, len(all))]
	}
	f.More = f.Total > q.Offset+len(page)
	if q.NoTotal {
		f.Total = -1
	}
	return page, nil
}

// drivers are the index prefixes that hold every possible match. Every search
// that passes Demand has a patient, a requester, an owner or an identifier
// with its patient.
func drivers(r store.Reader, q *query.Query, stable []string) []string {
	var out []string
	switch {
	case len(stable) > 0:
		for _, p := range records.Same(r, stable[0]) {
			out = append(out, records.PatientIndex(p))
		}
	case len(q.Requester) > 0:
		for _, ref := range q.Requester[0] {
			out = append(out, records.RequesterIndex(ref))
		}
	case len(q.Owner) > 0:
		for _, ref := range q.Owner[0] {
			out = append(out, records.OwnerIndex(ref))
		}
	}
	return out
}

// order sorts; equal times are ordered by id.
func order(all []records.Summary, sort string) {
	slices.SortFunc(all, func(a, b records.Summary) int {
		var n int
		switch sort {
		case "authored":
			n = a.Authored.Compare(b.Authored)
		case "_lastUpdated":
			n = a.Updated.Compare(b.Updated)
		case "-_lastUpdated":
			n = b.Updated.Compare(a.Updated)
		default:
			n = b.Authored.Compare(a.Authored)
		}
		return cmp.Or(n, cmp.Compare(a.ID, b.ID))
	})
}

// include adds what _include and _revinclude ask for, each once.
func (s *Service) include(c *Caller, r store.Reader, q *query.Query, hits []records.Summary, f *Found) error {
	have := map[string]bool{}
	for _, h := range hits {
		have["ServiceRequest/"+h.ID] = true
	}
	add := func(typ, id string) error {
		if have[typ+"/"+id] {
			return nil
		}
		have[typ+"/"+id] = true
		res, ok, err := records.Get(r, typ, id)
		if err == nil && ok && !res.Deleted {
			f.Included = append(f.Included, res)
		}
		return err
	}
	for i, h := range hits {
		if q.IncludeRequester && !slices.Contains(f.Roles, h.Requester) {
			f.Roles = append(f.Roles, h.Requester)
		}
		if q.RevIncludeTasks {
			cs, ok, err := records.Load(r, h.ID)
			if err != nil || !ok {
				return err
			}
			for _, id := range taskIDs(&cs.Document) {
				if err := add("Task", id); err != nil {
					return err
				}
			}
		}
		if q.IncludeReplaces {
			if err := s.includeReplaced(c, r, f.Matches[i], add); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) includeReplaced(c *Caller, r store.Reader, res records.Resource, add func(typ, id string) error) error {
	o, err := readTree(res.JSON)
	if err != nil {
		return err
	}
	list, _ := o["replaces"].([]any)
	for _, e := range list {
		m, _ := e.(map[string]any)
		ref, _ := m["reference"].(string)
		id, ok := strings.CutPrefix(ref, "ServiceRequest/")
		if !ok {
			continue
		}
		cs, found, err := records.Load(r, id)
		if err != nil {
			return err
		}
		if found && s.visible(r, c, &cs.Document, "") == nil {
			if err := add("ServiceRequest", id); err != nil {
				return err
			}
		}
	}
	return nil
}

// taskIDs lists the Tasks of a document: the referral Task, organisation
// Tasks, performer Tasks; deleted ones left out.
func taskIDs(d *workflow.Document) []string {
	ids := []string{d.ID}
	for _, list := range [][]workflow.Task{d.Orgs, d.Tasks} {
		for _, t := range list {
			if t.Status != workflow.TaskDeleted {
				ids = append(ids, t.ID)
			}
		}
	}
	return ids
}
