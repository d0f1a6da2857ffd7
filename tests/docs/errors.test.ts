// docs/errors.md against the codes there are.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('docs/errors.md lists every code with its meaning, and no other', () => {
  const root = join(import.meta.dirname, '../..');
  const source = readFileSync(join(root, 'src/errors.ts'), 'utf8');
  const codes = [...source.matchAll(/^ {2}\| '(ERR_\w+)'/gm)].map((match) => match[1]);
  const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(ERR_\w+)` \| ([^|]+) \| ([^|]+) \|$/gm)];
  expect(rows.map((row) => row[1])).toEqual(codes);
  for (const [, code, meaning, example] of rows) {
    expect(meaning!.length, code).toBeGreaterThan(5);
    expect(example!.length, code).toBeGreaterThan(10);
  }
});
