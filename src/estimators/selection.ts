// Which options are best: cross-validation, and searches over options by it. Trials are plain data, drawn from the seed alone, so a
// search gives the same result on one thread and on many, in one go and resumed from its file.

import { readLabels, type Label } from '../data/labels.js';
import { exp, log } from '../data/elementary.js';
import { float64Rows, float64Targets, Matrix, matrix, RowReader, type MatrixLike } from '../data/matrix.js';
import { Random } from '../data/random.js';
import { kFold, stratifiedKFold, type Fold } from '../data/split.js';
import { Table } from '../data/table.js';
import { fail, show } from '../errors.js';
import { crc32 } from '../formats/checksum.js';
import { checkBoolean, checkKeys, checkNumber, unknownName } from '../options.js';
import { lockFile } from './fileLock.js';
import { MLPClassifier } from './classifier.js';
import { asFeatures, type Features } from './features.js';
import { Perceptron } from './perceptron.js';
import { MLPRegressor } from './regressor.js';
import {
  freshOf,
  scoreBy,
  scorings,
  scoringsFor,
  type Estimator,
  type EstimatorKind,
  type Scoring,
  type Trainable,
  type Trial,
  type TrialData,
  type TrialOutcome,
} from './trial.js';
import { runTrials, usefulWorkers } from './trialRunner.js';

/** A score by name, or a function of a fitted estimator and the held-out rows, for which more is better. */
export type ScoringLike = Scoring | ((estimator: Estimator, X: never, y: never) => number);

export interface CrossValidationOptions {
  /** Number of folds, at least 2 (default 5), shuffled, with class proportions kept for classifiers; or the folds themselves. */
  readonly folds?: number | readonly { readonly train: ArrayLike<number>; readonly test: ArrayLike<number> }[];
  /** What to measure (default: the estimator's own score, accuracy or R^2). */
  readonly scoring?: ScoringLike;
  /** Of the folds (default 0). */
  readonly seed?: number;
  /** Worker threads: 'auto' is one per core in Node, 0 none (default 'auto'). */
  readonly workers?: number | 'auto';
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SearchProgress) => void;
}

export interface SearchProgress {
  /** Fits that ended, and how many there are in all. */
  readonly done: number;
  readonly total: number;
  readonly last: TrialOutcome;
  /** Best mean score of the candidates all of whose folds have ended; NaN before the first. */
  readonly bestScore: number;
  readonly seconds: number;
  /** Estimate of the seconds left. */
  readonly secondsLeft: number;
}

export interface CrossValidation {
  /** One per fold. */
  readonly scores: readonly number[];
  readonly mean: number;
  /** Standard deviation over the folds. */
  readonly deviation: number;
  readonly folds: readonly {
    readonly score: number;
    readonly trainRows: number;
    readonly testRows: number;
    readonly epochs: number;
    readonly fitSeconds: number;
  }[];
}

/** One candidate of a search. */
export interface SearchTrial {
  readonly trial: number;
  /** The options that were tried, on top of the estimator's own. */
  readonly options: Readonly<Record<string, unknown>>;
  /** One per fold; NaN where training failed. */
  readonly scores: readonly number[];
  /** NaN when a fold failed. */
  readonly mean: number;
  readonly deviation: number;
  /** Seconds of all its fits. */
  readonly seconds: number;
  /** Why a fold failed, if one did. */
  readonly error: string | undefined;
}

export interface SearchResult<E> {
  readonly best: SearchTrial;
  /** All candidates, in the order of their numbers. */
  readonly trials: readonly SearchTrial[];
  /** Fitted on all rows with the best options; undefined with refit: false. */
  readonly estimator: E | undefined;
}

export interface SearchOptions extends CrossValidationOptions {
  /** A file (Node) that outcomes are added to as they come, JSON lines; a search that was interrupted goes on from it. */
  readonly results?: string;
  /** Fit an estimator with the best options on all rows at the end (default true). */
  readonly refit?: boolean;
}

/** Where a random search draws an option from: a list, a range, a range by orders of magnitude, whole numbers. */
export type SearchRange =
  | readonly unknown[]
  | { readonly uniform: readonly [low: number, high: number] }
  | { readonly logUniform: readonly [low: number, high: number] }
  | { readonly integer: readonly [low: number, high: number] };

const commonOptions = [
  'folds',
  'scoring',
  'seed',
  'workers',
  'signal',
  'onProgress',
] as const satisfies readonly (keyof CrossValidationOptions)[];
const searchOptions = [...commonOptions, 'results', 'refit'] as const satisfies readonly (keyof SearchOptions)[];

/**
 * Scores of an estimator's options by k-fold cross-validation: each part of the rows is predicted by a model trained on the others. The
 * estimator itself stays as it is.
 * @throws ERR_LABEL, ERR_SHAPE, ERR_OPTION, ERR_DIVERGED and whatever else fit throws; AbortError by `signal`; ERR_WORKER.
 *
 * @example
 * const { mean, deviation } = await crossValidate(new MLPClassifier({ seed: 1 }), X, y, { folds: 5 });
 */
export async function crossValidate(
  estimator: Estimator,
  X: Features,
  y: unknown,
  options: CrossValidationOptions = {},
): Promise<CrossValidation> {
  checkKeys(options, commonOptions, 'crossValidate');
  const { outcomes, folds } = await evaluate(estimator, X, y, [{}], options, undefined);
  const failed = outcomes.find(({ error }) => error !== undefined);
  if (failed !== undefined) fail('ERR_DIVERGED', `Fold ${failed.fold}: ${failed.error!.message}`);
  const scores = outcomes.map(({ score }) => score!);
  return {
    scores,
    ...spread(scores),
    folds: outcomes.map(({ score, epochs, fitSeconds, fold }) => ({
      score: score!,
      epochs,
      fitSeconds,
      trainRows: folds[fold]!.train.length,
      testRows: folds[fold]!.test.length,
    })),
  };
}

/**
 * Tries every combination of the values given for some options, by cross-validation. A training that diverges counts as the worst.
 * @throws as crossValidate; ERR_OPTION for options that are none, before anything runs; ERR_FILE for a result file of another search.
 *
 * @example
 * const { best, estimator } = await gridSearch(new MLPClassifier(), { hiddenLayers: [[16], [64]], l2: [0, 1e-4, 1e-2] }, X, y);
 */
export async function gridSearch<E extends Estimator>(
  estimator: E,
  grid: Readonly<Record<string, readonly unknown[]>>,
  X: Features,
  y: unknown,
  options: SearchOptions = {},
): Promise<SearchResult<E>> {
  checkKeys(options, searchOptions, 'gridSearch');
  checkNames(grid, 'grid');
  let candidates: Record<string, unknown>[] = [{}];
  for (const [name, values] of Object.entries(grid)) {
    if (!Array.isArray(values) || values.length === 0)
      fail('ERR_OPTION', `grid.${name}: expected a list of values to try, got ${show(values)}.`);
    candidates = candidates.flatMap((candidate) => values.map((value: unknown) => ({ ...candidate, [name]: value })));
  }
  return search(estimator, candidates, X, y, options);
}

/**
 * Tries `trials` combinations (default 20) drawn at random. See: Bergstra and Bengio, "Random search for hyper-parameter optimization" (2012).
 * @throws as gridSearch.
 *
 * @example
 * const space = { learningRate: { logUniform: [1e-4, 1e-1] }, hiddenLayers: [[32], [64, 32]], dropout: { uniform: [0, 0.5] } };
 * const { best } = await randomSearch(new MLPRegressor(), space, X, y, { trials: 30, seed: 1, results: 'search.jsonl' });
 */
export async function randomSearch<E extends Estimator>(
  estimator: E,
  space: Readonly<Record<string, SearchRange>>,
  X: Features,
  y: unknown,
  options: SearchOptions & { readonly trials?: number } = {},
): Promise<SearchResult<E>> {
  checkKeys(options, [...searchOptions, 'trials'], 'randomSearch');
  checkNames(space, 'space');
  const { trials = 20, ...rest } = options;
  checkNumber(trials, 'trials', { min: 1, integer: true });
  const candidates = Array.from({ length: trials }, (_, i) => {
    const random = new Random(options.seed ?? 0, `trial ${i}`);
    return Object.fromEntries(Object.entries(space).map(([name, range]) => [name, draw(range, random, `space.${name}`)]));
  });
  return search(estimator, candidates, X, y, rest);
}

function checkNames(space: unknown, name: string): void {
  if (typeof space !== 'object' || space === null || Array.isArray(space))
    fail('ERR_OPTION', `${name}: expected an object of options, got ${show(space)}.`);
  if (Object.keys(space).length === 0) fail('ERR_OPTION', `${name}: names no option to try.`);
}

function draw(range: unknown, random: Random, name: string): unknown {
  if (Array.isArray(range)) {
    if (range.length === 0) fail('ERR_OPTION', `${name}: expected a list of values to try, got none.`);
    return range[random.below(range.length)];
  }
  const [kind, limits] = (typeof range === 'object' && range !== null ? Object.entries(range)[0] : undefined) ?? [];
  const [low, high] = (Array.isArray(limits) ? limits : []) as [number, number];
  if (
    !['uniform', 'logUniform', 'integer'].includes(kind ?? '') ||
    !(Number.isFinite(low) && Number.isFinite(high) && low <= high)
  )
    fail('ERR_OPTION', `${name}: expected a list, or { uniform | logUniform | integer: [low, high] }, got ${show(range)}.`);
  if (kind === 'uniform') return random.between(low, high);
  if (kind === 'logUniform')
    return low > 0 ? exp(random.between(log(low), log(high))) : fail('ERR_OPTION', `${name}: logUniform wants limits > 0.`);
  checkNumber(low, `${name}[0]`, { integer: true });
  checkNumber(high, `${name}[1]`, { integer: true });
  return low + random.below(high - low + 1);
}

async function search<E extends Estimator>(
  estimator: E,
  candidates: readonly Record<string, unknown>[],
  X: Features,
  y: unknown,
  options: SearchOptions,
): Promise<SearchResult<E>> {
  const refit = checkBoolean(options.refit ?? true, 'refit');
  const { outcomes, folds } = await evaluate(estimator, X, y, candidates, options, options.results);
  const sign = isError(options.scoring) ? -1 : 1;
  const trials = candidates.map((tried, trial): SearchTrial => {
    const own = outcomes.slice(trial * folds.length, (trial + 1) * folds.length);
    const scores = own.map(({ score }) => score ?? Number.NaN);
    return {
      trial,
      options: tried,
      scores,
      ...spread(scores),
      seconds: own.reduce((sum, { fitSeconds }) => sum + fitSeconds, 0),
      error: own.find(({ error }) => error !== undefined)?.error?.message,
    };
  });
  const best = trials.reduce((a, b) =>
    sign * b.mean > sign * a.mean || (Number.isNaN(a.mean) && !Number.isNaN(b.mean)) ? b : a,
  );
  if (Number.isNaN(best.mean)) fail('ERR_DIVERGED', `No candidate could be trained. The first: ${best.error}`);
  const winner = refit ? freshOf(estimator, best.options) : undefined;
  const trainable: Trainable | undefined = winner;
  const { signal } = options;
  await trainable?.fit(X, y, ...(signal === undefined || winner instanceof Perceptron ? [] : [{ signal }]));
  return { best, trials, estimator: winner };
}

// ---- all folds of all candidates --------------------------------------------------------------------------------

async function evaluate(
  estimator: Estimator,
  X: Features,
  y: unknown,
  candidates: readonly Record<string, unknown>[],
  options: CrossValidationOptions,
  file: string | undefined,
): Promise<{ outcomes: TrialOutcome[]; folds: readonly Fold[] }> {
  const kind = kindOf(estimator);
  const { scoring, seed = 0, onProgress, signal } = options;
  const custom = typeof scoring === 'function' ? scoring : undefined;
  if (scoring !== undefined && custom === undefined && !Object.hasOwn(scorings, scoring as string))
    unknownName(scoring, scoringsFor(!(estimator instanceof MLPRegressor)), 'scoring');
  for (const candidate of candidates) freshOf(estimator, candidate); // refuses bad options before anything runs
  const data = readData(X, y, estimator);
  const folds = readFolds(options.folds ?? 5, data, estimator, seed);
  const own =
    kind !== undefined &&
    custom === undefined &&
    candidates.every((candidate) => isPlain({ ...estimator.options, ...candidate, onWarning: undefined }));

  const trials = candidates.flatMap((candidate, trial) =>
    folds.map(
      (fold, f): Trial => ({
        trial,
        fold: f,
        ...fold,
        estimator: kind ?? 'MLPClassifier',
        options: { ...plain(estimator.options), ...candidate },
        scoring: custom === undefined ? (scoring as Scoring | undefined) : undefined,
      }),
    ),
  );
  const outcomes = new Map<string, TrialOutcome>();
  const keyOf = ({ trial, fold }: { trial: number; fold: number }) => `${trial} ${fold}`;
  const log = file === undefined ? undefined : await ResultFile.open(file, fingerprintOf(data, trials, scoring));
  for (const outcome of log?.outcomes ?? []) outcomes.set(keyOf(outcome), outcome);
  const left = trials.filter((trial) => !outcomes.has(keyOf(trial)));
  const before = outcomes.size;
  const started = performance.now();

  const asked = options.workers ?? 'auto';
  const wanted =
    asked === 'auto'
      ? own && left.length > 1
        ? await usefulWorkers()
        : 0
      : checkNumber(asked, 'workers', { min: 0, integer: true });
  if (wanted > 0 && !own)
    fail(
      'ERR_OPTION',
      'workers: a scoring function, a subclass or an option that is a function cannot be sent to a worker thread. Use workers: 0.',
    );
  try {
    await runTrials(data, left, {
      workers: wanted,
      signal,
      make: ({ trial }) => {
        const options = kind === 'Perceptron' ? candidates[trial]! : { ...candidates[trial], onWarning: false as const };
        return freshOf(estimator, options);
      },
      score: custom === undefined ? scoreBy : (_, fitted, testX, testY) => custom(fitted, testX as never, testY as never),
      done: async (outcome) => {
        outcomes.set(keyOf(outcome), outcome);
        await log?.append(outcome, candidates[outcome.trial]!);
        const seconds = (performance.now() - started) / 1000;
        const fresh = outcomes.size - before;
        onProgress?.({
          done: outcomes.size,
          total: trials.length,
          last: outcome,
          bestScore: bestSoFar(outcomes, candidates.length, folds.length, isError(scoring)),
          seconds,
          secondsLeft: (seconds / fresh) * (trials.length - outcomes.size),
        });
      },
    });
  } finally {
    await log?.close();
  }
  return { outcomes: trials.map((trial) => outcomes.get(keyOf(trial))!), folds };
}

function kindOf(estimator: unknown): EstimatorKind | undefined {
  if (typeof estimator !== 'object' || estimator === null || typeof (estimator as Estimator).clone !== 'function')
    fail('ERR_TYPE', `estimator: expected an MLPClassifier, an MLPRegressor or a Perceptron, got ${show(estimator)}.`);
  if (estimator.constructor === MLPClassifier) return 'MLPClassifier';
  if (estimator.constructor === MLPRegressor) return 'MLPRegressor';
  if (estimator.constructor === Perceptron) return 'Perceptron';
  return undefined;
}

/** X and y, checked and copied once. */
function readData(given: Features, y: unknown, estimator: Estimator): TrialData {
  const X = asFeatures(given);
  const classes = !(estimator instanceof MLPRegressor);
  const rows = X instanceof Table ? X.rows : new RowReader(X, { name: 'X' }).shape[0];
  let targets: TrialData['y'];
  if (typeof y === 'string') {
    if (!(X instanceof Table))
      fail('ERR_TYPE', `y: ${show(y)} would be a column of a table, but X is a matrix. Pass one target per row.`);
    X.column(y);
    targets = y;
  } else if (!classes || isWide(y))
    targets = flat(y) ? Array.from(float64Targets(y, { name: 'y' }).data) : float64Targets(y as MatrixLike, { name: 'y' });
  else targets = readLabels(y as Label[]);
  const count = typeof targets === 'string' ? rows : 'data' in targets ? targets.shape[0] : targets.length;
  if (count !== rows) fail('ERR_SHAPE', `X has ${rows} rows, but y has ${count}.`);
  if (X instanceof Table) return { X: { columns: X.columns, rows: X.rows }, y: targets, featureNames: undefined };
  const read = X instanceof Matrix ? matrix(X, { name: 'X' }) : float64Rows(X, { name: 'X' });
  return { X: { data: read.data, shape: read.shape }, y: targets, featureNames: undefined };
}

/** Whether y has rows of several columns. */
function isWide(y: unknown): boolean {
  if (Array.isArray(y)) return Array.isArray(y[0]) && y[0].length > 1;
  return ((y as { shape?: readonly number[] })?.shape?.[1] ?? 1) > 1;
}

function flat(y: unknown): y is ArrayLike<number> {
  return Array.isArray(y) ? typeof y[0] === 'number' : ArrayBuffer.isView(y);
}

function readFolds(given: unknown, { X, y }: TrialData, estimator: Estimator, seed: number): readonly Fold[] {
  const rows = 'columns' in X ? X.rows : X.shape[0];
  if (!Array.isArray(given)) {
    const folds = checkNumber(given, 'folds', { min: 2, integer: true });
    if (estimator instanceof MLPRegressor || (typeof y !== 'string' && 'data' in y)) return [...kFold(rows, { folds, seed })];
    const labels = typeof y === 'string' ? new Table((X as { columns: Table['columns'] }).columns, { rows }).labels(y) : y;
    return [...stratifiedKFold(labels, { folds, seed })];
  }
  if (given.length === 0) fail('ERR_OPTION', 'folds: the list is empty.');
  return given.map((fold: { train?: ArrayLike<number>; test?: ArrayLike<number> }, f) => {
    const read = (part: 'train' | 'test') => {
      const list = fold?.[part];
      if (typeof list?.length !== 'number' || list.length === 0)
        fail('ERR_OPTION', `folds[${f}].${part}: expected row numbers, got ${show(list)}.`);
      return Uint32Array.from(list, (i) => checkNumber(i, `folds[${f}].${part}`, { min: 0, max: rows - 1, integer: true }));
    };
    return { train: read('train'), test: read('test') };
  });
}

function isError(scoring: ScoringLike | undefined): boolean {
  return typeof scoring === 'string' && 'error' in scorings[scoring];
}

function bestSoFar(outcomes: ReadonlyMap<string, TrialOutcome>, candidates: number, folds: number, error: boolean): number {
  let best = Number.NaN;
  for (let trial = 0; trial < candidates; trial++) {
    let sum = 0;
    for (let fold = 0; fold < folds; fold++) sum += outcomes.get(`${trial} ${fold}`)?.score ?? Number.NaN;
    const mean = sum / folds;
    if (!Number.isNaN(mean) && !(error ? mean >= best : mean <= best)) best = mean;
  }
  return best;
}

function spread(scores: readonly number[]): { mean: number; deviation: number } {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return { mean, deviation: Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length) };
}

/** Whether a value is JSON and nothing else. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'function') return false;
  if (value instanceof Map) return true; // structured clone takes it
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isPlain);
  return true;
}

function plain(options: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => typeof value !== 'function'));
}

// ---- the result file ------------------------------------------------------------------------------------------------

/** What makes two searches the same: data, candidates, folds, score. */
function fingerprintOf(data: TrialData, trials: readonly Trial[], scoring: ScoringLike | undefined): string {
  const { X, y } = data;
  let crc = crc32(
    new TextEncoder().encode(
      JSON.stringify(
        [
          typeof scoring === 'function' ? scoring.toString() : scoring,
          trials.map(({ options, estimator }) => [estimator, options]),
        ],
        (_, value: unknown) => (value instanceof Map ? [...value] : value),
      ),
    ),
  );
  for (const { train, test } of trials.slice(0, trials.filter(({ trial }) => trial === 0).length))
    crc = crc32(bytesOf(test), crc32(bytesOf(train), crc));
  if ('columns' in X)
    for (const column of X.columns) crc = crc32(bytesOf(column.type === 'categorical' ? column.codes : column.values), crc);
  else crc = crc32(bytesOf(X.data), crc);
  crc = crc32(typeof y === 'object' && 'data' in y ? bytesOf(y.data) : new TextEncoder().encode(JSON.stringify(y)), crc);
  return crc.toString(16).padStart(8, '0');
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** JSON lines: first what search this is, then one outcome per line. A last line that was cut off is dropped. */
class ResultFile {
  private constructor(
    readonly outcomes: readonly TrialOutcome[],
    private readonly handle: { appendFile(text: string): Promise<void>; close(): Promise<void> },
    private readonly unlock: () => Promise<void>,
  ) {}

  /** @throws ERR_FILE for a file that cannot be read or written, belongs to another search, or is being written by one. */
  static async open(path: string, fingerprint: string): Promise<ResultFile> {
    if (typeof path !== 'string' || path === '') fail('ERR_OPTION', `results: expected the path of a file, got ${show(path)}.`);
    if (typeof process !== 'object' || process.versions?.node === undefined) fail('ERR_UNSUPPORTED', 'results: files need Node.');
    const unlock = await lockFile(path);
    try {
      return await ResultFile.read(path, fingerprint, unlock);
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  private static async read(path: string, fingerprint: string, unlock: () => Promise<void>): Promise<ResultFile> {
    const { open, readFile } = await import('node:fs/promises');
    const refuse = (error: unknown): never => fail('ERR_FILE', `Cannot use ${path}: ${(error as Error).message}.`);
    const text = await readFile(path, 'utf8').catch((error: { code?: string }) => (error.code === 'ENOENT' ? '' : refuse(error)));
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const lines = whole.split('\n').filter((line) => line !== '');
    const outcomes = lines.slice(1).map((line, i) => readOutcome(line, `${path} line ${i + 2}`));
    if (lines.length > 0 && parse(lines[0]!)?.['search'] !== fingerprint)
      fail(
        'ERR_FILE',
        `${path} belongs to another search: data, options, folds or score differ. Remove it, or name another file.`,
      );
    const handle = await open(path, 'a').catch(refuse);
    if (whole.length < text.length) await handle.truncate(new TextEncoder().encode(whole).length);
    if (lines.length === 0) await handle.appendFile(`${JSON.stringify({ search: fingerprint, version: 1 })}\n`);
    return new ResultFile(outcomes, handle, unlock);
  }

  async append(outcome: TrialOutcome, options: object): Promise<void> {
    await this.handle.appendFile(`${JSON.stringify({ ...outcome, options })}\n`);
  }

  async close(): Promise<void> {
    await this.handle.close();
    await this.unlock();
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function readOutcome(line: string, where: string): TrialOutcome {
  const { trial, fold, score, epochs, fitSeconds, error } = parse(line) ?? {};
  if (!Number.isInteger(trial) || !Number.isInteger(fold) || (typeof score !== 'number' && score !== null))
    fail('ERR_FILE', `${where} is no outcome of a search.`);
  return { trial, fold, score, epochs, fitSeconds, ...(error === undefined ? {} : { error }) } as TrialOutcome;
}
