// Rosenblatt's perceptron, as the course has it: one neuron with a sign, changed only by its mistakes. Counts them, knows the
// bound on their number, and says when no hyperplane will ever do. In float64, in plain code: there is nothing to speed up.

import { asBytes } from '../formats/safetensors.js';
import { textDecoder, utf8 } from '../platform.js';
import { LabelEncoder } from '../data/encoders.js';
import { listLabels, readLabels, type Label, type Labels } from '../data/labels.js';
import { float64Rows, type Float64Rows, type MatrixLike } from '../data/matrix.js';
import { accuracy } from '../data/metrics/index.js';
import { keyOf, Random, type Key } from '../data/random.js';
import { checkWidth, notFitted, SavedState } from '../data/columns.js';
import { fail, show } from '../errors.js';
import { checkNumber, flag, given, number, readOptions, whole, type Schema } from '../options.js';
import { parseJson } from '../formats/json.js';
import { inFile } from '../formats/fileChecks.js';
import { mistakeBound } from './mistakeBound.js';
import { findSeparator, type Separability } from './separability.js';

/** Options of Perceptron. */
export interface PerceptronOptions {
  /** Times each change of the weights, > 0 (default 1). From weights of 0 it scales them and changes nothing else. */
  learningRate?: number;
  /** Passes over the rows after which training gives up, at least 1 (default 1000). */
  epochs?: number;
  /** A new order of rows in each epoch; else they come as given (default false). */
  shuffle?: boolean;
  /** Of the shuffles (default 0). */
  seed?: number;
  /** Whether the neuron has a bias (default true). */
  bias?: boolean;
  /**
   * Which rows are mistakes. Default false: those with y (weights . x + bias) <= 0, a row on the line among them. true: those with < 0 alone. Then
   * weights of 0 are never left, since no row is on the wrong side of them: give fit a `start`.
   */
  strict?: boolean;
}

/** A hyperplane weights . x + bias = 0. */
export interface Hyperplane {
  /** One number per column of X. */
  readonly weights: ArrayLike<number>;
  /** What is added to weights . x (default 0). */
  readonly bias?: number;
}

/** Options of Perceptron.fit. */
export interface PerceptronFitOptions {
  /** A separator known beforehand: the bound is worked out from it. */
  separator?: Hyperplane;
  /** Weights, one per column of X, and bias that training starts from (default 0 all). */
  start?: Hyperplane;
}

const perceptronRows = {
  learningRate: number({ min: 0, minExclusive: true, default: 1 }),
  epochs: whole({ min: 1, default: 1000 }),
  shuffle: flag(false),
  seed: (value, name) => {
    if (value !== undefined) keyOf(value, name);
    return (value ?? 0) as number;
  },
  bias: flag(true),
  strict: flag(false),
} satisfies Schema<PerceptronOptions>;

const fitRows = { separator: given<Hyperplane>(), start: given<Hyperplane>() } satisfies Schema<PerceptronFitOptions>;
const partialFitRows = { classes: given<Labels>() };
const hyperplaneRows = { weights: given<ArrayLike<number>>(), bias: number({ default: 0 }) };

/** Epochs without success after which it is worth asking whether there can be any. */
const patience = 20;

interface Fitted {
  readonly classes: LabelEncoder;
  /** The bias, if there is one, is the last. */
  readonly weights: Float64Array;
  readonly columns: number;
  readonly mistakes: number;
  readonly mistakesByEpoch: readonly number[];
  readonly converged: boolean;
  readonly separability: Separability | undefined;
  readonly bound: number | undefined;
  /** Rows on the line itself when a strict perceptron stopped: no mistakes by its rule, and not told apart. */
  readonly onLine: number;
}

/**
 * A perceptron for two classes. It answers with the class of the sign of weights . x + bias (the second class in sorted order is +, and
 * where the sum is 0 it answers +). Training walks over the rows and, where y (weights . x + bias) <= 0 with y = +1 or -1, adds
 * learningRate y x to the weights and learningRate y to the bias; it ends after the first epoch without a mistake. With `strict: true` rows with
 * y (weights . x + bias) = 0 are no mistakes: from weights of 0 it ends at once, having learnt nothing, as the verdict then says.
 *
 * Rows that can be separated are learnt after at most R^2 |w*|^2 / delta^2 mistakes (`bound`; with a `start` w0 the k that solves
 * (w0 . w* + k eta delta)^2 = |w*|^2 (|w0|^2 + k (eta R)^2), eta the learning rate), R being the longest row, w* any separator and
 * delta its least y (w* . x), the bias counted as one more column of ones. Rows that cannot be separated give mistakes without end; after 20 epochs it is
 * decided which they are (separability.ts), and training stops with `separable` false.
 *
 * Source: Rosenblatt 1958; the bound: Novikoff 1962.
 *
 * @example
 * const and = new Perceptron().fitSync([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]);
 * and.predict([[1, 1]]);  // [1]
 * and.verdict;            // 'Separable: learnt after …'
 */
export class Perceptron {
  /** The options, with defaults filled in. */
  readonly options: Readonly<Required<PerceptronOptions>>;
  private readonly key: Key;
  private state: Fitted | undefined;

  /** Rosenblatt's perceptron for two classes: learns a separating hyperplane, one mistake at a time. @throws ERR_OPTION for an option there is not, or a value out of range. */
  constructor(options: PerceptronOptions = {}) {
    this.options = readOptions(perceptronRows, options, 'Perceptron');
    this.key = keyOf(this.options.seed);
  }

  private get fitted(): Fitted {
    return this.state ?? notFitted('Perceptron');
  }
  /** The two classes; the second is the positive one. @throws ERR_STATE before fit, as everything below. */
  get classes(): readonly Label[] {
    return this.fitted.classes.classes;
  }
  /** One per column of X. */
  get weights(): Float64Array {
    return this.fitted.weights.slice(0, this.fitted.columns);
  }
  /** 0 without one. */
  get bias(): number {
    const { weights, columns } = this.fitted;
    return weights[columns] ?? 0;
  }
  /** Mistakes in training, all epochs together. */
  get mistakes(): number {
    return this.fitted.mistakes;
  }
  /** Mistakes in each epoch; 0 in the last when training succeeded. */
  get mistakesByEpoch(): readonly number[] {
    return this.fitted.mistakesByEpoch;
  }
  /** Epochs trained. */
  get epochs(): number {
    return this.fitted.mistakesByEpoch.length;
  }
  /** Whether the last epoch was without a mistake. */
  get converged(): boolean {
    return this.fitted.converged;
  }
  /** Whether a hyperplane can separate the rows: false has a proof (`separability`), undefined is not known. */
  get separable(): boolean | undefined {
    return this.fitted.converged && !this.options.strict ? true : this.fitted.separability?.separable;
  }
  /** The answer of the test for separability, if it was needed: a separator, or the proof that there is none. */
  get separability(): Separability | undefined {
    return this.fitted.separability;
  }
  /** No more mistakes than this: R^2 |w*|^2 / delta^2, or more or fewer with a start; undefined while no separator w* is known. */
  get bound(): number | undefined {
    return this.fitted.bound;
  }
  /** How training ended, in words. */
  get verdict(): string {
    const { mistakes, converged, bound, separability, onLine } = this.fitted;
    const limit = bound === undefined ? '' : `; the bound is ${Math.floor(bound)}`;
    const sofar = `${mistakes} mistakes in ${this.epochs} epochs`;
    if (converged && onLine > 0)
      return `Stopped after ${sofar}: no row is on the wrong side, but ${onLine} lie on the line itself, where a strict perceptron sees no mistake${this.fitted.weights.every((w) => w === 0) ? ' (all weights are 0: start from others, or leave strict out)' : ''}.`;
    if (converged) return `Separable: learnt after ${sofar}${limit}.`;
    if (separability === undefined) return `Not learnt after ${sofar}. Whether a hyperplane can separate the rows is not known.`;
    if (separability.separable)
      return `Separable, but not learnt after ${sofar}${limit}. Allow more epochs, or scale the columns.`;
    return `Not separable: no hyperplane tells the classes apart, so it would make mistakes without end (stopped after ${sofar}).`;
  }

  /**
   * Learns X [rows][columns] and y, one label per row, from scratch. Resolves at once: it never pauses.
   * @throws ERR_LABEL unless there are two classes; ERR_OPTION for a `separator` that separates nothing; ERR_SHAPE, ERR_TYPE, ERR_EMPTY,
   * ERR_NONFINITE. After an error it is as before.
   */
  async fit(X: MatrixLike, y: Labels, options: PerceptronFitOptions = {}): Promise<this> {
    return this.fitSync(X, y, options);
  }

  /**
   * Learns X [rows][columns] and y, one label per row, from scratch, and returns the perceptron.
   * @throws ERR_LABEL unless there are two classes; ERR_OPTION for a `separator` that separates nothing; ERR_SHAPE, ERR_TYPE, ERR_EMPTY,
   * ERR_NONFINITE. After an error it is as before.
   */
  fitSync(X: MatrixLike, y: Labels, options: PerceptronFitOptions = {}): this {
    readOptions(fitRows, options, 'fit');
    const rows = float64Rows(X, { name: 'X' });
    const classes = new LabelEncoder().fit(y);
    const points = this.points(rows, y, classes);
    const columns = points.length / rows.shape[0];
    const separator = this.readHyperplane(options.separator, rows.shape[1], 'separator');
    const start = this.readHyperplane(options.start, rows.shape[1], 'start') ?? new Float64Array(columns);
    const bound = (w: Float64Array | undefined, name?: string) =>
      mistakeBound(points, w, columns, { weights: start, learningRate: this.options.learningRate }, name);
    const known = bound(separator, 'separator');
    const weights = start.slice();
    const mistakesByEpoch: number[] = [];
    let separability: Separability | undefined;
    let converged = false;
    for (let epoch = 0; epoch < this.options.epochs && !converged; epoch++) {
      mistakesByEpoch.push(this.pass(points, weights, rows.shape[0], epoch));
      converged = mistakesByEpoch[epoch] === 0;
      if (converged || (epoch + 1 !== patience && epoch + 1 !== this.options.epochs)) continue;
      separability ??= findSeparator(points, rows.shape[0], columns);
      if (separability?.separable === false) break;
    }
    const onLine = this.options.strict && converged ? countOnLine(points, weights) : 0;
    if (this.options.strict && converged)
      separability = onLine === 0 ? { separable: true, weights: weights.slice() } : findSeparator(points, rows.shape[0], columns);
    this.state = {
      classes,
      weights,
      columns: rows.shape[1],
      mistakesByEpoch,
      converged,
      separability,
      mistakes: mistakesByEpoch.reduce((a, b) => a + b, 0),
      bound: known ?? bound(converged && onLine === 0 ? weights : separability?.separable ? separability.weights : undefined),
      onLine,
    };
    return this;
  }

  /**
   * One pass over more rows, going on from the weights there are. The first call needs `classes` unless y holds both.
   * @throws ERR_LABEL unless there are two classes, and for a label that is neither; ERR_SHAPE for another width, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE.
   */
  partialFit(X: MatrixLike, y: Labels, options: { classes?: Labels } = {}): this {
    readOptions(partialFitRows, options, 'partialFit');
    const rows = float64Rows(X, { name: 'X' });
    const before = this.state;
    if (before !== undefined) checkWidth(rows.shape[1], before.columns, 'Perceptron');
    const classes = before?.classes ?? new LabelEncoder().fit(options.classes ?? y);
    const points = this.points(rows, y, classes);
    const columns = points.length / rows.shape[0];
    const weights = before?.weights.slice() ?? new Float64Array(columns);
    const mistakes = this.pass(points, weights, rows.shape[0], before?.mistakesByEpoch.length ?? 0);
    this.state = {
      classes,
      weights,
      columns: rows.shape[1],
      mistakes: (before?.mistakes ?? 0) + mistakes,
      mistakesByEpoch: [...(before?.mistakesByEpoch ?? []), mistakes],
      converged: mistakes === 0,
      separability: undefined,
      bound: undefined,
      onLine: this.options.strict && mistakes === 0 ? countOnLine(points, weights) : 0,
    };
    return this;
  }

  /** One epoch. Returns its mistakes. */
  private pass(points: Float64Array, weights: Float64Array, rows: number, epoch: number): number {
    const columns = weights.length;
    const order = this.options.shuffle ? new Random(this.key, `epoch ${epoch}`).permutation(rows) : undefined;
    const { learningRate, strict } = this.options;
    let mistakes = 0;
    for (let k = 0; k < rows; k++) {
      const at = (order === undefined ? k : order[k]!) * columns;
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += points[at + j]! * weights[j]!;
      if (strict ? sum >= 0 : sum > 0) continue;
      mistakes++;
      for (let j = 0; j < columns; j++) weights[j]! += learningRate * points[at + j]!;
    }
    return mistakes;
  }

  /** Rows y_i (x_i, 1): the perceptron needs weights . point > 0 for each. */
  private points({ data, shape }: Float64Rows, y: Labels, classes: LabelEncoder): Float64Array {
    const [rows, columns] = shape;
    const labels = readLabels(y);
    if (labels.length !== rows) fail('ERR_SHAPE', `X has ${rows} rows, but y has ${labels.length}.`);
    const known = classes.classes;
    if (known.length !== 2)
      fail(
        'ERR_LABEL',
        `A perceptron tells two classes apart, but there ${known.length === 1 ? 'is one' : `are ${known.length}`}: ${listLabels(known)}.`,
      );
    const ids = classes.transform(labels);
    const width = columns + (this.options.bias ? 1 : 0);
    const points = new Float64Array(rows * width).fill(1);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) points[i * width + j] = data[i * columns + j]!;
      if (ids[i] === 0) for (let j = 0; j < width; j++) points[i * width + j]! *= -1;
    }
    return points;
  }

  private readHyperplane(given: unknown, columns: number, name: string): Float64Array | undefined {
    if (given === undefined) return undefined;
    const { weights, bias } = readOptions(hyperplaneRows, given, name, `${name}.`);
    if (weights?.length !== columns)
      fail('ERR_OPTION', `${name}.weights: expected ${columns} numbers, one per column of X, got ${show(weights)}.`);
    if (!this.options.bias && bias !== 0) fail('ERR_OPTION', `${name}.bias: this perceptron has no bias.`);
    const numbers = Array.from(weights, (weight, j) => checkNumber(weight, `${name}.weights[${j}]`));
    return Float64Array.from(this.options.bias ? [...numbers, bias] : numbers);
  }

  /** weights . x + bias for every row: its sign is the class, its size over |weights| the distance. @throws ERR_STATE before fit; ERR_SHAPE for another width, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE. */
  decisionFunction(X: MatrixLike): Float64Array {
    const { weights, columns } = this.fitted;
    const { data, shape } = float64Rows(X, { name: 'X' });
    checkWidth(shape[1], columns, 'Perceptron');
    return Float64Array.from({ length: shape[0] }, (_, i) => {
      let sum = weights[columns] ?? 0;
      for (let j = 0; j < columns; j++) sum += data[i * columns + j]! * weights[j]!;
      return sum;
    });
  }

  /** The class of every row of X [rows][columns]. @throws ERR_STATE before fit; ERR_SHAPE for another width, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE. */
  predict(X: MatrixLike): Label[] {
    const { classes } = this.fitted.classes;
    return Array.from(this.decisionFunction(X), (sum) => classes[sum >= 0 ? 1 : 0]!);
  }

  /** Share of the rows of X predicted as y says, 0 to 1. @throws ERR_STATE before fit; ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_LABEL. */
  score(X: MatrixLike, y: Labels): number {
    return accuracy(y, this.predict(X));
  }

  /** An unfitted perceptron of the same options, or some others. */
  clone(options: PerceptronOptions = {}): this {
    return new (this.constructor as new (options: PerceptronOptions) => this)({ ...this.options, ...options });
  }

  /** The fitted perceptron as a file: JSON in UTF-8, to the last bit. @throws ERR_STATE before fit. */
  save(): Uint8Array<ArrayBuffer> {
    const { classes, weights, columns, mistakesByEpoch, converged, bound, onLine } = this.fitted;
    const state = {
      type: 'Perceptron',
      version: 1,
      options: this.options,
      classes: classes.toJSON(),
      columns,
      weights: [...weights],
      mistakesByEpoch,
      converged,
      separable: this.separable ?? null,
      bound: bound ?? null,
      onLine,
    };
    return utf8(JSON.stringify(state));
  }

  /** The perceptron that save wrote. @throws ERR_FORMAT for anything else. */
  static load(bytes: Uint8Array): Perceptron {
    const text = textDecoder().decode(asBytes(bytes, 'Perceptron.load'));
    const saved = new SavedState(parseJson(text, 'Perceptron file'), 'Perceptron');
    if (saved.count('version') !== 1)
      fail('ERR_FORMAT', `Perceptron file: version ${saved.count('version')} is newer than this library reads (1).`);
    const options = saved.inner('options', saved.raw('options'));
    const given = {
      learningRate: options.number('learningRate'),
      epochs: options.count('epochs'),
      shuffle: options.boolean('shuffle'),
      seed: options.number('seed'),
      bias: options.boolean('bias'),
      strict: options.raw('strict') === undefined ? false : options.boolean('strict'),
    };
    const perceptron = inFile(() => new Perceptron(given), 'Perceptron file');
    const columns = saved.count('columns');
    const mistakesByEpoch = [...saved.numbers('mistakesByEpoch', undefined, 0)];
    const separable = saved.raw('separable');
    const classes = LabelEncoder.fromJSON(saved.raw('classes'));
    if (classes.classes.length !== 2) saved.refuse('classes', 'two classes', classes.classes);
    perceptron.state = {
      classes,
      columns,
      mistakesByEpoch,
      weights: saved.numbers('weights', columns + (perceptron.options.bias ? 1 : 0)),
      mistakes: mistakesByEpoch.reduce((a, b) => a + b, 0),
      converged: saved.boolean('converged'),
      separability:
        typeof separable !== 'boolean'
          ? undefined
          : separable
            ? { separable, weights: new Float64Array(0) }
            : { separable, proof: { rows: new Uint32Array(0), shares: new Float64Array(0) } },
      bound: saved.raw('bound') === null ? undefined : saved.number('bound'),
      onLine: saved.raw('onLine') === undefined ? 0 : saved.count('onLine'),
    };
    return perceptron;
  }
}

/** Points that lie on the hyperplane of the weights. */
function countOnLine(points: Float64Array, weights: Float64Array): number {
  let count = 0;
  for (let at = 0; at < points.length; at += weights.length)
    if (weights.reduce((sum, w, j) => sum + w * points[at + j]!, 0) === 0) count++;
  return count;
}
