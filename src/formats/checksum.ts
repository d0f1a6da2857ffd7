// CRC-32 as in zip, PNG and zlib.crc32: catches every flipped bit and every burst of up to 32 of them.

let made: Uint32Array | undefined;

/** Of each byte what eight steps of the division leave: those of single bits by steps, all others as sums of these. */
function tableOf(): Uint32Array {
  const table = new Uint32Array(256);
  for (let bit = 128, c = 1; bit > 0; bit >>= 1) {
    c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    for (let byte = 0; byte < 256; byte += 2 * bit) table[bit + byte] = table[byte]! ^ c;
  }
  return table;
}

/** The checksum of some bytes; pass the last result to go on with more of them. */
export function crc32(bytes: Uint8Array, previous = 0): number {
  made ??= tableOf();
  const table = made; // a local name: the loop runs before the engine has made anything fast of it
  let crc = ~previous;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]!) & 255]!;
  return ~crc >>> 0;
}
