// Connections dropped at random in training: the same in both backends and on every engine, off at prediction, readable and drawn.

import { describe, expect, test } from 'vitest';
import { MLP as Plain } from '../../src/baseline/mlp.js';
import { Random } from '../../src/data/random.js';
import { dropped, gradientCheck, hessianVectorProduct, inputHessian } from '../../src/entries/index.js';
import { draw } from '../../src/explain/draw.js';
import { MLP } from '../../src/mlp/mlp.js';
import { dense, dropout } from '../../src/plan/layers.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { refusal } from '../support/errors.js';

const random = new Random(3, 'dropConnect');
const X = Array.from({ length: 30 }, () => Array.from({ length: 5 }, () => random.normal()));
const y = X.map(([a, b, c, d]) => [Math.sin(2 * a!) - b!, c! * d!]);

const options = (more: Partial<MLPOptions> = {}): MLPOptions => ({
  inputs: 5,
  layers: [dense(19, { activation: 'tanh', dropConnect: 0.4 }), dense(7, { activation: 'softplus', dropConnect: 0.2 }), dense(2)],
  seed: 6,
  ...more,
});

const kept = (model: MLP | Plain, i: number) => dropped(model)[i]!.kept.data;

describe('dropConnect', () => {
  test('is off at prediction: outputs, input gradients and losses are those of the layers without it', () => {
    const model = new MLP(options());
    const plain = new MLP(
      options({ layers: [dense(19, { activation: 'tanh' }), dense(7, { activation: 'softplus' }), dense(2)] }),
    );
    model.forward(X, { training: true }); // a pass that drops leaves nothing behind
    expect(model.predict(X)).toEqual(plain.predict(X));
    expect(model.inputGradient(X)).toEqual(plain.inputGradient(X));
    expect(model.evaluate(X, y)).toEqual(plain.evaluate(X, y));
    model.forward(X, { training: false });
    expect(model.loss(y)).toBe(plain.evaluate(X, y).loss);
  });

  test('in training reads the weights kept, divided by 1 - rate: outputs and gradients by hand', () => {
    for (const make of [(o: MLPOptions) => new MLP(o), (o: MLPOptions) => new Plain(o)])
      for (const [inputs, units] of [
        [1, 1],
        [2, 3],
        [5, 4],
        [9, 7],
        [3, 17],
        [8, 33],
      ] as const) {
        const rate = 0.5;
        const model = make({ inputs, layers: [dense(units, { dropConnect: rate })], seed: 2 });
        const rows = Array.from({ length: 3 }, () => Array.from({ length: inputs }, () => random.normal()));
        const targets = rows.map(() => Array.from({ length: units }, () => random.normal()));
        const [w, b] = model.parameters().map(({ values }) => values);
        const out = model.forward(rows, { training: true });
        const mask = kept(model, 0);
        const z = (r: number, u: number) =>
          rows[r]!.reduce((sum, x, i) => sum + (x * w![i * units + u]! * mask[i * units + u]!) / (1 - rate), b![u]!);
        for (let r = 0; r < 3; r++) for (let u = 0; u < units; u++) expect(out.row(r)[u]).toBeCloseTo(z(r, u), 4);
        model.zeroGrad();
        model.forward(rows, { training: true });
        model.loss(targets);
        model.backward();
        const again = kept(model, 0); // another draw
        const delta = (r: number, u: number) => {
          const net = rows[r]!.reduce((sum, x, i) => sum + (x * w![i * units + u]! * again[i * units + u]!) / (1 - rate), b![u]!);
          return (2 * (net - targets[r]![u]!)) / (3 * units);
        };
        const gradient = model.gradients()[0]!.values;
        for (let i = 0; i < inputs; i++)
          for (let u = 0; u < units; u++) {
            const sum = rows.reduce((total, row, r) => total + row[i]! * delta(r, u), 0);
            expect(gradient[i * units + u]).toBeCloseTo((sum * again[i * units + u]!) / (1 - rate), 4);
          }
      }
  });

  test('passes of a step loop add their own gradients: two masks, one sum', () => {
    for (const model of [new MLP(options()), new Plain(options())]) {
      const gradientOf = (passes: number) => {
        model.zeroGrad();
        for (let k = 0; k < passes; k++) {
          model.forward(X, { training: true });
          model.loss(y);
          model.backward();
        }
        return model.gradients()[0]!.values.slice();
      };
      const start = model.state();
      const both = gradientOf(2);
      model.restoreState(start);
      const first = gradientOf(1);
      const one = kept(model as MLP, 0);
      const second = gradientOf(1);
      const two = kept(model as MLP, 0);
      expect(one).not.toEqual(two);
      both.forEach((g, k) => expect(g).toBeCloseTo(first[k]! + second[k]!, 5));
      first.forEach((g, k) => {
        if (one[k] === 0) expect(g).toBe(0);
      });
    }
  });

  test('has the gradients of differences with the mask held', () => {
    const check = gradientCheck(new MLP(options()), X, y);
    expect(check.ok, check.toString()).toBe(true);
    expect(check.double).toBe(true);
  });

  test('trains as the float64 reference does, by batches, accumulated, with averages, and with a mask', () => {
    const mask = Array.from({ length: 5 }, (_, i) => Array.from({ length: 19 }, (_, j) => Number((i + j) % 4 > 0)));
    for (const layers of [options().layers, [dense(19, { activation: 'tanh', dropConnect: 0.3, mask }), dropout(0.2), dense(2)]])
      for (const fit of [{ batchSize: 7 }, { batchSize: 7, accumulate: 2 }, { batchSize: 30 }]) {
        const more = {
          layers,
          optimizer: { name: 'sgd', learningRate: 0.05, momentum: 0.9 },
          weightAveraging: { decay: 0.9 },
        } as const;
        const model = new MLP(options(more));
        const reference = new Plain(options(more), { precision: 'float64' });
        for (const one of [model, reference]) one.fitSync(X, y, { epochs: 8, ...fit });
        const [own, exact] = [model.getVector(), reference.getVector()];
        own.forEach((w, k) => expect(Math.abs(w - exact[k]!)).toBeLessThan(2e-4));
        expect(model.getVector()).not.toEqual(new MLP(options(more)).getVector());
      }
  });

  test('drops the share it says, anew for each batch and alike for each run', () => {
    const model = new MLP({ inputs: 300, layers: [dense(200, { dropConnect: 0.3 }), dense(1)], seed: 1 });
    const rows = [Array.from({ length: 300 }, () => 1)];
    const share = () => kept(model, 0).reduce((sum, k) => sum + k, 0) / 60_000;
    model.trainStep(rows, [[1]]);
    expect(share()).toBeCloseTo(0.7, 2); // 60,000 draws: a deviation of 0.002
    const first = kept(model, 0);
    model.trainStep(rows, [[1]]);
    expect(kept(model, 0)).not.toEqual(first);
    const again = new MLP({ inputs: 300, layers: [dense(200, { dropConnect: 0.3 }), dense(1)], seed: 1 });
    again.trainStep(rows, [[1]]);
    expect(kept(again, 0)).toEqual(first);
  });

  test('is saved, loaded and gone on with to the same bits; a predictor passes it over', () => {
    const model = new MLP(options());
    model.fitSync(X, y, { epochs: 4 });
    const again = MLP.load(model.save({ optimizer: true }));
    for (const one of [model, again]) one.fitSync(X, y, { epochs: 9 });
    expect(again.save()).toEqual(model.save());
    expect(loadPredictor(model.save()).predict(X)).toEqual(model.predict(X));
  });

  test('shows in activations(): net inputs of the pass that dropped', () => {
    const model = new MLP(options());
    model.forward(X, { training: true });
    model.loss(y);
    model.backward();
    const [first] = model.activations(X);
    first!.netInputs.data.forEach((z, k) => expect(Math.tanh(z)).toBeCloseTo(first!.activations.data[k]!, 4));
    const mask = kept(model, 0);
    const w = model.parameters()[0]!.values;
    const z = X[0]!.reduce((sum, x, i) => sum + (x * w[i * 19]! * mask[i * 19]!) / 0.6, model.parameters()[1]!.values[0]!);
    expect(first!.netInputs.row(0)[0]).toBeCloseTo(z, 4);
  });

  test('is left out of second derivatives, lbfgs and rates out of range, by name', () => {
    const model = new MLP(options());
    expect(refusal(() => hessianVectorProduct(model, X, X)).message).toContain('Leave dropout, dropConnect and noise out');
    expect(inputHessian(model, [X[0]!])[0]!.shape).toEqual([5, 5]); // of the network that predicts, by differences
    expect(refusal(() => new MLP(options({ optimizer: 'lbfgs' })).fitSync(X, y)).message).toContain('dropConnect');
    for (const dropConnect of [1, -0.1, Number.NaN, '0.5' as unknown as number])
      expect(refusal(() => new MLP({ inputs: 2, layers: [dense(2, { dropConnect })] })).message).toContain(
        'layers[0].dropConnect',
      );
    expect(model.summary()).toContain('dense tanh, dropConnect 0.4');
  });
});

describe('dropped', () => {
  const net = (): MLPOptions => ({
    inputs: 3,
    layers: [dense(6, { activation: 'tanh' }), dropout(0.5), dense(2, { dropConnect: 0.5 })],
    seed: 4,
  });
  const rows = [
    [1, 2, 3],
    [-1, 0, 2],
    [0.5, 0.5, 0.5],
  ];

  test('names the units that a pass set to 0, row by row, in both backends', () => {
    for (const model of [new MLP(net()), new Plain(net())]) {
      model.forward(rows, { training: true });
      model.loss([
        [1, 1],
        [1, 1],
        [1, 1],
      ]);
      model.backward();
      const [units, connections] = dropped(model, { rows: 3 });
      expect(units).toMatchObject({ layer: 'layers.1', what: 'units', rate: 0.5 });
      expect(connections).toMatchObject({ layer: 'layers.2', what: 'connections', rate: 0.5 });
      expect(connections!.kept.shape).toEqual([6, 2]);
      const after = model.activations(rows)[1]!.activations;
      after.data.forEach((value, k) => expect(value === 0).toBe(units!.kept.data[k] === 0));
    }
    expect(refusal(() => dropped(new MLP(net()))).code).toBe('ERR_STATE');
  });

  test('is what draw leaves out: dashed units, and no line from, to or along what was dropped', () => {
    const model = new MLP(net());
    model.trainStep(rows, [
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    const count = (svg: string, what: string) => svg.split(what).length - 1;
    const whole = draw(model);
    for (let row = 0; row < 3; row++) {
      const picture = draw(model, { dropped: row });
      const [units, connections] = dropped(model, { rows: 3 });
      const mask = units!.kept.row(row);
      const left = mask.reduce((sum, k) => sum + k, 0);
      expect(count(picture, 'class="u d"')).toBe(6 - left);
      const lines = mask.reduce((sum, k, i) => sum + k * (connections!.kept.row(i)[0]! + connections!.kept.row(i)[1]!), 3 * left);
      expect(count(picture, '<line')).toBe(lines);
      expect(lines).toBeLessThan(count(whole, '<line'));
    }
    expect(count(whole, 'class="u d"')).toBe(0);
    expect(refusal(() => draw(new MLP(net()), { dropped: 0 })).code).toBe('ERR_STATE');
  });
});
