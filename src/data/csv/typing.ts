// What is in each column: numbers, dates, truth values or text, found from all of its cells, and how they are written. A column whose cells
// leave more than one reading open is decided by the others, kept as text with a note, or refused with the way out; never guessed in silence.

import { fail, show } from '../../errors.js';
import type { CellSpelling, ColumnSummary, ColumnType } from '../column.js';
import { CategoryTally, NumberTally } from '../tally.js';
import { EXPECTED, readBoolean, readerOf } from '../cells.js';
import { dateFormat, DATE_FORMATS, readDate, type DateFormat } from '../dates.js';
import type { Dialect } from './dialect.js';
import { isCode, looksNumeric, otherKind, plainKind, readNumber, readPlain, type NumberKind } from '../numbers.js';

/** A column is called numeric with a few cells of text in it, which are then refused, from this share of numbers on. */
const MOSTLY = 0.9;

/** Words that stand for nothing in a column of numbers, dates or truth values, in small letters. In a column of text they are text. */
const PLACEHOLDERS = new Set([
  ...['none', 'nil', 'missing', 'unknown', 'undefined', 'n.a.', 'n.d.', 'nd', 'not available', 'no data', 'blank'],
  ...['-', '--', '---', '.', '..', '...', '*', '–', '—', '(null)', '(blank)', '\\n'],
  ...['#value!', '#div/0!', '#ref!', '#name?', '#num!', '#null!', '#error!'],
]);

/** Which decimal mark each kind of number allows; a mark with three digits after it is a group under the other mark. */
const ALLOWED: Readonly<Record<'.' | ',', readonly NumberKind[]>> = {
  '.': ['plain', 'point', 'point3', 'comma3', 'groupComma', 'groupSpace', 'groupQuote'],
  ',': ['plain', 'comma', 'comma3', 'point3', 'groupPoint', 'groupSpace', 'groupSpaceComma'],
};

const GROUP: Readonly<Record<'.' | ',', Partial<Record<NumberKind, string>>>> = {
  '.': { comma3: ',', groupComma: ',', groupSpace: ' ', groupQuote: "'" },
  ',': { point3: '.', groupPoint: '.', groupSpace: ' ', groupSpaceComma: ' ' },
};

interface Stray {
  readonly line: number;
  readonly cell: string;
}

/** Numbers of one kind under the spellings they allow. */
interface KindTally extends Stray {
  readonly asPoint: NumberTally;
  readonly asComma: NumberTally;
}

interface DateTally {
  readonly format: DateFormat;
  readonly tally: NumberTally;
}

/** What a column was found to be. */
export interface ColumnFinding {
  readonly name: string;
  readonly type: ColumnType;
  readonly spelling: CellSpelling | undefined;
  readonly declared: boolean;
}

/** Finds type, spelling and statistics of one column, cell by cell. */
export class ColumnScan {
  /** What was decided and left open, in words, after `decide`. */
  readonly notes: string[] = [];
  /** A cell with the decimal comma that was found. */
  commas: string | undefined;
  private missing = 0;
  private present = 0;
  private booleans = 0;
  private trues = 0;
  private texts = 0;
  private money = 0;
  private codes: Stray | undefined;
  private firstText: Stray | undefined;
  private firstNumber: Stray | undefined;
  private firstNonDate: Stray | undefined;
  private firstNonBoolean: Stray | undefined;
  private readonly plain = new NumberTally();
  private readonly kinds = new Map<NumberKind, KindTally>();
  private readonly placeholders = new Map<string, number>();
  private dates: DateTally[] = [];
  private dateTrials = 0;
  private readonly categories = new CategoryTally();
  private readonly declared: ColumnType | undefined;
  private readonly asked: DateFormat | undefined;
  private found: { type: ColumnType; spelling?: CellSpelling; tally?: NumberTally } | undefined;

  constructor(
    readonly name: string,
    private readonly at: number,
    private readonly dialect: Dialect,
  ) {
    const format = dialect.dateFormatOf(name);
    this.asked = format === undefined ? undefined : dateFormat(format);
    this.declared = dialect.typeOf(name);
  }

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
    else if (looksNumeric(cell)) this.money++;
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

  // ---- the decision ------------------------------------------------------------------------------------------

  /** The decimal mark that the column shows beyond doubt, for columns that leave it open. */
  get evidence(): '.' | ',' | undefined {
    if (this.declared === 'categorical' || this.texts > 0) return undefined;
    const has = (...kinds: NumberKind[]) => kinds.some((kind) => this.kinds.has(kind));
    const comma = has('comma', 'groupPoint', 'groupSpaceComma');
    const point = has('point', 'groupComma');
    return comma === point ? undefined : comma ? ',' : '.';
  }

  /**
   * Settles type and spelling. `mark` is the decimal mark that other columns of the file show.
   * @throws ERR_TYPE with line and column for a stray cell among numbers or dates, or where the decimal mark cannot be told.
   */
  decide(mark: '.' | ',' | undefined): ColumnFinding {
    this.found ??= this.settle(mark);
    const { type, spelling } = this.found;
    return { name: this.name, type, spelling, declared: this.declared !== undefined };
  }

  private settle(mark: '.' | ',' | undefined): NonNullable<ColumnScan['found']> {
    const { declared, present, booleans, texts } = this;
    if (declared === 'categorical' || declared === 'boolean') return { type: declared };
    const placeholders = [...this.placeholders.values()].reduce((sum, count) => sum + count, 0);
    const dates = this.bestDate();
    const dated = dates?.tally.count ?? 0;
    if (declared === 'date' || (this.asked !== undefined && dates?.format === this.asked && dated === present && present > 0))
      return this.asDates(dates, placeholders);
    const numbers = this.coverage(this.markOf(mark));
    if (declared === 'numeric') {
      if (numbers + placeholders < present) this.refuse('numeric', numbers, mark);
      return this.asNumbers(mark, placeholders);
    }
    if (this.codes !== undefined) return this.asCodes();
    if (numbers === present) return this.asNumbers(mark, 0);
    if (booleans === present) return { type: 'boolean' };
    if (dated === present) return this.asDates(dates, 0);
    if (placeholders > 0) {
      const enough = (count: number) => count + placeholders === present && 3 * count >= present;
      if (enough(numbers)) return this.asNumbers(mark, placeholders);
      if (enough(dated)) return this.asDates(dates, placeholders);
      if (enough(booleans)) return { type: 'boolean', spelling: this.withoutPlaceholders({}, placeholders) };
    }
    if (numbers >= MOSTLY * present) this.refuse('numeric', numbers, mark);
    if (dated >= MOSTLY * present) this.refuse('date', dated, mark);
    if (2 * booleans > present)
      this.note(
        `${booleans} of ${present} cells are true or false, but others are not (${show((this.firstNonBoolean ?? this.firstText)!.cell)}): it was kept as text. Correct those cells, or declare types: { ${JSON.stringify(this.name)}: 'boolean' }, which takes 1 and 0, yes and no too.`,
      );
    else if (2 * numbers > present)
      this.note(
        `${numbers} of ${present} cells are numbers, but others are not (${show(this.firstText?.cell ?? this.firstNumber!.cell)}): it was kept as text. ` +
          'To read it as numbers, name what stands for a missing value (missing: […]), or correct those cells.',
      );
    else if (2 * dated > present)
      this.note(
        `${dated} of ${present} cells are dates, but others are not (${show(this.firstNonDate!.cell)}): it was kept as text.`,
      );
    else if (2 * this.money > texts && texts > 0)
      this.note(
        `cells such as ${show(this.firstText!.cell)} look like numbers with a sign or a unit: they were kept as text. Write the numbers alone to use them as such.`,
      );
    return { type: 'categorical' };
  }

  /** The decimal mark of the column: the caller's, or the one that explains most cells, its own before that of other columns. */
  private markOf(mark: '.' | ',' | undefined): '.' | ',' {
    const given = this.dialect.decimalOf(this.name);
    if (given !== 'auto') return given;
    const [point, comma] = [this.coverage('.'), this.coverage(',')];
    if (point !== comma) return point > comma ? '.' : ',';
    return this.kinds.has('comma3') ? (mark ?? '.') : '.';
  }

  /** How many cells are numbers under a decimal mark, groups being of one kind. */
  private coverage(mark: '.' | ','): number {
    const group = this.groupOf(mark);
    let count = this.plain.count;
    for (const [kind, { asPoint, asComma }] of this.kinds) {
      const own = GROUP[mark][kind];
      if (ALLOWED[mark].includes(kind) && (own === undefined || own === group)) count += (mark === '.' ? asPoint : asComma).count;
    }
    return count;
  }

  private groupOf(mark: '.' | ','): string | undefined {
    for (const kind of this.kinds.keys()) {
      const group = GROUP[mark][kind];
      if (group !== undefined && ALLOWED[mark].includes(kind)) return group;
    }
    return undefined;
  }

  private asNumbers(mark: '.' | ',' | undefined, placeholders: number): NonNullable<ColumnScan['found']> {
    const { kinds, dialect, name } = this;
    const open = dialect.decimalOf(name) === 'auto';
    const decimal = this.markOf(mark);
    if (open && kinds.has('comma3') && mark === undefined && this.coverage('.') === this.coverage(',')) this.refuseMark();
    const group = this.groupOf(decimal);
    const parts = [
      this.plain,
      ...[...kinds.values()].map(({ asPoint, asComma }) => (decimal === '.' ? asPoint : asComma)),
    ].filter(({ count }) => count > 0);
    let tally = parts[0] ?? this.plain;
    if (parts.length > 1) {
      tally = new NumberTally();
      for (const part of parts) tally.merge(part);
    }
    const example = (wanted: (kind: NumberKind) => boolean) => show([...kinds].find(([kind]) => wanted(kind))?.[1].cell);
    if (open && decimal === ',') this.commas = [...kinds.values()][0]!.cell;
    if (group !== undefined) {
      const { cell } = [...kinds].find(([kind]) => GROUP[decimal][kind] === group)![1];
      this.note(`${show(cell)} was read as ${readNumber(cell, spelt(decimal, group))}: groups of three digits.`);
    } else if (open && decimal === '.' && mark === ',' && kinds.has('point3') && !kinds.has('point'))
      this.note(
        `${example((kind) => kind === 'point3')} was read with a decimal point, though other columns have decimal commas. If the point parts thousands, pass decimal: { ${JSON.stringify(name)}: ',' }.`,
      );
    const spelling = { ...(decimal === ',' ? { decimal } : {}), ...(group === undefined ? {} : { group }) };
    return { type: 'numeric', spelling: this.withoutPlaceholders(spelling, placeholders), tally };
  }

  private asCodes(): NonNullable<ColumnScan['found']> {
    const { cell } = this.codes!;
    const why =
      cell[0] === '0' ? 'a leading zero' : cell[0] === '+' ? 'the form of a telephone number' : 'more digits than a number holds';
    this.note(
      `${show(cell)} has ${why}, so the cells were kept as text. For numbers, declare types: { ${JSON.stringify(this.name)}: 'numeric' }.`,
    );
    return { type: 'categorical' };
  }

  private asDates(best: DateTally | undefined, placeholders: number): NonNullable<ColumnScan['found']> {
    const { present, declared } = this;
    const count = best?.tally.count ?? 0;
    if (count + placeholders < present) this.refuse('date', count, undefined);
    if (best === undefined) return { type: 'date' };
    const rivals = this.dates.filter(({ tally }) => tally.count === count && !sameNumbers(tally, best.tally));
    if (rivals.length > 0 && best.format !== this.asked) {
      const names = [best, ...rivals].map(({ format }) => format.name);
      const problem = `Column ${show(this.name)} looks like dates, but cells such as ${show(this.firstText?.cell ?? this.firstNonDate?.cell)} do not tell which: ${names.join(' or ')}.`;
      const fix = names.map((format) => ({ dateFormat: { [this.name]: format } }));
      if (declared === 'date')
        fail('ERR_TYPE', `${this.dialect.source}: ${problem} Pass dateFormat: ${show(names[0])} or the other.`, {
          column: this.name,
          problem,
          fix,
        });
      this.note(
        `it looks like dates, but its cells (${show(this.firstText!.cell)}) do not tell which: ${names.join(' or ')}. It was kept as text; pass dateFormat: ${show(names[0])} to read it.`,
      );
      return { type: 'categorical' };
    }
    const { name } = best.format;
    if (name !== 'ISO' && this.asked === undefined)
      this.note(`dates were found, written ${name} (${show(this.firstText?.cell ?? '')}).`);
    // The second pass must not take a format that was asked for all columns for a column in ISO.
    const spelling = name === 'ISO' && this.dialect.options.dateFormat === undefined ? {} : { dateFormat: name };
    return { type: 'date', spelling: this.withoutPlaceholders(spelling, placeholders), tally: best.tally };
  }

  private bestDate(): DateTally | undefined {
    let best: DateTally | undefined;
    for (const entry of this.dates) if (best === undefined || entry.tally.count > best.tally.count) best = entry;
    return best;
  }

  private withoutPlaceholders(spelling: CellSpelling, placeholders: number): CellSpelling | undefined {
    if (placeholders === 0) return Object.keys(spelling).length === 0 ? undefined : spelling;
    const missing = [...this.placeholders.keys()];
    const list = missing.map((cell) => `${show(cell)} (${this.placeholders.get(cell)})`).join(', ');
    this.note(
      `${list} among the others ${placeholders === 1 ? 'was taken as a missing value' : 'were taken as missing values'}. To keep the cells as text, declare types: { ${JSON.stringify(this.name)}: 'categorical' }.`,
    );
    return { ...spelling, missing };
  }

  private note(text: string): void {
    this.notes.push(`Column ${show(this.name)}: ${text}`);
  }

  private refuseMark(): never {
    const { name, dialect } = this;
    const { line, cell } = this.kinds.get('comma3')!;
    const problem = `${dialect.source} line ${line}, column ${show(name)}: ${show(cell)} is ${readNumber(cell, spelt(',', undefined))} with a decimal comma, ${readNumber(cell, spelt('.', ','))} with thousands, and nothing in the file tells which.`;
    return fail('ERR_TYPE', `${problem} Pass decimal: ',' or decimal: '.'.`, {
      line,
      column: name,
      value: cell,
      problem,
      fix: [{ decimal: ',' }, { decimal: '.' }],
    });
  }

  private refuse(type: 'numeric' | 'date', count: number, mark: '.' | ',' | undefined): never {
    const { dialect, present, name } = this;
    const { line, cell } = type === 'numeric' ? this.firstNonNumber(this.markOf(mark)) : this.firstNonDate!;
    const where = `${dialect.source} line ${line}, column ${show(name)}: ${show(cell)} is not ${EXPECTED[type]}`;
    if (this.declared !== undefined && count < MOSTLY * present)
      fail('ERR_TYPE', `${where}${type === 'date' ? '. Other spellings of dates are read with the option dateFormat' : ''}.`, {
        line,
        column: name,
        value: cell,
      });
    const others = type === 'numeric' ? 'numbers' : 'dates';
    const problem = `${where}, but ${count} of ${present} cells are ${others}.`;
    const fix = [{ missing: [...dialect.moreMissing, cell] }, { types: { [name]: 'categorical' } }];
    return fail(
      'ERR_TYPE',
      `${problem} Correct it, add it to the option missing, or declare types: { ${JSON.stringify(name)}: 'categorical' }.`,
      { line, column: name, value: cell, problem, fix },
    );
  }

  /** The first cell that is no number under a decimal mark. */
  private firstNonNumber(mark: '.' | ','): Stray {
    const strays: Stray[] = this.firstText === undefined ? [] : [this.firstText];
    const group = this.groupOf(mark);
    for (const [kind, stray] of this.kinds) {
      const own = GROUP[mark][kind];
      if (!ALLOWED[mark].includes(kind) || (own !== undefined && own !== group)) strays.push(stray);
    }
    return strays.reduce((first, stray) => (stray.line < first.line ? stray : first));
  }

  // ---- the summary -------------------------------------------------------------------------------------------

  /** After `decide`. */
  summary(rows: number): ColumnSummary {
    const { type, spelling, tally } = this.found!;
    const placeholders = spelling?.missing?.reduce((sum, cell) => sum + this.placeholders.get(cell)!, 0) ?? 0;
    const summary: ColumnSummary = { name: this.name, type, rows, missing: this.missing + placeholders };
    summary.categories = this.categories.summary();
    if (tally !== undefined) {
      const { distinctWhole, ...figures } = tally.summary();
      const counted = summary.categories?.length === tally.count && tally.whole && tally.count > 1;
      Object.assign(summary, figures, type === 'numeric' && (distinctWhole === true || counted) ? { distinctWhole: true } : {});
    }
    if (type === 'numeric' || type === 'date') summary.categories = this.numbersAmong(summary.categories, type, spelling);
    if (type === 'boolean' && this.booleans > 0) {
      const mean = this.trues / this.booleans;
      const deviation = Math.sqrt(mean * (1 - mean));
      Object.assign(summary, { min: mean === 1 ? 1 : 0, max: mean === 0 ? 0 : 1, mean, deviation });
      const counts = { true: this.trues, false: this.booleans - this.trues };
      summary.categories = Object.entries(counts)
        .map(([value, count]) => ({ value, count }))
        .filter(({ count }) => count > 0)
        .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
    }
    if (spelling !== undefined) summary.spelling = spelling;
    if (this.declared !== undefined) summary.declared = true;
    return summary;
  }

  /** Counted cells as the numbers they are: "1.50" and "1.5" are one. */
  private numbersAmong(
    categories: ColumnSummary['categories'],
    type: 'numeric' | 'date',
    spelling: CellSpelling | undefined,
  ): ColumnSummary['categories'] {
    if (categories === undefined) return undefined;
    const numbers = new CategoryTally();
    const read = readerOf(type, spelling);
    for (const { value, count } of categories) {
      const number = read(value);
      if (number === number) numbers.add(String(number), count);
    }
    return numbers.summary();
  }
}

function spelt(decimal: '.' | ',', group: string | undefined): CellSpelling {
  return group === undefined ? { decimal } : { decimal, group };
}

function sameNumbers(a: NumberTally, b: NumberTally): boolean {
  return a.min === b.min && a.max === b.max && a.mean === b.mean && a.deviation === b.deviation;
}

// ---- one cell ---------------------------------------------------------------------------------------------------

/** One cell that is there, as a number. @throws ERR_TYPE with line and column. */
function readCell(
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
