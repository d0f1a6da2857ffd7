// Tables to numbers for a network and back: numeric, boolean and date columns as they are with missing cells filled, categorical columns
// one-hot. Fitted on a table, or on the summaries of a first pass over a file; saved as plain JSON. Scaling is the estimator's part:
// transform64 keeps float64 until then.

import { fail, show } from '../errors.js';
import { checkChoice, checkKeys, checkNumber } from '../options.js';
import { notFitted, SavedState } from './columns.js';
import { float64Rows, Matrix, type Float64Rows, type MatrixLike } from './matrix.js';
import { median } from './scalers.js';
import { CategoryWriter, COLUMN_TYPES, Table, type Column, type ColumnSummary, type ColumnType } from './table.js';

const OTHER = '(other)';
const FILLS = ['mean', 'median', 'mostFrequent'] as const;

export interface TableEncoderOptions {
  /**
   * What a missing number becomes, from the cells of its column (default 'mean'). 'median' needs the table, not only its summary;
   * 'mostFrequent' is the mean where a column has more than 1000 different values.
   */
  impute?: 'mean' | 'median' | 'mostFrequent';
  /** The most categories a column is spread into, at least 1; rarer ones share the category "other" (default 100). */
  maxCategories?: number;
}

/** A column of numbers as the encoder knows it. */
interface NumberPlan {
  name: string;
  type: 'numeric' | 'boolean' | 'date';
  fill: number;
  min: number;
  max: number;
}

/** A column of text as the encoder knows it: one output per category, then one for "other" and one for missing cells, where there were any. */
interface CategoryPlan {
  name: string;
  type: 'categorical';
  categories: string[];
  other: boolean;
  missing: boolean;
}

type Plan = NumberPlan | CategoryPlan;

export interface TableEncoderState {
  type: 'TableEncoder';
  columns: Plan[];
}

/** Something about new rows that training did not see. */
export interface TableFinding {
  column: string;
  /** How many rows. */
  count: number;
  /** In words, with the column's name. */
  message: string;
}

/**
 * Columns of a table to columns of numbers. A column without any value, and text with a different value in almost every row (names,
 * identifiers), is left out; `notes` says so.
 *
 * @example
 * const encoder = new TableEncoder().fit(table.drop(['price']));
 * const X = encoder.transform(table);   // Matrix [rows][encoder.outputs]
 * encoder.featureNames;                 // ['size', 'color_blue', 'color_red']
 */
export class TableEncoder {
  private readonly impute: 'mean' | 'median' | 'mostFrequent';
  private readonly maxCategories: number;
  private state: { plans: readonly Plan[]; places: readonly number[]; outputs: number } | undefined;
  /** Columns that were left out, and why, in words. */
  notes: readonly string[] = [];

  /** Turns tables into rows of numbers for a network, missing values and categories included: fit on training rows, then transform. @throws ERR_OPTION for bad options. */
  constructor(options: TableEncoderOptions = {}) {
    checkKeys(options, ['impute', 'maxCategories'], 'TableEncoder');
    const { impute = 'mean', maxCategories = 100 } = options;
    this.impute = checkChoice(impute, FILLS, 'TableEncoder.impute');
    this.maxCategories = checkNumber(maxCategories, 'TableEncoder.maxCategories', { min: 1, max: 1000, integer: true });
  }

  private get fitted() {
    return this.state ?? notFitted('TableEncoder');
  }
  /** Input columns with their types: what `streamCsv` and the option `types` of `parseCsv` want. @throws ERR_STATE before fit. */
  get columns(): { name: string; type: ColumnType }[] {
    return this.fitted.plans.map(({ name, type }) => ({ name, type }));
  }
  /** The types by name. */
  get types(): Record<string, ColumnType> {
    return Object.fromEntries(this.fitted.plans.map(({ name, type }) => [name, type]));
  }
  /** Output columns. */
  get outputs(): number {
    return this.fitted.outputs;
  }
  /** Names of the output columns: the column's own, "color_red" for a category, "color_(other)", "color_(missing)". */
  get featureNames(): string[] {
    return this.fitted.plans.flatMap((plan) => {
      if (plan.type !== 'categorical') return [plan.name];
      return [...plan.categories, ...(plan.other ? [OTHER] : []), ...(plan.missing ? ['(missing)'] : [])].map(
        (value) => `${plan.name}_${value}`,
      );
    });
  }
  /** Which output columns belong to which input column: [from, to), for what treats a column as one (feature importance). */
  get groups(): { name: string; from: number; to: number }[] {
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
    const notes: string[] = [];
    const plans = columns.flatMap((column): Plan[] => {
      const why = leftOut(column);
      if (why === undefined) return [this.plan(column, medians?.get(column.name))];
      notes.push(`Column ${show(column.name)} was left out: ${why}.`);
      return [];
    });
    if (plans.length === 0) fail('ERR_EMPTY', `No column is left to learn from. ${notes.join(' ')}`.trim());
    this.state = lay(plans);
    this.notes = Object.freeze(notes);
    return this;
  }

  private plan(column: ColumnSummary, middle: number | undefined): Plan {
    const { name, type, missing, categories = [] } = column;
    if (type === 'categorical') {
      const kept = categories.slice(0, this.maxCategories).map(({ value }) => value);
      return { name, type, categories: kept.sort(), other: categories.length > kept.length, missing: missing > 0 };
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
    return { name, type, fill, min: column.min!, max: column.max! };
  }

  /** The rows of a table as numbers [rows][outputs], in float32. @throws ERR_STATE, ERR_SHAPE for a missing column, ERR_TYPE for another type. */
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
    return new Matrix(out, shape[0], shape[1]);
  }

  /** transform without the rounding to float32. */
  transform64(table: Table): Float64Rows {
    const { plans, places, outputs } = this.fitted;
    const columns = plans.map((plan) => matching(table, plan));
    const data = new Float64Array(table.rows * outputs);
    plans.forEach((plan, p) => {
      const column = columns[p]!;
      const at = places[p]!;
      if (plan.type !== 'categorical') {
        const { values } = column as { values: Float64Array };
        for (let i = 0; i < table.rows; i++) data[i * outputs + at] = values[i] === values[i] ? values[i]! : plan.fill;
        return;
      }
      const offsets = categoryOffsets(plan, column);
      const missing = plan.missing ? width(plan) - 1 : -1;
      const codes = column.type === 'categorical' ? column.codes : undefined; // a column without any value has no type of its own
      for (let i = 0; i < table.rows; i++) {
        const code = codes === undefined ? -1 : codes[i]!;
        const offset = code < 0 ? missing : offsets[code]!;
        if (offset >= 0) data[i * outputs + at + offset] = 1;
      }
    });
    return { data, shape: [table.rows, outputs] };
  }

  /** fit(table), then transform(table). */
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
        const row = data.subarray(i * outputs + at, i * outputs + at + width(plan));
        const largest = row.reduce((best, value, c) => (value > (best < 0 ? 0 : row[best]!) ? c : best), -1);
        const beyond = largest >= plan.categories.length;
        writer.add(!beyond ? plan.categories[largest] : plan.other && largest === plan.categories.length ? OTHER : undefined);
      }
      return writer.column();
    });
    return new Table(columns, { rows });
  }

  /** What new rows hold that training did not see: numbers outside the range, unknown categories, missing cells. @throws as transform. */
  check(table: Table): TableFinding[] {
    return this.fitted.plans.flatMap((plan) => {
      const column = matching(table, plan);
      const findings: TableFinding[] = [];
      const report = (count: number, what: string) => {
        if (count > 0)
          findings.push({
            column: plan.name,
            count,
            message: `Column ${show(plan.name)}: ${what} in ${count} of ${table.rows} rows.`,
          });
      };
      if (plan.type !== 'categorical') {
        let outside = 0;
        let worst = Number.NaN;
        const excess = (value: number) => Math.max(plan.min - value, value - plan.max);
        for (const value of (column as { values: Float64Array }).values)
          if (value < plan.min || value > plan.max) {
            outside++;
            if (!(excess(worst) >= excess(value))) worst = value;
          }
        report(outside, `values such as ${worst} outside the range of the training data (${plan.min} to ${plan.max})`);
        return findings;
      }
      if (column.type !== 'categorical') return findings;
      const known = new Set(plan.categories);
      const counts = new Uint32Array(column.categories.length);
      let missing = 0;
      for (const code of column.codes)
        if (code < 0) missing++;
        else counts[code]!++;
      const unseen = column.categories
        .map((value, code) => ({ value, count: counts[code]! }))
        .filter(({ value, count }) => count > 0 && !known.has(value));
      const rows = unseen.reduce((sum, { count }) => sum + count, 0);
      if (!plan.other) report(rows, `values such as ${show(unseen[0]?.value)} that the training data did not have`);
      if (!plan.missing) report(missing, 'missing cells, of which the training data had none,');
      return findings;
    });
  }

  /** The fitted state as plain JSON. @throws ERR_STATE before fit. */
  toJSON(): TableEncoderState {
    return { type: 'TableEncoder', columns: structuredClone(this.fitted.plans) as Plan[] };
  }

  /** The encoder that toJSON described. @throws ERR_FORMAT for anything else. */
  static fromJSON(json: unknown): TableEncoder {
    const saved = new SavedState(json, 'TableEncoder');
    const names = new Set<string>();
    const plans = saved.list('columns').map((item, p): Plan => {
      const fields = saved.inner(`columns[${p}]`, item);
      const name = fields.string('name');
      if (names.has(name)) saved.refuse(`columns[${p}].name`, 'a name of its own', name);
      names.add(name);
      const type = fields.choice('type', COLUMN_TYPES);
      if (type !== 'categorical')
        return { name, type, fill: fields.number('fill'), min: fields.number('min'), max: fields.number('max') };
      return {
        name,
        type,
        categories: fields.strings('categories'),
        other: fields.boolean('other'),
        missing: fields.boolean('missing'),
      };
    });
    if (plans.length === 0) saved.refuse('columns', 'a list of columns', plans);
    const encoder = new TableEncoder();
    encoder.state = lay(plans);
    return encoder;
  }
}

function lay(plans: readonly Plan[]) {
  let outputs = 0;
  const places = plans.map((plan) => {
    const at = outputs;
    outputs += width(plan);
    return at;
  });
  return { plans, places, outputs };
}

function width(plan: Plan): number {
  return plan.type === 'categorical' ? plan.categories.length + (plan.other ? 1 : 0) + (plan.missing ? 1 : 0) : 1;
}

const FEW = 20; // so many different texts are categories, however few the rows

/** Why a column is no use to a network, in words; undefined when it is. */
function leftOut({ type, rows, missing, categories }: ColumnSummary): string | undefined {
  const present = rows - missing;
  if (present === 0) return 'it has no value at all';
  if (type !== 'categorical') return undefined;
  if (categories === undefined) return 'it holds more than 1000 different texts';
  if (categories.length > FEW && categories.length > present / 2)
    return `it holds ${categories.length} different texts in ${present} rows`;
  return undefined;
}

function medianOf(column: Column): number {
  if (column.type === 'categorical') return Number.NaN;
  return median(column.values.filter((value) => value === value).sort());
}

/** The table's column for a plan, of a type that will do. */
function matching(table: Table, { name, type }: Plan): Column {
  if (!table.has(name))
    fail(
      'ERR_SHAPE',
      `${table.source} has no column ${show(name)}, which the model was trained with. Its columns: ${table.names.join(', ')}.`,
    );
  const column = table.column(name);
  if (column.type === type) return column;
  if (column.type !== 'categorical' && column.values.every((value) => value !== value)) return column;
  return fail(
    'ERR_TYPE',
    `${table.source}: column ${show(name)} is ${column.type}, but it was ${type} in training. Read the file with the option types: { ${JSON.stringify(name)}: '${type}' }.`,
    { column: name },
  );
}

/** For each of the column's own codes, the output among the plan's; -1 for an unseen category where there is no "other". */
function categoryOffsets(plan: CategoryPlan, column: Column): Int32Array {
  if (column.type !== 'categorical') return new Int32Array(0);
  const ids = new Map(plan.categories.map((value, id) => [value, id]));
  return Int32Array.from(column.categories, (value) => ids.get(value) ?? (plan.other ? plan.categories.length : -1));
}
