// Encoders: labels and categories to numbers and back.

import { fail, show } from '../errors.js';
import { choice, readOptions, type Schema } from '../options.js';
import { checkWidth, notFitted, SavedState } from './columns.js';
import { checkLabel, classesOf, compareLabels, listLabels, readLabels, type Label, type Labels } from './labels.js';
import { float64Rows, Matrix, shapeOf, type MatrixLike } from './matrix.js';

// ---- LabelEncoder -----------------------------------------------------------------------------------------

/** A fitted LabelEncoder as plain JSON: what toJSON gives and LabelEncoder.fromJSON takes. */
export interface LabelEncoderState {
  /** Always 'LabelEncoder'. */
  type: 'LabelEncoder';
  /** The classes, sorted: id i stands for classes[i]. */
  classes: Label[];
}

/**
 * Labels to class ids 0 … k - 1 in sorted order, and back. Source: scikit-learn 1.2, `LabelEncoder`.
 *
 * @example
 * const encoder = new LabelEncoder();
 * encoder.fitTransform(['dog', 'cat', 'dog']);  // Int32Array [1, 0, 1]
 * encoder.classes;                              // ['cat', 'dog']
 */
export class LabelEncoder {
  private state: { classes: readonly Label[]; ids: ReadonlyMap<Label, number> } | undefined;

  private get fitted() {
    return this.state ?? notFitted('LabelEncoder');
  }
  /** The classes in order: id i stands for classes[i]. @throws ERR_STATE before fit. */
  get classes(): readonly Label[] {
    return this.fitted.classes;
  }

  /** Learns the classes of y [rows], forgetting earlier ones. @throws ERR_EMPTY, ERR_TYPE for what is no list of labels, ERR_LABEL for a label that is missing or of another kind than the first. */
  fit(y: Labels): this {
    this.state = index(classesOf(readLabels(y)));
    return this;
  }

  /** The class id of every label of y [rows]. @throws ERR_STATE before fit; ERR_LABEL for a label the fit did not see. */
  transform(y: Labels): Int32Array {
    const { ids, classes } = this.fitted;
    return Int32Array.from(readLabels(y), (label, row) => {
      const id = ids.get(label);
      if (id === undefined)
        fail('ERR_LABEL', `y: row ${row} is ${show(label)}, which is not among the known classes: ${listLabels(classes)}.`, {
          row,
          value: label,
        });
      return id;
    });
  }

  /** Learns the classes of y [rows] and gives their ids. @throws ERR_EMPTY, ERR_TYPE, ERR_LABEL. */
  fitTransform(y: Labels): Int32Array {
    return this.fit(y).transform(y);
  }

  /** The labels of class ids. @throws ERR_STATE before fit; ERR_LABEL for an id that is no whole number from 0 to k - 1. */
  inverseTransform(ids: ArrayLike<number> | MatrixLike): Label[] {
    const { classes } = this.fitted;
    return readLabels(ids as Labels, 'ids').map((id, row) => {
      const label = typeof id === 'number' ? classes[id] : undefined;
      if (label === undefined)
        fail('ERR_LABEL', `ids: row ${row} is ${show(id)}; expected a class id, 0 to ${classes.length - 1}.`, { row, value: id });
      return label;
    });
  }

  /** The fitted state as plain JSON. @throws ERR_STATE before fit. */
  toJSON(): LabelEncoderState {
    return { type: 'LabelEncoder', classes: [...this.classes] };
  }

  /** @internal One of these classes in this order, whichever it is. */
  static of(classes: readonly Label[]): LabelEncoder {
    const encoder = new LabelEncoder();
    encoder.state = index(classes);
    return encoder;
  }

  /** The encoder that toJSON described. @throws ERR_FORMAT for anything else. */
  static fromJSON(json: unknown): LabelEncoder {
    const saved = new SavedState(json, 'LabelEncoder');
    const encoder = new LabelEncoder();
    encoder.state = index(savedCategories(saved, 'classes', saved.list('classes')));
    return encoder;
  }
}

function index(classes: readonly Label[]) {
  return { classes: Object.freeze([...classes]), ids: new Map(classes.map((label, id) => [label, id])) };
}

/** Labels of one kind, in order, each once. */
function savedCategories(saved: SavedState, field: string, list: unknown): Label[] {
  if (!Array.isArray(list) || list.length === 0) saved.refuse(field, 'a list of labels', list);
  list.forEach((label, i) => {
    const known = typeof label === 'string' || typeof label === 'boolean' || Number.isFinite(label);
    if (!known || typeof label !== typeof list[0]) saved.refuse(`${field}[${i}]`, 'a label of the kind of the others', label);
    if (i > 0 && compareLabels(list[i - 1] as Label, label as Label) >= 0)
      saved.refuse(field, 'in order, each label once', label);
  });
  return list as Label[];
}

// ---- OneHotEncoder ----------------------------------------------------------------------------------------

/** Rows of categories: strings, numbers or booleans, one kind per column. */
export type CategoryRows = readonly (readonly Label[])[] | MatrixLike;

const UNKNOWN = ['error', 'ignore'] as const;
const DROPS = ['none', 'first', 'ifBinary'] as const;

/** Options of OneHotEncoder. */
export interface OneHotEncoderOptions {
  /** The categories of each column, or 'auto': those of the fit, sorted (default 'auto'). */
  categories?: 'auto' | readonly (readonly Label[])[];
  /** A category the fit did not see: 'error', or 'ignore' for a row of zeros in that column's place (default 'error'). */
  handleUnknown?: 'error' | 'ignore';
  /** Leave out the first category of every column, or of columns with two ('ifBinary'), or of none (default 'none'). */
  drop?: 'none' | 'first' | 'ifBinary';
}

const optionRows = {
  categories: (value) => (value === undefined || value === 'auto' ? ('auto' as const) : checkGiven(value)),
  handleUnknown: choice(UNKNOWN, 'error'),
  drop: choice(DROPS, 'none'),
} satisfies Schema<OneHotEncoderOptions>;

/** A fitted OneHotEncoder as plain JSON: what toJSON gives and OneHotEncoder.fromJSON takes. */
export interface OneHotEncoderState {
  /** Always 'OneHotEncoder'. */
  type: 'OneHotEncoder';
  /** What a category does that the fit did not see. */
  handleUnknown: 'error' | 'ignore';
  /** Which category of each column is left out. */
  drop: 'none' | 'first' | 'ifBinary';
  /** The categories of each column, in the order of its outputs. */
  categories: Label[][];
}

/**
 * Each column of categories becomes one column of 0 and 1 per category. Source: scikit-learn 1.2, `OneHotEncoder`.
 *
 * @example
 * const encoder = new OneHotEncoder();
 * encoder.fitTransform([['red'], ['blue']]).toArray();  // [[0, 1], [1, 0]]
 * encoder.featureNames(['color']);                      // ['color_blue', 'color_red']
 */
export class OneHotEncoder {
  /** What an unknown category does: 'error', or 'ignore' for zeros in its columns. */
  readonly handleUnknown: 'error' | 'ignore';
  /** Which column of each input's is left out. */
  readonly drop: 'none' | 'first' | 'ifBinary';
  private readonly given: readonly (readonly Label[])[] | undefined;
  private state: readonly OneHotColumn[] | undefined;

  /** Turns columns of categories into columns of 0 and 1, one per category: fit, then transform. @throws ERR_OPTION for unknown options, or categories that are no lists of different labels of one kind. */
  constructor(options: OneHotEncoderOptions = {}) {
    const { categories, handleUnknown, drop } = readOptions(optionRows, options, 'OneHotEncoder', 'OneHotEncoder.');
    this.handleUnknown = handleUnknown;
    this.drop = drop;
    this.given = categories === 'auto' ? undefined : categories;
  }

  private get fitted() {
    return this.state ?? notFitted('OneHotEncoder');
  }
  /** Input columns. @throws ERR_STATE before fit. */
  get columns(): number {
    return this.fitted.length;
  }
  /** Output columns. */
  get outputs(): number {
    const last = this.fitted.at(-1)!;
    return last.at + width(last);
  }
  /** The categories of each input column, in the order of the output columns (a dropped one included, first). */
  get categories(): readonly (readonly Label[])[] {
    return this.fitted.map((column) => column.categories);
  }

  /** Learns the categories of X [rows][columns]. @throws ERR_EMPTY, ERR_SHAPE, ERR_TYPE, ERR_LABEL with row and column. */
  fit(X: CategoryRows): this {
    const rows = readCategories(X);
    const columns = rows[0]!.length;
    if (this.given !== undefined) {
      checkWidth(columns, this.given.length, 'OneHotEncoder.categories');
      const state = this.lay(this.given);
      for (let i = 0; i < rows.length; i++) for (let j = 0; j < columns; j++) this.idOf(state[j]!, rows[i]![j]!, i, j);
      this.state = state;
    } else {
      const seen = Array.from({ length: columns }, () => new Set<Label>());
      for (const row of rows) for (let j = 0; j < columns; j++) seen[j]!.add(row[j]!);
      this.state = this.lay(seen.map((values) => [...values].sort(compareLabels)));
    }
    return this;
  }

  private lay(categories: readonly (readonly Label[])[]): OneHotColumn[] {
    let at = 0;
    return categories.map((list) => {
      const dropped = this.drop === 'first' || (this.drop === 'ifBinary' && list.length === 2) ? 1 : 0;
      const column = { categories: Object.freeze([...list]), ids: new Map(list.map((value, id) => [value, id])), dropped, at };
      at += list.length - dropped;
      return column;
    });
  }

  /** The category's place in its column, -1 for an unknown one that may be ignored. */
  private idOf(column: OneHotColumn, value: Label, row: number, j: number): number {
    const id = column.ids.get(value);
    if (id !== undefined) return id;
    if (this.handleUnknown === 'ignore') return -1;
    return fail(
      'ERR_LABEL',
      `X: row ${row}, column ${j} is ${show(value)}, which is not among the known categories: ${listLabels(column.categories)}. ` +
        "Use handleUnknown: 'ignore' to encode it as zeros.",
      { row, column: j, value },
    );
  }

  /** X [rows][columns] as zeros and ones [rows][outputs]. @throws ERR_STATE, ERR_SHAPE; ERR_LABEL for an unseen category (if 'error'). */
  transform(X: CategoryRows): Matrix {
    const columns = this.fitted;
    const rows = readCategories(X);
    checkWidth(rows[0]!.length, columns.length, 'OneHotEncoder');
    const { outputs } = this;
    if (outputs === 0)
      fail('ERR_EMPTY', "OneHotEncoder: no column is left: every column has one category, and drop: 'first' drops it.");
    const out = new Float32Array(rows.length * outputs);
    rows.forEach((row, i) => {
      columns.forEach((column, j) => {
        const id = this.idOf(column, row[j]!, i, j);
        if (id >= column.dropped) out[i * outputs + column.at + id - column.dropped] = 1;
      });
    });
    return new Matrix(out, rows.length, outputs);
  }

  /** fit(X), then transform(X). */
  fitTransform(X: CategoryRows): Matrix {
    return this.fit(X).transform(X);
  }

  /**
   * The categories [rows][columns] of X [rows][outputs]: in each column the one with the largest value. All zeros are the dropped
   * category, or null where none was dropped (an unknown category that was ignored).
   * @throws ERR_STATE, ERR_SHAPE, and as `matrix`.
   */
  inverseTransform(X: MatrixLike): (Label | null)[][] {
    const columns = this.fitted;
    const { data, shape } = float64Rows(X, { name: 'X' });
    const { outputs } = this;
    if (shape[1] !== outputs) fail('ERR_SHAPE', `OneHotEncoder.inverseTransform: expected ${outputs} columns, got ${shape[1]}.`);
    return Array.from({ length: shape[0] }, (_, i) =>
      columns.map((column) => {
        let best = -1;
        let largest = 0;
        for (let c = 0; c < width(column); c++) {
          const value = data[i * outputs + column.at + c]!;
          if (value > largest) {
            largest = value;
            best = c + column.dropped;
          }
        }
        return best >= 0 ? column.categories[best]! : column.dropped === 1 ? column.categories[0]! : null;
      }),
    );
  }

  /** Names of the output columns: "color_red", or "x0_red" without input names. @throws ERR_SHAPE for another number of names. */
  featureNames(names?: readonly string[]): string[] {
    const columns = this.fitted;
    if (names !== undefined) checkWidth(names.length, columns.length, 'OneHotEncoder.featureNames');
    return columns.flatMap((column, j) =>
      column.categories.slice(column.dropped).map((value) => `${names?.[j] ?? `x${j}`}_${value}`),
    );
  }

  /** The fitted state as plain JSON. @throws ERR_STATE before fit. */
  toJSON(): OneHotEncoderState {
    const { handleUnknown, drop } = this;
    return { type: 'OneHotEncoder', handleUnknown, drop, categories: this.categories.map((list) => [...list]) };
  }

  /** The encoder that toJSON described. @throws ERR_FORMAT for anything else. */
  static fromJSON(json: unknown): OneHotEncoder {
    const saved = new SavedState(json, 'OneHotEncoder');
    const encoder = new OneHotEncoder({
      handleUnknown: saved.choice('handleUnknown', UNKNOWN),
      drop: saved.choice('drop', DROPS),
    });
    const lists = saved.list('categories');
    if (lists.length === 0) saved.refuse('categories', 'a list of lists', lists);
    const categories = lists.map((list, j) => {
      if (!Array.isArray(list) || list.length === 0) saved.refuse(`categories[${j}]`, 'a list of labels', list);
      return checkDistinct(list as readonly unknown[], (label, i) =>
        saved.refuse(`categories[${j}][${i}]`, 'another label of the same kind', label),
      );
    });
    encoder.state = encoder.lay(categories);
    return encoder;
  }
}

interface OneHotColumn {
  readonly categories: readonly Label[];
  readonly ids: ReadonlyMap<Label, number>;
  /** 1 when the first category has no output column. */
  readonly dropped: number;
  /** Its first output column. */
  readonly at: number;
}

function width(column: OneHotColumn): number {
  return column.categories.length - column.dropped;
}

/** Rows of labels, one kind per column, -0 as 0. @throws with row and column. */
function readCategories(X: CategoryRows): Label[][] {
  if (!Array.isArray(X)) {
    const { data, shape } = float64Rows(X as MatrixLike, { name: 'X' });
    return Array.from({ length: shape[0] }, (_, i) => Array.from(data.subarray(i * shape[1], (i + 1) * shape[1]), (x) => x + 0));
  }
  const first = X[0] as unknown;
  if (typeof first === 'string' || typeof first === 'boolean')
    fail(
      'ERR_SHAPE',
      `X: expected rows, got a flat array of ${X.length} labels. Wrap each sample in an array: [['red'], ['blue']].`,
    );
  const [rows, columns] = shapeOf(X, 'X');
  const out = Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => checkLabel((X as Label[][])[i]![j], `X, column ${j}`, i)),
  );
  for (let j = 0; j < columns; j++)
    for (let i = 1; i < rows; i++)
      if (typeof out[i]![j] !== typeof out[0]![j])
        fail(
          'ERR_LABEL',
          `X: row ${i}, column ${j} is ${show(out[i]![j])}, but row 0 has ${show(out[0]![j])}. Make a column one kind.`,
          {
            row: i,
            column: j,
          },
        );
  return out;
}

function checkGiven(categories: unknown): readonly (readonly Label[])[] {
  if (!Array.isArray(categories) || categories.length === 0)
    fail('ERR_OPTION', `OneHotEncoder.categories: expected 'auto' or a list of labels per column, got ${show(categories)}.`);
  return categories.map((list, j) => {
    if (!Array.isArray(list) || list.length === 0)
      fail('ERR_OPTION', `OneHotEncoder.categories[${j}]: expected a list of labels, got ${show(list)}.`);
    return checkDistinct(list, (label, i) =>
      fail(
        'ERR_OPTION',
        `OneHotEncoder.categories[${j}][${i}]: ${show(label)} is there twice, or of another kind than the first.`,
      ),
    );
  });
}

/** A copy of a list of different labels of one kind, in its own order. */
function checkDistinct(list: readonly unknown[], refuse: (label: unknown, i: number) => never): Label[] {
  const seen = new Set<unknown>();
  return list.map((label, i) => {
    const fits = typeof label === 'string' || typeof label === 'boolean' || Number.isFinite(label);
    if (!fits || typeof label !== typeof list[0] || seen.has(label)) refuse(label, i);
    seen.add(label);
    return label as Label;
  });
}
