// One cell of a column whose type is known, as a number, or refused with its line and column.

import { fail, show } from '../../errors.js';
import { EXPECTED, readerOf } from '../cells.js';
import type { CellSpelling } from '../column.js';
import { plainKind, readNumber, readPlain } from '../numbers.js';
import type { Dialect } from './dialect.js';

/** One cell that is there, as a number. @throws ERR_TYPE with line and column. */
export function readCell(
  cell: string,
  type: 'numeric' | 'boolean' | 'date',
  spelling: CellSpelling | undefined,
  line: number,
  name: string,
  dialect: Dialect,
): number {
  const value = readerOf(type, spelling)(cell);
  if (value !== value) refuseCell(cell, type, spelling, line, name, dialect);
  return value;
}

/** @throws ERR_TYPE: a cell that is not of its column's type. */
export function refuseCell(
  cell: string,
  type: 'numeric' | 'boolean' | 'date',
  spelling: CellSpelling | undefined,
  line: number,
  name: string,
  dialect: Dialect,
): never {
  const how = type === 'date' && spelling?.dateFormat !== undefined ? `a date written ${spelling.dateFormat}` : EXPECTED[type];
  const comma = type === 'numeric' && spelling?.decimal === ',';
  if (comma && spelling.group === undefined && plainKind(cell) === 'point3' && readPlain(cell) === readPlain(cell)) {
    const problem = `${dialect.source} line ${line}, column ${show(name)}: ${show(cell)} is ${readNumber(cell, spelt(',', '.'))} if its point parts thousands and ${readPlain(cell)} if it is a decimal point; the column has decimal commas, and had no thousands before.`;
    fail('ERR_TYPE', `${problem} Pass decimal: ',' for thousands, decimal: '.' for a decimal point.`, {
      line,
      column: name,
      value: cell,
      problem,
      fix: [{ decimal: ',' }, { decimal: '.' }],
    });
  }
  const mark = comma ? ' with a decimal comma' : '';
  return fail('ERR_TYPE', `${dialect.source} line ${line}, column ${show(name)}: ${show(cell)} is not ${how}${mark}.`, {
    line,
    column: name,
    value: cell,
  });
}

/** The spelling of numbers with a decimal mark and, perhaps, groups of three digits. */
export function spelt(decimal: '.' | ',', group: string | undefined): CellSpelling {
  return group === undefined ? { decimal } : { decimal, group };
}
