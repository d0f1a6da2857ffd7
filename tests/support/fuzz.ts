// Broken files for readers: seeded mutations of valid ones, and the check that whatever comes, a reader answers with a
// result or one of our refusals, quickly, and leaves Object.prototype alone.

import { expect } from 'vitest';
import { Random, keyOf } from '../../src/data/random.js';
import { FeedforwardError } from '../../src/errors.js';

/** FUZZ_RUNS is the least number of mutants of each file, FUZZ_SEED which. */
const fuzzRuns = Number(process.env['FUZZ_RUNS'] ?? 0);
const fuzzSeed = Number(process.env['FUZZ_SEED'] ?? 1);

const interesting = [
  '-1',
  '0',
  '1e999',
  '4294967354',
  '9007199254740993',
  '18446744073709551615',
  '1.5',
  'NaN',
  'null',
  '{}',
  '[]',
  '""',
];
const hostile = [
  '"__proto__":{"polluted":1},',
  '"constructor":{"prototype":{"polluted":1}},',
  '[[[[[[[[',
  '{"a":',
  '\u0000',
  '\\u0000',
  '\\ud800',
];

/** `count` mutants of `bytes`, one to four changes each. The first ones cut it at, and flip, every one of the first 64 bytes. */
export function* mutants(bytes: Uint8Array, count: number, seed = fuzzSeed): Generator<Uint8Array> {
  const random = new Random(keyOf(seed));
  const pick = (n: number) => Math.floor(random.uniform() * n);
  for (let i = 0; i < Math.min(64, bytes.length); i++) {
    yield bytes.slice(0, i);
    const flipped = bytes.slice();
    flipped[i]! ^= 1 << (i % 8);
    yield flipped;
  }
  for (let n = 0; n < Math.max(count, fuzzRuns); n++) {
    let mutant = new Uint8Array(bytes);
    for (let changes = 1 + pick(4); changes > 0; changes--) mutant = change(mutant, pick);
    yield mutant;
  }
}

function change(bytes: Uint8Array<ArrayBuffer>, pick: (n: number) => number): Uint8Array<ArrayBuffer> {
  const at = pick(bytes.length + 1);
  switch (pick(8)) {
    case 0: // a bit
      if (at < bytes.length) bytes[at]! ^= 1 << pick(8);
      return bytes;
    case 1: // a byte
      if (at < bytes.length) bytes[at] = [0, 1, 0x7f, 0x80, 0xff, 0x22, 0x7b, 0x5b][pick(8)]!;
      return bytes;
    case 2: // the end is missing
      return bytes.slice(0, at);
    case 3: // more than there should be
      return splice(bytes, bytes.length, 0, new Uint8Array(1 + pick(64)).fill(pick(256)));
    case 4: // a piece is missing
      return splice(bytes, at, pick(16), new Uint8Array());
    case 5: // a piece is there twice
      return splice(bytes, at, 0, bytes.slice(at, at + pick(64)));
    case 6: // another number where one was
      return splice(bytes, ...numberNear(bytes, at), text(interesting[pick(interesting.length)]!));
    default: // something hostile in the middle
      return splice(bytes, at, 0, text(hostile[pick(hostile.length)]!));
  }
}

const text = (value: string) => new TextEncoder().encode(value);

function splice(bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array<ArrayBuffer> {
  const rest = bytes.subarray(Math.min(bytes.length, at + remove));
  const out = new Uint8Array(at + insert.length + rest.length);
  out.set(bytes.subarray(0, at));
  out.set(insert, at);
  out.set(rest, at + insert.length);
  return out;
}

/** Start and length of the first run of digits from `at`. */
function numberNear(bytes: Uint8Array, at: number): [number, number] {
  const digit = (i: number) => i < bytes.length && bytes[i]! >= 0x30 && bytes[i]! <= 0x39;
  let start = at;
  while (start < bytes.length && !digit(start)) start++;
  let end = start;
  while (digit(end)) end++;
  return [start, end - start];
}

const odd = ['null', 'true', '-1', '0', '1.5', '1e308', '9007199254740993', '""', '"x"', '"__proto__"', '[]', '[[]]', '{}']
  .concat(['[null]', '["a","a"]', '{"length":1e9}', '{"type":"standard"}'])
  .map(
    (text): (() => unknown) =>
      () =>
        JSON.parse(text),
  );

/** JSON texts of `state` with one to three values exchanged for odd ones, taken away, or put in twice. */
export function* tampered(state: unknown, count: number, seed = fuzzSeed): Generator<Uint8Array> {
  const random = new Random(keyOf(seed));
  for (let n = 0; n < Math.max(count, fuzzRuns); n++) {
    const root = { root: JSON.parse(JSON.stringify(state)) as unknown };
    for (let changes = 1 + random.below(3); changes > 0; changes--) {
      const places: [Record<string, unknown>, string][] = [];
      const walk = (holder: Record<string, unknown>) => {
        for (const key of Object.keys(holder)) {
          places.push([holder, key]);
          const value = holder[key];
          if (typeof value === 'object' && value !== null) walk(value as Record<string, unknown>);
        }
      };
      walk(root);
      if (places.length === 0) break;
      const [holder, key] = places[random.below(places.length)]!;
      const how = random.below(8);
      if (how === 0) delete holder[key];
      else if (how === 1 && Array.isArray(holder)) holder.push(JSON.parse(JSON.stringify(holder[key] ?? null)));
      else if (how === 2 && Array.isArray(holder)) holder.pop();
      else holder[key] = odd[random.below(odd.length)]!();
    }
    yield text(JSON.stringify(root.root) ?? 'null');
  }
}

/**
 * Reads every file: anything but a result or a FeedforwardError fails the test, and so does a second for one of them.
 * Returns how many were refused, by code.
 */
export function readAll(read: (bytes: Uint8Array) => unknown, files: Iterable<Uint8Array>): Map<string, number> {
  const outcomes = new Map<string, number>();
  const before = Reflect.ownKeys(Object.prototype).length;
  let number = 0;
  for (const file of files) {
    const start = process.cpuUsage();
    let outcome = 'read';
    try {
      read(file);
    } catch (error) {
      if (!(error instanceof FeedforwardError))
        throw new Error(`file ${number} (${file.length} bytes): ${String(error)}`, { cause: error });
      outcome = error.code;
    }
    const seconds = process.cpuUsage(start).user / 1e6; // processor time: the machine may be busy with other tests
    if (seconds > 1) throw new Error(`file ${number} (${file.length} bytes) took ${seconds} s`);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    number++;
  }
  expect(Reflect.ownKeys(Object.prototype).length).toBe(before);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  return outcomes;
}
