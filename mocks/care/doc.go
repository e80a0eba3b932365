// Package care holds the relations that decide whether a professional may deal
// with a patient: informed consent, therapeutic relations, exclusions; and the
// suspensions of professionals. At the real platform these live in several
// registers of the eHealth platform and the NIHDI; nothing of them is public
// but that they are consulted, so the model is the sandbox's own.
//
// Where nothing is recorded, consent and relation count as given (setting
// care-default). Everything may have a first and a last day and then follows
// the tenant's clock. Control calls below /_sandbox/care change it:
//
//	curl -X PUT localhost:8080/_sandbox/care/exclusions/54022899886/85072299879 -d '{}'
package care
