package profile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// Check judges a resource by a profile, by the definitions of the extensions it uses and by the base invariants. Findings come
// in the order of the profile's rows; the same resource always gives the same list.
func (s *Set) Check(id string, doc tree.Object) []Finding {
	root := Root(doc)
	c := &check{set: s, root: root, perRule: map[string]int{}}
	if p := s.profiles[id]; p != nil {
		c.profile(p, root)
	}
	c.everywhere()
	return c.findings
}

type check struct {
	set      *Set
	root     *Node
	findings []Finding
	perRule  map[string]int
}

// maxPerRule bounds the findings of one rule: a body of many small mistakes must not cost more than a good one.
const maxPerRule = 60

func (c *check) add(f Finding) {
	if c.perRule[f.Rule]++; c.perRule[f.Rule] <= maxPerRule {
		f.Got = clip(f.Got)
		c.findings = append(c.findings, f)
	}
}

// clip keeps what a client sent from filling a message.
func clip(s string) string {
	const keep = 160
	if len(s) <= keep {
		return s
	}
	return strings.ToValidUTF8(s[:keep], "") + "…"
}

// profile applies the rows and invariants of a profile to the resource at node.
func (c *check) profile(p *Profile, node *Node) {
	for i := range p.elements {
		c.element(p, &p.elements[i], node)
	}
	for _, path := range sortedKeys(p.slicing) {
		c.closed(p, p.slicing[path], node)
	}
	for _, inv := range p.invariants {
		c.invariant(inv, node)
	}
}

func (c *check) invariant(inv Invariant, node *Node) {
	inv.Check(Scope{Resource: node, Root: c.root, Codes: c.set.codes}, func(at *Node, got, want string) {
		c.add(find(Invariants, inv.ID, at, inv.Text, got, want))
	})
}

func (c *check) element(p *Profile, e *Element, node *Node) {
	last := e.steps[len(e.steps)-1]
	for _, parent := range c.nodes(p, node, e.steps[:len(e.steps)-1]) {
		items := c.step(p, parent, e.steps, len(e.steps)-1)
		c.cardinality(e, parent, last, items)
		for _, item := range items {
			c.types(e, last, item)
			c.targets(e, item)
			c.fixed(e, item)
			c.allowed(e, item)
			c.binding(e, item)
			if e.Profile != "" {
				c.profile(c.set.profiles[e.Profile], item)
			}
		}
	}
}

// nodes follows steps from a node.
func (c *check) nodes(p *Profile, node *Node, steps []step) []*Node {
	found := []*Node{node}
	for i := range steps {
		var next []*Node
		for _, n := range found {
			next = append(next, c.step(p, n, steps, i)...)
		}
		found = next
	}
	return found
}

// step returns the elements of steps[i] below a node.
func (c *check) step(p *Profile, node *Node, steps []step, i int) []*Node {
	s := steps[i]
	if s.choice {
		return node.Choices(s.name)
	}
	items := node.Items(s.name)
	if s.slice == "" {
		return items
	}
	slicing := p.slicing[arrayPath(steps[:i+1])]
	var out []*Node
	for _, item := range items {
		if slicing.matches(item, s.slice) {
			item.slice = s.slice
			out = append(out, item)
		}
	}
	return out
}

// matches reports whether an item belongs to a slice.
func (s Slicing) matches(item *Node, slice string) bool {
	want, ok := s.Slices[slice]
	if !ok {
		return false
	}
	o := item.Object()
	switch s.By {
	case "coding.system":
		for _, coding := range tree.Objects(o, "coding") {
			if tree.System(coding) == want {
				return true
			}
		}
		return false
	case "extension-code":
		for _, ext := range item.Extensions(s.URL) {
			if tree.Text(ext.Object(), "valueCode") == want {
				return true
			}
		}
		return false
	}
	return tree.Text(o, s.By) == want // url, system, resourceType
}

// closed reports items that are in no slice of a closed list.
func (c *check) closed(p *Profile, s Slicing, node *Node) {
	if !s.Closed {
		return
	}
	steps, err := parsePath(s.Path)
	if err != nil {
		return // checked when loading
	}
	for _, item := range c.nodes(p, node, steps) {
		inSlice := false
		for _, name := range sortedKeys(s.Slices) {
			inSlice = inSlice || s.matches(item, name)
		}
		if !inSlice {
			c.add(find(Slices, p.ID+"/"+s.Path+":closed", item, "this item is in no slice of a closed list", tree.Text(item.Object(), s.By), strings.Join(sortedKeys(s.Slices), " or ")))
		}
	}
}

func (c *check) cardinality(e *Element, parent *Node, last step, items []*Node) {
	name := last.name
	if len(items) < e.min {
		at := parent.absent(name, last.slice)
		text := "the element is required"
		if len(items) > 0 {
			text = "too few"
		}
		f := find(Cardinality, e.rule(Cardinality), at, text, strconv.Itoa(len(items)), e.Card)
		f.Missing = true
		c.add(f)
	}
	if e.max < 0 || len(items) <= e.max {
		return
	}
	if e.max == 0 {
		for i, item := range items {
			if i > 0 && last.slice == "" && !last.choice {
				break // one finding for a whole array
			}
			at := item
			if last.slice == "" && item.index >= 0 {
				at = parent.absent(name, "")
			}
			c.add(find(Cardinality, e.rule(Cardinality), at, "the element is not allowed here", "present", e.Card))
		}
		return
	}
	for _, item := range items[e.max:] {
		c.add(find(Cardinality, e.rule(Cardinality), item, "too many", strconv.Itoa(len(items)), e.Card))
	}
}

// types checks which type of a choice element is used.
func (c *check) types(e *Element, last step, item *Node) {
	if e.Types == nil || !last.choice {
		return
	}
	got := strings.TrimPrefix(item.name, last.name)
	for _, allowed := range e.Types {
		if strings.EqualFold(got, allowed) {
			return
		}
	}
	c.add(find(Types, e.rule(Types), item, "this type of "+last.name+"[x] is not allowed", got, strings.Join(e.Types, " or ")))
}

// fixed compares a value; systems are compared without |version, canonicals too.
func (c *check) fixed(e *Element, item *Node) {
	if e.Fixed == "" {
		return
	}
	got := plainText(item.Value())
	if bare, _, _ := strings.Cut(got, "|"); bare == e.Fixed || got == e.Fixed || sameNumber(got, e.Fixed) {
		return
	}
	f := find(Fixed, e.rule(Fixed), item, "the value is fixed", got, e.Fixed)
	for _, other := range e.Accept {
		if bare, _, _ := strings.Cut(got, "|"); bare == other {
			f.Severity, f.Text = Information, "an older value is accepted here"
		}
	}
	c.add(f)
}

// allowed compares a primitive with a short list of values.
func (c *check) allowed(e *Element, item *Node) {
	if e.Codes == nil || slices.Contains(e.Codes, plainText(item.Value())) {
		return
	}
	c.add(find(Fixed, e.rule(Fixed), item, "the value is not one of those allowed", plainText(item.Value()), strings.Join(e.Codes, ", ")))
}
