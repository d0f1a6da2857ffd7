// Every example beside the long MNIST ones runs to its end and says something, with one command.

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = join(import.meta.dirname, '..', 'examples');
/** Where examples that keep a file keep it. */
const temporary = mkdtempSync(join(tmpdir(), 'examples-'));
afterAll(() => rmSync(temporary, { recursive: true }));
const examples = readdirSync(folder).filter((name) => name.endsWith('.js') && !name.startsWith('mnist'));

/** What must stand in its output: that it ran is not enough. */
const expected: Record<string, RegExp> = {
  'perceptron.js': /AND +Separable[\s\S]*XOR +Not separable/,
  'regression.js': /R\^2 0\.99\d+ on 1000 others[\s\S]*warning: .*volatility is 2\.5/,
  'search.js': /the best of 12, fitted on all rows: /,
  'stream.js': /200000 rows in [\d.]+ s; R\^2 on chunks it had not seen: 0\.9/,
  'table.js': /right on [89]\d\.\d %[\s\S]*25, search: yes/,
};

test.each(examples)('examples/%s runs', async (name) => {
  const { code, output } = await new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    const child = spawn(process.execPath, [join(folder, name)], { stdio: 'pipe', env: { ...process.env, TMPDIR: temporary } });
    let output = '';
    child.stdout.on('data', (text: Buffer) => {
      output += text.toString();
    });
    child.stderr.on('data', (text: Buffer) => {
      output += text.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
  expect(code, output).toBe(0);
  expect(output.length).toBeGreaterThan(100);
  if (expected[name] !== undefined) expect(output).toMatch(expected[name]);
});
