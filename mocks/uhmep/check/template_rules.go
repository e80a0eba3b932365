package check

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

const (
	snomed          = "http://snomed.info/sct"
	terminology     = "https://www.ehealth.fgov.be/standards/fhir/terminology/"
	systemTemplates = terminology + "CodeSystem/be-cs-prescription-type"
	systemNotes     = terminology + "CodeSystem/be-cs-note-types"
	core            = "https://www.ehealth.fgov.be/standards/fhir/core/StructureDefinition/"
)

// fields applies the business fields of a template.
type fields struct {
	c        *Checker
	t        *Template
	root     *profile.Node
	strict   bool
	findings []Issue
}

func (c *Checker) templateFields(t *Template, root *profile.Node, strict bool) []Issue {
	f := &fields{c: c, t: t, root: root, strict: strict}
	f.service()
	f.details()
	f.frequency()
	f.period()
	f.sessions()
	f.educators()
	f.reasons()
	return f.findings
}

// add reports a broken row: an error when the row is enforced or all rows are, else a warning.
func (f *fields) add(field string, enforced bool, at *profile.Node, text, got, want string) {
	issue := unprocessable(StageTemplateRule, "business-rule", TemplateRule, "template/"+f.t.Code+":"+field, at, text, got, want)
	if !enforced && !f.strict {
		issue.Severity = SeverityWarning
	}
	f.findings = append(f.findings, issue)
}

// service compares ServiceRequest.code with the code of the template.
func (f *fields) service() {
	code := f.root.Member("code")
	if f.t.Service == "" || code == nil || tree.HasCoding(code.Object(), snomed, f.t.Service) {
		return
	}
	f.add("code", false, code, "the code is not the one of the template", codingsText(code), snomed+"|"+f.t.Service)
}

func (f *fields) details() {
	if len(f.t.Details) == 0 && f.t.Kind != Nursing {
		return
	}
	items := f.root.Items("orderDetail")
	for _, d := range f.t.Details {
		found := false
		var got []string
		for _, item := range items {
			found = found || f.holds(item, d)
			if len(got) < 4 {
				got = append(got, codingsText(item))
			}
		}
		if !found {
			f.add("orderDetail["+d.Name+"]", true, f.root.Absent("orderDetail"), "the template needs this detail", strings.Join(got, ", "), d.want())
		}
	}
	for _, item := range items {
		for _, other := range f.t.others {
			if tree.HasCoding(item.Object(), other.System, other.Code) && item.Member("text") == nil {
				f.add("orderDetail.text", true, item.Absent("text"), "the choice 'other' needs words, encrypted", other.Code+" alone", "orderDetail.text")
			}
		}
	}
}

func (d Detail) want() string {
	switch {
	case d.Code != "":
		return snomed + "|" + d.Code
	case d.System != "":
		return "a code of " + d.System
	}
	return "a member of " + d.ValueSet
}

func (f *fields) holds(item *profile.Node, d Detail) bool {
	if d.Code != "" {
		return tree.HasCoding(item.Object(), snomed, d.Code)
	}
	for _, coding := range tree.Objects(item.Object(), "coding") {
		system, code := tree.System(coding), tree.Text(coding, "code")
		if d.System != "" {
			has, known := f.c.codes.CodeSystemHas(system, code)
			if system == d.System && (has || !known) {
				return true
			}
			continue
		}
		if member, known := f.c.codes.Member(terminology+"ValueSet/"+d.ValueSet, system, code); member || !known {
			return true
		}
	}
	return false
}

// repeat is a member of occurrenceTiming.repeat, or the place where it should be.
func (f *fields) repeat(name string) (n *profile.Node, place *profile.Node) {
	at := f.root
	for _, step := range []string{"occurrenceTiming", "repeat", name} {
		next := at.Member(step)
		if next == nil {
			next = at.Absent(step)
		}
		at = next
	}
	return f.root.Member("occurrenceTiming", "repeat", name), at
}

func (f *fields) skip(q *Quantity) bool {
	if q == nil {
		return true
	}
	count, _ := f.repeat("count")
	return q.Recurring && number(count) == 1 // a single session needs no rhythm
}

func (f *fields) frequency() {
	q := f.t.Frequency
	if f.skip(q) {
		return
	}
	for _, name := range []string{"frequency", "period", "periodUnit"} {
		if n, place := f.repeat(name); n == nil {
			f.add("frequency", q.Enforced, place, "the template needs a frequency", "none", "frequency, period and periodUnit")
			return
		}
	}
	n, _ := f.repeat("frequency")
	f.bounds("frequency", q, n)
	unit, _ := f.repeat("periodUnit")
	f.units("frequency", q, unit)
}

func (f *fields) period() {
	q := f.t.Period
	if f.skip(q) {
		return
	}
	n, place := f.repeat("boundsDuration")
	if n == nil {
		f.add("period", q.Enforced, place, "the template needs a treatment period", "none", "boundsDuration")
		return
	}
	if code := n.Member("code"); code != nil {
		f.units("period", q, code)
	}
}

func (f *fields) sessions() {
	q := f.t.Sessions
	if q == nil {
		return
	}
	n, place := f.repeat("count")
	if n == nil {
		f.add("sessions", q.Enforced, place, "the template needs the number of sessions", "none", "repeat.count")
		return
	}
	f.bounds("sessions", q, n)
}

func (f *fields) bounds(field string, q *Quantity, n *profile.Node) {
	v := number(n)
	if q.Min > 0 && v < float64(q.Min) || q.Max > 0 && v > float64(q.Max) {
		f.add(field, q.Enforced, n, "the number is outside the range of the template", strconv.FormatFloat(v, 'f', -1, 64), strconv.Itoa(q.Min)+" to "+strconv.Itoa(q.Max))
	}
}

func (f *fields) units(field string, q *Quantity, unit *profile.Node) {
	if q.Units != nil && !slices.Contains(q.Units, unit.Text()) {
		f.add(field+"-unit", q.Enforced, unit, "the template has no such unit of time", unit.Text(), strings.Join(q.Units, ", "))
	}
}

func (f *fields) educators() {
	q := f.t.Educators
	if q == nil {
		return
	}
	found := f.root.Extensions(referral + "be-ext-performer-type")
	n := 0
	for _, ext := range found {
		for _, coding := range tree.Objects(tree.Child(ext.Object(), "valueCodeableConcept"), "coding") {
			if member, known := f.c.codes.Member(terminology+"ValueSet/be-vs-educator-type", tree.System(coding), tree.Text(coding, "code")); member || !known {
				n++
			}
		}
	}
	if n < q.Min || q.Max > 0 && n > q.Max {
		f.add("educators", q.Enforced, f.root.Absent("extension"), "the template asks who educates", strconv.Itoa(n), "be-ext-performer-type with 106292003 or 224543004")
	}
}

// reasons holds the rules on words and times beside the coded plan.
func (f *fields) reasons() {
	if f.t.Diagnosis && !slices.ContainsFunc(f.root.Items("reasonCode"), func(n *profile.Node) bool { return n.Member("text") != nil }) {
		f.add("diagnosis", false, f.root.Absent("reasonCode"), "the template needs a diagnosis", "none", "reasonCode.text, encrypted")
	}
	if when, place := f.repeat("when"); f.t.TimeOfDay && when == nil {
		f.add("timeOfDay", false, place, "the template needs a time of day", "none", "repeat.when")
	}
	if f.t.MedicalReason && f.moreThanDaily() && !f.hasMedicalReason() {
		f.add("medicalReason", false, f.root.Absent("note"), "care more than once a day needs a medical reason", "none", "a note of type medical-reason, or a coded reasonCode")
	}
	if f.t.PatientConditions && !slices.ContainsFunc(f.root.Items("supportingInfo"), func(n *profile.Node) bool {
		return len(n.Extensions(referral+"be-ext-radiology-supporting-info-role")) > 0 &&
			n.Extensions(referral + "be-ext-radiology-supporting-info-role")[0].Member("valueCode").Text() == "patient-condition"
	}) {
		f.add("patientConditions", false, f.root.Absent("supportingInfo"), "the business text asks for a patient condition", "none", "supportingInfo with role patient-condition")
	}
}

func (f *fields) moreThanDaily() bool {
	frequency, _ := f.repeat("frequency")
	period, _ := f.repeat("period")
	unit, _ := f.repeat("periodUnit")
	per := number(period)
	if per == 0 {
		per = 1
	}
	return unit.Text() == "d" && number(frequency) > per
}

func (f *fields) hasMedicalReason() bool {
	for _, reason := range f.root.Items("reasonCode") {
		if reason.Member("coding") != nil {
			return true
		}
	}
	for _, note := range f.root.Items("note") {
		for _, url := range []string{core + "be-ext-codeableconcept", referral + "be-ext-codeable-concept"} {
			for _, ext := range note.Extensions(url) {
				if tree.HasCoding(tree.Child(ext.Object(), "valueCodeableConcept"), systemNotes, "medical-reason") {
					return true
				}
			}
		}
	}
	return false
}

// number is the value of a numeric element, 0 when absent.
func number(n *profile.Node) float64 {
	digits, ok := n.Value().(json.Number)
	if !ok {
		return 0
	}
	v, err := digits.Float64()
	if err != nil {
		return 0
	}
	return v
}

// codingsText lists the codings of a concept for a message.
func codingsText(n *profile.Node) string {
	var out []string
	for _, coding := range tree.Objects(n.Object(), "coding") {
		if len(out) < 4 {
			out = append(out, tree.Text(coding, "system")+"|"+tree.Text(coding, "code"))
		}
	}
	if out == nil {
		return "no coding"
	}
	return strings.Join(out, ", ")
}
