package workflow

// Refused says why an action was not done. Code is the error code of the
// platform's catalogue (or the sandbox's own); Rule names the rule broken.
type Refused struct {
	Code            string
	Rule            string
	Got, Want, Hint string
}

// Error is the reason in one line.
func (r *Refused) Error() string {
	return r.Code + " (" + r.Rule + "): got " + r.Got + ", want " + r.Want
}

// The codes of this package.
const (
	StateConflict       = "STATE_CONFLICT"
	Duplicate           = "DUPLICATE_ASSIGNMENT"
	ExecutionInProgress = "EXECUTION_IN_PROGRESS"
	AlreadyEvaluated    = "PROPOSAL_ALREADY_EVALUATED"
	PeriodRule          = "EXECUTION_PERIOD_RULE"
	PatchNotAllowed     = "PATCH_NOT_ALLOWED"
	StatusNotAllowed    = "STATUS_NOT_ALLOWED"
	NotFound            = "RESOURCE_NOT_FOUND"
	MatrixDenied        = "ACCESS_MATRIX_DENIED"
	NotOwner            = "NOT_OWNER"
	Suspended           = "PROFESSIONAL_SUSPENDED"
	WrongProfessional   = "WRONG_REFERENCE_HEALTHCARE_PROFESSIONAL"
)

func conflict(rule, got, want, hint string) *Refused {
	return &Refused{Code: StateConflict, Rule: rule, Got: got, Want: want, Hint: hint}
}
