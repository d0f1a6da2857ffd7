// What a random search draws options from.

import { exp, log } from '../data/elementary.js';
import type { Random } from '../data/random.js';
import { fail, show } from '../errors.js';
import { checkNumber } from '../options.js';

/** Where a random search draws an option from: a list, a range, a range by orders of magnitude, whole numbers. */
export type SearchRange =
  | readonly unknown[]
  | {
      /** A number in [low, high), each equally likely. */
      readonly uniform: readonly [low: number, high: number];
    }
  | {
      /** A number in [low, high), its logarithm equally likely: for learning rates and penalties. Limits > 0. */
      readonly logUniform: readonly [low: number, high: number];
    }
  | {
      /** A whole number from low to high, both included. */
      readonly integer: readonly [low: number, high: number];
    };

/** @throws ERR_OPTION for anything but options by name. */
export function checkNames(space: unknown, name: string): void {
  if (typeof space !== 'object' || space === null || Array.isArray(space))
    fail('ERR_OPTION', `${name}: expected an object of options, got ${show(space)}.`);
  if (Object.keys(space).length === 0) fail('ERR_OPTION', `${name}: names no option to try.`);
}

/** A value of a range. @throws ERR_OPTION for what is no range. */
export function drawFrom(range: unknown, random: Random, name: string): unknown {
  if (Array.isArray(range)) {
    if (range.length === 0) fail('ERR_OPTION', `${name}: expected a list of values to try, got none.`);
    return range[random.below(range.length)];
  }
  const [kind, limits] = (typeof range === 'object' && range !== null ? Object.entries(range)[0] : undefined) ?? [];
  const [low, high] = (Array.isArray(limits) ? limits : []) as [number, number];
  if (
    !['uniform', 'logUniform', 'integer'].includes(kind ?? '') ||
    !(Number.isFinite(low) && Number.isFinite(high) && low <= high)
  )
    fail('ERR_OPTION', `${name}: expected a list, or { uniform | logUniform | integer: [low, high] }, got ${show(range)}.`);
  if (kind === 'uniform') return random.between(low, high);
  if (kind === 'logUniform')
    return low > 0 ? exp(random.between(log(low), log(high))) : fail('ERR_OPTION', `${name}: logUniform needs limits > 0.`);
  checkNumber(low, `${name}[0]`, { integer: true });
  checkNumber(high, `${name}[1]`, { integer: true });
  return low + random.below(high - low + 1);
}
