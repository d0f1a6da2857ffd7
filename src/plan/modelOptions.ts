// What a model's options are, and those of its layers: interfaces for people, and a row for each member that checks it.

import { fail, nearest, show } from '../errors.js';
import { checkNumber, choice, flag, given, group, has, number, readOptions, tiny, whole, type Schema } from '../options.js';
import type { Compat } from './compat.js';
import type {
  ActivationLayerSpec,
  BatchNormSpec,
  DenseSpec,
  DropoutSpec,
  LayerNormSpec,
  LayerSpec,
  NoiseSpec,
  EmbeddingSpec,
  RescaleSpec,
  ResidualSpec,
} from './layers.js';
import type { LossLike } from './losses.js';
import { checkMetricNames, type MetricLike } from './metrics.js';
import type { OptimizerLike } from './optimizers.js';

/** Limits on gradients, applied in this order before the optimizer sees them. */
export interface ClipOptions {
  /** The largest absolute value of one number, > 0. */
  readonly value?: number;
  /** The largest Euclidean norm of one tensor, > 0. */
  readonly norm?: number;
  /** The largest Euclidean norm of all gradients together, > 0. */
  readonly globalNorm?: number;
}

/** An exponential average of the weights, kept beside them: average = decay average + (1 - decay) weights after each step. */
export interface WeightAveragingOptions {
  /** The share of the average that each step keeps, in (0, 1), default 0.999. */
  readonly decay?: number;
  /**
   * Default true: step t keeps at most (1 + t) / (10 + t) of the average, so that it soon forgets the weights from before training.
   * Without it, decay 0.999 still holds 0.999^960 = 38 % of them after 960 steps. See: tf.train.ExponentialMovingAverage, num_updates.
   */
  readonly warmUp?: boolean;
}

/** What a model is: its layers, its loss, and how it trains. `Metrics` are those it measures. */
export interface MLPOptions<Metrics extends MetricLike = MetricLike> {
  /** Columns of X (>= 1). */
  readonly inputs: number;
  /** From the input on: dense(16, { activation: 'relu' }), batchNorm(), dropout(0.2), residual([…]), … The last one gives the outputs. */
  readonly layers: readonly LayerSpec[];
  /**
   * A name, an object, or a function (yTrue, yPred) => { value, gradient }. Default 'meanSquaredError': the mean over rows and outputs, so
   * that its gradient is 2 (yPred - y) / (rows outputs). Cross-entropies over classes are means over rows. L1 and L2 come on top.
   */
  readonly loss?: LossLike;
  /** Default adam(). */
  readonly optimizer?: OptimizerLike;
  /** Names of metrics measured each epoch and by evaluate(). */
  readonly metrics?: readonly Metrics[];
  /** Whole number; everything random derives from it. Default 0. */
  readonly seed?: number;
  /** true: the plain simd128 build, the same bits on every engine and processor. */
  readonly deterministic?: boolean;
  /** Penalty l1 sum |w| on all weights (not biases) of layers that do not say otherwise. */
  readonly l1?: number;
  /**
   * Penalty (l2 / 2) sum w^2 on all weights (not biases) of layers that do not say otherwise. With compat: 'sklearn' it is scikit-learn's
   * alpha: divided by the rows of the step, default 1e-4.
   */
  readonly l2?: number;
  /** Penalty biasL1 sum |b| on the biases of dense layers that do not say otherwise. Default 0: l1 is of weights alone. */
  readonly biasL1?: number;
  /**
   * Penalty (biasL2 / 2) sum b^2 on the biases of dense layers that do not say otherwise. Default 0: l2 is of weights alone. A loss written with
   * lambda / (2 m) sum of |theta|, or of theta^2, over weights and biases of m rows has l1 = biasL1 = lambda / (2 m), or l2 = biasL2 = lambda / m.
   */
  readonly biasL2?: number;
  /** The longest a unit's incoming weight vector may be. */
  readonly maxNorm?: number;
  /** Gradients are clipped before the optimizer sees them: each value to +-value, each tensor to norm, all of them together to globalNorm. */
  readonly clip?: ClipOptions;
  /** Keeps an exponential average of the weights, which predict and evaluate then use. */
  readonly weightAveraging?: WeightAveragingOptions;
  /** Deviation of normal noise added to the inputs in training. */
  readonly inputNoise?: number;
  /**
   * Takes that framework's defaults wherever an option is silent: how weights start, the optimizer's constants, slopes of leakyRelu and
   * prelu, epsilon and momentum of norms, rows per step, epochs, early stopping; and its way of averaging where that differs: scikit-learn's
   * squared error is halved and its losses are summed over the outputs (gradients, and the losses shown), Keras's running variance is biased.
   */
  readonly compat?: Compat;
}

export const maxUnits = 2 ** 24;

const above0 = { min: 0, minExclusive: true } as const;
const limit = number({ ...above0, default: Infinity });
const penalty = number({ min: 0 });

const clipRows = { value: limit, norm: limit, globalNorm: limit } satisfies Schema<ClipOptions>;
const averagingRows = {
  decay: number({ ...above0, max: 1, maxExclusive: true, default: 0.999 }),
  warmUp: flag(true),
} satisfies Schema<WeightAveragingOptions>;

/** The options of a model. */
export const modelRows = {
  inputs: (value, name) => checkWidth(value, name),
  layers: given(),
  loss: given(),
  optimizer: given(),
  metrics: (value) => checkMetricNames(value ?? []),
  seed: given(),
  deterministic: flag(false),
  l1: number({ min: 0, default: 0 }),
  l2: penalty,
  biasL1: number({ min: 0, default: 0 }),
  biasL2: number({ min: 0, default: 0 }),
  maxNorm: limit,
  clip: (value) => readOptions(clipRows, value, 'clip', 'clip.'),
  weightAveraging: group(averagingRows),
  inputNoise: number({ min: 0 }),
  compat: choice(['sklearn', 'keras', 'pytorch']),
} satisfies Schema<MLPOptions>;

const tensorRows = { learningRateScale: number({ min: 0, default: 1 }), trainable: flag(true) };

const placeRows = { name: given<string>(), from: given<readonly string[]>() };

/** The options of each kind of layer. */
export const layerRows = {
  dense: {
    type: given(),
    ...placeRows,
    units: (value, name) => checkWidth(value, name),
    activation: given(),
    bias: flag(true),
    weightInit: given(),
    biasInit: given(),
    l1: penalty,
    l2: penalty,
    biasL1: penalty,
    biasL2: penalty,
    maxNorm: number(above0),
    signs: given(),
    mask: given(),
    sparse: number({ ...above0, max: 1 }),
    dropConnect: number({ min: 0, max: 1, maxExclusive: true, default: 0 }),
    biasLearningRateScale: number({ min: 0, default: 1 }),
    parametrization: choice(['standard', 'ntk'], 'standard'),
    ...tensorRows,
  } satisfies Schema<DenseSpec>,
  activation: { type: given(), ...placeRows, activation: given() } satisfies Schema<ActivationLayerSpec>,
  batchNorm: {
    type: given(),
    ...placeRows,
    epsilon: number({ min: tiny }),
    momentum: number({ min: 0, max: 1 }),
    ...tensorRows,
  } satisfies Schema<BatchNormSpec>,
  layerNorm: { type: given(), ...placeRows, epsilon: number({ min: tiny }), ...tensorRows } satisfies Schema<LayerNormSpec>,
  rescale: {
    ...tensorRows,
    type: given(),
    ...placeRows,
    center: given(),
    scale: given(),
    gain: given(),
    trainable: flag(false),
  } satisfies Schema<RescaleSpec>,
  embedding: {
    ...tensorRows,
    type: given(),
    ...placeRows,
    categories: (value, name) => checkWidth(value, name),
    size: (value, name) => checkWidth(value, name),
    column: whole({ min: 0, default: 0 }),
    weightInit: given(),
    l1: penalty,
    l2: penalty,
  } satisfies Schema<EmbeddingSpec>,
  dropout: {
    type: given(),
    ...placeRows,
    rate: (value, name) => checkNumber(value, name, { min: 0, max: 1, maxExclusive: true }),
  } satisfies Schema<DropoutSpec>,
  noise: {
    type: given(),
    ...placeRows,
    deviation: (value, name) => checkNumber(value, name, { min: 0 }),
  } satisfies Schema<NoiseSpec>,
  residual: { type: given(), ...placeRows, layers: given(), projection: given() } satisfies Schema<ResidualSpec>,
} satisfies Record<LayerSpec['type'], unknown>;

/** Options that people look for here, and where they are. */
const elsewhere: Readonly<Record<string, string>> = {
  learningRate: "of the optimizer: optimizer: { name: 'adam', learningRate: 0.01 }",
  momentum: "of the optimizer: optimizer: { name: 'sgd', momentum: 0.9 }",
  epochs: 'of fit(X, y, { epochs })',
  batchSize: 'of fit(X, y, { batchSize })',
  activation: 'of a layer: dense(8, { activation })',
};

/** @throws ERR_OPTION for an option that is one elsewhere, or nearly. */
export function refuseMisplaced(options: object): void {
  for (const key of typeof options === 'object' && options !== null ? Object.keys(options) : []) {
    if (has(modelRows, key)) continue;
    const near = nearest(key, [...Object.keys(modelRows), ...Object.keys(elsewhere)]);
    const place = near === undefined ? undefined : elsewhere[near];
    if (place !== undefined) fail('ERR_OPTION', `MLP: unknown option ${show(key)}. ${near} is an option ${place}.`);
  }
}

/** A width: a whole number from 1 to 2^24. @throws ERR_SHAPE. */
function checkWidth(value: unknown, name: string): number {
  if (!(typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= maxUnits))
    fail('ERR_SHAPE', `${name}: expected a whole number from 1 to ${maxUnits}, got ${show(value)}.`);
  return value;
}
