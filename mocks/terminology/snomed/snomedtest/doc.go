// Package snomedtest builds small invented editions for tests from a few lines of text. Identifiers are made up, with valid check
// digits, but for the metadata that a test names by their published ones.
//
//	Disorder
//	Liver disorder* < Disorder : {Site=Liver, Shape=Swelling} Count=#2
//	Laterality#272741003 < Attribute
//	^Sided : Lung, Hand
//	domain Laterality | Sided | 0 | 0..1 | 0..0
//	range Laterality | << [Side]
//
// A star marks a fully defined concept, a minus sign an inactive one. Attributes outside braces are ungrouped.
package snomedtest
