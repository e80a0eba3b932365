// Package postco judges post-coordinated expressions over a SNOMED CT edition: whether their concepts exist and may be combined (the
// concept model, MRCM), what subsumes what, and which expression constraints they satisfy.
//
// Subsumption is structural, on inferred relationships: fully defined concepts are replaced by their primitive ancestors and role
// groups, primitive ones keep what is inferred of them. It proves relations; that it finds none is no proof that there is none, since
// no description logic classifier is at work.
package postco
