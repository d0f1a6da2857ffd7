// Columns that alone tell the target: nearly always something that is not known before the answer. Said when fitting; nothing is left out.

import type { Finding } from '../data/findings.js';
import { float64Rows, type MatrixLike } from '../data/matrix.js';
import { show } from '../errors.js';

/** Fewer rows are told apart by chance. */
const FEW_ROWS = 30;
const LOOK = 64; // rows looked at before the whole column is

export interface LeakTargets {
  /** Class ids, or numbers; one column. */
  readonly values: Float64Array;
  /** How many classes, undefined for numbers. */
  readonly classes: number | undefined;
  /** What the target is called, where it has a name. */
  readonly name: string | undefined;
}

/**
 * A finding for each input column that alone tells the target in every row: a category, or a range of numbers, per class; for numbers one
 * that goes up (or down) with them in every row, or a category per value. None for tables of one column or of fewer than 30 rows.
 */
export function leakFindings(
  X: MatrixLike,
  groups: readonly { readonly name: string; readonly from: number; readonly to: number }[],
  { values, classes, name }: LeakTargets,
): Finding[] {
  const rows = values.length;
  if (rows < FEW_ROWS || groups.length < 2 || groups.length > 5000) return [];
  const some = Uint32Array.from({ length: LOOK }, (_, i) => Math.floor((i * rows) / LOOK));
  const { data, shape } = float64Rows(X, { name: 'X' });
  const all = Uint32Array.from({ length: rows }, (_, i) => i);
  const found = groups.filter(({ from, to }) => {
    const cell = (i: number) => cellOf(data, shape[1], i, from, to);
    return tells(rows > LOOK ? some : all, cell, values, classes, true) && tells(all, cell, values, classes, false);
  });
  const what = name === undefined ? 'the target' : show(name);
  return found.slice(0, 5).map((group) => ({
    kind: 'leak',
    column: group.name,
    message: `Column ${show(group.name)} alone tells ${what} in every row.`,
    fix: 'If it is not known before the answer is, leave it out.',
  }));
}

/** A number, or the place of a category among its indicators. */
function cellOf(data: Float64Array, columns: number, row: number, from: number, to: number): number {
  const at = row * columns;
  if (to - from === 1) return data[at + from]!;
  for (let j = from; j < to; j++) if (data[at + j] === 1) return j - from;
  return -1;
}

function tells(
  rows: Uint32Array,
  cell: (row: number) => number,
  values: Float64Array,
  classes: number | undefined,
  part: boolean,
): boolean {
  const order = rows.slice().sort((a, b) => cell(a) - cell(b));
  let runs = 1;
  let kinds = 1;
  let up = true;
  let down = true;
  for (let k = 1; k < order.length; k++) {
    const [before, after] = [order[k - 1]!, order[k]!];
    const step = values[after]! - values[before]!;
    if (cell(before) === cell(after)) {
      if (step !== 0) return false;
      continue;
    }
    kinds++;
    if (step !== 0) runs++;
    if (step < 0) up = false;
    if (step > 0) down = false;
  }
  if (runs === 1) return part; // the target does not change here
  const few = kinds <= rows.length / (part ? 2 : 10);
  if (classes !== undefined) return few || runs === classes || (part && runs <= classes);
  return few || ((up || down) && (part || runs > FEW_ROWS / 2));
}
