package rf2

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Bounds against zip bombs and slips of the pen.
const (
	maxFiles    = 20000
	maxTotal    = 40 << 30 // bytes when unpacked
	maxRatio    = 250      // unpacked to packed, per file; release files stay below 30
	ratioIgnore = 1 << 20
)

// Error tells what is wrong with a release, and where.
type Error struct {
	File string
	Line int // 0 = the file as a whole
	Text string
}

// Error implements error.
func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
	}
	return fmt.Sprintf("%s: %s", e.File, e.Text)
}

// file is one release file.
type file struct {
	name    string // base name
	kind    string // Concept, Description, Relationship, … or the reference set pattern (cRefset)
	content string // Language, Association, …; empty for components
	form    string // Snapshot, Full, Delta
	date    string
	size    int64
	source  int // which package it comes from
	open    func() (io.ReadCloser, error)
}

var namePattern = regexp.MustCompile(`^x?(?:sct2|der2)_([A-Za-z0-9]+)_([A-Za-z0-9]*?)(Snapshot|Full|Delta)(?:-[A-Za-z-]+)?(?:_[A-Za-z0-9-]+)?_(\d{8})(?:T\d+Z)?\.txt$`)

// pack is one opened release.
type pack struct {
	path  string
	files []*file
	info  func() ([]byte, error) // release_package_information.json, nil without
	sum   []string               // lines the fingerprint is made of
	close func() error
}

// open finds the release files of a zip file or folder.
func open(name string, source int) (*pack, error) {
	st, err := os.Stat(name)
	if err != nil {
		return nil, &Error{File: name, Text: strings.TrimPrefix(err.Error(), "stat "+name+": ")}
	}
	if st.IsDir() {
		return openDir(name, source)
	}
	return openZip(name, source)
}

func (p *pack) add(full string, size int64, source int, sum string, open func() (io.ReadCloser, error)) {
	base := path.Base(full)
	if base == "release_package_information.json" {
		p.info = func() ([]byte, error) {
			r, err := open()
			if err != nil {
				return nil, err
			}
			defer r.Close() //nolint:errcheck // opened for reading
			return io.ReadAll(io.LimitReader(r, 1<<20))
		}
		return
	}
	m := namePattern.FindStringSubmatch(base)
	if m == nil {
		return
	}
	p.files = append(p.files, &file{name: base, kind: m[1], content: m[2], form: m[3], date: m[4], size: size, source: source, open: open})
	p.sum = append(p.sum, fmt.Sprintf("%s %d %s", base, size, sum))
}

func openZip(name string, source int) (*pack, error) {
	z, err := zip.OpenReader(name)
	if err != nil {
		text := "cannot be read as a zip file: " + err.Error()
		if errors.Is(err, zip.ErrFormat) || errors.Is(err, io.ErrUnexpectedEOF) {
			text = "is no zip file or was cut short"
		}
		return nil, &Error{File: name, Text: text}
	}
	p := &pack{path: name, close: z.Close}
	if len(z.File) > maxFiles {
		return nil, errors.Join(&Error{File: name, Text: fmt.Sprintf("holds more than %d files", maxFiles)}, z.Close())
	}
	total := uint64(0)
	for _, f := range z.File {
		total += f.UncompressedSize64
		if total > maxTotal {
			return nil, errors.Join(&Error{File: name, Text: fmt.Sprintf("unpacks to more than %d GiB", maxTotal>>30)}, z.Close())
		}
		if f.UncompressedSize64 > ratioIgnore && f.UncompressedSize64/max(f.CompressedSize64, 1) > maxRatio {
			return nil, errors.Join(&Error{File: name, Text: fmt.Sprintf("%s is packed more than %d times: this looks like a zip bomb", f.Name, maxRatio)}, z.Close())
		}
		if f.FileInfo().IsDir() {
			continue
		}
		p.add(f.Name, int64(f.UncompressedSize64), source, fmt.Sprintf("%08x", f.CRC32), func() (io.ReadCloser, error) { return f.Open() })
	}
	return p, nil
}

func openDir(name string, source int) (*pack, error) {
	p := &pack{path: name, close: func() error { return nil }}
	n := 0
	err := filepath.WalkDir(name, func(full string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return nil
		}
		if n++; n > maxFiles {
			return &Error{File: name, Text: fmt.Sprintf("holds more than %d files", maxFiles)}
		}
		st, err := d.Info()
		if err != nil {
			return err
		}
		sum := ""
		if namePattern.MatchString(filepath.Base(full)) {
			if sum, err = ends(full, st.Size()); err != nil {
				return err
			}
		}
		p.add(filepath.ToSlash(full), st.Size(), source, sum, func() (io.ReadCloser, error) { return os.Open(full) })
		return nil
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// ends hashes the first and last block of a file.
func ends(name string, size int64) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // opened for reading
	h := sha256.New()
	buf := make([]byte, 64<<10)
	for _, at := range []int64{0, max(0, size-int64(len(buf)))} {
		n, err := f.ReadAt(buf, at)
		if err != nil && err != io.EOF {
			return "", err
		}
		_, _ = h.Write(buf[:n])
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// fingerprint names the content of the packages and what is made of it.
func fingerprint(packs []*pack, opt Options) string {
	var lines []string
	for _, p := range packs {
		lines = append(lines, p.sum...)
	}
	slices.Sort(lines)
	if opt.DropInactive {
		lines = append(lines, "without inactive descriptions")
	}
	h := sha256.Sum256([]byte(opt.Version + "\n" + strings.Join(lines, "\n")))
	return hex.EncodeToString(h[:])
}

// Fingerprint names the content of a release without reading it all: the names and sizes of its files with the first and last block of
// each, or their checksums in a zip file; and the options that shape the index.
func Fingerprint(paths []string, opt Options) (string, error) {
	packs, err := openAll(paths)
	if err != nil {
		return "", err
	}
	defer closeAll(packs)
	return fingerprint(packs, opt), nil
}

func openAll(paths []string) ([]*pack, error) {
	if len(paths) == 0 {
		return nil, errors.New("no release is named")
	}
	var packs []*pack
	for i, name := range paths {
		p, err := open(name, i)
		if err != nil {
			closeAll(packs)
			return nil, err
		}
		packs = append(packs, p)
	}
	return packs, nil
}

func closeAll(packs []*pack) {
	for _, p := range packs {
		_ = p.close()
	}
}
