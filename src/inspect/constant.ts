// What a network is measured against: the loss of the best answer that is the same for every row, and the least loss there can be.

import { goldenSection } from '../data/goldenSection.js';
import type { NetworkPlan } from '../plan/network.js';
import type { Rows } from '../training/rows.js';

export interface Reference {
  /** Loss of the best constant answer. */
  readonly constant: number;
  /** Loss of answers that are the targets themselves: 0 for most losses. */
  readonly least: number;
}

/** undefined for a loss of the user's own, of which nothing is known. */
export function referenceOf(rows: Rows, { loss, outputs, targetColumns }: NetworkPlan): Reference | undefined {
  const { y, rows: n } = rows;
  const column = (j: number) => Array.from({ length: n }, (_, i) => y[i * targetColumns + j]!);
  const overColumns = (figure: (t: readonly number[]) => number): number => {
    let sum = 0;
    for (let j = 0; j < targetColumns; j++) sum += figure(column(j));
    return sum / targetColumns;
  };
  const plain = (of: (d: number, t: number, p: number) => number): Reference => ({
    constant: overColumns((t) => leastOf(t, (p) => meanOf(t, (v) => of(p - v, v, p)))),
    least: 0,
  });
  const { a } = loss;
  switch (loss.name) {
    case 'custom':
      return undefined;
    case 'meanSquaredError':
      return {
        constant: overColumns((t) => {
          const mean = meanOf(t, (v) => v);
          return meanOf(t, (v) => (v - mean) ** 2);
        }),
        least: 0,
      };
    case 'meanAbsoluteError':
      return plain(Math.abs);
    case 'huber':
      return plain((d) => (Math.abs(d) <= a ? d ** 2 / 2 : a * (Math.abs(d) - a / 2)));
    case 'logCosh':
      return plain((d) => Math.abs(d) + Math.log1p(Math.exp(-2 * Math.abs(d))) - Math.LN2);
    case 'pinball': {
      const own = loss.levels ?? [a];
      return {
        constant: overColumns((t) =>
          meanOf(own, (q) => leastOf(t, (p) => meanOf(t, (v) => (v >= p ? q * (v - p) : (1 - q) * (p - v))))),
        ),
        least: 0,
      };
    }
    case 'gaussianNll': {
      const of = (variance: number) => Math.log(Math.max(variance, a));
      return {
        constant: overColumns((t) => {
          const mean = meanOf(t, (v) => v);
          const variance = meanOf(t, (v) => (v - mean) ** 2);
          return (of(variance) + variance / Math.max(variance, a)) / 2;
        }),
        least: of(0) / 2,
      };
    }
    case 'hinge':
      return plain((_, t, p) => Math.max(0, 1 - t * p));
    case 'squaredHinge':
      return plain((_, t, p) => Math.max(0, 1 - t * p) ** 2);
    case 'modifiedHuber':
      return plain((_, t, p) => (t * p < -1 ? -4 * t * p : Math.max(0, 1 - t * p) ** 2));
    case 'zeroOne': // of answers of -1 and 1 what the perceptron's loss is
    case 'perceptron': // an answer of 0 costs nothing and says nothing: one of -1 or 1 it is
      return { constant: overColumns((t) => Math.min(...[-1, 1].map((p) => meanOf(t, (v) => Math.max(0, -v * p))))), least: 0 };
    case 'poisson': {
      const of = (p: number, t: number) => p - (t === 0 ? 0 : t * Math.log(p));
      return {
        constant: overColumns((t) => {
          const p = meanOf(t, (v) => v);
          return of(p, p);
        }),
        least: overColumns((t) => meanOf(t, (v) => of(v, v))),
      };
    }
    case 'binaryCrossEntropy': {
      const smooth = (t: number) => t * (1 - a) + a / 2;
      const entropy = (p: number) => -xlogx(p) - xlogx(1 - p);
      return {
        constant: overColumns((t) => entropy(meanOf(t, smooth))),
        least: overColumns((t) => meanOf(t, (v) => entropy(smooth(v)))),
      };
    }
    default: {
      // Rows of probabilities, or class ids.
      const sparse = loss.targets === 'class';
      const smoothing = loss.name === 'klDivergence' ? 0 : a;
      const at = (i: number, j: number) =>
        (sparse ? Number(y[i] === j) : y[i * outputs + j]!) * (1 - smoothing) + smoothing / outputs;
      const means = new Array<number>(outputs).fill(0);
      let own = 0;
      for (let i = 0; i < n; i++)
        for (let j = 0; j < outputs; j++) {
          means[j]! += at(i, j) / n;
          own -= xlogx(at(i, j)) / n;
        }
      const constant = -means.reduce((sum, p) => sum + xlogx(p), 0);
      return loss.name === 'klDivergence' ? { constant: constant - own, least: 0 } : { constant, least: own };
    }
  }
}

const xlogx = (p: number): number => (p > 0 ? p * Math.log(p) : 0);

function meanOf(values: readonly number[], of: (value: number) => number): number {
  let sum = 0;
  for (const value of values) sum += of(value);
  return sum / values.length;
}

/** The least value of a convex function between the ends of the values. */
function leastOf(values: readonly number[], of: (p: number) => number): number {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return of(goldenSection(of, low, high, 40));
}
