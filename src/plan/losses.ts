// The table of losses: names, parameters, what targets each takes and which outputs it fits.
// Formulas: assembly/functions/losses/ (fast) and src/baseline/losses.ts (plain).

import { Loss } from '../../assembly/abi.js';
import type { Matrix } from '../data/matrix.js';
import { fail, show } from '../errors.js';
import { activationRow, type ResolvedActivation } from './activations.js';
import { flag, float32, given, has, number, readOptions, tiny, unknownName, type Given, type Option } from '../options.js';

/**
 * A loss of your own: from yTrue and yPred [rows, outputs] the value for a batch, and its gradient with respect to yPred (in the shape of yPred,
 * already divided by rows if `value` is a mean). It is called for each batch; a value or gradient that is not finite ends training with
 * ERR_DIVERGED.
 *
 * @example
 * const quartic: CustomLoss = (yTrue, yPred) => {
 *   const differences = yPred.data.map((p, k) => p - yTrue.data[k]);
 *   const rows = yPred.shape[0];
 *   return {
 *     value: differences.reduce((sum, d) => sum + d ** 4, 0) / rows,
 *     gradient: { data: differences.map((d) => (4 * d ** 3) / rows), shape: yPred.shape },
 *   };
 * };
 * const model = new MLP({ inputs: 2, layers: [dense(1)], loss: quartic });
 */
export type CustomLoss = (
  yTrue: Matrix,
  yPred: Matrix,
) => {
  /** The loss of the batch. */
  value: number;
  /** d value / d yPred, in the shape of yPred. */
  gradient:
    | Matrix
    | {
        /** The numbers, row-major. */
        data: ArrayLike<number>;
        /** [rows, outputs]. */
        shape: readonly number[];
      };
};

/** What a column of targets must hold. */
type TargetKind = 'real' | 'unit' | 'simplex' | 'class' | 'sign' | 'count';

interface LossRow {
  readonly id: Loss;
  readonly targets: TargetKind;
  /** Nothing can be learnt from it, and what to train with instead. */
  readonly flat?: string;
  /** At most one number reaches the core; `fromLogits` says what cross-entropies read. */
  readonly options?: Readonly<Record<string, Option<number | boolean | readonly number[] | undefined>>>;
}

const pinballOptions = {
  /** The level of the quantile, or several in ascending order, in (0, 1); default 0.5, the median. */
  levels: given<number | readonly number[]>((value, name) => void quantileLevels(value, name)),
};
const gaussianOptions = {
  /** > 0, default 1e-6: smaller variances count as this one. */
  epsilon: number({ min: tiny, max: 1, default: 1e-6 }),
};
const huberOptions = {
  /** > 0, default 1: how far from the target the loss becomes linear. */
  delta: number({ min: tiny, max: float32.max, default: 1 }),
};
const crossEntropyOptions = {
  /** In [0, 1), default 0: the share of each target that is spread evenly. */
  labelSmoothing: number({ min: 0, max: 1, maxExclusive: true, default: 0 }),
  /** Default false: outputs are probabilities. true: they are logits, and the loss takes the sigmoid or softmax itself. */
  fromLogits: flag(false),
};

// biome-ignore format: a table, columns lined up
export const losses = {
  meanSquaredError:              { id: Loss.MeanSquaredError,              targets: 'real' },
  meanAbsoluteError:             { id: Loss.MeanAbsoluteError,             targets: 'real' },
  huber:                         { id: Loss.Huber,                         targets: 'real', options: huberOptions },
  logCosh:                       { id: Loss.LogCosh,                       targets: 'real' },
  binaryCrossEntropy:            { id: Loss.BinaryCrossEntropy,            targets: 'unit', options: crossEntropyOptions },
  categoricalCrossEntropy:       { id: Loss.CategoricalCrossEntropy,       targets: 'simplex', options: crossEntropyOptions },
  sparseCategoricalCrossEntropy: { id: Loss.SparseCategoricalCrossEntropy, targets: 'class', options: crossEntropyOptions },
  hinge:                         { id: Loss.Hinge,                         targets: 'sign' },
  squaredHinge:                  { id: Loss.SquaredHinge,                  targets: 'sign' },
  perceptron:                    { id: Loss.Perceptron,                    targets: 'sign' },
  poisson:                       { id: Loss.Poisson,                       targets: 'count' },
  klDivergence:                  { id: Loss.KlDivergence,                  targets: 'simplex' },
  pinball:                       { id: Loss.Pinball,                       targets: 'real', options: pinballOptions },
  gaussianNll:                   { id: Loss.GaussianNll,                   targets: 'real', options: gaussianOptions },
  modifiedHuber:                 { id: Loss.ModifiedHuber,                 targets: 'sign' },
  zeroOne:                       { id: Loss.ZeroOne,                       targets: 'sign', flat: 'modifiedHuber' },
} satisfies Record<string, LossRow>;

type Table = typeof losses;

/** The names of the losses. */
export type LossName = keyof Table;

type OptionsOf<Name extends LossName> = Table[Name] extends {
  readonly options: infer Rows extends Readonly<Record<string, Option<unknown>>>;
}
  ? Given<Rows>
  : unknown;

/** A loss with its parameters, as plain data: `{ name: 'huber', delta: 0.5 }`. */
export type LossSpec = {
  [Name in LossName]: {
    /** Which loss. */
    readonly name: Name;
  } & OptionsOf<Name>;
}[LossName];

/** A name where the defaults do ('mse' and 'mae' for short), `{ name, … }`, what the function of that name makes, or a function of your own. */
export type LossLike = LossName | 'mse' | 'mae' | LossSpec | CustomLoss;

export const lossNames = Object.keys(losses) as LossName[];

/** A loss ready for a backend, fitted to the activation of the last layer. */
export interface ResolvedLoss {
  readonly name: LossName | 'custom';
  readonly id: Loss;
  readonly a: number;
  readonly fromLogits: boolean;
  readonly targets: TargetKind;
  /** How many outputs speak of one target: levels of pinball, 2 of gaussianNll, else 1. */
  readonly each: number;
  /** The levels of pinball, where there are several. */
  readonly levels: readonly number[] | undefined;
  /** The loss reads the last layer's pre-activation, and its gradient skips the last activation. */
  readonly fused: boolean;
  /** Times the loss and its gradient: 1, or what a preset's way of averaging over outputs makes of it. */
  readonly scale: number;
  readonly custom: CustomLoss | undefined;
}

/**
 * Looks a loss up and fits it to the output: softmax (or logSoftmax) with a categorical cross-entropy and sigmoid with
 * the binary one become one fused, stable step; `fromLogits: true` reads the outputs themselves as logits.
 * `scaleOf`: what a preset multiplies a loss by.
 * @throws ERR_OPTION for an unknown name or a loss that does not fit the output.
 */
export function resolveLoss(
  value: unknown,
  output: ResolvedActivation,
  outputs: number,
  scaleOf: (loss: LossName, outputs: number) => number = () => 1,
): ResolvedLoss {
  if (typeof value === 'function')
    return {
      name: 'custom',
      id: Loss.Custom,
      a: 0,
      fromLogits: false,
      targets: 'real',
      each: 1,
      levels: undefined,
      fused: false,
      scale: 1,
      custom: value as CustomLoss,
    };
  const asked: unknown = typeof value === 'string' ? { name: value } : value;
  if (typeof asked !== 'object' || asked === null)
    fail('ERR_OPTION', `loss: expected a name or a function (yTrue, yPred) => { value, gradient }, got ${show(value)}.`);
  const called = (asked as { name?: unknown }).name;
  const name = called === 'mse' ? 'meanSquaredError' : called === 'mae' ? 'meanAbsoluteError' : called;
  if (!has(losses, name)) unknownName(called, [...lossNames, 'mse', 'mae'], 'loss', 'loss');
  const row: LossRow = losses[name];
  const {
    fromLogits = false,
    name: _,
    ...numbers
  } = readOptions({ name: given<string>(), ...row.options }, asked, 'loss', 'loss.') as Record<string, unknown>;
  const levels = name === 'pinball' ? quantileLevels(numbers['levels'] ?? 0.5, 'loss.levels') : undefined;
  const [a = 0] = levels ?? (Object.values(numbers) as number[]);
  const each = name === 'gaussianNll' ? 2 : (levels?.length ?? 1);
  const { range } = activationRow(output.name);

  let { id } = row;
  let fused = false;
  if (row.options !== undefined && 'fromLogits' in row.options) {
    if (name === 'binaryCrossEntropy') {
      if (fromLogits && range !== 'real')
        misfit(
          `fromLogits: true needs raw outputs, but the last activation is "${output.name}"`,
          'Use "identity", or drop fromLogits.',
        );
      if (!fromLogits && range !== 'unit' && range !== 'simplex')
        misfit(
          `${name} needs probabilities, but the last activation is "${output.name}"`,
          'Use "sigmoid", or { name: "binaryCrossEntropy", fromLogits: true } with "identity".',
        );
      fused = !fromLogits && output.name === 'sigmoid';
      if (fused || fromLogits) id = Loss.BinaryCrossEntropyLogits;
    } else {
      if (outputs < 2)
        misfit(
          `${name} needs one output per class, at least 2, but the network has ${outputs}`,
          'For two classes on one output use "sigmoid" with "binaryCrossEntropy".',
        );
      if (fromLogits && range !== 'real')
        misfit(
          `fromLogits: true needs raw outputs, but the last activation is "${output.name}"`,
          'Use "identity", or drop fromLogits.',
        );
      if (!fromLogits && range !== 'simplex' && range !== 'log')
        misfit(
          `${name} needs rows of probabilities, but the last activation is "${output.name}"`,
          'Use "softmax", or { fromLogits: true } with "identity".',
        );
      fused = !fromLogits;
    }
  }
  if (outputs % each !== 0)
    misfit(
      `${name} needs ${name === 'gaussianNll' ? 'a mean and the logarithm of a variance, 2 outputs' : `a quantile for each of ${each} levels, ${each} outputs`} for each target, and the network has ${outputs}`,
      `Use ${each} for one target, ${2 * each} for two.`,
    );
  if (name === 'gaussianNll' && range !== 'real')
    misfit(`gaussianNll needs raw outputs, but the last activation is "${output.name}"`, 'Use "identity".');
  if (name === 'klDivergence' && range !== 'simplex' && range !== 'unit')
    misfit(`klDivergence needs probabilities, but the last activation is "${output.name}"`, 'Use "softmax".');
  return {
    name,
    id,
    a,
    fromLogits: fromLogits === true,
    targets: row.targets,
    each,
    levels: each > 1 ? levels : undefined,
    fused,
    scale: scaleOf(name, outputs),
    custom: undefined,
  };
}

function misfit(problem: string, wayOut: string): never {
  return fail('ERR_OPTION', `loss: ${problem}. ${wayOut}`);
}

/** The levels of quantiles as a list. @throws ERR_OPTION unless they ascend within (0, 1). */
export function quantileLevels(value: unknown, name: string): readonly number[] {
  const levels: readonly unknown[] = Array.isArray(value) || ArrayBuffer.isView(value) ? Array.from(value as number[]) : [value];
  const fine = (level: unknown, k: number) =>
    typeof level === 'number' && level > 0 && level < 1 && (k === 0 || level > (levels[k - 1] as number));
  if (levels.length === 0 || !levels.every(fine))
    fail(
      'ERR_OPTION',
      `${name}: expected numbers between 0 and 1 in ascending order, such as [0.05, 0.5, 0.95], got ${show(value)}.`,
    );
  return levels as readonly number[];
}

/** Why nothing can be learnt from the loss, if nothing can. */
export function flatLoss({ name }: ResolvedLoss): string | undefined {
  const flat = name === 'custom' ? undefined : (losses[name] as LossRow).flat;
  return flat && `loss: "${name}" can be evaluated but not trained: its derivative is 0. Train with "${flat}" or "hinge".`;
}

/** As plain data again; a custom loss has none. */
export function lossSpec(loss: ResolvedLoss): LossLike | undefined {
  if (loss.name === 'custom') return undefined;
  const { options = {} }: LossRow = losses[loss.name];
  const values = Object.keys(options).map((name) => [
    name,
    name === 'fromLogits' ? loss.fromLogits : name === 'levels' ? (loss.levels ?? loss.a) : loss.a,
  ]);
  return { name: loss.name, ...Object.fromEntries(values) };
}

/** Columns of the target matrix for a network of `outputs` outputs. */
export function targetColumns(loss: ResolvedLoss, outputs: number): number {
  return loss.targets === 'class' ? 1 : outputs / loss.each;
}

/**
 * Checks targets (row-major, `stride` apart) against the loss, and maps 0/1 to -1/+1 where a hinge-like loss needs signs.
 * @throws ERR_LABEL naming row and value.
 */
export function checkTargets(
  loss: ResolvedLoss,
  data: Float32Array,
  stride: number,
  rows: number,
  columns: number,
  outputs: number,
): void {
  if (loss.targets === 'real') return;
  if (loss.targets === 'sign') {
    mapSigns(loss.name, data, stride, rows, columns);
    return;
  }
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) {
      const value = data[i * stride + j]!;
      sum += value;
      if (loss.targets === 'class') {
        if (!(Number.isInteger(value) && value >= 0 && value < outputs))
          refuse(loss, i, j, value, `a class id, a whole number from 0 to ${outputs - 1}`);
      } else if (loss.targets === 'count') {
        if (!(value >= 0)) refuse(loss, i, j, value, 'a count or a rate, not negative');
      } else if (!(value >= 0 && value <= 1)) {
        refuse(
          loss,
          i,
          j,
          value,
          loss.targets === 'unit' ? '0, 1 or a probability between' : 'a probability; one-hot rows are fine',
        );
      }
    }
    if (loss.targets === 'simplex' && !(Math.abs(sum - 1) <= 1e-3))
      fail('ERR_LABEL', `y: row ${i} sums to ${sum}, but ${loss.name} needs rows of probabilities that sum to 1.`, { row: i });
  }
}

function mapSigns(name: string, data: Float32Array, stride: number, rows: number, columns: number): void {
  let zeros = false;
  let minuses = false;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const value = data[i * stride + j]!;
      if (value !== 1 && value !== 0 && value !== -1)
        fail('ERR_LABEL', `y: row ${i}, column ${j} is ${value}, but ${name} needs -1 and +1 (or 0 and 1).`, {
          row: i,
          column: j,
        });
      if (value === 0) zeros = true;
      if (value === -1) minuses = true;
    }
  if (zeros && minuses) fail('ERR_LABEL', `y: holds -1, 0 and 1; ${name} needs two classes, -1 and +1 (or 0 and 1).`);
  if (zeros)
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) data[i * stride + j] = 2 * data[i * stride + j]! - 1;
}

function refuse(loss: ResolvedLoss, row: number, column: number, value: number, wanted: string): never {
  return fail('ERR_LABEL', `y: row ${row}, column ${column} is ${value}, but ${loss.name} needs ${wanted}.`, {
    row,
    column,
    value,
  });
}

/**
 * Huber's loss: (yPred - y)^2 / 2 within `delta` (> 0, default 1) of the target, delta (|yPred - y| - delta / 2) beyond; the mean over rows
 * and outputs. Outliers pull less than under the squared error. See: Huber 1964.
 *
 * @example
 * const model = new MLP({ inputs: 2, layers: [dense(1)], loss: huber({ delta: 0.5 }) });
 */
export const huber = (options: OptionsOf<'huber'> = {}): LossSpec => ({ name: 'huber', ...options });
/**
 * The pinball (quantile) loss: level q costs q (y - yPred) where the prediction is too low and (1 - q)(yPred - y) where it is too high, so that the
 * q-quantile of y costs least; the mean over rows, targets and levels. `levels` is one level in (0, 1) or several in ascending order (default
 * 0.5, the median). With several each target has an output for each, side by side, and y has a column for each target. They never cross: a last
 * layer without activation becomes the layers of orderedOutputs, whose outputs ascend by construction.
 * See: Koenker & Bassett 1978, https://doi.org/10.2307/1913643
 *
 * @example
 * const model = new MLP({ inputs: 2, layers: [dense(8, { activation: 'tanh' }), dense(3)], loss: pinball({ levels: [0.05, 0.5, 0.95] }) });
 * const [low, median, high] = model.predict(X).row(0);
 * low <= median && median <= high; // true
 */
export const pinball = (options: OptionsOf<'pinball'> = {}): LossSpec => ({ name: 'pinball', ...options });
/**
 * The negative logarithm of a Gaussian density without its constant, (s + (y - m)^2 / e^s) / 2, the mean over rows and targets: the network learns
 * how far the truth scatters around its answer. Each target has two outputs side by side, the mean m and s, the logarithm of the variance. A
 * variance below `epsilon` (> 0, at most 1, default 1e-6) counts as that, without a gradient. Scale targets to deviation 1.
 * See: Nix & Weigend 1994, https://doi.org/10.1109/ICNN.1994.374138
 *
 * @example
 * const model = new MLP({ inputs: 2, layers: [dense(8, { activation: 'tanh' }), dense(2)], loss: gaussianNll() });
 * const [mean, logVariance] = model.predict(X).row(0);
 * const deviation = Math.exp(logVariance / 2);
 */
export const gaussianNll = (options: OptionsOf<'gaussianNll'> = {}): LossSpec => ({ name: 'gaussianNll', ...options });
/**
 * Binary cross-entropy -t ln p - (1 - t) ln(1 - p), the mean over rows and outputs; targets t in [0, 1]. p are the outputs (of 'sigmoid', whose
 * gradient is then taken with the loss in one stable step) or, with `fromLogits: true`, their sigmoid. `labelSmoothing` s in [0, 1), default 0,
 * moves targets to t (1 - s) + s / 2.
 *
 * @example
 * const model = new MLP({ inputs: 2, layers: [dense(1, { activation: 'sigmoid' })], loss: binaryCrossEntropy({ labelSmoothing: 0.1 }) });
 */
export const binaryCrossEntropy = (options: OptionsOf<'binaryCrossEntropy'> = {}): LossSpec => ({
  name: 'binaryCrossEntropy',
  ...options,
});
/**
 * Categorical cross-entropy -sum t ln p over the outputs, the mean over rows; targets are one-hot rows, or rows of probabilities that sum to 1.
 * p are the outputs (of 'softmax') or, with `fromLogits: true`, their softmax. `labelSmoothing` s in [0, 1), default 0, moves targets to
 * t (1 - s) + s / classes.
 *
 * @example
 * const layers = [dense(3, { activation: 'softmax' })];
 * const model = new MLP({ inputs: 4, layers, loss: categoricalCrossEntropy({ labelSmoothing: 0.1 }) });
 */
export const categoricalCrossEntropy = (options: OptionsOf<'categoricalCrossEntropy'> = {}): LossSpec => ({
  name: 'categoricalCrossEntropy',
  ...options,
});
/**
 * Categorical cross-entropy -ln p of the row's class, the mean over rows; targets are one column of class ids, 0 to outputs - 1. p are the
 * outputs (of 'softmax') or, with `fromLogits: true`, their softmax. `labelSmoothing` in [0, 1), default 0, is the share of each target that is
 * spread evenly over the classes.
 *
 * @example
 * const model = new MLP({ inputs: 4, layers: [dense(3)], loss: sparseCategoricalCrossEntropy({ fromLogits: true }) });
 */
export const sparseCategoricalCrossEntropy = (options: OptionsOf<'sparseCategoricalCrossEntropy'> = {}): LossSpec => ({
  name: 'sparseCategoricalCrossEntropy',
  ...options,
});
