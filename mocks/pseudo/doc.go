// Package pseudo stands for the eHealth platform's blinded pseudonymisation
// service, /pseudo/v1.
//
//	POST /pseudo/v1/domains/uhmep_v1/pseudonymize
//	{"id":"1","crv":"P-521","x":"…","y":"…"}
//
// Seven operations (domain document, pseudonymize, identify, convert, and the
// last three for up to ten items) on points that the caller has blinded. A
// domain has a secret multiplier k; a pseudonym at rest is k·V. One conversion
// is one multiplication: k, its inverse and the numbers of the transit boxes are
// folded modulo n first. Lists spread over the cores.
//
// The domains and their owners' keys come from fixtures/pseudo; a tenant may
// add domains and rotate keys. Everything that changes lies in its store.
//
// Sources: the published helpers of Smals (JavaScript, Java, .NET) and
// hl7-be/infsec. Not public, hence the sandbox's choice: the texts of refusals,
// who may convert, rotation on demand only. Rate limits are not emulated.
//
// [Service.Owned] is the owner's half, for services that store data under
// pseudonyms. Below /_sandbox/pseudo the boxes can be opened for learning.
package pseudo
