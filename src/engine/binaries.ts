// The two binaries, inlined: the relaxed build packed, and the unpacker, itself WebAssembly, that makes both of it
// (tools/unpack).

import type { instantiate } from '../../build/unpack.js';
import { packed } from './binaries.generated.js';
import { exportsOf } from './instance.js';

type Unpacker = Awaited<ReturnType<typeof instantiate>>;

/** The two binaries: 'simd', and 'relaxed' with fused multiply-add. */
export type Build = 'simd' | 'relaxed';

/** Bytes of a binary. */
export function byteLengthOf(build: Build): number {
  return packed[build];
}

/**
 * The bytes of a binary, unpacked: takes about two milliseconds. With `sharedPages`, its memory is imported (env.memory),
 * shared and growable to so many pages.
 */
export function binary(build: Build, sharedPages = 0): Uint8Array<ArrayBuffer> {
  const unpacker = exportsOf<Unpacker>(new WebAssembly.Module(fromBase64(packed.unpacker)));
  const { memory, source, unpack, unfuse, share } = unpacker;
  new Uint8Array(memory.buffer).set(fromBase64(packed.core), source());
  let at = unpack(packed.relaxed);
  let size: number = packed.relaxed;
  if (build === 'simd') [at, size] = [at + size, unfuse(size)];
  if (sharedPages > 0) [at, size] = [at + size, share(at, size, sharedPages)];
  return new Uint8Array(memory.buffer as ArrayBuffer, at, size);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  if (typeof Buffer === 'function') return Buffer.from(text, 'base64');
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}
