// Where the sandbox is, and its control API: the clock, and the journal that says why something was refused.
export const base = (process.env.SANDBOX_URL ?? 'http://127.0.0.1:8080').replace(/\/$/, '');
export const realmUrl = (realm) => `${base}/auth/realms/${realm}`;

/** One control call; answers the decoded JSON, throws with the body when refused. */
export async function control(method, path, body) {
  const res = await fetch(`${base}/_sandbox${path}`, {
    method,
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await res.text();
  if (!res.ok) throw new Error(`${method} /_sandbox${path}: ${res.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** Moves the sandbox's clock by an ISO-8601 duration for the length of fn, then sets it back to real time. */
export async function later(duration, fn) {
  await control('PUT', '/clock', { advance: duration });
  try {
    return await fn();
  } finally {
    await control('PUT', '/clock', { real: true });
  }
}

/** The journal's account of an answer, for messages of failed cases. */
export async function why(res) {
  const id = res.headers.get('x-sandbox-trace');
  if (!id) return 'no trace id in the answer';
  try {
    const entry = await control('GET', `/journal/${id}`);
    return JSON.stringify({ refusal: entry.refusal, checks: entry.checks, warnings: entry.warnings });
  } catch (e) {
    return `journal: ${e.message}`;
  }
}

/** Fetches and insists on a status; the journal's account is part of the error. */
export async function expect(status, url, init) {
  const res = await fetch(url, init);
  const text = await res.text();
  if (res.status !== status) {
    throw new Error(`${init?.method ?? 'GET'} ${url}: got ${res.status}, want ${status}\n${text}\n${await why(res)}`);
  }
  return { res, text, json: () => JSON.parse(text) };
}
