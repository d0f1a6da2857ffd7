// The two binaries, inlined: the relaxed build packed, and the unpacker, itself WebAssembly, that makes both of it
// (assembly/unpack.ts, scripts/pack-binaries.mjs).

import type { instantiate } from '../../build/unpack.js';
import { packed } from './binaries.generated.js';

export type Build = 'simd' | 'relaxed';

/** Bytes of a binary. */
export function byteLengthOf(build: Build): number {
  return packed[build];
}

/** The bytes of a binary, unpacked: takes about two milliseconds. */
export function binary(build: Build): Uint8Array {
  const { memory, source, unpack, unfuse } = new WebAssembly.Instance(new WebAssembly.Module(fromBase64(packed.unpacker)))
    .exports as unknown as Awaited<ReturnType<typeof instantiate>>;
  new Uint8Array(memory.buffer).set(fromBase64(packed.core), source());
  const at = unpack(packed.relaxed);
  return new Uint8Array(
    memory.buffer,
    ...(build === 'relaxed' ? [at, packed.relaxed] : [at + packed.relaxed, unfuse(packed.relaxed)]),
  );
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  if (typeof Buffer === 'function') return Buffer.from(text, 'base64');
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}
