// The temperature that logits are divided by, so that probabilities fit what was watched; and the losses of logits.

import { exp, log } from '../data/elementary.js';
import type { Watched } from './members.js';

/** Sharpnesses, 1 / temperature, between which the best is sought. */
const [bluntest, sharpest] = [1 / 8, 8];
const mostSteps = 40;
/** The best sharpness to so much of itself. */
const precision = 1e-7;
/** A slope of so much of what it is the sum of is none. */
const rounding = 1e-14;

/**
 * The temperature, in [1/8, 8], that makes the probabilities of the watched rows fit their classes best: by the least weighted sum of -ln p,
 * which has one valley over the sharpness, by Newton's steps kept within the bracket of its slope's sign. Of n rows each counts as one row in
 * n + 2 of another class, so that few rows, all right, do not make a net sure of everything. 1 without rows. See:
 * https://arxiv.org/abs/1706.04599; for the share, Platt 1999.
 */
export function temperatureOf(parts: readonly Watched[], logits: readonly Float64Array[] = parts.map(logitsOf)): number {
  const rows = parts.reduce((sum, { columns }, p) => sum + logits[p]!.length / columns, 0);
  if (rows === 0) return 1;
  const bends = (sharpness: number) => bendsAt(parts, logits, sharpness, 1 / (rows + 2));
  let [low, high] = [bluntest, sharpest];
  let at = 1;
  for (let step = 0; step < mostSteps; step++) {
    const { slope, curvature, size } = bends(at);
    if (!(Math.abs(slope) > rounding * size)) break; // at the bottom, or flat, or no number
    if (slope > 0) high = at;
    else low = at;
    if (low === sharpest || high === bluntest) break;
    let next = at - slope / curvature;
    // Beyond the bracket the end is tried, where it is one of the whole range, else the middle.
    if (!(next < high)) next = high === sharpest ? sharpest : Math.sqrt(low * high);
    if (!(next > low)) next = low === bluntest ? bluntest : Math.sqrt(low * high);
    const moved = Math.abs(next - at);
    at = next;
    if (moved <= precision * at) break;
  }
  return 1 / at;
}

/** Whether the classes of a row exclude each other: class ids, an output for each. */
function excludes({ columns, truth }: Watched, values: ArrayLike<number>): boolean {
  return columns > 1 && truth.length * columns === values.length;
}

/** Logits of probabilities: one for each output that is a yes or no of its own, else the logarithms of the softmax. */
export function logitsOf(watched: Watched): Float64Array {
  const least = 1e-30;
  return excludes(watched, watched.outputs)
    ? Float64Array.from(watched.outputs, (p) => log(Math.max(p, least)))
    : Float64Array.from(watched.outputs, (p) => log(Math.max(p, least)) - log(Math.max(1 - p, 2 ** -24)));
}

/** The weighted -ln p of each row whose logits are multiplied by `sharpness`. */
export function lossesAt(watched: Watched, logits: Float64Array, sharpness: number): Float64Array {
  const { truth, weights, columns } = watched;
  const exclusive = excludes(watched, logits);
  const losses = new Float64Array(logits.length / columns);
  for (let i = 0; i < losses.length; i++) {
    const weight = weights?.[i] ?? 1;
    if (weight === 0) continue;
    const at = i * columns;
    if (!exclusive) {
      for (let k = at; k < at + columns; k++) {
        const z = (truth[k] === 1 ? 1 : -1) * sharpness * logits[k]!;
        losses[i] = losses[i]! + weight * (z > 0 ? log(1 + exp(-z)) : log(1 + exp(z)) - z);
      }
      continue;
    }
    let most = -Infinity;
    for (let j = 0; j < columns; j++) most = Math.max(most, sharpness * logits[at + j]!);
    let total = 0;
    for (let j = 0; j < columns; j++) total += exp(sharpness * logits[at + j]! - most);
    losses[i] = weight * (log(total) + most - sharpness * logits[at + truth[i]!]!);
  }
  return losses;
}

/**
 * First and second derivative of the weighted sum of -ln p by the sharpness, a share `other` of each row belonging to another class; `size`: the
 * sum of the weighted logits that the first is made of, without their signs.
 */
function bendsAt(
  parts: readonly Watched[],
  logits: readonly Float64Array[],
  sharpness: number,
  other: number,
): { slope: number; curvature: number; size: number } {
  let [slope, curvature, size] = [0, 0, 0];
  for (const [p, watched] of parts.entries()) {
    const { truth, weights, columns } = watched;
    const values = logits[p]!;
    const exclusive = excludes(watched, values);
    for (let at = 0, i = 0; at < values.length; at += columns, i++) {
      const weight = weights?.[i] ?? 1;
      if (weight === 0) continue;
      if (!exclusive) {
        for (let k = at; k < at + columns; k++) {
          const z = (truth[k] === 1 ? 1 : -1) * values[k]!;
          const wrong = 1 / (1 + exp(sharpness * z));
          slope += weight * z * (other - wrong);
          size += weight * Math.abs(z);
          curvature += weight * z * z * wrong * (1 - wrong);
        }
        continue;
      }
      let [most, all] = [-Infinity, 0];
      for (let j = 0; j < columns; j++) {
        most = Math.max(most, values[at + j]!);
        all += values[at + j]!;
      }
      let [total, mean, square] = [0, 0, 0];
      for (let j = 0; j < columns; j++) {
        const z = values[at + j]! - most;
        const part = exp(sharpness * z);
        total += part;
        mean += part * z;
        square += part * z * z;
      }
      mean /= total;
      const own = values[at + truth[i]!]!;
      slope += weight * (mean + most - (1 - other) * own - (other * (all - own)) / (columns - 1));
      size += weight * (Math.abs(most) + Math.abs(own));
      curvature += weight * (square / total - mean * mean);
    }
  }
  return { slope, curvature, size };
}
