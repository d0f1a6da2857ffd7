// WebAssembly as text that gzip packs as well as the bytes themselves, and that needs no unpacking: base64 spreads a byte over two
// characters in three ways, which hides what repeats (a core of 23 kB: 11.3 kB as base64, 8.4 as this). The 89 most frequent bytes are
// one printable character each, the others two, the first of them } or ~; bytes are counted from `first` on, so that no table is needed.
// src/predict/core.ts reads it.

/** The printable characters, without those that a string literal would escape, in order. */
const characters = Array.from({ length: 92 }, (_, i) => String.fromCharCode(35 + i)).filter((c) => c !== '\\');
const SINGLE = characters.length - 2;

function write(bytes, first) {
  let text = '';
  for (const byte of bytes) {
    const rank = (byte - first) & 255;
    const rest = rank - SINGLE;
    text +=
      rest < 0
        ? characters[rank]
        : characters[SINGLE + Math.floor(rest / characters.length)] + characters[rest % characters.length];
  }
  return text;
}

/** The shortest such text, and the byte that it counts from. */
export function printCore(bytes) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte]++;
  const singles = (first) => Array.from({ length: SINGLE }, (_, i) => counts[(first + i) & 255]).reduce((a, b) => a + b);
  const best = counts.reduce((found, _, first) => (singles(first) > singles(found) ? first : found), 0);
  const text = write(bytes, best);
  if (/<\/script|<!--/i.test(text)) throw new Error('The printed core would end a script element: count from another byte.');
  return { text, first: best };
}

/** `local.set t, f32x4.mul, local.get t, f32x4.add`: a multiply-add in the simd build, and at as many bytes the fused one. */
export function fusable(simd, relaxed) {
  const pairs = (bytes) => {
    let found = 0;
    for (let i = 0; i + 9 < bytes.length; i++)
      if (
        bytes[i] === 0x21 &&
        bytes[i + 2] === 0xfd &&
        bytes[i + 3] === 0xe6 &&
        bytes[i + 4] === 1 &&
        bytes[i + 5] === 0x20 &&
        bytes[i + 6] === bytes[i + 1] &&
        bytes[i + 7] === 0xfd &&
        bytes[i + 8] === 0xe4
      )
        found++;
    return found;
  };
  let fused = 0;
  for (let i = 0; i + 2 < relaxed.length; i++)
    if (relaxed[i] === 0xfd && relaxed[i + 1] === 0x85 && relaxed[i + 2] === 2) fused++;
  return fused > 0 && pairs(simd) === fused;
}
