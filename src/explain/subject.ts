// What is explained: a network, an estimator or a function, as rows of inputs, the features they belong to, and one number for each row.

import { floats, type Floats } from '../data/allocate.js';
import { type Matrix, matrix, RowReader, type MatrixLike } from '../data/matrix.js';
import { Table } from '../data/table.js';
import { fail, show } from '../errors.js';
import type { MLPClassifier } from '../estimators/classifier.js';
import { asFeatures, type Features } from '../estimators/features.js';
import { kindOf } from '../estimators/kinds.js';
import type { MLPRegressor } from '../estimators/regressor.js';
import { Model } from '../model/model.js';
import { choice, given, type Schema } from '../options.js';
import { beforeActivation } from '../model/logits.js';
import { trainerOf } from '../model/stepLoop.js';
import { copyInputs, countInputs } from '../training/feeding.js';
import type { Trainer } from '../training/trainer.js';
import { functionEvaluator, networkEvaluator, type Evaluator } from './evaluators.js';
import { calibratedHead } from './calibratedHead.js';
import { isClassifier, isRegressor } from './estimators.js';
import { affineHead, logOddsHead, orderedHead, type Head } from './head.js';

/** A function to explain: rows in, a number per row or rows of outputs back, at once. */
export type Answering = (X: Matrix) => MatrixLike | ArrayLike<number>;

/** What can be explained: a network, a fitted classifier or regressor, or any function of rows. */
export type Explainable = Model | MLPClassifier | MLPRegressor | Answering;

/** Inputs [from, to) that are one feature: a category that was spread into indicators, or coordinates that only mean something together. */
export interface FeatureGroup {
  /** What the feature is called. */
  readonly name: string;
  /** Its first input, from 0. */
  readonly from: number;
  /** The input after its last. */
  readonly to: number;
}

/** Which number is explained. */
export interface OutputOptions {
  /**
   * Which output: its column, from 0 (default 0). Of a classifier it is the class by its place in `classes`, as in the columns of
   * predictProba, or the label itself where labels are text or true and false.
   */
  readonly output?: number | string | boolean;
  /**
   * 'output' is what the model answers: the outputs of a network or a function, probabilities of a classifier, numbers of a regressor in
   * the units of the target. 'logit' is ln(p / (1 - p)) of a probability, computed before the sigmoid or softmax rounds it (default 'output').
   */
  readonly scale?: 'output' | 'logit';
  /** Inputs of a matrix that are one feature (default: each its own; a table's columns, categories included, know it themselves). */
  readonly groups?: readonly FeatureGroup[];
}

/** What checks them. A function, so that bundles without explanations leave it out. */
export const outputRows = () =>
  ({
    output: given<number | string | boolean>(),
    scale: choice(['output', 'logit'], 'output'),
    groups: given<readonly FeatureGroup[]>(),
  }) satisfies Schema<OutputOptions>;

/** Rows as the model's first layer sees them, tightly packed. */
export interface InputRows {
  readonly data: Floats;
  readonly rows: number;
}

/** A network behind a subject, and the number made of its outputs. */
interface NetworkSubject {
  readonly trainer: Trainer;
  readonly head: Head;
}

/** Something that gives one number for a row. */
export interface Subject {
  readonly inputs: number;
  /** One for each feature, in order. */
  readonly groups: readonly FeatureGroup[];
  /** The network, unless it is a function. */
  readonly network: NetworkSubject | undefined;
  readonly evaluator: Evaluator;
  /** Rows as inputs. @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE. */
  read(X: Features, name: string): InputRows;
}

/** Checks what is to be explained and how. `X` says how many inputs a function has. @throws ERR_OPTION, ERR_TYPE, ERR_STATE. */
export function subjectOf(model: Explainable, options: OutputOptions, X: Features, who: string): Subject {
  if (model instanceof Model) return modelSubject(model, options, who);
  if (isClassifier(model) || isRegressor(model)) return estimatorSubject(model, options, who);
  if (typeof model === 'function') return functionSubject(model, options, X, who);
  return fail(
    'ERR_TYPE',
    `${who}: expected an MLP, a fitted MLPClassifier or MLPRegressor, or a function of rows, got ${show(model)}. For anything else pass a function: (X) => other.predict(X).`,
  );
}

function modelSubject(model: Model, options: OutputOptions, who: string): Subject {
  const { inputs, outputs, plan } = model;
  const output = columnOf(options.output, outputs, who);
  const network = networkOf(model, options.scale, output, affineHead(outputs, output), who);
  return {
    inputs,
    groups: groupsOf(options.groups, inputs, undefined, who),
    network,
    evaluator: networkEvaluator(network.trainer, network.head),
    read: (X, name) => {
      const features = asFeatures(X);
      if (features instanceof Table)
        fail(
          'ERR_TYPE',
          `${name} is a table, but a network takes rows of numbers. Pass the estimator it belongs to, or encode the table.`,
        );
      return packed(trainerOf(model), features, countInputs(features, plan, name), name);
    },
  };
}

function estimatorSubject(estimator: MLPClassifier | MLPRegressor, options: OutputOptions, who: string): Subject {
  const { model, inputs, encoder, featureNames } = estimator; // ERR_STATE before fit
  const own = encoder?.groups ?? featureNames.map((name, j) => ({ name, from: j, to: j + 1 }));
  if (encoder !== undefined && options.groups !== undefined)
    fail('ERR_OPTION', `${who}.groups: this ${kindOf(estimator)} learnt a table, whose columns are the features.`);
  const network = isClassifier(estimator) ? classNetwork(estimator, options, who) : numberNetwork(estimator, options, who);
  return {
    inputs,
    groups: groupsOf(options.groups, inputs, own, who),
    network,
    evaluator: networkEvaluator(network.trainer, network.head),
    read: (X, name) => {
      const rows = rowsFor(estimator, X, name);
      return packed(trainerOf(model), rows, countInputs(rows, model.plan, name), name);
    },
  };
}

/** X as the network behind an estimator takes it: encoded, if it is a table, and scaled. @throws ERR_TYPE, ERR_SHAPE and what reading X throws. */
function rowsFor({ encoder, scaler, inputs, featureNames }: MLPClassifier | MLPRegressor, X: Features, name: string): MatrixLike {
  const features = asFeatures(X);
  let rows: MatrixLike;
  if (features instanceof Table) {
    if (encoder === undefined)
      fail(
        'ERR_TYPE',
        `${name} is a table, but this model was trained on a matrix. Pass rows of numbers in the order of its featureNames.`,
      );
    rows = encoder.transform64(features);
  } else rows = features;
  const { shape } = new RowReader(rows, { name });
  if (shape[1] !== inputs) {
    const names = featureNames.length > 10 ? `${featureNames.slice(0, 10).join(', ')}, …` : featureNames.join(', ');
    fail('ERR_SHAPE', `${name} has ${shape[1]} columns, but this model has ${inputs} inputs (${names}).`, {
      expected: inputs,
      got: shape[1],
    });
  }
  return scaler === undefined ? rows : scaler.transform(rows);
}

/** Of two classes the network has the second one's output alone. */
function classNetwork(classifier: MLPClassifier, { output: asked = 0, scale }: OutputOptions, who: string): NetworkSubject {
  const { model, classes } = classifier;
  const named = typeof asked === 'number' ? asked : classes.indexOf(asked);
  if (named < 0)
    fail(
      'ERR_OPTION',
      `${who}.output: there is no class ${show(asked)}. Classes: ${classes.map((label) => show(label)).join(', ')}.${asked === 'logit' ? " For logits pass scale: 'logit'." : ''}`,
    );
  const output = columnOf(named, classes.length, who);
  const { calibrator } = classifier;
  if (classifier.ordered) {
    if (calibrator !== undefined || scale === 'logit')
      fail(
        'ERR_UNSUPPORTED',
        `${who}: probabilities of classes with an order are explained as the network says them. Leave scale out, and train with calibrate: false.`,
      );
    return { trainer: trainerOf(model), head: orderedHead(model.outputs, output) };
  }
  if (calibrator !== undefined) {
    if (calibrator.method === 'isotonic' && scale === 'logit')
      fail(
        'ERR_OPTION',
        `${who}.scale: probabilities corrected by isotonic regression may be 0 and 1, which have no logit. Leave scale out.`,
      );
    const column = model.outputs > 1 ? output : 0;
    const { trainer } = networkOf(model, 'logit', column, affineHead(model.outputs, column), who);
    const [softmax, turned] = [
      !classifier.multilabel && model.outputs > 1,
      !classifier.multilabel && classes.length === 2 && output === 0,
    ];
    return {
      trainer,
      head: calibratedHead(calibrator, { columns: model.outputs, column, softmax, turned, scale: scale ?? 'output' }),
    };
  }
  if (classifier.multilabel || model.outputs > 1) return networkOf(model, scale, output, affineHead(model.outputs, output), who);
  const logit = networkOf(model, scale, 0, affineHead(1, 0), who);
  if (output === 1) return logit;
  return { trainer: logit.trainer, head: scale === 'logit' ? affineHead(1, 0, -1) : affineHead(1, 0, -1, 1) };
}

function numberNetwork(regressor: MLPRegressor, { output: asked, scale }: OutputOptions, who: string): NetworkSubject {
  if (scale === 'logit')
    fail('ERR_OPTION', `${who}.scale: 'logit' is of probabilities, and an MLPRegressor gives numbers. Leave it out.`);
  const { model, targetScaler } = regressor;
  const target = columnOf(asked, regressor.targets, who);
  // Of quantiles the median, of a mean and its deviation the mean.
  const { quantiles } = regressor;
  const middle = quantiles === undefined ? 0 : quantiles.length === 1 ? 0 : quantiles.indexOf(0.5);
  if (middle < 0)
    fail('ERR_UNSUPPORTED', `${who}: the answer of this regressor lies between two quantiles. Train it with 0.5 among them.`);
  const output = target * (model.outputs / regressor.targets) + middle;
  const head =
    targetScaler === undefined
      ? affineHead(model.outputs, output)
      : affineHead(model.outputs, output, targetScaler.scale[target]!, targetScaler.mean[target]!);
  return { trainer: trainerOf(model), head };
}

/** The network itself, or for logits one of the same weights that ends before its sigmoid or softmax. */
function networkOf(model: Model, scale: OutputOptions['scale'], output: number, head: Head, who: string): NetworkSubject {
  if (scale === undefined || scale === 'output') return { trainer: trainerOf(model), head };
  const { name } = model.plan.layers[model.plan.layers.length - 1]!.activation;
  const rows = name === 'softmax' || name === 'logSoftmax';
  if (!rows && name !== 'sigmoid')
    fail(
      'ERR_OPTION',
      `${who}.scale: 'logit' needs outputs that are probabilities (sigmoid, softmax), and this network ends in ${show(name)}. Leave scale out to explain its outputs as they are.`,
    );
  const bare = trainerOf(beforeActivation(model));
  return { trainer: bare, head: rows ? logOddsHead(model.outputs, output) : head };
}

function functionSubject(f: Answering, options: OutputOptions, X: Features, who: string): Subject {
  const { output = 0, scale = 'output' } = options;
  if (scale !== 'output')
    fail('ERR_OPTION', `${who}.scale: a function is explained as it answers. Let it return logits, or leave scale out.`);
  if (!(typeof output === 'number' && Number.isInteger(output) && output >= 0))
    fail('ERR_OPTION', `${who}.output: expected the column of the function's answer, from 0, got ${show(output)}.`);
  const numbers = (given: Features, name: string) => {
    const features = asFeatures(given);
    if (features instanceof Table)
      fail(
        'ERR_TYPE',
        `${name} is a table, but a function is explained on rows of numbers. Encode it first (TableEncoder), and pass its groups.`,
      );
    return matrix(features, { name });
  };
  const [, inputs] = numbers(X, 'X').shape;
  return {
    inputs,
    groups: groupsOf(options.groups, inputs, undefined, who),
    network: undefined,
    evaluator: functionEvaluator(f, inputs, output),
    read: (given, name) => {
      const { data, shape } = numbers(given, name);
      if (shape[1] !== inputs)
        fail('ERR_SHAPE', `${name} has ${shape[1]} columns, but X has ${inputs}.`, { expected: inputs, got: shape[1] });
      return { data, rows: shape[0] };
    },
  };
}

/** X as the first layer sees it, in the precision of the backend. */
function packed({ plan, backend }: Trainer, X: MatrixLike, rows: number, name: string): InputRows {
  const length = rows * plan.inputs;
  const data: Floats = backend.x instanceof Float64Array ? new Float64Array(length) : floats(length, name);
  copyInputs(data, plan.inputs, X, 0, rows, plan, false, name);
  return { data, rows };
}

function columnOf(output: unknown, columns: number, who: string): number {
  const column = output ?? 0;
  if (!(typeof column === 'number' && Number.isInteger(column) && column >= 0 && column < columns))
    fail('ERR_SHAPE', `${who}.output: expected 0 to ${columns - 1}, got ${show(column)}.`);
  return column;
}

/** The features of all inputs: those that were named, the others each its own. */
function groupsOf(
  given: readonly FeatureGroup[] | undefined,
  inputs: number,
  own: readonly FeatureGroup[] | undefined,
  who: string,
): readonly FeatureGroup[] {
  const names = own?.map(({ name }) => name);
  if (given === undefined) return own ?? Array.from({ length: inputs }, (_, j) => ({ name: `x${j}`, from: j, to: j + 1 }));
  if (!Array.isArray(given)) fail('ERR_OPTION', `${who}.groups: expected a list of { name, from, to }, got ${show(given)}.`);
  const sorted = [...given].sort((a, b) => a.from - b.from);
  const groups: FeatureGroup[] = [];
  let at = 0;
  const alone = (to: number) => {
    for (; at < to; at++) groups.push({ name: names?.[at] ?? `x${at}`, from: at, to: at + 1 });
  };
  for (const { name, from, to } of sorted) {
    const fits = Number.isInteger(from) && Number.isInteger(to) && from >= at && from < to && to <= inputs;
    if (!fits || typeof name !== 'string')
      fail(
        'ERR_OPTION',
        `${who}.groups: ${show(name)} is inputs ${show(from)} to ${show(to)}; groups lie within 0 to ${inputs} and share no input.`,
      );
    alone(from);
    groups.push({ name, from, to });
    at = to;
  }
  alone(inputs);
  return groups;
}
