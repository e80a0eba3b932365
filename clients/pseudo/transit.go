package pseudo

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Prefixes of the FHIR value forms (package hl7.fhir.be.infsec). The spelling
// with "ehealth" is that of searches and of the code system; both are read.
const (
	PrefixV1        = "urn:be:fgov:pseudo:v1:"
	PrefixV2        = "urn:be:fgov:pseudo:v2:"
	PrefixV1EHealth = "urn:be:fgov:ehealth:pseudo:v1:"
	PrefixV2EHealth = "urn:be:fgov:ehealth:pseudo:v2:"
)

// ErrTransit says that a string is no pseudonym in transit.
var ErrTransit = errors.New("not a pseudonym in transit")

// InTransit is a pseudonym on its way: a point that was divided by t, and the
// encrypted box that holds t. It is different every time and short-lived.
type InTransit struct {
	Point Point
	// TransitInfo is the box, a compact JWE that only the service and the owners
	// of the domain can open. [ParseHeader] reads its open part.
	TransitInfo string
}

// String returns the short form, <compressed SEC 1>:<transitInfo>.
func (p InTransit) String() string { return p.Point.Short() + ":" + p.TransitInfo }

// Standard returns the long form, <uncompressed SEC 1>:<transitInfo>. It means
// the same as the short one.
func (p InTransit) Standard() string { return p.Point.Standard() + ":" + p.TransitInfo }

// FHIR returns the value form of FHIR pseudonymisation version 2.
func (p InTransit) FHIR() string { return PrefixV2 + p.String() }

// ParseInTransit reads a pseudonym in transit in any of its forms: with or
// without a FHIR prefix, version 2 (<SEC 1>:<transitInfo>, split at the first
// colon) or version 1 (base64 of JSON with x, y and transitInfo).
func ParseInTransit(s string) (InTransit, error) {
	for _, prefix := range []string{PrefixV2, PrefixV2EHealth} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			return parseV2(rest)
		}
	}
	for _, prefix := range []string{PrefixV1, PrefixV1EHealth} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			return parseV1(rest)
		}
	}
	if strings.Contains(s, ":") {
		return parseV2(s)
	}
	return parseV1(s)
}

func parseV2(s string) (InTransit, error) {
	point, info, ok := strings.Cut(s, ":")
	if !ok {
		return InTransit{}, fmt.Errorf("%w: no colon between point and transitInfo", ErrTransit)
	}
	if info == "" {
		return InTransit{}, fmt.Errorf("%w: nothing after the colon", ErrTransit)
	}
	p, err := ParsePoint(point)
	if err != nil {
		return InTransit{}, fmt.Errorf("%w: %w", ErrTransit, err)
	}
	return InTransit{Point: p, TransitInfo: info}, nil
}

func parseV1(s string) (InTransit, error) {
	raw, err := decodeAny(s)
	if err != nil {
		return InTransit{}, fmt.Errorf("%w: neither <point>:<transitInfo> nor base64", ErrTransit)
	}
	var v struct {
		X, Y, TransitInfo string
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return InTransit{}, fmt.Errorf("%w: the base64 holds no JSON with x, y, transitInfo", ErrTransit)
	}
	if v.TransitInfo == "" {
		return InTransit{}, fmt.Errorf("%w: transitInfo missing", ErrTransit)
	}
	p, err := pointFromBase64(v.X, v.Y)
	if err != nil {
		return InTransit{}, fmt.Errorf("%w: %w", ErrTransit, err)
	}
	return InTransit{Point: p, TransitInfo: v.TransitInfo}, nil
}

// V1 returns the older FHIR version 1 form: base64 of JSON.
func (p InTransit) V1() string {
	raw, _ := json.Marshal(map[string]string{ // strings cannot fail
		"x": base64.StdEncoding.EncodeToString(p.Point.X()), "y": base64.StdEncoding.EncodeToString(p.Point.Y()),
		"transitInfo": p.TransitInfo,
	})
	return base64.StdEncoding.EncodeToString(raw)
}

// decodeAny reads base64 of either alphabet, padded or not, as old strings come
// in both.
func decodeAny(s string) ([]byte, error) {
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	return base64.RawStdEncoding.DecodeString(s)
}

func pointFromBase64(x, y string) (Point, error) {
	xb, err := base64.StdEncoding.DecodeString(x)
	if err != nil {
		return Point{}, fmt.Errorf("x is not base64: %w", err)
	}
	yb, err := base64.StdEncoding.DecodeString(y)
	if err != nil {
		return Point{}, fmt.Errorf("y is not base64: %w", err)
	}
	return NewPoint(xb, yb)
}

// AtRest is the pseudonym under which an owner stores: the x of k·V, the same
// for the same value for ever. It is comparable and may be a map key.
type AtRest struct{ x [CoordinateSize]byte }

// AtRestOf takes the identity of a point.
func AtRestOf(p Point) AtRest {
	var a AtRest
	copy(a.x[:], p.X())
	return a
}

// ParseAtRest reads what [AtRest.String] wrote and checks that x has a point.
func ParseAtRest(s string) (AtRest, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) != CoordinateSize {
		return AtRest{}, fmt.Errorf("a pseudonym at rest is the base64url of %d bytes", CoordinateSize)
	}
	p, err := PointFromX(raw)
	if err != nil {
		return AtRest{}, err
	}
	return AtRestOf(p), nil
}

// String returns x as 88 characters of base64url.
func (a AtRest) String() string { return base64.RawURLEncoding.EncodeToString(a.x[:]) }

// X returns the 66 bytes of x.
func (a AtRest) X() []byte { return a.x[:] }

// Point rebuilds a point; the sign of y carries no meaning.
func (a AtRest) Point() (Point, error) { return PointFromX(a.x[:]) }
