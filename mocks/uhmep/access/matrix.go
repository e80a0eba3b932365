package access

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// Flags are the fourteen rights, in the order the platform lists them.
func Flags() []string {
	return []string{"createPrescription", "createProposal", "consultPrescription", "consultProposal",
		"cancelPrescription", "cancelProposal", "assignPrescription", "assignProposal",
		"removeAssignationPrescription", "removeAssignationProposal", "executeTreatment",
		"interruptTreatment", "revokeTreatment", "evaluateProposal"}
}

// File is the matrix as it stands in the YAML file.
type File struct {
	Groups map[string][]string `yaml:"groups"` // family → template codes
	Rows   []struct {
		Who    []string            `yaml:"who"`    // PATIENT, disciplines, organisation types
		Rights map[string][]string `yaml:"rights"` // family or template code → flags
	} `yaml:"rows"`
	Assignable []Assignable `yaml:"assignable"`
}

// Assignable says who may own a Task on documents of a family and intent.
type Assignable struct {
	Family        string   `yaml:"family"`
	Intent        string   `yaml:"intent"`
	Disciplines   []string `yaml:"disciplines"`
	Organisations []string `yaml:"organisations"`
}

// Matrix is the compiled matrix; immutable.
type Matrix struct {
	who        []string
	rights     map[string]map[string]map[string]bool // who → template → flag
	family     map[string]string                     // template → family
	assignable []Assignable
}

// matrixFile is where the text stands, for errors.
const matrixFile = "uhmep/matrix.yaml"

// Parse reads and checks the YAML text. Unknown members, families, flags and
// the same right given twice are errors.
func Parse(text []byte) (*Matrix, error) {
	var f File
	dec := yaml.NewDecoder(strings.NewReader(string(text)))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return nil, world.Readable(matrixFile, err)
	}
	return New(f)
}

// New compiles a matrix.
func New(f File) (*Matrix, error) {
	m := &Matrix{rights: map[string]map[string]map[string]bool{}, family: map[string]string{}, assignable: f.Assignable}
	var errs []error
	for family, templates := range f.Groups {
		for _, t := range templates {
			if prev, dup := m.family[t]; dup {
				errs = append(errs, fmt.Errorf("template %s is in %s and in %s", t, prev, family))
			}
			m.family[t] = family
		}
	}
	for i, row := range f.Rows {
		for key, flags := range row.Rights {
			templates, ok := f.Groups[key]
			if !ok {
				if _, known := m.family[key]; !known {
					errs = append(errs, fmt.Errorf("row %d: %q is neither a group nor a template", i+1, key))
					continue
				}
				templates = []string{key}
			}
			for _, flag := range flags {
				if !slices.Contains(Flags(), flag) {
					errs = append(errs, fmt.Errorf("row %d: %q is not a right; one of %s", i+1, flag, strings.Join(Flags(), " ")))
				}
			}
			for _, who := range row.Who {
				m.grant(who, templates, flags)
			}
		}
		for _, who := range row.Who {
			if m.rights[who] == nil {
				m.grant(who, nil, nil)
			}
		}
	}
	for _, a := range f.Assignable {
		if _, ok := f.Groups[a.Family]; !ok {
			errs = append(errs, fmt.Errorf("assignable: %q is not a group", a.Family))
		}
		if a.Intent != "order" && a.Intent != "proposal" {
			errs = append(errs, fmt.Errorf("assignable: intent %q is neither order nor proposal", a.Intent))
		}
	}
	sort.Strings(m.who)
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("%s: %w", matrixFile, err)
	}
	return m, nil
}

func (m *Matrix) grant(who string, templates, flags []string) {
	if m.rights[who] == nil {
		m.rights[who] = map[string]map[string]bool{}
		m.who = append(m.who, who)
	}
	for _, t := range templates {
		if m.rights[who][t] == nil {
			m.rights[who][t] = map[string]bool{}
		}
		for _, f := range flags {
			m.rights[who][t][f] = true
		}
	}
}

// Allows tells whether who has the right on documents of the template.
func (m *Matrix) Allows(who, template, flag string) bool { return m.rights[who][template][flag] }

// Any tells whether who has any right at all.
func (m *Matrix) Any(who string) bool {
	for _, flags := range m.rights[who] {
		if len(flags) > 0 {
			return true
		}
	}
	return false
}

// Who lists the rows, sorted.
func (m *Matrix) Who() []string { return slices.Clone(m.who) }

// Templates lists the templates the matrix knows, sorted.
func (m *Matrix) Templates() []string {
	out := make([]string, 0, len(m.family))
	for t := range m.family {
		out = append(out, t)
	}
	sort.Strings(out)
	return out
}

// Family is the group a template belongs to: nursing, annex81 or imaging; ""
// when the matrix does not know it.
func (m *Matrix) Family(template string) string { return m.family[template] }

// Assignable tells whether a professional of the discipline, or an
// organisation of the type, may own a Task on such a document; want lists who
// may.
func (m *Matrix) Assignable(family, intent, kind string, organisation bool) (ok bool, want []string) {
	for _, a := range m.assignable {
		if a.Family == family && a.Intent == intent {
			want = a.Disciplines
			if organisation {
				want = a.Organisations
			}
			return slices.Contains(want, kind), want
		}
	}
	return false, nil
}

// Granted lists the rights of who on a template, in the order of Flags.
func (m *Matrix) Granted(who, template string) []string {
	var out []string
	for _, f := range Flags() {
		if m.Allows(who, template, f) {
			out = append(out, f)
		}
	}
	return out
}
