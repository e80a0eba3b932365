package check

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
)

func refusedSecret(sandbox, rule, element string) refusal {
	return refusal{rule, element, sandbox, 422}
}

// header is an encrypted text with another protected header.
func header(text string) string {
	parts := strings.Split(sample.Encrypted(sample.DefaultKeyID), ".")
	prefix := parts[0][:strings.LastIndexByte(parts[0], ':')+1]
	parts[0] = prefix + base64.RawURLEncoding.EncodeToString([]byte(text))
	return strings.Join(parts, ".")
}

func TestPatientPseudonymRules(t *testing.T) {
	t.Parallel()
	good := sample.Pseudonym(2)
	transit := good[strings.LastIndexByte(good, ':'):]
	value := func(s string) []string { return []string{`set subject.identifier.value "` + s + `"`} }
	const at = "ServiceRequest.subject.identifier.value"
	invalid := refusedSecret(PseudonymInvalid, "patient-pseudonym", at)
	runRefused(t, []change{
		{"no pseudonym at all", hygienic, []string{`set subject {"display":"somebody"}`}, refusedSecret(PatientPseudonymRequired, "patient-present", "ServiceRequest.subject")},
		{"a clear SSIN", hygienic, []string{`set subject.identifier {"system":"https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin","value":"72010100133"}`}, refusedSecret(PatientPseudonymRequired, "patient-present", "ServiceRequest.subject")},
		{"an identifier of another system", hygienic, []string{`set subject.identifier.system "http://example.org/mrn"`}, refusedSecret(PatientPseudonymRequired, "patient-present", "ServiceRequest.subject")},
		{"a value without marker", hygienic, []string{`del subject.identifier._value`}, violation("ereferral-inv-subject-identifier-value-pseudonymized", at)},
		{"version 1", hygienic, value(strings.Replace(good, ":v2:", ":v1:", 1)), invalid},
		{"a point of the wrong length", hygienic, value("urn:be:fgov:pseudo:v2:AgcH" + transit), invalid},
		{"a point with a wrong first byte", hygienic, value(sample.Pseudonym(4)), invalid},
		{"a point that is not base64url", hygienic, value("urn:be:fgov:pseudo:v2:+/==" + transit), invalid},
		{"no transit info", hygienic, value(strings.TrimSuffix(good, transit)), invalid},
		{"a transit info that is no JWE", hygienic, value(strings.TrimSuffix(good, transit) + ":abc"), invalid},
		{"a marker of another format", hygienic, []string{`set subject.identifier._value.extension[0].extension[1].valueCode "encrypted"`}, refusedSecret(PseudonymInvalid, "patient-pseudonym-marker", at)},
		{"a marker of another version", hygienic, []string{`set subject.identifier._value.extension[0].extension[2].valuePositiveInt 1`}, refusedSecret(PseudonymInvalid, "patient-pseudonym-marker", at)},
		{"form B with a broken value", hygienic, []string{`set subject {"reference":"Patient/urn:be:fgov:pseudo:v2:abc"}`}, refusedSecret(PseudonymInvalid, "patient-pseudonym", "ServiceRequest.subject.reference")},
		{"form B in radiology", imaging, []string{`set subject {"reference":"Patient/` + good + `"}`}, refusedSecret(PatientPseudonymRequired, "patient-present", "ServiceRequest.subject")},
		{"a clear SSIN in the contained patient", imaging, []string{`add contained[0].identifier {"system":"https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin","value":"72010100133"}`}, refusedSecret(PseudonymInvalid, "patient-pseudonym", "ServiceRequest.contained")},
	})
}

func TestKeyAndTextRules(t *testing.T) {
	t.Parallel()
	good := sample.Encrypted(sample.DefaultKeyID)
	text := func(s string) []string { return []string{`set note[0].text "` + s + `"`} }
	const note = "ServiceRequest.note[0].text"
	form := refusedSecret(TextNotEncrypted, "text-form", note)
	key := `{"id":"k2","url":"https://www.ehealth.fgov.be/standards/fhir/infsec/StructureDefinition/be-ext-key-pseudonymization","extension":[{"url":"key","valueString":"` + sample.Pseudonym(3) + `","_valueString":{"extension":[{"url":` + markerURL + `,"extension":[{"url":"marker","valueBoolean":true}]}]}}]}`
	runRefused(t, []change{
		{"no key", hygienic, []string{`del meta.extension`}, refusedSecret(KeyMissing, "key-present", "ServiceRequest.meta.extension")},
		{"two keys", hygienic, []string{`add meta.extension ` + key}, refusedSecret(KeyAmbiguous, "key-one", "ServiceRequest.meta.extension[key-pseudonymization]")},
		{"a second key in a contained resource", imaging, []string{`set contained[0].meta.extension [` + key + `]`}, refusedSecret(KeyAmbiguous, "key-one", "ServiceRequest.contained[0].meta.extension[key-pseudonymization]")},
		{"a key that is no pseudonym", hygienic, []string{`set meta.extension[0].extension[0].valueString "c2VjcmV0"`}, refusedSecret(PseudonymInvalid, "key-form", "ServiceRequest.meta.extension[key-pseudonymization].extension[key]")},
		{"a text under another kid", hygienic, text(sample.Encrypted("other-kid")), refusedSecret(KeyMismatch, "key-kid", note)},
		{"a birth date under another kid", imaging, []string{`set contained[0]._birthDate.extension[0].extension[0].valueString "` + sample.Encrypted("other-kid") + `"`}, refusedSecret(KeyMismatch, "key-kid", "ServiceRequest.contained[0].birthDate")},
		{"a clear text with a marker", hygienic, text("remarks in clear"), form},
		{"the typo v2", hygienic, text(strings.Replace(good, ":v1:", ":v2:", 1)), form},
		{"the typo pseudo:v1", hygienic, text(strings.Replace(good, "pseudo-encrypted", "pseudo", 1)), form},
		{"a JWE of four segments", hygienic, text(good[:strings.LastIndexByte(good, '.')]), form},
		{"a JWE with an encrypted key", hygienic, text(strings.Replace(good, "..", ".AAAA.", 1)), form},
		{"a JWE whose header is no JSON", hygienic, text(header("x")), form},
		{"a JWE with another alg", hygienic, text(header(`{"alg":"A256KW","enc":"A256GCM"}`)), form},
		{"a JWE with another enc", hygienic, text(header(`{"alg":"dir","enc":"A128GCM"}`)), form},
		{"a JWE with another kid in its header", hygienic, text(header(`{"alg":"dir","enc":"A256GCM","kid":"x"}`)), form},
		{"a text without kid", hygienic, text(strings.Replace(good, sample.DefaultKeyID+":", "", 1)), form},
		{"a marker of another format", hygienic, []string{`set note[0]._text.extension[0].extension[1].valueCode "direct"`}, refusedSecret(TextNotEncrypted, "text-marker", note)},
		{"a marker of another version", hygienic, []string{`set note[0]._text.extension[0].extension[2].valuePositiveInt 2`}, refusedSecret(TextNotEncrypted, "text-marker", note)},
		{"a clear value beside the encrypted one", imaging, []string{`set contained[0].birthDate "1951-04-03"`}, refusedSecret(TextNotEncrypted, "clear-beside-encrypted", "ServiceRequest.contained[0].birthDate")},
		{"a clear birth date alone", imaging, []string{`del contained[0]._birthDate`, `set contained[0].birthDate "1951-04-03"`}, refusedSecret(TextNotEncrypted, "text-form", "ServiceRequest.contained[0].birthDate")},
		{"a clear gender beside the encrypted one", imaging, []string{`add contained[0].extension[0].valueCodeableConcept.coding {"system":"http://hl7.org/fhir/administrative-gender","code":"female"}`}, refusedSecret(TextNotEncrypted, "clear-beside-encrypted", "ServiceRequest.contained[0].extension")},
		{"a clear diagnosis", "bloodletting", []string{`set reasonCode [{"text":"polycythaemia"}]`}, violation("ereferral-inv-reason-code-text-pseudonymized", "ServiceRequest.reasonCode[0].text")},
		{"a clear diagnosis is no encrypted text either", "bloodletting", []string{`set reasonCode [{"text":"polycythaemia"}]`}, refusedSecret(TextNotEncrypted, "text-form", "ServiceRequest.reasonCode[0].text")},
		{"a clear note", hygienic, []string{`set note [{"text":"call first"}]`}, violation("ereferral-inv-note-text-pseudonymized", note)},
		{"a clear code text", hygienic, []string{`set code.text "washing"`}, violation("ereferral-inv-code-text-pseudonymized", "ServiceRequest.code.text")},
		{"a clear orderDetail text", "sampling", []string{`set orderDetail[0].text "blood"`}, violation("ereferral-inv-order-detail-text-pseudonymized", "ServiceRequest.orderDetail[0].text")},
		{"a clear status reason", hygienic, []string{`add extension {"url":"http://hl7.org/fhir/StructureDefinition/request-statusReason","valueCodeableConcept":{"text":"moved"}}`}, violation("ereferral-inv-status-reason-text-pseudonymized", "ServiceRequest.extension")},
		{"a clear justification", imaging, []string{`set priority "urgent"`, `add extension {"url":` + urgencyURL + `,"valueString":"pain"}`}, violation("ereferral-inv-urgency-justification-value-pseudonymized", "ServiceRequest.extension")},
	})
}

func TestClinicalTextIsNotRepeatedInIssues(t *testing.T) {
	t.Parallel()
	_, issues := open(t).ServiceRequest(edited(t, "bloodletting", `set reasonCode [{"text":"polycythaemia vera"}]`), ctx())
	for _, issue := range issues {
		if strings.Contains(issue.Diagnostics(), "polycythaemia") {
			t.Errorf("got %q, want no clinical text in it", issue.Diagnostics())
		}
	}
}
