// Gradient descent that looks for the length of its steps (Armijo), and training that ends where the gradient is small: against the
// algorithms written out on a quadratic, on both backends.

import { describe, expect, test } from 'vitest';
import type { MLP } from '../../src/mlp/mlp.js';
import type { Model } from '../../src/model/model.js';
import { dense, dropout } from '../../src/plan/layers.js';
import { adamw, gd, lbfgs, sgd } from '../../src/plan/optimizers.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { findLearningRate } from '../../src/model/inspections.js';
import { armijo, type LinePoint } from '../../src/training/lineSearch.js';
import { runThrough, type Work } from '../../src/training/slices.js';
import { refusal } from '../support/errors.js';
import { bitsOf, makers, regression } from '../support/models.js';

test('halves the step until the value falls by 1e-4 of what the slope promises, and gives up where it never does', () => {
  const search = (phi: (t: number) => number, slope: number, first: number, most = 30) => {
    const tried: number[] = [];
    const evaluate = function* (step: number): Work<LinePoint> {
      tried.push(step);
      yield;
      return { step, value: phi(step), slope: 0 };
    };
    const found = runThrough(armijo(evaluate, { step: 0, value: phi(0), slope }, first, most), 'test');
    return { step: found?.step, tried };
  };
  expect(search((t) => (t - 1) ** 2, -2, 1)).toEqual({ step: 1, tried: [1] });
  expect(search((t) => (t - 1) ** 2, -2, 4)).toEqual({ step: 1, tried: [4, 2, 1] }); // at 2 it is as high as at 0
  expect(search((t) => (t < 0.3 ? -t : NaN), -1, 1)).toEqual({ step: 0.25, tried: [1, 0.5, 0.25] });
  expect(search((t) => t, -1, 1, 5)).toEqual({ step: undefined, tried: [1, 0.5, 0.25, 0.125, 0.0625] });
});

describe.each(makers)('on $name', ({ make }) => {
  // A linear model: J(w) is a quadratic, whose gradient is known.
  const X = [
    [1, 0.5],
    [-1, 2],
    [0.5, 1.5],
    [2, -1],
    [-0.25, 0.75],
  ];
  const t = [1, -2, 0.5, 3, 0.25];
  const y = t.map((value) => [value]);
  const l2 = 0.1;
  const options = (optimizer: MLPOptions['optimizer'], more: Partial<MLPOptions> = {}): MLPOptions => ({
    inputs: 2,
    layers: [dense(1, { bias: false })],
    optimizer: optimizer!,
    ...more,
  });
  const started = (optimizer: MLPOptions['optimizer'], more: Partial<MLPOptions> = {}): Model => {
    const model = make(options(optimizer, more));
    model.setVector([2, -1.5]);
    return model;
  };
  const J = (w: readonly number[]) =>
    X.reduce((sum, x, i) => sum + (x[0]! * w[0]! + x[1]! * w[1]! - t[i]!) ** 2, 0) / X.length +
    (l2 / 2) * (w[0]! ** 2 + w[1]! ** 2);
  const gradient = (w: readonly number[]) =>
    [0, 1].map(
      (j) => X.reduce((sum, x, i) => sum + (2 * x[j]! * (x[0]! * w[0]! + x[1]! * w[1]! - t[i]!)) / X.length, 0) + l2 * w[j]!,
    );
  const norm = (g: readonly number[]) => Math.hypot(...g);

  test('Armijo takes the steps of the algorithm written out, and the history says how long they are', () => {
    const model = started(gd({ lineSearch: 'armijo' }), { l2 });
    const history = model.fitSync(X, y, { epochs: 8 });
    let w = [2, -1.5];
    let compared = 0;
    for (const { learningRate } of history.epochs) {
      const g = gradient(w);
      if (norm(g) < 0.05) break; // nearer to the minimum float32 cannot tell losses apart
      compared++;
      let step = 1;
      while (J(w.map((v, j) => v - step * g[j]!)) > J(w) - 1e-4 * step * norm(g) ** 2) step /= 2;
      expect(learningRate).toBe(step);
      w = w.map((v, j) => v - step * g[j]!);
    }
    expect(compared).toBeGreaterThan(2);
    expect(norm(gradient([...model.getVector()]))).toBeLessThan(0.05);
  });

  test('Armijo descends where the same fixed rate diverges, on a network that bends', () => {
    const { X, y } = regression(40);
    const layers = [dense(8, { activation: 'tanh' }), dense(1)];
    const steep = y.map(([v]) => [30 * v!]);
    expect(
      refusal(() => make({ inputs: 4, layers, optimizer: gd({ learningRate: 1 }) }).fitSync(X, steep, { epochs: 200 })).code,
    ).toBe('ERR_DIVERGED');
    const losses = make({ inputs: 4, layers, optimizer: gd({ lineSearch: 'armijo' }) })
      .fitSync(X, steep, { epochs: 200 })
      .values('loss');
    expect(losses.every((loss, i) => i === 0 || loss! <= losses[i - 1]!)).toBe(true);
    expect(losses.at(-1)!).toBeLessThan(0.2 * losses[0]!);
  });

  test('Armijo resumes to the bit, goes through files, steps by trainStep, and ends where no length will do', () => {
    const { X, y } = regression(40);
    const made = () =>
      make({ inputs: 4, layers: [dense(5, { activation: 'tanh' }), dense(1)], optimizer: gd({ lineSearch: 'armijo' }) });
    const whole = made();
    whole.fitSync(X, y, { epochs: 12 });
    const parts = made() as MLP;
    parts.fitSync(X, y, { epochs: 5 });
    const resumed = (parts.constructor as typeof MLP).load(parts.save({ optimizer: true }));
    resumed.fitSync(X, y, { epochs: 7 });
    expect(bitsOf(resumed)).toEqual(bitsOf(whole));
    const stepwise = made();
    for (let k = 0; k < 12; k++) stepwise.trainStep(X, y);
    expect(bitsOf(stepwise)).toEqual(bitsOf(whole));
    const history = started(gd({ lineSearch: 'armijo' })).fitSync(
      X.map((row) => row.slice(0, 2)),
      y,
      { epochs: 5000 },
    );
    expect(history.stoppedBy).toBe('plateau');
  });

  test('gradientTolerance ends gradient descent at the step whose gradient is small enough, by hand', () => {
    const tolerance = 1e-2;
    const model = started(gd({ learningRate: 0.1 }), { l2 });
    const history = model.fitSync(X, y, { epochs: 1000, gradientTolerance: tolerance });
    let w = [2, -1.5];
    let steps = 0;
    for (let small = false; !small; steps++) {
      const g = gradient(w);
      small = norm(g) <= tolerance;
      w = w.map((v, j) => v - 0.1 * g[j]!);
    }
    expect([history.stoppedBy, history.epochs.length]).toEqual(['gradientTolerance', steps]);
    model.getVector().forEach((v, j) => expect(v).toBeCloseTo(w[j]!, 5));
    expect(norm(gradient([...model.getVector()]))).toBeLessThanOrEqual(tolerance);
  });

  test.each([
    ['a line search', gd({ lineSearch: 'armijo' })],
    ['lbfgs', lbfgs()],
    ['sgd on all rows', sgd({ learningRate: 0.1, momentum: 0.5 })],
    ['weight decay by a schedule', sgd({ learningRate: 0.1, weightDecay: () => l2 })],
  ] as const)('gradientTolerance counts penalties, with %s', (_, optimizer) => {
    const decays = 'weightDecay' in optimizer;
    const model = started(optimizer, decays ? {} : { l2 });
    const history = model.fitSync(X, y, { epochs: 2000, gradientTolerance: 1e-3 });
    expect(history.stoppedBy).toBe('gradientTolerance');
    expect(norm(gradient([...model.getVector()]))).toBeLessThan(1.5e-3);
    expect(history.epochs.length).toBeGreaterThan(1);
  });

  test('a decay that is decoupled is no part of the loss: its gradient is not counted', () => {
    const model = started(adamw({ learningRate: 0.05, weightDecay: 0 }));
    const history = model.fitSync(X, y, { epochs: 3000, gradientTolerance: 1e-2 });
    expect(history.stoppedBy).toBe('gradientTolerance');
  });

  test('refusals name the option and the way out', () => {
    const model = started('sgd');
    expect(refusal(() => model.fitSync(X, y, { batchSize: 2, gradientTolerance: 1e-3 })).message).toMatch(
      /^gradientTolerance: needs steps on all rows, and steps here see 2 of 5\. Use "gd" or "lbfgs", or batchSize: 5\./,
    );
    expect(model.fitSync(X, y, { batchSize: 1, accumulate: 5, gradientTolerance: 1e9 }).stoppedBy).toBe('gradientTolerance');
    expect(refusal(() => model.fitSync(() => [[X, y] as const], { epochs: 1, gradientTolerance: 1 })).message).toMatch(
      /^gradientTolerance: .*a stream comes in parts/,
    );
    expect(refusal(() => model.fitSync(X, y, { gradientTolerance: 0 })).message).toMatch(
      /^gradientTolerance: expected a number > 0/,
    );
    const searching = { inputs: 2, optimizer: gd({ lineSearch: 'armijo' }) } as const;
    expect(refusal(() => make({ ...searching, layers: [dropout(0.5), dense(1)] }).fitSync(X, y)).message).toMatch(
      /^gd\.lineSearch: needs a loss/,
    );
    expect(refusal(() => make({ ...searching, layers: [dense(1)], maxNorm: 1 }).fitSync(X, y)).message).toMatch(
      /^gd\.lineSearch: maxNorm/,
    );
    expect(refusal(() => make({ ...searching, layers: [dense(1)] }).fitSync(X, y, { batchSize: 2 })).message).toMatch(
      /^batchSize: "gd"/,
    );
    expect(
      refusal(() => make({ ...searching, layers: [dense(1)] }).fitSync(() => [[X, y] as const], { epochs: 1 })).message,
    ).toMatch(/^gd: needs all rows/);
    expect(refusal(() => make(options(gd({ lineSearch: 'armijo', weightDecay: () => 0.1 })))).message).toMatch(
      /^gd\.weightDecay: a line search/,
    );
    expect(refusal(() => make(options({ name: 'sgd', lineSearch: 'armijo' } as never))).message).toMatch(
      /^sgd: unknown option "lineSearch"/,
    );
    expect(refusal(() => findLearningRate(make(options(gd({ lineSearch: 'armijo' }))), X, y)).message).toMatch(
      /"gd" finds the length/,
    );
    const loop = make(options(gd({ lineSearch: 'armijo' })));
    loop.forward(X, { training: true });
    loop.loss(y);
    loop.backward();
    expect(refusal(() => loop.step()).code).toBe('ERR_STATE');
  });
});
