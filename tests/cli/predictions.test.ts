// What predict writes: copied columns as they stand, answers as rows come, nothing that a spreadsheet or a terminal would obey.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { exitCodes } from '../../src/cli/exit.js';
import { visible } from '../../src/cli/terminal.js';
import { parseCsv, streamCsv } from '../../src/entries/parts/data.js';
import { feedforward, program } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'predictions-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string) => join(folder, name);
const run = (words: readonly string[], input?: string) =>
  feedforward(words, { cwd: folder, ...(input === undefined ? {} : { input }) });

const header = 'code,size,day,flag,price,note,kind';
/** Cells that mean less once they were read as numbers, dates or nothing. */
const rows = [
  '00012,1.50,2024-01-05,TRUE,7,NA,=sum',
  '007,2.0,2024-02-29,false,1e3, spaced ,+',
  '7,-0,2024-03-01,True,0x,"a, ""b""",=sum',
  '1,.5,2024-12-31,FALSE,?,=1+1,+',
];

beforeAll(async () => {
  const many = Array.from({ length: 30 }, () => rows.map((row) => row.replace('0x', '9'))).flat();
  writeFileSync(file('data.csv'), `${header}\n${many.join('\n')}\n`);
  const trained = await run(
    'train data.csv -t kind --epochs 40 --types code=categorical,note=categorical -o kind.ff --quiet'.split(' '),
  );
  expect(trained).toEqual({ code: 0, stdout: '', stderr: '' });
});

describe('--keep', () => {
  const input = `${header}\n${rows.join('\n').replace('0x', '9')}\n`;
  const kept = ['code', 'size', 'day', 'flag', 'price', 'note', 'kind'];

  test('copies cells character for character, in the order asked for', async () => {
    const { stdout, code } = await run(['predict', 'kind.ff', '-', '--keep', kept.join(',')], input);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe(`${header},predicted kind`);
    // What is quoted needlessly, and what needs quotes, may be quoted otherwise: the cells are the same.
    rows.forEach((row, i) => expect(lines[i + 1]!.replace(/"( spaced )"/, '$1')).toContain(row.replace('0x', '9')));
  });

  test('with --json loses no column under the name of the answer', async () => {
    const { stdout } = await run(['predict', 'kind.ff', '-', '--json', '--keep', kept.join(',')], input);
    const [first, second] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toMatchObject({ code: '00012', size: '1.50', day: '2024-01-05', flag: 'TRUE', note: 'NA', kind: '=sum' });
    expect(second).toMatchObject({ code: '007', flag: 'false', note: ' spaced ', kind: '+' });
    expect(Object.keys(first!)).toEqual([...kept, 'predicted kind']);
    expect(['=sum', '+']).toContain(first!['predicted kind']);
  });

  test('a column that is not there is named', async () => {
    const { stderr, code } = await run(['predict', 'kind.ff', '-', '--keep', 'cod'], input);
    expect(code).toBe(3);
    expect(stderr).toMatch(/no column "cod"\. Did you mean "code"/);
  });
});

test('answers that a spreadsheet would run get an apostrophe, copied cells only when told, programs never', async () => {
  const { stdout, stderr } = await run(['predict', 'kind.ff', 'data.csv', '--keep', 'note', '--proba']);
  const [first, ...lines] = stdout.trimEnd().split('\n');
  expect(first).toBe('note,kind,p(+),p(=sum)');
  expect(lines.some((line) => line.includes(",'=sum,"))).toBe(true);
  expect(lines.some((line) => line.includes(',+,'))).toBe(true); // a sign alone is no formula
  expect(lines.some((line) => line.startsWith('=1+1,'))).toBe(true);
  expect(stderr).toMatch(/--formulas keep leaves them/);
  const all = await run(['predict', 'kind.ff', 'data.csv', '--keep', 'note', '--formulas', 'escape']);
  expect(all.stdout).toContain("'=1+1,");
  const none = await run(['predict', 'kind.ff', 'data.csv', '--formulas', 'keep']);
  expect([none.stdout.includes("'"), none.stderr]).toEqual([false, '']);
  expect((await run(['predict', 'kind.ff', 'data.csv', '--json'])).stdout).not.toContain("'");
});

test('a row that comes through a pipe is answered before the next one', async () => {
  const child = spawn(process.execPath, [program, 'predict', 'kind.ff', '--formulas', 'keep'], { cwd: folder });
  let text = '';
  child.stdout.on('data', (piece) => (text += String(piece)));
  const lines = async (count: number) => {
    while (text.split('\n').length <= count) await new Promise((later) => setTimeout(later, 20));
    return text.trimEnd().split('\n').length;
  };
  child.stdin.write(`${header}\n${rows[0]!}\n`);
  expect(await lines(2)).toBe(2);
  for (let n = 3; n < 6; n++) {
    child.stdin.write(`${rows[1]!}\n`);
    expect(await lines(n)).toBe(n);
  }
  child.stdin.end();
  await new Promise((closed) => child.on('close', closed));
}, 30_000);

test('streamed rows do not depend on how the text is cut, nor on being asked for at once', async () => {
  const text = `${header}\n${rows.join('\n').replace('0x', '9')}\n`;
  const columns = [
    { name: 'kind', type: 'categorical' },
    { name: 'as it stands', from: 'note', type: 'categorical', verbatim: true },
  ] as const;
  const whole = parseCsv(text, { columns: ['kind'] }).labels('kind');
  for (const size of [1, 2, 7, 64, 1000])
    for (const prompt of [false, true]) {
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size));
      const kinds: unknown[] = [];
      const notes: unknown[] = [];
      for await (const table of streamCsv(pieces, columns, { prompt })) {
        kinds.push(...table.labels('kind'));
        notes.push(...table.labels('as it stands'));
      }
      expect(kinds).toEqual(whole);
      expect(notes).toEqual(['NA', ' spaced ', 'a, "b"', '=1+1']);
    }
});

test('what a terminal would obey, or nobody would see, is written out', () => {
  expect(visible('a\u001b[31m\u202e\u2028\u200b\ufeffb\n\tc')).toBe('a\\u001b[31m\\u202e\\u2028\\u200b\\ufeffb\n\tc');
  expect(visible('می‌خواهم 👩‍💻')).toBe('می‌خواهم 👩‍💻');
});

test('the page on the command line lists the exit codes that there are', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/command-line.md'), 'utf8');
  for (const [code, meaning] of exitCodes) expect(page).toContain(`| ${code} | ${meaning} |`);
});

test('train with a preset learns text of many categories as numbers, as estimators do, and predict reads it', {
  timeout: 60_000,
}, async () => {
  const random = new Random(21);
  const rows = Array.from({ length: 900 }, () => [random.below(130), random.normal()] as const);
  const text = rows.map(([place, x]) => `place ${place},${x.toFixed(4)},${(Math.cos(place) + 0.2 * x).toFixed(4)}`).join('\n');
  writeFileSync(join(folder, 'trips.csv'), `place,x,fare\n${text}\n`);
  const trained = await run(['train', 'trips.csv', '-t', 'fare', '--preset', 'quick', '-o', 'trips.ff', '--json']);
  expect(trained.stderr + trained.stdout).not.toMatch(/merged into/);
  const report = JSON.parse(trained.stdout) as { inputs: number; scores: { r2: number } };
  expect(report.inputs).toBe(2);
  expect(report.scores.r2).toBeGreaterThan(0.5);
  const { stdout, code } = await run(['predict', 'trips.ff', '-'], 'place,x\nplace 3,0.5\nnowhere,0.5\n');
  expect(code).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(3);
});

test('train --bins lets a model step, and says what bins need', { timeout: 60_000 }, async () => {
  const random = new Random(22);
  const rows = Array.from({ length: 500 }, () => [random.uniform(), random.normal()] as const);
  const text = rows.map(([hour, x]) => `${hour.toFixed(4)},${x.toFixed(4)},${(Math.floor(6 * hour) % 2) + 0.1 * x}`).join('\n');
  writeFileSync(join(folder, 'hours.csv'), `hour,x,price\n${text}\n`);
  const trained = await run('train hours.csv -t price --preset quick --bins 12 -o hours.ff --json'.split(' '));
  expect(trained.stderr).toBe('');
  expect((JSON.parse(trained.stdout) as { scores: { r2: number } }).scores.r2).toBeGreaterThan(0.8);
  const { stdout } = await run(['predict', 'hours.ff', '-'], 'hour,x\n0.08,0\n0.25,0\n');
  const [low, high] = stdout.trim().split('\n').slice(1).map(Number);
  expect(high! - low!).toBeGreaterThan(0.7);
  const refused = await run('train hours.csv -t price --bins 12 --hidden 8 -o hours.ff'.split(' '));
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/bins: .*Add preset/);
});
