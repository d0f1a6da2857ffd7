// The presets through the estimators and the model: what PyTorch 1.13 and scikit-learn 1.2 made of the same rows, weights and options (fixtures
// of scripts/fixtures/sklearn_mlp.py and pytorch.py), and for Keras its documented formulas.

import { describe, expect, test } from 'vitest';
import { OptimizerField } from '../../assembly/abi.js';
import { Random } from '../../src/data/random.js';
import { MLPClassifier, type MLPClassifierOptions } from '../../src/estimators/classifier.js';
import { MLPRegressor, type MLPRegressorOptions } from '../../src/estimators/regressor.js';
import type { Model } from '../../src/model/model.js';
import { MLP } from '../../src/mlp/mlp.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { batchNorm, dense, layerNorm } from '../../src/plan/layers.js';
import type { OptimizerSpec } from '../../src/plan/optimizers.js';
import { resolveNetwork } from '../../src/plan/network.js';
import { fixture } from '../support/fixtures.js';
import { expectClose, flat, layerOf, optionsOf, type Golden, type GoldenModel, type LayerCall } from '../support/golden.js';

type Tensors = Readonly<Record<string, Golden>>;

function start(model: Model, weights: Tensors): Model {
  for (const parameter of model.parameters()) parameter.set(Float32Array.from(flat(weights[parameter.name]!) as number[]));
  return model;
}

/** The estimators, starting from given weights. */
class Classifier extends MLPClassifier {
  constructor(
    options: MLPClassifierOptions,
    private readonly weights: Tensors,
  ) {
    super(options);
  }
  protected override createModel(options: MLPOptions): Model {
    return start(new MLP(options), this.weights);
  }
}
class Regressor extends MLPRegressor {
  constructor(
    options: MLPRegressorOptions,
    private readonly weights: Tensors,
  ) {
    super(options);
  }
  protected override createModel(options: MLPOptions): Model {
    return start(new MLP(options), this.weights);
  }
}

const raw = { scale: 'none', shuffle: false, earlyStopping: false } as const;
const rowsOf = (values: Golden): number[][] => (values as Golden[]).map((row) => flat(row) as number[]);

interface SklearnCase {
  title: string;
  estimator: 'MLPClassifier' | 'MLPRegressor';
  model: GoldenModel;
  optimizer: OptimizerSpec & { learningRate: number };
  alpha: number;
  batchSize: number;
  epochs: number;
  x: Golden[];
  y: Golden[];
  initial: Tensors;
  parameters: Tensors;
}

interface Stall {
  estimator: 'MLPClassifier' | 'MLPRegressor';
  learningRate: number;
  alpha: number;
  batchSize: number;
  x: Golden[];
  y: Golden[];
  initial: Tensors;
  epochs: number;
}

const sklearn = fixture<{ cases: SklearnCase[]; stalls: Stall[] }>('compat-sklearn.json');

const hiddenOf = (model: GoldenModel) => model.layers.slice(0, -1).map((layer) => layerOf(layer as LayerCall));
const outputOf = ({ layers }: GoldenModel) => layers[layers.length - 1] as unknown as [string, number, { activation?: string }?];

function targetsOf(c: { estimator: string; y: Golden[] }) {
  const y = rowsOf(c.y);
  return c.estimator === 'MLPRegressor' || y[0]!.length > 1 ? y : y.map(([id]) => id!);
}

describe("compat: 'sklearn'", () => {
  test.each(sklearn.cases.map((c) => [c.title, c] as const))('the estimator ends with the weights of %s', (_, c) => {
    const options = {
      ...raw,
      compat: 'sklearn',
      hiddenLayers: hiddenOf(c.model),
      optimizer: c.optimizer,
      batchSize: c.batchSize,
      epochs: c.epochs,
      ...(c.alpha === 1e-4 ? {} : { l2: c.alpha }),
    } as const;
    const fitted =
      c.estimator === 'MLPRegressor'
        ? new Regressor({ ...options, scaleTargets: false }, c.initial).fitSync(rowsOf(c.x), targetsOf(c) as number[][])
        : new Classifier(options, c.initial).fitSync(rowsOf(c.x), targetsOf(c) as number[]);
    for (const { name, values } of fitted.model.parameters()) expectClose(values, c.parameters[name]!, 1e-4, 1e-5, name);
  });

  test.each(sklearn.cases.map((c) => [c.title, c] as const))('MLP ends with the weights of %s', (_, c) => {
    const [, units, { activation = 'identity' } = {}] = outputOf(c.model);
    const classLoss = activation === 'sigmoid' ? 'binaryCrossEntropy' : 'sparseCategoricalCrossEntropy';
    const loss = c.estimator === 'MLPRegressor' ? 'meanSquaredError' : classLoss;
    const model = new MLP({
      ...optionsOf({ ...c.model, loss }, c.optimizer),
      compat: 'sklearn',
      ...(c.alpha === 1e-4 ? {} : { l2: c.alpha }),
    });
    start(model, c.initial);
    const y = targetsOf(c);
    model.fitSync(rowsOf(c.x), units === 1 ? (y as number[]).flat() : (y as number[]), {
      batchSize: c.batchSize,
      epochs: c.epochs,
      shuffle: false,
    });
    for (const { name, values } of model.parameters()) expectClose(values, c.parameters[name]!, 1e-4, 1e-5, name);
  });

  test.each(sklearn.stalls.map((c) => [c.estimator, c.learningRate, c.epochs, c] as const))(
    '%s at rate %f stops after the %i epochs that scikit-learn takes',
    (kind, learningRate, epochs, c) => {
      const options = {
        ...raw,
        compat: 'sklearn',
        hiddenLayers: [5],
        optimizer: { name: 'sgd', momentum: 0, learningRate },
        batchSize: c.batchSize,
        epochs: 2000,
        l2: c.alpha,
      } as const;
      const fitted =
        kind === 'MLPRegressor'
          ? new Regressor({ ...options, scaleTargets: false }, c.initial).fitSync(rowsOf(c.x), targetsOf(c) as number[][])
          : new Classifier(options, c.initial).fitSync(rowsOf(c.x), targetsOf(c) as number[]);
      expect(fitted.stoppedBy).toBe('plateau');
      // Near the tolerance a loss in float32 may fall on the other side of it.
      expect(Math.abs(fitted.epochs - epochs)).toBeLessThanOrEqual(epochs === 12 ? 0 : 3);
    },
  );

  test('the penalty is alpha times half the squared weights, over the rows', () => {
    const X = Array.from({ length: 20 }, (_, i) => [i % 2, (i >> 1) % 2]);
    const y = X.map(([a, b]) => a! ^ b!);
    const penaltyOf = (options: MLPClassifierOptions) => {
      const { model } = new MLPClassifier({ compat: 'sklearn', hiddenLayers: [4], epochs: 3, ...options }).fitSync(X, y);
      const weights = model.parameters().filter(({ name }) => name.endsWith('weight'));
      const squares = weights.flatMap(({ values }) => [...values]).reduce((sum, w) => sum + w * w, 0);
      return model.penalty(20) / (squares / 40);
    };
    expect(penaltyOf({ l2: 0.01 })).toBeCloseTo(0.01, 9);
    expect(penaltyOf({ l2: 0 })).toBe(0);
    expect(penaltyOf({})).toBeCloseTo(1e-4, 9);
    expect(new MLP({ inputs: 2, layers: [dense(1)], compat: 'sklearn', l2: 0 }).penalty(1)).toBe(0);
    const own = new MLP({ inputs: 2, layers: [dense(1, { l2: 0.5 })], compat: 'sklearn' });
    own.parameters()[0]!.set([1, 1]);
    expect(own.penalty(4)).toBeCloseTo(0.5 / 4, 7);
  });

  test.each([{ momentum: 0 }, { momentum: 0.5, form: 'ema' }, { momentum: 0.5, form: 'pytorch', dampening: 0.1 }] as const)(
    'looks ahead only where that goes with what was asked: %o',
    (options) => {
      const layers = [dense(1)];
      const plan = resolveNetwork({ inputs: 2, layers, compat: 'sklearn', optimizer: { name: 'sgd', ...options } });
      expect(plan.optimizer.options).toMatchObject({ ...options, nesterov: false });
      const saved = new MLP({ inputs: 2, layers, compat: 'sklearn', optimizer: { name: 'sgd', ...options } }).save();
      expect(() => MLP.load(saved)).not.toThrow();
      const asked = { name: 'sgd', ...options, nesterov: true } as const;
      expect(() => resolveNetwork({ inputs: 2, layers, compat: 'sklearn', optimizer: asked })).toThrow('nesterov');
    },
  );

  test('the output layer starts by the factor of the hidden activation, as the others do', () => {
    const init = (hidden: 'relu' | 'sigmoid') =>
      resolveNetwork({
        inputs: 3,
        layers: [dense(4, { activation: hidden }), dense(1, { activation: 'sigmoid' })],
        loss: 'binaryCrossEntropy',
        compat: 'sklearn',
      }).tensors.map((tensor) => tensor.init);
    const [weight, bias] = init('relu');
    expect(init('relu')).toEqual([weight, bias, weight, bias]);
    const [other] = init('sigmoid');
    expect(init('sigmoid')).toEqual([other, other, other, other]);
    expect(other).not.toEqual(weight);
  });

  test('early stopping watches the score on rows held out, for more than 10 epochs without a gain of 1e-4', () => {
    const random = new Random(3);
    const X = Array.from({ length: 60 }, () => [random.normal(), random.normal()]);
    const y = X.map(() => random.below(2));
    const clf = new MLPClassifier({ compat: 'sklearn', hiddenLayers: [8], epochs: 300, earlyStopping: true }).fitSync(X, y);
    expect(clf.stoppedBy).toBe('earlyStopping');
    expect(clf.epochs).toBeGreaterThanOrEqual(12);
    expect(clf.epochs - clf.bestEpoch).toBe(11);
  });
});

interface PytorchCase {
  title: string;
  model: GoldenModel;
  x: Golden[];
  y: Golden[];
  initial: Tensors;
  batchSize: number;
  epochs: number;
  runs: { optimizer: 'sgd'; drift: [number, number]; parameters: Tensors }[];
}

const pytorch = fixture<{ cases: PytorchCase[] }>('compat-pytorch.json');

describe("compat: 'pytorch'", () => {
  test.each(
    pytorch.cases.flatMap((c) =>
      c.runs.filter((r) => r.optimizer !== ('nadam' as string)).map((r) => [c.title, r.optimizer, c, r] as const),
    ),
  )('the estimator ends with the weights of %s, %s', (_, optimizer, c, r) => {
    const options = { ...raw, compat: 'pytorch', hiddenLayers: hiddenOf(c.model), optimizer } as const;
    const rest = { batchSize: c.batchSize, epochs: c.epochs };
    const y = rowsOf(c.y);
    const initial = c.initial;
    const fitted =
      c.model.loss === 'meanSquaredError'
        ? new Regressor({ ...options, ...rest, scaleTargets: false }, initial).fitSync(rowsOf(c.x), y)
        : new Classifier({ ...options, ...rest }, initial).fitSync(
            rowsOf(c.x),
            y.map(([id]) => id!),
          );
    for (const { name, values } of fitted.model.parameters())
      expectClose(values, r.parameters[name]!, 1e-5, 2e-5 + 20 * r.drift[1], name);
  });

  test('has no penalty, and as many epochs as without a preset', () => {
    const X = Array.from({ length: 300 }, (_, i) => [i % 7, i % 5]);
    const y = X.map(([a, b]) => a! + b!);
    const model = new MLPRegressor({ compat: 'pytorch', hiddenLayers: [3] }).fitSync(X, y);
    expect(model.model.penalty(32)).toBe(0);
    expect(model.epochs).toBe(200);
  });
});

describe("compat: 'keras'", () => {
  test.each([true, false])('the running variance takes the biased variance of a batch, deterministic %s', (deterministic) => {
    const model = (compat?: 'keras') =>
      new MLP({ inputs: 1, layers: [batchNorm(), dense(1)], deterministic, ...(compat === undefined ? {} : { compat }) });
    const variance = (compat?: 'keras', momentum = 0.1) => {
      const trained = model(compat);
      trained.trainStep([[0], [2]], [[0], [0]]);
      return [trained.parameters().find(({ name }) => name.endsWith('runningVariance'))!.values[0]!, momentum] as const;
    };
    expect(variance('keras')[0]).toBe(1); // 0.99 x 1 + 0.01 x 1
    expect(variance()[0]).toBeCloseTo(0.9 + 0.1 * 2, 6);
  });

  test('has Keras’s slopes, epsilons and rates', () => {
    const plan = resolveNetwork({
      inputs: 2,
      layers: [
        dense(3, { activation: 'leakyRelu' }),
        dense(3, { activation: 'prelu' }),
        layerNorm(),
        batchNorm(),
        dense(1, { activation: { name: 'leakyRelu', slope: 0.1 } }),
      ],
      optimizer: 'nadam',
      compat: 'keras',
    });
    expect(plan.layers[0]!.activation.a).toBe(0.3);
    expect(plan.layers[1]!.activation).toMatchObject({ a: 0, shared: false });
    expect(plan.layers[2]!.epsilon).toBe(1e-3);
    expect(plan.layers[3]!).toMatchObject({ epsilon: 1e-3, momentum: 0.01 });
    expect(plan.layers[4]!.activation.a).toBe(0.1);
    // u = beta1 (1 - 0.96^t / 2): the exponent is the step itself.
    expect(plan.optimizer.options).toMatchObject({ epsilon: 1e-7, momentumDecay: 1 });
    expect(plan.optimizer.constants[OptimizerField.MomentumFade]).toBeCloseTo(0.96, 12);
  });

  test('a file keeps the slopes it was saved with', () => {
    const layers = [dense(3, { activation: 'leakyRelu' }), layerNorm(), dense(1)];
    const model = new MLP({ inputs: 2, layers, compat: 'keras', seed: 4 });
    const X = [[1, -2], [-0.5, 0.25], [3, 1]]; // biome-ignore format: rows
    expect(MLP.load(model.save()).predict(X).data).toEqual(model.predict(X).data);
    const plain = new MLP({ inputs: 2, layers, seed: 4 });
    expect(MLP.load(plain.save()).predict(X).data).toEqual(plain.predict(X).data);
  });

  test('early stopping is Keras’s: at the first epoch without a gain, the last weights kept', () => {
    const random = new Random(5);
    const X = Array.from({ length: 40 }, () => [random.normal()]);
    const y = X.map(() => [random.normal()]);
    const model = new MLP({
      inputs: 1,
      layers: [dense(16, { activation: 'relu' }), dense(1)],
      compat: 'keras',
      optimizer: { name: 'adam', learningRate: 0.05 },
    });
    const history = model.fitSync(X, y, { epochs: 500, validationSplit: 0.25, earlyStopping: true });
    const losses = history.epochs.map(({ valLoss }) => valLoss!);
    expect(history.stoppedBy).toBe('earlyStopping');
    expect(losses.findIndex((loss, i) => i > 0 && loss >= Math.min(...losses.slice(0, i)))).toBe(losses.length - 1);
    expect(model.evaluate(X.slice(30), y.slice(30)).loss).toBeCloseTo(losses[losses.length - 1]!, 6);
  });
});

describe('portions', () => {
  const X = [[0], [1], [2], [3]];
  test('other classes than those of the first call are refused', () => {
    const clf = new MLPClassifier({ hiddenLayers: [2] }).partialFit(X, [0, 1, 0, 1], { classes: [0, 1, 2] });
    expect(() => clf.partialFit(X, [0, 1, 0, 1], { classes: [0, 1] })).toThrow('classes');
    expect(() => clf.partialFit(X, [0, 1, 0, 1], { classes: [0, 1, 3] })).toThrow('classes');
    clf.partialFit(X, [0, 1, 0, 1], { classes: [2, 1, 0] });
    expect(clf.classes).toEqual([0, 1, 2]);
  });

  test("'balanced' class weights need all rows, and one class per row", () => {
    const clf = new MLPClassifier({ hiddenLayers: [2], classWeight: 'balanced' });
    expect(() => clf.partialFit(X, [0, 1, 0, 1])).toThrow("'balanced'");
    expect(() => clf.fitSync(X, [[0, 1], [1, 1], [0, 0], [1, 0]])).toThrow('multilabel'); // biome-ignore format: rows
  });

  test("'balanced' counts the rows that train, not those held out", () => {
    const rows = Array.from({ length: 40 }, (_, i) => [i / 40]);
    const y = rows.map((_, i) => (i % 4 === 0 ? 1 : 0));
    // Watched rows of another balance leave the weights of training alone: the first epoch's loss is the same.
    const trained = (validationData?: readonly [number[][], number[]]) =>
      new MLPClassifier({ hiddenLayers: [], classWeight: 'balanced', epochs: 1, earlyStopping: false, shuffle: false }).fitSync(
        rows,
        y,
        validationData && { validationData },
      );
    const watched = trained([rows.slice(0, 10), rows.slice(0, 10).map((_, i) => (i === 0 ? 1 : 0))]);
    expect(watched.lossCurve).toEqual(trained().lossCurve);
    // The watched loss weighs by the classes of the training rows: 40 / (2 x 30) and 40 / (2 x 10).
    const p = watched.predictProba(rows.slice(0, 10)).data;
    let sum = 0;
    for (let i = 0; i < 10; i++) sum -= i === 0 ? 2 * Math.log(p[1]!) : (2 / 3) * Math.log(p[2 * i]!);
    expect(watched.validationLossCurve[0]).toBeCloseTo(sum / 10, 5);
  });
});

test.each([
  ['mse', 'meanSquaredError'],
  ['mae', 'meanAbsoluteError'],
] as const)("MLPRegressor's loss '%s' is %s", (short, name) => {
  const X = Array.from({ length: 30 }, (_, i) => [i / 30]);
  const y = X.map(([x]) => x! * x!);
  const trainedOn = (loss: 'mse' | 'mae' | 'meanSquaredError' | 'meanAbsoluteError') =>
    new MLPRegressor({ loss, hiddenLayers: [4], epochs: 5, onWarning: false }).fitSync(X, y);
  const trained = trainedOn(short);
  expect(trained.predict(X)).toEqual(trainedOn(name).predict(X));
  expect(MLPRegressor.load(trained.save()).predict(X)).toEqual(trained.predict(X));
});
