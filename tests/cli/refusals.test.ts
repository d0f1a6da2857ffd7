// What a file holds that cannot be meant is named by its line, its column and what it is; what was left out is said.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCsv } from '../../src/entries/parts/data.js';
import { feedforward } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'refusals-'));
afterAll(() => rmSync(folder, { recursive: true }));
const run = (words: string) => feedforward(words.split(' '), { cwd: folder });
const write = (name: string, lines: readonly string[]) => writeFileSync(join(folder, name), `${lines.join('\n')}\n`);

const rows = Array.from({ length: 120 }, (_, i) => [((i * 37) % 120) + 0.5, i % 7, ((i * 37) % 120) * 2 + (i % 3)] as const);

beforeAll(async () => {
  write('data.csv', ['x,z,y', ...rows.map((row) => row.join(','))]);
  write('commas.csv', ['x;z;y', ...rows.map(([x, z, y]) => `${String(x).replace('.', ',')};${z};${y}`)]);
  expect((await run('train data.csv -t y --epochs 20 --quiet -o points.ff')).code).toBe(0);
  expect((await run('train commas.csv -t y --epochs 20 --quiet -o commas.ff')).code).toBe(0);
});

describe('a number beyond float32 is refused with its line and its column', () => {
  test('by predict and evaluate, in any block of rows', async () => {
    const many = Array.from({ length: 5000 }, (_, i) => `${i % 100},3,4`);
    for (const cell of ['1e40', '-1e300']) {
      write('large.csv', ['x,z,y', ...many, `7,${cell},4`, ...many]);
      for (const command of ['predict', 'evaluate']) {
        const { code, stderr } = await run(`${command} points.ff large.csv --quiet`);
        expect(code).toBe(3);
        expect(stderr).toMatch(/^feedforward: large\.csv line 5002, column "z": -?1e\+(40|300) is beyond the largest float32/);
      }
    }
  });

  test('and so is one that only scaling takes beyond it', async () => {
    write('narrow.csv', ['x,z,y', ...rows.map(([x, z, y]) => `${x / 1e6},${z},${y}`)]);
    expect((await run('train narrow.csv -t y --epochs 20 --quiet -o narrow.ff')).code).toBe(0);
    write('far.csv', ['x,z,y', ...Array.from({ length: 4500 }, () => '0.00001,3,4'), '1e38,3,4']);
    for (const command of ['predict', 'evaluate']) {
      const { code, stderr } = await run(`${command} narrow.ff far.csv --quiet`);
      expect([code, stderr]).toEqual([3, expect.stringMatching(/far\.csv line 4502, column "x": 1e\+38 is too far/)]);
    }
  });

  test('by train, in a column to learn from and in the target', async () => {
    for (const [line, column] of [
      ['1e39,2,3', 'x'],
      ['1,2,-1e39', 'y'],
    ] as const) {
      write('drowned.csv', ['x,z,y', ...rows.map((row) => row.join(',')), line]);
      const { code, stderr } = await run('train drowned.csv -t y --epochs 20 -o drowned.ff');
      expect(code).toBe(3);
      expect(stderr).toMatch(new RegExp(`drowned\\.csv line 122, column "${column}": -?1e\\+39 is beyond the largest float32`));
    }
  });
});

test('--split-by judges by whole groups of equal values, and names its flags where it cannot', async () => {
  const days = (last: string) => [
    'day,x,y',
    ...rows.map(([x, , y], i) => `${i < 119 ? 1 + Math.floor(i / 30) : last},${x},${y}`),
  ];
  write('days.csv', days('4'));
  const { stdout } = await run('train days.csv -t y --split-by day --test-size 0.07 --epochs 5 --json -o days.ff');
  expect((JSON.parse(stdout) as { trainedOn: number }).trainedOn).toBe(90); // ceil(0.07 of 120) is 9, and day 4 has 30 rows
  write('gap.csv', days(''));
  expect(await run('train gap.csv -t y --split-by day --epochs 5 -o gap.ff')).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/gap\.csv line 121, column "day": the cell is empty/),
  });
  write('flat.csv', ['day,x,y', ...rows.map(([x, , y]) => `1,${x},${y}`)]);
  expect(await run('train flat.csv -t y --split-by day --epochs 5 -o flat.ff')).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/--split-by: no row comes before 1.* smaller --test-size/),
  });
  expect(await run('train days.csv -t y --test-size 120 --epochs 5 -o none.ff')).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/--test-size 120 of 120 rows leaves no row to train on/),
  });
});

test('a model given as data is called a model', async () => {
  for (const words of ['predict points.ff points.ff', 'evaluate points.ff points.ff', 'train points.ff -t y -o other.ff']) {
    const { code, stderr } = await run(words);
    expect([code, stderr]).toEqual([3, 'feedforward: points.ff: this is a model file, not a table. Name a CSV file.\n']);
  }
});

test('delimiters at the ends of lines are named as the file has them', () => {
  expect(parseCsv('a;b;\n1;2;\n3;4;\n').notes.join()).toContain('lines end with ";" after the last column');
  expect(parseCsv('a,b,\n1,2,\n3,4,\n').notes.join()).toContain('lines end with "," after the last column');
});

describe('groups of three digits that no cell of the training had', () => {
  const predicted = async (model: string, cell: string, more = '') => {
    write('asked.csv', ['x;z', `${cell};3`]);
    return run(`predict ${model} asked.csv --quiet${more}`);
  };

  test('are read where nothing else can be meant', async () => {
    for (const [model, plain, grouped] of [
      ['commas.ff', '1234,0', ['1.234,0', '1.234,']],
      ['commas.ff', '1234567', ['1.234.567', '1.234.567,0']],
      ['points.ff', '1234.5', ['1,234.5']],
      ['points.ff', '1234567', ['1,234,567']],
    ] as const) {
      const { code, stdout } = await predicted(model, plain);
      expect(code).toBe(0);
      for (const cell of grouped) expect(await predicted(model, cell)).toMatchObject({ code: 0, stdout });
    }
  });

  test('are refused with both readings where two can be meant, and read as asked', async () => {
    const { code, stderr } = await predicted('commas.ff', '1.234');
    expect(code).toBe(3);
    expect(stderr).toMatch(/column "x": "1\.234" is 1234 if its point parts thousands and 1\.234 if it is a decimal point/);
    expect(stderr).toMatch(/--decimal/);
    expect((await predicted('commas.ff', '1.234', ' --decimal ,')).stdout).toBe((await predicted('commas.ff', '1234')).stdout);
    expect((await predicted('points.ff', '1,234')).code).toBe(3);
  });

  test('are no numbers where they are not well formed', async () => {
    for (const cell of ['1.23,0', '1.2345,0', '12.34.567', '1..234,0', '1,234.567'])
      expect((await predicted('commas.ff', cell)).code).toBe(3);
  });
});

test('categories that are merged are counted by name, and --max-categories keeps more', async () => {
  const cells = Array.from({ length: 480 }, (_, i) => `c${i % 120},${i % 9},${(i % 120) * 2}`);
  write('many.csv', ['kind,z,y', ...cells]);
  const merged = await run('train many.csv -t y --epochs 5 --cv 2 -o many.ff');
  const notes = merged.stdout.match(/note: Column "kind".*/g);
  expect(notes).toEqual([
    'note: Column "kind": the 100 most frequent of 120 categories were kept, the other 20 merged into (other); pass --max-categories 120 to keep all.',
  ]);
  const all = await run('train many.csv -t y --epochs 5 --cv 2 --max-categories 120 --json -o many.ff');
  expect(JSON.parse(all.stdout)).toMatchObject({
    inputs: 121,
    notes: expect.not.arrayContaining([expect.stringMatching(/merged/)]),
  });
  const few = await run('train many.csv -t y --epochs 5 --max-categories 3 -o many.ff');
  expect(few.stdout.match(/merged into \(other\)/g)).toHaveLength(1);
  for (const bad of ['0', '1001', '2.5']) expect((await run(`train many.csv -t y --max-categories ${bad}`)).code).toBe(2);
});
