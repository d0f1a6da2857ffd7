// The exponential moving average of a sequence, with the two usual ways to begin it.

import { doubles } from './allocate.js';
import { fail, show } from '../errors.js';
import { checkNumber, choice, flag, number, readOptions, type Schema } from '../options.js';

/** Options of ema: how long it remembers, and how it begins. */
export interface EmaOptions {
  /** The share of the average that each value leaves of it, in [0, 1), default 0.9: an average over some 1 / (1 - beta) values. */
  readonly beta?: number;
  /** Default 'first': s(1) = y(1). 'zero': s(0) = 0, so that s(1) = (1 - beta) y(1). */
  readonly start?: 'first' | 'zero';
  /** Default false. true: s(k) / (1 - beta^k), which takes the pull of the zero out again; with `start: 'zero'` alone. */
  readonly biasCorrection?: boolean;
}

const emaRows = {
  beta: number({ min: 0, max: 1, maxExclusive: true, default: 0.9 }),
  start: choice(['first', 'zero'], 'first'),
  biasCorrection: flag(false),
} satisfies Schema<EmaOptions>;

/**
 * The exponential moving average of `values`: s(k) = beta s(k - 1) + (1 - beta) y(k), a float64 number for each of them. It begins at the first value,
 * s(1) = y(1), or at 0 (`start: 'zero'`), the convention of sgd({ form: 'ema' }) and Adam, which divide by 1 - beta^k where they correct its
 * bias. The three differ by beta^k and less, so they agree after some multiples of 1 / (1 - beta) values.
 *
 * `values` are a list or typed array of finite numbers, of any length (no values, no averages).
 * @throws ERR_TYPE for values that are no list of numbers; ERR_NONFINITE; ERR_OPTION for an option there is not, or a value out of range.
 *
 * @example
 * ema([4, 8, 8], { beta: 0.5 });                                        // Float64Array [4, 6, 7]
 * ema([4, 8, 8], { beta: 0.5, start: 'zero' });                         // Float64Array [2, 5, 6.5]
 * ema([4, 8], { beta: 0.5, start: 'zero', biasCorrection: true });      // Float64Array [4, 6.666666666666667]
 */
export function ema(values: ArrayLike<number>, options: EmaOptions = {}): Float64Array {
  const { beta, start, biasCorrection } = readOptions(emaRows, options, 'ema', 'ema.');
  if (biasCorrection && start === 'first')
    fail('ERR_OPTION', "ema.biasCorrection: an average that starts at the first value has no bias. Use start: 'zero' with it.");
  if (typeof values !== 'object' || values === null || !Number.isSafeInteger(values.length))
    fail('ERR_TYPE', `values: expected a list of numbers, got ${show(values)}.`);
  const averages = doubles(values.length, `${values.length} averages`);
  let average = 0;
  let remembered = 1; // beta^k
  for (let k = 0; k < values.length; k++) {
    const value: unknown = values[k];
    if (typeof value === 'number' && !Number.isFinite(value))
      fail('ERR_NONFINITE', `values[${k}]: expected a finite number, got ${value}.`, { index: k });
    const y = checkNumber(value, `values[${k}]`);
    average = k === 0 && start === 'first' ? y : beta * average + (1 - beta) * y;
    remembered *= beta;
    averages[k] = biasCorrection ? average / (1 - remembered) : average;
  }
  return averages;
}
