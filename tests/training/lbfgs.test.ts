import { describe, expect, test } from 'vitest';
import { strongWolfe, type LinePoint } from '../../src/training/lineSearch.js';
import { runThrough, type Work } from '../../src/training/slices.js';
import { batchNorm, dense, dropout } from '../../src/plan/layers.js';
import { lbfgs } from '../../src/plan/optimizers.js';
import { codeOf, rejection } from '../support/errors.js';
import { bitsOf, classes, makers, regression } from '../support/models.js';

describe('the line search', () => {
  /** phi and its derivative, counted. */
  const search = (phi: (t: number) => number, slope: (t: number) => number, first: number) => {
    let calls = 0;
    const evaluate = function* (step: number): Work<LinePoint> {
      calls++;
      yield;
      return { step, value: phi(step), slope: slope(step) };
    };
    const found = runThrough(strongWolfe(evaluate, { step: 0, value: phi(0), slope: slope(0) }, first, 25), 'test');
    return { found: found!, calls };
  };
  const wolfe = (phi: (t: number) => number, slope: (t: number) => number, t: number) => {
    expect(phi(t)).toBeLessThanOrEqual(phi(0) + 1e-4 * t * slope(0));
    expect(Math.abs(slope(t))).toBeLessThanOrEqual(0.9 * Math.abs(slope(0)));
  };

  test.each([1e-3, 0.1, 1, 10, 1e3])(
    "satisfies the strong Wolfe conditions on More and Thuente's functions from step %f",
    (first) => {
      const functions: [(t: number) => number, (t: number) => number][] = [
        [(t) => -t / (t * t + 2), (t) => (t * t - 2) / (t * t + 2) ** 2],
        [(t) => (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4, (t) => 5 * (t + 0.004) ** 4 - 8 * (t + 0.004) ** 3],
        [(t) => (t - 3) ** 2, (t) => 2 * (t - 3)],
        [(t) => Math.cosh(t - 2), (t) => Math.sinh(t - 2)],
      ];
      for (const [phi, slope] of functions) {
        const { found, calls } = search(phi, slope, first);
        wolfe(phi, slope, found.step);
        expect(calls).toBeLessThan(20);
      }
    },
  );

  test('backs out of where the function is not finite', () => {
    const phi = (t: number) => (t < 1 ? -Math.log(1 - t) - 3 * t : NaN);
    const slope = (t: number) => (t < 1 ? 1 / (1 - t) - 3 : NaN);
    const { found } = search(phi, slope, 100);
    wolfe(phi, slope, found.step);
  });

  test('gives up where nothing is lower', () => {
    expect(
      search(
        (t) => t,
        () => -1,
        1,
      ).found,
    ).toBeUndefined();
  });
});

describe.each(makers)('L-BFGS on $name', ({ make }) => {
  test('solves linear least squares to the normal equations in a few iterations', () => {
    const { X } = regression(50, 3);
    const y = X.map(([a, b, c]) => [2 * a! - 3 * b! + 0.5 * c! + 1]);
    const model = make({ inputs: 3, layers: [dense(1)], optimizer: 'lbfgs' });
    const history = model.fitSync(X, y, { epochs: 50 });
    expect(history.epochs.length).toBeLessThan(20);
    expect(history.stoppedBy).toBe('plateau');
    for (const [i, w] of [2, -3, 0.5, 1].entries()) expect(bitsOf(model)[i]).toBeCloseTo(w, 4);
  });

  test('takes the steps PyTorch takes, and reaches in 300 iterations what Adam does not in a thousand epochs, the loss falling every time', () => {
    const { X, y } = regression(200, 3);
    const options = {
      inputs: 3,
      layers: [dense(16, { activation: 'tanh' as const, biasInit: 'zeros' as const }), dense(1)],
      seed: 1,
    };
    const second = make({ ...options, optimizer: lbfgs() });
    const first = make({ ...options, optimizer: { name: 'adam', learningRate: 0.01 } });
    const history = second.fitSync(X, y, { epochs: 300 });
    first.fitSync(X, y, { epochs: 1000, batchSize: 200 });
    expect(second.evaluate(X, y).loss).toBeLessThan(first.evaluate(X, y).loss);
    const losses = history.values('loss');
    // torch.optim.LBFGS 1.13 in float64, strong_wolfe, history 10, from the same weights, before iterations 0, 10 and 30.
    for (const [at, loss] of [
      [0, 0.9094239349],
      [10, 0.1647863729],
      [30, 0.0113035159],
    ] as const)
      expect(losses[at]! / loss).toBeCloseTo(1, 4);
    for (let i = 1; i < losses.length; i++) expect(losses[i]).toBeLessThanOrEqual(losses[i - 1]! * (1 + 1e-6));
  });

  test('minimises loss plus penalties: at the end the gradient of both is zero', () => {
    const { X, ids } = classes(120);
    const model = make({
      inputs: 2,
      layers: [dense(8, { activation: 'tanh' }), dense(3, { activation: 'softmax' })],
      loss: 'sparseCategoricalCrossEntropy',
      l2: 0.01,
      optimizer: 'lbfgs',
    });
    const start = model.evaluate(X, ids).loss + model.penalty();
    model.fitSync(X, ids, { epochs: 300 });
    const before = model.evaluate(X, ids).loss + model.penalty();
    expect(before).toBeLessThan(0.8 * start);
    model.zeroGrad();
    model.forward(X);
    model.loss(ids);
    model.backward();
    const gradients = model.gradients();
    for (const [i, parameter] of model.parameters().entries())
      for (const [k, w] of parameter.values.entries())
        expect(Math.abs(gradients[i]!.values[k]! + (parameter.name.endsWith('weight') ? 0.01 * w : 0))).toBeLessThan(3e-4);
  });

  test('takes frozen layers, sample weights, batch statistics, metrics and more rows than one pass', async () => {
    const { X, y } = regression(2500, 4);
    const model = make({
      inputs: 4,
      layers: [dense(8), batchNorm(), dense(4, { activation: 'silu' }), dense(1)],
      optimizer: 'lbfgs',
      metrics: ['r2'],
    });
    model.freeze('layers.0');
    const frozen = [...model.parameters()[0]!.values];
    const history = await model.fit(X, y, {
      epochs: 30,
      sampleWeight: X.map((_, i) => (i % 2 ? 1 : 0.5)),
      validationSplit: 0.2,
      sliceMilliseconds: 1,
    });
    expect(history.last!.loss).toBeLessThan(0.6 * history.epochs[0]!.loss);
    expect(history.last!['valR2']).toBeGreaterThan(0.3);
    expect([...model.parameters()[0]!.values]).toEqual(frozen);
  });

  test('fit and fitSync end at the same bits, in any slices', async () => {
    const { X, y } = regression(4500, 4);
    const results: number[][] = [];
    for (const sliceMilliseconds of [0.01, 1, undefined]) {
      const model = make({ inputs: 4, layers: [dense(6, { activation: 'tanh' }), dense(1)], optimizer: 'lbfgs' });
      if (sliceMilliseconds === undefined) model.fitSync(X, y, { epochs: 5 });
      else await model.fit(X, y, { epochs: 5, sliceMilliseconds });
      results.push(bitsOf(model));
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  test('a time budget or a signal ends it with the weights of the last full step', async () => {
    const { X, y } = regression(5000, 4);
    const options = { inputs: 4, layers: [dense(32, { activation: 'tanh' as const }), dense(1)], optimizer: 'lbfgs' as const };
    const model = make(options);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 60);
    const outcome = await model.fit(X, y, { epochs: 10_000, signal: controller.signal }).catch((error: Error) => error.name);
    expect(outcome).toBe('AbortError');
    const again = make(options);
    again.fitSync(X, y, { epochs: model.epoch });
    expect(bitsOf(model)).toEqual(bitsOf(again));
    expect((await model.fit(X, y, { timeBudget: 0.05 })).stoppedBy).toBe('timeBudget');
  });

  test('refuses what it cannot keep: dropout, maxNorm, clip, streams, a step loop', async () => {
    const { X, y } = regression(20, 4);
    const of = (layers: Parameters<typeof make>[0]['layers'], more = {}) =>
      make({ inputs: 4, layers, optimizer: 'lbfgs', ...more });
    expect(codeOf(() => of([dense(4), dropout(0.1), dense(1)]).fitSync(X, y))).toBe('ERR_OPTION');
    expect(codeOf(() => of([dense(1)], { maxNorm: 1 }).fitSync(X, y))).toBe('ERR_OPTION');
    expect(codeOf(() => of([dense(1)], { clip: { globalNorm: 1 } }).fitSync(X, y))).toBe('ERR_OPTION');
    expect(
      (
        await rejection(
          of([dense(1)]).fit(async function* () {
            yield [X, y] as const;
          }),
        )
      ).code,
    ).toBe('ERR_OPTION');
    const model = of([dense(1)]);
    model.forward(X);
    model.loss(y);
    model.backward();
    expect(codeOf(() => model.step())).toBe('ERR_STATE');
    expect(model.trainStep(X, y)).toBeGreaterThan(0);
    expect(model.steps).toBe(1);
    const refused = of([dense(4), dropout(0.1), dense(1)]);
    codeOf(() => refused.fitSync(X, y));
    expect(codeOf(() => refused.fitSync(X, y))).toBe('ERR_OPTION'); // and not ERR_BUSY
  });
});
