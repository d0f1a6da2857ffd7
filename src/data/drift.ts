// Whether two tables look as if drawn from the same rows, column by column: the two-sample test of Kolmogorov and Smirnov for numbers, chi-square
// for categories and for what is missing.

import type { Column } from './column.js';
import { isMissing } from './column.js';
import { chiSquareAbove } from './special.js';
import type { Table } from './table.js';

/** How far a column of one table lies from that of another. */
export interface Drift {
  readonly column: string;
  /** What differs: where the numbers lie, how often the categories occur, or how often cells are missing. */
  readonly what: 'numbers' | 'categories' | 'missing';
  /** From 0 to 1: the largest distance between the two distributions, or the share of rows that would have to change category. */
  readonly distance: number;
  /** How likely chance alone would bring them so far apart, were both drawn from the same rows. */
  readonly p: number;
}

/** Every column that both tables have, the least likely to be chance first. Columns without a value in one of them only tell of missing cells. */
export function driftBetween(before: Table, after: Table): Drift[] {
  const found = before.columns
    .filter(({ name }) => after.has(name))
    .flatMap((column) => {
      const other = after.column(column.name);
      if (column.type === 'categorical') return other.type === 'categorical' ? [ofCategories(column, other)] : [];
      if (other.type === 'categorical') return [];
      return [ofNumbers(column.name, column.values, other.values), ofMissing(column, other)];
    });
  return found.filter((drift) => drift !== undefined).sort((a, b) => a.p - b.p || b.distance - a.distance);
}

/** Those that chance does not explain (1 % over all columns together), and that are large enough to matter. */
export function worthTelling(drifts: readonly Drift[]): Drift[] {
  return drifts.filter(({ p, distance }) => p * drifts.length < 0.01 && distance >= 0.05);
}

/**
 * The largest distance between two distributions, and its probability by chance as the asymptotic formula gives it.
 * See: Stephens 1970; Press et al., Numerical Recipes, 14.3.3
 */
export function kolmogorovSmirnov(a: Float64Array, b: Float64Array): { readonly distance: number; readonly p: number } {
  const [x, y] = [a.slice().sort(), b.slice().sort()];
  let [i, j, distance] = [0, 0, 0];
  while (i < x.length && j < y.length) {
    const value = Math.min(x[i]!, y[j]!);
    while (x[i] === value) i++;
    while (y[j] === value) j++;
    distance = Math.max(distance, Math.abs(i / x.length - j / y.length));
  }
  const root = Math.sqrt((x.length * y.length) / (x.length + y.length));
  return { distance, p: kolmogorovAbove((root + 0.12 + 0.11 / root) * distance) };
}

/** 2 sum (-1)^(k-1) e^(-2 k^2 t^2); below 0.3 it is 1 to nine digits, and the sum does not settle. */
function kolmogorovAbove(t: number): number {
  if (t < 0.3) return 1;
  let sum = 0;
  for (let k = 1; k <= 50; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * (k * t) ** 2);
  return Math.min(1, Math.max(0, sum));
}

/** Two rows of counts: how far their shares lie apart, and Pearson's chi-square of their being of one distribution. */
export function countsApart(a: readonly number[], b: readonly number[]): { readonly distance: number; readonly p: number } {
  const sum = (counts: readonly number[]) => counts.reduce((total, n) => total + n, 0);
  const [of, other] = [sum(a), sum(b)];
  let [distance, square, kinds] = [0, 0, 0];
  a.forEach((n, c) => {
    const both = n + b[c]!;
    if (both === 0) return;
    kinds++;
    distance += Math.abs(n / of - b[c]! / other) / 2;
    for (const [count, rows] of [
      [n, of],
      [b[c]!, other],
    ] as const) {
      const expected = (both * rows) / (of + other);
      square += (count - expected) ** 2 / expected;
    }
  });
  return { distance, p: kinds < 2 ? 1 : chiSquareAbove(square, kinds - 1) };
}

function ofNumbers(column: string, before: Float64Array, after: Float64Array): Drift | undefined {
  const [a, b] = [before, after].map((values) => values.filter((value) => value === value)) as [Float64Array, Float64Array];
  if (a.length === 0 || b.length === 0) return undefined;
  return { column, what: 'numbers', ...kolmogorovSmirnov(a, b) };
}

function ofMissing(before: Column, after: Column): Drift | undefined {
  const [a, b] = [missingIn(before), missingIn(after)];
  if (a[1] + b[1] === 0) return undefined;
  return { column: before.name, what: 'missing', ...countsApart(a, b) };
}

function missingIn(column: Column): [there: number, missing: number] {
  const rows = column.type === 'categorical' ? column.codes.length : column.values.length;
  let missing = 0;
  for (let i = 0; i < rows; i++) if (isMissing(column, i)) missing++;
  return [rows - missing, missing];
}

/** Categories by name, missing ones as one of their own; those with fewer than five rows in all are put together, as chi-square needs. */
function ofCategories(before: Extract<Column, { type: 'categorical' }>, after: Extract<Column, { type: 'categorical' }>): Drift {
  const counts = new Map<string | undefined, [number, number]>();
  [before, after].forEach(({ codes, categories }, side) => {
    for (const code of codes) {
      const name = categories[code];
      const pair = counts.get(name) ?? counts.set(name, [0, 0]).get(name)!;
      pair[side]!++;
    }
  });
  const rare: [number, number] = [0, 0];
  const pairs = [...counts.values()].filter((pair) => {
    if (pair[0] + pair[1] >= 5) return true;
    rare[0] += pair[0];
    rare[1] += pair[1];
    return false;
  });
  const all = [...pairs, rare];
  return {
    ...{ column: before.name, what: 'categories' },
    ...countsApart(
      all.map(([n]) => n),
      all.map(([, n]) => n),
    ),
  };
}
