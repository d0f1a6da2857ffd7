// Presets: what an estimator does when nothing is said of its network. Each is a few small nets of the RealMLP recipe, trained on
// different rows and averaged into one. The figures they were chosen by stand in docs/defaults.md.

import { fail } from '../errors.js';
import { resolveRate } from '../plan/resolveRate.js';
import { coslog4, type LearningRate } from '../plan/schedules.js';
import { activation, dense, dropout, rescale, type LayerSpec } from '../plan/layers.js';
import type { MLPOptions } from '../plan/network.js';
import type { Model } from '../model/model.js';
import type { EpochLog } from '../training/history.js';
import { binLayers, placeAfter, setBins, type Bins } from './bins.js';
import { embeddingLayers, embeddingsOf } from './embeddings.js';
import type { InputColumns } from './inputs.js';
import type { Judge } from './judge.js';
import { mostRows } from './linearBaseline.js';
import { epochsOf, networkOptions, type EstimatorOptions, type Preset } from './options.js';

/** A recipe, in full. */
export interface Recipe {
  /** Nets that are trained and averaged. */
  readonly members: number;
  /** Units of each hidden layer of each. */
  readonly hiddenLayers: readonly number[];
  /** The most passes of each over its rows. */
  readonly epochs: number;
  /** Steps of L-BFGS of each linear model that the nets are weighed against. */
  readonly linearSteps: number;
  /** Rows that each of these learns, at most. */
  readonly linearRows: number;
}

export const recipes: Readonly<Record<Exclude<Preset, 'none'>, Recipe>> = {
  quick: { members: 2, hiddenLayers: [64, 64, 64], epochs: 30, linearSteps: 30, linearRows: 4000 },
  default: { members: 4, hiddenLayers: [128, 128, 128], epochs: 128, linearSteps: 60, linearRows: mostRows },
  best: { members: 8, hiddenLayers: [128, 128, 128], epochs: 256, linearSteps: 60, linearRows: mostRows },
};

/** Each net watches one row in so many. */
export const recipeFolds = 5;

/** Below so many rows nets learn all of them and watch none: a fold is fewer than ten. */
export const wholeBelow = 50;

/** Below so many watched rows the share predicted right moves in steps too coarse to choose an epoch by. */
const leastToCount = 400;

/** Options that say how to train; without a word of a preset, one of them is a word against it. */
const ownNetwork = [
  'hiddenLayers',
  'monotone',
  'convex',
  'activation',
  'dropout',
  'batchNorm',
  'scale',
  'optimizer',
  'learningRate',
  'l1',
  'l2',
  'batchSize',
  'epochs',
  'shuffle',
  'earlyStopping',
  'clip',
  'weightAveraging',
  'compat',
] as const satisfies readonly (keyof EstimatorOptions)[];

/** Those that a recipe settles itself, and that no preset goes with. */
const settled = ['monotone', 'convex', 'compat', 'optimizer', 'batchNorm', 'earlyStopping', 'weightAveraging'] as const;

/** Options whose network gives something else than a number for each target or class, which no preset averages. */
interface OwnLoss {
  readonly ordinal?: boolean | readonly unknown[];
  readonly quantiles?: readonly number[];
  readonly loss?: string;
}

const ownLoss = ({ quantiles, loss, ordinal = false }: OwnLoss) =>
  quantiles !== undefined ? 'quantiles' : loss === 'gaussianNll' ? 'loss' : ordinal === false ? undefined : 'ordinal';

/** The preset that options come to. */
export function presetOf(options: EstimatorOptions & OwnLoss): Preset {
  const own = ownNetwork.some((name) => options[name] !== undefined) || ownLoss(options) !== undefined;
  return options.preset ?? (own ? 'none' : 'default');
}

/** Options that name the preset they come to, where there is one. */
export function namingPreset<O extends EstimatorOptions>(options: O): O {
  const preset = presetOf(options);
  return preset === 'none' ? options : { ...options, preset };
}

/** What the options make of their preset's recipe; undefined for 'none'. @throws ERR_OPTION for options that do not go with it. */
export function recipeOf(options: EstimatorOptions & OwnLoss): Recipe | undefined {
  const preset = presetOf(options);
  const { members, hiddenLayers, bins, scale } = options;
  if (bins !== undefined && (preset === 'none' || scale !== undefined))
    fail(
      'ERR_OPTION',
      `bins: they are made of columns as a preset scales them${preset === 'none' ? ', and with options of a network of your own there is none. Add preset.' : '. Leave out bins or scale.'}`,
    );
  if (preset === 'none') {
    if (members !== undefined)
      fail(
        'ERR_OPTION',
        'members: nets are averaged by a preset, and with options of a network of your own there is none. Add preset.',
      );
    return undefined;
  }
  const loss = ownLoss(options);
  for (const name of [...settled, ...(loss === undefined ? [] : [loss])] as const)
    if ((options as Record<string, unknown>)[name] !== undefined)
      fail('ERR_OPTION', `${name}: preset: '${preset}' settles it. Leave one of the two out, or use preset: 'none'.`);
  const layer = hiddenLayers?.findIndex((units) => typeof units !== 'number') ?? -1;
  if (layer >= 0)
    fail(
      'ERR_OPTION',
      `hiddenLayers[${layer}]: with preset: '${preset}' layers are numbers of units. Use preset: 'none' for layers of other kinds.`,
    );
  const recipe = recipes[preset];
  return {
    members: members ?? recipe.members,
    hiddenLayers: (hiddenLayers as readonly number[] | undefined) ?? recipe.hiddenLayers,
    epochs: options.epochs ?? recipe.epochs,
    linearSteps: recipe.linearSteps,
    linearRows: recipe.linearRows,
  };
}

/** Below so many rows wider nets only take longer. */
const smallTable = 500;

/** The recipe for a table of that many rows: nets of at most 64 units a layer for a small one, where nobody said otherwise. */
export function fitTo(recipe: Recipe, options: EstimatorOptions, rows: number): Recipe {
  if (rows >= smallTable || options.hiddenLayers !== undefined) return recipe;
  return { ...recipe, hiddenLayers: recipe.hiddenLayers.map((units) => Math.min(64, units)) };
}

/** The hidden units of a recipe, and the height of its learning rate's waves. */
export const recipeActivation = (classes: boolean) => (classes ? 'selu' : 'mish');
export const recipeRate = (classes: boolean) => (classes ? 0.04 : 0.07);

/** What a member learns. */
export interface MemberTask {
  /** Classes, or numbers. */
  readonly classes: boolean;
  readonly output: readonly LayerSpec[];
  readonly loss: MLPOptions['loss'];
  /** What the net reads. */
  readonly columns: Pick<InputColumns, 'count' | 'numbered'>;
  /** Bins of its columns, where there are any. */
  readonly bins: Bins | undefined;
  /** Rows it trains on. */
  readonly rows: number;
  /** Whether its best epoch is that with the most rows right. */
  readonly counts: boolean;
  readonly seed: number;
  /** Share of the time that is over, where there is a budget. */
  readonly elapsed: (() => number) | undefined;
}

/** Rows per step: 256, fewer where that would make fewer than some ten steps of an epoch. */
export function recipeBatchSize(options: EstimatorOptions, rows: number): number {
  const { batchSize = 'auto' } = options;
  if (batchSize !== 'auto') return batchSize;
  return Math.min(256, Math.max(32, 2 ** Math.round(Math.log2(rows / 8))));
}

/** Whether the best epoch is the one with the most rows right: with that many to watch. By the loss otherwise. */
export function countsRight(oneClassEach: boolean, watched: number): boolean {
  return oneClassEach && watched >= leastToCount;
}

/** The label smoothing of a member. */
export function recipeSmoothing({ labelSmoothing }: { readonly labelSmoothing?: number }): number {
  return labelSmoothing ?? 0.1;
}

/**
 * Whether the epoch that just ended is the last of one of the schedule's waves, and that wave brought nothing better than the one before
 * it: what follows then seldom does.
 */
export function endsEarly(logs: readonly EpochLog[], epochs: number): boolean {
  const ends = [1, 3, 7].map((part) => Math.round((part * epochs) / 15));
  const wave = ends.indexOf(logs.length);
  if (wave < 1 || logs[0]?.valLoss === undefined) return false;
  const last = (better: (a: EpochLog, b: EpochLog) => boolean) =>
    logs.reduce((best, log, e) => (better(log, logs[best]!) ? e : best), 0);
  const byLoss = last((a, b) => a.valLoss! < b.valLoss!);
  const byRight = last((a, b) => (a['valAccuracy'] ?? 0) >= (b['valAccuracy'] ?? 0) && a['valAccuracy'] !== undefined);
  return Math.max(byLoss, byRight) < ends[wave - 1]!;
}

/** A member that is to be trained. */
export function memberModel<Head>(
  judge: Pick<Judge<Head>, 'createModel'>,
  options: EstimatorOptions,
  recipe: Recipe,
  task: MemberTask,
): Model {
  const model = judge.createModel(memberOptions(options, recipe, task));
  const { bins, columns } = task;
  return bins === undefined ? model : setBins(model, bins, placeAfter(columns.numbered, embeddingOf(options).size));
}

const embeddingOf = (options: EstimatorOptions) => {
  const { size = 2, learningRateScale = 3 } = embeddingsOf(options, true) ?? {};
  return { size, learningRateScale };
};

/** The options of a member: RealMLP-TD-S with columns drawn in by a tanh. See: https://arxiv.org/abs/2407.04491 */
function memberOptions(options: EstimatorOptions, recipe: Recipe, task: MemberTask): MLPOptions {
  const { classes, columns, loss, seed, bins } = task;
  const { size, learningRateScale } = embeddingOf(options);
  const gain = { learningRateScale: 6 };
  const width = columns.count + (size - 1) * columns.numbered.length;
  const hidden = options.activation ?? recipeActivation(classes);
  const ntk = { parametrization: 'ntk', biasLearningRateScale: 0.1 } as const;
  const hiddenLayers = [
    ...embeddingLayers(columns, { size, learningRateScale, weightInit: embeddingInit }),
    ...frontOf(options),
    ...(bins === undefined ? [rescale({}, { trainable: true, ...gain })] : binLayers(bins, width, gain)),
    ...recipe.hiddenLayers.flatMap((units) => [
      dense(units, { activation: hidden, biasInit: { name: 'normal', deviation: 1 }, ...ntk }),
      ...(options.dropout !== undefined && options.dropout > 0 ? [dropout(options.dropout)] : []),
    ]),
  ];
  const output = task.output.map(
    (layer) => (layer.type === 'dense' ? { ...layer, weightInit: 'zeros', ...ntk } : layer) as LayerSpec,
  );
  const { l1, l2, deterministic, clip } = options;
  return {
    ...networkOptions(
      {
        ...{ hiddenLayers, optimizer: { name: 'adam', beta2: 0.95 }, l2: l2 ?? 0, seed },
        ...(l1 === undefined ? {} : { l1 }),
        ...(deterministic === undefined ? {} : { deterministic }),
        ...(clip === undefined ? {} : { clip }),
        learningRate: memberRate(options, recipe, task),
      },
      columns.count,
      output,
      loss,
    ),
    ...(task.counts ? { metrics: ['accuracy'] as const } : {}),
  };
}

/** Of the numbers that stand for categories: as far apart as indicators are. */
const embeddingInit = { name: 'normal', deviation: 0.3 } as const;

/** Layers in front of the first units: what draws outliers in, after a linear scaler. */
function frontOf({ scale }: EstimatorOptions): LayerSpec[] {
  return scale === undefined ? [activation('tanh')] : [];
}

/** A member's rate: the schedule by steps; with a budget by whichever of steps and time is further on, so that it ends in time. */
export function memberRate(options: EstimatorOptions, recipe: Recipe, { classes, rows, elapsed }: MemberTask): LearningRate {
  if (options.learningRate !== undefined) return options.learningRate;
  const steps = recipe.epochs * Math.ceil(rows / recipeBatchSize(options, rows));
  const schedule = coslog4(recipeRate(classes), { over: steps, per: 'step' });
  if (elapsed === undefined) return schedule;
  const { rate } = resolveRate(schedule);
  return (step) => rate({ step: Math.max(step, steps * elapsed()), epoch: 0, plateau: 1 });
}

/** The most epochs that a fit of these options reports: of a preset those of all its nets. */
export function plannedEpochs(options: EstimatorOptions): number {
  const recipe = recipeOf(options);
  return recipe === undefined ? epochsOf(options) : recipe.members * recipe.epochs;
}
