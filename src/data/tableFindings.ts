// What new rows hold that training did not see, column by column.

import { show } from '../errors.js';
import { dateText, isMissing, type Column } from './column.js';
import type { Plan } from './encodedColumns.js';

/** Something about new rows that training did not see. */
export interface TableFinding {
  /** The column's name. */
  column: string;
  /** How many rows. */
  count: number;
  /** In words, with the column's name. */
  message: string;
}

/** Numbers outside the range of training, and unknown categories. */
export function unseen(plan: Plan, column: Column, rows: number): TableFinding[] {
  if (plan.type === 'categorical') {
    if (column.type !== 'categorical' || plan.other) return [];
    const known = new Set(plan.categories);
    const counts = new Uint32Array(column.categories.length);
    for (const code of column.codes) if (code >= 0) counts[code]!++;
    const strange = column.categories.filter((value, code) => counts[code]! > 0 && !known.has(value));
    const count = column.categories.reduce((sum, value, code) => sum + (known.has(value) ? 0 : counts[code]!), 0);
    return finding(plan, count, rows, `values such as ${show(strange[0])} that the training data did not have`);
  }
  let outside = 0;
  let worst = Number.NaN;
  const excess = (value: number) => Math.max(plan.min - value, value - plan.max);
  for (const value of (column as { values: Float64Array }).values)
    if (value < plan.min || value > plan.max) {
      outside++;
      if (!(excess(worst) >= excess(value))) worst = value;
    }
  const text = plan.type === 'date' ? dateText : String;
  return finding(
    plan,
    outside,
    rows,
    `values such as ${text(worst)} outside the range of the training data (${text(plan.min)} to ${text(plan.max)})`,
  );
}

/** Missing cells, where training had none. */
export function gaps(plan: Plan, column: Column, rows: number): TableFinding[] {
  if (plan.missing === true) return [];
  let count = 0;
  for (let i = 0; i < rows; i++) if (isMissing(column, i)) count++;
  return finding(plan, count, rows, 'missing cells, of which the training data had none,');
}

function finding(plan: Plan, count: number, rows: number, what: string): TableFinding[] {
  const message = `Column ${show(plan.name)}: ${what} in ${count} of ${rows} rows.`;
  return count > 0 ? [{ column: plan.name, count, message }] : [];
}
