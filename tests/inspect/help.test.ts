import { describe, expect, test } from 'vitest';
import { findLearningRate } from '../../src/model/inspections.js';
import { batchNorm, activation, dense, dropout, residual } from '../../src/plan/layers.js';
import { adam, sgd } from '../../src/plan/optimizers.js';
import { codeOf } from '../support/errors.js';
import { bitsOf, classes, makers, regression } from '../support/models.js';

describe.each(makers)('diagnose on $name', ({ make }) => {
  const { X, y } = regression(200, 8);
  const deep = (name: 'sigmoid' | 'relu' | 'tanh', blocks: boolean, seed: number) =>
    make({
      inputs: 8,
      seed,
      layers: [
        dense(24, { activation: name }),
        ...Array.from({ length: 18 }, () =>
          blocks ? residual([dense(24, { activation: name })]) : dense(24, { activation: name }),
        ),
        dense(1),
      ],
    });
  const kinds = (diagnosis: ReturnType<ReturnType<typeof make>['diagnose']>) => diagnosis.problems.map((problem) => problem.kind);

  test('tells 20 sigmoid layers, the same with ReLU and He, and the same in residual blocks apart', () => {
    const vanishing = deep('sigmoid', false, 0).diagnose(X, y);
    expect(kinds(vanishing)).toEqual(['vanishing']);
    expect(vanishing.verdict).toMatch(/Vanishing gradients.*relu.*residual/);
    const rectified = deep('relu', false, 0).diagnose(X, y);
    expect(rectified.healthy, rectified.toString()).toBe(true);
    const skipping = deep('sigmoid', true, 0).diagnose(X, y);
    expect(kinds(skipping)).not.toContain('vanishing');
    // Blocks of ReLU by He's rule double their variance each: nineteen of them start at a loss of millions.
    expect(kinds(deep('relu', true, 0).diagnose(X, y))).toEqual(['exploding']);
  });

  test('prints a table of layers and the verdict, and changes nothing', () => {
    const model = make({
      inputs: 8,
      layers: [dense(16), batchNorm(), activation('relu'), dropout(0.2), dense(8, { activation: 'tanh' }), dense(1)],
      metrics: ['r2'],
    });
    model.fitSync(X, y, { epochs: 3 });
    const twin = model.clone();
    const diagnosis = model.diagnose(X, y);
    expect(bitsOf(model)).toEqual(bitsOf(twin));
    model.fitSync(X, y, { epochs: 1 });
    twin.fitSync(X, y, { epochs: 1 });
    expect(bitsOf(model)).toEqual(bitsOf(twin));
    const text = diagnosis.toString();
    for (const part of [
      /^layer +kind +gradient norm +update\/weight +activation +saturated +dead/,
      /layers\.0 +dense/,
      /layers\.2 +relu .* 0 %/,
      /Loss [\d.]+ on 200 rows\./,
      /Healthy/,
    ])
      expect(text).toMatch(part);
    expect(diagnosis.layers.map((layer) => layer.layer)).toEqual(['layers.0', 'layers.1', 'layers.2', 'layers.4', 'layers.5']);
    expect(diagnosis.layers[0]!.updateRatio).toBeGreaterThan(0);
  });

  test('names dying ReLUs, saturated units, unscaled columns, targets and what is not finite', () => {
    const dead = make({
      inputs: 8,
      layers: [dense(16, { activation: 'relu', biasInit: { name: 'constant', value: -50 } }), dense(1)],
    });
    expect(kinds(dead.diagnose(X, y))).toContain('dyingRelu');
    const flat = make({
      inputs: 8,
      layers: [dense(16, { activation: 'tanh', weightInit: { name: 'normal', deviation: 30 } }), dense(1)],
    });
    const saturated = flat.diagnose(X, y);
    expect(saturated.problems.find((problem) => problem.kind === 'saturated')!.text).toMatch(/layers\.0/);
    const fine = make({ inputs: 8, layers: [dense(16, { activation: 'relu' }), dense(1)] });
    const wild = fine.diagnose(
      X.map((r) => r.map((v, j) => (j === 5 ? 1000 * v : v))),
      y,
    );
    expect(wild.problems[0]!.kind).toBe('unscaledInputs');
    expect(wild.problems[0]!.text).toMatch(/column 5/);
    expect(wild.problems[0]!.fix).toMatch(/StandardScaler/);
    expect(
      kinds(
        fine.diagnose(
          X,
          y.map(([v]) => [1e5 * v!]),
        ),
      ),
    ).toContain('unscaledTargets');
    const blown = make({ inputs: 8, layers: [dense(4), dense(1)] });
    blown.parameters()[0]!.set(new Float32Array(32).fill(3e38));
    const infinite = blown.diagnose(X, y);
    expect(infinite.problems[0]!.kind).toBe('notFinite');
    expect(infinite.toString()).toMatch(/layers\.0/);
  });

  test('says when the signal explodes or vanishes', () => {
    const layers = Array.from({ length: 12 }, () =>
      dense(24, { activation: 'relu', weightInit: { name: 'normal', deviation: 1 } }),
    );
    expect(kinds(make({ inputs: 8, layers: [...layers, dense(1)] }).diagnose(X, y))).toContain('exploding');
    const small = Array.from({ length: 12 }, () =>
      dense(24, { activation: 'tanh', weightInit: { name: 'normal', deviation: 0.01 } }),
    );
    expect(kinds(make({ inputs: 8, layers: [...small, dense(1)] }).diagnose(X, y))).toContain('vanishing');
  });

  test('says when the learning rate is too high or too low, and leaves fitting ones alone', () => {
    const of = (optimizer: Parameters<typeof make>[0]['optimizer']) =>
      make({ inputs: 8, layers: [dense(16, { activation: 'tanh' }), dense(1)], optimizer }).diagnose(X, y);
    expect(kinds(of(sgd({ learningRate: 10 })))).toEqual(['learningRateTooHigh']);
    expect(kinds(of(adam({ learningRate: 3 })))).toEqual(['learningRateTooHigh']);
    expect(kinds(of(sgd({ learningRate: 1e-6 })))).toEqual(['learningRateTooLow']);
    expect(kinds(of(adam({ learningRate: 1e-6 })))).toEqual(['learningRateTooLow']);
    for (const optimizer of [sgd({ learningRate: 0.05 }), adam({ learningRate: 0.01 }), adam(), 'lbfgs' as const])
      expect(kinds(of(optimizer))).toEqual([]);
  });

  test('a classifier that trained well is healthy', () => {
    const data = classes(300);
    const model = make({
      inputs: 2,
      layers: [dense(32, { activation: 'relu' }), dense(3, { activation: 'softmax' })],
      loss: 'sparseCategoricalCrossEntropy',
      optimizer: adam({ learningRate: 0.01 }),
      metrics: ['accuracy'],
    });
    model.fitSync(data.X, data.ids, { epochs: 60 });
    expect(model.evaluate(data.X, data.ids)['accuracy']).toBeGreaterThan(0.9);
    const diagnosis = model.diagnose(data.X, data.ids);
    expect(diagnosis.healthy, diagnosis.toString()).toBe(true);
  });
});

describe.each(makers)('findLearningRate on $name', ({ make }) => {
  const { X, y } = regression(300, 4);

  test('suggests a rate that trains well, draws the curve, and leaves the model as it is', () => {
    const model = make({
      inputs: 4,
      layers: [dense(16, { activation: 'tanh' }), dense(1)],
      optimizer: adam({ learningRate: 1e-7 }),
    });
    const before = bitsOf(model);
    const found = findLearningRate(model, X, y);
    expect(bitsOf(model)).toEqual(before);
    expect(model.learningRate).toBe(1e-7);
    expect(found.suggestion).toBeGreaterThan(1e-3);
    expect(found.suggestion).toBeLessThan(0.5);
    expect(found.rates.length).toBe(found.losses.length);
    expect(found.toString()).toMatch(/Suggested learning rate/);
    const start = model.evaluate(X, y).loss;
    model.learningRate = found.suggestion;
    model.fitSync(X, y, { epochs: 20 });
    expect(model.evaluate(X, y).loss).toBeLessThan(0.3 * start);
  });

  test('stops where the loss explodes, and is the same every time', () => {
    const model = make({ inputs: 4, layers: [dense(16, { activation: 'relu' }), dense(1)], optimizer: sgd() });
    const one = findLearningRate(model, X, y, { to: 1e6, steps: 200 });
    expect(one.rates.length).toBeLessThan(200);
    expect(findLearningRate(model, X, y, { to: 1e6, steps: 200 }).losses).toEqual(one.losses);
    expect(codeOf(() => findLearningRate(model, X, y, { from: 1, to: 0.1 }))).toBe('ERR_OPTION');
    const normalised = make({ inputs: 4, layers: [dense(4), batchNorm(), dense(1)] });
    expect(codeOf(() => findLearningRate(normalised, X, y, { batchSize: 1 }))).toBe('ERR_BATCH');
  });
});
