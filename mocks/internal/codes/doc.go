// Package codes is the one registry of code systems and value sets in the process.
//
// The terminology service publishes it, UHMEP and PSS validate with it, so that a code one door accepts is a code another door
// can look up. It is loaded once from the data under fixtures/terminology and never changes afterwards; resources a user adds at
// run time belong to a tenant and are kept by the terminology service.
//
//	reg, err := codes.Load(fixtures.FS)
//	member, known := reg.Member("https://…/ValueSet/be-vs-request-track", "https://…/CodeSystem/be-cs-request-track", "urgency")
//
// Sources: the published HL7 Belgium implementation guides (referral, PSS, infsec); SNOMED CT codes are referenced with short labels
// of our own. Two answers come back from most questions: what we know, and whether we know at all, because several public lists are
// only carried as a fragment.
package codes
