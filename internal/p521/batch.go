package p521

import "fmt"

// MultBatch returns scalars[i]·points[i] for every i, with one inversion for all. The
// two slices must be of the same length. If any scalar is 0 the error wraps ErrInfinity
// and names its index, and there is no result.
func MultBatch(points []*Point, scalars []Scalar) ([]*Point, error) {
	if len(points) != len(scalars) {
		return nil, fmt.Errorf("p521: %d points and %d scalars", len(points), len(scalars))
	}
	for i := range scalars {
		if scalars[i].IsZero() {
			return nil, fmt.Errorf("scalar %d: %w", i, ErrInfinity)
		}
	}
	if len(points) == 0 {
		return nil, nil
	}
	results := make([]jacobian, len(points))
	before := make([]element, len(points)) // z[0]·…·z[i−1]
	product := one
	for i, p := range points {
		k := scalars[i].value()
		multiply(&results[i], &k, &p.affine)
		before[i] = product
		mul(&product, &product, &results[i].z)
	}
	var inverse, own element // of z[0]·…·z[i], and of z[i]
	inverse.invert(&product)
	out := make([]*Point, len(points))
	for i := len(out) - 1; i >= 0; i-- {
		mul(&own, &inverse, &before[i])
		mul(&inverse, &inverse, &results[i].z)
		out[i] = results[i].point(&own)
	}
	return out, nil
}
