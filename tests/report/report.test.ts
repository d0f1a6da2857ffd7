// Reports of every kind of model: what is in the page, that its figures are those of the model, and what is refused.

import { createHash } from 'node:crypto';
import { parseHTML } from 'linkedom';
import { beforeAll, describe, expect, test } from 'vitest';
import * as datasets from '../../src/data/datasets.js';
import { metrics } from '../../src/entries/index.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { Perceptron } from '../../src/estimators/perceptron.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { MLP } from '../../src/mlp/mlp.js';
import { dense } from '../../src/plan/layers.js';
import { quantize } from '../../src/quantize/quantize.js';
import { report } from '../../src/report/report.js';
import { figure, withError } from '../../src/report/page/words.js';
import { flats, passengers } from './tables.js';

/** What readers of a page look for. */
function read(page: string) {
  const { document } = parseHTML(page);
  const sections = Array.from(document.querySelectorAll('section'), ({ id }) => id);
  const tables = Array.from(document.querySelectorAll('table'), (table) => ({
    caption: table.querySelector('caption')?.textContent ?? '',
    head: Array.from(table.querySelectorAll('thead th'), (cell) => cell.textContent!),
    rows: Array.from(table.querySelectorAll('tbody tr'), (row) => Array.from(row.children, (cell) => cell.textContent!)),
  }));
  const pictures = Array.from(document.querySelectorAll('figure svg[role="img"]'), (svg) => svg.getAttribute('aria-label') ?? '');
  return { document, sections, tables, pictures, text: document.body.textContent! };
}

/** What holds of every page. */
function check(page: string): void {
  expect(page.length).toBeLessThan(400_000);
  const { document, pictures, tables, text } = read(page);
  expect(document.querySelectorAll('script, link, img, iframe').length).toBe(0);
  expect(page).not.toMatch(/url\(|@import|https?:\/\/(?!www\.w3\.org)/);
  expect(text).not.toMatch(/NaN|\[object|undefined|Infinity/);
  expect(document.querySelectorAll('figure').length).toBe(pictures.length);
  for (const alt of pictures) expect(alt.length).toBeGreaterThan(30);
  for (const { caption, head, rows } of tables) {
    expect(caption).not.toBe('');
    for (const name of head) expect(name, caption).not.toBe('');
    for (const row of rows) expect(row.length, caption).toBe(head.length);
  }
  for (const link of document.querySelectorAll('nav a'))
    expect(document.querySelector(link.getAttribute('href')!), link.getAttribute('href')!).not.toBeNull();
}

describe('a classifier of two classes on a table', () => {
  const [train, kept, judge] = [passengers(400, 1), passengers(150, 2), passengers(200, 3)];
  let clf: MLPClassifier;
  let page: string;
  beforeAll(() => {
    clf = new MLPClassifier({ hiddenLayers: [12], epochs: 40, seed: 3, onWarning: false }).fitSync(train, 'survived');
    clf.conformalize(kept, 'survived').chooseThreshold(kept, 'survived', { metric: 'f1' });
    page = report(clf, judge, 'survived', { trainingData: [train, 'survived'], budget: 2, notes: ['A note of <mine>.'] });
  }, 120_000);

  test('has every section, fetches nothing, and escapes what the table holds', () => {
    check(page);
    expect(read(page).sections).toEqual([
      ...[
        'data',
        'scores',
        'confusion',
        'reliability',
        'thresholds',
        'intervals',
        'importance',
        'dependence',
        'rows',
        'training',
      ],
      ...['notes', 'making'],
    ]);
    expect(page).not.toContain('<S>');
    expect(page).toContain('A note of &lt;mine&gt;.');
  });

  test('shows the scores that the metrics give, beside rivals, with standard errors', () => {
    const truth = judge.labels('survived');
    const [scores] = read(page).tables.filter(({ caption }) => caption.startsWith('Scores'));
    expect(scores!.head).toEqual(['figure', 'this model', 'linear model', 'quick preset', 'always no']);
    const row = (name: string) => scores!.rows.find(([first]) => first === name)!;
    const accuracy = metrics.accuracy(truth, clf.predict(judge));
    expect(row('accuracy')[1]).toBe(withError(accuracy, Math.sqrt((accuracy * (1 - accuracy)) / 200)));
    const proba = clf.predictProba(judge);
    expect(row('log loss')[1]).toBe(figure(metrics.logLoss(truth, proba, { classes: clf.classes })));
    expect(row('ROC AUC')[1]).toBe(figure(metrics.rocAuc(truth, proba, { classes: clf.classes })));
    expect(row('lead of the model in accuracy')[4]).toMatch(/^\+0\.\d+ ± 0\.\d+$/);
  });

  test('shows thresholds, coverage and the SHA-256 of the model', () => {
    const { tables, text } = read(page);
    const thresholds = tables.find(({ caption }) => caption.startsWith('What thresholds'))!;
    expect(thresholds.rows.map(([name, value]) => [name, value]).slice(0, 2)).toEqual([
      ['a half', '0.5'],
      ['chosen', figure(clf.threshold!)],
    ]);
    const held = tables.find(({ caption }) => caption.startsWith('How often they hold'))!;
    const truth = judge.labels('survived');
    const share = clf.predictSet(judge, { confidence: 0.9 }).filter((set, i) => set.includes(truth[i]!)).length / 200;
    expect(held.rows.find(([confidence]) => confidence === '0.9')![1]).toBe(
      `${withError(100 * share, 100 * Math.sqrt((share * (1 - share)) / 200))} %`,
    );
    expect(text).toContain(createHash('sha256').update(clf.save()).digest('hex'));
  });

  test('tells of columns that drifted between the two, and not of others', () => {
    const older = passengers(200, 3);
    const shifted = report(
      clf,
      older.records().map((row) => ({ ...row, fare: (row['fare'] as number) * 3 })),
      'survived' as never,
      {
        trainingData: [train, 'survived'],
        baselines: false,
        budget: 0.5,
      } as never,
    );
    const told = read(shifted).tables.find(({ caption }) => caption.startsWith('Columns whose values differ'))!;
    expect(told.rows.map(([name]) => name)).toEqual(['fare']);
    expect(read(page).text).toContain('no difference that chance would not bring');
  });

  test('is the same text from the same call', () => {
    const again = { budget: 0.5, baselines: false };
    expect(report(clf, judge, 'survived', again)).toBe(report(clf, judge, 'survived', again));
  });
});

/** The sections of a report on a regressor that has intervals. */
const numbered = ['data', 'scores', 'residuals', 'intervals', 'importance', 'dependence', 'rows', 'training', 'notes', 'making'];

test('a regressor on a table has residuals, intervals and dependence in the units of its target', () => {
  const [train, kept, judge] = [flats(300, 1), flats(120, 2), flats(150, 3)];
  const reg = new MLPRegressor({ hiddenLayers: [16], epochs: 60, seed: 1, onWarning: false }).fitSync(train, 'rent');
  reg.conformalize(kept, 'rent');
  const page = report(reg, judge, 'rent', { trainingData: [train, 'rent'], budget: 2 });
  check(page);
  const { sections, tables, pictures } = read(page);
  expect(sections).toEqual(numbered);
  const truth = judge.numbers('rent');
  expect(tables.find(({ caption }) => caption.startsWith('Scores'))!.rows[0]![1]).toMatch(
    new RegExp(`^${metrics.r2(truth, reg.predict(judge)).toFixed(4)} ± `),
  );
  expect(pictures.filter((alt) => alt.startsWith('Mean rent by')).length).toBeGreaterThan(1);
});

test('classes, targets and networks of every kind have pages', () => {
  const X = Array.from({ length: 120 }, (_, i) => [Math.sin(i), Math.cos(2 * i), (i % 7) / 7]);
  const three = X.map(([a, b]) => (a! > 0.3 ? 'a' : b! > 0 ? 'b' : 'c'));
  const options = { hiddenLayers: [6], epochs: 10, onWarning: false, seed: 1 } as const;
  const many = new MLPClassifier(options).fitSync(X, three);
  const several = new MLPRegressor(options).fitSync(
    X,
    X.map(([a, b, c]) => [a! * b!, c!]),
  );
  const { X: moons, y } = datasets.moons({ samples: 120, noise: 0.1, seed: 1 });
  const network = (layers: ReturnType<typeof dense>[], loss: 'binaryCrossEntropy' | 'meanSquaredError' | 'hinge') =>
    new MLP({ inputs: 2, layers: [dense(5, { activation: 'tanh' }), ...layers], loss, seed: 1 });
  const sigmoid = network([dense(1, { activation: 'sigmoid' })], 'binaryCrossEntropy');
  const history = sigmoid.fitSync(moons, y, { epochs: 20, validationSplit: 0.2 });
  const labels = Array.from(y.data, (value) => (value === 1 ? 'up' : 'down'));
  const pages = {
    many: report(many, X, three, { trainingData: [X, three], budget: 1 }),
    several: report(
      several,
      X,
      X.map(([a, b, c]) => [a! * b!, c!]),
      { target: ['product', 'third'], trainingData: [X, X.map(([a, b, c]) => [a! * b!, c!])], budget: 1 },
    ),
    perceptron: report(new Perceptron({ epochs: 30 }).fitSync(moons, labels), moons, labels, {
      featureNames: ['across', 'up'],
      budget: 1,
    }),
    sigmoid: report(sigmoid, moons, y, { history, budget: 1 }),
    hinge: report(
      network([dense(1)], 'hinge'),
      moons,
      Array.from(y.data, (value) => 2 * value - 1),
      { budget: 1 },
    ),
    numbers: report(network([dense(2)], 'meanSquaredError'), moons, moons, { budget: 1 }),
    softmax: report(
      new MLP({ inputs: 3, layers: [dense(3, { activation: 'softmax' })], loss: 'sparseCategoricalCrossEntropy' }),
      X,
      X.map((_, i) => i % 3),
      { budget: 1 },
    ),
  };
  for (const [name, page] of Object.entries(pages)) {
    check(page);
    expect(read(page).sections, name).toEqual(expect.arrayContaining(['data', 'scores', 'notes', 'making']));
  }
  expect(read(pages.many).sections).toContain('reliability');
  expect(read(pages.several).text).toContain('product');
  expect(read(pages.perceptron).text).toContain('distance from the boundary');
  expect(read(pages.sigmoid).sections).toContain('training');
  expect(read(pages.hinge).sections).not.toContain('reliability');
});

describe('regressors and classifiers of other losses and shapes have pages', () => {
  const [train, kept, judge] = [flats(300, 1), flats(120, 2), flats(100, 3)];
  const options = { hiddenLayers: [12], epochs: 40, seed: 1, onWarning: false } as const;
  const made = { trainingData: [train, 'rent'], budget: 0.5, baselines: false } as const;
  const truth = judge.numbers('rent');
  const coverage = (page: string, confidence: string) =>
    read(page)
      .tables.find(({ caption }) => caption.startsWith('How often they hold'))!
      .rows.find(([asked]) => asked === confidence)!;
  const held = (reg: MLPRegressor, confidence: number) => {
    const { data } = reg.predictInterval(judge, { confidence });
    const share = truth.filter((value, i) => data[2 * i]! <= value && value <= data[2 * i + 1]!).length / truth.length;
    return `${withError(100 * share, 100 * Math.sqrt((share * (1 - share)) / truth.length))} %`;
  };
  const residualScore = (page: string) =>
    Number(
      read(page)
        .tables.find(({ caption }) => caption.startsWith('Scores'))!
        .rows[0]![1]!.split(' ± ')[0],
    );

  test('of quantiles: scores are those of the median, intervals those that kept rows made hold', () => {
    const reg = new MLPRegressor({ ...options, quantiles: [0.05, 0.5, 0.95] }).fitSync(train, 'rent');
    const without = report(reg, judge, 'rent', made);
    check(without);
    expect(read(without).sections).toEqual(numbered.filter((id) => id !== 'intervals'));
    expect(residualScore(without)).toBeCloseTo(metrics.r2(truth, reg.predict(judge)), 3);
    const page = report(reg.conformalize(kept, 'rent'), judge, 'rent', made);
    check(page);
    expect(read(page).sections).toEqual(numbered);
    expect(coverage(page, '0.9')[1]).toBe(held(reg, 0.9));
  });

  test('of a mean and a deviation: intervals are its own, or those that kept rows made hold, and the page says which', () => {
    const reg = new MLPRegressor({ ...options, loss: 'gaussianNll' }).fitSync(train, 'rent');
    const own = report(reg, judge, 'rent', made);
    check(own);
    expect(read(own).sections).toEqual(numbered);
    expect(coverage(own, '0.9')[1]).toBe(held(reg, 0.9));
    expect(read(own).text).toContain('bands of the Gaussian that the network learnt');
    expect(read(own).text).not.toContain('kept from training (split conformal');
    const page = report(reg.conformalize(kept, 'rent'), judge, 'rent', made);
    check(page);
    expect(coverage(page, '0.9')[1]).toBe(held(reg, 0.9));
    expect(read(page).text).toContain('kept from training (split conformal');
  });

  test('of several targets that each have a mean and a deviation', () => {
    const X = Array.from({ length: 120 }, (_, i) => [Math.sin(i), Math.cos(2 * i)]);
    const y = X.map(([a, b]) => [a! + b!, a! * b!]);
    const reg = new MLPRegressor({ ...options, loss: 'gaussianNll' }).fitSync(X, y);
    const page = report(reg, X, y, { target: ['sum', 'product'], trainingData: [X, y], budget: 0.5 });
    check(page);
    expect(read(page).tables.filter(({ caption }) => caption.startsWith('How often they hold')).length).toBe(2);
  });

  test('of columns with a shape: a curve of partial dependence goes one way', () => {
    const reg = new MLPRegressor({ ...options, monotone: { size: 1 }, convex: { built: 1 } }).fitSync(train, 'rent');
    const page = report(reg, judge, 'rent', { ...made, baselines: true });
    check(page);
    expect(read(page).sections).toEqual(numbered.filter((id) => id !== 'intervals'));
    expect(read(page).pictures.some((alt) => alt.startsWith('Mean rent by size'))).toBe(true);
  });

  test('of classes with an order: their order is that of the page', () => {
    const grade = (table: ReturnType<typeof flats>) =>
      Array.from(table.numbers('rent'), (rent) => (rent < 700 ? 'low' : rent < 1100 ? 'mid' : 'high'));
    const inputs = (table: ReturnType<typeof flats>) => table.drop(['rent']);
    for (const monotone of [undefined, { size: 1 as const }]) {
      const clf = new MLPClassifier({ ...options, ordinal: ['low', 'mid', 'high'], ...(monotone && { monotone }) });
      clf.fitSync(inputs(train), grade(train)).conformalize(inputs(kept), grade(kept));
      const page = report(clf, inputs(judge), grade(judge), {
        ...{ trainingData: [inputs(train), grade(train)], target: 'grade', budget: 0.5 },
      });
      check(page);
      const { sections, tables } = read(page);
      expect(sections).toEqual(expect.arrayContaining(['confusion', 'reliability', 'intervals', 'dependence', 'rows']));
      const perClass = tables.find(({ rows }) => rows.length === 3 && rows.some(([label]) => label === 'mid'))!;
      expect(perClass.rows.map(([label]) => label)).toEqual(['low', 'mid', 'high']);
    }
  });
});

test('a wide table stays below 400 kB, and one row or one column is a page too', () => {
  const wide = Array.from({ length: 60 }, (_, i) => Array.from({ length: 300 }, (__, j) => Math.sin(i * j + j)));
  const y = wide.map((row) => row[0]! + row[1]!);
  const reg = new MLPRegressor({ hiddenLayers: [4], epochs: 3, onWarning: false }).fitSync(wide, y);
  check(report(reg, wide, y, { trainingData: [wide, y], baselines: false, budget: 1 }));
  const narrow = new MLPRegressor({ hiddenLayers: [4], epochs: 3, onWarning: false }).fitSync([[1], [2], [3], [4]], [1, 2, 3, 4]);
  for (const rows of [1, 2]) {
    const page = report(narrow, [[1], [2]].slice(0, rows), [1, 2].slice(0, rows), { budget: 1 });
    expect(read(page).sections).toContain('scores');
  }
});

test('refuses what it has no page for, by name', () => {
  const X = [[0], [1], [2], [3]];
  const clf = new MLPClassifier({ hiddenLayers: [2], epochs: 1, onWarning: false }).fitSync(X, [
    [0, 1],
    [1, 1],
    [1, 0],
    [0, 0],
  ]);
  expect(() => report(clf, X, X)).toThrow(/several yes-or-no answers/);
  expect(() => report(new MLPClassifier(), X, X)).toThrow(expect.objectContaining({ code: 'ERR_STATE' }));
  expect(() => report({} as MLPClassifier, X, X)).toThrow(/expected an MLP, or a fitted MLPClassifier/);
  const small = quantize(
    new MLP({ inputs: 2, layers: [dense(1)] }),
    { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] },
    { maxLoss: 1 },
  );
  expect(() => report(small as unknown as MLPClassifier, [[1, 2]], [[1]])).toThrow(
    /report: this is a model of whole numbers, which knows neither/,
  );
  const reg = new MLPRegressor({ hiddenLayers: [2], epochs: 1, onWarning: false }).fitSync(X, [0, 1, 2, 3]);
  expect(() => report(reg, X, [1, 2])).toThrow(/X has 4 rows, but its targets are 2/);
  expect(() =>
    report(reg, X, [
      [1, 2],
      [1, 2],
      [1, 2],
      [1, 2],
    ]),
  ).toThrow(/y has 2 columns, but this model predicts 1/);
  expect(() => report(reg, X, [0, 1, 2, 3], { titel: 'x' } as never)).toThrow(/titel.*title/);
  expect(() => report(reg, X, [0, 1, 2, 3], { plot: {} })).toThrow(/report.plot: expected the module @observablehq\/plot/);
  expect(() => report(reg, X, [0, 1, 2, 3], { featureNames: ['a', 'b'] })).toThrow(/2 names, but this model has 1 inputs/);
});
