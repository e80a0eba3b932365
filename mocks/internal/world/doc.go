// Package world is the one registry of people and organisations: personas
// (professionals and patients) and organisations, from the fixtures and, per
// tenant, from what was changed at run time.
//
// It also offers Load, the strict reader of fixture files that every service
// uses: unknown members are refused and errors name file and line.
package world
