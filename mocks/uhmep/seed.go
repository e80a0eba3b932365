package uhmep

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"
	"time"

	client "github.com/ehealth-sandbox/sandbox/clients/pseudo"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/chance"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/clock"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/fault"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/journal"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/settings"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/store"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/tenant"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/world"
)

// loadSeed reads fixtures/uhmep/seed*.yaml.
func loadSeed(files fs.FS) ([]seedDocument, error) {
	names, err := fs.Glob(files, "uhmep/seed*.yaml")
	if err != nil {
		return nil, fmt.Errorf("uhmep: %w", err)
	}
	var out []seedDocument
	for _, name := range names {
		var f seedFile
		if err := world.Load(files, name, &f); err != nil {
			return nil, err
		}
		for i, d := range f.Documents {
			d.file, d.index = name, i
			out = append(out, d)
		}
	}
	return out, nil
}

// Seed plays the seeded documents through the engine, dated relative to at, and
// writes the result. It is a store.Seeder; the same day gives the same world,
// identifiers included.
func (s *Service) Seed(w store.Writer, at time.Time) error {
	values, err := settings.New(nil)
	if err != nil {
		return err
	}
	memory := store.NewMemory()
	t := &tenant.Tenant{Name: "seed", Clock: clock.New(clock.State{}), Chance: chance.Seeded(1, "uhmep seed"), Journal: journal.New(1, 1),
		Faults: &fault.Set{}, Store: memory, Settings: values.ForTenant(), Log: slog.New(slog.DiscardHandler)}
	p := &player{s: s, t: t, ctx: tenant.With(context.Background(), t), today: at, keys: map[string]sealedText{}}
	for _, d := range s.seed {
		if err := p.play(d); err != nil {
			return fmt.Errorf("%s: document %s: %w", world.Place(s.Fixtures, d.file, "documents."+strconv.Itoa(d.index)), d.Name, explain(err))
		}
	}
	p.set(0, at)
	if err := s.CatchUp(t); err != nil {
		return err
	}
	return memory.View(func(r store.Reader) error {
		for k, v := range r.Scan("uhmep/", "") {
			w.Put(k, v)
		}
		return nil
	})
}

// explain makes a refusal readable for whoever edits the file.
func explain(err error) error {
	if f := asRefusal(err); f != nil {
		return errors.New(f.Code + ": " + f.Message + ": got " + f.Got + ", want " + f.Want)
	}
	return err
}

// sealedText is a key with its pseudonym at rest.
type sealedText struct {
	id, atRest string
	key        client.TextKey
}

// key is the text key of a patient's seeded documents. It is derived from the
// name, so that the texts can be read like any other: identify the key, decrypt.
func (p *player) key(name string) (sealedText, error) {
	if k, ok := p.keys[name]; ok {
		return k, nil
	}
	raw := sha256.Sum256([]byte("sandbox seed key, not for production: " + name))
	key, err := client.TextKeyFrom(raw[:])
	if err != nil {
		return sealedText{}, err
	}
	atRest, err := p.s.Pseudonyms.AtRest(p.t, string(raw[:]))
	if err != nil {
		return sealedText{}, err
	}
	h := hex.EncodeToString(raw[:16])
	id := strings.Join([]string{h[:8], h[8:12], "4" + h[13:16], "8" + h[17:20], h[20:32]}, "-")
	p.keys[name] = sealedText{id: id, atRest: atRest, key: key}
	return p.keys[name], nil
}

// encrypt makes the encrypted form of a text.
func (k sealedText) encrypt(text string, random *chance.Source) string {
	jwe, err := k.key.Encrypt(text, random)
	if err != nil { // the source never fails
		return ""
	}
	return client.Encrypted(k.id, jwe)
}
