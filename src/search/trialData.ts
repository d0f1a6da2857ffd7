// The rows that trials are made of, read and checked once, and their division into folds.

import { countsOf, readLabels, type Label } from '../data/labels.js';
import { float64Rows, float64Targets, Matrix, matrix, RowReader, type MatrixLike } from '../data/matrix.js';
import { kFold, stratifiedKFold, type Fold } from '../data/split.js';
import { Table, type Column } from '../data/table.js';
import { fail, show } from '../errors.js';
import { pickRows } from '../estimators/inputs.js';
import { checkNumber } from '../options.js';
import { asFeatures, type Features } from '../estimators/features.js';

/** Data as it travels to workers: numbers may lie in shared memory. */
export interface TrialData {
  readonly X:
    | { readonly data: Float32Array | Float64Array; readonly shape: readonly [number, number] }
    | { readonly columns: readonly Column[]; readonly rows: number };
  /** Labels, numbers, rows of numbers, or the name of a column of X. */
  readonly y: string | readonly Label[] | { readonly data: Float64Array; readonly shape: readonly [number, number] };
  readonly featureNames: readonly string[] | undefined;
}

/** X and y as estimators take them. */
export class TrialRows {
  private readonly table: Table | undefined;

  constructor(private readonly data: TrialData) {
    const { X } = data;
    if ('columns' in X) this.table = new Table(X.columns, { rows: X.rows });
  }

  take(indices: Uint32Array): { X: unknown; y: unknown } {
    const { X, y } = this.data;
    return {
      X: this.table?.take(indices) ?? pickRows(X as never, indices),
      y: typeof y === 'string' ? y : 'data' in y ? pickRows(y as never, indices) : Array.from(indices, (i) => y[i]!),
    };
  }

  /** All of them. */
  all(): { X: unknown; y: unknown } {
    const { X, y } = this.data;
    return { X: this.table ?? X, y };
  }

  /** What the columns of a matrix are called. */
  get names(): readonly string[] | undefined {
    return this.table === undefined ? this.data.featureNames : undefined;
  }
}

/** X and y, checked and copied once. `classes`: whether targets are labels, else numbers. */
export function readData(given: Features, y: unknown, classes: boolean): TrialData {
  const X = asFeatures(given);
  const rows = X instanceof Table ? X.rows : new RowReader(X, { name: 'X' }).shape[0];
  let targets: TrialData['y'];
  if (typeof y === 'string') {
    if (!(X instanceof Table))
      fail('ERR_TYPE', `y: ${show(y)} would be a column of a table, but X is a matrix. Pass one target per row.`);
    X.column(y);
    targets = y;
  } else if (!classes || isWide(y))
    targets = flat(y) ? Array.from(float64Targets(y, { name: 'y' }).data) : float64Targets(y as MatrixLike, { name: 'y' });
  else targets = readLabels(y as Label[]);
  const count = typeof targets === 'string' ? rows : 'data' in targets ? targets.shape[0] : targets.length;
  if (count !== rows) fail('ERR_SHAPE', `X has ${rows} rows, but y has ${count}.`);
  if (X instanceof Table) return { X: { columns: X.columns, rows: X.rows }, y: targets, featureNames: undefined };
  const read = X instanceof Matrix ? matrix(X, { name: 'X' }) : float64Rows(X, { name: 'X' });
  return { X: { data: read.data, shape: read.shape }, y: targets, featureNames: undefined };
}

/** Whether y has rows of several columns. */
function isWide(y: unknown): boolean {
  if (Array.isArray(y)) return Array.isArray(y[0]) && y[0].length > 1;
  return ((y as { shape?: readonly number[] })?.shape?.[1] ?? 1) > 1;
}

function flat(y: unknown): y is ArrayLike<number> {
  return Array.isArray(y) ? typeof y[0] === 'number' : ArrayBuffer.isView(y);
}

/** The labels of each row; undefined where a row has several. */
function labelsOf(X: TrialData['X'], y: TrialData['y']): readonly Label[] | undefined {
  if (typeof y !== 'string') return 'data' in y ? undefined : y;
  return 'columns' in X ? new Table(X.columns, { rows: X.rows }).labels(y) : undefined;
}

/** @throws ERR_LABEL for a class that would be missing where candidates are trained or scored. */
function checkClasses(labels: readonly Label[], folds: number): void {
  const counts = countsOf(labels);
  const [rarest, count] = [...counts].reduce((least, one) => (one[1] < least[1] ? one : least));
  if (counts.size > 1 && count < folds)
    fail(
      'ERR_LABEL',
      `folds: ${folds} folds, but the class ${show(rarest)} has ${count} ${count === 1 ? 'row' : 'rows'}: some folds would be scored${count === 1 ? ', and one trained,' : ''} without it. ${count < 2 ? 'Use' : `Use at most ${count} folds,`} more rows of it, or leave it out; folds of your own are taken as they are.`,
    );
}

/** The folds asked for: drawn with class proportions kept, or as given. @throws ERR_OPTION, ERR_SHAPE, ERR_LABEL. */
export function readFolds(given: unknown, { X, y }: TrialData, classes: boolean, seed: number): readonly Fold[] {
  const rows = 'columns' in X ? X.rows : X.shape[0];
  if (!Array.isArray(given)) {
    const folds = checkNumber(given, 'folds', { min: 2, integer: true });
    if (rows < folds)
      fail(
        'ERR_SHAPE',
        `folds: ${folds} folds need at least ${folds} rows, one to score on in each, got ${rows}. Use ${rows < 2 ? 'more rows' : `at most ${rows} folds`}.`,
      );
    const labels = classes ? labelsOf(X, y) : undefined;
    if (labels === undefined) return [...kFold(rows, { folds, seed })];
    const drawn = [...stratifiedKFold(labels, { folds, seed })];
    checkClasses(labels, folds);
    return drawn;
  }
  if (given.length === 0) fail('ERR_OPTION', 'folds: the list is empty.');
  return given.map((fold: { train?: ArrayLike<number>; test?: ArrayLike<number> }, f) => {
    const read = (part: 'train' | 'test') => {
      const list = fold?.[part];
      if (typeof list?.length !== 'number' || list.length === 0)
        fail('ERR_OPTION', `folds[${f}].${part}: expected row numbers, got ${show(list)}.`);
      return Uint32Array.from(list, (i) => checkNumber(i, `folds[${f}].${part}`, { min: 0, max: rows - 1, integer: true }));
    };
    return { train: read('train'), test: read('test') };
  });
}
