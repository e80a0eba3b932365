// Bare requests against Prescription Search Support, the FHIR door: advice in both steps, and each refusal with its code.
import assert from 'node:assert/strict';
import { test, run } from './lib/report.mjs';
import { base, why } from './lib/sandbox.mjs';
import { exchange, login } from './lib/iam.mjs';

const initial = (await login('dr-peeters')).access_token;
const token = (await exchange(initial)).access_token;
const nurse = (await exchange((await login('nurse-claes')).access_token)).access_token;
const pss = 'https://www.ehealth.fgov.be/standards/fhir/pss';
const subject = { reference: 'urn:uuid:11111111-aaaa-4aaa-8aaa-000000000001' };
const entry = (n, resource) => ({ fullUrl: `urn:uuid:11111111-aaaa-4aaa-8aaa-${String(n).padStart(12, '0')}`, resource });
const patient = (over = {}) => entry(1, { resourceType: 'Patient', id: 'p1', gender: 'male',
  extension: [{ url: `${pss}/StructureDefinition/PSSRelevantAge`, valueAge: { value: 53, system: 'http://unitsofmeasure.org', code: 'y' } }],
  name: [{ extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] }], ...over });
const symptom = (over = {}) => entry(2, { resourceType: 'Observation', id: 'o1', status: 'final', subject,
  code: { coding: [{ system: 'http://snomed.info/sct', code: '20262006' }], text: 'headache' }, ...over });
const intention = (code = '114055') => entry(3, { resourceType: 'ServiceRequest', id: 's1', status: 'active', intent: 'proposal', subject,
  identifier: [{ value: 'urn:uuid:22222222-bbbb-4bbb-8bbb-000000000001' }], code: { coding: [{ system: `${pss}/CodeSystem/PSSQSIProcedures`, code }] } });
const infection = (over = {}) => entry(4, { resourceType: 'Condition', id: 'c1', subject, onsetDateTime: '2026-11-20',
  clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
  verificationStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'confirmed' }] },
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: 'encounter-diagnosis' }] }],
  code: { coding: [{ system: 'PSS_INDICATION', code: 'ACUTE_CYSTITIS' }] }, ...over });
const bundle = (...entries) => ({ resourceType: 'Bundle', type: 'collection', entry: entries });
const call = (path, body, { as = token, method = 'POST', headers = {} } = {}) => fetch(`${base}/pss/v1/fhir/${path}`, { method,
  headers: { ...(as ? { Authorization: `Bearer ${as}` } : {}), ...(body === undefined ? {} : { 'Content-Type': 'application/fhir+json' }), ...headers },
  body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body) });
const apply = (plan) => `PlanDefinition/${plan}/$apply`;
async function must(status, path, body, options) {
  const res = await call(path, body, options);
  const text = await res.text();
  assert.equal(res.status, status, `${path}: ${text.slice(0, 900)}\n${res.status === status ? '' : await why(res)}`);
  return text ? JSON.parse(text) : undefined;
}
const options = (answer) => answer.entry.find((e) => e.resource.resourceType === 'RequestGroup').resource.action[0].action;
const overall = (option) => option.extension.map((x) => x.extension).find((x) => x.some((p) => p.valueCode === 'overall')).find((p) => p.valueRatio).valueRatio.numerator.value;

// ---- advice ----------------------------------------------------------------------------------------------------

test('metadata is public', async () => assert.equal((await must(200, 'metadata', undefined, { as: null, method: 'GET' })).fhirVersion, '4.0.1'));
test('radiology: from a symptom to indications to ranked exams, the proposed one among them', async () => {
  const first = await must(200, apply('GetDiagnoses'), bundle(patient(), symptom(), intention()));
  assert.equal(first.type, 'collection');
  assert.ok(first.identifier.value && first.timestamp);
  const group = first.entry.find((e) => e.resource.resourceType === 'RequestGroup').resource;
  assert.deepEqual([group.status, group.intent, group.action.length, group.action[0].selectionBehavior], ['active', 'proposal', 1, 'one-or-more']);
  assert.ok(options(first).length <= 50);
  const condition = first.entry.find((e) => e.resource.resourceType === 'Condition');
  const second = await must(200, apply('GetRecommendations'), bundle(patient(), condition, intention()));
  const scores = options(second).map(overall);
  assert.deepEqual(scores, [...scores].sort((a, b) => b - a));
  for (const option of options(second)) assert.equal(option.extension.filter((x) => x.url.endsWith('PSSStructuredRating')).length, 2);
  const requests = second.entry.filter((e) => e.resource.resourceType === 'ServiceRequest').map((e) => e.resource);
  const own = requests.find((r) => r.code.coding.some((c) => c.code === '114055'));
  assert.equal(own.identifier[0].value, 'urn:uuid:22222222-bbbb-4bbb-8bbb-000000000001');
});
test('the same question gets the same advice', async () => {
  const ask = async () => (await must(200, apply('GetDiagnoses'), bundle(patient(), symptom()))).entry.find((e) => e.resource.resourceType === 'RequestGroup').resource.action[0].action.map((a) => a.textEquivalent);
  assert.deepEqual(await ask(), await ask());
});
test('every reference of an answer leads somewhere in it', async () => {
  const answer = await must(200, apply('GetDiagnoses'), bundle(patient(), symptom()));
  const known = new Set(answer.entry.map((e) => e.fullUrl));
  for (const option of options(answer)) assert.ok(known.has(option.resource.reference), option.resource.reference);
});
test('antimicrobial: a questionnaire or nothing, then options', async () => {
  const first = await must(200, apply('GetDataToCollect'), bundle(patient({ gender: 'female' }), infection()));
  const questionnaire = first.entry.find((e) => e.resource.resourceType === 'Questionnaire')?.resource;
  if (!questionnaire) assert.ok(options(await must(200, apply('GetRecommendations'), bundle(patient({ gender: 'female' }), infection()))).length > 0);
  else assert.ok(questionnaire.item.length > 0);
});
test('a capital in the gender is taken', async () => must(200, apply('GetDiagnoses'), bundle(patient({ gender: 'Male' }), symptom())));
test('an age in months is taken', async () => must(200, apply('GetDiagnoses'), bundle(patient({ extension: [{ url: `${pss}/StructureDefinition/PSSRelevantAge`, valueAge: { value: 30, system: 'http://unitsofmeasure.org', code: 'mo' } }] }), symptom())));
test('an advice is found again by its number', async () => {
  const first = await must(200, apply('GetDiagnoses'), bundle(patient(), symptom()));
  const found = await must(200, `Bundle?identifier=${first.identifier.value}`, undefined, { method: 'GET' });
  assert.deepEqual([found.type, found.total ?? found.entry.length], ['searchset', 1]);
  assert.equal((await must(200, 'Bundle?identifier=nosuch', undefined, { method: 'GET' })).total ?? 0, 0);
});
test('feedback is taken once for an option', async () => {
  const first = await must(200, apply('GetDiagnoses'), bundle(patient(), symptom(), intention()));
  const condition = first.entry.find((e) => e.resource.resourceType === 'Condition');
  const advice = await must(200, apply('GetRecommendations'), bundle(patient(), condition, intention()));
  const task = (code) => ({ resourceType: 'Parameters', parameter: [{ name: 'pss-id', valueString: advice.identifier.value }, { name: 'feedback-resource', resource: { resourceType: 'Task', status: 'accepted', intent: 'option',
    lastModified: '2026-11-20T09:00:00+01:00', focus: { identifier: { system: `${pss}/CodeSystem/PSSQSIProcedures`, value: code } },
    statusReason: { coding: [{ system: `${pss}/CodeSystem/PSSrFeedbackReasons`, code: 'OtherReason' }], text: 'scanner out of order' } } }] });
  const codes = advice.entry.filter((e) => e.resource.resourceType === 'ServiceRequest').map((e) => e.resource.code.coding[0].code);
  assert.equal((await must(200, 'PlanDefinition/$feedback', task(codes[0]))).resourceType, 'OperationOutcome');
  if (codes.length > 1) await refuse('PlanDefinition/$feedback', task(codes[1]), 409, 'SBX-FEEDBACK-TWICE');
});

// ---- refusals --------------------------------------------------------------------------------------------------

async function refuse(path, body, status, code, options) {
  const outcome = await must(status, path, body, options);
  assert.equal(outcome.resourceType, 'OperationOutcome');
  for (const issue of outcome.issue) assert.ok(['business-rule', 'value', 'security', 'forbidden', 'conflict', 'processing'].includes(issue.code), issue.code);
  const told = outcome.issue.flatMap((i) => i.details?.coding ?? []);
  assert.ok(told.some((c) => c.system === 'urn:pss:errors' && c.code === code), `${JSON.stringify(outcome)} lacks ${code}`);
}
const refusals = {
  'no token': [apply('GetDiagnoses'), bundle(patient(), symptom()), 401, 'SBX-TOKEN', { as: null }],
  'nonsense for a token': [apply('GetDiagnoses'), bundle(patient(), symptom()), 401, 'SBX-TOKEN', { as: 'nonsense' }],
  'a nurse': [apply('GetDiagnoses'), bundle(patient(), symptom()), 403, 'SBX-DISCIPLINE', { as: nurse }],
  'an unknown plan': [apply('GetWell'), bundle(patient(), symptom()), 404, 'SBX-PATH'],
  'not JSON': [apply('GetDiagnoses'), '{', 400, 'SBX-JSON'],
  'no bundle': [apply('GetDiagnoses'), { resourceType: 'Patient' }, 400, 'SBX-JSON'],
  'a batch': [apply('GetDiagnoses'), { ...bundle(patient(), symptom()), type: 'batch' }, 400, 'SBX-BUNDLE-TYPE'],
  'no patient': [apply('GetDiagnoses'), bundle(symptom()), 400, 'SBX-PATIENT'],
  'two patients': [apply('GetDiagnoses'), bundle(patient(), { ...patient(), fullUrl: 'urn:uuid:11111111-aaaa-4aaa-8aaa-000000000009' }, symptom()), 400, 'SBX-PATIENT'],
  'a patient without age': [apply('GetDiagnoses'), bundle(patient({ extension: undefined }), symptom()), 400, 'SBX-PATIENT'],
  'a patient of 131': [apply('GetDiagnoses'), bundle(patient({ extension: [{ url: `${pss}/StructureDefinition/PSSRelevantAge`, valueAge: { value: 131, system: 'http://unitsofmeasure.org', code: 'y' } }] }), symptom()), 400, 'SBX-PATIENT'],
  'a patient without gender': [apply('GetDiagnoses'), bundle(patient({ gender: undefined }), symptom()), 400, 'SBX-PATIENT'],
  'a patient with a birth date': [apply('GetDiagnoses'), bundle(patient({ birthDate: '1971-01-15' }), symptom()), 422, 'SBX-PATIENT-IDENTIFIED'],
  'a patient with a name': [apply('GetDiagnoses'), bundle(patient({ name: [{ family: 'Dubois' }] }), symptom()), 422, 'SBX-PATIENT-IDENTIFIED'],
  'a patient with a number': [apply('GetDiagnoses'), bundle(patient({ identifier: [{ value: '54022899886' }] }), symptom()), 422, 'SBX-PATIENT-IDENTIFIED'],
  'no symptom': [apply('GetDiagnoses'), bundle(patient()), 400, 'SBX-OBSERVATION-COUNT'],
  'no condition for advice': [apply('GetRecommendations'), bundle(patient()), 400, 'SBX-CONDITION-COUNT'],
  'two conditions for a questionnaire': [apply('GetDataToCollect'), bundle(patient(), infection(), { ...infection(), fullUrl: 'urn:uuid:11111111-aaaa-4aaa-8aaa-000000000008' }), 400, 'SBX-CONDITION-COUNT'],
  'a condition that is not confirmed': [apply('GetDataToCollect'), bundle(patient(), infection({ verificationStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'refuted' }] } })), 422, 'SBX-STATUS'],
  'a condition without date': [apply('GetDataToCollect'), bundle(patient(), infection({ onsetDateTime: undefined })), 422, 'SBX-DATE'],
  'an unknown indication': [apply('GetDataToCollect'), bundle(patient(), infection({ code: { coding: [{ system: 'PSS_INDICATION', code: 'NOSUCH' }] } })), 422, 'SBX-CODE-UNKNOWN'],
  'an unknown system': [apply('GetDataToCollect'), bundle(patient(), infection({ code: { coding: [{ system: 'https://example.org/x', code: 'x' }] } })), 422, 'SBX-SYSTEM-UNKNOWN'],
  'an intention of nobody': [apply('GetDiagnoses'), bundle(patient(), symptom(), intention('0')), 422, 'SBX-CODE-UNKNOWN'],
  'XML': [apply('GetDiagnoses'), '<x/>', 415, 'SBX-CONTENT-TYPE', { headers: { 'Content-Type': 'application/fhir+xml' } }],
  'another method': [apply('GetDiagnoses'), undefined, 405, 'SBX-METHOD', { method: 'PUT' }],
};
for (const [name, [path, body, ...want]] of Object.entries(refusals)) {
  test(`refused: ${name}`, () => refuse(path, body, ...want));
}
test('all errors of a request are told', async () => {
  const outcome = await must(422, apply('GetDataToCollect'), bundle(patient(), infection({ onsetDateTime: undefined, code: { coding: [{ system: 'PSS_INDICATION', code: 'NOSUCH' }] } })));
  assert.ok(outcome.issue.length >= 2, JSON.stringify(outcome));
});
test('the token of the pseudonymisation service is refused', async () => {
  const res = await call(apply('GetDiagnoses'), bundle(patient(), symptom()), { as: initial });
  assert.ok([401, 403].includes(res.status), String(res.status));
});

await run();
