// WorkerRegressor: MLPRegressor's public face on this side of a worker.

import type { ColumnGradients } from '../data/columnGradients.js';
import type { Float64Rows } from '../data/matrix.js';
import { Rows64 } from '../data/rows64.js';
import type { Features } from '../estimators/features.js';
import { loadRows } from '../estimators/options.js';
import type { IntervalOptions, NumberTargets } from '../estimators/regressor.js';
import { checkRegressorOptions, regressorRows, type MLPRegressorOptions } from '../estimators/regressorOptions.js';
import { readOptions } from '../options.js';
import type { WorkerOptions } from './connection.js';
import type { RemoteEstimatorFitOptions } from './remoteEstimatorFit.js';
import { checkCrossing, copyFile, WorkerEstimator, type EstimatorFile } from './workerEstimator.js';

/** The options of WorkerRegressor.fit: those of MLPRegressor.fit; callbacks run on this side and are handed the WorkerRegressor. */
export interface WorkerRegressorFitOptions extends RemoteEstimatorFitOptions<WorkerRegressor> {}

/**
 * An MLPRegressor that works in a Web Worker or a worker thread, so that a page trains on a table without a stutter. Options, results (the
 * same bits and files) and errors are those of MLPRegressor; every method returns a promise. The worker starts with the first call, keeps a Node
 * program alive only while a call is under way, and ends with terminate() or when the regressor is garbage.
 *
 * X and y are copied at the call; the caller's arrays stay as they are. A worker that dies rejects every call under way with ERR_WORKER;
 * restart() goes on from what the calls that had ended by then, or a tenth of a second before, had learnt. After terminate() every method rejects with ERR_DISPOSED.
 * Functions cannot cross: an option that is one (but onWarning) is ERR_UNSUPPORTED.
 *
 * @example
 * const model = new WorkerRegressor({ seed: 1 });
 * await model.fit(XTrain, XTrain.map(([a, b]) => 2 * a - b), { onEpochEnd: ({ epoch, loss }) => show(epoch, loss), signal });
 * await model.predict(XTest);  // Float64Array, a number for each row
 * await model.terminate();
 */
export class WorkerRegressor extends WorkerEstimator<MLPRegressorOptions, WorkerRegressorFitOptions> {
  protected readonly moreFitRows = {};

  /**
   * A regressor whose worker starts with the first call. `options` are those of MLPRegressor, `settings` those of the worker.
   * @throws ERR_OPTION for an option there is not, or a value out of range; ERR_UNSUPPORTED for options that are functions.
   */
  constructor(options?: MLPRegressorOptions, settings?: WorkerOptions);
  constructor(options: MLPRegressorOptions = {}, settings: WorkerOptions = {}, file?: EstimatorFile) {
    if (file === undefined) {
      checkCrossing(regressorRows, options, 'MLPRegressor');
      checkRegressorOptions(options);
    }
    super({ kind: 'MLPRegressor', className: 'WorkerRegressor', options: Object.freeze({ ...options }), settings, file });
  }

  /** The regressor that save() wrote, of this class or of MLPRegressor. @throws ERR_FORMAT for anything else; ERR_NONFINITE for weights that are no numbers; ERR_WORKER when no worker starts and `fallback` is false. */
  static async load(
    bytes: Uint8Array | ArrayBuffer,
    options: Pick<MLPRegressorOptions, 'onWarning'> = {},
    settings: WorkerOptions = {},
  ): Promise<WorkerRegressor> {
    readOptions(loadRows, options, 'load');
    const made = Reflect.construct(WorkerRegressor, [options, settings, copyFile(bytes)]) as WorkerRegressor;
    return made.ready();
  }

  /**
   * Learns X [rows][columns], or a table, from scratch. X and y as for MLPRegressor: rows, records, tables; numbers, or a column's name.
   * Callbacks run on this side with this regressor as their last argument, and training waits for them. Aborting `signal` rejects with an
   * AbortError within milliseconds; what was learnt until then stays.
   *
   * Rejects with ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_OPTION before anything changes; ERR_BUSY during another fit; ERR_DIVERGED,
   * what was learnt before being there still; ERR_WORKER when the worker dies, ERR_DISPOSED when terminate() was called.
   */
  async fit(X: Features, y: NumberTargets, options: WorkerRegressorFitOptions = {}): Promise<this> {
    return this.train(X, y, options);
  }

  /** One pass over more rows, going on from the weights there are. @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_OPTION; ERR_BUSY during a fit. */
  async partialFit(X: Features, y: NumberTargets, options: { readonly sampleWeight?: ArrayLike<number> } = {}): Promise<this> {
    return this.trainMore(X, y, options);
  }

  /** A number per row where y was a list, else rows { data, shape }, in the units of y. @throws ERR_STATE before fit, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE. */
  async predict(X: Features): Promise<Float64Array | Float64Rows> {
    return (await this.askPredictions(X)) as Float64Array | Float64Rows;
  }

  /** R^2: 1 is perfect, 0 no better than the mean; of several targets the mean of theirs. @throws ERR_STATE before fit, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE. */
  async score(X: Features, y: NumberTargets, options: { readonly sampleWeight?: ArrayLike<number> } = {}): Promise<number> {
    return this.askScore(X, y, options);
  }

  /**
   * Measures on rows kept from training how far predictions are off, so that predictInterval knows how wide to be, as MLPRegressor.conformalize does.
   * @throws ERR_STATE before fit, ERR_BUSY during one; ERR_EMPTY, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE.
   */
  async conformalize(X: Features, y: NumberTargets): Promise<this> {
    return this.measure(X, y);
  }

  /**
   * Intervals [rows][low, high] that hold the true number with probability `confidence` (default 0.9), in the units of y; of several targets low
   * and high of each in turn, [rows][2 targets].
   * @throws ERR_STATE before conformalize; ERR_SHAPE, ERR_TYPE, ERR_NONFINITE, ERR_OPTION.
   */
  async predictInterval(X: Features, options: IntervalOptions = {}): Promise<Rows64> {
    const { data, shape } = await this.askIntervals(X, options);
    return new Rows64(data, shape[0], shape[1]);
  }

  /**
   * The quantiles [rows, levels] of a regressor with the option `quantiles`, in the units of y and in the order of the levels; of several targets those
   * of each in turn. They never cross.
   * @throws ERR_STATE before fit; ERR_UNSUPPORTED without the option; ERR_SHAPE, ERR_TYPE, ERR_NONFINITE.
   */
  async predictQuantiles(X: Features): Promise<Rows64> {
    const { data, shape } = await this.askQuantiles(X);
    return new Rows64(data, shape[0], shape[1]);
  }

  /**
   * How far the truth scatters around each prediction, as a standard deviation in the units of y, of a regressor with `loss: 'gaussianNll'`.
   * @throws ERR_STATE before fit; ERR_UNSUPPORTED for another loss; ERR_SHAPE, ERR_TYPE, ERR_NONFINITE.
   */
  async predictStd(X: Features): Promise<Float64Array | Float64Rows> {
    return this.askDeviations(X);
  }

  /** The levels of the quantiles that the network gives; undefined where it gives numbers. @throws ERR_STATE before fit. */
  get quantiles(): readonly number[] | undefined {
    return this.facts.quantiles;
  }

  /**
   * How the answer changes with each column at every row of X: d prediction / d input [rows, inputs], in units of y per unit of the column, as
   * MLPRegressor.inputGradient gives it. `output`: which of several targets, from 0 (default 0).
   * @throws ERR_STATE before fit; ERR_SHAPE for an output there is not; ERR_OPTION for a network with sign or step in it; ERR_TYPE, ERR_NONFINITE.
   */
  async inputGradient(X: Features, output = 0): Promise<ColumnGradients> {
    return this.askGradients(X, output);
  }

  /** Columns of y. @throws ERR_STATE before fit. */
  get targets(): number {
    return this.facts.targets;
  }
}
