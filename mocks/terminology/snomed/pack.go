package snomed

import (
	"bytes"
	"compress/flate"
	"io"
	"slices"
)

// blockSize is how much text is compressed at once: what a reader unpacks for a single row.
const blockSize = 128 << 10

// packer compresses the texts of long reference sets (OWL axioms are 20 times longer than terms, and repeat themselves) block by block.
type packer struct {
	e     *Edition
	buf   []byte
	first int // number of the member whose text is the first of the block
	out   bytes.Buffer
	flate *flate.Writer
}

// add appends the text of member i; members come in order and without gaps.
func (p *packer) add(i int, text []byte) {
	if len(p.buf) == 0 {
		p.first = i
	}
	p.buf = append(append(p.buf, text...), '\n')
	if len(p.buf) >= blockSize {
		p.flush()
	}
}

// flush closes the block.
func (p *packer) flush() {
	if len(p.buf) == 0 {
		return
	}
	p.out.Reset()
	if p.flate == nil {
		p.flate, _ = flate.NewWriter(&p.out, flate.BestSpeed) // the level is a valid one
	} else {
		p.flate.Reset(&p.out)
	}
	_, _ = p.flate.Write(p.buf) // a bytes.Buffer takes everything
	_ = p.flate.Close()
	p.e.packFirst = append(p.e.packFirst, uint32(p.first))
	p.e.packText = append(p.e.packText, p.out.Bytes()...)
	p.e.packOff = append(p.e.packOff, uint32(len(p.e.packText)))
	p.buf = p.buf[:0]
}

// unpack gives the text of member i; a damaged block has no texts.
func (m *MemberReader) unpack(i int) []byte {
	b, found := slices.BinarySearch(m.e.packFirst, uint32(i))
	if !found {
		b--
	}
	if b < 0 {
		return nil
	}
	if m.block != b+1 {
		m.block, m.lines = b+1, nil
		raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(m.e.packText[m.e.packOff[b]:m.e.packOff[b+1]])), blockSize+maxPacked))
		if err != nil {
			return nil
		}
		m.lines = bytes.Split(raw, []byte{'\n'})
	}
	if n := i - int(m.e.packFirst[b]); n < len(m.lines) {
		return m.lines[n]
	}
	return nil
}

// maxPacked bounds one text; rows of a release are shorter.
const maxPacked = 2 << 20
