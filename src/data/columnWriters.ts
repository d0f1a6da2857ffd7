// Columns that grow a cell at a time. Room starts small and doubles: a file may have tens of thousands of columns.

import type { CategoryColumn, CellSpelling, NumberColumn } from './column.js';

/** What a file says about a column beside its cells. */
export interface ColumnOrigin {
  readonly spelling?: CellSpelling;
  readonly declared?: boolean;
}

/** A growing column of numbers. */
export class NumberWriter {
  private values = new Float64Array(16);
  private count = 0;

  constructor(
    readonly name: string,
    readonly type: 'numeric' | 'boolean' | 'date',
    private readonly origin: ColumnOrigin = {},
  ) {}

  /** NaN for a missing cell. */
  add(value: number): void {
    if (this.count === this.values.length) {
      const wider = new Float64Array(2 * this.count);
      wider.set(this.values);
      this.values = wider;
    }
    this.values[this.count++] = value;
  }

  /** The column so far; the writer starts again, empty. */
  column(): NumberColumn {
    const { name, type } = this;
    const values = this.values.slice(0, this.count);
    this.count = 0;
    return { name, type, values, ...this.origin };
  }
}

/** A growing column of text. */
export class CategoryWriter {
  private codes = new Int32Array(16);
  private count = 0;
  private ids = new Map<string, number>();
  readonly type = 'categorical';

  constructor(
    readonly name: string,
    private readonly origin: ColumnOrigin = {},
  ) {}

  /** undefined for a missing cell. */
  add(value: string | undefined): void {
    if (this.count === this.codes.length) {
      const wider = new Int32Array(2 * this.count);
      wider.set(this.codes);
      this.codes = wider;
    }
    let code = -1;
    if (value !== undefined) {
      code = this.ids.get(value) ?? -1;
      if (code < 0) {
        code = this.ids.size;
        this.ids.set(ownCopy(value), code);
      }
    }
    this.codes[this.count++] = code;
  }

  /** The column so far; the writer starts again, empty. */
  column(): CategoryColumn {
    const column: CategoryColumn = {
      name: this.name,
      type: this.type,
      codes: this.codes.slice(0, this.count),
      categories: [...this.ids.keys()],
      ...this.origin,
    };
    this.count = 0;
    this.ids = new Map();
    return column;
  }
}

/** The text in memory of its own: a slice of a long string would keep that string alive (engines slice from 13 characters on). */
export function ownCopy(text: string): string {
  return text.length < 13 ? text : (JSON.parse(JSON.stringify(text)) as string);
}
