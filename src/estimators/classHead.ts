// What a fitted classifier knows beside its network, at work: the output layer and loss of its kind, targets as those need them, how
// right outputs are, and the part of the file.

import { calibrationFromJSON, thresholdFromJSON } from '../data/certainty/calibration.js';
import { ordinalShares } from '../data/certainty/ordinal.js';
import { setsFromJSON, setsToJSON } from '../data/certainty/predictionSets.js';
import type { SavedState } from '../data/columns.js';
import { LabelEncoder } from '../data/encoders.js';
import { readLabels, type Labels } from '../data/labels.js';
import { Matrix } from '../data/matrix.js';
import type { SavedModel } from '../formats/modelFile.js';
import { dense, type DenseSpec, type LayerSpec } from '../plan/layers.js';
import { orderedOutputs } from '../plan/ordered.js';
import { classIds, headOf, type ClassHead } from './classTargets.js';
import type { Network } from './targets.js';

/** The output layer and the loss. */
export function classNetwork({ encoder, columns, ordinal }: ClassHead, labelSmoothing: number): Network {
  if (ordinal) {
    // The lowest threshold less f(x), and what each threshold is above the one before: units without inputs.
    const [front, sums] = orderedOutputs(columns, { signs: { units: [2, columns - 1], signs: [[0, null]] } }) as [
      LayerSpec,
      DenseSpec,
    ];
    const senses = Array.from({ length: columns + 1 }, (_, j) => (j === 0 ? -1 : j === 1 ? 1 : null) as 1 | -1 | null);
    return { output: [front, { ...sums, activation: 'sigmoid' }], loss: 'binaryCrossEntropy', senses };
  }
  const loss = labelSmoothing > 0 ? { name: 'binaryCrossEntropy' as const, labelSmoothing } : 'binaryCrossEntropy';
  if (encoder === undefined || columns === 1) return { output: [dense(columns, { activation: 'sigmoid' })], loss };
  const output = [dense(columns, { activation: 'softmax' })];
  if (labelSmoothing > 0) return { output, loss: { name: 'categoricalCrossEntropy', labelSmoothing } };
  return { output, loss: 'sparseCategoricalCrossEntropy' };
}

/** Targets as the network needs them: ids, shares of classes, or with an order whether the class is at most each. */
export function encodeClasses(head: ClassHead, values: Float64Array, columns: number, smoothing: number): Matrix {
  const { encoder, columns: classes } = head;
  if (head.ordinal) {
    const atMost = new Float32Array(values.length * classes);
    values.forEach((id, i) => atMost.fill(1, i * classes + id, (i + 1) * classes));
    return new Matrix(atMost, values.length, classes);
  }
  if (smoothing > 0 && encoder !== undefined && classes > 1) {
    const shares = new Matrix(new Float32Array(values.length * classes), values.length, classes);
    values.forEach((id, i) => {
      shares.data[i * classes + id] = 1;
    });
    return shares;
  }
  return new Matrix(Float32Array.from(values), values.length / columns, columns);
}

/** Share of the rows told right, by their weights. */
export function shareRight(head: ClassHead, values: Float64Array, given: Matrix, weights: ArrayLike<number> | undefined): number {
  const { encoder } = head;
  const outputs = head.ordinal && given.shape[1] === head.columns ? ordinalShares(given) : given;
  const [rows, columns] = outputs.shape;
  const ids = encoder === undefined ? undefined : classIds(outputs);
  let right = 0;
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const weight = weights?.[i] ?? 1;
    total += weight;
    let same = true;
    if (ids !== undefined) same = ids[i] === values[i];
    else
      for (let j = 0; j < columns; j++) if (outputs.data[i * columns + j]! > 0.5 !== values[i * columns + j]! > 0.5) same = false;
    if (same) right += weight;
  }
  return right / total;
}

/** What a file holds of it. */
export function classHeadToJSON({ encoder, columns, ordinal, calibration, threshold, sets }: ClassHead) {
  const own = { multilabel: encoder === undefined, columns, ordinal, calibration, threshold, sets: sets && setsToJSON(sets) };
  return {
    head: Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)),
    sections: encoder === undefined ? {} : { labels: encoder.classes },
  };
}

/** Reads that. `ordered`: whether the labels are in their order. @throws ERR_FORMAT. */
export function classHeadFromJSON(saved: SavedState, sections: SavedModel['sections'], ordered: boolean): ClassHead {
  const head = saved.inner('head', saved.raw('head'));
  const bare: ClassHead = head.boolean('multilabel')
    ? { encoder: undefined, columns: head.count('columns') }
    : ordered
      ? headOf(LabelEncoder.of(readLabels(sections['labels'] as Labels)), true)
      : headOf(LabelEncoder.fromJSON({ type: 'LabelEncoder', classes: sections['labels'] }));
  const twoClasses = bare.encoder?.classes.length === 2;
  const [calibration, sets] = [head.raw('calibration'), head.raw('sets')];
  return {
    ...bare,
    ...(calibration === undefined
      ? {}
      : { calibration: calibrationFromJSON(head.inner('calibration', calibration), twoClasses) }),
    ...(head.raw('threshold') === undefined ? {} : { threshold: thresholdFromJSON(head, twoClasses) }),
    ...(sets === undefined ? {} : { sets: setsFromJSON(head.inner('sets', sets)) }),
  };
}
