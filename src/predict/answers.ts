// What comes after the network, one row for each kind of thing that a file holds: labels, probabilities, numbers in the units of the
// targets. A section of the estimator that no row knows is refused by name: it may change answers.

import { calibrateRows, calibrationFromJSON, thresholdFromJSON } from '../data/certainty/calibration.js';
import { SavedState } from '../data/columns.js';
import type { Label } from '../data/labels.js';
import type { Matrix } from '../data/matrix.js';
import type { Answers } from './answering.js';
import { eachOf, inUnits, pointsOf, spreadFromJSON } from '../data/certainty/spread.js';
import { refuseOthers, refuseUnknown } from './layers.js';
import type { PredictorParts } from './parts.js';
import { scalingOf } from './scaling.js';

/** A network alone: its outputs are the answers. */
export const plain: Answers = {
  binary: false,
  ordinal: false,
  probabilities: false,
  exclusive: false,
  unit: () => 1,
  predict: (outputs) => outputs,
};

type Sections = (name: string) => unknown;

/** By what an estimator calls itself. */
export const estimators: Readonly<
  Record<string, (head: unknown, section: Sections, outputs: number, parts: PredictorParts) => Answers>
> = {
  MLPClassifier(json, section, outputs, parts) {
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
      sets: sets === undefined ? undefined : parts.intervals?.readSets(head.inner('sets', sets)),
      predict: (given) => labelsOf(given, classes),
    };
  },
  MLPRegressor(json, section, outputs, parts) {
    const head = headOf(json, 'columns flat intervals levels gaussian');
    const intervals = head.raw('intervals');
    const flat = head.boolean('flat');
    const spread = spreadFromJSON(head);
    const targets = outputs / eachOf(spread);
    const scaler = scalingOf(section('targetScaler'), targets, 'targetScaler');
    if (scaler !== undefined && scaler.undo === undefined) refuseUnknown('its targetScaler is of another kind');
    const unit = (target: number) => scaler?.unit?.(target) ?? 1;
    const toUnits = (rows: Float64Array) => inUnits(rows, targets, spread, scaler?.undo, unit);
    return {
      ...plain,
      spread,
      intervals:
        intervals === undefined ? undefined : parts.intervals?.readIntervals(head.inner('intervals', intervals), targets, spread),
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
  if (json === undefined) return {};
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
