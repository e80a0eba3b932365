// Package settings is the one table of everything that can be configured:
// flag, environment name, default, allowed values and help stand together, and
// the documentation page is generated from it.
//
// The flag of a setting is its name (-iam-assertion-mode), its environment
// variable the same in capitals behind SANDBOX_ (SANDBOX_IAM_ASSERTION_MODE).
// A tenant may override every setting marked PerTenant through the control
// API; Values shows one tenant what holds for it.
package settings

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Kind says how a value is written.
type Kind string

// Kinds of settings.
const (
	Text     Kind = "text"
	Bool     Kind = "bool"     // true or false
	Int      Kind = "int"      // decimal
	Duration Kind = "duration" // Go form: 90s, 5m, 48h
	List     Kind = "list"     // comma separated
)

// Setting is one row of the table.
type Setting struct {
	Name      string   // flag name, lower case with hyphens
	Short     string   // a second, shorter flag name; may be empty
	Kind      Kind     // Text when empty
	Default   string   // as it would be typed
	Values    []string // allowed values, any when empty
	Help      string   // one line
	PerTenant bool     // may be changed at run time for one tenant
}

// Env is the environment variable of the setting.
func (s Setting) Env() string {
	return "SANDBOX_" + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))
}

// check tells whether value may be given to the setting.
func (s Setting) check(value string) error {
	var err error
	switch s.Kind {
	case Bool:
		_, err = strconv.ParseBool(value)
	case Int:
		_, err = strconv.Atoi(value)
	case Duration:
		_, err = time.ParseDuration(value)
	case Text, List, "":
	}
	if err != nil {
		return fmt.Errorf("-%s (%s): %q is not a %s", s.Name, s.Env(), value, s.Kind)
	}
	if len(s.Values) > 0 && !slices.Contains(s.Values, value) {
		return fmt.Errorf("-%s (%s): %q is not one of %s", s.Name, s.Env(), value, strings.Join(s.Values, ", "))
	}
	return nil
}

// Table returns all settings, sorted by name within their group.
func Table() []Setting {
	var all []Setting
	for _, g := range Groups() {
		all = append(all, g.Settings...)
	}
	return all
}

// Group is the part of the table that belongs to one service.
type Group struct {
	Title    string
	Settings []Setting
}

// Groups returns the table as it is documented.
func Groups() []Group {
	return []Group{
		{"Process", processTable()},
		{"I.AM Connect", iamTable()},
		{"Pseudonymisation", pseudoTable()},
		{"UHMEP", uhmepTable()},
		{"Care relations", careTable()},
		{"Terminology", terminologyTable()},
		{"Prescription Search Support", pssTable()},
	}
}

// Values holds what is in force: defaults, the process's own values, and one
// tenant's overrides. It is safe for concurrent use.
type Values struct {
	mu     sync.RWMutex
	table  map[string]Setting
	parent *Values
	set    map[string]string
}

// New returns the process's values: the defaults with set laid over them.
func New(set map[string]string) (*Values, error) {
	v := &Values{table: map[string]Setting{}, set: map[string]string{}}
	for _, s := range Table() {
		v.table[s.Name] = s
	}
	for name, value := range set {
		s, ok := v.table[name]
		if !ok {
			return nil, fmt.Errorf("no setting is called %q; see -help", name)
		}
		if err := s.check(value); err != nil {
			return nil, err
		}
		v.set[name] = value
	}
	return v, nil
}

// FromEnv collects the settings present in the environment.
func FromEnv(getenv func(string) string) map[string]string {
	out := map[string]string{}
	for _, s := range Table() {
		if value := getenv(s.Env()); value != "" {
			out[s.Name] = value
		}
	}
	return out
}

// ForTenant returns values that fall back to v and can be overridden.
func (v *Values) ForTenant() *Values {
	return &Values{table: v.table, parent: v, set: map[string]string{}}
}

// Override replaces all overrides of one tenant; nothing changes on error.
func (v *Values) Override(set map[string]string) error {
	for _, name := range sortedKeys(set) {
		s, ok := v.table[name]
		if !ok {
			return fmt.Errorf("no setting is called %q", name)
		}
		if !s.PerTenant {
			return fmt.Errorf("%q can only be set when the sandbox starts: -%s or %s", name, s.Name, s.Env())
		}
		if err := s.check(set[name]); err != nil {
			return err
		}
	}
	next := map[string]string{}
	for k, val := range set {
		next[k] = val
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.set = next
	return nil
}

// Overrides returns a copy of what was set here.
func (v *Values) Overrides() map[string]string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	out := map[string]string{}
	for k, val := range v.set {
		out[k] = val
	}
	return out
}

// All returns every setting with the value in force.
func (v *Values) All() map[string]string {
	out := map[string]string{}
	for name := range v.table {
		out[name] = v.String(name)
	}
	return out
}

// String returns the value in force; an unknown name is a programming error.
func (v *Values) String(name string) string {
	s, ok := v.table[name]
	if !ok {
		panic("settings: no setting is called " + name)
	}
	for at := v; at != nil; at = at.parent {
		at.mu.RLock()
		value, ok := at.set[name]
		at.mu.RUnlock()
		if ok {
			return value
		}
	}
	return s.Default
}

// Bool, Int, Duration and List read the value in their form; the table was
// checked when values were set.
func (v *Values) Bool(name string) bool {
	b, _ := strconv.ParseBool(v.String(name))
	return b
}

// Int reads a decimal number.
func (v *Values) Int(name string) int {
	n, _ := strconv.Atoi(v.String(name))
	return n
}

// Duration reads a Go duration.
func (v *Values) Duration(name string) time.Duration {
	d, _ := time.ParseDuration(v.String(name))
	return d
}

// List reads a comma separated list without blanks and empty members.
func (v *Values) List(name string) []string {
	var out []string
	for part := range strings.SplitSeq(v.String(name), ",") {
		if p := strings.TrimSpace(part); p != "" {
			out = append(out, p)
		}
	}
	return out
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
