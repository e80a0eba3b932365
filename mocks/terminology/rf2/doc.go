// Package rf2 reads a SNOMED CT release in Release Format 2 and makes an edition of it.
//
// A release is a zip file or a folder, as the National Release Center or SNOMED International hand it out. Files are recognised by
// their names, wherever they lie; snapshots are preferred, full files are reduced to their newest rows, delta files are refused; a
// component that stands twice in one snapshot file is refused as well.
// Of reference sets the members that refer to concepts are kept with all their columns, the inactive ones too, and of the identifier
// file the active identifiers of concepts. Everything is read as a stream. What is wrong is told with file and line, and nothing is written unless everything was read.
//
//	e, err := rf2.Import(ctx, []string{"SnomedCT_ManagedServiceBE_….zip"}, rf2.Options{})
//
// Source: SNOMED CT Release File Specifications.
package rf2
