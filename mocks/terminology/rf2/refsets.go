package rf2

import (
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// readModules reads which module depends on which; the rows are members of a reference set as well.
func (im *importer) readModules() error {
	shape := im.b.Shape(snomed.Shape{Kind: snomed.KindSimple, Unlisted: true,
		Fields: []snomed.Field{{Name: "sourceEffectiveTime", Type: snomed.FieldText}, {Name: "targetEffectiveTime", Type: snomed.FieldText}}})
	m := members{im: im}
	return im.rows(im.of("ssRefset", "ModuleDependency"), headerModuleDepends, false, func(r *row) error {
		module, on := r.id(3, "moduleId"), r.id(5, "referencedComponentId")
		if r.active() {
			im.isModule[module], im.isModule[on] = true, true
			if im.depends[module] == nil {
				im.depends[module] = map[uint64]bool{}
			}
			im.depends[module][on] = true
		}
		return m.add(r, shape, 0)
	})
}

// members hands the rows of reference set files to the builder.
type members struct {
	im     *importer
	joined []byte
}

// add keeps a member that refers to a concept; target is the column of a concept, or 0 to keep all columns as they are written.
func (m *members) add(r *row, shape, target int) error {
	if r.active() {
		m.im.checkMember(r)
	} else if !isUUID(r.fields[0]) {
		m.im.counted["inactive reference set members whose identifier is no UUID are left out"]++
		return nil
	}
	c := r.id(5, "referencedComponentId")
	if r.bad == nil && snomed.Kind(c) != snomed.KindConcept {
		return nil
	}
	x := snomed.Row{Shape: shape, Refset: r.id(4, "refsetId"), Concept: c, Module: r.id(3, "moduleId"), Effective: r.date(), Inactive: !r.active()}
	if target > 0 {
		x.Target = r.id(target, r.columns[target])
	} else {
		m.joined = m.joined[:0]
		for i, f := range r.fields[6:] {
			if i > 0 {
				m.joined = append(m.joined, '\t')
			}
			m.joined = append(m.joined, f...)
		}
		x.Text = m.joined
	}
	if r.bad != nil {
		if x.Inactive { // a row of the past stops no import
			m.im.counted["inactive reference set members cannot be read"]++
			r.bad = nil
		}
		return nil // what is wrong with an active row is told by the caller
	}
	if err := m.im.b.Member(x); err != nil {
		return &Error{File: r.file, Line: r.line, Text: err.Error()}
	}
	return nil
}

// shape tells from the pattern and content in a file's name, and from its header, what its members look like.
func (f *file) shape(columns []string) snomed.Shape {
	s := snomed.Shape{Kind: snomed.KindSimple}
	letters := strings.TrimSuffix(f.kind, "Refset")
	for i, name := range columns[min(6, len(columns)):] {
		typ := snomed.FieldText
		switch {
		case len(letters) == len(columns)-6 && strings.IndexByte("cis", letters[i]) >= 0:
			typ = letters[i : i+1]
		case strings.HasSuffix(name, "Id"):
			typ = snomed.FieldConcept
		}
		s.Fields = append(s.Fields, snomed.Field{Name: name, Type: typ})
	}
	switch {
	case letters == "c" && len(s.Fields) == 1 && s.Fields[0].Name == "targetComponentId":
		s.Kind = snomed.KindAssociation
	case letters == "c" && len(s.Fields) == 1 && s.Fields[0].Name == "valueId":
		s.Kind = snomed.KindAttribute
	case letters == "s" && strings.HasSuffix(f.content, "SimpleMap"), letters == "iisssc", letters == "iissscc":
		s.Kind = snomed.KindMap
	case f.content == "OWLExpression":
		s.Packed, s.Unlisted = true, true
	case f.content == "RefsetDescriptor", strings.HasPrefix(f.content, "Description"):
		s.Unlisted = true
	}
	return s
}

// header gives the columns a file must have, and whether it may have more.
func (f *file) header() (columns string, more bool) {
	switch {
	case f.kind == "cRefset" && strings.HasSuffix(f.content, "Association"):
		return headerAssociation, false
	case f.kind == "cRefset" && f.content == "AttributeValue":
		return headerAttribute, false
	case f.kind == "sRefset" && strings.HasSuffix(f.content, "SimpleMap"):
		return headerSimpleMap, false
	case f.kind == "iisssccRefset":
		return headerExtendedMap, false
	}
	return headerRefset, f.kind != "Refset"
}

// readRefsets reads the reference sets whose members refer to concepts.
func (im *importer) readRefsets() error {
	m := members{im: im}
	for _, f := range im.files {
		if !strings.HasSuffix(f.kind, "Refset") || f.content == "Language" || f.content == "ModuleDependency" {
			im.skip(f)
			continue
		}
		together := []*file{f}
		if im.latest {
			// Files of one kind may overrule each other across packages: read them together once.
			if !im.firstOf(f) {
				continue
			}
			together = im.of(f.kind, f.content)
		}
		header, more := f.header()
		shape, target, of := 0, 0, ""
		err := im.rows(together, header, more, func(r *row) error {
			if r.file != of {
				s := f.shape(r.columns)
				of, shape, target = r.file, im.b.Shape(s), 0
				if s.Kind == snomed.KindAssociation || s.Kind == snomed.KindAttribute {
					target = 6
				}
			}
			return m.add(r, shape, target)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// skip counts a file that is not read as done.
func (im *importer) skip(f *file) {
	switch f.kind {
	case "Concept", "Description", "TextDefinition", "Relationship", "RelationshipConcreteValues", "Identifier":
		return
	}
	if f.content == "Language" || f.content == "ModuleDependency" {
		return
	}
	im.count(int(f.size))
}

func (im *importer) firstOf(f *file) bool {
	for _, o := range im.files {
		if o.kind == f.kind && o.content == f.content {
			return o == f
		}
	}
	return false
}
