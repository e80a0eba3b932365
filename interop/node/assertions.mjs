// Referee: the assertions that known machine clients really send, signed by Node's own crypto and by jose.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { SignJWT } from 'jose';
import { test, run } from './lib/report.mjs';
import { base, control, realmUrl } from './lib/sandbox.mjs';
import { assertion, assertionClaims, claims, clientCredentials, registerKey, tokenUrl, uhmepScopes } from './lib/iam.mjs';

const id = 'demo-hospital';
const { privateKey, kid } = await registerKey('NIHII-HOSPITAL', '71099911', { kid: '1795999101' });
const foreign = await registerKey('NIHII-LABO', '89999905', { kid: '1795999102' });
const now = () => Math.floor(Date.now() / 1000);
const acceptance = 'https://api-acpt.ehealth.fgov.be/auth/realms/M2M';

const accepted = {
  'the Java helper: no kid, no iat, exp in a minute, an extra claim': {
    fields: { client_id: id, scope: uhmepScopes }, header: {},
    payload: () => ({ iss: id, sub: id, aud: realmUrl('M2M'), jti: randomUUID(), exp: now() + 60, grant_type: 'client_credentials' }) },
  'the token generator: audience a list of one, hard-coded acceptance realm, exp in an hour, no client_id': {
    fields: { scope: uhmepScopes }, header: {},
    payload: () => ({ iss: id, sub: id, aud: [acceptance], jti: randomUUID(), exp: now() + 3600 }) },
  'the connector: kid, typ, iat, nbf five minutes ago, exp in five': {
    fields: { client_id: id, scope: uhmepScopes }, header: { kid, typ: 'JWT' },
    payload: () => ({ iss: id, sub: id, aud: realmUrl('M2M'), jti: randomUUID(), iat: now(), nbf: now() - 300, exp: now() + 300 }) },
  'Spring: kid, audience the token endpoint': {
    fields: { scope: uhmepScopes }, header: { kid }, payload: () => assertionClaims(id, { aud: tokenUrl('M2M') }) },
};
for (const [name, { fields, header, payload }] of Object.entries(accepted)) {
  test(`accepted: ${name}`, async () => {
    const { status, body } = await clientCredentials(fields, assertion(privateKey, payload(), header));
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.token_type, 'Bearer');
    assert.equal(body.refresh_expires_in, 0);
    assert.equal(claims(body.access_token).azp, id);
    assert.deepEqual(claims(body.access_token).resource_access['nihdi-uhmep-api'].roles, ['organization']);
  });
}
test('accepted: no scope at all; demo-m2m-noscope has its rights by default', async () => {
  const noscope = 'demo-m2m-noscope';
  const payload = { iss: noscope, sub: noscope, aud: realmUrl('M2M'), jti: randomUUID(), exp: now() + 60, grant_type: 'client_credentials' };
  const { status, body } = await clientCredentials({ client_id: noscope }, assertion(privateKey, payload));
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(claims(body.access_token).resource_access['ehealth-pseudo-api'].roles.sort(), ['identify', 'pseudonymize']);
});
test('accepted: no scope for a client whose rights are optional gives a token without them', async () => {
  const { status, body } = await clientCredentials({ client_id: id }, assertion(privateKey, assertionClaims(id)));
  assert.equal(status, 200, JSON.stringify(body));
  assert.ok(!claims(body.access_token).resource_access?.['ehealth-pseudo-api']);
});
for (const alg of ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']) {
  test(`accepted: ${alg}, signed by jose`, async () => {
    const nurses = 'demo-groupofnurses';
    const key = await registerKey('NIHII-GROUP', '94099995', { kid: `1795999${alg.slice(2)}`, alg: undefined });
    const signed = await new SignJWT(assertionClaims(nurses)).setProtectedHeader({ alg, kid: key.kid }).sign(key.privateKey);
    const { status, body } = await clientCredentials({ scope: uhmepScopes }, signed);
    assert.equal(status, 200, JSON.stringify(body));
  });
}

test('accepted: the key that came with a certificate; OpenSSL opens its PKCS#12 file', async () => {
  const made = await control('POST', '/iam/certificates', { type: 'NIHII-GUARD_POST', identifier: '67899901', name: 'Wachtpost', password: 'geheim' });
  createSecureContext({ pfx: Buffer.from(made.pkcs12, 'base64'), passphrase: 'geheim' });
  assert.throws(() => createSecureContext({ pfx: Buffer.from(made.pkcs12, 'base64'), passphrase: 'wrong' }));
  const published = await fetch(`${base}/etee/v1/pubKeys/cacerts/jwks?type=NIHII-GUARD_POST&identifier=67899901&use=sig`).then((res) => res.json());
  assert.ok(published.keys.some((k) => k.kid === made.kid && k.x5c));
  const signed = assertion(made.private_key_pem, assertionClaims('demo-guardpost'), { kid: made.kid });
  const { status, body } = await clientCredentials({ scope: uhmepScopes }, signed);
  assert.equal(status, 200, JSON.stringify(body));
});

const refused = {
  'no jti': [{ jti: undefined }, 400, 'invalid_client', 'Token jti claim is required'],
  'no exp': [{ exp: undefined }, 400, 'invalid_client', 'Token exp claim is required'],
  'an end in the past': [{ iat: now() - 400, exp: now() - 300 }, 400, 'invalid_client', 'Token is not active'],
  'a beginning in the future': [{ nbf: now() + 300, exp: now() + 600 }, 400, 'invalid_client', 'Token is not active'],
  'two audiences': [{ aud: [realmUrl('M2M'), 'https://example.org'] }, 400, 'invalid_client', 'Multiple audiences not allowed'],
  'the audience of another realm': [{ aud: realmUrl('healthcare') }, 400, 'invalid_client', 'Invalid token audience'],
  'no subject': [{ sub: undefined }, 400, 'invalid_client', 'Token sub claim is required'],
  'an issuer that is not the subject': [{ iss: 'demo-groupofnurses' }, 401, 'invalid_client', 'Invalid client or Invalid client credentials'],
  'an unknown client': [{ iss: 'nobody', sub: 'nobody' }, 401, 'invalid_client', 'Invalid client or Invalid client credentials'],
};
for (const [name, [over, status, error, description]] of Object.entries(refused)) {
  test(`refused: ${name}`, async () => {
    const answer = await clientCredentials({ scope: uhmepScopes }, assertion(privateKey, assertionClaims(id, over), { kid }));
    assert.deepEqual([answer.status, answer.body.error, answer.body.error_description], [status, error, description]);
  });
}
test('refused: the same assertion twice', async () => {
  const signed = assertion(privateKey, assertionClaims(id), { kid });
  assert.equal((await clientCredentials({ scope: uhmepScopes }, signed)).status, 200);
  const again = await clientCredentials({ scope: uhmepScopes }, signed);
  assert.deepEqual([again.status, again.body.error_description], [400, 'Token reuse detected']);
});
test('refused: the key of another organisation', async () => {
  const answer = await clientCredentials({ scope: uhmepScopes }, assertion(foreign.privateKey, assertionClaims(id), { kid }));
  assert.equal(answer.status, 400);
  assert.equal(answer.body.error_description, 'Client authentication with signed JWT failed: Signature on JWT token failed validation');
});
test('refused: an unknown kid', async () => {
  const answer = await clientCredentials({ scope: uhmepScopes }, assertion(privateKey, assertionClaims(id), { kid: 'unknown' }));
  assert.deepEqual([answer.status, answer.body.error_description], [400, 'Unable to load public key']);
});
test('refused: alg none', async () => {
  const [, body] = assertion(privateKey, assertionClaims(id)).split('.');
  const head = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  const answer = await clientCredentials({ scope: uhmepScopes }, `${head}.${body}.`);
  assert.deepEqual([answer.status, answer.body.error_description], [400, 'Invalid signature algorithm']);
});
test('refused: HS256 with the public key as secret', async () => {
  const signed = await new SignJWT(assertionClaims(id)).setProtectedHeader({ alg: 'HS256', kid }).sign(Buffer.from('x'.repeat(64)));
  const answer = await clientCredentials({ scope: uhmepScopes }, signed);
  assert.deepEqual([answer.status, answer.body.error_description], [400, 'Invalid signature algorithm']);
});
test('refused: a client_id that is not the subject', async () => {
  const answer = await clientCredentials({ client_id: 'demo-groupofnurses', scope: uhmepScopes }, assertion(privateKey, assertionClaims(id), { kid }));
  assert.deepEqual([answer.status, answer.body.error_description], [400, 'client_id parameter does not match sub claim']);
});
test('refused: a scope in the spelling of the paper form', async () => {
  const answer = await clientCredentials({ scope: 'openid Nihdi:uhmep:organization' }, assertion(privateKey, assertionClaims(id), { kid }));
  assert.deepEqual([answer.status, answer.body.error, answer.body.error_description], [400, 'invalid_scope', 'Invalid scopes: openid Nihdi:uhmep:organization']);
});

await run();
