// What a column holds, counted cell by cell: numbers by the way they are written, dates by format, truth values, text. typing.ts decides.

import type { ColumnType } from '../column.js';
import { readBoolean } from '../cells.js';
import { DATE_FORMATS } from '../dateFormats.js';
import { dateFormat, readDate, type DateFormat } from '../dates.js';
import { isCode, otherKind, plainKind, readNumber, readPlain, type NumberKind } from '../numbers.js';
import { CategoryTally, NumberTally } from '../tally.js';
import { readCell, spelt } from './cell.js';
import type { Dialect } from './dialect.js';

/** Words that stand for nothing in a column of numbers, dates or truth values, in small letters. In a column of text they are text. */
const PLACEHOLDERS = new Set([
  ...['none', 'nil', 'missing', 'unknown', 'undefined', 'n.a.', 'n.d.', 'nd', 'not available', 'no data', 'blank'],
  ...['-', '--', '---', '.', '..', '...', '*', '–', '—', '(null)', '(blank)', '\\n'],
  ...['#value!', '#div/0!', '#ref!', '#name?', '#num!', '#null!', '#error!'],
]);

/** Cells of a column that are looked at again once it is known what it is. */
const SAMPLES = 200;

/** Which decimal mark each kind of number allows; a mark with three digits after it is a group under the other mark. */
const ALLOWED: Readonly<Record<'.' | ',', readonly NumberKind[]>> = {
  '.': ['plain', 'point', 'point3', 'comma3', 'groupComma', 'groupSpace', 'groupQuote'],
  ',': ['plain', 'comma', 'comma3', 'point3', 'groupPoint', 'groupSpace', 'groupSpaceComma'],
};

/** The group mark of each kind of number, under each decimal mark. */
export const GROUP: Readonly<Record<'.' | ',', Partial<Record<NumberKind, string>>>> = {
  '.': { comma3: ',', groupComma: ',', groupSpace: ' ', groupQuote: "'" },
  ',': { point3: '.', groupPoint: '.', groupSpace: ' ', groupSpaceComma: ' ' },
};

/** A cell to show in a message, and its line. */
interface Stray {
  readonly line: number;
  readonly cell: string;
}

/** Numbers of one kind under the spellings they allow. */
interface KindTally extends Stray {
  readonly asPoint: NumberTally;
  readonly asComma: NumberTally;
}

/** Dates in one of the formats that the column may have. */
export interface DateTally {
  readonly format: DateFormat;
  readonly tally: NumberTally;
}

/** The cells of one column, counted. */
export class ColumnCounts {
  missing = 0;
  present = 0;
  booleans = 0;
  trues = 0;
  texts = 0;
  codes: Stray | undefined;
  firstText: Stray | undefined;
  firstNumber: Stray | undefined;
  firstNonDate: Stray | undefined;
  firstNonBoolean: Stray | undefined;
  readonly plain = new NumberTally();
  readonly kinds = new Map<NumberKind, KindTally>();
  readonly placeholders = new Map<string, number>();
  /** The first cells that are there. */
  readonly samples: string[] = [];
  dates: DateTally[] = [];
  private dateTrials = 0;
  readonly categories = new CategoryTally();
  readonly declared: ColumnType | undefined;
  readonly asked: DateFormat | undefined;

  constructor(
    readonly name: string,
    private readonly at: number,
    private readonly dialect: Dialect,
  ) {
    const format = dialect.dateFormatOf(name);
    this.asked = format === undefined ? undefined : dateFormat(format);
    this.declared = dialect.typeOf(name);
  }

  /** Takes in the next rows of the file, and the line each starts on. */
  add(rows: readonly (readonly string[])[], lines: readonly number[]): void {
    const { at, dialect, declared } = this;
    for (let i = 0; i < rows.length; i++) {
      const cell = rows[i]![at]!;
      if (dialect.isMissing(cell)) {
        this.missing++;
        continue;
      }
      this.present++;
      if (declared === 'categorical') this.categories.add(cell);
      else if (declared === 'boolean') this.addDeclaredBoolean(cell, lines[i]!);
      else this.infer(cell, lines[i]!);
    }
  }

  private addDeclaredBoolean(cell: string, line: number): void {
    const truth = readCell(cell, 'boolean', undefined, line, this.name, this.dialect);
    this.categories.add(String(truth === 1));
    this.booleans++;
    this.trues += truth;
  }

  private infer(cell: string, line: number): void {
    this.categories.add(cell);
    if (this.samples.length < SAMPLES) this.samples.push(cell);
    if (this.asked !== undefined) this.addDate(cell, line);
    const value = readPlain(cell);
    const kind = value === value ? plainKind(cell) : otherKind(cell);
    if (this.firstNonBoolean === undefined && readBoolean(cell) !== readBoolean(cell)) this.firstNonBoolean = { line, cell };
    if (kind !== undefined) {
      this.firstNumber ??= { line, cell };
      this.addNumber(cell, line, value, kind);
      if (this.asked === undefined) this.firstNonDate ??= { line, cell };
      return;
    }
    this.firstText ??= { line, cell };
    if (this.asked === undefined && this.addDate(cell, line)) return;
    const truth = readBoolean(cell);
    if (truth === truth) {
      this.booleans++;
      this.trues += truth;
      return;
    }
    this.texts++;
    if (cell.length < 20 && PLACEHOLDERS.has(cell.toLowerCase()))
      this.placeholders.set(cell, (this.placeholders.get(cell) ?? 0) + 1);
  }

  private addNumber(cell: string, line: number, value: number, kind: NumberKind): void {
    if (this.codes === undefined && isCode(cell)) this.codes = { line, cell };
    if (kind === 'plain') {
      this.plain.add(value);
      return;
    }
    let tally = this.kinds.get(kind);
    if (tally === undefined) {
      tally = { line, cell, asPoint: new NumberTally(), asComma: new NumberTally() };
      this.kinds.set(kind, tally);
    }
    if (ALLOWED['.'].includes(kind)) tally.asPoint.add(readNumber(cell, spelt('.', GROUP['.'][kind])));
    if (kind !== 'point' && ALLOWED[','].includes(kind)) tally.asComma.add(readNumber(cell, spelt(',', GROUP[','][kind])));
  }

  /** Whether the cell is a date in one of the formats that the column may have. */
  private addDate(cell: string, line: number): boolean {
    if (this.dates.length === 0) {
      // A column of text is not asked for dates for ever.
      if (cell.length < 6 || cell.length > 48 || this.dateTrials > 200) {
        this.firstNonDate ??= { line, cell };
        return false;
      }
      this.dateTrials++;
      const formats =
        this.asked === undefined ? DATE_FORMATS : this.declared === 'date' ? [this.asked] : [this.asked, ...DATE_FORMATS];
      const fits = formats.filter((format) => !Number.isNaN(readDate(cell, format)));
      this.dates = fits.map((format) => ({ format, tally: new NumberTally() }));
    }
    let any = false;
    for (const { format, tally } of this.dates) {
      const days = readDate(cell, format);
      if (days !== days) continue;
      tally.add(days);
      any = true;
    }
    if (!any) this.firstNonDate ??= { line, cell };
    return any;
  }

  /** The decimal mark that the column shows beyond doubt, for columns that leave it open. */
  get evidence(): '.' | ',' | undefined {
    if (this.declared === 'categorical' || this.texts > 0) return undefined;
    const has = (...kinds: NumberKind[]) => kinds.some((kind) => this.kinds.has(kind));
    const comma = has('comma', 'groupPoint', 'groupSpaceComma');
    const point = has('point', 'groupComma');
    return comma === point ? undefined : comma ? ',' : '.';
  }

  /** Whether decimal points and decimal commas stand side by side. */
  get mixesMarks(): boolean {
    return this.kinds.has('comma') && this.kinds.has('point');
  }

  /** How many cells are numbers under a decimal mark, groups being of one kind. */
  coverage(mark: '.' | ','): number {
    const group = this.groupOf(mark);
    let count = this.plain.count;
    for (const [kind, { asPoint, asComma }] of this.kinds) {
      const own = GROUP[mark][kind];
      if (ALLOWED[mark].includes(kind) && (own === undefined || own === group)) count += (mark === '.' ? asPoint : asComma).count;
    }
    return count;
  }

  /** The mark between groups of three digits, under a decimal mark. */
  groupOf(mark: '.' | ','): string | undefined {
    for (const kind of this.kinds.keys()) {
      const group = GROUP[mark][kind];
      if (group !== undefined && ALLOWED[mark].includes(kind)) return group;
    }
    return undefined;
  }

  /** The format of dates that reads most cells. */
  bestDate(): DateTally | undefined {
    let best: DateTally | undefined;
    for (const entry of this.dates) if (best === undefined || entry.tally.count > best.tally.count) best = entry;
    return best;
  }

  /** The first cell that is no number under a decimal mark. */
  firstNonNumber(mark: '.' | ','): Stray {
    const strays: Stray[] = this.firstText === undefined ? [] : [this.firstText];
    const group = this.groupOf(mark);
    for (const [kind, stray] of this.kinds) {
      const own = GROUP[mark][kind];
      if (!ALLOWED[mark].includes(kind) || (own !== undefined && own !== group)) strays.push(stray);
    }
    return strays.reduce((first, stray) => (stray.line < first.line ? stray : first));
  }
}
