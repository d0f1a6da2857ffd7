// Rows to CSV text, through papaparse.

import Papa from 'papaparse';
import { fail } from '../../errors.js';
import { flag, readOptions, text, type Schema } from '../../options.js';
import type { Cell } from '../column.js';

/** Options of formatCsv. */
export interface FormatOptions {
  /** Whether the names come first (default true). */
  readonly header?: boolean;
  /** What stands between cells (default ','). */
  readonly delimiter?: string;
  /**
   * Put an apostrophe before text that a spreadsheet would run as a formula: cells that begin with =, +, -, @, a tab or a carriage return and are
   * no numbers (default false). Such files no longer hold the very text.
   */
  readonly escapeFormulas?: boolean;
}

const optionRows = { header: flag(true), delimiter: text(','), escapeFormulas: flag(false) } satisfies Schema<FormatOptions>;

/**
 * Rows as CSV text with a header line, cells quoted where they must be; null is an empty cell.
 * @throws ERR_SHAPE for a row of another width than there are names, ERR_OPTION.
 *
 * @example
 * formatCsv(['name', 'size'], [['a, b', 1.5], [null, 2]]);  // 'name,size\n"a, b",1.5\n,2\n'
 */
export function formatCsv(names: readonly string[], rows: readonly (readonly Cell[])[], options: FormatOptions = {}): string {
  const { header, delimiter, escapeFormulas } = readOptions(optionRows, options, 'formatCsv');
  rows.forEach((row, i) => {
    if (row.length !== names.length)
      fail('ERR_SHAPE', `formatCsv: row ${i} has ${row.length} cells, but there are ${names.length} names.`);
  });
  const lines: (readonly Cell[])[] = header ? [names, ...rows] : [...rows];
  if (lines.length === 0) return '';
  const safe = escapeFormulas ? lines.map((row) => row.map(harmless)) : lines;
  return `${Papa.unparse(safe as unknown[][], { newline: '\n', delimiter })}\n`;
}

/** A cell with an apostrophe before it where a spreadsheet would run it. A sign alone is none. See: OWASP, CSV injection. */
export function harmless(cell: Cell): Cell {
  return typeof cell === 'string' && /^[=+\-@\t\r]./s.test(cell) && Number.isNaN(Number(cell)) ? `'${cell}` : cell;
}
