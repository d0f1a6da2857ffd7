// Presets: several small nets trained on different rows, averaged into one network.

import { describe, expect, test } from 'vitest';
import * as datasets from '../../src/data/datasets.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { holdsLinear, memberFold, merge } from '../../src/estimators/members.js';
import { endsEarly, presetOf } from '../../src/estimators/presets.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { Random } from '../../src/data/random.js';
import { MLP } from '../../src/mlp/mlp.js';
import { activation, dense, dropout, rescale } from '../../src/plan/layers.js';
import type { MLPOptions } from '../../src/plan/network.js';
import type { EpochLog } from '../../src/training/history.js';
import { exportOnnx } from '../../src/entries/onnx.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { refusal } from '../support/errors.js';

const quick = { preset: 'quick', seed: 1, deterministic: true, onWarning: false } as const;

const moons = datasets.moons({ samples: 240, noise: 0.2, seed: 4 });

const labels = Array.from(moons.y.data, (id) => (id === 0 ? 'left' : 'right'));

const weightsOf = (model: { readonly model: { parameters(): { readonly values: Float32Array }[] } }) =>
  model.model.parameters().map(({ values }) => values);

describe('which preset options come to', () => {
  test.each([
    [{}, 'default'],
    [{ seed: 3, deterministic: true, onWarning: false }, 'default'],
    [{ preset: 'best' }, 'best'],
    [{ preset: 'quick', hiddenLayers: [8] }, 'quick'],
    ...(
      [
        'hiddenLayers',
        'epochs',
        'batchSize',
        'learningRate',
        'l2',
        'dropout',
        'scale',
        'optimizer',
        'compat',
        'earlyStopping',
      ] as const
    ).map((name) => [{ [name]: [] }, 'none'] as const),
  ] as const)('%j: %s', (options, preset) => {
    expect(presetOf(options as object)).toBe(preset);
  });

  test.each([
    [{ preset: 'fast' }, /preset: unknown value "fast"/],
    [{ members: 0 }, /members: expected a whole number in \[1, 64\]/],
    [{ members: 2, epochs: 5 }, /members: nets are averaged by a preset/],
    [{ preset: 'best', compat: 'sklearn' }, /compat: preset: 'best' settles it/],
    [{ preset: 'quick', earlyStopping: false }, /earlyStopping: preset: 'quick' settles it/],
    [{ preset: 'quick', hiddenLayers: [8, dropout(0.1)] }, /hiddenLayers\[1\]: with preset: 'quick' layers are numbers of units/],
  ])('%j is refused by name', (options, message) => {
    const { code, message: said } = refusal(() => new MLPClassifier(options as object));
    expect(code).toBe('ERR_OPTION');
    expect(said).toMatch(message);
  });

  test("options of a network of one's own train that network, as ever", () => {
    const model = new MLPClassifier({ hiddenLayers: [5], epochs: 3, seed: 1 }).fitSync(moons.X, labels);
    expect(model.members).toBe(1);
    expect(model.model.plan.layers.map(({ outputs }) => outputs)).toEqual([5, 1]);
    expect(model.epochs).toBe(3);
  });
});

describe('nets side by side', () => {
  const plans: readonly (readonly [string, MLPOptions])[] = [
    [
      'three dense layers behind a gain',
      {
        inputs: 3,
        layers: [
          activation('tanh'),
          rescale({}, { trainable: true }),
          dense(5, { activation: 'mish' }),
          dropout(0.1),
          dense(4, { activation: 'selu' }),
          dense(2),
        ],
      },
    ],
    ['one dense layer', { inputs: 3, layers: [rescale({}, { trainable: true }), dense(2)] }],
    ['one output', { inputs: 1, layers: [dense(1, { activation: 'relu' }), dense(1)] }],
  ];

  test.each(plans)('compute the mean of what each computes: %s', (_, options) => {
    const random = new Random(7, 'rows');
    const X = Array.from({ length: 9 }, () => Array.from({ length: options.inputs }, () => random.normal()));
    for (const count of [1, 2, 3, 5]) {
      const nets = Array.from({ length: count }, (_, m) => {
        const net = new MLP({ ...options, seed: m + 1 });
        for (const parameter of net.parameters()) parameter.set(Array.from(parameter.values, () => random.normal()));
        return net;
      });
      const { layers, tensors } = merge(
        nets[0]!.plan,
        nets.map((net) => ({ tensors: net.parameters().map(({ values }) => values) })),
      );
      const merged = new MLP({ inputs: options.inputs, layers });
      for (const parameter of merged.parameters()) parameter.set(tensors.get(parameter.name)!);
      const each = nets.map((net) => net.predict(X).data);
      merged.predict(X).data.forEach((value, k) => {
        const mean = each.reduce((sum, data) => sum + data[k]!, 0) / count;
        expect(Math.abs(value - mean)).toBeLessThan(1e-5 * (1 + Math.abs(mean)));
      });
    }
  });

  test.each([
    ['selu', 0.3],
    ['mish', 0.6],
    ['relu', 0.97],
  ] as const)('hold a share of a linear model of the same columns exactly: %s, %d', (name, share) => {
    const random = new Random(9, 'share');
    const numbers = (net: MLP) => {
      for (const parameter of net.parameters()) parameter.set(Array.from(parameter.values, () => 2 * random.normal()));
      return { tensors: net.parameters().map(({ values }) => values) };
    };
    const layers = [
      activation('tanh'),
      rescale({}, { trainable: true }),
      dense(5, { activation: name }),
      dense(4, { activation: name }),
      dense(2),
    ];
    const nets = [1, 2, 3].map((seed) => new MLP({ inputs: 3, layers, seed }));
    const linear = new MLP({ inputs: 3, layers: [activation('tanh'), dense(2)], seed: 4 });
    const parts = nets.map(numbers);
    const straight = { plan: linear.plan, ...numbers(linear), share };
    expect(holdsLinear(nets[0]!.plan)).toBe(true);
    const { layers: merged, tensors } = merge(nets[0]!.plan, parts, 2, 0, straight);
    const model = new MLP({ inputs: 3, layers: merged });
    for (const parameter of model.parameters()) parameter.set(tensors.get(parameter.name)!);
    const X = Array.from({ length: 20 }, (_, i) => [random.normal(), i === 0 ? 1e6 : 30 * random.normal(), random.normal()]);
    const [each, own] = [nets.map((net) => net.predict(X).data), linear.predict(X).data];
    model.predict(X).data.forEach((value, k) => {
      const mean = each.reduce((sum, data) => sum + data[k]!, 0) / 3;
      const blend = ((1 - share) * mean + share * own[k]!) / 2;
      expect(Math.abs(value - blend)).toBeLessThan(2e-5 * (1 + Math.abs(mean)));
    });
  });

  test('a share needs bounded columns, and activations that are a line from some number on', () => {
    const plan = (layers: MLPOptions['layers']) => new MLP({ inputs: 2, layers }).plan;
    expect(holdsLinear(plan([dense(3, { activation: 'selu' }), dense(1)]))).toBe(false);
    expect(holdsLinear(plan([activation('tanh'), dense(3, { activation: 'tanh' }), dense(1)]))).toBe(false);
    expect(holdsLinear(plan([activation('tanh'), dense(3, { activation: 'mish' }), dense(1)]))).toBe(true);
  });

  test('a temperature divides what comes out of a net', () => {
    const net = new MLP({ inputs: 2, layers: [dense(3, { activation: 'tanh' }), dense(1)], seed: 2 });
    const { layers, tensors } = merge(net.plan, [{ tensors: net.parameters().map(({ values }) => values) }], 4);
    const merged = new MLP({ inputs: 2, layers });
    for (const parameter of merged.parameters()) parameter.set(tensors.get(parameter.name)!);
    expect(merged.predict([[1, -2]]).data[0]).toBeCloseTo(net.predict([[1, -2]]).data[0]! / 4, 6);
  });
});

describe('rows to watch', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 23, 101])(
    '%i rows: every row is watched by one of five nets at most, the rest teaches',
    (rows) => {
      const folds = [0, 1, 2, 3, 4].map((j) => memberFold(rows, j, 5, 3, undefined));
      for (const { train, test } of folds)
        expect([...train, ...test].sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, i) => i));
      expect(folds.flatMap(({ test }) => [...test]).sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, i) => i));
      for (const { test } of folds) expect(Math.abs(test.length - rows / 5)).toBeLessThan(1);
    },
  );

  test('each fold has its share of every class, and the only row of a class is always learnt', () => {
    const ids = Array.from({ length: 101 }, (_, i) => (i === 40 ? 9 : i % 10 === 0 ? 1 : 0));
    for (const j of [0, 1, 2, 3, 4]) {
      const { train, test } = memberFold(101, j, 5, 1, ids);
      expect(train).toContain(40);
      const rare = [...test].filter((i) => ids[i] === 1).length;
      expect(Math.abs(rare - ids.filter((id) => id === 1).length / 5)).toBeLessThan(1);
    }
  });

  test('rows are dealt anew after five nets', () => {
    expect(memberFold(50, 0, 5, 1, undefined).test).not.toEqual(memberFold(50, 5, 5, 1, undefined).test);
    expect(memberFold(50, 7, 5, 1, undefined)).toEqual(memberFold(50, 7, 5, 1, undefined));
  });
});

test('training ends with the second or third wave when it brought nothing better than the one before', () => {
  const logs = (figures: readonly number[]) =>
    figures.map((valLoss, e) => ({ epoch: e + 1, loss: 1, learningRate: 1, seconds: 0, valLoss }) as EpochLog);
  const falling = (length: number) => Array.from({ length }, (_, e) => 1 / (e + 1));
  const stalled = (length: number, best: number) => Array.from({ length }, (_, e) => Math.abs(e + 1 - best));
  expect(endsEarly(logs(falling(3)), 15)).toBe(false);
  expect(endsEarly(logs(stalled(1, 1)), 15)).toBe(false);
  expect(endsEarly(logs(stalled(3, 1)), 15)).toBe(true);
  expect(endsEarly(logs(stalled(3, 2)), 15)).toBe(false);
  expect(endsEarly(logs(stalled(7, 3)), 15)).toBe(true);
  expect(endsEarly(logs(stalled(7, 4)), 15)).toBe(false);
  expect(endsEarly(logs(stalled(5, 1)), 15)).toBe(false);
});

describe('a preset', () => {
  test('learns classes, is one plain network, and gives the same bits for the same seed, sync or not, saved or not', async () => {
    const model = new MLPClassifier(quick).fitSync(moons.X, labels);
    expect(model.score(moons.X, labels)).toBeGreaterThan(0.93);
    expect(model.members).toBe(2);
    expect(model.model.plan.layers.map(({ outputs }) => outputs)).toEqual([2, 128, 128, 128, 1]);
    expect(model.bestValidationScore).toBeGreaterThan(0.9);
    expect(model.lossCurve.length).toBe(model.validationLossCurve.length);
    const again = await new MLPClassifier(quick).fit(moons.X, labels);
    expect(weightsOf(again)).toEqual(weightsOf(model));
    const other = new MLPClassifier({ ...quick, seed: 2 }).fitSync(moons.X, labels);
    expect(weightsOf(other)).not.toEqual(weightsOf(model));
    const loaded = MLPClassifier.load(model.save(), { onWarning: false });
    expect(loaded.predictProba(moons.X)).toEqual(model.predictProba(moons.X));
    expect([loaded.members, loaded.options.preset]).toEqual([2, 'quick']);
    expect(MLP.load(model.save()).outputs).toBe(1);
    // The predictor's memory grows for a network this wide; both classes come from the logit all the same.
    const told = loadPredictor(model.save()).predictProba(moons.X.toArray());
    model.predictProba(moons.X).data.forEach((p, k) => expect(Math.abs(told.data[k]! - p)).toBeLessThan(1e-6));
  });

  test('learns numbers in their own units', () => {
    const random = new Random(5, 'x');
    const X = Array.from({ length: 300 }, () => [random.normal(), random.normal()]);
    const y = X.map(([a, b]) => 1e6 * (3 + Math.sin(2 * a!) + 0.5 * b!));
    const model = new MLPRegressor(quick).fitSync(X, y);
    expect(model.score(X, y)).toBeGreaterThan(0.97);
    expect(model.targets).toBe(1);
  });

  test('goes to ONNX: nothing in it is only for training', () => {
    const model = new MLPClassifier({ ...quick, members: 3, hiddenLayers: [4] }).fitSync(moons.X, labels);
    expect(exportOnnx(model).length).toBeGreaterThan(100);
  });

  test('an outlier of 1e6 leaves the other rows alone', () => {
    const rows = moons.X.toArray();
    rows[0] = [1e6, rows[0]![1]!];
    const model = new MLPClassifier(quick).fitSync(rows, labels);
    expect(model.score(moons.X, labels)).toBeGreaterThan(0.93);
  });

  test.each([
    ['two rows', [[0], [1]], ['a', 'b']],
    ['one row for each of nine classes', Array.from({ length: 9 }, (_, i) => [i]), Array.from({ length: 9 }, (_, i) => `c${i}`)],
    [
      'a constant column',
      [
        [1, 0],
        [1, 1],
        [1, 2],
        [1, 3],
        [1, 4],
        [1, 5],
      ],
      ['a', 'a', 'a', 'b', 'b', 'b'],
    ],
    ['more columns than rows', [Array.from({ length: 40 }, (_, j) => j), Array.from({ length: 40 }, (_, j) => -j)], [0, 1]],
  ] as const)('trains on %s', (_, X, y) => {
    const model = new MLPClassifier(quick).fitSync(X as unknown as number[][], y as unknown as string[]);
    expect(model.predict(X as unknown as number[][]).length).toBe(y.length);
    expect(model.predictProba(X as unknown as number[][]).data.every(Number.isFinite)).toBe(true);
  });

  test("takes rows of the user's to watch, weights, several targets and multilabel rows", () => {
    const watched = new MLPClassifier(quick).fitSync(moons.X, labels, { validationData: [moons.X, labels] });
    expect(watched.bestValidationScore).toBeGreaterThan(0.9);
    const weighed = new MLPClassifier({ ...quick, classWeight: { left: 50 } }).fitSync(moons.X, labels);
    const share = (model: MLPClassifier) => model.predict(moons.X).filter((label) => label === 'left').length;
    expect(share(weighed)).toBeGreaterThan(share(new MLPClassifier(quick).fitSync(moons.X, labels)));
    const two = moons.X.toArray().map(([a, b]) => [a! + b!, a! * b!]);
    expect(new MLPRegressor(quick).fitSync(moons.X, two).predict(moons.X)).toMatchObject({ shape: [240, 2] });
    const yesNo = moons.X.toArray().map(([a, b]) => [a! > 0 ? 1 : 0, b! > 0 ? 1 : 0]);
    const multi = new MLPClassifier(quick).fitSync(moons.X, yesNo);
    expect(multi.multilabel).toBe(true);
    expect(multi.score(moons.X, yesNo)).toBeGreaterThan(0.8);
  });

  test('gives way to a linear model where that is as good on watched rows, and says so', () => {
    const random = new Random(9, 'straight');
    const X = Array.from({ length: 400 }, () => Array.from({ length: 12 }, () => random.normal()));
    const y = X.map((row) => row.reduce((sum, x, j) => sum + (j + 1) * x, 0) + 0.1 * random.normal());
    const model = new MLPRegressor(quick).fitSync(X, y);
    expect(model.model.plan.layers.map(({ outputs }) => outputs)).toEqual([1]);
    expect(model.score(X, y)).toBeGreaterThan(0.999);
    expect(model.notes.join(' ')).toMatch(/a linear model was as good as the nets or better, so this is a linear model/);
    const classes = y.map((value) => (value > 0 ? 'up' : 'down'));
    const told = new MLPClassifier(quick).fitSync(X, classes);
    expect(told.score(X, classes)).toBeGreaterThan(0.97);
    expect(MLPClassifier.load(told.save(), { onWarning: false }).predictProba(X)).toEqual(told.predictProba(X));
    expect(new MLPClassifier(quick).fitSync(moons.X, labels).model.plan.layers.length).toBeGreaterThan(1);
  });

  test('learns more rows afterwards, as a plain network', () => {
    const model = new MLPClassifier(quick).fitSync(moons.X, labels);
    const before = weightsOf(model);
    model.partialFit(moons.X, labels);
    expect(weightsOf(model)).not.toEqual(before);
    expect(model.score(moons.X, labels)).toBeGreaterThan(0.9);
  });
});

test("labelSmoothing keeps probabilities of a network of one's own from the ends", () => {
  const own = { hiddenLayers: [8], epochs: 200, learningRate: 0.02, earlyStopping: false, seed: 1, l2: 0 } as const;
  const [X, y] = [
    [[0], [1], [2]],
    ['a', 'b', 'c'],
  ];
  const largest = (labelSmoothing: number) => {
    const { data } = new MLPClassifier({ ...own, labelSmoothing }).fitSync(X, y).predictProba(X);
    return Math.max(...data);
  };
  // The least loss has 1 - s + s / 3 for the class and s / 3 for the others.
  expect(largest(0.3)).toBeCloseTo(0.8, 1);
  expect(largest(0)).toBeGreaterThan(0.95);
});
