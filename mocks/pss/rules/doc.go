// Package rules is the decision model behind the emulated Prescription Search
// Support: the code lists, the table of invented scores, and the three things
// one can ask of them.
//
//   - Search finds indications and procedures by the words of their labels.
//   - Radiology ranks examinations for a person and a set of indications.
//   - Antimicrobial walks the questions and rows of an infection.
//
// Everything is data, loaded once by Load from readable files and immutable
// afterwards; a Set is safe for any number of goroutines. The same question to
// the same Set gives the same answer, always: nothing here reads a clock, a
// random source or a map in iteration order.
//
// The scores are sandbox data, not medical advice. Only rule R001 and row AB25
// repeat published worked examples.
package rules
