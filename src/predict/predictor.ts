// The public face: rows or records in, answers out.

import type { Domain } from '../data/domain.js';
import type { Encoding } from '../data/encodedColumns.js';
import type { Label } from '../data/labels.js';
import { Matrix, type Float64Rows, type MatrixLike } from '../data/matrix.js';
import type { Rows64 } from '../data/rows64.js';
import { fail, show } from '../errors.js';
import { classShares } from '../data/certainty/ordinal.js';
import type { SetMethod } from '../data/certainty/predictionSets.js';
import type { Answers, Prediction } from './answering.js';
import { type IntervalPart, type Opened, type PredictorParts, refusePart, type Running } from './parts.js';
import { readRows, type PredictorInput } from './rows.js';
import type { ColumnMap } from './scaling.js';

/** A trained network, or an estimator, that predicts. Made by loadPredictor. */
export class Predictor<Answer extends Prediction = Prediction> {
  /** What the file holds: 'model', 'MLPClassifier', 'MLPRegressor' or 'Approximation'. */
  declare readonly kind: string;
  /** Numbers in a row: of records, after their categories are spread. */
  readonly inputs: number;
  /** Numbers in an answer of predictInto: outputs of the network; of a classifier, probabilities of its classes. */
  readonly outputs: number;
  /** What the columns are called, one name for each input; undefined where a plain model's file has none. */
  declare readonly featureNames: readonly string[] | undefined;
  /** The classes in the order of predictProba; undefined unless the file holds a classifier. */
  readonly classes: readonly Label[] | undefined;
  /** @internal */
  declare readonly network: Running;
  /** @internal */
  declare readonly answers: Answers;
  /** @internal */
  declare readonly scaling: ColumnMap | undefined;
  /** @internal */
  declare readonly encoding: Encoding | undefined;
  declare private readonly domain: Domain | undefined;
  /** @internal */
  declare readonly parts: PredictorParts;
  private given = new Float64Array(0);
  private answered = new Float64Array(0);

  /** @internal */
  constructor(opened: Opened) {
    Object.assign(this, opened);
    const { network, answers } = opened;
    this.inputs = network.inputs;
    this.outputs = network.outputs + (answers.binary || answers.ordinal ? 1 : 0);
    this.classes = answers.classes;
  }

  /**
   * Of a model or an approximation its outputs, a Matrix [rows][outputs]; of a classifier the label of each row (multilabel: rows of 0 and 1); of a regressor
   * the numbers, a Float64Array where it was trained on a list, else rows { data, shape }. X: rows of numbers, or for an estimator that was
   * trained on a table records, one object per row, in which absent keys are missing cells (a key that no record has only where cells of it were
   * missing in training and all other keys are columns of training); of an approximation also objects with a number by each name.
   * @throws ERR_SHAPE for rows of another width or records without a column, ERR_TYPE for cells of another type, ERR_EMPTY, ERR_NONFINITE,
   * ERR_RANGE (also for a point outside of the domain of an approximation that refuses those; one that warns of them does so on the console), ERR_MEMORY.
   */
  predict(X: PredictorInput): Answer {
    const { decide } = this.answers;
    return (decide === undefined ? this.answers.predict(this.raw(X)) : decide(this.predictProba(X))) as Answer;
  }

  /** What the network gives. */
  private raw(X: PredictorInput): Matrix {
    const { data, shape } = this.read(X);
    const { outputs } = this.network;
    const out = new Matrix(new Float32Array(shape[0] * outputs), shape[0], outputs);
    this.fill(data, out.data, shape[0]);
    return out;
  }

  /**
   * Intervals [rows][low, high] of a regressor, of several targets low and high of each in turn, that hold the true number with probability `confidence`
   * (default 0.9): those of MLPRegressor.predictInterval, or of Approximation.predictInterval.
   * @throws ERR_UNSUPPORTED from feedforward/predict/light without its part `intervals`; ERR_STATE unless conformalize was called before the file was saved; ERR_OPTION for a confidence outside (0, 1), or one that there were too few rows
   * for; and as predict.
   */
  predictInterval(X: PredictorInput, options: { readonly confidence?: number } = {}): Rows64 {
    return this.certainty('predictInterval').around(this.answers, () => this.raw(X), options);
  }

  /**
   * Quantiles [rows][levels] of a regressor that learnt them, of several targets those of each in turn: those of MLPRegressor.predictQuantiles.
   * @throws ERR_UNSUPPORTED from feedforward/predict/light without its part `intervals`; ERR_STATE unless the file has some; and as predict.
   */
  predictQuantiles(X: PredictorInput): Rows64 {
    return this.certainty('predictQuantiles').quantiles(this.answers, () => this.raw(X));
  }

  private certainty(what: string): IntervalPart {
    return this.parts.intervals ?? refusePart('intervals', what);
  }

  /**
   * For each row the labels of a set that holds the true class with probability `confidence` (default 0.9), the likeliest first: those of
   * MLPClassifier.predictSet. `method` is 'lac' (default) or 'aps'.
   * @throws ERR_UNSUPPORTED from feedforward/predict/light without its part `intervals`; ERR_STATE unless conformalize was called before the file was saved; ERR_OPTION for a confidence outside (0, 1), or one that there were too few rows
   * for; and as predict.
   */
  predictSet(X: PredictorInput, options: { readonly confidence?: number; readonly method?: SetMethod } = {}): Label[][] {
    return this.certainty('predictSet').sets(this.answers, () => this.predictProba(X), options);
  }

  /** Probabilities [rows][classes] in the order of `classes`. @throws ERR_STATE unless the file holds a classifier, and as predict. */
  predictProba(X: PredictorInput): Matrix {
    if (!this.answers.probabilities)
      fail('ERR_STATE', `predictProba: this file holds no classifier (${this.kind}). Use predict.`);
    const { data, shape } = this.read(X);
    const out = new Float32Array(shape[0] * this.outputs);
    this.fill(data, out, shape[0], this.answers);
    return new Matrix(out, shape[0], this.outputs);
  }

  /**
   * Answers for rows that stand one after the other in `x`, `inputs` numbers each, into `out`, `outputs` numbers each: what predict gives of a
   * model, numbers in the units of the targets of a regressor, probabilities of a classifier. Makes no garbage, for audio, games and loops.
   * Returns `out`.
   * @throws ERR_SHAPE unless x is whole rows and out holds an answer for each; ERR_NONFINITE for NaN or infinite numbers in x.
   */
  predictInto<Out extends Float32Array | Float64Array>(x: Float32Array | Float64Array, out: Out): Out {
    const rows = x.length / this.inputs;
    if (!(rows >= 1 && Number.isInteger(rows)) || out.length !== rows * this.outputs)
      fail(
        'ERR_SHAPE',
        `predictInto: expected rows of ${this.inputs} numbers and ${this.outputs} for each in out, got ${x.length} and ${out.length}.`,
      );
    this.domain?.guard(x, rows);
    this.fill(x, out, rows, this.answers);
    return out;
  }

  /**
   * The derivative of one answer in each input, [rows][inputs]: of output `output` of a model, in the units of X and of the targets of a
   * regressor, of the probability of class number `output` of a classifier, as it is calibrated. Columns are those of featureNames.
   * @throws ERR_SHAPE for an output there is not, ERR_OPTION for a network with sign or step in it, ERR_UNSUPPORTED for a classifier that is
   * calibrated by isotonic regression, whose steps have no slope, and from feedforward/predict/light without its part `gradients`; and as predict.
   */
  inputGradient(X: PredictorInput, output = 0): Matrix {
    if (!(Number.isInteger(output) && output >= 0 && output < this.outputs))
      fail('ERR_SHAPE', `output: expected 0 to ${this.outputs - 1}, got ${show(output)}.`);
    const part = this.parts.gradients ?? refusePart('gradients', 'inputGradient');
    const rows = this.read(X);
    const gradient = part.of(this, rows, output, (first, count) => this.load(rows.data, first, count));
    return new Matrix(gradient, rows.shape[0], this.inputs);
  }

  private read(X: PredictorInput): Float64Rows {
    const { domain } = this;
    const rows = readRows(domain === undefined ? X : domain.rowsOf(X as MatrixLike), this);
    domain?.guard(rows.data, rows.shape[0]);
    return rows;
  }

  /** Rows of x to `out`: outputs of the network, or with `answers` what predictInto gives. Makes no garbage. */
  private fill(x: Float32Array | Float64Array, out: Float32Array | Float64Array, rows: number, answers?: Answers): void {
    const { network } = this;
    const window = network.window(rows);
    for (let first = 0; first < rows; first += window) {
      const count = Math.min(window, rows - first);
      this.load(x, first, count);
      network.forward(count);
      if (answers?.binary) this.copyBoth(out, first, count);
      else if (answers?.ordinal) this.copyOrdered(out, first, count);
      else if (answers?.inUnits === undefined) this.copyOut(out, first, count);
      else this.copyInUnits(out, first, count, answers.inUnits);
      answers?.calibrate?.(out, first * this.outputs, (first + count) * this.outputs);
    }
  }

  /** Rows [first, first + count) as the first layer sees them: scaled in float64, less the center, rounded once. */
  private load(x: Float32Array | Float64Array, first: number, count: number): void {
    const { network, scaling, inputs } = this;
    network.reserve(count);
    if (scaling === undefined && network.take?.(x, count)) return;
    const { center, x: home, xStride } = network;
    const from = first * inputs;
    const scaled = scaling === undefined ? undefined : this.scaled(scaling, x, from, count * inputs);
    for (let i = 0, k = 0; i < count; i++)
      for (let j = 0, at = i * xStride; j < inputs; j++, k++, at++) {
        const given = x[from + k]!;
        let value = scaled === undefined ? given : scaled[k]!;
        if (center !== undefined) value = (scaled === undefined ? value : Math.fround(value)) - center[j]!;
        home[at] = value;
        const stored = home[at]!;
        if (stored - stored !== 0 || given - given !== 0) refuseCell(given, value, first + i, j);
      }
  }

  /** Numbers [from, from + size) of x through the scaler, in a list that the next call overwrites. */
  private scaled(scaling: ColumnMap, x: Float32Array | Float64Array, from: number, size: number): Float64Array {
    if (this.given.length !== size) this.given = new Float64Array(size);
    const { given } = this;
    for (let k = 0; k < size; k++) given[k] = x[from + k]!;
    scaling.apply(given);
    return given;
  }

  private copyOut(out: Float32Array | Float64Array, first: number, count: number): void {
    if (this.network.give?.(out, count)) return;
    const { outputs, y, yStride } = this.network;
    for (let i = 0; i < count; i++) for (let j = 0; j < outputs; j++) out[(first + i) * outputs + j] = y[i * yStride + j]!;
  }

  /** Room for answers before they are changed, which the next call overwrites. */
  private room(size: number): Float64Array {
    if (this.answered.length !== size) this.answered = new Float64Array(size);
    return this.answered;
  }

  private copyOrdered(out: Float32Array | Float64Array, first: number, count: number): void {
    const columns = this.network.outputs;
    this.copyOut(this.room(count * columns), 0, count);
    classShares(this.answered, out, { from: first, to: first + count, columns });
  }

  /** Outputs in the units of the targets, by way of float64. */
  private copyInUnits(
    out: Float32Array | Float64Array,
    first: number,
    count: number,
    inUnits: (data: Float64Array) => void,
  ): void {
    const { outputs } = this.network;
    const size = count * outputs;
    const answered = this.room(size);
    this.copyOut(answered, 0, count);
    inUnits(answered);
    for (let k = 0; k < size; k++) out[first * outputs + k] = answered[k]!;
  }

  /** Probabilities of both classes, that of the first from the logit too, so that neither is rounded to 0 early. */
  private copyBoth(out: Float32Array | Float64Array, first: number, count: number): void {
    const { network } = this;
    let above = false;
    for (let i = 0; i < count; i++) {
      const p = network.y[i * network.yStride]!;
      if (p > 0.5) above = true;
      out[2 * (first + i)] = Math.fround(1 - p);
      out[2 * (first + i) + 1] = p;
    }
    if (!above) return;
    network.forwardNegated(count);
    for (let i = 0; i < count; i++) if (out[2 * (first + i) + 1]! > 0.5) out[2 * (first + i)] = network.y[i * network.yStride]!;
  }
}

/** What X holds in a cell, or the number that it becomes, is not finite. */
function refuseCell(given: number, value: number, row: number, column: number): never {
  const finite = given - given === 0;
  return fail(
    finite ? 'ERR_RANGE' : 'ERR_NONFINITE',
    `X: row ${row}, column ${column} ${finite ? `comes to ${value}, beyond the largest float32 (3.4e38)` : `is ${given}. Drop the row, or fill missing values first`}.`,
    { row, column, value: finite ? value : given },
  );
}
