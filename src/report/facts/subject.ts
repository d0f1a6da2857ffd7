// What a report is about: a network or an estimator, whichever it is, as something that answers rows of one or several targets.

import { isFloat64 } from '../../brands.js';
import { classesOf, compareLabels, readLabels, type Label, type Labels } from '../../data/labels.js';
import { float64Targets, Matrix, type Float64Rows, type MatrixLike } from '../../data/matrix.js';
import { sigmoid } from '../../data/special.js';
import { Table } from '../../data/table.js';
import { fail, show } from '../../errors.js';
import { MLPClassifier } from '../../estimators/classifier.js';
import { Perceptron } from '../../estimators/perceptron.js';
import { MLPRegressor } from '../../estimators/regressor.js';
import type { Explainable, FeatureGroup } from '../../explain/subject.js';
import { Model } from '../../model/model.js';
import type { ModelRows } from './rows.js';
import type { Predictions, Targets } from './scores.js';

/** What a report can be about: a network, a fitted classifier or regressor, or a fitted perceptron. */
export type Reportable = Model | MLPClassifier | MLPRegressor | Perceptron;

/** What its targets, and the inputs of a matrix, are called. */
export interface Names {
  readonly target: string | readonly string[] | undefined;
  readonly features: readonly string[] | undefined;
}

/** A model as a report asks it. */
export interface Subject {
  readonly kind: 'MLP' | 'MLPClassifier' | 'MLPRegressor' | 'Perceptron';
  readonly model: Reportable;
  /** Classes in the order of the columns of probabilities; undefined for numbers. */
  readonly classes: readonly Label[] | undefined;
  /** What is predicted: one name, but for numbers of several targets. */
  readonly targets: readonly string[];
  readonly features: readonly FeatureGroup[];
  /** What explain and partialDependence are asked about, and what the output they explain is: of a class, or of a target. */
  readonly explainable: Explainable;
  readonly explained: (target: number, label: Label | undefined) => { readonly output: number; readonly what: string };
  /** Answers to rows, one for each target. */
  answer(rows: ModelRows): Predictions[];
  /** What is true of the rows, one for each target. @throws ERR_SHAPE, ERR_TYPE, ERR_LABEL for targets that are not like the model's. */
  truth(rows: ModelRows, y: unknown): Targets[];
}

/** @throws ERR_TYPE for anything but a model, ERR_STATE before fit, ERR_UNSUPPORTED for several yes-or-no answers per row and for models of whole numbers, ERR_OPTION for names that do not fit. */
export function subjectOf(model: Reportable, names: Names): Subject {
  if (model instanceof MLPClassifier) return classifierSubject(model, names);
  if (model instanceof MLPRegressor) return regressorSubject(model, names);
  if (model instanceof Perceptron) return perceptronSubject(model, names);
  if (model instanceof Model) return networkSubject(model, names);
  if (typeof model === 'object' && model !== null && 'layers' in model && 'byteLength' in model)
    fail(
      'ERR_UNSUPPORTED',
      'report: this is a model of whole numbers, which knows neither how it was trained nor derivatives. Report on the model that quantize made it of; its own `report` says what whole numbers cost.',
    );
  return fail('ERR_TYPE', `report: expected an MLP, or a fitted MLPClassifier, MLPRegressor or Perceptron, got ${show(model)}.`);
}

// ---- estimators ------------------------------------------------------------------------------------------------------

function classifierSubject(model: MLPClassifier, names: Names): Subject {
  const { classes } = model;
  if (model.multilabel)
    fail(
      'ERR_UNSUPPORTED',
      'report: this classifier gives several yes-or-no answers per row (multilabel), which a report has no page for. Report a classifier of each column.',
    );
  const target = oneName(names.target, model.target);
  return {
    ...{ kind: 'MLPClassifier', model, classes, targets: [target], explainable: model },
    features: model.encoder?.groups ?? named(names.features ?? model.featureNames, model.inputs),
    explained: (_, label) => ({ output: classes.indexOf(label!), what: `probability of ${target} = ${String(label)}` }),
    answer: (rows) => {
      const proba = model.predictProba(rows);
      return [{ predicted: model.predict(rows), proba, classes }];
    },
    truth: (rows, y) => [labelsOf(rows, y, classes, names)],
  };
}

function regressorSubject(model: MLPRegressor, names: Names): Subject {
  const targets = someNames(names.target, model.targets, model.target);
  return {
    ...{ kind: 'MLPRegressor', model, classes: undefined, targets, explainable: model },
    features: model.encoder?.groups ?? named(names.features ?? model.featureNames, model.inputs),
    explained: (target) => ({ output: target, what: targets[target]! }),
    answer: (rows) => columnsOf(model.predict(rows), targets.length).map((predicted) => ({ predicted })),
    truth: (rows, y) => numbersOf(rows, y, targets.length),
  };
}

function perceptronSubject(model: Perceptron, names: Names): Subject {
  const { classes, weights } = model;
  const target = oneName(names.target, undefined);
  const length = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0)) || 1;
  return {
    ...{ kind: 'Perceptron', model, classes, targets: [target] },
    features: named(names.features, weights.length),
    explainable: (X) => model.decisionFunction(X).map((sum) => sum / length),
    explained: () => ({ output: 0, what: `distance from the boundary, towards ${target} = ${String(classes[1])}` }),
    answer: (rows) => [{ predicted: model.predict(rows as MatrixLike), classes }],
    truth: (rows, y) => [labelsOf(rows, y, classes, names)],
  };
}

// ---- networks --------------------------------------------------------------------------------------------------------

function networkSubject(model: Model, names: Names): Subject {
  const features = named(names.features, model.inputs);
  const { loss, layers } = model.plan;
  const { outputs } = model;
  const last = layers[layers.length - 1]!.activation.name;
  const crossed = /crossentropy/i.test(loss.name) && loss.fromLogits;
  const signs = loss.targets === 'sign';
  if (outputs > 1 && (last === 'sigmoid' || (loss.name === 'binaryCrossEntropy' && crossed)))
    fail(
      'ERR_UNSUPPORTED',
      'report: this network gives several yes-or-no answers per row (sigmoid outputs), which a report has no page for.',
    );
  const isClasses = signs || last === 'softmax' || last === 'logSoftmax' || (outputs === 1 && last === 'sigmoid') || crossed;
  if (!isClasses || (signs && outputs > 1)) {
    const targets = someNames(names.target, outputs, undefined);
    return {
      ...{ kind: 'MLP', model, classes: undefined, targets, features, explainable: model },
      explained: (target) => ({ output: target, what: targets[target]! }),
      answer: (rows) => columnsOf(model.predict(rows as MatrixLike), outputs).map((predicted) => ({ predicted })),
      truth: (rows, y) => numbersOf(rows, y, outputs),
    };
  }
  const target = oneName(names.target, undefined);
  const classes = signs ? [-1, 1] : Array.from({ length: Math.max(2, outputs) }, (_, c) => c);
  const probabilities = (X: MatrixLike): Matrix => {
    const { data, shape } = model.predict(X);
    if (outputs === 1) {
      const p = (value: number) => (last === 'sigmoid' ? value : sigmoid(value));
      return new Matrix(
        Float32Array.from({ length: 2 * shape[0] }, (_, k) => (k % 2 === 0 ? 1 - p(data[k >> 1]!) : p(data[k >> 1]!))),
        shape[0],
        2,
      );
    }
    return last === 'softmax' ? new Matrix(data, shape[0], outputs) : softmax(data, shape[0], outputs);
  };
  const quantity = signs || crossed ? 'score' : last === 'logSoftmax' ? 'log probability' : 'probability';
  return {
    ...{ kind: 'MLP', model, classes, targets: [target], features },
    // The second of two classes has the one output there is; the first what is left of it.
    explainable: outputs === 1 && !signs && !crossed ? (X) => probabilities(X) : model,
    explained: (_, label) => {
      const place = outputs === 1 && (signs || crossed) ? 1 : classes.indexOf(label as number);
      return { output: outputs === 1 && (signs || crossed) ? 0 : place, what: `${quantity} of ${target} = ${classes[place]}` };
    },
    answer: (rows) => {
      if (signs)
        return [{ predicted: Array.from(model.predict(rows as MatrixLike).data, (sum) => (sum >= 0 ? 1 : -1)), classes }];
      const proba = probabilities(rows as MatrixLike);
      return [{ predicted: likeliest(proba, classes), proba, classes }];
    },
    truth: (_, y) => {
      const { data, shape } = float64Targets(y as MatrixLike, { name: 'y' });
      if (shape[1] !== 1 && shape[1] !== outputs)
        fail('ERR_SHAPE', `y has ${shape[1]} columns, but this network tells ${classes.length} classes apart.`);
      const ids = Array.from({ length: shape[0] }, (_, i) =>
        shape[1] === 1 ? data[i]! : largest(data.subarray(i * outputs, (i + 1) * outputs)),
      );
      const labels = signs ? ids.map((id) => (id <= 0 ? -1 : 1)) : ids;
      refuseStrangers(labels, classes);
      return [labels];
    },
  };
}

// ---- names, targets, answers -----------------------------------------------------------------------------------------

function named(given: readonly string[] | undefined, inputs: number): FeatureGroup[] {
  if (given !== undefined && given.length !== inputs)
    fail('ERR_OPTION', `report.featureNames: ${given.length} names, but this model has ${inputs} inputs.`);
  return Array.from({ length: inputs }, (_, j) => ({ name: given?.[j] ?? `x${j}`, from: j, to: j + 1 }));
}

function oneName(given: Names['target'], own: string | undefined): string {
  if (Array.isArray(given) && given.length !== 1)
    fail('ERR_OPTION', `report.target: ${given.length} names, but this model predicts one target.`);
  return (Array.isArray(given) ? (given[0] as string) : (given as string | undefined)) ?? own ?? 'y';
}

function someNames(given: Names['target'], targets: number, own: string | undefined): string[] {
  if (targets === 1) return [oneName(given, own)];
  if (given === undefined) return Array.from({ length: targets }, (_, k) => `y${k}`);
  if (!Array.isArray(given) || given.length !== targets)
    fail('ERR_OPTION', `report.target: expected a list of ${targets} names, one for each target, got ${show(given)}.`);
  return [...given];
}

function labelsOf(rows: ModelRows, y: unknown, classes: readonly Label[], _: Names): Label[] {
  const labels = typeof y === 'string' ? tableFor(rows, y).labels(y) : readLabels(y as Labels);
  refuseStrangers(labels, classes);
  return labels;
}

function refuseStrangers(labels: readonly Label[], classes: readonly Label[]): void {
  const strangers = classesOf(labels).filter((label) => !classes.includes(label));
  if (strangers.length > 0)
    fail(
      'ERR_LABEL',
      `y: this model does not know ${strangers.slice(0, 10).map(show).join(', ')}. Its classes: ${[...classes].sort(compareLabels).slice(0, 20).map(show).join(', ')}.`,
    );
}

function numbersOf(rows: ModelRows, y: unknown, targets: number): Float64Array[] {
  if (typeof y === 'string') return [tableFor(rows, y).numbers(y)];
  const read = float64Targets(y as MatrixLike, { name: 'y' });
  if (read.shape[1] !== targets) fail('ERR_SHAPE', `y has ${read.shape[1]} columns, but this model predicts ${targets}.`);
  return columnsOf(read, targets);
}

function tableFor(rows: ModelRows, y: string): Table {
  if (rows instanceof Table) return rows;
  return fail('ERR_TYPE', `y: ${show(y)} would be a column of a table, but X is a matrix. Pass one target per row.`);
}

/** The columns of rows, or the numbers themselves. */
function columnsOf(rows: Float64Array | Float64Rows | Matrix, columns: number): Float64Array[] {
  const data: ArrayLike<number> = isFloat64(rows) ? rows : rows.data;
  const count = data.length / columns;
  return Array.from({ length: columns }, (_, j) => Float64Array.from({ length: count }, (_, i) => data[i * columns + j]!));
}

function likeliest({ data, shape }: Matrix, classes: readonly Label[]): Label[] {
  const [rows, columns] = shape;
  return Array.from({ length: rows }, (_, i) => classes[largest(data.subarray(i * columns, (i + 1) * columns))]!);
}

function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let j = 1; j < values.length; j++) if (values[j]! > values[best]!) best = j;
  return best;
}

function softmax(scores: ArrayLike<number>, rows: number, columns: number): Matrix {
  const out = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    let most = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < columns; j++) most = Math.max(most, scores[i * columns + j]!);
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += Math.exp(scores[i * columns + j]! - most);
    for (let j = 0; j < columns; j++) out[i * columns + j] = Math.exp(scores[i * columns + j]! - most) / sum;
  }
  return new Matrix(out, rows, columns);
}
