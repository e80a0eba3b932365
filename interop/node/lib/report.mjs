// Collects cases and reports each as one JSON line on standard output, which the Go side turns into a subtest.
// A case is a sentence and a function; it passes when the function returns.
import { writeSync } from 'node:fs';

const cases = [];
const only = process.env.CASE ? new RegExp(process.env.CASE) : null;

/** Registers one case. */
export function test(name, fn) {
  cases.push({ name, fn });
}

function emit(record) {
  writeSync(1, JSON.stringify(record) + '\n');
}

function withTimeout(promise, ms) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Runs every registered case in order; the process then ends by itself or is told to. */
export async function run({ timeout = 60_000 } = {}) {
  for (const { name, fn } of cases) {
    if (only && !only.test(name)) continue;
    const start = process.hrtime.bigint();
    const ms = () => Number((process.hrtime.bigint() - start) / 1_000_000n);
    try {
      await withTimeout((async () => fn())(), timeout);
      emit({ name, ok: true, ms: ms() });
    } catch (e) {
      const cause = e?.cause ? `\ncause: ${e.cause.stack ?? JSON.stringify(e.cause)}` : '';
      emit({ name, ok: false, ms: ms(), error: (e?.stack ?? String(e)) + cause });
    }
  }
  emit({ done: true });
}
