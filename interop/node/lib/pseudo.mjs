// Smals' JavaScript helper, unmodified, bundled the way a web application bundles it. (Under plain Node its import
// of elliptic fails: "elliptic.ec is not a constructor".)
import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { login } from './iam.mjs';
import { base, expect } from './sandbox.mjs';

/** The package as one script: an ES module, or a script that sets the global pseudoHelper ("iife"). */
export async function bundleHelper(format = 'esm') {
  const { outputFiles } = await build({
    stdin: { contents: "export * from '@smals-belgium-shared/pseudo-helper'", resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true, format, globalName: 'pseudoHelper', platform: 'browser', define: { global: 'globalThis' }, write: false, logLevel: 'error',
  });
  return outputFiles[0].text;
}

/** Bundles the package and imports the bundle. */
export async function loadHelper() {
  const file = join(mkdtempSync(join(tmpdir(), 'pseudo-helper-')), 'helper.mjs');
  writeFileSync(file, await bundleHelper());
  return import(file);
}

export const domainUrl = (key) => `${base}/pseudo/v1/domains/${key}`;

/**
 * The HTTP client an integrator hands to the helper. `token` is called per request; every exchange is kept in `wire`,
 * newest last. Like axios it rejects on a status from 400 on.
 */
export class HttpClient {
  constructor(token) {
    this.token = token;
    this.wire = [];
  }

  async post(path, payload) {
    const res = await fetch(`${base}/pseudo/v1/domains/${path}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${this.token()}`, 'Content-Type': 'application/json' },
      body: payload,
    });
    const text = await res.text();
    this.wire.push({ path, status: res.status, headers: res.headers, request: JSON.parse(payload), text, answer: text ? JSON.parse(text) : undefined });
    if (res.status >= 400) throw Object.assign(new Error(`HTTP ${res.status}: ${text}`), { status: res.status, problem: text ? JSON.parse(text) : undefined });
    return text;
  }

  get last() {
    return this.wire[this.wire.length - 1];
  }

  getDomain(key) {
    return expect(200, domainUrl(key), { headers: { Authorization: `Bearer ${this.token()}` } }).then((a) => a.text);
  }
  pseudonymize(key, payload) { return this.post(`${key}/pseudonymize`, payload); }
  pseudonymizeMultiple(key, payload) { return this.post(`${key}/pseudonymizeMultiple`, payload); }
  identify(key, payload) { return this.post(`${key}/identify`, payload); }
  identifyMultiple(key, payload) { return this.post(`${key}/identifyMultiple`, payload); }
}

/** Everything a script about pseudonyms works with: the helper's domain over a signed-in doctor's token. */
export async function openDomain() {
  const { PseudonymisationHelper, Curve } = await loadHelper();
  const session = { token: (await login('dr-peeters')).access_token };
  const client = new HttpClient(() => session.token);
  const document = JSON.parse(await client.getDomain('uhmep_v1'));
  /** The helper's domain for another token, as another application would have it. */
  const domainFor = (token) => new PseudonymisationHelper(new HttpClient(token))
    .createDomain('uhmep_v1', Curve.P521, document.audience, document.bufferSize);
  const domain = new PseudonymisationHelper(client).createDomain('uhmep_v1', Curve.P521, document.audience, document.bufferSize);
  return { client, document, domain, domainFor, session, values: domain.valueFactory, inTransit: domain.pseudonymInTransitFactory,
    pseudonymOf: (text) => domain.valueFactory.fromString(text).pseudonymize(),
    renew: async () => { session.token = (await login('dr-peeters')).access_token; } };
}

/** A problem as the service must write it, or an assertion error. */
export function assertProblem(problem, status, inResponseTo) {
  for (const member of ['type', 'title', 'status', 'detail']) assert.ok(problem[member] !== undefined, `problem lacks ${member}`);
  assert.equal(problem.status, status);
  assert.equal(typeof problem.detail, 'string');
  assert.ok(!('x' in problem) && !('y' in problem), 'a problem must not look like a point');
  if (inResponseTo) assert.equal(problem.inResponseTo, inResponseTo);
}

/** The protected header of a box. */
export const header = (transitInfo) => JSON.parse(Buffer.from(transitInfo.split('.')[0], 'base64url').toString());
export const repeat = (n, fn) => Array.from({ length: n }, (_, i) => fn(i));
