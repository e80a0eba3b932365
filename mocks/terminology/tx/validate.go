package tx

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// validation is one $validate-code under way.
type validation struct {
	*request
	ev        evaluation
	vs        *ValueSet // nil for CodeSystem/$validate-code
	whole     System    // the code system of a CodeSystem/$validate-code on instance level
	active    bool      // activeOnly
	noAbs     bool      // abstract=false
	lenient   bool      // a wrong display is a warning
	onlyMem   bool      // valueset-membership-only
	mode      string    // code, coding, codeableConcept
	issues    []Issue
	unknown   []string // systems that could not be checked
	causedBy  []string // …and so membership could not be decided
	undecided bool     // the value set itself is at fault
}

// verdict is what is known about one coding.
type verdict struct {
	ok         bool
	member     bool // in the value set, whatever else is wrong
	coding     Coding
	sys        System
	i          int
	found      bool // the code exists
	display    string
	normalized string
	inactive   bool
	status     string
	several    bool   // the value set names several versions of its code system
	pin        string // the version whose members count
}

// ValidateCode answers ValueSet/$validate-code.
func (e *Engine) ValidateCode(c Call) (Object, *Problem) {
	q, p := e.begin(c)
	if p != nil {
		return nil, p
	}
	v := &validation{request: q}
	if v.vs, p = q.target(c); p != nil {
		return nil, p
	}
	q.languagesOf(v.vs)
	q.useSupp = append(q.useSupp, v.vs.Supplements...)
	return v.run()
}

// ValidateInSystem answers CodeSystem/$validate-code.
func (e *Engine) ValidateInSystem(c Call) (Object, *Problem) {
	q, p := e.begin(c)
	if p != nil {
		return nil, p
	}
	return (&validation{request: q, whole: c.System}).run()
}

func (v *validation) run() (Object, *Problem) {
	if p := v.checkSupplements(); p != nil {
		return nil, p
	}
	for _, f := range []struct {
		name string
		into *bool
	}{{"activeOnly", &v.active}, {"lenient-display-validation", &v.lenient}, {"valueset-membership-only", &v.onlyMem}} {
		b, _, p := v.p.Bool(f.name)
		if p != nil {
			return nil, p
		}
		*f.into = b
	}
	if b, present, p := v.p.Bool("abstract"); p != nil {
		return nil, p
	} else if present {
		v.noAbs = !b
	}
	codings, whole, p := v.subject()
	if p != nil {
		return nil, p
	}
	if v.vs != nil {
		if p := v.checkSet(); p != nil {
			return nil, p
		}
	}
	return v.answer(codings, whole)
}

// subject reads what is to be validated: exactly one of code, coding, codeableConcept.
func (v *validation) subject() ([]Coding, Object, *Problem) {
	var given []string
	for _, n := range []string{"code", "coding", "codeableConcept"} {
		if v.p.Has(n) {
			given = append(given, n)
		}
	}
	if len(given) > 1 {
		return nil, nil, problem(http.StatusBadRequest, "invalid", "invalid-data", "only one of code, coding and codeableConcept can be validated at a time, not "+strings.Join(given, " and "))
	}
	if o := v.p.Object("codeableConcept"); o != nil {
		v.mode = "codeableConcept"
		var list []Coding
		for _, x := range objects(o, "coding") {
			list = append(list, readCoding(x))
		}
		if len(list) == 0 && v.vs == nil {
			return nil, nil, nothingToValidate()
		}
		return list, o, nil
	}
	if v.p.Has("codeableConcept") {
		return nil, nil, problem(http.StatusBadRequest, "invalid", "", "a codeableConcept needs POST with a Parameters body")
	}
	if o := v.p.Object("coding"); o != nil {
		v.mode = "coding"
		return []Coding{readCoding(o)}, nil, nil
	}
	if v.p.Has("coding") {
		return nil, nil, problem(http.StatusBadRequest, "invalid", "", "parameter coding is no Coding; in a query write system|code")
	}
	v.mode = "code"
	c := Coding{System: v.p.String("system"), Version: v.p.String("systemVersion", "version"), Code: v.p.String("code"), Display: v.p.String("display")}
	if v.vs == nil {
		c.System = v.p.String("url", "system")
		if raw := v.p.Object("codeSystem"); raw != nil && c.System == "" {
			c.System, c.Version = str(raw, "url"), str(raw, "version")
		}
		if v.whole != nil && c.System == "" {
			c.System, c.Version = v.whole.Info().URL, v.whole.Info().Version
		}
	}
	c = c.split()
	if c.Code == "" {
		return nil, nil, nothingToValidate()
	}
	if c.System == "" {
		infer, _, p := v.p.Bool("inferSystem")
		if p != nil {
			return nil, nil, p
		}
		if v.vs == nil || !infer {
			return nil, nil, nothingToValidate()
		}
	}
	return []Coding{c}, nil, nil
}

func nothingToValidate() *Problem {
	return problem(http.StatusBadRequest, "invalid", "invalid-data", "Unable to find code to validate (looked for coding | codeableConcept | code+system | code+inferSystem in parameters")
}

// path names an element of the coding n in the way of the issue's expression.
func (v *validation) path(n int, element string) string {
	switch v.mode {
	case "code":
		if element == "" {
			return "code"
		}
		return element
	case "coding":
		return join("Coding", element)
	}
	return join(fmt.Sprintf("CodeableConcept.coding[%d]", n), element)
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + "." + b
}

func (v *validation) issue(i Issue) {
	if !slices.Contains(v.issues, i) {
		v.issues = append(v.issues, i)
	}
}

// checkSet finds out whether the value set can be evaluated at all; circles are problems.
func (v *validation) checkSet() *Problem {
	probe := *v.request
	probe.stack, probe.wrapped = nil, map[string]System{}
	return probe.circular(v.vs)
}

// circular walks the value sets a value set includes.
func (q *request) circular(v *ValueSet) *Problem {
	if p := q.enter(v); p != nil {
		return located(p, v)
	}
	defer q.leave()
	for _, list := range [][]Include{v.Include, v.Exclude} {
		for _, in := range list {
			for _, u := range in.ValueSets {
				if other, p := q.valueSet(u, ""); p == nil {
					if p := q.circular(other); p != nil {
						return p
					}
				}
			}
		}
	}
	return nil
}

// located names the value set in the places where its definition is at fault: it may be one that another includes.
func located(p *Problem, v *ValueSet) *Problem {
	if p != v.Fault {
		return p
	}
	c := *p
	c.Issues = slices.Clone(p.Issues)
	for i := range c.Issues {
		if rest, ok := strings.CutPrefix(c.Issues[i].Expression, "ValueSet."); ok {
			c.Issues[i].Expression = fmt.Sprintf("ValueSet['%s'].%s", v.Canonical(), rest)
		}
	}
	return &c
}

// answer judges every coding and writes the result.
func (v *validation) answer(codings []Coding, whole Object) (Object, *Problem) {
	var verdicts []verdict
	for n, c := range codings {
		d, p := v.judge(n, c)
		if p != nil {
			return nil, p
		}
		verdicts = append(verdicts, d)
	}
	good, member := -1, -1
	for n := range verdicts {
		if verdicts[n].ok && good < 0 {
			good = n
		}
		if (verdicts[n].ok || verdicts[n].member) && member < 0 {
			member = n
		}
	}
	if v.mode == "codeableConcept" && member < 0 && v.vs != nil && len(v.causedBy) == 0 && !v.undecided {
		v.issues = append([]Issue{{Severity: "error", Code: "code-invalid", Type: "not-in-vs", ID: "TX_GENERAL_CC_ERROR_MESSAGE",
			Text: fmt.Sprintf("No valid coding was found for the value set '%s'", v.vs.Named())}}, v.issues...)
	}
	if v.mode == "codeableConcept" && good >= 0 && v.vs != nil && len(v.causedBy) == 0 {
		v.excuse()
	}
	result := good >= 0
	for _, i := range v.issues {
		result = result && i.Severity != "error"
	}
	show := max(good, member, 0)
	if good < 0 && member >= 0 {
		show = member
	}
	var d verdict
	if show < len(verdicts) {
		d = verdicts[show]
	}
	v.statusIssues()
	var o out
	o.add("result", "Boolean", result)
	if v.mode != "codeableConcept" || member >= 0 {
		v.writeVerdict(&o, d)
	}
	if whole != nil {
		o.add("codeableConcept", "CodeableConcept", whole)
	}
	for _, u := range v.causedBy {
		o.add("x-caused-by-unknown-system", "Canonical", u)
	}
	for _, u := range v.unknown {
		if !slices.Contains(v.causedBy, u) {
			o.add("x-unknown-system", "Canonical", u)
		}
	}
	if m := v.message(); m != "" {
		o.add("message", "String", m)
	}
	if len(v.issues) > 0 {
		o.resource("issues", Outcome(v.issues))
	}
	return o.parameters(), nil
}

// excuse turns errors about codings of unknown systems into warnings: another coding of the concept is a member.
func (v *validation) excuse() {
	for n := range v.issues {
		i := &v.issues[n]
		if i.ID != "UNKNOWN_CODESYSTEM" {
			continue
		}
		v.unknown = slices.DeleteFunc(v.unknown, func(u string) bool { return strings.Contains(i.Text, "'"+u+"'") })
		i.Severity, i.ID = "warning", "UNKNOWN_CODESYSTEM_CODING_NOT_CHECKED"
		i.Text = strings.Replace(i.Text, "so the code cannot be validated", "so this coding was not checked", 1)
	}
}

// message joins the texts of errors and warnings. That a version was chosen for want of one is told by the issues alone.
func (v *validation) message() string {
	var list []Issue
	for _, i := range v.issues {
		switch {
		case i.Telling == byIssue:
		case i.Telling == always:
			i.Severity = "warning"
			list = append(list, i)
		case i.Severity == "error", i.Severity == "warning":
			list = append(list, i)
		}
	}
	return message(list)
}

func (v *validation) writeVerdict(o *out, d verdict) {
	if d.coding.Code != "" {
		o.add("code", "Code", d.coding.Code)
	}
	if d.normalized != "" {
		o.add("normalized-code", "Code", d.normalized)
	}
	if d.coding.System != "" {
		o.add("system", "Uri", d.coding.System)
	}
	if d.sys != nil && d.sys.Info().Version != "" && (d.found || d.ok || evaluated(d.sys)) {
		o.add("version", "String", d.sys.Info().Version)
	}
	if d.found && d.display != "" {
		o.add("display", "String", d.display)
	}
	if d.found && d.inactive {
		o.add("inactive", "Boolean", true)
	}
	if d.found && d.status != "" && (d.inactive || tellsStatus(d.status, false)) {
		o.add("status", "Code", d.status)
	}
}

// statusIssues tells which of the artefacts in use are not in normal use.
func (v *validation) statusIssues() {
	add := func(kind, status, standards string, experimental, owner bool, c string) {
		w := warning(status, standards, experimental, owner)
		if w == "" {
			return
		}
		v.issue(Issue{Severity: "information", Code: "business-rule", Type: "status-check", Text: fmt.Sprintf("Reference to %s %s %s", w, kind, c), ID: "MSG_" + strings.ToUpper(w)})
	}
	own := v.vs != nil && v.vs.Experimental
	for _, i := range v.ev.systems {
		add("CodeSystem", i.Status, i.Standards, i.Experimental, own, i.Canonical())
	}
	for _, s := range v.ev.sets {
		add("ValueSet", s.Status, s.Standards, s.Experimental, own, s.Canonical())
	}
	if v.vs != nil && v.vs.Status != "draft" { // whoever validates against a draft knows it
		add("ValueSet", v.vs.Status, v.vs.Standards, v.vs.Experimental, true, v.vs.Named())
	}
}
