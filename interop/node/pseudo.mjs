// Referee: Smals' npm package @smals-belgium-shared/pseudo-helper, unmodified, against /pseudo/v1.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { test, run } from './lib/report.mjs';
import { base, control, expect, later } from './lib/sandbox.mjs';
import { claims, clientCredentials, assertion, assertionClaims, exchange, login, pseudoScopes, registerKey, uhmepScopes } from './lib/iam.mjs';
import { HttpClient, domainUrl, loadHelper } from './lib/pseudo.mjs';

const { PseudonymisationHelper, Curve } = await loadHelper();
const problemBase = 'https://www.gcloud.belgium.be/rest/problems/';

let token = (await login('dr-peeters')).access_token;
const client = new HttpClient(() => token);
const helper = new PseudonymisationHelper(client);
const document = JSON.parse(await client.getDomain('uhmep_v1'));
const domain = helper.createDomain('uhmep_v1', Curve.P521, document.audience, document.bufferSize);
const values = domain.valueFactory;
const inTransit = domain.pseudonymInTransitFactory;

const header = (transitInfo) => JSON.parse(Buffer.from(transitInfo.split('.')[0], 'base64url').toString());
const renew = async () => { token = (await login('dr-peeters')).access_token; };
const repeat = (n, fn) => Array.from({ length: n }, (_, i) => fn(i));
const pseudonymOf = (text) => values.fromString(text).pseudonymize();
/** One raw call, as software without the helper makes it. */
const raw = (op, body, init = {}) => fetch(domainUrl(op), {
  method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...init.headers },
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
function assertProblem(problem, status, inResponseTo) {
  for (const member of ['type', 'title', 'status', 'detail']) assert.ok(problem[member] !== undefined, `problem lacks ${member}`);
  assert.equal(problem.status, status);
  assert.equal(typeof problem.detail, 'string');
  assert.ok(!('x' in problem) && !('y' in problem), 'a problem must not look like a point');
  if (inResponseTo) assert.equal(problem.inResponseTo, inResponseTo);
}

// ---- domain document -------------------------------------------------------------------------------------------

test('the domain document names its domain, curve, buffer and life', () => {
  assert.equal(document.domain, 'uhmep_v1');
  assert.equal(document.crv, 'P-521');
  assert.equal(document.bufferSize, 8);
  assert.equal(document.timeToLiveInTransit, 'PT10M');
  assert.equal(document.audience, 'https://api-acpt.ehealth.fgov.be/pseudo/v1/domains/uhmep_v1');
});
test('exactly one secret key is active and every kid is unique', () => {
  assert.equal(document.secretKeys.filter((k) => k.active === true).length, 1);
  assert.equal(new Set(document.secretKeys.map((k) => k.kid)).size, document.secretKeys.length);
});
test('every secret key is a general JSON JWE with a recipient per owner', () => {
  for (const { encoded } of document.secretKeys) {
    assert.deepEqual(JSON.parse(Buffer.from(encoded.protected, 'base64url')), { enc: 'A256GCM' });
    assert.ok(!('aad' in encoded));
    assert.deepEqual(new Set(encoded.recipients.map((r) => r.header.jku)), new Set(document.jku));
    for (const r of encoded.recipients) assert.equal(r.header.alg, 'RSA-OAEP-256');
  }
});
test('the owner finds the kid of every recipient, with x5t#S256, behind its jku path', async () => {
  for (const jku of document.jku) {
    const { json } = await expect(200, base + new URL(jku).pathname + new URL(jku).search);
    const kids = new Map(json().keys.map((k) => [k.kid, k]));
    for (const { encoded } of document.secretKeys) {
      const kid = encoded.recipients.find((r) => r.header.jku === jku).header.kid;
      assert.ok(kids.has(kid), `JWKS lacks ${kid}`);
      assert.match(kids.get(kid)['x5t#S256'], /^[\w-]{43}$/);
    }
  }
});

// ---- values round trip -----------------------------------------------------------------------------------------

const ssins = ['71011599751', '68030299506', '85072299879', '90041099640', '96091899658', '78060599748', '82091299641',
  '87013199506', '75113099548', '54022899886', '04050699738', '80322799896', '01521499764'];
for (const ssin of ssins) {
  test(`SSIN ${ssin} comes back from its pseudonym`, async () => {
    const value = await (await pseudonymOf(ssin)).identify();
    assert.equal(value.asString(), ssin);
  });
}
const oddValues = {
  'the empty text': '', 'one character': '1', 'a text of digits with leading zeros': '00000000097',
  'a text that starts with a zero byte': '\u0000abc', 'accents and an emoji': 'Kiné é 🩺', 'thirty-two characters': 'x'.repeat(32),
  'fifty-six characters': 'y'.repeat(56),
};
for (const [name, text] of Object.entries(oddValues)) {
  test(`${name} comes back from its pseudonym`, async () => {
    assert.equal((await (await pseudonymOf(text)).identify()).asString(), text);
  });
}
for (const length of [1, 16, 31, 32]) {
  test(`an array of ${length} random bytes comes back byte for byte`, async () => {
    const bytes = new Uint8Array(randomBytes(length));
    const value = await (await values.fromArray(bytes).pseudonymize()).identify();
    assert.deepEqual(value.asBytes(), bytes);
  });
}
test('a value of fifty-seven bytes is refused by the helper before any call', () => {
  assert.throws(() => values.fromString('z'.repeat(57)), /too long/);
});

// ---- answers on the wire ---------------------------------------------------------------------------------------

const single = {
  'the status is exactly 200 and the type is JSON': ({ status, headers }) => {
    assert.equal(status, 200);
    assert.match(headers.get('content-type'), /^application\/json/);
  },
  'coordinates have 66 bytes in standard base64': ({ answer }) => {
    for (const c of [answer.x, answer.y]) assert.match(c, /^[A-Za-z0-9+/]{88}$/);
  },
  'the answer names the request and has an id of its own': ({ answer, request }) => {
    assert.equal(answer.inResponseTo, request.id);
    assert.match(answer.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.notEqual(answer.id, request.id);
  },
  'domain and curve are named': ({ answer }) => assert.deepEqual([answer.domain, answer.crv], ['uhmep_v1', 'P-521']),
  'iat and exp are integers ten minutes apart': ({ answer }) => {
    assert.ok(Number.isInteger(answer.iat) && Number.isInteger(answer.exp));
    assert.equal(answer.exp - answer.iat, 600);
    assert.ok(Math.abs(answer.iat - Date.now() / 1000) < 30);
  },
};
for (const [name, check] of Object.entries(single)) {
  test(`pseudonymize: ${name}`, async () => { await pseudonymOf('71011599751'); check(client.last); });
  test(`identify: ${name}`, async () => { await (await pseudonymOf('71011599751')).identify(); check(client.last); });
}
test('pseudonymize: the box is a compact JWE with dir, A256GCM, the active kid and the audience', async () => {
  await pseudonymOf('71011599751');
  const { answer } = client.last;
  const parts = answer.transitInfo.split('.');
  assert.equal(parts.length, 5);
  assert.equal(parts[1], '');
  assert.equal(Buffer.from(parts[2], 'base64url').length, 12);
  assert.equal(Buffer.from(parts[3], 'base64url').length, 135);
  assert.equal(Buffer.from(parts[4], 'base64url').length, 16);
  const h = header(answer.transitInfo);
  assert.deepEqual([h.alg, h.enc, h.aud, h.iat, h.exp],
    ['dir', 'A256GCM', document.audience, answer.iat, answer.exp]);
  assert.equal(h.kid, document.secretKeys.find((k) => k.active).kid);
});
test('pseudonymize: the helper accepts the header of the box', async () => {
  (await pseudonymOf('71011599751')).transitInfo.validateHeader();
});
test('identify: the answer has no transitInfo', async () => {
  await (await pseudonymOf('71011599751')).identify();
  assert.ok(!('transitInfo' in client.last.answer));
});
test('the service sees a blinded point, never the value', async () => {
  const v = values.fromString('71011599751');
  await v.pseudonymize();
  assert.notEqual(client.last.request.x, v.x());
});
test('two pseudonyms of one value differ', async () => {
  const [a, b] = [await pseudonymOf('71011599751'), await pseudonymOf('71011599751')];
  assert.notEqual(a.x(), b.x());
});
test('two pseudonyms of one value are one pseudonym at rest', async () => {
  const at = await Promise.all(repeat(2, async () => (await control('POST', '/pseudo/open',
    { pseudonym: (await pseudonymOf('71011599751')).asShortString(), domain: 'uhmep_v1' }))));
  assert.deepEqual(at[0].atRest, at[1].atRest);
  assert.ok(at[0].atRest);
});

// ---- strings ---------------------------------------------------------------------------------------------------

for (const form of ['asString', 'asShortString']) {
  test(`a pseudonym written by ${form} is identified by another helper`, async () => {
    const text = (await pseudonymOf('54022899886'))[form]();
    const other = new PseudonymisationHelper(new HttpClient(() => token)).createDomain('uhmep_v1', Curve.P521, document.audience, 8);
    const value = await other.pseudonymInTransitFactory.fromSec1AndTransitInfo(text).identify();
    assert.equal(value.asString(), '54022899886');
  });
}
test('one pseudonym may be identified again and again until it expires', async () => {
  const p = await pseudonymOf('85072299879');
  for (let i = 0; i < 3; i++) assert.equal((await p.identify()).asString(), '85072299879');
});
test('the negative of a pseudonym names the same person', async () => {
  const p = await pseudonymOf('85072299879');
  const short = p.asShortString();
  const bytes = Buffer.from(short.split(':')[0], 'base64url');
  bytes[0] ^= 1;
  const negative = `${bytes.toString('base64url')}:${short.slice(short.indexOf(':') + 1)}`;
  assert.equal((await inTransit.fromSec1AndTransitInfo(negative).identify()).asString(), '85072299879');
});

// ---- several at once -------------------------------------------------------------------------------------------

for (const n of [1, 2, 3, 9, 10]) {
  test(`${n} values in one call come back in their places`, async () => {
    const texts = repeat(n, (i) => `value ${i} of ${n}`);
    const many = await values.multiple(texts.map((t) => values.fromString(t))).pseudonymize();
    assert.equal(many.lengthPoints(), n);
    const back = await many.identify();
    assert.deepEqual(repeat(n, (i) => back.getPoint(i).asString()), texts);
  });
}
test('ten SSINs in one call make one request', async () => {
  const before = client.wire.length;
  await values.multiple(ssins.slice(0, 10).map((s) => values.fromString(s))).pseudonymize();
  assert.equal(client.wire.length, before + 1);
  assert.equal(client.last.path, 'uhmep_v1/pseudonymizeMultiple');
});
test('equal values in one call get different pseudonyms and boxes', async () => {
  const many = await values.multiple(repeat(3, () => values.fromString('same'))).pseudonymize();
  const boxes = repeat(3, (i) => many.getPoint(i).transitInfo.asString());
  const xs = repeat(3, (i) => many.getPoint(i).x());
  assert.equal(new Set(boxes).size, 3);
  assert.equal(new Set(xs).size, 3);
  assert.equal(new Set(client.last.answer.outputs.map((o) => o.id)).size, 3);
});
test('outputs name their inputs in order', async () => {
  await values.multiple(repeat(5, (i) => values.fromString(`v${i}`))).pseudonymize();
  assert.deepEqual(client.last.answer.outputs.map((o) => o.inResponseTo), client.last.request.inputs.map((i) => i.id));
});
test('an eleventh value is refused by the helper before any call', () => {
  assert.throws(() => values.multiple(repeat(11, () => values.fromString('v'))), /less or equal to 10/);
});
test('pseudonyms of several calls are identified in one', async () => {
  const list = await Promise.all(['a', 'b', 'c'].map((t) => pseudonymOf(t)));
  const back = await inTransit.multiple(list).identify();
  assert.deepEqual(repeat(3, (i) => back.getPoint(i).asString()), ['a', 'b', 'c']);
});

// ---- concurrency and volume ------------------------------------------------------------------------------------

test('fifty at once are all right', async () => {
  const back = await Promise.all(repeat(50, async (i) => (await (await pseudonymOf(`concurrent ${i}`)).identify()).asString()));
  assert.deepEqual(back, repeat(50, (i) => `concurrent ${i}`));
});
test('two hundred values in lists of ten come back, none lost, none confused', async () => {
  const all = repeat(200, (i) => String(10_000_000_000 + i * 7));
  for (let i = 0; i < all.length; i += 10) {
    const part = all.slice(i, i + 10);
    const back = await (await values.multiple(part.map((t) => values.fromString(t))).pseudonymize()).identify();
    assert.deepEqual(part.map((_, j) => back.getPoint(j).asString()), part);
  }
});

// ---- expiry by the sandbox's clock -----------------------------------------------------------------------------

for (const { after, dead } of [{ after: 'PT9M', dead: false }, { after: 'PT10M30S', dead: false }, { after: 'PT11M5S', dead: true }, { after: 'PT24H', dead: true }]) {
  test(`a pseudonym ${dead ? 'is refused' : 'still opens'} ${after} later`, async () => {
    const p = await pseudonymOf('54022899886');
    await later(after, async () => {
      await renew();
      if (dead) await assert.rejects(p.identify(), (e) => { assertProblem(e.problem, 400); assert.match(e.problem.detail, /expired/i); return true; });
      else assert.equal((await p.identify()).asString(), '54022899886');
    });
    await renew();
  });
}
test('a pseudonym from more than a minute ahead is refused', async () => {
  let p;
  await later('PT5M', async () => { await renew(); p = await pseudonymOf('54022899886'); });
  await renew();
  await assert.rejects(p.identify(), (e) => { assertProblem(e.problem, 400); return true; });
});
test('in a list only the expired pseudonym becomes a problem', async () => {
  const old = await pseudonymOf('old');
  await later('PT12M', async () => {
    await renew();
    const fresh = await pseudonymOf('fresh');
    const back = await inTransit.multiple([old, fresh]).identify().catch(() => null);
    const [first, second] = client.last.answer.outputs;
    assert.equal(client.last.status, 200);
    assertProblem(first, 400, client.last.request.inputs[0].id);
    assert.ok('x' in second);
    if (back) assert.equal(back.getPoint(1).asString(), 'fresh');
  });
  await renew();
});

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
  const res = await fetch(domainUrl('uhmep_v1/pseudonymize'), { headers: { Authorization: `Bearer ${token}` } });
  assert.equal(res.status, 405);
  assert.match(res.headers.get('allow'), /POST/);
});

// ---- tokens ----------------------------------------------------------------------------------------------------

const withToken = (t) => new PseudonymisationHelper(new HttpClient(() => t)).createDomain('uhmep_v1', Curve.P521, document.audience, 8)
  .valueFactory.fromString('71011599751').pseudonymize();
const refusedWith = (status, type) => (e) => {
  assert.equal(e.status, status, e.message);
  assertProblem(e.problem, status);
  if (type) assert.equal(e.problem.type, type);
  return true;
};
test('the exchanged token is refused', async () => {
  await assert.rejects(withToken((await exchange(token)).access_token), refusedWith(403));
});
test('no token is a 401 with a challenge', async () => {
  const res = await fetch(domainUrl('uhmep_v1'));
  assert.equal(res.status, 401);
  assert.match(res.headers.get('www-authenticate'), /^Bearer/);
  assertProblem(await res.json(), 401);
});
test('nonsense for a token is a 401', () => assert.rejects(withToken('nonsense'), refusedWith(401, 'urn:problem-type:belgif:invalidAccessToken')));
test('a token with a changed signature is a 401', () => {
  const parts = token.split('.');
  const sig = Buffer.from(parts[2], 'base64url');
  sig[0] ^= 1;
  return assert.rejects(withToken([parts[0], parts[1], sig.toString('base64url')].join('.')), refusedWith(401, 'urn:problem-type:belgif:invalidAccessToken'));
});
test('a token after its end is a 401 that says so', () => later('PT8M', () =>
  assert.rejects(withToken(token), refusedWith(401, 'urn:problem-type:belgif:expiredAccessToken'))));
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
