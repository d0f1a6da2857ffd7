// train --report and feedforward report: pages as files.

import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { afterAll, expect, test } from 'vitest';
import { formatCsv } from '../../src/data/csv/index.js';
import { feedforward } from '../support/cli.js';
import { passengers } from './tables.js';

const folder = mkdtempSync(join(tmpdir(), 'report-'));
afterAll(() => rmSync(folder, { recursive: true }));
const run = (words: string) => feedforward(words.split(' '), { cwd: folder });

function write(name: string, rows: number, seed: number): void {
  const table = passengers(rows, seed);
  const cells = table.records().map((row, i) => [i + 1, ...table.names.map((column) => row[column]!)]);
  writeFileSync(join(folder, name), formatCsv(['id', ...table.names], cells, { header: true }));
}
const pageOf = (name: string) => {
  const text = readFileSync(join(folder, name), 'utf8');
  const { document } = parseHTML(text);
  return { text, document, sections: Array.from(document.querySelectorAll('section'), ({ id }) => id) };
};

test('train --report writes the page of the training it is: the same scores, left-out columns, files by SHA-256', async () => {
  write('ship.csv', 500, 1);
  const words = 'train ship.csv -t survived --hidden 8 --epochs 20 --calibration-size 0.2 --drop port --report ship.html --json';
  const { code, stdout, stderr } = await run(words);
  expect([code, stderr]).toEqual([0, '']);
  const told = JSON.parse(stdout) as { report: string; scores: { accuracy: number }; judgedOn: number };
  expect(told.report).toBe('ship.html');
  const { text, document, sections } = pageOf('ship.html');
  expect(text.length).toBeLessThan(400_000);
  expect(sections).toEqual(expect.arrayContaining(['data', 'scores', 'confusion', 'intervals', 'rows', 'training', 'notes']));
  const own = document.querySelector('#scores tbody tr td')!.textContent!;
  expect(Number(own.split(' ')[0])).toBeCloseTo(told.scores.accuracy, 2);
  const left = document.querySelector('#data ul')!.textContent!;
  expect(left).toMatch(/"id" was left out: it counts the rows/);
  expect(left).toMatch(/"port" was left out: it was asked for/);
  for (const file of ['ship.csv', 'ship.ff'])
    expect(text).toContain(
      createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest('hex'),
    );
  expect(text).toContain('feedforward train ship.csv -t survived');
  expect(text).toContain('no difference that chance would not bring');
}, 120_000);

test('train --report of few rows is judged by folds', async () => {
  write('few.csv', 90, 2);
  const { code, stderr } = await run('train few.csv -t fare --hidden 4 --epochs 5 --report few.html --quiet');
  expect([code, stderr]).toEqual([0, '']);
  const { document, sections } = pageOf('few.html');
  expect(sections).toEqual(expect.arrayContaining(['scores', 'residuals', 'rows']));
  expect(document.querySelector('#scores')!.textContent).toContain('5-fold cross-validation');
}, 120_000);

test('feedforward report makes a page of a model and rows whose answers are known', async () => {
  write('later.csv', 120, 3);
  const { code, stdout, stderr } = await run('report ship.ff later.csv -o later.html');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/wrote later.html \(\d+ kB\): 120 rows/);
  const { document } = pageOf('later.html');
  expect(document.querySelector('h1')!.textContent).toBe('survived of later.csv');
  expect(document.querySelector('#rows figcaption')!.textContent).toMatch(/^Line \d+\. survived: said/);
}, 60_000);

test('a page in the place of the model or the data is refused before anything is read', async () => {
  for (const words of ['train ship.csv -t survived -o a.ff --report a.ff', 'train ship.csv -t survived --report ship.csv'])
    expect(await run(words)).toMatchObject({ code: 2 });
  expect(existsSync(join(folder, 'a.ff'))).toBe(false);
  expect(await run('report ship.ff later.csv -o ship.ff')).toMatchObject({ code: 2 });
});
