// What the command prints of columns of dates: dates, not numbers of days.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { feedforward } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'dates-'));
afterAll(() => rmSync(folder, { recursive: true }));
const run = (words: string) => feedforward(words.split(' '), { cwd: folder });
const day = (i: number) => new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10);
const write = (name: string, due: (i: number) => string) =>
  writeFileSync(
    join(folder, name),
    `when,size,due\n${Array.from({ length: 120 }, (_, i) => `${day(i)},${(i * 7) % 11},${due(i)}`).join('\n')}\n`,
  );

test('train, info and explain write dates as dates', { timeout: 120_000 }, async () => {
  write('same.csv', () => '2024-05-17');
  const refused = await run('train same.csv -t due -o same.ff');
  expect(refused.stderr).toContain('the target "due" is 2024-05-17 in every row; there is nothing to learn.');
  write('orders.csv', (i) => day(100 + 3 * i + (i % 4)));
  expect((await run('train orders.csv -t due --hidden none -o orders.ff')).code).toBe(0);
  expect((await run('info orders.ff')).stdout).toMatch(/^ {2}when +date +2024-01-01 to 2024-04-2\d$/m);
  const { stdout } = await run('explain orders.ff orders.csv --budget 1');
  expect(stdout).toMatch(/^due: 2024-\d\d-\d\d.* on average over 100 background rows/);
  expect(stdout).toMatch(/^line 2: 2024-\d\d-\d\d.* = 2024-\d\d-\d\d/m);
  expect(stdout).toMatch(/^ {2}when +2024-01-01 /m);
});
