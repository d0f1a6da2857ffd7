// Calls what a student wrote, and says in words what went wrong that is no number: nothing exported, an error, nothing returned, arguments changed.

import { nearest } from '../errors.js';
import { kindOf } from './answer.js';

/** What a student's module exports. */
export type StudentModule = Readonly<Record<string, unknown>>;

/** What the one who runs a check adds to it. */
export interface Surroundings {
  /** Told before each call: who runs the checks can end a call that does not. */
  readonly onCall?: (name: string, about: string) => void;
  /** Where in the student's file an error comes from: "line 12". */
  readonly where?: (error: unknown) => string | undefined;
}

/** A call that gave no answer. */
export interface Refused {
  readonly problem: string;
  readonly hint?: string;
}

/** Thrown by functions that the labs hand to a student's, when they are called with what they cannot take. */
export class Misuse extends Error {}

/** @returns the answer, or why there is none. */
export function call(
  module: StudentModule,
  name: string,
  args: readonly unknown[],
  about: string,
  { onCall, where }: Surroundings,
): { readonly answer: unknown } | Refused {
  const found = exported(module, name);
  if (typeof found !== 'function') return missing(module, name, found);
  const given = args.map(copyOf);
  onCall?.(name, about);
  let answer: unknown;
  try {
    answer = Reflect.apply(found, undefined, given);
  } catch (error) {
    return threw(name, error, where);
  }
  if (isPromise(answer))
    return {
      problem: `${name} returned a Promise, expected the answer itself`,
      hint: 'Write the function without async and await.',
    };
  if (answer === undefined)
    return {
      problem: `${name} returned undefined`,
      hint: 'Is there a gap to fill in yet, or a branch of the function without a return?',
    };
  const changed = args.findIndex((arg, i) => !isUnchanged(arg, given[i]));
  if (changed >= 0) {
    const place = changeIn(args[changed], given[changed]);
    return {
      problem: `${name} changed what it was given: argument ${changed + 1}${place}`,
      hint: 'Whoever calls a function still needs what it handed over. Make new lists, and return those.',
    };
  }
  return { answer };
}

/** An export by name, or a property of the default export, as CommonJS has it. */
function exported(module: StudentModule, name: string): unknown {
  if (module[name] !== undefined) return module[name];
  const whole = module['default'];
  return typeof whole === 'object' && whole !== null ? (whole as StudentModule)[name] : undefined;
}

function missing(module: StudentModule, name: string, found: unknown): Refused {
  if (found !== undefined) return { problem: `${name} is ${kindOf(found)}, expected a function` };
  const near = nearest(
    name,
    Object.keys(module).filter((key) => typeof module[key] === 'function'),
  );
  return {
    problem: `the file exports no function ${name}`,
    hint: near === undefined ? `Keep the word export in front of function ${name}.` : `It exports ${near}: is that the one?`,
  };
}

function threw(name: string, error: unknown, where: Surroundings['where']): Refused {
  const text = textOf(error);
  const line = where?.(error);
  const place = line === undefined ? '' : ` (${line})`;
  if (/Maximum call stack|too much recursion/.test(text))
    return {
      problem: `${name} calls itself without end${place}`,
      hint: 'A function that calls itself needs a case in which it does not.',
    };
  if (error instanceof Misuse) return { problem: `${name}${place} ${error.message}` };
  const hint = /of undefined|is undefined|undefined is not/.test(text)
    ? 'Something was read that is not there: an index one too far, rows taken for columns, or another name.'
    : undefined;
  return { problem: `${name} threw ${text}${place}`, ...(hint === undefined ? {} : { hint }) };
}

/** An error in words, whatever was thrown. */
export function textOf(error: unknown): string {
  try {
    const text = typeof error === 'object' && error !== null && 'message' in error ? String(error) : kindOf(error);
    const line = text.replace(/\s+/g, ' ').trim();
    return line.length > 300 ? `${line.slice(0, 299)}…` : line;
  } catch {
    return 'something that cannot be shown';
  }
}

function isPromise(value: unknown): boolean {
  try {
    return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return false; // a getter or a proxy, of which the reading will tell
  }
}

/** Lists and records anew; functions as they are. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOf(inner)]));
}

function isUnchanged(before: unknown, after: unknown): boolean {
  return changeIn(before, after) === '';
}

/** Where two values differ, in words: ", at [0].W[1]". */
function changeIn(before: unknown, after: unknown, at = ''): string {
  const here = at === '' ? ' is another one' : `, at ${at}`;
  if (typeof before !== 'object' || before === null) {
    if (typeof before === 'number' && typeof after === 'number') return before === after || Object.is(before, after) ? '' : here;
    return before === after ? '' : here;
  }
  if (typeof after !== 'object' || after === null) return here;
  const keys = Object.keys(before);
  if (Object.keys(after).length !== keys.length) return here;
  for (const key of keys) {
    const step = Array.isArray(before) ? `[${key}]` : `.${key}`;
    const inner = changeIn((before as Record<string, unknown>)[key], (after as Record<string, unknown>)[key], `${at}${step}`);
    if (inner !== '') return inner;
  }
  return '';
}
