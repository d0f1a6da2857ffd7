// What reads the core from its text and takes the checksum of a file: loops over kilobytes that run once, before the engine has made anything
// fast of JavaScript, and so by a tiny module of their own (assembly/reading.ts), which is there in a tenth of the time that they would take.

import type { instantiate } from '../../build/reading.js';
import { core } from './core.generated.js';

type Reading = Awaited<ReturnType<typeof instantiate>>;

/** A module as scripts/print-core.mjs prints it: a character a byte, but two where the first is one of the last two of the alphabet. */
interface Text {
  readonly text: string;
  readonly alphabet: string;
  readonly first: number;
  readonly size: number;
}

/** Bytes that it takes at a time. */
const ROOM = 0xf000;

let made: Reading | undefined;

/** @throws CompileError where nothing may be compiled. */
function start(): Reading {
  if (made === undefined) {
    const { reading, alphabet, first } = core;
    const single = alphabet.length - 2;
    const bytes: number[] = [];
    for (let i = 0; i < reading.length; ) {
      let rank = alphabet.indexOf(reading[i++]!);
      if (rank >= single) rank = single + (rank - single) * alphabet.length + alphabet.indexOf(reading[i++]!);
      bytes.push(first + rank);
    }
    made = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes))).exports as unknown as Reading;
  }
  return made;
}

/** A copy of the bytes that a text stands for; `fused`: with the multiply-adds of relaxed SIMD. @throws CompileError where nothing may be compiled. */
export function readText({ text, alphabet, first, size }: Text, fused: boolean): Uint8Array<ArrayBuffer> {
  const { memory, read } = start();
  const bytes = new Uint8Array(memory.buffer as ArrayBuffer);
  new TextEncoder().encodeInto(alphabet + text, bytes);
  read(alphabet.length, size, first, fused);
  return bytes.slice(0, size);
}

/** CRC-32 as in zip, PNG and zlib.crc32; pass the last result to go on with more bytes. */
export function checksum(bytes: Uint8Array, previous = 0): number {
  let crc = previous;
  try {
    const { memory, checksum } = start();
    const room = new Uint8Array(memory.buffer, 0, ROOM);
    for (let at = 0; at < bytes.length; at += ROOM) {
      const part = bytes.subarray(at, at + ROOM);
      room.set(part);
      crc = checksum(part.length, crc);
    }
    return crc >>> 0;
  } catch {
    // Nothing may be compiled here: bit by bit.
    crc = ~previous;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (-(crc & 1) & 0xedb88320);
    }
    return ~crc >>> 0;
  }
}
