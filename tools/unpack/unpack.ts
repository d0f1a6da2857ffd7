// The unpacker: a program of its own beside the core, two kilobytes of WebAssembly that the package carries with the packed
// core. The first model of a page or process runs it once, for two milliseconds, and compiles what it makes:
//
// - unpack(): the relaxed build, out of the LZMA stream that pack.mjs made at build time (a sixth smaller than deflate makes
//   it, and a decoder in JavaScript would first have to warm up);
// - unfuse(): the simd build, out of the relaxed one, so that only one of the two is carried;
// - share(): either of them with its memory imported, for threads.
//
// Trusts its input, which ships with it. Knows nothing of models, and the core knows nothing of it.
// See: the LZMA specification in the LZMA SDK; WebAssembly core specification, 5. Binary format.

// | probabilities u16[8192] | packed, up to 48 kB | relaxed build | simd build | either of them, shared |
const SOURCE: usize = 0x4000;
const TARGET: usize = 0x10000;

// ---- LZMA: literal context 3 bits, no position bits (lc=3, lp=0, pb=0), no end marker -------------------------------------

// The probabilities, by number.
const MATCH = 0; // by state, twelve each
const REP = 12;
const REP0 = 24;
const REP1 = 36;
const REP2 = 48;
const REP0_LONG = 60;
const SLOT = 72; // four trees of 64
const DISTANCE = 328; // reverse trees, overlapping
const ALIGN = 456; // one of 16
const LENGTH = 472; // two choices, trees of 8, 8 and 256
const REP_LENGTH = 746;
const LITERAL = 1020; // 8 x 768
const COUNT = 7164;

let range: u32 = 0;
let code: u32 = 0;
let next: usize = 0;

function normalise(): void {
  if (range >>> 24 == 0) {
    range <<= 8;
    code = (code << 8) | load<u8>(next++);
  }
}

/** The next bit, under probability i, which learns. */
function bit(i: u32): u32 {
  const at = (i << 1) as usize;
  const p: u32 = load<u16>(at);
  const bound = (range >>> 11) * p;
  const one = code >= bound;
  if (one) {
    range -= bound;
    code -= bound;
  } else range = bound;
  store<u16>(at, one ? p - (p >>> 5) : p + ((2048 - p) >>> 5));
  normalise();
  return u32(one);
}

/** A number of `bits` bits, highest first. */
function tree(i: u32, bits: u32): u32 {
  let node: u32 = 1;
  while (node >>> bits == 0) node = (node << 1) | bit(i + node);
  return node - (1 << bits);
}

/** The same, lowest first. */
function reverseTree(i: u32, bits: u32): u32 {
  let node: u32 = 1;
  let value: u32 = 0;
  for (let k: u32 = 0; k < bits; k++) {
    const b = bit(i + node);
    node = (node << 1) | b;
    value |= b << k;
  }
  return value;
}

function length(i: u32): u32 {
  if (!bit(i)) return 2 + tree(i + 2, 3);
  if (!bit(i + 1)) return 10 + tree(i + 10, 3);
  return 18 + tree(i + 18, 8);
}

function distance(matched: u32): u32 {
  const slot = tree(SLOT + 64 * min(matched - 2, 3), 6);
  if (slot < 4) return slot;
  const bits = (slot >>> 1) - 1;
  const start = (2 | (slot & 1)) << bits;
  if (slot < 14) return start + reverseTree(DISTANCE + start - slot, bits);
  let middle: u32 = 0;
  for (let k = bits; k > 4; k--) {
    range >>>= 1;
    const one = code >= range;
    if (one) code -= range;
    middle = (middle << 1) | u32(one);
    normalise();
  }
  return start + (middle << 4) + reverseTree(ALIGN, 4);
}

/** Where the packed bytes go. */
export function source(): usize {
  return SOURCE;
}

/** Unpacks to `size` bytes; returns where they are. */
export function unpack(size: usize): usize {
  for (let i: usize = 0; i < (COUNT as usize); i++) store<u16>(i << 1, 1024);
  range = 0xffffffff;
  code = bswap(load<u32>(SOURCE + 1));
  next = SOURCE + 5;
  let state: u32 = 0;
  let back0: u32 = 0;
  let back1: u32 = 0;
  let back2: u32 = 0;
  let back3: u32 = 0;
  let at: usize = TARGET;
  const end = TARGET + size;
  while (at < end) {
    if (!bit(MATCH + state)) {
      const context: u32 = LITERAL + 768 * ((load<u8>(at - 1) as u32) >>> 5);
      let node: u32 = 1;
      if (state >= 7) {
        let match: u32 = load<u8>(at - back0 - 1);
        while (node < 256) {
          const expected = (match >>> 7) & 1;
          match <<= 1;
          const b = bit(context + ((1 + expected) << 8) + node);
          node = (node << 1) | b;
          if (b != expected) break;
        }
      }
      while (node < 256) node = (node << 1) | bit(context + node);
      store<u8>(at++, node);
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    let count: u32 = 1;
    if (!bit(REP + state)) {
      back3 = back2;
      back2 = back1;
      back1 = back0;
      count = length(LENGTH);
      back0 = distance(count);
      state = state < 7 ? 7 : 10;
    } else {
      let short = false;
      if (!bit(REP0 + state)) short = !bit(REP0_LONG + state);
      else {
        let back = back1;
        if (bit(REP1 + state)) {
          back = back2;
          if (bit(REP2 + state)) {
            back = back3;
            back3 = back2;
          }
          back2 = back1;
        }
        back1 = back0;
        back0 = back;
      }
      if (!short) count = length(REP_LENGTH);
      state = state < 7 ? (short ? 9 : 8) : 11;
    }
    for (; count > 0; count--, at++) store<u8>(at, load<u8>(at - back0 - 1));
  }
  return TARGET;
}

// ---- the simd build: the relaxed one with every fused operation taken apart ------------------------------------------------

let from: usize = 0;
let into: usize = 0;

/**
 * Makes the simd build of the `size` bytes that unpack() made, right behind them; returns how many it has. A multiply-add
 * becomes a multiplication and an addition, its third operand put aside in a local, which compilers see through; a relaxed
 * lane select becomes the plain one, which is the same for the masks we use.
 */
export function unfuse(size: usize): usize {
  from = TARGET + 8;
  into = TARGET + size;
  const start = into;
  memory.copy(into, TARGET, 8);
  into += 8;
  let types: usize = 0;
  let functions: usize = 0;
  while (from < start) {
    const section = from;
    const id = load<u8>(from++);
    const length = readNumber();
    const end = from + length;
    if (id == 1) types = from;
    if (id == 3) {
      readNumber();
      functions = from;
    }
    if (id == 10) {
      store<u8>(into++, id);
      const sectionLength = reserveLength();
      const count = readNumber();
      writeNumber(count);
      for (let f: u32 = 0; f < count; f++) {
        const body = from;
        from = functions;
        const type = readNumber();
        functions = from;
        const parameters = parametersOf(types, type);
        from = body;
        unfuseFunction(parameters);
      }
      fillLength(sectionLength);
    } else {
      memory.copy(into, section, end - section);
      into += end - section;
    }
    from = end;
  }
  return into - start;
}

/** Types are [0x60, parameters, results], each list a count and a byte per value. Moves `from`. */
function parametersOf(types: usize, type: u32): u32 {
  from = types;
  readNumber();
  from++;
  let parameters = readNumber();
  for (; type > 0; type--) {
    from += parameters;
    const results = readNumber();
    from += results + 1;
    parameters = readNumber();
  }
  return parameters;
}

function unfuseFunction(parameters: u32): void {
  const length = readNumber();
  const end = from + length;
  const bodyLength = reserveLength();
  const groups = readNumber();
  writeNumber(groups + 1);
  let local = parameters;
  for (let g: u32 = 0; g < groups; g++) {
    const count = readNumber();
    local += count;
    writeNumber(count);
    store<u8>(into++, load<u8>(from++));
  }
  store<u16>(into, 0x7b01); // one more, v128
  into += 2;
  // Bytes that look like these two opcodes are these two opcodes: the build checks that no constant holds them.
  while (from < end) {
    const opcode = load<u32>(from) & 0xffffff;
    from += 3;
    if (opcode == 0x0285fd) {
      store<u8>(into++, 0x21); // local.set
      writeNumber(local);
      store<u32>(into, 0x2001e6fd); // f32x4.mul, local.get
      into += 4;
      writeNumber(local);
      store<u32>(into, 0x01e4fd); // f32x4.add
      into += 3;
    } else if (opcode == 0x028bfd) {
      store<u16>(into, 0x52fd); // v128.bitselect
      into += 2;
    } else {
      store<u8>(into++, opcode);
      from -= 2;
    }
  }
  fillLength(bodyLength);
}

// ---- a module whose memory threads share ----------------------------------------------------------------------------------

/**
 * Of the module of `size` bytes at `module`, the same code with its memory of one page imported as env.memory, shared and
 * growable to `maximum` pages: written right behind it. Returns how many bytes it has.
 */
export function share(module: usize, size: usize, maximum: u32): usize {
  const start = module + size;
  into = start;
  from = module + 8;
  memory.copy(into, module, 8);
  into += 8;
  let imported = false;
  while (from < start) {
    const section = from;
    const id = load<u8>(from++);
    const end = readNumber() + from;
    if (id > 1 && !imported) {
      // imports come right after types
      store<u8>(into++, 2);
      const length = reserveLength();
      store<u64>(into, 0x656d06766e650301); // one import: 3 env, 6 me …
      store<u32>(into + 8, 0x79726f6d); // … mory
      store<u32>(into + 12, 0x010302); // a memory, shared, of one page, growable to
      into += 15;
      writeNumber(maximum);
      fillLength(length);
      imported = true;
    }
    if (id != 5) {
      memory.copy(into, section, end - section);
      into += end - section;
    }
    from = end;
  }
  return into - start;
}

// ---- numbers in the binary format (unsigned LEB128) -------------------------------------------------------------------------

/** Lengths are written in three bytes once they are known. */
function reserveLength(): usize {
  into += 3;
  return into;
}

function fillLength(start: usize): void {
  const length = (into - start) as u32;
  store<u16>(start - 3, (length & 127) | 128 | (((length >>> 7) & 127) << 8) | 0x8000);
  store<u8>(start - 1, length >>> 14);
}

function readNumber(): u32 {
  let value: u32 = 0;
  let shift: u32 = 0;
  let byte: u32 = 0;
  do {
    byte = load<u8>(from++);
    value |= (byte & 127) << shift;
    shift += 7;
  } while (byte > 127);
  return value;
}

function writeNumber(value: u32): void {
  for (; value > 127; value >>>= 7) store<u8>(into++, value | 128);
  store<u8>(into++, value);
}
