// A table that somebody drops: two of its columns and a class, as points of the page.

import { parseCsv, type Table } from 'feedforward';
import type { TableParts } from './messages';

const mostRows = 2000;
const mostClasses = 4;

/** The two columns that tell the classes of the last fitting column apart best. @throws in words, where there are none. */
export function pointsOf(text: string): TableParts {
  const table = parseCsv(text);
  const target = targetOf(table);
  const numeric = table.columns.filter(({ type, name }) => type === 'numeric' && name !== target).map(({ name }) => name);
  if (numeric.length < 2)
    throw new Error(`The map needs two columns of numbers beside "${target}"; this table has ${numeric.length}.`);
  const labels = table.labels(target).map(String);
  const classes = [...new Set(labels)].sort();
  const ids = labels.map((label) => classes.indexOf(label));
  const [x, y] = numeric
    .map((name) => ({ name, worth: separation(table.numbers(name), ids, classes.length) }))
    .sort((a, b) => b.worth - a.worth)
    .map(({ name }) => name) as [string, string];
  const rows = Array.from(ids, (_, i) => i).filter(
    (i) => Number.isFinite(table.numbers(x)[i]!) && Number.isFinite(table.numbers(y)[i]!),
  );
  if (rows.length < 4) throw new Error(`Only ${rows.length} rows have numbers in both "${x}" and "${y}": the map needs 4.`);
  // Every so many, in order: the same rows each time.
  const kept =
    rows.length <= mostRows ? rows : Array.from({ length: mostRows }, (_, k) => rows[Math.floor((k * rows.length) / mostRows)]!);
  const across = scaler(table.numbers(x), kept);
  const up = scaler(table.numbers(y), kept);
  const points = kept.map((i) => [across(i), up(i), ids[i]!] as const);
  return { points, names: [x, y], target, classes, rows: table.rows };
}

/** The last column whose values are at most four classes. */
function targetOf(table: Table): string {
  const fitting = table.names.filter((name) => {
    const count = new Set(table.labels(name).map(String)).size;
    return count >= 2 && count <= mostClasses;
  });
  const target = fitting.at(-1);
  if (target === undefined)
    throw new Error(
      `The map shows two to ${mostClasses} classes, and no column of this table has so few different values. For other tables: npx feedforward train FILE.`,
    );
  return target;
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

/** Numbers of some rows, drawn onto -1 to 1 with three decimals, as points that are drawn by hand have. */
function scaler(values: Float64Array, rows: readonly number[]): (row: number) => number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const i of rows) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  const half = (high - low) / 2 || 1;
  return (i) => Number((((values[i]! - low) / half - 1) * 0.95).toFixed(3));
}
