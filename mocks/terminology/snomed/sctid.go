package snomed

import "strconv"

// Identifiers of the SNOMED CT model that the code needs by name (RF2 specification).
const (
	Root                 = 138875005
	IsA                  = 116680003
	FSN                  = 900000000000003001
	Synonym              = 900000000000013009
	Definition           = 900000000000550004
	Preferred            = 900000000000548007
	Acceptable           = 900000000000549004
	Primitive            = 900000000000074008
	FullyDefined         = 900000000000073002
	Inferred             = 900000000000011006
	Stated               = 900000000000010007
	Additional           = 900000000000227009
	ModelModule          = 900000000000012004
	CoreModule           = 900000000000207008
	BelgianModule        = 11000172109
	ModuleDependency     = 900000000000534007
	ConceptInactivation  = 900000000000489007
	ReplacedBy           = 900000000000526001
	SameAs               = 900000000000527005
	PossiblyEquivalentTo = 900000000000523009
	Alternative          = 900000000000530003
	PartiallyEquivalent  = 1186924009
	PossiblyReplacedBy   = 1186921001
	ICD10ExtendedMap     = 447562003
	ICDOMap              = 446608001
	BelgianICD10Map      = 10861000172102
	RefsetRoot           = 900000000000455006
	EnUS                 = 900000000000509007
	EnGB                 = 900000000000508004
	EntireTermSensitive  = 900000000000017005
	CaseInsensitive      = 900000000000448009
)

// Kinds of component, told by the partition digits of an identifier.
const (
	KindConcept      = "concept"
	KindDescription  = "description"
	KindRelationship = "relationship"
)

// ParseID reads an identifier of 6 to 18 digits without judging its check digit.
func ParseID(s string) (uint64, bool) {
	if len(s) < 6 || len(s) > 18 || s[0] == '0' {
		return 0, false
	}
	v, err := strconv.ParseUint(s, 10, 64)
	if err != nil || s[0] == '+' {
		return 0, false
	}
	return v, true
}

// ID writes an identifier.
func ID(v uint64) string { return strconv.FormatUint(v, 10) }

// CheckDigit tells whether the last digit of an identifier is the Verhoeff check digit of the others.
func CheckDigit(id uint64) bool {
	c := byte(0)
	for i := 0; id > 0; i++ {
		c = dihedral[c][permutation[i%8][id%10]]
		id /= 10
	}
	return c == 0
}

// Kind tells by the partition which component an identifier names; "" when it is none.
func Kind(id uint64) string {
	switch id / 10 % 100 {
	case 0, 10:
		return KindConcept
	case 1, 11:
		return KindDescription
	case 2, 12:
		return KindRelationship
	}
	return ""
}

// The Verhoeff tables: multiplication in the dihedral group D5 and the permutation of each position.
var dihedral = [10][10]byte{
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4, 0, 6, 7, 8, 9, 5}, {2, 3, 4, 0, 1, 7, 8, 9, 5, 6}, {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
	{4, 0, 1, 2, 3, 9, 5, 6, 7, 8}, {5, 9, 8, 7, 6, 0, 4, 3, 2, 1}, {6, 5, 9, 8, 7, 1, 0, 4, 3, 2}, {7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
	{8, 7, 6, 5, 9, 3, 2, 1, 0, 4}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0},
}

var permutation = [8][10]byte{
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 5, 7, 6, 2, 8, 3, 0, 9, 4}, {5, 8, 0, 3, 7, 9, 6, 1, 4, 2}, {8, 9, 1, 6, 0, 4, 3, 5, 2, 7},
	{9, 4, 5, 3, 1, 2, 6, 8, 7, 0}, {4, 2, 8, 6, 5, 7, 3, 9, 0, 1}, {2, 7, 9, 3, 8, 0, 6, 4, 1, 5}, {7, 0, 4, 6, 9, 1, 3, 2, 5, 8},
}

var inverse = [10]byte{0, 4, 3, 2, 1, 5, 6, 7, 8, 9}

// WithCheckDigit appends the check digit to the digits of an identifier.
func WithCheckDigit(id uint64) uint64 {
	c := byte(0)
	for i, v := 1, id; v > 0; i++ {
		c = dihedral[c][permutation[i%8][v%10]]
		v /= 10
	}
	return id*10 + uint64(inverse[c])
}
