// The command line as it was built, in processes of its own.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { datasets } from '../../src/entries/parts/data.js';
import { Random } from '../../src/data/random.js';
import { MLPClassifier } from '../../src/entries/parts/estimators.js';
import { readSafetensors } from '../../src/formats/safetensors.js';
import { feedforward, type Outcome } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'cli-'));
afterAll(() => rmSync(folder, { recursive: true }));
const run = (words: string, options: { input?: string; started?: Parameters<typeof feedforward>[1]['started'] } = {}) =>
  feedforward(words.split(' '), { cwd: folder, ...options });
const file = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(file(name), 'utf8');

/** Nothing but one line on standard error, none of it a stack. */
function expectOneLine({ stderr, stdout }: Outcome) {
  expect(stderr.trim().split('\n').length, stderr).toBe(1);
  expect(stderr).toMatch(/^feedforward: /);
  expect(stderr).not.toMatch(/at .*\.js:\d+/);
  expect(stdout).toBe('');
}

interface TrainReport {
  scores: Record<string, number>;
  judgedOn: number;
  standardErrors: { model: number; constant: number };
  baselines: { constant: { scores: Record<string, number> } };
  importance: { name: string }[];
  training: { lossCurve: number[] };
}

let housesOutcome: Outcome;

beforeAll(async () => {
  const { X, y } = datasets.gaussians({ samples: 150, classes: 3, features: 3, deviation: 1.5, seed: 2 });
  const trees = Array.from(y.data, (id) => ['ash', 'birch', 'cedar'][id]!);
  writeFileSync(
    file('trees.csv'),
    ['height,girth,age,tree', ...trees.map((tree, i) => [...X.row(i), tree].join(','))].join('\n'),
  );
  const random = new Random(6);
  const cell = (value: unknown) => (random.uniform() < 0.03 ? '' : value);
  const houses = Array.from({ length: 400 }, (_, i) => {
    const area = random.between(30, 200);
    const part = ['north', 'south', 'old town'][random.below(3)]!;
    const garden = random.below(2) === 1;
    const price = 1000 * area * { north: 2, south: 3, 'old town': 5 }[part]! * (garden ? 1.1 : 1) + 2000 * random.normal();
    return [`h${i}`, cell(area.toFixed(1)), cell(part), garden, `${1950 + random.below(70)}-06-01`, price.toFixed(0)].join(';');
  });
  writeFileSync(file('houses.csv'), ['id;area;part;garden;built;price', ...houses].join('\n'));
  housesOutcome = await run('train houses.csv --target price -o houses.ff --drop id --epochs 100');
});

describe('train', () => {
  test('reports what the model is worth beside what it must beat, and saves it', () => {
    const { code, stdout, stderr } = housesOutcome;
    expect(stderr).toBe('');
    expect(code).toBe(0);
    for (const part of [
      /^houses\.csv: 400 rows, 6 columns; 1 numeric, 1 categorical, 1 boolean, 1 date -> 7 inputs$/m,
      /^target: price, regression \(inferred; --task classification for the other\)$/m,
      /^score on 80 held-out rows +this model +linear model +quick preset +always the mean$/m,
      /^ {2}R\^2 +0\.9\d+ ± 0\.0\d+ +0\.\d+ ± 0\.\d+ +0\.9\d+ ± 0\.\d+ +-?0\.\d+ ± 0\.\d+/m,
      /^residuals \(truth minus prediction\): mean/m,
      /^training and held-out loss over \d+ epochs/m,
      /^ +\S+ │[⠀-⣿]+$/m,
      /^what it relies on: R\^2 lost when a column is shuffled$/m,
      /^ {2}area +[\d.]+ +█+/m,
      /^saved houses\.ff \(\d+ (bytes|kB)\): [\d,]+ parameters; .* memory at most \d+ MB$/m,
    ])
      expect(stdout).toMatch(part);
  });

  test('tells programs the same as JSON, the same on every run', async () => {
    const train = 'train trees.csv -t tree --json --epochs 30';
    const [a, b] = [await run(`${train} -o a.ff`), await run(`${train} -o b.ff`)];
    const report = JSON.parse(a.stdout) as TrainReport;
    expect(a.stderr).toBe('');
    expect(report).toMatchObject({
      command: 'train',
      data: 'trees.csv',
      rows: 150,
      inputs: 3,
      target: 'tree',
      task: 'classification',
      classes: ['ash', 'birch', 'cedar'],
      trainedOn: 150,
      judgedOn: 150,
      model: 'a.ff',
    });
    expect(report.scores['accuracy']).toBeGreaterThan(0.8);
    expect(report.baselines.constant.scores['accuracy']).toBeCloseTo(1 / 3, 1);
    // The standard error of a share.
    const { model, constant } = report.standardErrors;
    const spread = (share: number) => Math.sqrt((share * (1 - share)) / report.judgedOn);
    expect(model).toBeCloseTo(spread(report.scores['accuracy']!), 12);
    expect(constant).toBeCloseTo(spread(report.baselines.constant.scores['accuracy']!), 12);
    expect(report.importance.map(({ name }) => name).sort()).toEqual(['age', 'girth', 'height']);
    expect(JSON.parse(b.stdout)).toMatchObject({
      scores: report.scores,
      training: { lossCurve: report.training.lossCurve },
    });
    expect(readFileSync(file('a.ff'))).toEqual(readFileSync(file('b.ff')));
    const other = JSON.parse((await run(`${train} --seed 3 -o c.ff`)).stdout) as typeof report;
    expect(other.training.lossCurve).not.toEqual(report.training.lossCurve);
    // The file is an estimator of the library.
    const clf = MLPClassifier.load(readFileSync(file('a.ff')));
    expect(clf.classes).toEqual(['ash', 'birch', 'cedar']);
    expect(clf.featureNames).toEqual(['height', 'girth', 'age']);
  });

  test('works on ten rows: cross-validated, trained on all', async () => {
    writeFileSync(file('ten.csv'), `x,y\n${Array.from({ length: 10 }, (_, i) => `${i},${3 * i + 1}`).join('\n')}\n`);
    const { code, stdout } = await run('train ten.csv -t y --epochs 50');
    expect(code).toBe(0);
    expect(stdout).toMatch(/score on 5-fold cross-validation, dealt twice/);
    expect(stdout).toMatch(/^ {2}R\^2 by fold: /m);
    expect(stdout).toMatch(/trained on all rows/);
    expect(existsSync(file('ten.ff'))).toBe(true);
    writeFileSync(file('three.csv'), 'x,y\n1,a\n2,b\n3,a\n');
    expect((await run('train three.csv -t y --epochs 5 --quiet')).code).toBe(0);
  });

  test('--cv judges by folds, --test-size 0 not at all, --quiet says nothing', async () => {
    const folds = JSON.parse((await run('train trees.csv -t tree --cv 3 --epochs 20 --json -o cv.ff')).stdout) as {
      foldScores: number[];
      trainedOn: number;
      confusion: { counts: number[][] };
    };
    expect(folds.foldScores.length).toBe(3);
    expect(folds.trainedOn).toBe(150);
    expect(folds.confusion.counts.flat().reduce((a, b) => a + b)).toBe(150);
    expect((await run('train trees.csv -t tree --test-size 0 --epochs 5 -o none.ff')).stdout).toMatch(/No rows were held out/);
    expect(await run('train trees.csv -t tree --quiet --epochs 5 -o quiet.ff')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('takes data from standard input, columns, types and marks as told', async () => {
    const text = 'plz;size;ort\n01067;1,5;Dresden\n01069;2,5;Dresden\n'.concat(
      '10115;7,25;Berlin\n10117;8;Berlin\n'.repeat(20),
      '01067;1,75;-\n',
    );
    const words = 'train - -t ort --decimal , --missing - --types plz=categorical --epochs 5 --json -o plz.ff';
    const { code, stdout, stderr } = await run(words, { input: text });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      data: 'standard input',
      kinds: { numeric: 1, categorical: 1 },
      notes: expect.arrayContaining([
        expect.stringMatching(/^1 row without a value in "ort"/),
        expect.stringMatching(/^Column "plz" alone tells the target/),
      ]),
    });
    const answer = await run('predict plz.ff -', { input: 'size;plz\n7,25;10115\n' });
    expect(answer.stdout).toMatch(/^ort\n(Berlin|Dresden)\n$/);
    const headless = await run(
      'train - -t column=3 --no-header --epochs 5 --json -o headless.ff'.replace('column=3', 'column3'),
      { input: '1,2,a\n3,4,b\n' },
    );
    expect(headless.stderr).toMatch(/has no column "column3". Did you mean "column 3"/);
  });

  test('Ctrl-C saves a checkpoint, says how to go on, and going on works', async () => {
    let outcome: Outcome | undefined;
    // Once training has begun there is something to save; on a busy machine that takes its time.
    for (const wait of [1200, 3000, 8000]) {
      outcome = await run(
        'train houses.csv -t price --drop id --epochs 1000000 --patience 0 --test-size 40 --time-budget 20 -o stopped.ff',
        {
          started: (child) => void setTimeout(() => child.kill('SIGINT'), wait),
        },
      );
      if (!/before training/.test(outcome.stderr)) break;
    }
    expectOneLine(outcome!);
    expect(outcome!.code).toBe(130);
    expect(outcome!.stderr).toMatch(
      /Interrupted after \d+ epochs; saved stopped\.ff\.checkpoint\. Go on with: feedforward train houses\.csv --resume stopped\.ff\.checkpoint -o stopped\.ff/,
    );
    const epochs = Number(/after (\d+) epochs/.exec(outcome!.stderr)![1]);
    expect((await run('info stopped.ff.checkpoint')).stdout).toMatch(/a checkpoint: the training can be resumed/);
    expect((await run('predict stopped.ff.checkpoint houses.csv')).stdout.split('\n').length).toBe(402);
    // Ended again soon: what matters is that it goes on from there.
    const again = await run('train houses.csv --resume stopped.ff.checkpoint -o stopped.ff', {
      started: (child) => void setTimeout(() => child.kill('SIGINT'), 1500),
    });
    expect(again.code).toBe(130);
    const further = /after (\d+) epochs/.exec(again.stderr);
    if (further !== null) expect(Number(further[1])).toBeGreaterThan(epochs);
    expect((await run('train houses.csv --resume houses.ff')).stderr).toMatch(/finished model, no checkpoint/);
  }, 60_000);
});

describe('predict', () => {
  test('writes CSV that joins with the data, row by row, and to a file as well', async () => {
    const { code, stdout } = await run('predict houses.ff houses.csv --keep id,part');
    expect(code).toBe(0);
    const lines = stdout.trim().split('\n');
    expect(lines.length).toBe(401);
    expect(lines[0]).toBe('id,part,price');
    expect(lines[1]).toMatch(/^h0,[a-z ]*,\d+(\.\d+)?$/);
    expect((await run('predict houses.ff houses.csv --keep id,part -o out.csv')).stdout).toBe('');
    expect(read('out.csv')).toBe(stdout);
  });

  test('pipes: reads standard input, gives probabilities, JSON lines and a warning where it extrapolates', async () => {
    await run('train trees.csv -t tree --epochs 60 -o trees.ff --quiet');
    const input = read('trees.csv').split('\n').slice(0, 3).join('\n');
    const proba = await run('predict trees.ff --proba', { input });
    expect(proba.stdout.split('\n')[0]).toBe('tree,p(ash),p(birch),p(cedar)');
    const row = proba.stdout.split('\n')[1]!.split(',');
    expect(row.slice(1).reduce((sum, p) => sum + Number(p), 0)).toBeCloseTo(1, 4);
    const json = await run('predict trees.ff - --json', { input });
    expect(
      json.stdout
        .trim()
        .split('\n')
        .map((line) => Object.keys(JSON.parse(line) as object)),
    ).toEqual([['tree'], ['tree']]);
    const far = await run('predict trees.ff -', { input: 'age,girth,height,other\n1e6,3,3,x\n' });
    expect(far.code).toBe(0);
    expect(far.stderr).toMatch(
      /^feedforward: warning: 1 of 1 rows lie outside the range of the training data: age is 1\.00e\+6 \(training: /,
    );
  });
});

test('evaluate scores other rows beside the score of training', async () => {
  const { code, stdout } = await run('evaluate houses.ff houses.csv');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^score +these rows +held-out rows$/m);
  const report = JSON.parse((await run('evaluate houses.ff houses.csv --json')).stdout) as {
    scores: { r2: number };
    rows: number;
  };
  expect(report.scores.r2).toBeGreaterThan(0.85);
  expect(report.rows).toBe(400);
  const input = `${read('trees.csv')}\n1,2,3,willow\n`;
  await run('train trees.csv -t tree --epochs 30 -o trees2.ff --quiet');
  const unknown = await run('evaluate trees2.ff - --json', { input });
  expect(unknown.code).toBe(0);
  expect(unknown.stdout).toMatch(/"willow"/);
});

test('info says what is in a model, export hands it on', async () => {
  const info = await run('info houses.ff');
  expect(info.stdout).toMatch(/^houses\.ff: regression of price$/m);
  expect(info.stdout).toMatch(/^ {2}part +categorical +north, old town, south$/m);
  expect(info.stdout).toMatch(/^ {2}built +date +19\d\d-06-01 to 20\d\d-06-01$/m);
  expect(info.stdout).toMatch(/^score by held-out rows, 80 rows: R\^2 0\.9/m);
  expect(JSON.parse((await run('info houses.ff --json')).stdout)).toMatchObject({
    task: 'regression',
    target: 'price',
    checkpoint: false,
  });
  expect((await run('export houses.ff -o houses.onnx')).code).toBe(0);
  expect(readFileSync(file('houses.onnx')).length).toBeGreaterThan(1000);
  expect(JSON.parse((await run('export houses.ff -o houses.safetensors --json')).stdout)).toMatchObject({
    format: 'safetensors',
  });
  expect([...readSafetensors(readFileSync(file('houses.safetensors'))).tensors.keys()]).toContain('layers.0.weight');
  expect((await run('export houses.ff -o houses.mjs --format module')).code).toBe(0);
  const { selfTest, inputs } = (await import(file('houses.mjs'))) as { selfTest: () => number; inputs: number };
  expect(selfTest()).toBeLessThan(1e-4);
  expect(inputs).toBe(7);
  expect((await run('export houses.ff -o small.wasm')).stdout).toMatch(
    /^saved small\.wasm .*\nsaved small\.js .*\nsaved small\.d\.ts /,
  );
  expect((await run('export houses.ff -o houses.xyz')).code).toBe(2);
});

test('names in a file that a terminal would obey are shown, not obeyed', async () => {
  writeFileSync(file('evil.csv'), `a\u001b]0;owned\u0007,b\n${'1,x\u009b31m\n2,\u202ey\n3,x\u009b31m\n4,\u202ey\n'.repeat(3)}`);
  const trained = await run('train evil.csv --target b --epochs 3');
  expect(trained.code).toBe(0);
  const told = await run('info evil.ff');
  for (const { stdout, stderr } of [trained, told, await run('info evil.ff --json')])
    for (const command of ['\u001b', '\u0007', '\u009b', '\u202e']) expect(`${stdout}${stderr}`).not.toContain(command);
  expect(told.stdout).toContain('a\\u001b]0;owned\\u0007');
  expect(JSON.parse((await run('info evil.ff --json')).stdout)).toMatchObject({
    classes: ['x\u009b31m', '\u202ey'],
    featureNames: ['a\u001b]0;owned\u0007'],
  });
});

test('bench times the standard nets', async () => {
  const { code, stdout } = await run('bench --seconds 1 --json');
  expect(code).toBe(0);
  const { figures } = JSON.parse(stdout) as {
    figures: { net: string; engine: string; trainingStep: number; prediction: number }[];
  };
  expect(new Set(figures.map(({ net }) => net))).toEqual(new Set(['2-16-16-1', '10-64-64-1', '784-128-10', '784-512-512-10']));
  expect(figures.every(({ trainingStep, prediction }) => trainingStep > 0 && prediction > 0)).toBe(true);
}, 60_000);

test('bench says what determinism costs, and times the 256-bit pass or says why not', async () => {
  const { code, stdout } = await run('bench --seconds 1');
  expect(code).toBe(0);
  expect(stdout).toMatch(/deterministic: true .*costs (nothing|-?\d+ to -?\d+ %)/);
  expect(stdout).toMatch(/ {2}256-bit pass {2}|the 256-bit pass is off: /);
}, 60_000);

test('help has examples and the exit codes', async () => {
  const { code, stdout } = await run('--help');
  expect(code).toBe(0);
  expect(stdout).toMatch(/Examples:\n {2}feedforward train houses\.csv --target price/);
  expect(stdout).toMatch(/Exit codes:\n {4}0 {2}done/);
  const commands = ['train', 'predict', 'evaluate', 'info', 'export', 'bench'];
  const pages = await Promise.all(commands.map((command) => run(`${command} --help`)));
  pages.forEach((help, i) => {
    expect(help.code).toBe(0);
    expect(help.stdout, commands[i]).toMatch(/Examples?:\n {2}feedforward /);
  });
  expect((await run('--version')).stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
});

test('50,000 rows of 20 columns stay within 250 MB, read in two passes', async () => {
  const random = new Random(1);
  const lines = [Array.from({ length: 20 }, (_, j) => (j < 19 ? `x${j}` : 'y')).join(',')];
  for (let i = 0; i < 50_000; i++) {
    const row = Array.from({ length: 19 }, () => random.between(-1, 1));
    lines.push(`${row.map((x) => x.toFixed(4)).join(',')},${(row[0]! * 3 + row[1]! * row[2]!).toFixed(4)}`);
  }
  writeFileSync(file('large.csv'), lines.join('\n'));
  const { code, stdout, stderr } = await run('train large.csv -t y --epochs 1 --json');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const { peakMemoryBytes, scores, rows } = JSON.parse(stdout) as {
    peakMemoryBytes: number;
    scores: { r2: number };
    rows: number;
  };
  expect(rows).toBe(50_000);
  expect(scores.r2).toBeGreaterThan(0.9);
  expect(peakMemoryBytes).toBeLessThan(250e6);
}, 60_000);
