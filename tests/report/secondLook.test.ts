// A second figure beside R^2 and accuracy, where these find a model no better than a rival.

import { expect, test } from 'vitest';
import type { Label } from '../../src/data/labels.js';
import { Matrix } from '../../src/data/matrix.js';
import { Random } from '../../src/data/random.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { Table } from '../../src/data/table.js';
import { reportWithFacts } from '../../src/report/report.js';
import { secondLook } from '../../src/report/facts/secondLook.js';

const random = new Random(3, 'second look');
const rows = 500;
const signal = Float64Array.from({ length: rows }, () => 10 * random.uniform());
const noise = Float64Array.from({ length: rows }, () => random.normal());
const truth = signal.map((value, i) => value + noise[i]!);
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const said = (model: Float64Array, of: Float64Array, linear?: Float64Array) => [
  { name: 'this model', predictions: { predicted: model } },
  ...(linear === undefined ? [] : [{ name: 'linear model', predictions: { predicted: linear } }]),
  { name: 'always the mean', predictions: { predicted: new Float64Array(of.length).fill(mean(of)) } },
];

test('a model that is right but for one row far off is told from one that says nothing', () => {
  const spoilt = signal.with(40, 120);
  const look = secondLook(
    truth,
    said(
      spoilt,
      truth,
      signal.map((value) => 0.5 * value + 2.5),
    ),
    rows,
  )!;
  expect(look.beaten).toBe('the constant');
  const error = mean(truth.map((value, i) => Math.abs(value - spoilt[i]!)));
  expect(look.text).toMatch(
    /^1 of 500 rows carries \d\d % of its squared error, which R\^2 is about then\. The mean absolute error says that the model has learnt something: this model /,
  );
  expect(look.text).toContain(`this model ${Number(error.toPrecision(4))}, linear model `);
  expect(look.text).toMatch(/always the mean 2\.\d+, always the median 2\.\d+\.$/);
  expect(secondLook(truth, said(signal, truth), rows)).toBeUndefined();
});

test('always the median of skewed targets has learnt nothing, though its absolute error is below that of the mean', () => {
  const skewed = noise.map((value) => Math.exp(1.2 * value));
  const middle = skewed.slice().sort()[250]!;
  const still = skewed.map((_, i) => middle + 1e-3 * Math.sin(i));
  const errors = (answer: number) => mean(skewed.map((value) => Math.abs(value - answer)));
  expect(errors(middle)).toBeLessThan(0.9 * errors(mean(skewed)));
  expect(secondLook(skewed, said(still, skewed), rows)?.beaten).toBeUndefined();
});

test('a model of noise is no better by either figure, and nothing is said where no few rows carry the error', () => {
  const wild = noise.map((_, i) => noise[(i * 7 + 3) % rows]!);
  expect(secondLook(noise, said(wild, noise), rows)).toBeUndefined();
  const look = secondLook(noise, said(wild.with(9, 1000), noise), rows)!;
  expect(look.beaten).toBeUndefined();
  expect(look.text).toMatch(/^1 of 500 rows carries 99 % .* says no more for the model/);
});

test('a linear model that is better by a few rows alone is named as such, and one that is better is not', () => {
  const rough = signal.map((value) => 0.5 * value + 2.5);
  const spoilt = signal.with(40, truth[40]! + 50);
  expect(secondLook(truth, said(spoilt, truth, rough), rows)).toMatchObject({
    beaten: 'the linear model',
    text: expect.stringContaining('better than the linear one') as string,
  });
  expect(secondLook(truth, said(rough, truth, signal), rows)).toBeUndefined();
  expect(secondLook(truth, said(rough.with(40, truth[40]! + 50), truth, signal), rows)).toBeUndefined();
});

test('of folds dealt twice rows are counted, not answers, and one row says nothing', () => {
  const twice = Float64Array.of(...truth, ...truth);
  const model = Float64Array.of(...signal.with(40, 900), ...signal.with(40, 900));
  expect(secondLook(twice, said(model, twice), rows)!.text).toMatch(/^1 of 500 rows carries/);
  expect(secondLook(Float64Array.of(2), said(Float64Array.of(3), Float64Array.of(2)), 1)?.beaten).toBeUndefined();
});

test('of classes: probabilities that know more than the shares of the classes are named where accuracy says no', () => {
  const labels = Array.from(signal, (value, i): Label => (i % 5 === 0 && value > 8 ? 'yes' : 'no'));
  const classes = ['no', 'yes'];
  const answers = (chance: (i: number) => number) => [
    {
      name: 'this model',
      predictions: {
        predicted: labels.map((): Label => 'no'),
        proba: new Matrix(
          Float32Array.from({ length: 2 * rows }, (_, k) => (k % 2 === 1 ? chance(k >> 1) : 1 - chance(k >> 1))),
          rows,
          2,
        ),
        classes,
      },
    },
    { name: 'always no', predictions: { predicted: labels.map((): Label => 'no') } },
  ];
  const share = labels.filter((label) => label === 'yes').length / rows;
  const entropy = -share * Math.log(share) - (1 - share) * Math.log(1 - share);
  const look = secondLook(
    labels,
    answers((i) => (signal[i]! > 8 ? 0.2 : 0.001)),
    rows,
  )!;
  expect(look.beaten).toBe('the constant');
  expect(look.text).toMatch(
    /^Its probabilities say more than the shares of the classes: log loss 0\.\d+ against 0\.\d+, ROC AUC 0\.9\d+\./,
  );
  expect(look.text).toContain(`against ${Number(entropy.toPrecision(4))}`);
  expect(
    secondLook(
      labels,
      answers(() => share),
      rows,
    ),
  ).toBeUndefined();
  expect(
    secondLook(
      labels,
      answers((i) => (i % 50 === 0 ? 0.3 : 0.03)),
      rows,
    ),
  ).toBeUndefined();
});

test('programs get it beside the page, as data, with what was left out and the notes', () => {
  // The last row to judge is a slip of the key that looks like the others: squared errors are about it, and a model of the others is behind the mean.
  const table = (first: number, last: number) =>
    Table.fromRecords(
      Array.from({ length: last - first }, (_, i) => {
        const at = (first + i) % rows;
        return { x: signal[at]!, mark: i === 0 ? 1 : 0, id: `row ${first + i}`, y: i === 0 ? 40 * first : truth[at]! };
      }),
    );
  const [train, judge] = [table(10, 250), table(250, 500)];
  const model = new MLPRegressor({ hiddenLayers: [], epochs: 30, onWarning: false }).fitSync(train, 'y');
  const { page, facts } = reportWithFacts(model, judge, 'y', {
    baselines: false,
    budget: 0.1,
    notes: ['Nothing was left out by hand.'],
  });
  expect(facts.secondLook?.text).toMatch(/^1 of 250 rows carries 9\d % of its squared error/);
  expect(page).toContain(`<span id="second-look">${facts.secondLook!.text.replaceAll('R^2', 'R²')}</span>`);
  expect(facts.leftOut).toEqual([expect.stringMatching(/^Column "id" was left out: it holds \d+ different texts/)]);
  expect(facts.notes.at(-1)).toBe('Nothing was left out by hand.');
  expect(facts.notes.filter((note) => note.includes('extreme value'))).toHaveLength(1); // of the rows that train
});
