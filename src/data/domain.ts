// A box with a name for each of its axes: what an approximation was made for. Reads points as rows or records, and guards the box.

import { brandOf } from '../brands.js';
import type { SavedState } from './columns.js';
import type { MatrixLike } from './matrix.js';
import { fail, show } from '../errors.js';

/** What happens to points outside of the domain: they are refused, or answered with a warning. */
export type Outside = 'refuse' | 'warn';

/** One number for each name. */
export type NamedPoint = Readonly<Record<string, number>>;

/** How far beyond its ends an axis reaches, as a share of its length: what rounding to float32 does to the ends. */
const SLACK = 1e-6;

export class Domain {
  private warned = false;

  constructor(
    readonly names: readonly string[],
    readonly low: Float64Array,
    readonly high: Float64Array,
    readonly outside: Outside,
  ) {}

  /** @throws ERR_FORMAT. */
  static fromJSON(saved: SavedState): Domain {
    const names = saved.strings('names');
    const low = saved.numbers('low', names.length);
    const high = saved.numbers('high', names.length);
    if (names.length === 0 || new Set(names).size < names.length) saved.refuse('names', 'a list of different names', names);
    if (low.some((value, j) => !(value < high[j]!))) saved.refuse('low', 'numbers below those of high', [...low]);
    return new Domain(names, low, high, saved.choice('outside', ['refuse', 'warn']));
  }

  toJSON() {
    return { names: this.names, low: [...this.low], high: [...this.high], outside: this.outside };
  }

  /** Rows of records, one number by each name, as rows of numbers; anything else as it is. @throws ERR_TYPE, ERR_SHAPE. */
  rowsOf(points: MatrixLike | readonly NamedPoint[]): MatrixLike {
    if (!Array.isArray(points) || brandOf(points[0]) !== 'Object') return points as MatrixLike;
    return (points as readonly NamedPoint[]).map((point, i) => {
      if (brandOf(point) !== 'Object') fail('ERR_TYPE', `points[${i}]: expected an object, got ${show(point)}.`);
      for (const name of Object.keys(point))
        if (!this.names.includes(name))
          fail('ERR_SHAPE', `points[${i}]: there is no ${show(name)} here. Expected ${this.names.join(', ')}.`);
      return this.names.map((name) => {
        const value: unknown = Object.hasOwn(point, name) ? point[name] : undefined;
        if (typeof value !== 'number') fail('ERR_TYPE', `points[${i}].${name}: expected a number, got ${show(value)}.`);
        return value;
      });
    });
  }

  /** Refuses points outside, or warns of the first. @throws ERR_RANGE. */
  guard(data: Float32Array | Float64Array, rows: number): void {
    const columns = this.names.length;
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        const value = data[i * columns + j]!;
        const slack = SLACK * (this.high[j]! - this.low[j]!);
        if (value < this.low[j]! - slack || value > this.high[j]! + slack) {
          this.complain(i, j, value);
          return;
        }
      }
  }

  private complain(row: number, column: number, value: number): void {
    const name = this.names[column]!;
    const range = `${this.low[column]} to ${this.high[column]}`;
    const text = `row ${row}: ${name} is ${value}, but the approximation was made, and its errors measured, for ${name} from ${range}`;
    if (this.outside === 'refuse') fail('ERR_RANGE', `${text}. Make one with a wider domain.`, { row, column, value });
    if (!this.warned) console.warn(`Approximation: ${text}. What it answers there is unknown.`);
    this.warned = true;
  }
}
