// What a care application writes: a nursing prescription with an encrypted remark, and the tasks that follow it.
import { randomBytes, randomUUID } from 'node:crypto';
import { CompactEncrypt } from 'jose';

export const infsec = 'https://www.ehealth.fgov.be/standards/fhir/infsec/StructureDefinition';
export const referral = 'https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition';
export const core = 'https://www.ehealth.fgov.be/standards/fhir/core';
export const terminology = 'https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem';

export const marked = (format, version) => ({ extension: [{ url: `${infsec}/be-ext-pseudonymization`, extension: [
  { url: 'marker', valueBoolean: true }, { url: 'format', valueCode: format }, { url: 'version', valuePositiveInt: version }] }] });
export const urn = (pseudonym) => `urn:be:fgov:pseudo:v2:${pseudonym.asShortString()}`;
/** A moment as the profiles want it: 25 characters, an offset in digits, no fraction. */
export const instant = (date = new Date()) => date.toISOString().replace(/\.\d+Z$/, '+00:00');
export const today = () => new Date().toISOString().slice(0, 10);

/** Hygienic care, for the patient behind the pseudonym; `remark` is encrypted under a fresh key. */
export async function hygienicCare({ domain, patient, requester, remark, over = {} }) {
  const resource = {
    resourceType: 'ServiceRequest',
    meta: { profile: ['https://www.riziv-inami.be/standards/fhir/ereferral/StructureDefinition/ereferral-servicerequest-nursing'] },
    extension: [
      { url: `${referral}/be-ext-validity-period`, valuePeriod: { start: today() } },
      { url: `${referral}/be-ext-feedback-to-prescriber`, valueBoolean: false },
    ],
    status: 'active', intent: 'order', priority: 'routine',
    category: [{ coding: [{ system: 'http://snomed.info/sct', code: '9632001' }] },
      { coding: [{ system: `${terminology}/be-cs-prescription-type`, code: 'hygienic-care' }] }],
    code: { coding: [{ system: 'http://snomed.info/sct', code: '225964003' }] },
    subject: { identifier: { use: 'official', system: `${core}/NamingSystem/ssin`, value: urn(patient), _value: marked('direct', 2) } },
    occurrenceTiming: { repeat: { boundsDuration: { value: 2, system: 'http://unitsofmeasure.org', code: 'mo' },
      count: 16, frequency: 2, period: 1, periodUnit: 'wk' } },
    authoredOn: instant(),
    requester: { reference: requester },
    ...over,
  };
  if (remark) {
    const key = await encryption(domain);
    resource.meta.extension = [key.extension];
    resource.note = [{
      extension: [{ url: `${core}/StructureDefinition/be-ext-codeableconcept`, valueCodeableConcept: { coding: [
        { system: `${terminology}/be-cs-note-types`, code: 'general-remarks' }] } }],
      text: await key.text(remark), _text: marked('encrypted', 1),
    }];
  }
  return resource;
}

/** A caregiver's task on a prescription, ready to be done. */
export const performerTask = (prescription, owner) => ({
  resourceType: 'Task',
  meta: { profile: [`${referral}/be-performer-task`] },
  status: 'ready', intent: 'order',
  focus: { reference: `ServiceRequest/${prescription}` }, partOf: [{ reference: `Task/${prescription}` }], owner: { reference: owner },
});

/** One FHIRPath Patch operation per argument: {type, path, name?, value?: {valueX: …}}. */
export const fhirPatch = (...operations) => ({
  resourceType: 'Parameters',
  parameter: operations.map(({ type, path, name, value }) => ({ name: 'operation', part: [
    { name: 'type', valueCode: type }, { name: 'path', valueString: path },
    ...(name ? [{ name: 'name', valueString: name }] : []), ...(value ? [{ name: 'value', ...value }] : [])] })),
});

const profile = (name) => ({ profile: [`https://www.riziv-inami.be/standards/fhir/ereferral/StructureDefinition/ereferral-${name}`] });
const snomed = (code) => ({ coding: [{ system: 'http://snomed.info/sct', code }] });
const type = (code) => ({ coding: [{ system: `${terminology}/be-cs-prescription-type`, code }] });
const subjectOf = (patient) => ({ use: 'official', system: `${core}/NamingSystem/ssin`, value: urn(patient), _value: marked('direct', 2) });

const keys = new WeakMap();
/** One key per domain object is enough for tests: each pseudonymisation costs the helper some 60 ms. */
async function keyOf(domain) {
  if (!keys.has(domain)) {
    const key = randomBytes(32);
    keys.set(domain, { key, pseudonymized: await domain.valueFactory.fromArray(new Uint8Array(key)).pseudonymize() });
  }
  return keys.get(domain);
}

/** A key of a resource, under a kid of its own, with the encryption that belongs to it. */
export async function encryption(domain) {
  const kid = randomUUID();
  const { key, pseudonymized } = await keyOf(domain);
  return {
    kid,
    extension: { id: kid, url: `${infsec}/be-ext-key-pseudonymization`, extension: [{ url: 'key', valueString: urn(pseudonymized), _valueString: marked('direct', 2) }] },
    text: async (clear) => `urn:be:fgov:pseudo-encrypted:v1:${kid}:${await new CompactEncrypt(Buffer.from(clear)).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(key)}`,
  };
}

/** A proposal of annex 81: a nurse asks a doctor for the preparation of medication. */
export const annex81 = ({ patient, requester, over = {} }) => ({
  resourceType: 'ServiceRequest', meta: profile('annex-81'),
  extension: [{ url: `${referral}/be-ext-validity-period`, valuePeriod: { start: today() } }],
  status: 'active', intent: 'proposal', category: [snomed('9632001'), type('medication-prefill-preparation-appendix-81')], code: snomed('385796006'),
  subject: { identifier: subjectOf(patient) }, authoredOn: instant(), requester: { reference: requester },
  reasonCode: [snomed('275928001'), snomed('52448006')],
  occurrenceTiming: { repeat: { frequency: 1, period: 1, periodUnit: 'wk' } },
  ...over,
});

/** A radiology prescription of annex 82 with its contained patient and checklist. */
export async function radiology({ domain, patient, requester, code, over = {} }) {
  const key = await encryption(domain);
  const encrypted = async (clear) => ({ url: `${infsec}/be-ext-pseudonymized-content`, extension: [{ url: 'encryptedValue', valueString: await key.text(clear) },
    { url: 'marker', valueBoolean: true }, { url: 'format', valueCode: 'encrypted' }, { url: 'version', valuePositiveInt: 1 }] });
  const role = (code) => ({ url: `${referral}/be-ext-radiology-supporting-info-role`, valueCode: code });
  return {
    resourceType: 'ServiceRequest',
    meta: { ...profile('servicerequest-diagnosticimaging'), extension: [key.extension] },
    contained: [
      { resourceType: 'Patient', id: 'patient', extension: [{ url: `${core}/StructureDefinition/be-ext-gender-at-birth`, valueCodeableConcept: {
        extension: [await encrypted('female')], coding: [{ system: 'http://hl7.org/fhir/administrative-gender', code: 'other' }] } }],
      _birthDate: { extension: [await encrypted('1954-02-28')] } },
      { resourceType: 'QuestionnaireResponse', id: 'checklist', meta: profile('imaging-attention-conditions-response'), status: 'completed',
        questionnaire: 'https://www.ehealth.fgov.be/standards/fhir/referral/Questionnaire/be-questionnaire-imaging-attention-conditions',
        item: [{ linkId: 'none', answer: [{ valueBoolean: true }] }] },
    ],
    extension: [{ url: `${referral}/be-ext-validity-period`, valuePeriod: { start: today() } }],
    status: 'active', intent: 'order', priority: 'routine',
    category: [snomed('363679005'), type('diagnostic-imaging-appendix-82'), { coding: [{ system: `${terminology}/be-cs-request-track`, code: 'ambulatory' }] }],
    code: snomed(code), subject: { reference: '#patient', identifier: subjectOf(patient) }, authoredOn: instant(), requester: { reference: requester },
    supportingInfo: [{ extension: [role('safety-checklist')], reference: '#checklist' },
      { extension: [role('patient-condition'), { url: `${referral}/be-ext-codeable-concept`, valueCodeableConcept: { text: await key.text('rugpijn'), _text: marked('encrypted', 1) } }] }],
    ...over,
  };
}
