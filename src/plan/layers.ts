// Layers as users write them: plain data made by small functions. network.ts checks them and lays them end to end.

import type { MatrixLike } from '../data/matrix.js';
import type { ActivationLike } from './activations.js';
import type { Placed } from './edges.js';
import type { InitializerLike } from './initializers.js';
import { columnsOf, type FittedScaler } from './scalers.js';
import type { SignBlocks, WeightSign } from './signs.js';

/** A fully connected layer, as plain data: y [rows][units] = activation(x [rows][inputs] W + b). What dense() makes. */
export interface DenseSpec extends Placed {
  /** Always 'dense'. */
  readonly type: 'dense';
  /** Columns of its output, a whole number from 1 to 2^24. */
  readonly units: number;
  /** What is applied to x W + b. Default 'identity': a linear layer. */
  readonly activation?: ActivationLike;
  /** Whether there is a b. Default true. */
  readonly bias?: boolean;
  /** How W starts. Default by the activation: He's rule for the ReLU family, LeCun's for selu, Glorot's for the others. */
  readonly weightInit?: InitializerLike;
  /** How b starts. Default 'zeros'; in hidden layers of tanh and softsign 'fanInUniform', as units that all bend at 0 are slow to part. */
  readonly biasInit?: InitializerLike;
  /** Penalty l1 sum |w| on this layer's weights: adds l1 sign(w) to their gradient. */
  readonly l1?: number;
  /** Penalty (l2 / 2) sum w^2 on this layer's weights: adds l2 w to their gradient. */
  readonly l2?: number;
  /** Penalty biasL1 sum |b| on this layer's biases, which l1 leaves alone. */
  readonly biasL1?: number;
  /** Penalty (biasL2 / 2) sum b^2 on this layer's biases, which l2 leaves alone. */
  readonly biasL2?: number;
  /** The longest a unit's incoming weight vector may be, > 0 (Euclidean norm; it is shortened after each step). Default: no limit. */
  readonly maxNorm?: number;
  /**
   * Which sign weights keep: 1 none is ever negative, -1 none positive, 0 either, null no weight (it stays 0); or blocks of inputs and units with a
   * sign for each. A weight that a step takes across 0 stays at 0, so that the network rises, falls or bends one way whatever it learns. Weights
   * start as large as weightInit says, with the sign that is theirs. Not for lbfgs. Default 0.
   */
  readonly signs?: WeightSign | SignBlocks;
  /**
   * Which connections there are, [inputs, units] as W: 1 there is one, 0 there is none. A weight of no connection and its gradient are 0 and
   * stay so, whatever the optimizer. Products cost what those of a full layer do. Default: all.
   */
  readonly mask?: MatrixLike;
  /**
   * Share of the connections that there are, in (0, 1], in place of a mask: each unit reads as many inputs, at least one, drawn from the model's
   * seed. Products cost what those of a full layer do. Default: all.
   */
  readonly sparse?: number;
  /**
   * The probability that a weight is left out of a training step, in [0, 1): what is left is divided by 1 - it. One draw for each batch, from the
   * model's seed; biases stay, and prediction reads all weights as they are. Default 0.
   */
  readonly dropConnect?: number;
  /** What the learning rate is multiplied by for this layer, >= 0. Default 1. */
  readonly learningRateScale?: number;
  /** Times that for the bias (>= 0). */
  readonly biasLearningRateScale?: number;
  /**
   * 'ntk': the layer trains as y = x W / sqrt(inputs) + b with W from N(0, 1) does, by Adam and its kin. The weights here are those that
   * multiply x, W / sqrt(inputs): they start from N(0, 1 / inputs) (unless weightInit says otherwise), and their rate is divided by
   * sqrt(inputs). Default 'standard'.
   */
  readonly parametrization?: 'standard' | 'ntk';
  /** Whether training changes W and b. Default true. */
  readonly trainable?: boolean;
}

/** An activation as a layer of its own, as plain data: what activation() makes. */
export interface ActivationLayerSpec extends Placed {
  /** Always 'activation'. */
  readonly type: 'activation';
  /** What is applied to each value (softmax: to each row). */
  readonly activation: ActivationLike;
}

/** Batch normalisation, as plain data: what batchNorm() makes. See: https://arxiv.org/abs/1502.03167 */
export interface BatchNormSpec extends Placed {
  /** Always 'batchNorm'. */
  readonly type: 'batchNorm';
  /** The share of the new batch in the running mean and variance, in [0, 1]. Default 0.1. */
  readonly momentum?: number;
  /** What is added to the variance before its root, > 0. Default 1e-5. */
  readonly epsilon?: number;
  /** What the learning rate is multiplied by for gamma and beta, >= 0. Default 1. */
  readonly learningRateScale?: number;
  /** Whether training changes gamma and beta; running statistics follow the batches either way. Default true. */
  readonly trainable?: boolean;
}

/** Layer normalisation, as plain data: what layerNorm() makes. See: https://arxiv.org/abs/1607.06450 */
export interface LayerNormSpec extends Placed {
  /** Always 'layerNorm'. */
  readonly type: 'layerNorm';
  /** What is added to the variance before its root, > 0. Default 1e-5. */
  readonly epsilon?: number;
  /** What the learning rate is multiplied by for gamma and beta, >= 0. Default 1. */
  readonly learningRateScale?: number;
  /** Whether training changes gamma and beta. Default true. */
  readonly trainable?: boolean;
}

/** One number for all columns, or one for each. */
export type ColumnNumbers = number | ArrayLike<number>;

/** A layer of fixed numbers, y = (x - center) / scale per column, as plain data: what rescale() makes. */
export interface RescaleSpec extends Placed {
  /** Always 'rescale'. */
  readonly type: 'rescale';
  /** What is subtracted from each column. Default 0. */
  readonly center?: ColumnNumbers;
  /** What each column is divided by, not 0. Default 1. */
  readonly scale?: ColumnNumbers;
  /** What each column is multiplied by after that. Default 1. */
  readonly gain?: ColumnNumbers;
  /** Whether the gain is trained, one for each column. Default false: the layer never changes. */
  readonly trainable?: boolean;
  /** What the learning rate is multiplied by for the gain, >= 0. Default 1. */
  readonly learningRateScale?: number;
}

/** Numbers that are learnt for each category of a column, as plain data: what embedding() makes. */
export interface EmbeddingSpec extends Placed {
  /** Always 'embedding'. */
  readonly type: 'embedding';
  /** How many categories there are, a whole number from 1 to 2^24: the column holds 0 to categories - 1. */
  readonly categories: number;
  /** How many numbers stand for each, a whole number >= 1. */
  readonly size: number;
  /** Which column of the layer's input, from 0 on. Default 0. */
  readonly column?: number;
  /** How the numbers start. Default normal, deviation 1. */
  readonly weightInit?: InitializerLike;
  /** Penalty l1 sum |w| on them. */
  readonly l1?: number;
  /** Penalty (l2 / 2) sum w^2 on them. */
  readonly l2?: number;
  /** What the learning rate is multiplied by for them, >= 0. Default 1. */
  readonly learningRateScale?: number;
  /** Whether training changes them. Default true. */
  readonly trainable?: boolean;
}

/** Dropout, as plain data: what dropout() makes. See: https://jmlr.org/papers/v15/srivastava14a.html */
export interface DropoutSpec extends Placed {
  /** Always 'dropout'. */
  readonly type: 'dropout';
  /** The probability that a value becomes 0 in training, in [0, 1). */
  readonly rate: number;
}

/** Normal noise added in training, as plain data: what noise() makes. */
export interface NoiseSpec extends Placed {
  /** Always 'noise'. */
  readonly type: 'noise';
  /** Standard deviation of the noise, >= 0, in the units of the values. */
  readonly deviation: number;
}

/** Layers with a connection around them, y = x + layers(x), as plain data: what residual() makes. */
export interface ResidualSpec extends Placed {
  /** Always 'residual'. */
  readonly type: 'residual';
  /** The layers inside, from the input on. */
  readonly layers: readonly LayerSpec[];
  /** Whether x passes a learned matrix: 'auto' (default) where widths differ, true always, false never. */
  readonly projection?: 'auto' | boolean;
}

/** A layer as plain data, as dense(), batchNorm(), dropout() and the other functions make it. */
export type LayerSpec =
  | DenseSpec
  | ActivationLayerSpec
  | BatchNormSpec
  | LayerNormSpec
  | RescaleSpec
  | EmbeddingSpec
  | DropoutSpec
  | NoiseSpec
  | ResidualSpec;

/**
 * A fully connected layer: y [rows][units] = f(x [rows][inputs] W + b), W [inputs, units], b [units]. Weights start by the activation's
 * rule (He, Glorot or LeCun), biases at 0 or, in hidden layers of tanh and softsign, near it. Options are checked by the model that the layer goes into.
 *
 * `parametrization: 'ntk'` is an exact change of variables for rules that divide the gradient by its size (adam without weightDecay, adamw,
 * nadam, adamax, lion), but for epsilon, which then is as if divided by sqrt(inputs), and for adamw's and lion's weight decay, which is
 * divided by it. Other optimizers are refused. Penalties, clipping and maxNorm are of the weights that multiply x.
 * See: https://arxiv.org/abs/1806.07572
 *
 * `name` and `from` make a graph of the list: a layer reads those that `from` names, side by side. Every kind of layer takes them.
 *
 * `mask` and `sparse` leave connections out, for the weighted graph that a network is: a 0 in W for ever. Weights start by the rule above for as
 * many connections as a unit has on average. Sums run over the zeros too, so nothing is faster or smaller.
 *
 * `dropConnect` drops connections at random in training, as dropout drops values: one mask for each batch, where the paper draws one for each row and
 * for biases too. See: Wan et al. 2013, http://proceedings.mlr.press/v28/wan13.html
 *
 * `signs` is a constraint that holds exactly: with signs 1 and a rising activation in every layer, outputs never fall as an input rises.
 * See: Daniels & Velikova 2010, https://doi.org/10.1109/TNN.2010.2044803
 *
 * @example
 * const layers = [dense(16, { activation: 'tanh', l2: 1e-4 }), dense(1)];
 * const model = new MLP({ inputs: 2, layers });
 * model.outputs; // 1
 */
export const dense = (units: number, options: Omit<DenseSpec, 'type' | 'units'> = {}): DenseSpec => ({
  type: 'dense',
  units,
  ...options,
});

/**
 * An activation as a layer of its own, for instance after batchNorm: y = f(x), as wide as its input.
 *
 * @example
 * const layers = [dense(16), batchNorm(), activation('relu'), dense(1)];
 */
export const activation = (name: ActivationLike, place: Placed = {}): ActivationLayerSpec => ({
  type: 'activation',
  activation: name,
  ...place,
});

/**
 * Normalises each column over the batch, then scales and shifts: y = gamma (x - mean) / sqrt(variance + epsilon) + beta.
 * Training uses the batch's mean and (biased) variance; prediction uses running ones, updated by
 * running = (1 - momentum) running + momentum new, where `momentum` (0.1) is the share of the new batch and the new
 * variance is the unbiased one, as in PyTorch. A last batch of one row is merged into the one before it. `epsilon` is 1e-5; gamma
 * starts at 1 and beta at 0, one number per column.
 * See: https://arxiv.org/abs/1502.03167
 *
 * @example
 * const model = new MLP({ inputs: 2, layers: [dense(16), batchNorm({ momentum: 0.2 }), activation('relu'), dense(1)] });
 */
export const batchNorm = (options: Omit<BatchNormSpec, 'type'> = {}): BatchNormSpec => ({ type: 'batchNorm', ...options });

/**
 * Normalises each row over its columns, then scales and shifts: y = gamma (x - mean) / sqrt(variance + epsilon) + beta, with the mean and
 * the (biased) variance of the row, in training and in prediction alike. `epsilon` is 1e-5; gamma starts at 1 and beta at 0, one number
 * per column. See: https://arxiv.org/abs/1607.06450
 *
 * @example
 * const model = new MLP({ inputs: 2, layers: [dense(16), layerNorm(), activation('gelu'), dense(1)] });
 */
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
 * const scaled = new MLP({ inputs: X[0].length, layers: [rescale(new StandardScaler().fit(X)), dense(1)] });
 */
export const rescale = (
  options: Omit<RescaleSpec, 'type'> | FittedScaler,
  more: Pick<RescaleSpec, 'gain' | 'trainable' | 'learningRateScale' | 'name' | 'from'> = {},
): RescaleSpec => ({ type: 'rescale', ...('toJSON' in options ? columnsOf(options) : copied(options)), ...copied(more) });

/**
 * Puts `size` learnt numbers in the place of a column of categories: y = | columns before | W[category] | columns after |, W [categories, size]
 * the parameter 'layers.0.weight'. Categories are whole numbers from 0 on (what follows the point is cut off). Anything else, below 0 or from
 * `categories` on, is a category not seen in training: its numbers are zeros, and it teaches nothing. For columns of 50 and more categories:
 * the work of a row does not grow with them, nor does X. Several columns take a layer each; starting with the last
 * column, the places of the others stay what they were.
 * See: https://arxiv.org/abs/1604.06737
 *
 * @throws ERR_OPTION, ERR_SHAPE of the model it goes into.
 * @example
 * const layers = [embedding({ column: 1, categories: 260, size: 8 }), dense(32, { activation: 'relu' }), dense(1)];
 * const model = new MLP({ inputs: 3, layers }); // column 1 of X: a number of a place, 0 to 259
 * model.parameters()[0].shape; // [260, 8]
 */
export const embedding = (options: Omit<EmbeddingSpec, 'type'>): EmbeddingSpec => ({ type: 'embedding', ...options });

/**
 * In training sets each value to 0 with probability `rate` (in [0, 1)) and divides the others by 1 - rate; passes values unchanged in
 * prediction. Which values is drawn from the model's seed. See: https://jmlr.org/papers/v15/srivastava14a.html
 *
 * @example
 * const model = new MLP({ inputs: 8, layers: [dense(64, { activation: 'relu' }), dropout(0.2), dense(1)] });
 */
export const dropout = (rate: number, place: Placed = {}): DropoutSpec => ({ type: 'dropout', rate, ...place });

/**
 * In training adds normal noise of mean 0 and the given standard deviation (>= 0) to every value; passes values unchanged in prediction.
 * The noise is drawn from the model's seed.
 *
 * @example
 * const model = new MLP({ inputs: 8, layers: [noise(0.1), dense(64, { activation: 'relu' }), dense(1)] });
 */
export const noise = (deviation: number, place: Placed = {}): NoiseSpec => ({ type: 'noise', deviation, ...place });

/**
 * y = x + F(x), F the layers inside, nested as deep as you like. Where widths differ ('auto', the default) x passes a
 * learned projection without bias: y = x P + F(x). `true` projects always, `false` refuses differing widths.
 * See: https://arxiv.org/abs/1512.03385
 *
 * @example
 * const block = residual([dense(16, { activation: 'relu' }), dense(16)]);
 * const model = new MLP({ inputs: 16, layers: [block, block, dense(1)] });
 */
export const residual = (
  layers: readonly LayerSpec[],
  options: { projection?: 'auto' | boolean } & Placed = {},
): ResidualSpec => ({
  type: 'residual',
  layers,
  ...options,
});

/** The options with lists of numbers copied, so that what callers do to theirs later changes nothing. */
function copied<T extends Partial<Omit<RescaleSpec, 'type'>>>(options: T): T {
  const own = Object.entries(options).map(([key, value]) => [
    key,
    ArrayBuffer.isView(value) || Array.isArray(value) ? Array.from(value as number[]) : value,
  ]);
  return Object.fromEntries(own) as T;
}
