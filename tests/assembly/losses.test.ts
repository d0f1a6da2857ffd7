// Losses of the core against their formulas in float64: values, and gradients by finite differences of the same formulas;
// every small shape with canaries; extreme logits.

import { describe, expect, test } from 'vitest';
import { Loss } from '../../assembly/abi.js';
import { elementRules, type ElementLoss } from '../../src/baseline/losses.js';
import { Random } from '../../src/data/random.js';
import { lossNames, losses, resolveLoss } from '../../src/plan/losses.js';
import { resolveActivation } from '../../src/plan/activations.js';
import { builds, loadProbe } from '../support/loadProbe.js';

interface Functions {
  lossRows(
    id: number,
    delta: number,
    y: number,
    stride: number,
    fused: boolean,
    targets: number,
    targetStride: number,
    weights: number,
    rowLosses: number,
    rows: number,
    outputs: number,
    scale: number,
    a: number,
  ): void;
  sumRows(rowLosses: number, rows: number): number;
}

const fround = Math.fround;
const HUGE = 3.4028234663852886e38;
const CANARY = fround(12345.678);

/** expect(got).toBe(wanted), without its cost where there are millions. */
function same(got: number, wanted: number, what: string): void {
  if (!Object.is(got, wanted)) expect.fail(`${what}: ${got}, not ${wanted}`);
}

const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
const sum = (values: number[]) => values.reduce((total, v) => total + v, 0);
const clamp = (v: number, low: number, high: number) => Math.min(Math.max(v, low), high);
const smooth = (t: number, s: number, classes: number) => t * (1 - s) + s / classes;

/** Cross-entropy of softmax(z) with targets t. */
function crossEntropy(z: number[], t: number[]): number {
  const top = Math.max(...z);
  const logSum = Math.log(sum(z.map((v) => Math.exp(v - top))));
  return sum(z.map((v, k) => (t[k] === 0 ? 0 : t[k]! * (top - v + logSum))));
}

interface Rule {
  /** Loss of a row of outputs (or of pre-activations, if fused) y with targets t, in float64. */
  f: (y: number[], t: number[], a: number) => number;
  /** Parameters to test. */
  a?: number[];
  fused?: true;
  output: (random: Random) => number;
  target: (random: Random, outputs: number) => number;
  /** Whether finite differences of size h around (y, t) stay on one side of every kink. */
  smooth?: (y: number, t: number, a: number, h: number) => boolean;
}

const normal = (random: Random) => fround(2 * random.normal());
const probability = (random: Random) => fround(random.between(0.001, 0.999));
const sign = (random: Random) => (random.uniform() < 0.5 ? -1 : 1);
const label = (random: Random) => (random.uniform() < 0.5 ? 0 : 1);
const apart = (v: number, at: number, h: number) => Math.abs(v - at) > 3 * h;

/** Gaussian likelihoods have two outputs for each target: tests/baseline/quantiles.test.ts. */
type LossId = Exclude<keyof typeof Loss, 'Custom' | 'GaussianNll'>;

const written: Partial<Record<LossId, Rule>> = {
  MeanSquaredError: { f: (y, t) => mean(y.map((v, k) => (v - t[k]!) ** 2)), output: normal, target: normal },
  MeanAbsoluteError: {
    f: (y, t) => mean(y.map((v, k) => Math.abs(v - t[k]!))),
    output: normal,
    target: normal,
    smooth: (y, t, _a, h) => apart(y, t, h),
  },
  Huber: {
    f: (y, t, a) =>
      mean(
        y.map((v, k) => {
          const d = Math.abs(v - t[k]!);
          return d <= a ? (d * d) / 2 : a * (d - a / 2);
        }),
      ),
    a: [1, 0.25, 3],
    output: normal,
    target: normal,
    smooth: (y, t, a, h) => apart(Math.abs(y - t), a, h),
  },
  LogCosh: {
    f: (y, t) =>
      mean(
        y.map((v, k) => {
          const d = Math.abs(v - t[k]!);
          return d < 1 ? Math.log1p(2 * Math.sinh(d / 2) ** 2) : d - Math.LN2 + Math.log1p(Math.exp(-2 * d));
        }),
      ),
    output: normal,
    target: normal,
  },
  BinaryCrossEntropy: {
    f: (y, t, a) => -mean(y.map((p, k) => smooth(t[k]!, a, 2) * Math.log(p) + (1 - smooth(t[k]!, a, 2)) * Math.log1p(-p))),
    a: [0, 0.125],
    output: probability,
    target: label,
  },
  BinaryCrossEntropyLogits: {
    f: (z, t, a) => mean(z.map((v, k) => Math.max(v, 0) - v * smooth(t[k]!, a, 2) + Math.log1p(Math.exp(-Math.abs(v))))),
    a: [0, 0.125],
    fused: true,
    output: normal,
    target: label,
  },
  CategoricalCrossEntropy: {
    f: (z, t, a) =>
      crossEntropy(
        z,
        t.map((v) => smooth(v, a, z.length)),
      ),
    a: [0, 0.125],
    fused: true,
    output: normal,
    target: probability, // sums other than 1 test that the gradient keeps to the formula
  },
  SparseCategoricalCrossEntropy: {
    f: (z, t, a) =>
      crossEntropy(
        z,
        z.map((_, k) => smooth(k === t[0] ? 1 : 0, a, z.length)),
      ),
    a: [0, 0.125],
    fused: true,
    output: normal,
    target: (random, outputs) => random.below(outputs),
  },
  Hinge: {
    f: (y, t) => mean(y.map((v, k) => Math.max(0, 1 - t[k]! * v))),
    output: normal,
    target: sign,
    smooth: (y, t, _a, h) => apart(y * t, 1, h),
  },
  SquaredHinge: {
    f: (y, t) => mean(y.map((v, k) => Math.max(0, 1 - t[k]! * v) ** 2)),
    output: normal,
    target: sign,
    smooth: (y, t, _a, h) => apart(y * t, 1, h),
  },
  Perceptron: {
    f: (y, t) => mean(y.map((v, k) => Math.max(0, -t[k]! * v))),
    output: normal,
    target: sign,
    smooth: (y, _t, _a, h) => apart(y, 0, h),
  },
  Poisson: {
    f: (y, t) => mean(y.map((v, k) => v - t[k]! * Math.log(v + 1e-7))),
    output: (random) => fround(random.between(0.05, 5)),
    target: (random) => random.below(6),
  },
  KlDivergence: {
    f: (y, t) => sum(y.map((v, k) => clamp(t[k]!, 1e-7, 1) * Math.log(clamp(t[k]!, 1e-7, 1) / clamp(v, 1e-7, 1)))),
    output: probability,
    target: (random) => (random.uniform() < 0.2 ? 0 : probability(random)),
  },
};

/** By the baseline's function, for a loss of one output at a time of which no more is written down here. */
function fromBaseline(name: LossId): Rule {
  const called = lossNames.find((loss) => Loss[losses[loss].id] === name);
  if (called === undefined || !(Loss[name] in elementRules))
    throw new Error(`${name} needs a row in src/plan/losses.ts, and a rule in src/baseline/losses.ts or in this file.`);
  const { value, derivative } = elementRules[Loss[name] as ElementLoss];
  const { targets } = losses[called];
  const { a } = resolveLoss(called, resolveActivation(targets === 'unit' ? 'sigmoid' : 'identity', 'activation'), 1);
  const target = { real: normal, sign, unit: label, count: (random: Random) => random.below(6) } as Record<
    string,
    Rule['target']
  >;
  return {
    f: (y, t, a) => mean(y.map((v, k) => value(v, t[k]!, a))),
    a: [a],
    output: targets === 'unit' ? probability : targets === 'count' ? (random) => fround(random.between(0.05, 5)) : normal,
    target: target[targets]!,
    smooth: (y, t, a, h) => Math.abs(derivative(y + 3 * h, t, a) - derivative(y - 3 * h, t, a)) < 0.01,
  };
}

const names = Object.keys(Loss).filter(
  (key) => Number.isNaN(Number(key)) && key !== 'Custom' && key !== 'GaussianNll',
) as LossId[];
const rules = Object.fromEntries(names.map((name) => [name, written[name] ?? fromBaseline(name)])) as Record<LossId, Rule>;

/** The gradient of f at y, to about 1e-10. */
function differences(rule: Rule, y: number[], t: number[], a: number, h: number): number[] {
  return y.map((_, k) => {
    const at = (step: number) =>
      rule.f(
        y.map((v, j) => (j === k ? v + step * h : v)),
        t,
        a,
      );
    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);
  });
}

describe.each(builds)('losses, %s', (build) => {
  const probe = loadProbe<Functions>(build);
  probe.reserve(1 << 20);
  const floats = new Float32Array(probe.memory.buffer);
  const doubles = new Float64Array(probe.memory.buffer);
  const Y = 1 << 16;
  const T = 1 << 17;
  const DELTA = 3 << 16;
  const WEIGHTS = 1 << 18;
  const LOSSES = 5 << 16;

  interface Batch {
    y: number[][];
    t: number[][];
    weights?: number[];
  }

  /** Runs a batch with the given strides; checks canaries and padding; returns losses and gradients. */
  function run(
    name: keyof typeof rules,
    { y, t, weights }: Batch,
    { a = 0, scale = 1, extra = [0, 0] } = {},
  ): { losses: number[]; delta: number[][] } {
    const rows = y.length;
    const outputs = y[0]!.length;
    const padded = (outputs + 3) & ~3;
    const [stride, targetStride] = extra.map((e) => padded + e) as [number, number];
    const size = rows * (padded + 16) + 16;
    for (const at of [Y, T, DELTA, WEIGHTS]) floats.fill(CANARY, at / 4 - 16, at / 4 + size);
    doubles.fill(CANARY, LOSSES / 8 - 8, LOSSES / 8 + rows + 8);
    for (let r = 0; r < rows; r++) {
      // Padding lanes of outputs and targets may hold anything.
      floats.fill(Number.NaN, Y / 4 + r * stride, Y / 4 + r * stride + padded);
      floats.fill(Number.NaN, T / 4 + r * targetStride, T / 4 + r * targetStride + padded);
      floats.set(y[r]!, Y / 4 + r * stride);
      floats.set(t[r]!, T / 4 + r * targetStride);
    }
    if (weights) floats.set(weights, WEIGHTS / 4);
    probe.lossRows(
      Loss[name],
      DELTA,
      Y,
      stride,
      rules[name].fused === true,
      T,
      targetStride,
      weights ? WEIGHTS : 0,
      LOSSES,
      rows,
      outputs,
      scale,
      a,
    );
    for (let i = 1; i <= 8; i++) {
      same(doubles[LOSSES / 8 - i]!, CANARY, 'before the losses');
      same(doubles[LOSSES / 8 + rows + i - 1]!, CANARY, 'after the losses');
      same(floats[DELTA / 4 - i]!, CANARY, 'before delta');
      same(floats[DELTA / 4 + rows * stride + i - 1]!, CANARY, 'after delta');
    }
    for (let r = 0; r < rows; r++)
      for (let j = outputs; j < stride; j++)
        same(floats[DELTA / 4 + r * stride + j]!, j < padded ? 0 : CANARY, `padding of delta, row ${r}, lane ${j}`);
    return {
      losses: Array.from(doubles.slice(LOSSES / 8, LOSSES / 8 + rows)),
      delta: y.map((_, r) => Array.from(floats.slice(DELTA / 4 + r * stride, DELTA / 4 + r * stride + outputs))),
    };
  }

  describe.each(names)('%s', (name) => {
    const rule = rules[name];
    const sparse = name === 'SparseCategoricalCrossEntropy';

    function batch(random: Random, rows: number, outputs: number): Batch {
      return {
        y: Array.from({ length: rows }, () => Array.from({ length: outputs }, () => rule.output(random))),
        t: Array.from({ length: rows }, () => Array.from({ length: sparse ? 1 : outputs }, () => rule.target(random, outputs))),
      };
    }

    test('has the value and the gradient of its formula, for every parameter', () => {
      const random = new Random(1, name);
      for (const a of rule.a ?? [0]) {
        for (let k = 0; k < 60; k++) {
          const outputs = 1 + (k % 9);
          const { y, t } = batch(random, 4, outputs);
          const { losses, delta } = run(name, { y, t }, { a });
          for (let r = 0; r < 4; r++) {
            const value = rule.f(y[r]!, t[r]!, a);
            // Terms of the order of 1 to 10, each a few roundings off.
            expect(Math.abs(losses[r]! - value)).toBeLessThan(2e-6 * Math.max(1, Math.abs(value)));
            const h = 1e-4 * (rule.output === probability ? 0.1 : 1);
            const gradient = differences(rule, y[r]!, t[r]!, a, h);
            for (let j = 0; j < outputs; j++) {
              if (rule.smooth && !rule.smooth(y[r]![j]!, t[r]![j]!, a, h)) continue;
              expect(Math.abs(delta[r]![j]! - gradient[j]!)).toBeLessThan(3e-6 * Math.max(1, Math.abs(gradient[j]!)));
            }
          }
        }
      }
    });

    test('gives each row the same bits alone and in a batch of any shape, weights and scale multiplied in', () => {
      const random = new Random(2, name);
      const a = rule.a?.[0] ?? 0;
      for (let outputs = 1; outputs <= 9; outputs++) {
        for (let rows = 1; rows <= 9; rows++) {
          const { y, t } = batch(random, rows, outputs);
          const weights = rows % 2 === 0 ? Array.from({ length: rows }, (_, r) => (r === 1 ? 0 : (r + 1) / 4)) : undefined;
          const extra = [4 * (rows % 3), 4 * ((rows + outputs) % 2)];
          const scale = 1 / 8;
          const whole = run(name, weights ? { y, t, weights } : { y, t }, { a, extra, scale });
          expect(run(name, weights ? { y, t, weights } : { y, t }, { a }).losses).toEqual(whole.losses); // strides do not matter
          for (let r = 0; r < rows; r++) {
            const one = weights ? { y: [y[r]!], t: [t[r]!], weights: [weights[r]!] } : { y: [y[r]!], t: [t[r]!] };
            const alone = run(name, one, { a, scale });
            expect(alone.losses[0]).toBe(whole.losses[r]);
            expect(alone.delta[0]).toEqual(whole.delta[r]);
            const plain = run(name, { y: [y[r]!], t: [t[r]!] }, { a });
            const weight = weights?.[r] ?? 1;
            expect(whole.losses[r]).toBeCloseTo(plain.losses[0]! * weight, 12);
            for (let j = 0; j < outputs; j++)
              expect(whole.delta[r]![j]! + 0).toBeCloseTo(plain.delta[0]![j]! * weight * scale + 0, 5);
          }
        }
      }
    });

    test('lets NaN out in its row alone, and skips a row of weight 0', () => {
      const random = new Random(3, name);
      const { y, t } = batch(random, 3, 5);
      y[1]![2] = Number.NaN;
      const { losses, delta } = run(name, { y, t }, { a: rule.a?.[0] ?? 0 });
      expect(losses.map(Number.isNaN)).toEqual([false, true, false]);
      expect([...delta[0]!, ...delta[2]!].some(Number.isNaN)).toBe(false);
      const skipped = run(name, { y, t, weights: [1, 0, 1] }, { a: rule.a?.[0] ?? 0 });
      expect(skipped.losses).toEqual([losses[0], 0, losses[2]]);
      expect(skipped.delta).toEqual([delta[0], [0, 0, 0, 0, 0], delta[2]]);
    });
  });

  test('sums rows in ascending order', () => {
    doubles.set([1, 2 ** -53, 2 ** -53, -1], LOSSES / 8);
    expect(probe.sumRows(LOSSES, 4)).toBe(1 + 2 ** -53 + 2 ** -53 - 1);
    expect(probe.sumRows(LOSSES, 0)).toBe(0);
  });

  test('fault 61: cross-entropy of extreme logits is finite, exact at its limits, with finite gradients', () => {
    for (const name of ['CategoricalCrossEntropy', 'SparseCategoricalCrossEntropy'] as const) {
      const target = (k: number, n: number) =>
        name.startsWith('Sparse') ? [k] : Array.from({ length: n }, (_, j) => (j === k ? 1 : 0));
      for (const z of [HUGE, -HUGE, 1e4, -1e4, 0]) {
        const { losses, delta } = run(name, { y: [[z, z, z, z]], t: [target(2, 4)] });
        expect(losses[0]).toBe(fround(Math.log(4)));
        expect(delta[0]).toEqual([0.25, 0.25, -0.75, 0.25]);
      }
      const right = run(name, { y: [[1e4, -1e4, 0]], t: [target(0, 3)] });
      expect(right.losses[0]).toBe(0);
      expect(right.delta[0]!.map((v) => v + 0)).toEqual([0, 0, 0]);
      const wrong = run(name, { y: [[1e4, -1e4, 0]], t: [target(1, 3)] });
      expect(wrong.losses[0]).toBe(2e4);
      expect(wrong.delta[0]).toEqual([1, -1, 0]);
      const huge = run(name, { y: [[HUGE, -HUGE, 0]], t: [target(1, 3)] });
      expect(huge.losses[0]).toBe(HUGE); // the distance of 2 * HUGE saturates
      expect(huge.delta[0]).toEqual([1, -1, 0]);
      expect(run(name, { y: [[HUGE, -HUGE, 0]], t: [target(0, 3)] }).losses[0]).toBe(0);
    }
    const name = 'BinaryCrossEntropyLogits';
    for (const z of [1e4, HUGE]) {
      const { losses, delta } = run(name, { y: [[z], [z], [-z], [-z]], t: [[1], [0], [1], [0]] });
      expect(losses).toEqual([0, z, z, 0].map(fround));
      expect(delta.map((d) => d[0]! + 0)).toEqual([0, 1, -1, 0]);
    }
    const both = run(name, { y: [[HUGE, HUGE]], t: [[0, 0]] });
    expect(both.losses[0]).toBe(HUGE); // the sum of the two would overflow a float32
  });

  test('fault 62: binary cross-entropy of probabilities 0 and 1 is that of 1e-7 and 1 - 1e-7, and still pulls', () => {
    const { losses, delta } = run('BinaryCrossEntropy', { y: [[0], [0], [1], [1]], t: [[0], [1], [0], [1]] });
    const worst = -Math.log(1e-7);
    for (const [r, expected] of [0, worst, worst, 0].entries()) expect(losses[r]).toBeCloseTo(expected, 5);
    for (const [r, expected] of [1, -1e7, 1e7, -1].entries()) expect(delta[r]![0]! / expected).toBeCloseTo(1, 6);
  });

  test('log-cosh and Huber keep their accuracy near 0 and do not overflow far out', () => {
    const tiny = run('LogCosh', { y: [[1e-3], [1e-12], [0]], t: [[0], [0], [0]] });
    for (const [r, d] of [1e-3, 1e-12, 0].entries()) {
      const expected = fround(d) ** 2 / 2 - fround(d) ** 4 / 12;
      expect(Math.abs(tiny.losses[r]! - expected)).toBeLessThanOrEqual(1e-6 * expected);
    }
    const far = run('LogCosh', { y: [[1e30], [-100]], t: [[0], [0]] });
    expect(far.losses[0]).toBe(fround(1e30));
    expect(far.losses[1]).toBeCloseTo(100 - Math.LN2, 4);
    expect(run('Huber', { y: [[HUGE]], t: [[0]] }, { a: 1 }).losses[0]).toBe(HUGE);
  });

  test('at the kinks: the perceptron corrects a zero output, the hinge rests at its margin, the absolute error at 0', () => {
    expect(run('Perceptron', { y: [[0], [0]], t: [[1], [-1]] }).delta).toEqual([[-1], [1]]);
    expect(run('Hinge', { y: [[1], [-1]], t: [[1], [-1]] }).delta).toEqual([[0], [0]]);
    expect(run('MeanAbsoluteError', { y: [[2]], t: [[2]] }).delta).toEqual([[0]]);
  });
});
