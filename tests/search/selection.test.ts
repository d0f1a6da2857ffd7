import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { datasets, metrics, parseCsv, stratifiedKFold } from '../../src/entries/parts/data.js';
import {
  crossValidate,
  gridSearch,
  loadEstimator,
  MLPClassifier,
  MLPRegressor,
  Perceptron,
  permutationImportance,
  randomSearch,
  type SearchProgress,
} from '../../src/entries/parts/estimators.js';
import { rejection, refusal } from '../support/errors.js';

const { X, y: ids } = datasets.gaussians({ samples: 90, classes: 3, features: 3, deviation: 2.5, seed: 4 });
const y = Array.from(ids.data, (id) => ['ash', 'birch', 'cedar'][id]!);
const quick = { epochs: 10, hiddenLayers: [8], onWarning: false } as const;

const folder = mkdtempSync(join(tmpdir(), 'selection-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('crossValidate', () => {
  test('is the loop one would write by hand, with classes in proportion', async () => {
    const clf = new MLPClassifier(quick);
    const result = await crossValidate(clf, X, y, { folds: 3, seed: 5 });
    const byHand = [...stratifiedKFold(y, { folds: 3, seed: 5 })].map(({ train, test }) => {
      const take = (indices: Uint32Array) => Array.from(indices, (i) => [...X.row(i)]);
      const model = clf.clone().fitSync(
        take(train),
        Array.from(train, (i) => y[i]!),
      );
      return model.score(
        take(test),
        Array.from(test, (i) => y[i]!),
      );
    });
    expect(result.scores).toEqual(byHand);
    expect(result.mean).toBeCloseTo(byHand.reduce((a, b) => a + b) / 3, 12);
    expect(result.folds.map(({ trainRows, testRows }) => [trainRows, testRows])).toEqual([
      [60, 30],
      [60, 30],
      [60, 30],
    ]);
    expect(clf.isFitted).toBe(false);
  });

  test('takes other scores by name or as a function, and the folds themselves', async () => {
    const clf = new MLPClassifier(quick);
    const folds = [...stratifiedKFold(y, { folds: 3 })];
    for (const scoring of ['balancedAccuracy', 'f1', 'precision', 'recall', 'rocAuc', 'logLoss'] as const)
      expect((await crossValidate(clf, X, y, { folds, scoring })).mean, scoring).toBeGreaterThan(0);
    const own = await crossValidate(clf, X, y, {
      folds,
      scoring: (fitted, testX, testY) => metrics.accuracy(testY, (fitted as MLPClassifier).predict(testX) as string[]),
    });
    expect(own.scores).toEqual((await crossValidate(clf, X, y, { folds, scoring: 'accuracy' })).scores);
    const regressor = await crossValidate(new MLPRegressor(quick), X, ids.data, { folds: 3, scoring: 'rootMeanSquaredError' });
    expect(regressor.mean).toBeGreaterThan(0);
    expect((await rejection(crossValidate(clf, X, y, { scoring: 'r2' }))).message).toMatch(/"r2" is for regressors/);
    expect((await rejection(crossValidate(clf, X, y, { scoring: 'acuracy' as never }))).message).toMatch(
      /Did you mean "accuracy"/,
    );
  });

  test('takes tables, perceptrons and several targets', async () => {
    const lines = y.map((name, i) => `${X.row(i)[0]},${X.row(i)[1]! > 0 ? 'up' : 'down'},${name}`);
    const table = parseCsv(['a,b,tree', ...lines].join('\n'));
    expect((await crossValidate(new MLPClassifier(quick), table, 'tree', { folds: 3 })).mean).toBeGreaterThan(0.3);
    const two = y.map((name) => name === 'ash');
    expect((await crossValidate(new Perceptron({ epochs: 50 }), X, two, { folds: 3 })).mean).toBeGreaterThan(0.5);
    const targets = X.toArray().map(([a, b]) => [a!, b! + 1]);
    expect((await crossValidate(new MLPRegressor({ ...quick, epochs: 100 }), X, targets, { folds: 3 })).mean).toBeGreaterThan(
      0.8,
    );
    expect((await rejection(crossValidate(new MLPClassifier(), X, y.slice(1)))).code).toBe('ERR_SHAPE');
  });
});

describe('searches', () => {
  test('a grid tries every combination and fits the best on all rows', async () => {
    const progress: SearchProgress[] = [];
    const { best, trials, estimator } = await gridSearch(
      new MLPClassifier({ ...quick, epochs: 15 }),
      { hiddenLayers: [[2], [16]], learningRate: [1e-5, 0.01] },
      X,
      y,
      {
        folds: 3,
        onProgress: (now) => void progress.push(now),
      },
    );
    expect(trials.map(({ options }) => options)).toEqual([
      { hiddenLayers: [2], learningRate: 1e-5 },
      { hiddenLayers: [2], learningRate: 0.01 },
      { hiddenLayers: [16], learningRate: 1e-5 },
      { hiddenLayers: [16], learningRate: 0.01 },
    ]);
    expect(best.options['learningRate']).toBe(0.01);
    expect(best.mean).toBe(Math.max(...trials.map(({ mean }) => mean)));
    expect(estimator!.options.learningRate).toBe(0.01);
    expect(estimator!.score(X, y)).toBeGreaterThan(0.7);
    expect(progress.map(({ done }) => done)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(progress.at(-1)!.bestScore).toBe(best.mean);
    expect(progress.at(-1)!.secondsLeft).toBe(0);
  });

  test('a random search draws from lists and ranges, from the seed alone', async () => {
    const space = {
      learningRate: { logUniform: [1e-4, 1e-1] },
      dropout: { uniform: [0, 0.5] },
      batchSize: { integer: [8, 32] },
      hiddenLayers: [[4], [8]],
    } as const;
    const run = (seed: number) =>
      randomSearch(new MLPClassifier({ ...quick, epochs: 3 }), space, X, y, { trials: 6, folds: 2, seed, refit: false });
    const first = await run(1);
    const strip = ({ trials }: typeof first) => trials.map(({ options, scores }) => ({ options, scores }));
    expect(strip(await run(1))).toEqual(strip(first));
    expect(strip(await run(2))).not.toEqual(strip(first));
    expect(first.estimator).toBeUndefined();
    for (const { options } of first.trials) {
      const { learningRate, dropout, batchSize } = options as Record<string, number>;
      expect(
        learningRate! >= 1e-4 && learningRate! <= 0.1 && dropout! >= 0 && dropout! <= 0.5 && batchSize! >= 8 && batchSize! <= 32,
      ).toBe(true);
      expect(Number.isInteger(batchSize)).toBe(true);
    }
  });

  test('errors count downwards', async () => {
    const { best } = await gridSearch(new MLPRegressor(quick), { learningRate: [1e-6, 0.03] }, X, ids.data, {
      folds: 2,
      scoring: 'meanSquaredError',
      refit: false,
    });
    expect(best.options).toEqual({ learningRate: 0.03 });
  });

  test('a candidate that diverges ranks last and says why', async () => {
    const { best, trials } = await gridSearch(
      new MLPRegressor({ ...quick, optimizer: 'sgd', activation: 'identity' }),
      { learningRate: [1e30, 1e-3] },
      X,
      ids.data,
      { folds: 2, refit: false },
    );
    expect(best.options).toEqual({ learningRate: 1e-3 });
    expect(trials[0]!.mean).toBeNaN();
    expect(trials[0]!.error).toMatch(/^Loss became|^A weight stopped/);
  });

  test('an interrupted search goes on from its file, and the file of another is refused', async () => {
    const results = join(folder, 'search.jsonl');
    const grid = { hiddenLayers: [[2], [4], [8]] };
    const clf = new MLPClassifier(quick);
    const whole = await gridSearch(clf, grid, X, y, { folds: 2, refit: false });
    const controller = new AbortController();
    const stopped = gridSearch(clf, grid, X, y, {
      folds: 2,
      refit: false,
      results,
      signal: controller.signal,
      onProgress: ({ done }) => done === 3 && controller.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(readFileSync(results, 'utf8').trim().split('\n').length).toBe(4);
    writeFileSync(results, `${readFileSync(results, 'utf8')}{"trial":2,"fo`); // killed while writing
    const fits: number[] = [];
    const resumed = await gridSearch(clf, grid, X, y, {
      folds: 2,
      refit: false,
      results,
      onProgress: ({ done }) => void fits.push(done),
    });
    expect(fits).toEqual([4, 5, 6]);
    expect(resumed.trials.map(({ scores }) => scores)).toEqual(whole.trials.map(({ scores }) => scores));
    const again = await gridSearch(clf, grid, X, y, { folds: 2, refit: false, results });
    expect(again.best.options).toEqual(whole.best.options);
    expect((await rejection(gridSearch(clf, { l2: [0, 1] }, X, y, { folds: 2, results }))).message).toMatch(
      /belongs to another search/,
    );
  });

  test('bad spaces and options are refused before anything runs', async () => {
    const clf = new MLPClassifier(quick);
    expect((await rejection(gridSearch(clf, { hidenLayers: [[2]] }, X, y))).message).toMatch(/Did you mean "hiddenLayers"/);
    expect((await rejection(gridSearch(clf, { l2: [] }, X, y))).code).toBe('ERR_OPTION');
    expect((await rejection(gridSearch(clf, {}, X, y))).code).toBe('ERR_OPTION');
    expect((await rejection(gridSearch(clf, { epochs: [3, 0] }, X, y))).code).toBe('ERR_OPTION');
    expect((await rejection(randomSearch(clf, { l2: { lograndom: [1, 2] } as never }, X, y))).message).toMatch(
      /space\.l2: expected a list, or \{ uniform/,
    );
    expect((await rejection(gridSearch(clf, { l2: [0] }, X, y, { folds: 1 }))).code).toBe('ERR_OPTION');
  });
});

describe('permutationImportance', () => {
  test('finds the column that decides, and gives columns without use about 0', () => {
    const rows = Array.from({ length: 120 }, (_, i) => [(i * 37) % 11, i % 2 === 0 ? 1 : -1, (i * 53) % 13]);
    const labels = rows.map(([, sign]) => (sign! > 0 ? 'even' : 'odd'));
    const clf = new MLPClassifier({ epochs: 60 }).fitSync(rows, labels, { featureNames: ['noise', 'sign', 'more noise'] });
    const importance = permutationImportance(clf, rows, labels, { repeats: 3 });
    expect(importance[0]!.name).toBe('sign');
    expect(importance[0]!.mean).toBeGreaterThan(0.35);
    expect(Math.abs(importance[2]!.mean)).toBeLessThan(0.05);
    expect(permutationImportance(clf, rows, labels, { repeats: 3 })).toEqual(importance);
  });

  test('shuffles a column of text as one', () => {
    const lines = Array.from({ length: 120 }, (_, i) => `${i % 5},${['red', 'green', 'blue'][i % 3]},${i % 3 === 0 ? 10 : 2}`);
    const table = parseCsv(['size,color,price', ...lines].join('\n'));
    const model = new MLPRegressor({ epochs: 100 }).fitSync(table, 'price');
    expect(permutationImportance(model, table, 'price').map(({ name }) => name)).toEqual(['color', 'size']);
  });
});

test('loadEstimator reads either kind', () => {
  const clf = new MLPClassifier(quick).fitSync(X, y);
  expect(loadEstimator(clf.save())).toBeInstanceOf(MLPClassifier);
  expect(loadEstimator(new MLPRegressor(quick).fitSync(X, ids.data).save())).toBeInstanceOf(MLPRegressor);
  expect(refusal(() => loadEstimator(new Uint8Array(3))).code).toBe('ERR_FORMAT');
});

const built = new URL('../../dist/search-pool.js', import.meta.url);
test.runIf(existsSync(built))(
  'worker threads give the outcomes of this thread; the first error of one ends the search (built package)',
  async () => {
    const library = (await import(
      /* @vite-ignore */ new URL('../../dist/index.js', import.meta.url).href
    )) as typeof import('../../src/entries/index.js');
    const clf = new library.MLPClassifier(quick);
    const grid = { hiddenLayers: [[2], [8]], l2: [0, 0.1] };
    const alone = await library.gridSearch(clf, grid, X, y, { folds: 3, workers: 0, refit: false });
    const many = await library.gridSearch(clf, grid, X, y, { folds: 3, workers: 3, refit: false });
    expect(many.trials.map(({ scores }) => scores)).toEqual(alone.trials.map(({ scores }) => scores));
    const error = await library
      .crossValidate(clf, X, y, {
        workers: 2,
        folds: [
          { train: [0], test: [1] },
          { train: [0], test: [2] },
        ],
      })
      .catch((e: Error) => e);
    expect(error).toMatchObject({ name: 'FeedforwardError', code: 'ERR_LABEL' });
  },
);
