// Package snomed holds one release of SNOMED CT in a compact form that is built once and read from a memory-mapped file.
//
// A Builder collects concepts, descriptions, relationships and reference set members, computes the transitive closure and the text
// index and yields an Edition. An Edition is written with WriteTo and opened again in milliseconds with Open; the built-in fragment is
// an Edition that was never written. All questions are answered by dense concept numbers: active concepts are numbered so that an
// ancestor always has a smaller number than its descendants.
//
//	e, err := snomed.Open("edition.snomed")
//	c, ok := e.Concept(22298006)
//	e.Ancestors(c)
//
// Sources: SNOMED CT Release File Specifications (RF2), SNOMED CT URI Standard. No SNOMED CT content is part of this package.
package snomed
