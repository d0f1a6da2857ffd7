// Networks well and ill, from one seed: depths from 1 to 40, most activations, first weights good and bad, scales of X and y over eight
// orders of magnitude, learning rates over eight more, every task. Each case is options and rows; whether it is sick, training tells.

import { spirals } from '../../src/data/datasets.js';
import { Random } from '../../src/data/random.js';
import type { ActivationName } from '../../src/plan/activations.js';
import type { InitializerLike } from '../../src/plan/initializers.js';
import { dense } from '../../src/plan/layers.js';
import type { MLPOptions } from '../../src/plan/network.js';
import type { OptimizerLike } from '../../src/plan/optimizers.js';

export interface Case {
  readonly name: string;
  readonly options: MLPOptions;
  readonly X: number[][];
  readonly y: number[][];
}

type Task = 'regression' | 'binary' | 'classes' | 'spirals' | 'noise';

const activations: readonly ActivationName[] = [
  'relu',
  'relu',
  'tanh',
  'sigmoid',
  'leakyRelu',
  'elu',
  'selu',
  'gelu',
  'silu',
  'softsign',
  'identity',
];
const fair: readonly (readonly [string, OptimizerLike])[] = [
  ['adam 0.003', { name: 'adam', learningRate: 3e-3 }],
  ['adam 0.01', { name: 'adam', learningRate: 0.01 }],
  ['adam', 'adam'],
  ['sgd 0.05', { name: 'sgd', learningRate: 0.05 }],
  ['momentum 0.01', { name: 'sgd', learningRate: 0.01, momentum: 0.9 }],
  ['rmsprop', { name: 'rmsprop', learningRate: 3e-3 }],
];

/** What is done to a network that would learn; a quarter of them are left alone. */
const faults = [
  'none',
  'none',
  'none',
  'rate too low',
  'rate too high',
  'weights too small',
  'weights too large',
  'weights equal',
  'weights zero',
  'glorot',
  'dead units',
  'inputs large',
  'inputs small',
  'inputs shifted',
  'inputs mixed',
  'targets large',
  'targets small',
  'deep',
  'two at once',
] as const;

export function cases(count: number, seed: number): Case[] {
  return Array.from({ length: count }, (_, i) => makeCase(new Random(seed, `net ${i}`), i));
}

function makeCase(random: Random, i: number): Case {
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  const power = (low: number, high: number) => 10 ** random.between(low, high);
  const task: Task = pick<Task>(['regression', 'regression', 'regression', 'binary', 'binary', 'classes', 'spirals', 'noise']);
  const rows = pick([64, 128, 200, 256]);
  const inputs = task === 'spirals' ? 2 : pick([2, 4, 8, 16]);
  const chosen = pick(faults);
  const list = chosen === 'two at once' ? [pick(faults.slice(3, 17)), pick(faults.slice(3, 17))] : [chosen];
  const has = (fault: (typeof faults)[number]) => list.includes(fault);
  const activation = pick(activations);
  const depth = has('deep') ? pick([12, 20, 30, 40]) : pick([1, 1, 2, 2, 3, 5, 8]);
  const width = pick(depth > 8 ? [8, 16, 32] : [8, 16, 32, 64]);

  const X = Array.from({ length: rows }, () => Array.from({ length: inputs }, () => random.normal()));
  let y: number[][];
  const teacher = Array.from({ length: inputs }, () => random.normal());
  const score = (x: readonly number[]) =>
    x.reduce((sum, v, j) => sum + v * teacher[j]!, 0) / Math.sqrt(inputs) + 0.7 * Math.sin(2 * x[0]!) + 0.3 * x[0]! * x[1]!;
  if (task === 'spirals') {
    const data = spirals({ samples: rows, noise: 0.05, seed: i });
    for (let k = 0; k < rows; k++) X[k] = [data.X.data[2 * k]!, data.X.data[2 * k + 1]!];
    y = X.map((_, k) => [data.y.data[k]!]);
  } else if (task === 'binary') y = X.map((x) => [score(x) > 0 ? 1 : 0]);
  else if (task === 'classes') y = X.map((x) => [score(x) > 0.5 ? 2 : score(x) > -0.5 ? 1 : 0]);
  else if (task === 'noise') y = X.map((x) => [score(x) + 0.5 * random.normal()]);
  else y = X.map((x) => [score(x)]);
  const real = task === 'regression' || task === 'noise';

  const scale = has('inputs large') ? power(1.5, 5) : has('inputs small') ? power(-3, -1) : 1;
  const shift = has('inputs shifted') ? power(1, 4) : 0;
  const mixed = has('inputs mixed') ? X[0]!.map(() => power(-3, 5)) : X[0]!.map(() => 1);
  const scaled = X.map((x) => x.map((v, j) => scale * mixed[j]! * v + shift));
  const size = real && has('targets large') ? power(2, 5) : real && has('targets small') ? power(-4, -2) : 1;
  y = y.map((row) => row.map((v) => size * v));

  let [optimizerName, optimizer] = pick(fair);
  if (has('rate too low') || has('rate too high')) {
    const name = pick(['adam', 'sgd', 'momentum'] as const);
    const rate = has('rate too low') ? power(-7, -5) : power(name === 'adam' ? -0.3 : 0, 1);
    optimizer =
      name === 'adam' ? { name, learningRate: rate } : { name: 'sgd', learningRate: rate, momentum: name === 'sgd' ? 0 : 0.9 };
    optimizerName = `${name} ${rate.toPrecision(2)}`;
  }

  let weightInit: InitializerLike | undefined;
  if (has('weights too small')) weightInit = { name: 'normal', deviation: power(-4, -2) };
  if (has('weights too large')) weightInit = { name: 'normal', deviation: power(0, 1.5) };
  if (has('weights equal')) weightInit = { name: 'constant', value: pick([0.01, 0.1, 0.5]) };
  if (has('weights zero')) weightInit = 'zeros';
  if (has('glorot')) weightInit = 'glorotUniform';
  const biasInit: InitializerLike | undefined = has('dead units') ? { name: 'constant', value: -power(1, 2) } : undefined;

  const hidden = Array.from({ length: depth }, () =>
    dense(width, { activation, ...(weightInit && { weightInit }), ...(biasInit && { biasInit }) }),
  );
  const output = real ? dense(1) : task === 'classes' ? dense(3, { activation: 'softmax' }) : dense(1, { activation: 'sigmoid' });
  return {
    name: `${i}: ${list.join(' and ')}; ${task}, ${rows} x ${inputs}, ${depth} x ${width} ${activation}, ${optimizerName}`,
    options: {
      inputs,
      layers: [...hidden, output],
      loss: real ? 'meanSquaredError' : task === 'classes' ? 'sparseCategoricalCrossEntropy' : 'binaryCrossEntropy',
      optimizer,
      seed: i,
    },
    X: scaled,
    y,
  };
}
