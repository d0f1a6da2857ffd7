// Catching refusals in tests: what was thrown, and that it was one of ours.

import { FeedforwardError, type ErrorCode } from '../../src/errors.js';

/** The FeedforwardError that `action` throws. Any other outcome fails the test. */
export function refusal(action: () => unknown): FeedforwardError {
  try {
    action();
  } catch (error) {
    if (error instanceof FeedforwardError) return error;
    throw new Error(`expected a FeedforwardError, got ${String(error)}`, { cause: error });
  }
  throw new Error('expected a FeedforwardError, but nothing was thrown');
}

/** The code of the refusal. */
export function codeOf(action: () => unknown): ErrorCode {
  return refusal(action).code;
}

/** The FeedforwardError that a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<FeedforwardError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  return refusal(() => {
    if (outcome !== undefined) throw outcome.error;
  });
}
