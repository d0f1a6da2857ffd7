// Every program of docs/search.md runs as it stands, against the built package, and prints what the page says.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const text = readFileSync(join(root, 'docs', 'search.md'), 'utf8');
const programs = [...text.matchAll(/```js\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)].map(
  ([, code, printed]) => [code!, printed!] as const,
);

const folder = mkdtempSync(join(tmpdir(), 'docs-search-'));
mkdirSync(join(folder, 'node_modules'));
symlinkSync(root, join(folder, 'node_modules', 'feedforward'));
afterAll(() => rmSync(folder, { recursive: true }));

test('each program of docs/search.md says what it prints', () => {
  expect(programs.length).toBeGreaterThan(2);
  expect(programs.length).toBe(text.match(/```js\n/g)!.length);
});

test.each(programs)(
  '%s',
  (code, printed) => {
    const file = join(folder, 'program.mjs');
    writeFileSync(file, code);
    const { stdout, stderr } = spawnSync(process.execPath, ['--experimental-wasm-relaxed-simd', file], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stdout, stderr).toBe(printed);
  },
  60_000,
);
