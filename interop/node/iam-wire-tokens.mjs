// Bare requests against I.AM Connect, part two: client authentication, exchange, userinfo, introspection, revocation, logout, certificates.
import assert from 'node:assert/strict';
import { test, run } from './lib/report.mjs';
import { base, control, later, realmUrl } from './lib/sandbox.mjs';
import { assertion, assertionClaims, claims, login, pseudoScopes, redirectUri, registerKey, uhmepScopes } from './lib/iam.mjs';
import { exchangeFor, exchangeGrant, fields, get, jwtBearer, oauthError, oidc, post, randomUUID, redeem, code, refresh, tokens } from './lib/raw.mjs';

// ---- what every grant checks -----------------------------------------------------------------------------------

const token = (body, realm) => post(oidc('token', realm), body);
const common = {
  'no grant_type': ['healthcare', { client_id: 'nihdi-uhmep-hcp' }, 400, 'invalid_request', 'Missing form parameter: grant_type'],
  'an unknown grant_type': ['healthcare', { grant_type: 'magic', client_id: 'nihdi-uhmep-hcp' }, 400, 'unsupported_grant_type', 'Unsupported grant_type'],
  'no client': ['healthcare', { grant_type: 'refresh_token', refresh_token: 'x' }, 401, 'invalid_client', 'Invalid client or Invalid client credentials'],
  'an unknown client': ['healthcare', { grant_type: 'refresh_token', refresh_token: 'x', client_id: 'nobody' }, 401, 'invalid_client', 'Invalid client or Invalid client credentials'],
  'a body key twice': ['healthcare', { grant_type: 'refresh_token', refresh_token: ['x', 'y'], client_id: 'nihdi-uhmep-hcp' }, 400, 'invalid_request', 'duplicated parameter'],
  'client credentials of a public client': ['healthcare', { grant_type: 'client_credentials', client_id: 'nihdi-uhmep-hcp' }, 401, 'unauthorized_client', 'Public client not allowed to retrieve service account'],
  'the password grant': ['healthcare', { grant_type: 'password', client_id: 'nihdi-uhmep-hcp', username: 'dr-peeters', password: 'sandbox' }, 400, 'unsupported_grant_type', 'Unsupported grant_type'],
  'exchange in M2M': ['M2M', { grant_type: exchangeGrant, client_id: 'demo-hospital' }, 400, 'unsupported_grant_type', 'Unsupported grant_type'],
};
for (const [name, [realm, body, ...want]] of Object.entries(common)) {
  test(`token request: ${name}`, async () => oauthError(await token(body, realm), ...want));
}
test('parameters in the query are ignored', async () => {
  const res = await post(`${oidc('token')}?grant_type=refresh_token&client_id=nihdi-uhmep-hcp`, {});
  await oauthError(res, 400, 'invalid_request', 'Missing form parameter: grant_type');
});

// ---- client authentication -------------------------------------------------------------------------------------

const { privateKey, kid } = await registerKey('NIHII-HOSPITAL', '71099911', { kid: '1795999401' });
const signed = (over, header = { kid }) => assertion(privateKey, assertionClaims('demo-hospital', over), header);
const machine = (body) => token({ grant_type: 'client_credentials', client_assertion_type: jwtBearer, ...body }, 'M2M');
test('an assertion without its type', async () => oauthError(await machine({ client_assertion_type: undefined, client_assertion: signed() }),
  400, 'invalid_client', 'Parameter client_assertion_type is missing'));
test('an assertion with another type', async () => oauthError(await machine({ client_assertion_type: 'saml', client_assertion: signed() }),
  400, 'invalid_client', `Parameter client_assertion_type has value 'saml' but expected is '${jwtBearer}'`));
test('a type without assertion', async () => oauthError(await machine({}), 400, 'invalid_client', 'client_assertion parameter missing'));
test('a confidential client without assertion', async () => {
  const res = await token({ grant_type: 'client_credentials', client_id: 'demo-hospital' }, 'M2M');
  const body = await res.json();
  assert.ok([400, 401].includes(res.status) && ['invalid_client', 'unauthorized_client'].includes(body.error), JSON.stringify(body));
});
test('a wrong audience is explained in the journal, with both values', async () => {
  const res = await machine({ client_assertion: signed({ aud: 'https://wrong.example/' }) });
  await oauthError(res, 400, 'invalid_client', 'Invalid token audience');
  const entry = JSON.stringify(await control('GET', `/journal/${res.headers.get('x-sandbox-trace')}`));
  assert.match(entry, /wrong\.example/);
  assert.ok(entry.includes(realmUrl('M2M')));
});
for (const aud of [realmUrl('M2M'), oidc('token', 'M2M'), oidc('token/introspect', 'M2M'), 'https://api-int.ehealth.fgov.be/auth/realms/M2M',
  'https://api-acpt.ehealth.fgov.be/auth/realms/M2M', 'https://api.ehealth.fgov.be/auth/realms/M2M']) {
  test(`an assertion for ${aud.replace(base, '')} is accepted`, async () => assert.equal((await machine({ client_assertion: signed({ aud }) })).status, 200));
}
test('a machine answer has no refresh token, no session and an ID token with openid', async () => {
  const body = await (await machine({ client_assertion: signed(), scope: pseudoScopes })).json();
  assert.ok(!('refresh_token' in body) && !('session_state' in body));
  assert.equal(body.refresh_expires_in, 0);
  assert.ok(body.id_token);
  const c = claims(body.access_token);
  assert.match(c.jti, /^trrtcc:/);
  assert.deepEqual([c.client_id, c.preferred_username, c.iss], ['demo-hospital', 'service-account-demo-hospital', realmUrl('M2M')]);
  assert.deepEqual(new Set(c.aud), new Set(['demo-hospital', 'nihdi-uhmep-api', 'ehealth-pseudo-api']));
  assert.deepEqual(c.userProfile, { organizations: [{ hospital: { nihii: '71099911710', name: 'AZ Zandbak' } }] });
  for (const absent of ['sid', 'auth_time', 'ssin']) assert.ok(!(absent in c), absent);
});
test('the token for eReferral has the scopes and roles of the guide', async () => {
  const body = await (await machine({ client_assertion: signed(), scope: uhmepScopes })).json();
  const c = claims(body.access_token);
  assert.equal(c.scope, 'openid nihdi:uhmep:organization iam:authz profile');
  assert.deepEqual(new Set(c.aud), new Set(['demo-hospital', 'nihdi-uhmep-api']));
});
test('a known audience narrows the token, an unknown one only warns', async () => {
  const narrow = await (await machine({ client_assertion: signed(), scope: pseudoScopes, audience: 'ehealth-pseudo-api' })).json();
  assert.deepEqual(new Set(claims(narrow.access_token).aud), new Set(['demo-hospital', 'ehealth-pseudo-api']));
  const res = await machine({ client_assertion: signed(), scope: pseudoScopes, audience: 'nobody' });
  assert.equal(res.status, 200);
  assert.ok((await control('GET', `/journal/${res.headers.get('x-sandbox-trace')}`)).warnings?.length > 0);
});
test('both kinds of scope in one token are granted, with a warning', async () => {
  const res = await machine({ client_assertion: signed(), scope: `${pseudoScopes} nihdi:uhmep:organization` });
  assert.equal(res.status, 200);
  assert.match(JSON.stringify((await control('GET', `/journal/${res.headers.get('x-sandbox-trace')}`)).warnings), /two tokens/);
});
test('refresh tokens are unknown in M2M', async () => oauthError(await token({ grant_type: 'refresh_token', refresh_token: 'x', client_assertion_type: jwtBearer,
  client_assertion: signed() }, 'M2M'), 400, 'invalid_grant', 'Invalid refresh token'));

// ---- exchange --------------------------------------------------------------------------------------------------

const initial = (await login('dr-peeters')).access_token;
const badExchange = {
  'no subject token': [{ subject_token: undefined }, 400, 'invalid_request', "Parameter 'subject_token' required but missing"],
  'nonsense for a subject token': [{ subject_token: 'nonsense' }, 400, 'invalid_request', 'Invalid token'],
  'another subject token type': [{ subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' }, 400, 'invalid_request', 'Invalid token type, must be access token'],
  'an unknown audience': [{ audience: 'nobody' }, 400, 'invalid_client', 'Audience not found'],
  'a client that is not the holder': [{ client_id: 'nihdi-uhmep-hcp-dev' }, 403, 'access_denied', 'Client is not the holder of the token'],
  'the target of patients': [{ audience: 'nihdi-uhmep-fhir-patient' }, 403, 'access_denied', 'Client not allowed to exchange'],
  'an unknown requested type': [{ requested_token_type: 'urn:ietf:params:oauth:token-type:saml2' }, 400, 'invalid_request', 'requested_token_type unsupported'],
  'an unknown scope': [{ scope: 'nosuch' }, 400, 'invalid_scope', 'Invalid scopes: nosuch'],
};
for (const [name, [over, ...want]] of Object.entries(badExchange)) {
  test(`exchange with ${name} is refused`, async () => oauthError(await exchangeFor(initial, over), ...want));
}
test('exchange of a dead token is refused', async () => {
  const dead = (await tokens()).access_token;
  await later('PT10M', async () => oauthError(await exchangeFor(dead), 400, 'invalid_request', 'Invalid token'));
});
test('exchange after the session ended is refused', async () => {
  const t = (await tokens()).access_token;
  await control('POST', `/iam/sessions/${claims(t).sid}/end`);
  await oauthError(await exchangeFor(t), 400, 'invalid_request', 'Invalid token');
});
test('exchange of a machine token in healthcare is refused', async () => {
  const { access_token } = await (await machine({ client_assertion: signed(), scope: pseudoScopes })).json();
  await oauthError(await exchangeFor(access_token), 400, 'invalid_request', 'Invalid token');
});
test('the exchanged token has the claims of the guide', async () => {
  const body = await (await exchangeFor(initial)).json();
  const [before, c] = [claims(initial), claims(body.access_token)];
  assert.equal(body.issued_token_type, 'urn:ietf:params:oauth:token-type:refresh_token');
  assert.ok(body.refresh_token);
  assert.match(c.jti, /^onrtte:/);
  assert.deepEqual(c.aud, ['nihdi-uhmep-fhir-hcp', 'nihdi-uhmep-hcp']);
  assert.deepEqual([c.sub, c.sid, c.auth_time, c.azp], [before.sub, before.sid, before.auth_time, 'nihdi-uhmep-hcp']);
  assert.equal(c.scope, 'openid iam:authz profile nihdi:uhmep:hcp');
  assert.deepEqual(c.resource_access, { 'nihdi-uhmep-api': { roles: ['prescriber'] } });
  assert.equal(c.ssin, '71011599751');
});
test('asked for an access token, exchange gives no refresh token', async () => {
  const body = await (await exchangeFor(initial, { requested_token_type: 'urn:ietf:params:oauth:token-type:access_token' })).json();
  assert.ok(!('refresh_token' in body));
  assert.equal(body.issued_token_type, 'urn:ietf:params:oauth:token-type:access_token');
});
test('only the first audience counts', async () => {
  const body = await (await exchangeFor(initial, { audience: ['nihdi-uhmep-fhir-hcp', 'nobody'] })).json();
  assert.ok(claims(body.access_token).aud.includes('nihdi-uhmep-fhir-hcp'));
});
test('without audience the token keeps its pseudonymisation rights, with a warning', async () => {
  const res = await exchangeFor(initial, { audience: undefined });
  assert.ok(claims((await res.json()).access_token).resource_access['ehealth-pseudo-api']);
  assert.ok((await control('GET', `/journal/${res.headers.get('x-sandbox-trace')}`)).warnings?.length > 0);
});
const roles = { 'nurse-claes': ['caregiver'], 'midwife-before': ['caregiver'], 'midwife-after': ['caregiver'], physio: ['caregiver'], dentist: ['prescriber'],
  pharmacist: ['pharmacist'], admin: ['administrative'], 'dr-suspended': ['Restricted'] };
for (const [persona, want] of Object.entries(roles)) {
  test(`exchanged, ${persona} is ${want}`, async () => {
    const body = await (await exchangeFor((await login(persona)).access_token)).json();
    assert.deepEqual(claims(body.access_token).resource_access['nihdi-uhmep-api'].roles, want);
  });
}
test('exchanged, a patient has no SSIN in the token but a pseudonym in userinfo', async () => {
  const first = (await login('pat-dubois', { client: 'nihdi-uhmep-patient' })).access_token;
  assert.equal(claims(first).ssin, '54022899886');
  const body = await (await exchangeFor(first, { client_id: 'nihdi-uhmep-patient', audience: 'nihdi-uhmep-fhir-patient' })).json();
  const c = claims(body.access_token);
  for (const absent of ['ssin', 'userProfile', 'name', 'given_name', 'preferred_username']) assert.ok(!(absent in c), absent);
  assert.equal(c.scope, 'openid nihdi:uhmep:patient');
  assert.deepEqual(c.resource_access, { 'nihdi-uhmep-api': { roles: ['patient'] } });
  const info = await (await get(oidc('userinfo'), { Authorization: `Bearer ${body.access_token}` })).json();
  assert.equal(info.sub, c.sub);
  assert.match(info.pseudoSsin, /^urn:be:fgov:pseudo:v2:[\w-]{90}:/);
  assert.deepEqual(Object.keys(info).sort(), ['pseudoSsin', 'sub']);
});
test('a patient for the target of professionals is refused', async () => {
  const first = (await login('pat-dubois')).access_token;
  await oauthError(await exchangeFor(first), 403, 'access_denied', 'Client not allowed to exchange');
});

// ---- userinfo --------------------------------------------------------------------------------------------------

const challenged = async (res, status, challenge) => {
  assert.equal(res.status, status);
  assert.equal(res.headers.get('www-authenticate'), challenge);
  assert.equal(await res.text(), '');
  assert.equal(res.headers.get('content-type')?.toLowerCase(), 'text/plain;charset=utf-8');
};
const invalid = 'Bearer realm="healthcare", error="invalid_token", error_description="Token verification failed"';
test('userinfo without token', async () => challenged(await get(oidc('userinfo')), 401, 'Bearer realm="healthcare"'));
test('userinfo with nonsense', async () => challenged(await get(oidc('userinfo'), { Authorization: 'Bearer nonsense' }), 401, invalid));
test('userinfo with a dead token', async () => {
  const dead = (await tokens()).access_token;
  await later('PT10M', async () => challenged(await get(oidc('userinfo'), { Authorization: `Bearer ${dead}` }), 401, invalid));
});
test('userinfo with the token of the other realm', async () => {
  const { access_token } = await (await machine({ client_assertion: signed(), scope: pseudoScopes })).json();
  await challenged(await get(oidc('userinfo'), { Authorization: `Bearer ${access_token}` }), 401, invalid);
});
test('userinfo with the token in header and form', async () => challenged(await post(oidc('userinfo'), { access_token: initial }, { Authorization: `Bearer ${initial}` }),
  400, 'Bearer realm="healthcare", error="invalid_request", error_description="More than one method used for including an access token"'));
for (const [name, ask] of Object.entries({ 'GET with header': (t) => get(oidc('userinfo'), { Authorization: `Bearer ${t}` }),
  'POST with header': (t) => post(oidc('userinfo'), {}, { Authorization: `Bearer ${t}` }), 'POST with form': (t) => post(oidc('userinfo'), { access_token: t }) })) {
  test(`userinfo by ${name}`, async () => {
    const info = await (await ask((await tokens()).access_token)).json();
    assert.deepEqual([info.given_name, info.ssin, info.userProfile.physician.nihii11], ['Joris', '71011599751', '19990116004']);
  });
}

// ---- introspection, revocation, logout -------------------------------------------------------------------------

const server = await registerKey('CBE', '0999999130', { kid: '1795999402' });
const asServer = () => ({ client_assertion_type: jwtBearer, client_assertion: assertion(server.privateKey,
  assertionClaims('demo-ehr-server', { aud: realmUrl('healthcare') }), { kid: server.kid }) });
const serverTokens = async () => (await redeem(await code({ client_id: 'demo-ehr-server', redirect_uri: 'http://localhost/cb' }),
  { client_id: undefined, redirect_uri: 'http://localhost/cb', ...asServer() })).json();
test('introspection tells all of a living token', async () => {
  const t = (await serverTokens()).access_token;
  const body = await (await post(oidc('token/introspect'), { token: t, ...asServer() })).json();
  assert.deepEqual([body.active, body.client_id, body.username, body.token_type], [true, 'demo-ehr-server', '71011599751', 'Bearer']);
  assert.equal(body.sub, claims(t).sub);
});
test('introspection of a token for somebody else is inactive', async () => {
  const body = await (await post(oidc('token/introspect'), { token: initial, ...asServer() })).json();
  assert.deepEqual(body, { active: false });
});
test('introspection without token', async () => oauthError(await post(oidc('token/introspect'), asServer()), 400, 'invalid_request', 'Token not provided.'));
test('introspection by a public client', async () => oauthError(await post(oidc('token/introspect'), { token: initial, client_id: 'nihdi-uhmep-hcp' }), 403, 'invalid_request', 'Client not allowed.'));
test('revocation answers 200 and nothing, and ends refreshing', async () => {
  const first = await tokens();
  const res = await post(oidc('revoke'), { token: first.refresh_token, client_id: 'nihdi-uhmep-hcp', token_type_hint: 'refresh_token' });
  assert.equal(res.status, 200);
  assert.equal(await res.text(), '');
  assert.equal((await refresh(first.refresh_token)).status, 400);
});
test('revocation of nonsense answers 200 with an error', async () => oauthError(await post(oidc('revoke'), { token: 'nonsense', client_id: 'nihdi-uhmep-hcp' }),
  200, 'invalid_token', 'Invalid token'));
const out = (over) => `${oidc('logout')}?${fields(over)}`;
test('logout with hint and address redirects with state alone', async () => {
  const first = await tokens();
  const res = await get(out({ id_token_hint: first.id_token, post_logout_redirect_uri: redirectUri, state: 'bye' }));
  assert.deepEqual([res.status, res.headers.get('location')], [302, `${redirectUri}?state=bye`]);
  await oauthError(await refresh(first.refresh_token), 400, 'invalid_grant', 'Session not active');
});
const badLogout = {
  'nonsense for a hint': [{ id_token_hint: 'nonsense' }, 'Invalid parameter: id_token_hint'],
  'an address without hint or client': [{ post_logout_redirect_uri: redirectUri }, 'Missing parameters: id_token_hint'],
  'an address of nobody': [{ client_id: 'demo-ehr-spa', post_logout_redirect_uri: 'https://evil.example/' }, 'Invalid redirect uri'],
};
for (const [name, [over, text]] of Object.entries(badLogout)) {
  test(`logout with ${name} answers a 400 page`, async () => {
    const res = await get(out(over));
    const page = await res.text();
    assert.equal(res.status, 400, page);
    assert.ok(page.includes(text), page);
  });
}
test('a refused logout ends nothing', async () => {
  const first = await tokens({ client_id: 'demo-ehr-spa', redirect_uri: 'http://localhost/x' }, { client_id: 'demo-ehr-spa', redirect_uri: 'http://localhost/x' });
  assert.equal((await get(out({ id_token_hint: first.id_token, post_logout_redirect_uri: 'https://evil.example/' }))).status, 400);
  assert.equal((await refresh(first.refresh_token, { client_id: 'demo-ehr-spa' })).status, 200);
});
test('logout without an address answers a page', async () => assert.equal((await get(out({ id_token_hint: (await tokens()).id_token }))).status, 200));
test('logout in the back channel answers 204, twice', async () => {
  const first = await tokens();
  for (let i = 0; i < 2; i++) assert.equal((await post(oidc('logout'), { client_id: 'nihdi-uhmep-hcp', refresh_token: first.refresh_token })).status, 204);
  await oauthError(await refresh(first.refresh_token), 400, 'invalid_grant', 'Session not active');
});
test('logout in the back channel with nonsense', async () => oauthError(await post(oidc('logout'), { client_id: 'nihdi-uhmep-hcp', refresh_token: 'nonsense' }),
  400, 'invalid_grant', 'Invalid refresh token'));

// ---- certificates ----------------------------------------------------------------------------------------------

const jwks = (query) => get(`${base}/etee/v1/pubKeys/cacerts/jwks?${fields(query)}`);
test('the certificate key set of an organisation', async () => {
  const { keys } = await (await jwks({ identifier: '94799979', type: 'NIHII-HOME_SERVICES', use: 'sig' })).json();
  assert.ok(keys.length > 0 && keys.every((k) => k.kty === 'RSA' && k.use === 'sig' && k.x5c && k.n && k.e && !k.d));
});
test('the certificate key set of the owner of uhmep_v1', async () => {
  const { keys } = await (await jwks({ identifier: '0406798006', type: 'CBE', applicationIdentifier: 'UHMEP', use: 'enc' })).json();
  assert.ok(keys.every((k) => k.use === 'enc' && k['x5t#S256']));
});
test('no identifier is a 400', async () => assert.equal((await jwks({ type: 'CBE' })).status, 400));
test('no type is a 400', async () => assert.equal((await jwks({ identifier: '0406798006' })).status, 400));
test('an unknown owner is a 404 that names it', async () => {
  const res = await jwks({ identifier: '0999999998', type: 'CBE' });
  assert.equal(res.status, 404);
  assert.match(JSON.stringify(await res.json()), /CBE=0999999998/);
});
test('KeyDepot answers by type and value', async () => {
  const res = await get(`${base}/keydepot/v1/jwks?type=NIHII-HOSPITAL&value=71099911&use=sig`);
  assert.equal(res.status, 200, await res.clone().text());
  assert.ok((await res.json()).keys.length > 0);
});
test('an assertion signed twice with one jti by two clients is nobody else\'s replay', async () => {
  const jti = randomUUID();
  assert.equal((await machine({ client_assertion: signed({ jti }) })).status, 200);
  const noscope = assertion(privateKey, assertionClaims('demo-m2m-noscope', { jti }), { kid });
  assert.equal((await machine({ client_assertion: noscope })).status, 200);
});

await run();
