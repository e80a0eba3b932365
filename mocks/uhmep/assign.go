package uhmep

import (
	"context"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/check"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// Assignment is a new performer or organisation Task.
type Assignment struct {
	Request string // id of the ServiceRequest
	Owner   check.Actor
	Under   string // id of the organisation Task, "" when none
	Status  workflow.TaskStatus
	Start   string // executionPeriod
	End     string
	Intent  string      // "" = that of the document
	Body    tree.Object // the Task as sent; nil = made by the server
	Key     *SealedKey

	partOf string // of a Task as sent
}

// SealedKey is a key whose pseudonym was opened: the stable form.
type SealedKey struct{ ID, AtRest string }

// addTo puts the key into meta, beside others. Another key under the id of one
// that is there would make the texts under that one unreadable.
func (k *SealedKey) addTo(o tree.Object) error {
	if k == nil {
		return nil
	}
	meta, _ := o["meta"].(tree.Object)
	if meta == nil {
		meta = tree.Object{}
		o["meta"] = meta
	}
	list, _ := meta["extension"].([]any)
	kept := make([]any, 0, len(list)+1)
	for _, e := range list {
		m, ok := e.(tree.Object)
		if !ok || m["url"] != keyURL || m["id"] != k.ID {
			kept = append(kept, e)
			continue
		}
		for _, sub := range tree.Objects(m, "extension") {
			if stored, ok := strings.CutPrefix(tree.Text(sub, "valueString"), records.Marker); ok && stored != k.AtRest {
				return refuse("KEY_MISMATCH", "key-reused", "another key has this id already", "key "+k.ID, "the key of the document, or a new id", "")
			}
		}
	}
	meta["extension"] = append(kept, keyExtension(k.ID, k.AtRest))
	return nil
}

// sealKey opens the key of a body.
func (s *Service) sealKey(ctx context.Context, k *check.Key) (*SealedKey, error) {
	if k == nil {
		return nil, nil
	}
	return s.OpenKey(ctx, k.ID, k.Value)
}

// OpenKey opens the pseudonym of a text key, urn:be:fgov:pseudo:v2:….
func (s *Service) OpenKey(ctx context.Context, kid, urn string) (*SealedKey, error) {
	atRest, err := s.open(ctx, urn, "key "+kid)
	if err != nil {
		return nil, err
	}
	return &SealedKey{ID: kid, AtRest: atRest}, nil
}

// CreateTask judges a Task as sent and assigns it.
func (s *Service) CreateTask(ctx context.Context, c *Caller, body []byte, base string) (records.Resource, error) {
	t := tenant.From(ctx)
	doc, found := s.Checker.Task(body, s.checkContext(t, base))
	if err := s.judge(ctx, found); err != nil {
		return records.Resource{}, err
	}
	if err := reserved(doc.Tree); err != nil {
		return records.Resource{}, err
	}
	if doc.Kind == check.ReferralTask {
		return records.Resource{}, refuse("PROFILE_UNSUPPORTED", "task-referral", "referral tasks are made by the server", string(doc.Kind),
			"be-performer-task or be-organization-task", "")
	}
	key, err := s.sealKey(ctx, doc.Key)
	if err != nil {
		return records.Resource{}, err
	}
	a := Assignment{Request: doc.Focus, partOf: doc.PartOf, Owner: doc.Owner, Under: doc.BasedOn, Status: workflow.TaskStatus(doc.Status),
		Start: doc.Start, End: doc.End, Intent: doc.Intent, Body: doc.Tree, Key: key}
	return s.Assign(ctx, c, a)
}

// Assign adds a performer or organisation Task to a document. Checks, in this
// order: the document is visible, the organisation Task fits, the owner is
// known and may own such a Task, the caller may do it, the state allows it.
func (s *Service) Assign(ctx context.Context, c *Caller, a Assignment) (records.Resource, error) {
	t := tenant.From(ctx)
	_, cs, err := s.see(ctx, c, "ServiceRequest", a.Request, true)
	if err != nil {
		return records.Resource{}, err
	}
	if a.partOf != "" && a.partOf != a.Request {
		return records.Resource{}, refuse(codeProfileViolation, "assign-part-of", "partOf is not the referral task of the focus", "Task/"+a.partOf, "Task/"+a.Request, "")
	}
	known := s.lookUp(t, c, a, &cs.Document)
	id := t.Chance.UUID()
	err = s.update(ctx, a.Request, func(x *change) error {
		if err := s.visible(x.w, c, &x.after.Document, "ServiceRequest/"+a.Request); err != nil {
			return err
		}
		return refused(s.assign(ctx, c, x, a, known, id))
	})
	if err != nil {
		return records.Resource{}, err
	}
	return s.current(t, "Task", id)
}

// Transfer hands an assignment over: the old Task goes, the new one comes, in
// one step. The FHIR face has no such call (a client deletes and creates); the
// REST back end of the web components has.
func (s *Service) Transfer(ctx context.Context, c *Caller, task string, to check.Actor) (records.Resource, error) {
	t := tenant.From(ctx)
	res, cs, err := s.see(ctx, c, "Task", task, true)
	if err != nil {
		return records.Resource{}, err
	}
	if err := deleted(res); err != nil {
		return records.Resource{}, err
	}
	a := Assignment{Request: cs.ID, Owner: to, Status: workflow.TaskReady}
	known, id := s.lookUp(t, c, a, &cs.Document), t.Chance.UUID()
	err = s.update(ctx, cs.ID, func(x *change) error {
		old := x.after.Task(task)
		if old == nil {
			return notPatchable(x, task)
		}
		a.Under = old.Under
		if err := s.permit(ctx, c, workflow.Ask{Action: workflow.UnassignTask, Task: old}, &x.after.Document); err != nil {
			return refused(err)
		}
		if err := x.after.Unassign(task); err != nil {
			return refused(err)
		}
		return refused(s.assign(ctx, c, x, a, known, id))
	})
	if err != nil {
		return records.Resource{}, err
	}
	return s.current(t, "Task", id)
}

func (s *Service) current(t *tenant.Tenant, typ, id string) (out records.Resource, err error) {
	err = t.Store.View(func(r store.Reader) error {
		out, err = locate(r, typ, id)
		return err
	})
	return out, err
}

// standing is what directory and care relations say about an assignment; each
// member is nil or a refusal. It is asked before the store is opened.
type standing struct{ owner, assignable, suspended error }

func (s *Service) lookUp(t *tenant.Tenant, c *Caller, a Assignment, d *workflow.Document) standing {
	return standing{
		owner:      s.resolve(t, a.Owner),
		assignable: s.assignable(t, d, a.Owner, a.organisation()),
		suspended:  s.notSuspended(t, c, a.ask(nil)),
	}
}

func (a Assignment) organisation() bool { return strings.HasPrefix(a.Owner.Reference, "Organization/") }

// ask is the question to the access rules.
func (a Assignment) ask(under *workflow.Task) workflow.Ask {
	if a.organisation() {
		return workflow.Ask{Action: workflow.AssignOrganization}
	}
	q := workflow.Ask{Action: workflow.AssignTask, Owner: a.Owner.Reference, Under: under, Status: a.Status}
	if q.When, _, _, _ = workflow.Moment(a.Start); a.End != "" {
		q.When, _, _, _ = workflow.Moment(a.End)
	}
	return q
}

func (s *Service) assign(ctx context.Context, c *Caller, x *change, a Assignment, known standing, id string) error {
	d, organisation := &x.after.Document, a.organisation()
	if a.Intent == "" {
		a.Intent = string(d.Intent)
	}
	if d.Intent == workflow.Order && a.Intent != string(workflow.Order) {
		return refuse(codeIntent, "assign-intent", "the intent of the task does not fit", a.Intent, "order for a prescription", "")
	}
	var under *workflow.Task
	if a.Under != "" {
		if under = d.Org(a.Under); under == nil {
			return refuse(codeProfileViolation, "assign-based-on", "basedOn is no organisation task of this document", "Task/"+a.Under, "an organisation task of the same ServiceRequest", "")
		}
		if under.Owner != c.Org { // internal tasks are made by the assigned organisation only
			return refuse(workflow.NotOwner, "organisation-internal-by", "the organisation task belongs to somebody else", string(c.Role)+" "+c.Who(), under.Owner, "")
		}
	}
	if known.owner != nil {
		return known.owner
	}
	if known.assignable != nil {
		return known.assignable
	}
	if err := s.permit(ctx, c, a.ask(under), d); err != nil {
		return err
	}
	if known.suspended != nil {
		return known.suspended
	}
	if c.Role == workflow.Organisation && under != nil && a.Owner.NIHII != "" && !c.Inside(a.Owner.Reference) {
		return refuse(codeWrongProfessional, "organisation-internal-owner", "the professional is of another organisation", a.Owner.Reference, "a role within "+c.Org, "")
	}
	if !organisation && c.Role == workflow.Organisation && under == nil && d.Intent == workflow.Order {
		return refuse("TEMPLATE_RULE", "organisation-internal", "an organisation assigns its own professionals under its organisation task", "no basedOn",
			"basedOn the organisation task", "create an organisation task first")
	}
	task := workflow.Task{ID: id, Owner: a.Owner.Reference, Status: a.Status, Start: a.Start, End: a.End, Under: a.Under}
	var err error
	if organisation {
		err = d.AssignOrganisation(task)
	} else {
		err = d.Assign(task, x.now)
	}
	if err != nil {
		return err
	}
	if a.Body != nil {
		if x.tasks[id], err = taskBody(x, a); err != nil {
			return err
		}
	} else {
		x.tasks[id] = newTask(d.ID, task, workflow.Intent(a.Intent), longDate(x.now))
		if organisation {
			x.tasks[id]["meta"] = tree.Object{"profile": []any{organizationTaskProfile}}
		}
	}
	return nil
}

// taskBody makes a client's Task ready to store.
func taskBody(x *change, a Assignment) (tree.Object, error) {
	o := tree.Clone(a.Body)
	if tree.Text(o, "authoredOn") == "" {
		o["authoredOn"] = longDate(x.now)
	}
	delete(o, "for")
	return o, a.Key.addTo(o)
}

// assignable checks the discipline or type of the owner against the template.
func (s *Service) assignable(t *tenant.Tenant, d *workflow.Document, owner check.Actor, organisation bool) error {
	kind := owner.Discipline
	if organisation {
		if o, ok := s.World.Of(t).OrganisationByNIHII(owner.NIHII); ok {
			kind = o.TargetGroup
		}
	}
	ok, want := s.matrix.Assignable(string(d.Family), string(d.Intent), kind, organisation)
	if ok {
		return nil
	}
	text := "nobody of this kind"
	if len(want) > 0 {
		text = strings.Join(want, " or ")
	}
	return refuse(codeActorUnresolved, "access-assignable", "the owner cannot be assigned to this document", kind+" on "+string(d.Family)+" "+string(d.Intent), text, "")
}

// notSuspended blocks assignments by professionals whom the care relations
// call suspended although their token does not say so yet.
func (s *Service) notSuspended(t *tenant.Tenant, c *Caller, q workflow.Ask) error {
	if c.Role == workflow.Organisation || c.Role == workflow.Patient || c.Restricted {
		return nil
	}
	since := s.suspendedSince(t, c.SSIN)
	if since == "" || (q.Status != "" && q.Status != workflow.TaskReady && q.When != "" && q.When < since) {
		return nil
	}
	return refuse(codeSuspended, "access-suspended", "the professional is suspended", c.Ref()+" since "+string(since), "a professional who is not suspended", "")
}
