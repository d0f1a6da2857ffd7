// What estimators take as X: rows of numbers, or a table, which an encoder turns into rows of numbers. Remembers what the
// columns are called and between which values they lay in training, and finds the rows of later inputs that lie outside.

import { isFloat32 } from '../brands.js';
import { dateText } from '../data/column.js';
import { Matrix, RowReader, shapeOf, type Float64Rows, type MatrixLike } from '../data/matrix.js';
import { Table } from '../data/table.js';
import { TableEncoder, type TableEncoderState } from '../data/tabular.js';
import { SavedState } from '../data/columns.js';
import { fail, show } from '../errors.js';
import { formatFigure } from '../training/history.js';
import type { DateFeature } from '../data/calendarWidths.js';
import { asFeatures, type Features } from './features.js';

export interface InputState {
  encoder: TableEncoderState | null;
  /** Name of the column that the targets were, in training on a table. */
  target: string | null;
  featureNames: string[];
  low: number[];
  high: number[];
}

export type { Features } from './features.js';

/** The columns a net was fitted on. */
export class InputColumns {
  private constructor(
    readonly encoder: TableEncoder | undefined,
    readonly target: string | undefined,
    readonly featureNames: readonly string[],
    private low: Float64Array,
    private high: Float64Array,
  ) {}

  get count(): number {
    return this.featureNames.length;
  }

  /**
   * Learns the columns of X. `target` is a column of the table that is no input; `encoder` and `names` say what the columns of a matrix are.
   * A table's categories and means come from `trainRows` alone (default: all rows). Returns all rows as numbers.
   * @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_OPTION.
   */
  static fit(
    X: MatrixLike | Table,
    options: {
      dateFeatures?: readonly DateFeature[] | undefined;
      maxCategories?: number | undefined;
      numberedFrom?: number | undefined;
      keep?: readonly string[] | undefined;
      target?: string;
      encoder?: TableEncoder;
      names?: readonly string[];
      trainRows?: Uint32Array;
    },
  ): { columns: InputColumns; rows: MatrixLike } {
    let { encoder } = options;
    let rows: MatrixLike;
    if (X instanceof Table) {
      if (encoder !== undefined)
        fail('ERR_OPTION', 'encoder: it says what the columns of a matrix are; a table gets an encoder of its own.');
      if (X.rows === 0) fail('ERR_EMPTY', `${X.source} has no rows.`);
      const inputs = options.target === undefined ? X : X.drop([options.target]);
      encoder = new TableEncoder({
        ...(options.keep === undefined ? {} : { keep: options.keep }),
        ...(options.maxCategories === undefined ? {} : { maxCategories: options.maxCategories }),
        ...(options.numberedFrom === undefined ? {} : { numberedFrom: options.numberedFrom }),
        ...(options.dateFeatures === undefined ? {} : { dateFeatures: options.dateFeatures }),
      }).fit(options.trainRows === undefined ? inputs : inputs.take(options.trainRows));
      rows = encoder.transform64(X);
    } else rows = X;
    const reader = new RowReader(rows, { name: 'X' });
    const [, columns] = reader.shape;
    const given = encoder?.featureNames ?? options.names;
    const names = given === undefined ? Array.from({ length: columns }, (_, j) => `x${j}`) : checkNames(given, columns);
    const low = new Float64Array(columns).fill(Infinity);
    const high = new Float64Array(columns).fill(-Infinity);
    const result = new InputColumns(encoder, options.target, names, low, high);
    result.widen(reader);
    return { columns: result, rows };
  }

  /** Columns that are numbers of categories. */
  get numbered(): readonly { readonly column: number; readonly categories: number }[] {
    return this.encoder?.numbered ?? [];
  }

  /** The columns with an indicator for each category where at most `most` were numbered, and of each what it was before. */
  oneHot(most: number): { columns: InputColumns; from: readonly number[] } {
    const { encoder, numbered, low, high } = this;
    const spans = new Map(numbered.filter(({ categories }) => categories <= most).map((of) => [of.column, of.categories]));
    const from = this.featureNames.flatMap((_, j) => new Array<number>(spans.get(j) ?? 1).fill(j));
    if (encoder === undefined || spans.size === 0) return { columns: this, from };
    const range = (values: Float64Array, indicator: number) =>
      Float64Array.from(from, (j) => (spans.has(j) ? indicator : values[j]!));
    const spread = encoder.oneHot(most);
    const columns = new InputColumns(spread, this.target, Object.freeze(spread.featureNames), range(low, 0), range(high, 1));
    return { columns, from };
  }

  /** Takes more rows into the ranges. @throws ERR_NONFINITE. */
  widen(reader: RowReader): void {
    const low = this.low.slice();
    const high = this.high.slice();
    const columns = this.count;
    for (const { data } of reader.blocks())
      for (let k = 0, j = 0; k < data.length; k++) {
        const x = data[k]!;
        if (x < low[j]!) low[j] = x;
        if (x > high[j]!) high[j] = x;
        if (++j === columns) j = 0;
      }
    this.low = low;
    this.high = high;
  }

  /** X as it is read: rows of numbers or a table. @throws what Table.from throws. */
  features(X: Features): MatrixLike | Table {
    return asFeatures(X);
  }

  /** What is one column to users: the inputs [from, to) of a category are one. */
  get groups(): readonly { readonly name: string; readonly from: number; readonly to: number }[] {
    return this.encoder?.groups ?? this.featureNames.map((name, j) => ({ name, from: j, to: j + 1 }));
  }

  /** Rows of numbers, as wide as those of the fit. @throws ERR_SHAPE, ERR_TYPE. */
  read(X: MatrixLike | Table): MatrixLike {
    if (X instanceof Table) {
      if (this.encoder === undefined)
        fail(
          'ERR_TYPE',
          'X is a table, but this model was trained on a matrix. Pass rows of numbers in the order of its featureNames.',
        );
      return this.encoder.transform64(X);
    }
    const [, columns] = shapeOf(X, 'X');
    if (columns !== this.count)
      fail(
        'ERR_SHAPE',
        `X has ${columns} column${columns === 1 ? '' : 's'}, but this model has ${this.count} input${this.count === 1 ? '' : 's'} (${this.list()}).`,
        {
          expected: this.count,
          got: columns,
        },
      );
    return X;
  }

  /**
   * In words, what lies outside the ranges of training by more than a twentieth of them (fresh rows are a little beyond now and then), and which
   * categories of a table are new; undefined when nothing is.
   */
  outside(X: MatrixLike | Table, rows: MatrixLike): string | undefined {
    const { encoder } = this;
    const found = [this.beyond(rows)];
    if (X instanceof Table && encoder !== undefined) {
      const { types } = encoder;
      const missing = new Set(encoder.checkMissing(X).map(({ message }) => message));
      for (const { column, message } of encoder.check(X))
        if (types[column] === 'categorical' && !missing.has(message)) found.push(message);
    }
    return found.filter((message) => message !== undefined).join(' ') || undefined;
  }

  /** In words, which columns of a table have missing cells and had none in training; undefined when none has. */
  missing(X: MatrixLike | Table): string | undefined {
    if (!(X instanceof Table) || this.encoder === undefined) return undefined;
    const found = this.encoder.checkMissing(X).map(({ message }) => message);
    return found.length === 0
      ? undefined
      : `${found.join(' ')} For a missing number the model takes the one it fills such cells of the column with (the mean, unless the encoder says otherwise), for a missing category none.`;
  }

  /** Rows with numbers beyond the ranges, in words. */
  private beyond(rows: MatrixLike): string | undefined {
    const reader = new RowReader(rows, { name: 'X' });
    const { featureNames, count: columns } = this;
    const [low, high] = this.limits();
    const worst = new Map<number, number>();
    let outliers = 0;
    let last = -1;
    for (const { data, first } of reader.blocks())
      for (let k = 0, j = 0, i = first; k < data.length; k++) {
        const x = data[k]!;
        if (x < low[j]! || x > high[j]!) {
          if (i !== last) outliers++;
          last = i;
          const before = worst.get(j);
          if (before === undefined || this.excess(x, j) > this.excess(before, j)) worst.set(j, x);
        }
        if (++j === columns) {
          j = 0;
          i++;
        }
      }
    if (outliers === 0) return undefined;
    const ranges = [...worst]
      .slice(0, 3)
      .map(
        ([j, x]) =>
          `${featureNames[j]} is ${this.text(x, j)} (training: ${this.text(this.low[j]!, j)} to ${this.text(this.high[j]!, j)})`,
      );
    const named = worst.size > 3 ? [...ranges, `${worst.size - 3} more columns`] : ranges;
    return `${outliers} of ${reader.shape[0]} rows lie outside the range of the training data: ${named.join(', ')}.`;
  }

  /** A number of column j as people write it: dates as dates. */
  text(x: number, j: number): string {
    const { encoder } = this;
    const name = encoder?.groups.find(({ from }) => from === j)?.name;
    return name !== undefined && encoder!.types[name] === 'date' ? dateText(x) : formatFigure(x);
  }

  /** The ranges and a twentieth more. Those of categories have no limits. */
  private limits(): [low: Float64Array, high: Float64Array] {
    const margin = this.low.map((least, j) => (this.high[j]! - least) / 20);
    const types = this.encoder?.types ?? {};
    for (const { name, from, to } of this.encoder?.groups ?? [])
      if (types[name] === 'categorical') margin.fill(Infinity, from, to);
    return [this.low.map((least, j) => least - margin[j]!), this.high.map((most, j) => most + margin[j]!)];
  }

  private excess(x: number, j: number): number {
    const [low, high] = [this.low[j]!, this.high[j]!];
    return Math.max(low - x, x - high) / (high - low || 1);
  }

  /** Names, at most ten of them. */
  list(): string {
    return this.count > 10 ? `${this.featureNames.slice(0, 10).join(', ')}, …` : this.featureNames.join(', ');
  }

  toJSON(): InputState {
    const { encoder, target, featureNames, low, high } = this;
    return {
      encoder: encoder?.toJSON() ?? null,
      target: target ?? null,
      featureNames: [...featureNames],
      low: [...low],
      high: [...high],
    };
  }

  /** @throws ERR_FORMAT. */
  static fromJSON(json: unknown): InputColumns {
    const saved = new SavedState(json, 'inputs', true);
    const names = saved.strings('featureNames');
    const encoder = saved.raw('encoder') === null ? undefined : TableEncoder.fromJSON(saved.raw('encoder'));
    if (names.length === 0 || (encoder !== undefined && encoder.outputs !== names.length))
      saved.refuse('featureNames', 'one name per input', names);
    const target = saved.raw('target') === null ? undefined : saved.string('target');
    return new InputColumns(
      encoder,
      target,
      Object.freeze(names),
      saved.numbers('low', names.length),
      saved.numbers('high', names.length),
    );
  }
}

function checkNames(names: unknown, columns: number): readonly string[] {
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
    fail('ERR_OPTION', `featureNames: expected a list of strings, got ${show(names)}.`);
  if (names.length !== columns) fail('ERR_SHAPE', `featureNames: ${names.length} names, but X has ${columns} columns.`);
  return Object.freeze([...names]);
}

/** How many rows X has. @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY. */
export function rowsOf(X: MatrixLike | Table): number {
  if (!(X instanceof Table)) return shapeOf(X, 'X')[0];
  if (X.rows === 0) fail('ERR_EMPTY', `${X.source} has no rows.`);
  return X.rows;
}

/** Rows with the given indices, without a copy when they are all. */
export function pickRows(rows: MatrixLike, indices: Uint32Array | undefined): MatrixLike {
  if (indices === undefined) return rows;
  if (Array.isArray(rows)) return Array.from(indices, (i) => (rows as readonly ArrayLike<number>[])[i]!);
  const { data, shape } = rows as { data: ArrayLike<number>; shape: readonly number[] };
  const columns = shape[1]!;
  const out = isFloat32(data) ? new Float32Array(indices.length * columns) : new Float64Array(indices.length * columns);
  for (let k = 0; k < indices.length; k++)
    for (let j = 0, at = indices[k]! * columns; j < columns; j++) out[k * columns + j] = data[at + j]!;
  if (isFloat32(out)) return new Matrix(out, indices.length, columns);
  return { data: out, shape: [indices.length, columns] } satisfies Float64Rows;
}
