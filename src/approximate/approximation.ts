// A network in place of a costly function: it predicts, guards its domain, and tells what is known about its errors.

import { SavedState } from '../data/columns.js';
import { confidenceRow } from '../data/certainty/conformal.js';
import { intervalsAround, intervalsFromJSON, intervalsToJSON, type Intervals } from '../data/certainty/intervals.js';
import { Domain, type NamedPoint } from '../data/domain.js';
import { float64Rows, type Matrix, type Float64Rows, type MatrixLike } from '../data/matrix.js';
import type { Rows64 } from '../data/rows64.js';
import { fail } from '../errors.js';
import { readModelFile } from '../formats/modelFile.js';
import { MLP } from '../mlp/mlp.js';
import { readOptions, type Schema } from '../options.js';
import { certificateText, type Certificate } from './certificate.js';

/** Points to ask an approximation for: rows in the order of its inputs, or one object per point, a number by each name. */
export type Points = MatrixLike | readonly NamedPoint[];

const intervalRows = { confidence: confidenceRow } satisfies Schema<{ readonly confidence?: number }>;

/**
 * A network in place of a costly function, and what is known about its errors. Made by approximate; saved, it is one file, which feedforward/predict
 * reads too, guard and band included.
 *
 * @example
 * const wave = await approximate(({ x }) => Math.sin(x), { domain: { x: [0, 3] }, tolerance: 0.05, samples: 256 });
 * wave.predict([{ x: 1 }]).shape;  // [1, 1]
 * wave.certificate.met;            // true
 * Approximation.load(wave.save()).names;  // ['x']
 */
export class Approximation {
  /** @internal */
  private constructor(
    /** The network: inputs and outputs in the units of the function. It guards nothing. */
    readonly model: MLP,
    private readonly domain: Domain,
    private readonly intervals: Intervals,
    /** What is known about its errors, what it cost and when it pays. */
    readonly certificate: Certificate,
  ) {}

  /** @internal */
  static of(model: MLP, domain: Domain, intervals: Intervals, certificate: Certificate): Approximation {
    return new Approximation(model, domain, intervals, certificate);
  }

  /** The inputs, in the order of rows. */
  get names(): readonly string[] {
    return this.domain.names;
  }

  /**
   * The function's values [rows][outputs], about, for points in the domain. Points outside of it (by more than a millionth of an axis, which rounding
   * to float32 takes) are refused, or with `outside: 'warn'` answered with a warning on the console, once.
   * @throws ERR_RANGE for a point outside; ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE.
   */
  predict(points: Points): Matrix {
    return this.model.predict(this.read(points));
  }

  /**
   * Intervals [rows][low, high], of several outputs low and high of each in turn, that hold the function's value with probability `confidence`
   * (default 0.9) over points drawn evenly from the domain: split conformal prediction, from points that the network did not learn from.
   * @throws ERR_OPTION for a confidence outside (0, 1), or closer to 1 than 1,024 points can give; and as predict.
   */
  predictInterval(points: Points, options: { readonly confidence?: number } = {}): Rows64 {
    const { confidence } = readOptions(intervalRows, options, 'predictInterval');
    const { data, shape } = this.predict(points);
    return intervalsAround(this.intervals, { data: Float64Array.from(data), shape }, confidence);
  }

  /**
   * Derivatives of output number `output` in every input [rows][inputs], of the network. The certificate is about values: how close derivatives are
   * it does not say.
   * @throws ERR_SHAPE for an output there is not; and as predict.
   */
  gradient(points: Points, output = 0): Matrix {
    return this.model.inputGradient(this.read(points), output);
  }

  /** Everything as the bytes of one model file (.ff): load reads it, and so does loadPredictor of feedforward/predict. */
  save(): Uint8Array<ArrayBuffer> {
    const { domain, certificate } = this;
    const approximation = { ...domain.toJSON(), intervals: intervalsToJSON(this.intervals), certificate };
    const card = { epochs: this.model.epoch, scores: { bound: certificate.bound } };
    return this.model.save({ sections: { approximation, featureNames: this.names, card } });
  }

  /** The approximation that save wrote. @throws ERR_FORMAT for anything else, or a file that was changed; ERR_NONFINITE. */
  static load(bytes: Uint8Array | ArrayBuffer): Approximation {
    const { sections } = readModelFile(bytes);
    if (sections['approximation'] === undefined)
      fail('ERR_FORMAT', 'Approximation.load: this file holds no approximation. Use MLP.load or loadEstimator.');
    const model = MLP.load(bytes);
    const saved = new SavedState(sections['approximation'], 'approximation', true);
    const domain = Domain.fromJSON(saved);
    if (domain.names.length !== model.inputs)
      saved.refuse('names', `${model.inputs} names, as the network has inputs`, domain.names);
    const intervals = intervalsFromJSON(saved.inner('intervals', saved.raw('intervals')), model.outputs);
    const certificate = saved.inner('certificate', saved.raw('certificate'));
    certificate.boolean('met');
    certificate.number('bound');
    return new Approximation(model, domain, intervals, saved.raw('certificate') as Certificate);
  }

  /** The certificate in words. */
  toString(): string {
    return certificateText(this.certificate);
  }

  private read(points: Points): Float64Rows {
    const rows = float64Rows(this.domain.rowsOf(points), { name: 'points' });
    const { names } = this;
    if (rows.shape[1] !== names.length)
      fail(
        'ERR_SHAPE',
        `points has ${rows.shape[1]} columns, but this approximation has ${names.length} inputs (${names.join(', ')}).`,
      );
    this.domain.guard(rows.data, rows.shape[0]);
    return rows;
  }
}
