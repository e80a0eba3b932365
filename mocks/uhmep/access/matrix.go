package access

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

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

// matrixFile is where the matrix stands among the fixtures.
const matrixFile = "uhmep/matrix.yaml"

// Load reads and checks uhmep/matrix.yaml; errors name file and line.
func Load(files fs.FS) (*Matrix, error) {
	var f File
	if err := world.Load(files, matrixFile, &f); err != nil {
		return nil, err
	}
	m, _ := compile(&f) // Validate was content
	return m, nil
}

// Validate implements world.Validator: unknown families, templates and rights,
// and templates in two families.
func (f *File) Validate() error {
	_, err := compile(f)
	return err
}

// compile makes the matrix, and errors with the place of each mistake.
func compile(f *File) (*Matrix, error) {
	m := &Matrix{rights: map[string]map[string]map[string]bool{}, family: map[string]string{}, assignable: f.Assignable}
	var errs []error
	wrong := func(path, text string, args ...any) {
		errs = append(errs, &world.PathError{Path: path, Text: fmt.Sprintf(text, args...)})
	}
	for _, family := range slices.Sorted(maps.Keys(f.Groups)) {
		for i, t := range f.Groups[family] {
			if prev, dup := m.family[t]; dup {
				wrong(fmt.Sprintf("groups.%s.%d", family, i), "template %s is in %s and in %s", t, prev, family)
			}
			m.family[t] = family
		}
	}
	for i, row := range f.Rows {
		for _, key := range slices.Sorted(maps.Keys(row.Rights)) {
			at := fmt.Sprintf("rows.%d.rights.%s", i, key)
			templates, ok := f.Groups[key]
			if !ok {
				if _, known := m.family[key]; !known {
					wrong(at, "%q is neither a group nor a template", key)
					continue
				}
				templates = []string{key}
			}
			for j, flag := range row.Rights[key] {
				if !slices.Contains(Flags(), flag) {
					wrong(fmt.Sprintf("%s.%d", at, j), "%q is not a right; one of %s", flag, strings.Join(Flags(), " "))
				}
			}
			for _, who := range row.Who {
				m.grant(who, templates, row.Rights[key])
			}
		}
		for _, who := range row.Who {
			if m.rights[who] == nil {
				m.grant(who, nil, nil)
			}
		}
	}
	for i, a := range f.Assignable {
		at := fmt.Sprintf("assignable.%d", i)
		if _, ok := f.Groups[a.Family]; !ok {
			wrong(at+".family", "%q is not a group", a.Family)
		}
		if a.Intent != "order" && a.Intent != "proposal" {
			wrong(at+".intent", "%q is neither order nor proposal", a.Intent)
		}
	}
	slices.Sort(m.who)
	return m, errors.Join(errs...)
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
	return slices.Sorted(maps.Keys(m.family))
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
