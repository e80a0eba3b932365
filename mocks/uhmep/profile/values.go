package profile

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

func plainText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// sameNumber lets 1 and 1.0 be equal.
func sameNumber(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && x == y
}

// binding checks a code, Coding or CodeableConcept. Only a required binding refuses; the others give an information issue.
func (c *check) binding(e *Element, item *Node) {
	if e.Bind == nil {
		return
	}
	var got []string
	for _, coding := range codingsOf(item, e.Bind.System) {
		system, code := tree.System(coding), tree.Text(coding, "code")
		member, known := c.set.codes.Member(e.Bind.ValueSet, system, code)
		if member || !known {
			return
		}
		for _, other := range e.Bind.Or {
			if system == other && code != "" {
				return
			}
		}
		if len(got) < 4 {
			got = append(got, system+"|"+code)
		}
	}
	if e.Bind.Strength != "required" {
		if len(got) > 0 {
			f := find(Binding, e.rule(Binding), item, "the code is outside the "+e.Bind.Strength+" value set", strings.Join(got, ", "), e.Bind.ValueSet)
			f.Severity = Information
			c.add(f)
		}
		return
	}
	if len(got) == 0 {
		got = []string{"no coding"}
	}
	c.add(find(Binding, e.rule(Binding), item, "a code of the required value set is needed", strings.Join(got, ", "), e.Bind.ValueSet))
}

// codingsOf returns the codings of an element: those of a concept, the Coding itself, or the code with the given system.
func codingsOf(item *Node, system string) []tree.Object {
	if code := item.Text(); code != "" {
		return []tree.Object{{"system": system, "code": code}}
	}
	o := item.Object()
	if _, ok := o["coding"]; ok {
		return tree.Objects(o, "coding")
	}
	if _, ok := o["code"]; ok {
		return []tree.Object{o}
	}
	return nil
}

// targets checks the type of a reference: of a literal one by its text, of a local one by the contained resource.
func (c *check) targets(e *Element, item *Node) {
	if e.Targets == nil {
		return
	}
	kind := referenceType(c.root, item)
	if kind == "" {
		return
	}
	for _, allowed := range e.Targets {
		if kind == allowed {
			return
		}
	}
	at := item
	if ref := item.Member("reference"); ref != nil {
		at = ref
	}
	c.add(find(Types, e.rule(Types), at, "the reference points to the wrong type", kind, strings.Join(e.Targets, " or ")))
}

// referenceType is the resource type a reference points to, "" when it does not say.
func referenceType(root, item *Node) string {
	o := item.Object()
	ref := tree.Text(o, "reference")
	if id, ok := strings.CutPrefix(ref, "#"); ok {
		for _, contained := range tree.Objects(root.Object(), "contained") {
			if tree.Text(contained, "id") == id {
				return tree.Text(contained, "resourceType")
			}
		}
		return ""
	}
	if strings.HasPrefix(ref, "urn:") || ref == "" {
		return tree.Text(o, "type")
	}
	ref, _, _ = strings.Cut(ref, "/_history/")
	if strings.HasPrefix(ref, "Patient/urn:") { // a pseudonym in place of an id
		return "Patient"
	}
	if i := strings.LastIndexByte(ref, '/'); i > 0 {
		kind := ref[:i]
		return kind[strings.LastIndexByte(kind, '/')+1:]
	}
	return tree.Text(o, "type")
}
