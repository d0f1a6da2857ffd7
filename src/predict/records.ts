// Records, one object per row, as the rows of numbers that a fitted encoder makes of them: what Table.fromRecords and TableEncoder.transform64
// give together, column by column, without a table in between. A test compares the two.

import { brandOf, isDate } from '../brands.js';
import { CALENDAR_WIDTHS } from '../data/calendarWidths.js';
import { EXPECTED, MISSING, numberReaderOf } from '../data/cells.js';
import { MILLISECONDS_PER_DAY } from '../data/column.js';
import { categoryCount, type CategoryPlan, type Encoding, type Plan } from '../data/encodedColumns.js';
import type { Float64Rows } from '../data/matrix.js';
import { fail, show } from '../errors.js';
import type { DatePart } from './parts.js';

/** Objects, one per row: numbers, strings, booleans and Dates by column name; null, undefined, NaN and absent keys are missing cells. */
export type Records = readonly Readonly<Record<string, unknown>>[];

/**
 * Rows [rows][outputs]; `dates` where a column holds some.
 * @throws ERR_SHAPE for a column that no record has, unless cells of it were missing in training and records have no keys but columns of training;
 * ERR_TYPE for cells of another type.
 */
export function encodeRecords({ plans, places, outputs }: Encoding, records: Records, dates?: DatePart): Float64Rows {
  const data = new Float64Array(records.length * outputs);
  records.forEach((record, i) => {
    if (!isRecord(record)) fail('ERR_TYPE', `records[${i}]: expected an object, got ${show(record)}.`);
  });
  plans.forEach((plan, p) => {
    if (!records.some((record) => has(record, plan.name))) checkAbsent(plan, plans, records);
    const cells = records.map((record) => (has(record, plan.name) ? record[plan.name] : undefined));
    const kind = kindOf(cells.find((cell) => !isMissing(cell)));
    for (let i = 0, at = places[p]!; i < cells.length; i++, at += outputs) {
      const given = cells[i];
      // Of a column of text every cell is its text.
      const cell = isMissing(given) ? undefined : kind === 'string' && typeof given !== 'object' ? String(given) : given;
      if (cell !== undefined && kindOf(cell) !== kind && !(kind === 'date' && typeof cell === 'number'))
        refuseCell(plan, i, cell);
      if (plan.type === 'categorical') writeCategory(data, at, plan, cell, i);
      else writeNumber(data, at, plan, cell, i, dates);
    }
  });
  return { data, shape: [records.length, outputs] };
}

/** Whether a record has a cell of that name: by its key, or by the getter of a class. */
function has(record: Records[number], name: string): boolean {
  return Object.hasOwn(record, name) || (name in record && !(name in Object.prototype) && typeof record[name] !== 'function');
}

/** Whether a value is an object whose keys are columns: no list, no typed array, no Date or Map. */
export function isRecord(value: unknown): boolean {
  return !Array.isArray(value) && brandOf(value) === 'Object';
}

function isMissing(cell: unknown): boolean {
  return cell === null || cell === undefined || cell !== cell || (isDate(cell) && cell.getTime() !== cell.getTime());
}

function kindOf(cell: unknown): string {
  return isDate(cell) ? 'date' : typeof cell === 'bigint' ? 'number' : typeof cell;
}

function writeCategory(data: Float64Array, at: number, plan: CategoryPlan, cell: unknown, row: number): void {
  const { categories, other, missing } = plan;
  const write = (offset: number) => {
    if (plan.numbered === true) data[at] = offset;
    else if (offset >= 0) data[at + offset] = 1;
  };
  if (cell === undefined) {
    write(missing ? categoryCount(plan) - 1 : -1);
    return;
  }
  const known = categories.indexOf(String(cell));
  // Numbers are the text they are written with, where every one of them is a category of training: 7 is not "007".
  if (isDate(cell) || (known < 0 && typeof cell !== 'string')) refuseCell(plan, row, cell);
  write(known < 0 && other ? categories.length : known);
}

type NumberPlan = Exclude<Plan, CategoryPlan>;

function writeNumber(data: Float64Array, at: number, plan: NumberPlan, cell: unknown, row: number, dates?: DatePart): void {
  const value = cell === undefined ? Number.NaN : numberOf(plan, cell, row, dates);
  const known = value === value;
  data[at] = known ? value : plan.fill;
  let place = at + 1;
  for (const feature of plan.features ?? []) {
    if (known) dates!.write(data, place, value, feature);
    place += CALENDAR_WIDTHS[feature];
  }
}

/** NaN for text that stands for a missing value. */
function numberOf(plan: NumberPlan, cell: unknown, row: number, dates?: DatePart): number {
  const { type, spelling } = plan;
  let value = Number.NaN;
  if (typeof cell === 'string') {
    const text = cell.trim();
    if (MISSING.includes(text) || spelling?.missing?.includes(text)) return value;
    value = (type === 'date' ? dates!.reader(spelling) : numberReaderOf(type, spelling))(text);
  } else if (isDate(cell)) value = type === 'date' ? cell.getTime() / MILLISECONDS_PER_DAY : value;
  else if (typeof cell === 'boolean') value = type === 'date' ? value : Number(cell);
  else if (type === 'numeric') value = typeof cell === 'bigint' && !Number.isSafeInteger(Number(cell)) ? value : Number(cell);
  else if (type === 'boolean' && (cell === 0 || cell === 1)) value = cell;
  return value - value === 0 ? value : refuseCell(plan, row, cell);
}

function refuseCell(plan: Plan, row: number, cell: unknown): never {
  const wanted = plan.type === 'categorical' ? 'text' : EXPECTED[plan.type];
  return fail(
    'ERR_TYPE',
    `records[${row}].${plan.name}: ${isDate(cell) ? 'a Date' : show(cell)} is not ${wanted}, as in training.`,
    { row, column: plan.name },
  );
}

/** A column that no record has: missing cells where training had some and no other key may be the column misspelt. */
function checkAbsent({ name, missing }: Plan, plans: readonly Plan[], records: Records): void {
  const keys = [...new Set(records.flatMap((record) => Object.keys(record)))];
  if (missing !== true || keys.some((key) => plans.every((plan) => plan.name !== key)))
    fail(
      'ERR_SHAPE',
      `records have no column ${show(name)}, which the model was trained with. Their columns: ${keys.join(', ')}. Give null for a missing cell.`,
    );
}
