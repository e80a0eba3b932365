package uhmep

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/check"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// player plays seeded documents through the engine in a tenant of its own.
type player struct {
	s     *Service
	t     *tenant.Tenant
	ctx   context.Context
	today time.Time
	keys  map[string]sealedText
	step  int
}

// set puts the clock on a day; each step a little later than the one before.
func (p *player) set(day int, exact time.Time) time.Time {
	at := exact
	if at.IsZero() {
		p.step++
		begin := workflow.DayOf(p.today).Add(day).Begin()
		if at = begin.Add(9*time.Hour + time.Duration(p.step)*time.Minute); at.After(p.today) {
			at = p.today.Add(-time.Hour + time.Duration(p.step)*time.Second)
		}
	}
	p.t.Clock.Set(frozen(at))
	return at
}

func frozen(at time.Time) clock.State { return clock.State{Freeze: &at} }

func (p *player) day(n int) string { return string(workflow.DayOf(p.today).Add(n)) }

// play makes the document and takes its steps.
func (p *player) play(d seedDocument) error {
	p.step = 0
	now := p.set(d.Authored, time.Time{})
	caller, role, err := p.who(d.By)
	if err != nil {
		return err
	}
	doc, err := p.document(d, role, now)
	if err != nil {
		return err
	}
	res, err := p.s.admit(p.ctx, caller, *doc, Options{})
	if err != nil {
		return err
	}
	for _, text := range d.Do {
		step, err := parseStep(text)
		if err != nil {
			return err
		}
		if err := p.take(res.ID, step); err != nil {
			return fmt.Errorf("%q: %w", text, explain(err))
		}
	}
	return nil
}

// end is the last day of validity; education within a trajectory never crosses
// the year.
func (p *player) end(d seedDocument) string {
	end := p.day(d.End)
	if strings.HasPrefix(d.Template, "diabetic-education-within-") {
		return min(end, p.day(d.Start)[:4]+"-12-31")
	}
	return end
}

// document is the sample of the template with this seed's people and dates,
// judged in advance: a test sends every one of them through the checker.
func (p *player) document(d seedDocument, role string, now time.Time) (*draft, error) {
	o, key, err := p.tree(d, role, now)
	if err != nil {
		return nil, err
	}
	patient, ok := p.s.World.Of(p.t).Persona(d.Patient)
	if !ok {
		return nil, fmt.Errorf("no persona %s", d.Patient)
	}
	out := &draft{keys: map[string]string{sample.Pseudonym(3): key.atRest}}
	if out.patient, err = p.s.Pseudonyms.AtRest(p.t, patient.SSIN); err != nil {
		return nil, err
	}
	out.doc = &check.ServiceRequest{Tree: o, Template: d.Template, Intent: tree.Text(o, "intent"), Kind: check.Nursing,
		Requester: actorOf(role), AuthoredOn: now.Truncate(time.Second), Validity: check.Validity{Start: p.day(d.Start), End: p.end(d)}}
	switch d.Template {
	case sample.Annex81:
		out.doc.Kind = check.Annex81
	case sample.Imaging:
		out.doc.Kind = check.Imaging
	}
	if b := tree.Child(o, "occurrenceTiming", "repeat", "boundsDuration"); b != nil {
		v, err := tree.Number(b, "value").Float64()
		if err != nil {
			return nil, err
		}
		out.doc.Bounds = &check.Duration{Value: v, Unit: tree.Text(b, "code")}
	}
	return out, nil
}

// tree is the body a client would have sent.
func (p *player) tree(d seedDocument, role string, now time.Time) (tree.Object, sealedText, error) {
	key, err := p.key(d.Patient)
	if err != nil {
		return nil, key, err
	}
	o := sample.Request(d.Template, sample.Options{KeyID: key.id, Key: sample.Pseudonym(3), Patient: sample.Pseudonym(2), Requester: role,
		AuthoredOn: longDate(now), Start: p.day(d.Start), End: p.end(d),
		Encrypt: func(text string) string { return key.encrypt(d.Name+": "+text, p.t.Chance) }})
	if o == nil {
		return nil, key, fmt.Errorf("no template %s", d.Template)
	}
	return o, key, nil
}

// actorOf splits a reference.
func actorOf(ref string) check.Actor {
	a := check.Actor{Reference: ref, SSIN: workflow.SSIN(ref), Discipline: workflow.Discipline(ref)}
	if _, n, ok := strings.Cut(ref, "NIHII-"); ok {
		a.NIHII = n
	}
	return a
}

// who is the caller behind a name of the file, and the role they write in.
func (p *player) who(name string) (*Caller, string, error) {
	person, org, inside := strings.Cut(name, "@")
	w := p.s.World.Of(p.t)
	if o, ok := w.Organisation(name); ok {
		return &Caller{Actor: workflow.Actor{Role: workflow.Organisation, Org: "Organization/NIHII-" + o.NIHII, OrgType: o.TargetGroup}}, "Organization/NIHII-" + o.NIHII, nil
	}
	who, ok := w.Persona(person)
	if !ok {
		return nil, "", fmt.Errorf("no persona %s", person)
	}
	if who.Patient() {
		atRest, err := p.s.Pseudonyms.AtRest(p.t, who.SSIN)
		return &Caller{Actor: workflow.Actor{Role: workflow.Patient, Pseudonym: atRest}}, "", err
	}
	discipline := strings.ToUpper(who.Disciplines[len(who.Disciplines)-1].Key)
	a := workflow.Actor{Role: workflow.Caregiver, SSIN: who.SSIN, Discipline: discipline}
	if workflow.PrescriberDiscipline(discipline) {
		a.Role = workflow.Prescriber
	}
	role := a.Ref()
	if !inside {
		return &Caller{Actor: a}, role, nil
	}
	o, ok := w.Organisation(org)
	if !ok {
		return nil, "", fmt.Errorf("no organisation %s", org)
	}
	return &Caller{Actor: workflow.Actor{Role: workflow.Organisation, Org: "Organization/NIHII-" + o.NIHII, OrgType: o.TargetGroup}}, role + "-NIHII-" + o.NIHII, nil
}

// take plays one step.
func (p *player) take(sr string, step seedStep) error {
	now := p.set(step.day, time.Time{})
	c, role, err := p.who(step.who)
	if err != nil {
		return err
	}
	s, ctx, at := p.s, p.ctx, longDate(now)
	cs, err := p.load(sr)
	if err != nil {
		return err
	}
	task := p.task(cs, role)
	switch step.verb {
	case "assign", "assign-org":
		_, owner, err := p.who(step.what)
		if err != nil {
			return err
		}
		a := Assignment{Request: sr, Owner: actorOf(owner), Status: workflow.TaskReady}
		if c.Role == workflow.Organisation && step.verb == "assign" && cs.Intent == workflow.Order {
			a.Under = p.under(cs, c)
		}
		_, err = s.Assign(ctx, c, a)
		return err
	case "start":
		if task == "" {
			_, err = s.Assign(ctx, c, Assignment{Request: sr, Owner: actorOf(role), Under: p.under(cs, c), Status: workflow.TaskInProgress, Start: at})
			return err
		}
		_, err = s.Start(ctx, c, task, at, nil)
	case "finish":
		_, err = s.Finish(ctx, c, task, at, nil)
	case "interrupt":
		_, err = s.Interrupt(ctx, c, task, nil)
	case "cancel-execution":
		_, err = s.CancelExecution(ctx, c, task, nil)
	case "unassign":
		err = s.Unassign(ctx, c, task, nil)
	case "accept":
		_, err = s.Accept(ctx, c, task, nil, nil)
	case "substitute":
		_, err = s.Accept(ctx, c, task, sample.Concept(sample.SNOMED, step.what), nil)
	case "refuse":
		_, err = s.Refuse(ctx, c, task, sample.Concept(sample.Terminology+"be-cs-refusal-reason", step.what), nil, nil)
	case "complete":
		_, err = s.Complete(ctx, c, sr, nil)
	case "cancel":
		_, err = s.Cancel(ctx, c, sr, nil, nil, nil)
	case "approve", "reject":
		_, err = s.Evaluate(ctx, c, sr, Verdict{Approve: step.verb == "approve"})
	case "suspend":
		err = s.update(ctx, sr, func(x *change) error { x.after.Suspend(); return nil })
	}
	return err
}

func (p *player) load(sr string) (cs *records.Case, err error) {
	err = p.t.Store.View(func(r store.Reader) error {
		cs, _, err = records.Load(r, sr)
		return err
	})
	return cs, err
}

// task is the newest open Task of the role.
func (p *player) task(cs *records.Case, role string) string {
	for i := len(cs.Tasks) - 1; i >= 0; i-- {
		if t := cs.Tasks[i]; !t.Final() && workflow.Professional(t.Owner) == workflow.Professional(role) {
			return t.ID
		}
	}
	return ""
}

// under is the organisation Task of the caller's organisation.
func (p *player) under(cs *records.Case, c *Caller) string {
	for _, o := range cs.Orgs {
		if o.Owner == c.Org && o.Status != workflow.TaskDeleted {
			return o.ID
		}
	}
	return ""
}
