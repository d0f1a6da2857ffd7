// Searches and cross-validations that name no runner, from the built package: they begin no thread for little work, hand what is long to threads,
// and find the same either way.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SearchFindings, Space } from '../../src/entries/search.js';

const built = (file: string) => new URL(`../../dist/${file}`, import.meta.url).href;
const { search, here } = (await import(/* @vite-ignore */ built('search.js'))) as typeof import('../../src/entries/search.js');
const { crossValidate, datasets, MLPClassifier, Perceptron } = (await import(
  /* @vite-ignore */ built('index.js')
)) as typeof import('../../src/entries/index.js');

const { X, y } = datasets.spirals({ samples: 240, turns: 1, seed: 1 });
const clf = new MLPClassifier({ epochs: 40, hiddenLayers: [16], earlyStopping: { patience: 8 }, onWarning: false, seed: 3 });
const space: Space = { learningRate: { logUniform: [1e-3, 0.1] }, activation: ['tanh', 'relu'] };
const settings = { data: { X, y: y.data }, folds: 3, trials: 6, roundSize: 3, seed: 5 };

const core = ({ trials, best, endedBy }: SearchFindings) => ({
  trials: trials.map(({ seconds: _, ...trial }) => trial),
  best: [best.number, best.sha256],
  endedBy,
});

// Threads that were begun are counted, and the clock can be made to run fast, so that what is short counts as long on any machine.
const wt = createRequire(import.meta.url)('node:worker_threads') as { Worker: typeof import('node:worker_threads').Worker };
const { Worker } = wt;
const now = performance.now.bind(performance);
let begun = 0;
const hurry = (times: number) => {
  const from = now();
  performance.now = () => from + times * (now() - from);
};
beforeEach(() => {
  begun = 0;
  wt.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      begun++;
    }
  };
});
afterEach(() => {
  wt.Worker = Worker;
  performance.now = now;
});

test('a search that is soon done begins no thread, and one that is not goes on in threads to the same trials, best and model', async () => {
  const alone = core(await search(space, clf, { ...settings, runner: here() }));
  hurry(0.001); // the clock nearly stands: nothing is long
  expect(core(await search(space, clf, settings))).toEqual(alone);
  expect(begun).toBe(0);
  hurry(10_000); // each trial takes minutes
  expect(core(await search(space, clf, settings))).toEqual(alone);
  expect(begun).toBeGreaterThan(0);
}, 60_000);

test('a training that threads take over goes on from where it was, with a pruner too', async () => {
  const wide = new MLPClassifier({ epochs: 60, hiddenLayers: [64, 64], onWarning: false, seed: 3 });
  const pruner = { name: 'halving', factor: 2, least: 20 } as const;
  for (const more of [{}, { pruner }]) {
    const alone = core(await search(space, wide, { ...settings, ...more, trials: 3, runner: here() }));
    hurry(10_000);
    expect(core(await search(space, wide, { ...settings, ...more, trials: 3 }))).toEqual(alone);
    expect(begun).toBeGreaterThan(0);
    performance.now = now;
    begun = 0;
  }
}, 60_000);

test('a cross-validation scores folds alike on this thread and on those that take it over', async () => {
  const alone = await crossValidate(clf, X, y.data, { folds: 4, workers: 0 });
  hurry(0.001);
  expect((await crossValidate(clf, X, y.data, { folds: 4 })).scores).toEqual(alone.scores);
  expect(begun).toBe(0);
  hurry(10_000);
  expect((await crossValidate(clf, X, y.data, { folds: 4 })).scores).toEqual(alone.scores);
  expect(begun).toBeGreaterThan(0);
}, 60_000);

test('a perceptron, which trains in one piece, goes to threads at once', async () => {
  const estimator = new Perceptron({ epochs: 50, seed: 1 });
  const alone = await crossValidate(estimator, X, y.data, { folds: 4, workers: 0 });
  hurry(0.001);
  expect((await crossValidate(estimator, X, y.data, { folds: 4 })).scores).toEqual(alone.scores);
  expect(begun).toBeGreaterThan(0);
}, 60_000);

test('an error of a listener is an error, though it is time for threads', async () => {
  hurry(10_000);
  const told = crossValidate(clf, X, y.data, {
    folds: 4,
    onProgress: () => {
      throw new Error('the listener');
    },
  });
  await expect(told).rejects.toThrow('the listener');
}, 60_000);

test('a signal ends a cross-validation while it runs on this thread, and a wrong option is refused from there', async () => {
  hurry(0.001);
  const controller = new AbortController();
  const stopped = crossValidate(clf, X, y.data, {
    ...{ folds: 4, signal: controller.signal },
    onProgress: ({ done }) => done === 2 && controller.abort(),
  });
  await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
  const folds = [1, 2].map((row) => ({ train: [0], test: [row] }));
  await expect(crossValidate(clf, X, y.data, { folds })).rejects.toMatchObject({ code: 'ERR_LABEL' });
  expect(begun).toBe(0);
});

// The last: what was handed in stays.
test('all folds are of one core: where WebAssembly was handed in here, threads train them all', async () => {
  const { init } = (await import(/* @vite-ignore */ built('index.js'))) as typeof import('../../src/entries/index.js');
  await init({ wasm: readFileSync(new URL('../../build/simd.wasm', import.meta.url)) });
  hurry(0.001);
  const found = await crossValidate(clf, X, y.data, { folds: 4 });
  expect(begun).toBeGreaterThan(0);
  expect(found.scores).toEqual((await crossValidate(clf, X, y.data, { folds: 4, workers: 1 })).scores);
}, 60_000);
