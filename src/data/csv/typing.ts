// What is in each column: numbers, dates, truth values or text, found from all of its cells, and how they are written. A column whose cells
// leave more than one reading open is decided by the others, kept as text with a note, or refused with the way out; never guessed in silence.

import { fail, show } from '../../errors.js';
import { EXPECTED, readerOf } from '../cells.js';
import type { CellSpelling, ColumnSummary, ColumnType } from '../column.js';
import { dateFormat } from '../dates.js';
import { readNumber, type NumberKind } from '../numbers.js';
import { CategoryTally, NumberTally } from '../tally.js';
import { spelt } from './cell.js';
import { ColumnCounts, GROUP, type DateTally } from './columnCounts.js';
import type { Dialect } from './dialect.js';
import { compactDates, lookalike, stopgap, strayDate, twoMarks } from './lookalikes.js';

/** A column is called numeric with a few cells of text in it, which are then refused, from this share of numbers on. */
const MOSTLY = 0.9;

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
  private found: { type: ColumnType; spelling?: CellSpelling; tally?: NumberTally } | undefined;
  private readonly counts: ColumnCounts;

  constructor(
    readonly name: string,
    at: number,
    private readonly dialect: Dialect,
    private readonly delimiter: string,
  ) {
    this.counts = new ColumnCounts(name, at, dialect);
  }

  /** Takes in the next rows of the file, and the line each starts on. */
  add(rows: readonly (readonly string[])[], lines: readonly number[]): void {
    this.counts.add(rows, lines);
  }

  /** The decimal mark that the column shows beyond doubt, for columns that leave it open. */
  get evidence(): '.' | ',' | undefined {
    return this.counts.evidence;
  }

  // ---- the decision ------------------------------------------------------------------------------------------

  /**
   * Settles type and spelling. `mark` is the decimal mark that other columns of the file show.
   * @throws ERR_TYPE with line and column for a stray cell among numbers or dates, or where the decimal mark cannot be told.
   */
  decide(mark: '.' | ',' | undefined): ColumnFinding {
    this.found ??= this.settle(mark);
    const { type, spelling } = this.found;
    return { name: this.name, type, spelling, declared: this.counts.declared !== undefined };
  }

  private settle(mark: '.' | ',' | undefined): NonNullable<ColumnScan['found']> {
    const { declared, present, booleans } = this.counts;
    if (declared === 'categorical' || declared === 'boolean') return { type: declared };
    const placeholders = [...this.counts.placeholders.values()].reduce((sum, count) => sum + count, 0);
    const dates = this.counts.bestDate();
    const dated = dates?.tally.count ?? 0;
    if (
      declared === 'date' ||
      (this.counts.asked !== undefined && dates?.format === this.counts.asked && dated === present && present > 0)
    )
      return this.asDates(dates, placeholders);
    const numbers = this.counts.coverage(this.markOf(mark));
    if (declared === 'numeric') {
      if (numbers + placeholders < present) this.refuse('numeric', numbers, mark);
      return this.asNumbers(mark, placeholders);
    }
    if (this.counts.codes !== undefined) return this.asCodes();
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
        `${booleans} of ${present} cells are true or false, but others are not (${show((this.counts.firstNonBoolean ?? this.counts.firstText)!.cell)}): it was kept as text. Correct those cells, or declare types: { ${JSON.stringify(this.name)}: 'boolean' }, which takes 1 and 0, yes and no too.`,
      );
    else if (this.counts.mixesMarks)
      this.note(twoMarks(this.counts.kinds.get('comma')!.cell, this.counts.kinds.get('point')!.cell));
    else if (numbers > 0 && 2 * numbers >= present)
      this.note(
        `${numbers} of ${present} cells are numbers, but others are not (${show(this.counts.firstText?.cell ?? this.counts.firstNumber!.cell)}): it was kept as text. ` +
          'To read it as numbers, name what stands for a missing value (missing: […]), or correct those cells.',
      );
    else if (2 * dated > present) {
      const { cell } = this.counts.firstNonDate!;
      this.note(
        `${dated} of ${present} cells are dates, but ${strayDate(cell) ?? `others are not (${show(cell)})`}: it was kept as text. Correct those cells, or leave them empty.`,
      );
    } else {
      const what = lookalike(this.counts.samples);
      if (what !== undefined) this.note(what);
    }
    return { type: 'categorical' };
  }

  /** The decimal mark of the column: the caller's, or the one that explains most cells, its own before that of other columns. */
  private markOf(mark: '.' | ',' | undefined): '.' | ',' {
    const given = this.dialect.decimalOf(this.name);
    if (given !== 'auto') return given;
    const [point, comma] = [this.counts.coverage('.'), this.counts.coverage(',')];
    if (point !== comma) return point > comma ? '.' : ',';
    return this.counts.kinds.has('comma3') ? (mark ?? '.') : '.';
  }

  private asNumbers(mark: '.' | ',' | undefined, placeholders: number): NonNullable<ColumnScan['found']> {
    const { dialect, name } = this;
    const { kinds } = this.counts;
    const open = dialect.decimalOf(name) === 'auto';
    const decimal = this.markOf(mark);
    if (open && kinds.has('comma3') && mark === undefined && this.counts.coverage('.') === this.counts.coverage(','))
      this.refuseMark();
    const group = this.counts.groupOf(decimal);
    const parts = [
      this.counts.plain,
      ...[...kinds.values()].map(({ asPoint, asComma }) => (decimal === '.' ? asPoint : asComma)),
    ].filter(({ count }) => count > 0);
    let tally = parts[0] ?? this.counts.plain;
    if (parts.length > 1) {
      tally = new NumberTally();
      for (const part of parts) tally.merge(part);
    }
    const example = (wanted: (kind: NumberKind) => boolean) => show([...kinds].find(([kind]) => wanted(kind))?.[1].cell);
    if (open && decimal === ',') this.commas = [...kinds.values()][0]!.cell;
    if (group !== undefined) {
      const { cell } = [...kinds].find(([kind]) => GROUP[decimal][kind] === group)![1];
      this.note(`${show(cell)} was read as ${readNumber(cell, spelt(decimal, group))}: groups of three digits.`);
    } else if (
      open &&
      decimal === '.' &&
      kinds.has('point3') &&
      !kinds.has('point') &&
      (mark ?? (this.delimiter === ';' ? ',' : '.')) === ','
    )
      this.note(
        `${example((kind) => kind === 'point3')} was read with a decimal point, though ${mark === ',' ? 'other columns have decimal commas' : 'files with ";" are often written where the point parts thousands'}. If the point parts thousands, pass decimal: { ${JSON.stringify(name)}: ',' }.`,
      );
    this.noteMeanings(decimal);
    const spelling = { ...(decimal === ',' ? { decimal } : {}), ...(group === undefined ? {} : { group }) };
    return { type: 'numeric', spelling: this.withoutPlaceholders(spelling, placeholders), tally };
  }

  /** Numbers that may stand for something else. */
  private noteMeanings(decimal: '.' | ','): void {
    const { samples } = this.counts;
    if (compactDates(samples, dateFormat('YYYYMMDD')))
      this.note(
        `numbers such as ${show(samples[0])} look like dates, but were read as numbers. For dates, pass dateFormat: { ${JSON.stringify(this.name)}: 'YYYYMMDD' }.`,
      );
    const odd = stopgap(samples, decimal);
    if (odd !== undefined)
      this.note(
        `${odd.value} was read as a number, far from the others (${odd.least} to ${odd.most}). If it stands for a missing value, add ${show(String(odd.value))} to the option missing.`,
      );
  }

  private asCodes(): NonNullable<ColumnScan['found']> {
    const { cell } = this.counts.codes!;
    const why =
      cell[0] === '0' ? 'a leading zero' : cell[0] === '+' ? 'the form of a telephone number' : 'more digits than a number holds';
    this.note(
      `${show(cell)} has ${why}, so the cells were kept as text. For numbers, declare types: { ${JSON.stringify(this.name)}: 'numeric' }.`,
    );
    return { type: 'categorical' };
  }

  private asDates(best: DateTally | undefined, placeholders: number): NonNullable<ColumnScan['found']> {
    const { present, declared } = this.counts;
    const count = best?.tally.count ?? 0;
    if (count + placeholders < present) this.refuse('date', count, undefined);
    if (best === undefined) return { type: 'date' };
    const rivals = this.counts.dates.filter(({ tally }) => tally.count === count && !sameNumbers(tally, best.tally));
    if (rivals.length > 0 && best.format !== this.counts.asked) {
      const names = [best, ...rivals].map(({ format }) => format.name);
      const problem = `Column ${show(this.name)} looks like dates, but cells such as ${show(this.counts.firstText?.cell ?? this.counts.firstNonDate?.cell)} do not tell which: ${names.join(' or ')}.`;
      const fix = names.map((format) => ({ dateFormat: { [this.name]: format } }));
      if (declared === 'date')
        fail('ERR_TYPE', `${this.dialect.source}: ${problem} Pass dateFormat: ${show(names[0])} or the other.`, {
          column: this.name,
          problem,
          fix,
        });
      this.note(
        `it looks like dates, but its cells (${show(this.counts.firstText!.cell)}) do not tell which: ${names.join(' or ')}. It was kept as text; pass dateFormat: ${show(names[0])} to read it.`,
      );
      return { type: 'categorical' };
    }
    const { name } = best.format;
    if (name !== 'ISO' && this.counts.asked === undefined)
      this.note(`dates were found, written ${name} (${show(this.counts.firstText?.cell ?? '')}).`);
    // The second pass must not take a format that was asked for all columns for a column in ISO.
    const spelling = name === 'ISO' && this.dialect.options.dateFormat === undefined ? {} : { dateFormat: name };
    return { type: 'date', spelling: this.withoutPlaceholders(spelling, placeholders), tally: best.tally };
  }

  private withoutPlaceholders(spelling: CellSpelling, placeholders: number): CellSpelling | undefined {
    if (placeholders === 0) return Object.keys(spelling).length === 0 ? undefined : spelling;
    const missing = [...this.counts.placeholders.keys()];
    const list = missing.map((cell) => `${show(cell)} (${this.counts.placeholders.get(cell)})`).join(', ');
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
    const { line, cell } = this.counts.kinds.get('comma3')!;
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
    const { dialect, name } = this;
    const { present } = this.counts;
    const { line, cell } = type === 'numeric' ? this.counts.firstNonNumber(this.markOf(mark)) : this.counts.firstNonDate!;
    const where = `${dialect.source} line ${line}, column ${show(name)}: ${show(cell)} is not ${EXPECTED[type]}`;
    if (this.counts.declared !== undefined && count < MOSTLY * present)
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

  // ---- the summary -------------------------------------------------------------------------------------------

  /** After `decide`. */
  summary(rows: number): ColumnSummary {
    const { type, spelling, tally } = this.found!;
    const placeholders = spelling?.missing?.reduce((sum, cell) => sum + this.counts.placeholders.get(cell)!, 0) ?? 0;
    const summary: ColumnSummary = { name: this.name, type, rows, missing: this.counts.missing + placeholders };
    summary.categories = this.counts.categories.summary();
    if (tally !== undefined) {
      const { distinctWhole, ...figures } = tally.summary();
      const counted = summary.categories?.length === tally.count && tally.whole && tally.count > 1;
      Object.assign(summary, figures, type === 'numeric' && (distinctWhole === true || counted) ? { distinctWhole: true } : {});
    }
    if (type === 'numeric' || type === 'date') summary.categories = this.numbersAmong(summary.categories, type, spelling);
    if (type === 'boolean' && this.counts.booleans > 0) {
      const mean = this.counts.trues / this.counts.booleans;
      const deviation = Math.sqrt(mean * (1 - mean));
      Object.assign(summary, { min: mean === 1 ? 1 : 0, max: mean === 0 ? 0 : 1, mean, deviation });
      const counts = { true: this.counts.trues, false: this.counts.booleans - this.counts.trues };
      summary.categories = Object.entries(counts)
        .map(([value, count]) => ({ value, count }))
        .filter(({ count }) => count > 0)
        .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
    }
    if (spelling !== undefined) summary.spelling = spelling;
    if (this.counts.declared !== undefined) summary.declared = true;
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

function sameNumbers(a: NumberTally, b: NumberTally): boolean {
  return a.min === b.min && a.max === b.max && a.mean === b.mean && a.deviation === b.deviation;
}
