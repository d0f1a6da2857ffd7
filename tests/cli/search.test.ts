// feedforward search: from a CSV file to the best model, its page and its files; interrupted, and gone on with.

import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { feedforward } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'search-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string) => join(folder, name);
const run = (words: string, started?: Parameters<typeof feedforward>[1]['started']) =>
  feedforward(words.split(' '), { cwd: folder, ...(started === undefined ? {} : { started }) });
const digest = (name: string) =>
  createHash('sha256')
    .update(readFileSync(file(name)))
    .digest('hex');

/** What --json says, as far as tests look. */
interface Told {
  readonly best: {
    readonly number: number;
    readonly sha256: string;
    readonly values: Record<string, number>;
    readonly candidate: object;
  };
  readonly trials: readonly {
    readonly state: string;
    readonly candidate: Record<string, unknown>;
    readonly scores: readonly number[];
  }[];
  readonly paretoFront: readonly number[];
  readonly task: string;
  readonly endedBy: string;
}
const told = (text: string) => JSON.parse(text) as Told;

beforeAll(() => {
  const random = new Random(3);
  const rows = Array.from({ length: 150 }, () => {
    const [size, weight] = [random.normal(), random.normal()];
    const colour = random.below(2) === 0 ? 'red' : 'blue';
    const sum = size * size + weight + (colour === 'red' ? 0.5 : -0.5);
    return `${size.toFixed(3)},${colour},${weight.toFixed(3)},${sum > 1 ? 'a' : 'b'},${sum.toFixed(3)}`;
  });
  writeFileSync(file('data.csv'), `size,colour,weight,kind,sum\n${rows.join('\n')}\n`);
  const ranges = { hiddenLayers: [[4], [8, 8]], dropout: { uniform: [0, 0.2], step: 0.1 } };
  writeFileSync(file('space.json'), JSON.stringify(ranges));
});

describe('a search', () => {
  test('needs nothing but a target: it saves a model that predicts, a page, CSV and a journal', async () => {
    const outcome = await run(
      'search data.csv -t kind --drop sum --trials 9 --folds 3 --pruner none --workers 2 -o best.ff --report page.html --csv all.csv --journal all.log --objectives bytes',
    );
    expect([outcome.code, outcome.stderr.replace(/feedforward: searching.*\n/g, '')]).toEqual([0, '']);
    expect(outcome.stdout).toMatch(/^data\.csv: 150 rows; kind, classification, 3-fold cross-validation\n9 candidates in /);
    expect(outcome.stdout).toMatch(/\nbest: number \d, accuracy 0\.\d+, deviation between folds /);
    expect(outcome.stdout).toMatch(/\n {2}hiddenLayers {6,} \d+/);
    expect(outcome.stdout).toMatch(/\non the same folds: always the same answer 0\.\d+, a linear model 0\.\d+\n/);
    expect(outcome.stdout).toMatch(/saved best\.ff .*; report in page\.html, csv in all\.csv, journal in all\.log\n$/);
    expect(existsSync(file('best.ff.search'))).toBe(false);

    const predicted = await run('predict best.ff data.csv');
    expect(predicted.stdout.trim().split('\n')).toHaveLength(151);
    const scores = JSON.parse((await run('evaluate best.ff data.csv --json')).stdout) as { scores: { accuracy: number } };
    expect(scores.scores.accuracy).toBeGreaterThan(0.8);

    const { document } = parseHTML(readFileSync(file('page.html'), 'utf8'));
    const sections = Array.from(document.querySelectorAll('section'), ({ id }) => id);
    expect(sections).toEqual(['history', 'parallel', 'importance', 'front', 'candidates', 'making']);
    for (const picture of document.querySelectorAll('figure svg.plot'))
      expect(picture.querySelectorAll('path, circle, rect').length).toBeGreaterThan(0);
    expect(document.querySelector('#making code')!.textContent).toMatch(/^[0-9a-f]{64}$/);

    expect(readFileSync(file('all.csv'), 'utf8').trim().split('\n')).toHaveLength(10);
    const journal = readFileSync(file('all.log'), 'utf8').trim().split('\n');
    expect(journal.map((line) => (JSON.parse(line) as { op_code: number }).op_code)).toEqual([
      0,
      ...new Array<number>(9).fill(4),
    ]);
  }, 120_000);

  test('finds the same on one thread and on two', async () => {
    const words = 'search data.csv -t kind --drop sum --space space.json --trials 10 --folds 3 --json';
    const one = told((await run(`${words} --workers 0 -o one.ff`)).stdout);
    const two = told((await run(`${words} --workers 2 -o two.ff`)).stdout);
    expect(two.best.sha256).toBe(one.best.sha256);
    expect(two.trials.map(({ state, candidate, scores }) => [state, candidate, scores])).toEqual(
      one.trials.map(({ state, candidate, scores }) => [state, candidate, scores]),
    );
    expect(digest('two.ff')).toBe(digest('one.ff'));
    for (const { candidate } of one.trials) expect([0, 0.1, 0.2]).toContain(candidate['dropout']);
  }, 120_000);

  test('tries every combination of a grid, for numbers too, by the score that is asked for', async () => {
    const outcome = await run(
      'search data.csv -t sum --drop kind --space space.json --sampler grid --pruner none --folds 2 --scoring meanAbsoluteError --json',
    );
    const { task, trials, best, endedBy } = told(outcome.stdout);
    expect([task, trials.length, endedBy]).toEqual(['regression', 6, 'exhausted']);
    const means = trials.map(({ scores }) => (scores[0]! + scores[1]!) / 2);
    expect(best.values['score']).toBe(Math.min(...means));
    expect(existsSync(file('data.ff'))).toBe(true);
  }, 120_000);

  test('that is interrupted says how to go on, and the same command goes on to the same model', async () => {
    const words = 'search data.csv -t kind --drop sum --preset default --trials 6 --folds 3 --workers 2 --storage kept.jsonl';
    const whole = await run(`${words.replace('kept', 'other')} -o whole.ff --json`);
    expect(whole.code).toBe(0);
    let stopped: Awaited<ReturnType<typeof run>> | undefined;
    for (const wait of [2000, 5000, 12_000]) {
      stopped = await run(`${words} -o again.ff`, (child) => void setTimeout(() => child.kill('SIGINT'), wait));
      if (stopped.code === 0 || existsSync(file('kept.jsonl'))) break;
    }
    if (stopped!.code !== 0) {
      expect(stopped!.code).toBe(130);
      expect(stopped!.stderr).toMatch(
        /Interrupted after \d+ candidates?; what has ended is in kept\.jsonl\. Go on with the same command: feedforward search/,
      );
      expect(existsSync(file('again.ff'))).toBe(false);
      expect((await run(`${words} -o again.ff`)).code).toBe(0);
    }
    expect(digest('again.ff')).toBe(digest('whole.ff'));
    expect(existsSync(file('kept.jsonl'))).toBe(true); // it was asked for
  }, 180_000);
});

describe('what is wrong is named', () => {
  test.each([
    ['search data.csv', 2, /--target/],
    ['search data.csv -t kinds', 2, /kinds/],
    ['search none.csv -t kind', 4, /none\.csv/],
    ['search data.csv -t kind -o data.csv', 2, /it is the data itself/],
    ['search data.csv -t kind --space none.json', 4, /none\.json/],
    ['search data.csv -t kind --sampler tep', 2, /sampler/],
    ['search data.csv -t kind --scoring accurcy', 2, /accurcy.*accuracy/],
    ['search data.csv -t kind --folds 1', 2, /folds/],
    ['search data.csv -t kind --queue mine', 2, /--queue: needs --connection/],
    ['search data.csv -t kind --connection redis://127.0.0.1:1 --workers 2', 2, /Leave --workers out/],
    ['search data.csv -t kind --sampler grid', 2, /a grid needs a number of values/],
  ])('feedforward %s', async (words, code, message) => {
    const outcome = await run(words);
    expect(outcome.stderr).toMatch(message);
    expect(outcome.code).toBe(code);
    expect(outcome.stdout).toBe('');
  });

  test('a file of a space that is not there, is empty, or names nothing, with what belongs in it', async () => {
    writeFileSync(file('empty.json'), '');
    writeFileSync(file('nothing.json'), '{}');
    writeFileSync(file('list.json'), '[[16], [32]]');
    for (const [path, code, why] of [
      ['none.json', 4, 'cannot read none.json: there is no such file.'],
      ['.', 4, 'cannot read .: it is a folder.'],
      ['empty.json', 3, 'empty.json is empty.'],
      ['nothing.json', 2, 'nothing.json names no option to search.'],
      ['list.json', 2, 'list.json names no option to search.'],
    ] as const) {
      const outcome = await run(`search data.csv -t kind --space ${path}`);
      expect(outcome.stderr).toContain(`--space: ${why} It holds the range of each option as JSON: { "dropout"`);
      expect(outcome.code).toBe(code);
    }
  }, 60_000);

  test('tables with fewer rows, or rows of a class, than folds', async () => {
    writeFileSync(file('tiny.csv'), 'a,kind\n1,x\n2,y\n3,x\n');
    writeFileSync(
      file('rare.csv'),
      `a,kind\n${Array.from({ length: 20 }, (_, i) => `${i},${i < 2 ? 'rare' : 'usual'}`).join('\n')}\n`,
    );
    expect((await run('search tiny.csv -t kind')).stderr).toMatch(/folds: 5 folds need at least 5 rows.* got 3/);
    const { stderr, code } = await run('search rare.csv -t kind');
    expect(stderr).toMatch(/the class "rare" has 2 rows/);
    expect(code).toBe(3);
    expect(existsSync(file('rare.ff.search'))).toBe(false);
  }, 60_000);

  test('a space with a mistake, by its name', async () => {
    writeFileSync(file('wrong.json'), '{ "dropout": { "unifrom": [0, 1] } }');
    expect((await run('search data.csv -t kind --space wrong.json')).stderr).toMatch(
      /space\.dropout: unknown kind of range "unifrom"\. Did you mean "uniform"\?/,
    );
    writeFileSync(file('wrong.json'), '{ "dropuot": [0, 0.5] }');
    expect((await run('search data.csv -t kind --space wrong.json')).stderr).toMatch(/dropuot.*dropout/);
  });
});
