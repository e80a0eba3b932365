// Referee: the same package and bare requests of other software against /pseudo/v1: what must be refused, and how, and conversions.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, run } from './lib/report.mjs';
import { control, later } from './lib/sandbox.mjs';
import { claims, clientCredentials, assertion, assertionClaims, exchange, login, pseudoScopes, registerKey, seededKey, uhmepScopes } from './lib/iam.mjs';
import { assertProblem, domainUrl, header, openDomain, repeat } from './lib/pseudo.mjs';

const problemBase = 'https://www.gcloud.belgium.be/rest/problems/';
const { domain, domainFor, inTransit, pseudonymOf, session, values } = await openDomain();

/** One raw call, as software without the helper makes it. */
const raw = (op, body, init = {}) => fetch(domainUrl(op), {
  method: 'POST', headers: { Authorization: `Bearer ${session.token}`, 'Content-Type': 'application/json', ...init.headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
/** A well-formed identify item made by the helper, for spoiling. */
async function identifyItem(text = '71011599751') {
  const p = await pseudonymOf(text);
  return { id: randomUUID(), crv: 'P-521', x: p.x(), y: p.y(), transitInfo: p.transitInfo.asString() };
}
function pseudonymizeItem(text = '71011599751') {
  const v = values.fromString(text);
  return { id: randomUUID(), crv: 'P-521', x: v.x(), y: v.y() };
}

// ---- tampering with the box ------------------------------------------------------------------------------------

const reHeader = (box, change) => {
  const parts = box.split('.');
  parts[0] = Buffer.from(JSON.stringify({ ...header(box), ...change })).toString('base64url');
  return parts.join('.');
};
const flip = (box, part) => {
  const parts = box.split('.');
  const bytes = Buffer.from(parts[part], 'base64url');
  bytes[0] ^= 1;
  parts[part] = bytes.toString('base64url');
  return parts.join('.');
};
const tampering = {
  'another exp in the header': (b) => reHeader(b, { exp: header(b).exp + 3600 }),
  'another audience': (b) => reHeader(b, { aud: 'https://api-acpt.ehealth.fgov.be/pseudo/v1/domains/ehealth_v1' }),
  'an audience with a trailing slash': (b) => reHeader(b, { aud: header(b).aud + '/' }),
  'an empty audience': (b) => reHeader(b, { aud: '' }),
  'an unknown kid': (b) => reHeader(b, { kid: randomUUID() }),
  'no kid': (b) => reHeader(b, { kid: undefined }),
  'alg none': (b) => reHeader(b, { alg: 'none' }),
  'alg A256KW': (b) => reHeader(b, { alg: 'A256KW' }),
  'enc A128CBC-HS256': (b) => reHeader(b, { enc: 'A128CBC-HS256' }),
  'a changed initialisation vector': (b) => flip(b, 2),
  'a changed ciphertext': (b) => flip(b, 3),
  'a changed tag': (b) => flip(b, 4),
  'a part too few': (b) => b.split('.').slice(0, 4).join('.'),
  'a part too many': (b) => b + '.AA',
  'a key in the second part': (b) => { const p = b.split('.'); p[1] = 'AAAA'; return p.join('.'); },
  'a header that is no JSON': (b) => { const p = b.split('.'); p[0] = Buffer.from('{').toString('base64url'); return p.join('.'); },
  'plain nonsense': () => 'nonsense',
  'the empty text': () => '',
};
for (const [name, change] of Object.entries(tampering)) {
  test(`identify refuses a box with ${name}`, async () => {
    const item = await identifyItem();
    item.transitInfo = change(item.transitInfo);
    const res = await raw('uhmep_v1/identify', item);
    assert.equal(res.status, 400, await res.clone().text());
    assert.match(res.headers.get('content-type'), /^application\/problem\+json/);
    const problem = await res.json();
    assertProblem(problem, 400, item.id);
    assert.equal(problem.type, problemBase + 'badRequest');
  });
}
test('the box of another pseudonym gives a meaningless point, not an error', async () => {
  const [a, b] = [await identifyItem('71011599751'), await identifyItem('54022899886')];
  const res = await raw('uhmep_v1/identify', { ...a, transitInfo: b.transitInfo });
  assert.equal(res.status, 200, await res.clone().text());
});

// ---- items that are wrong --------------------------------------------------------------------------------------

const b64 = (hex) => Buffer.from(hex, 'hex').toString('base64');
const p521 = '01' + 'ff'.repeat(65);
const badItems = {
  'without x': (i) => { delete i.x; }, 'without y': (i) => { delete i.y; }, 'with x null': (i) => { i.x = null; },
  'with a number for x': (i) => { i.x = 12; }, 'with x that is no base64': (i) => { i.x = '!!!'; },
  'with x of 70 bytes': (i) => { i.x = b64('01'.repeat(70)); }, 'with x equal to p': (i) => { i.x = b64(p521); },
  'with y equal to p': (i) => { i.y = b64(p521); }, 'off the curve': (i) => { i.y = i.x; },
  'at (0,0)': (i) => { i.x = b64('00'); i.y = b64('00'); }, 'on another curve by name': (i) => { i.crv = 'P-256'; },
};
for (const [name, spoil] of Object.entries(badItems)) {
  test(`an item ${name} is a 400 alone and a problem in a list`, async () => {
    const bad = pseudonymizeItem();
    spoil(bad);
    const alone = await raw('uhmep_v1/pseudonymize', bad);
    assert.equal(alone.status, 400, await alone.clone().text());
    assertProblem(await alone.json(), 400, bad.id);
    const good = pseudonymizeItem();
    const list = await raw('uhmep_v1/pseudonymizeMultiple', { inputs: [good, bad, pseudonymizeItem()] });
    assert.equal(list.status, 200);
    const { outputs } = await list.json();
    assert.equal(outputs.length, 3);
    assert.ok('x' in outputs[0] && 'x' in outputs[2]);
    assertProblem(outputs[1], 400, bad.id);
  });
}
test('a null among the inputs is a problem in its place', async () => {
  const res = await raw('uhmep_v1/pseudonymizeMultiple', { inputs: [null, pseudonymizeItem()] });
  assert.equal(res.status, 200);
  const { outputs } = await res.json();
  assertProblem(outputs[0], 400);
  assert.ok('x' in outputs[1]);
});
test('identify without a box is a 400', async () => {
  const res = await raw('uhmep_v1/identify', pseudonymizeItem());
  assert.equal(res.status, 400);
  assertProblem(await res.json(), 400);
});

// ---- requests that older software sends ------------------------------------------------------------------------

const accepted = {
  'a short coordinate as in the cookbook': (i) => { i.x = 'MQEAAAAAAAAAAA=='; i.y = 'AIaELoSge8ZH9YhlIeahODkJDe23j1NUsQqwm32j1o+CdG6lIKhi1KqdONLRsXh+ciZjddZtm2dShPpp3K5aDxD8'; },
  'the id "1"': (i) => { i.id = '1'; },
  'no curve name': (i) => { delete i.crv; },
  'an unknown member': (i) => { i.somethingElse = { a: 1 }; },
  'a box it does not need': (i) => { i.transitInfo = 'ignored'; },
};
for (const [name, change] of Object.entries(accepted)) {
  test(`pseudonymize accepts ${name}`, async () => {
    const item = pseudonymizeItem();
    change(item);
    const res = await raw('uhmep_v1/pseudonymize', item);
    assert.equal(res.status, 200, await res.clone().text());
    assert.equal((await res.json()).inResponseTo, item.id);
  });
}
test('an item without id gets an answer without inResponseTo', async () => {
  const item = pseudonymizeItem();
  delete item.id;
  const res = await raw('uhmep_v1/pseudonymize', item);
  assert.equal(res.status, 200);
  assert.ok(!('inResponseTo' in (await res.json())));
});
test('the content type may name a charset', async () => {
  const res = await raw('uhmep_v1/pseudonymize', pseudonymizeItem(), { headers: { 'Content-Type': 'application/json; charset=utf-8' } });
  assert.equal(res.status, 200);
});
test('an answer is not compressed unless the client asks', async () => {
  const res = await raw('uhmep_v1/pseudonymize', pseudonymizeItem(), { headers: { 'Accept-Encoding': 'identity' } });
  assert.equal(res.headers.get('content-encoding'), null);
});

// ---- whole requests that are wrong -----------------------------------------------------------------------------

const wholes = {
  'not JSON': ['uhmep_v1/pseudonymizeMultiple', '{', 400], 'an array': ['uhmep_v1/pseudonymizeMultiple', '[]', 400],
  'no inputs': ['uhmep_v1/pseudonymizeMultiple', '{}', 400], 'zero inputs': ['uhmep_v1/pseudonymizeMultiple', '{"inputs":[]}', 400],
  'eleven inputs': ['uhmep_v1/pseudonymizeMultiple', () => ({ inputs: repeat(11, () => pseudonymizeItem()) }), 400],
  'an unknown domain': ['nosuch_v1/pseudonymize', () => pseudonymizeItem(), 404],
  'an unknown operation': ['uhmep_v1/reverse', () => pseudonymizeItem(), 404],
  'a body over 64 KiB': ['uhmep_v1/pseudonymize', () => ({ ...pseudonymizeItem(), filler: 'x'.repeat(70_000) }), 413],
};
for (const [name, [op, body, status]] of Object.entries(wholes)) {
  test(`a request with ${name} is refused whole with ${status}`, async () => {
    const res = await raw(op, typeof body === 'function' ? body() : body);
    assert.equal(res.status, status, await res.clone().text());
    assertProblem(await res.json(), status);
  });
}
test('another content type is a 415', async () => {
  const res = await raw('uhmep_v1/pseudonymize', pseudonymizeItem(), { headers: { 'Content-Type': 'text/plain' } });
  assert.equal(res.status, 415);
});
test('another method is a 405 that names the right one', async () => {
  const res = await fetch(domainUrl('uhmep_v1/pseudonymize'), { headers: { Authorization: `Bearer ${session.token}` } });
  assert.equal(res.status, 405);
  assert.match(res.headers.get('allow'), /POST/);
});

// ---- tokens ----------------------------------------------------------------------------------------------------

const withToken = (t) => domainFor(() => t).valueFactory.fromString('71011599751').pseudonymize();
const refusedWith = (status, type) => (e) => {
  assert.equal(e.status, status, e.message);
  assertProblem(e.problem, status);
  if (type) assert.equal(e.problem.type, type);
  return true;
};
test('the exchanged token is refused', async () => {
  await assert.rejects(withToken((await exchange(session.token)).access_token), refusedWith(403));
});
test('no token is a 401 with a challenge', async () => {
  const res = await fetch(domainUrl('uhmep_v1'));
  assert.equal(res.status, 401);
  assert.match(res.headers.get('www-authenticate'), /^Bearer/);
  assertProblem(await res.json(), 401);
});
test('nonsense for a token is a 401', () => assert.rejects(withToken('nonsense'), refusedWith(401, 'urn:problem-type:belgif:invalidAccessToken')));
test('a token with a changed signature is a 401', () => {
  const parts = session.token.split('.');
  const sig = Buffer.from(parts[2], 'base64url');
  sig[0] ^= 1;
  return assert.rejects(withToken([parts[0], parts[1], sig.toString('base64url')].join('.')), refusedWith(401, 'urn:problem-type:belgif:invalidAccessToken'));
});
test('a token after its end is a 401 that says so', () => later('PT8M', () =>
  assert.rejects(withToken(session.token), refusedWith(401, 'urn:problem-type:belgif:expiredAccessToken'))));
test('a patient may pseudonymise too', async () => {
  const t = (await login('pat-dubois', { client: 'nihdi-uhmep-patient' })).access_token;
  assert.ok((await withToken(t)).asShortString());
});
test('a machine client with the pseudonymisation scopes may, with the other scopes may not', async () => {
  const { privateKey } = await registerKey('NIHII-HOSPITAL', '71099911');
  const ask = async (scope) => {
    const { status, body } = await clientCredentials({ scope }, assertion(privateKey, assertionClaims('demo-hospital')));
    assert.equal(status, 200, JSON.stringify(body));
    return body.access_token;
  };
  const p = await withToken(await ask(pseudoScopes));
  assert.ok(p.asShortString());
  const other = await ask(uhmepScopes);
  assert.ok(!claims(other).resource_access['ehealth-pseudo-api']);
  await assert.rejects(withToken(other), refusedWith(403));
});
test('a token without rights for conversion is refused a conversion', async () => {
  const res = await raw('uhmep_v1/convertTo/ehealth_v1', await identifyItem());
  assert.equal(res.status, 403);
});

// ---- conversions, which this helper does not have: bare requests with its points -------------------------------

const backend = 'uhmep-backend';
const backendKey = await seededKey(backend);
const { body: { access_token: backendToken } } = await clientCredentials({ client_id: backend }, assertion(backendKey.privateKey, assertionClaims(backend), { kid: backendKey.kid }));
const convert = async (path, body) => {
  const res = await fetch(domainUrl(path), { method: 'POST', headers: { Authorization: `Bearer ${backendToken}`, 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  const answer = await res.json();
  assert.equal(res.status, 200, JSON.stringify(answer));
  return answer;
};
const itemOf = (p, id = 'c') => ({ id, crv: 'P-521', x: p.x(), y: p.y(), transitInfo: p.transitInfo.asString() });
test('a pseudonym converted to another domain and back is the same person', async () => {
  const there = await convert('uhmep_v1/convertTo/ehealth_v1', itemOf(await pseudonymOf('54022899886')));
  assert.deepEqual([there.domain, there.inResponseTo], ['ehealth_v1', 'c']);
  assert.match(header(there.transitInfo).aud, /ehealth_v1$/);
  const back = await convert('ehealth_v1/convertTo/uhmep_v1', { ...there, id: 'd' });
  assert.equal((await inTransit.fromXYAndTransitInfo(back.x, back.y, back.transitInfo).identify()).asString(), '54022899886');
});
test('a pseudonym converted to its own domain is a fresh one of the same person', async () => {
  const p = await pseudonymOf('54022899886');
  const fresh = await convert('uhmep_v1/convertTo/uhmep_v1', itemOf(p));
  assert.notEqual(fresh.x, p.x());
  assert.equal((await inTransit.fromXYAndTransitInfo(fresh.x, fresh.y, fresh.transitInfo).identify()).asString(), '54022899886');
});
test('a pseudonym at rest is converted too', async () => {
  const { x } = await control('GET', '/pseudo/domains/uhmep_v1/at-rest/54022899886');
  const rest = domain.pseudonymFactory.fromX(x);
  const out = await convert('uhmep_v1/convertTo/uhmep_v1', { id: 'r', crv: 'P-521', x: rest.x(), y: rest.y() });
  assert.equal((await inTransit.fromXYAndTransitInfo(out.x, out.y, out.transitInfo).identify()).asString(), '54022899886');
});
for (const path of ['uhmep_v1/convertMultipleTo/ehealth_v1', 'uhmep_v1/convertToMultiple/ehealth_v1']) {
  test(`several are converted in order by ${path}`, async () => {
    const points = await Promise.all(['a', 'b', 'c'].map((t) => pseudonymOf(t)));
    const { outputs } = await convert(path, { inputs: points.map((p, i) => itemOf(p, String(i))) });
    assert.deepEqual(outputs.map((o) => [o.inResponseTo, o.domain]), [['0', 'ehealth_v1'], ['1', 'ehealth_v1'], ['2', 'ehealth_v1']]);
    const { outputs: back } = await convert('ehealth_v1/convertMultipleTo/uhmep_v1', { inputs: outputs });
    const values = await Promise.all(back.map((o) => inTransit.fromXYAndTransitInfo(o.x, o.y, o.transitInfo).identify()));
    assert.deepEqual(values.map((v) => v.asString()), ['a', 'b', 'c']);
  });
}
// ---- browsers --------------------------------------------------------------------------------------------------

test('a preflight needs no token and names Authorization', async () => {
  const res = await fetch(domainUrl('uhmep_v1/pseudonymize'), { method: 'OPTIONS', headers: {
    Origin: 'http://localhost:4200', 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization,content-type' } });
  assert.ok([200, 204].includes(res.status));
  assert.equal(res.headers.get('access-control-allow-origin'), 'http://localhost:4200');
  assert.match(res.headers.get('access-control-allow-headers'), /authorization/i);
  assert.match(res.headers.get('access-control-allow-headers'), /content-type/i);
  assert.match(res.headers.get('access-control-allow-methods'), /POST/);
});
test('a refusal is readable from another origin as well', async () => {
  const res = await fetch(domainUrl('uhmep_v1'), { headers: { Origin: 'http://localhost:4200' } });
  assert.equal(res.status, 401);
  assert.equal(res.headers.get('access-control-allow-origin'), 'http://localhost:4200');
});

await run();
