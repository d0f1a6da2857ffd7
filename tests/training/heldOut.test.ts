// Rows that are held out, what is measured on them, and trainings that end by it or wait at a plateau.

import { describe, expect, test } from 'vitest';
import type { MLPOptions } from '../../src/plan/network.js';
import { dense } from '../../src/plan/layers.js';
import { adam, sgd } from '../../src/plan/optimizers.js';
import { reduceOnPlateau } from '../../src/plan/schedules.js';
import { fixture } from '../support/fixtures.js';
import { bitsOf, classes, expectClose, makers, regression } from '../support/models.js';

const small: MLPOptions = {
  inputs: 4,
  layers: [dense(8, { activation: 'tanh' }), dense(1)],
  optimizer: adam({ learningRate: 0.01 }),
  seed: 3,
};

describe.each(makers)('what is held out by fit on $name', ({ make }) => {
  const { X, y } = regression(101);

  test('validationSplit holds out the last rows and measures on them after the epoch', async () => {
    const model = make(small);
    const history = await model.fit(X, y, { epochs: 2, validationSplit: 0.25 });
    const kept = Math.floor(101 * 0.75);
    expect(history.last!.valLoss).toBeCloseTo(model.evaluate(X.slice(kept), y.slice(kept)).loss, 6);
    const other = make(small);
    await other.fit(X.slice(0, kept), y.slice(0, kept), { epochs: 2, validationData: [X.slice(kept), y.slice(kept)] });
    expect(bitsOf(other)).toEqual(bitsOf(model));
  });

  test('early stopping stops after `patience` epochs without improvement and goes back to the best', async () => {
    const model = make({ ...small, optimizer: adam({ learningRate: 0.05 }) });
    const noise = regression(40, 4, 9);
    const history = await model.fit(noise.X.slice(0, 20), noise.y.slice(0, 20), {
      epochs: 2000,
      validationData: { X: noise.X.slice(20), y: noise.y.slice(20) },
      earlyStopping: { patience: 15 },
    });
    expect(history.stoppedBy).toBe('earlyStopping');
    const losses = history.values('valLoss');
    const best = losses.indexOf(Math.min(...losses));
    expect(history.bestEpoch).toBe(best + 1);
    expect(losses).toHaveLength(best + 1 + 15);
    expect(model.evaluate(noise.X.slice(20), noise.y.slice(20)).loss).toBeCloseTo(losses[best]!, 6);
  });

  test('fault 53: early stopping ends a training whose loss only grows, and NaN is never an improvement', async () => {
    const growing = make({ ...small, optimizer: sgd({ learningRate: 0.9 }), layers: [dense(1)] });
    const scaled = X.map((row) => row.map((v) => 3 * v));
    const history = await growing.fit(scaled, y, {
      epochs: 500,
      batchSize: 101,
      earlyStopping: { monitor: 'loss', patience: 3 },
    });
    expect(history.stoppedBy).toBe('earlyStopping');
    const nan = make({ ...small, optimizer: sgd({ learningRate: 1e30 }) });
    const hopeless = await nan.fit(X, y, {
      epochs: 20,
      onDivergence: 'continue',
      earlyStopping: { monitor: 'loss', patience: 4 },
    });
    expect(hopeless.epochs.length).toBeLessThanOrEqual(7);
    expect(hopeless.epochs.slice(1).every((log) => !(log.loss < hopeless.epochs[0]!.loss))).toBe(true);
  });

  test('reduceOnPlateau follows PyTorch on its own metrics', async () => {
    const { cases } = fixture<{ cases: PlateauCase[] }>('schedules.json');
    for (const c of cases.filter((one) => one.title === 'ReduceLROnPlateau')) {
      const rate = reduceOnPlateau(c.learningRate, {
        factor: c.factor,
        patience: c.patience,
        minDelta: c.threshold,
        cooldown: c.cooldown,
        minRate: c.minimum,
      });
      let epoch = 0;
      const targets = c.metrics;
      // A model of one constant output and no learning: its loss on (0, m) is what the metric says.
      const model = make({
        inputs: 1,
        layers: [dense(1, { trainable: false })],
        optimizer: sgd({ learningRate: rate }),
        loss: (yTrue, yPred) => ({
          value: targets[epoch++]!,
          gradient: { data: new Float32Array(yPred.data.length), shape: [...yTrue.shape] },
        }),
      });
      const history = await model.fit([[0]], [[0]], { epochs: targets.length });
      expectClose([...history.values('learningRate'), model.learningRate], c.rates, 9);
    }
  });

  interface PlateauCase {
    title: string;
    learningRate: number;
    factor: number;
    patience: number;
    threshold: number;
    cooldown: number;
    minimum: number;
    metrics: number[];
    rates: number[];
  }

  test('compat "sklearn" stops when the training loss stalls, with batches of min(200, rows) and up to 200 epochs', () => {
    const model = make({
      inputs: 4,
      layers: [dense(8, { activation: 'relu' }), dense(1)],
      compat: 'sklearn',
      optimizer: adam({ learningRate: 0.02 }),
    });
    const history = model.fitSync(
      X,
      y.map(() => [0]),
    );
    expect(history.stoppedBy).toBe('plateau');
    expect(history.epochs.length).toBeLessThan(200);
    const full = make({ inputs: 4, layers: [dense(8, { activation: 'relu' }), dense(1)], compat: 'sklearn', optimizer: 'adam' });
    expect(full.fitSync(X, y).epochs.length).toBe(200);
  });

  test('compat "sklearn" draws validation rows at random, each class by its share, the same every time', async () => {
    const data = classes(90);
    const options: MLPOptions = {
      inputs: 2,
      layers: [dense(3, { activation: 'softmax' })],
      loss: 'sparseCategoricalCrossEntropy',
      compat: 'sklearn',
      metrics: ['accuracy'],
    };
    const one = await make(options).fit(data.X, data.ids, { epochs: 3, validationSplit: 0.2 });
    const two = await make(options).fit(data.X, data.ids, { epochs: 3, validationSplit: 0.2 });
    const last = await make({ ...options, compat: undefined }).fit(data.X, data.ids, { epochs: 3, validationSplit: 0.2 });
    expect(two.values('valLoss')).toEqual(one.values('valLoss'));
    expect(last.values('valLoss')).not.toEqual(one.values('valLoss'));
  });
});
