package rules

import "strings"

// None is the value of an exclusive parameter nothing was chosen for.
const None = "none"

// Any marks a condition of a row that tests nothing.
const Any = "any"

// Antimicrobial holds the questions and rows of the antimicrobial domain.
type Antimicrobial struct {
	Infections []Infection      `yaml:"-"`
	Labels     []InfectionLabel `yaml:"labels"`
	Parameters []Parameters     `yaml:"parameters"`
	Variables  []Variable       `yaml:"variables"`
	Rows       []Row            `yaml:"rows"`
	Links      []Link           `yaml:"links"`
}

// InfectionLabel translates the label of one infection.
type InfectionLabel struct {
	Code string `yaml:"code"`
	NL   string `yaml:"nl"`
	FR   string `yaml:"fr"`
}

// Link is a page shown beside the advice.
type Link struct {
	URL string `yaml:"url"`
	NL  string `yaml:"nl"`
	FR  string `yaml:"fr"`
}

// Parameters lists the questions one infection asks, in order.
type Parameters struct {
	Indication string      `yaml:"indication"`
	Items      []Parameter `yaml:"items"`
}

// Parameter is one question (sp_…). Its prefix says its kind: sp_exc_ is
// exclusive, sp_excMand_ exclusive and mandatory, plain sp_ a yes or no that
// its variables may answer.
type Parameter struct {
	Code      string   `yaml:"code"`
	NL        string   `yaml:"nl"`
	FR        string   `yaml:"fr"`
	Variables []string `yaml:"variables"`
}

// Exclusive says whether one variable is chosen instead of a yes or no.
func (p Parameter) Exclusive() bool { return strings.HasPrefix(p.Code, "sp_exc") }

// Mandatory says whether an answer must be given.
func (p Parameter) Mandatory() bool { return strings.HasPrefix(p.Code, "sp_excMand_") }

// Variable is a fact about the patient (pv_…) and the codes whose presence in
// the record mean it is true.
type Variable struct {
	Code   string   `yaml:"code"`
	NL     string   `yaml:"nl"`
	FR     string   `yaml:"fr"`
	SNOMED []string `yaml:"snomed"`
	ICPC2  []string `yaml:"icpc2"`
	ICD10  []string `yaml:"icd10"`
	ATC    []string `yaml:"atc"`
}

// Codings lists the codes that mean the variable is true.
func (v Variable) Codings() []Coding {
	var out []Coding
	add := func(system string, codes []string) {
		for _, c := range codes {
			out = append(out, Coding{system, c})
		}
	}
	add(SNOMED, v.SNOMED)
	add(ICPC2, v.ICPC2)
	add(ICD10, v.ICD10)
	add(ATC, v.ATC)
	return out
}

// ATC is the code system of medicinal substances.
const ATC = "http://www.whocc.no/atc"

// Row is one line of an infection's decision table. The first whose conditions
// hold wins; rows for "*" come after those of the infection.
type Row struct {
	ID         string            `yaml:"id"`
	Indication string            `yaml:"indication"`
	When       map[string]string `yaml:"when"` // parameter → "true", "false", a variable or "none"
	Options    []Treatment       `yaml:"options"`
	Note       string            `yaml:"note"`
}

// Treatment is one option of a row: a medicine, a piece of advice (kind
// communication), or several together (kind combination).
type Treatment struct {
	NL     string      `yaml:"nl"`
	FR     string      `yaml:"fr"`
	Score  int         `yaml:"score"` // 3 to 1
	Kind   string      `yaml:"kind"`  // medication (default), communication, combination
	ATC    string      `yaml:"atc"`
	VMPG   string      `yaml:"vmpg"`
	Dosage *Dosage     `yaml:"dosage"`
	All    []Treatment `yaml:"all"` // the parts of a combination
}

// Dosage is the structured dose of a medicine.
type Dosage struct {
	NL         string  `yaml:"nl"`
	FR         string  `yaml:"fr"`
	Days       int     `yaml:"days"`
	Frequency  int     `yaml:"frequency"`
	Period     int     `yaml:"period"`
	PeriodUnit string  `yaml:"periodUnit"`
	Dose       float64 `yaml:"dose"`
	Unit       string  `yaml:"unit"`
}

// ParametersOf lists the questions of an infection; none means it asks nothing.
func (s *Set) ParametersOf(infection string) []Parameter {
	for _, p := range s.Antimicrobial.Parameters {
		if p.Indication == infection {
			return p.Items
		}
	}
	return nil
}

// Variable finds a patient variable; an unknown one is returned with its code
// as label, so that a table may use variables it does not describe.
func (s *Set) Variable(code string) Variable {
	for _, v := range s.Antimicrobial.Variables {
		if v.Code == code {
			return v
		}
	}
	return Variable{Code: code, NL: code, FR: code}
}

// Situation is what antimicrobial advice depends on.
type Situation struct {
	Infection string
	AgeMonths int
	Answers   map[string]string // sp or pv → "true", "false", a variable or "none"
	Record    []Coding          // codes sent with the request
}

// Outcome is the row that answered and how it was reached.
type Outcome struct {
	Row       Row
	Values    []Value
	Decisions []Decision
}

// Value is the value of one parameter and of its variables.
type Value struct {
	Parameter Parameter
	Value     string
	Variables []VariableValue
}

// VariableValue is the value of one variable: "true" or "false".
type VariableValue struct {
	Variable Variable
	Value    string
	Answer   string // what the user said, or empty
	Recorded bool   // a code of the record says so
}

// Decision is one step of the trace, in the manner of a decision table.
type Decision struct {
	Inputs     []Named  `json:"inputs"`
	Conditions []string `json:"conditions"`
	Conclusion Named    `json:"conclusion"`
}

// Named is a name with a value; booleans are written "true" and "false".
type Named struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}
