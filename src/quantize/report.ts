// What whole numbers cost: the answers of the model and of its integer form, compared on the rows that were given.

import { fail, show } from '../errors.js';
import type { NetworkPlan } from '../plan/network.js';

/** How close a model of whole numbers comes to the one it was made of. */
export interface QuantizationReport {
  /** Rows of X that both answered. */
  readonly rows: number;
  /** What `before` and `after` are: the share of rows answered right, or the share of the variance explained (R2, the mean of all outputs). */
  readonly score: 'accuracy' | 'r2';
  /** What is right: the targets that were given, or the answers of the model itself. */
  readonly against: 'y' | 'model';
  /** The score of the model: 1 where it is its own judge. */
  readonly before: number;
  /** The score of its integer form. */
  readonly after: number;
  /** before - after: what maxLoss limits. Below 0 where the integer form happens to be better. */
  readonly loss: number;
  /** The largest difference between two outputs: probabilities of a classifier, in the units of the targets of a regressor. */
  readonly largestDifference: number;
  /** Bits of the inputs of each dense layer, in the order of the network: 7 or 14. */
  readonly bits: readonly number[];
  /** Size of the model's own file, weights in float32. */
  readonly bytesBefore: number;
  /** Size of the file of whole numbers. */
  readonly bytesAfter: number;
}

/** Answers as they are compared: of each row a label, or numbers. */
export type Answered =
  | { readonly kind: 'labels'; readonly labels: readonly unknown[] }
  | { readonly kind: 'numbers'; readonly data: ArrayLike<number>; readonly columns: number };

/** The score of answers against what is right. */
export function scoreOf(right: Answered, given: Answered): number {
  if (right.kind === 'labels' && given.kind === 'labels') {
    if (right.labels.length !== given.labels.length)
      fail(
        'ERR_SHAPE',
        `quantize.y: expected ${given.labels.length} targets, one for each row of X, got ${right.labels.length}.`,
      );
    return right.labels.filter((label, i) => label === given.labels[i]).length / right.labels.length;
  }
  if (right.kind !== 'numbers' || given.kind !== 'numbers')
    return fail('ERR_TYPE', `quantize.y: expected ${given.kind}, got ${right.kind}.`);
  const { columns } = given;
  if (right.data.length !== given.data.length)
    fail(
      'ERR_SHAPE',
      `quantize.y: expected ${given.data.length} numbers, ${columns} for each row of X, got ${right.data.length}.`,
    );
  let total = 0;
  for (let j = 0; j < columns; j++) total += explained(right.data, given.data, j, columns);
  return total / columns;
}

/** R2 of a column; of one that does not vary, beside its size. */
function explained(right: ArrayLike<number>, given: ArrayLike<number>, j: number, columns: number): number {
  const rows = right.length / columns;
  let sum = 0;
  for (let k = j; k < right.length; k += columns) sum += right[k]!;
  const mean = sum / rows;
  let [errors, spread, size] = [0, 0, 0];
  for (let k = j; k < right.length; k += columns) {
    errors += (given[k]! - right[k]!) ** 2;
    spread += (right[k]! - mean) ** 2;
    size += right[k]! ** 2;
  }
  const whole = spread > 1e-12 * size ? spread : size;
  return errors === 0 ? 1 : 1 - errors / whole;
}

/** The largest distance between two numbers at the same place. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let k = 0; k < a.length; k++) {
    const distance = Math.abs(a[k]! - b[k]!);
    if (!(distance <= largest)) largest = distance;
  }
  return largest;
}

/** What a plain model's outputs say: a class where its loss is one of classes, else numbers. */
export function answeredBy(data: ArrayLike<number>, plan: Judging): Answered {
  const { outputs: columns } = plan;
  const classes = classesBy(plan);
  if (classes === undefined) return { kind: 'numbers', data, columns };
  const labels = Array.from({ length: data.length / columns }, (_, i) => classes(data, i * columns));
  return { kind: 'labels', labels };
}

/** What of a plan decides it. */
type Judging = Pick<NetworkPlan, 'outputs' | 'loss' | 'layers'>;

/** The class that a row of outputs, or of targets, says; undefined where outputs are numbers. */
function classesBy({ outputs, loss, layers }: Judging): ((data: ArrayLike<number>, at: number) => number) | undefined {
  const last = layers[layers.length - 1]!.activation.name;
  if (outputs === 1) {
    if (loss.name !== 'binaryCrossEntropy') return undefined;
    const border = loss.fromLogits ? 0 : 0.5;
    return (data, at) => (data[at]! > border ? 1 : 0);
  }
  const exclusive =
    /^(categorical|sparseCategorical)CrossEntropy$/.test(loss.name) || last === 'softmax' || last === 'logSoftmax';
  if (!exclusive) return undefined;
  return (data, at) => {
    let best = 0;
    for (let j = 1; j < outputs; j++) if (data[at + j]! > data[at + best]!) best = j;
    return best;
  };
}

/** Targets that the user gives, for a model that answers with labels or with numbers. @throws ERR_TYPE. */
export function targetsOf(y: unknown, answers: Answered, plan: Judging): Answered {
  const { data } = (y ?? {}) as { data?: unknown };
  const list: unknown[] | undefined = isNumbers(y) ? Array.from(y) : isNumbers(data) ? Array.from(data) : undefined;
  if (list === undefined) return refuse(y, answers.kind === 'labels' ? 'the label of each row' : 'numbers, or rows of numbers');
  if (answers.kind === 'labels') {
    const { length } = answers.labels;
    // Class ids as a column, and one-hot rows, one after the other.
    const flat = list.every(isNumbers) ? list.flatMap((row) => Array.from(row as ArrayLike<unknown>)) : list;
    const classes = classesBy(plan);
    if (
      flat.length === length * plan.outputs &&
      plan.outputs > 1 &&
      classes !== undefined &&
      typeof answers.labels[0] === 'number'
    )
      return { kind: 'labels', labels: answers.labels.map((_, i) => classes(flat as number[], i * plan.outputs)) };
    if (flat.length === length) return { kind: 'labels', labels: flat };
    return { kind: 'labels', labels: list.map((row) => (isNumbers(row) ? Array.from(row).join() : row)) };
  }
  const flat = list.flatMap((row) => (isNumbers(row) ? Array.from(row) : [row]));
  if (!flat.every((value) => typeof value === 'number' && Number.isFinite(value)))
    return refuse(y, 'numbers, or rows of numbers');
  return { kind: 'numbers', data: flat as number[], columns: answers.columns };
}

function isNumbers(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);
}

function refuse(y: unknown, expected: string): never {
  return fail('ERR_TYPE', `quantize.y: expected ${expected}, got ${show(y)}.`);
}
