// Bare requests to I.AM Connect, as curl makes them: nothing is decoded, followed or added.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import assert from 'node:assert/strict';
import { realmUrl, why } from './sandbox.mjs';
import { redirectUri } from './iam.mjs';

export const oidc = (path, realm = 'healthcare') => `${realmUrl(realm)}/protocol/openid-connect/${path}`;
export const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

/** Members with the value undefined are left out; a list repeats its member. */
export function fields(object) {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(object)) for (const v of [value].flat()) if (v !== undefined) out.append(name, v);
  return out;
}

export const get = (url, headers = {}) => fetch(url, { headers, redirect: 'manual' });
export const post = (url, body, headers = {}) => fetch(url, { method: 'POST', redirect: 'manual', body: typeof body === 'string' ? body : fields(body),
  headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers } });

/** Insists on an OAuth error; `undefined` for the description means that there must be none. */
export async function oauthError(res, status, error, description) {
  const text = await res.text();
  const body = text.startsWith('{') ? JSON.parse(text) : {};
  assert.deepEqual([res.status, body.error, body.error_description], [status, error, description], `${text}\n${await why(res)}`);
  assert.match(res.headers.get('content-type'), /^application\/json/);
}

/** A fresh verifier with its S256 challenge. */
export function pkce() {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** The authorization request with over laid on; undefined members are left out. */
export const authorization = (over = {}) => `${oidc('auth')}?${fields({
  client_id: 'nihdi-uhmep-hcp', redirect_uri: redirectUri, response_type: 'code', scope: 'openid', state: 'st', nonce: 'n',
  code_challenge: pkce().challenge, code_challenge_method: 'S256', kc_idp_hint: 'sandbox-auto', login_hint: 'dr-peeters', ...over })}`;

/** The redirect that an authorization request answered with, decoded. */
export function redirected(res, to = redirectUri) {
  assert.equal(res.status, 302);
  const location = res.headers.get('location');
  assert.ok(location.startsWith(to), `redirected to ${location}`);
  const url = new URL(location);
  return Object.fromEntries(new URLSearchParams(url.hash ? url.hash.slice(1) : url.search));
}

/** A code with what is needed to redeem it. */
export async function code(over = {}) {
  const { verifier, challenge } = pkce();
  const answer = redirected(await get(authorization({ code_challenge: challenge, ...over })), over.redirect_uri ?? redirectUri);
  assert.ok(answer.code, JSON.stringify(answer));
  return { code: answer.code, verifier, sessionState: answer.session_state };
}

/** The token request that redeems a code. */
export const redeem = (c, over = {}) => post(oidc('token'), {
  grant_type: 'authorization_code', client_id: 'nihdi-uhmep-hcp', redirect_uri: redirectUri, code: c.code, code_verifier: c.verifier, ...over });

export const tokens = async (over = {}, redeemOver = {}) => {
  const res = await redeem(await code(over), redeemOver);
  const body = await res.json();
  assert.equal(res.status, 200, JSON.stringify(body));
  return body;
};
export const refresh = (refreshToken, over = {}) => post(oidc('token'), { grant_type: 'refresh_token', client_id: 'nihdi-uhmep-hcp', refresh_token: refreshToken, ...over });
export const exchangeFor = (subjectToken, over = {}) => post(oidc('token'), { grant_type: exchangeGrant, client_id: 'nihdi-uhmep-hcp',
  subject_token: subjectToken, subject_token_type: accessTokenType, audience: 'nihdi-uhmep-fhir-hcp', ...over });
export { randomUUID };
