// Networks that say more of a target than one number: quantiles of it, or its mean and how far it scatters. What their outputs are in the units of
// the targets, and which number is the answer.

import type { SavedState } from '../columns.js';
import { exp } from '../elementary.js';
import type { Float64Rows } from '../matrix.js';

/** What the outputs say of each target, several of them side by side: its quantiles at these levels, or a mean and a deviation; else itself. */
export type Spread = { readonly levels: readonly number[] } | { readonly gaussian: true } | undefined;

/** Outputs for each target. */
export function eachOf(spread: Spread): number {
  return spread === undefined ? 1 : 'levels' in spread ? spread.levels.length : 2;
}

/** Variances below this, of scaled targets, count as it: the epsilon of the loss. */
const leastLog = -13.815510557964274; // ln 1e-6

/**
 * Outputs [rows][targets x each] in the units of the targets, in place: `undo` brings rows of targets back, a deviation of target t grows by
 * unit(t). Of a mean and the logarithm of a variance the second becomes the deviation.
 */
export function inUnits(
  data: Float64Array,
  targets: number,
  spread: Spread,
  undo: ((rows: Float64Array) => void) | undefined,
  unit: (target: number) => number,
): Float64Array {
  const each = eachOf(spread);
  if (each === 1) {
    undo?.(data);
    return data;
  }
  const gaussian = spread !== undefined && 'gaussian' in spread;
  const part = new Float64Array(data.length / each);
  for (let k = 0; k < each; k++) {
    for (let i = 0; i < part.length; i++) part[i] = data[i * each + k]!;
    if (gaussian && k === 1)
      for (let i = 0; i < part.length; i++) part[i] = exp(Math.max(part[i]!, leastLog) / 2) * unit(i % targets);
    else undo?.(part);
    for (let i = 0; i < part.length; i++) data[i * each + k] = part[i]!;
  }
  return data;
}

/** The answer as a mean of outputs of a target, each with its share: the median, the line between the levels beside it, or the level nearest to it. */
export function pointOf(spread: Spread): readonly (readonly [output: number, share: number])[] {
  if (spread === undefined || 'gaussian' in spread) return [[0, 1]];
  const { levels } = spread;
  const above = levels.findIndex((level) => level >= 0.5);
  if (above < 0) return [[levels.length - 1, 1]];
  if (above === 0 || levels[above] === 0.5) return [[above, 1]];
  const share = (0.5 - levels[above - 1]!) / (levels[above]! - levels[above - 1]!);
  return [
    [above - 1, 1 - share],
    [above, share],
  ];
}

/** The answers [rows][targets] of outputs. */
export function pointsOf({ data, shape }: Float64Rows, spread: Spread): Float64Rows {
  const each = eachOf(spread);
  if (each === 1) return { data, shape };
  const point = pointOf(spread);
  const out = Float64Array.from({ length: data.length / each }, (_, i) =>
    point.reduce((sum, [k, share]) => sum + share * data[i * each + k]!, 0),
  );
  return { data: out, shape: [shape[0]!, shape[1]! / each] };
}

/** What a file's head says of it. @throws ERR_FORMAT. */
export function spreadFromJSON(head: SavedState): Spread {
  if (head.raw('gaussian') === true) return { gaussian: true };
  if (head.raw('levels') === undefined) return undefined;
  const levels = [...head.numbers('levels')];
  if (levels.length === 0 || !levels.every((level, k) => level > (levels[k - 1] ?? 0) && level < 1))
    head.refuse('levels', 'ascending numbers between 0 and 1', levels);
  return { levels };
}
