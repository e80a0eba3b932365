// Referee: oidc-client-ts 3 in a real browser: redirect, silent renew (by refresh token and by iframe), session monitor, sign-out.
import assert from 'node:assert/strict';
import { test, run } from './lib/report.mjs';
import { base } from './lib/sandbox.mjs';
import { close, isAuth, pages, signIn, state, withPage } from './lib/browser.mjs';

const pageUrl = (extra = {}) => `${pages}/oidc-ts.html?base=${encodeURIComponent(base)}&extra=${encodeURIComponent(JSON.stringify(extra))}`;

async function signedIn(page, extra) {
  await page.goto(pageUrl(extra));
  await state(page, 'ready');
  await page.evaluate(() => { manager.signinRedirect(); });
  await signIn(page);
  await state(page, 'signed in');
}

test('redirect sign-in brings tokens, profile and userinfo', () => withPage(async (page) => {
  await signedIn(page);
  const user = await page.evaluate(() => ({ profile: user.profile, session: user.session_state, scope: user.scope, access: user.access_token }));
  assert.equal(user.profile.given_name, 'Joris');
  assert.equal(user.profile.ssin, '71011599751');
  assert.ok(user.session);
  assert.ok(user.access);
  assert.ok(page.requests.some((r) => r.url.endsWith('/userinfo')));
}));
test('silent renew by refresh token', () => withPage(async (page) => {
  await signedIn(page);
  const [before, after] = await page.evaluate(async () => [user.access_token, (await manager.signinSilent()).access_token]);
  assert.notEqual(before, after);
}));
test('silent renew by iframe, when there is no refresh token', () => withPage(async (page) => {
  await signedIn(page);
  page.requests.length = 0;
  const [before, after] = await page.evaluate(async () => {
    const kept = await manager.getUser();
    const before = kept.access_token;
    kept.refresh_token = undefined;
    await manager.storeUser(kept);
    return [before, (await manager.signinSilent()).access_token];
  });
  assert.notEqual(before, after);
  assert.equal(new URL(page.requests.find(isAuth).url).searchParams.get('prompt'), 'none');
}));
test('silent renew without a session says login_required', () => withPage(async (page) => {
  await page.goto(pageUrl());
  await state(page, 'ready');
  const error = await page.evaluate(() => manager.signinSilent().then(() => 'none', (e) => e.error ?? e.message));
  assert.equal(error, 'login_required');
}));
test('querySessionStatus finds the session', () => withPage(async (page) => {
  await signedIn(page, { monitorSession: false });
  const status = await page.evaluate(() => manager.querySessionStatus());
  assert.ok(status.sub && status.session_state);
}));
test('the session monitor rests while the session lives and tells when it ended elsewhere', () => withPage(async (page, context) => {
  await signedIn(page, { monitorSession: true, checkSessionIntervalInSeconds: 1 });
  await page.waitForResponse((r) => r.url().includes('/login-status-iframe.html'), { timeout: 3000 }).catch(() => null);
  await page.waitForTimeout(1500);
  assert.ok(!(await page.evaluate(() => events)).includes('signedOut'));
  const other = await context.newPage();
  await signedInAgain(other);
  await other.evaluate(() => { manager.signoutRedirect({ state: 'bye' }); });
  await state(other, 'signed out');
  await page.waitForFunction(() => window.events.includes('signedOut'));
}));
async function signedInAgain(page) {
  await page.goto(pageUrl());
  await state(page, 'ready');
  await page.evaluate(() => { manager.signinRedirect(); });
  await state(page, 'signed in');
}
test('sign-out comes back and ends the session', () => withPage(async (page) => {
  await signedIn(page);
  await page.evaluate(() => { manager.signoutRedirect({ state: 'bye' }); });
  await state(page, 'signed out');
  await page.evaluate(() => { manager.signinRedirect(); });
  await page.locator('#kc-form-login').waitFor();
}));
test('revocation of the tokens is accepted', () => withPage(async (page) => {
  await signedIn(page);
  await page.evaluate(() => manager.revokeTokens());
}));
test('a sign-in with an unknown scope comes back with invalid_scope', () => withPage(async (page) => {
  await page.goto(pageUrl({ scope: 'openid Pseudo:api:identify' }));
  await state(page, 'ready');
  await page.evaluate(() => { manager.signinRedirect(); });
  await page.locator('#state', { hasText: 'failed' }).waitFor();
  assert.match(await page.locator('#state').textContent(), /Invalid scopes: openid Pseudo:api:identify/);
}));

await run();
await close();
