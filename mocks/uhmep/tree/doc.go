// Package tree reads FHIR JSON strictly into a plain tree and writes it back without loss.
//
// FHIR's JSON rules are tighter than JSON's (https://hl7.org/fhir/R4/json.html): no duplicate members, no empty strings,
// objects or arrays, null only inside the arrays of primitives. Parse applies them and says where (line, column and FHIRPath)
// and why something breaks them, for every break in the document.
//
// A resource is an [Object] whose values are Object, []any, string, [encoding/json.Number], bool or nil, so a decimal keeps
// all its digits. Encode gives the canonical text: resourceType first, the other members sorted, numbers as they came.
//
//	doc, problems := tree.Parse(body, tree.Limits{})
//	doc["status"] = "revoked"
//	stored := tree.Encode(doc)
package tree
