package rf2

import (
	"fmt"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

// readModules reads which module depends on which.
func (im *importer) readModules() error {
	return im.rows(im.of("ssRefset", "ModuleDependency"), headerModuleDepends, false, func(r *row) error {
		if !r.active() {
			return nil
		}
		m, on := r.id(3, "moduleId"), r.id(5, "referencedComponentId")
		im.isModule[m], im.isModule[on] = true, true
		if im.depends[m] == nil {
			im.depends[m] = map[uint64]bool{}
		}
		im.depends[m][on] = true
		return nil
	})
}

func (im *importer) readConcepts() error {
	return im.rows(im.of("Concept", ""), headerConcept, false, func(r *row) error {
		id, module := r.id(0, "id"), r.id(3, "moduleId")
		active := r.active()
		im.check(r, id, snomed.KindConcept)
		im.b.Concept(id, module, r.date(), active, r.id(4, "definitionStatusId") == snomed.FullyDefined)
		im.modules[module]++
		return nil
	})
}

func (im *importer) readRelationships() error {
	err := im.rows(im.of("Relationship", ""), headerRelationship, false, func(r *row) error {
		if !r.active() || r.id(8, "characteristicTypeId") == snomed.Stated {
			return nil
		}
		if r.id(8, "characteristicTypeId") != snomed.Inferred {
			return nil
		}
		im.b.Relation(r.id(4, "sourceId"), r.id(5, "destinationId"), r.id(7, "typeId"), r.number(6, "relationshipGroup"))
		return nil
	})
	if err != nil {
		return err
	}
	return im.rows(im.of("RelationshipConcreteValues", ""), headerConcrete, false, func(r *row) error {
		if !r.active() || r.id(8, "characteristicTypeId") != snomed.Inferred {
			return nil
		}
		v := string(r.fields[5])
		if !strings.HasPrefix(v, "#") && (len(v) < 2 || v[0] != '"' || v[len(v)-1] != '"') && v != "true" && v != "false" {
			r.fail("column value: %q is neither a number (#5) nor a quoted text", v)
			return nil
		}
		im.b.ConcreteValue(r.id(4, "sourceId"), r.id(7, "typeId"), r.number(6, "relationshipGroup"), v)
		return nil
	})
}

func (im *importer) readDescriptions() error {
	files := append(im.of("Description", ""), im.of("TextDefinition", "")...)
	return im.rows(files, headerDescription, false, func(r *row) error {
		id := r.id(0, "id")
		im.check(r, id, snomed.KindDescription)
		if !r.active() {
			return nil
		}
		term := r.fields[7]
		if len(term) == 0 {
			r.fail("column term: is empty")
			return nil
		}
		lang := string(r.fields[5])
		if len(lang) < 2 || len(lang) > 8 {
			r.fail("column languageCode: %q is no language", lang)
			return nil
		}
		if err := im.b.Description(id, r.id(4, "conceptId"), lang, r.id(6, "typeId"), term, r.id(8, "caseSignificanceId"), r.date()); err != nil {
			return &Error{File: r.file, Line: r.line, Text: err.Error()}
		}
		return nil
	})
}

func (im *importer) readLanguage() error {
	return im.rows(im.of("cRefset", "Language"), headerLanguage, false, func(r *row) error {
		if !r.active() {
			return nil
		}
		var preferred bool
		switch a := r.id(6, "acceptabilityId"); a {
		case snomed.Preferred:
			preferred = true
		case snomed.Acceptable:
		default:
			r.fail("column acceptabilityId: %d is neither preferred nor acceptable", a)
			return nil
		}
		if err := im.b.LangMember(r.id(4, "refsetId"), r.id(5, "referencedComponentId"), preferred); err != nil {
			return &Error{File: r.file, Line: r.line, Text: err.Error()}
		}
		return nil
	})
}

// readRefsets reads simple, association, attribute value and map reference sets whose members refer to concepts.
func (im *importer) readRefsets() error {
	member := func(kind string, target int, text func(r *row) []byte) func(*row) error {
		return func(r *row) error {
			if !r.active() {
				return nil
			}
			c := r.id(5, "referencedComponentId")
			if snomed.Kind(c) != snomed.KindConcept {
				return nil
			}
			t, more := uint64(0), []byte(nil)
			if target > 0 {
				t = r.id(target, "targetComponentId")
			}
			if text != nil {
				more = text(r)
			}
			if err := im.b.Member(kind, r.id(4, "refsetId"), c, t, more); err != nil {
				return &Error{File: r.file, Line: r.line, Text: err.Error()}
			}
			return nil
		}
	}
	var joined []byte
	columns := func(r *row) []byte {
		joined = joined[:0]
		for i, f := range r.fields[6:] {
			if i > 0 {
				joined = append(joined, '\t')
			}
			joined = append(joined, f...)
		}
		return joined
	}
	for _, f := range im.files {
		if !strings.HasSuffix(f.kind, "Refset") || f.content == "Language" || f.content == "ModuleDependency" || f.content == "OWLExpression" || f.content == "RefsetDescriptor" || f.content == "DescriptionType" {
			im.skip(f)
			continue
		}
		header, more, fn := headerRefset, true, member("simple", 0, nil)
		switch {
		case f.kind == "cRefset" && strings.HasSuffix(f.content, "Association"):
			header, more, fn = headerAssociation, false, member("association", 6, nil)
		case f.kind == "cRefset" && f.content == "AttributeValue":
			header, more, fn = headerAttribute, false, member("attribute", 6, nil)
		case f.kind == "sRefset" && strings.HasSuffix(f.content, "SimpleMap"):
			header, more, fn = headerSimpleMap, false, member("map", 0, columns)
		case f.kind == "iisssccRefset":
			header, more, fn = headerExtendedMap, false, member("map", 0, columns)
		case f.kind == "Refset":
			more = false
		}
		if im.latest {
			// Files of one kind may overrule each other across packages: read them together once.
			if !im.firstOf(f) {
				continue
			}
			if err := im.rows(im.of(f.kind, f.content), header, more, fn); err != nil {
				return err
			}
			continue
		}
		if err := im.rows([]*file{f}, header, more, fn); err != nil {
			return err
		}
	}
	return nil
}

// skip counts a file that is not read as done.
func (im *importer) skip(f *file) {
	switch f.kind {
	case "Concept", "Description", "TextDefinition", "Relationship", "RelationshipConcreteValues":
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

// verify looks at the whole: one root, names for all.
func (im *importer) verify(e *snomed.Edition) error {
	if e.ActiveCount == 0 {
		return fmt.Errorf("the release has no active concept")
	}
	if _, ok := e.Concept(snomed.Root); !ok {
		im.report("the root concept %d is missing", uint64(snomed.Root))
	}
	nameless := 0
	for c := range uint32(e.Len()) {
		if !e.Active(c) {
			continue
		}
		n := 0
		for _, d := range e.Descriptions(c) {
			if d.Type == snomed.FSN && strings.HasPrefix(d.Language, "en") {
				n++
			}
		}
		if n != 1 {
			nameless++
		}
	}
	if nameless > 0 {
		im.counted["active concepts have not exactly one fully specified name in English"] = nameless
	}
	return im.ctx.Err()
}
