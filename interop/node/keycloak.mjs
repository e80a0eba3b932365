// Referee: keycloak-js in a real browser, on a page of another origin: version 26, or the folder of KEYCLOAK_LIB.
import assert from 'node:assert/strict';
import { test, run } from './lib/report.mjs';
import { base, control } from './lib/sandbox.mjs';
import { bundleHelper } from './lib/pseudo.mjs';
import { close, isAuth, pages, signIn, state, withPage } from './lib/browser.mjs';

const pageUrl = (init, more = {}) => `${pages}/keycloak.html?c=${encodeURIComponent(JSON.stringify({ base, lib: process.env.KEYCLOAK_LIB, init, ...more }))}`;
const silent = `${pages}/silent-check-sso.html`;
const quiet = { checkLoginIframe: false };
const loginRequired = { onLoad: 'login-required', ...quiet };

/** Signs in on a page that stays where it is when its session ends: login-required would travel at once. */
async function signedInByButton(page, init) {
  await page.goto(pageUrl(init));
  await state(page, 'signed out');
  await page.evaluate(() => { kc.login(); });
  await signIn(page);
  await state(page, 'signed in');
}

async function signedIn(page, init = loginRequired, persona, more) {
  await page.goto(pageUrl(init, more));
  await signIn(page, persona);
  await state(page, 'signed in');
}

test('login-required goes to the login page and comes back signed in', () => withPage(async (page) => {
  await signedIn(page);
  const { token, id, subject, session } = await page.evaluate(() => ({ token: kc.tokenParsed, id: kc.idTokenParsed, subject: kc.subject, session: kc.sessionId }));
  assert.equal(token.azp, 'nihdi-uhmep-hcp');
  assert.equal(token.ssin, '71011599751');
  assert.ok(token.userProfile.physician);
  assert.equal(id.aud, 'nihdi-uhmep-hcp');
  assert.equal(subject, token.sub);
  assert.equal(session, token.sid);
}));
test('PKCE S256 is what goes over the wire', () => withPage(async (page) => {
  await signedIn(page, { ...loginRequired, pkceMethod: 'S256' });
  const asked = new URL(page.requests.find(isAuth).url).searchParams;
  assert.equal(asked.get('code_challenge_method'), 'S256');
  assert.match(asked.get('code_challenge'), /^[\w-]{43}$/);
  const redeemed = page.requests.find((r) => r.method === 'POST' && r.url.endsWith('/token'));
  assert.match(redeemed.body, /code_verifier=/);
}));
for (const responseMode of ['query', 'fragment']) {
  test(`response_mode ${responseMode} brings the code back`, () => withPage(async (page) => {
    const back = [];
    page.on('framenavigated', (f) => { if (f === page.mainFrame()) back.push(f.url()); });
    await signedIn(page, { ...loginRequired, responseMode });
    const mark = responseMode === 'query' ? '&' : '#';
    assert.ok(page.requests.some((r) => r.url.startsWith(pages)) || back.length);
    const came = back.find((u) => u.includes('code='));
    assert.ok(came?.split(mark).slice(1).join(mark).includes('code='), `came back as ${came}`);
    assert.ok(came.includes('session_state=') && came.includes('iss='), `came back as ${came}`);
  }));
}
test('standard parameters idpHint and loginHint sign a persona in at once', () => withPage(async (page) => {
  await page.goto(pageUrl(quiet));
  await state(page, 'signed out');
  await page.evaluate(() => { kc.login({ idpHint: 'sandbox-auto', loginHint: 'nurse-claes' }); });
  await state(page, 'signed in');
  assert.equal(await page.evaluate(() => kc.tokenParsed.ssin), '85072299879');
}));
test('check-sso without silent page: nobody signed in comes back signed out', () => withPage(async (page) => {
  await page.goto(pageUrl({ onLoad: 'check-sso', ...quiet }));
  await state(page, 'signed out');
  const asked = page.requests.filter(isAuth);
  assert.equal(new URL(asked[0].url).searchParams.get('prompt'), 'none');
}));
test('check-sso without silent page: a session comes back signed in', () => withPage(async (page) => {
  await signedIn(page);
  await page.goto(pageUrl({ onLoad: 'check-sso', ...quiet }));
  await state(page, 'signed in');
}));
test('check-sso with silent page: nobody signed in stays on the page', () => withPage(async (page) => {
  await page.goto(pageUrl({ onLoad: 'check-sso', silentCheckSsoRedirectUri: silent, ...quiet }));
  await state(page, 'signed out');
  assert.equal(page.requests.filter((r) => isAuth(r) && r.frame).length, 0, 'the page itself must not travel');
}));
test('check-sso with silent page: a session signs in without leaving the page', () => withPage(async (page) => {
  await signedIn(page);
  page.requests.length = 0;
  await page.goto(pageUrl({ onLoad: 'check-sso', silentCheckSsoRedirectUri: silent, ...quiet }));
  await state(page, 'signed in');
  assert.equal(page.requests.filter((r) => isAuth(r) && r.frame).length, 0, 'the page itself must not travel');
}));
test('check-sso with silent page and iframe on: the third-party cookie probe answers', () => withPage(async (page) => {
  await page.goto(pageUrl({ onLoad: 'check-sso', silentCheckSsoRedirectUri: silent, checkLoginIframe: true }));
  await state(page, 'signed out');
  assert.ok(page.requests.some((r) => r.url.endsWith('/3p-cookies/step1.html')));
}));
test('the login iframe leaves a living session alone', () => withPage(async (page) => {
  await signedIn(page, { onLoad: 'login-required', checkLoginIframe: true, checkLoginIframeInterval: 1 });
  assert.ok(page.requests.some((r) => r.url.includes('/login-status-iframe.html')));
  await page.waitForResponse((r) => r.url().includes('/login-status-iframe.html/init')).catch(() => null);
  await page.waitForTimeout(1500);
  assert.ok(!(await page.evaluate(() => window.events)).includes('onAuthLogout'));
}));
test('the login iframe notices a session that ended elsewhere', () => withPage(async (page, context) => {
  await signedInByButton(page, { checkLoginIframe: true, checkLoginIframeInterval: 1 });
  const other = await context.newPage();
  await other.goto(pageUrl({ onLoad: 'check-sso', ...quiet }));
  await state(other, 'signed in');
  await other.evaluate(() => { kc.logout(); });
  await other.waitForURL((u) => u.href.startsWith(pages));
  await page.waitForFunction(() => window.events.includes('onAuthLogout'));
}));
test('updateToken renews when asked and rests when the token is fresh', () => withPage(async (page) => {
  await signedIn(page);
  const [rested, renewed, before, after] = await page.evaluate(async () => {
    const before = kc.token;
    const rested = await kc.updateToken(5);
    const renewed = await kc.updateToken(-1);
    return [rested, renewed, before, kc.token];
  });
  assert.deepEqual([rested, renewed], [false, true]);
  assert.notEqual(before, after);
}));
test('updateToken after the session was ended fails and clears the tokens', () => withPage(async (page) => {
  await signedInByButton(page, quiet);
  const sid = await page.evaluate(() => kc.tokenParsed.sid);
  await control('POST', `/iam/sessions/${sid}/end`);
  const [failed, token] = await page.evaluate(async () => {
    const failed = await kc.updateToken(-1).then(() => false, () => true);
    return [failed, kc.token ?? null];
  });
  assert.ok(failed);
  assert.equal(token, null);
  assert.ok((await page.evaluate(() => window.events)).includes('onAuthRefreshError'));
}));
test('loadUserInfo answers the claims of the token', () => withPage(async (page) => {
  await signedIn(page);
  const info = await page.evaluate(() => kc.loadUserInfo());
  assert.equal(info.sub, await page.evaluate(() => kc.subject));
  assert.equal(info.given_name, 'Joris');
  assert.equal(info.ssin, '71011599751');
}));
test('loadUserProfile answers names', () => withPage(async (page) => {
  await signedIn(page);
  const profile = await page.evaluate(() => kc.loadUserProfile());
  assert.equal(profile.firstName, 'Joris');
  assert.equal(profile.lastName, 'Peeters');
}));
for (const logoutMethod of ['GET', 'POST']) {
  test(`logout by ${logoutMethod} ends the session and comes back`, () => withPage(async (page) => {
    await signedIn(page, { ...loginRequired, logoutMethod });
    const home = `${pages}/blank.html`;
    await page.evaluate((to) => { kc.logout({ redirectUri: to }); }, home);
    await page.waitForURL((u) => u.href.startsWith(home));
    assert.ok(page.requests.some((r) => r.method === logoutMethod && r.url.includes('/protocol/openid-connect/logout')));
    await page.goto(pageUrl({ onLoad: 'check-sso', ...quiet }));
    await state(page, 'signed out');
  }));
}
test('a second application shares the session', () => withPage(async (page) => {
  await signedIn(page);
  const sid = await page.evaluate(() => kc.tokenParsed.sid);
  await page.goto(pageUrl(loginRequired, { clientId: 'nihdi-uhmep-hcp-dev' }));
  await state(page, 'signed in');
  assert.equal(await page.evaluate(() => kc.tokenParsed.sid), sid);
}));
test('prompt login asks again although there is a session', () => withPage(async (page) => {
  await signedIn(page);
  await page.evaluate(() => { kc.login({ prompt: 'login' }); });
  await page.locator('#kc-form-login').waitFor();
}));
test('a wrong persona gets the login page again, a right one then signs in', () => withPage(async (page) => {
  await page.goto(pageUrl(loginRequired));
  await signIn(page, 'nobody-at-all');
  await page.getByText('Invalid username or password.').waitFor();
  await signIn(page);
  await state(page, 'signed in');
}));
test('the page exchanges its token by fetch, as the showcase pages do', () => withPage(async (page) => {
  await signedIn(page);
  const exchanged = await page.evaluate(async () => {
    const res = await fetch(`${kc.authServerUrl}/realms/${kc.realm}/protocol/openid-connect/token`, {
      method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', client_id: kc.clientId,
        subject_token: kc.token, subject_token_type: 'urn:ietf:params:oauth:token-type:access_token', audience: 'nihdi-uhmep-fhir-hcp' }),
    });
    return { status: res.status, body: await res.json() };
  });
  assert.equal(exchanged.status, 200, JSON.stringify(exchanged.body));
  const claims = JSON.parse(Buffer.from(exchanged.body.access_token.split('.')[1], 'base64url'));
  assert.deepEqual(claims.resource_access['nihdi-uhmep-api'].roles, ['prescriber']);
  assert.ok(claims.aud.includes('nihdi-uhmep-fhir-hcp'));
}));
test('a patient signs in with the patient client', () => withPage(async (page) => {
  await signedIn(page, loginRequired, 'pat-dubois', { clientId: 'nihdi-uhmep-patient' });
  assert.equal(await page.evaluate(() => kc.idTokenParsed.family_name), 'Dubois');
}));
test('the helper pseudonymises and identifies inside the page, across origins', () => withPage(async (page) => {
  await signedIn(page);
  await page.addScriptTag({ content: await bundleHelper('iife') });
  const back = await page.evaluate(async (service) => {
    const call = (op) => (domain, payload) => fetch(`${service}/domains/${domain}/${op}`, {
      method: 'POST', headers: { Authorization: `Bearer ${kc.token}`, 'Content-Type': 'application/json; charset=utf-8' }, body: payload,
    }).then((res) => res.text());
    const client = { pseudonymize: call('pseudonymize'), identify: call('identify'), pseudonymizeMultiple: call('pseudonymizeMultiple'), identifyMultiple: call('identifyMultiple') };
    const document = await fetch(`${service}/domains/uhmep_v1`, { headers: { Authorization: `Bearer ${kc.token}` } }).then((res) => res.json());
    const domain = new pseudoHelper.PseudonymisationHelper(client).createDomain('uhmep_v1', pseudoHelper.Curve.P521, document.audience, document.bufferSize);
    const many = await domain.valueFactory.multiple(['54022899886', '04050699738'].map((v) => domain.valueFactory.fromString(v))).pseudonymize();
    const values = await many.identify();
    return [values.getPoint(0).asString(), values.getPoint(1).asString()];
  }, `${base}/pseudo/v1`);
  assert.deepEqual(back, ['54022899886', '04050699738']);
}));
test('a refusal of the pseudonymisation service is readable in the page', () => withPage(async (page) => {
  await page.goto(`${pages}/blank.html`);
  const answer = await page.evaluate(async (url) => {
    const res = await fetch(url, { method: 'POST', headers: { Authorization: 'Bearer nonsense', 'Content-Type': 'application/json' }, body: '{}' });
    return { status: res.status, title: (await res.json()).title };
  }, `${base}/pseudo/v1/domains/uhmep_v1/pseudonymize`);
  assert.equal(answer.status, 401);
  assert.ok(answer.title);
}));

await run();
await close();
