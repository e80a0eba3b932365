package uhmep

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// seedDocument is one line of fixtures/uhmep/seed*.yaml: a document and what
// happened to it. Days count from the day the world is dated, negative = past.
type seedDocument struct {
	Name     string   `yaml:"name"`
	Template string   `yaml:"template"`
	Patient  string   `yaml:"patient"`  // persona
	By       string   `yaml:"by"`       // persona, or persona@organisation
	Authored int      `yaml:"authored"` // day
	Start    int      `yaml:"start"`    // validity
	End      int      `yaml:"end"`
	Do       []string `yaml:"do"` // steps, see seedStep

	file  string // where it stands
	index int
}

type seedFile struct {
	Documents []seedDocument `yaml:"documents"`
}

// seedStep is "day who verb [what]", for example "-3 nurse-claes start" or
// "-9 pat-dubois assign nurse-claes". who is a persona or an organisation, or
// persona@organisation for a professional inside one.
type seedStep struct {
	day             int
	who, verb, what string
}

// seedVerbs are the steps that can be played.
func seedVerbs() []string {
	return []string{"assign", "assign-org", "start", "finish", "interrupt", "cancel-execution", "complete", "cancel",
		"approve", "reject", "accept", "substitute", "refuse", "unassign", "suspend"}
}

// Validate implements world.Validator.
func (f *seedFile) Validate() error {
	seen := map[string]bool{}
	for i, d := range f.Documents {
		at := "documents." + strconv.Itoa(i)
		switch {
		case d.Name == "" || seen[d.Name]:
			return &world.PathError{Path: at, Text: "name is missing or taken"}
		case d.Start > d.End:
			return &world.PathError{Path: at, Text: "start lies after end"}
		}
		seen[d.Name] = true
		last := d.Authored
		for _, text := range d.Do {
			step, err := parseStep(text)
			if err != nil {
				return &world.PathError{Path: at + ".do", Text: err.Error()}
			}
			if step.day < last || step.day > 0 {
				return &world.PathError{Path: at + ".do", Text: fmt.Sprintf("%q: days run from authored to 0 in order", text)}
			}
			last = step.day
		}
	}
	return nil
}

func parseStep(text string) (seedStep, error) {
	f := strings.Fields(text)
	if len(f) < 3 || len(f) > 4 {
		return seedStep{}, fmt.Errorf("%q: write day, who, verb and what", text)
	}
	day, err := strconv.Atoi(f[0])
	if err != nil {
		return seedStep{}, fmt.Errorf("%q: %q is no day", text, f[0])
	}
	step := seedStep{day: day, who: f[1], verb: f[2]}
	if len(f) == 4 {
		step.what = f[3]
	}
	for _, v := range seedVerbs() {
		if v == step.verb {
			return step, nil
		}
	}
	return step, fmt.Errorf("%q: the verb is one of %s", text, strings.Join(seedVerbs(), " "))
}
