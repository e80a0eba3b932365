// Referee: Chromium itself. The login page, cookies, form_post, sign-out pages and tenants as a person and a browser meet them.
import assert from 'node:assert/strict';
import { test, run } from './lib/report.mjs';
import { base, realmUrl } from './lib/sandbox.mjs';
import { close, pages, signIn, withPage } from './lib/browser.mjs';

const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const echo = `${pages}/echo`;
const authUrl = (over = {}, at = base) => `${at}/auth/realms/healthcare/protocol/openid-connect/auth?${new URLSearchParams({
  client_id: 'nihdi-uhmep-hcp', redirect_uri: echo, response_type: 'code', scope: 'openid', state: 'st', nonce: 'n',
  code_challenge: challenge, code_challenge_method: 'S256', ...over })}`;
/** What the redirect brought to the application's page. */
const arrived = async (page) => {
  await page.locator('#echo').waitFor();
  return JSON.parse(await page.locator('#echo').textContent());
};

test('response_mode form_post posts the code to the application', () => withPage(async (page) => {
  await page.goto(authUrl({ response_mode: 'form_post' }));
  await signIn(page);
  const got = await arrived(page);
  assert.equal(got.method, 'POST');
  assert.ok(got.form.code && got.form.session_state);
  assert.equal(got.form.state, 'st');
  assert.equal(got.form.iss, realmUrl('healthcare'));
  assert.deepEqual(got.query, {});
}));
test('one click on a persona signs in', () => withPage(async (page) => {
  await page.goto(authUrl());
  await page.getByRole('button', { name: /nurse-claes|Claes/ }).first().click();
  assert.ok((await arrived(page)).query.code);
}));
for (const [locale, word] of Object.entries({ nl: /nl/i, fr: /fr/i, en: /en/i })) {
  test(`the login page speaks ${locale} when asked`, () => withPage(async (page) => {
    await page.goto(authUrl({ ui_locales: locale }));
    assert.match(await page.locator('html').getAttribute('lang'), word);
    assert.match(await page.locator('body').innerText(), /sandbox/i);
  }));
}
test('the session cookies are HttpOnly where they must be and bound to the realm', () => withPage(async (page, context) => {
  await page.goto(authUrl());
  await signIn(page);
  await arrived(page);
  const cookies = Object.fromEntries((await context.cookies()).map((c) => [c.name, c]));
  assert.ok(cookies.KEYCLOAK_IDENTITY?.httpOnly);
  assert.equal(cookies.KEYCLOAK_SESSION?.httpOnly, false);
  assert.equal(cookies.KEYCLOAK_IDENTITY.path, `${new URL(base).pathname.replace(/\/$/, '')}/auth/realms/healthcare/`);
  assert.equal(cookies.KEYCLOAK_IDENTITY.sameSite, 'Lax');
}));
test('the second sign-in of a session asks nothing and keeps auth_time', () => withPage(async (page) => {
  await page.goto(authUrl());
  await signIn(page);
  const first = (await arrived(page)).query;
  await page.goto(authUrl({ state: 'two' }));
  const second = (await arrived(page)).query;
  assert.equal(second.state, 'two');
  assert.equal(second.session_state, first.session_state);
  assert.notEqual(second.code, first.code);
}));
test('prompt none without a session comes back with login_required', () => withPage(async (page) => {
  await page.goto(authUrl({ prompt: 'none' }));
  assert.equal((await arrived(page)).query.error, 'login_required');
}));
test('a redirect address that is not registered gets a page, never a redirect', () => withPage(async (page) => {
  const answer = await page.goto(authUrl({ client_id: 'demo-ehr-spa', redirect_uri: 'https://evil.example/' }));
  assert.equal(answer.status(), 400);
  assert.ok(page.url().startsWith(base));
  assert.match(await page.locator('body').innerText(), /redirect_uri/);
}));
test('a missing challenge comes back as an error, for PKCE cannot be left out', () => withPage(async (page) => {
  await page.goto(authUrl({ code_challenge: '', code_challenge_method: '' }).replace(/&code_challenge(_method)?=/g, ''));
  const got = (await arrived(page)).query;
  assert.deepEqual([got.error, got.error_description], ['invalid_request', 'Missing parameter: code_challenge']);
}));
test('an old login page, posted after the session began, offers to start again', () => withPage(async (page, context) => {
  await page.goto(authUrl());
  const other = await context.newPage();
  await other.goto(authUrl());
  await signIn(other);
  await arrived(other);
  await signIn(page);
  await page.waitForLoadState();
  const text = page.url().startsWith(echo) ? 'arrived' : await page.locator('body').innerText();
  assert.doesNotMatch(text, /goroutine|panic|Internal Server Error/);
}));
test('sign-out without a hint asks, and ends the session on yes', () => withPage(async (page) => {
  await page.goto(authUrl());
  await signIn(page);
  await arrived(page);
  await page.goto(`${realmUrl('healthcare')}/protocol/openid-connect/logout`);
  await page.locator('#kc-logout').click();
  await page.waitForLoadState();
  await page.goto(authUrl({ prompt: 'none' }));
  assert.equal((await arrived(page)).query.error, 'login_required');
}));
test('another tenant does not know the session', () => withPage(async (page) => {
  const tenant = (name) => `${new URL(base).origin}/t/${name}`;
  await page.goto(authUrl({}, tenant('one')));
  await signIn(page);
  await arrived(page);
  await page.goto(authUrl({ prompt: 'none' }, tenant('two')));
  assert.equal((await arrived(page)).query.error, 'login_required');
  await page.goto(authUrl({ prompt: 'none' }, tenant('one')));
  assert.ok((await arrived(page)).query.code);
}));
test('the pages work under their own content security policy', () => withPage(async (page) => {
  const violations = [];
  page.on('console', (m) => { if (/Content Security Policy/.test(m.text())) violations.push(m.text()); });
  await page.goto(authUrl());
  await page.locator('#kc-form-login').waitFor();
  await page.goto(authUrl({ response_mode: 'form_post' }));
  await signIn(page);
  await arrived(page);
  assert.deepEqual(violations, []);
}));

await run();
await close();
