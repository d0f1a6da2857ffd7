// How cells are written is learnt in training and holds for every later file of a model: for features and for the target.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { MLPRegressor } from '../../src/entries/parts/estimators.js';
import { readModelFile } from '../../src/formats/modelFile.js';
import { loadEstimator } from '../../src/estimators/load.js';
import { feedforward } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'spellings-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string) => join(folder, name);
const run = (words: string) => feedforward(words.split(' '), { cwd: folder });

/** 1234.5 -> "1.234,50", as German offices write it. */
const german = (value: number, digits = 2) =>
  value.toLocaleString('de-DE', { minimumFractionDigits: digits, maximumFractionDigits: digits });

interface Report {
  rows: number;
  scores: Record<string, number>;
}

async function evaluated(words: string): Promise<Report> {
  const outcome = await run(`evaluate ${words} --json`);
  expect(outcome.stderr).toBe('');
  return JSON.parse(outcome.stdout) as Report;
}

const rows = Array.from({ length: 120 }, (_, i) => {
  const x = 1 + ((i * 37) % 120) / 10;
  const z = 2000 + ((i * 53) % 120) * 90.1;
  return { x, z, price: 3000 * x + z };
});

describe('evaluate reads the target as training did', () => {
  test('with its decimal comma and its groups, also where no cell has a fraction', async () => {
    const write = (name: string, price: (value: number) => string) =>
      writeFileSync(
        file(name),
        ['x;z;preis', ...rows.map((row) => `${german(row.x)};${german(row.z)};${price(row.price)}`)].join('\n'),
      );
    write('fractions.csv', (value) => german(value));
    write('whole.csv', (value) => german(Math.round(value), 0));
    expect((await run('train fractions.csv -t preis --quiet --epochs 60 -o german.ff')).code).toBe(0);
    const fractions = await evaluated('german.ff fractions.csv');
    expect(fractions.scores['r2']).toBeGreaterThan(0.8);
    // The same answers to half a unit, so the same score.
    const whole = await evaluated('german.ff whole.csv');
    expect(whole.scores['r2']).toBeCloseTo(fractions.scores['r2']!, 4);
  });

  test('with its format of dates, which no other column has', async () => {
    const day = (days: number) => new Date(86_400_000 * days).toISOString().slice(0, 10).split('-').reverse().join('.');
    writeFileSync(file('days.csv'), ['x,due', ...rows.map(({ x }) => `${x},${day(10_000 + Math.round(100 * x))}`)].join('\n'));
    expect((await run('train days.csv -t due --quiet --epochs 60 -o days.ff')).code).toBe(0);
    expect((await evaluated('days.ff days.csv')).scores['r2']).toBeGreaterThan(0.8);
  });

  test('with labels that are numbers with a decimal comma', async () => {
    const labels = rows.map(({ x }, i) => `${german(x)};${i % 2};${['1,5', '2,5'][Number(x > 7)]}`);
    writeFileSync(file('labels.csv'), ['x;odd;size', ...labels].join('\n'));
    expect((await run('train labels.csv -t size --task classification --quiet --epochs 60 -o labels.ff')).code).toBe(0);
    expect((await evaluated('labels.ff labels.csv')).scores['accuracy']).toBeGreaterThan(0.8);
  });

  test('and as plain numbers where the model file, of version 0.1.0, does not say', async () => {
    writeFileSync(file('plain.csv'), ['x,y', ...rows.map(({ x }, i) => `${x},${2 * x + (i % 3)}`)].join('\n'));
    expect((await run('train plain.csv -t y --quiet --epochs 60 -o plain.ff')).code).toBe(0);
    const bytes = readFileSync(file('plain.ff'));
    const { targetColumn, ...table } = readModelFile(bytes).sections['table'] as Record<string, unknown>;
    expect(targetColumn).toEqual({ type: 'numeric' });
    const model = loadEstimator(bytes);
    expect(model).toBeInstanceOf(MLPRegressor);
    writeFileSync(file('old.ff'), model.save({ sections: { table } } as Parameters<typeof model.save>[0]));
    expect((await evaluated('old.ff plain.csv')).scores).toEqual((await evaluated('plain.ff plain.csv')).scores);
  });
});

describe('what training was told of the text holds for later files', () => {
  test('its encoding, unless another is asked for', async () => {
    const text = ['größe,art', ...rows.map(({ x }) => `${x},${x > 7 ? 'Bäume' : 'Büsche'}`)].join('\n');
    writeFileSync(file('old.csv'), Buffer.from(text, 'latin1'));
    writeFileSync(file('new.csv'), text);
    expect((await run('train old.csv -t art --encoding windows-1252 --quiet --epochs 40 -o old-text.ff')).code).toBe(0);
    const remembered = await evaluated('old-text.ff old.csv');
    expect(remembered.scores['accuracy']).toBeGreaterThan(0.8);
    expect(await evaluated('old-text.ff new.csv --encoding utf-8')).toMatchObject({ scores: remembered.scores });
    const predicted = await run('predict old-text.ff old.csv');
    expect([predicted.code, predicted.stderr]).toEqual([0, '']);
    expect(predicted.stdout).toMatch(/^art\n(Bäume|Büsche)\n/);
  });

  test('the words for a missing value, and --no-missing-defaults leaves those that were asked for', async () => {
    const cell = (x: number, i: number) => (i % 10 === 0 ? 'none.given' : x > 7 ? 'NA' : 'EU');
    writeFileSync(file('regions.csv'), ['region,y', ...rows.map(({ x }, i) => `${cell(x, i)},${x}`)].join('\n'));
    const how = '--missing=none.given --no-missing-defaults';
    expect((await run(`train regions.csv -t y --quiet --epochs 40 -o regions.ff ${how}`)).code).toBe(0);
    writeFileSync(file('few.csv'), 'region,y\nNA,1\n');
    for (const command of ['predict', 'evaluate'])
      expect((await run(`${command} regions.ff few.csv ${how} --quiet`)).code).toBe(0);
    // A target of which NA is a class: with the usual words its rows have no answer.
    writeFileSync(file('zones.csv'), ['x,zone', ...rows.map(({ x }) => `${x},${x > 7 ? 'NA' : 'EU'}`)].join('\n'));
    writeFileSync(file('both.csv'), ['x,zone', ...rows.map(({ x }) => `${x},${x > 7 ? 'EU' : 'AS'}`)].join('\n'));
    expect((await run('train both.csv -t zone --quiet --epochs 40 -o both.ff')).code).toBe(0);
    const usual = await run('evaluate both.ff zones.csv --json');
    const own = await run('evaluate both.ff zones.csv --json --no-missing-defaults');
    expect((JSON.parse(usual.stdout) as Report).rows).toBeLessThan(120);
    expect((JSON.parse(own.stdout) as Report).rows).toBe(120);
  });

  test('and evaluate says once which labels the model does not know', async () => {
    writeFileSync(file('two.csv'), ['x,kind', ...rows.map(({ x }) => `${x},${x > 7 ? 'a' : 'b'}`)].join('\n'));
    writeFileSync(file('four.csv'), ['x,kind', ...rows.map(({ x }, i) => `${x},${['a', 'b', 'c', 'd'][i % 4]}`)].join('\n'));
    expect((await run('train two.csv -t kind --quiet --epochs 40 -o two.ff')).code).toBe(0);
    const { code, stderr } = await run('evaluate two.ff four.csv');
    expect(code).toBe(0);
    expect(stderr.match(/warning/g)).toHaveLength(1);
    expect(stderr).toContain('the model does not know 2 labels of "kind", in 60 rows: "c", "d".');
    expect((await run('evaluate two.ff two.csv')).stderr).toBe('');
  });
});

test('R^2 of a single row is called undefined, and the model is not judged by it', async () => {
  writeFileSync(file('line.csv'), ['x,y', ...rows.map(({ x }) => `${x},${2 * x}`)].join('\n'));
  const { code, stdout } = await run('train line.csv -t y --test-size 1 --epochs 40 -o line.ff');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}R\^2 +undefined +undefined +undefined +undefined$/m);
  expect(stdout).toMatch(/R\^2 needs 2 rows/);
  expect(stdout).not.toMatch(/No better than|does better|does as well/);
  writeFileSync(file('one.csv'), 'x,y\n3,6\n');
  expect((await run('evaluate line.ff one.csv')).stdout).toMatch(/^ {2}R\^2 +undefined +-$/m);
  const json = JSON.parse((await run('evaluate line.ff one.csv --json')).stdout) as Report;
  expect(json.scores['r2']).toBe(null);
  expect(json.scores['meanAbsoluteError']).toBeGreaterThanOrEqual(0);
  expect((await run('info line.ff')).code).toBe(0);
});
