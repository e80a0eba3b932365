// Package records keeps the medical documents of one tenant in its store:
// resources as the canonical JSON that was accepted, their earlier versions,
// the workflow state of each document, and the search indexes, all written in
// one store update so that they never disagree. Verify proves that they do not.
//
// The layout of the keys stands in keys.go. Patients appear only as stable
// pseudonyms (at rest).
package records
