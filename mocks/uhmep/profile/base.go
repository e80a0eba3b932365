package profile

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// everywhere applies the definitions of extensions and the invariants of base R4 that jsonformat does not check.
func (c *check) everywhere() {
	referenced := map[string]bool{}
	c.root.Walk(func(n *Node) {
		if ref, ok := strings.CutPrefix(tree.Text(n.Object(), "reference"), "#"); ok {
			referenced[ref] = true
			if !c.contains(ref) {
				c.base("ref-1", n.Member("reference"), "a local reference needs its contained resource", "#"+ref, "the id of a contained resource")
			}
		}
		switch n.name {
		case "extension":
			c.baseExtension(n)
			c.extension(n)
		case "modifierExtension":
			c.add(find(Types, "modifier-extension", n, "no modifier extension is known here", tree.Text(n.Object(), "url"), "none"))
		case "repeat":
			c.baseTiming(n)
		}
		c.baseDatatypes(n)
		c.baseReference(n)
	})
	c.baseContained(referenced)
}

func (c *check) base(rule string, at *Node, text, got, want string) {
	c.add(find(Invariants, rule, at, text, got, want))
}

func (c *check) contains(id string) bool {
	return id == "" || slices.ContainsFunc(tree.Objects(c.root.Object(), "contained"), func(o tree.Object) bool { return tree.Text(o, "id") == id })
}

func (c *check) baseExtension(n *Node) {
	o := n.Object()
	if o == nil {
		return
	}
	if tree.Text(o, "url") == "" {
		f := find(Cardinality, "Extension/url:cardinality", n.Absent("url"), "an extension needs its url", "", "1..1")
		f.Missing = true
		c.add(f)
	}
	if (len(n.Choices("value")) > 0) == (len(n.Items("extension")) > 0) {
		c.base("ext-1", n, "an extension has either a value or extensions", "", "one of both")
	}
}

// baseTiming holds tim-1 to tim-10 (there is no tim-3 in R4).
func (c *check) baseTiming(n *Node) {
	has := func(name string) bool { return n.Member(name) != nil }
	needs := func(rule, name, other string) {
		if has(name) && !has(other) {
			c.base(rule, n.Absent(other), name+" needs "+other, "", other)
		}
	}
	needs("tim-1", "duration", "durationUnit")
	needs("tim-2", "period", "periodUnit")
	notNegative := func(rule, name string) {
		got := plainText(n.Member(name).Value())
		if v, err := strconv.ParseFloat(got, 64); err == nil && v < 0 {
			c.base(rule, n.Member(name), name+" is not negative", got, "0 or more")
		}
	}
	notNegative("tim-4", "duration")
	notNegative("tim-5", "period")
	needs("tim-6", "periodMax", "period")
	needs("tim-7", "durationMax", "duration")
	needs("tim-8", "countMax", "count")
	if has("offset") {
		atMeal := slices.ContainsFunc(n.Items("when"), func(w *Node) bool { return slices.Contains([]string{"C", "CM", "CD", "CV"}, w.Text()) })
		if !has("when") || atMeal {
			c.base("tim-9", n.Member("offset"), "an offset needs a when other than C, CM, CD, CV", "", "when")
		}
	}
	if has("timeOfDay") && has("when") {
		c.base("tim-10", n.Absent("timeOfDay"), "timeOfDay and when exclude each other", "both", "one of both")
	}
}

func (c *check) baseDatatypes(n *Node) {
	o := n.Object()
	if o == nil {
		return
	}
	if start, end := tree.Text(o, "start"), tree.Text(o, "end"); strings.HasSuffix(n.name, "eriod") && start != "" && end != "" && later(start, end) {
		c.base("per-1", n, "a period does not end before it starts", start+" to "+end, "start not after end")
	}
	if len(o) == 1 && tree.Text(o, "id") != "" && n.up != nil {
		c.base("ele-1", n, "an element has a value or children", "only an id", "a value")
	}
	_, hasCode := o["code"].(string)
	if isQuantity(n.name) && hasCode && tree.Text(o, "system") == "" {
		c.base("qty-3", n.Absent("system"), "a coded unit needs its system", "code "+tree.Text(o, "code"), "system")
	}
	if strings.HasSuffix(n.name, "Duration") {
		c.baseDuration(n, hasCode)
	}
}

// baseReference compares what a reference says about its type twice, and refuses blanks in uris, which jsonformat lets pass.
func (c *check) baseReference(n *Node) {
	o := n.Object()
	if ref, kind := tree.Text(o, "reference"), tree.Text(o, "type"); ref != "" && kind != "" {
		if real := referenceType(c.root, &Node{value: tree.Object{"reference": ref}}); real != "" && real != kind {
			c.base("reference-type", n.Member("type"), "type and reference of a Reference agree", kind+" beside "+ref, real)
		}
	}
	if ref := tree.Text(o, "reference"); badID(ref) {
		c.base("reference-id", n.Member("reference"), "the id in a reference has letters, digits, - and . only, 64 at most", short(ref), "Type/id")
	}
	for _, name := range []string{"system", "url", "questionnaire", "valueUri", "valueUrl", "valueCanonical"} {
		if uri := tree.Text(o, name); strings.ContainsAny(uri, " \t\n\r") {
			c.base("uri-blanks", n.Member(name), "a uri has no blanks", strconv.Quote(short(uri)), "a uri without blanks")
		}
	}
}

// badID looks at the id of a relative reference. Roles and pseudonymised patients have ids of their own form, judged elsewhere.
func badID(ref string) bool {
	kind, id, ok := strings.Cut(ref, "/")
	if !ok || strings.Contains(kind, ":") || kind == "PractitionerRole" || kind == "Patient" {
		return false
	}
	id, _, _ = strings.Cut(id, "/_history/")
	for i := range len(id) {
		if c := id[i]; !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '.') {
			return true
		}
	}
	return id == "" || len(id) > 64
}

func (c *check) baseDuration(n *Node, hasCode bool) {
	o := n.Object()
	if _, hasValue := o["value"].(json.Number); hasValue && !hasCode {
		c.base("drt-1", n.Absent("code"), "a duration with a value has a code", "", "a UCUM unit of time")
	}
	if system := tree.Text(o, "system"); system != "" && system != "http://unitsofmeasure.org" {
		c.base("drt-1", n.Member("system"), "the unit of a duration is UCUM", system, "http://unitsofmeasure.org")
	}
	if code := tree.Text(o, "code"); hasCode && !slices.Contains([]string{"ms", "s", "min", "h", "d", "wk", "mo", "a"}, code) {
		c.base("drt-1", n.Member("code"), "the unit of a duration is a unit of time", code, "ms s min h d wk mo a")
	}
}

func isQuantity(name string) bool {
	for _, suffix := range []string{"Quantity", "Duration", "Age", "Distance"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return slices.Contains([]string{"low", "high", "numerator", "denominator"}, name)
}

// baseContained holds dom-2 to dom-5.
func (c *check) baseContained(referenced map[string]bool) {
	for _, n := range c.root.Items("contained") {
		o := n.Object()
		if _, ok := o["contained"]; ok {
			c.base("dom-2", n.Absent("contained"), "a contained resource contains no resource", "contained", "none")
		}
		if id := tree.Text(o, "id"); id == "" || !referenced[id] && !refersToContainer(n) {
			c.base("dom-3", n, "a contained resource is referred to from the resource that contains it", "id "+id, "a reference to it")
		}
		meta := tree.Child(o, "meta")
		for _, name := range []string{"versionId", "lastUpdated"} {
			if _, ok := meta[name]; ok {
				c.base("dom-4", n.Member("meta", name), "a contained resource has no version", name, "none")
			}
		}
		if _, ok := meta["security"]; ok {
			c.base("dom-5", n.Member("meta", "security"), "a contained resource has no security label", "security", "none")
		}
	}
}

func refersToContainer(n *Node) bool {
	found := false
	n.Walk(func(m *Node) { found = found || tree.Text(m.Object(), "reference") == "#" })
	return found
}

// instants reads two dateTimes with time zone.
func instants(a, b string) (x, y time.Time, ok bool) {
	x, errX := time.Parse(time.RFC3339, a)
	y, errY := time.Parse(time.RFC3339, b)
	return x, y, errX == nil && errY == nil
}
