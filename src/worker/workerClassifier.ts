// WorkerClassifier: MLPClassifier's public face on this side of a worker.

import type { Calibration } from '../data/certainty/calibration.js';
import type { ColumnGradients } from '../data/columnGradients.js';
import type { Label, Labels } from '../data/labels.js';
import { Matrix } from '../data/matrix.js';
import type { ClassTargets, SetOptions } from '../estimators/classifier.js';
import { classifierRows, type MLPClassifierOptions } from '../estimators/classifierOptions.js';
import type { Features } from '../estimators/features.js';
import { loadRows } from '../estimators/options.js';
import type { ThresholdOptions } from '../estimators/thresholds.js';
import { given, readOptions } from '../options.js';
import type { WorkerOptions } from './connection.js';
import type { RemoteEstimatorFitOptions } from './remoteEstimatorFit.js';
import { checkCrossing, copyFile, WorkerEstimator, type EstimatorFile } from './workerEstimator.js';

/** The options of WorkerClassifier.fit: those of MLPClassifier.fit; callbacks run on this side and are handed the WorkerClassifier. */
export interface WorkerClassifierFitOptions extends RemoteEstimatorFitOptions<WorkerClassifier> {
  /** All classes there are, when y may lack some (default: those of y). */
  readonly classes?: Labels;
}

/**
 * An MLPClassifier that works in a Web Worker or a worker thread, so that a page trains on a table without a stutter. Options, results (the
 * same bits and files) and errors are those of MLPClassifier; every method returns a promise. The worker starts with the first call, keeps a Node
 * program alive only while a call is under way, and ends with terminate() or when the classifier is garbage.
 *
 * X and y are copied at the call; the caller's arrays stay as they are. A worker that dies rejects every call under way with ERR_WORKER;
 * restart() goes on from what the calls that had ended by then, or a tenth of a second before, had learnt. After terminate() every method rejects with ERR_DISPOSED.
 * Functions cannot cross: an option that is one (but onWarning) is ERR_UNSUPPORTED.
 *
 * @example
 * const clf = new WorkerClassifier({ seed: 1 });
 * await clf.fit(X, y, { onEpochEnd: ({ epoch, loss }) => show(epoch, loss), signal });
 * await clf.predict([[0.7, 0.5], [-1, -0.5]]);  // [1, 0]
 * await clf.terminate();
 */
export class WorkerClassifier extends WorkerEstimator<MLPClassifierOptions, WorkerClassifierFitOptions> {
  protected readonly moreFitRows = { classes: given<Labels>() };

  /**
   * A classifier whose worker starts with the first call. `options` are those of MLPClassifier, `settings` those of the worker.
   * @throws ERR_OPTION for an option there is not, or a value out of range; ERR_UNSUPPORTED for options that are functions.
   */
  constructor(options?: MLPClassifierOptions, settings?: WorkerOptions);
  constructor(options: MLPClassifierOptions = {}, settings: WorkerOptions = {}, file?: EstimatorFile) {
    if (file === undefined) checkCrossing(classifierRows, options, 'MLPClassifier');
    super({ kind: 'MLPClassifier', className: 'WorkerClassifier', options: Object.freeze({ ...options }), settings, file });
  }

  /** The classifier that save() wrote, of this class or of MLPClassifier. @throws ERR_FORMAT for anything else; ERR_NONFINITE for weights that are no numbers; ERR_WORKER when no worker starts and `fallback` is false. */
  static async load(
    bytes: Uint8Array | ArrayBuffer,
    options: Pick<MLPClassifierOptions, 'onWarning'> = {},
    settings: WorkerOptions = {},
  ): Promise<WorkerClassifier> {
    readOptions(loadRows, options, 'load');
    const made = Reflect.construct(WorkerClassifier, [options, settings, copyFile(bytes)]) as WorkerClassifier;
    return made.ready();
  }

  /**
   * Learns X [rows][columns], or a table, from scratch. X and y as for MLPClassifier: rows, records, tables; labels, or a column's name.
   * Callbacks run on this side with this classifier as their last argument, and training waits for them. Aborting `signal` rejects with an
   * AbortError within milliseconds; what was learnt until then stays.
   *
   * Rejects with ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_OPTION, ERR_LABEL before anything changes; ERR_BUSY during another fit; ERR_DIVERGED,
   * what was learnt before being there still; ERR_WORKER when the worker dies, ERR_DISPOSED when terminate() was called.
   */
  async fit(X: Features, y: ClassTargets, options: WorkerClassifierFitOptions = {}): Promise<this> {
    return this.train(X, y, options);
  }

  /** One pass over more rows, going on from the weights there are. @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_OPTION, ERR_LABEL; ERR_BUSY during a fit. */
  async partialFit(
    X: Features,
    y: ClassTargets,
    options: { readonly classes?: Labels; readonly sampleWeight?: ArrayLike<number> } = {},
  ): Promise<this> {
    return this.trainMore(X, y, options);
  }

  /** The most probable class of every row, the first in order of equals; multilabel: rows of 0 and 1. @throws ERR_STATE before fit, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE. */
  async predict(X: Features): Promise<Label[] | number[][]> {
    return (await this.askPredictions(X)) as Label[] | number[][];
  }

  /** Probabilities [rows][classes], in the order of `classes`. @throws ERR_STATE before fit, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE. */
  async predictProba(X: Features): Promise<Matrix> {
    const { matrix, columns } = await this.askProbabilities(X);
    return new Matrix(matrix, matrix.length / columns, columns);
  }

  /** Share of the rows predicted right; of multilabel rows, with every label right. @throws ERR_STATE before fit, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE. */
  async score(X: Features, y: ClassTargets, options: { readonly sampleWeight?: ArrayLike<number> } = {}): Promise<number> {
    return this.askScore(X, y, options);
  }

  /**
   * Measures on rows kept from training which classes predictSet cannot rule out, as MLPClassifier.conformalize does.
   * @throws ERR_STATE before fit, ERR_BUSY during one; ERR_UNSUPPORTED for multilabel targets; ERR_LABEL, ERR_EMPTY, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE.
   */
  async conformalize(X: Features, y: ClassTargets): Promise<this> {
    return this.measure(X, y);
  }

  /**
   * For every row the classes that cannot be ruled out, the likeliest first: sets that hold the true class with probability `confidence`
   * (default 0.9).
   * @throws ERR_STATE before conformalize; ERR_SHAPE, ERR_TYPE, ERR_NONFINITE, ERR_OPTION.
   */
  async predictSet(X: Features, options: SetOptions = {}): Promise<Label[][]> {
    return this.askSets(X, options);
  }

  /**
   * Of two classes: chooses from which probability on `predict` says the second, as MLPClassifier.chooseThreshold does on rows held out. A
   * metric that is a function cannot cross to the worker.
   * @throws ERR_STATE before fit, ERR_BUSY during one; ERR_UNSUPPORTED for more or fewer than two classes, and for functions; ERR_LABEL when a
   * class has no row; ERR_OPTION, ERR_EMPTY, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE.
   */
  async chooseThreshold(X: Features, y: ClassTargets, options: ThresholdOptions = {}): Promise<this> {
    return this.choose(X, y, options);
  }

  /**
   * How a probability changes with each column at every row of X: d probability / d input [rows, inputs], per unit of the column, as
   * MLPClassifier.inputGradient gives it. `output` is the class: its label, or its place in `classes` where labels are numbers (default: of two
   * classes the second, else the first).
   * @throws ERR_STATE before fit; ERR_OPTION for a class there is not, and for a network with sign or step in it; ERR_SHAPE, ERR_TYPE, ERR_NONFINITE.
   */
  async inputGradient(X: Features, output?: Label): Promise<ColumnGradients> {
    return this.askGradients(X, output);
  }

  /** The classes in sorted order; of multilabel targets the numbers of their columns. @throws ERR_STATE before fit. */
  get classes(): readonly Label[] {
    return this.facts.classes;
  }
  /** Whether every column of y is a yes or no of its own. @throws ERR_STATE before fit. */
  get multilabel(): boolean {
    return this.facts.multilabel;
  }
  /** Whether the classes have an order: the option `ordinal`, with more than two of them. @throws ERR_STATE before fit. */
  get ordered(): boolean {
    return this.facts.ordered;
  }
  /** What probabilities are corrected with; a preset's temperature, which its network holds within, is one. undefined where they are not corrected. @throws ERR_STATE before fit. */
  get calibration(): Calibration['method'] | undefined {
    return this.facts.calibrator?.method ?? (this.networkTemperature === undefined ? undefined : 'temperature');
  }
  /** The temperature that a preset divided its network's logits by, in the weights themselves; undefined without one. @throws ERR_STATE before fit. */
  get networkTemperature(): number | undefined {
    return this.facts.temperature;
  }
  /** What the network's own probabilities are corrected with, its numbers included; undefined where nothing follows the network. @throws ERR_STATE before fit. */
  get calibrator(): Calibration | undefined {
    return this.facts.calibrator;
  }
  /** Of two classes: `predict` says the second where its probability is above this; undefined before chooseThreshold. @throws ERR_STATE before fit. */
  get threshold(): number | undefined {
    return this.facts.threshold;
  }
}
