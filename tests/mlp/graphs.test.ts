// Layers that read others by name: a weighted graph without cycles, in both backends, forward, back and twice differentiated.

import { describe, expect, test } from 'vitest';
import { MLP as Plain } from '../../src/baseline/mlp.js';
import { Random } from '../../src/data/random.js';
import { gradientCheck, hessianVectorProduct, inputHessian } from '../../src/entries/index.js';
import { MLP } from '../../src/mlp/mlp.js';
import {
  activation,
  batchNorm,
  dense,
  dropout,
  embedding,
  layerNorm,
  noise,
  rescale,
  residual,
  type LayerSpec,
} from '../../src/plan/layers.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { refusal } from '../support/errors.js';

const random = new Random(12, 'graphs');
const X = Array.from({ length: 24 }, () => Array.from({ length: 5 }, () => random.normal()));
const y = X.map(([a, b, c, d]) => [Math.sin(2 * a!) - b!, c! * d!]);

/** Smooth graphs, for second derivatives too. */
const smooth: Record<string, LayerSpec[]> = {
  'a skip from the inputs': [dense(7, { activation: 'tanh', name: 'hidden' }), dense(2, { from: ['input', 'hidden'] })],
  'two branches and a layer that both are read by': [
    dense(3, { activation: 'tanh', name: 'left' }),
    dense(6, { activation: 'softplus', name: 'right', from: ['input'] }),
    dense(5, { activation: 'sigmoid', name: 'both', from: ['right', 'left'] }),
    dense(2, { from: ['both', 'left', 'input'] }),
  ],
  'a dense block: everyone reads everyone before': [
    dense(1, { activation: 'tanh', name: 'a' }),
    dense(2, { activation: 'tanh', name: 'b', from: ['input', 'a'] }),
    dense(9, { activation: 'tanh', name: 'c', from: ['input', 'a', 'b'] }),
    dense(2, { from: ['input', 'a', 'b', 'c'] }),
  ],
  'activations, residual blocks, rescale and identities between': [
    rescale({ center: 0.5, scale: 2, gain: 1.5, name: 'scaled', trainable: true }),
    activation('identity', { name: 'same' }),
    residual([dense(5, { activation: 'gelu' })], { name: 'block' }),
    activation('silu', { from: ['block', 'input'], name: 'bent' }),
    residual([dense(3, { activation: 'tanh' }), dense(4)], { from: ['scaled', 'bent'], name: 'far' }),
    dense(2, { from: ['far', 'same'] }),
  ],
};
const graphs: Record<string, LayerSpec[]> = {
  ...smooth,
  'norms, dropout, noise, relu and a category': [
    embedding({ categories: 3, size: 4, column: 1, name: 'known' }),
    dense(6, { name: 'net' }),
    batchNorm({ name: 'normal' }),
    activation('relu', { name: 'a' }),
    dropout(0.3, { name: 'some' }),
    layerNorm({ from: ['net', 'some'], name: 'rows' }),
    noise(0.1, { from: ['known'], name: 'shaken' }),
    dense(7, { activation: 'prelu', from: ['rows', 'shaken'], dropConnect: 0.2, sparse: 0.5, name: 'last' }),
    dense(2, { from: ['last', 'normal'] }),
  ],
};
const options = (layers: LayerSpec[], more: Partial<MLPOptions> = {}): MLPOptions => ({ inputs: 5, layers, seed: 3, ...more });
const pair = (layers: LayerSpec[], more: Partial<MLPOptions> = {}) => {
  const model = new MLP(options(layers, more));
  const reference = new Plain(options(layers, more), { precision: 'float64' });
  return { model, reference };
};
const close = (a: ArrayLike<number>, b: ArrayLike<number>, digits = 5) => {
  expect(a.length).toBe(b.length);
  for (let k = 0; k < a.length; k++) expect(a[k]).toBeCloseTo(b[k]!, digits);
};

describe('graphs of layers', () => {
  test.each(Object.entries(graphs))(
    '%s: outputs, gradients and input gradients are those of the float64 reference',
    (_, layers) => {
      const { model, reference } = pair(layers);
      close(model.predict(X).data, reference.predict(X).data);
      for (const output of [0, 1]) close(model.inputGradient(X, output).data, reference.inputGradient(X, output).data);
      for (const rows of [1, 2, 9, 24]) {
        const [x, t] = [X.slice(0, Math.max(rows, 2)), y.slice(0, Math.max(rows, 2))];
        for (const one of [model, reference]) {
          one.zeroGrad();
          one.forward(x, { training: true });
          one.loss(t);
          one.backward();
        }
        model.gradients().forEach(({ values, name }, i) => {
          const exact = reference.gradients()[i]!.values;
          values.forEach((g, k) =>
            expect(Math.abs(g - exact[k]!), `${name} ${k}`).toBeLessThan(1e-4 * (1 + Math.abs(exact[k]!))),
          );
        });
        close(model.lossInputGradient().data, reference.lossInputGradient().data);
      }
    },
  );

  test.each(Object.entries(graphs))('%s: gradients are those of differences', (_, layers) => {
    const check = gradientCheck(new MLP(options(layers)), X, y);
    expect(check.ok, check.toString()).toBe(true);
    expect(check.groups.every(({ checked }) => checked > 0)).toBe(true);
  });

  test.each(Object.entries(graphs))('%s: trains, is saved, gone on with and predicted from to the same bits', (_, layers) => {
    const { model, reference } = pair(layers, { optimizer: { name: 'sgd', learningRate: 0.02 } });
    for (const one of [model, reference]) one.fitSync(X, y, { epochs: 10, batchSize: 7 });
    close(model.predict(X).data, reference.predict(X).data, 3);
    expect(model.evaluate(X, y).loss).toBeLessThan(new MLP(options(layers)).evaluate(X, y).loss);
    const again = MLP.load(model.save({ optimizer: true }));
    for (const one of [model, again]) one.fitSync(X, y, { epochs: 15, batchSize: 7 });
    expect(again.save()).toEqual(model.save());
    const predictor = loadPredictor(model.save());
    expect(predictor.predict(X)).toEqual(model.predict(X));
    expect(predictor.inputGradient(X)).toEqual(model.inputGradient(X));
    // a row alone has the bits it has among others
    for (const [i, row] of X.entries()) expect(model.predict([row]).row(0)).toEqual(model.predict(X).row(i));
  });

  test.each(Object.entries(smooth))('%s: Hessians times vectors, and training on input gradients', (_, layers) => {
    const { model, reference } = pair(layers);
    const vectors = X.map((row) => row.map((v) => 1 - v));
    for (const output of [0, 1]) {
      const [own, exact] = [model, reference].map((one) => hessianVectorProduct(one, X, vectors, output).data);
      close(own!, exact!, 4);
    }
    // by differences of gradients, which know nothing of second-order passes
    const [product] = hessianVectorProduct(reference, [X[0]!], [vectors[0]!], 1).toArray();
    const h = 1e-4;
    const at = (sign: number) => reference.inputGradient([X[0]!.map((v, j) => v + sign * h * vectors[0]![j]!)], 1).row(0);
    product!.forEach((value, j) => expect(value).toBeCloseTo((at(1)[j]! - at(-1)[j]!) / (2 * h), 3));
    expect(inputHessian(model, [X[0]!])[0]!.shape).toEqual([5, 5]);
    const slopes = X.map(() => Array.from({ length: 10 }, () => random.normal()));
    const start = model.getVector();
    for (const one of [model, reference]) one.trainStep(X, y, { inputGradients: slopes });
    expect(model.getVector()).not.toEqual(start);
    close(model.getVector(), reference.getVector(), 3);
  });

  test('solve XOR with one hidden unit and a skip from the inputs', () => {
    const [inputs, targets] = [
      [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ],
      [[0], [1], [1], [0]],
    ];
    const layers = [dense(1, { activation: 'tanh', name: 'hidden' }), dense(1, { from: ['input', 'hidden'] })];
    const model = new MLP({ inputs: 2, layers, optimizer: { name: 'adam', learningRate: 0.05 }, seed: 2 });
    model.fitSync(inputs, targets, { epochs: 2000, batchSize: 4 });
    expect(model.evaluate(inputs, targets).loss).toBeLessThan(1e-4);
    // Without the skip nothing of one unit is XOR: the best is a loss of 1/8 at least.
    const plain = new MLP({
      inputs: 2,
      layers: [dense(1, { activation: 'tanh' }), dense(1)],
      optimizer: { name: 'adam', learningRate: 0.05 },
      seed: 2,
    });
    plain.fitSync(inputs, targets, { epochs: 2000, batchSize: 4 });
    expect(plain.evaluate(inputs, targets).loss).toBeGreaterThan(0.12);
    // By hand, with a step: x + y - 2 [x + y > 1.5].
    const step = new MLP({
      inputs: 2,
      layers: [dense(1, { activation: 'step', name: 'and' }), dense(1, { from: ['input', 'and'] })],
    });
    step.setVector([1, 1, -1.5, 1, 1, -2, 0]);
    expect([...step.predict(inputs).data]).toEqual([0, 1, 1, 0]);
  });

  test('are sums over predecessors: a linear graph is the product of its paths', () => {
    const model = new MLP({
      inputs: 1,
      layers: [
        dense(1, { bias: false, name: 'a' }),
        dense(1, { bias: false, name: 'b', from: ['input', 'a'] }),
        dense(1, { bias: false, from: ['b', 'a', 'input'] }),
      ],
    });
    model.setVector([2, 3, 5, 7, 11, 13]); // a = 2x; b = 3x + 5a; y = 7b + 11a + 13x
    expect(model.predict([[1]]).data[0]).toBe(7 * (3 + 5 * 2) + 11 * 2 + 13);
    expect(model.inputGradient([[1]]).data[0]).toBe(7 * (3 + 5 * 2) + 11 * 2 + 13);
  });

  test('a layer that reads the one before it by name is a plain sequence, to the bit', () => {
    const named = new MLP(options([dense(9, { activation: 'tanh', name: 'a', from: ['input'] }), dense(2, { from: ['a'] })]));
    const plain = new MLP(options([dense(9, { activation: 'tanh' }), dense(2)]));
    for (const one of [named, plain]) one.fitSync(X, y, { epochs: 5 });
    expect(named.getVector()).toEqual(plain.getVector());
    expect(named.plan.layers.length).toBe(2);
  });

  test('a rescale layer in front keeps what others read of the inputs raw', () => {
    const far = X.map((row) => row.map((v) => v + 100));
    const layers = [rescale({ center: 100, name: 'near' }), dense(2, { from: ['near', 'input'], bias: false })];
    const { model, reference } = pair(layers);
    model.parameters()[1]!.set([...new Array<number>(10).fill(0), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    const predicted = model.predict(far);
    far.forEach((row, i) => close(predicted.row(i), row.slice(0, 2), 4));
    expect(model.plan.inputCenter).toBeUndefined();
    close(new MLP(options(layers)).predict(far).data, reference.predict(far).data, 3);
    expect(loadPredictor(model.save()).predict(far)).toEqual(predicted);
  });

  test('inputs with noise are noisy for every reader in training, and for none at prediction', () => {
    const layers = [dense(3, { activation: 'tanh', name: 'a' }), dense(2, { from: ['a', 'input'] })];
    const { model, reference } = pair(layers, { inputNoise: 0.2, optimizer: { name: 'sgd', learningRate: 0.05 } });
    for (const one of [model, reference]) one.fitSync(X, y, { epochs: 5, batchSize: 8 });
    close(model.getVector(), reference.getVector(), 4);
    expect(loadPredictor(model.save()).predict(X)).toEqual(model.predict(X));
  });

  test('predicting many rows leaves no trace of other rows or windows', () => {
    const layers = graphs['a dense block: everyone reads everyone before']!;
    const model = new MLP(options(layers));
    const many = Array.from({ length: 700 }, (_, i) => X[i % 24]!);
    const all = model.predict(many);
    for (let i = 0; i < 700; i++) expect(all.row(i)).toEqual(all.row(i % 24));
    model.fitSync(X, y, { epochs: 2, batchSize: 5 });
    const after = model.predict(many);
    for (let i = 0; i < 700; i++) expect(after.row(i)).toEqual(model.predict([X[i % 24]!]).row(0));
  });

  test('refuse what is no graph without cycles, by name', () => {
    const of = (layers: LayerSpec[]) => refusal(() => new MLP({ inputs: 2, layers })).message;
    expect(of([dense(2, { from: ['b'] }), dense(2, { name: 'b' })])).toContain(
      'layers[0].from: "b" is the name of layers[1], which does not stand before it. Before it there are "input".',
    );
    expect(of([dense(2, { name: 'a', from: ['a'] }), dense(1)])).toContain(
      'layers[0].from: "a" is the name of layers[0], which does not',
    );
    expect(of([dense(2), dense(1, { from: ['c'] })])).toContain('layers[1].from: "c" is no name of a layer');
    expect(of([dense(2, { name: 'a' }), dense(2, { name: 'a' }), dense(1)])).toContain(
      'layers[1].name: "a" is the name of layers[0]',
    );
    expect(of([dense(2, { name: 'input' }), dense(1)])).toContain(
      'layers[0].name: "input" is what the model\'s inputs are called',
    );
    expect(of([dense(2, { name: '' }), dense(1)])).toContain('layers[0].name: expected a text');
    expect(of([dense(2, { name: 'a' }), dense(1, { from: ['a', 'a'] })])).toContain('layers[1].from: "a" is there twice');
    expect(of([dense(2), dense(1, { from: [] })])).toContain('layers[1].from: expected a list of names');
    expect(of([dense(2), dense(1, { from: 'input' as never })])).toContain('layers[1].from: expected a list of names');
    expect(of([dense(2), dense(1, { from: ['input'] })])).toContain('layers[0]: no layer reads it');
    expect(of([dense(2, { name: 'a' }), dense(3, { name: 'b' }), dense(1, { from: ['a'] })])).toContain(
      'layers[1]: no layer reads it',
    );
    expect(of([residual([dense(2, { name: 'a' })]), dense(1)])).toContain(
      'layers.0.layers[0].name: layers inside a residual block',
    );
    expect(of([residual([dense(2, { from: ['input'] })]), dense(1)])).toContain('layers.0.layers[0].from');
  });

  test('are told of by summary() and activations()', () => {
    const model = new MLP(options(graphs['two branches and a layer that both are read by']!));
    expect(model.summary()).toMatch(/layers\.2\.from\s+reads layers\.1\s+6[\s\S]*layers\.2\.from\s+and layers\.0\s+3/);
    expect(model.summary()).toMatch(/and the inputs\s+5/);
    const seen = model.activations(X);
    expect(seen.map(({ layer }) => layer)).toEqual(['layers.0', 'layers.1', 'layers.2', 'layers.3']);
    const last = seen[3]!;
    close(last.netInputs.data, last.activations.data, 4);
    model.forward(X, { training: true });
    model.loss(y);
    model.backward();
    const back = model.activations(X);
    expect(back.map(({ deltas }) => deltas?.shape[1])).toEqual([3, 6, 5, 2]);
    const { values } = model.gradients()[5]!; // the bias of layers.2: the sum of its deltas
    values.forEach((g, j) =>
      expect(g).toBeCloseTo(
        back[2]!.deltas!.toArray().reduce((sum, row) => sum + row[j]!, 0),
        5,
      ),
    );
  });
});
