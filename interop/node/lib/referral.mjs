// What a care application writes: a nursing prescription with an encrypted remark, and the tasks that follow it.
import { randomBytes, randomUUID } from 'node:crypto';
import { CompactEncrypt } from 'jose';

const infsec = 'https://www.ehealth.fgov.be/standards/fhir/infsec/StructureDefinition';
const referral = 'https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition';
const core = 'https://www.ehealth.fgov.be/standards/fhir/core';
const terminology = 'https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem';

const marked = (format, version) => ({ extension: [{ url: `${infsec}/be-ext-pseudonymization`, extension: [
  { url: 'marker', valueBoolean: true }, { url: 'format', valueCode: format }, { url: 'version', valuePositiveInt: version }] }] });
export const urn = (pseudonym) => `urn:be:fgov:pseudo:v2:${pseudonym.asShortString()}`;
/** A moment as the profiles want it: 25 characters, an offset in digits, no fraction. */
export const instant = (date = new Date()) => date.toISOString().replace(/\.\d+Z$/, '+00:00');
const today = () => new Date().toISOString().slice(0, 10);

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
    const kid = randomUUID();
    const key = randomBytes(32);
    const pseudonymized = await domain.valueFactory.fromArray(new Uint8Array(key)).pseudonymize();
    const jwe = await new CompactEncrypt(Buffer.from(remark)).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(key);
    resource.meta.extension = [{ id: kid, url: `${infsec}/be-ext-key-pseudonymization`, extension: [
      { url: 'key', valueString: urn(pseudonymized), _valueString: marked('direct', 2) }] }];
    resource.note = [{
      extension: [{ url: `${core}/StructureDefinition/be-ext-codeableconcept`, valueCodeableConcept: { coding: [
        { system: `${terminology}/be-cs-note-types`, code: 'general-remarks' }] } }],
      text: `urn:be:fgov:pseudo-encrypted:v1:${kid}:${jwe}`, _text: marked('encrypted', 1),
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

/** One FHIRPath Patch operation per argument: {type, path, name?, value: {valueX: …}}. */
export const fhirPatch = (...operations) => ({
  resourceType: 'Parameters',
  parameter: operations.map(({ type, path, name, value }) => ({ name: 'operation', part: [
    { name: 'type', valueCode: type }, { name: 'path', valueString: path },
    ...(name ? [{ name: 'name', valueString: name }] : []), { name: 'value', ...value }] })),
});
