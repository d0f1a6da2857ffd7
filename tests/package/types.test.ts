// The types as users meet them: what is mistyped does not compile, what is right does, with the oldest TypeScript supported and the newest.

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const { resolve } = createRequire(import.meta.url);
const project = join(import.meta.dirname, '../types');

async function errors(compiler: string): Promise<string> {
  try {
    return (await run(process.execPath, [resolve(`${compiler}/lib/tsc.js`), '-p', project])).stdout;
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

test.for([
  ['typescript-5.7', '5.7'],
  ['typescript', '6.0'],
])('with %s, mistakes do not compile and uses do, against the built declarations', async ([compiler, version]) => {
  expect(resolve(`${compiler}/package.json`)).toBeTruthy();
  expect((await run(process.execPath, [resolve(`${compiler!}/lib/tsc.js`), '--version'])).stdout).toContain(version);
  expect(await errors(compiler!)).toBe('');
});
