// quantize: a trained model in 8-bit whole numbers, calibrated on rows and judged on them.

import type { Label } from '../data/labels.js';
import type { Float64Rows, Matrix, MatrixLike } from '../data/matrix.js';
import type { Table } from '../data/table.js';
import { fail, show } from '../errors.js';
import type { MLPClassifier } from '../estimators/classifier.js';
import type { MLPRegressor } from '../estimators/regressor.js';
import { readContainer } from '../formats/container.js';
import { openNetwork, type PredictingSource } from '../formats/network.js';
import type { IntegerLayers, Stage } from '../integer/stages.js';
import type { Model } from '../model/model.js';
import { given, number, readOptions, type Schema } from '../options.js';
import type { NetworkPlan } from '../plan/network.js';
import type { Prediction } from '../predict/answering.js';
import { openModelFile } from '../predict/container.js';
import { readRows } from '../predict/rows.js';
import type { Records } from '../predict/records.js';
import { surroundings } from '../predict/surroundings.js';
import { quantizedStages, type Digits } from './calibrate.js';
import { encodeIntegers } from './file.js';
import { foldedSteps } from './fold.js';
import { parts, QuantizedModel } from './quantizedModel.js';
import { answeredBy, largestDifference, scoreOf, targetsOf, type Answered, type QuantizationReport } from './report.js';

/** What can be made whole numbers of: a model with save(), or a fitted MLPClassifier or MLPRegressor. */
export type Quantizable = SavableModel | MLPClassifier | MLPRegressor;

/** A network that knows its file, such as an MLP. */
export type SavableModel = Model & {
  /** Its file. */
  save(): Uint8Array<ArrayBuffer>;
};

/** Rows to calibrate on: numbers, or of an estimator that was trained on a table also records or a Table. */
export type Calibrating = MatrixLike | Records | Table;

/** Options of quantize. */
export interface QuantizeOptions {
  /**
   * The loss of score that is accepted, in [0, 1] (default 0.01, one point of accuracy): share of rows answered right, or R2. Above it quantize
   * refuses.
   */
  readonly maxLoss?: number;
  /**
   * The true answers for the rows of X: labels of a classifier, numbers of a regressor, of a plain model class ids, one-hot rows or numbers.
   * Without them the model's own answers are what is right, which is stricter: every row that is answered otherwise counts.
   */
  readonly y?: ArrayLike<unknown> | MatrixLike;
  /**
   * Bits of the inputs of dense layers: 7, or 14 as two digits at twice the work. By default 14 in networks of less than 65,536 weights, whose
   * products take little time, and in a first layer of at most 64 inputs; 7 elsewhere; and 14 everywhere if the loss would else be above maxLoss.
   */
  readonly bits?: 7 | 14;
}

const rows = {
  maxLoss: number({ min: 0, max: 1, default: 0.01 }),
  y: given<QuantizeOptions['y']>(),
  bits: given<7 | 14>((value, name) =>
    value === 7 || value === 14 ? value : fail('ERR_OPTION', `${name}: expected 7 or 14, got ${show(value)}.`),
  ),
} satisfies Schema<QuantizeOptions>;

/** First layers of at most so many inputs get 14 bits: it costs little there, and tables need it. */
const NARROW = 64;

/** Networks of fewer weights get 14 bits throughout. */
const FEW_WEIGHTS = 2 ** 16;

/** Rows that ranges are measured on, at most: evenly spaced ones of those given. */
const MOST_CALIBRATED = 1024;

/**
 * A trained model with 8-bit whole numbers for weights and 7-bit ones for activations: a file a fourth as large, rows of wide layers several times
 * as fast, the same bits on every engine. Ranges are calibrated on X, some hundred rows like those to come, and both models are compared on all of
 * X: `report` says what it cost.
 * @throws ERR_UNSUPPORTED when the score falls by more than maxLoss (with the figures), and for a network without a dense layer or with more than
 * 133,143 inputs to one; ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE for X or y; ERR_OPTION; ERR_STATE before fit; ERR_RANGE.
 * @example
 * const points = Array.from({ length: 40 }, (_, i) => [i % 8, i % 5]);
 * const clf = new MLPClassifier({ epochs: 50 }).fitSync(points, points.map(([a, b]) => (a + b > 5 ? 'high' : 'low')));
 * const small = quantize(clf, points, { maxLoss: 0.02 });
 * small.predict([[7, 4], [0, 0]]);  // ['high', 'low']
 */
export function quantize(model: MLPClassifier, X: Calibrating, options?: QuantizeOptions): QuantizedModel<Label[]>;
export function quantize(model: MLPRegressor, X: Calibrating, options?: QuantizeOptions): QuantizedModel<Float64Array>;
export function quantize(model: SavableModel, X: Calibrating, options?: QuantizeOptions): QuantizedModel<Matrix>;
export function quantize<Answer extends Prediction = Prediction>(
  model: Quantizable,
  X: Calibrating,
  options?: QuantizeOptions,
): QuantizedModel<Answer>;
export function quantize(model: Quantizable, X: Calibrating, options: QuantizeOptions = {}): QuantizedModel {
  const { maxLoss, y, bits } = readOptions(rows, options, 'quantize', 'quantize.');
  if (typeof model !== 'object' || model === null || typeof model.save !== 'function' || !('model' in model || 'plan' in model))
    fail('ERR_TYPE', `quantize: expected an MLP, or a fitted MLPClassifier or MLPRegressor, got ${show(model)}.`);
  const trained = 'model' in model ? model.model : model;
  const { network } = openNetwork(trained as unknown as PredictingSource, {}, 'quantize');
  const { plan } = network;
  const steps = foldedSteps(network);
  if (!steps.some((step) => step.kind === 'dense' || step.kind === 'residual'))
    fail('ERR_UNSUPPORTED', 'quantize: this network has no dense layer whose weights could be whole numbers.');

  const bytes = model.save();
  const { inputs, outputs } = plan;
  const columns = rowsOf(model, bytes, X, plan);
  const judge = new Judge(model, plan, columns.numbers, y);
  const sections = readContainer(bytes).sections();
  const attempt = (digits: Digits) => {
    const stages = quantizedStages(steps, columns.first, inputs, digits);
    const layers: IntegerLayers = { inputs, outputs, center: plan.inputCenter, stages };
    const report = {
      ...judge.report(new QuantizedModel(encodeIntegers(layers, sections))),
      bits: bitsOf(stages),
      bytesBefore: bytes.length,
    };
    return { layers, report };
  };
  const few = plan.parameterCount < FEW_WEIGHTS;
  let made = attempt(
    bits === undefined ? (step, first) => (few || (first && step.inputs <= NARROW) ? 2 : 1) : () => (bits === 14 ? 2 : 1),
  );
  if (bits === undefined && made.report.loss > maxLoss) made = attempt(() => 2);
  const { layers, report } = made;
  if (!(report.loss <= maxLoss))
    fail(
      'ERR_UNSUPPORTED',
      `quantize: whole numbers cost ${report.loss.toPrecision(3)} of the ${report.score === 'r2' ? 'R2' : 'accuracy'} on ${report.rows} rows ` +
        `(${report.before.toPrecision(4)} before, ${report.after.toPrecision(4)} after), more than maxLoss: ${maxLoss}. ` +
        `${bits === 7 ? 'Leave bits out, accept a greater loss' : 'Accept a greater loss'}, or keep this model in float32 (inFloat16(model.save()) halves its file).`,
      { ...report, maxLoss },
    );
  return new QuantizedModel(encodeIntegers(layers, { ...sections, quantized: report }));
}

/** Bits of the inputs of every dense stage. */
function bitsOf(stages: readonly Stage[]): number[] {
  return stages.flatMap((stage) =>
    stage.kind === 'dense'
      ? [7 * stage.digits]
      : stage.kind === 'residual'
        ? [...bitsOf(stage.stages), ...bitsOf(stage.projection === undefined ? [] : [stage.projection])]
        : [],
  );
}

/** Rows of X as numbers, and some of them as they reach the first layer: scaled and centred in float64, rounded once. */
function rowsOf(
  model: Quantizable,
  bytes: Uint8Array,
  X: Calibrating,
  { inputs, outputs, inputCenter: center }: NetworkPlan,
): { numbers: Float64Rows; first: Float32Array } {
  const { encoding, featureNames, scaling } = surroundings(openModelFile(bytes), { inputs, outputs }, parts);
  const encoder = 'encoder' in model ? model.encoder : undefined;
  const table = typeof X === 'object' && X !== null && 'columns' in X && 'cell' in X;
  const numbers =
    table && encoder !== undefined
      ? encoder.transform64(X)
      : readRows(X as MatrixLike | Records, { encoding, inputs, featureNames, parts });
  const { data, shape } = numbers;
  const count = Math.min(shape[0], MOST_CALIBRATED);
  const some = new Float64Array(count * inputs);
  for (let r = 0; r < count; r++) {
    const from = Math.floor((r * shape[0]) / count) * inputs;
    some.set(data.subarray(from, from + inputs), r * inputs);
  }
  scaling?.apply(some);
  const first = new Float32Array(some.length);
  for (let k = 0; k < some.length; k++)
    first[k] = center === undefined ? some[k]! : (scaling === undefined ? some[k]! : Math.fround(some[k]!)) - center[k % inputs]!;
  return { numbers, first };
}

/** Anything that answers rows: the model, and its integer form. */
interface Answering {
  predict(X: Float64Rows): unknown;
  predictProba?(X: Float64Rows): { readonly data: ArrayLike<number> };
}

/** Compares the integer form with the model. */
class Judge {
  private readonly own: Judged;
  private readonly right: Answered;
  private readonly labels: boolean;

  /** @throws ERR_NONFINITE and ERR_RANGE for X, ERR_TYPE and ERR_SHAPE for y. */
  constructor(
    model: Quantizable,
    private readonly plan: NetworkPlan,
    private readonly X: Float64Rows,
    y: QuantizeOptions['y'],
  ) {
    this.labels = 'predictProba' in model;
    this.own = this.answers(model as unknown as Answering);
    this.right = y === undefined ? this.own.answered : targetsOf(y, this.own.answered, plan);
  }

  report(integers: QuantizedModel): Omit<QuantizationReport, 'bits' | 'bytesBefore' | 'bytesAfter'> {
    const { own, right } = this;
    const theirs = this.answers(integers as unknown as Answering);
    const before = scoreOf(right, own.answered);
    const after = scoreOf(right, theirs.answered);
    return {
      rows: this.X.shape[0],
      score: own.answered.kind === 'labels' ? 'accuracy' : 'r2',
      against: right === own.answered ? 'model' : 'y',
      before,
      after,
      loss: before - after,
      largestDifference: largestDifference(own.numbers, theirs.numbers),
    };
  }

  private answers(model: Answering): Judged {
    const answers = model.predict(this.X);
    if (this.labels) {
      const labels = (answers as unknown[]).map((label) => (Array.isArray(label) ? label.join() : label));
      return { answered: { kind: 'labels', labels }, numbers: model.predictProba!(this.X).data };
    }
    const numbers = (ArrayBuffer.isView(answers) ? answers : (answers as { data: ArrayLike<number> }).data) as ArrayLike<number>;
    const answered = answeredBy(numbers, this.plan);
    return { answered, numbers };
  }
}

interface Judged {
  readonly answered: Answered;
  readonly numbers: ArrayLike<number>;
}
