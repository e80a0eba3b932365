package iam

import "github.com/ehealth-sandbox/sandbox/mocks/internal/respond"

// MountControl registers the calls below /_sandbox/iam.
func (s *Service) MountControl(m *respond.Mux) {}
