// MLPRegressor: numbers in, numbers out. Targets are brought to mean 0 and deviation 1 for training and back for predictions, in
// float64, so that prices in millions train like anything else.

import type { SavedState } from '../data/columns.js';
import type { ColumnGradients } from '../data/columnGradients.js';
import { confidenceRow } from '../data/certainty/conformal.js';
import type { Finding } from '../data/findings.js';
import { float64Targets, Matrix, type Float64Rows, type MatrixLike } from '../data/matrix.js';
import { r2 } from '../data/metrics/index.js';
import { Rows64 } from '../data/rows64.js';
import { StandardScaler } from '../data/scalers/index.js';
import type { Table } from '../data/table.js';
import { fail, show } from '../errors.js';
import type { SavedModel } from '../formats/modelFile.js';
import { readOptions, type Schema } from '../options.js';
import { dense } from '../plan/layers.js';
import type { Features } from './features.js';
import { fromFile, readEstimator } from './estimatorFile.js';
import { extremeFindings, isRobustLoss } from './extremeTargets.js';
import type { EstimatorFitOptions } from './fitOptions.js';
import { inColumns } from './gradients.js';
import {
  fitIntervals,
  intervalsAround,
  intervalsFromJSON,
  intervalsToJSON,
  type Intervals,
} from '../data/certainty/intervals.js';
import { eachOf, inUnits, pointOf, pointsOf, spreadFromJSON, type Spread } from '../data/certainty/spread.js';
import { orderedOutputs } from '../plan/ordered.js';
import { MLPEstimator } from './mlpEstimator.js';
import type { Network, Targets } from './targets.js';
import { loadRows } from './options.js';
import { checkRegressorOptions, regressorRows, type MLPRegressorOptions } from './regressorOptions.js';

export type { MLPRegressorOptions } from './regressorOptions.js';

/** Options of MLPRegressor's predictInterval. */
export interface IntervalOptions {
  /** Probability that an interval holds the true number, in (0, 1) (default 0.9). */
  readonly confidence?: number;
}

/** A number per row, or rows of several; of a table, a column's name. */
export type NumberTargets = ArrayLike<number> | MatrixLike | string;

interface NumberHead {
  readonly columns: number;
  /** Whether y was a list of numbers: predictions are one too. */
  readonly flat: boolean;
  readonly scaler: StandardScaler | undefined;
  readonly intervals?: Intervals;
  readonly spread: Spread;
}

const intervalRows = { confidence: confidenceRow } satisfies Schema<IntervalOptions>;

/**
 * A regressor on a multilayer perceptron. Works on raw columns and targets (both are scaled), averages four small nets that watch different rows (see `preset`), and
 * carries all it needs to predict.
 *
 * `predict` gives a number per row where y was a list, else rows { data, shape }, in float64 and in the units of y.
 *
 * @example
 * const sizes = Array.from({ length: 50 }, (_, i) => [50 + 2 * i]);
 * const prices = sizes.map(([size]) => 3000 * size + 20000);
 * const model = await new MLPRegressor({ seed: 1 }).fit(sizes, prices);
 * model.predict([[100]]);              // Float64Array with one price, near 320,000
 * model.score(sizes, prices) > 0.99;   // true: R^2
 */
export class MLPRegressor extends MLPEstimator<NumberHead, MLPRegressorOptions> {
  protected readonly moreFitRows = {};

  /**
   * A neural network that learns numbers from rows of numbers or a table; scaling and early stopping are taken care of.
   * @throws ERR_OPTION for an option there is not, or a value out of range.
   */
  constructor(options: MLPRegressorOptions = {}) {
    super(options, 'MLPRegressor', regressorRows);
    checkRegressorOptions(options);
  }

  /** Columns of y. @throws ERR_STATE before fit. */
  get targets(): number {
    return this.head.columns;
  }
  /** What the targets were scaled with. */
  get targetScaler(): StandardScaler | undefined {
    return this.head.scaler;
  }

  /**
   * Learns X [rows][columns], or a table, from scratch; other tasks run in between. X and y are copied at the call.
   * Rejects with ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_OPTION before anything changes; ERR_BUSY during another fit;
   * ERR_DIVERGED, the estimator then being as before; AbortError by `signal`.
   */
  async fit(X: Features, y: NumberTargets, options: EstimatorFitOptions = {}): Promise<this> {
    return this.train(X, y, options);
  }

  /**
   * Learns X [rows][columns], or a table, from scratch, and returns when it is done: nothing else runs meanwhile.
   * @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_OPTION before anything changes; ERR_BUSY during another fit; ERR_DIVERGED, the
   * estimator then being as before.
   */
  fitSync(X: Features, y: NumberTargets, options: EstimatorFitOptions = {}): this {
    return this.trainSync(X, y, options);
  }

  /** One pass over more rows, going on from the weights there are; the first call settles the scaling. @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_OPTION; ERR_BUSY during a fit; ERR_DIVERGED. */
  partialFit(X: Features, y: NumberTargets, options: { readonly sampleWeight?: ArrayLike<number> } = {}): this {
    return this.trainMore(X, y, options);
  }

  /** A number per row, or rows of them, in the units of y. @throws ERR_STATE, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE. */
  predict(X: Features): Float64Array;
  predict(X: Features): Float64Array | Float64Rows;
  predict(X: Features): Float64Array | Float64Rows {
    const rows = pointsOf(outputsInUnits(this.head, this.outputs(X, true)), this.head.spread);
    return this.head.flat ? rows.data : rows;
  }

  /** The levels of the quantiles that the network gives; undefined where it gives numbers. @throws ERR_STATE before fit. */
  get quantiles(): readonly number[] | undefined {
    const { spread } = this.head;
    return spread !== undefined && 'levels' in spread ? spread.levels : undefined;
  }

  /**
   * The quantiles [rows, levels] of a regressor with the option `quantiles`, in the units of y and in the order of the levels; of several targets those
   * of each in turn, [rows, targets x levels]. They never cross.
   * @throws ERR_STATE before fit; ERR_UNSUPPORTED without the option; ERR_SHAPE, ERR_TYPE, ERR_NONFINITE.
   *
   * @example
   * const reg = new MLPRegressor({ quantiles: [0.05, 0.5, 0.95], epochs: 20 }).fitSync(X, y);
   * const [low, median, high] = reg.predictQuantiles(X).row(0);
   * low <= median && median <= high; // true
   */
  predictQuantiles(X: Features): Rows64 {
    if (this.quantiles === undefined)
      fail(
        'ERR_UNSUPPORTED',
        'predictQuantiles: this regressor learnt no quantiles. Make it with the option quantiles: [0.05, 0.5, 0.95].',
      );
    const { data, shape } = outputsInUnits(this.head, this.outputs(X, true));
    return new Rows64(data as Float64Array, shape[0]!, shape[1]!);
  }

  /**
   * How far the truth scatters around each prediction, as a standard deviation in the units of y, of a regressor with `loss: 'gaussianNll'`: a number
   * for each row where y was a list, else rows { data, shape }.
   * @throws ERR_STATE before fit; ERR_UNSUPPORTED for another loss; ERR_SHAPE, ERR_TYPE, ERR_NONFINITE.
   *
   * @example
   * const reg = new MLPRegressor({ loss: 'gaussianNll', epochs: 20 }).fitSync(X, y);
   * reg.predictStd(X).length; // 40
   */
  predictStd(X: Features): Float64Array;
  predictStd(X: Features): Float64Array | Float64Rows;
  predictStd(X: Features): Float64Array | Float64Rows {
    const { spread, flat } = this.head;
    if (spread === undefined || !('gaussian' in spread))
      fail('ERR_UNSUPPORTED', "predictStd: this regressor learnt no deviations. Make it with loss: 'gaussianNll'.");
    const { data, shape } = outputsInUnits(this.head, this.outputs(X, true));
    const deviations = Float64Array.from({ length: data.length / 2 }, (_, k) => data[2 * k + 1]!);
    return flat ? deviations : { data: deviations, shape: [shape[0]!, shape[1]! / 2] };
  }

  /** R^2: 1 is perfect, 0 no better than the mean; of several targets the mean of theirs. @throws ERR_STATE before fit, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE. */
  score(X: Features, y: NumberTargets, options: { readonly sampleWeight?: ArrayLike<number> } = {}): number {
    return this.scoreOf(X, y, options);
  }

  /**
   * How the answer changes with each column at every row of X: d prediction / d input [rows, inputs], in units of y per unit of the column. Inputs are
   * those of `featureNames`, and `column('size')` gives one of them; of a category they are the 0 and 1 of its values. `output`: which of several
   * targets, from 0 (default 0).
   * @throws ERR_STATE before fit; ERR_SHAPE for an output there is not; ERR_OPTION for a network with sign or step in it; ERR_TYPE, ERR_NONFINITE.
   *
   * @example
   * const sizes = Array.from({ length: 40 }, (_, i) => ({ size: 50 + 10 * (i % 8), place: i < 20 ? 'town' : 'land' }));
   * const reg = new MLPRegressor({ epochs: 100 }).fitSync(sizes, sizes.map(({ size }) => 3000 * size));
   * reg.inputGradient(sizes).column('size');  // near 3000 in each of the 40 rows
   */
  inputGradient(X: Features, output = 0): ColumnGradients {
    const { columns, scaler } = this.fitted;
    const given = this.givenRows(X, true);
    if (!(Number.isInteger(output) && output >= 0 && output < this.head.columns))
      fail('ERR_SHAPE', `output: expected 0 to ${this.head.columns - 1}, got ${show(output)}.`);
    const { spread } = this.head;
    const unit = this.head.scaler?.scale[output] ?? 1;
    let slopes: Float64Array | undefined;
    for (const [k, share] of pointOf(spread)) {
      const { data } = this.model.inputGradient(given.scaled, output * eachOf(spread) + k);
      slopes =
        slopes === undefined
          ? Float64Array.from(data, (slope) => slope * share * unit)
          : slopes.map((sum, i) => sum + data[i]! * share * unit);
    }
    return inColumns(slopes!, given, scaler, columns.featureNames);
  }

  /**
   * Measures errors on rows that were kept from training, so that predictInterval knows how far the truth may lie from an answer (split
   * conformal prediction). The rows must be drawn as later ones will be, and must have taken no part in the fit: not as X, and not as
   * validationData either, by which the best epoch was chosen. It needs 9 rows for a confidence of 0.9, 19 for 0.95, 99 for 0.99; a few hundred
   * bring the coverage close to the confidence. save keeps what was measured, fit and partialFit drop it.
   * @throws ERR_STATE before fit, ERR_BUSY during one; ERR_UNSUPPORTED for one quantile alone; ERR_EMPTY, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE.
   *
   * @example
   * const reg = new MLPRegressor({ epochs: 20 }).fitSync(X.slice(20), y.slice(20));
   * reg.conformalize(X.slice(0, 20), y.slice(0, 20)).predictInterval(X, { confidence: 0.9 }).shape;  // [40, 2]
   */
  conformalize(X: Features, y: NumberTargets): this {
    const { scaled, values } = this.keptRows(X, y, 'conformalize');
    const predicted = outputsInUnits(this.head, this.model.predict(scaled));
    return this.setHead({ ...this.head, intervals: fitIntervals(values, predicted, this.head.spread) });
  }

  /**
   * Intervals [rows][low, high] that hold the true number with probability `confidence` (default 0.9), in the units of y; of several targets low and
   * high of each in turn, [rows][2 targets], each of that confidence by itself. The probability is over rows drawn as those of conformalize were:
   * at least `confidence`, and at most 1 / (rows + 1) more, whatever the network has learnt. Every interval of a target has the same width, unless
   * the regressor learns how far the truth scatters: with `quantiles` it reaches from a low one to a high one, both moved by what conformalize
   * found (conformalised quantile regression); with loss 'gaussianNll' it is as many deviations wide, and without conformalize those of a Gaussian,
   * which are right as far as the network is.
   * See: Lei et al. 2018, https://arxiv.org/abs/1604.04173; Romano, Patterson & Candès 2019, https://arxiv.org/abs/1905.03222
   * @throws ERR_STATE before conformalize (but for 'gaussianNll'); ERR_OPTION for a confidence outside (0, 1), or one that conformalize had too few rows for (0.95 needs 19);
   * ERR_SHAPE, ERR_TYPE, ERR_NONFINITE.
   */
  predictInterval(X: Features, options: IntervalOptions = {}): Rows64 {
    const { confidence } = readOptions(intervalRows, options, 'predictInterval');
    const { intervals, spread } = this.head;
    if (intervals === undefined && !(spread !== undefined && 'gaussian' in spread))
      fail(
        'ERR_STATE',
        'predictInterval: how far the truth may lie from an answer is not known yet. Call conformalize(X, y) with rows that were kept from training first.',
      );
    return intervalsAround(intervals, outputsInUnits(this.head, this.outputs(X, true)), confidence, spread);
  }

  /** An unfitted regressor of the same options, or some others. */
  clone(options: MLPRegressorOptions = {}): this {
    return new (this.constructor as new (options: MLPRegressorOptions) => this)({ ...this.options, ...options });
  }

  /** The regressor that save wrote. @throws ERR_FORMAT for anything else; ERR_NONFINITE for weights that are no numbers. */
  static load(bytes: Uint8Array | ArrayBuffer, options: Pick<MLPRegressorOptions, 'onWarning'> = {}): MLPRegressor {
    readOptions(loadRows, options, 'load');
    const { file, options: saved } = readEstimator(bytes, 'MLPRegressor');
    return fromFile(() => new MLPRegressor({ ...saved, ...options }).restore(file));
  }

  // ---- the head ----------------------------------------------------------------------------------------------

  protected readTargets(y: unknown, rows: number, _: object, known?: NumberHead): Targets<NumberHead> {
    if (y === undefined) fail('ERR_TYPE', 'y: expected a number for each row of X, got undefined.');
    const { data, shape } = float64Targets(y as NumberTargets as ArrayLike<number>, { name: 'y' });
    if (shape[0] !== rows) fail('ERR_SHAPE', `X has ${rows} rows, but y has ${shape[0]}.`);
    if (known !== undefined && shape[1] !== known.columns)
      fail('ERR_SHAPE', `y has ${shape[1]} columns, but this model was trained on ${known.columns}.`);
    return {
      head: known ?? { columns: shape[1], flat: isFlat(y), scaler: undefined, spread: this.spread },
      values: data,
      columns: shape[1],
    };
  }

  private get spread(): Spread {
    const { quantiles, loss } = this.options;
    return quantiles !== undefined ? { levels: [...quantiles] } : loss === 'gaussianNll' ? { gaussian: true } : undefined;
  }

  protected fitHead({ head, values, columns }: Targets<NumberHead>, indices: Uint32Array | undefined): NumberHead {
    if (this.options.scaleTargets === false) return head;
    const rows = indices?.length ?? values.length / columns;
    const data = new Float64Array(rows * columns);
    for (let k = 0; k < rows; k++)
      for (let j = 0; j < columns; j++) data[k * columns + j] = values[(indices?.[k] ?? k) * columns + j]!;
    return { ...head, scaler: new StandardScaler().fit({ data, shape: [rows, columns] }) };
  }

  protected bareHead({ columns, flat, scaler, spread }: NumberHead): NumberHead {
    return { columns, flat, scaler, spread };
  }

  protected weighClasses(): undefined {}

  protected targetFindings({ values, columns, where = String, text }: Targets<NumberHead>, what: string): Finding[] {
    const { loss = 'meanSquaredError', quantiles } = this.options;
    const robust = quantiles !== undefined || isRobustLoss(loss);
    if (columns === 1) return extremeFindings(values, { what, where, text, robust });
    return Array.from({ length: columns }, (_, j) => {
      const column = values.filter((__, i) => i % columns === j);
      return extremeFindings(column, { what: `Column ${j} of ${what}`, where, text, robust });
    }).flat();
  }

  protected encode({ scaler }: NumberHead, values: Float64Array, columns: number): Matrix {
    const rows = { data: values, shape: [values.length / columns, columns] };
    return scaler === undefined ? new Matrix(Float32Array.from(values), rows.shape[0]!, columns) : scaler.transform(rows);
  }

  protected network({ columns, spread }: NumberHead): Network {
    if (spread !== undefined && 'gaussian' in spread) return { output: [dense(2 * columns)], loss: 'gaussianNll' };
    if (spread !== undefined) {
      const { levels } = spread;
      const loss = { name: 'pinball', levels } as const;
      if (levels.length === 1) return { output: [dense(columns)], loss };
      // The second unit of each target is what the lowest quantile is less by.
      const senses = Array.from(
        { length: columns * (levels.length + 1) },
        (_, j) => (j % (levels.length + 1) === 1 ? -1 : 1) as 1 | -1,
      );
      return { output: orderedOutputs(levels.length, { targets: columns }), loss, senses };
    }
    return { output: [dense(columns)], loss: this.options.loss ?? 'meanSquaredError' };
  }

  protected rate(head: NumberHead, values: Float64Array, outputs: Matrix, weights: ArrayLike<number> | undefined): number {
    const truth = { data: values, shape: [outputs.shape[0], head.columns] };
    return r2(
      truth,
      pointsOf(outputsInUnits(head, outputs), head.spread),
      weights === undefined ? {} : { sampleWeight: weights },
    );
  }

  protected readColumn(table: Table, name: string): Float64Array {
    return table.numbers(name);
  }

  protected headToJSON({ columns, flat, scaler, intervals, spread }: NumberHead) {
    const more = {
      ...(spread === undefined ? {} : spread),
      ...(intervals === undefined ? {} : { intervals: intervalsToJSON(intervals) }),
    };
    return { head: { columns, flat, ...more }, sections: { targetScaler: scaler?.toJSON() } };
  }

  protected headFromJSON(saved: SavedState, sections: SavedModel['sections']): NumberHead {
    const head = saved.inner('head', saved.raw('head'));
    const { targetScaler } = sections;
    const columns = head.count('columns');
    const scaler = targetScaler === undefined ? undefined : StandardScaler.fromJSON(targetScaler);
    if (scaler !== undefined && scaler.columns !== columns)
      head.refuse('columns', `${scaler.columns}, as the scaler of the targets has`, columns);
    const intervals = head.raw('intervals');
    const spread = spreadFromJSON(head);
    return {
      ...{ columns, flat: head.boolean('flat'), scaler, spread },
      ...(intervals === undefined ? {} : { intervals: intervalsFromJSON(head.inner('intervals', intervals), columns, spread) }),
    };
  }
}

/** Network outputs in the units of y, those of a target side by side. */
function outputsInUnits({ scaler, columns, spread }: NumberHead, outputs: Matrix): Float64Rows {
  if (spread === undefined && scaler !== undefined) return scaler.inverseTransform64(outputs);
  const data = Float64Array.from(outputs.data);
  const undo = (rows: Float64Array) =>
    scaler && rows.set(scaler.inverseTransform64({ data: rows, shape: [rows.length / columns, columns] }).data);
  const numbers = inUnits(data, columns, spread, undo, (target) => scaler?.scale[target] ?? 1);
  return { data: numbers, shape: outputs.shape };
}

function isFlat(y: unknown): boolean {
  if (Array.isArray(y)) return typeof y[0] === 'number';
  return (
    ArrayBuffer.isView(y) || (Array.isArray((y as { shape?: unknown }).shape) && (y as { shape: unknown[] }).shape.length === 1)
  );
}
