package iam

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// SeedCertificate is an eHealth certificate of the seed world; the private key
// is public on purpose.
type SeedCertificate struct {
	Type          string `yaml:"type"`
	Identifier    string `yaml:"identifier"`
	ApplicationID string `yaml:"application_id"`
	Use           string `yaml:"use"`
	Kid           string `yaml:"kid"`
	Key           string `yaml:"key"` // file below iam/, PKCS#8 PEM
}

func (s *Service) loadFixtures() error {
	if err := world.Load(s.cfg.Fixtures, "iam/scopes.yaml", &s.scopes); err != nil {
		return err
	}
	if err := s.checkScopes(); err != nil {
		return err
	}
	var clients []*Client
	if err := world.Load(s.cfg.Fixtures, "iam/clients.yaml", &clients); err != nil {
		return err
	}
	s.seeds = make(map[string]*Client, len(clients))
	for i, c := range clients {
		report := s.review(c)
		if len(report.Errors) > 0 {
			return fmt.Errorf("%s: client %s: %s", s.place("iam/clients.yaml", i), c.ClientID, strings.Join(report.Errors, "; "))
		}
		key := c.Realm + "/" + c.ClientID
		if s.seeds[key] != nil {
			return fmt.Errorf("%s: client %s is there twice", s.place("iam/clients.yaml", i), key)
		}
		s.seeds[key] = c
	}
	if err := world.Load(s.cfg.Fixtures, "iam/certificates.yaml", &s.certs); err != nil {
		return err
	}
	for i, c := range s.certs {
		if _, ok := certTypeByName(c.Type); !ok {
			return fmt.Errorf("%s: %q is not a certificate type; did you mean %s?", s.place("iam/certificates.yaml", i), c.Type, nearestCertType(c.Type))
		}
		if _, err := s.ring.file("iam/" + c.Key); err != nil {
			return fmt.Errorf("%s: %w", s.place("iam/certificates.yaml", i), err)
		}
	}
	return nil
}

// place is "file:line" of the i-th element of a fixture file.
func (s *Service) place(name string, i int) string {
	return world.Place(s.cfg.Fixtures, name, strconv.Itoa(i))
}

func (s *Service) checkScopes() error {
	seen := map[string]bool{}
	for i, sc := range s.scopes {
		if sc.Name == "" || seen[sc.Name] {
			return fmt.Errorf("%s: %q is empty or there twice", s.place("iam/scopes.yaml", i), sc.Name)
		}
		seen[sc.Name] = true
		for _, realm := range sc.Realms {
			if realm != Healthcare && realm != M2M {
				return fmt.Errorf("%s: scope %s: realm %q is neither %s nor %s", s.place("iam/scopes.yaml", i), sc.Name, realm, Healthcare, M2M)
			}
		}
		for _, group := range sc.Claims {
			if !slices.Contains(claimGroups(), group) {
				return fmt.Errorf("%s: scope %s: claim group %q is none of %s", s.place("iam/scopes.yaml", i), sc.Name, group, strings.Join(claimGroups(), ", "))
			}
		}
	}
	if !seen["openid"] || !seen["roles"] {
		return fmt.Errorf("the scopes openid and roles must be there")
	}
	return nil
}
