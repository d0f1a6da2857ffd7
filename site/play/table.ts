// A table that somebody drops: two of its columns and a class, as points of the page.

import { parseCsv, type Table } from 'feedforward';
import type { TableParts } from './messages';

const mostRows = 2000;
const mostClasses = 4;

/**
 * Two columns and what to learn from them: the last column that has at most four different values, as classes, else the last column of
 * numbers; and the two columns of numbers that tell most of it. @throws in words, where there are none.
 */
export function pointsOf(text: string): TableParts {
  const table = parseCsv(text);
  const { target, kind } = targetOf(table);
  const numeric = table.columns.filter(({ type, name }) => type === 'numeric' && name !== target).map(({ name }) => name);
  if (numeric.length < 2)
    throw new Error(`The map needs two columns of numbers beside "${target}"; this table has ${numeric.length}.`);
  const labels = kind === 'points' ? table.labels(target).map(String) : [];
  const names = [...new Set(labels)].sort();
  const ids = labels.map((label) => names.indexOf(label));
  const goals = kind === 'values' ? table.numbers(target) : Float64Array.from(ids);
  const [x, y] = numeric
    .map((name) => ({
      name,
      worth:
        kind === 'points'
          ? separation(table.numbers(name), ids, names.length)
          : Math.abs(correlation(table.numbers(name), goals)),
    }))
    .sort((a, b) => b.worth - a.worth)
    .map(({ name }) => name) as [string, string];
  const across = table.numbers(x);
  const up = table.numbers(y);
  const rows = Array.from(goals, (_, i) => i).filter((i) => [across, up, goals].every((values) => Number.isFinite(values[i]!)));
  if (rows.length < 4) throw new Error(`Only ${rows.length} rows have numbers in both "${x}" and "${y}": the map needs 4.`);
  // Every so many, in order: the same rows each time.
  const kept =
    rows.length <= mostRows ? rows : Array.from({ length: mostRows }, (_, k) => rows[Math.floor((k * rows.length) / mostRows)]!);
  const [left, below, goal] = [scaler(across, kept, 0.95), scaler(up, kept, 0.95), scaler(goals, kept, 1)];
  const points = kept.map((i) => [left.place(i), below.place(i), kind === 'points' ? ids[i]! : goal.place(i)] as const);
  const classes = kind === 'points' ? names : goal.ends.map((value) => String(Number(value.toPrecision(6))));
  return { kind, points, names: [x, y], target, classes, rows: table.rows };
}

/** The last column whose values are at most four classes; else the last one of numbers. */
function targetOf(table: Table): { target: string; kind: TableParts['kind'] } {
  const fitting = table.names.filter((name) => {
    const count = new Set(table.labels(name).map(String)).size;
    return count >= 2 && count <= mostClasses;
  });
  const classes = fitting.at(-1);
  if (classes !== undefined) return { target: classes, kind: 'points' };
  const numbers = table.columns.findLast(({ type }) => type === 'numeric')?.name;
  if (numbers === undefined)
    throw new Error(
      `The map shows two to ${mostClasses} classes, or a number: no column of this table has so few different values, or numbers. The table page takes other tables.`,
    );
  return { target: numbers, kind: 'values' };
}

/** Pearson's correlation over the rows that have both numbers; 0 where one of them never changes. */
function correlation(a: Float64Array, b: Float64Array): number {
  const both = Array.from(a, (_, i) => i).filter((i) => Number.isFinite(a[i]!) && Number.isFinite(b[i]!));
  const mean = (values: Float64Array) => both.reduce((sum, i) => sum + values[i]! / both.length, 0);
  const [ma, mb] = [mean(a), mean(b)];
  let product = 0;
  let aa = 0;
  let bb = 0;
  for (const i of both) {
    product += (a[i]! - ma) * (b[i]! - mb);
    aa += (a[i]! - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  return aa > 0 && bb > 0 ? product / Math.sqrt(aa * bb) : 0;
}

/** Variance between the classes over the variance within them. */
function separation(values: Float64Array, ids: readonly number[], classes: number): number {
  const count = new Float64Array(classes);
  const sum = new Float64Array(classes);
  let all = 0;
  let squares = 0;
  let rows = 0;
  ids.forEach((id, i) => {
    const value = values[i]!;
    if (!Number.isFinite(value)) return;
    count[id]!++;
    sum[id]! += value;
    all += value;
    squares += value * value;
    rows++;
  });
  const mean = all / rows;
  let between = 0;
  for (let c = 0; c < classes; c++) if (count[c]! > 0) between += count[c]! * (sum[c]! / count[c]! - mean) ** 2;
  const within = squares - rows * mean * mean - between;
  return rows > classes ? between / Math.max(within, 1e-12 * squares, Number.MIN_VALUE) : 0;
}

/** Numbers of some rows, drawn onto -reach to reach with three decimals, as points that are drawn by hand have; and their ends. */
function scaler(
  values: Float64Array,
  rows: readonly number[],
  reach: number,
): { place: (row: number) => number; ends: readonly [number, number] } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const i of rows) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  const half = (high - low) / 2 || 1;
  return { place: (i) => Number((((values[i]! - low) / half - 1) * reach).toFixed(3)), ends: [low, high] };
}
