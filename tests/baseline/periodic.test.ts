// Periodic embeddings of numbers (PBLD of RealMLP-TD) out of the layers there are, as docs/defaults.md shows it.

import { expect, test } from 'vitest';
import { MLP } from '../../src/baseline/mlp.js';
import { gradientCheck } from '../../src/model/inspections.js';
import { dense } from '../../src/plan/layers.js';

const [columns, frequencies, outputs] = [2, 16, 3];
const cosine = {
  name: 'cosine',
  value: Math.cos,
  derivative: (z: number) => -Math.sin(z),
  second: (z: number) => -Math.cos(z),
};

/** 1 where a row and a column belong to the same number. */
const ofOne = (rows: number, units: number) =>
  Array.from({ length: columns * rows }, (_, i) =>
    Array.from({ length: columns * units }, (_, j) => (Math.floor(i / rows) === Math.floor(j / units) ? 1 : 0)),
  );

const waves = dense(columns * frequencies, {
  name: 'waves',
  activation: cosine,
  mask: ofOne(1, frequencies),
  weightInit: { name: 'normal', deviation: 2 * Math.PI * 0.1 },
  biasInit: { name: 'uniform', low: -Math.PI, high: Math.PI },
});
const periodic = dense(columns * outputs, {
  name: 'periodic',
  mask: ofOne(frequencies, outputs),
  weightInit: { name: 'uniform', low: -0.25, high: 0.25 },
  biasInit: { name: 'uniform', low: -0.25, high: 0.25 },
});
const X = [
  [0.3, -1.2],
  [2.9, 0],
  [-0.7, 1.1],
];

test('periodic embeddings are the published sums of cosines, x and W2 cos(2 pi W1 x + b1) + b2 for each number', () => {
  const identity = Array.from({ length: 8 }, (_, i) => Array.from({ length: 8 }, (_, j) => (i === j ? 1 : 0)));
  const model = new MLP({
    inputs: columns,
    layers: [waves, periodic, dense(8, { from: ['input', 'periodic'], bias: false })],
    seed: 3,
  });
  const [w1, b1, w2, b2, last] = model.parameters();
  last!.set(Float32Array.from(identity.flat()));
  const { data } = model.predict(X);
  X.forEach((row, i) => {
    const expected = [...row];
    row.forEach((x, c) => {
      for (let o = 0; o < outputs; o++) {
        let sum = b2!.values[c * outputs + o]!;
        for (let k = 0; k < frequencies; k++) {
          const unit = c * frequencies + k;
          // The weight of a wave is 2 pi times its frequency.
          const frequency = w1!.values[c * columns * frequencies + unit]! / (2 * Math.PI);
          sum +=
            w2!.values[unit * columns * outputs + c * outputs + o]! * Math.cos(2 * Math.PI * frequency * x + b1!.values[unit]!);
        }
        expected.push(sum);
      }
    });
    expected.forEach((value, j) => expect(data[i * 8 + j]).toBeCloseTo(value, 5));
  });
});

test('periodic embeddings learn: their gradients are those of finite differences, and connections between numbers stay 0', () => {
  const layers = [waves, periodic, dense(4, { from: ['input', 'periodic'], activation: 'mish' }), dense(1)];
  const model = new MLP({ inputs: columns, layers, seed: 5 }, { precision: 'float64' });
  const y = [[1], [-1], [0.5]];
  expect(gradientCheck(model, X, y).ok).toBe(true);
  model.fitSync(X, y, { epochs: 20 });
  const { values } = model.parameters()[0]!;
  for (let j = 0; j < frequencies; j++) expect(values[frequencies + j]).toBe(0);
});
