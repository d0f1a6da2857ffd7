// Splits: which rows train and which rows judge. Every split is a function of the seed alone.

import { fail, show } from '../errors.js';
import { checkNumber, flag, given, readOptions, whole, type Schema } from '../options.js';
import { cut, heldOut, rowsByClass, stratified, type Fold } from './holdOut.js';
import { classesOf, readLabels, type Label, type Labels } from './labels.js';
import { Matrix, type MatrixLike } from './matrix.js';
import { Random, seedOption } from './random.js';
import { inRowOrder } from './strided.js';
import type { Table } from './table.js';

export type { Fold } from './holdOut.js';

/** One number per row, in an array of any numeric type but BigInt. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array;
/** Numbers, row-major, with their shape: [rows, …]. */
export type NdArray = {
  /** The numbers, row-major. */
  readonly data: ArrayLike<number>;
  /** The length of each side, rows first. */
  readonly shape: readonly number[];
};

/** Anything with rows: a list, a typed array (one number per row), a Matrix, { data, shape }, or a Table. */
export type Rows = readonly unknown[] | TypedArray | Matrix | NdArray | Table;

/** What taking rows of T gives: the same kind of thing. */
export type Taken<T> = T extends readonly (infer Item)[] ? Item[] : T extends Matrix ? Matrix : T extends Table ? Table : T;

/** By its shape: what splits rows goes into bundles that know no tables. */
function isTable(rows: unknown): rows is Table {
  return typeof rows === 'object' && rows !== null && 'columns' in rows && 'take' in rows && typeof rows.take === 'function';
}

/** How many rows `rows` has. @throws ERR_TYPE for what has none, ERR_SHAPE where data and shape disagree. */
function rowCount(rows: Rows | MatrixLike | Labels, name = 'X'): number {
  const given = inRowOrder(rows as unknown);
  if (isTable(given)) return given.rows;
  if (Array.isArray(given)) return given.length;
  if (ArrayBuffer.isView(given) && 'length' in given) return given.length as number;
  if (typeof given === 'object' && given !== null && 'data' in given && 'shape' in given) {
    const { data, shape } = given as NdArray;
    const size = Array.isArray(shape) ? shape.reduce((product: number, side) => product * side, 1) : Number.NaN;
    if (typeof data?.length !== 'number' || data.length !== size || shape.length === 0)
      fail('ERR_SHAPE', `${name}: shape [${String(shape)}] does not fit its data of ${data?.length ?? 'no'} numbers.`);
    return shape[0]!;
  }
  return fail('ERR_TYPE', `${name}: expected rows (a list, a Matrix or { data, shape }), got ${show(given)}.`);
}

/**
 * The rows with the given indices, in that order, as the same kind of thing: a list of the same items, a typed array, a Matrix
 * (copied), or { data, shape }. Indices may repeat.
 * @throws ERR_SHAPE for an index that is no row, ERR_TYPE for what has no rows.
 *
 * @example
 * takeRows(['a', 'b', 'c'], [2, 0]);  // ['c', 'a']
 */
export function takeRows<T extends Rows>(rows: T, indices: ArrayLike<number>): Taken<T> {
  const count = rowCount(rows, 'rows');
  const given = inRowOrder(rows);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (!(Number.isInteger(index) && index >= 0 && index < count))
      fail('ERR_SHAPE', `takeRows: index ${show(index)} is no row; there are rows 0 to ${count - 1}.`);
  }
  return take(given, indices) as Taken<T>;
}

function take(rows: Rows, indices: ArrayLike<number>): unknown {
  if (isTable(rows)) return rows.take(indices);
  if (Array.isArray(rows)) return Array.from(indices, (index) => rows[index]);
  if (ArrayBuffer.isView(rows)) return takeNumbers(rows as TypedArray, indices, 1);
  const { data, shape } = rows as NdArray;
  const width = shape.slice(1).reduce((product, side) => product * side, 1);
  const taken = takeNumbers(data, indices, width);
  if (rows instanceof Matrix) return new Matrix(taken as Float32Array, indices.length, width);
  return { data: taken, shape: [indices.length, ...shape.slice(1)] };
}

/** `width` numbers per index, in an array of the same type. */
function takeNumbers(data: ArrayLike<number>, indices: ArrayLike<number>, width: number): ArrayLike<number> {
  const size = indices.length * width;
  const kind = ArrayBuffer.isView(data) ? (data.constructor as new (size: number) => TypedArray) : undefined;
  const out: { [k: number]: number } & ArrayLike<number> = kind ? new kind(size) : new Array<number>(size);
  for (let i = 0; i < indices.length; i++)
    for (let j = 0, from = indices[i]! * width; j < width; j++) out[i * width + j] = data[from + j]!;
  return out;
}

// ---- train and test ---------------------------------------------------------------------------------------

/** Options of trainTestSplit and splitIndices: how much is held out, and how it is drawn. */
export interface SplitOptions {
  /** The test share, in (0, 1), of which ceil(testSize * rows) rows are made, as scikit-learn does; or a number of rows, at least 1 (default 0.25). */
  testSize?: number;
  /** Keep class proportions: true for those of y, or a list of labels, one per row. */
  stratify?: boolean | Labels;
  /** Shuffle first; false takes the last rows as test (default true). */
  shuffle?: boolean;
  /**
   * Split by time, or by any order: a number for each row, or the name of a column of numbers or dates where X is a Table. The rows with the
   * largest numbers are the test part, so that what judges comes after what teaches; rows of one moment stay together, in the test part. Rows keep
   * their order.
   */
  splitBy?: string | ArrayLike<number>;
  /** What is drawn is drawn from this whole number: the same seed, the same result (default 0). */
  seed?: number;
}

/** What says how much is held out, and by what, is checked where the rows are known. */
const splitRows = {
  testSize: given<number>(),
  stratify: given<boolean | Labels>(),
  shuffle: flag(true),
  splitBy: given<string | ArrayLike<number>>(),
  seed: seedOption,
} satisfies Schema<SplitOptions>;

/** X and y in two parts, and which rows went where. */
export interface Split<X, Y> {
  /** The rows of X to train on. */
  XTrain: Taken<X>;
  /** The rows of X to judge by. */
  XTest: Taken<X>;
  /** The targets of XTrain. */
  yTrain: Taken<Y>;
  /** The targets of XTest. */
  yTest: Taken<Y>;
  /** Which rows went where. */
  trainIndices: Uint32Array;
  /** Indices of the rows of XTest in X. */
  testIndices: Uint32Array;
}

/**
 * X and y in two parts: rows to train on and rows to judge by. With `stratify` the test part has each class within one row of
 * its share.
 * @throws ERR_EMPTY without rows, ERR_SHAPE when X and y differ in length or a part would be empty, ERR_LABEL when a class has one
 * row only, ERR_OPTION for bad options.
 *
 * @example
 * const { XTrain, XTest, yTrain, yTest } = trainTestSplit(X, y, { testSize: 0.2, stratify: true, seed: 1 });
 */
export function trainTestSplit<X extends Rows, Y extends Rows | string>(X: X, y: Y, options: SplitOptions = {}): Split<X, Y> {
  readOptions(splitRows, options, 'trainTestSplit');
  const rows = rowCount(X, 'X');
  const named = typeof y === 'string' ? columnOf(X, y, 'y') : undefined;
  const targets = named === undefined ? rowCount(y as Rows, 'y') : rows;
  if (rows === 0) fail('ERR_EMPTY', 'X has no rows.');
  if (rows !== targets) fail('ERR_SHAPE', `X has ${rows} rows, but y has ${targets}.`);
  const labels =
    options.stratify === true ? (named?.labels(y as string) ?? readLabels(y as Labels)) : options.stratify || undefined;
  const { splitBy, ...rest } = options;
  const order = typeof splitBy === 'string' ? columnOf(X, splitBy, 'splitBy').numbers(splitBy) : splitBy;
  const { train, test } = splitIndices(rows, { ...rest, stratify: labels, ...(order === undefined ? {} : { splitBy: order }) });
  return {
    XTrain: takeRows(X, train),
    XTest: takeRows(X, test),
    yTrain: (typeof y === 'string' ? y : takeRows(y as Rows, train)) as Taken<Y>,
    yTest: (typeof y === 'string' ? y : takeRows(y as Rows, test)) as Taken<Y>,
    trainIndices: train,
    testIndices: test,
  };
}

function columnOf(X: unknown, name: string, option: string): Table {
  if (!isTable(X))
    return fail('ERR_TYPE', `${option}: ${show(name)} would be a column of a Table, but X is none. Pass a number per row.`);
  X.column(name);
  return X;
}

/**
 * Rows held out to judge by, a share of them or so many: each class by its share where the labels allow it (every class has two
 * rows, and each part room for all classes), else at random. @throws ERR_OPTION, ERR_SHAPE for a testSize that leaves no rows.
 */
export function holdOut(rows: number, testSize: number, seed: number, labels: ArrayLike<Label> | undefined): Fold {
  return heldOut(rows, readTestSize(testSize, rows), seed, labels);
}

/**
 * The number of test rows: a share is the ceiling of the float product, as in scikit-learn's train_test_split, so that the splits are the same
 * rows (0.07 of 100 is 8 there too; shares of validation rows are whole where only rounding says otherwise: rowsOfShare).
 */
function readTestSize(testSize: number, rows: number): number {
  const size = checkNumber(testSize, 'testSize', { min: 0, minExclusive: true });
  if (size >= 1 && !Number.isInteger(size))
    fail('ERR_OPTION', `testSize: expected a share in (0, 1) or a whole number of rows, got ${size}.`);
  const testRows = size < 1 ? Math.ceil(size * rows) : size;
  if (testRows >= rows)
    fail('ERR_SHAPE', `testSize ${size} of ${rows} rows leaves no row to train on. Use fewer test rows, or more data.`);
  return testRows;
}

/**
 * The row numbers 0 … rows - 1 in two parts, `train` and `test`: what trainTestSplit makes of data of so many rows. `testSize` (0.25), `shuffle`
 * (true) and `seed` (0) as there; `stratify` is a label for each row, `splitBy` a number for each.
 * @throws ERR_SHAPE when a part would be empty or a list differs in length, ERR_LABEL when a class has one row only, ERR_TYPE, ERR_OPTION.
 *
 * @example
 * const { train, test } = splitIndices(10, { testSize: 0.3, seed: 1 });
 * train.length;  // 7
 */
export function splitIndices(
  rows: number,
  options: Omit<SplitOptions, 'stratify' | 'splitBy'> & { stratify?: Labels; splitBy?: ArrayLike<number> } = {},
): Fold {
  const { shuffle, seed, testSize = 0.25 } = readOptions(splitRows, options, 'splitIndices');
  const { stratify, splitBy } = options;
  const random = new Random(seed, 'split');
  const testRows = readTestSize(testSize, rows);

  if (splitBy !== undefined) {
    if (stratify !== undefined)
      fail('ERR_OPTION', 'splitBy: rows that are split by time cannot keep class proportions. Leave stratify out.');
    return splitByOrder(splitBy, rows, testRows);
  }
  if (stratify === undefined)
    return cut(shuffle ? random.permutation(rows) : Uint32Array.from({ length: rows }, (_, i) => i), rows - testRows);
  if (!shuffle) fail('ERR_OPTION', 'stratify needs shuffle: true.');
  const members = groups(stratify, rows, 'stratify');
  checkDivides(members, rows, testRows);
  return stratified(members, rows, testRows, random);
}

/** The rows with the largest numbers to test by; equal numbers stay together. */
function splitByOrder(numbers: ArrayLike<number>, rows: number, testRows: number): Fold {
  if (typeof numbers?.length !== 'number' || numbers.length !== rows)
    fail('ERR_SHAPE', `splitBy has ${numbers?.length ?? 'no'} numbers, but there are ${rows} rows.`);
  for (let i = 0; i < rows; i++)
    if (typeof numbers[i] !== 'number' || Number.isNaN(numbers[i]))
      fail('ERR_TYPE', `splitBy: row ${i} is ${show(numbers[i])}; every row needs its number. Drop the row, or fill it.`, {
        row: i,
      });
  const first = Float64Array.from(numbers).sort()[rows - testRows]!;
  const all = Uint32Array.from({ length: rows }, (_, i) => i);
  const train = all.filter((i) => numbers[i]! < first);
  if (train.length === 0)
    fail(
      'ERR_SHAPE',
      `splitBy: no row comes before ${first}, where the test part begins. Use a smaller testSize, or another column.`,
    );
  return { train, test: all.filter((i) => numbers[i]! >= first) };
}

function checkDivides(members: readonly (readonly number[])[], rows: number, testRows: number): void {
  for (const group of members)
    if (group.length < 2)
      fail('ERR_LABEL', `stratify: the class of row ${group[0]} has one row only; it cannot be in both parts.`, {
        row: group[0],
      });
  if (testRows < members.length || rows - testRows < members.length)
    fail(
      'ERR_SHAPE',
      `stratify: ${members.length} classes do not fit into ${testRows} test rows and ${rows - testRows} training rows.`,
    );
}

/** The rows of each class, classes in the order in which they first appear. */
function groups(labels: Labels, rows: number, name: string): number[][] {
  const list = readLabels(labels, name);
  if (list.length !== rows) fail('ERR_SHAPE', `${name} has ${list.length} rows, but there are ${rows}.`);
  return rowsByClass(list);
}

// ---- folds ------------------------------------------------------------------------------------------------

/** Options of kFold and stratifiedKFold. */
export interface FoldOptions {
  /** Number of folds, at least 2 (default 5). */
  folds?: number;
  /** Shuffle rows before folding; false folds consecutive rows, as scikit-learn does by default (default true). */
  shuffle?: boolean;
  /** What is drawn is drawn from this whole number: the same seed, the same result (default 0). */
  seed?: number;
}

const foldRows = { folds: whole({ min: 2, default: 5 }), shuffle: flag(true), seed: seedOption } satisfies Schema<FoldOptions>;

/**
 * k splits in which every row is in the test part exactly once; test parts differ in size by at most one row. Indices ascend.
 * `rows` is a number of rows or anything with rows. Without shuffle, the folds are those of scikit-learn's `KFold`.
 * @throws ERR_OPTION for bad options, ERR_SHAPE for fewer rows than folds.
 *
 * @example
 * for (const { train, test } of kFold(X, { folds: 5, seed: 1 })) {
 *   const model = await new MLPRegressor({ epochs: 10 }).fit(takeRows(X, train), takeRows(y, train));
 *   console.log(model.score(takeRows(X, test), takeRows(y, test)));
 * }
 */
export function kFold(rows: number | Rows, options: FoldOptions = {}): Generator<Fold, void, undefined> {
  const { folds, shuffle, random } = foldOptions(options, 'kFold');
  const count = typeof rows === 'number' ? checkNumber(rows, 'rows', { min: 0, integer: true }) : rowCount(rows, 'rows');
  if (count < folds) fail('ERR_SHAPE', `kFold: ${folds} folds need at least ${folds} rows, got ${count}.`);
  const order = shuffle ? random.permutation(count) : Uint32Array.from({ length: count }, (_, i) => i);
  const foldOf = new Uint32Array(count);
  for (let f = 0, start = 0; f < folds; f++) {
    const size = Math.floor(count / folds) + (f < count % folds ? 1 : 0);
    for (let i = start; i < start + size; i++) foldOf[order[i]!] = f;
    start += size;
  }
  return eachFold(foldOf, folds);
}

/**
 * kFold with class proportions kept: every fold has each class within one row of its share. A class with fewer rows than folds is
 * missing from some test parts. Without shuffle, the folds are those of scikit-learn's `StratifiedKFold`.
 * @throws ERR_OPTION for bad options, ERR_SHAPE for fewer rows than folds, ERR_LABEL when every class has fewer rows than folds.
 *
 * @example
 * const y = ['a', 'a', 'b', 'b', 'a', 'a', 'b', 'b', 'a', 'b'];
 * for (const { test } of stratifiedKFold(y, { folds: 2 })) test.length;  // 5, each time
 */
export function stratifiedKFold(y: Labels, options: FoldOptions = {}): Generator<Fold, void, undefined> {
  const { folds, shuffle, random } = foldOptions(options, 'stratifiedKFold');
  const count = rowCount(y, 'y');
  if (count < folds) fail('ERR_SHAPE', `stratifiedKFold: ${folds} folds need at least ${folds} rows, got ${count}.`);
  const members = groups(y, count, 'y');
  const largest = members.reduce((most, group) => Math.max(most, group.length), 0);
  if (largest < folds) {
    const classes = classesOf(readLabels(y)).length;
    fail(
      'ERR_LABEL',
      `stratifiedKFold: ${folds} folds, but none of the ${classes} classes has more than ${largest} rows. Use fewer folds.`,
    );
  }
  // Deal the rows, sorted by class, to the folds in turn: that fixes how many of each class a fold gets.
  const foldOf = new Uint32Array(count);
  let dealt = 0;
  for (const group of members) {
    const share = new Uint32Array(folds);
    for (let i = 0; i < group.length; i++) share[dealt++ % folds]!++;
    const seats = Array.from(share).flatMap((size, f) => new Array<number>(size).fill(f));
    if (shuffle) random.shuffle(seats);
    group.forEach((row, i) => {
      foldOf[row] = seats[i]!;
    });
  }
  return eachFold(foldOf, folds);
}

function foldOptions(options: FoldOptions, who: string) {
  const { folds, shuffle, seed } = readOptions(foldRows, options, who);
  return { folds, shuffle, random: new Random(seed, who) };
}

function* eachFold(foldOf: Uint32Array, folds: number): Generator<Fold, void, undefined> {
  const rows = Uint32Array.from(foldOf, (_, i) => i);
  for (let f = 0; f < folds; f++) yield { train: rows.filter((i) => foldOf[i] !== f), test: rows.filter((i) => foldOf[i] === f) };
}
