// Layers as users write them: plain data made by small functions. network.ts checks them and lays them end to end.

import type { ActivationLike } from './activations.js';
import type { InitializerLike } from './initializers.js';
import { columnsOf, type FittedScaler } from './scalers.js';

/** A fully connected layer, as plain data: y [rows][units] = activation(x [rows][inputs] W + b). What dense() makes. */
export interface DenseSpec {
  readonly type: 'dense';
  readonly units: number;
  readonly activation?: ActivationLike;
  readonly bias?: boolean;
  readonly weightInit?: InitializerLike;
  readonly biasInit?: InitializerLike;
  /** Penalty l1 sum |w| on this layer's weights: adds l1 sign(w) to their gradient. */
  readonly l1?: number;
  /** Penalty (l2 / 2) sum w^2 on this layer's weights: adds l2 w to their gradient. */
  readonly l2?: number;
  /** The longest a unit's incoming weight vector may be (> 0). */
  readonly maxNorm?: number;
  /** Times the learning rate for this layer (>= 0). */
  readonly learningRateScale?: number;
  /** false freezes the layer. */
  readonly trainable?: boolean;
}

/** An activation as a layer of its own, as plain data: what activation() makes. */
export interface ActivationLayerSpec {
  readonly type: 'activation';
  readonly activation: ActivationLike;
}

/** Batch normalisation, as plain data: what batchNorm() makes. See: https://arxiv.org/abs/1502.03167 */
export interface BatchNormSpec {
  readonly type: 'batchNorm';
  readonly momentum?: number;
  readonly epsilon?: number;
  readonly learningRateScale?: number;
  readonly trainable?: boolean;
}

/** Layer normalisation, as plain data: what layerNorm() makes. See: https://arxiv.org/abs/1607.06450 */
export interface LayerNormSpec {
  readonly type: 'layerNorm';
  readonly epsilon?: number;
  readonly learningRateScale?: number;
  readonly trainable?: boolean;
}

/** One number for all columns, or one for each. */
export type ColumnNumbers = number | ArrayLike<number>;

/** A layer of fixed numbers, y = (x - center) / scale per column, as plain data: what rescale() makes. */
export interface RescaleSpec {
  readonly type: 'rescale';
  /** What is subtracted from each column. Default 0. */
  readonly center?: ColumnNumbers;
  /** What each column is divided by, not 0. Default 1. */
  readonly scale?: ColumnNumbers;
  /** What each column is multiplied by after that. Default 1. */
  readonly gain?: ColumnNumbers;
  /** Whether the gain is trained, one for each column. Default false: the layer never changes. */
  readonly trainable?: boolean;
  /** Times the learning rate for the gain (>= 0). */
  readonly learningRateScale?: number;
}

/** Dropout, as plain data: what dropout() makes. See: https://jmlr.org/papers/v15/srivastava14a.html */
export interface DropoutSpec {
  readonly type: 'dropout';
  readonly rate: number;
}

/** Normal noise added in training, as plain data: what noise() makes. */
export interface NoiseSpec {
  readonly type: 'noise';
  readonly deviation: number;
}

/** Layers with a connection around them, y = x + layers(x), as plain data: what residual() makes. */
export interface ResidualSpec {
  readonly type: 'residual';
  readonly layers: readonly LayerSpec[];
  readonly projection?: 'auto' | boolean;
}

/** A layer as plain data, as dense(), batchNorm(), dropout() and the other functions make it. */
export type LayerSpec =
  | DenseSpec
  | ActivationLayerSpec
  | BatchNormSpec
  | LayerNormSpec
  | RescaleSpec
  | DropoutSpec
  | NoiseSpec
  | ResidualSpec;

/** y = f(x W + b) with W [inputs, units]. Weights start by the activation's rule (He, Glorot, LeCun), biases at 0. */
export const dense = (units: number, options: Omit<DenseSpec, 'type' | 'units'> = {}): DenseSpec => ({
  type: 'dense',
  units,
  ...options,
});

/** An activation as a layer of its own, for instance after batchNorm. */
export const activation = (name: ActivationLike): ActivationLayerSpec => ({ type: 'activation', activation: name });

/**
 * Normalises each column over the batch, then scales and shifts: y = gamma (x - mean) / sqrt(variance + epsilon) + beta.
 * Training uses the batch's mean and (biased) variance; prediction uses running ones, updated by
 * running = (1 - momentum) running + momentum new, where `momentum` (0.1) is the share of the new batch and the new
 * variance is the unbiased one, as in PyTorch. A last batch of one row is merged into the one before it.
 * See: https://arxiv.org/abs/1502.03167
 */
export const batchNorm = (options: Omit<BatchNormSpec, 'type'> = {}): BatchNormSpec => ({ type: 'batchNorm', ...options });

/** Normalises each row over its columns, then scales and shifts. See: https://arxiv.org/abs/1607.06450 */
export const layerNorm = (options: Omit<LayerNormSpec, 'type'> = {}): LayerNormSpec => ({ type: 'layerNorm', ...options });

/**
 * Rescales each column by fixed numbers: y = gain (x - center) / scale. `center` (default 0), `scale` (default 1, not 0) and
 * `gain` (default 1) are one number or one for each column, or all of them come from a fitted StandardScaler, RobustScaler
 * or MinMaxScaler (without clip). With `trainable: true` the gain is trained, one for each column: parameter
 * 'layers.0.gain'; center and scale never are.
 *
 * As a network's first layer it subtracts in float64, before rows are rounded to float32: time stamps and other columns far
 * from 0 keep all the digits they came with. Anywhere else it sees float32 numbers.
 *
 * @throws ERR_UNSUPPORTED for a scaler that is no such map, ERR_STATE for one that is not fitted.
 * @example
 * const model = new MLP({ inputs: 1, layers: [rescale({ center: 1.7e9, scale: 3600 }), dense(8, { activation: 'tanh' }), dense(1)] });
 * const scaled = new MLP({ inputs: 4, layers: [rescale(new StandardScaler().fit(X)), dense(1)] });
 */
export const rescale = (
  options: Omit<RescaleSpec, 'type'> | FittedScaler,
  more: Pick<RescaleSpec, 'gain' | 'trainable' | 'learningRateScale'> = {},
): RescaleSpec => ({ type: 'rescale', ...('toJSON' in options ? columnsOf(options) : copied(options)), ...copied(more) });

/** In training sets each value to 0 with probability `rate` (in [0, 1)) and divides the others by 1 - rate; nothing at prediction. */
export const dropout = (rate: number): DropoutSpec => ({ type: 'dropout', rate });

/** In training adds normal noise of the given deviation; nothing at prediction. */
export const noise = (deviation: number): NoiseSpec => ({ type: 'noise', deviation });

/**
 * y = x + F(x), F the layers inside, nested as deep as you like. Where widths differ ('auto', the default) x passes a
 * learned projection without bias: y = x P + F(x). `true` projects always, `false` refuses differing widths.
 * See: https://arxiv.org/abs/1512.03385
 */
export const residual = (layers: readonly LayerSpec[], options: { projection?: 'auto' | boolean } = {}): ResidualSpec => ({
  type: 'residual',
  layers,
  ...options,
});

/** Lists of numbers as arrays of their own. */
function copied<T extends Partial<Omit<RescaleSpec, 'type'>>>(options: T): T {
  const own = Object.entries(options).map(([key, value]) => [
    key,
    ArrayBuffer.isView(value) || Array.isArray(value) ? Array.from(value as number[]) : value,
  ]);
  return Object.fromEntries(own) as T;
}
