// What rows and labels count in fit: weights of classes and rows, smoothed labels, losses of one's own.

import { describe, expect, test } from 'vitest';
import type { MLPOptions } from '../../src/plan/network.js';
import { dense } from '../../src/plan/layers.js';
import { categoricalCrossEntropy, sparseCategoricalCrossEntropy } from '../../src/plan/losses.js';
import { adam, sgd } from '../../src/plan/optimizers.js';
import { codeOf } from '../support/errors.js';
import { bitsOf, classes, expectClose, makers, regression } from '../support/models.js';

const small: MLPOptions = {
  inputs: 4,
  layers: [dense(8, { activation: 'tanh' }), dense(1)],
  optimizer: adam({ learningRate: 0.01 }),
  seed: 3,
};

describe.each(makers)('what counts in fit on $name', ({ make }) => {
  const { X, y } = regression(101);

  test('class weights weigh rows by class, for ids, one-hot rows and 0/1; balanced is as scikit-learn has it', () => {
    const data = classes(60);
    const weight = { 0: 3, 2: 0.5 };
    const options = { inputs: 2, layers: [dense(3, { activation: 'softmax' })], seed: 1 } as const;
    const byClass = make({ ...options, loss: 'sparseCategoricalCrossEntropy' });
    const oneHot = make({ ...options, loss: 'categoricalCrossEntropy' });
    const byRow = make({ ...options, loss: 'sparseCategoricalCrossEntropy' });
    byClass.fitSync(data.X, data.ids, { epochs: 2, classWeight: weight });
    oneHot.fitSync(data.X, data.oneHot, { epochs: 2, classWeight: weight });
    byRow.fitSync(data.X, data.ids, { epochs: 2, sampleWeight: data.ids.map((id) => [3, 1, 0.5][id]!) });
    expect(bitsOf(byClass)).toEqual(bitsOf(byRow));
    expectClose(bitsOf(oneHot), bitsOf(byRow), 5);
    const balanced = make({ ...options, loss: 'sparseCategoricalCrossEntropy' });
    const counted = make({ ...options, loss: 'sparseCategoricalCrossEntropy' });
    const counts = [0, 1, 2].map((id) => data.ids.filter((other) => other === id).length);
    balanced.fitSync(data.X, data.ids, { classWeight: 'balanced' });
    counted.fitSync(data.X, data.ids, { sampleWeight: data.ids.map((id) => 60 / (3 * counts[id]!)) });
    expect(bitsOf(balanced)).toEqual(bitsOf(counted));
  });

  test('labels are smoothed alike for class ids and one-hot rows, to the bit', () => {
    const data = classes(60);
    const options = {
      inputs: 2,
      layers: [dense(8, { activation: 'relu' }), dense(3, { activation: 'softmax' })],
      seed: 1,
    } as const;
    const byIds = make({ ...options, loss: sparseCategoricalCrossEntropy({ labelSmoothing: 0.1 }) });
    const oneHot = make({ ...options, loss: categoricalCrossEntropy({ labelSmoothing: 0.1 }) });
    const plain = make({ ...options, loss: 'sparseCategoricalCrossEntropy' });
    byIds.fitSync(data.X, data.ids, { epochs: 3 });
    oneHot.fitSync(data.X, data.oneHot, { epochs: 3 });
    plain.fitSync(data.X, data.ids, { epochs: 3 });
    expect(bitsOf(byIds)).toEqual(bitsOf(oneHot));
    expect(bitsOf(byIds)).not.toEqual(bitsOf(plain));
    expect(byIds.evaluate(data.X, data.ids).loss).toBeCloseTo(oneHot.evaluate(data.X, data.oneHot).loss, 12);
    expect(codeOf(() => make({ ...options, loss: sparseCategoricalCrossEntropy({ labelSmoothing: 1 }) }))).toBe('ERR_OPTION');
  });

  test('a row of weight 0 is as good as not there; weights scale the gradient, the mean still divides by rows', () => {
    const weighted = make({ ...small, optimizer: sgd({ learningRate: 0.1 }) });
    const doubled = make({ ...small, optimizer: sgd({ learningRate: 0.2 }) });
    weighted.trainStep(X.slice(0, 4), y.slice(0, 4), { sampleWeight: [1, 1, 0, 0] });
    doubled.trainStep(X.slice(0, 2), y.slice(0, 2));
    const half = make({ ...small, optimizer: sgd({ learningRate: 0.1 }) });
    half.learningRate = 0.05;
    half.trainStep(X.slice(0, 2), y.slice(0, 2));
    expectClose(bitsOf(weighted), bitsOf(half), 6);
  });

  test('a custom loss trains like the built-in it copies', () => {
    const own = make({
      ...small,
      loss: (yTrue, yPred) => {
        const n = yPred.data.length;
        const gradient = yPred.data.map((p, k) => (2 * (p - yTrue.data[k]!)) / n);
        return {
          value: yPred.data.reduce((sum, p, k) => sum + (p - yTrue.data[k]!) ** 2, 0) / n,
          gradient: { data: gradient, shape: yPred.shape },
        };
      },
    });
    const builtIn = make(small);
    const mine = own.fitSync(X, y, { epochs: 5, batchSize: 25 });
    const theirs = builtIn.fitSync(X, y, { epochs: 5, batchSize: 25 });
    expectClose(mine.values('loss'), theirs.values('loss'), 5);
    expectClose(bitsOf(own), bitsOf(builtIn), 4);
    expect(own.evaluate(X, y).loss).toBeCloseTo(builtIn.evaluate(X, y).loss, 4);
    expect(own.trainStep(X, y)).toBeCloseTo(builtIn.trainStep(X, y), 4);
  });
});
