// Package access is the access matrix of the UHMEP platform: per discipline,
// organisation type or patient, and per template, fourteen rights; and who may
// be assigned to what. The matrix is data (fixtures/uhmep/matrix.yaml), meant
// to be edited: only the patient's row is public, the other rows are the
// sandbox's own.
//
//	m, err := access.Load(files)
//	m.Allows("NURSE", "hygienic-care", "executeTreatment") // true
package access
