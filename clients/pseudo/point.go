package pseudo

import (
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/ehealth-sandbox/sandbox/internal/ecgroup"
)

// Sizes of values and coordinates, in bytes.
const (
	// CoordinateSize is the length of a coordinate or scalar on the wire.
	CoordinateSize = ecgroup.Size
	// DefaultBufferSize is the bufferSize of every public domain.
	DefaultBufferSize = 8
	// RecommendedValueSize is what eHealth asks callers to keep to.
	RecommendedValueSize = 32
)

// Errors of the mapping between values and points.
var (
	// ErrValueTooLong says that a value does not fit a point of P-521.
	ErrValueTooLong = errors.New("the value is too long for a point")
	// ErrNoPoint says that no counter makes the value a point; with a buffer of
	// 8 bytes this does not happen.
	ErrNoPoint = errors.New("no point found for the value")
	// ErrNoValue says that a point holds no value: it was never made from one,
	// or it is still blinded, or it was opened with another pseudonym's box.
	ErrNoValue = errors.New("the point holds no value")
)

// Point is a checked point of P-521, never the point at infinity. The zero
// Point is not a point.
type Point struct{ p ecgroup.Point }

func group() ecgroup.Group { return ecgroup.Fast() }

// NewPoint checks a pair of big-endian coordinates, each of 1 to 66 bytes and
// possibly more leading zeros.
func NewPoint(x, y []byte) (Point, error) {
	p, err := group().Point(x, y)
	return Point{p}, err
}

// PointFromX finds a point with this x. Either of the two serves, because
// identity is x alone.
func PointFromX(x []byte) (Point, error) {
	p, err := group().FromX(x)
	return Point{p}, err
}

// ParsePoint reads a SEC 1 encoding, compressed or not, in base64url without
// padding.
func ParsePoint(s string) (Point, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return Point{}, fmt.Errorf("the point is not base64url without padding: %w", err)
	}
	p, err := ecgroup.Parse(group(), raw)
	return Point{p}, err
}

// X returns the 66 bytes of x.
func (p Point) X() []byte { return p.p.X() }

// Y returns the 66 bytes of y.
func (p Point) Y() []byte { return p.p.Y() }

// Short returns the compressed SEC 1 form in base64url, 90 characters.
func (p Point) Short() string { return base64.RawURLEncoding.EncodeToString(p.p.Compressed()) }

// Standard returns the uncompressed SEC 1 form in base64url, 178 characters.
func (p Point) Standard() string { return base64.RawURLEncoding.EncodeToString(p.p.Uncompressed()) }

// IsZero reports whether p is the zero value.
func (p Point) IsZero() bool { return p.p.IsZero() }

// SameIdentity reports whether p and q name the same value.
func (p Point) SameIdentity(q Point) bool { return p.p.SameIdentity(q.p) }

// Mul returns s·p.
func (p Point) Mul(s Scalar) (Point, error) {
	q, err := group().Mul(p.p, s.s)
	return Point{q}, err
}

// MaxValueSize is the longest value that fits a point, in bytes: 56 for the
// usual buffer of 8.
func MaxValueSize(bufferSize int) int { return 521/8 - bufferSize - 1 }

// PointOf maps a value to its point: the bytes value ‖ length ‖ bufferSize
// counter bytes are x, and the counter is the smallest that gives a point.
func PointOf(value []byte, bufferSize int) (Point, error) {
	p, _, err := PointOfCounted(value, bufferSize)
	return p, err
}

// PointOfCounted is [PointOf] and also returns the counter.
func PointOfCounted(value []byte, bufferSize int) (Point, int, error) {
	if err := checkBuffer(bufferSize); err != nil {
		return Point{}, 0, err
	}
	if most := MaxValueSize(bufferSize); len(value) > most {
		return Point{}, 0, fmt.Errorf("%w: %d bytes, at most %d", ErrValueTooLong, len(value), most)
	}
	var x [CoordinateSize]byte
	at := CoordinateSize - bufferSize - 1
	copy(x[at-len(value):], value)
	x[at] = byte(len(value))
	// Half of all x have a point; 256 misses in a row do not happen.
	for c := range 256 {
		x[CoordinateSize-1] = byte(c)
		p, err := group().FromX(x[:])
		if err == nil {
			return Point{p}, c, nil
		}
		if !errors.Is(err, ecgroup.ErrNotOnCurve) {
			return Point{}, 0, err
		}
	}
	return Point{}, 0, ErrNoPoint
}

// Value reads back the value from which the point was made.
func (p Point) Value(bufferSize int) ([]byte, error) {
	if err := checkBuffer(bufferSize); err != nil {
		return nil, err
	}
	if p.IsZero() {
		return nil, ErrNoValue
	}
	x := p.X()
	at := CoordinateSize - bufferSize - 1
	n := int(x[at])
	if n > MaxValueSize(bufferSize) {
		return nil, fmt.Errorf("%w: its length byte says %d, at most %d", ErrNoValue, n, MaxValueSize(bufferSize))
	}
	return append([]byte{}, x[at-n:at]...), nil
}

// Plausible reports whether everything around the value of a point is as
// [PointOf] writes it: zeros before it and a small counter after it. A blinded
// or wrongly opened point passes with a chance of about 2^-440.
func (p Point) Plausible(bufferSize int) bool {
	v, err := p.Value(bufferSize)
	if err != nil {
		return false
	}
	x := p.X()
	at := CoordinateSize - bufferSize - 1
	for _, b := range x[:at-len(v)] {
		if b != 0 {
			return false
		}
	}
	for _, b := range x[at+1 : CoordinateSize-1] {
		if b != 0 {
			return false
		}
	}
	return true
}

func checkBuffer(n int) error {
	if n < 1 || n > 32 {
		return fmt.Errorf("a bufferSize of %d bytes is outside 1…32", n)
	}
	return nil
}
