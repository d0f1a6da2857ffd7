// What is read from a file is checked, and refused as a fault of the file.

import { fail, FeedforwardError, show } from '../errors.js';
import type { Json } from './json.js';

/** @throws ERR_FORMAT: `problem` is what is wrong with the model file. */
export function refuse(problem: string): never {
  return fail('ERR_FORMAT', `Model file: ${problem}.`);
}

/** What a check of options says about a file is about the file: ERR_FORMAT. `what` is what messages call the file. */
export function inFile<T>(check: () => T, what = 'Model file'): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof FeedforwardError)) throw error;
    throw new FeedforwardError('ERR_FORMAT', `${what}: ${error.message}`, { ...error.details, cause: error.code }, error);
  }
}

/** The fields of a JSON object, which has these names and no others. `what` is what messages call it. */
export function fieldsOf(json: Json | undefined, names: readonly string[], what: string): Record<string, Json | undefined> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return refuse(`${what} is ${show(json)}, not an object`);
  for (const key of Object.keys(json)) if (!names.includes(key)) refuse(`${what} has an unknown field ${show(key)}`);
  return Object.fromEntries(
    names.map((name) => [name, Object.hasOwn(json, name) ? (json as Record<string, Json>)[name] : undefined]),
  );
}

/** A number, among which NaN and the infinities are strings. */
export function readNumber(json: Json | undefined, what: string): number {
  if (typeof json === 'number') return json;
  if (json === 'NaN' || json === 'Infinity' || json === '-Infinity') return Number(json);
  return refuse(`${what} is ${show(json)}, not a number`);
}

/** A whole number from 0. */
export function readCount(json: Json | undefined, what: string): number {
  if (typeof json !== 'number' || !Number.isSafeInteger(json) || json < 0)
    return refuse(`${what} is ${show(json)}, not a whole number`);
  return json;
}
