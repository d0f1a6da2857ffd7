// Packs the two binaries into one deflated text. They come from one source and differ in little, but lie further apart
// than deflate's 32 kB window; so slices of them take turns, each beside its twin, and the second copy costs little.
// src/engine/binaries.ts takes them apart again.

import { deflateRawSync } from 'node:zlib';

const slices = 16;

/** What src/engine/binaries.generated.ts holds. */
export function pack(simd, relaxed) {
  const parts = [];
  for (let k = 0; k < slices; k++)
    for (const bytes of [simd, relaxed])
      parts.push(bytes.subarray(Math.floor((bytes.length * k) / slices), Math.floor((bytes.length * (k + 1)) / slices)));
  return {
    slices,
    simd: simd.length,
    relaxed: relaxed.length,
    deflated: deflateRawSync(Buffer.concat(parts), { level: 9, memLevel: 9 }).toString('base64'),
  };
}
