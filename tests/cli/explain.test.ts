// feedforward explain: parts that add up, in a table, as JSON and as CSV.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { feedforward } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'explain-'));
afterAll(() => rmSync(folder, { recursive: true }));
const run = (words: string) => feedforward(words.split(' '), { cwd: folder });

interface Row {
  line: number;
  prediction: number;
  values: Record<string, number>;
}
interface Report {
  base: number;
  method: string;
  class?: string;
  scale: string;
  background: number;
  rows: Row[];
}
const sum = (values: Record<string, number>) => Object.values(values).reduce((a, b) => a + b, 0);

beforeAll(async () => {
  const random = new Random(1, 'explain');
  const rows = Array.from({ length: 300 }, () => {
    const [size, colour, day] = [random.between(1, 9), ['red', 'blue', 'grey'][random.below(3)]!, 10 + random.below(19)];
    return {
      size: size.toFixed(2),
      colour,
      day: `2024-03-${day}`,
      price: Math.round(1000 * size + (colour === 'red' ? 4000 : 0)),
    };
  });
  const text = (some: typeof rows) =>
    `size,colour,day,price,dear\n${some.map((r) => `${r.size},${r.colour},${r.day},${r.price},${r.price > 6000 ? 'yes' : 'no'}`).join('\n')}\n`;
  writeFileSync(join(folder, 'all.csv'), text(rows));
  writeFileSync(join(folder, 'few.csv'), text(rows.slice(0, 3)));
  writeFileSync(join(folder, 'one.csv'), text(rows.slice(0, 1)));
  writeFileSync(join(folder, 'none.csv'), 'size,colour,day,price,dear\n');
  for (const words of [
    'train all.csv -t price --drop dear --epochs 30 -o price.ff --quiet',
    'train all.csv -t dear --drop price --epochs 30 -o dear.ff --quiet',
  ])
    expect(await run(words)).toMatchObject({ code: 0 });
}, 60_000);

test('explains each row in the units of the target, a text column as one', async () => {
  const { stdout, code, stderr } = await run('explain price.ff few.csv --background all.csv --json');
  expect([code, stderr]).toEqual([0, '']);
  const report = JSON.parse(stdout) as Report;
  expect(report).toMatchObject({ command: 'explain', target: 'price', scale: 'units', method: 'exact', background: 100 });
  expect(report.rows.map(({ line }) => line)).toEqual([2, 3, 4]);
  const predicted = (await run('predict price.ff few.csv')).stdout.trim().split('\n').slice(1).map(Number);
  for (const [i, { prediction, values }] of report.rows.entries()) {
    expect(Object.keys(values)).toEqual(['size', 'colour', 'day']);
    expect(report.base + sum(values)).toBeCloseTo(prediction, 6);
    expect(prediction / predicted[i]!).toBeCloseTo(1, 6);
  }
});

test('prints a table for each row, the largest part first', async () => {
  const { stdout } = await run('explain price.ff few.csv --background all.csv');
  expect(stdout).toMatch(/^price: \d+ on average over 100 background rows; exact\n\nline 2: \d+ = \d+ [+-] \d+\n +value +adds\n/);
  const parts = [...stdout.split('\n\n')[1]!.matchAll(/ ([+-][\d.]+)/g)].map(([, part]) => Math.abs(Number(part)));
  expect(parts.slice(-3)).toEqual([...parts.slice(-3)].sort((a, b) => b - a));
  expect(stdout).toMatch(/colour +(red|blue|grey) +[+-]\d/);
});

test('writes CSV, a column for each part', async () => {
  const { stdout } = await run('explain price.ff few.csv --csv');
  const [header, ...lines] = stdout.trim().split('\n');
  expect(header).toBe('prediction,base,size,colour,day');
  expect(lines).toHaveLength(3);
  for (const line of lines) {
    const [prediction, base, ...parts] = line.split(',').map(Number);
    expect(parts.reduce((a, b) => a + b, base!)).toBeCloseTo(prediction!, 6);
  }
});

test('explains the probability of a class, or its log odds', async () => {
  const of = async (words: string) =>
    JSON.parse((await run(`explain dear.ff few.csv --background all.csv --json ${words}`)).stdout) as Report;
  const yes = await of('--seed 1');
  const no = await of('--seed 1 --class no');
  expect([yes.class, no.class, yes.scale]).toEqual(['yes', 'no', 'probability']);
  yes.rows.forEach(({ prediction, values }, i) => {
    expect(prediction + no.rows[i]!.prediction).toBeCloseTo(1, 9);
    expect(values['size']! + no.rows[i]!.values['size']!).toBeCloseTo(0, 9);
  });
  const logit = await of('--seed 1 --logit');
  expect(logit.scale).toBe('logit');
  logit.rows.forEach(({ prediction, values }, i) => {
    const p = yes.rows[i]!.prediction;
    expect(prediction).toBeCloseTo(Math.log(p / (1 - p)), 2);
    expect(logit.base + sum(values)).toBeCloseTo(prediction, 6);
  });
});

test('refuses classes there are not, flags that do not fit, and files without rows', async () => {
  expect(await run('explain dear.ff few.csv --class maybe')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no class "maybe"\. Classes: no, yes/),
  });
  expect(await run('explain price.ff few.csv --class yes')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--class: this model predicts numbers/),
  });
  expect(await run('explain price.ff few.csv --logit')).toMatchObject({ code: 2, stderr: expect.stringMatching(/--logit/) });
  expect(await run('explain price.ff none.csv')).toMatchObject({ stderr: expect.stringMatching(/none.csv/) });
  expect((await run('explain price.ff none.csv')).code).not.toBe(0);
  expect(await run('explain price.ff few.csv --csv --json')).toMatchObject({ code: 2 });
});

test('asks for background rows where there is one row alone', async () => {
  const alone = await run('explain price.ff one.csv');
  expect(alone).toMatchObject({ code: 2, stdout: '' });
  expect(alone.stderr).toContain('--background');
  expect(await run('explain price.ff one.csv --background all.csv')).toMatchObject({ code: 0, stderr: '' });
  expect(await run('explain price.ff few.csv')).toMatchObject({ code: 0, stderr: '' });
});
