// Package profile judges a resource by profiles that are data: one YAML file per profile under fixtures/uhmep/profiles, written
// from the eReferral guide 2.0.0 and the federal referral drafts. It knows cardinality, slices, allowed types of choices and
// references, fixed values, bindings, forbidden elements and extension definitions.
//
// What data cannot say is an invariant: a small Go predicate registered under its published id. The files name the invariants
// they obey.
//
//	set, err := profile.Load(fsys, codes)
//	findings := set.Check("ereferral-servicerequest-nursing", doc)
//
// Every finding names the rule: the id of the invariant, or "<profile>/<path>:<aspect>" for a row of a file.
package profile
