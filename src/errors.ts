// The one error class users meet. Every refusal in the library is a FeedforwardError with a stable code;
// the message names the argument, what was expected, what came, and the way out.

/** Stable codes: programs may switch on them; messages may change between versions, codes do not. */
export type ErrorCode =
  | 'ERR_SHAPE' // rows, columns or lengths do not fit
  | 'ERR_EMPTY' // no rows, or no columns
  | 'ERR_TYPE' // not a number where a number is expected
  | 'ERR_NONFINITE' // NaN or an infinity where a finite number is expected
  | 'ERR_RANGE' // a finite double that overflows float32, a probability outside [0, 1], a point outside of an approximation's domain
  | 'ERR_OPTION' // an option's name or value
  | 'ERR_LABEL' // a target that does not fit the loss or the classes
  | 'ERR_BATCH' // a batch too small for what the network does with it
  | 'ERR_STATE' // called out of order
  | 'ERR_BUSY' // the model is training
  | 'ERR_DISPOSED' // used after terminate()
  | 'ERR_MEMORY' // not enough WebAssembly memory
  | 'ERR_DIVERGED' // training reached a non-finite loss
  | 'ERR_FORMAT' // a file that is not what it says
  | 'ERR_FILE' // a file that cannot be read or written
  | 'ERR_WORKER' // a worker that died
  | 'ERR_UNSUPPORTED'; // this engine, or this format, cannot do it

/**
 * What every function of the library throws, or rejects with, when it refuses. `code` is stable, `message` is for people.
 *
 * @example
 * try {
 *   new MLP({ inputs: 0, layers: [dense(1)] });
 * } catch (error) {
 *   if (!(error instanceof FeedforwardError)) throw error;
 *   error.code;     // 'ERR_SHAPE'
 *   error.message;  // 'inputs: expected a whole number from 1 to …'
 * }
 */
export class FeedforwardError extends Error {
  /** The stable code: programs may decide by it, while messages may change. */
  readonly code: ErrorCode;
  /**
   * Facts behind the message, for programs: row, column, epoch, batch, … Where options are the way out, `fix` lists them, any one of which
   * makes the refused call pass, and `problem` is the message without the way out, so that a program may name it in words of its own.
   */
  readonly details: Readonly<Record<string, unknown>>;

  /** An error of the library: a stable code, a message for people, facts for programs, and what caused it. */
  constructor(code: ErrorCode, message: string, details: Record<string, unknown> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'FeedforwardError';
    this.code = code;
    this.details = details;
  }
}

/** Throws a FeedforwardError; an expression, so that it can stand on the right of `??`. */
export function fail(code: ErrorCode, message: string, details?: Record<string, unknown>): never {
  throw new FeedforwardError(code, message, details);
}

/** How a value is quoted in a message: short, on one line, never the whole array. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (typeof value === 'object' && value !== null) return `an object with ${keysOf(value)}`;
  return Object.is(value, -0) ? '-0' : String(value);
}

function keysOf(value: object): string {
  const keys = Object.keys(value);
  if (keys.length === 0) return 'no keys';
  return `keys ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ', ...' : ''}`;
}

/** The candidate nearest to `word` by edit distance, or undefined when none is near (more than a third of it off). */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.min(word.length, Math.max(2, Math.floor(word.length / 3)) + 1); // one letter is near no other
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      bestDistance = distance;
      best = candidate;
    }
  }
  return best;
}

/** Edits (insert, delete, replace, swap of neighbours) that turn a into b. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 8) return 9;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let d = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d = Math.min(d, before[j - 2]! + 1);
      row.push(d);
    }
    before = above;
    above = row;
  }
  return above[b.length]!;
}
