// Referee: openid-client 6, the certified client for Node, in both realms.
import assert from 'node:assert/strict';
import * as client from 'openid-client';
import { test, run } from './lib/report.mjs';
import { control, later, realmUrl } from './lib/sandbox.mjs';
import { claims, pseudoScopes, redirectUri, registerKey, uhmepScopes } from './lib/iam.mjs';

const insecure = { execute: [client.allowInsecureRequests] };
const discover = (realm, id, auth, metadata) => client.discovery(new URL(realmUrl(realm)), id, metadata, auth ?? client.None(), insecure);

/** A key of the client's own, as openid-client wants it. */
async function ownKey(type, identifier, kid) {
  const { privateKey } = await registerKey(type, identifier, { kid });
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  return crypto.subtle.importKey('pkcs8', pkcs8, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['sign']);
}

/** Authorization code with PKCE, nonce and state, the way the library's manual shows it. */
async function signIn(config, persona, parameters = {}) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedNonce = client.randomNonce();
  const expectedState = client.randomState();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri, scope: 'openid', nonce: expectedNonce, state: expectedState,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256',
    kc_idp_hint: 'sandbox-auto', login_hint: persona, ...parameters,
  });
  const res = await fetch(url, { redirect: 'manual' });
  assert.equal(res.status, 302, await res.text());
  return client.authorizationCodeGrant(config, new URL(res.headers.get('location')), { pkceCodeVerifier, expectedNonce, expectedState });
}

const healthcare = () => discover('healthcare', 'nihdi-uhmep-hcp');
const tokenType = (t) => `urn:ietf:params:oauth:token-type:${t}`;

for (const realm of ['healthcare', 'M2M']) {
  test(`discovery of ${realm} names its issuer`, async () => {
    const meta = (await discover(realm, 'any')).serverMetadata();
    assert.equal(meta.issuer, realmUrl(realm));
    assert.equal(meta.authorization_response_iss_parameter_supported, true);
    assert.ok(meta.supportsPKCE());
  });
}
test('code with PKCE: tokens, ID token claims, userinfo of the same subject', async () => {
  const config = await healthcare();
  const tokens = await signIn(config, 'dr-peeters');
  assert.equal(tokens.claims().aud, 'nihdi-uhmep-hcp');
  assert.equal(tokens.expires_in, 300);
  const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  assert.equal(info.family_name, 'Peeters');
});
test('code with PKCE: the signature of the ID token is checked against the JWKS', async () => {
  const config = await healthcare();
  client.enableNonRepudiationChecks(config);
  await signIn(config, 'nurse-claes');
});
test('code with PKCE: max_age is honoured by auth_time', async () => {
  const config = await healthcare();
  const tokens = await signIn(config, 'dr-peeters', { max_age: '60' });
  assert.ok(Number.isInteger(tokens.claims().auth_time));
});
test('a code is good once', async () => {
  const config = await healthcare();
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const url = client.buildAuthorizationUrl(config, { redirect_uri: redirectUri, scope: 'openid', kc_idp_hint: 'sandbox-auto', login_hint: 'dr-peeters',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256' });
  const back = new URL((await fetch(url, { redirect: 'manual' })).headers.get('location'));
  await client.authorizationCodeGrant(config, back, { pkceCodeVerifier });
  await assert.rejects(client.authorizationCodeGrant(config, back, { pkceCodeVerifier }), { error: 'invalid_grant', error_description: 'Code not valid' });
});
test('a wrong verifier is refused and spends the code', async () => {
  const config = await healthcare();
  const url = client.buildAuthorizationUrl(config, { redirect_uri: redirectUri, scope: 'openid', kc_idp_hint: 'sandbox-auto', login_hint: 'dr-peeters',
    code_challenge: await client.calculatePKCECodeChallenge('a'.repeat(43)), code_challenge_method: 'S256' });
  const back = new URL((await fetch(url, { redirect: 'manual' })).headers.get('location'));
  await assert.rejects(client.authorizationCodeGrant(config, back, { pkceCodeVerifier: 'b'.repeat(43) }),
    { error: 'invalid_grant', error_description: 'PKCE verification failed: Code mismatch' });
  await assert.rejects(client.authorizationCodeGrant(config, back, { pkceCodeVerifier: 'a'.repeat(43) }),
    { error: 'invalid_grant', error_description: 'Code not valid' });
});
test('refresh keeps subject and session', async () => {
  const config = await healthcare();
  const first = await signIn(config, 'dr-peeters');
  const second = await client.refreshTokenGrant(config, first.refresh_token);
  assert.notEqual(second.access_token, first.access_token);
  assert.equal(claims(second.access_token).sid, claims(first.access_token).sid);
  assert.equal(second.claims().sub, first.claims().sub);
});
test('a refresh token dies after half an hour of idleness', async () => {
  const config = await healthcare();
  const tokens = await signIn(config, 'dr-peeters');
  await later('PT29M', () => client.refreshTokenGrant(config, tokens.refresh_token, undefined).catch((e) => {
    // The answer is good; only this machine's clock says that its ID token comes from the future.
    if (e.code !== 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED' && e.code !== 'OAUTH_INVALID_RESPONSE') throw e;
  }));
  const fresh = await signIn(config, 'dr-peeters');
  await later('PT31M', () => assert.rejects(client.refreshTokenGrant(config, fresh.refresh_token), { error: 'invalid_grant', error_description: 'Token is not active' }));
});
test('the exchange grant gives a token for eReferral without pseudonymisation rights', async () => {
  const config = await healthcare();
  const first = await signIn(config, 'dr-peeters');
  const second = await client.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:token-exchange', {
    subject_token: first.access_token, subject_token_type: tokenType('access_token'), audience: 'nihdi-uhmep-fhir-hcp' });
  const c = claims(second.access_token);
  assert.deepEqual([...c.aud].sort(), ['nihdi-uhmep-fhir-hcp', 'nihdi-uhmep-hcp']);
  assert.deepEqual(c.resource_access['nihdi-uhmep-api'].roles, ['prescriber']);
  assert.ok(!c.resource_access['ehealth-pseudo-api']);
  assert.equal(second.issued_token_type, tokenType('refresh_token'));
});
test('the exchange grant with an unknown audience is refused as Keycloak does', async () => {
  const config = await healthcare();
  const first = await signIn(config, 'dr-peeters');
  await assert.rejects(client.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:token-exchange', {
    subject_token: first.access_token, subject_token_type: tokenType('access_token'), audience: 'nobody' }),
  { error: 'invalid_client', error_description: 'Audience not found' });
});
test('revocation of the refresh token ends refreshing', async () => {
  const config = await healthcare();
  const tokens = await signIn(config, 'dr-peeters');
  await client.tokenRevocation(config, tokens.refresh_token);
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' });
});
test('the end-session address signs out and comes back with state', async () => {
  const config = await healthcare();
  const tokens = await signIn(config, 'dr-peeters');
  const url = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: redirectUri, state: 'out' });
  const res = await fetch(url, { redirect: 'manual' });
  assert.equal(res.status, 302, await res.text());
  assert.equal(res.headers.get('location'), `${redirectUri}?state=out`);
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant', error_description: 'Session not active' });
});
test('a dead access token gets a challenge from userinfo', async () => {
  const config = await healthcare();
  const tokens = await signIn(config, 'dr-peeters');
  const broken = tokens.access_token.slice(0, -8) + 'AAAAAAAA';
  await assert.rejects(client.fetchUserInfo(config, broken, client.skipSubjectCheck), (e) => {
    assert.equal(e.code, 'OAUTH_WWW_AUTHENTICATE_CHALLENGE');
    assert.equal(e.cause[0].parameters.error, 'invalid_token');
    return true;
  });
});

const confidential = async (kid) => discover('healthcare', 'demo-ehr-server', client.PrivateKeyJwt({ key: await ownKey('CBE', '0999999130', kid), kid }));
test('a confidential client redeems its code with private_key_jwt', async () => {
  const config = await confidential('1795999011');
  const tokens = await signIn(config, 'dr-peeters');
  assert.equal(tokens.claims().aud, 'demo-ehr-server');
});
test('introspection by a confidential client tells its token is alive, and dead after sign-out', async () => {
  const config = await confidential('1795999012');
  const tokens = await signIn(config, 'dr-peeters');
  const alive = await client.tokenIntrospection(config, tokens.access_token);
  assert.equal(alive.active, true);
  assert.equal(alive.client_id, 'demo-ehr-server');
  await control('POST', `/iam/sessions/${claims(tokens.access_token).sid}/end`);
  assert.equal((await client.tokenIntrospection(config, tokens.access_token)).active, false);
});
test('introspection of nonsense is inactive, not an error', async () => {
  const config = await confidential('1795999013');
  assert.deepEqual(await client.tokenIntrospection(config, 'nonsense'), { active: false });
});
test('introspection by a public client is refused', async () => {
  const config = await healthcare();
  const tokens = await signIn(config, 'dr-peeters');
  await assert.rejects(client.tokenIntrospection(config, tokens.access_token), (e) => e.status === 403 && e.error === 'invalid_request');
});
test('revocation by a confidential client', async () => {
  const config = await confidential('1795999014');
  const tokens = await signIn(config, 'dr-peeters');
  await client.tokenRevocation(config, tokens.refresh_token);
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' });
});

const machine = async (kid, options) => discover('M2M', 'demo-hospital', client.PrivateKeyJwt({ key: await ownKey('NIHII-HOSPITAL', '71099911', kid), kid }, options));
test('client credentials with private_key_jwt: the two tokens of an organisation', async () => {
  const config = await machine('1795999021');
  const pseudo = await client.clientCredentialsGrant(config, { scope: pseudoScopes });
  const uhmep = await client.clientCredentialsGrant(config, { scope: uhmepScopes });
  assert.deepEqual(claims(pseudo.access_token).resource_access['ehealth-pseudo-api'].roles.sort(), ['identify', 'pseudonymize']);
  assert.deepEqual(claims(uhmep.access_token).resource_access['nihdi-uhmep-api'].roles, ['organization']);
  assert.equal(pseudo.refresh_token, undefined);
});
test('a new key works at once', async () => {
  for (const kid of ['1795999022', '1795999023']) {
    const config = await machine(kid);
    assert.ok((await client.clientCredentialsGrant(config, { scope: uhmepScopes })).access_token);
  }
});
test('token exchange does not exist in M2M', async () => {
  const config = await machine('1795999024');
  const { access_token } = await client.clientCredentialsGrant(config, { scope: pseudoScopes });
  await assert.rejects(client.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:token-exchange', {
    subject_token: access_token, subject_token_type: tokenType('access_token'), audience: 'nihdi-uhmep-fhir-hcp' }),
  { error: 'unsupported_grant_type' });
});
test('a machine token opens userinfo of its own subject', async () => {
  const config = await machine('1795999025');
  const { access_token } = await client.clientCredentialsGrant(config, { scope: uhmepScopes });
  const info = await client.fetchUserInfo(config, access_token, claims(access_token).sub);
  assert.equal(info.preferred_username, 'service-account-demo-hospital');
});
test('an assertion for another audience is refused', async () => {
  const config = await machine('1795999026', { [client.modifyAssertion]: (_, payload) => { payload.aud = 'https://example.org/'; } });
  await assert.rejects(client.clientCredentialsGrant(config, { scope: uhmepScopes }), { error: 'invalid_client', error_description: 'Invalid token audience' });
});

await run();
