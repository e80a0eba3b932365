package rf2

import (
	"fmt"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

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
			return im.retired(r, id)
		}
		if !r.fit() {
			return nil
		}
		if err := im.b.ModuleDescription(r.id(3, "moduleId"), id, r.id(4, "conceptId"), string(r.fields[5]), r.id(6, "typeId"), r.fields[7], r.id(8, "caseSignificanceId"), r.date()); err != nil {
			return &Error{File: r.file, Line: r.line, Text: err.Error()}
		}
		return nil
	})
}

// retired keeps an inactive description. What is wrong with it is no reason to refuse a release: it is history.
func (im *importer) retired(r *row, id uint64) error {
	if im.opt.DropInactive {
		return nil
	}
	module, concept, typ, casing, date := r.id(3, "moduleId"), r.id(4, "conceptId"), r.id(6, "typeId"), r.id(8, "caseSignificanceId"), r.date()
	if why := r.unfit(typ); why != "" {
		if string(r.fields[2]) == "0" { // else it is not known to be inactive
			im.counted[why]++
			r.bad = nil
		}
		return nil
	}
	if err := im.b.Retired(module, id, concept, string(r.fields[5]), typ, r.fields[7], casing, date); err != nil {
		return &Error{File: r.file, Line: r.line, Text: err.Error()}
	}
	return nil
}

func (im *importer) readLanguage() error {
	files := im.of("cRefset", "Language")
	if len(files) == 0 {
		im.report("the release has no language reference set (der2_cRefset_Language…): displays fall back to the first synonym of a concept, else to its fully specified name, in whatever language")
	}
	return im.rows(files, headerLanguage, false, func(r *row) error {
		if !r.active() {
			return nil
		}
		im.checkMember(r)
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
