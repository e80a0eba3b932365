// Package check judges what clients send to the UHMEP API: ServiceRequests, Tasks, FHIRPath patches and evaluations.
//
// A document passes, in this order, strict JSON, the R4 base types, profile routing, cardinality and forbidden elements, fixed
// values and slices, invariants, bindings, template, pseudonyms and encrypted texts, references, dates and template rules. All
// findings are returned, in a stable order, each with element path and rule id. Profiles and templates are data under
// fixtures/uhmep; this package asks nothing of the store, the token or the directory.
//
//	doc, issues := checker.ServiceRequest(body, check.Context{Now: now, Base: base})
//	if refused := check.Errors(check.Until(issues, check.StageAccess)); len(refused) > 0 { … }
package check
