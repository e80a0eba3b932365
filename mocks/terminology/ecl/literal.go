package ecl

// Matches tells whether a literal, written as in RF2 (#5, "text", true), satisfies the comparison of an attribute with literal values.
func (a *Attribute) Matches(value string) bool { return a.Value == nil && a.literal(value) }
