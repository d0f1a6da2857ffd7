// The whole core that only predicts: the light one (core.ts) with the functions of the walk back in the places that it keeps for them.

import { back } from './back.generated.js';
import { core } from './core.generated.js';
import type { CoreBytes } from './core.js';
import { readText } from './reading.js';

/** As build/predict.wasm has it. */
export const wholeCore: CoreBytes = { read, compiled: [] };

function read(fused: boolean): Uint8Array<ArrayBuffer> {
  const light = readText(core, fused);
  const rest = readText(back, fused);
  const bytes = new Uint8Array(back.whole);
  // | sections before the code | 10 | size of the code, how many functions | functions, each with its size in front |
  bytes.set(light.subarray(0, back.code + 1));
  bytes.set(back.head, back.code + 1);
  let [at, end] = [back.code + 1 + back.head.length, 0];
  for (let from = back.functions, next = 0; from < light.length; from = end) {
    end = endOf(light, from);
    // A function of three bytes is a trap in the place of one of the walk back: nothing else does that little.
    const own = end - from === 4 && light[from + 2] === 0 ? rest.subarray(next, endOf(rest, next)) : light.subarray(from, end);
    if (own.buffer === rest.buffer) next += own.length;
    bytes.set(own, at);
    at += own.length;
  }
  return bytes;
}

/** Where a function ends: its size stands in front, in LEB128. */
function endOf(bytes: Uint8Array, at: number): number {
  let size = 0;
  for (let shift = 0, more = true; more; shift += 7) {
    size |= (bytes[at]! & 127) << shift;
    more = bytes[at++]! > 127;
  }
  return at + size;
}
