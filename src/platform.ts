// What the library needs of its surroundings, where engines and test environments differ.

import { fail } from './errors.js';

/** Modules of Node's that some part of the library uses there. */
interface NodeModules {
  'node:fs': typeof import('node:fs');
  'node:fs/promises': typeof import('node:fs/promises');
  'node:os': typeof import('node:os');
  'node:v8': typeof import('node:v8');
  'node:worker_threads': typeof import('node:worker_threads');
}

/** Whether Node's modules are at hand: in Node itself, in Bun and in Deno. */
export const isNode = (): boolean => typeof process === 'object' && process.versions?.node !== undefined;

/**
 * A module of Node's own. Bundlers for browsers do not see the import, which they would resolve whether or not it is ever asked for;
 * and `getBuiltinModule` (Node 20.16) also serves where import() is refused, as inside of Jest.
 */
export async function nodeModule<Name extends keyof NodeModules>(name: Name): Promise<NodeModules[Name]> {
  const builtin = (process as { getBuiltinModule?: (name: string) => unknown }).getBuiltinModule?.(name);
  return (builtin ?? (await import(/* @vite-ignore */ /* webpackIgnore: true */ name))) as NodeModules[Name];
}

/** The encoder or decoder of this environment; jsdom inside of Jest has none of its own, and Node's serves. @throws ERR_UNSUPPORTED. */
function coderOf<Name extends 'TextEncoder' | 'TextDecoder'>(name: Name): (typeof globalThis)[Name] {
  const own = globalThis[name] as (typeof globalThis)[Name] | undefined;
  if (own !== undefined) return own;
  const builtin =
    typeof process === 'object' ? (process as { getBuiltinModule?: (name: string) => unknown }).getBuiltinModule : undefined;
  const util = builtin?.('node:util') as Partial<typeof globalThis> | undefined;
  return (
    util?.[name] ??
    fail(
      'ERR_UNSUPPORTED',
      `This environment has no ${name}. In a setup file of the tests: globalThis.${name} = require('node:util').${name}.`,
    )
  );
}

/** Text as UTF-8. @throws ERR_UNSUPPORTED. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new (coderOf('TextEncoder'))().encode(text);
}

/** A decoder, as `new TextDecoder(…)`. @throws ERR_UNSUPPORTED where there is none; RangeError for an encoding that it does not know. */
export function textDecoder(encoding = 'utf-8', options?: TextDecoderOptions): TextDecoder {
  return new (coderOf('TextDecoder'))(encoding, options);
}

/** What work that its signal ended rejects with. */
export function abortError(message: string): Error {
  if (typeof DOMException === 'function') return new DOMException(message, 'AbortError');
  return Object.assign(new Error(message), { name: 'AbortError' });
}

/** A copy of plain data, lists and objects of it. */
export function copyOfPlain<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOfPlain) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOfPlain(inner)])) as T;
}
