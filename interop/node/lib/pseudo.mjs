// Smals' JavaScript helper, unmodified, bundled the way a web application bundles it. (Under plain Node its import
// of elliptic fails: "elliptic.ec is not a constructor".)
import { build } from 'esbuild';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { base, expect } from './sandbox.mjs';

/** Bundles the package and imports the bundle. */
export async function loadHelper() {
  const outfile = join(mkdtempSync(join(tmpdir(), 'pseudo-helper-')), 'helper.mjs');
  await build({
    stdin: { contents: "export * from '@smals-belgium-shared/pseudo-helper'", resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true, format: 'esm', platform: 'browser', define: { global: 'globalThis' }, outfile, logLevel: 'error',
  });
  return import(outfile);
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
