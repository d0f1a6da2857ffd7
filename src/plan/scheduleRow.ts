// What is said of a schedule of t alone, the step or the epoch: the shape of a row of schedules.ts.

import { checkNumber, type Option, type Range, type Read } from '../options.js';

type NumberRows = Readonly<Record<string, Option<number>>>;

/** A schedule of t alone: numbers that must be given, numbers that may be, and the rate they make. */
export interface ScheduleRow<Needed extends NumberRows = NumberRows, Optional extends NumberRows = NumberRows> {
  readonly needed: Needed;
  readonly optional: Optional;
  rate(numbers: Read<Needed> & Read<Optional>, t: number): number;
}

export const row = <N extends NumberRows, O extends NumberRows>(row: ScheduleRow<N, O>): ScheduleRow<N, O> => row;

/** A number that has no default. */
export const needed =
  (range: Range): Option<number> =>
  (value, name) =>
    checkNumber(value, name, range);

/** For numbers greater than 0. */
export const above0 = { min: 0, minExclusive: true } as const;
