package check

import (
	"fmt"
	"io/fs"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/basecheck"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// Codes answers membership questions from the terminology of the sandbox.
type Codes interface {
	// Member says whether a value set holds a code; known is false when the value set is not known here.
	Member(valueSet, system, code string) (member, known bool)
	// CodeSystemHas says whether a code system has a code; known is false when the system is not known here.
	CodeSystemHas(system, code string) (has, known bool)
}

// Config is what a Checker is made of. Fixtures is the root of the fixtures tree (uhmep/profiles/*.yaml, uhmep/templates.yaml).
type Config struct {
	Fixtures fs.FS
	Codes    Codes
}

// Checker judges documents. It does not change after New and is safe for use by several goroutines.
type Checker struct {
	codes     Codes
	base      *basecheck.Checker
	profiles  *profile.Set
	templates map[string]*Template
	order     []string // template codes in file order
}

// New loads profiles and templates and warms the base checker up.
func New(cfg Config) (*Checker, error) {
	c := &Checker{codes: cfg.Codes}
	var err error
	if c.base, err = basecheck.New(); err != nil {
		return nil, err
	}
	if c.profiles, err = profile.Load(cfg.Fixtures, cfg.Codes); err != nil {
		return nil, err
	}
	for _, kind := range []Kind{Nursing, Annex81, Imaging, ReferralTask, PerformerTask, OrganizationTask} {
		if c.profiles.Profile(kind.profileID()) == nil {
			return nil, fmt.Errorf("%s: the profile %s is missing", profile.Dir, kind.profileID())
		}
	}
	if err := c.loadTemplates(cfg.Fixtures); err != nil {
		return nil, err
	}
	return c, nil
}

// Profiles gives the profiles and extension definitions, for documentation.
func (c *Checker) Profiles() *profile.Set { return c.profiles }

// profileID is the file name of the kind's profile.
func (k Kind) profileID() string {
	switch k {
	case Nursing:
		return "ereferral-servicerequest-nursing"
	case Annex81:
		return "ereferral-annex-81"
	case Imaging:
		return "ereferral-servicerequest-diagnosticimaging"
	default: // Tasks
		return "be-" + string(k)
	}
}

// read does what all documents need first: strict JSON, the expected resource type, base R4.
func (c *Checker) read(raw []byte, want string) (tree.Object, []Issue) {
	doc, problems := tree.Parse(raw, tree.Limits{})
	var issues []Issue
	for _, p := range problems {
		issues = append(issues, malformed(p.Path, p.Path, p.Rule, p.Text, fmt.Sprintf("line %d, column %d", p.Line, p.Column), "FHIR JSON"))
	}
	if doc == nil || tree.Text(doc, "resourceType") == "" {
		return nil, issues
	}
	if got := tree.Text(doc, "resourceType"); got != want {
		return nil, append(issues, malformed(got, got, "resource-type", "another resource type is expected", got, want))
	}
	checked := doc
	if _, ok := doc["id"]; ok { // ignored, so its form does not matter
		checked = make(tree.Object, len(doc))
		for name, v := range doc {
			if name != "id" && name != "_id" {
				checked[name] = v
			}
		}
	}
	for _, p := range c.base.Check(checked) {
		issues = append(issues, fromBase(p))
	}
	return doc, issues
}

// judge applies a profile; an empty id applies only what holds for every resource.
func (c *Checker) judge(id string, doc tree.Object, base []Issue) []Issue {
	missing := map[string]bool{}
	for _, issue := range base {
		if issue.Rule == string(basecheck.Required) {
			missing[issue.Expression] = true
		}
	}
	var issues []Issue
	for _, f := range c.profiles.Check(id, doc) {
		if f.Missing && missing[f.Path] {
			continue // said already by the base check
		}
		issues = append(issues, fromProfile(f))
	}
	return issues
}
