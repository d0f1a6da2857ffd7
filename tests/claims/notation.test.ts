// docs/notation.md: every figure of its table, computed by the library.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MLP } from '../../src/mlp/mlp.js';
import { ema } from '../../src/data/ema.js';
import { Perceptron } from '../../src/estimators/perceptron.js';
import { activation, dense } from '../../src/plan/layers.js';
import { gd, lbfgs, sgd } from '../../src/plan/optimizers.js';
import type { MLPOptions } from '../../src/plan/network.js';

const table = readFileSync(new URL('../../docs/notation.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

const short = (value: number) => String(Number(value.toPrecision(4)));
const list = (values: ArrayLike<number>) => `[${Array.from(values, (v) => String(Number(v.toFixed(3)))).join(', ')}]`;

/** A linear neuron without inputs that matter: its output is its bias. */
function line(options: Partial<MLPOptions> = {}, bias = 0): MLP {
  const model = new MLP({ inputs: 1, layers: [dense(1)], ...options });
  model.setVector([0, bias]);
  return model;
}

/** Where two steps along a gradient of 1 lead from 0. */
function twoSteps(optimizer: MLPOptions['optimizer']): string {
  const model = line({
    optimizer: optimizer!,
    loss: (_, yPred) => ({ value: yPred.data[0]!, gradient: { data: [1], shape: yPred.shape } }),
  });
  for (let k = 0; k < 2; k++) model.trainStep([[0]], [[0]]);
  return short(model.getVector()[1]!);
}

/** d loss / d bias of a batch. */
function biasGradient(bias: number, targets: number[]): number {
  const model = line({}, bias);
  model.forward(
    targets.map(() => [0]),
    { training: true },
  );
  model.loss(targets.map((t) => [t]));
  model.backward();
  return model.gradients()[1]!.values[0]!;
}

const penalised = (options: Partial<MLPOptions>) => {
  const model = new MLP({ inputs: 2, layers: [dense(1)], ...options });
  model.setVector([1, -2, 3]);
  return short(model.penalty());
};

/** Whether a fit that starts at a gradient of (3, 4) stops at once, by tolerance. */
function stopsAt(optimizer: 'norm' | 'largest', tolerance: number): boolean {
  // d/dw of (w - t)^2 over two rows that see one weight each: gradients w_j - t_j.
  const model = new MLP({
    inputs: 2,
    layers: [dense(1, { bias: false })],
    optimizer: optimizer === 'norm' ? gd({ learningRate: 1e-9 }) : lbfgs({ tolerance }),
  });
  model.setVector([3, 4]);
  const more = optimizer === 'norm' ? { gradientTolerance: tolerance } : {};
  const history = model.fitSync([[1, 0], [0, 1]], [[0], [0]], { epochs: 2, ...more }); // biome-ignore format: rows
  return history.epochs.length === 1 && (optimizer === 'norm' || model.getVector()[0] === 3);
}

const or = [[0, 0], [0, 1], [1, 0], [1, 1]]; // biome-ignore format: rows

const figures: Record<number, () => string> = {
  1: () => list(new MLP({ inputs: 3, layers: [dense(4)] }).parameters()[0]!.shape),
  2: () => {
    const model = new MLP({ inputs: 2, layers: [dense(2)] });
    model.setVector([1, 2, 3, 4, 0.5, -0.5]);
    return list(model.predict([[1, -1]]).data);
  },
  3: () => {
    const model = new MLP({ inputs: 1, layers: [dense(2)] });
    model.setVector([0, 0, 1, 2]);
    return short(model.evaluate([[0]], [[0, 0]]).loss);
  },
  4: () => {
    const model = new MLP({ inputs: 1, layers: [dense(1)] });
    model.setVector([1, 0]);
    return short(model.evaluate([[1], [2]], [[0], [0]]).loss);
  },
  5: () => short(biasGradient(3, [1])),
  6: () => penalised({ l1: 0.5 / 20, biasL1: 0.5 / 20 }),
  7: () => penalised({ l2: 0.5 / 10, biasL2: 0.5 / 10 }),
  8: () => {
    const common = { learningRate: 0.1, momentum: 0.9 };
    const forms = (['pytorch', 'velocity', 'ema'] as const).map((form) => twoSteps(sgd({ ...common, form })));
    // The averaged gradient goes as far as the others where its rate is divided by 1 - beta.
    expect(twoSteps(sgd({ momentum: 0.9, form: 'ema', learningRate: 1 }))).toBe(forms[0]);
    return forms.join(', ');
  },
  9: () => twoSteps(sgd({ learningRate: 0.1, momentum: 0.9, dampening: 0.9 })),
  10: () =>
    [
      ema([4, 8], { beta: 0.5 }),
      ema([4, 8], { beta: 0.5, start: 'zero' }),
      ema([4, 8], { beta: 0.5, start: 'zero', biasCorrection: true }),
    ]
      .map(list)
      .join(', '),
  11: () => {
    const model = line(
      {
        optimizer: sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
        loss: (_, yPred) => ({ value: yPred.data[0]! ** 2 / 2, gradient: { data: [yPred.data[0]!], shape: yPred.shape } }),
      },
      1,
    );
    model.trainStep([[0]], [[0]]);
    return short(model.getVector()[1]!);
  },
  12: () => {
    const model = new MLP({ inputs: 1, layers: [dense(1, { activation: 'sigmoid' })], loss: 'binaryCrossEntropy' });
    model.setVector([0, Math.log(0.25 / 0.75)]);
    return model.evaluate([[0]], [[1]]).loss.toFixed(4);
  },
  13: () => {
    const [strict, usual] = [true, false].map((strict) => new Perceptron({ strict }).fitSync(or, [0, 1, 1, 1]));
    return `${strict!.mistakes} mistakes, then ${usual!.mistakes}`;
  },
  14: () => {
    const at0 = (name: 'sign' | 'step') => new MLP({ inputs: 1, layers: [activation(name)] }).predict([[0]]).data[0];
    const perceptron = new Perceptron({ strict: true }).fitSync([[1], [2]], ['-', '~']); // never leaves 0
    const answer = perceptron.predict([[5]])[0] === perceptron.classes[1] ? '+' : '-';
    return `${at0('sign')}, ${at0('step')}, ${answer}`;
  },
  15: () => short(biasGradient(0, [-1, -3])), // mean of 2 (f - y): (2 + 6) / 2
  16: () => {
    expect([stopsAt('norm', 4.99), stopsAt('norm', 5.01)]).toEqual([false, true]);
    expect([stopsAt('largest', 3.99), stopsAt('largest', 4.01)]).toEqual([false, true]);
    return '5, 4';
  },
  17: () => {
    // C sum of hinge + norm^2 / 2, divided by C n, is the mean of hinge + (l2 / 2) norm^2.
    const [C, n] = [2, 20];
    const model = new MLP({ inputs: 1, layers: [dense(1, { bias: false })], loss: 'hinge', l2: 1 / (C * n) });
    model.setVector([0.5]);
    const X = Array.from({ length: n }, (_, i) => [i / 10]);
    const y = X.map((_, i) => [i % 2 === 0 ? 1 : -1]);
    const hinges = X.reduce((sum, [x], i) => sum + Math.max(0, 1 - y[i]![0]! * 0.5 * x!), 0);
    const objective = C * hinges + 0.5 ** 2 / 2;
    expect(model.evaluate(X, y).loss + model.penalty()).toBeCloseTo(objective / (C * n), 6);
    return short(1 / (C * n));
  },
};

test('the table has a row for each figure, numbered in order', () => {
  expect(table.map(([number]) => Number(number))).toEqual(Object.keys(figures).map(Number));
});

test.each(table)('row %s: %s', (number, _what, _lectures, _here, figure) => {
  expect(figures[Number(number)]!()).toBe(figure);
});
