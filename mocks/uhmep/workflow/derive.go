package workflow

// RequestStatus is ServiceRequest.status for the business status.
func (d *Document) RequestStatus() string {
	switch d.Status {
	case Blacklisted:
		return "entered-in-error"
	case Completed, Approved, Rejected:
		return "completed"
	case Cancelled, Expired:
		return "revoked"
	default:
		return "active"
	}
}

// The systems of the status reasons the server sets.
const (
	PrescriptionReasonSystem = "https://www.ehealth.fgov.be/standards/fhir/referral/CodeSystem/be-prescription-status-reason"
	Annex81ReasonSystem      = "https://www.ehealth.fgov.be/standards/fhir/referral/CodeSystem/be-cs-annex81-status-reason"
)

// RequestReason is the coding of the status reason the server sets on the
// ServiceRequest; both empty when there is none.
func (d *Document) RequestReason() (system, code string) {
	switch d.Status {
	case Cancelled:
		return PrescriptionReasonSystem, "cancelingReason"
	case Expired:
		return PrescriptionReasonSystem, "expired"
	case Approved:
		return Annex81ReasonSystem, "approved"
	case Rejected:
		return Annex81ReasonSystem, "rejected"
	default:
		return "", ""
	}
}

// ReferralStatus is the status of the referral Task, derived from the document.
func (d *Document) ReferralStatus() string {
	switch d.Status {
	case Blacklisted:
		return "entered-in-error"
	case Cancelled, Expired:
		return "cancelled"
	case Approved, Rejected:
		return "completed"
	case Completed:
		if d.anyTask(TaskInProgress) { // D8 with work still going on
			return "in-progress"
		}
		return "completed"
	default:
	}
	switch {
	case d.anyTask(TaskInProgress):
		return "in-progress"
	case d.Executed:
		return "on-hold"
	case d.Status == Pending:
		return "draft"
	default:
		return "ready"
	}
}

// ReferralPeriod is executionPeriod of the referral Task: the oldest start of
// its performer Tasks and, once completed, the latest end.
func (d *Document) ReferralPeriod() (start, end string) {
	for _, t := range d.Tasks {
		if t.Status == TaskDeleted {
			continue
		}
		if t.Start != "" && (start == "" || earlier(t.Start, start)) {
			start = t.Start
		}
		if t.End != "" && (end == "" || earlier(end, t.End)) {
			end = t.End
		}
	}
	if d.ReferralStatus() != "completed" {
		end = ""
	}
	return start, end
}

func earlier(a, b string) bool {
	_, ta, _, _ := Moment(a)
	_, tb, _, _ := Moment(b)
	return ta.Before(tb)
}

// settle brings the derived states in line after a change: D7 for the
// document, and every organisation Task.
func (d *Document) settle() {
	if d.Status == InProgress && !d.anyTask(TaskInProgress) {
		d.Status = Inactive // D7, also after a cancelled-only history
	}
	completed := d.ReferralStatus() == "completed"
	for i := range d.Orgs {
		o := &d.Orgs[i]
		if o.Status == TaskCancelled || o.Status == TaskDeleted {
			continue
		}
		active, started := false, false
		for _, t := range d.Tasks {
			if t.Under == o.ID && t.Status != TaskDeleted {
				active = active || t.Status == TaskInProgress
				started = started || t.Started
			}
		}
		switch {
		case completed:
			o.Status = TaskCompleted
		case active:
			o.Status = TaskInProgress
		case started:
			o.Status = TaskOnHold
		default:
			o.Status = TaskReady
		}
	}
}

// dropOpen cancels what was only assigned or accepted: D4, D5 and D10.
func (d *Document) dropOpen() {
	for _, ts := range [][]Task{d.Tasks, d.Orgs} {
		for i := range ts {
			if ts[i].Status == TaskReady || ts[i].Status == TaskAccepted {
				ts[i].Status = TaskCancelled
			}
		}
	}
}
