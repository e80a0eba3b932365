// Package ecl reads and evaluates SNOMED CT expression constraints.
//
// Parse turns an expression into a tree, or into an *Error that names the column; Evaluate answers it over an edition. Supported are
// the operators, compounds, refinements, groups, cardinalities, reversed and dotted attributes and concrete values of Expression
// Constraint Language 2.x in their short and long forms, concept and description filters and history supplements. Member filters and
// field selection are recognised and refused as not supported.
//
//	x, err := ecl.Parse("<< 404684003 : 363698007 = << 80891009")
//	set, err := ecl.Evaluate(ctx, x, edition)
//
// Source: SNOMED CT Expression Constraint Language, Specification and Guide.
package ecl
