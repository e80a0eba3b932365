// Referee: oidc-client 1.11 in a real browser, with its session monitor on, which is its default.
import assert from 'node:assert/strict';
import { test, run } from './lib/report.mjs';
import { base } from './lib/sandbox.mjs';
import { close, pages, signIn, state, withPage } from './lib/browser.mjs';

async function signedIn(page, form = true) {
  await page.goto(`${pages}/oidc.html?base=${encodeURIComponent(base)}`);
  await state(page, 'ready');
  await page.evaluate(() => { manager.signinRedirect(); });
  if (form) await signIn(page);
  await state(page, 'signed in');
}

test('redirect sign-in with code and PKCE', () => withPage(async (page) => {
  await signedIn(page);
  assert.equal(await page.evaluate(() => user.profile.ssin), '71011599751');
}));
test('silent renew', () => withPage(async (page) => {
  await signedIn(page);
  const [before, after] = await page.evaluate(async () => [user.access_token, (await manager.signinSilent()).access_token]);
  assert.notEqual(before, after);
}));
test('the session monitor tells when the session ended elsewhere, and not before', () => withPage(async (page, context) => {
  await signedIn(page);
  await page.waitForTimeout(1500);
  assert.deepEqual(await page.evaluate(() => events), []);
  const other = await context.newPage();
  await signedIn(other, false);
  await other.evaluate(() => { manager.signoutRedirect({ state: 'bye' }); });
  await state(other, 'signed out');
  await page.waitForFunction(() => window.events.includes('signedOut'));
}));
test('sign-out ends the session', () => withPage(async (page) => {
  await signedIn(page);
  await page.evaluate(() => { manager.signoutRedirect({ state: 'bye' }); });
  await state(page, 'signed out');
  await page.evaluate(() => { manager.signinRedirect(); });
  await page.locator('#kc-form-login').waitFor();
}));

await run();
await close();
