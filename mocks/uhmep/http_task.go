package uhmep

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/check"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/query"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

func (s *Service) postTask(r *http.Request, c *Caller) (any, error) {
	if err := contentType(r, "application/fhir+json", "application/json"); err != nil {
		return nil, err
	}
	if cond := r.Header.Get("If-None-Exist"); cond != "" {
		return nil, refuse(codeNotSupported, "if-none-exist", "conditional create of tasks is not offered", "If-None-Exist: "+cond, "no condition", "")
	}
	x, err := s.CreateTask(r.Context(), c, respond.Body(r), base(r))
	if err != nil {
		return nil, err
	}
	return s.written(r, x, http.StatusCreated)
}

func (s *Service) patchTask(r *http.Request, c *Caller) (any, error) {
	if err := contentType(r, "application/fhir+json", "application/json"); err != nil {
		return nil, err
	}
	match, err := ifMatch(r)
	if err != nil {
		return nil, err
	}
	ctx, id := r.Context(), mux.Vars(r)["id"]
	// Privacy is checked by the operation itself, for an interruption needs none.
	current, cs, err := s.see(ctx, c, "Task", id, false)
	if err != nil {
		return nil, err
	}
	if err := deleted(current); err != nil {
		return nil, err
	}
	kind, imaging := taskKind(cs, id)
	p, found := s.Checker.Patch(respond.Body(r), kind, imaging, s.checkContext(tenant.From(ctx), base(r)))
	if err := s.judge(ctx, found); err != nil {
		return nil, err
	}
	key, err := s.sealKey(ctx, p.Key)
	if err != nil {
		return nil, err
	}
	var x records.Resource
	switch p.Action {
	case check.Start:
		x, err = s.Start(ctx, c, id, p.At, match)
	case check.Finish:
		x, err = s.Finish(ctx, c, id, p.At, match)
	case check.Interrupt:
		x, err = s.Interrupt(ctx, c, id, match)
	case check.CancelExecution:
		x, err = s.CancelExecution(ctx, c, id, match)
	case check.Accept:
		x, err = s.Accept(ctx, c, id, p.Substitute, match)
	case check.Refuse:
		x, err = s.Refuse(ctx, c, id, p.Reason, key, match)
	case check.CompleteDocument:
		x, err = s.Complete(ctx, c, id, match)
	default:
		err = refuse(workflow.PatchNotAllowed, "patch-target", "this change is not offered on a task", string(p.Action), "an operation set for this kind of task", "")
	}
	if err != nil {
		return nil, err
	}
	return s.written(r, x, http.StatusOK)
}

// taskKind tells what kind of Task a resource is, and whether of an imaging
// document.
func taskKind(cs *records.Case, id string) (kind check.Kind, imaging bool) {
	kind = check.PerformerTask
	switch {
	case id == cs.ID:
		kind = check.ReferralTask
	case cs.Org(id) != nil:
		kind = check.OrganizationTask
	}
	return kind, cs.Family == workflow.Imaging
}

func (s *Service) deleteTask(r *http.Request, c *Caller) (any, error) {
	match, err := ifMatch(r)
	if err != nil {
		return nil, err
	}
	if err := s.Unassign(r.Context(), c, mux.Vars(r)["id"], match); err != nil {
		return nil, err
	}
	return &respond.Response{Status: http.StatusNoContent}, nil
}

// searchTasks is GET /Task?focus=…: the Tasks of one document.
func (s *Service) searchTasks(r *http.Request, c *Caller) (any, error) {
	form, err := parameters(r)
	if err != nil {
		return nil, err
	}
	focus := strings.TrimPrefix(strings.TrimPrefix(form.Get("focus"), base(r)+"/"), "ServiceRequest/")
	if focus == "" {
		return nil, searchRefusal(&query.Bad{Code: query.Missing, Rule: "search-task-focus", Got: "no focus", Want: "focus=ServiceRequest/{id}"})
	}
	kind := ""
	if p := form.Get("_profile"); p != "" {
		var known bool
		if kind, known = query.TaskKind(p); !known {
			kind = "none"
		}
	}
	q, bad := query.Parse(map[string][]string{"_count": nonEmpty(form["_count"]), "_offset": nonEmpty(form["_offset"])})
	if bad != nil {
		return nil, searchRefusal(bad)
	}
	all, err := s.Tasks(r.Context(), c, focus)
	if err != nil {
		return nil, err
	}
	statuses, owners := split(form["status"]), split(form["owner"])
	all = slices.DeleteFunc(all, func(x records.Resource) bool {
		o, err := readTree(x.JSON)
		if err != nil {
			return true
		}
		profile, _ := query.TaskKind(strings.Join(tree.Texts(tree.Child(o, "meta"), "profile"), ""))
		return (kind != "" && profile != kind) ||
			(len(statuses) > 0 && !slices.Contains(statuses, tree.Text(o, "status"))) ||
			(len(owners) > 0 && !slices.Contains(owners, tree.Text(tree.Child(o, "owner"), "reference")))
	})
	b := s.newBundle(r, "searchset")
	b.Total = ptr(len(all))
	links := func(offset int) string {
		v := map[string][]string{}
		for k, values := range form {
			v[k] = values
		}
		v["_offset"], v["_count"] = []string{strconv.Itoa(offset)}, []string{strconv.Itoa(q.Count)}
		return base(r) + "/Task?" + encode(v)
	}
	b.page(links, q, len(all) > q.Offset+q.Count && q.Count > 0)
	if q.Count > 0 {
		for _, x := range all[min(q.Offset, len(all)):min(q.Offset+q.Count, len(all))] {
			b.stored(x, "match")
		}
	}
	return b.response()
}

func nonEmpty(v []string) []string {
	return slices.DeleteFunc(slices.Clone(v), func(s string) bool { return s == "" })
}

func split(values []string) []string {
	var out []string
	for _, v := range values {
		if v != "" {
			out = append(out, strings.Split(v, ",")...)
		}
	}
	return out
}

// Tasks lists the Tasks of a document: referral, organisation, performer. A
// document that does not exist for the caller has none.
func (s *Service) Tasks(ctx context.Context, c *Caller, sr string) ([]records.Resource, error) {
	cs, err := s.Document(ctx, c, sr)
	if f := asRefusal(err); f != nil && f.Code == codeNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []records.Resource
	err = tenant.From(ctx).Store.View(func(rd store.Reader) error {
		for _, id := range taskIDs(&cs.Document) {
			res, ok, err := records.Get(rd, "Task", id)
			if err != nil {
				return err
			}
			if ok && !res.Deleted {
				out = append(out, res)
			}
		}
		return nil
	})
	return out, err
}
