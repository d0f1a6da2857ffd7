// Intervals and sets in the command line: rows kept from training, columns of predict, and what is refused.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { parseCsv } from '../../src/entries/parts/data.js';
import { loadEstimator, type MLPClassifier, type MLPRegressor } from '../../src/entries/parts/estimators.js';
import { feedforward } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'certainty-'));
afterAll(() => rmSync(folder, { recursive: true }));
const run = (words: string) => feedforward(words.split(' '), { cwd: folder });
const file = (name: string) => join(folder, name);

interface CertaintyReport {
  trainedOn: number;
  judgedOn: number;
  certainty: { rows: number; coverage: number; meanSize: number };
}

beforeAll(() => {
  const random = new Random(4, 'houses');
  const lines = Array.from({ length: 600 }, () => {
    const area = random.between(30, 200);
    const garden = random.below(2) === 1;
    const price = 2000 * area * (garden ? 1.2 : 1) + 20_000 * random.normal();
    return `${area.toFixed(1)},${garden},${price.toFixed(0)},${price > 250_000 ? 'dear' : price > 150_000 ? 'fair' : 'cheap'}`;
  });
  writeFileSync(file('houses.csv'), `area,garden,price,kind\n${lines.join('\n')}\n`);
});

describe('--calibration-size', () => {
  test('keeps rows from training, reports how often intervals hold, and predict --interval writes them', async () => {
    const trained = await run('train houses.csv -t price --drop kind --epochs 40 --calibration-size 0.25 -o price.ff --json');
    expect(trained.code, trained.stderr).toBe(0);
    const { trainedOn, judgedOn, certainty } = JSON.parse(trained.stdout) as CertaintyReport;
    expect([trainedOn, judgedOn, certainty.rows]).toEqual([360, 120, 120]);
    // 120 rows judge, and 120 were kept: three standard errors of the beta-binomial law are 0.12.
    expect(certainty.coverage).toBeGreaterThan(0.78);
    const { stdout } = await run('predict price.ff houses.csv --interval 0.8');
    const lines = stdout.trim().split('\n');
    expect(lines[0]).toBe('price,low(0.8),high(0.8)');
    const model = loadEstimator(readFileSync(file('price.ff'))) as MLPRegressor;
    const intervals = model.predictInterval(parseCsv(readFileSync(file('houses.csv'), 'utf8')), { confidence: 0.8 });
    lines.slice(1).forEach((line, i) => {
      const [price, low, high] = line.split(',').map(Number) as [number, number, number];
      // The command's binary may round the last bits of float32 otherwise.
      expect(low).toBeCloseTo(intervals.row(i)[0]!, 0);
      expect(high).toBeCloseTo(intervals.row(i)[1]!, 0);
      expect((low + high) / 2).toBeCloseTo(price, 3);
    });
  });

  test('of classes keeps each by its share, and predict --set says which classes are in', async () => {
    const trained = await run('train houses.csv -t kind --drop price --epochs 40 --calibration-size 120 -o kind.ff');
    expect(trained.stdout).toMatch(
      /sets of classes from 120 rows kept from training \(predict --set 0.9\): \d+\.\d % of the rows/,
    );
    const { stdout } = await run('predict kind.ff houses.csv --set 0.95 --proba --json');
    const rows = stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, number>); // biome-ignore format: one call
    const model = loadEstimator(readFileSync(file('kind.ff'))) as MLPClassifier;
    const sets = model.predictSet(parseCsv(readFileSync(file('houses.csv'), 'utf8')), { confidence: 0.95 });
    rows.forEach((row, i) => {
      expect(Object.keys(row)).toEqual([...['kind', 'p(cheap)', 'p(dear)', 'p(fair)', 'in(cheap)', 'in(dear)', 'in(fair)']]);
      for (const label of model.classes) expect(row[`in(${label})`]).toBe(sets[i]!.includes(label) ? 1 : 0);
    });
    expect(new Set(sets.map(({ length }) => length)).size).toBeGreaterThan(1);
  });

  test('is refused by its name where it leaves nothing to train on, and asked for where it was left out', async () => {
    for (const [words, message] of [
      [
        'train houses.csv -t price --calibration-size 480 -o x.ff',
        '--calibration-size 480 of 480 rows leaves no row to train on',
      ],
      ['predict kind.ff houses.csv --interval 0.9', '--interval: this model predicts classes, not numbers. Use --set.'],
      ['predict price.ff houses.csv --set 0.9', '--set: this model predicts numbers'],
      ['predict price.ff houses.csv --interval 90', '--interval: expected a number between 0 and 1, got 90.'],
      ['predict price.ff houses.csv --interval 0.999', 'confidence: 0.999 needs at least 999 rows to calibrate on'],
    ] as const) {
      const { code, stderr } = await run(words);
      expect(stderr).toContain(message);
      expect(code).not.toBe(0);
    }
    await run('train houses.csv -t price --epochs 2 -o plain.ff');
    const { stderr } = await run('predict plain.ff houses.csv --interval 0.9');
    expect(stderr).toContain('Train it with --calibration-size 0.2.');
  });
});

describe('--quantiles, --monotone and --convex', () => {
  test('learn quantiles whose median rises with a column, and intervals from them', async () => {
    const words = '--epochs 30 --calibration-size 0.25 --quantiles 0.1,0.5,0.9 --monotone area:1,garden:1';
    const trained = await run(`train houses.csv -t price --drop kind ${words} -o levels.ff --json`);
    expect(trained.code, trained.stderr).toBe(0);
    expect((JSON.parse(trained.stdout) as CertaintyReport).certainty.coverage).toBeGreaterThan(0.75);
    const model = loadEstimator(readFileSync(file('levels.ff'))) as MLPRegressor;
    expect([model.quantiles, model.options.monotone]).toEqual([[0.1, 0.5, 0.9], { area: 1, garden: 1 }]);
    const asked = (await run('predict levels.ff houses.csv --quantiles')).stdout.trim().split('\n');
    expect(asked[0]).toBe('price,quantile(0.1),quantile(0.5),quantile(0.9)');
    const quantiles = model.predictQuantiles(parseCsv(readFileSync(file('houses.csv'), 'utf8')));
    asked.slice(1).forEach((line, i) => {
      const [price, ...levels] = line.split(',').map(Number) as [number, ...number[]];
      expect(price).toBe(levels[1]);
      levels.forEach((value, k) => expect(value).toBeCloseTo(quantiles.row(i)[k]!, 0));
    });
    const rows = parseCsv(readFileSync(file('houses.csv'), 'utf8'));
    expect(Math.min(...model.inputGradient(rows).column('area'))).toBeGreaterThanOrEqual(0);
    const { stdout } = await run('predict levels.ff houses.csv --interval 0.8');
    const [price, low, high] = stdout.trim().split('\n')[1]!.split(',').map(Number);
    const interval = model.predictInterval(rows, { confidence: 0.8 }).row(0);
    expect([low, high].map((end, k) => Math.abs(end! - interval[k]!) < 1)).toEqual([true, true]);
    expect(Math.abs(price! - model.predictQuantiles(rows).row(0)[1]!)).toBeLessThan(1);
  });

  test('are refused by name', async () => {
    const refused = [
      ['train houses.csv -t kind --quantiles 0.1,0.9 -o x.ff', '--quantiles is for regression'],
      ['train houses.csv -t price --quantiles 0.9,0.1 -o x.ff', 'quantiles: expected numbers between 0 and 1 in ascending order'],
      ['train houses.csv -t price --monotone area -o x.ff', 'Expected column:1 or column:-1, got "area"'],
      ['train houses.csv -t price --monotone size:1 -o x.ff', 'monotone.size: there is no such column'],
      ['train houses.csv -t price --convex kind:1 -o x.ff', 'convex.kind: it becomes 3 inputs'],
    ] as const;
    for (const [words, text] of refused) {
      const { code, stderr } = await run(words);
      expect([code === 0, stderr.replaceAll(/\s+/g, ' ')]).toEqual([false, expect.stringContaining(text)]);
    }
  });
});

describe('--loss and --ordinal', () => {
  test('gaussianNll learns deviations, which predict --std writes beside intervals', async () => {
    const trained = await run('train houses.csv -t price --drop kind --epochs 40 --loss gaussianNll -o gauss.ff --quiet');
    expect([trained.code, trained.stderr]).toEqual([0, '']);
    const { stdout } = await run('predict gauss.ff houses.csv --std --interval 0.9');
    const [header, ...lines] = stdout.trim().split('\n');
    expect(header).toBe('price,std,low(0.9),high(0.9)');
    const model = loadEstimator(readFileSync(file('gauss.ff'))) as MLPRegressor;
    const deviations = model.predictStd(parseCsv(readFileSync(file('houses.csv'), 'utf8')));
    lines.forEach((line, i) => {
      const [price, std, low, high] = line.split(',').map(Number) as [number, number, number, number];
      expect(std).toBeCloseTo(deviations[i]!, 0);
      // 0.95 of a Gaussian lies below 1.6449 deviations above its mean.
      expect((high - low) / (2 * 1.6448536 * std)).toBeCloseTo(1, 4);
      expect((low + high) / 2 / price).toBeCloseTo(1, 4);
    });
  });

  test('--ordinal says the order of classes, of text and of numbers', async () => {
    const trained = await run('train houses.csv -t kind --drop price --epochs 40 --ordinal cheap,fair,dear -o order.ff --quiet');
    expect([trained.code, trained.stderr]).toEqual([0, '']);
    expect((loadEstimator(readFileSync(file('order.ff'))) as MLPClassifier).classes).toEqual(['cheap', 'fair', 'dear']);
    const { stdout } = await run('predict order.ff houses.csv --proba');
    expect(stdout.split('\n')[0]).toBe('kind,p(cheap),p(fair),p(dear)');
    const judged = JSON.parse((await run('evaluate order.ff houses.csv --json')).stdout);
    expect(judged.scores.accuracy).toBeGreaterThan(0.6); // the most frequent class has 0.4 of the rows
    writeFileSync(
      file('stars.csv'),
      `a,stars\n${Array.from({ length: 90 }, (_, i) => `${i % 30},${1 + Math.floor((i % 30) / 6)}`).join('\n')}\n`,
    );
    const numbers = await run('train stars.csv -t stars --epochs 5 --ordinal 1,2,3,4,5 --keep-columns a -o stars.ff --quiet');
    expect([numbers.code, numbers.stderr]).toEqual([0, '']);
    const stars = loadEstimator(readFileSync(file('stars.ff'))) as MLPClassifier;
    expect([stars.ordered, stars.classes]).toEqual([true, [1, 2, 3, 4, 5]]);
  });

  test('what does not go together is refused by name', async () => {
    for (const [words, refusal] of [
      ['train houses.csv -t kind --loss huber --task classification -o x.ff', '--loss is for regression'],
      ['train houses.csv -t price --ordinal 1,2,3 --task regression -o x.ff', '--ordinal is for classification'],
      ['train houses.csv -t kind --ordinal cheap,fair -o x.ff', 'dear'],
      ['train houses.csv -t kind --ordinal cheap -o x.ff', 'ordinal: expected true, or different labels'],
      ['train houses.csv -t price --loss gaussianNll --quantiles 0.1,0.9 -o x.ff', 'quantiles are learnt by the pinball loss'],
      ['train houses.csv -t kind --ordinal cheap,fair,dear --preset quick -o x.ff', 'preset'],
      ['train houses.csv -t price --loss cubic -o x.ff', 'Allowed choices are meanSquaredError'],
      ['predict gauss.ff houses.csv --quantiles', '--quantiles: this model learnt none'],
      ['predict order.ff houses.csv --std', '--std: this model predicts classes'],
      ['predict order.ff houses.csv --quantiles', '--quantiles: this model predicts classes'],
    ]) {
      const { code, stderr } = await run(words!);
      expect([words, code, stderr]).toEqual([words, expect.any(Number), expect.stringContaining(refusal!)]);
      expect(code, words).toBeGreaterThan(0);
    }
  });
});
