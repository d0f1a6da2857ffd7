// The two binaries, inlined: one deflated text holds both, slice beside slice (scripts/pack-binaries.mjs).

import { inflateSync } from 'fflate';
import { packed } from './binaries.generated.js';

export type Build = 'simd' | 'relaxed';

/** Bytes of a binary. */
export function byteLengthOf(build: Build): number {
  return packed[build];
}

let both: Record<Build, Uint8Array> | undefined;

/** The bytes of a binary. Unpacks both, once. */
export function binary(build: Build): Uint8Array {
  both ??= unpack();
  return both[build];
}

function unpack(): Record<Build, Uint8Array> {
  const { slices } = packed;
  const stream = inflateSync(fromBase64(packed.deflated), { out: new Uint8Array(packed.simd + packed.relaxed) });
  const simd = new Uint8Array(packed.simd);
  const relaxed = new Uint8Array(packed.relaxed);
  let at = 0;
  for (let k = 0; k < slices; k++)
    for (const bytes of [simd, relaxed]) {
      const from = Math.floor((bytes.length * k) / slices);
      const length = Math.floor((bytes.length * (k + 1)) / slices) - from;
      bytes.set(stream.subarray(at, at + length), from);
      at += length;
    }
  return { simd, relaxed };
}

function fromBase64(text: string): Uint8Array {
  if (typeof Buffer === 'function') return Buffer.from(text, 'base64');
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}
