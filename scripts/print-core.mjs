// WebAssembly as text that gzip packs as well as the bytes themselves, and that needs no unpacking: base64 spreads a byte over two
// characters in three ways, which hides what repeats (a core of 20 kB: 10.2 kB as base64, 7.2 as this). Most bytes are one printable
// character each, the rarest two, the first of them one of the last two of the alphabet; bytes are counted from `first` on, so that no table
// is needed. Frequent bytes get the characters that are frequent in minified JavaScript: gzip codes both together. src/predict/core.ts reads it.

import { gzipSync } from 'node:zlib';

/** The printable characters, the most frequent of minified JavaScript first, without those that a string literal may have to escape. */
const characters = "etrn,ia()=so.luc{}:dhfm;pg[]0y&?wb1+>|2v!NAM*-SR/<3OEY_Fxj4Tk58P6IUDC9Hz%L^XZBV7GWQq'JK#~@";
const SINGLE = characters.length - 2;

/** The alphabet for bytes counted from `first`: the character of each rank, then the two that begin a pair. */
function alphabetFor(bytes, first) {
  const uses = new Array(characters.length).fill(0);
  for (const byte of bytes) {
    const rank = (byte - first) & 255;
    uses[rank < SINGLE ? rank : SINGLE + Math.floor((rank - SINGLE) / characters.length)]++;
  }
  const alphabet = new Array(characters.length);
  [...uses.keys()].sort((a, b) => uses[b] - uses[a]).forEach((rank, i) => (alphabet[rank] = characters[i]));
  return alphabet;
}

/** The text of some bytes, in the alphabet that printCore gave for others. */
export function write(bytes, first, alphabet) {
  let text = '';
  for (const byte of bytes) {
    const rank = (byte - first) & 255;
    const rest = rank - SINGLE;
    text += rest < 0 ? alphabet[rank] : alphabet[SINGLE + Math.floor(rest / alphabet.length)] + alphabet[rest % alphabet.length];
  }
  return text;
}

/** The text that gzip makes least of, its alphabet, and the byte that it counts from. */
export function printCore(bytes) {
  let best;
  for (let first = 0; first < 256; first++) {
    const alphabet = alphabetFor(bytes, first);
    const text = write(bytes, first, alphabet);
    const size = gzipSync(text, { level: 9 }).length;
    if (!/<\/script|<!--/i.test(text) && !(size >= best?.size)) best = { text, first, size, alphabet: alphabet.join('') };
  }
  return best;
}

/**
 * Whether every `local.set t, f32x4.mul, local.get t, f32x4.add` of the simd build, as assembly/reading.ts looks for it (whatever is got), is a
 * multiply-add that the relaxed build fuses.
 */
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
