package snomed

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"unsafe"
)

// The file: a header of 64 bytes (magic, format, length of the directory, its checksum, length of the file), the directory as JSON,
// then the sections in order, each at a multiple of 8 bytes, little endian. The directory holds the Meta and, per section, its name,
// place and length, so that a reader finds out at once whether the file is whole.
const (
	magic      = "SBXSCT\r\n"
	format     = 3 // 1 kept no inactive members, no modules and dates of members, and no alternate identifiers; 2 no inactive descriptions
	headerSize = 64
)

// ErrFormat says that a file is no edition, is of another format or is damaged.
var ErrFormat = errors.New("not a usable edition file")

type directory struct {
	Meta     Meta      `json:"meta"`
	Sections []section `json:"sections"`
}

type section struct {
	Name string `json:"name"`
	At   int64  `json:"at"`
	Size int64  `json:"size"` // bytes
}

// slot names one slice of data.
type slot struct {
	name string
	u8   *[]byte
	u32  *[]uint32
	u64  *[]uint64
}

func (d *data) slots() []slot {
	var out []slot
	b := func(n string, p *[]byte) { out = append(out, slot{name: n, u8: p}) }
	w := func(n string, p *[]uint32) { out = append(out, slot{name: n, u32: p}) }
	q := func(n string, p *[]uint64) { out = append(out, slot{name: n, u64: p}) }
	q("conceptID", &d.conceptID)
	w("bySCTID", &d.bySCTID)
	b("cFlags", &d.cFlags)
	w("cEff", &d.cEff)
	b("cModule", &d.cModule)
	w("parentOff", &d.parentOff)
	w("parent", &d.parent)
	w("childOff", &d.childOff)
	w("child", &d.child)
	w("ancestorOff", &d.ancestorOff)
	w("ancestor", &d.ancestor)
	w("descendantOff", &d.descendantOff)
	w("descendant", &d.descendant)
	w("roleOff", &d.roleOff)
	w("roleSource", &d.roleSource)
	w("roleType", &d.roleType)
	w("roleTarget", &d.roleTarget)
	w("roleGrp", &d.roleGrp)
	w("roleInverse", &d.roleInverse)
	w("concreteOff", &d.concreteOff)
	w("concreteType", &d.concreteType)
	w("concreteGrp", &d.concreteGrp)
	w("concreteTextOff", &d.concreteTextOff)
	b("concreteText", &d.concreteText)
	w("descOff", &d.descOff)
	q("descID", &d.descID)
	w("descConcept", &d.descConcept)
	b("descType", &d.descType)
	b("descLang", &d.descLang)
	b("descCase", &d.descCase)
	b("descModule", &d.descModule)
	w("descEff", &d.descEff)
	w("termOff", &d.termOff)
	b("terms", &d.terms)
	w("descPreferred", &d.descPreferred)
	w("descAcceptable", &d.descAcceptable)
	w("descByID", &d.descByID)
	w("alphaDesc", &d.alphaDesc)
	w("descAlpha", &d.descAlpha)
	w("preferred", &d.preferred)
	w("rankDesc", &d.rankDesc)
	w("rankConcept", &d.rankConcept)
	w("rankSize", &d.rankSize)
	b("rankLang", &d.rankLang)
	w("wordOff", &d.wordOff)
	b("words", &d.words)
	w("postingOff", &d.postingOff)
	b("postings", &d.postings)
	w("memberConcept", &d.memberConcept)
	w("memberTarget", &d.memberTarget)
	w("memberTextOff", &d.memberTextOff)
	w("memberEff", &d.memberEff)
	b("memberModule", &d.memberModule)
	b("memberText", &d.memberText)
	w("packFirst", &d.packFirst)
	w("packOff", &d.packOff)
	b("packText", &d.packText)
	w("altOff", &d.altOff)
	w("altConcept", &d.altConcept)
	b("altText", &d.altText)
	w("oldConcept", &d.oldConcept)
	w("oldEff", &d.oldEff)
	q("oldID", &d.oldID)
	b("oldType", &d.oldType)
	b("oldLang", &d.oldLang)
	b("oldCase", &d.oldCase)
	b("oldModule", &d.oldModule)
	w("oldTermOff", &d.oldTermOff)
	b("oldTerms", &d.oldTerms)
	return out
}

// bytes is the memory of the slice.
func (s slot) bytes() []byte {
	switch {
	case s.u8 != nil:
		return *s.u8
	case s.u32 != nil && len(*s.u32) > 0:
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(*s.u32))), len(*s.u32)*4) //nolint:gosec // same memory, other width
	case s.u64 != nil && len(*s.u64) > 0:
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(*s.u64))), len(*s.u64)*8) //nolint:gosec // same memory, other width
	}
	return nil
}

// set points the slice at memory that holds its values.
func (s slot) set(mem []byte) error {
	switch {
	case len(mem) == 0:
		return nil
	case s.u8 != nil:
		*s.u8 = mem
	case s.u32 != nil:
		if len(mem)%4 != 0 {
			return fmt.Errorf("%w: section %s has a broken length", ErrFormat, s.name)
		}
		*s.u32 = unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(mem))), len(mem)/4) //nolint:gosec // same memory, other width
	default:
		if len(mem)%8 != 0 {
			return fmt.Errorf("%w: section %s has a broken length", ErrFormat, s.name)
		}
		*s.u64 = unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(mem))), len(mem)/8) //nolint:gosec // same memory, other width
	}
	return nil
}

func round8(n int64) int64 { return (n + 7) &^ 7 }

// WriteFile writes the edition to a file of the name, by way of a temporary one beside it: the name holds the old content or the new,
// never a part.
func (e *Edition) WriteFile(name string) error {
	f, err := os.CreateTemp(dirOf(name), ".edition-*")
	if err != nil {
		return fmt.Errorf("write edition: %w", err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // gone after the rename
	w := bufio.NewWriterSize(f, 1<<20)
	if err := e.writeTo(w); err != nil {
		return fmt.Errorf("write edition: %w", errors.Join(err, f.Close()))
	}
	if err := errors.Join(w.Flush(), f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write edition: %w", err)
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return fmt.Errorf("write edition: %w", err)
	}
	return nil
}

func dirOf(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if os.IsPathSeparator(name[i]) {
			return name[:i+1]
		}
	}
	return "."
}

func (e *Edition) writeTo(w io.Writer) error {
	dir := directory{Meta: e.Meta}
	slots := e.slots()
	// The places depend on the length of the directory and the other way round: sections count from the end of the directory.
	at := int64(0)
	for _, s := range slots {
		n := int64(len(s.bytes()))
		dir.Sections = append(dir.Sections, section{s.name, at, n})
		at += round8(n)
	}
	raw, err := json.Marshal(dir)
	if err != nil {
		return err
	}
	head := make([]byte, headerSize)
	copy(head, magic)
	binary.LittleEndian.PutUint32(head[8:], format)
	binary.LittleEndian.PutUint32(head[12:], crc32.ChecksumIEEE(raw))
	binary.LittleEndian.PutUint64(head[16:], uint64(len(raw)))
	binary.LittleEndian.PutUint64(head[24:], uint64(round8(headerSize+int64(len(raw)))+at))
	var zero [8]byte
	if _, err := w.Write(head); err != nil {
		return err
	}
	raw = append(raw, zero[:round8(int64(len(raw)))-int64(len(raw))]...)
	if _, err := w.Write(raw); err != nil {
		return err
	}
	for _, s := range slots {
		mem := s.bytes()
		if _, err := w.Write(mem); err != nil {
			return err
		}
		if _, err := w.Write(zero[:round8(int64(len(mem)))-int64(len(mem))]); err != nil {
			return err
		}
	}
	return nil
}

// Open maps an edition file. Errors wrap ErrFormat when the file is no edition or is damaged.
func Open(name string) (*Edition, error) {
	mem, unmap, err := mapFile(name)
	if err != nil {
		return nil, fmt.Errorf("open edition %s: %w", name, err)
	}
	e, err := fromMemory(mem)
	if err != nil {
		_ = unmap()
		return nil, fmt.Errorf("open edition %s: %w", name, err)
	}
	e.close = unmap
	return e, nil
}

func fromMemory(mem []byte) (*Edition, error) {
	if len(mem) < headerSize || string(mem[:8]) != magic {
		return nil, fmt.Errorf("%w: it does not begin like one", ErrFormat)
	}
	if v := binary.LittleEndian.Uint32(mem[8:]); v != format {
		return nil, fmt.Errorf("%w: format %d, this program reads %d: import the release again", ErrFormat, v, format)
	}
	n, size := binary.LittleEndian.Uint64(mem[16:]), binary.LittleEndian.Uint64(mem[24:])
	if size != uint64(len(mem)) || n > uint64(len(mem))-headerSize {
		return nil, fmt.Errorf("%w: %d bytes, %d expected", ErrFormat, len(mem), size)
	}
	raw := mem[headerSize : headerSize+n]
	if crc32.ChecksumIEEE(raw) != binary.LittleEndian.Uint32(mem[12:]) {
		return nil, fmt.Errorf("%w: the directory is damaged", ErrFormat)
	}
	var dir directory
	if err := json.Unmarshal(raw, &dir); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	e := &Edition{Meta: dir.Meta}
	slots := e.slots()
	if len(slots) != len(dir.Sections) {
		return nil, fmt.Errorf("%w: %d sections, %d expected", ErrFormat, len(dir.Sections), len(slots))
	}
	body := mem[round8(headerSize+int64(n)):]
	for i, s := range slots {
		d := dir.Sections[i]
		if d.Name != s.name || d.At < 0 || d.Size < 0 || d.At+d.Size > int64(len(body)) {
			return nil, fmt.Errorf("%w: section %s lies outside", ErrFormat, d.Name)
		}
		if err := s.set(body[d.At : d.At+d.Size : d.At+d.Size]); err != nil {
			return nil, err
		}
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	e.index()
	return e, nil
}

// check compares the lengths that belong together, so that a damaged file is refused and not met as a panic later.
func (e *Edition) check() error {
	n, m, r := len(e.conceptID), len(e.descID), len(e.rankDesc)
	for _, c := range []struct {
		name      string
		got, want int
	}{
		{"bySCTID", len(e.bySCTID), n}, {"cFlags", len(e.cFlags), n}, {"parentOff", len(e.parentOff), n + 1}, {"ancestorOff", len(e.ancestorOff), n + 1},
		{"descendantOff", len(e.descendantOff), n + 1}, {"roleOff", len(e.roleOff), n + 1}, {"descOff", len(e.descOff), n + 1}, {"termOff", len(e.termOff), m + 1},
		{"descConcept", len(e.descConcept), m}, {"preferred", len(e.preferred), n * len(e.LangRefsets)}, {"rankConcept", len(e.rankConcept), r},
		{"rankSize", len(e.rankSize), r}, {"words", len(e.words), last(e.wordOff)}, {"postings", len(e.postings), last(e.postingOff)},
		{"terms", len(e.terms), last(e.termOff)}, {"ancestor", len(e.ancestor), last(e.ancestorOff)}, {"descendant", len(e.descendant), last(e.descendantOff)},
		{"memberText", len(e.memberText), last(e.memberTextOff)}, {"memberTarget", len(e.memberTarget), len(e.memberConcept)},
		{"cModule", len(e.cModule), n}, {"descModule", len(e.descModule), m}, {"memberEff", len(e.memberEff), len(e.memberConcept)},
		{"memberModule", len(e.memberModule), len(e.memberConcept)}, {"memberTextOff", len(e.memberTextOff), len(e.memberConcept) + 1},
		{"packOff", len(e.packOff), len(e.packFirst) + 1}, {"packText", len(e.packText), last(e.packOff)},
		{"altOff", len(e.altOff), len(e.altConcept) + 1}, {"altText", len(e.altText), last(e.altOff)},
	} {
		if c.got != c.want {
			return fmt.Errorf("%w: section %s has %d entries, %d expected", ErrFormat, c.name, c.got, c.want)
		}
	}
	for _, sets := range [][]RefsetRow{e.Refsets, e.Unlisted} {
		for _, r := range sets {
			if r.From < 0 || r.To < r.From || r.End < r.To || r.End > len(e.memberConcept) {
				return fmt.Errorf("%w: the members of reference set %d lie outside", ErrFormat, r.ID)
			}
		}
	}
	for _, r := range e.Schemes {
		if r.From < 0 || r.To < r.From || r.To > len(e.altConcept) {
			return fmt.Errorf("%w: the identifiers of scheme %d lie outside", ErrFormat, r.ID)
		}
	}
	return e.checkRetired()
}

func last(off []uint32) int {
	if len(off) == 0 {
		return 0
	}
	return int(off[len(off)-1])
}
