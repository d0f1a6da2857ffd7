// A module with relaxed dot products as one that every engine with SIMD takes: at each place of one stands an instruction of as many bytes and
// operands, v128.bitselect with its number padded to two bytes. Where the engine knows the dot product it is put back (src/integer/kernel.ts);
// where it does not, the code around it never runs.

const DOT = [0xfd, 0x93, 0x02];
const STAND_IN = [0xfd, 0xd2, 0x00];

/** The module without relaxed dot products, and where they were, in bytes. */
export function withoutDots(module) {
  const bytes = Uint8Array.from(module);
  const places = [];
  for (let at = 0; at + 3 <= bytes.length; at++)
    if (DOT.every((byte, i) => bytes[at + i] === byte)) {
      bytes.set(STAND_IN, at);
      places.push(at);
    }
  if (places.length !== 12 || !WebAssembly.validate(bytes))
    throw new Error(`The dot products of the integer module were not all found: ${places.length} places.`);
  return { bytes, places };
}
