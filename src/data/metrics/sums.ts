// The formulas of metrics that add up row by row, each once: `metrics.r2` and the like read all rows through them, a model's
// metrics the rows of one batch after another, so that one name is one formula (scikit-learn's) wherever it is asked for.

/** Metrics that a model reports while it trains and when it is evaluated. */
export type SummedMetric =
  | 'accuracy'
  | 'meanSquaredError'
  | 'rootMeanSquaredError'
  | 'meanAbsoluteError'
  | 'meanAbsolutePercentageError'
  | 'maxError'
  | 'r2'
  | 'topKAccuracy';

/**
 * How rows of numbers become classes. 'ids': the target is a class id, the prediction's largest column counts. 'largest': the
 * largest column on both sides. 'cut': every column is a yes or no, above `truth` among targets and above `predicted` among
 * predictions, and a row is right when all its columns are. 'found': the targets say which it is, when all have been seen:
 * one-hot rows, columns of 0 and 1 (cut at 0.5) or of -1 and +1 (cut at 0); anything else has no classes (NaN).
 */
export type ClassRule =
  | { readonly kind: 'ids' | 'largest' | 'found' }
  | { readonly kind: 'cut'; readonly truth: number; readonly predicted: number };

/** One row at a time: `columns` targets from truth[t] on (one for ids), as many predictions from predicted[p] on. */
interface Row {
  readonly truth: ArrayLike<number>;
  readonly t: number;
  readonly predicted: ArrayLike<number>;
  readonly p: number;
  readonly columns: number;
  readonly weight: number;
  /** Weights of all rows so far, this one included. */
  readonly total: number;
  readonly classes: ClassRule;
}

interface Formula {
  /** Running sums it keeps. */
  readonly size: (columns: number) => number;
  readonly add: (sums: Float64Array, row: Row) => void;
  /** `rows` seen, whose weights are `total` together. */
  readonly value: (sums: Float64Array, rows: number, total: number, columns: number, classes: ClassRule) => number;
}

/** A mean over rows and columns of a function of the difference. */
function meanOf(f: (difference: number, target: number) => number): Formula {
  return {
    size: () => 1,
    add: (sums, { truth, t, predicted, p, columns, weight }) => {
      for (let j = 0; j < columns; j++) sums[0]! += weight * f(truth[t + j]! - predicted[p + j]!, truth[t + j]!);
    },
    value: (sums, _, total, columns) => sums[0]! / (total * columns),
  };
}

/** The column of the largest value; the first of equals. */
function largest(values: ArrayLike<number>, at: number, count: number): number {
  let best = 0;
  for (let j = 1; j < count; j++) if (values[at + j]! > values[at + best]!) best = j;
  return best;
}

/** Whether every column lies on the same side of the cut. */
function sameSides({ truth, t, predicted, p, columns }: Row, cut: number, predictedCut: number): boolean {
  for (let j = 0; j < columns; j++) if (truth[t + j]! > cut !== predicted[p + j]! > predictedCut) return false;
  return true;
}

const trueClass = ({ truth, t, columns, classes }: Row): number =>
  classes.kind === 'ids' ? truth[t]! : largest(truth, t, columns);

/** Places in the sums of accuracy and topKAccuracy: rows right by each reading of the targets, and whether a target spoke against it. */
enum At {
  Right,
  ByHalf,
  BySign,
  NotZeroOne,
  NotSign,
  NotOneHot,
  Size,
}

/** Notes what a row of targets cannot be. */
function noteTargets(sums: Float64Array, { truth, t, columns }: Row): void {
  let ones = 0;
  for (let j = 0; j < columns; j++) {
    const value = truth[t + j]!;
    if (value === 1) ones++;
    if (value !== 0 && value !== 1) sums[At.NotZeroOne] = 1;
    if (value !== -1 && value !== 1) sums[At.NotSign] = 1;
  }
  if (ones !== 1) sums[At.NotOneHot] = 1;
}

/** What the targets seen so far are. */
export function foundClasses(sums: Float64Array, columns: number): 'largest' | 'half' | 'sign' | undefined {
  const binary = sums[At.NotZeroOne] === 0 ? 'half' : sums[At.NotSign] === 0 ? 'sign' : undefined;
  return binary !== undefined && columns > 1 && sums[At.NotOneHot] === 0 ? 'largest' : binary;
}

const accuracy: Formula = {
  size: () => At.Size,
  add: (sums, row) => {
    const { predicted, p, columns, weight, classes } = row;
    if (classes.kind === 'cut') {
      if (sameSides(row, classes.truth, classes.predicted)) sums[At.Right]! += weight;
      return;
    }
    if (largest(predicted, p, columns) === trueClass(row)) sums[At.Right]! += weight;
    if (classes.kind !== 'found') return;
    noteTargets(sums, row);
    if (sameSides(row, 0.5, 0.5)) sums[At.ByHalf]! += weight;
    if (sameSides(row, 0, 0)) sums[At.BySign]! += weight;
  },
  value: (sums, _, total, columns, classes) => {
    if (classes.kind !== 'found') return sums[At.Right]! / total;
    const found = foundClasses(sums, columns);
    const right =
      found === 'largest' ? sums[At.Right]! : found === 'half' ? sums[At.ByHalf]! : found === 'sign' ? sums[At.BySign]! : NaN;
    return right / total;
  },
};

/** Guesses that topKAccuracy allows a model. */
const guesses = 5;

const topKAccuracy: Formula = {
  size: () => At.Size,
  add: (sums, row) => {
    const { predicted, p, columns, weight, classes } = row;
    const own = trueClass(row);
    if (isAmong(predicted, p, columns, own, guesses)) sums[At.Right]! += weight;
    if (classes.kind === 'found') noteTargets(sums, row);
  },
  value: (sums, _, total, columns, classes) =>
    classes.kind === 'found' && columns > 1 && foundClasses(sums, columns) !== 'largest' ? NaN : sums[At.Right]! / total,
};

/** Whether column `own` is among the `k` largest; of equal scores the later column counts as larger, as in scikit-learn. */
export function isAmong(scores: ArrayLike<number>, at: number, columns: number, own: number, k: number): boolean {
  const score = scores[at + own]!;
  let above = 0;
  for (let j = 0; j < columns; j++) {
    const other = scores[at + j]!;
    if (other > score || (other === score && j > own)) above++;
  }
  return above < k;
}

export const formulas: Readonly<Record<SummedMetric, Formula>> = {
  accuracy,
  topKAccuracy,
  meanSquaredError: meanOf((d) => d * d),
  meanAbsoluteError: meanOf(Math.abs),
  meanAbsolutePercentageError: meanOf((d, target) => Math.abs(d) / Math.max(Math.abs(target), Number.EPSILON)),
  /** The mean over columns of the roots, as in scikit-learn 1.2. */
  rootMeanSquaredError: {
    size: (columns) => columns,
    add: (sums, { truth, t, predicted, p, columns, weight }) => {
      for (let j = 0; j < columns; j++) sums[j]! += weight * (truth[t + j]! - predicted[p + j]!) ** 2;
    },
    value: (sums, _, total, columns) => sums.reduce((sum, squares) => sum + Math.sqrt(squares / total), 0) / columns,
  },
  maxError: {
    size: () => 1,
    add: (sums, { truth, t, predicted, p, columns }) => {
      for (let j = 0; j < columns; j++) sums[0] = Math.max(sums[0]!, Math.abs(truth[t + j]! - predicted[p + j]!));
    },
    value: (sums) => sums[0]!,
  },
  /** The mean over columns of 1 - residual / total sum of squares; a constant column counts 1 when predicted exactly, else 0. */
  r2: {
    // Residual, first target, mean and spread of the distances from it by Welford's method (with weights: West 1979).
    size: (columns) => 4 * columns,
    add: (sums, { truth, t, predicted, p, columns, weight, total }) => {
      if (weight === 0) return;
      for (let j = 0; j < columns; j++) {
        const target = truth[t + j]!;
        if (total === weight) sums[4 * j + 1] = target;
        const distance = target - sums[4 * j + 1]!;
        const off = distance - sums[4 * j + 2]!;
        sums[4 * j]! += weight * (target - predicted[p + j]!) ** 2;
        sums[4 * j + 2]! += (weight / total) * off;
        sums[4 * j + 3]! += weight * off * (distance - sums[4 * j + 2]!);
      }
    },
    value: (sums, rows, _, columns) => {
      if (rows < 2) return NaN;
      let sum = 0;
      for (let j = 0; j < columns; j++) {
        const [residual, , , spread] = sums.subarray(4 * j, 4 * j + 4);
        sum += spread === 0 ? (residual === 0 ? 1 : 0) : 1 - residual! / spread!;
      }
      return sum / columns;
    },
  },
};

/** Adds up some metrics over rows that come in any number of batches. */
export class Sums {
  private rows = 0;
  private total = 0;
  private readonly sums: Float64Array[];

  /** `columns` of predictions. */
  constructor(
    readonly names: readonly SummedMetric[],
    private readonly columns: number,
    private readonly classes: ClassRule,
  ) {
    this.sums = names.map((name) => new Float64Array(formulas[name].size(columns)));
  }

  /** Adds `rows` rows, targets `trueStride` apart, predictions `predStride` apart. `weights`: of each row, 1 without. */
  add(
    truth: ArrayLike<number>,
    trueStride: number,
    predicted: ArrayLike<number>,
    predStride: number,
    rows: number,
    weights?: ArrayLike<number>,
  ): void {
    const { names, columns, classes } = this;
    // One record for all rows: small networks train faster than records are made.
    const row = { truth, t: 0, predicted, p: 0, columns, weight: 1, total: 0, classes };
    for (let i = 0; i < rows; i++) {
      row.t = i * trueStride;
      row.p = i * predStride;
      if (weights !== undefined) row.weight = weights[i]!;
      row.total = this.total += row.weight;
      this.rows++;
      for (let m = 0; m < names.length; m++) formulas[names[m]!].add(this.sums[m]!, row);
    }
  }

  /** Rows, weights and running sums as plain numbers: all there is to save. */
  read(): number[] {
    return [this.rows, this.total, ...this.sums.flatMap((sums) => [...sums])];
  }

  /** Goes on from what read() gave; begins anew from anything else, such as the sums of another version. */
  write(saved: readonly number[]): void {
    const wanted = this.sums.reduce((size, sums) => size + sums.length, 2);
    let at = saved.length === wanted ? 0 : -1;
    const next = () => (at < 0 ? 0 : saved[at++]!);
    this.rows = next();
    this.total = next();
    for (const sums of this.sums) for (let k = 0; k < sums.length; k++) sums[k] = next();
  }

  /** The figures so far, by name. */
  values(): Record<string, number> {
    const { rows, total, columns, classes } = this;
    return Object.fromEntries(
      this.names.map((name, m) => [name, formulas[name].value(this.sums[m]!, rows, total, columns, classes)]),
    );
  }
}
