// A window into the network: what goes through it layer by layer, its weights as one vector, its picture.

import { describe, expect, test } from 'vitest';
import { MLP as PlainMLP } from '../../src/entries/baseline.js';
import {
  activation,
  batchNorm,
  dense,
  draw,
  dropout,
  MLP,
  MLPRegressor,
  prelu,
  Random,
  residual,
  type LayerSpec,
  type Model,
} from '../../src/entries/index.js';
import { refusal } from '../support/errors.js';

const random = (seed: number, rows: number, columns: number) => {
  const numbers = new Random(seed, 'window');
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => numbers.normal()));
};

const kinds: Record<
  string,
  (options: { inputs: number; layers: LayerSpec[]; loss?: 'sparseCategoricalCrossEntropy' | 'meanSquaredError' }) => Model
> = {
  core: (options) => new MLP({ ...options, seed: 3 }),
  baseline: (options) => new PlainMLP({ ...options, seed: 3 }),
  'baseline in float64': (options) => new PlainMLP({ ...options, seed: 3 }, { precision: 'float64' }),
};

describe.each(Object.entries(kinds))('activations of the %s', (_, make) => {
  test('are x W + b and its activation, layer by layer, and end in the prediction', () => {
    const model = make({ inputs: 3, layers: [dense(5, { activation: 'tanh' }), dense(4), activation('relu'), dense(2)] });
    const X = random(1, 6, 3);
    const layers = model.activations(X);
    expect(layers.map(({ layer }) => layer)).toEqual(['layers.0', 'layers.1', 'layers.2', 'layers.3']);
    const [w0, b0] = model.parameters().map(({ values }) => values);
    for (const [i, row] of X.entries())
      for (let u = 0; u < 5; u++) {
        const z = row.reduce((sum, x, j) => sum + x * w0![j * 5 + u]!, b0![u]!);
        expect(layers[0]!.netInputs.row(i)[u]).toBeCloseTo(z, 5);
        expect(layers[0]!.activations.row(i)[u]).toBeCloseTo(Math.tanh(z), 5);
      }
    layers[1]!.activations.data.forEach((z, k) => {
      expect(layers[1]!.netInputs.data[k]).toBeCloseTo(z, 5);
      expect(layers[2]!.netInputs.data[k]).toBeCloseTo(z, 5);
      expect(layers[2]!.activations.data[k]).toBeCloseTo(Math.max(0, z), 5);
    });
    expect(Array.from(layers[3]!.activations.data)).toEqual(Array.from(model.predict(X).data));
    expect(layers.every(({ deltas }) => deltas === undefined)).toBe(true);
  });

  test('come with the deltas after backward: their sums are the gradients of the biases, with the inputs those of the weights', () => {
    for (const [loss, output] of [
      ['meanSquaredError', dense(3, { activation: 'sigmoid' })],
      ['sparseCategoricalCrossEntropy', dense(3, { activation: 'softmax' })],
    ] as const) {
      const model = make({
        inputs: 4,
        layers: [
          dense(6, { activation: 'gelu' }),
          batchNorm(),
          dropout(0.4),
          residual([dense(6, { activation: prelu() })]),
          dense(5, { activation: 'tanh' }),
          output,
        ],
        loss,
      });
      const X = random(2, 7, 4);
      const y = X.map((row, i) => (loss === 'meanSquaredError' ? [row[0]!, row[1]!, 0.5] : [i % 3]));
      model.zeroGrad();
      model.forward(X);
      model.loss(y);
      expect(model.activations(random(3, 2, 4)).some(({ deltas }) => deltas !== undefined)).toBe(false);
      model.forward(X);
      model.loss(y);
      model.backward();
      const layers = model.activations(X);
      const gradients = new Map(model.gradients().map(({ name, values }) => [name, values]));
      let before = X.flat();
      let width = 4;
      for (const { layer, activations, deltas } of layers) {
        const bias = gradients.get(`${layer}.bias`);
        const units = activations.shape[1];
        if (bias !== undefined) {
          for (let u = 0; u < units; u++) {
            expect(
              deltas!.toArray().reduce((sum, row) => sum + row[u]!, 0),
              layer,
            ).toBeCloseTo(bias[u]!, 5);
            for (let j = 0; j < width; j++) {
              const gradient = deltas!.toArray().reduce((sum, row, i) => sum + row[u]! * before[i * width + j]!, 0);
              expect(gradient, `${layer} ${j} ${u}`).toBeCloseTo(gradients.get(`${layer}.weight`)![j * units + u]!, 5);
            }
          }
        } else expect(deltas).toBeUndefined();
        before = Array.from(activations.data);
        width = units;
      }
      model.step(); // looking changed nothing
    }
  });

  test('of weights as one vector: all that train, in the order of parameters(), there and back', () => {
    const model = make({ inputs: 3, layers: [dense(4), batchNorm(), dense(2)] });
    const vector = model.getVector();
    const trainable = model.parameters().filter(({ trainable }) => trainable);
    expect(Array.from(vector)).toEqual(trainable.flatMap(({ values }) => Array.from(values)));
    expect(vector.length).toBe(model.plan.parameterCount);
    const moved = Array.from(vector, (value, k) => value + k / 16);
    model.setVector(moved);
    model.getVector().forEach((value, k) => expect(value).toBeCloseTo(moved[k]!, 5));
    model.freeze('layers.0');
    expect(model.getVector().length).toBe(vector.length);
    for (const [bad, code] of [
      [moved.slice(1), 'ERR_SHAPE'],
      [moved.map((v, k) => (k === 3 ? NaN : v)), 'ERR_NONFINITE'],
    ] as const)
      expect(refusal(() => model.setVector(bad)).code).toBe(code);
    model.getVector().forEach((value, k) => expect(value).toBeCloseTo(moved[k]!, 5));
  });
});

describe('draw', () => {
  const model = new MLP({ inputs: 3, layers: [dense(5, { activation: 'tanh' }), dropout(0.2), dense(1)], seed: 1 });

  test('is an SVG with a line for each weight, as wide as it is large, and words for screen readers', () => {
    const svg = draw(model, { inputNames: ['size', '<b>&"', 'age'] });
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" [^>]*role="img" aria-label="Network of 3-5-1 units"/);
    expect(svg).toContain('<title>Network of 3-5-1 units</title>');
    expect(svg).toMatch(/<desc>3 inputs; layer 1: 5 units, tanh, dropout 0.2; layer 2: 1 unit\. Lines are weights/);
    expect(svg).toContain('prefers-color-scheme:dark');
    expect(svg).toContain('&lt;b&gt;&amp;&quot;');
    expect(svg.match(/<circle/g)).toHaveLength(9);
    const [first, , second] = model.parameters().map(({ values }) => Array.from(values));
    const widths = [...svg.matchAll(/<line class="(.)".*?stroke-width="([\d.]+)"/g)].map(
      ([, sign, width]) => (sign === 'm' ? -1 : 1) * Number(width),
    );
    const largest = (values: number[]) => Math.max(...values.map(Math.abs));
    const expected = [first!, second!]
      .flatMap((w) => w.map((value) => (5 * value) / largest(w)))
      .filter((width) => Math.abs(width) >= 0.05);
    expect(widths.length).toBe(expected.length);
    widths.forEach((width, k) => expect(width).toBeCloseTo(expected[k]!, 1));
  });

  test('shows the ends of wide layers, estimators by their columns, and takes a title', async () => {
    const wide = new MLP({ inputs: 40, layers: [dense(100), batchNorm(), residual([dense(100)]), dense(1)] });
    const svg = draw(wide, { maxUnits: 7, title: 'My net' });
    expect(svg.match(/⋮/g)).toHaveLength(3);
    expect(svg.match(/<circle/g)).toHaveLength(3 * 6 + 1);
    expect(svg).toContain('<title>My net</title>');
    expect(svg).toMatch(/100 units, batchNorm, residual block; layer 2: 100 units, end of block, \+ input/);
    const reg = await new MLPRegressor({ epochs: 1, hiddenLayers: [2], onWarning: false }).fit(
      [
        { size: 1, age: 2 },
        { size: 2, age: 1 },
        { size: 4, age: 9 },
      ],
      [1, 2, 3],
    );
    expect(draw(reg)).toMatch(/>size<[\s\S]*>age</);
  });

  test('refuses what is no model, and names that do not fit', () => {
    expect(refusal(() => draw({} as MLP)).code).toBe('ERR_TYPE');
    expect(refusal(() => draw(model, { inputNames: ['a'] })).code).toBe('ERR_SHAPE');
    expect(refusal(() => draw(model, { maxUnits: 1 })).code).toBe('ERR_OPTION');
    expect(refusal(() => draw(new MLPRegressor())).code).toBe('ERR_STATE');
  });
});
