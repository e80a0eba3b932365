// Referee: Smals' npm package @smals-belgium-shared/pseudo-helper, unmodified, against /pseudo/v1: what must work.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test, run } from './lib/report.mjs';
import { base, control, expect, later } from './lib/sandbox.mjs';
import { assertProblem, header, openDomain, repeat } from './lib/pseudo.mjs';

const { client, document, domainFor, inTransit, pseudonymOf, renew, session, values } = await openDomain();

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
    { pseudonym: (await pseudonymOf('71011599751')).asShortString() }))));
  assert.ok(at[0].at_rest);
  assert.equal(at[0].at_rest, at[1].at_rest);
  assert.deepEqual([at[0].value, at[1].value], ['71011599751', '71011599751']);
});

// ---- strings ---------------------------------------------------------------------------------------------------

for (const form of ['asString', 'asShortString']) {
  test(`a pseudonym written by ${form} is identified by another helper`, async () => {
    const text = (await pseudonymOf('54022899886'))[form]();
    const other = domainFor(() => session.token);
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
// VOLUME=10000 takes the helper a quarter of an hour: it needs some 30 ms per multiplication.
const volume = Number(process.env.VOLUME ?? 40);
test(`${volume} values in lists of ten come back, none lost, none confused`, async () => {
  const all = repeat(volume, (i) => String(10_000_000_000 + i * 7));
  for (let i = 0; i < all.length; i += 10) {
    const part = all.slice(i, i + 10);
    const back = await (await values.multiple(part.map((t) => values.fromString(t))).pseudonymize()).identify();
    assert.deepEqual(part.map((_, j) => back.getPoint(j).asString()), part);
  }
});

// ---- key rotation ----------------------------------------------------------------------------------------------

test('the keys rotate, and what was sealed before still opens', async () => {
  const before = await pseudonymOf('54022899886');
  await control('POST', '/pseudo/domains/uhmep_v1/rotate');
  const after = await pseudonymOf('54022899886');
  assert.notEqual(header(after.transitInfo.asString()).kid, header(before.transitInfo.asString()).kid);
  for (const p of [before, after]) assert.equal((await p.identify()).asString(), '54022899886');
  const renewed = JSON.parse(await client.getDomain('uhmep_v1'));
  assert.deepEqual(renewed.secretKeys.filter((k) => k.active).map((k) => k.kid), [header(after.transitInfo.asString()).kid]);
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

await run({ timeout: Math.max(90_000, volume * 500) });
