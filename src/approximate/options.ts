// What approximate is asked: the function, its domain, how close the network must come, and what it may cost.

import { Domain } from '../data/domain.js';
import { fail, show } from '../errors.js';
import { choice, given, handler, list, number, readOptions, whole, type Schema } from '../options.js';
import { seedOption } from '../data/random.js';
import { isUint8 } from '../brands.js';

/** What a costly function gives for a point: a number, a list of several, or either with derivatives. */
export type Answer =
  | number
  | ArrayLike<number>
  | {
      /** The number, or the list of numbers. */
      readonly value: number | ArrayLike<number>;
      /** d value / d each input in the order of the domain, or by name; of several values a list of those. */
      readonly gradient?: Gradient | readonly Gradient[];
    };

/** Derivatives of one value in every input: in the order of the domain, or by name. */
export type Gradient = ArrayLike<number> | Readonly<Record<string, number>>;

/** A function to be replaced: of a point, whose coordinates have the names of the domain. */
export type CostlyFunction<Name extends string = string> = (
  point: Readonly<Record<Name, number>>,
) => Answer | PromiseLike<Answer>;

/** Where a function is that worker threads are to call. */
export interface FunctionModule {
  /** Address of a module that exports it: new URL('./pricer.js', import.meta.url). */
  readonly module: URL | string;
  /** The name of the export (default 'default'). */
  readonly name?: string;
}

/** Where approximate stands, and what it has so far. */
export interface ApproximationProgress {
  /** What was just done: points evaluated to learn from, a network trained on them, its errors looked at on new points, or measured for the certificate. */
  readonly phase: 'sampling' | 'training' | 'checking' | 'confirming';
  /** Rounds of sampling and training, from 1. */
  readonly round: number;
  /** Calls of the function so far. */
  readonly evaluations: number;
  /** The 0.99 quantile of the errors on the last points that the network had not seen; undefined before there are any. */
  readonly error: number | undefined;
  /** Since the start, earlier runs that were resumed included. */
  readonly seconds: number;
  /** Everything so far, as bytes for the option `resume`. */
  save(): Uint8Array<ArrayBuffer>;
}

/** Options of approximate. */
export interface ApproximateOptions<Name extends string = string> {
  /** The inputs by name, each with its range [low, high], low < high: at most 32. Answers are good in this box and nowhere else. */
  readonly domain: Readonly<Record<Name, readonly [low: number, high: number]>>;
  /** What the 0.999 quantile of |error| may be at most, in the units of the function, > 0. */
  readonly tolerance: number;
  /** Points, weights and the order of training are drawn from this whole number: the same seed, the same result (default 0). */
  readonly seed?: number;
  /** Points of the first round, a power of two from 64 on (default 2048). */
  readonly samples?: number;
  /** Calls of the function at most, those that confirm the result included: 4,096 and twice `samples` at least (default 131,072). */
  readonly evaluations?: number;
  /** Seconds after which no further round is begun, > 0 (default: no limit). */
  readonly seconds?: number;
  /** Points that the errors are measured on for the certificate (default: as few as the confidence allows, 3,688). More of them let a few errors lie beyond. */
  readonly confirmation?: number;
  /** Units of the hidden layers, with SiLU (default: grows from [64, 64] while the network cannot follow the points it learns from). */
  readonly hiddenLayers?: readonly number[];
  /** What happens when a point outside of the domain is asked for: 'refuse' (default) or 'warn'. The file keeps it. */
  readonly outside?: 'refuse' | 'warn';
  /** Calls under way at a time, for functions that return promises (default 1); worker threads, for a module (default: as many as there are processors). */
  readonly concurrency?: number;
  /** Bytes of an earlier run, from `save()` of its progress or from `details.progress` of the error that ended it, of the same domain. */
  readonly resume?: Uint8Array;
  /** Ends the run: it rejects with an AbortError, whose `progress` holds the bytes to go on from. */
  readonly signal?: AbortSignal;
  /** Called as it goes on. */
  readonly onProgress?: (progress: ApproximationProgress) => void;
}

const approximateRows = {
  domain: given<ApproximateOptions['domain']>(),
  tolerance: number({ min: 0, minExclusive: true }),
  seed: seedOption,
  samples: whole({ min: 64, max: 2 ** 24, default: 2048 }),
  evaluations: whole({ min: 1, max: 2 ** 31, default: 131_072 }),
  seconds: number({ min: 0, minExclusive: true }),
  confirmation: whole({ min: 1, max: 2 ** 24 }),
  hiddenLayers: list(whole({ min: 1, max: 4096 }), '[64, 64]'),
  outside: choice(['refuse', 'warn'], 'refuse'),
  concurrency: whole({ min: 1, max: 1024 }),
  resume: given<Uint8Array>((value, name) => {
    if (!isUint8(value)) fail('ERR_TYPE', `${name}: expected the bytes of an earlier run (Uint8Array), got ${show(value)}.`);
  }),
  signal: given<AbortSignal>(),
  onProgress: handler<(progress: ApproximationProgress) => void>(),
} satisfies Schema<ApproximateOptions>;

/** @throws ERR_OPTION. */
export function readApproximateOptions(options: ApproximateOptions) {
  const read = readOptions(approximateRows, options, 'approximate');
  const tolerance: number | undefined = read.tolerance;
  if (tolerance === undefined) fail('ERR_OPTION', 'tolerance: expected a number > 0, got undefined.');
  if (!Number.isInteger(Math.log2(read.samples)))
    fail(
      'ERR_OPTION',
      `samples: expected a power of two, such as ${2 ** Math.round(Math.log2(read.samples))}, got ${read.samples}.`,
    );
  return { ...read, tolerance, domain: readDomain(read.domain, read.outside) };
}

function readDomain(given: unknown, outside: 'refuse' | 'warn'): Domain {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    fail('ERR_OPTION', `domain: expected a range for each input, such as { S: [50, 150], T: [0.1, 2] }, got ${show(given)}.`);
  const ranges = Object.entries(given);
  if (ranges.length === 0 || ranges.length > 32) fail('ERR_OPTION', `domain: expected 1 to 32 inputs, got ${ranges.length}.`);
  for (const [name, range] of ranges) {
    const fits = Array.isArray(range) && range.length === 2 && range.every(Number.isFinite) && range[0] < range[1];
    if (!fits)
      fail(
        'ERR_OPTION',
        `domain.${name}: expected [low, high] with low < high, got ${Array.isArray(range) ? JSON.stringify(range) : show(range)}.`,
      );
  }
  const column = (end: 0 | 1) => Float64Array.from(ranges, ([, range]) => (range as number[])[end]!);
  return new Domain(
    ranges.map(([name]) => name),
    column(0),
    column(1),
    outside,
  );
}
