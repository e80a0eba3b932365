package terminology

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/terminology/tx"
)

// Bounds of what tx-resources may hold.
const (
	maxResourceFile = 64 << 20
	maxResources    = 20000
)

// loadResources reads CodeSystem, ValueSet and ConceptMap resources from the JSON files and FHIR packages of a folder.
func loadResources(dir string) (*tx.Shelf, error) {
	shelf := tx.NewShelf()
	if dir == "" {
		return shelf, nil
	}
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			names = append(names, path)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("-tx-resources (SANDBOX_TX_RESOURCES): %w", err)
	}
	slices.Sort(names)
	n := 0
	add := func(name string, raw []byte, strict bool) error {
		o, err := tx.DecodeObject(raw)
		if err != nil {
			if strict {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		}
		switch o["resourceType"] {
		case "CodeSystem", "ValueSet", "ConceptMap":
		default:
			return nil
		}
		if n++; n > maxResources {
			return fmt.Errorf("%s: more than %d resources", name, maxResources)
		}
		if text(o["id"]) == "" {
			o["id"] = idOf(text(o["url"]))
		}
		if p := shelf.Add(o); p != nil {
			return fmt.Errorf("%s: %w", name, p)
		}
		return nil
	}
	for _, name := range names {
		switch {
		case strings.HasSuffix(name, ".tgz"):
			if err := readPackage(name, add); err != nil {
				return nil, err
			}
		case strings.HasSuffix(name, ".json"):
			f, err := os.Open(name)
			if err != nil {
				return nil, err
			}
			raw, err := io.ReadAll(io.LimitReader(f, maxResourceFile+1))
			if err = errors.Join(err, f.Close()); err != nil {
				return nil, err
			}
			if len(raw) > maxResourceFile {
				return nil, fmt.Errorf("%s is larger than %d MiB", name, maxResourceFile>>20)
			}
			if err := add(name, raw, true); err != nil {
				return nil, err
			}
		}
	}
	return shelf, nil
}

// readPackage reads the resources of a FHIR package.
func readPackage(name string, add func(string, []byte, bool) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // opened for reading
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	t := tar.NewReader(z)
	total := int64(0)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if h.Typeflag != tar.TypeReg || !strings.HasSuffix(h.Name, ".json") || strings.Contains(h.Name, "/example") || strings.HasPrefix(filepath.Base(h.Name), ".") {
			continue
		}
		raw, err := io.ReadAll(io.LimitReader(t, maxResourceFile+1))
		if err != nil {
			return fmt.Errorf("%s: %s: %w", name, h.Name, err)
		}
		if total += int64(len(raw)); len(raw) > maxResourceFile || total > 32*maxResourceFile {
			return fmt.Errorf("%s: %s: the package is too large", name, h.Name)
		}
		if err := add(name+"!"+h.Name, raw, false); err != nil {
			return err
		}
	}
}
