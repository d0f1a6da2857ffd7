// The text with which an exported module takes records: the columns of a fitted encoder, and the code that makes a row of numbers of an object.
// Cells are read as TableEncoder reads those of records; text whose spelling is not the plain one is refused by its name, never guessed.

import { MISSING } from '../data/cells.js';
import type { Encoding } from '../data/encodedColumns.js';
import { literal } from './moduleText.js';

/** The expression that makes a list of rows of numbers of `rows`. */
export const rowsRead = (encoding: Encoding | undefined): string =>
  encoding === undefined ? 'Array.from(rows)' : 'encode(Array.from(rows))';

/**
 * The function inputGradient of a module: `slopes`, an expression, makes of `x`, rows of numbers, and `output` the derivatives in every column. Of
 * records they come by the names of the columns that are numbers.
 */
export function inputGradientText(encoding: Encoding | undefined, slopes: string): string[] {
  const numeric = encoding?.plans.flatMap((plan, p) => (plan.type === 'numeric' ? [[plan.name, encoding.places[p]]] : []));
  return [
    '/** The derivatives of output number `output` in the inputs of each row; of a record by the names of the columns that are numbers. */',
    'export function inputGradient(rows, output = 0) {',
    '  if (!(Number.isInteger(output) && output >= 0 && output < outputs)) throw new RangeError("output: expected 0 to " + (outputs - 1) + ", got " + output);',
    '  const given = Array.from(rows);',
    `  const x = ${encoding === undefined ? 'given' : 'encode(given)'};`,
    `  const gradient = ${slopes};`,
    ...(numeric === undefined
      ? ['  return gradient;']
      : [
          '  if (x === given) return gradient;',
          `  const numeric = ${literal(numeric)};`,
          '  return gradient.map((row) => Object.fromEntries(numeric.map(([name, j]) => [name, row[j]])));',
        ]),
    '}',
  ];
}

/** The code behind that expression; nothing without an encoder. */
export function recordsText(encoding: Encoding | undefined): string[] {
  if (encoding === undefined) return [];
  const columns = encoding.plans.map((plan) => {
    if (plan.type === 'categorical') return plan;
    const { name, type, fill, missing, spelling, features } = plan;
    // Of a column that was spelled otherwise than the plain way only cells that are no text are read.
    return {
      name,
      type,
      fill,
      ...(missing === true ? { missing } : {}),
      ...(spelling === undefined ? {} : { spelled: true }),
      ...(features === undefined ? {} : { features }),
    };
  });
  return ['', `const columns = ${literal(columns)};`, '', `const absent = new Set(${literal(MISSING)});`, code.trimEnd()];
}

const code = `
/** Rows of numbers as they are, records (one object per row) in the columns above: absent keys, null and NaN are missing cells. */
function encode(rows) {
  const isRecord = (row) => Object.prototype.toString.call(row) === "[object Object]";
  if (!isRecord(rows[0])) return rows;
  const encoded = rows.map((row, i) => {
    if (!isRecord(row)) throw new TypeError("rows[" + i + "]: expected a record as the others, got " + row);
    return [];
  });
  for (const column of columns) {
    // Missing cells, where training had some and no other key may be the column misspelt.
    const known = () => rows.every((row) => Object.keys(row).every((key) => columns.some(({ name }) => name === key)));
    if (!rows.some((row) => Object.hasOwn(row, column.name)) && !(column.missing && known()))
      throw new TypeError("rows: no record has " + JSON.stringify(column.name) + "; give null for a missing cell");
    const given = rows.map((row) => (Object.hasOwn(row, column.name) && !isMissing(row[column.name]) ? row[column.name] : null));
    const kind = kindOf(given.find((cell) => cell !== null));
    // Of a column of text every cell is its text.
    const cells = given.map((cell) => (kind === "string" && typeof cell !== "object" ? String(cell) : cell));
    cells.forEach((cell, i) => {
      const refuse = (expected) => {
        throw new TypeError("rows[" + i + "]." + column.name + ": expected " + expected + ", got " + (typeof cell === "bigint" ? cell : JSON.stringify(cell)));
      };
      if (cell !== null && kindOf(cell) !== kind && !(kind === "date" && typeof cell === "number")) refuse("a cell of one kind (" + kind + ") with the others");
      encoded[i].push(...(column.type === "categorical" ? spread(column, cell, refuse) : dated(column, cell === null ? NaN : numberOf(column, cell, refuse))));
    });
  }
  return encoded;
}

function isDate(cell) {
  return Object.prototype.toString.call(cell) === "[object Date]";
}

function isMissing(cell) {
  return cell === null || cell === undefined || cell !== cell || (isDate(cell) && Number.isNaN(cell.getTime()));
}

function kindOf(cell) {
  return isDate(cell) ? "date" : typeof cell === "bigint" ? "number" : typeof cell;
}

/** One number for each category, for others and for missing cells: 1 where it is; or the number of that one. */
function spread({ categories, other, missing, numbered }, cell, refuse) {
  const row = new Array(categories.length + (other ? 1 : 0) + (missing ? 1 : 0)).fill(0);
  const known = cell === null ? -1 : categories.indexOf(String(cell));
  if (cell === null) {
    if (missing) row[row.length - 1] = 1;
  } else if (known >= 0 && !isDate(cell)) row[known] = 1;
  else if (typeof cell !== "string") refuse("text");
  else if (other) row[categories.length] = 1;
  return numbered ? [row.indexOf(1)] : row;
}

/** The number of a cell; NaN where it is missing. */
function numberOf({ type, spelled }, cell, refuse) {
  if (isDate(cell) && type === "date") return cell.getTime() / 86400000;
  if (typeof cell === "boolean" && type !== "date") return Number(cell);
  if (typeof cell === "bigint" && type === "numeric" && Number.isSafeInteger(Number(cell))) return Number(cell);
  if (typeof cell === "number" && (type === "numeric" ? Number.isFinite(cell) : type === "boolean" && (cell === 0 || cell === 1))) return cell;
  if (typeof cell === "string" && !spelled) {
    const text = cell.trim();
    if (absent.has(text)) return NaN;
    if (type === "numeric" && /^[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?$/.test(text) && Number.isFinite(Number(text))) return Number(text);
    if (type === "boolean" && /^(true|yes|y|t|1)$/i.test(text)) return 1;
    if (type === "boolean" && /^(false|no|n|f|0)$/i.test(text)) return 0;
    const date = type === "date" && /^(\\d{4})-(\\d{2})-(\\d{2})(?:[T ](\\d{2}):(\\d{2})(?::(\\d{2}(?:\\.\\d{1,9})?))?Z?)?$/.exec(text);
    if (date) {
      const [year, month, day, hour, minute, second] = date.slice(1).map((part) => Number(part ?? 0));
      const midnight = new Date(0);
      midnight.setUTCFullYear(year, month - 1, day);
      if (midnight.getUTCDate() === day && midnight.getUTCMonth() === month - 1 && hour < 24 && minute < 60 && second < 60)
        return midnight.getTime() / 86400000 + (60 * hour + minute) / 1440 + second / 86400;
    }
  }
  return refuse(type === "numeric" ? "a number" : type === "boolean" ? "true or false" : "a Date, or a date such as 2024-05-17");
}

/** A number, or what stands for a missing one, and of a date what the calendar says of it. */
function dated({ fill, features = [] }, value) {
  const known = value === value;
  const row = [known ? value : fill];
  const date = new Date(Math.round((known ? value : 0) * 86400000));
  const year = date.getUTCFullYear();
  const one = (size, k) => Array.from({ length: size }, (_, j) => (known && j === k ? 1 : 0));
  const turn = (share) => (known ? [Math.cos(2 * Math.PI * share), Math.sin(2 * Math.PI * share)] : [0, 0]);
  for (const feature of features) {
    if (feature === "year") row.push(known ? year : 0);
    else if (feature === "month") row.push(...one(12, date.getUTCMonth()));
    else if (feature === "weekday") row.push(...one(7, (date.getUTCDay() + 6) % 7));
    else if (feature === "hour") row.push(...turn(date.getUTCHours() / 24));
    else row.push(...turn(Math.floor((date.getTime() - new Date(0).setUTCFullYear(year, 0, 1)) / 86400000) / 366));
  }
  return row;
}
`;
