package check

import "github.com/ehealth-sandbox/sandbox/mocks/uhmep/profile"

// Rules lists the rules this package adds to profiles and invariants, for documentation. Path is the sandbox code they answer with.
func Rules() []profile.Row {
	return []profile.Row{
		{Rule: "json-*, resource-type", Path: BodyMalformed, Text: "FHIR's JSON rules: syntax, UTF-8, duplicate members, empty values, null, capital members, depth, resource type"},
		{Rule: "r4-unknown-element, r4-json-type, r4-choice, r4-resource-type", Path: BodyMalformed, Text: "what base R4 does not have or types differently"},
		{Rule: "r4-value, r4-required, r4-reference-type", Path: ProfileViolation, Text: "values, missing elements and reference types of base R4"},
		{Rule: "r4-code", Path: TerminologyViolation, Text: "codes of the closed sets of base R4"},
		{Rule: "tim-1 to tim-10, per-1, qty-3, drt-1, ref-1, ext-1, ele-1, dom-2 to dom-5", Path: ProfileViolation, Text: "invariants of base R4"},
		{Rule: "reference-type, reference-id, uri-blanks, modifier-extension", Path: ProfileViolation, Text: "type and id of references, uris without blanks, no modifier extensions"},
		{Rule: "profile-routing", Path: ProfileUnsupported, Text: "meta.profile names exactly one supported profile; federal canonicals and their /drp/ twins are rewritten"},
		{Rule: "template-present, template-known, template-profile", Path: TemplateUnknown, Text: "the template is there, has an active profile, and it is this one"},
		{Rule: "intent-*", Path: IntentNotAllowed, Text: "annex 81 is created as proposal, everything else as order"},
		{Rule: "status-create", Path: StatusNotAllowed, Text: "created active (draft is taken for it)"},
		{Rule: "patient-present", Path: PatientPseudonymRequired, Text: "the patient is named by a pseudonym in form A, B or C"},
		{Rule: "patient-pseudonym, key-form, marked-value", Path: PseudonymInvalid, Text: "urn:be:fgov:pseudo:v2:{SEC1}:{transitInfo}, 67 or 133 bytes, compact JWE"},
		{Rule: "patient-pseudonym-marker, key-form-marker", Path: PseudonymInvalid, Text: "marker with format direct, version 2"},
		{Rule: "text-form", Path: TextNotEncrypted, Text: "urn:be:fgov:pseudo-encrypted:v1:{kid}:{JWE}, alg dir, enc A256GCM, kid in the header equal when there is one"},
		{Rule: "text-marker", Path: TextNotEncrypted, Text: "marker with format encrypted, version 1"},
		{Rule: "clear-beside-encrypted", Path: TextNotEncrypted, Text: "no clear value beside be-ext-pseudonymized-content"},
		{Rule: "key-present", Path: KeyMissing, Text: "encrypted texts come with their key"},
		{Rule: "key-one", Path: KeyAmbiguous, Text: "one key per document, contained resources included"},
		{Rule: "key-kid", Path: KeyMismatch, Text: "every text is encrypted under the kid of that key"},
		{Rule: "actor-reference, actor-form, actor-ssin", Path: ActorUnresolved, Text: "PractitionerRole/{SSIN}-{DISCIPLINE}[-NIHII-{nihii11}] or Organization/NIHII-{nihii11}, check digits right"},
		{Rule: "date-authored-future", Path: DateRule, Text: "authoredOn is not in the future (60 s tolerance)"},
		{Rule: "validity-start-early, validity-start-late", Path: ValidityRule, Text: "at most 5 days before authoredOn, at most 2 years after; start trajectories by 1 January of next year"},
		{Rule: "validity-end-before-start, validity-end-authored, validity-end-maximum", Path: ValidityRule, Text: "after the day of authoredOn, not before the start, within the maximum of the template"},
		{Rule: "template/{code}:{field}", Path: TemplateRule, Text: "business fields of the template; warnings unless enforced or -uhmep-strict-templates"},
		{Rule: "task-link", Path: ProfileViolation, Text: "focus, partOf and basedOn are references of this server"},
		{Rule: "output-type, output-exam", Path: TerminologyViolation, Text: "a substitution, with an exam of be-vs-diagnostic-imaging-procedure"},
		{Rule: "patch-syntax", Path: BodyMalformed, Text: "the body is a FHIRPath Patch"},
		{Rule: "patch-target, patch-operation, patch-status-*, patch-period, patch-extension, patch-substitution, patch-refusal-reason", Path: PatchNotAllowed, Text: "the closed list of operation sets"},
		{Rule: "operation-parameter", Path: "INVALID_PARAMETER", Text: "$approve and $reject take requester and note"},
	}
}
