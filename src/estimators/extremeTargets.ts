// Targets of which a few lie so far from all others that they carry most of the squared spread: 8525 among taxi fares around 15. Squared errors
// and R^2 are then about these rows alone. Said when fitting; nothing is left out.

import type { Finding } from '../data/findings.js';
import { formatFigure } from '../training/history.js';

/** How many times as far from the median as 95 % of the numbers: of a normal distribution 20 deviations. */
const FAR = 10;
/** The same of the logarithms of numbers that are never negative, so that a long tail of prices, counts or waiting times is none. */
const FAR_LOGARITHM = 2.2;
/** At most so many numbers, or so large a share: more are a group of their own. */
const [FEW, FEW_SHARE] = [3, 0.01];
/** Of the squared spread. */
const MOST = 0.5;
const FEWEST_ROWS = 10;

export interface ExtremeTargets {
  /** How many there are. */
  readonly count: number;
  /** The one furthest from the median, and its row. */
  readonly furthest: number;
  readonly row: number;
  /** Of all numbers. */
  readonly median: number;
  /** What these carry of the squared distances from the mean, in (0.5, 1]. */
  readonly share: number;
  readonly least: number;
}

/** The few numbers that carry most of the squared spread of all; undefined where there are none. */
export function extremeTargets(values: Float64Array): ExtremeTargets | undefined {
  const { length } = values;
  if (length < FEWEST_ROWS) return undefined;
  const { middle, reach } = spreadOf(values);
  if (reach === 0) return undefined;
  let far: number[] = [];
  values.forEach((value, i) => {
    if (Math.abs(value - middle) > FAR * reach) far.push(i);
  });
  if (far.length === 0) return undefined;
  const least = values.reduce((least, value) => Math.min(least, value), Infinity);
  if (least >= 0) {
    const logarithms = spreadOf(values.filter((value) => value > 0).map(Math.log));
    far = far.filter((i) => Math.abs(Math.log(values[i]!) - logarithms.middle) > FAR_LOGARITHM * logarithms.reach);
  }
  if (far.length === 0 || far.length > Math.max(FEW, FEW_SHARE * length)) return undefined;
  const mean = values.reduce((sum, value) => sum + value / length, 0);
  const square = (sum: number, value: number) => sum + (value - mean) ** 2;
  const share = far.map((i) => values[i]!).reduce(square, 0) / values.reduce(square, 0);
  if (!(share > MOST)) return undefined;
  const row = far.reduce((a, b) => (Math.abs(values[b]! - middle) > Math.abs(values[a]! - middle) ? b : a));
  return { count: far.length, furthest: values[row]!, row, median: middle, share, least };
}

/** The median, and how far from it 95 % of the other numbers lie at most. Numbers that are the median do not count: zeros of rare events. */
function spreadOf(values: Float64Array): { readonly middle: number; readonly reach: number } {
  const sorted = values.slice().sort();
  const middle = sorted[(sorted.length - 1) >> 1]!;
  const distances = sorted
    .map((value) => Math.abs(value - middle))
    .filter((distance) => distance > 0)
    .sort();
  return { middle, reach: distances[Math.floor(0.95 * (distances.length - 1))] ?? 0 };
}

/** How targets are called and written in what is said of them. */
export interface TargetWords {
  /** What the numbers are called. */
  readonly what: string;
  /** A row in words. */
  readonly where: (row: number) => string;
  /** A number as people write it (default: a figure). */
  readonly text?: ((value: number) => string) | undefined;
  /** Whether the loss lets a row count by its distance, not by the square of it. */
  readonly robust: boolean;
}

/** That, in a list of at most one finding. */
export function extremeFindings(values: Float64Array, { what, where, text = formatFigure, robust }: TargetWords): Finding[] {
  const found = extremeTargets(values);
  if (found === undefined) return [];
  const { count, furthest, row, median, share, least } = found;
  const one = count === 1;
  const named = `${text(furthest)} (${where(row)}; the median is ${text(median)})`;
  const logarithm = least > 0 ? 'the logarithm' : 'asinh of it, a logarithm that takes 0 and numbers below';
  const real = robust ? `learn ${logarithm}` : `use loss: 'huber' or 'meanAbsoluteError', or learn ${logarithm}`;
  return [
    {
      kind: 'extremeTarget',
      message: `${what} has ${count} extreme value${one ? '' : 's'} in ${values.length} rows, ${one ? '' : 'the furthest '}${named}. ${one ? 'It carries' : 'They carry'} ${percent(share)} of the squared spread, so R^2 and the squared error say little of the other rows: go by the mean absolute error.`,
      fix: `Drop ${one ? 'it if it is an error; if it is' : 'them if they are errors; if they are'} real, ${real}.`,
    },
  ];
}

/** Whether a loss of this name lets a row count by its distance, not by the square of it. */
export const isRobustLoss = (name: string): boolean => !/^mse|Squared|Nll/.test(name);

const percent = (share: number) => `${share > 0.99 ? Math.floor(1000 * share) / 10 : Math.floor(100 * share)} %`;
