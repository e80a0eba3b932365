// Debian's Chromium through playwright-core: one browser for a script, one fresh cookie jar per case.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { base } from './sandbox.mjs';

export const pages = process.env.PAGES_URL;
let browser;

/** Opens the browser on first use. */
async function open() {
  browser ??= await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', `--disk-cache-dir=${mkdtempSync(join(tmpdir(), 'interop-cache-'))}`],
  });
  return browser;
}

export async function close() {
  await browser?.close();
}

/** Runs fn with a page in a fresh context; failures carry what the page's console and network said. */
export async function withPage(fn) {
  const context = await (await open()).newContext();
  const page = await context.newPage();
  const said = [];
  page.on('console', (m) => said.push(`console ${m.type()}: ${m.text()}`));
  page.on('pageerror', (e) => said.push(`page error: ${e.message}`));
  page.on('response', (r) => { if (r.status() >= 400 && !r.url().endsWith('favicon.ico')) said.push(`${r.status()} ${r.url()}`); });
  page.requests = [];
  page.on('request', (r) => page.requests.push({ method: r.method(), url: r.url(), body: r.postData(), frame: r.isNavigationRequest() && r.frame() === page.mainFrame() }));
  page.setDefaultTimeout(20_000);
  try {
    return await fn(page, context);
  } catch (e) {
    e.stack += `\nat ${page.url()}\n${said.slice(-15).join('\n')}`;
    throw e;
  } finally {
    await context.close();
  }
}

/** Waits until the page's #state reads what is wanted; a state that says it failed ends the wait. */
export async function state(page, want) {
  const element = page.locator('#state', { hasText: want }).or(page.locator('#state', { hasText: 'failed' }));
  await element.waitFor();
  const text = await page.locator('#state').textContent();
  if (text !== want) throw new Error(`page says "${text}", want "${want}"`);
}

/** Fills in the sandbox's login form by the ids that scripts written for Keycloak use. */
export async function signIn(page, persona = 'dr-peeters') {
  await page.locator('#kc-form-login').waitFor();
  await page.fill('#username', persona);
  await page.fill('#password', 'sandbox');
  await page.click('#kc-login');
}

export const isAuth = (r) => r.url.startsWith(`${base}/auth/realms/healthcare/protocol/openid-connect/auth?`);
