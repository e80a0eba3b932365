package ecgroup

import (
	"fmt"
	"slices"
	"strings"
)

// Group checks points of P-521 and multiplies them. Implementations hold no
// state and may be shared by goroutines.
type Group interface {
	// Name is the value of the setting that selects the group.
	Name() string
	// Point checks a pair of big-endian coordinates of 1 to 66 bytes, which may
	// have more leading zeros, and returns the point. Errors wrap [ErrLength],
	// [ErrRange] or [ErrNotOnCurve].
	Point(x, y []byte) (Point, error)
	// FromX finds the point with this x whose y is (x³-3x+b)^(2^519), the root
	// that exponentiation gives. ErrNotOnCurve says that there is none.
	FromX(x []byte) (Point, error)
	// Mul returns s·p. It fails only if p or s is a zero value.
	Mul(p Point, s Scalar) (Point, error)
}

// Names lists the selectable groups.
func Names() []string { return []string{Fast().Name(), Reference().Name()} }

// ByName returns the group with this name.
func ByName(name string) (Group, error) {
	for _, g := range []Group{Fast(), Reference()} {
		if g.Name() == name {
			return g, nil
		}
	}
	names := slices.Clone(Names())
	return nil, fmt.Errorf("no P-521 group %q: use %s", name, strings.Join(names, " or "))
}
