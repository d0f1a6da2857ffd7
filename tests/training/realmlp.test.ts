// The parts of the RealMLP recipe, alone and together, against PyTorch (scripts/fixtures/realmlp.py).

import { describe, expect, test } from 'vitest';
import { PlainBackend } from '../../src/baseline/backend.js';
import { MLP } from '../../src/mlp/mlp.js';
import { Model } from '../../src/model/model.js';
import { dense, rescale } from '../../src/plan/layers.js';
import { resolveNetwork, type MLPOptions } from '../../src/plan/network.js';
import { resolveRate } from '../../src/plan/resolveRate.js';
import { coslog4, flatCosine, type ScheduleSpec } from '../../src/plan/schedules.js';
import { fixture } from '../support/fixtures.js';
import { refusal } from '../support/errors.js';

interface Case {
  readonly task: 'classes' | 'numbers';
  readonly activation: 'selu' | 'mish';
  readonly rate: number;
  readonly steps: number;
  readonly epsilon: number;
  readonly x: number[][];
  readonly y: number[] & number[][];
  readonly first: Readonly<Record<string, number[] & number[][]>>;
  readonly last: Readonly<Record<string, number[] & number[][]>>;
  readonly losses: readonly number[];
}

interface Fixture {
  readonly schedules: Readonly<Record<'coslog4' | 'flatCosine' | 'flatCosine0.25', readonly number[]>> & {
    readonly over: number;
  };
  readonly cases: readonly Case[];
}

const { schedules, cases } = fixture<Fixture>('realmlp.json');

/** RealMLP-TD-S for the inputs and outputs of a case. */
function recipe({ task, activation, rate, steps, epsilon, x, first }: Case): MLPOptions {
  const hidden = [6, 6, 6].map((units) =>
    dense(units, { activation, parametrization: 'ntk', biasLearningRateScale: 0.1, biasInit: { name: 'normal', deviation: 1 } }),
  );
  const outputs = first['layers.4.bias']!.length;
  const last = dense(outputs, {
    activation: task === 'classes' ? 'softmax' : 'identity',
    parametrization: 'ntk',
    biasLearningRateScale: 0.1,
    weightInit: 'zeros',
  });
  return {
    inputs: x[0]!.length,
    layers: [rescale({}, { trainable: true, learningRateScale: 6 }), ...hidden, last],
    loss: task === 'classes' ? { name: 'categoricalCrossEntropy', labelSmoothing: 0.1 } : 'meanSquaredError',
    optimizer: { name: 'adam', learningRate: coslog4(rate, { over: steps, per: 'step' }), beta2: 0.95, epsilon },
  };
}

const targetsOf = ({ task, y }: Case) =>
  task === 'numbers' ? y : Array.from(y, (id) => [0, 1, 2].map((k) => (k === (id as unknown as number) ? 1 : 0)));

const backends = {
  'the core': (options: MLPOptions) => new MLP({ ...options, deterministic: true }),
  'the baseline in float64': (options: MLPOptions) =>
    new Model(new PlainBackend(resolveNetwork(options), { precision: 'float64' })),
};

describe.each(Object.entries(backends))('RealMLP on %s', (name, create) => {
  // The fixture has nine digits. float32 strays from float64 by some 1e-5 in 60 steps at these rates.
  const tolerance = name === 'the core' ? 3e-4 : 5e-7;

  test.each(cases.map((given) => [given.task, given] as const))('follows PyTorch step by step: %s', (_, given) => {
    const model = create(recipe(given));
    for (const parameter of model.parameters()) parameter.set(given.first[parameter.name]!);
    const targets = targetsOf(given);
    const losses = given.losses.map(() => model.trainStep(given.x, targets));
    losses.forEach((loss, i) => expect(Math.abs(loss - given.losses[i]!), `step ${i}`).toBeLessThan(tolerance));
    for (const { name: tensor, values } of model.parameters()) {
      const expected = given.last[tensor]!.flat();
      values.forEach((value, k) => expect(Math.abs(value - expected[k]!), `${tensor}[${k}]`).toBeLessThan(10 * tolerance));
    }
  });
});

describe('the parts of the recipe', () => {
  test.each([
    ['coslog4', coslog4(1, { over: 64 })],
    ['flatCosine', flatCosine(1, { over: 64 })],
    ['flatCosine0.25', flatCosine(1, { over: 64, flat: 0.25 })],
  ] as const)('%s has the published rates, in epochs and in steps, and stays at its last', (name, schedule) => {
    const { rate } = resolveRate(schedule);
    const bySteps = resolveRate({ ...schedule, per: 'step' } as ScheduleSpec).rate;
    schedules[name].forEach((expected, t) => {
      expect(rate({ step: 0, epoch: t, plateau: 1 })).toBeCloseTo(expected, 8);
      expect(bySteps({ step: t, epoch: 0, plateau: 1 })).toBeCloseTo(expected, 8);
    });
    for (const t of [64, 65, 1e6]) expect(rate({ step: 0, epoch: t, plateau: 1 })).toBeCloseTo(0, 12);
  });

  test('coslog4 is 0 between its waves, which begin at 1/15, 3/15 and 7/15', () => {
    const { rate } = resolveRate(coslog4(0.04, { over: 150 }));
    for (const epoch of [0, 10, 30, 70, 150]) expect(rate({ step: 0, epoch, plateau: 1 })).toBeCloseTo(0, 12);
  });

  test('flatCosine ends at `end`, and refuses a share that leaves no time to fall', () => {
    const { rate } = resolveRate(flatCosine(0.1, { over: 10, end: 0.01 }));
    expect(rate({ step: 0, epoch: 10, plateau: 1 })).toBeCloseTo(0.01, 12);
    expect(refusal(() => resolveRate(flatCosine(0.1, { over: 10, flat: 1 }))).message).toMatch(
      /flat: expected a number in \(0, 1\)/,
    );
  });

  test('weights in the NTK parametrisation start from N(0, 1 / inputs) and learn at rate / sqrt(inputs)', () => {
    const plan = resolveNetwork({
      inputs: 16,
      layers: [dense(4, { parametrization: 'ntk', learningRateScale: 3, biasLearningRateScale: 0.1 })],
    });
    const [weight, bias] = plan.tensors;
    expect(weight!.init.name).toBe('lecunNormal');
    expect(weight!.learningRateScale).toBe(3 / 4);
    expect(bias!.learningRateScale).toBeCloseTo(0.3, 12);
  });

  test.each(['sgd', 'gd', 'rmsprop', 'adagrad', 'adadelta', 'lbfgs', { name: 'adam', weightDecay: 0.01 }] as const)(
    'the NTK parametrisation refuses %j by name: the change of variables would not hold',
    (optimizer) => {
      const options = { inputs: 2, layers: [dense(3), dense(1, { parametrization: 'ntk' })], optimizer } as MLPOptions;
      const { code, message } = refusal(() => new MLP(options));
      expect(code).toBe('ERR_OPTION');
      expect(message).toMatch(/layers\[1\]\.parametrization: 'ntk' goes with adam/);
    },
  );

  test('rates of weights and biases are kept by save and load, and a training goes on to the same bits', () => {
    const given = cases[0]!;
    const model = new MLP({ ...recipe(given), deterministic: true, seed: 3 });
    const targets = targetsOf(given);
    for (let i = 0; i < 20; i++) model.trainStep(given.x, targets);
    const again = MLP.load(model.save({ optimizer: true }));
    for (let i = 0; i < 20; i++) {
      model.trainStep(given.x, targets);
      again.trainStep(given.x, targets);
    }
    expect(again.parameters().map(({ values }) => values)).toEqual(model.parameters().map(({ values }) => values));
  });

  test('the last of equally good epochs is the best with ties: "last", and counts as none for patience', () => {
    const run = (ties: 'first' | 'last', epochs: number, patience = 100) => {
      // A rate this small never changes an answer: every epoch ties with the first.
      const model = new MLP({
        inputs: 1,
        layers: [dense(1, { activation: 'sigmoid' })],
        loss: 'binaryCrossEntropy',
        metrics: ['accuracy'],
        optimizer: { name: 'adam', learningRate: 1e-12 },
      });
      const [X, y] = [
        [[-1], [1], [2]],
        [0, 1, 1],
      ];
      return model.fitSync(X, y, { epochs, validationData: [X, y], earlyStopping: { monitor: 'valAccuracy', ties, patience } });
    };
    expect(run('last', 6).bestEpoch).toBe(6);
    expect(run('first', 6).bestEpoch).toBe(0);
    expect(run('last', 9, 4).epochs.length).toBe(4);
  });
});
