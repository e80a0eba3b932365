package workflow

// Action is something an actor may want to do with a document.
type Action string

// The actions.
const (
	Create             Action = "create"
	Read               Action = "read"
	CancelDocument     Action = "cancel-document"
	AssignTask         Action = "assign"
	AssignOrganization Action = "assign-organisation"
	UnassignTask       Action = "unassign"
	StartTask          Action = "start"
	FinishTask         Action = "finish"
	InterruptTask      Action = "interrupt"
	CancelTask         Action = "cancel-execution"
	CompleteDocument   Action = "complete"
	EvaluateProposal   Action = "evaluate-proposal"
	EvaluateExam       Action = "evaluate-exam"
)

// Actions lists every action.
func Actions() []Action {
	return []Action{Create, Read, CancelDocument, AssignTask, AssignOrganization, UnassignTask, StartTask, FinishTask,
		InterruptTask, CancelTask, CompleteDocument, EvaluateProposal, EvaluateExam}
}

// Flag is the name of a column of the access matrix that an action on a
// document of this intent needs.
func (a Action) Flag(i Intent) string {
	both := func(stem string) string {
		if i == Proposal {
			return stem + "Proposal"
		}
		return stem + "Prescription"
	}
	switch a {
	case Create:
		return both("create")
	case Read:
		return both("consult")
	case CancelDocument:
		return both("cancel")
	case AssignTask, AssignOrganization:
		return both("assign")
	case UnassignTask:
		return both("removeAssignation")
	case InterruptTask:
		return "interruptTreatment"
	case CancelTask:
		return "revokeTreatment"
	case EvaluateProposal:
		return "evaluateProposal"
	default:
		return "executeTreatment"
	}
}

// Rights answers the access matrix: may who (a discipline, an organisation
// type or PATIENT) do flag on documents of this template.
type Rights interface {
	Allows(who, template, flag string) bool
}

// Who is the row of the access matrix an actor falls under.
func (a Actor) Who() string {
	switch a.Role {
	case Patient:
		return "PATIENT"
	case Organisation:
		return a.OrgType
	default:
		return a.Discipline
	}
}

// Ask is one question to Permit.
type Ask struct {
	Action Action
	Task   *Task      // the Task acted on, where there is one
	Owner  string     // AssignTask: who is to own the new Task
	Under  *Task      // AssignTask: the organisation Task it is basedOn
	Status TaskStatus // AssignTask: the status asked for
	When   Day        // StartTask, FinishTask and executions posted: the day of the work
}

// Permit tells whether the actor may ask this at all, whatever the state of
// the document: suspension, role, access matrix, then ownership. The document
// must be visible to the actor already.
func Permit(a Actor, q Ask, d *Document, r Rights) error {
	act := q.Action
	if act == AssignTask && q.Status != "" && q.Status != TaskReady {
		act = StartTask // work posted at once needs the right to execute
		if q.Status == TaskAccepted || q.Status == TaskRejected {
			act = EvaluateExam
		}
	}
	if err := suspended(a, act, q); err != nil {
		return err
	}
	if !roleMay(a, act, d) {
		return &Refused{Code: MatrixDenied, Rule: "access-role", Got: string(a.Role) + " " + a.Who() + ": " + string(act) + " on " + string(d.Intent) + " " + d.Template,
			Want: "a role that may do this"}
	}
	if flag := act.Flag(d.Intent); !r.Allows(a.Who(), d.Template, flag) {
		return &Refused{Code: MatrixDenied, Rule: "access-matrix", Got: a.Who() + " without " + flag + " on " + d.Template,
			Want: flag, Hint: "the access matrix is the file fixtures/uhmep/matrix.yaml"}
	}
	return owns(a, act, q, d)
}

func suspended(a Actor, act Action, q Ask) error {
	if !a.Restricted {
		return nil
	}
	no := func(want string) error {
		return &Refused{Code: Suspended, Rule: "access-suspended", Got: string(act) + " by " + a.Ref() + ", suspended since " + string(a.Since), Want: want}
	}
	switch act {
	case Create, AssignTask, AssignOrganization, EvaluateProposal, EvaluateExam:
		return no("a professional who is not suspended")
	case StartTask, FinishTask:
		if q.When == "" || q.When >= a.Since {
			return no("work before the suspension")
		}
	default:
	}
	return nil
}

// roleMay is the table of operations by role. Physicians and dentists prescribe,
// and are caregivers too for imaging.
func roleMay(a Actor, act Action, d *Document) bool {
	patient, org := a.Role == Patient, a.Role == Organisation
	prescriber := a.Role == Prescriber
	caregiver := a.Role == Caregiver || (prescriber && d.Family == Imaging)
	proposal := d.Intent == Proposal
	switch act {
	case Create:
		if proposal {
			return caregiver || org
		}
		return prescriber || org || (caregiver && d.Family == Imaging)
	case Read:
		return true
	case CancelDocument:
		if proposal {
			return patient || caregiver || org
		}
		return patient || prescriber || org
	case AssignTask, AssignOrganization, UnassignTask:
		return patient || caregiver || org || (prescriber && proposal)
	case StartTask, FinishTask, CancelTask, CompleteDocument, EvaluateExam:
		return caregiver || org
	case InterruptTask:
		return caregiver
	case EvaluateProposal:
		return prescriber || org
	default:
		return false
	}
}

func owns(a Actor, act Action, q Ask, d *Document) error {
	not := func(got, want string) error {
		return &Refused{Code: NotOwner, Rule: "access-ownership", Got: got, Want: want}
	}
	me := a.Ref()
	switch a.Role {
	case Organisation:
		me = a.Org
	case Patient:
		me = "the patient"
	default:
	}
	switch act {
	case CancelDocument:
		if a.Role == Patient || a.Is(d.Requester) || (a.Role == Organisation && a.Inside(d.Requester)) {
			return nil
		}
		return not(me, "the requester "+d.Requester+", the patient or the requester's organisation")
	case UnassignTask:
		if a.Role == Patient || a.taskIsMine(q.Task, d) || (d.Intent == Proposal && a.evaluates(d)) {
			return nil
		}
		return not(me, "the owner "+q.Task.Owner+", the patient or the assigned organisation")
	case StartTask, FinishTask, InterruptTask, CancelTask, EvaluateExam:
		t := q.Task
		if t == nil { // posted at once
			t = &Task{Owner: q.Owner}
			if q.Under != nil {
				t.Under = q.Under.ID
			}
		}
		if a.taskIsMine(t, d) {
			return nil
		}
		return not(me, "the owner "+t.Owner+" or the organisation of its organisation task")
	default:
	}
	return nil
}

// evaluates: whom a proposal is evaluated by may change hands among
// physicians, and be changed by who proposed (our choice: the matrix gives both
// the right, and no caregiver owns such a Task).
func (a Actor) evaluates(d *Document) bool {
	return a.Role == Prescriber || a.Is(d.Requester) || (a.Role == Organisation && a.Inside(d.Requester))
}

// taskIsMine: the owner (same SSIN and discipline), or the organisation that
// owns the Task or the organisation Task it is based on.
func (a Actor) taskIsMine(t *Task, d *Document) bool {
	if t == nil {
		return false
	}
	if a.Role != Organisation {
		return a.Is(t.Owner)
	}
	if t.Owner == a.Org {
		return true
	}
	o := d.Org(t.Under)
	return o != nil && o.Owner == a.Org
}

// Visible tells whether the document exists for the actor; what is not visible
// is answered as unknown, so that its existence does not leak.
func Visible(a Actor, d *Document, r Rights) bool {
	if d.Status == Blacklisted && !d.Executed {
		return false
	}
	if a.Role == Patient {
		return a.Pseudonym != "" && a.Pseudonym == d.Patient && r.Allows(a.Who(), d.Template, Read.Flag(d.Intent))
	}
	inside := a.Role == Organisation && a.Inside(d.Requester)
	mine := a.Is(d.Requester)
	if d.Status == Cancelled {
		switch a.Role {
		case Prescriber:
			return mine && d.Intent == Order
		case Caregiver:
			return mine && d.Intent == Proposal
		default:
			return inside
		}
	}
	if a.Restricted && !mine && !a.workedOn(d) {
		return false
	}
	return r.Allows(a.Who(), d.Template, Read.Flag(d.Intent))
}

func (a Actor) workedOn(d *Document) bool {
	for _, t := range d.Tasks {
		if t.Status != TaskDeleted && a.Is(t.Owner) {
			return true
		}
	}
	return false
}
