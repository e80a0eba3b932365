package uhmep

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/check"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/records"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

func number(s string) json.Number { return json.Number(s) }

// Options are what a create may carry besides its body.
type Options struct {
	Base        string               // absolute FHIR base, for absolute references
	IfNoneExist *records.Conditional // nil: create in any case
}

// Create judges a ServiceRequest and stores it with its referral Task. The
// order of the checks is that of the platform: document, then rights, then
// dates and business rules.
func (s *Service) Create(ctx context.Context, c *Caller, body []byte, opt Options) (records.Resource, error) {
	t := tenant.From(ctx)
	doc, found := s.Checker.ServiceRequest(body, s.checkContext(t, opt.Base))
	if err := s.judge(ctx, check.Until(found, check.StageAccess)); err != nil {
		return records.Resource{}, err
	}
	if err := reserved(doc.Tree); err != nil {
		return records.Resource{}, err
	}
	d := draft{doc: doc, keys: map[string]string{}, later: check.From(found, check.StageAccess)}
	var err error
	if d.patient, err = s.patient(ctx, doc.Patients); err != nil {
		return records.Resource{}, err
	}
	if doc.Key != nil {
		if d.keys[doc.Key.Value], err = s.open(ctx, doc.Key.Value, doc.Key.Expression); err != nil {
			return records.Resource{}, err
		}
	}
	return s.admit(ctx, c, d, opt)
}

// draft is a judged document whose pseudonyms are opened.
type draft struct {
	doc     *check.ServiceRequest
	patient string
	keys    map[string]string // key in transit → stable
	later   []check.Issue     // findings on dates and business rules, which come after the rights
}

// admit checks rights, dates and business rules, and stores the document.
func (s *Service) admit(ctx context.Context, c *Caller, d draft, opt Options) (records.Resource, error) {
	t, doc := tenant.From(ctx), d.doc
	facts := workflow.Facts{
		Intent: workflow.Intent(doc.Intent), Family: family(doc.Kind), Template: doc.Template, Requester: doc.Requester.Reference,
		Patient: d.patient, AuthoredOn: tree.Text(doc.Tree, "authoredOn"), From: workflow.Day(doc.Validity.Start), To: workflow.Day(doc.Validity.End),
	}
	if doc.Bounds != nil {
		facts.Bounds = &workflow.Span{Value: int(math.Ceil(doc.Bounds.Value)), Unit: doc.Bounds.Unit}
	}
	suspended, err := s.mayCreate(ctx, c, doc, facts)
	if err != nil {
		return records.Resource{}, err
	}
	if err := s.judge(ctx, d.later); err != nil {
		return records.Resource{}, err
	}
	if err := s.quotedAdvice(ctx, doc); err != nil {
		return records.Resource{}, err
	}
	settle(doc.Tree, d.patient, doc.Kind == check.Imaging, d.keys)
	facts.ID = t.Chance.UUID()
	cs := &records.Case{Document: *workflow.New(facts, t.Clock.Now(), suspended), Authored: doc.AuthoredOn, Code: codeToken(doc.Tree), Identifiers: ownIdentifiers(doc.Tree)}
	return s.store(ctx, c, cs, doc, s.shortCodes(t, facts.Intent), opt)
}

// store writes the new document, unless a condition or a link forbids it.
func (s *Service) store(ctx context.Context, c *Caller, cs *records.Case, doc *check.ServiceRequest, codes []string, opt Options) (records.Resource, error) {
	t := tenant.From(ctx)
	now := t.Clock.Now()
	var out records.Resource
	err := t.Store.Update(func(w store.Writer) error {
		if opt.IfNoneExist != nil {
			if err := noneExists(w, opt.IfNoneExist, cs.Patient); err != nil {
				return err
			}
		}
		if err := s.linked(w, c, doc, cs); err != nil {
			return err
		}
		after := cs.Clone()
		for _, code := range codes {
			if _, taken := records.ByShortCode(w, code, cs.Patient); !taken {
				after.Short = code
				break
			}
		}
		x := &change{w: w, now: now, after: after, request: tree.Clone(doc.Tree), tasks: map[string]tree.Object{}}
		if err := x.save(); err != nil {
			return err
		}
		var err error
		out, _, err = records.Get(w, "ServiceRequest", cs.ID)
		return err
	})
	return out, err
}

// judge refuses on errors and notes warnings in the journal.
func (s *Service) judge(ctx context.Context, found []check.Issue) error {
	for _, i := range found {
		if i.Severity != check.SeverityError {
			journal.Warn(ctx, i.Rule, i.Text+" at "+i.Element)
		} else {
			journal.Record(ctx, i.Rule, false, i.Got, i.Want, i.Text+" at "+i.Element)
		}
	}
	return issues(found)
}

func (s *Service) checkContext(t *tenant.Tenant, base string) check.Context {
	return check.Context{Now: t.Clock.Now(), Base: base, StrictTemplates: t.Settings.Bool("uhmep-strict-templates")}
}

func family(k check.Kind) workflow.Family {
	switch k {
	case check.Annex81:
		return workflow.Annex81
	case check.Imaging:
		return workflow.Imaging
	default:
		return workflow.Nursing
	}
}

// ownIdentifiers are the identifiers of a document that are not the server's to
// give, as system|value.
func ownIdentifiers(o tree.Object) []string {
	var out []string
	for _, i := range tree.Objects(o, "identifier") {
		system, value := tree.Text(i, "system"), tree.Text(i, "value")
		if value != "" && system != uhmepSystem && system != shortSystem {
			out = append(out, system+"|"+value)
		}
	}
	return out
}

// codeToken is system|code of the first coding of ServiceRequest.code.
func codeToken(o tree.Object) string {
	for _, c := range tree.Objects(tree.Child(o, "code"), "coding") {
		return tree.System(c) + "|" + tree.Text(c, "code")
	}
	return ""
}

// mayCreate checks role, matrix, requester, directory, suspension and privacy.
// suspended means: accepted, but blacklisted at once (D1).
func (s *Service) mayCreate(ctx context.Context, c *Caller, doc *check.ServiceRequest, f workflow.Facts) (suspended bool, err error) {
	t := tenant.From(ctx)
	d := workflow.Document{Facts: f}
	if err := workflow.Permit(c.Actor, workflow.Ask{Action: workflow.Create}, &d, s.matrix); err != nil {
		return false, refused(err)
	}
	journal.Record(ctx, "access-matrix", true, c.Who(), workflow.Create.Flag(f.Intent)+" on "+f.Template, "")
	if err := s.requesterIsCaller(c, doc.Requester.Reference); err != nil {
		return false, err
	}
	if err := s.resolve(t, doc.Requester); err != nil {
		return false, err
	}
	if c.Role == workflow.Organisation {
		return false, nil // the organisation checks suspension and relations itself
	}
	if s.suspendedSince(t, c.SSIN) != "" {
		journal.Warn(ctx, "workflow-D1", "the prescriber is suspended: the document is stored blacklisted and cannot be read")
		suspended = true
	}
	return suspended, s.privacy(ctx, c, f.Patient)
}

// requesterIsCaller: an individual writes in their own name and discipline, an
// organisation in the name of one of its own professionals.
func (s *Service) requesterIsCaller(c *Caller, requester string) error {
	if c.Role == workflow.Organisation {
		if c.Inside(requester) {
			return nil
		}
		return refuse(codeWrongProfessional, "access-requester", "the requester is not of this organisation", requester,
			"PractitionerRole/{SSIN}-{DISCIPLINE}-"+strings.TrimPrefix(c.Org, "Organization/"), "")
	}
	if c.Is(requester) {
		return nil
	}
	return refuse(codeWrongProfessional, "access-requester", "the requester is not the caller", requester, c.Ref(), "requester must equal the identity in the token")
}

// privacy checks informed consent, therapeutic relation and exclusion for
// individuals; organisations check them themselves, patients need none.
func (s *Service) privacy(ctx context.Context, c *Caller, patient string) error {
	ok, reason := s.relations(ctx, c)(patient)
	if !ok {
		return refuse(codePrivacy, "access-privacy", "consent, therapeutic relation or exclusion forbid it", reason,
			"informed consent, a therapeutic relation, no exclusion", "change it at /_sandbox/care")
	}
	journal.Record(ctx, "access-privacy", true, string(c.Role)+" "+c.Ref(), "", "")
	return nil
}

// relations is privacy for many patients; the function may be called while the
// store is being read.
func (s *Service) relations(ctx context.Context, c *Caller) func(patient string) (bool, string) {
	if c.Role == workflow.Organisation || c.Role == workflow.Patient {
		return func(string) (bool, string) { return true, "" }
	}
	return s.Care.Relations(tenant.From(ctx), c.SSIN, c.Discipline)
}

// linked checks the documents the new one points to.
func (s *Service) linked(r store.Reader, c *Caller, doc *check.ServiceRequest, cs *records.Case) error {
	for _, id := range doc.Replaces {
		old, ok, err := records.Load(r, id)
		if err != nil {
			return err
		}
		bad := func(rule, got, want string) error {
			return refuse(codeReplaces, "replaces-"+rule, "the prolongation does not fit the original", got, want, "")
		}
		switch {
		case !ok || !workflow.Visible(c.Actor, &old.Document, s.matrix):
			return bad("known", "ServiceRequest/"+id+" is not known", "a prescription the caller may see")
		case records.Current(r, old.Patient) != cs.Patient:
			return bad("patient", "another patient", "the patient of the original")
		case workflow.Professional(old.Requester) != workflow.Professional(cs.Requester):
			return bad("requester", cs.Requester, old.Requester)
		case old.Template != cs.Template:
			return bad("template", cs.Template, old.Template)
		case old.Code != cs.Code:
			return bad("code", cs.Code, old.Code)
		case old.Intent != workflow.Order || cs.Intent != workflow.Order:
			return bad("intent", "a proposal", "prescriptions only")
		case cs.From <= old.To:
			return bad("validity", "validity from "+string(cs.From), "after the original's end "+string(old.To))
		}
	}
	return nil
}

// noneExists refuses a conditional create that would make a second document.
func noneExists(r store.Reader, cond *records.Conditional, patient string) error {
	ids := records.Identified(r, *cond, patient)
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	return refuse(codeConditional, "if-none-exist", "a document with this identifier exists", "ServiceRequest/"+strings.Join(ids, ", ServiceRequest/"), "none", "")
}
