// Bare requests against /uhmep/v1, part two: headers, tokens, search, tasks and proposals through their states.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test, run } from './lib/report.mjs';
import { base, later, why } from './lib/sandbox.mjs';
import { assertion, assertionClaims, clientCredentials, exchange, login, registerKey, uhmepScopes } from './lib/iam.mjs';
import { openDomain } from './lib/pseudo.mjs';
import { annex81, fhirPatch, hygienicCare, instant, performerTask, radiology, referral, today, urn } from './lib/referral.mjs';

const { domain, session } = await openDomain();
const people = {};
for (const [name, persona] of Object.entries({ doctor: 'dr-peeters', nurse: 'nurse-claes', midwife: 'midwife-before', dentist: 'dentist', suspended: 'dr-suspended', physio: 'physio' })) {
  people[name] = (await exchange((await login(persona)).access_token)).access_token;
}
people.patient = (await exchange((await login('pat-dubois', { client: 'nihdi-uhmep-patient' })).access_token, { client: 'nihdi-uhmep-patient', audience: 'nihdi-uhmep-fhir-patient' })).access_token;
const { privateKey, kid } = await registerKey('NIHII-GROUP', '94099995', { kid: '1795999501' });
people.nurses = (await clientCredentials({ scope: uhmepScopes }, assertion(privateKey, assertionClaims('demo-groupofnurses'), { kid }))).body.access_token;
const roles = { doctor: 'PractitionerRole/71011599751-PHYSICIAN', nurse: 'PractitionerRole/85072299879-NURSE', dentist: 'PractitionerRole/78060599748-DENTIST' };
const pseudonym = (ssin) => domain.valueFactory.fromString(ssin).pseudonymize();
const dubois = await pseudonym('54022899886');
const young = await pseudonym('04050699738');

const headers = (who, more = {}) => ({ ...(who ? { Authorization: `Bearer ${people[who] ?? who}` } : {}), From: 'interop@example.invalid', 'User-Agent': 'Interop/1', 'Content-Type': 'application/fhir+json', ...more });
const call = (who, method, path, body, more) => fetch(`${base}/uhmep/v1/${path}`, { method, headers: headers(who, more), body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body) });
/** A call with the status it must have; answers the body. */
async function must(status, who, method, path, body, more) {
  const res = await call(who, method, path, body, more);
  const text = await res.text();
  assert.equal(res.status, status, `${method} ${path} as ${who}: ${text.slice(0, 900)}\n${res.status === status ? '' : await why(res)}`);
  return text === '' ? undefined : JSON.parse(text);
}
/** A refusal with its status and eReferral code. */
async function refuse(status, code, who, method, path, body, more) {
  const outcome = await must(status, who, method, path, body, more);
  assert.equal(outcome.resourceType, 'OperationOutcome');
  if (code) assert.ok(outcome.issue.some((i) => i.details?.coding?.some((c) => c.code === code)), `${JSON.stringify(outcome)} lacks ${code}`);
  return outcome;
}
const search = (who, filters, status = 200) => must(status, who, 'POST', 'ServiceRequest/_search', new URLSearchParams(filters).toString(), { 'Content-Type': 'application/x-www-form-urlencoded' });
const refuseSearch = (who, filters, status, code) => refuse(status, code, who, 'POST', 'ServiceRequest/_search', new URLSearchParams(filters).toString(), { 'Content-Type': 'application/x-www-form-urlencoded' });
const prescribe = async (over = {}, patient = dubois) => must(201, 'doctor', 'POST', 'ServiceRequest', { ...await hygienicCare({ domain, patient, requester: roles.doctor }), ...over });
const assign = (id, who = 'nurse', owner = roles.nurse, over = {}) => must(201, who, 'POST', 'Task', { ...performerTask(id, owner), ...over });
const patch = (...operations) => fhirPatch(...operations);
const start = (at = instant()) => patch({ type: 'add', path: 'Task.executionPeriod', name: 'start', value: { valueDateTime: at } });
const end = (at = instant()) => patch({ type: 'add', path: 'Task.executionPeriod', name: 'end', value: { valueDateTime: at } });
const setStatus = (kind, code, as = 'valueCode') => patch({ type: 'replace', path: `${kind}.status`, value: { [as]: code } });
const ids = (bundle) => (bundle.entry ?? []).map((e) => e.resource.id);

// ---- headers and tokens ----------------------------------------------------------------------------------------

test('metadata needs neither token nor tracing headers', async () => assert.equal((await fetch(`${base}/uhmep/v1/metadata`)).status, 200));
test('no User-Agent is a 400', async () => {
  const answer = await new Promise((resolve, reject) => request(`${base}/uhmep/v1/ServiceRequest/x`, { headers: { Authorization: `Bearer ${people.doctor}`, From: 'a@b.be' } },
    (res) => { let text = ''; res.on('data', (d) => { text += d; }); res.on('end', () => resolve({ status: res.statusCode, text })); }).on('error', reject).end());
  assert.equal(answer.status, 400);
  assert.match(answer.text, /TRACING_HEADER_MISSING/);
});
const badHeaders = {
  'no From': [400, 'TRACING_HEADER_MISSING', { From: '' }], 'a From that is no address': [400, 'TRACING_HEADER_MISSING', { From: 'me' }],
  'Accept XML': [406, undefined, { Accept: 'application/fhir+xml' }], 'no support for version 2': [422, undefined, { 'Accept-Be-Pseudo': 'urn:be:fgov:ehealth:pseudo:v1' }],
};
for (const [name, [status, code, more]] of Object.entries(badHeaders)) {
  test(`${name} is a ${status}`, async () => refuse(status, code, 'doctor', 'GET', `ServiceRequest/${(await prescribe()).id}`, undefined, more));
}
test('another content type is a 415', async () => refuse(415, undefined, 'doctor', 'POST', 'ServiceRequest', '<x/>', { 'Content-Type': 'application/fhir+xml' }));
test('application/json is taken as well', async () => must(201, 'doctor', 'POST', 'ServiceRequest', await hygienicCare({ domain, patient: dubois, requester: roles.doctor }), { 'Content-Type': 'application/json' }));
const badTokens = {
  'no token': [undefined, 401], 'nonsense': ['nonsense', 401], 'the token of the pseudonymisation service': [session.token, undefined],
};
for (const [name, [token, status]] of Object.entries(badTokens)) {
  test(`${name} is refused`, async () => {
    const res = await call(token, 'GET', 'ServiceRequest/x');
    if (status) assert.equal(res.status, status);
    else assert.ok([401, 403].includes(res.status));
    if (res.status === 401) assert.match(res.headers.get('www-authenticate'), /^Bearer/);
    assert.equal((await res.json()).resourceType, 'OperationOutcome');
  });
}
test('an expired token says so', () => later('PT10M', async () => {
  const outcome = await must(401, 'doctor', 'GET', 'ServiceRequest/x');
  assert.equal(outcome.issue[0].code, 'expired');
}));
test('answers carry version, request id and the forms of pseudonyms', async () => {
  const made = await prescribe();
  const res = await call('doctor', 'GET', `ServiceRequest/${made.id}`, undefined, { 'X-Request-Id': 'r-1' });
  assert.deepEqual([res.headers.get('etag'), res.headers.get('x-request-id')], ['W/"1"', 'r-1']);
  assert.ok(res.headers.get('last-modified'));
  assert.match(res.headers.get('content-be-pseudo'), /urn:be:fgov:ehealth:pseudo:v2/);
  assert.match(res.headers.get('content-type'), /^application\/fhir\+json/);
});
test('two readings of a document give two pseudonyms of one patient', async () => {
  const { id } = await prescribe();
  const read = async () => (await must(200, 'doctor', 'GET', `ServiceRequest/${id}`)).subject.identifier.value;
  const [a, b] = [await read(), await read()];
  assert.notEqual(a, b);
});
test('Prefer return=minimal answers no body', async () => {
  const res = await call('doctor', 'POST', 'ServiceRequest', await hygienicCare({ domain, patient: dubois, requester: roles.doctor }), { Prefer: 'return=minimal' });
  assert.equal(res.status, 201);
  assert.equal(await res.text(), '');
  assert.ok(res.headers.get('location'));
});
for (const [method, path, status] of [['PUT', 'ServiceRequest/x', 405], ['DELETE', 'ServiceRequest/x', 405], ['POST', '', 405], ['GET', 'Patient/1', 404], ['GET', 'ServiceRequest/_history', 405]]) {
  test(`${method} /${path} is a ${status}`, async () => {
    const res = await call('doctor', method, path, method === 'GET' || method === 'DELETE' ? undefined : '{}');
    assert.ok(status === res.status || (status === 405 && res.status === 404), `${res.status} ${await res.clone().text()}`);
    assert.equal((await res.json()).resourceType, 'OperationOutcome');
  });
}
test('an unknown document is a 404', () => refuse(404, 'RESOURCE_NOT_FOUND', 'doctor', 'GET', 'ServiceRequest/11111111-2222-4333-8444-555555555555'));
test('another patient\'s document is a 404 for a patient', async () => refuse(404, 'RESOURCE_NOT_FOUND', 'patient', 'GET', `ServiceRequest/${(await prescribe({}, young)).id}`));
test('a physiotherapist may not read nursing', async () => {
  const res = await call('physio', 'GET', `ServiceRequest/${(await prescribe()).id}`);
  assert.ok([403, 404].includes(res.status), String(res.status));
});

// ---- search ----------------------------------------------------------------------------------------------------

test('search refuses what lacks a filter', () => refuseSearch('doctor', { status: 'active' }, 400, 'REQUIRED_SEARCH_CRITERIA_MISSING'));
test('a patient must name herself', () => refuseSearch('patient', { status: 'active' }, 400, 'REQUIRED_SEARCH_CRITERIA_MISSING'));
test('an organisation must name its task owner', () => refuseSearch('nurses', { status: 'active' }, 400, 'REQUIRED_SEARCH_CRITERIA_MISSING'));
test('another requester without patient is refused', () => refuseSearch('doctor', { requester: roles.dentist }, 403, 'WRONG_REFERENCE_HEALTHCARE_PROFESSIONAL'));
test('another requester with patient is a search', async () => assert.equal((await search('doctor', { requester: roles.dentist, patient: urn(dubois) })).type, 'searchset'));
test('more than 25 at a time is refused', () => refuseSearch('doctor', { patient: urn(dubois), _count: '26' }, 400, 'INVALID_COUNT'));
test('an unknown filter is ignored', async () => {
  const [a, b] = [await search('doctor', { patient: urn(dubois) }), await search('doctor', { patient: urn(dubois), colour: 'red' })];
  assert.equal(a.total, b.total);
});
test('an unknown value of a known filter finds nothing', async () => assert.equal((await search('doctor', { patient: urn(dubois), status: 'nosuch' })).total, 0));
test('an expired pseudonym is no filter', async () => later('PT12M', async () => {
  people.late = (await exchange((await login('dr-peeters')).access_token)).access_token;
  const res = await call('late', 'POST', 'ServiceRequest/_search', new URLSearchParams({ patient: urn(dubois) }).toString(), { 'Content-Type': 'application/x-www-form-urlencoded' });
  assert.ok(res.status >= 400 && res.status < 500, String(res.status));
}));
test('the patient may be spelt as the code system spells pseudonyms, or as a reference', async () => {
  const { total } = await search('doctor', { patient: urn(dubois) });
  for (const patient of [urn(dubois).replace('fgov:pseudo', 'fgov:ehealth:pseudo'), `Patient/${urn(dubois)}`]) assert.equal((await search('doctor', { patient })).total, total, patient.slice(0, 40));
});
test('filters are combined', async () => {
  const made = await prescribe();
  const found = ids(await search('doctor', { patient: urn(dubois), status: 'active', requester: roles.doctor, intent: 'order', category: 'https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-prescription-type|hygienic-care' }));
  assert.ok(found.includes(made.id));
  assert.ok(!ids(await search('doctor', { patient: urn(dubois), intent: 'proposal' })).includes(made.id));
});
test('the newest comes first, and one page leads to the next without the pseudonym', async () => {
  const newest = await prescribe({ authoredOn: instant(new Date(Date.now() + 30_000)) });
  const page = await search('doctor', { patient: urn(dubois), _count: '1' });
  assert.deepEqual(ids(page), [newest.id]);
  const next = page.link.find((l) => l.relation === 'next').url;
  assert.ok(!next.includes('pseudo') && next.startsWith(`${base}/uhmep/v1/`), next);
  const second = await (await fetch(next, { headers: headers('doctor') })).json();
  assert.equal(second.entry.length, 1);
  assert.notEqual(second.entry[0].resource.id, newest.id);
});
test('the short code finds the document, with the patient', async () => {
  const made = await prescribe();
  const short = made.identifier.find((i) => i.system.endsWith('uhmep-short')).value;
  assert.deepEqual(ids(await search('nurse', { identifier: short, patient: urn(dubois) })), [made.id]);
  assert.deepEqual(ids(await search('nurse', { identifier: short, patient: urn(young) })), []);
});
test('tasks are filters of documents', async () => {
  const made = await prescribe();
  await assign(made.id);
  const found = ids(await search('nurse', { '_has:Task:focus:owner': roles.nurse }));
  assert.ok(found.includes(made.id));
  assert.ok(ids(await search('nurse', { patient: urn(dubois), '_has:Task:focus:status': 'ready', _profile: `${referral}/be-performer-task` })).includes(made.id));
});
test('a count alone', async () => {
  const page = await search('doctor', { patient: urn(dubois), _count: '0' });
  assert.ok(page.total > 0 && !page.entry?.length);
});
test('tasks are found by focus only', async () => refuse(400, undefined, 'doctor', 'GET', 'Task?status=ready'));

// ---- executions ------------------------------------------------------------------------------------------------

test('a nurse assigns, starts, interrupts and begins anew', async () => {
  const { id } = await prescribe();
  const task = await assign(id);
  await must(200, 'nurse', 'PATCH', `Task/${task.id}`, start());
  assert.equal((await must(200, 'nurse', 'GET', `Task/${id}`)).status, 'in-progress');
  assert.equal((await must(200, 'nurse', 'PATCH', `Task/${task.id}`, setStatus('Task', 'on-hold'))).status, 'on-hold');
  assert.equal((await must(200, 'nurse', 'GET', `Task/${id}`)).status, 'on-hold');
  await refuse(409, undefined, 'nurse', 'PATCH', `Task/${task.id}`, start()).catch(() => refuse(422, undefined, 'nurse', 'PATCH', `Task/${task.id}`, start()));
  const again = await assign(id, 'nurse', roles.nurse, { status: 'in-progress', executionPeriod: { start: instant() } });
  assert.equal(again.status, 'in-progress');
});
test('an execution may be registered whole', async () => {
  const { id } = await prescribe();
  const task = await assign(id, 'nurse', roles.nurse, { status: 'completed', executionPeriod: { start: instant(), end: instant() } });
  assert.equal(task.status, 'completed');
  assert.equal((await must(200, 'nurse', 'GET', `Task/${id}`)).status, 'on-hold');
});
test('the referral is completed when the caregiver says so, not while somebody works', async () => {
  const { id } = await prescribe();
  const task = await assign(id);
  await must(200, 'nurse', 'PATCH', `Task/${task.id}`, start());
  await refuse(409, 'EXECUTION_IN_PROGRESS', 'nurse', 'PATCH', `Task/${id}`, setStatus('Task', 'completed'));
  await must(200, 'nurse', 'PATCH', `Task/${task.id}`, end());
  assert.equal((await must(200, 'nurse', 'PATCH', `Task/${id}`, setStatus('Task', 'completed', 'valueString'))).status, 'completed');
  assert.equal((await must(200, 'doctor', 'GET', `ServiceRequest/${id}`)).status, 'completed');
});
test('a cancelled execution can be started again by the same caregiver', async () => {
  const { id } = await prescribe();
  const task = await assign(id);
  await must(200, 'nurse', 'PATCH', `Task/${task.id}`, start());
  const cancelled = await must(200, 'nurse', 'PATCH', `Task/${task.id}`, setStatus('Task', 'cancelled'));
  assert.deepEqual([cancelled.status, cancelled.executionPeriod], ['cancelled', undefined]);
  assert.equal((await must(200, 'nurse', 'PATCH', `Task/${task.id}`, start())).status, 'in-progress');
});
test('the first start fixes the latest end date', async () => {
  const { id } = await prescribe();
  const task = await assign(id);
  await must(200, 'nurse', 'PATCH', `Task/${task.id}`, start());
  const read = await must(200, 'doctor', 'GET', `ServiceRequest/${id}`);
  assert.match(read.extension.find((e) => e.url.endsWith('be-ext-latest-end-date')).valueDateTime, /^\d{4}-\d\d-\d\d$/);
});
const badPatches = {
  'a status that only a period may bring': setStatus('Task', 'in-progress'), 'completed by status': setStatus('Task', 'completed'), 'an end without start': end(),
  'a start in the future': start(instant(new Date(Date.now() + 86_400_000))), 'a start before the document': start('2020-01-01T09:00:00+01:00'),
  'another element': patch({ type: 'replace', path: 'Task.owner', value: { valueString: 'x' } }), 'a deletion': patch({ type: 'delete', path: 'Task.executionPeriod' }),
  'no operation': { resourceType: 'Parameters' },
};
for (const [name, body] of Object.entries(badPatches)) {
  test(`a patch with ${name} is refused`, async () => {
    const task = await assign((await prescribe()).id);
    const res = await call('nurse', 'PATCH', `Task/${task.id}`, body);
    assert.ok([400, 422].includes(res.status), `${res.status} ${await res.clone().text()}`);
    assert.equal((await must(200, 'nurse', 'GET', `Task/${task.id}`)).status, 'ready');
  });
}
test('somebody else\'s task cannot be started', async () => {
  const task = await assign((await prescribe()).id);
  await refuse(403, 'NOT_OWNER', 'midwife', 'PATCH', `Task/${task.id}`, start());
});
test('a version that is no longer current is refused', async () => {
  const task = await assign((await prescribe()).id);
  await refuse(412, 'VERSION_CONFLICT', 'nurse', 'PATCH', `Task/${task.id}`, start(), { 'If-Match': 'W/"7"' });
  await must(200, 'nurse', 'PATCH', `Task/${task.id}`, start(), { 'If-Match': 'W/"1"' });
});
const badTasks = {
  'an unknown profile': [{ meta: { profile: ['https://example.org/x'] } }, 422], 'the profile of the server\'s own task': [{ meta: { profile: [`${referral}/be-referral-task`] } }, 422],
  'no owner': [{ owner: undefined }, 422], 'an owner who may not': [{ owner: { reference: roles.dentist } }, undefined], 'another referral': [{ partOf: [{ reference: 'Task/11111111-2222-4333-8444-555555555555' }] }, undefined],
  'a ready task with a period': [{ executionPeriod: { start: today() } }, 422], 'an accepted nursing task': [{ status: 'accepted' }, 422], 'intent proposal on a prescription': [{ intent: 'proposal' }, 422],
};
for (const [name, [over, status]] of Object.entries(badTasks)) {
  test(`a task with ${name} is refused`, async () => {
    const { id } = await prescribe();
    const res = await call('nurse', 'POST', 'Task', { ...performerTask(id, roles.nurse), ...over });
    if (status) assert.equal(res.status, status, await res.clone().text());
    else assert.ok(res.status >= 400 && res.status < 500, `${res.status} ${await res.clone().text()}`);
  });
}
test('a started task cannot be deleted', async () => {
  const task = await assign((await prescribe()).id);
  await must(200, 'nurse', 'PATCH', `Task/${task.id}`, start());
  await refuse(409, undefined, 'nurse', 'DELETE', `Task/${task.id}`);
});
test('the patient assigns her nurse and takes it back', async () => {
  const task = await assign((await prescribe()).id, 'patient');
  await must(204, 'patient', 'DELETE', `Task/${task.id}`);
  await refuse(410, 'TASK_DELETED', 'patient', 'GET', `Task/${task.id}`);
});
test('the patient cancels her prescription, after which the nurse sees it no more', async () => {
  const { id } = await prescribe();
  await must(200, 'patient', 'PATCH', `ServiceRequest/${id}`, setStatus('ServiceRequest', 'revoked'));
  assert.equal((await must(200, 'doctor', 'GET', `ServiceRequest/${id}`)).status, 'revoked');
  assert.equal((await must(200, 'doctor', 'GET', `Task/${id}`)).status, 'cancelled');
  await refuse(404, undefined, 'nurse', 'GET', `ServiceRequest/${id}`);
});
test('a nurse may not cancel a prescription', async () => {
  const { id } = await prescribe();
  const res = await call('nurse', 'PATCH', `ServiceRequest/${id}`, setStatus('ServiceRequest', 'revoked'));
  assert.equal(res.status, 403, await res.text());
});
test('two assignments at once: one wins', async () => {
  const { id } = await prescribe();
  const answers = await Promise.all([1, 2, 3, 4].map(() => call('nurse', 'POST', 'Task', performerTask(id, roles.nurse)).then((r) => r.status)));
  assert.deepEqual(answers.sort(), [201, 409, 409, 409]);
});
test('a suspended doctor\'s document is taken and hidden', async () => {
  const body = await hygienicCare({ domain, patient: dubois, requester: 'PractitionerRole/68030299506-PHYSICIAN' });
  const res = await call('suspended', 'POST', 'ServiceRequest', body);
  assert.ok([201, 403].includes(res.status), await res.clone().text());
  if (res.status === 201) await refuse(404, undefined, 'doctor', 'GET', `ServiceRequest/${(await res.json()).id}`);
});
test('an organisation is assigned and its nurse works inside it', async () => {
  const { id } = await prescribe();
  const organisation = await must(201, 'nurses', 'POST', 'Task', { resourceType: 'Task', meta: { profile: [`${referral}/be-organization-task`] }, status: 'ready', intent: 'order',
    focus: { reference: `ServiceRequest/${id}` }, partOf: [{ reference: `Task/${id}` }], owner: { reference: 'Organization/NIHII-94099995940' } });
  const inner = await must(201, 'nurses', 'POST', 'Task', { ...performerTask(id, roles.nurse), basedOn: [{ reference: `Task/${organisation.id}` }] });
  await refuse(409, undefined, 'nurses', 'DELETE', `Task/${organisation.id}`);
  assert.equal((await must(200, 'nurses', 'PATCH', `Task/${inner.id}`, start())).status, 'in-progress');
  assert.equal((await must(200, 'nurses', 'GET', `Task/${organisation.id}`)).status, 'in-progress');
  assert.ok(ids(await search('nurses', { '_has:Task:focus:owner': 'Organization/NIHII-94099995940' })).includes(id));
});
test('a prescription that nobody starts expires by the clock', async () => {
  const end = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const made = await prescribe({ extension: [{ url: `${referral}/be-ext-validity-period`, valuePeriod: { start: today(), end } }] });
  await later('P3D', async () => {
    people.later = (await exchange((await login('dr-peeters')).access_token)).access_token;
    const read = await must(200, 'later', 'GET', `ServiceRequest/${made.id}`);
    assert.equal(read.status, 'revoked');
    assert.match(JSON.stringify(read.extension), /expired/);
  });
});

test('the directory answers those who are in a document, and nobody else', async () => {
  const { id } = await prescribe();
  await must(201, 'nurses', 'POST', 'Task', { resourceType: 'Task', meta: { profile: [`${referral}/be-organization-task`] }, status: 'ready', intent: 'order',
    focus: { reference: `ServiceRequest/${id}` }, partOf: [{ reference: `Task/${id}` }], owner: { reference: 'Organization/NIHII-94099995940' } });
  const role = await must(200, 'doctor', 'GET', roles.doctor);
  assert.equal(role.practitioner.reference, 'Practitioner/71011599751');
  const doctor = await must(200, 'nurse', 'GET', 'Practitioner/71011599751');
  assert.deepEqual([doctor.name[0].family, doctor.name[0].given[0]], ['Peeters', 'Joris']);
  assert.match((await must(200, 'nurses', 'GET', 'Organization/NIHII-94099995940')).name, /./);
  await refuse(404, 'RESOURCE_NOT_FOUND', 'doctor', 'GET', 'Practitioner/87013199506');
});
test('history and versions of a document', async () => {
  const { id } = await prescribe();
  await must(200, 'doctor', 'PATCH', `ServiceRequest/${id}`, setStatus('ServiceRequest', 'revoked'));
  const history = await must(200, 'doctor', 'GET', `ServiceRequest/${id}/_history`);
  assert.deepEqual(history.entry.map((e) => e.resource.meta.versionId), ['2', '1']);
  assert.equal((await must(200, 'doctor', 'GET', `ServiceRequest/${id}/_history/1`)).status, 'active');
  await must(404, 'doctor', 'GET', `ServiceRequest/${id}/_history/9`);
});
test('a prolongation replaces and leaves the original alone', async () => {
  const within = (start, end) => ({ extension: [{ url: `${referral}/be-ext-validity-period`, valuePeriod: { start, end } }] });
  const day = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
  const first = await prescribe(within(today(), day(5)));
  const second = await prescribe({ ...within(day(6), day(40)), replaces: [{ reference: `ServiceRequest/${first.id}` }] });
  assert.equal(second.replaces[0].reference, `ServiceRequest/${first.id}`);
  assert.equal((await must(200, 'doctor', 'GET', `ServiceRequest/${first.id}`)).status, 'active');
  await refuse(422, 'REPLACES_RULE', 'doctor', 'POST', 'ServiceRequest', { ...await hygienicCare({ domain, patient: young, requester: roles.doctor }), replaces: [{ reference: `ServiceRequest/${first.id}` }] });
});
test('a conditional create makes no second document', async () => {
  const first = await prescribe();
  const body = await hygienicCare({ domain, patient: dubois, requester: roles.doctor });
  const own = first.identifier.find((i) => i.system.endsWith('NamingSystem/uhmep'));
  await must(412, 'doctor', 'POST', 'ServiceRequest', body, { 'If-None-Exist': `identifier=${own.system}|${own.value}` });
  await must(400, 'doctor', 'POST', 'ServiceRequest', body, { 'If-None-Exist': 'status=active' });
  const identifier = { system: 'https://care.example/orders', value: `o-${Date.now()}` };
  const named = { ...body, identifier: [identifier] };
  const once = { 'If-None-Exist': `identifier=${identifier.system}|${identifier.value}` };
  await must(201, 'doctor', 'POST', 'ServiceRequest', named, once);
  await must(412, 'doctor', 'POST', 'ServiceRequest', named, once);
});
test('an unknown graph is refused', async () => refuse(400, 'GRAPH_UNKNOWN', 'doctor', 'GET', `ServiceRequest/${(await prescribe()).id}/$graph?graph=https://example.org/g`));

// ---- proposals and imaging -------------------------------------------------------------------------------------

const propose = () => must(201, 'nurse', 'POST', 'ServiceRequest', annex81({ patient: dubois, requester: roles.nurse }));
test('a proposal is approved once and becomes a prescription of the doctor', async () => {
  const proposal = await propose();
  await must(201, 'nurse', 'POST', 'Task', { ...performerTask(proposal.id, roles.doctor), intent: 'proposal' });
  const answer = await must(200, 'doctor', 'POST', `ServiceRequest/${proposal.id}/$approve`, { resourceType: 'Parameters' });
  const id = answer.parameter.find((p) => p.name === 'location').valueId;
  const order = await must(200, 'doctor', 'GET', `ServiceRequest/${id}`);
  assert.deepEqual([order.intent, order.status, order.requester.reference, order.basedOn[0].reference], ['order', 'active', roles.doctor, `ServiceRequest/${proposal.id}`]);
  assert.equal((await must(200, 'nurse', 'GET', `ServiceRequest/${proposal.id}`)).status, 'completed');
  await refuse(409, 'PROPOSAL_ALREADY_EVALUATED', 'doctor', 'POST', `ServiceRequest/${proposal.id}/$approve`, { resourceType: 'Parameters' });
  const tasks = await must(200, 'nurse', 'GET', `Task?focus=ServiceRequest/${id}`);
  assert.ok(tasks.entry.some((e) => e.resource.owner?.reference === roles.nurse));
});
test('a proposal is rejected, without body', async () => {
  const proposal = await propose();
  const answer = await must(200, 'doctor', 'POST', `ServiceRequest/${proposal.id}/$reject`);
  assert.equal(answer.parameter.find((p) => p.name === 'location').valueId, proposal.id);
  assert.match(JSON.stringify(await must(200, 'nurse', 'GET', `ServiceRequest/${proposal.id}`)), /rejected/);
});
test('a nurse cannot approve', async () => refuse(403, undefined, 'nurse', 'POST', `ServiceRequest/${(await propose()).id}/$approve`, { resourceType: 'Parameters' }));
test('a prescription cannot be approved', async () => {
  const res = await call('doctor', 'POST', `ServiceRequest/${(await prescribe()).id}/$approve`, { resourceType: 'Parameters' });
  assert.ok(res.status >= 400 && res.status < 500, String(res.status));
});
const image = async () => must(201, 'doctor', 'POST', 'ServiceRequest', await radiology({ domain, patient: dubois, requester: roles.doctor, code: '32962002' }));
test('an imaging task is accepted with a substitution', async () => {
  const { id } = await image();
  const task = await assign(id, 'doctor', roles.doctor);
  const accepted = await must(200, 'doctor', 'PATCH', `Task/${task.id}`, patch(
    { type: 'replace', path: 'Task.status', value: { valueCode: 'accepted' } },
    { type: 'add', path: 'Task', name: 'output' },
    { type: 'add', path: 'Task.output', name: 'type', value: { valueCodeableConcept: { coding: [{ system: 'https://www.ehealth.fgov.be/standards/fhir/terminology/ValueSet/be-vs-task-output-type', code: 'substituted' }] } } },
    { type: 'add', path: 'Task.output', name: 'valueCodeableConcept', value: { valueCodeableConcept: { coding: [{ system: 'http://snomed.info/sct', code: '396101000119105' }] } } }));
  assert.deepEqual([accepted.status, accepted.output[0].valueCodeableConcept.coding[0].code], ['accepted', '396101000119105']);
});
test('an imaging task is refused only with a reason', async () => {
  const task = await assign((await image()).id, 'doctor', roles.doctor);
  const res = await call('doctor', 'PATCH', `Task/${task.id}`, setStatus('Task', 'rejected'));
  assert.ok([400, 422].includes(res.status), String(res.status));
  const rejected = await must(200, 'doctor', 'PATCH', `Task/${task.id}`, patch({ type: 'replace', path: 'Task.status', value: { valueCode: 'rejected' } },
    { type: 'add', path: 'Task', name: 'statusReason', value: { valueCodeableConcept: { coding: [{ system: 'https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-refusal-reason', code: 'other' }] } } }));
  assert.equal(rejected.status, 'rejected');
});

await run();
