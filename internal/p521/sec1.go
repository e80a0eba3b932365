package p521

// FromSEC1 reads a point in the encoding of SEC 1 §2.3: uncompressed (04, x, y: 133
// bytes) or compressed (02 for an even or 03 for an odd y, x: 67 bytes). The point at
// infinity and hybrid forms are refused. The error is ErrEncoding, ErrRange or
// ErrNotOnCurve.
func FromSEC1(b []byte) (*Point, error) {
	switch {
	case len(b) == 1+2*size && b[0] == 4:
		return NewPoint(b[1:1+size], b[1+size:])
	case len(b) == 1+size && b[0]&^1 == 2:
		return FromX(b[1:], b[0] == 3)
	}
	return nil, ErrEncoding
}

// SEC1 returns the 67 bytes of the compressed or the 133 of the uncompressed encoding.
func (p *Point) SEC1(compressed bool) []byte {
	x, y := p.X(), p.Y()
	if compressed {
		return append([]byte{2 | y[size-1]&1}, x[:]...)
	}
	b := append(make([]byte, 0, 1+2*size), 4)
	return append(append(b, x[:]...), y[:]...)
}
