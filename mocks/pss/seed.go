package pss

import (
	"fmt"
	"io/fs"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/settings"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/pss/rules"
)

// seeded is a consultation of the seed world: what a seeded prescription quotes.
type seeded struct {
	ID          string   `yaml:"id"`
	Days        int      `yaml:"days"` // relative to the day of the seed; negative is past
	By          string   `yaml:"by"`   // NIHII number of the prescriber
	Age         int      `yaml:"age"`
	Sex         string   `yaml:"sex"`
	Indications []string `yaml:"indications"`
	Intention   string   `yaml:"intention"`
}

const seedFile = "pss/consultations.yaml"

// loadSeed reads and checks the consultations of the seed world.
func loadSeed(files fs.FS, set *rules.Set) ([]seeded, error) {
	data, err := fs.ReadFile(files, seedFile)
	if err != nil {
		return nil, fmt.Errorf("load consultations: %w", err)
	}
	var out []seeded
	lines, err := rules.DecodeStrict(seedFile, data, &out)
	if err != nil {
		return nil, fmt.Errorf("load consultations: %w", err)
	}
	for i, c := range out {
		for _, code := range c.Indications {
			if _, known := set.Indication(code); !known {
				return nil, fmt.Errorf("%s: indication %s is not in the list of indications", lines(i), code)
			}
		}
		if _, known := set.Procedure(c.Intention); !known && c.Intention != "" {
			return nil, fmt.Errorf("%s: procedure %s is not in the list of procedures", lines(i), c.Intention)
		}
		if c.ID == "" || len(c.Indications) == 0 || c.Sex != "M" && c.Sex != "F" && c.Sex != "U" {
			return nil, fmt.Errorf("%s: a consultation needs id, indications and sex M, F or U", lines(i))
		}
	}
	return out, nil
}

// Seed writes the consultations that the seeded prescriptions quote.
func (s *Service) Seed(w store.Writer, day time.Time) error {
	link := ""
	for _, row := range settings.Table() {
		if row.Name == "pss-evidence-url" {
			link = row.Default
		}
	}
	for _, c := range s.seed {
		in := setting{id: c.ID, at: day.AddDate(0, 0, c.Days).Add(10 * time.Hour), lang: "nl", evidence: linkFrom(link)}
		x, err := s.facadeAdvice(in, caller{ID: c.By, Discipline: "physician"},
			asked{Age: c.Age, Sex: c.Sex, Indications: c.Indications, Intention: c.Intention})
		if err != nil {
			return err
		}
		w.Put(ageKey(x), nil)
		if err := store.PutJSON(w, exchangeKey(x.ID), x); err != nil {
			return err
		}
	}
	return nil
}
