// How a fitted encoder turns a table into rows of numbers: what programs that only predict need of it. Fitting is tabular.ts's.

import { calendarNames, writeCalendar } from './calendar.js';
import { CALENDAR_WIDTHS } from './calendarWidths.js';
import type { Column } from './column.js';
import { categoryCount, type CategoryPlan, type Encoding } from './encodedColumns.js';
import { matchingColumn, type ColumnsByName } from './matching.js';
import type { Float64Rows } from './matrix.js';

export const OTHER = '(other)';

/** Names of the output columns: the column's own, "color_red" for a category, "color_(other)", "color_(missing)". */
export function featureNamesOf({ plans }: Encoding): string[] {
  return plans.flatMap((plan) => {
    if (plan.type === 'categorical' && plan.numbered === true) return [plan.name];
    if (plan.type !== 'categorical')
      return [plan.name, ...(plan.features ?? []).flatMap((feature) => calendarNames(plan.name, feature))];
    return [...plan.categories, ...(plan.other ? [OTHER] : []), ...(plan.missing ? ['(missing)'] : [])].map(
      (value) => `${plan.name}_${value}`,
    );
  });
}

/** The rows of a table as numbers [rows][outputs]. @throws ERR_SHAPE for a missing column, ERR_TYPE for another type. */
export function encodeColumns({ plans, places, outputs }: Encoding, table: ColumnsByName): Float64Rows {
  const columns = plans.map((plan) => matchingColumn(table, plan, plans));
  const data = new Float64Array(table.rows * outputs);
  plans.forEach((plan, p) => {
    const column = columns[p]!;
    const at = places[p]!;
    if (plan.type !== 'categorical') {
      const { values } = column as { values: Float64Array };
      for (let i = 0; i < table.rows; i++) data[i * outputs + at] = values[i] === values[i] ? values[i]! : plan.fill;
      let place = at + 1;
      for (const feature of plan.features ?? []) {
        for (let i = 0; i < table.rows; i++)
          if (values[i] === values[i]) writeCalendar(data, i * outputs + place, values[i]!, feature);
        place += CALENDAR_WIDTHS[feature];
      }
      return;
    }
    const offsets = categoryOffsets(plan, column);
    const missing = plan.missing ? categoryCount(plan) - 1 : -1;
    const codes = column.type === 'categorical' ? column.codes : undefined; // a column without any value has no type of its own
    for (let i = 0; i < table.rows; i++) {
      const code = codes === undefined ? -1 : codes[i]!;
      const offset = code < 0 ? missing : offsets[code]!;
      if (plan.numbered === true) data[i * outputs + at] = offset;
      else if (offset >= 0) data[i * outputs + at + offset] = 1;
    }
  });
  return { data, shape: [table.rows, outputs] };
}

/** For each of the column's own codes, the output among the plan's; -1 for an unseen category where there is no "other". */
function categoryOffsets(plan: CategoryPlan, column: Column): Int32Array {
  if (column.type !== 'categorical') return new Int32Array(0);
  const ids = new Map(plan.categories.map((value, id) => [value, id]));
  return Int32Array.from(column.categories, (value) => ids.get(value) ?? (plan.other ? plan.categories.length : -1));
}
