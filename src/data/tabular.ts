// Tables to numbers for a network and back: numeric, boolean and date columns as they are with missing cells filled, categorical columns
// one-hot. Fitted on a table, or on the summaries of a first pass over a file; saved as plain JSON. Scaling is the estimator's part:
// transform64 keeps float64 until then.

import { copyOfPlain } from '../platform.js';
import { fail, show } from '../errors.js';
import { choice, list, readOptions, text, whole, type Schema } from '../options.js';
import { dateFeature } from './calendar.js';
import type { DateFeature } from './calendarWidths.js';
import type { CellSpelling, Column, ColumnSummary, ColumnType } from './column.js';
import { notFitted } from './columns.js';
import { CategoryWriter } from './columnWriters.js';
import { checkDigits, farColumns, frameOfRanges } from './digits.js';
import { dateFormat } from './dates.js';
import { categoryCount, lay, readEncoding, width, type Encoding, type Plan } from './encodedColumns.js';
import { encodeColumns, featureNamesOf, OTHER } from './encoding.js';
import { noteOf, type Finding } from './findings.js';
import { runningNumber, useless } from './leftOut.js';
import { matchingColumn } from './matching.js';
import { float64Rows, Matrix, type Float64Rows, type MatrixLike } from './matrix.js';
import { median } from './quantiles.js';
import { Table } from './table.js';
import { gaps, unseen, type TableFinding } from './tableFindings.js';

/** Options of TableEncoder: how missing cells, categories and dates become numbers. */
export interface TableEncoderOptions {
  /**
   * What a missing number becomes, from the cells of its column (default 'mean'). 'median' needs the table, not only its summary;
   * 'mostFrequent' is the mean where a column has more than 1000 different values.
   */
  impute?: 'mean' | 'median' | 'mostFrequent';
  /** The most categories a column is spread into, 1 to 100,000; rarer ones share the category "other" (default 100; of numbered columns 10,000). */
  maxCategories?: number;
  /**
   * Text of at least so many categories becomes one column, the number of the category, for an embedding() layer (default none: all text is
   * one-hot). Categories of fewer than 3 rows share "other", which new ones are read as where there is one; where there is none, new ones
   * are -1, which an embedding takes as unknown.
   */
  numberedFrom?: number;
  /**
   * Columns to keep that would be left out: a number that counts the rows, or text that is different in almost every row, of which the most frequent
   * become categories. Text of more than 1000 different values is refused.
   */
  keep?: readonly string[];
  /**
   * What of the calendar becomes inputs beside every date (default none): 'month' and 'weekday' one input each per month and day, 'dayOfYear'
   * and 'hour' two (cosine and sine of the turn), 'year' one.
   */
  dateFeatures?: readonly DateFeature[];
}

const optionRows = {
  impute: choice(['mean', 'median', 'mostFrequent'], 'mean'),
  maxCategories: whole({ min: 1, max: 100_000 }),
  numberedFrom: whole({ min: 1 }),
  keep: list(text(), "['id']"),
  dateFeatures: list(dateFeature, "['month']"),
} satisfies Schema<TableEncoderOptions>;

/** A fitted TableEncoder as plain JSON: what toJSON gives and TableEncoder.fromJSON takes. */
export interface TableEncoderState {
  /** Always 'TableEncoder'. */
  type: 'TableEncoder';
  /** What each input column becomes. */
  columns: Plan[];
}

/**
 * Columns of a table to columns of numbers. A column without any value, and text with a different value in almost every row (names,
 * identifiers), is left out; `notes` says so.
 *
 * @example
 * const encoder = new TableEncoder().fit(table.drop(['price']));
 * encoder.transform(table).shape;       // [3, 3]
 * encoder.featureNames;                 // ['size', 'color_blue', 'color_red']
 */
export class TableEncoder {
  private readonly impute: 'mean' | 'median' | 'mostFrequent';
  private readonly maxCategories: number | undefined;
  private readonly numberedFrom: number;
  private readonly keep: readonly string[];
  private readonly dateFeatures: readonly DateFeature[];
  private state: Encoding | undefined;
  /**
   * Columns that were left out, and why ('columnLeftOut', and 'rowNumber' for those that count the rows), and columns whose rarer categories were
   * merged ('mergedCategories'). Empty before fit and after fromJSON.
   */
  findings: readonly Finding[] = [];

  /** Turns tables into rows of numbers for a network, missing values and categories included: fit on training rows, then transform. @throws ERR_OPTION for bad options. */
  constructor(options: TableEncoderOptions = {}) {
    const {
      impute,
      maxCategories,
      numberedFrom = Infinity,
      keep = [],
      dateFeatures = [],
    } = readOptions(optionRows, options, 'TableEncoder', 'TableEncoder.');
    this.keep = keep;
    this.dateFeatures = dateFeatures;
    this.impute = impute;
    this.maxCategories = maxCategories;
    this.numberedFrom = numberedFrom;
  }

  private get fitted() {
    return this.state ?? notFitted('TableEncoder');
  }
  /** Columns that were left out, and why, and columns whose rarer categories were merged: `findings` in words. */
  get notes(): readonly string[] {
    return this.findings.map(noteOf);
  }
  /** Input columns with their types, and how their cells are written: what `streamCsv` needs. @throws ERR_STATE before fit. */
  get columns(): {
    /** The column's name. */
    name: string;
    /** Its type in training. */
    type: ColumnType;
    /** How its cells were written in the training file, where that is not the plain way. */
    spelling?: CellSpelling;
  }[] {
    return this.fitted.plans.map((plan) => {
      const { name, type } = plan;
      return plan.type === 'categorical' || plan.spelling === undefined
        ? { name, type }
        : { name, type, spelling: plan.spelling };
    });
  }
  /** The types by name. */
  get types(): Record<string, ColumnType> {
    return Object.fromEntries(this.fitted.plans.map(({ name, type }) => [name, type]));
  }
  /** Output columns. */
  get outputs(): number {
    return this.fitted.outputs;
  }
  /** Output columns that are numbers of categories, and how many categories each has: what embedding() layers take. */
  get numbered(): {
    /** The output column. */
    column: number;
    /** Its categories, "other" and missing among them. */
    categories: number;
  }[] {
    const { plans, places } = this.fitted;
    return plans.flatMap((plan, p) =>
      plan.type === 'categorical' && plan.numbered === true ? [{ column: places[p]!, categories: categoryCount(plan) }] : [],
    );
  }
  /** Names of the output columns: the column's own, "color_red" for a category, "color_(other)", "color_(missing)". */
  get featureNames(): string[] {
    return featureNamesOf(this.fitted);
  }
  /** Which output columns belong to which input column: [from, to), for what treats a column as one (feature importance). */
  get groups(): {
    /** The input column. */
    name: string;
    /** Its first output. */
    from: number;
    /** One past its last output. */
    to: number;
  }[] {
    const { plans, places } = this.fitted;
    return plans.map((plan, p) => ({ name: plan.name, from: places[p]!, to: places[p]! + width(plan) }));
  }

  /** Learns every column of a table. @throws ERR_EMPTY when no column is left. */
  fit(table: Table): this {
    const medians =
      this.impute === 'median' ? new Map(table.columns.map((column) => [column.name, medianOf(column)])) : undefined;
    return this.learn(table.summary(), medians);
  }

  /** Learns columns from their summaries (`scanCsv`). @throws ERR_EMPTY when no column is left, ERR_OPTION for impute: 'median'. */
  fitSummaries(columns: readonly ColumnSummary[]): this {
    if (this.impute === 'median')
      fail('ERR_OPTION', "TableEncoder.impute: 'median' needs the whole table; use 'mean' with fitSummaries.");
    return this.learn(columns, undefined);
  }

  private learn(columns: readonly ColumnSummary[], medians: ReadonlyMap<string, number> | undefined): this {
    const keep = new Set(this.keep);
    const names = new Set(columns.map(({ name }) => name));
    for (const name of keep)
      if (!names.has(name))
        fail('ERR_OPTION', `keep: there is no column ${show(name)} to keep. The columns: ${[...names].slice(0, 20).join(', ')}.`);
    const leftOut = new Map<ColumnSummary, Finding>();
    const leave = (column: ColumnSummary, kind: Finding['kind'], why: string, fix?: string) =>
      leftOut.set(column, {
        kind,
        column: column.name,
        message: `Column ${show(column.name)} was left out: it ${why}.`,
        ...(fix === undefined ? {} : { fix }),
      });
    const usable = columns.filter((column) => {
      const why = useless(column);
      const { name, rows, missing, categories } = column;
      const wanted = keep.has(name) && missing < rows;
      if (why === undefined || (wanted && categories !== undefined)) return true;
      if (wanted)
        fail(
          'ERR_OPTION',
          `keep: column ${show(name)} ${why}, so it cannot be kept. Leave it out, or put its texts into groups.`,
        );
      leave(column, 'columnLeftOut', why);
      return false;
    });
    const counting = usable.filter((column) => !keep.has(column.name) && runningNumber(column) !== undefined);
    // A table whose only inputs count its rows is a table about them.
    if (counting.length < usable.length)
      for (const column of counting)
        leave(
          column,
          'rowNumber',
          `${runningNumber(column)}, and a network would learn the order of the rows`,
          `To keep it, pass keep: [${JSON.stringify(column.name)}] or declare its type.`,
        );
    const findings = columns.flatMap((column) => leftOut.get(column) ?? []);
    const plans = columns.flatMap((column): Plan[] =>
      leftOut.has(column) ? [] : [this.plan(column, medians?.get(column.name))],
    );
    for (const column of columns) {
      const { name, categories = [] } = column;
      const plan = plans.find((one) => one.name === name);
      if (plan?.type !== 'categorical') continue;
      const merged = this.mostOf(column) < categories.length ? categories.length - plan.categories.length : 0;
      if (merged > 0)
        findings.push({
          kind: 'mergedCategories',
          column: name,
          message: `Column ${show(name)}: the ${plan.categories.length} most frequent of ${categories.length} categories were kept, the other ${merged} merged into ${OTHER}; maxCategories: ${categories.length} keeps all.`,
        });
    }
    if (plans.length === 0) fail('ERR_EMPTY', `No column is left to learn from. ${findings.map(noteOf).join(' ')}`.trim());
    this.state = lay(plans);
    this.findings = Object.freeze(findings);
    return this;
  }

  private isNumbered({ categories = [] }: ColumnSummary): boolean {
    return categories.length >= this.numberedFrom;
  }

  private mostOf(column: ColumnSummary): number {
    return this.maxCategories ?? (this.isNumbered(column) ? 10_000 : 100);
  }

  private plan(column: ColumnSummary, middle: number | undefined): Plan {
    const { name, type, missing, categories = [] } = column;
    if (type === 'categorical') {
      const numbered = this.isNumbered(column);
      const kept = categories
        .slice(0, this.mostOf(column))
        .filter(({ count }) => !numbered || count >= fewRows)
        .map(({ value }) => value);
      const other = categories.length > kept.length;
      return {
        name,
        type,
        categories: kept.sort(),
        other,
        missing: missing > 0,
        ...(numbered ? { numbered: true as const } : {}),
      };
    }
    const common = type === 'boolean' ? (categories[0]?.value === 'true' ? 1 : 0) : Number(categories[0]?.value ?? column.mean);
    const fill =
      this.impute === 'mean'
        ? column.mean!
        : this.impute === 'median'
          ? middle!
          : Number.isFinite(common)
            ? common
            : column.mean!;
    return {
      ...{ name, type, fill, min: column.min!, max: column.max! },
      ...(missing > 0 ? { missing: true } : {}),
      ...(column.spelling === undefined ? {} : { spelling: column.spelling }),
      ...(type === 'date' && this.dateFeatures.length > 0 ? { features: this.dateFeatures } : {}),
    };
  }

  /**
   * The rows of a table as numbers [rows][outputs], in float32. Numbers whose digits float32 would take (identifiers, seconds since 1970) are
   * refused: transform64 keeps them, and scalers take its rows.
   * @throws ERR_STATE, ERR_SHAPE for a missing column, ERR_TYPE for another type, ERR_RANGE.
   */
  transform(table: Table): Matrix {
    const { data, shape } = this.transform64(table);
    const out = new Float32Array(data);
    const bad = out.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      const [row, column] = [Math.floor(bad / shape[1]), bad % shape[1]];
      const name = this.featureNames[column];
      fail(
        'ERR_RANGE',
        `${table.where(row)}, column ${show(name)}: ${data[bad]} is beyond the largest float32 (3.4e38). Scale it first.`,
        { row, column },
      );
    }
    const { plans, places } = this.fitted;
    const numbers = plans.flatMap((plan, p) => (plan.type === 'categorical' ? [] : [{ ...plan, at: places[p]! }]));
    const frame = frameOfRanges(
      numbers.map(({ min }) => min),
      numbers.map(({ max }) => max),
    );
    for (const far of farColumns(frame))
      checkDigits(out, data, 0, shape[1], { ...far, column: numbers[far.column]!.at }, 'TableEncoder.transform');
    return new Matrix(out, shape[0], shape[1]);
  }

  /** transform without the rounding to float32. */
  transform64(table: Table): Float64Rows {
    return encodeColumns(this.fitted, table);
  }

  /** fit(table), then transform(table): for training rows. @throws ERR_EMPTY when no column is left, ERR_TYPE. */
  fitTransform(table: Table): Matrix {
    return this.fit(table).transform(table);
  }

  /**
   * Numbers [rows][outputs] back as a table: of a categorical column the category with the largest output ("(other)" for the rest, a missing
   * cell for none); booleans are cut at 0.5. Filled cells stay filled.
   * @throws ERR_STATE, ERR_SHAPE, and as `matrix`.
   */
  inverseTransform(X: MatrixLike): Table {
    const { plans, places, outputs } = this.fitted;
    const { data, shape } = float64Rows(X, { name: 'X' });
    const [rows] = shape;
    if (shape[1] !== outputs) fail('ERR_SHAPE', `TableEncoder.inverseTransform: expected ${outputs} columns, got ${shape[1]}.`);
    const columns = plans.map((plan, p): Column => {
      const at = places[p]!;
      if (plan.type !== 'categorical') {
        const values = Float64Array.from({ length: rows }, (_, i) => {
          const value = data[i * outputs + at]!;
          return plan.type === 'boolean' ? (value > 0.5 ? 1 : 0) : value;
        });
        return { name: plan.name, type: plan.type, values };
      }
      const writer = new CategoryWriter(plan.name);
      for (let i = 0; i < rows; i++) {
        if (plan.numbered === true) {
          const code = data[i * outputs + at]!;
          writer.add(plan.categories[code] ?? (plan.other && code === plan.categories.length ? OTHER : undefined));
          continue;
        }
        const row = data.subarray(i * outputs + at, i * outputs + at + width(plan));
        const largest = row.reduce((best, value, c) => (value > (best < 0 ? 0 : row[best]!) ? c : best), -1);
        const beyond = largest >= plan.categories.length;
        writer.add(!beyond ? plan.categories[largest] : plan.other && largest === plan.categories.length ? OTHER : undefined);
      }
      return writer.column();
    });
    return new Table(columns, { rows });
  }

  /** What new rows hold that training did not see: numbers outside the range, unknown categories, missing cells. @throws ERR_STATE before fit, ERR_SHAPE for a missing column, ERR_TYPE for one of another type. */
  check(table: Table): TableFinding[] {
    const { plans } = this.fitted;
    return plans.flatMap((plan) => {
      const column = matchingColumn(table, plan, plans);
      return [...unseen(plan, column, table.rows), ...gaps(plan, column, table.rows)];
    });
  }

  /** The part of `check` that tells of missing cells in columns that had none in training. @throws ERR_STATE before fit, ERR_SHAPE for a missing column, ERR_TYPE for one of another type. */
  checkMissing(table: Table): TableFinding[] {
    const { plans } = this.fitted;
    return plans.flatMap((plan) => gaps(plan, matchingColumn(table, plan, plans), table.rows));
  }

  /** The encoder that makes an indicator for each category of numbered columns of at most `most` categories. @throws ERR_STATE before fit. */
  oneHot(most = Infinity): TableEncoder {
    const plans = this.fitted.plans.map((plan): Plan => {
      if (plan.type !== 'categorical' || categoryCount(plan) > most) return plan;
      const { numbered: _, ...rest } = plan;
      return rest;
    });
    const encoder = new TableEncoder();
    encoder.state = lay(plans);
    encoder.findings = this.findings;
    return encoder;
  }

  /** The fitted state as plain JSON. @throws ERR_STATE before fit. */
  toJSON(): TableEncoderState {
    return { type: 'TableEncoder', columns: copyOfPlain(this.fitted.plans) as Plan[] };
  }

  /** The encoder that toJSON described. @throws ERR_FORMAT for anything else. */
  static fromJSON(json: unknown): TableEncoder {
    const state = readEncoding(json, dateFormat);
    const encoder = new TableEncoder();
    encoder.state = state;
    return encoder;
  }
}

/** Categories of fewer rows are not told apart where columns are numbered. */
const fewRows = 3;

function medianOf(column: Column): number {
  if (column.type === 'categorical') return Number.NaN;
  return median(column.values.filter((value) => value === value).sort());
}
