package terminology

import (
	"github.com/ehealth-sandbox/sandbox/mocks/terminology/snomed"
)

type importStatus struct{}

// LoadRelease opens a release.
func (s *Service) LoadRelease(path string) error {
	e, err := snomed.Open(path)
	if err != nil {
		return err
	}
	s.addEdition(s.newEdition(e, path))
	return nil
}
