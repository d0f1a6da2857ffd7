// What runs before the predicting core is there, a module of its own for src/predict: it reads that core from its text, and checks the file.
// Both are loops over some kilobytes that run once, for which the interpreter of the engine takes ten times as long.
//
// | what the caller puts there | … 0xf000 | checksums of single bytes [256] u32 | ranks of characters [128] u8 | … one page

const TABLE: usize = 0xf000;
const RANKS: usize = TABLE + 4 * 256;

/**
 * The bytes of a module, `size` of them, from what scripts/print-core.mjs printed: at 0 the alphabet, `letters` long, and the text behind it. The
 * bytes go to 0 too, and never overtake the text. `fused`: with its multiply-adds fused, as relaxed SIMD has them.
 */
export function read(letters: i32, size: i32, first: i32, fused: bool): void {
  let from = 0;
  do store<u8>(load<u8>(from), from, RANKS);
  while (++from < letters);
  const single = letters - 2;
  let to = 0;
  do {
    let rank = rankAt(from++);
    if (rank >= single) rank = single + (rank - single) * letters + rankAt(from++);
    store<u8>(to, first + rank);
  } while (++to < size);
  // local.set t, f32x4.mul, local.get t, f32x4.add as f32x4.relaxed_madd, and nothing for the bytes that are left.
  if (fused)
    do {
      if (load<u8>(to) == 0x21 && load<u32>(to, 2) == 0x2001e6fd && load<u8>(to, 8) == 0xe4) {
        store<u64>(to, 0x0101010101010102, 2);
        store<u16>(to, 0x85fd);
      }
    } while (--to);
}

// @ts-ignore: decorator
@inline
function rankAt(at: i32): i32 {
  return load<u8>(load<u8>(at), RANKS);
}

/** CRC-32, as in src/formats/checksum.ts, of `length` > 0 bytes at 0, going on from `previous`. */
export function checksum(length: i32, previous: i32): i32 {
  let byte = 255;
  do {
    let rest = byte;
    let bit = 8;
    do rest = (rest >>> 1) ^ (-(rest & 1) & 0xedb88320);
    while (--bit);
    store<u32>(byte << 2, rest, TABLE);
  } while (--byte); // that of 0 is 0
  let crc = ~previous;
  do crc = (crc >>> 8) ^ load<u32>(((crc ^ load<u8>(byte)) & 255) << 2, TABLE);
  while (++byte < length);
  return ~crc;
}
