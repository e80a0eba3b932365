// Package scg reads and writes SNOMED CT compositional grammar (SNOMED International, Compositional Grammar 2.4): the language of
// post-coordinated expressions such as
//
//	64572001 |Disease| : { 363698007 |Finding site| = (39607008 : 272741003 = 24028007) }
//
// It knows the form only. Whether the concepts exist and may be combined is judged by package postco.
package scg
