package world

// Persona is one synthetic person. JSON and YAML members are the same.
type Persona struct {
	Name           string       `json:"name" yaml:"name"`
	Kind           string       `json:"kind" yaml:"kind"` // physician, nurse, midwife, dentist, pharmacist, physiotherapist, administrative, head, patient
	SSIN           string       `json:"ssin" yaml:"ssin"`
	FirstName      string       `json:"first_name" yaml:"first_name"`
	LastName       string       `json:"last_name" yaml:"last_name"`
	Gender         string       `json:"gender" yaml:"gender"`     // M, F, X
	Language       string       `json:"language" yaml:"language"` // nl, fr, de, en
	Email          string       `json:"email,omitempty" yaml:"email"`
	SuspendedSince string       `json:"suspended_since,omitempty" yaml:"suspended_since"` // ISO date
	Graduated      string       `json:"graduated,omitempty" yaml:"graduated"`             // ISO date
	Disciplines    []Discipline `json:"disciplines,omitempty" yaml:"disciplines"`
	Keys           []string     `json:"keys,omitempty" yaml:"keys"`       // when set, only these disciplines reach userProfile
	Roles          []string     `json:"roles,omitempty" yaml:"roles"`     // replaces the role derived from the discipline
	MayAct         []any        `json:"may_act,omitempty" yaml:"may_act"` // claim of citizens acting for others
	Children       []any        `json:"children,omitempty" yaml:"children"`
	Disabled       bool         `json:"disabled,omitempty" yaml:"disabled"`
}

// Discipline is one profession of a persona. NIHII is "" where the profession
// has no number; Recognised nil means true.
type Discipline struct {
	Key        string `json:"key" yaml:"key"`
	NIHII      string `json:"nihii,omitempty" yaml:"nihii"`
	Recognised *bool  `json:"recognised,omitempty" yaml:"recognised"`
}

// IsRecognised tells whether the professional may practise.
func (d Discipline) IsRecognised() bool { return d.Recognised == nil || *d.Recognised }

// Patient tells whether the persona has no profession.
func (p Persona) Patient() bool { return len(p.Disciplines) == 0 }

// Suspended tells whether the persona is a suspended professional.
func (p Persona) Suspended() bool {
	if p.SuspendedSince != "" {
		return true
	}
	for _, d := range p.Disciplines {
		if !d.IsRecognised() {
			return true
		}
	}
	return false
}

// Discipline returns the persona's discipline of that key.
func (p Persona) Discipline(key string) (Discipline, bool) {
	for _, d := range p.Disciplines {
		if d.Key == key {
			return d, true
		}
	}
	return Discipline{}, false
}

// FullName is "first last".
func (p Persona) FullName() string { return p.FirstName + " " + p.LastName }

// Organisation is one synthetic care organisation.
type Organisation struct {
	Key             string `json:"key" yaml:"key"` // also names the seeded client: demo-<key>
	Name            string `json:"name" yaml:"name"`
	NIHII           string `json:"nihii" yaml:"nihii"`                       // 11 digits
	CBE             string `json:"cbe,omitempty" yaml:"cbe"`                 // 10 digits
	TargetGroup     string `json:"target_group" yaml:"target_group"`         // HOSPITAL, GROUPOFNURSES, …
	CertificateType string `json:"certificate_type" yaml:"certificate_type"` // NIHII-HOSPITAL, …
	TokenKey        string `json:"token_key" yaml:"token_key"`               // member of userProfile.organizations
}

// CertificateID is the identifier of the organisation's eHealth certificate:
// the first eight digits of its NIHII number.
func (o Organisation) CertificateID() string { return o.NIHII[:min(8, len(o.NIHII))] }
