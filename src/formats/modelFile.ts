// The model file, .ff: a safetensors file, so that any tool that reads those reads the weights. What makes it a model:
//
//     tensors    layers.0.weight …            weights, biases, slopes, running statistics, as model.parameters() names them
//                average/layers.0.weight …    averaged weights, where the model keeps them
//                slot0/layers.0.weight …      optimizer slots; counters; best/… (early stopping); curvature/0/s … (L-BFGS)
//     metadata   format "feedforward", version "1", checksum "crc32:xxxxxxxx", library, model (its options), rules,
//                training, functions; and one entry for each section, JSON: scaler, labels, featureNames, card, …
//
// The checksum is the CRC-32 of the whole file, taken with its own eight digits at 0. Loading checks header, version,
// checksum, options, names and shapes, in this order, before a tensor is copied, and values before a model is made.
//
// The writer is encodeModel.ts, the header and the checksum are container.ts's.

import type { Floats } from '../data/allocate.js';
import { asBytes } from './safetensors.js';
import { fail, show } from '../errors.js';
import { flag, given, readOptions, type Schema } from '../options.js';
import type { CustomLoss, LossLike } from '../plan/losses.js';
import { blank, type MLPOptions, type NetworkPlan, resolveNetwork } from '../plan/network.js';
import type { LearningRate, RateFunction } from '../plan/schedules.js';
import type { ModelState } from '../training/state.js';
import { readContainer } from './container.js';
import { fieldsOf, inFile, refuse } from './fileChecks.js';
import type { Json } from './json.js';
import { TensorReader } from './tensorReader.js';
import { readTraining } from './trainingSection.js';

/** Options of load: what to give functions back to, since files hold none. */
export interface LoadOptions {
  /** Let weights through that are NaN or infinite (default false). */
  readonly allowNonFinite?: boolean;
  /** The loss, where the saved one was a function: functions cannot be saved. */
  readonly loss?: CustomLoss;
  /** The learning rate, where the saved one was a function. */
  readonly learningRate?: LearningRate;
}

const loadRows = { allowNonFinite: flag(false), loss: given(), learningRate: given() } satisfies Schema<LoadOptions>;

/** The names of load's options. */
export const loadOptionNames = Object.keys(loadRows);

/** A model file, read and checked. */
export interface SavedModel {
  /** The model's options, every default written out. */
  readonly options: MLPOptions;
  /** The network as the file describes it, checked. */
  readonly plan: NetworkPlan;
  /** Options that were functions and are not in the file. */
  readonly functions: readonly string[];
  /** By tensor, in the order of plan.tensors. */
  readonly tensors: readonly Floats[];
  /** Empty without weight averaging. */
  readonly averages: readonly Floats[];
  /** By tensor, in the order of the plan: the factor on its learning rate, and whether it is frozen. */
  readonly rules: ModelState['rules'];
  /** Undefined when the file was saved without the optimizer. */
  readonly training: SavedTraining | undefined;
  /** What else was saved, by name: plain JSON. */
  readonly sections: Readonly<Record<string, Json>>;
  /** Version of the library that wrote the file. */
  readonly library: string;
}

/** What a file holds of a training that can go on: the optimizer's state, the position in the data, and the best weights so far. */
export type SavedTraining = Pick<ModelState, 'slots' | 'counters' | 'progress' | 'learningRate' | 'best' | 'curvature'>;

/**
 * Reads a model file: plain data, from which MLP.load makes a model. Files of older format versions are read, newer ones
 * refused by their number.
 * @throws ERR_FORMAT for anything but a whole, unchanged model file; ERR_NONFINITE for weights that are NaN or infinite.
 * @example
 * const bytes = model.save({ sections: { labels: ['setosa', 'versicolor', 'virginica'] } });
 * const { options, sections } = readModelFile(bytes);
 * sections.labels;  // ['setosa', 'versicolor', 'virginica']
 */
export function readModelFile(bytes: Uint8Array | ArrayBuffer, options: LoadOptions = {}): SavedModel {
  const { allowNonFinite } = readOptions(loadRows, options, 'load', 'load.');
  const container = readContainer(asBytes(bytes, 'readModelFile'));
  const { section } = container;
  const functions = readFunctions(section('functions'));
  const plan = readPlan(section('model'), functions, options);
  const reader = new TensorReader(container, plan, allowNonFinite);
  const training = section('training');
  const rules = readRules(section('rules'), plan);
  const notes = training === undefined ? undefined : readTraining(training, plan);
  reader.expect('', plan.averagingDecay > 0, notes !== undefined);
  if (notes?.best) reader.expect('best/', plan.averagingDecay > 0, true);
  for (let i = 0; i < (notes?.curvature ?? 0); i++) reader.expectCurvature(i);
  reader.refuseOthers();
  const sections = container.sections();

  const { tensors, averages } = reader.weights('');
  return {
    options: plan.options,
    plan,
    functions,
    tensors,
    averages,
    rules,
    sections,
    library: container.library,
    training: notes && {
      ...reader.state(''),
      progress: notes.progress,
      learningRate: notes.learningRate,
      best: notes.best ? { ...reader.weights('best/'), ...reader.state('best/') } : undefined,
      curvature: Array.from({ length: notes.curvature }, (_, i) => reader.curvature(i)),
    },
  };
}

/** The state of a model made from `saved.options`, with everything the file holds; what it does not hold is from `fresh`, as in a new model. */
function restoredState({ tensors, averages, rules, training }: SavedModel, fresh: ModelState): ModelState {
  return { ...fresh, tensors, averages, rules, ...training };
}

/**
 * A model from a model file: `make` makes it from the plan.
 * @throws ERR_FORMAT for anything but a whole, unchanged model file; ERR_NONFINITE for weights that are NaN or infinite.
 */
export function loadModel<M extends { state(): ModelState; restoreState(state: ModelState): void }>(
  bytes: Uint8Array | ArrayBuffer,
  options: LoadOptions,
  make: (plan: NetworkPlan) => M,
): M {
  const saved = readModelFile(bytes, options);
  const model = make(blank(saved.plan));
  model.restoreState(restoredState(saved, model.state()));
  return model;
}

function readFunctions(json: Json | undefined): string[] {
  if (json === undefined) return [];
  if (!Array.isArray(json) || !json.every((option) => typeof option === 'string' && /^[a-z]\w*$/i.test(option)))
    return refuse('functions is no list of options');
  return [...json];
}

/** The options with what stands for functions, resolved. Nothing in a file is ever evaluated. */
function readPlan(json: Json | undefined, functions: readonly string[], given: LoadOptions): NetworkPlan {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return refuse('it has no model');
  if ('integers' in json)
    fail(
      'ERR_UNSUPPORTED',
      'Model file: it holds a model of whole numbers (quantize), which only predicts: QuantizedModel.load or loadPredictor.',
    );
  const options = json as unknown as {
    loss?: LossLike;
    optimizer?: Record<string, unknown>;
    weightAveraging?: { warmUp?: boolean };
  };
  // Files of version 0.1.0 know no warm-up: what they hold was averaged, and goes on, without one.
  if (typeof options.weightAveraging === 'object' && options.weightAveraging !== null) options.weightAveraging.warmUp ??= false;
  if (given.loss !== undefined && typeof given.loss !== 'function')
    fail('ERR_OPTION', `load.loss: expected a function, got ${show(given.loss)}.`);
  if (functions.includes('loss')) options.loss = given.loss ?? missing('loss');
  for (const option of functions) {
    if (option === 'loss') continue;
    if (typeof options.optimizer !== 'object' || options.optimizer === null) return refuse('it has no optimizer');
    const again = option === 'learningRate' ? given.learningRate : undefined;
    options.optimizer[option] = again ?? (missing(option) as RateFunction);
  }
  return inFile(() => resolveNetwork(options as unknown as MLPOptions));
}

function missing(option: string): () => never {
  const way =
    option === 'loss' || option === 'learningRate'
      ? `Pass it again: load(bytes, { ${option} })`
      : `To train on, give it to a new model and let that take the state over: new MLP({ … }).restoreState(loaded.state())`;
  return () => fail('ERR_STATE', `This model was saved with a ${option} that is a function, which a file cannot hold. ${way}.`);
}

function readRules(json: Json | undefined, plan: NetworkPlan): ModelState['rules'] {
  if (!Array.isArray(json) || json.length !== plan.tensors.length)
    return refuse(`it has rules for ${Array.isArray(json) ? json.length : 'no'} tensors, but ${plan.tensors.length} tensors`);
  return json.map((rule: Json, i) => {
    const { learningRateScale, frozen } = fieldsOf(rule, ['learningRateScale', 'frozen'], `rules[${i}]`);
    if (typeof learningRateScale !== 'number' || learningRateScale < 0 || typeof frozen !== 'boolean')
      return refuse(`rules[${i}] is no rule`);
    return { learningRateScale, frozen };
  });
}
