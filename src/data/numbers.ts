// Numbers as cells spell them: decimal points or commas, and groups of three digits. A spelling belongs to a whole column: "1,234" alone
// may be 1.234 or 1234, so cells are told apart by what they leave open (NumberKind), and the column decides.

import type { CellSpelling } from './column.js';

/**
 * What one cell says about how its column is written.
 * plain: digits alone, the same in every spelling; point, comma: a decimal mark and nothing else possible; point3, comma3: one mark and three
 * digits after it, a decimal mark or a group; groupComma, groupPoint: groups of three, beyond doubt; groupSpace(Comma), groupQuote:
 * groups parted by spaces (with a decimal comma) or apostrophes.
 */
export type NumberKind =
  | 'plain'
  | 'point'
  | 'comma'
  | 'point3'
  | 'comma3'
  | 'groupComma'
  | 'groupPoint'
  | 'groupSpace'
  | 'groupSpaceComma'
  | 'groupQuote';

const GROUPED = {
  groupComma: /^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/,
  groupPoint: /^[+-]?\d{1,3}(\.\d{3})+(,\d*)?$/,
  groupSpace: /^[+-]?\d{1,3}([ \u00a0\u2009\u202f]\d{3})+(\.\d*)?$/,
  groupSpaceComma: /^[+-]?\d{1,3}([ \u00a0\u2009\u202f]\d{3})+,\d*$/,
  groupQuote: /^[+-]?\d{1,3}(['\u2019]\d{3})+(\.\d*)?$/,
} as const;

/** How every grouped number begins; most text and all dates do not. */
const GROUP_OF_THREE = /^[+-]?\d{1,3}[., '\u2019\u00a0\u2009\u202f]\d{3}/;

const THREE = /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/; // a group never begins with 0
const COMMA = /^[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?$/;

/** The kind of a cell that readPlain reads. */
export function plainKind(cell: string): 'plain' | 'point' | 'point3' {
  const point = cell.indexOf('.');
  if (point < 0) return 'plain';
  return cell.length - point === 4 && THREE.test(cell) ? 'point3' : 'point';
}

/** The kind of a cell that readPlain does not read; undefined where it is no number in any spelling. */
export function otherKind(cell: string): NumberKind | undefined {
  const first = cell.charCodeAt(0);
  if (!((first >= 48 && first <= 57) || (first >= 43 && first <= 46))) return undefined; // 0-9 + , - .
  if (cell.includes(',')) {
    if (THREE.test(cell)) return 'comma3';
    if (COMMA.test(cell)) return Number.isFinite(Number(cell.replace(',', '.'))) ? 'comma' : undefined;
  }
  if (!GROUP_OF_THREE.test(cell)) return undefined;
  for (const [kind, form] of Object.entries(GROUPED)) if (form.test(cell)) return kind as NumberKind;
  return undefined;
}

/** The number a cell spells, NaN for none: digits with a decimal mark, sign and exponent, groups where the spelling has them or nothing else can be meant. */
export function readNumber(cell: string, spelling: CellSpelling = {}): number {
  const { decimal = '.', group } = spelling;
  if (group !== undefined && cell.length > 4) {
    const kind = group === ' ' ? (decimal === ',' ? 'groupSpaceComma' : 'groupSpace') : groupKinds[group];
    const spaces = group === ' ' && decimal === ',' && GROUPED.groupSpace.test(cell) && !cell.includes('.');
    if (kind !== undefined && (GROUPED[kind].test(cell) || spaces)) {
      const digits = cell.replace(group === ',' ? /,/g : group === '.' ? /\./g : /[ '\u2019\u00a0\u2009\u202f]/g, '');
      return readPlain(decimal === ',' ? digits.replace(',', '.') : digits);
    }
  }
  if (group === undefined) {
    // A decimal mark behind groups, or two groups: nothing else can be meant, though no other cell had any.
    const [form, marks] = decimal === ',' ? ([GROUPED.groupPoint, /\./g] as const) : ([GROUPED.groupComma, /,/g] as const);
    if (form.test(cell) && (cell.includes(decimal) || cell.match(marks)!.length > 1))
      return readPlain(cell.replace(marks, '').replace(',', '.'));
  }
  if (decimal === '.') return readPlain(cell);
  return cell.includes('.') ? Number.NaN : readPlain(cell.replace(',', '.'));
}

const groupKinds: Readonly<Record<string, keyof typeof GROUPED>> = { ',': 'groupComma', '.': 'groupPoint', "'": 'groupQuote' };

/** The number of digits with a decimal point, sign and exponent; NaN for anything else. No hexadecimal, no infinity, no empty cell. */
export function readPlain(cell: string): number {
  const first = cell.charCodeAt(0);
  if (!((first >= 48 && first <= 57) || first === 45 || first === 46 || first === 43)) return Number.NaN; // 0-9 - . +
  if (first === 48 && cell.charCodeAt(1) > 57 && cell[1] !== 'e' && cell[1] !== 'E') return Number.NaN; // 0x, 0o, 0b
  const value = Number(cell);
  return value - value === 0 ? value : Number.NaN;
}

/** Whether digits are the name of something: a leading zero, more digits than a number holds, or a telephone number with its +. */
export function isCode(cell: string): boolean {
  const first = cell.charCodeAt(0);
  if (first === 48) return cell.length > 1 && /^0\d+$/.test(cell);
  if (first === 43) return /^\+\d{7,}$/.test(cell);
  return cell.length > 15 && /^\d+$/.test(cell) && !Number.isSafeInteger(Number(cell));
}

/** Whether a cell looks like a number with something around it: money, per cent, a unit. */
export function looksNumeric(cell: string): boolean {
  return /^[$€£¥(]?\s*[+-]?\d[\d.,\s]*\s*[%€$£¥)]?(\s?[a-zA-Z]{1,3}\.?)?$/.test(cell);
}
