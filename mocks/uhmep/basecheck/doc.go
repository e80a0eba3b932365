// Package basecheck checks resources against base FHIR R4 (https://hl7.org/fhir/R4): unknown elements, JSON types, formats of
// primitives, codes of closed sets, required elements, types of literal references. It knows no profile.
//
// The work is done by google/fhir's jsonformat, which this package alone imports because linking it costs seconds. What that
// library leaves out is made good here: contained resources and Parameters.parameter.resource are checked by calls of their
// own, arrays that hold null are filled first, primitives written as objects are refused, its paths become FHIRPaths, and its
// random order becomes document order by path.
//
//	checker, err := basecheck.New()
//	problems := checker.Check(doc)
package basecheck
