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

import { Counter } from '../../assembly/abi.js';
import { foreignKind } from './foreign.js';
import { sizeOf } from '../data/allocate.js';
import { fail, FeedforwardError, show } from '../errors.js';
import type { ModelState, TensorState } from '../training/state.js';
import type { ProgressNumbers } from '../training/progress.js';
import { flag, given, readOptions, type Schema } from '../options.js';
import { activationSpec } from '../plan/activations.js';
import { resolveInitializer } from '../plan/initializers.js';
import type { LayerSpec } from '../plan/layers.js';
import { rescaleSpec } from '../plan/rescale.js';
import { type CustomLoss, type LossLike, lossSpec } from '../plan/losses.js';
import { optimizerSpec } from '../plan/optimizers.js';
import { type LayerPlan, type MLPOptions, type NetworkPlan, resolveNetwork } from '../plan/network.js';
import { type LearningRate, type RateFunction, resolveRate } from '../plan/schedules.js';
import { version as library } from './version.js';
import { crc32 } from './checksum.js';
import { type Json, parseJson, writeJson } from './json.js';
import { asBytes, readHeader, readTensor, type TensorEntry, type TensorInput, writeSafetensors } from './safetensors.js';

type Numbers = Float32Array | Float64Array;

const VERSION = 1;
const reserved = ['format', 'version', 'checksum', 'library', 'model', 'rules', 'training', 'functions'];

/** What training has done: goes into the file as the section "card". Free to hold more. */
export interface TrainingCard {
  /** Rows and columns of the training data. */
  readonly rows?: number;
  /** Columns of the training data. */
  readonly columns?: number;
  /** The seed of the weights, the shuffling and the noise. */
  readonly seed?: number;
  /** Epochs trained. */
  readonly epochs?: number;
  /** Figures of the trained model by name, such as valLoss. */
  readonly scores?: { readonly [name: string]: number | null };
  readonly [note: string]: Json | undefined;
}

/** JSON by name that travels with the weights. */
export type Sections = Readonly<Record<string, unknown>> & { readonly card?: TrainingCard };

/** Options of save: what goes into the file beside the weights. */
export interface SaveOptions {
  /** Whether the optimizer's state and the position in the data go along, so that training goes on to the same bits (default false). */
  readonly optimizer?: boolean;
  /** JSON to travel with the weights, by name: scaler, labels, featureNames, card, … */
  readonly sections?: Sections;
}

/** Options of load: what to give functions back to, since files hold none. */
export interface LoadOptions {
  /** Let weights through that are NaN or infinite (default false). */
  readonly allowNonFinite?: boolean;
  /** The loss, where the saved one was a function: functions cannot be saved. */
  readonly loss?: CustomLoss;
  /** The learning rate, where the saved one was a function. */
  readonly learningRate?: LearningRate;
}

const saveRows = { optimizer: flag(false), sections: given() } satisfies Schema<SaveOptions>;

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
  readonly functions: readonly ('loss' | 'learningRate')[];
  /** By tensor, in the order of plan.tensors. */
  readonly tensors: readonly Numbers[];
  /** Empty without weight averaging. */
  readonly averages: readonly Numbers[];
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

// ---- writing ----------------------------------------------------------------------------------------------------------------

/**
 * The bytes of a model file. The same state gives the same bytes.
 * @throws ERR_TYPE for sections that are not JSON, ERR_OPTION for an unknown option or a section with a reserved name.
 */
export function encodeModel(state: ModelState, options: SaveOptions = {}): Uint8Array<ArrayBuffer> {
  const { optimizer: withOptimizer } = readOptions(saveRows, options, 'save', 'save.');
  const plan = resolveNetwork(state.options);
  const tensors = new Map<string, TensorInput>();
  const put = (prefix: string, values: readonly Numbers[]) =>
    values.forEach((data, i) => {
      if (data.length > 0) tensors.set(`${prefix}${plan.tensors[i]!.name}`, { shape: plan.tensors[i]!.shape, data });
    });
  const putState = (prefix: string, { tensors: values, averages, slots, counters }: TensorState) => {
    put(prefix, values);
    put(`${prefix}average/`, averages);
    for (const [s, slot] of slots.entries()) put(`${prefix}slot${s}/`, slot);
    tensors.set(`${prefix}counters`, { shape: [counters.length], data: counters });
  };

  const functions = [
    ...(plan.loss.custom ? ['loss'] : []),
    ...(typeof plan.optimizer.learningRate.spec === 'function' ? ['learningRate'] : []),
  ];
  const metadata = new Map<string, string>([
    ['format', 'feedforward'],
    ['version', String(VERSION)],
    ['checksum', 'crc32:00000000'],
    ['library', library],
    ['model', writeJson(plainOptions(plan), 'model')],
    ['rules', writeJson(state.rules, 'rules')],
  ]);
  if (functions.length > 0) metadata.set('functions', JSON.stringify(functions));
  if (withOptimizer) {
    putState('', state);
    if (state.best) putState('best/', state.best);
    state.curvature.forEach(({ s, y }, i) => {
      tensors.set(`curvature/${i}/s`, { shape: [s.length], data: s });
      tensors.set(`curvature/${i}/y`, { shape: [y.length], data: y });
    });
    const { progress, learningRate, best, curvature } = state;
    const training = { progress: writeProgress(progress), learningRate, best: best !== undefined, curvature: curvature.length };
    metadata.set('training', writeJson(training, 'training'));
  } else {
    put('', state.tensors);
    put('average/', state.averages);
  }
  for (const [name, value] of Object.entries(options.sections ?? {})) {
    if (reserved.includes(name))
      fail('ERR_OPTION', `sections.${name}: this name is the file's own. Reserved are ${reserved.join(', ')}.`);
    if (name === '__proto__') fail('ERR_OPTION', 'sections: a section cannot be called __proto__.');
    if (value !== undefined) metadata.set(name, writeJson(value, `sections.${name}`));
  }

  const file = writeSafetensors(tensors, metadata);
  const at = checksumPosition(file, file.length);
  const digits = checksumOf(file, at).toString(16).padStart(8, '0');
  file.set(new TextEncoder().encode(digits), at);
  return file;
}

/** Options with every default that decides what the network computes written out. */
function plainOptions(plan: NetworkPlan): Record<string, unknown> {
  const { options } = plan;
  const layers = new Map(plan.layers.map((layer) => [layer.path, layer])); // a residual block's last entry is its end
  return {
    ...options,
    layers: plainLayers(options.layers, 'layers', layers),
    loss: lossSpec(plan.loss),
    optimizer: optimizerSpec(plan.optimizer),
    seed: plan.seed,
    deterministic: plan.deterministic,
    ...(plan.averagingDecay > 0 ? { weightAveraging: { decay: plan.averagingDecay, warmUp: plan.averagingWarmsUp } } : {}),
  };
}

function plainLayers(specs: readonly LayerSpec[], path: string, layers: ReadonlyMap<string, LayerPlan>): LayerSpec[] {
  return specs.map((spec, i) => {
    const at = `${path}.${i}`;
    const { activation, rate, epsilon, bias, projection, rescale } = layers.get(at)!;
    switch (spec.type) {
      case 'dense':
        return { ...spec, activation: activationSpec(activation), bias };
      case 'activation':
        return { ...spec, activation: activationSpec(activation) };
      case 'batchNorm':
        return { ...spec, momentum: rate, epsilon };
      case 'layerNorm':
        return { ...spec, epsilon };
      case 'rescale':
        return rescaleSpec(spec, rescale!);
      case 'residual':
        return { ...spec, layers: plainLayers(spec.layers, `${at}.layers`, layers), projection };
      default:
        return { ...spec };
    }
  });
}

// ---- the checksum -----------------------------------------------------------------------------------------------------------

const CHECKSUM = '"checksum":"crc32:';

/** Where the eight digits stand: after the first `"checksum":"crc32:` of the header. */
function checksumPosition(file: Uint8Array, end: number): number {
  const wanted = new TextEncoder().encode(CHECKSUM);
  for (let at = file.indexOf(wanted[0]!, 8); at >= 0 && at + wanted.length + 8 <= end; at = file.indexOf(wanted[0]!, at + 1))
    if (wanted.every((byte, i) => file[at + i] === byte)) return at + wanted.length;
  return fail('ERR_FORMAT', 'Model file: its checksum is missing.');
}

function checksumOf(file: Uint8Array, at: number): number {
  const zeros = new Uint8Array(8).fill(0x30);
  return crc32(file.subarray(at + 8), crc32(zeros, crc32(file.subarray(0, at))));
}

// ---- reading ----------------------------------------------------------------------------------------------------------------

/**
 * Reads a model file: plain data, from which MLP.load makes a model. Files of older format versions are read, newer ones
 * refused by their number.
 * @throws ERR_FORMAT for anything but a whole, unchanged model file; ERR_NONFINITE for weights that are NaN or infinite.
 * @example
 * const { options, sections } = readModelFile(bytes);
 * sections.labels;  // ['setosa', 'versicolor', 'virginica']
 */
export function readModelFile(bytes: Uint8Array | ArrayBuffer, options: LoadOptions = {}): SavedModel {
  const { allowNonFinite } = readOptions(loadRows, options, 'load', 'load.');
  const file = asBytes(bytes, 'readModelFile');
  const foreign = foreignKind(file);
  if (foreign !== undefined) fail('ERR_FORMAT', `This is no model file: it looks like ${foreign}.`);
  const { entries, metadata, start } = readHeader(file);
  const format = metadata.get('format');
  if (format !== 'feedforward')
    fail(
      'ERR_FORMAT',
      `This safetensors file is no model file: its format is ${format === undefined ? 'not given' : show(format)}. For the weights of other tools use readSafetensors, fromPyTorch or fromKeras.`,
    );
  const version = metadata.get('version') ?? '';
  if (!/^[1-9]\d{0,8}$/.test(version)) refuse(`its version is ${show(version)}`);
  if (Number(version) > VERSION)
    fail(
      'ERR_FORMAT',
      `Model file: it is of format version ${version}; this library reads versions up to ${VERSION}. Update feedforward.`,
      { version: Number(version) },
    );
  const at = checksumPosition(file, start);
  const digits = new TextDecoder().decode(file.subarray(at, at + 8));
  if (digits !== checksumOf(file, at).toString(16).padStart(8, '0'))
    fail('ERR_FORMAT', 'Model file: its checksum does not fit: the file was damaged, or changed without a new checksum.');

  const section = (name: string) => {
    const text = metadata.get(name);
    return text === undefined ? undefined : parseJson(text, `Model file, ${name}`);
  };
  const functions = readFunctions(section('functions'));
  const plan = readPlan(section('model'), functions, options);
  const reader = new TensorReader(file, entries, plan, allowNonFinite);
  const training = section('training');
  const rules = readRules(section('rules'), plan);
  const notes = training === undefined ? undefined : readTraining(training, plan);
  reader.expect('', plan.averagingDecay > 0, notes !== undefined);
  if (notes?.best) reader.expect('best/', plan.averagingDecay > 0, true);
  for (let i = 0; i < (notes?.curvature ?? 0); i++) reader.expectCurvature(i);
  reader.refuseOthers();

  const sections: Record<string, Json> = {};
  for (const [name, text] of metadata) {
    if (reserved.includes(name)) continue;
    if (name === '__proto__') refuse('it has a section named __proto__');
    sections[name] = parseJson(text, `Model file, ${name}`);
  }
  const { tensors, averages } = reader.weights('');
  return {
    options: plan.options,
    plan,
    functions,
    tensors,
    averages,
    rules,
    sections,
    library: metadata.get('library') ?? '',
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
 * A model from a model file: `make` makes it from the plan, whose tensors start at 0, so that no random weights are drawn only to
 * be replaced.
 * @throws as readModelFile.
 */
export function loadModel<M extends { state(): ModelState; restoreState(state: ModelState): void }>(
  bytes: Uint8Array | ArrayBuffer,
  options: LoadOptions,
  make: (plan: NetworkPlan) => M,
): M {
  const saved = readModelFile(bytes, options);
  const init = resolveInitializer('zeros', 'load');
  const model = make({ ...saved.plan, tensors: saved.plan.tensors.map((tensor) => ({ ...tensor, init })) });
  model.restoreState(restoredState(saved, model.state()));
  return model;
}

function refuse(problem: string): never {
  return fail('ERR_FORMAT', `Model file: ${problem}.`);
}

/** What a check of options says about a file is about the file: ERR_FORMAT. `what` is what messages call the file. */
export function inFile<T>(check: () => T, what = 'Model file'): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof FeedforwardError)) throw error;
    throw new FeedforwardError('ERR_FORMAT', `${what}: ${error.message}`, { ...error.details, cause: error.code }, error);
  }
}

function readFunctions(json: Json | undefined): ('loss' | 'learningRate')[] {
  if (json === undefined) return [];
  if (!Array.isArray(json) || !json.every((f) => f === 'loss' || f === 'learningRate'))
    return refuse('functions is no list of options');
  return [...json];
}

/** The options with what stands for functions, resolved. Nothing in a file is ever evaluated. */
function readPlan(json: Json | undefined, functions: readonly string[], given: LoadOptions): NetworkPlan {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return refuse('it has no model');
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
  if (functions.includes('learningRate')) {
    if (typeof options.optimizer !== 'object' || options.optimizer === null) return refuse('it has no optimizer');
    options.optimizer['learningRate'] = given.learningRate ?? (missing('learningRate') as RateFunction);
  }
  return inFile(() => resolveNetwork(options as unknown as MLPOptions));
}

function missing(option: 'loss' | 'learningRate'): () => never {
  return () =>
    fail(
      'ERR_STATE',
      `This model was saved with a ${option} that is a function, which a file cannot hold. Pass it again: load(bytes, { ${option} }).`,
    );
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

function fieldsOf(json: Json | undefined, names: readonly string[], what: string): Record<string, Json | undefined> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return refuse(`${what} is ${show(json)}, not an object`);
  for (const key of Object.keys(json)) if (!names.includes(key)) refuse(`${what} has an unknown field ${show(key)}`);
  return Object.fromEntries(
    names.map((name) => [name, Object.hasOwn(json, name) ? (json as Record<string, Json>)[name] : undefined]),
  );
}

// ---- training: progress as JSON, in which NaN and infinities are strings ------------------------------------------------------

const counts = ['epoch', 'position', 'batches', 'steps'] as const;
const watches = ['plateauWatch', 'earlyWatch', 'stallWatch'] as const;
const watchFields = ['best', 'bestEpoch', 'bad', 'cooldown'] as const;
const shapeFields = ['rows', 'batchSize', 'accumulate', 'shuffle'] as const;

const writeNumber = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

function writeProgress(progress: ProgressNumbers): unknown {
  return {
    ...progress,
    lossSum: writeNumber(progress.lossSum),
    metricSums: progress.metricSums.map(writeNumber),
    ...Object.fromEntries(watches.map((name) => [name, { ...progress[name], best: writeNumber(progress[name].best) }])),
  };
}

function readNumber(json: Json | undefined, what: string): number {
  if (typeof json === 'number') return json;
  if (json === 'NaN' || json === 'Infinity' || json === '-Infinity') return Number(json);
  return refuse(`${what} is ${show(json)}, not a number`);
}

function readCount(json: Json | undefined, what: string): number {
  if (typeof json !== 'number' || !Number.isSafeInteger(json) || json < 0)
    return refuse(`${what} is ${show(json)}, not a whole number`);
  return json;
}

function readProgress(json: Json | undefined): ProgressNumbers {
  const fields = fieldsOf(json, [...counts, ...watches, 'lossSum', 'metricSums', 'shape', 'plateau'], 'progress');
  const [epoch, position, batches, steps] = counts.map((name) => readCount(fields[name], `progress.${name}`));
  const [plateauWatch, earlyWatch, stallWatch] = watches.map((name) => {
    const watch = fieldsOf(fields[name], watchFields, `progress.${name}`);
    const [, bestEpoch, bad, cooldown] = watchFields.map((field, i) =>
      i === 0 ? 0 : readCount(watch[field], `progress.${name}.${field}`),
    );
    return { best: readNumber(watch['best'], `progress.${name}.best`), bestEpoch: bestEpoch!, bad: bad!, cooldown: cooldown! };
  });
  const given = fieldsOf(fields['shape'], shapeFields, 'progress.shape');
  const [rows, batchSize, accumulate] = shapeFields.slice(0, 3).map((name) => readCount(given[name], `progress.shape.${name}`));
  const { shuffle } = given;
  const { metricSums, plateau } = fields;
  if (typeof shuffle !== 'boolean') return refuse(`progress.shape.shuffle is ${show(shuffle)}`);
  if (rows! > 0 && position! > rows!) return refuse(`progress.position is ${position} of ${rows} rows`);
  if (typeof plateau !== 'number' || !(plateau > 0)) return refuse(`progress.plateau is ${show(plateau)}`);
  if (!Array.isArray(metricSums)) return refuse(`progress.metricSums is ${show(metricSums)}`);
  return {
    epoch: epoch!,
    position: position!,
    batches: batches!,
    steps: steps!,
    plateau,
    lossSum: readNumber(fields['lossSum'], 'progress.lossSum'),
    metricSums: metricSums.map((sum: Json) => readNumber(sum, 'progress.metricSums')),
    shape: { rows: rows!, batchSize: batchSize!, accumulate: accumulate!, shuffle },
    plateauWatch: plateauWatch!,
    earlyWatch: earlyWatch!,
    stallWatch: stallWatch!,
  };
}

function readTraining(json: Json, plan: NetworkPlan) {
  const { progress, learningRate, best, curvature } = fieldsOf(
    json,
    ['progress', 'learningRate', 'best', 'curvature'],
    'training',
  );
  if (typeof best !== 'boolean') return refuse(`training.best is ${show(best)}`);
  const pairs = readCount(curvature, 'training.curvature');
  const limit = plan.optimizer.options['historySize'];
  if (pairs > (typeof limit === 'number' ? limit : 0)) refuse(`training.curvature is ${pairs}`);
  if (learningRate !== undefined) inFile(() => resolveRate(learningRate, 'training.learningRate'));
  return { progress: readProgress(progress), learningRate: learningRate as LearningRate | undefined, best, curvature: pairs };
}

// ---- tensors: expected by name and shape first, copied after ------------------------------------------------------------------

class TensorReader {
  private readonly entries: Map<string, TensorEntry>;
  private readonly expected = new Set<string>();

  constructor(
    private readonly file: Uint8Array,
    entries: readonly TensorEntry[],
    private readonly plan: NetworkPlan,
    private readonly allowNonFinite: boolean,
  ) {
    this.entries = new Map(entries.map((entry) => [entry.name, entry]));
  }

  expect(prefix: string, averages: boolean, training: boolean): void {
    const { tensors, optimizer } = this.plan;
    for (const { name, shape, trainable } of tensors) {
      this.want(`${prefix}${name}`, shape);
      if (trainable && averages) this.want(`${prefix}average/${name}`, shape);
      if (trainable && training) for (const s of optimizer.slots.keys()) this.want(`${prefix}slot${s}/${name}`, shape);
    }
    if (training) this.want(`${prefix}counters`, [Counter.Count], ['F64']);
  }

  expectCurvature(i: number): void {
    const most = this.plan.tensors.reduce((sum, { shape, trainable }) => sum + (trainable ? sizeOf(shape) : 0), 0);
    for (const part of ['s', 'y']) {
      const shape = this.entries.get(`curvature/${i}/${part}`)?.shape ?? [];
      if (shape.length !== 1 || shape[0]! > most) refuse(`curvature/${i}/${part} is of shape [${shape.join(', ')}]`);
      this.want(`curvature/${i}/${part}`, shape, ['F64']);
    }
    if (this.entries.get(`curvature/${i}/s`)!.shape[0] !== this.entries.get(`curvature/${i}/y`)!.shape[0])
      refuse(`curvature/${i} is of two lengths`);
  }

  private want(name: string, shape: readonly number[], dtypes: readonly string[] = ['F32', 'F64']): void {
    const entry = this.entries.get(name);
    if (entry === undefined) refuse(`the tensor ${show(name)} is missing`);
    if (!dtypes.includes(entry.dtype)) refuse(`${show(name)} is of dtype ${entry.dtype}; expected ${dtypes.join(' or ')}`);
    if (entry.shape.join() !== shape.join())
      refuse(`${show(name)} has the shape [${entry.shape.join(', ')}], but the model wants [${shape.join(', ')}]`);
    this.expected.add(name);
  }

  refuseOthers(): void {
    for (const name of this.entries.keys()) if (!this.expected.has(name)) refuse(`${show(name)} is no tensor of the model`);
  }

  weights(prefix: string): { tensors: Numbers[]; averages: Numbers[] } {
    const { tensors, averagingDecay } = this.plan;
    return {
      tensors: tensors.map(({ name, role }) => {
        const values = this.read(`${prefix}${name}`);
        if (role === 'runningVariance') checkEach(`${prefix}${name}`, values, (v) => !(v < 0), 'a variance is not negative');
        return values;
      }),
      averages:
        averagingDecay > 0
          ? tensors.map(({ name, trainable }) => (trainable ? this.read(`${prefix}average/${name}`) : nothing))
          : [],
    };
  }

  state(prefix: string): { slots: Numbers[][]; counters: Float64Array } {
    const { tensors, optimizer } = this.plan;
    return {
      slots: optimizer.slots.map((_, s) =>
        tensors.map(({ name, trainable }) => (trainable ? this.read(`${prefix}slot${s}/${name}`) : nothing)),
      ),
      counters: readCounters(`${prefix}counters`, this.read(`${prefix}counters`) as Float64Array),
    };
  }

  curvature(i: number): { s: Float64Array; y: Float64Array } {
    return { s: this.read(`curvature/${i}/s`) as Float64Array, y: this.read(`curvature/${i}/y`) as Float64Array };
  }

  private read(name: string): Numbers {
    const values = readTensor(this.file, this.entries.get(name)!).data as Numbers;
    if (!this.allowNonFinite)
      for (let i = 0; i < values.length; i++)
        if (!Number.isFinite(values[i]))
          fail('ERR_NONFINITE', `Model file: ${name}[${i}] is ${values[i]}. Pass allowNonFinite: true to load it all the same.`, {
            name,
            index: i,
          });
    return values;
  }
}

function checkEach(name: string, values: Numbers, fits: (value: number, index: number) => boolean, rule: string): void {
  const wrong = values.findIndex((value, i) => !fits(value, i));
  if (wrong >= 0) refuse(`${name}[${wrong}] is ${values[wrong]}, but ${rule}`);
}

/** Steps and draws count; the others are products of numbers from 0 to 1. */
function readCounters(name: string, counters: Float64Array): Float64Array {
  const counts = (i: number) => i < Counter.Power1;
  checkEach(
    name,
    counters,
    (v, i) => !counts(i) || (Number.isSafeInteger(v) && v >= 0),
    'steps and draws are counted in whole numbers',
  );
  checkEach(name, counters, (v, i) => counts(i) || (v >= 0 && v <= 1), 'a product of numbers from 0 to 1 stays from 0 to 1');
  return counters;
}

const nothing = new Float32Array(0);
