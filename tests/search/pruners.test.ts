// Pruners: their plans, their decisions at barriers, and how often racing stops a candidate that it should not have.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import type { CandidateOutcome, CandidateRecord, Pruner } from '../../src/search/contract.js';
import { readPruner, type PrunerLike } from '../../src/search/pruners.js';
import { studentAbove } from '../../src/search/studentT.js';
import { refusal } from '../support/errors.js';

/** A candidate with a loss on each fold of each step. */
const record = (number: number, ...steps: number[][]): CandidateRecord => ({
  number,
  round: 0,
  candidate: {},
  steps: steps.map((losses, step) => ({ step, losses })),
});
const ended = (number: number, ...steps: number[][]): CandidateOutcome => ({
  ...record(number, ...steps),
  state: 'complete',
  losses: [steps.at(-1)![0]!],
});

/** Decisions on candidates, given the losses at each step, with one fold. */
function decide(pruner: Pruner, running: number[][], earlier: number[][], epochs: number | undefined = 100): readonly boolean[] {
  return pruner.keep({
    step: running[0]!.length - 1,
    plan: pruner.plan(1, epochs),
    running: running.map((losses, i) => record(earlier.length + i, ...losses.map((loss) => [loss]))),
    earlier: earlier.map((losses, i) => ended(i, ...losses.map((loss) => [loss]))),
  });
}

describe('no pruner', () => {
  test('has one step, of all folds to their end, and stops nothing', () => {
    const none = readPruner();
    expect(none.plan(3, undefined)).toEqual([{ folds: [0, 1, 2], epochs: undefined }]);
    expect(decide(none, [[1], [99]], [])).toEqual([true, true]);
    expect(none.settings).toEqual({ name: 'none' });
  });
});

describe('the median', () => {
  test('decides every tenth of the epochs, or as often as it is told', () => {
    const epochs = (pruner: PrunerLike, all: number) =>
      readPruner(pruner)
        .plan(2, all)
        .map((step) => step.epochs);
    expect(epochs('median', 100)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, undefined]);
    expect(epochs('median', 3)).toEqual([1, 2, undefined]);
    expect(epochs('median', 1)).toEqual([undefined]);
    expect(epochs({ name: 'median', interval: 40 }, 100)).toEqual([40, 80, undefined]);
    expect(epochs({ name: 'median', interval: 40, warmup: 50 }, 100)).toEqual([50, 90, undefined]);
    expect(readPruner('median').plan(2, 100)[0]!.folds).toEqual([0, 1]);
  });

  test('stops candidates whose best so far is worse than the median at that step, once five have ended', () => {
    const pruner = readPruner('median');
    const earlier = [[1], [2], [3], [4], [9]];
    expect(decide(pruner, [[3], [3.1], [2.9]], earlier)).toEqual([true, false, true]);
    expect(decide(pruner, [[99]], earlier.slice(1))).toEqual([true]); // four have ended
    expect(decide(readPruner({ name: 'median', startup: 1 }), [[99]], [[1]])).toEqual([false]);
    // What it was at its best counts, as Optuna has it.
    expect(
      decide(
        pruner,
        [[2, 8]],
        earlier.map(([loss]) => [loss!, loss!]),
      ),
    ).toEqual([true]);
    expect(decide(pruner, [[Number.NaN]], earlier)).toEqual([false]);
    expect(
      decide(
        pruner,
        [[5]],
        earlier.map(() => [Number.NaN]),
      ),
    ).toEqual([true]); // nothing to compare with
  });

  test('compares means over folds', () => {
    const pruner = readPruner({ name: 'median', startup: 1 });
    const request = { step: 0, plan: pruner.plan(2, 100), earlier: [ended(0, [1, 3])] };
    expect(pruner.keep({ ...request, running: [record(1, [0, 3.9]), record(2, [0, 4.1])] })).toEqual([true, false]);
  });
});

describe('halving', () => {
  test('decides after a hundredth of the epochs, and then after four times as many each', () => {
    const epochs = (pruner: PrunerLike, all: number) =>
      readPruner(pruner)
        .plan(1, all)
        .map((step) => step.epochs);
    expect(epochs('halving', 100)).toEqual([1, 4, 16, 64, undefined]);
    expect(epochs('halving', 200)).toEqual([2, 8, 32, 128, undefined]);
    expect(epochs({ name: 'halving', factor: 3, least: 5 }, 50)).toEqual([5, 15, 45, undefined]);
    expect(epochs('halving', 1)).toEqual([undefined]);
  });

  test('keeps the best quarter of all that came to a step, this round among them, and one at least', () => {
    const pruner = readPruner('halving');
    const losses = [5, 3, 8, 1, 7, 2, 6, 4];
    expect(
      decide(
        pruner,
        losses.map((loss) => [loss]),
        [],
      ),
    ).toEqual(losses.map((loss) => loss <= 2));
    expect(decide(pruner, [[5], [4], [6]], [])).toEqual([false, true, false]);
    expect(decide(pruner, [[2], [0.5]], [[1], [3], [4], [5], [6], [7]])).toEqual([false, true]); // 8 in all: 2 go on, 0.5 and 1
    expect(decide(readPruner({ name: 'halving', factor: 2 }), [[1], [2], [3], [4]], [])).toEqual([true, true, false, false]);
    expect(decide(pruner, [[Number.NaN], [1]], [])).toEqual([false, true]);
    expect(decide(pruner, [[1], [1], [2]], [])).toEqual([true, true, false]); // equals go together
  });

  test('decides on the candidates of a round whatever order they are in', () => {
    const pruner = readPruner('halving');
    const random = new Random(3);
    const losses = Array.from({ length: 9 }, () => random.below(6));
    const kept = decide(
      pruner,
      losses.map((loss) => [loss]),
      [[2], [3]],
    );
    for (let turn = 0; turn < 5; turn++) {
      const order = [...random.permutation(9)];
      expect(
        decide(
          pruner,
          order.map((i) => [losses[i]!]),
          [[2], [3]],
        ),
      ).toEqual(order.map((i) => kept[i]));
    }
  });
});

describe('racing', () => {
  const racing = readPruner({ name: 'racing', chance: 0.05 });
  const plan = racing.plan(5, undefined);
  const keep = (running: number[][], earlier: number[][], pruner = racing) =>
    pruner.keep({
      step: running[0]!.length - 1,
      plan,
      running: running.map((losses, i) => record(earlier.length + i, ...losses.map((loss) => [loss]))),
      earlier: earlier.map((losses, i) => ended(i, ...losses.map((loss) => [loss]))),
    });
  const others = [
    [1.0, 1.1, 0.9, 1.2, 0.8],
    [1.2, 1.2, 1.2, 1.3, 1.1],
    [1.3, 1.3, 1.1, 1.6, 1.1],
  ];

  test('runs one fold after the other, or some together first', () => {
    expect(plan.map(({ folds }) => folds)).toEqual([[0], [1], [2], [3], [4]]);
    expect(readPruner({ name: 'racing', first: 3 }).plan(4, 9)).toEqual([
      { folds: [0, 1, 2], epochs: undefined },
      { folds: [3], epochs: undefined },
    ]);
    expect(refusal(() => racing.plan(1, undefined)).message).toMatch(
      /racing stops candidates after 1 fold or more, and there are 1 in all/,
    );
    expect(refusal(() => readPruner({ name: 'racing', first: 2 }).plan(2, undefined)).message).toMatch(/after 2 folds or more/);
  });

  test('stops a candidate far behind after one fold, by how much those before it varied, and keeps one near and one ahead', () => {
    expect(keep([[3], [1.05], [0.5]], others)).toEqual([false, true, true]);
    const wild = others.map((losses, i) => losses.map((loss, fold) => loss + (i === 0 ? 0 : 3 * (-1) ** fold)));
    expect(keep([[3]], wild)).toEqual([true]); // the same distance, where differences vary more
    expect(keep([[3], [1]], [])).toEqual([true, true]); // nothing yet says how much they do
  });

  test('stops a candidate far behind after two folds, and keeps one near and one ahead', () => {
    expect(
      keep(
        [
          [3, 3.1],
          [1.05, 1.1],
          [0.5, 0.6],
        ],
        others,
      ),
    ).toEqual([false, true, true]);
  });

  test('takes folds in pairs: a hard fold is hard for everybody', () => {
    const hard = others.map((losses) => losses.map((loss, fold) => loss + [0, 50, 0, 20, 0][fold]!));
    expect(
      keep(
        [
          [3, 53.1],
          [1.05, 51.1],
          [0.5, 50.6],
        ],
        hard,
      ),
    ).toEqual([false, true, true]);
  });

  test('becomes surer with each fold', () => {
    const slightly = others[0]!.map((loss, fold) => loss + 0.08 + 0.02 * (-1) ** fold);
    expect(keep([slightly.slice(0, 1)], others)).toEqual([true]);
    expect(keep([slightly.slice(0, 2)], others)).toEqual([true]);
    expect(keep([slightly.slice(0, 4)], others)).toEqual([false]);
  });

  test('asks by default for twice the chance of a new candidate: much at first, less the more were tried', () => {
    const usual = readPruner('racing');
    const behind = Array.from({ length: 100 }, (_, i) => [1 + i / 200]);
    const keptOf = (earlier: number[][]) => {
      const explicit = readPruner({ name: 'racing', chance: Math.min(0.5, 2 / (earlier.length + behind.length + 1)) });
      const kept = keep(behind, earlier, usual);
      expect(kept).toEqual(keep(behind, earlier, explicit));
      return kept.filter(Boolean).length;
    };
    const many = Array.from({ length: 200 }, (_, i) => others[1 + (i % 2)]!);
    expect(keptOf([...others, ...many])).toBeGreaterThan(keptOf(others));
    const alone = (pruner: Pruner) => behind.filter((losses) => keep([losses], others, pruner)[0]).length;
    expect(alone(usual)).toBeLessThan(alone(racing)); // 2 / 5, and 0.05
  });

  test('compares candidates of the first round with the best of them, which goes on', () => {
    expect(
      keep(
        [
          [1, 1.1],
          [1.1, 1.1],
          [1.2, 1.4],
          [9, 9.5],
        ],
        [],
      ),
    ).toEqual([true, true, true, false]);
    expect(keep([[1, 1.1]], [])).toEqual([true]);
    expect(
      keep(
        [
          [1, 1.1],
          [9, 9],
        ],
        [],
      ),
    ).toEqual([true, true]); // nothing yet says how much differences vary
  });

  test('stops what has no number, and nothing where no difference has ever varied', () => {
    expect(
      keep(
        [
          [Number.NaN, 1],
          [1, 1],
        ],
        others,
      ),
    ).toEqual([false, true]);
    expect(
      keep(
        [[2, 2]],
        [
          [1, 1, 1, 1, 1],
          [3, 3, 3, 3, 3],
        ],
      ),
    ).toEqual([true]);
  });

  /** Shares of candidates that were stopped of those that would have been the best so far, and of folds that ran. */
  function measure(noise: (random: Random) => number, pruner: Pruner, searches: number) {
    let [better, stopped, ran, all] = [0, 0, 0, 0];
    for (let seed = 0; seed < searches; seed++) {
      const random = new Random(seed, 'race');
      const folds = Array.from({ length: 5 }, () => random.normal());
      const earlier: CandidateOutcome[] = [];
      let bestSoFar = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 10; round++) {
        const truths = Array.from({ length: 5 }, () => {
          const level = Math.abs(random.normal());
          return folds.map((fold) => level + fold + noise(random));
        });
        const records = truths.map((losses, i): { record: CandidateRecord; losses: number[]; state: 'complete' | 'pruned' } => ({
          record: { number: 5 * round + i, round, candidate: {}, steps: [] },
          losses,
          state: 'complete',
        }));
        plan.forEach((step, number) => {
          const running = records.filter(({ state }) => state === 'complete');
          for (const entry of running) {
            const losses = step.folds.map((fold) => entry.losses[fold]!);
            entry.record = { ...entry.record, steps: [...entry.record.steps, { step: number, losses }] };
            ran += losses.length;
          }
          if (number === plan.length - 1) return;
          const decisions = pruner.keep({ step: number, plan, running: running.map((entry) => entry.record), earlier });
          running.forEach((entry, i) => {
            if (!decisions[i]) entry.state = 'pruned';
          });
        });
        const means = records.map(({ losses }) => losses.reduce((a, b) => a + b) / 5);
        records.forEach(({ state }, i) => {
          all += 5;
          if (means[i]! >= bestSoFar || round === 0) return;
          better++;
          if (state === 'pruned') stopped++;
        });
        earlier.push(...records.map((entry, i) => ({ ...entry.record, state: entry.state, losses: [means[i]!] })));
        records.forEach(({ state }, i) => {
          if (state === 'complete') bestSoFar = Math.min(bestSoFar, means[i]!);
        });
      }
    }
    return { better, falseStops: stopped / better, folds: ran / all };
  }

  test('stops fewer than one in ten of the candidates that would have been the best, and spares two folds of five', () => {
    const normal = measure((random) => random.normal(), racing, 40);
    expect(normal.better).toBeGreaterThan(40);
    expect(normal.falseStops).toBeLessThan(0.1); // measured: 0.088, of 114, with 55 % of the folds
    expect(normal.folds).toBeLessThan(0.6);
    const small = measure((random) => 0.3 * random.normal(), racing, 30);
    expect(small.falseStops).toBeLessThan(0.05); // 0.012, of 84, with 45 %
    expect(small.folds).toBeLessThan(0.5);
  });

  test('stops not many more where the noise has heavy tails', () => {
    const heavy = measure((random) => random.normal() * Math.exp(0.7 * random.normal()), racing, 40);
    expect(heavy.falseStops).toBeLessThan(0.15); // 0.114, of 105, with 64 %
    expect(heavy.folds).toBeLessThan(0.7);
  });
});

describe("Student's t distribution", () => {
  test('has the tail that its density has, for 1 to 12 degrees of freedom', () => {
    for (let freedom = 1; freedom <= 12; freedom++) {
      const density = (t: number) => (1 + (t * t) / freedom) ** (-(freedom + 1) / 2);
      // Simpson's rule on t = s / (1 - s), once from 0 and once from t on.
      const area = (from: number) => {
        const n = 4000;
        const start = from / (1 + from);
        let sum = 0;
        for (let i = 0; i <= n; i++) {
          const s = start + ((1 - start) * i) / n;
          if (s === 1) continue; // the integrand vanishes there, but for one degree of freedom, where it is 1
          sum += (i === 0 || i === n ? 1 : i % 2 === 1 ? 4 : 2) * density(s / (1 - s)) * (1 - s) ** -2;
        }
        if (freedom === 1) sum += 1;
        return (sum * (1 - start)) / n / 3;
      };
      for (const t of [0, 0.1, 0.5, 1, 2.5, 7]) expect(studentAbove(t, freedom)).toBeCloseTo((0.5 * area(t)) / area(0), 9);
      expect(studentAbove(-2.5, freedom)).toBeCloseTo(1 - studentAbove(2.5, freedom), 14);
    }
  });

  test('has the critical values of tables', () => {
    expect(studentAbove(6.314, 1)).toBeCloseTo(0.05, 5);
    expect(studentAbove(2.015, 5)).toBeCloseTo(0.05, 4);
    expect(studentAbove(2.764, 10)).toBeCloseTo(0.01, 5);
    expect(studentAbove(Number.POSITIVE_INFINITY, 3)).toBe(0);
  });
});

describe('pruners', () => {
  test('name their settings', () => {
    expect(readPruner('racing').settings).toEqual({ name: 'racing', first: 1 });
    expect(readPruner({ name: 'racing', chance: 0.1 }).settings).toEqual({ name: 'racing', first: 1, chance: 0.1 });
    expect(readPruner({ name: 'halving', least: 3 }).settings).toEqual({ name: 'halving', factor: 4, least: 3 });
    expect(readPruner('median').settings).toEqual({ name: 'median', startup: 5 });
  });

  test('that there are not are refused by name', () => {
    const message = (pruner: unknown) => refusal(() => readPruner(pruner)).message;
    expect(message('medain')).toMatch(/pruner: unknown value "medain"\. Did you mean "median"\?/);
    expect(message({ name: 'hyperband' })).toMatch(/pruner: expected one of none, median/);
    expect(message({ name: 'racing', chances: 0.1 })).toMatch(/Did you mean "chance"\?/);
    expect(message(['halving', 'racing'])).toMatch(/expected one of none, .*got an array of 2/); // one at a time
    expect(message({ name: 'racing', eta: 3 })).toMatch(/unknown option "eta"/);
    expect(message({ name: 'racing', first: 0 })).toMatch(/pruner\.first: expected a whole number >= 1/);
    expect(message({ name: 'racing', chance: 0.6 })).toMatch(/pruner\.chance/);
    expect(message({ keep: () => [] })).toMatch(/pruner\.plan: expected a function/);
    for (const name of ['median', 'halving'])
      expect(refusal(() => readPruner(name).plan(3, undefined)).message).toMatch(/has no number of epochs/);
  });

  test('of your own are taken as they are', () => {
    const own: Pruner = { settings: {}, plan: () => [], keep: () => [] };
    expect(readPruner(own)).toBe(own);
  });
});
