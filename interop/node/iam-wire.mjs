// Bare requests against I.AM Connect: the rows an integrator's own HTTP code depends on, part one: front door, discovery,
// authorization, codes and refresh tokens.
import assert from 'node:assert/strict';
import { test, run } from './lib/report.mjs';
import { base, control, later, realmUrl } from './lib/sandbox.mjs';
import { claims } from './lib/iam.mjs';
import { authorization, code, get, oauthError, oidc, post, pkce, redeem, redirected, refresh, tokens } from './lib/raw.mjs';

// ---- front door ------------------------------------------------------------------------------------------------

const plain = {
  'an unknown realm': ['/auth/realms/nosuch', 404, { error: 'Realm does not exist' }],
  'a realm in lower case': ['/auth/realms/m2m', 404, { error: 'Realm does not exist' }],
  'discovery of an unknown realm': ['/auth/realms/nosuch/.well-known/openid-configuration', 404, { error: 'Realm does not exist' }],
  'an unknown path under a realm': ['/auth/realms/healthcare/nosuch', 404, { error: 'Unable to find matching target resource method' }],
};
for (const [name, [path, status, body]] of Object.entries(plain)) {
  test(`${name} answers ${status}`, async () => {
    const res = await get(base + path);
    assert.equal(res.status, status);
    assert.deepEqual(await res.json(), body);
    assert.match(res.headers.get('content-type'), /^application\/json/);
  });
}
for (const [path, method] of [['auth', 'PUT'], ['logout', 'DELETE']]) {
  test(`${method} on ${path} is a 405`, async () => {
    const res = await fetch(oidc(path), { method });
    assert.equal(res.status, 405);
    assert.deepEqual(await res.json(), { error: 'HTTP 405 Method Not Allowed' });
  });
}
test('realm info has key, token service and account service', async () => {
  const info = await (await get(realmUrl('healthcare'))).json();
  assert.equal(info.realm, 'healthcare');
  assert.equal(info['token-service'], `${realmUrl('healthcare')}/protocol/openid-connect`);
  assert.equal(info['account-service'], `${realmUrl('healthcare')}/account`);
  assert.equal(info['tokens-not-before'], 0);
  const [key] = (await (await get(oidc('certs'))).json()).keys;
  assert.ok(Buffer.from(info.public_key, 'base64').includes(Buffer.from(key.n, 'base64url')), 'public_key is the active signing key');
});
for (const path of ['/.well-known/openid-configuration', '/protocol/openid-connect/certs', '']) {
  test(`${path || 'realm info'} has the general headers`, async () => {
    const res = await get(realmUrl('healthcare') + path);
    assert.equal(res.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(res.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(res.headers.get('x-sandbox'), 'true');
    assert.ok(res.headers.get('x-sandbox-trace'));
    assert.ok(res.headers.get('date'));
  });
}
test('the JWKS lists one signing and one encryption key with their certificates', async () => {
  const { keys } = await (await get(oidc('certs'))).json();
  assert.deepEqual(keys.map((k) => [k.use, k.alg, k.kty]), [['sig', 'RS256', 'RSA'], ['enc', 'RSA-OAEP', 'RSA']]);
  for (const k of keys) {
    for (const member of ['kid', 'n', 'e', 'x5c', 'x5t', 'x5t#S256']) assert.ok(k[member], `${member} is missing`);
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi']) assert.ok(!(secret in k), `${secret} is published`);
    assert.equal(k.x5c.length, 1);
    assert.match(k.kid, /^sandbox-/);
  }
});

// ---- discovery -------------------------------------------------------------------------------------------------

for (const realm of ['healthcare', 'M2M']) {
  test(`discovery of ${realm} has every member`, async () => {
    const d = await (await get(`${realmUrl(realm)}/.well-known/openid-configuration`)).json();
    const under = (path) => `${realmUrl(realm)}/protocol/openid-connect/${path}`;
    assert.deepEqual([d.issuer, d.authorization_endpoint, d.token_endpoint, d.introspection_endpoint, d.userinfo_endpoint, d.end_session_endpoint, d.jwks_uri,
      d.check_session_iframe, d.revocation_endpoint],
    [realmUrl(realm), under('auth'), under('token'), under('token/introspect'), under('userinfo'), under('logout'), under('certs'), under('login-status-iframe.html'), under('revoke')]);
    const sets = {
      grant_types_supported: realm === 'M2M' ? ['client_credentials'] : ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:token-exchange'],
      response_types_supported: ['code'], response_modes_supported: ['query', 'fragment', 'form_post'], subject_types_supported: ['public', 'pairwise'],
      prompt_values_supported: ['none', 'login', 'consent'], acr_values_supported: ['0', '1'], claim_types_supported: ['normal'],
      code_challenge_methods_supported: ['plain', 'S256'],
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'tls_client_auth'],
      introspection_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'tls_client_auth'],
      revocation_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'tls_client_auth'],
      token_endpoint_auth_signing_alg_values_supported: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'],
      claims_supported: ['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'name', 'given_name', 'family_name', 'preferred_username', 'email', 'acr', 'azp', 'nonce'],
    };
    for (const [member, want] of Object.entries(sets)) assert.deepEqual(new Set(d[member]), new Set(want), member);
    for (const member of ['id_token_signing_alg_values_supported', 'userinfo_signing_alg_values_supported']) assert.ok(d[member].includes('RS256'), member);
    for (const member of ['claims_parameter_supported', 'tls_client_certificate_bound_access_tokens', 'frontchannel_logout_supported', 'frontchannel_logout_session_supported',
      'backchannel_logout_supported', 'backchannel_logout_session_supported', 'authorization_response_iss_parameter_supported']) assert.equal(d[member], true, member);
    for (const member of ['device_authorization_endpoint', 'backchannel_authentication_endpoint', 'pushed_authorization_request_endpoint', 'registration_endpoint']) assert.ok(!(member in d), member);
    for (const scope of ['openid', 'profile', 'ssin', 'iam:authz', 'pseudo:api:pseudonymize', 'pseudo:api:identify', 'nihdi:uhmep:pseudo']) assert.ok(d.scopes_supported.includes(scope), scope);
    assert.equal(d.scopes_supported.includes('nihdi:uhmep:organization'), realm === 'M2M');
    assert.equal(d.scopes_supported.includes('nihdi:uhmep:hcp'), realm === 'healthcare');
  });
}

// ---- CORS ------------------------------------------------------------------------------------------------------

const preflight = (url, method) => fetch(url, { method: 'OPTIONS', headers: { Origin: 'https://care.example', 'Access-Control-Request-Method': method } });
for (const [path, method, methods] of [['token', 'POST', ['POST', 'OPTIONS']], ['userinfo', 'GET', ['GET', 'HEAD', 'POST', 'OPTIONS']], ['token/introspect', 'POST'], ['revoke', 'POST'], ['logout', 'POST'], ['certs', 'GET']]) {
  test(`a preflight of ${path} passes any origin`, async () => {
    const res = await preflight(oidc(path), method);
    assert.equal(res.status, 200);
    assert.equal(res.headers.get('access-control-allow-origin'), 'https://care.example');
    assert.equal(res.headers.get('access-control-allow-credentials'), 'true');
    assert.equal(res.headers.get('access-control-max-age'), '3600');
    for (const header of ['Authorization', 'Content-Type', 'DPoP', 'X-Requested-With']) assert.match(res.headers.get('access-control-allow-headers'), new RegExp(`\\b${header}\\b`));
    if (methods) assert.deepEqual(new Set(res.headers.get('access-control-allow-methods').split(/,\s*/)), new Set(methods));
    assert.match(res.headers.get('vary'), /Origin/);
  });
}
for (const path of ['/.well-known/openid-configuration', '/protocol/openid-connect/certs', '']) {
  test(`${path || 'realm info'} is readable from any origin, never by a star`, async () => {
    const res = await get(realmUrl('healthcare') + path, { Origin: 'https://care.example' });
    assert.equal(res.headers.get('access-control-allow-origin'), 'https://care.example');
    assert.match(res.headers.get('vary'), /Origin/);
  });
}
test('a token answer is readable from a web origin of the client', async () => {
  const res = await post(oidc('token'), { grant_type: 'refresh_token', client_id: 'nihdi-uhmep-hcp', refresh_token: (await tokens()).refresh_token }, { Origin: 'http://localhost:4200' });
  assert.equal(res.status, 200);
  assert.equal(res.headers.get('access-control-allow-origin'), 'http://localhost:4200');
  assert.equal(res.headers.get('access-control-allow-credentials'), 'true');
  assert.match(res.headers.get('access-control-expose-headers'), /Access-Control-Allow-Methods/);
});
test('a token answer for a foreign origin is normal, but without the headers, and the journal says why', async () => {
  const first = await tokens({ client_id: 'demo-ehr-spa', redirect_uri: 'http://localhost/x' }, { client_id: 'demo-ehr-spa', redirect_uri: 'http://localhost/x' });
  const res = await post(oidc('token'), { grant_type: 'refresh_token', client_id: 'demo-ehr-spa', refresh_token: first.refresh_token }, { Origin: 'https://evil.example' });
  assert.equal(res.status, 200);
  assert.equal(res.headers.get('access-control-allow-origin'), null);
  assert.match(JSON.stringify(await control('GET', `/journal/${res.headers.get('x-sandbox-trace')}`)), /not in web origins of client demo-ehr-spa/);
});
test('an error before the client is known echoes any origin', async () => {
  const res = await post(oidc('token'), { grant_type: 'authorization_code' }, { Origin: 'https://care.example' });
  assert.equal(res.headers.get('access-control-allow-origin'), 'https://care.example');
});

// ---- authorization ---------------------------------------------------------------------------------------------

const pagesOnly = {
  'no client_id': [{ client_id: undefined }, 400, 'Client not found.'],
  'an unknown client': [{ client_id: 'nobody' }, 400, 'Client not found.'],
  'a resource client': [{ client_id: 'nihdi-uhmep-api' }, 403],
  'max_age that is no number': [{ max_age: 'soon' }, 400],
  'no redirect_uri': [{ redirect_uri: undefined }, 400, 'Invalid parameter: redirect_uri'],
  'a redirect_uri of nobody': [{ client_id: 'demo-ehr-spa', redirect_uri: 'https://evil.example/' }, 400, 'Invalid parameter: redirect_uri'],
  'an unknown persona': [{ login_hint: 'nobody' }, 400, 'dr-peeters'],
};
for (const [name, [over, status, text]] of Object.entries(pagesOnly)) {
  test(`authorization with ${name} answers a ${status} page`, async () => {
    const res = await get(authorization(over));
    const page = await res.text();
    assert.equal(res.status, status, page);
    assert.match(res.headers.get('content-type'), /^text\/html/);
    assert.equal(res.headers.get('x-frame-options'), 'SAMEORIGIN');
    assert.equal(res.headers.get('x-robots-tag'), 'none');
    assert.match(res.headers.get('content-security-policy'), /frame-ancestors 'self'/);
    if (text) assert.ok(page.includes(text), page);
  });
}
const redirectErrors = {
  'no response_type': [{ response_type: undefined }, 'invalid_request', 'Missing parameter: response_type'],
  'response_type unknown': [{ response_type: 'kode' }, 'unsupported_response_type', undefined],
  'response_mode unknown': [{ response_mode: 'pigeon' }, 'invalid_request', 'Invalid parameter: response_mode'],
  'a parameter twice': [{ nonce: ['a', 'b'] }, 'invalid_request', 'duplicated parameter'],
  'an unknown scope': [{ scope: 'openid Nihdi:uhmep:pseudo' }, 'invalid_scope', 'Invalid scopes: openid Nihdi:uhmep:pseudo'],
  'no challenge': [{ code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request', 'Missing parameter: code_challenge'],
  'an unknown challenge method': [{ code_challenge_method: 'S512' }, 'invalid_request', 'Invalid parameter: code_challenge_method'],
  'a challenge too short': [{ code_challenge: 'short' }, 'invalid_request', 'Invalid parameter: code_challenge'],
  'prompt none and nobody signed in': [{ prompt: 'none', kc_idp_hint: undefined }, 'login_required', undefined],
};
for (const [name, [over, error, description]] of Object.entries(redirectErrors)) {
  test(`authorization with ${name} redirects with ${error}`, async () => {
    const got = redirected(await get(authorization(over)));
    assert.deepEqual([got.error, got.state, got.iss], [error, 'st', realmUrl('healthcare')]);
    if (description !== undefined || error === 'unsupported_response_type') assert.equal(got.error_description, description);
    assert.ok(!('code' in got));
  });
}
test('an error without state carries none', async () => {
  assert.ok(!('state' in redirected(await get(authorization({ state: undefined, response_type: undefined })))));
});
for (const mode of ['query', 'fragment']) {
  test(`success by ${mode} carries state, session_state, iss and code`, async () => {
    const res = await get(authorization({ response_mode: mode }));
    const got = redirected(res);
    assert.deepEqual(Object.keys(got).sort(), ['code', 'iss', 'session_state', 'state']);
    assert.equal(res.headers.get('location').includes('#'), mode === 'fragment');
  });
}
test('a redirect address with a query keeps it', async () => {
  const uri = 'http://localhost:4200/list?ssin=54022899886&prescriptionId=1';
  const res = await get(authorization({ redirect_uri: uri }));
  assert.ok(res.headers.get('location').startsWith(`${uri}&`), res.headers.get('location'));
});
test('POST takes its parameters from the form', async () => {
  const url = new URL(authorization());
  redirected(await post(`${url.origin}${url.pathname}`, url.searchParams.toString()));
});
test('plain PKCE works where S256 does', async () => {
  const verifier = 'v'.repeat(50);
  const c = redirected(await get(authorization({ code_challenge: verifier, code_challenge_method: 'plain' })));
  assert.equal((await redeem({ code: c.code, verifier })).status, 200);
});
test('the login page is not cached and has the ids of Keycloak', async () => {
  const res = await get(authorization({ kc_idp_hint: undefined, login_hint: undefined }));
  const page = await res.text();
  assert.equal(res.status, 200);
  assert.match(res.headers.get('cache-control'), /no-store/);
  for (const id of ['id="kc-form-login"', 'id="kc-login"', 'name="username"', 'name="password"', 'name="credentialId"']) assert.ok(page.includes(id), id);
  const action = new URL(page.match(/<form[^>]*id="kc-form-login"[^>]*>/)[0].match(/action="([^"]+)"/)[1].replaceAll('&amp;', '&'));
  assert.ok(action.pathname.endsWith('/auth/realms/healthcare/login-actions/authenticate'));
  for (const name of ['session_code', 'execution', 'client_id', 'tab_id', 'client_data']) assert.ok(action.searchParams.has(name), name);
});

// ---- codes -----------------------------------------------------------------------------------------------------

const spoiled = {
  'no code': [{ code: undefined }, 'invalid_request', 'Missing parameter: code'],
  'an unknown code': [{ code: 'nonsense' }, 'invalid_grant', 'Code not valid'],
  'another redirect_uri': [{ redirect_uri: 'http://localhost/other/' }, 'invalid_grant', 'Incorrect redirect_uri'],
  'no redirect_uri': [{ redirect_uri: undefined }, 'invalid_grant', 'Incorrect redirect_uri'],
  'another client': [{ client_id: 'nihdi-uhmep-hcp-dev' }, 'invalid_grant', 'Auth error: Found different client_id in clientSession'],
  'no verifier': [{ code_verifier: undefined }, 'invalid_grant', 'PKCE code verifier not specified'],
  'a verifier too short': [{ code_verifier: 'short' }, 'invalid_grant', 'PKCE verification failed: Invalid code verifier'],
  'a verifier with a slash': [{ code_verifier: '/'.repeat(43) }, 'invalid_grant', 'PKCE verification failed: Invalid code verifier'],
  'another verifier': [{ code_verifier: pkce().verifier }, 'invalid_grant', 'PKCE verification failed: Code mismatch'],
};
for (const [name, [over, error, description]] of Object.entries(spoiled)) {
  test(`redeeming with ${name} is refused`, async () => oauthError(await redeem(await code(), over), 400, error, description));
}
test('a failed try spends the code', async () => {
  const c = await code();
  await redeem(c, { redirect_uri: 'http://localhost/other/' });
  await oauthError(await redeem(c), 400, 'invalid_grant', 'Code not valid');
});
test('an unknown client does not spend the code', async () => {
  const c = await code();
  await oauthError(await redeem(c, { client_id: 'nobody' }), 401, 'invalid_client', 'Invalid client or Invalid client credentials');
  assert.equal((await redeem(c)).status, 200);
});
test('a code is dead after a minute', async () => {
  const c = await code();
  await later('PT61S', async () => oauthError(await redeem(c), 400, 'invalid_grant', 'Code not valid'));
});
test('a code used twice ends what came from it', async () => {
  const c = await code();
  const first = await (await redeem(c)).json();
  await oauthError(await redeem(c), 400, 'invalid_grant', 'Code not valid');
  assert.equal((await refresh(first.refresh_token)).status, 400);
});
test('the token answer has its members in order and is not cached', async () => {
  const res = await redeem(await code());
  const body = await res.json();
  assert.deepEqual(Object.keys(body), ['access_token', 'expires_in', 'refresh_expires_in', 'refresh_token', 'token_type', 'id_token', 'not-before-policy', 'session_state', 'scope']);
  assert.deepEqual([body.expires_in, body.refresh_expires_in, body.token_type, body['not-before-policy']], [300, 1800, 'Bearer', 0]);
  assert.equal(body.scope, 'openid pseudo:api:identify iam:authz pseudo:api:pseudonymize profile nihdi:uhmep:pseudo');
  assert.equal(res.headers.get('cache-control'), 'no-store');
  assert.equal(res.headers.get('pragma'), 'no-cache');
});
test('tokens name their kinds: RS256 for two, HS512 for the refresh token', async () => {
  const body = await tokens();
  const head = (t) => JSON.parse(Buffer.from(t.split('.')[0], 'base64url'));
  assert.deepEqual([head(body.access_token).alg, head(body.access_token).typ, head(body.id_token).alg, head(body.refresh_token).alg], ['RS256', 'JWT', 'RS256', 'HS512']);
});
test('the initial access token of a professional has the claims of the guide', async () => {
  const c = claims((await tokens()).access_token);
  assert.match(c.jti, /^onrtac:/);
  assert.deepEqual(new Set(c.aud), new Set(['nihdi-uhmep-hcp', 'nihdi-uhmep-api', 'ehealth-pseudo-api']));
  assert.deepEqual([c.iss, c.typ, c.azp, c.ssin, c.preferred_username, c.given_name, c.family_name, c.locale],
    [realmUrl('healthcare'), 'Bearer', 'nihdi-uhmep-hcp', '71011599751', '71011599751', 'Joris', 'Peeters', 'nl']);
  assert.deepEqual(c.resource_access['nihdi-uhmep-api'].roles, ['pseudo']);
  assert.deepEqual(new Set(c.resource_access['ehealth-pseudo-api'].roles), new Set(['identify', 'pseudonymize']));
  assert.deepEqual(c.userProfile, { lastName: 'Peeters', firstName: 'Joris', ssin: '71011599751', gender: 'M', physician: { recognised: true, nihii11: '19990116004' } });
  assert.ok(Array.isArray(c['allowed-origins']) && c.sid && c.auth_time && c.acr);
  assert.ok(!('session_state' in c));
  assert.equal(c.exp - c.iat, 300);
});
test('the ID token has nonce, at_hash and a plain audience', async () => {
  const c = claims((await tokens({ nonce: 'n-5f0c' })).id_token);
  assert.deepEqual([c.aud, c.typ, c.azp, c.nonce], ['nihdi-uhmep-hcp', 'ID', 'nihdi-uhmep-hcp', 'n-5f0c']);
  assert.match(c.at_hash, /^[\w-]{22}$/);
});

// ---- refresh tokens --------------------------------------------------------------------------------------------

test('refreshing keeps session and auth_time, drops the nonce and gives a new refresh token', async () => {
  const first = await tokens();
  const second = await (await refresh(first.refresh_token)).json();
  const [a, b] = [claims(first.id_token), claims(second.id_token)];
  assert.deepEqual([b.sid, b.auth_time, b.nonce], [a.sid, a.auth_time, undefined]);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.match(claims(second.access_token).jti, /^onrtrt:/);
  assert.equal((await refresh(first.refresh_token)).status, 200, 'the old one lives on without rotation');
});
test('refreshing may narrow the scope', async () => {
  const second = await (await refresh((await tokens()).refresh_token, { scope: 'openid pseudo:api:identify' })).json();
  assert.ok(!second.scope.split(' ').includes('pseudo:api:pseudonymize'));
});
const badRefresh = {
  'no refresh token': [{ refresh_token: undefined }, 'invalid_request', 'No refresh token'],
  'nonsense': [{ refresh_token: 'nonsense' }, 'invalid_grant', 'Invalid refresh token'],
};
for (const [name, [over, error, description]] of Object.entries(badRefresh)) {
  test(`refreshing with ${name} is refused`, async () => oauthError(await refresh('x', over), 400, error, description));
}
test('refreshing with an access token is refused', async () => oauthError(await refresh((await tokens()).access_token), 400, 'invalid_grant', 'Invalid refresh token'));
test('refreshing with another client is refused', async () => oauthError(await refresh((await tokens()).refresh_token, { client_id: 'nihdi-uhmep-hcp-dev' }),
  400, 'invalid_grant', "Invalid refresh token. Token client and authorized client don't match"));
test('refreshing after the session ended is refused', async () => {
  const first = await tokens();
  await control('POST', `/iam/sessions/${claims(first.access_token).sid}/end`);
  await oauthError(await refresh(first.refresh_token), 400, 'invalid_grant', 'Session not active');
});
test('refreshing for a disabled person is refused', async () => {
  const first = await tokens({ login_hint: 'dentist' });
  await control('POST', '/iam/personas/dentist/disable');
  await oauthError(await refresh(first.refresh_token), 400, 'invalid_grant', 'User disabled');
});

await run();
