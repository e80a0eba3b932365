package check

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"go.yaml.in/yaml/v3"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// templatesFile holds the templates inside the fixtures.
const templatesFile = "uhmep/templates.yaml"

// Template is a prescription type with the fields its documents need, as written in templates.yaml.
type Template struct {
	Code              string    `yaml:"code"`
	Kind              Kind      `yaml:"kind"`
	Service           string    `yaml:"service"` // SNOMED code of ServiceRequest.code, "" when a value set decides
	Maximum           Maximum   `yaml:"maximum"`
	StartByNewYear    bool      `yaml:"startByNewYear"`
	Details           []Detail  `yaml:"details"`
	Frequency         *Quantity `yaml:"frequency"`
	Period            *Quantity `yaml:"period"`
	Sessions          *Quantity `yaml:"sessions"`
	Educators         *Quantity `yaml:"educators"`
	TimeOfDay         bool      `yaml:"timeOfDay"`
	Diagnosis         bool      `yaml:"diagnosis"`
	MedicalReason     bool      `yaml:"medicalReason"`
	Feedback          bool      `yaml:"feedback"`
	PatientConditions bool      `yaml:"patientConditions"`

	others []Other
}

// Maximum says how the last possible validity.end follows from the start.
type Maximum struct {
	Years     int    `yaml:"years"`
	Days      int    `yaml:"days"`
	EndOfYear bool   `yaml:"endOfYear"`
	Source    string `yaml:"source"`
}

// End is the last day validity.end may have for a validity that starts on the given day.
func (m Maximum) End(start workflow.Day) workflow.Day {
	if m.EndOfYear {
		if len(start) < 4 {
			return start
		}
		return start[:4] + "-12-31"
	}
	return workflow.Span{Value: m.Years, Unit: "a"}.After(start).Add(m.Days)
}

// Detail is something orderDetail must hold: a SNOMED code, or a member of a value set or of a code system.
type Detail struct {
	Name     string `yaml:"name"`
	Code     string `yaml:"code"`
	ValueSet string `yaml:"valueSet"` // the last part of its canonical
	System   string `yaml:"system"`   // every code of the system
}

// Quantity bounds a numeric field. Zero Min and Max mean no bound.
type Quantity struct {
	Units     []string `yaml:"units"`
	Min       int      `yaml:"min"`
	Max       int      `yaml:"max"`
	Enforced  bool     `yaml:"enforced"`
	Recurring bool     `yaml:"recurring"`
}

// Other is a choice "other" that needs words beside it.
type Other struct {
	System string `yaml:"system"`
	Code   string `yaml:"code"`
}

func (c *Checker) loadTemplates(fsys fs.FS) error {
	data, err := fs.ReadFile(fsys, templatesFile)
	if err != nil {
		return fmt.Errorf("load templates: %w", err)
	}
	var file struct {
		Others    []Other     `yaml:"others"`
		Templates []*Template `yaml:"templates"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil {
		return world.Readable(templatesFile, err)
	}
	c.templates = map[string]*Template{}
	for _, t := range file.Templates {
		if err := c.checkTemplate(t); err != nil {
			return fmt.Errorf("%s: template %q: %w", templatesFile, t.Code, err)
		}
		t.others = file.Others
		c.templates[t.Code] = t
		c.order = append(c.order, t.Code)
	}
	return nil
}

func (c *Checker) checkTemplate(t *Template) error {
	switch {
	case t.Code == "":
		return errors.New("code is missing")
	case c.templates[t.Code] != nil:
		return errors.New("the code stands twice")
	case t.Kind != Nursing && t.Kind != Annex81 && t.Kind != Imaging:
		return fmt.Errorf("kind %q is not nursing, annex-81 or imaging", t.Kind)
	case t.Maximum.Years == 0 && !t.Maximum.EndOfYear:
		return errors.New("maximum is missing")
	}
	if has, known := c.codes.CodeSystemHas(systemTemplates, t.Code); known && !has {
		return errors.New("the code is not in be-cs-prescription-type")
	}
	return nil
}

// Template returns a template by its code, nil when unknown.
func (c *Checker) Template(code string) *Template { return c.templates[code] }

// Templates lists the template codes in the order of the file.
func (c *Checker) Templates() []string { return append([]string(nil), c.order...) }
