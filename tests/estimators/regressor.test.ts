// MLPRegressor: numbers of rows, in their own units.

import { describe, expect, test } from 'vitest';
import { datasets, metrics } from '../../src/entries/parts/data.js';
import { Random } from '../../src/data/random.js';
import { MLPRegressor } from '../../src/entries/parts/estimators.js';
import { dropout } from '../../src/entries/parts/plan.js';
import { codeOf } from '../support/errors.js';

describe('MLPRegressor', () => {
  const bs = datasets.blackScholes({ samples: 600, seed: 2 });
  const prices = Array.from(bs.y.data);

  test('predicts numbers in their own units, a list for a list and rows for rows', async () => {
    const model = await new MLPRegressor({ epochs: 60 }).fit(bs.X, prices, { featureNames: bs.featureNames });
    expect(model.score(bs.X, prices)).toBeGreaterThan(0.98);
    const predicted = model.predict(bs.X);
    expect(predicted).toBeInstanceOf(Float64Array);
    expect(metrics.r2(prices, predicted)).toBe(model.score(bs.X, prices));

    const rows = await new MLPRegressor({ epochs: 60 }).fit(bs.X, bs.gradients);
    const several = rows.predict(bs.X as never) as unknown as { shape: number[] };
    expect(several.shape).toEqual([600, 5]);
    expect(rows.targets).toBe(5);
    expect(rows.score(bs.X, bs.gradients)).toBeGreaterThan(0.6);
    const loaded = MLPRegressor.load(rows.save());
    expect(loaded.predict(bs.X as never)).toEqual(several);
  });

  test('fault 57: targets around a million with deviation 1 keep their digits', () => {
    const random = new Random(3);
    const x = Array.from({ length: 300 }, () => [random.between(-2, 2)]);
    const y = x.map(([v]) => 1e6 + v!);
    const model = new MLPRegressor({ epochs: 200 }).fitSync(x, y);
    expect(model.score(x, y)).toBeGreaterThan(0.999);
    expect(Math.abs(model.predict([[1]])[0]! - 1_000_001)).toBeLessThan(0.05);
    const flat = new MLPRegressor({ epochs: 3 }).fitSync(
      x,
      x.map(() => 4),
    );
    expect(flat.predict([[1]])[0]).toBeCloseTo(4, 0);
  });

  test('is saved to the bit and learns in portions; losses and scaling are options', () => {
    const model = new MLPRegressor({ epochs: 5, loss: 'huber', scale: 'robust', scaleTargets: false }).fitSync(bs.X, prices);
    expect(MLPRegressor.load(model.save()).predict(bs.X)).toEqual(model.predict(bs.X));
    expect(model.targetScaler).toBeUndefined();
    const parts = new MLPRegressor();
    for (let pass = 0; pass < 30; pass++) parts.partialFit(bs.X, prices);
    expect(parts.score(bs.X, prices)).toBeGreaterThan(0.9);
    expect(codeOf(() => parts.partialFit(bs.X, bs.gradients))).toBe('ERR_SHAPE');
    expect(codeOf(() => new MLPRegressor({ loss: 'hinge' } as object))).toBe('ERR_OPTION');
    expect(codeOf(() => new MLPRegressor().fitSync([[1]], ['a'] as never))).toBe('ERR_TYPE');
  });

  test('fault 70: nothing is drawn from Math.random', () => {
    const random = Math.random;
    const train = () => new MLPRegressor({ epochs: 3, hiddenLayers: [8, dropout(0.2)] }).fitSync(bs.X, prices).predict(bs.X);
    const before = train();
    Math.random = () => 0.5;
    try {
      expect(train()).toEqual(before);
    } finally {
      Math.random = random;
    }
  });

  test('fault 67: never writes to what it was given', () => {
    const X = Object.freeze(Array.from({ length: 20 }, (_, i) => Object.freeze([i, i * i])));
    const y = Object.freeze(Array.from({ length: 20 }, (_, i) => i));
    const model = new MLPRegressor({ epochs: 3, batchSize: 8 }).fitSync(X, y);
    model.predict(X);
    expect(X[3]).toEqual([3, 9]);
  });

  test('linear models come from no hidden layer, also by L-BFGS', async () => {
    const x = Array.from({ length: 40 }, (_, i) => [i, (i * 7) % 11]);
    const y = x.map(([a, b]) => 3 * a! - 2 * b! + 5);
    const model = await new MLPRegressor({ hiddenLayers: [], optimizer: 'lbfgs', l2: 0, epochs: 50 }).fit(x, y);
    expect(model.score(x, y)).toBeGreaterThan(0.99999);
  });
});
