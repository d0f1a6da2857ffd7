// The loop: sample, learn, look where it errs, sample there; and when it seems good enough, measure errors on points drawn for that alone.

import { fewestDraws } from '../data/certainty/quantileBound.js';
import { FeedforwardError, fail, show } from '../errors.js';
import { isUrl } from '../brands.js';
import { readApproximateOptions, type ApproximateOptions, type CostlyFunction, type FunctionModule } from './options.js';
import type { Approximation } from './approximation.js';
import { Evaluator } from './evaluator.js';
import { FunctionThreads } from './threads.js';
import { Run } from './run.js';

/**
 * A network in place of a costly function: calls `f` at points of the domain, trains a network on what it gave, looks where the network errs, calls f
 * there, and so on, until errors on points never used before show that the tolerance is met, or `evaluations` or `seconds` are spent. What comes back
 * predicts some hundred thousand to millions of points a second and holds a certificate: how large errors are and with what confidence, the worst
 * point found, what it cost, after how many calls it pays, and what a Chebyshev tensor would need. Where the tolerance was not met the certificate
 * says so (`met: false`), with the bound that was reached.
 *
 * `f` gets a point as an object of numbers, by the names of the domain, and gives a number, a list of numbers, or { value, gradient }; it may return a
 * promise. For worker threads pass where it is instead: the URL of a module that exports it by default, or { module, name }. f must be
 * deterministic: noise counts as error.
 *
 * The bound is an order statistic of errors on independent points, so it supposes nothing about them: of 3,688 or more none, or few, lie beyond the
 * tolerance. A run may try to confirm more than once: the k-th confirmation may fail with probability 0.05 / 2^k, so that all of them together are
 * wrong with at most 0.05. The same seed, function and options give the same network; `seconds` is the exception.
 *
 * Rejects with ERR_OPTION; ERR_TYPE, ERR_SHAPE, ERR_NONFINITE for what f gave; ERR_STATE where f threw, its error as `cause`; ERR_WORKER; AbortError by
 * the signal. Nothing that was paid for is lost: `details.progress` of the error (of an AbortError `progress`) are bytes for the option `resume`.
 *
 * @example
 * const slow = ({ a, b }) => Math.exp(-a * b);
 * const fast = await approximate(slow, { domain: { a: [0, 1], b: [0, 2] }, tolerance: 0.02, samples: 256 });
 * Math.abs(fast.predict([{ a: 0.5, b: 1 }]).data[0] - slow({ a: 0.5, b: 1 })) < 0.02;  // true
 * console.log(fast.toString());
 */
export async function approximate<const Name extends string>(
  f: CostlyFunction<Name> | FunctionModule | URL,
  options: ApproximateOptions<Name>,
): Promise<Approximation> {
  const settings = readApproximateOptions(options);
  const { domain, signal } = settings;
  const fewest = fewestDraws(0.999, 0.975);
  if (settings.confirmation !== undefined && settings.confirmation < fewest)
    fail('ERR_OPTION', `confirmation: ${settings.confirmation} points cannot give the confidence. Take ${fewest} at least.`);
  const threads = typeof f === 'function' ? undefined : await FunctionThreads.start(moduleOf(f), settings.concurrency);
  const concurrency = threads?.count ?? settings.concurrency ?? 1;
  const evaluator = new Evaluator(threads ?? (f as CostlyFunction), domain, concurrency, signal);
  let run: Run | undefined;
  try {
    run = await Run.start(evaluator, settings);
    return await run.finish();
  } catch (error) {
    throw run === undefined ? error : withProgress(error, run.save());
  } finally {
    threads?.stop();
  }
}

function moduleOf(f: unknown): FunctionModule {
  if (isUrl(f)) return { module: f };
  const { module } = (f ?? {}) as Partial<FunctionModule>;
  if (typeof module !== 'string' && !isUrl(module))
    fail('ERR_TYPE', `f: expected a function, the URL of a module, or { module, name }, got ${show(f)}.`);
  return f as FunctionModule;
}

/** The error that ended a run, with the bytes to go on from. */
function withProgress(error: unknown, progress: Uint8Array): unknown {
  if (error instanceof FeedforwardError) {
    const text = `${error.message} What f gave before is in details.progress: pass it as resume.`;
    return new FeedforwardError(error.code, text, { ...error.details, progress }, error.cause ?? error);
  }
  if ((error as { name?: unknown } | null)?.name === 'AbortError') Object.assign(error as object, { progress });
  return error;
}
