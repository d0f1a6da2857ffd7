// Nothing grows: reduced counts of scripts/soak.mjs, in a process of their own. `npm run soak` runs them in full.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const soak = join(import.meta.dirname, '../../scripts/soak.mjs');

async function part(name: string, count: number): Promise<{ ok: boolean }> {
  const { stdout } = await run(process.execPath, ['--expose-gc', soak, `--${name}`, String(count)], { timeout: 55_000 }).catch(
    (error: { stdout: string }) => error, // code 1 when something grew: the figures say what
  );
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as { ok: boolean };
}

test('fault 85: after a tenth of 100,000 steps in batches of changing size, neither the heap nor WebAssembly pages grow', async () => {
  expect(await part('steps', 100_000)).toMatchObject({ ok: true });
});

test('fault 34, 43, 44: thousands of refused, aborted and broken-off calls leave nothing behind', async () => {
  expect(await part('refusals', 300)).toMatchObject({ ok: true });
});

test('workers started and stopped leave no thread, no handle and no memory', async () => {
  expect(await part('workers', 24)).toMatchObject({ ok: true });
});
