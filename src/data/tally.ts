// Statistics of columns, kept while cells go by: range, mean and deviation of numbers, counts of different values.

import type { Column, ColumnSummary, ColumnType } from './column.js';
import { lengthOf } from './column.js';
import { ownCopy } from './columnWriters.js';

/** The most different values of a column that are counted one by one. */
const MOST_CATEGORIES = 1000;

/** Running range, mean and variance of numbers. See: Welford 1962. */
export class NumberTally {
  count = 0;
  min = Infinity;
  max = -Infinity;
  mean = 0;
  /** Whether all were whole numbers. */
  whole = true;
  /** Whether each was larger (smaller) than the one before. */
  ascending = true;
  descending = true;
  private last = Number.NaN;
  private squares = 0;

  add(value: number): void {
    this.count++;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (this.whole && !Number.isSafeInteger(value)) this.whole = false;
    if (value <= this.last) this.ascending = false;
    if (value >= this.last) this.descending = false;
    this.last = value;
    const off = value - this.mean;
    this.mean += off / this.count;
    this.squares += off * (value - this.mean);
  }

  /** Takes the numbers of another tally in. See: Chan, Golub and LeVeque 1983, equation 1.5. */
  merge(other: NumberTally): void {
    if (other.count === 0) return;
    const count = this.count + other.count;
    const off = other.mean - this.mean;
    this.squares += other.squares + off * off * ((this.count * other.count) / count);
    this.mean += off * (other.count / count);
    this.count = count;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
    this.whole &&= other.whole;
    this.ascending = false; // the order between the two is not known
    this.descending = false;
  }

  get deviation(): number {
    return this.count === 0 ? Number.NaN : Math.sqrt(this.squares / this.count);
  }

  /** Whether the numbers are whole and all different, as far as order and moments tell: a permutation of consecutive numbers counts. */
  get distinctWhole(): boolean {
    if (!this.whole || this.count < 2) return false;
    if (this.ascending || this.descending) return true;
    const { count, min, max, mean, deviation } = this;
    if (max - min !== count - 1) return false;
    const expected = (count * count - 1) / 12; // variance of count consecutive numbers
    return Math.abs(mean - (min + max) / 2) < 1e-6 && Math.abs(deviation ** 2 - expected) < 1e-6 * expected;
  }

  /** min, max, mean, deviation and distinctWhole; nothing without numbers. */
  summary(): Pick<ColumnSummary, 'min' | 'max' | 'mean' | 'deviation' | 'distinctWhole'> {
    const { min, max, mean, deviation } = this;
    if (this.count === 0) return {};
    return { min, max, mean, deviation, ...(this.distinctWhole ? { distinctWhole: true } : {}) };
  }
}

/** Counts of different values, up to a limit; beyond it, nothing is kept. */
export class CategoryTally {
  private counts: Map<string, number> | undefined = new Map();

  constructor(private readonly most = MOST_CATEGORIES) {}

  add(value: string, times = 1): void {
    if (this.counts === undefined) return;
    const before = this.counts.get(value);
    if (before !== undefined) this.counts.set(value, before + times);
    else if (this.counts.size === this.most) this.counts = undefined;
    else this.counts.set(ownCopy(value), times);
  }

  /** Most frequent first, equal counts in order of the text; undefined beyond the limit. */
  summary(): { value: string; count: number }[] | undefined {
    if (this.counts === undefined) return undefined;
    const list = [...this.counts].map(([value, count]) => ({ value, count }));
    return list.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  }
}

/** What is in a column: missing cells, range, mean, categories. */
export function summarise(column: Column): ColumnSummary {
  const { name, type, spelling, declared } = column;
  const rows = lengthOf(column);
  const categories = new CategoryTally();
  const own = { ...(spelling === undefined ? {} : { spelling }), ...(declared === true ? { declared } : {}) };
  if (column.type === 'categorical') {
    const counts = new Uint32Array(column.categories.length);
    let missing = 0;
    for (const code of column.codes)
      if (code < 0) missing++;
      else counts[code]!++;
    counts.forEach((count, code) => {
      if (count > 0) categories.add(column.categories[code]!, count);
    });
    return { name, type, rows, missing, categories: categories.summary(), ...own };
  }
  const tally = new NumberTally();
  for (const value of column.values) {
    if (value !== value) continue;
    tally.add(value);
    categories.add(categoryText(value, column.type));
  }
  const summary: ColumnSummary = { name, type, rows, missing: rows - tally.count, ...tally.summary() };
  delete summary.distinctWhole;
  if (column.type === 'numeric' && tally.whole && tally.count > 1 && (tally.distinctWhole || allDifferent(column.values)))
    summary.distinctWhole = true;
  return { ...summary, categories: categories.summary(), ...own };
}

function allDifferent(values: Float64Array): boolean {
  const sorted = values.filter((value) => value === value).sort();
  for (let i = 1; i < sorted.length; i++) if (sorted[i] === sorted[i - 1]) return false;
  return true;
}

/** How a number is written among a column's categories. */
function categoryText(value: number, type: ColumnType): string {
  return type === 'boolean' ? String(value === 1) : String(value);
}
