// MLP on the WebAssembly core, as a user has it: the course's closed forms, rows alone and in batches, many models at once.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { MLP } from '../../src/mlp/mlp.js';
import { activationNames } from '../../src/plan/activations.js';
import { dense, type LayerSpec } from '../../src/plan/layers.js';
import { adam } from '../../src/plan/optimizers.js';
import type { MLPOptions } from '../../src/plan/network.js';

const builds = [
  ['simd', true],
  ['relaxed', false],
] as const;

/** A model with its parameters set by hand, in the order of parameters(). */
function byHand(options: MLPOptions, ...values: number[][]): MLP {
  const model = new MLP(options);
  model.parameters().forEach((parameter, i) => parameter.set(values[i]!));
  return model;
}

describe.each(builds)('on the %s build', (_, deterministic) => {
  const with1 = (layers: LayerSpec[]) => ({ inputs: 1, layers, deterministic });

  test('two sigmoids of weight 1000 make a step between 0 and 1', () => {
    const model = byHand(with1([dense(2, { activation: 'sigmoid' }), dense(1)]), [1000, 1000], [0, -1000], [1, -1], [0]);
    const at = (x: number) => model.predict([[x]]).data[0]!;
    for (const x of [-5, -1, -0.1, 1.1, 2, 9]) expect(at(x)).toBeCloseTo(0, 6);
    for (const x of [0.1, 0.5, 0.9]) expect(at(x)).toBeCloseTo(1, 6);
    expect(at(0)).toBeCloseTo(0.5, 6);
  });

  test('three ReLUs make a triangle of height 1 over [-1, 1], exactly', () => {
    const model = byHand(with1([dense(3, { activation: 'relu' }), dense(1)]), [1, 1, 1], [1, 0, -1], [1, -2, 1], [0]);
    for (const [x, y] of [
      [-3, 0],
      [-1, 0],
      [-0.5, 0.5],
      [0, 1],
      [0.25, 0.75],
      [1, 0],
      [4, 0],
    ])
      expect(model.predict([[x!]]).data[0]).toBe(y);
  });

  test('XOR is solved exactly by W1 = [[1, -1], [-1, 1]], w2 = (1, 1) and ReLU', () => {
    const model = byHand(
      { inputs: 2, layers: [dense(2, { activation: 'relu' }), dense(1)], deterministic },
      [1, -1, -1, 1],
      [0, 0],
      [1, 1],
      [0],
    );
    expect(
      Array.from(
        model.predict([
          [0, 0],
          [0, 1],
          [1, 0],
          [1, 1],
        ]).data,
      ),
    ).toEqual([0, 1, 1, 0]);
  });

  test('XOR 2-8-1 tanh reaches loss < 0.01 within 500 steps for 200 of 200 seeds', () => {
    const X = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ];
    const y = [[0], [1], [1], [0]];
    const failed: number[] = [];
    for (let seed = 0; seed < 200; seed++) {
      const model = new MLP({
        inputs: 2,
        layers: [dense(8, { activation: 'tanh' }), dense(1)],
        optimizer: adam({ learningRate: 0.05 }),
        seed,
        deterministic,
      });
      model.fitSync(X, y, { epochs: 500 });
      if (!(model.evaluate(X, y).loss < 0.01)) failed.push(seed);
    }
    expect(failed).toEqual([]);
  });

  test('fault 72: a row predicted alone equals the same row in a batch, bit for bit, for every activation and odd sizes', () => {
    const random = new Random(5);
    for (const activation of activationNames) {
      const model = new MLP({
        inputs: 7,
        layers: [dense(19, { activation }), dense(33, { activation: 'tanh' }), dense(3)],
        seed: 2,
        deterministic,
      });
      const rows = Array.from({ length: 37 }, () => Array.from({ length: 7 }, () => random.normal()));
      const together = model.predict(rows);
      const order = random.permutation(37);
      const shuffled = model.predict(Array.from(order, (i) => rows[i]!));
      rows.forEach((row, i) => expect(model.predict([row]).data, activation).toEqual(together.row(i)));
      order.forEach((i, k) => expect(shuffled.row(k), activation).toEqual(together.row(i)));
    }
  });

  test('two hundred models trained in turn, far more than stay resident, end in the bits of each trained alone', () => {
    const make = (seed: number) =>
      new MLP({
        inputs: 2,
        layers: [dense(4 + (seed % 5), { activation: 'tanh' }), dense(1)],
        optimizer: 'adam',
        seed,
        deterministic,
      });
    const X = [
      [0, 1],
      [1, 0],
      [0.5, 0.5],
    ];
    const y = [[1], [0], [0.3]];
    const models = Array.from({ length: 200 }, (_, seed) => make(seed));
    for (let round = 0; round < 3; round++) for (const model of models) model.trainStep(X, y);
    for (const seed of [0, 1, 63, 64, 150, 199]) {
      const alone = make(seed);
      for (let round = 0; round < 3; round++) alone.trainStep(X, y);
      expect(models[seed]!.parameters().map((p) => p.values)).toEqual(alone.parameters().map((p) => p.values));
    }
  });

  test('a model that hibernates between forward and backward goes on where it was', () => {
    const options: MLPOptions = { inputs: 3, layers: [dense(9, { activation: 'gelu' }), dense(2)], seed: 4, deterministic };
    const X = [
      [1, 2, 3],
      [-1, 0.5, 2],
    ];
    const y = [
      [1, 0],
      [0, 1],
    ];
    const plain = new MLP(options);
    const disturbed = new MLP(options);
    for (const [model, crowd] of [
      [plain, 0],
      [disturbed, 70],
    ] as const) {
      model.zeroGrad();
      model.forward(X, { training: true });
      model.loss(y);
      for (let i = 0; i < crowd; i++) new MLP({ inputs: 1, layers: [dense(1)] }).predict([[1]]);
      model.backward();
      model.step();
    }
    expect(disturbed.parameters().map((p) => p.values)).toEqual(plain.parameters().map((p) => p.values));
  });

  test('what an optimizer remembers of a dead unit decays to 0, not to rest among the subnormals', () => {
    const model = new MLP({
      inputs: 1,
      layers: [dense(8, { activation: 'relu' }), dense(1)],
      optimizer: 'adam',
      seed: 3,
      deterministic,
    });
    model.trainStep([[1]], [[5]]);
    for (let i = 0; i < 1600; i++) model.trainStep([[0]], [[0]]); // no gradient reaches the first weights any more
    const { slots } = model.state();
    const values = slots.flatMap((slot) => slot.flatMap((tensor) => Array.from(tensor)));
    expect(values.length).toBeGreaterThan(0);
    expect(values.filter((v) => v !== 0 && Math.abs(v) < 2 ** -126)).toEqual([]);
  });

  test('growing from prediction to training and to larger batches keeps weights and optimizer state', () => {
    const options: MLPOptions = {
      inputs: 5,
      layers: [dense(11, { activation: 'relu' }), dense(2)],
      optimizer: 'adam',
      seed: 1,
      deterministic,
    };
    const random = new Random(1);
    const rows = (n: number, columns: number) =>
      Array.from({ length: n }, () => Array.from({ length: columns }, () => random.normal()));
    const [x1, y1, x2, y2] = [rows(3, 5), rows(3, 2), rows(900, 5), rows(900, 2)];
    const grown = new MLP(options);
    grown.predict(x1);
    grown.trainStep(x1, y1);
    grown.predict(x2);
    grown.trainStep(x2, y2);
    const roomy = new MLP(options);
    roomy.trainStep(x1, y1);
    roomy.trainStep(x2, y2);
    expect(grown.parameters().map((p) => p.values)).toEqual(roomy.parameters().map((p) => p.values));
  });
});
