// The options of MLPClassifier and MLPRegressor: names, ranges and defaults, all checked when one is made.

import { fail, show } from '../errors.js';
import {
  checkFunction,
  checkNumber,
  choice,
  flag,
  given,
  group,
  list,
  number,
  readOptions,
  whole,
  type OptionRows,
  type Schema,
} from '../options.js';
import { dateFeature } from '../data/calendar.js';
import type { DateFeature } from '../data/calendarWidths.js';
import { keyOf } from '../data/random.js';
import { resolveActivation, type ActivationLike } from '../plan/activations.js';
import { compatDefaults, type Compat, type CompatDefaults } from '../plan/compat.js';
import type { LayerSpec } from '../plan/layers.js';
import type { OptimizerLike, OptimizerSpec } from '../plan/optimizers.js';
import { dense, dropout, batchNorm, activation as activationLayer } from '../plan/layers.js';
import { resolveNetwork, type MLPOptions } from '../plan/network.js';
import { embeddingRows, type EmbeddingOptions } from './embeddingOptions.js';
import type { LearningRate } from '../plan/schedules.js';
import { checkShape, columnShapes, type ColumnShapes } from './shapeOptions.js';

/** When an estimator stops early. */
export interface EarlyStopping {
  /** Share of the rows held out to watch, stratified for classes, in (0, 1) (default 0.1). */
  readonly validationFraction?: number;
  /** Epochs without a better loss on them after which training stops, at least 1 (default 15). */
  readonly patience?: number;
  /** By how much a loss must be lower to count as better, >= 0 (default 0). */
  readonly minDelta?: number;
  /** Go back to the best epoch at the end (default true). */
  readonly restoreBest?: boolean;
}

/** Something worth knowing that is no error. */
export interface Warning {
  /** WARN_RANGE: inputs beyond those of training. WARN_DATA: something about the training data. */
  readonly code: 'WARN_RANGE' | 'WARN_DATA';
  /** What it is about, in a sentence. */
  readonly message: string;
}

/** How much is done for a good answer: see EstimatorOptions.preset. */
export type Preset = 'quick' | 'default' | 'best' | 'none';

/** Options that MLPClassifier and MLPRegressor share: the network, its training, and how columns are scaled. */
export interface EstimatorOptions {
  /**
   * A recipe for tables (docs/defaults.md): 'quick', 'default' and 'best' train 2, 4 and 8 small nets on different rows, each with its own
   * rows to watch, and average them into one network. 'none' trains one plain network, as the options below say, with the defaults written
   * there. Default: 'default' where no option speaks of the network or its training, 'none' where one does. With a preset named, hiddenLayers
   * (units alone), activation, dropout, scale, learningRate, l1, l2, batchSize, epochs, shuffle and clip replace its own; compat, optimizer,
   * batchNorm, earlyStopping and weightAveraging are refused.
   */
  readonly preset?: Preset;
  /** Nets that a preset averages, 1 to 64 (default: as the preset has it). */
  readonly members?: number;
  /** Hidden layers, from the input on: units of dense layers, or any layers, batchNorm() and residual() included (default [64]; [] is a linear model). */
  readonly hiddenLayers?: readonly (number | LayerSpec)[];
  /** Of the dense layers given by a number (default 'relu'). */
  readonly activation?: ActivationLike;
  /** Dropout after each of them, in [0, 1) (default 0). */
  readonly dropout?: number;
  /** Batch normalisation in each of them, before the activation (default false). */
  readonly batchNorm?: boolean;
  /**
   * Columns in which the answer never falls (1) or never rises (-1), by name: `{ age: 1, price: -1 }`; of rows of numbers 'x0', 'x1', …. It
   * holds exactly, inside the data and far outside, since the weights on the way keep their signs. Of a regressor it is the prediction, of two
   * classes the probability of the second; several classes need an order. Hidden layers are then [32, 32, 32] of 'tanh' and the rate of Adam
   * is 0.01 where nothing else is said; no preset. See docs/shapes.md.
   */
  readonly monotone?: ColumnShapes;
  /**
   * Columns in which the answer is convex (1: its slope never falls) or concave (-1), by name. Of a regressor it is the prediction, of two
   * classes the logit of the second. Hidden layers are then [64, 64] of 'relu' and the rate of Adam is 0.01 where nothing else is said; no preset. See docs/shapes.md.
   */
  readonly convex?: ColumnShapes;
  /**
   * What columns are brought to a common size with, fitted on the training rows: 'standard' (mean 0, deviation 1), 'minMax' (0 to 1),
   * 'robust' (median 0, quartiles 1 apart), 'smoothClip' (robust, then outliers drawn in: every value ends between -3 and 3, see
   * SmoothClipScaler; such a model is not exported to ONNX or code) or 'none' (default 'standard').
   * Indicators (columns of 0 and 1, as categories become) stay as they are, except with compat.
   */
  readonly scale?: 'standard' | 'minMax' | 'robust' | 'smoothClip' | 'none';
  /** What of the calendar becomes inputs beside every date of a table: 'month', 'weekday', 'dayOfYear', 'hour', 'year' (default none). */
  readonly dateFeatures?: readonly DateFeature[];
  /**
   * Whether columns of text with many categories become embeddings, numbers learnt for each category, in place of an input for each: true, or
   * from how many on and how many numbers, { from: 10, size: 2 } (default: true with a preset, false without). A preset's finished network
   * has an input for each category again, to the same answers, where a column has at most 100. See embedding().
   */
  readonly embeddings?: boolean | EmbeddingOptions;
  /**
   * Bins of each column of numbers, a whole number from 2 to 64: beside the column itself the network reads one number for each bin, which is 0 below the
   * bin, 1 above it and rises straight within. Bins lie between quantiles of the training rows, so that answers can step and bend wherever rows
   * are: on tables where trees do better than networks (default: none). Of a preset, without `scale`. See docs/defaults.md.
   */
  readonly bins?: number;
  /** Of a table's column of text, the most categories that are told apart, 1 to 100,000; rarer ones share one, and a note says so (default 100; of embedded columns 10,000). */
  readonly maxCategories?: number;
  /** Default adam(). */
  readonly optimizer?: OptimizerLike;
  /** Of the optimizer: a number > 0, a schedule or a function (default: the optimizer's own). */
  readonly learningRate?: LearningRate;
  /** Penalty l1 sum |w| on the weights (default 0). */
  readonly l1?: number;
  /** Penalty (l2 / 2) sum w^2 on the weights (default 1e-4). With compat: 'sklearn' it is scikit-learn's alpha, divided by the rows of the step; with 'keras' and 'pytorch' it is 0 by default. */
  readonly l2?: number;
  /** Rows per step; 'auto' is a 300th of them, rounded to a power of two from 32 to 256 (default 'auto'). */
  readonly batchSize?: number | 'auto';
  /** The most passes over the rows, at least 1 (default 200). */
  readonly epochs?: number;
  /** A new order of rows in each epoch (default true). */
  readonly shuffle?: boolean;
  /** Whether, and how, to stop before `epochs`; 'auto' does from 200 rows on (default 'auto'). */
  readonly earlyStopping?: boolean | 'auto' | EarlyStopping;
  /** Of weights, orders and splits; the same data and options give the same model (default 0). */
  readonly seed?: number;
  /** Whether results are the same bits on every engine and processor, at some cost in speed (default false). */
  readonly deterministic?: boolean;
  /** Limits on gradients: value, norm, globalNorm (default none). */
  readonly clip?: MLPOptions['clip'];
  /** An exponential average of the weights, { decay: 0.999 }, that predict uses (default none). */
  readonly weightAveraging?: MLPOptions['weightAveraging'];
  /**
   * That framework's defaults wherever an option is silent, as in MLP: how weights start, the optimizer's constants, penalties, rows per step,
   * epochs (with 'pytorch', which has none, 200) and early stopping ('auto' is then none; scikit-learn stops when the training loss stalls).
   * Hidden layers and scaling stay this library's: pass hiddenLayers: [100], scale: 'none' and scaleTargets: false for scikit-learn's.
   */
  readonly compat?: Compat;
  /**
   * Gets warnings; false for none (default: console.warn). WARN_RANGE: predict or predictProba met inputs outside the range of training by more
   * than a twentieth of it, or categories it did not have; it comes once after each fit or load, and score never gives it. WARN_DATA, once in
   * each fit: columns were left out, the target has more classes than a tenth of the rows, one class in nearly all, or a few numbers that carry most of its squared spread, one column alone tells it, or a cell lies so far from the others that it drowns them (`notes` says the same);
   * and once in each predict, predictProba, score and for validationData: cells are missing in columns that had none missing in training.
   */
  readonly onWarning?: ((warning: Warning) => void) | false;
}

const stoppingRows = {
  validationFraction: number({ min: 0, max: 1, minExclusive: true, maxExclusive: true }),
  patience: whole({ min: 1 }),
  minDelta: number({ min: 0 }),
  restoreBest: flag(),
} satisfies Schema<EarlyStopping>;

/** A row for each option, which checks it. What has no check here the network has, as an option of MLP. */
export const estimatorRows = {
  preset: choice(['quick', 'default', 'best', 'none']),
  members: whole({ min: 1, max: 64 }),
  hiddenLayers: list<number | LayerSpec>(hiddenLayer, '[64, 32]'),
  activation: given<ActivationLike>(resolveActivation),
  dropout: number({ min: 0, max: 1, maxExclusive: true, default: 0 }),
  batchNorm: flag(false),
  monotone: columnShapes,
  convex: columnShapes,
  scale: choice(['standard', 'minMax', 'robust', 'smoothClip', 'none'], 'standard'),
  embeddings: (value, name) => (value === undefined || typeof value === 'boolean' ? value : group(embeddingRows)(value, name)),
  bins: whole({ min: 2, max: 64 }),
  maxCategories: whole({ min: 1, max: 100_000 }),
  dateFeatures: list(dateFeature, "['month']"),
  optimizer: given<OptimizerLike>(),
  learningRate: given<LearningRate>(),
  l1: given<number>(),
  l2: given<number>(),
  batchSize: (value, name) =>
    value === undefined || value === 'auto' ? 'auto' : checkNumber(value, name, { min: 1, integer: true }),
  epochs: whole({ min: 1 }),
  shuffle: flag(true),
  earlyStopping: (value, name) =>
    value === undefined || value === 'auto' || typeof value === 'boolean' ? value : group(stoppingRows)(value, name),
  seed: given<number>(keyOf),
  deterministic: flag(false),
  clip: given<MLPOptions['clip']>(),
  weightAveraging: given<MLPOptions['weightAveraging']>(),
  compat: given<Compat>(),
  onWarning: given<EstimatorOptions['onWarning']>((value, name) => {
    if (value !== false) checkFunction(value, name, 'a function or false');
  }),
} satisfies Schema<EstimatorOptions>;

/** What an estimator's load is told. */
export const loadRows = { onWarning: estimatorRows.onWarning } satisfies Schema<Pick<EstimatorOptions, 'onWarning'>>;

function hiddenLayer(layer: unknown, name: string): number | LayerSpec {
  if (typeof layer === 'number') return checkNumber(layer, name, { min: 1, integer: true });
  if (typeof layer !== 'object' || layer === null)
    fail('ERR_OPTION', `${name}: expected a number of units or a layer, got ${show(layer)}.`);
  return layer as LayerSpec;
}

/** Early stopping with its defaults filled in. */
export type StoppingRule = Required<EarlyStopping>;

const stopping: StoppingRule = { validationFraction: 0.1, patience: 15, minDelta: 0, restoreBest: true };
const fewRows = 200;

/** What silent options mean with a preset. */
const compatOf = ({ compat }: EstimatorOptions): CompatDefaults | undefined =>
  compat === undefined ? undefined : compatDefaults[compat];

/** Early stopping where its options are silent. */
function stoppingDefaults(options: EstimatorOptions): StoppingRule {
  const preset = compatOf(options)?.earlyStopping;
  if (preset === undefined) return stopping;
  const { patience, minDelta, restoreBest } = preset;
  return { validationFraction: stopping.validationFraction, patience: Math.max(1, patience), minDelta, restoreBest };
}

/** The most passes over the rows. */
export function epochsOf(options: EstimatorOptions): number {
  return options.epochs ?? compatOf(options)?.epochs ?? 200;
}

/** Checks every option that does not depend on the data. @throws ERR_OPTION. */
export function checkEstimatorOptions(rows: OptionRows, options: EstimatorOptions, who: string): void {
  const { hiddenLayers = [64] } = readOptions(rows, options, who) as EstimatorOptions;
  checkShape(options);
  // Masks are as large as the data is wide, which fit() will know.
  if (hiddenLayers.some((layer) => typeof layer === 'object' && layer?.type === 'dense' && layer.mask !== undefined)) return;
  // The rest: optimizer, penalties, clipping, layers.
  resolveNetwork(networkOptions(options, widthSaid(hiddenLayers) ?? 1, [dense(1)], 'meanSquaredError'));
}

/** Columns that the layers before the first units are made for, if one of them says. */
function widthSaid(layers: readonly (number | LayerSpec)[]): number | undefined {
  for (const layer of layers) {
    if (typeof layer === 'number' || layer.type === 'dense') return undefined;
    if (layer.type === 'residual') return Array.isArray(layer.layers) ? widthSaid(layer.layers) : undefined;
    if (layer.type !== 'rescale') continue;
    for (const numbers of [layer.center, layer.scale, layer.gain])
      if (typeof numbers === 'object' && numbers !== null) return numbers.length;
  }
  return undefined;
}

/** What was asked for, and where nothing was, what the preset says. */
function filledIn(asked: EarlyStopping, preset: StoppingRule): StoppingRule {
  const { validationFraction, patience, minDelta, restoreBest } = asked;
  return {
    validationFraction: validationFraction ?? preset.validationFraction,
    patience: patience ?? preset.patience,
    minDelta: minDelta ?? preset.minDelta,
    restoreBest: restoreBest ?? preset.restoreBest,
  };
}

/** How training on that many rows stops early, if it does. `watched`: there are rows to watch, none need be held out. */
export function stoppingRule(options: EstimatorOptions, rows: number, watched: boolean): StoppingRule | undefined {
  const { earlyStopping = 'auto', compat } = options;
  if (earlyStopping === false || (earlyStopping === 'auto' && compat !== undefined)) return undefined;
  if (!watched && ((earlyStopping === 'auto' && rows < fewRows) || rows < 2)) return undefined;
  const preset = stoppingDefaults(options);
  return typeof earlyStopping === 'object' ? filledIn(earlyStopping, preset) : preset;
}

/** Rows per step of partialFit. */
export function portionBatchSize(options: EstimatorOptions, rows: number): number {
  return batchSizeFor(options, rows) ?? compatOf(options)?.batchSize(rows) ?? Math.min(200, rows);
}

/** Rows per step for that many; undefined where the preset or the optimizer decides. */
export function batchSizeFor(options: EstimatorOptions, rows: number): number | undefined {
  const { batchSize = 'auto', compat } = options;
  if (batchSize !== 'auto') return batchSize;
  if (compat !== undefined || optimizerName(options.optimizer) === 'lbfgs' || optimizerName(options.optimizer) === 'gd')
    return undefined;
  return Math.min(256, Math.max(32, 2 ** Math.round(Math.log2(rows / 300))));
}

function optimizerName(optimizer: OptimizerLike | undefined): string {
  return typeof optimizer === 'string' ? optimizer : (optimizer?.name ?? 'adam');
}

/** The network behind an estimator: hidden layers as asked, and the output layers of the task. */
export function networkOptions(
  options: EstimatorOptions,
  inputs: number,
  output: readonly LayerSpec[],
  loss: MLPOptions['loss'],
): MLPOptions {
  const {
    hiddenLayers = [64],
    activation = 'relu',
    learningRate,
    optimizer,
    l1,
    compat,
    l2 = compat === undefined ? 1e-4 : undefined,
    seed,
    deterministic,
    clip,
    weightAveraging,
  } = options;
  const start = startOf(options);
  const hidden = hiddenLayers.flatMap((layer): LayerSpec[] => {
    if (typeof layer !== 'number') return [layer];
    return [
      ...(options.batchNorm === true
        ? [dense(layer, { ...start, bias: false }), batchNorm(), activationLayer(activation)]
        : [dense(layer, { ...start, activation })]),
      ...(options.dropout !== undefined && options.dropout > 0 ? [dropout(options.dropout)] : []),
    ];
  });
  const spec: OptimizerSpec = {
    ...(typeof optimizer === 'object' ? optimizer : { name: optimizer ?? 'adam' }),
    ...(learningRate === undefined ? {} : { learningRate }),
  } as OptimizerSpec;
  // scikit-learn stops early by the score on the rows held out, not by the loss.
  const score = typeof loss === 'string' && loss.endsWith('CrossEntropy') ? ('accuracy' as const) : ('r2' as const);
  const metrics = compat === 'sklearn' && (options.earlyStopping ?? 'auto') !== 'auto' ? [score] : undefined;
  const rest = Object.entries({ l1, l2, seed, deterministic, clip, weightAveraging, compat, metrics }).filter(
    ([, value]) => value !== undefined,
  );
  return { inputs, layers: [...hidden, ...output], loss, optimizer: spec, ...Object.fromEntries(rest) };
}

/**
 * How hidden layers start. Shallow nets on scaled columns do better from Glorot's smaller weights than from He's (five folds, 100 epochs: iris
 * 0.951 for 0.931, wine 0.982 for 0.971); deep ones need the rule of their activation, or signals fade.
 */
function startOf({ hiddenLayers = [64], activation, compat }: EstimatorOptions): { weightInit?: 'glorotUniform' } {
  const shallow = hiddenLayers.filter((layer) => typeof layer === 'number').length <= 3;
  return shallow && compat === undefined && activation !== 'selu' ? { weightInit: 'glorotUniform' } : {};
}

/** Options as plain JSON: without functions, which no file holds. */
export function plainOptions(options: EstimatorOptions): Record<string, unknown> {
  return JSON.parse(JSON.stringify(options)) as Record<string, unknown>;
}
