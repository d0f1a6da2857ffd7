// The tree-structured Parzen estimator against Optuna's: weights, kernels and densities, good and rest, and what it finds on test functions.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import type { Candidate, CandidateOutcome } from '../../src/search/contract.js';
import { frontNumbers, hypervolume, paretoFront, volumeShares } from '../../src/search/paretoFront.js';
import { agedWeights, ParzenEstimator } from '../../src/search/parzen.js';
import { readSampler } from '../../src/search/samplers.js';
import { readSpace, type Space } from '../../src/search/space.js';
import { goodOf, split } from '../../src/search/tpe.js';
import { logMass, quantileBetween } from '../../src/search/truncatedNormal.js';
import { fixture } from '../support/fixtures.js';

interface Golden {
  parzen: {
    space: 'numbers' | 'categories' | 'one';
    observed: number[][];
    weights: number[];
    means: (number[] | null)[];
    deviations: (number[] | null)[];
    shares: (number[][] | null)[];
    points: number[][];
    logDensities: number[];
  }[];
  one: { steps: (number | string)[]; losses: (number | string)[]; good: number[] }[];
  several: { losses: number[][]; fronts: number[]; good: number[]; shares: number[] }[];
  studies: { function: keyof typeof functions; atATime: number; after50: number[]; after100: number[] }[];
}

const golden = fixture<Golden>('optuna-tpe.json');

const spaces: Record<'numbers' | 'categories' | 'one', Space> = {
  numbers: {
    x: { uniform: [-5, 10] },
    rate: { logUniform: [1e-5, 1e-1] },
    units: { integer: [4, 64], step: 4 },
    share: { uniform: [0, 0.5], step: 0.1 },
    width: { logInteger: [8, 512] },
    rule: ['adam', 'sgd', 'lion'],
  },
  categories: { rule: ['a', 'b', 'c', 'd'] },
  one: { x: { uniform: [0, 1] } },
};

describe('the Parzen estimator', () => {
  test.each(golden.parzen.map((c): [string, number, Golden['parzen'][number]] => [c.space, c.observed.length, c]))(
    'of %s after %i observations has the weights, kernels and densities of Optuna, to 1e-9',
    (name, n, { observed, weights, means, deviations, shares, points, logDensities }) => {
      const parameters = readSpace(spaces[name as 'one']);
      const estimator = new ParzenEstimator(parameters, observed);
      expect(estimator.weights).toHaveLength(n + 1);
      near(estimator.weights, weights);
      estimator.kernels.forEach((kernels, j) => {
        if ('means' in kernels) {
          near(kernels.means.slice(-2), means[j]!);
          near(kernels.deviations.slice(-2), deviations[j]!);
        } else
          kernels.shares.slice(-2).forEach((row, k) => {
            near(row, shares[j]![k]!);
          });
      });
      near(
        points.map((point) => estimator.logDensity(point)),
        logDensities,
      );
    },
  );

  test('draws points as its density has them', () => {
    const parameters = readSpace({ k: { integer: [0, 4] }, c: ['a', 'b'], r: { logInteger: [1, 3] } });
    const estimator = new ParzenEstimator(parameters, [
      [1, 0, 3],
      [4, 1, 1],
    ]);
    const random = new Random(1);
    const counts = new Map<string, number>();
    const n = 20_000;
    for (let i = 0; i < n; i++) {
      const point = estimator.sample(random).join(' ');
      counts.set(point, (counts.get(point) ?? 0) + 1);
    }
    let total = 0;
    for (let k = 0; k < 5; k++)
      for (let c = 0; c < 2; c++)
        for (let r = 1; r < 4; r++) {
          const share = Math.exp(estimator.logDensity([k, c, r]));
          total += share;
          // Five standard deviations of a count.
          expect(Math.abs((counts.get(`${k} ${c} ${r}`) ?? 0) - n * share)).toBeLessThan(5 * Math.sqrt(n * share));
        }
    expect(total).toBeCloseTo(1, 9);
  });

  test('draws numbers of ranges without steps around its observations, within the range, as its kernels have them', () => {
    const estimator = new ParzenEstimator(readSpace({ x: { uniform: [-1, 2] } }), [[-0.9], [2]]);
    const random = new Random(1);
    const n = 20_000;
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < n; i++) counts[Math.floor((estimator.sample(random)[0]! + 1) / 0.5)]!++;
    const [kernels] = estimator.kernels;
    if (!('means' in kernels!)) throw new Error('expected kernels of numbers');
    const share = (low: number, high: number) =>
      [...estimator.weights].reduce((sum, weight, k) => {
        const z = (x: number) => (x - kernels.means[k]!) / kernels.deviations[k]!;
        return sum + weight * Math.exp(logMass(z(low), z(high)) - logMass(z(-1), z(2)));
      }, 0);
    counts.forEach((count, i) => {
      const expected = share(-1 + 0.5 * i, -0.5 + 0.5 * i);
      expect(Math.abs(count - n * expected)).toBeLessThan(5 * Math.sqrt(n * expected)); // five standard deviations of a count
    });
  });

  test('weighs the newest 25 observations alike and older ones less', () => {
    expect(agedWeights(0)).toEqual([]);
    expect(agedWeights(3)).toEqual([1, 1, 1]);
    expect(agedWeights(26)).toEqual([1 / 26, ...new Array<number>(25).fill(1)]);
    expect(agedWeights(45)[10]).toBeCloseTo(1 / 45 + (10 / 19) * (1 - 1 / 45), 12);
  });
});

describe('normal distributions in an interval', () => {
  test('have a mass in logarithms far out in either tail', () => {
    // ln of the difference of scipy.stats.norm.logcdf at both ends.
    expect(logMass(-1, 1)).toBeCloseTo(-0.381715146302126, 12);
    expect(logMass(-31, -30)).toBeCloseTo(-454.3212439, 6);
    expect(logMass(30, 31)).toBe(logMass(-31, -30));
    expect(logMass(-12, -9)).toBeCloseTo(-43.6281491, 6);
    expect(logMass(-40, 40)).toBeCloseTo(0, 15);
  });

  test('have the quantiles that their mass has', () => {
    for (const [a, b] of [
      [-1, 2],
      [-0.01, 60],
      [-100, 0.5],
      [-3, 0],
    ] as const)
      for (const u of [0.001, 0.25, 0.5, 0.9, 0.999]) {
        const z = quantileBetween(a, b, u);
        expect(Math.exp(logMass(a, z) - logMass(a, b))).toBeCloseTo(u, 10);
      }
    expect(quantileBetween(-1, 2, 0)).toBeCloseTo(-1, 14);
  });
});

describe('the good and the rest', () => {
  test('are split as Optuna splits them: ended, pruned by how far they came, under way', () => {
    for (const { steps, losses, good } of golden.one) {
      const tried = steps.map((step, i) => ({
        candidate: { i },
        tier: Number(step),
        losses: Number(step) === Infinity ? [] : [Number(losses[i])],
      }));
      expect(split(tried).good.map(({ candidate }) => candidate.i)).toEqual(good);
    }
  });

  test('are split by fronts and volume where there are several objectives, as Optuna splits them, with its weights', () => {
    for (const { losses, fronts, good, shares } of golden.several) {
      expect(frontNumbers(losses)).toEqual(fronts);
      const tried = losses.map((point, i) => ({ candidate: { i }, tier: Number.NEGATIVE_INFINITY, losses: point }));
      const found = split(tried);
      expect(found.good.map(({ candidate }) => candidate.i)).toEqual(good);
      near(found.weights!, shares);
    }
  });

  test('are a tenth and the rest, and at most 25', () => {
    expect([1, 10, 11, 100, 249, 251, 1000].map(goodOf)).toEqual([1, 1, 2, 10, 25, 25, 25]);
  });
});

describe('a front', () => {
  test('holds the points that no other dominates, equal ones too, and none with NaN', () => {
    expect(
      paretoFront([
        [1, 5],
        [2, 2],
        [3, 3],
        [5, 1],
        [2, 2],
        [0, Number.NaN],
      ]),
    ).toEqual([0, 1, 3, 4]);
    expect(paretoFront([])).toEqual([]);
    expect(paretoFront([[3], [1], [2]])).toEqual([1]);
  });

  test('covers a volume: that of a count of random points below it', () => {
    const random = new Random(4);
    for (const dimensions of [1, 2, 3, 4]) {
      const points = Array.from({ length: 6 }, () => Array.from({ length: dimensions }, () => random.uniform()));
      let inside = 0;
      const n = 40_000;
      for (let i = 0; i < n; i++) {
        const probe = Array.from({ length: dimensions }, () => random.uniform());
        if (points.some((point) => point.every((loss, j) => loss <= probe[j]!))) inside++;
      }
      const volume = hypervolume(points, new Array<number>(dimensions).fill(1));
      expect(Math.abs(inside / n - volume)).toBeLessThan(5 * Math.sqrt((volume * (1 - volume)) / n) + 1e-9);
    }
    expect(volumeShares([[1, 2]])).toEqual([1]);
  });
});

const letters = ['a', 'b', 'c', 'd', 'e'];
const hartmannA = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]; // biome-ignore format: matrices
const hartmannP = [
  [1312, 1696, 5569, 124, 8283, 5886],
  [2329, 4135, 8307, 3736, 1004, 9991],
  [2348, 1451, 3522, 2883, 3047, 6650],
  [4047, 8828, 8732, 5743, 1091, 381],
];
const numbersOf = (candidate: Candidate) => Object.values(candidate) as number[];

/** The functions of scripts/fixtures/optuna_tpe.py. */
const functions = {
  sphere: {
    space: Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`x${i}`, { uniform: [-5, 5] }])),
    of: (c: Candidate) => numbersOf(c).reduce((sum, x) => sum + x * x, 0),
  },
  rosenbrock: {
    space: Object.fromEntries(Array.from({ length: 3 }, (_, i) => [`x${i}`, { uniform: [-2, 2] }])),
    of: (c: Candidate) => {
      const [x, y, z] = numbersOf(c) as [number, number, number];
      return 100 * (y - x * x) ** 2 + (1 - x) ** 2 + 100 * (z - y * y) ** 2 + (1 - y) ** 2;
    },
  },
  branin: {
    space: { x: { uniform: [-5, 10] }, y: { uniform: [0, 15] } },
    of: (c: Candidate) => {
      const [x, y] = numbersOf(c) as [number, number];
      return (
        (y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6) ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10
      );
    },
  },
  hartmann: {
    space: Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`x${i}`, { uniform: [0, 1] }])),
    of: (c: Candidate) => {
      const x = numbersOf(c);
      return -hartmannA.reduce(
        (sum, row, i) =>
          sum + [1, 1.2, 3, 3.2][i]! * Math.exp(-row.reduce((s, a, j) => s + a * (x[j]! - 1e-4 * hartmannP[i]![j]!) ** 2, 0)),
        0,
      );
    },
  },
  conditional: {
    space: {
      rate: { logUniform: [1e-5, 1] },
      rule: ['sgd', 'adam', 'lion'],
      momentum: { uniform: [0, 1], when: { rule: ['sgd'] } },
      units: { integer: [4, 128], when: { rule: ['adam', 'lion'] } },
    },
    of: ({ rate, rule, momentum, units }: Candidate) => {
      const loss = 0.1 * (Math.log10(rate as number) + 2.5) ** 2;
      return rule === 'sgd' ? loss + ((momentum as number) - 0.9) ** 2 : loss + 0.1 + (((units as number) - 48) / 64) ** 2;
    },
  },
  categorical: {
    space: { ...Object.fromEntries([0, 1, 2, 3].map((i) => [`c${i}`, letters])), x: { uniform: [-1, 1] } },
    of: (c: Candidate) => {
      const choices = [0, 1, 2, 3].map((i) => letters.indexOf(c[`c${i}`] as string));
      return choices.reduce((sum, choice, i) => sum + ((choice - i + 5) % 5) * 0.5, 0) + (c.x as number) ** 2;
    },
  },
} satisfies Record<string, { space: object; of: (candidate: Candidate) => number }>;

describe('studies', () => {
  // 30 seeds against 20 of Optuna. With 100 seeds against 80, Branin, one and five at a time, and Rosenbrock, one at a time, had medians of 0.49 and 0.48,
  // 0.48 and 0.51, 1.95 and 1.92: no difference (Mann-Whitney, p from 0.14 to 0.90). So a median of 20 says little about one function; all of them
  // together say more.
  const better: number[] = [];

  test.each(golden.studies.map((s): [string, number, Golden['studies'][number]] => [s.function, s.atATime, s]))(
    'of %s, %i at a time, find as good a candidate as those of Optuna',
    (_, atATime, { function: name, after50, after100 }) => {
      const { space, of } = functions[name];
      const sampler = readSampler('tpe', space);
      const found = Array.from({ length: 30 }, (__, seed) => {
        const earlier: CandidateOutcome[] = [];
        for (let round = 0; round < 100 / atATime; round++)
          earlier.push(
            ...sampler.propose({ seed, round, size: atATime, earlier }).map((candidate, i): CandidateOutcome => {
              return { number: round * atATime + i, round, candidate, steps: [], state: 'complete', losses: [of(candidate)] };
            }),
          );
        const losses = earlier.map((outcome) => outcome.losses[0]!);
        return [Math.min(...losses.slice(0, 50)), Math.min(...losses)] as const;
      });
      for (const [k, theirs] of [after50, after100].entries()) {
        const ours = found.map((one) => one[k]!);
        // What is as good passes this bound with a probability above 0.98: the median's standard error is a quarter of the distance.
        expect(quantile(ours, 0.5)).toBeLessThanOrEqual(quantile(theirs, 0.75));
        better.push(shareBetter(ours, theirs));
      }
    },
    60_000,
  );

  test('find as good candidates as those of Optuna, all functions together', () => {
    // The chance that one of ours is better than one of theirs, 0.5 where both are level. Its standard error over all studies is about 0.02.
    expect(better).toHaveLength(24);
    expect(better.reduce((sum, share) => sum + share, 0) / better.length).toBeGreaterThan(0.48); // measured: 0.52
    expect(Math.min(...better)).toBeGreaterThan(0.33); // two standard errors of one; measured: 0.42
  });
});

/** The share of pairs in which ours is less than theirs; equal ones count half. */
function shareBetter(ours: readonly number[], theirs: readonly number[]): number {
  const points = ours.flatMap((one) => theirs.map((other): number => (one < other ? 1 : one === other ? 0.5 : 0)));
  return points.reduce((sum, point) => sum + point, 0) / points.length;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low]! + (at - low) * ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!);
}

/** Each number of a within 1e-9 of that of b, of itself where it is large. */
function near(a: ArrayLike<number>, b: ArrayLike<number>): void {
  expect(a.length).toBe(b.length);
  for (let i = 0; i < a.length; i++) expect(Math.abs(a[i]! - b[i]!)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(b[i]!)));
}
