// Signs in the way an application does, without a browser: authorization code with PKCE for people,
// a signed assertion for machines. The persona is named by login_hint, so nothing but standard parameters is sent.
import { createHash, createSign, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { base, control, expect, realmUrl } from './sandbox.mjs';

export const redirectUri = 'http://localhost/iam-connect-endpoint/';
const b64u = (data) => Buffer.from(data).toString('base64url');
const form = (fields) => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields),
});

export const tokenUrl = (realm) => `${realmUrl(realm)}/protocol/openid-connect/token`;
export const claims = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url').toString());

/** Code flow with PKCE for a persona; answers the token response. */
export async function login(persona, { client = 'nihdi-uhmep-hcp', scope = 'openid' } = {}) {
  const verifier = b64u(randomBytes(32));
  const query = new URLSearchParams({
    client_id: client, redirect_uri: redirectUri, response_type: 'code', scope, state: 's', nonce: 'n',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
    kc_idp_hint: 'sandbox-auto', login_hint: persona,
  });
  const { res } = await expect(302, `${realmUrl('healthcare')}/protocol/openid-connect/auth?${query}`, { redirect: 'manual' });
  const code = new URL(res.headers.get('location')).searchParams.get('code');
  const answer = await expect(200, tokenUrl('healthcare'), form({
    grant_type: 'authorization_code', client_id: client, code, redirect_uri: redirectUri, code_verifier: verifier,
  }));
  return answer.json();
}

/** Exchanges a person's initial access token for one that UHMEP accepts. */
export async function exchange(accessToken, { client = 'nihdi-uhmep-hcp', audience = 'nihdi-uhmep-fhir-hcp' } = {}) {
  const answer = await expect(200, tokenUrl('healthcare'), form({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', client_id: client,
    subject_token: accessToken, subject_token_type: 'urn:ietf:params:oauth:token-type:access_token', audience,
  }));
  return answer.json();
}

/** A key pair registered with the sandbox as the eHealth certificate of an organisation; answers its private parts. */
export async function registerKey(type, identifier, { kid = '1795999001', ...extra } = {}) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256', ...extra };
  await control('PUT', `/iam/jwks/${type}/${identifier}`, { keys: [jwk] });
  return { privateKey, jwk, kid };
}

/** The seeded key of a machine client, as the sandbox hands it to integrators. */
export async function seededKey(client) {
  const { res, text } = await expect(200, `${base}/_sandbox/iam/clients/M2M/${client}/private-key`);
  return { privateKey: text, kid: res.headers.get('x-key-id') };
}

/** Signs a client assertion; claims and header are exactly what the caller says. */
export function assertion(privateKey, payload, header = {}) {
  const head = b64u(JSON.stringify({ alg: 'RS256', ...header }));
  const body = b64u(JSON.stringify(payload));
  return `${head}.${body}.${createSign('RSA-SHA256').update(`${head}.${body}`).sign(privateKey, 'base64url')}`;
}

/** What a well-behaved machine client claims. */
export function assertionClaims(client, over = {}) {
  const now = Math.floor(Date.now() / 1000);
  return { iss: client, sub: client, aud: realmUrl('M2M'), jti: randomUUID(), iat: now, exp: now + 60, ...over };
}

/** One client_credentials request; answers status and body. */
export async function clientCredentials(fields, signed) {
  const res = await fetch(tokenUrl('M2M'), form({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: signed, ...fields,
  }));
  return { status: res.status, body: await res.json(), res };
}

export const pseudoScopes = 'pseudo:api:pseudonymize pseudo:api:identify nihdi:uhmep:pseudo openid iam:authz';
export const uhmepScopes = 'nihdi:uhmep:organization openid iam:authz';
export { base };
