// Package ecl reads and evaluates SNOMED CT expression constraints.
//
// Parse turns an expression into a tree, or into an *Error that names the column; Evaluate answers it over an edition. It reads the
// brief and the long syntax of Expression Constraint Language 2.2 and the ^R of 2.3: operators, compounds, refinements, groups,
// cardinalities, reversed and dotted attributes, concrete values, filters of concepts, descriptions and members, the selection of one
// field of members, alternate identifiers and history supplements. The exact: of search terms and the dialect de-be are ours.
//
// Refused as not supported are inactive descriptions when the edition does not keep them, member filters behind ^R, and the selection of
// several fields or of a field without concepts, because the answer must be concepts. Inactive descriptions are in no dialect. ^ * leaves out the sets about the terminology
// itself (OWL axioms, module dependencies, descriptors). Redundant relationships are counted like others.
//
//	x, err := ecl.Parse("<< 404684003 : 363698007 = << 80891009")
//	set, err := ecl.Evaluate(ctx, x, edition)
//
// Source: SNOMED CT Expression Constraint Language, Specification and Guide; field names are those of the release files (appendix E).
package ecl
