// Package tx answers the FHIR terminology operations over any code system.
//
// It knows nothing of HTTP: an Engine is asked with Parameters and answers with a resource or a *Problem that carries the issues of an
// OperationOutcome. What exists is given to it as a Library; resources that come with a request (tx-resource) lie over it for that
// request only. A code system is anything that implements System: a CodeSystem resource, or a release of SNOMED CT.
//
// Sources: FHIR R4 Terminology Service and the operation definitions of CodeSystem, ValueSet and ConceptMap; the HL7 terminology
// ecosystem guide for issues, supplements, versions and tx-resource.
package tx
