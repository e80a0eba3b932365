// Package store keeps every tenant's data as ordered keys and values.
//
// A key is a string, by convention "<service>/<kind>/<id>…"; each service has
// one commented file with its key builders. A tenant's Store is an overlay: a
// read-only layer with the seed world below, shared by many tenants, and the
// tenant's own writes above. So a tenant is made without copying anything,
// reset drops the upper layer, and a snapshot copies only what changed.
//
// The upper layers live in one bbolt file:
//
//	t/<tenant>            bucket  the tenant's writes: key → 0x01 ‖ value, or 0x00 for a deleted seed key
//	s/<tenant>/<name>     bucket  a snapshot: the same, plus metadata under the tenant's meta bucket
//	m/<tenant>            bucket  what belongs to the tenant but not to its world: clock, seed day, snapshot list
//
// Writes of all tenants are committed together by one goroutine (group
// commit): a job that fails does not harm its neighbours.
package store
