// Bare requests against /uhmep/v1, part one: documents that must be taken and documents that must not, each refusal with the
// element it is about. The samples are written from the public profiles, not taken from the sandbox.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, run } from './lib/report.mjs';
import { base, why } from './lib/sandbox.mjs';
import { exchange, login } from './lib/iam.mjs';
import { openDomain } from './lib/pseudo.mjs';
import { annex81, encryption, hygienicCare, instant, radiology, referral, today, urn } from './lib/referral.mjs';

const { domain, session } = await openDomain();
const doctorToken = (await exchange(session.token)).access_token;
const nurseInitial = (await login('nurse-claes')).access_token;
const nurseToken = (await exchange(nurseInitial)).access_token;
const doctorRole = 'PractitionerRole/71011599751-PHYSICIAN';
const nurseRole = 'PractitionerRole/85072299879-NURSE';
const patient = await domain.valueFactory.fromString('54022899886').pseudonymize();
const imagingCode = '32962002';

const send = (method, path, body, token, headers = {}) => fetch(`${base}/uhmep/v1/${path}`, {
  method, body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
  headers: { Authorization: `Bearer ${token}`, From: 'interop@example.invalid', 'User-Agent': 'Interop/1', 'Content-Type': 'application/fhir+json', ...headers } });
const days = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
const validity = (r) => r.extension.find((e) => e.url.endsWith('be-ext-validity-period')).valuePeriod;

const kinds = {
  nursing: [() => hygienicCare({ domain, patient, requester: doctorRole, remark: 'let op' }), doctorToken],
  proposal: [() => annex81({ patient, requester: nurseRole }), nurseToken],
  imaging: [() => radiology({ domain, patient, requester: doctorRole, code: imagingCode }), doctorToken],
};

async function judge(kind, change, wantStatus, wantElement, wantCode) {
  const [make, token] = kinds[kind];
  const resource = await make();
  const body = (await change?.(resource)) ?? resource;
  const res = await send('POST', 'ServiceRequest', body, token);
  const answer = await res.json();
  const told = `${JSON.stringify(answer).slice(0, 1500)}\n${res.status === wantStatus ? '' : await why(res)}`;
  assert.equal(res.status, wantStatus, told);
  if (wantStatus === 201) return answer;
  assert.equal(answer.resourceType, 'OperationOutcome');
  for (const issue of answer.issue) {
    assert.ok(issue.severity && issue.code && issue.diagnostics, told);
    assert.match(issue.diagnostics, /[0-9a-f]{8}-[0-9a-f]{4}-/, 'an error id');
  }
  if (wantElement) assert.ok(answer.issue.some((i) => i.expression?.some((x) => wantElement.test(x)) || wantElement.test(i.diagnostics)), `no issue names ${wantElement}: ${told}`);
  if (wantCode) assert.ok(answer.issue.some((i) => i.details?.coding?.some((c) => c.code === wantCode)), `no issue has ${wantCode}: ${told}`);
  return answer;
}

// ---- documents that are taken ----------------------------------------------------------------------------------

const taken = {
  'nursing as it is': ['nursing'],
  'a proposal as it is': ['proposal'],
  'imaging as it is': ['imaging'],
  'nursing as draft, as the examples have it': ['nursing', (r) => { r.status = 'draft'; }],
  'nursing with an unknown extension': ['nursing', (r) => { r.extension.push({ url: 'https://example.org/ext', valueString: 'x' }); }],
  'nursing with a narrative': ['nursing', (r) => { r.text = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' }; }],
  'nursing with the older spelling of the pseudonym': ['nursing', (r) => { r.subject.identifier.value = r.subject.identifier.value.replace('fgov:pseudo', 'fgov:ehealth:pseudo'); }],
  'nursing with the uncompressed pseudonym': ['nursing', (r) => { r.subject.identifier.value = `urn:be:fgov:pseudo:v2:${patient.asString()}`; }],
  'nursing for a patient by reference': ['nursing', (r) => { r.subject = { reference: `Patient/${urn(patient)}` }; }],
  'nursing with an id of the client, which is ignored': ['nursing', (r) => { r.id = 'mine'; }],
  'nursing that starts in a week': ['nursing', (r) => { validity(r).start = days(7); }],
  'nursing that started five days ago': ['nursing', (r) => { validity(r).start = days(-5); }],
  'nursing with an end': ['nursing', (r) => { validity(r).end = days(60); }],
  'nursing with a coded medical reason': ['nursing', (r) => { r.reasonCode = [{ coding: [{ system: 'http://snomed.info/sct', code: '404684003' }] }]; }],
  'imaging with the older canonical of the questionnaire': ['imaging', (r) => { r.contained[1].questionnaire = r.contained[1].questionnaire.replace('/referral/', '/drp/'); }],
  'imaging with answers': ['imaging', (r) => { r.contained[1].item = [{ linkId: 'diabetes', answer: [{ valueBoolean: true }] }, { linkId: 'pregnancy', answer: [{ valueBoolean: false }] }]; }],
};
for (const [name, [kind, change]] of Object.entries(taken)) {
  test(`taken: ${name}`, async () => {
    const made = await judge(kind, change, 201);
    assert.match(made.id, /^[0-9a-f-]{36}$/);
    assert.equal(made.status, 'active');
    assert.ok(!made.text);
    assert.ok(made.identifier.some((i) => i.system.endsWith('NamingSystem/uhmep') && i.value === made.id));
    const short = made.identifier.find((i) => i.system.endsWith('uhmep-short'));
    if (kind === 'proposal') assert.equal(short, undefined);
    else assert.match(short.value, /^[A-NP-Z0-9]{4}[A-F0-9]{2}$/);
    assert.ok(validity(made).end, 'the end is filled in');
  });
}

// ---- documents that are refused --------------------------------------------------------------------------------

const refused = {
  // JSON
  'not JSON': ['nursing', () => '{', 400, undefined, 'BODY_MALFORMED'],
  'a duplicate member': ['nursing', (r) => JSON.stringify(r).replace('"intent":"order"', '"intent":"order","intent":"order"'), 400, /intent/],
  'another resource': ['nursing', () => ({ resourceType: 'Patient' }), 400],
  'an empty list': ['nursing', (r) => { r.orderDetail = []; }, 400, /orderDetail/],
  'an empty text': ['nursing', (r) => { r.priority = ''; }, 400, /priority/],
  'a null': ['nursing', (r) => { r.priority = null; }, 400, /priority/],
  'a text where a list belongs': ['nursing', (r) => { r.category = 'x'; }, 400, /category/],
  // profile
  'an unknown profile': ['nursing', (r) => { r.meta.profile = ['https://example.org/p']; }, 422, /profile/, 'PROFILE_UNSUPPORTED'],
  'no profile': ['nursing', (r) => { delete r.meta.profile; }, 422, /profile/, 'PROFILE_UNSUPPORTED'],
  'no validity': ['nursing', (r) => { r.extension.shift(); }, 422, /validity/i],
  'two validities': ['nursing', (r) => { r.extension.push(r.extension[0]); }, 422, /validity/i],
  'a validity with a time': ['nursing', (r) => { validity(r).start = `${today()}T00:00:00Z`; }, 422, /validity/i],
  'a latest end date from the client': ['nursing', (r) => { r.extension.push({ url: `${referral}/be-ext-latest-end-date`, valueDateTime: days(30) }); }, 422, /latest/],
  'a feedback that is a text': ['nursing', (r) => { r.extension[1] = { url: r.extension[1].url, valueString: 'no' }; }, 422, /feedback/],
  'no intent': ['nursing', (r) => { delete r.intent; }, 422, /intent/],
  'intent plan': ['nursing', (r) => { r.intent = 'plan'; }, 422, /intent/],
  'intent proposal for nursing': ['nursing', (r) => { r.intent = 'proposal'; }, 422, /intent/i],
  'intent order for annex 81': ['proposal', (r) => { r.intent = 'order'; }, 422, /intent|basedOn/i],
  'status revoked': ['nursing', (r) => { r.status = 'revoked'; }, 422, /status/, 'STATUS_NOT_ALLOWED'],
  'a status of nobody': ['nursing', (r) => { r.status = 'ready'; }, 422, /status/],
  'no code': ['nursing', (r) => { delete r.code; }, 422, /code/],
  'no authoredOn': ['nursing', (r) => { delete r.authoredOn; }, 422, /authoredOn/],
  'authoredOn with Z': ['nursing', (r) => { r.authoredOn = r.authoredOn.replace('+00:00', 'Z'); }, 422, /authoredOn/],
  'authoredOn with milliseconds': ['nursing', (r) => { r.authoredOn = r.authoredOn.replace('+', '.123+'); }, 422, /authoredOn/],
  'authoredOn tomorrow': ['nursing', (r) => { r.authoredOn = instant(new Date(Date.now() + 86_400_000)); }, 422, /authoredOn/, 'DATE_RULE'],
  'no discipline': ['nursing', (r) => { r.category.shift(); }, 422, /category/],
  'two disciplines': ['nursing', (r) => { r.category.push({ coding: [{ system: 'http://snomed.info/sct', code: '9632001' }] }); }, 422, /category/],
  'the discipline of imaging': ['nursing', (r) => { r.category[0].coding[0].code = '363679005'; }, 422, /category/],
  'no template': ['nursing', (r) => { r.category.pop(); }, 422, /category/],
  'a template of another profile': ['nursing', (r) => { r.category[1].coding[0].code = 'diagnostic-imaging-appendix-82'; }, 422, /category|template/i],
  'the template without active profile': ['nursing', (r) => { r.category[1].coding[0].code = 'telemonitoring-chronic-heart-failure'; }, 422, /category|template/i],
  'a userSelected discipline': ['nursing', (r) => { r.category[0].coding[0].userSelected = true; }, 422, /userSelected|category/],
  'a performer': ['nursing', (r) => { r.performer = [{ reference: nurseRole }]; }, 422, /performer/],
  'an encounter': ['nursing', (r) => { r.encounter = { reference: 'Encounter/1' }; }, 422, /encounter/],
  'a language': ['nursing', (r) => { r.language = 'nl'; }, 422, /language/],
  'an insurance': ['nursing', (r) => { r.insurance = [{ reference: 'Coverage/1' }]; }, 422, /insurance/],
  'a contained resource in nursing': ['nursing', (r) => { r.contained = [{ resourceType: 'Patient', id: 'p' }]; r.subject.reference = '#p'; }, 422, /contained/],
  'two reasons': ['nursing', (r) => { r.reasonCode = [{ coding: [{ system: 'http://snomed.info/sct', code: '404684003' }] }, { coding: [{ system: 'http://snomed.info/sct', code: '404684003' }] }]; }, 422, /reasonCode/],
  'an occurrence that is a date': ['nursing', (r) => { delete r.occurrenceTiming; r.occurrenceDateTime = today(); }, 422, /occurrence/],
  'a timing with an event': ['nursing', (r) => { r.occurrenceTiming.event = [today()]; }, 422, /event/],
  'a timing with days of the week': ['nursing', (r) => { r.occurrenceTiming.repeat.dayOfWeek = ['mon']; }, 422, /dayOfWeek/],
  'bounds that are a period': ['nursing', (r) => { delete r.occurrenceTiming.repeat.boundsDuration; r.occurrenceTiming.repeat.boundsPeriod = { start: today() }; }, 422, /bounds/],
  'a period without unit': ['nursing', (r) => { delete r.occurrenceTiming.repeat.periodUnit; }, 422, /repeat|period/],
  'an author of a note': ['nursing', (r) => { r.note[0].authorString = 'x'; }, 422, /author/],
  'an unknown modifier extension': ['nursing', (r) => { r.modifierExtension = [{ url: 'https://example.org/m', valueBoolean: true }]; }, 422, /modifierExtension/],
  'meta with a tag': ['nursing', (r) => { r.meta.tag = [{ code: 'x' }]; }, 422, /tag/],
  // pseudonyms and encryption
  'no subject': ['nursing', (r) => { delete r.subject; }, 422, /subject/],
  'a subject without pseudonym': ['nursing', (r) => { r.subject = { display: 'Mevrouw Dubois' }; }, 422, /subject/, 'PATIENT_PSEUDONYM_REQUIRED'],
  'no marker on the pseudonym': ['nursing', (r) => { delete r.subject.identifier._value; }, 422, /subject/],
  'a marker that says false': ['nursing', (r) => { r.subject.identifier._value.extension[0].extension[0].valueBoolean = false; }, 422, /subject|marker/],
  'a broken pseudonym': ['nursing', (r) => { r.subject.identifier.value = r.subject.identifier.value.slice(0, -6) + 'AAAAAA'; }, 422, /subject/, 'PSEUDONYM_INVALID'],
  'a pseudonym of version 1 by a typing error': ['nursing', (r) => { r.subject.identifier.value = 'urn:be:fgov:pseudo:v1:kid:jwe'; }, 422, /subject/],
  'an encrypted note without key': ['nursing', (r) => { delete r.meta.extension; }, 422, /key|meta/i, 'KEY_MISSING'],
  'two keys': ['nursing', async (r) => { r.meta.extension.push((await encryption(domain)).extension); }, 422, /key|meta/i, 'KEY_AMBIGUOUS'],
  'another kid in the text': ['nursing', (r) => { r.note[0].text = r.note[0].text.replace(r.meta.extension[0].id, randomUUID()); }, 422, /note/, 'KEY_MISMATCH'],
  'a key without id': ['nursing', (r) => { delete r.meta.extension[0].id; }, 422, /key|meta/i],
  'clear text with a marker': ['nursing', (r) => { r.note[0].text = 'let op'; }, 422, /note/, 'TEXT_NOT_ENCRYPTED'],
  'a text encrypted with another algorithm': ['nursing', (r) => {
    const parts = r.note[0].text.split(':');
    const jwe = parts.pop().split('.');
    jwe[0] = Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A128GCM' })).toString('base64url');
    r.note[0].text = [...parts, jwe.join('.')].join(':');
  }, 422, /note/],
  'a text under version 2': ['nursing', (r) => { r.note[0].text = r.note[0].text.replace('encrypted:v1', 'encrypted:v2'); }, 422, /note/],
  'a reason in clear': ['nursing', (r) => { r.reasonCode = [{ text: 'rugpijn' }]; }, 422, /reasonCode/],
  'an order detail in clear': ['nursing', (r) => { r.orderDetail = [{ text: 'douche' }]; }, 422, /orderDetail/],
  // actors and dates
  'another requester': ['nursing', (r) => { r.requester.reference = 'PractitionerRole/78060599748-DENTIST'; }, 403, /requester/, 'WRONG_REFERENCE_HEALTHCARE_PROFESSIONAL'],
  'a requester that is a Practitioner': ['nursing', (r) => { r.requester.reference = 'Practitioner/71011599751'; }, 422, /requester/],
  'a start six days before writing': ['nursing', (r) => { validity(r).start = days(-6); }, 422, /validity/i, 'VALIDITY_RULE'],
  'a start in three years': ['nursing', (r) => { validity(r).start = days(1100); }, 422, /validity/i, 'VALIDITY_RULE'],
  'an end before the start': ['nursing', (r) => { validity(r).end = days(-1); }, 422, /validity/i],
  'an end beyond the maximum': ['nursing', (r) => { validity(r).end = days(800); }, 422, /validity/i, 'VALIDITY_RULE'],
  // annex 81
  'a proposal without nursing diagnosis': ['proposal', (r) => { r.reasonCode.shift(); }, 422, /reasonCode/],
  'a proposal without medical problem': ['proposal', (r) => { r.reasonCode.pop(); }, 422, /reasonCode/],
  'a proposal for something else': ['proposal', (r) => { r.code.coding[0].code = '225964003'; }, 422, /code/],
  'a proposal twice a week': ['proposal', (r) => { r.occurrenceTiming.repeat.frequency = 2; }, 422, /frequency/],
  'a proposal with an order detail': ['proposal', (r) => { r.orderDetail = [{ coding: [{ system: 'http://snomed.info/sct', code: '370858005' }] }]; }, 422, /orderDetail/],
  // imaging
  'imaging without checklist': ['imaging', (r) => { r.contained.pop(); r.supportingInfo.shift(); }, 422, /contained|supportingInfo/],
  'imaging without patient': ['imaging', (r) => { r.contained.shift(); }, 422, /contained|subject/],
  'imaging without track': ['imaging', (r) => { r.category.pop(); }, 422, /category/],
  'imaging on an unknown track': ['imaging', (r) => { r.category[2].coding[0].code = 'train'; }, 422, /category/],
  'imaging without priority': ['imaging', (r) => { delete r.priority; }, 422, /priority/],
  'imaging asap': ['imaging', (r) => { r.priority = 'asap'; }, 422, /priority/],
  'urgent imaging without justification': ['imaging', (r) => { r.priority = 'urgent'; }, 422, /urgen|priority/i],
  'imaging of an unknown kind': ['imaging', (r) => { r.code.coding[0].code = '77477000'; }, 422, /code/],
  'imaging with a birth date in clear': ['imaging', (r) => { r.contained[0].birthDate = '1954-02-28'; delete r.contained[0]._birthDate; }, 422, /birth/i],
  'imaging with a gender in clear': ['imaging', (r) => { r.contained[0].extension[0].valueCodeableConcept.coding[0].code = 'female'; }, 422, /gender/i],
  'imaging with an unanswered checklist': ['imaging', (r) => { r.contained[1].item = [{ linkId: 'none' }]; }, 422, /answer|item|contained/],
  'imaging with none and something': ['imaging', (r) => { r.contained[1].item.push({ linkId: 'diabetes', answer: [{ valueBoolean: true }] }); }, 422, /none|item|contained/],
  'imaging with an unknown question': ['imaging', (r) => { r.contained[1].item.push({ linkId: 'colour', answer: [{ valueBoolean: true }] }); }, 422, /linkId|colour|item/],
  'imaging with another questionnaire': ['imaging', (r) => { r.contained[1].questionnaire = 'https://example.org/q'; }, 422, /questionnaire/],
  'imaging with a condition in clear': ['imaging', (r) => { delete r.supportingInfo[1].extension[1].valueCodeableConcept._text; r.supportingInfo[1].extension[1].valueCodeableConcept.text = 'rugpijn'; }, 422, /supportingInfo/],
  'imaging with a condition outside the list': ['imaging', (r) => { r.supportingInfo[1].extension[1].valueCodeableConcept = { coding: [{ system: 'http://snomed.info/sct', code: '225964003' }] }; }, 422, /supportingInfo/],
  'imaging with an order detail': ['imaging', (r) => { r.orderDetail = [{ coding: [{ system: 'http://snomed.info/sct', code: '370858005' }] }]; }, 422, /orderDetail/],
  'imaging with a timing': ['imaging', (r) => { r.occurrenceTiming = { repeat: { frequency: 1, period: 1, periodUnit: 'd' } }; }, 422, /occurrence/],
  'imaging with feedback': ['imaging', (r) => { r.extension.push({ url: `${referral}/be-ext-feedback-to-prescriber`, valueBoolean: true }); }, 422, /feedback/],
  'imaging whose subject is not contained': ['imaging', (r) => { delete r.subject.reference; }, 422, /subject/],
};
for (const [name, [kind, change, ...want]] of Object.entries(refused)) {
  test(`refused: ${name}`, () => judge(kind, change, ...want));
}
test('refused: a nurse writes a nursing prescription', async () => {
  const body = await hygienicCare({ domain, patient, requester: nurseRole });
  const res = await send('POST', 'ServiceRequest', body, nurseToken);
  assert.equal(res.status, 403, await res.clone().text());
});
test('refused: a doctor proposes', async () => {
  const res = await send('POST', 'ServiceRequest', annex81({ patient, requester: doctorRole }), doctorToken);
  assert.equal(res.status, 403, await res.clone().text());
});
test('several errors are told at once, each with its place', async () => {
  const answer = await judge('nursing', (r) => { delete r.code; r.performer = [{ reference: nurseRole }]; r.category.pop(); }, 422);
  const places = answer.issue.flatMap((i) => i.expression ?? []).join(' ');
  for (const place of [/code/, /performer/, /category/]) assert.match(places, place);
});

await run();
