// What comes after the network, one row for each kind of thing that a file holds: labels, probabilities, numbers in the units of the
// targets. A section of the estimator that no row knows is refused by name: it may change answers.

import { calibrateRows, type Calibration, calibrationFromJSON, thresholdFromJSON } from '../data/certainty/calibration.js';
import { SavedState } from '../data/columns.js';
import type { Label } from '../data/labels.js';
import type { Matrix, Float64Rows } from '../data/matrix.js';
import { intervalsFromJSON, type Intervals } from '../data/certainty/intervals.js';
import { eachOf, inUnits, pointsOf, spreadFromJSON, type Spread } from '../data/certainty/spread.js';
import { setsFromJSON, type PredictionSets } from '../data/certainty/predictionSets.js';
import { refuseOthers } from './layers.js';
import { scalingOf } from './scaling.js';

/** What `predict` gives: a Matrix for models; labels, or rows of 0 and 1 (multilabel), for classifiers; numbers for regressors. */
export type Prediction = Matrix | Label[] | number[][] | Float64Array | Float64Rows;

/** How outputs of the network become answers. */
export interface Answers {
  /** In order; undefined where there are none. */
  readonly classes: readonly Label[] | undefined;
  /** Two classes that share one output, the probability of the second. */
  readonly binary: boolean;
  /** Classes with an order: outputs are the probabilities that the class is at most each of them but the last. */
  readonly ordinal: boolean;
  /** Whether outputs are probabilities. */
  readonly probabilities: boolean;
  /** Corrects probabilities [from, to) of a list of them, all classes of a row side by side, in place. */
  readonly calibrate: ((data: Float32Array | Float64Array, from: number, to: number) => void) | undefined;
  /** Whether a row's classes exclude each other. */
  readonly exclusive: boolean;
  /** What `calibrate` goes by. */
  readonly calibration: Calibration | undefined;
  /** Labels from probabilities, where the network's own outputs do not decide. */
  readonly decide: ((proba: Matrix) => Label[]) | undefined;
  readonly intervals: Intervals | undefined;
  /** What outputs of a regressor say of each target. */
  readonly spread: Spread;
  readonly sets: PredictionSets | undefined;
  /** Outputs of a row in the units of the targets, in place. */
  readonly inUnits: ((outputs: Float64Array) => void) | undefined;
  /** What a derivative of output j is multiplied by for it. */
  unit(j: number): number;
  /** Of the network's outputs [rows][outputs]. */
  predict(outputs: Matrix): Prediction;
}

/** A network alone: its outputs are the answers. */
export const plain: Answers = {
  classes: undefined,
  binary: false,
  ordinal: false,
  probabilities: false,
  calibrate: undefined,
  calibration: undefined,
  exclusive: false,
  decide: undefined,
  intervals: undefined,
  spread: undefined,
  sets: undefined,
  inUnits: undefined,
  unit: () => 1,
  predict: (outputs) => outputs,
};

type Sections = (name: string) => unknown;

/** By what an estimator calls itself. */
export const estimators: Readonly<Record<string, (head: unknown, section: Sections, outputs: number) => Answers>> = {
  MLPClassifier(json, section, outputs) {
    const head = headOf(json, 'multilabel columns ordinal calibration threshold sets');
    const multilabel = head.boolean('multilabel');
    if (multilabel)
      return {
        ...plain,
        ...calibrationOf(head, outputs, false),
        classes: Array.from({ length: outputs }, (_, j) => j),
        probabilities: true,
        predict: (given) => given.toArray().map((row) => row.map((p) => (p > 0.5 ? 1 : 0))),
      };
    const classes = readClasses(section('labels'), head);
    const binary = classes.length === 2;
    const ordinal = head.raw('ordinal') === true;
    if ((binary ? 1 : classes.length - (ordinal ? 1 : 0)) !== outputs)
      head.refuse('labels', `of ${outputs} outputs, as the network has`, classes);
    const calibrated = calibrationOf(head, classes.length, true);
    const method = calibrated.calibration?.method;
    const threshold = head.raw('threshold') === undefined ? 0.5 : thresholdFromJSON(head, binary);
    const own = (method === undefined || method === 'temperature') && threshold === 0.5;
    const sets = head.raw('sets');
    return {
      ...plain,
      ...{ classes, binary, ordinal, ...calibrated, exclusive: true, probabilities: true },
      decide: ordinal
        ? (proba) => labelsOf(proba, classes)
        : own
          ? undefined
          : ({ data, shape }) => Array.from({ length: shape[0] }, (_, i) => classes[data[2 * i + 1]! > threshold ? 1 : 0]!),
      sets: sets === undefined ? undefined : setsFromJSON(head.inner('sets', sets)),
      predict: (given) => labelsOf(given, classes),
    };
  },
  MLPRegressor(json, section, outputs) {
    const head = headOf(json, 'columns flat intervals levels gaussian');
    const intervals = head.raw('intervals');
    const flat = head.boolean('flat');
    const spread = spreadFromJSON(head);
    const targets = outputs / eachOf(spread);
    const scaler = scalingOf(section('targetScaler'), targets, 'targetScaler');
    const unit = (target: number) => 1 / (scaler?.slope(0, target) ?? 1);
    const toUnits = (rows: Float64Array) => inUnits(rows, targets, spread, scaler?.undo, unit);
    return {
      ...plain,
      spread,
      intervals: intervals === undefined ? undefined : intervalsFromJSON(head.inner('intervals', intervals), targets, spread),
      inUnits: scaler === undefined && spread === undefined ? undefined : toUnits,
      unit: (j) => unit(Math.floor(j / eachOf(spread))),
      predict({ data, shape }) {
        const numbers = Float64Array.from(data);
        toUnits(numbers);
        const rows = pointsOf({ data: numbers, shape }, spread);
        return flat ? (rows.data as Float64Array) : rows;
      },
    };
  },
};

function calibrationOf(head: SavedState, columns: number, exclusive: boolean): Pick<Answers, 'calibrate' | 'calibration'> {
  const json = head.raw('calibration');
  if (json === undefined) return { calibrate: undefined, calibration: undefined };
  const calibration = calibrationFromJSON(head.inner('calibration', json), exclusive && columns === 2);
  return {
    calibration,
    calibrate: (data, from, to) => calibrateRows(calibration, data, { from, to, columns, exclusive }),
  };
}

function headOf(json: unknown, known: string): SavedState {
  const head = new SavedState(json, 'head', true);
  refuseOthers(json as object, known, 'its head');
  return head;
}

/** Labels of one kind, each once. */
function readClasses(json: unknown, head: SavedState): Label[] {
  const list: readonly unknown[] = Array.isArray(json) ? json : [];
  const fine = (label: unknown) => /string|number|boolean/.test(typeof label) && typeof label === typeof list[0];
  if (list.length < 2 || !list.every(fine) || new Set(list).size < list.length)
    head.refuse('labels', 'a list of different labels of one kind', json);
  return list as Label[];
}

/** The class of every row: by the largest output, or by one output being above a half. */
function labelsOf({ data, shape }: Matrix, classes: readonly Label[]): Label[] {
  const [rows, columns] = shape;
  return Array.from({ length: rows }, (_, i) => {
    if (columns === 1) return classes[data[i]! > 0.5 ? 1 : 0]!;
    let best = i * columns;
    for (let k = best + 1; k < (i + 1) * columns; k++) if (data[k]! > data[best]!) best = k;
    return classes[best - i * columns]!;
  });
}
