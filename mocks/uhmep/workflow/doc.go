// Package workflow is the life of a medical document of the UHMEP platform as
// pure functions over structs: the prescription or proposal (ServiceRequest),
// its referral Task, the performer Tasks and the organisation Tasks.
//
// Nothing here reads a clock, a store or a token. A caller hands in the
// document, who acts and the time; it gets the changed document or a *Refused
// that names the rule. The transitions D1 to D11 of the business status, the
// derivation of the referral and organisation Tasks, who may do what and the
// transitions that time alone causes are all here, so that every combination
// of actor, state and action can be tried by a table.
//
//	d := workflow.New(workflow.Facts{…}, now, false)   // D2: pending or ready
//	err := d.Assign(workflow.Task{ID: id, Owner: "PractitionerRole/…-NURSE"}, now)
//	err = d.Start(id, "2026-11-05", now)               // D6: in progress
//
// Sources: the public workflow pages of the eReferral implementation guide
// 2.0.0. Where those are silent the comment says "our choice".
package workflow
