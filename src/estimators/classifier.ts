// MLPClassifier: labels in, labels and probabilities out. Two classes share one sigmoid output (the probability of the second),
// more have a softmax output each, several labels per row (multilabel) a sigmoid output each.

import { ordinalShares } from '../data/certainty/ordinal.js';
import { calibrateRows, type Calibration } from '../data/certainty/calibration.js';
import { fitSets, setRows, setsOf, type SetOptions } from '../data/certainty/predictionSets.js';
import type { SavedState } from '../data/columns.js';
import type { ColumnGradients } from '../data/columnGradients.js';
import type { Finding } from '../data/findings.js';
import { listLabels, readLabels, type Label, type Labels } from '../data/labels.js';
import { Matrix, type MatrixLike } from '../data/matrix.js';
import type { Table } from '../data/table.js';
import { fail, show } from '../errors.js';
import type { SavedModel } from '../formats/modelFile.js';
import { given, readOptions } from '../options.js';
import type { Features } from './features.js';
import { fewestToCalibrate, fitCalibration } from './calibrators.js';
import { classHeadFromJSON, classHeadToJSON, classNetwork, encodeClasses, shareRight } from './classHead.js';
import {
  checkSameClasses,
  classFactors,
  classIds,
  columnsOf,
  encoderOf,
  headOf,
  readMultilabel,
  type ClassHead,
} from './classTargets.js';
import { classifierRows, type MLPClassifierOptions } from './classifierOptions.js';
import { fromFile, readEstimator } from './estimatorFile.js';
import type { EstimatorFitOptions } from './fitOptions.js';
import { inColumns, probabilityGradients } from './gradients.js';
import type { Model } from '../model/model.js';
import { MLPEstimator } from './mlpEstimator.js';
import type { Network, Targets } from './targets.js';
import { OppositeClass } from './oppositeClass.js';
import { loadRows } from './options.js';
import { presetOf } from './presets.js';
import type { WatchedRows } from './run.js';
import { rareFindings } from './rareClasses.js';
import { bestThreshold, thresholdRows, type ThresholdOptions } from './thresholds.js';

export type { ClassWeights, MLPClassifierOptions } from './classifierOptions.js';
export type { SetOptions } from '../data/certainty/predictionSets.js';

/** Options of MLPClassifier's fit and fitSync. */
export interface ClassifierFitOptions extends EstimatorFitOptions {
  /** All classes there are, when y may lack some (default: those of y). */
  readonly classes?: Labels;
}

/** Labels, one per row; rows of 0 and 1 with several columns are multilabel; of a table, a column's name. */
export type ClassTargets = Labels | MatrixLike | string;

/**
 * A classifier on a multilayer perceptron. Works on raw columns (they are scaled), averages four small nets that watch different rows (see `preset`), and carries all it
 * needs to predict: scaler, labels, names of columns.
 *
 * Two classes share one sigmoid output, the probability of the second, trained on binary cross-entropy; more get a softmax output each.
 * `predict` gives labels of the kind fitted on; `predictProba` a column per class, in the order of `classes` (sorted). With rows of 0 and 1
 * with two or more columns as y, every column is a yes or no of its own: `predict` gives such rows, one-hot y included (for classes that
 * exclude each other pass their labels instead).
 *
 * @example
 * const X = [[5.1, 1.4], [4.9, 1.5], [6.3, 4.7], [6.6, 4.4]];
 * const clf = await new MLPClassifier({ seed: 1 }).fit(X, ['cat', 'cat', 'dog', 'dog']);
 * clf.classes;                                    // ['cat', 'dog']
 * clf.predict([[5, 1.4], [6.5, 4.5]]);            // ['cat', 'dog']
 * clf.predictProba([[5, 1.4], [6.5, 4.5]]).shape; // [2, 2]
 */
export class MLPClassifier extends MLPEstimator<ClassHead, MLPClassifierOptions> {
  protected readonly moreFitRows = { classes: given<Labels>() };
  private readonly opposite = new OppositeClass((options) => this.createModel(options));

  /**
   * A neural network that learns classes from rows of numbers or a table; scaling, early stopping and labels are taken care of.
   * @throws ERR_OPTION for an option there is not, or a value out of range.
   */
  constructor(options: MLPClassifierOptions = {}) {
    super(options, 'MLPClassifier', classifierRows);
  }

  /** The classes in sorted order, or in that of the option `ordinal`; of multilabel targets the numbers of their columns. @throws ERR_STATE before fit. */
  get classes(): readonly Label[] {
    const { encoder, columns } = this.head;
    return encoder?.classes ?? Array.from({ length: columns }, (_, j) => j);
  }
  /** Whether every column of y is a yes or no of its own. */
  get multilabel(): boolean {
    return this.head.encoder === undefined;
  }

  /** Whether the classes have an order: the option `ordinal`, with more than two of them. @throws ERR_STATE before fit. */
  get ordered(): boolean {
    return this.head.ordinal ?? false;
  }

  /** What probabilities are corrected with: 'temperature', 'platt' or 'isotonic'; a preset's temperature, which its network holds within, is one. undefined where they are not corrected. */
  get calibration(): Calibration['method'] | undefined {
    return this.head.calibration?.method ?? (this.networkTemperature === undefined ? undefined : 'temperature');
  }
  /** The temperature that a preset divided its network's logits by, in the weights themselves; undefined without one. */
  get networkTemperature(): number | undefined {
    return this.fitted.temperature;
  }
  /** What the network's own probabilities are corrected with, its numbers included; undefined where nothing follows the network, as with a preset (see networkTemperature). */
  get calibrator(): Calibration | undefined {
    return this.head.calibration;
  }
  /** Of two classes: `predict` says the second where its probability is above this; undefined before chooseThreshold (it is a half then). */
  get threshold(): number | undefined {
    return this.head.threshold;
  }

  /**
   * Learns X [rows][columns], or a table, from scratch; other tasks run in between. X and y are copied at the call.
   * Rejects with ERR_LABEL for one class only or what is no label, ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_OPTION before
   * anything changes; ERR_BUSY during another fit; ERR_DIVERGED, the estimator then being as before; AbortError by `signal`.
   */
  async fit(X: Features, y: ClassTargets, options: ClassifierFitOptions = {}): Promise<this> {
    return this.train(X, y, options);
  }

  /**
   * Learns X [rows][columns], or a table, from scratch, and returns when it is done: nothing else runs meanwhile.
   * @throws ERR_LABEL for one class only or what is no label, ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_OPTION before anything changes; ERR_BUSY during another
   * fit; ERR_DIVERGED, the estimator then being as before.
   */
  fitSync(X: Features, y: ClassTargets, options: ClassifierFitOptions = {}): this {
    return this.trainSync(X, y, options);
  }

  /**
   * One pass over more rows, going on from the weights there are: for data that comes in portions. The first call settles classes (pass
   * `classes` when its y may lack some) and scaling; there is no early stopping.
   * @throws ERR_LABEL for a class that is not among the known ones, and for other `classes` than at first; ERR_OPTION for classWeight: 'balanced', which
   * needs all rows at once; ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE; ERR_BUSY during a fit; ERR_DIVERGED.
   */
  partialFit(
    X: Features,
    y: ClassTargets,
    options: { readonly classes?: Labels; readonly sampleWeight?: ArrayLike<number> } = {},
  ): this {
    if (this.options.classWeight === 'balanced')
      fail(
        'ERR_OPTION',
        "classWeight: 'balanced' needs all rows at once, and partialFit sees a portion. Pass weights by label, or use sampleWeight.",
      );
    return this.trainMore(X, y, options);
  }

  /**
   * The most probable class of every row, the first in order of equals; of two classes the second where its probability is above the threshold of
   * chooseThreshold; multilabel: rows of 0 and 1. @throws ERR_STATE, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE.
   */
  predict(X: Features): Label[];
  predict(X: Features): Label[] | number[][];
  predict(X: Features): Label[] | number[][] {
    const outputs = this.decisions(this.scaledRows(X, true));
    const { encoder } = this.head;
    if (encoder === undefined) return outputs.toArray().map((row) => row.map((p) => (p > 0.5 ? 1 : 0)));
    return Array.from(classIds(outputs), (id) => encoder.classes[id]!);
  }

  /** Outputs by which a class is chosen: the network's own, whose order a temperature does not change, else 1 and 0. */
  protected override decisions(scaled: MatrixLike): Matrix {
    const { calibration, threshold = 0.5 } = this.head;
    const own = calibration === undefined || calibration.method === 'temperature';
    if (this.head.ordinal) return this.probabilities(scaled);
    if (own && threshold === 0.5) return this.model.predict(scaled);
    const { data, shape } = this.probabilities(scaled);
    const seconds = Float32Array.from({ length: shape[0] }, (_, i) => (data[2 * i + 1]! > threshold ? 1 : 0));
    return new Matrix(seconds, shape[0], 1);
  }

  /** Probabilities [rows][classes], in the order of `classes`; of two classes each from the logit, so that neither is rounded to 0 early. @throws ERR_STATE before fit, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE. */
  predictProba(X: Features): Matrix {
    return this.probabilities(this.scaledRows(X, true));
  }

  private probabilities(scaled: MatrixLike): Matrix {
    const { calibration } = this.head;
    const proba = this.ownProbabilities(this.model, scaled, this.head);
    const { data, shape } = proba;
    if (calibration !== undefined)
      calibrateRows(calibration, data, { from: 0, to: data.length, columns: shape[1], exclusive: !this.multilabel });
    return proba;
  }

  /**
   * How a probability changes with each column at every row of X: d probability / d input [rows, inputs], per unit of the column. Inputs are those of
   * `featureNames`, and `column('age')` gives one of them; of a category they are the 0 and 1 of its values. `output` is the class: its label, or
   * its place in `classes` where labels are numbers (default: of two classes the second, else the first). Corrected probabilities have the
   * derivatives of what they are corrected to.
   * @throws ERR_STATE before fit; ERR_OPTION for a class there is not, and for a network with sign or step in it; ERR_SHAPE, ERR_TYPE, ERR_NONFINITE.
   *
   * @example
   * clf.inputGradient(X, 1).row(0);  // a number for each column: by how much the probability of the second class rises
   */
  inputGradient(X: Features, output?: Label): ColumnGradients {
    const { columns, scaler } = this.fitted;
    const { classes } = this;
    const exclusive = !this.multilabel;
    const column = this.columnOf(output ?? (exclusive && classes.length === 2 ? classes[1]! : classes[0]!), output === undefined);
    const given = this.givenRows(X, true);
    const slopes = probabilityGradients(this.model, given.scaled, {
      column,
      exclusive,
      calibration: this.head.calibration,
      ordinal: this.head.ordinal ?? false,
    });
    return inColumns(slopes, given, scaler, columns.featureNames);
  }

  /** The column of a class: its label, or of labels that are numbers its place. */
  private columnOf(asked: Label, isLabel: boolean): number {
    const { classes } = this;
    if (typeof asked === 'number' && !isLabel) {
      if (Number.isInteger(asked) && asked >= 0 && asked < classes.length) return asked;
    } else if (classes.includes(asked)) return classes.indexOf(asked);
    return fail(
      'ERR_OPTION',
      `output: there is no class ${show(asked)}. Classes: ${listLabels(classes)}${typeof asked === 'number' ? `, by their places 0 to ${classes.length - 1}` : ''}.`,
    );
  }

  /** As the network says them. */
  private ownProbabilities(model: Model, scaled: MatrixLike, head: ClassHead): Matrix {
    const multilabel = head.encoder === undefined;
    const outputs = model.predict(scaled);
    if (head.ordinal) return ordinalShares(outputs);
    if (multilabel || outputs.shape[1] > 1) return outputs;
    const [rows] = outputs.shape;
    const opposite = outputs.data.some((p) => p > 0.5) ? this.opposite.predict(model, scaled) : undefined;
    const both = new Float32Array(2 * rows);
    for (let i = 0; i < rows; i++) {
      const p = outputs.data[i]!;
      both[2 * i] = p > 0.5 ? opposite!.data[i]! : 1 - p;
      both[2 * i + 1] = p;
    }
    return new Matrix(both, rows, 2);
  }

  /** Share of the rows predicted right; of multilabel rows, with every label right. @throws ERR_STATE before fit, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE; ERR_LABEL for labels the fit did not see. */
  score(X: Features, y: ClassTargets, options: { readonly sampleWeight?: ArrayLike<number> } = {}): number {
    return this.scoreOf(X, y, options);
  }

  /**
   * Of two classes: chooses from which probability on `predict` says the second, by what is best on rows held out: a metric, or what mistakes
   * cost. The middle between two probabilities that occur there; of equally good ones the nearest to a half. Probabilities stay as they are. save
   * keeps it; fit and partialFit go back to a half.
   * @throws ERR_STATE before fit, ERR_BUSY during one; ERR_UNSUPPORTED for more or fewer than two classes; ERR_LABEL when a class has no row; ERR_OPTION,
   * ERR_EMPTY, ERR_SHAPE, ERR_TYPE, ERR_NONFINITE.
   *
   * @example
   * const own = new MLPClassifier({ epochs: 20 }).fitSync(X.slice(20), y.slice(20));
   * own.chooseThreshold(X.slice(0, 20), y.slice(0, 20), { costs: { falseNegative: 10, falsePositive: 1 } });
   * own.threshold;  // between 0 and 1
   */
  chooseThreshold(X: Features, y: ClassTargets, options: ThresholdOptions = {}): this {
    const read = readOptions(thresholdRows, options, 'chooseThreshold');
    const { classes } = this;
    if (this.multilabel || classes.length !== 2)
      fail(
        'ERR_UNSUPPORTED',
        `chooseThreshold: a threshold tells two classes apart, and this model has ${this.multilabel ? 'several labels per row' : `${classes.length} classes`}.`,
      );
    const { scaled, values } = this.keptRows(X, y, 'chooseThreshold');
    const { data, shape } = this.probabilities(scaled);
    const second = Array.from({ length: shape[0] }, (_, i) => data[2 * i + 1]!);
    return this.setHead({ ...this.head, threshold: bestThreshold(second, values, read, classes) });
  }

  /**
   * Measures how likely the true classes of rows are held that were kept from training, so that predictSet knows which classes it cannot rule
   * out (split conformal prediction). The rows must be drawn as later ones will be, and must have taken no part in the fit: not as X, and not
   * as validationData either, by which the best epoch was chosen. It needs 9 rows for a confidence of 0.9, 19 for 0.95, 99 for 0.99; a few
   * hundred bring the coverage close to the confidence. save keeps what was measured, fit and partialFit drop it.
   * @throws ERR_STATE before fit, ERR_BUSY during one; ERR_UNSUPPORTED for multilabel targets; ERR_LABEL for labels the fit did not see; ERR_EMPTY, ERR_SHAPE,
   * ERR_TYPE, ERR_NONFINITE.
   *
   * @example
   * const own = new MLPClassifier({ epochs: 20 }).fitSync(X.slice(20), y.slice(20));
   * own.conformalize(X.slice(0, 20), y.slice(0, 20)).predictSet(X, { confidence: 0.95 })[0];  // labels, the likeliest first
   */
  conformalize(X: Features, y: ClassTargets): this {
    if (this.multilabel)
      fail('ERR_UNSUPPORTED', 'conformalize: with several columns of y (multilabel) a row has no one class for a set to hold.');
    const { scaled, values } = this.keptRows(X, y, 'conformalize');
    return this.setHead({ ...this.head, sets: fitSets(values, this.probabilities(scaled)) });
  }

  /**
   * For each row the labels of a set that holds the true class with probability `confidence` (default 0.9), the likeliest first. The probability
   * is over rows drawn as those of conformalize were, and at least `confidence`, whatever the network has learnt.
   * See: Sadinle, Lei and Wasserman 2019, https://arxiv.org/abs/1609.00451; Romano, Sesia and Candès 2020, https://arxiv.org/abs/2006.02544
   * @throws ERR_STATE before conformalize; ERR_OPTION for a confidence outside (0, 1), or one that conformalize had too few rows for (0.95 needs 19);
   * ERR_SHAPE, ERR_TYPE, ERR_NONFINITE.
   */
  predictSet(X: Features, options: SetOptions = {}): Label[][] {
    const { confidence, method } = readOptions(setRows, options, 'predictSet');
    const { sets } = this.head;
    if (sets === undefined)
      fail(
        'ERR_STATE',
        'predictSet: which classes cannot be ruled out is not known yet. Call conformalize(X, y) with rows that were kept from training first.',
      );
    const { classes } = this;
    return setsOf(sets, this.predictProba(X), confidence, method).map((ids) => ids.map((id) => classes[id]!));
  }

  /** An unfitted classifier of the same options, or some others. */
  clone(options: MLPClassifierOptions = {}): this {
    return new (this.constructor as new (options: MLPClassifierOptions) => this)({ ...this.options, ...options });
  }

  /** The classifier that save wrote. @throws ERR_FORMAT for anything else; ERR_NONFINITE for weights that are no numbers. */
  static load(bytes: Uint8Array | ArrayBuffer, options: Pick<MLPClassifierOptions, 'onWarning'> = {}): MLPClassifier {
    readOptions(loadRows, options, 'load');
    const { file, options: saved } = readEstimator(bytes, 'MLPClassifier');
    return fromFile(() => new MLPClassifier({ ...saved, ...options }).restore(file));
  }

  // ---- the head ----------------------------------------------------------------------------------------------

  protected readTargets(y: unknown, rows: number, options: { classes?: Labels }, known?: ClassHead): Targets<ClassHead> {
    const columns = known === undefined ? columnsOf(y) : known.encoder === undefined ? known.columns : 1;
    if (known !== undefined && options.classes !== undefined) checkSameClasses(options.classes, known);
    if (columns > 1) {
      if (this.options.classWeight !== undefined)
        fail(
          'ERR_OPTION',
          'classWeight: y has several columns (multilabel), so a row has no one class to weigh. Use sampleWeight, or leave classWeight out.',
        );
      this.checkMethod(columns + 1);
      if (this.ordinal)
        fail(
          'ERR_OPTION',
          'ordinal: y has several columns (multilabel), so a row has no one class to stand in an order. Leave ordinal out.',
        );
      return readMultilabel(y as MatrixLike, rows, columns);
    }
    if (y === undefined) fail('ERR_TYPE', 'y: expected a label for each row of X, got undefined.');
    const labels = readLabels(y as Labels);
    if (labels.length !== rows) fail('ERR_SHAPE', `X has ${rows} rows, but y has ${labels.length}.`);
    const encoder = known?.encoder ?? encoderOf(labels, options.classes, this.options.ordinal);
    const { classes } = encoder;
    this.checkMethod(classes.length);
    if (this.ordinal && this.smoothing > 0)
      fail('ERR_OPTION', 'labelSmoothing: classes with an order (ordinal) are learnt as they are. Leave one of the two out.');
    if (known === undefined && classes.length < 2)
      fail(
        'ERR_LABEL',
        `y: there is only one class, ${listLabels(classes)}, so there is nothing to tell apart. If others may come, declare them: { classes: […] }.`,
      );
    const ids = encoder.transform(labels);
    return {
      head: known ?? headOf(encoder, this.ordinal),
      values: Float64Array.from(ids),
      columns: 1,
      strata: ids,
    };
  }

  private get ordinal(): boolean {
    const { ordinal = false } = this.options;
    return ordinal !== false;
  }

  private checkMethod(classes: number): void {
    const { calibrate } = this.options;
    if ((calibrate === 'platt' || calibrate === 'isotonic') && presetOf(this.options) !== 'none')
      fail(
        'ERR_OPTION',
        `calibrate: '${calibrate}' corrects one network, and a preset averages several by a temperature of their own. Add preset: 'none', or use 'temperature'.`,
      );
    if (classes !== 2 && (calibrate === 'platt' || calibrate === 'isotonic'))
      fail(
        'ERR_OPTION',
        `calibrate: '${calibrate}' is for two classes that exclude each other. Use 'temperature', which takes any.`,
      );
  }

  protected weighClasses(
    { head, values }: Targets<ClassHead>,
    trained: Targets<ClassHead>,
    trainRows?: Uint32Array,
  ): Float64Array | undefined {
    const { classWeight } = this.options;
    if (classWeight === undefined || head.encoder === undefined) return undefined;
    const ids = trainRows === undefined ? trained.values : trainRows.map((i) => trained.values[i]!);
    const factors = classFactors(classWeight, ids, head.encoder.classes);
    return values.map((id) => factors[id]!);
  }

  protected targetFindings({ head, values }: Targets<ClassHead>, what: string): Finding[] {
    if (head.encoder === undefined) return [];
    return rareFindings(values, head.encoder.classes, { what, weighed: this.options.classWeight !== undefined });
  }

  protected fitHead({ head }: Targets<ClassHead>): ClassHead {
    return head;
  }

  protected override checkWatched(watched: boolean): void {
    const { calibrate } = this.options;
    if (!watched && typeof calibrate === 'string')
      fail(
        'ERR_OPTION',
        `calibrate: '${calibrate}' is fitted on rows that early stopping watches, and this fit has none. Pass earlyStopping: true or validationData, or calibrate: false.`,
      );
  }

  protected override finishedHead(head: ClassHead, model: Model, watched: WatchedRows | undefined): ClassHead {
    const { calibrate, compat } = this.options;
    if (watched === undefined || calibrate === false) return head;
    const { X, values } = watched;
    const multilabel = head.encoder === undefined;
    const few = values.length < fewestToCalibrate * (multilabel ? head.columns : 1);
    if (calibrate === undefined && (compat !== undefined || few)) return head;
    const proba = this.ownProbabilities(model, X, head);
    const calibration = fitCalibration(calibrate ?? 'temperature', { proba, truth: values, exclusive: !multilabel });
    return calibration === undefined ? head : { ...head, calibration };
  }

  protected bareHead({ encoder, columns, ordinal }: ClassHead): ClassHead {
    return ordinal === undefined ? { encoder, columns } : { encoder, columns, ordinal };
  }

  protected encode(head: ClassHead, values: Float64Array, columns: number, smoothing: number): Matrix {
    return encodeClasses(head, values, columns, smoothing);
  }

  protected network(head: ClassHead, labelSmoothing = this.smoothing): Network {
    return classNetwork(head, labelSmoothing);
  }

  protected override get smoothing(): number {
    return this.options.labelSmoothing ?? 0;
  }

  protected rate(head: ClassHead, values: Float64Array, outputs: Matrix, weights: ArrayLike<number> | undefined): number {
    return shareRight(head, values, outputs, weights);
  }

  protected readColumn(table: Table, name: string): Label[] {
    return table.labels(name);
  }

  protected headToJSON(head: ClassHead) {
    return classHeadToJSON(head);
  }

  protected headFromJSON(saved: SavedState, sections: SavedModel['sections']): ClassHead {
    return classHeadFromJSON(saved, sections, this.ordinal);
  }
}
