// What a search does so that nobody is misled: scores that are no numbers lose, the best is compared with baselines, some trials run twice, and data
// that cannot be judged are refused.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { MLPClassifier, MLPRegressor, Perceptron } from '../../src/entries/parts/estimators.js';
import { parseCsv } from '../../src/entries/parts/data.js';
import { here, search, type Space } from '../../src/entries/search.js';
import { Doubles } from '../../src/search/doubles.js';
import { recordOf } from '../../src/search/recorded.js';
import { makeJob } from '../../src/search/rounds.js';
import type { Study } from '../../src/search/runner.js';
import { rejection } from '../support/errors.js';

const line: Space = { x: { uniform: [0, 1] } };
const clf = new MLPClassifier({ epochs: 3, hiddenLayers: [4], earlyStopping: false, onWarning: false, seed: 1 });
const reg = new MLPRegressor({ epochs: 3, hiddenLayers: [4], earlyStopping: false, onWarning: false, seed: 1 });
const l2: Space = { l2: { logUniform: [1e-6, 1e-2] } };
const few = { folds: 3, trials: 2, refit: false, runner: here() };

/** Rows of noise and a target that has nothing to do with them, or everything. */
function rowsOf(count: number, target: (x: number, random: Random) => number) {
  const random = new Random(3, 'rows');
  const X = Array.from({ length: count }, () => [random.normal(), random.normal()]);
  return { X, y: X.map(([x]) => target(x!, random)) };
}

describe('a score that is no finite number', () => {
  test.each([Infinity, -Infinity, NaN])('of %s never wins, whichever way is better, and counts as a failure', async (wrong) => {
    for (const goal of ['maximize', 'minimize'] as const) {
      let news = { failed: 0 };
      const { best, trials } = await search(line, ({ x }) => (Number(x) > 0.5 ? wrong : Number(x)), {
        ...{ runner: here(), trials: 8, roundSize: 1, seed: 0, objectives: [{ name: 'score', goal }] },
        onProgress: (one) => {
          news = one;
        },
      });
      const states = trials.map(({ candidate, state }) => [Number(candidate['x']) > 0.5, state]);
      for (const [high, state] of states) expect(state).toBe(high ? 'failed' : 'complete');
      expect(states.some(([high]) => high)).toBe(true);
      expect(Number(best.candidate['x'])).toBeLessThan(0.5);
      expect(news.failed).toBe(states.slice(0, -1).filter(([high]) => high).length); // the last one's news came before its end
      expect(trials.find(({ state }) => state === 'failed')!.error).toBe(`The objective's score is ${wrong}.`);
    }
  });

  test('fails its candidate in a second objective too, and the search where no candidate has another', async () => {
    const objectives = ['score', { name: 'cost', goal: 'minimize' as const }];
    const { trials, paretoFront } = await search(
      { x: [1, 2, 3] },
      ({ x }) => ({ score: Number(x), values: { cost: x === 3 ? -Infinity : 1 } }),
      { runner: here(), sampler: 'grid', objectives },
    );
    expect(trials.map(({ state }) => state)).toEqual(['complete', 'complete', 'failed']);
    expect(trials[2]!.error).toBe("The objective's values.cost is -Infinity.");
    expect(paretoFront.map(({ number }) => number)).toEqual([1]);
    const none = await rejection(search(line, () => Infinity, { runner: here(), trials: 3 }));
    expect([none.code, none.message]).toEqual([
      'ERR_DIVERGED',
      "No candidate could be trained. The first that failed, number 0: The objective's score is Infinity.",
    ]);
    const text = await rejection(
      search(line, (() => ({ score: 1, values: { cost: '1' } })) as never, { runner: here(), trials: 3, objectives }),
    );
    expect(text.message).toBe('objectives: the objective function returned no number as values.cost, but "1".');
  });

  test('of a scoring function of your own fails the fold', async () => {
    const data = rowsOf(30, (x) => x);
    const { trials } = await search(l2, reg, { ...few, data, scoring: () => 1 }).catch((error) => error);
    expect(trials.every(({ state }: { state: string }) => state === 'complete')).toBe(true);
    expect((await rejection(search(l2, reg, { ...few, data, scoring: () => Infinity }))).code).toBe('ERR_DIVERGED');
  });
});

describe('baselines', () => {
  test('are always the same answer and a linear model, on the same folds, as by hand', async () => {
    const data = rowsOf(60, (x, random) => 3 * x + 0.1 * random.normal());
    const folds = [0, 1, 2].map((f) => ({
      train: data.y.flatMap((_, i) => (i % 3 === f ? [] : [i])),
      test: data.y.flatMap((_, i) => (i % 3 === f ? [i] : [])),
    }));
    const { baselines } = await search(l2, reg, { ...few, data, folds, scoring: 'meanSquaredError' });
    const [constant, linear] = baselines;
    expect(baselines.map(({ name }) => name)).toEqual(['constant', 'linear']);
    const byHand = folds.map(({ train, test: held }) => {
      const mean = train.reduce((sum, i) => sum + data.y[i]!, 0) / train.length;
      return held.reduce((sum, i) => sum + (data.y[i]! - mean) ** 2, 0) / held.length;
    });
    constant!.scores.forEach((score, f) => {
      expect(score).toBeCloseTo(byHand[f]!, 10);
    });
    expect(constant!.score).toBeCloseTo(byHand.reduce((a, b) => a + b) / 3, 10);
    expect(linear!.score).toBeLessThan(0.03); // the noise has a variance of 0.01
  });

  test('say so where the best is not better: nothing to learn, or nothing that is bent', async () => {
    const random = await search(l2, clf, { ...few, data: { ...rowsOf(90, () => 0), y: coins(90) } });
    expect(random.notes.join('\n')).toMatch(
      /The best candidate \(score 0\.\d+\) is (no|hardly) better than always the same answer \(0\.\d+\)/,
    );
    const straight = await search(l2, reg, { ...few, data: rowsOf(60, (x) => x) });
    expect(straight.notes).toHaveLength(1);
    expect(straight.notes[0]).toMatch(/is no better than a linear model \(1\.?\d*\): take that one, or look for columns/);
  });

  test('are silent where the best is clearly better than both', async () => {
    const bent = new MLPRegressor({ epochs: 150, hiddenLayers: [16], onWarning: false, earlyStopping: false, seed: 1 });
    const { baselines, notes, best } = await search(l2, bent, { ...few, data: rowsOf(120, (x) => x * x) });
    expect(baselines).toHaveLength(2);
    expect(best.values['score']).toBeGreaterThan(0.8);
    expect(notes).toEqual([]);
  });

  test('take tables, probabilities, perceptrons and several targets, and can be left out', async () => {
    const text = ['a,b,kind', ...coins(60).map((side, i) => `${i % 7},${i % 5},${side}`)].join('\n');
    const table = await search(l2, clf, { ...few, data: { X: parseCsv(text), y: 'kind' }, scoring: 'logLoss' });
    expect(table.baselines.map(({ name }) => name)).toEqual(['constant', 'linear']);
    expect(table.baselines[0]!.score).toBeCloseTo(Math.log(2), 1);
    const separable = {
      X: Array.from({ length: 30 }, (_, i) => [i - 15]),
      y: Array.from({ length: 30 }, (_, i) => (i < 15 ? 'a' : 'b')),
    };
    const perceptron = await search({ learningRate: [0.1, 1] }, new Perceptron({ epochs: 20 }), { ...few, data: separable });
    expect(perceptron.baselines.map(({ name }) => name)).toEqual(['constant', 'linear']);
    const two = rowsOf(40, (x) => x);
    const wide = await search(l2, reg, { ...few, data: { X: two.X, y: two.X.map(([a, b]) => [a!, b!]) } });
    expect(wide.baselines.map(({ name }) => name)).toEqual(['constant', 'linear']);
    expect((await search(l2, reg, { ...few, data: two, baselines: false })).baselines).toEqual([]);
    expect((await search(line, ({ x }) => Number(x), { runner: here(), trials: 2 })).baselines).toEqual([]);
    const own = await search(l2, reg, { ...few, data: two, scoring: () => 1 });
    expect(own.baselines).toEqual([{ name: 'linear', score: 1, scores: [1, 1, 1] }]);
  });
});

describe('trials that run twice', () => {
  test('come to the same, whatever steps the first time was cut into, and are no trials of their own', async () => {
    const data = rowsOf(60, (x) => x);
    for (const pruner of ['none', 'halving', 'racing'] as const) {
      const done: number[] = [];
      const found = await search(l2, new MLPRegressor({ epochs: 12, hiddenLayers: [4], onWarning: false, seed: 1 }), {
        ...{ ...few, data, trials: 6, pruner, verify: 1 },
        onProgress: (news) => done.push(news.done),
      });
      const raced = found.trials.reduce((sum, { steps }) => sum + steps.length, 0); // a step for each fold
      expect(found.verified).toBe(pruner === 'racing' ? raced : 6 * 3); // trials on a fold, however many steps each was cut into
      if (pruner === 'halving') expect(done.length).toBeGreaterThan(6 * 3);
      expect(found.trials).toHaveLength(6);
      expect(new Set(done).size).toBe(done.length);
      expect((await search(l2, reg, { ...few, data, verify: 0 })).verified).toBe(0);
    }
  });

  test('end the search where they come to something else', async () => {
    let calls = 0;
    const fickle = search(line, () => ++calls, { runner: here(), trials: 2, verify: 1 });
    const refused = await rejection(fickle);
    expect(refused.code).toBe('ERR_FORMAT');
    expect(refused.message).toMatch(
      /^trial 0, fold 0 was done twice and came to two outcomes: score 1 after 0 epochs and score 3 after/,
    );
    expect((await search(line, () => ++calls, { runner: here(), trials: 2 })).verified).toBe(0);
  });

  test('are told apart by their model where their scores are equal', async () => {
    const study = { id: 'a'.repeat(64) } as Study;
    const job = await makeJob(study, { candidate: {}, fold: 0, step: 0, epochs: null }, undefined, 'trial 0, fold 0');
    const doubles = await Doubles.of([job], 1);
    const result = (id: string, trained: string) => ({
      id,
      outcome: Buffer.from(JSON.stringify({ job: id, score: 0.5, values: {}, epochs: 3, finished: true, trained })),
      measured: Buffer.from('{"seconds":1}'),
    });
    const whose = { trial: 0, fold: 0, step: 0, candidate: {} };
    expect(doubles.take(result(job.id, 'x'))).toBe(false);
    expect(doubles.take(result(doubles.jobs[0]!.id, 'y'))).toBe(true);
    expect(doubles.compared(() => recordOf(result(job.id, 'y'), whose))).toEqual([job.id]);
    expect(() => doubles.compared(() => recordOf(result(job.id, 'x'), whose))).toThrow(
      /model x and score 0\.5 after 3 epochs, model y/,
    );
  });

  test('are about so many as were asked for, the same ones everywhere', async () => {
    const study = { id: 'b'.repeat(64) } as Study;
    const jobs = await Promise.all(
      Array.from({ length: 2000 }, (_, x) => makeJob(study, { candidate: { x }, fold: 0, step: 0, epochs: null }, undefined, '')),
    );
    const doubled = (await Doubles.of(jobs, 0.02)).jobs.map(({ id }) => id);
    expect(Math.abs(doubled.length - 40)).toBeLessThan(5 * Math.sqrt(40)); // five standard deviations of a count
    expect((await Doubles.of([...jobs].reverse(), 0.02)).jobs.map(({ id }) => id).reverse()).toEqual(doubled);
  });
});

describe('data that cannot be judged are refused', () => {
  const refused = async (count: number, labels: (i: number) => string, folds?: number) => {
    const data = {
      X: Array.from({ length: count }, (_, i) => [i, i % 3]),
      y: Array.from({ length: count }, (_, i) => labels(i)),
    };
    const { code, message } = await rejection(search(l2, clf, { ...few, folds, data } as never));
    return `${code} ${message}`;
  };
  const either = (i: number) => (i % 2 === 0 ? 'yes' : 'no');

  test('too few rows for the folds', async () => {
    expect(await refused(4, either, 5)).toBe(
      'ERR_SHAPE folds: 5 folds need at least 5 rows, one to score on in each, got 4. Use at most 4 folds.',
    );
    expect(await refused(1, either)).toMatch(/^ERR_SHAPE folds: 5 folds need at least 5 rows.* got 1\. Use more rows/);
    const regression = rejection(search(l2, reg, { ...few, folds: 9, data: rowsOf(8, (x) => x) }));
    expect((await regression).message).toMatch(/^folds: 9 folds need at least 9 rows/);
  });

  test('a class with fewer rows than folds, by its name', async () => {
    expect(await refused(20, (i) => (i < 2 ? 'rare' : 'usual'), 5)).toBe(
      'ERR_LABEL folds: 5 folds, but the class "rare" has 2 rows: some folds would be scored without it. Use at most 2 folds, more rows of it, or leave it out; folds of your own are taken as they are.',
    );
    expect(await refused(20, (i) => (i < 1 ? 'rare' : 'usual'), 2)).toMatch(
      /the class "rare" has 1 row: some folds would be scored, and one trained, without it\. Use more rows of it/,
    );
  });

  test('unless the folds are your own', async () => {
    const data = { X: Array.from({ length: 9 }, (_, i) => [i]), y: ['rare', 'rare', ...Array<string>(7).fill('usual')] };
    const folds = [
      { train: [0, 2, 3, 4], test: [1, 5, 6] },
      { train: [1, 5, 6, 7], test: [0, 2, 8] },
    ];
    expect((await search(l2, clf, { ...few, data, folds })).trials).toHaveLength(2);
  });
});

function coins(count: number): string[] {
  const random = new Random(9, 'coins');
  return Array.from({ length: count }, () => (random.uniform() < 0.5 ? 'heads' : 'tails'));
}
