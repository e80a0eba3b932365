package rf2

import "github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"

// Headers of the identifier file; until 2022 the scheme stood first.
const (
	headerIdentifier    = "alternateIdentifier effectiveTime active moduleId identifierSchemeId referencedComponentId"
	headerIdentifierOld = "identifierSchemeId alternateIdentifier effectiveTime active moduleId referencedComponentId"
)

// readIdentifiers reads the identifiers that concepts have in other code systems.
func (im *importer) readIdentifiers() error {
	for _, header := range []string{headerIdentifier, headerIdentifierOld} {
		var files []*file
		for _, f := range im.of("Identifier", "") {
			old, err := f.begins(headerIdentifierOld)
			if err != nil {
				return err
			}
			if old == (header == headerIdentifierOld) {
				files = append(files, f)
			}
		}
		err := im.rows(files, header, false, func(r *row) error {
			if !r.active() {
				return nil
			}
			scheme, c := r.id(4, "identifierSchemeId"), r.id(5, "referencedComponentId")
			if len(r.fields[0]) == 0 {
				r.fail("column alternateIdentifier: is empty")
			}
			if r.bad == nil && snomed.Kind(c) == snomed.KindConcept {
				im.b.Identifier(scheme, c, r.fields[0])
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
