// Referee: fhir-kit-client on /uhmep/v1 and on the terminology server. Pseudonyms come from Smals' helper.
import assert from 'node:assert/strict';
import { compactDecrypt } from 'jose';
import { Client } from 'fhir-kit-client';
import { test, run } from './lib/report.mjs';
import { base, why } from './lib/sandbox.mjs';
import { assertion, assertionClaims, claims, clientCredentials, exchange, login, pseudoScopes, registerKey, uhmepScopes } from './lib/iam.mjs';
import { HttpClient, loadHelper } from './lib/pseudo.mjs';
import { annex81, encryption, fhirPatch, hygienicCare, instant, marked, performerTask, urn } from './lib/referral.mjs';

const { PseudonymisationHelper, Curve } = await loadHelper();
const tracing = { 'User-Agent': 'Interop/suite/1 eHealth/Technical/3.0', From: 'interop@example.invalid' };
const ssin = '54022899886';

const pseudonymiser = (token) => new PseudonymisationHelper(new HttpClient(() => token))
  .createDomain('uhmep_v1', Curve.P521, 'https://api-acpt.ehealth.fgov.be/pseudo/v1/domains/uhmep_v1', 8);
/** A FHIR client for a caller; errors carry the OperationOutcome and the journal's account. */
function fhirClient(path, token) {
  const client = new Client({ baseUrl: base + path, customHeaders: { ...tracing }, ...(token ? { bearerToken: token } : {}) });
  return new Proxy(client, { get: (target, name) => typeof target[name] !== 'function' ? target[name] : async (...args) => {
    try {
      return await target[name](...args);
    } catch (e) {
      if (e.response) e.message += `\n${JSON.stringify(e.response.data)}\n${await why({ headers: e.config.headers })}`;
      throw e;
    }
  } });
}
async function person(persona, { client, audience } = {}) {
  const initial = (await login(persona, { client })).access_token;
  const token = (await exchange(initial, { client, audience })).access_token;
  return { initial, token, fhir: fhirClient('/uhmep/v1', token), domain: pseudonymiser(initial) };
}
const status = (n) => (e) => { assert.equal(e.response?.status, n, e.message); return true; };
const outcome = (n) => (e) => {
  status(n)(e);
  assert.equal(e.response.data.resourceType, 'OperationOutcome');
  assert.ok(e.response.data.issue.length > 0);
  return true;
};

const doctor = await person('dr-peeters');
const nurse = await person('nurse-claes');
const nurseRole = 'PractitionerRole/85072299879-NURSE';
const doctorRole = 'PractitionerRole/71011599751-PHYSICIAN';
let prescription;
let task;

test('the capability statement is public and names FHIR 4.0.1', async () => {
  const statement = await fhirClient('/uhmep/v1').capabilityStatement();
  assert.equal(statement.resourceType, 'CapabilityStatement');
  assert.equal(statement.fhirVersion, '4.0.1');
});
test('a doctor creates a nursing prescription with a pseudonym in transit and an encrypted remark', async () => {
  const patient = await doctor.domain.valueFactory.fromString(ssin).pseudonymize();
  prescription = await doctor.fhir.create({ resourceType: 'ServiceRequest',
    body: await hygienicCare({ domain: doctor.domain, patient, requester: doctorRole, remark: 'Kiné 3x par semaine' }) });
  const response = Client.httpFor(prescription).response;
  assert.equal(response.status, 201);
  assert.equal(response.headers.get('location').split('/_history')[0], `${base}/uhmep/v1/ServiceRequest/${prescription.id}`);
  assert.match(response.headers.get('etag'), /^W\/"/);
  assert.equal(prescription.status, 'active');
});
test('the prescription is read back with its identifiers and a fresh pseudonym of the same patient', async () => {
  const read = await doctor.fhir.read({ resourceType: 'ServiceRequest', id: prescription.id });
  assert.ok(read.identifier.some((i) => /short/.test(i.system ?? JSON.stringify(i.type ?? ''))), JSON.stringify(read.identifier));
  const value = read.subject.identifier.value;
  assert.match(value, /^urn:be:fgov:(ehealth:)?pseudo:v2:/);
  const pseudonym = doctor.domain.pseudonymInTransitFactory.fromSec1AndTransitInfo(value.split(':v2:')[1]);
  assert.equal((await pseudonym.identify()).asString(), ssin);
});
test('the remark is decrypted with the key that comes back', async () => {
  const read = await doctor.fhir.read({ resourceType: 'ServiceRequest', id: prescription.id });
  const carried = read.meta.extension.find((e) => e.url.endsWith('be-ext-key-pseudonymization')).extension.find((e) => e.url === 'key').valueString;
  const key = await doctor.domain.pseudonymInTransitFactory.fromSec1AndTransitInfo(carried.split(':v2:')[1]).identify();
  assert.equal(key.asBytes().length, 32);
  const { plaintext } = await compactDecrypt(read.note[0].text.split(':').pop(), key.asBytes());
  assert.equal(new TextDecoder().decode(plaintext), 'Kiné 3x par semaine');
});
test('a search by patient with a fresh pseudonym finds it', async () => {
  const fresh = await doctor.domain.valueFactory.fromString(ssin).pseudonymize();
  const bundle = await doctor.fhir.search({ resourceType: 'ServiceRequest', searchParams: { patient: urn(fresh) }, options: { postSearch: true } });
  assert.equal(bundle.type, 'searchset');
  assert.ok(Number.isInteger(bundle.total));
  const found = bundle.entry.find((e) => e.resource.id === prescription.id);
  assert.equal(found.search.mode, 'match');
  assert.equal(found.fullUrl, `${base}/uhmep/v1/ServiceRequest/${prescription.id}`);
});
test('a search is paged by its own links', async () => {
  const fresh = await doctor.domain.valueFactory.fromString(ssin).pseudonymize();
  let bundle = await doctor.fhir.search({ resourceType: 'ServiceRequest', searchParams: { patient: urn(fresh), _count: '2' }, options: { postSearch: true } });
  const seen = new Set();
  const total = bundle.total;
  for (let page = 0; bundle && page < 40; page++) {
    for (const e of bundle.entry ?? []) seen.add(e.resource.id);
    bundle = await doctor.fhir.nextPage({ bundle });
  }
  assert.equal(seen.size, total);
});
test('a search without a filter is refused by code', () => assert.rejects(
  doctor.fhir.search({ resourceType: 'ServiceRequest', searchParams: { status: 'active' }, options: { postSearch: true } }), (e) => {
    outcome(400)(e);
    assert.match(JSON.stringify(e.response.data), /REQUIRED_SEARCH_CRITERIA_MISSING/);
    return true;
  }));
test('the referral task has the id of its prescription', async () => {
  const referralTask = await doctor.fhir.read({ resourceType: 'Task', id: prescription.id });
  assert.equal(referralTask.focus.reference, `ServiceRequest/${prescription.id}`);
  assert.equal(referralTask.status, 'ready');
});
test('a nurse assigns herself', async () => {
  task = await nurse.fhir.create({ resourceType: 'Task', body: performerTask(prescription.id, nurseRole) });
  assert.equal(task.status, 'ready');
  assert.equal(task.owner.reference, nurseRole);
});
test('a second assignment of the same nurse is a conflict', () => assert.rejects(
  nurse.fhir.create({ resourceType: 'Task', body: performerTask(prescription.id, nurseRole) }), outcome(409)));
test('JSON Patch is refused', () => assert.rejects(
  nurse.fhir.patch({ resourceType: 'Task', id: task.id, jsonPatch: [{ op: 'replace', path: '/status', value: 'in-progress' }] }),
  (e) => { assert.ok([400, 415].includes(e.response?.status), e.message); return true; }));
const patch = (fhir, path, body) => fhir.request(path, { method: 'PATCH', body, options: { headers: { 'Content-Type': 'application/fhir+json' } } });
test('the nurse starts by FHIRPath Patch', async () => {
  const started = await patch(nurse.fhir, `Task/${task.id}`, fhirPatch({ type: 'add', path: 'Task.executionPeriod', name: 'start', value: { valueDateTime: instant() } }));
  assert.equal(started.status, 'in-progress');
  const referralTask = await doctor.fhir.read({ resourceType: 'Task', id: prescription.id });
  assert.equal(referralTask.status, 'in-progress');
});
test('a started prescription can no longer be cancelled', () => assert.rejects(
  patch(doctor.fhir, `ServiceRequest/${prescription.id}`, fhirPatch({ type: 'replace', path: 'ServiceRequest.status', value: { valueCode: 'revoked' } })), outcome(409)));
test('the nurse finishes', async () => {
  const finished = await patch(nurse.fhir, `Task/${task.id}`, fhirPatch({ type: 'add', path: 'Task.executionPeriod', name: 'end', value: { valueDateTime: instant() } }));
  assert.equal(finished.status, 'completed');
});
test('the whole graph comes in one bundle', async () => {
  const graph = await doctor.fhir.operation({ name: '$graph', resourceType: 'ServiceRequest', id: prescription.id, method: 'GET',
    input: { graph: 'https://www.ehealth.fgov.be/standards/fhir/referral/GraphDefinition/full-referral-prescription' } });
  const kinds = new Set(graph.entry.map((e) => e.resource.resourceType));
  for (const kind of ['ServiceRequest', 'Task', 'PractitionerRole', 'Practitioner']) assert.ok(kinds.has(kind), `graph lacks ${kind}`);
});
test('the tasks of a prescription are found by focus', async () => {
  const bundle = await nurse.fhir.search({ resourceType: 'Task', searchParams: { focus: `ServiceRequest/${prescription.id}` } });
  assert.deepEqual(new Set(bundle.entry.map((e) => e.resource.id)), new Set([prescription.id, task.id]));
});
test('history and vread of the task', async () => {
  const history = await nurse.fhir.history({ resourceType: 'Task', id: task.id });
  assert.equal(history.type, 'history');
  assert.ok(history.entry.length >= 3, `${history.entry.length} versions`);
  const first = await nurse.fhir.vread({ resourceType: 'Task', id: task.id, version: '1' });
  assert.equal(first.status, 'ready');
});
test('references resolve through the client', async () => {
  const role = await nurse.fhir.resolve({ reference: nurseRole });
  assert.equal(role.resourceType, 'PractitionerRole');
  const practitioner = await nurse.fhir.resolve({ reference: role.practitioner.reference });
  assert.equal(practitioner.id, '85072299879');
});
test('a fresh prescription is cancelled by its doctor', async () => {
  const patient = await doctor.domain.valueFactory.fromString(ssin).pseudonymize();
  const fresh = await doctor.fhir.create({ resourceType: 'ServiceRequest', body: await hygienicCare({ domain: doctor.domain, patient, requester: doctorRole }) });
  const cancelled = await patch(doctor.fhir, `ServiceRequest/${fresh.id}`, fhirPatch({ type: 'replace', path: 'ServiceRequest.status', value: { valueCode: 'revoked' } }));
  assert.equal(cancelled.status, 'revoked');
});
test('an assignment is taken back by delete and is then gone', async () => {
  const patient = await doctor.domain.valueFactory.fromString(ssin).pseudonymize();
  const fresh = await doctor.fhir.create({ resourceType: 'ServiceRequest', body: await hygienicCare({ domain: doctor.domain, patient, requester: doctorRole }) });
  const mine = await nurse.fhir.create({ resourceType: 'Task', body: performerTask(fresh.id, nurseRole) });
  const deleted = await nurse.fhir.delete({ resourceType: 'Task', id: mine.id });
  assert.equal(Client.httpFor(deleted).response.status, 204);
  await assert.rejects(nurse.fhir.read({ resourceType: 'Task', id: mine.id }), outcome(410));
});

test('history and vread of the prescription', async () => {
  const history = await doctor.fhir.history({ resourceType: 'ServiceRequest', id: prescription.id });
  assert.equal(history.type, 'history');
  assert.equal((await doctor.fhir.vread({ resourceType: 'ServiceRequest', id: prescription.id, version: '1' })).id, prescription.id);
});
for (const name of ['$approve', '$reject']) {
  test(`a nurse proposes and the doctor answers with ${name}`, async () => {
    const patient = await nurse.domain.valueFactory.fromString(ssin).pseudonymize();
    const proposal = await nurse.fhir.create({ resourceType: 'ServiceRequest', body: annex81({ patient, requester: nurseRole }) });
    const key = await encryption(doctor.domain);
    const note = { resourceType: 'Parameters', meta: { extension: [key.extension] },
      parameter: [{ name: 'note', valueCodeableConcept: { text: await key.text('goed idee'), _text: marked('encrypted', 1) } }] };
    const answer = await doctor.fhir.operation({ name, resourceType: 'ServiceRequest', id: proposal.id, input: note });
    const location = answer.parameter.find((p) => p.name === 'location').valueId;
    if (name === '$reject') assert.equal(location, proposal.id);
    else assert.equal((await doctor.fhir.read({ resourceType: 'ServiceRequest', id: location })).intent, 'order');
    assert.equal((await nurse.fhir.read({ resourceType: 'ServiceRequest', id: proposal.id })).status, 'completed');
  });
}

const refusals = {
  'the patient in clear': [422, (r) => { r.subject.identifier.value = ssin; delete r.subject.identifier._value; }],
  'an unknown template': [422, (r) => { r.category[1].coding[0].code = 'no-such-care'; }],
  'an unknown member': [400, (r) => { r.colour = 'red'; }],
  'no requester': [422, (r) => { delete r.requester; }],
  'a draft that is completed': [422, (r) => { r.status = 'completed'; }],
  'a note in clear': [422, (r) => { r.note = [{ text: 'in clear' }]; }],
};
for (const [name, [want, spoil]] of Object.entries(refusals)) {
  test(`a prescription with ${name} is refused with an OperationOutcome that says where`, async () => {
    const patient = await doctor.domain.valueFactory.fromString(ssin).pseudonymize();
    const body = await hygienicCare({ domain: doctor.domain, patient, requester: doctorRole });
    spoil(body);
    await assert.rejects(doctor.fhir.create({ resourceType: 'ServiceRequest', body }), (e) => {
      outcome(want)(e);
      assert.ok(e.response.data.issue.every((i) => i.severity && i.code && i.diagnostics), JSON.stringify(e.response.data));
      assert.ok(e.response.data.issue.some((i) => i.expression?.length), JSON.stringify(e.response.data));
      return true;
    });
  });
}
test('the token of the pseudonymisation service is refused', () => assert.rejects(
  fhirClient('/uhmep/v1', doctor.initial).read({ resourceType: 'ServiceRequest', id: prescription.id }),
  (e) => { assert.ok([401, 403].includes(e.response?.status), e.message); return true; }));
test('no token is a 401', () => assert.rejects(fhirClient('/uhmep/v1').read({ resourceType: 'ServiceRequest', id: prescription.id }), outcome(401)));
test('an update is not offered', () => assert.rejects(
  doctor.fhir.update({ resourceType: 'ServiceRequest', id: prescription.id, body: { resourceType: 'ServiceRequest', id: prescription.id } }), outcome(405)));
test('no From header is a 400', () => assert.rejects(
  new Client({ baseUrl: `${base}/uhmep/v1`, bearerToken: doctor.token, customHeaders: { 'User-Agent': 'x' } })
    .read({ resourceType: 'ServiceRequest', id: prescription.id }), (e) => /TRACING_HEADER_MISSING/.test(JSON.stringify(e.response?.data)) && e.response.status === 400));
test('the patient sees her own prescriptions', async () => {
  const dubois = await person('pat-dubois', { client: 'nihdi-uhmep-patient', audience: 'nihdi-uhmep-fhir-patient' });
  const me = await dubois.domain.valueFactory.fromString(ssin).pseudonymize();
  const bundle = await dubois.fhir.search({ resourceType: 'ServiceRequest', searchParams: { patient: urn(me) }, options: { postSearch: true } });
  assert.ok(bundle.entry.some((e) => e.resource.id === prescription.id));
});
test('an organisation walks the same way with its two tokens', async () => {
  const { privateKey, kid } = await registerKey('NIHII-HOSPITAL', '71099911', { kid: '1795999301' });
  const ask = async (scope) => (await clientCredentials({ scope }, assertion(privateKey, assertionClaims('demo-hospital'), { kid }))).body.access_token;
  const [pseudo, uhmep] = [await ask(pseudoScopes), await ask(uhmepScopes)];
  assert.ok(claims(uhmep).userProfile.organizations);
  const domain = pseudonymiser(pseudo);
  const fhir = fhirClient('/uhmep/v1', uhmep);
  const patient = await domain.valueFactory.fromString(ssin).pseudonymize();
  const made = await fhir.create({ resourceType: 'ServiceRequest', body: await hygienicCare({ domain, patient, requester: `${doctorRole}-NIHII-71099911710` }) });
  assert.equal((await fhir.read({ resourceType: 'ServiceRequest', id: made.id })).id, made.id);
  await assert.rejects(fhirClient('/uhmep/v1', pseudo).read({ resourceType: 'ServiceRequest', id: made.id }), (e) => [401, 403].includes(e.response?.status));
});

// ---- prescription search support --------------------------------------------------------------------------------

test('PSS: from a symptom to ranked advice by $apply', async () => {
  const pss = fhirClient('/pss/v1/fhir', doctor.token);
  const subject = { reference: 'urn:uuid:11111111-aaaa-4aaa-8aaa-000000000001' };
  const patient = { fullUrl: subject.reference, resource: { resourceType: 'Patient', id: 'p1', gender: 'male',
    extension: [{ url: 'https://www.ehealth.fgov.be/standards/fhir/pss/StructureDefinition/PSSRelevantAge', valueAge: { value: 53, system: 'http://unitsofmeasure.org', code: 'y' } }],
    name: [{ extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] }] } };
  const symptom = { fullUrl: 'urn:uuid:11111111-aaaa-4aaa-8aaa-000000000002', resource: { resourceType: 'Observation', id: 'o1', status: 'final',
    code: { coding: [{ system: 'http://snomed.info/sct', code: '20262006' }], text: 'headache' }, subject } };
  const apply = (plan, ...entry) => pss.operation({ name: '$apply', resourceType: 'PlanDefinition', id: plan, input: { resourceType: 'Bundle', type: 'collection', entry } });
  const diagnoses = await apply('GetDiagnoses', patient, symptom);
  const condition = diagnoses.entry.find((e) => e.resource.resourceType === 'Condition');
  assert.ok(condition, JSON.stringify(diagnoses).slice(0, 500));
  const advice = await apply('GetRecommendations', patient, condition);
  const options = advice.entry.find((e) => e.resource.resourceType === 'RequestGroup').resource.action[0].action;
  const scores = options.map((o) => o.extension.map((x) => x.extension).find((x) => x.some((p) => p.valueCode === 'overall')).find((p) => p.valueRatio).valueRatio.numerator.value);
  assert.ok(scores.length > 0);
  assert.deepEqual(scores, [...scores].sort((a, b) => b - a));
  assert.ok(advice.identifier.value);
});
test('PSS: a patient that can be recognised is refused', () => assert.rejects(
  fhirClient('/pss/v1/fhir', doctor.token).operation({ name: '$apply', resourceType: 'PlanDefinition', id: 'GetDiagnoses', input: { resourceType: 'Bundle', type: 'collection',
    entry: [{ fullUrl: 'urn:uuid:11111111-aaaa-4aaa-8aaa-000000000001', resource: { resourceType: 'Patient', birthDate: '1971-01-15' } }] } }),
  (e) => { assert.ok(e.response.status >= 400 && e.response.status < 500, e.message); assert.equal(e.response.data.resourceType, 'OperationOutcome'); return true; }));

// ---- terminology -----------------------------------------------------------------------------------------------

const snomed = 'http://snomed.info/sct';
const prescriptionTypes = 'https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-prescription-type';
const part = (parameters, name) => parameters.parameter.find((p) => p.name === name);
for (const path of ['/fhir', '/terminology/fhir']) {
  const tx = fhirClient(path);
  test(`${path}: capability statement`, async () => assert.equal((await tx.capabilityStatement()).fhirVersion, '4.0.1'));
  for (const method of ['GET', 'POST']) {
    const input = (o) => method === 'GET' ? o : { resourceType: 'Parameters', parameter: Object.entries(o).map(([name, value]) => typeof value === 'number'
      ? { name, valueInteger: value } : name === 'system' || name === 'url' ? { name, valueUri: value }
        : name === 'includeDesignations' ? { name, valueBoolean: value === 'true' } : name.startsWith('code') || name === 'displayLanguage' ? { name, valueCode: value } : { name, valueString: value }) };
    test(`${path}: $lookup by ${method} answers a display and designations`, async () => {
      const found = await tx.operation({ name: '$lookup', resourceType: 'CodeSystem', method, input: input({ system: snomed, code: '225964003', displayLanguage: 'nl' }) });
      assert.equal(found.resourceType, 'Parameters');
      assert.ok(part(found, 'name').valueString && part(found, 'display').valueString);
      const languages = found.parameter.filter((p) => p.name === 'designation').map((d) => d.part.find((x) => x.name === 'language')?.valueCode.slice(0, 2));
      assert.ok(languages.includes('nl') && languages.includes('fr'), `languages ${languages}`);
    });
    test(`${path}: $expand by ${method} with a filter`, async () => {
      const set = await tx.operation({ name: '$expand', resourceType: 'ValueSet', method,
        input: input({ url: `${snomed}?fhir_vs`, filter: 'hyg', displayLanguage: 'nl', count: 5, includeDesignations: 'true' }) });
      assert.equal(set.resourceType, 'ValueSet');
      assert.ok(set.expansion.timestamp && set.expansion.identifier);
      assert.ok(Number.isInteger(set.expansion.total));
      assert.ok((set.expansion.contains ?? []).length <= 5);
    });
    test(`${path}: $validate-code by ${method}`, async () => {
      const yes = await tx.operation({ name: '$validate-code', resourceType: 'CodeSystem', method, input: input({ url: snomed, code: '225964003' }) });
      assert.equal(part(yes, 'result').valueBoolean, true);
      const no = await tx.operation({ name: '$validate-code', resourceType: 'CodeSystem', method, input: input({ url: prescriptionTypes, code: 'no-such-care' }) });
      assert.equal(part(no, 'result').valueBoolean, false);
      assert.ok(part(no, 'message').valueString);
      // Only a fragment of SNOMED CT is built in, so nobody can say that a code does not exist.
      const unknown = await tx.operation({ name: '$validate-code', resourceType: 'CodeSystem', method, input: input({ url: snomed, code: '999999' }) });
      assert.equal(part(unknown, 'result').valueBoolean, true);
      assert.match(JSON.stringify(unknown), /fragment/i);
    });
    test(`${path}: $subsumes by ${method}`, async () => {
      const same = await tx.operation({ name: '$subsumes', resourceType: 'CodeSystem', method, input: input({ system: snomed, codeA: '225964003', codeB: '225964003' }) });
      assert.equal(part(same, 'outcome').valueCode, 'equivalent');
    });
  }
  test(`${path}: an unknown code is a 404 with an OperationOutcome`, () => assert.rejects(
    tx.operation({ name: '$lookup', resourceType: 'CodeSystem', method: 'GET', input: { system: snomed, code: '999999' } }), outcome(404)));
  test(`${path}: a batch of validations`, async () => {
    const entry = (code) => ({ request: { method: 'GET', url: `CodeSystem/$validate-code?url=${prescriptionTypes}&code=${code}` } });
    const answer = await tx.batch({ body: { resourceType: 'Bundle', type: 'batch', entry: [entry('sampling'), entry('no-such-care')] } });
    assert.deepEqual(answer.entry.map((e) => part(e.resource, 'result').valueBoolean), [true, false]);
  });
  test(`${path}: read, write and delete of a code system and a value set`, async () => {
    const url = `https://example.org${path}/CodeSystem/size`;
    const body = { resourceType: 'CodeSystem', id: 'size', url, version: '1', name: 'Size', status: 'active', content: 'complete', concept: [{ code: 'small', display: 'Small' }] };
    await tx.update({ resourceType: 'CodeSystem', id: 'size', body });
    assert.equal((await tx.read({ resourceType: 'CodeSystem', id: 'size' })).url, url);
    const made = await tx.create({ resourceType: 'ValueSet', body: { resourceType: 'ValueSet', url: url.replace('CodeSystem', 'ValueSet'), name: 'Size', status: 'active', compose: { include: [{ system: url }] } } });
    assert.deepEqual((await tx.operation({ name: '$expand', resourceType: 'ValueSet', id: made.id, method: 'GET' })).expansion.contains.map((c) => c.code), ['small']);
    const found = await tx.search({ resourceType: 'ValueSet', searchParams: { reference: url } });
    assert.ok(found.entry.some((e) => e.resource.id === made.id));
    await tx.delete({ resourceType: 'ValueSet', id: made.id });
    await tx.delete({ resourceType: 'CodeSystem', id: 'size' });
    await assert.rejects(tx.read({ resourceType: 'CodeSystem', id: 'size' }), outcome(404));
  });
  test(`${path}: $translate with a map of one's own`, async () => {
    const [source, target] = ['nl', 'fr'].map((n) => `https://example.org${path}/CodeSystem/${n}`);
    const map = await tx.create({ resourceType: 'ConceptMap', body: { resourceType: 'ConceptMap', url: `https://example.org${path}/ConceptMap/nl-fr`, name: 'NLFR', status: 'active',
      group: [{ source, target, element: [{ code: 'rood', target: [{ code: 'rouge', equivalence: 'equal' }] }] }] } });
    const out = await tx.operation({ name: '$translate', resourceType: 'ConceptMap', method: 'GET', input: { url: map.url, system: source, code: 'rood' } });
    assert.equal(part(out, 'result').valueBoolean, true);
    const match = part(out, 'match').part;
    assert.deepEqual([match.find((p) => p.name === 'equivalence').valueCode, match.find((p) => p.name === 'concept').valueCoding.code], ['equal', 'rouge']);
    assert.equal((await tx.read({ resourceType: 'ConceptMap', id: map.id })).url, map.url);
    await tx.delete({ resourceType: 'ConceptMap', id: map.id });
  });
  test(`${path}: the Belgian prescription types are served`, async () => {
    const bundle = await tx.search({ resourceType: 'CodeSystem', searchParams: { url: prescriptionTypes } });
    assert.equal(bundle.total, 1);
  });
}

await run();
