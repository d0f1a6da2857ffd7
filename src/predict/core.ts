// The core that only predicts: its text read back into bytes, and compiled once for each of its two forms. The text holds the simd build,
// without the walk back (wholeCore.ts has that); where the engine can fuse a multiply-add, the same bytes are made to do so in place.

import type { instantiate } from '../../build/predict.js';
import { FeedforwardError } from '../errors.js';
import { core } from './core.generated.js';

/** The exports of an instance. */
export type PredictCore = Awaited<ReturnType<typeof instantiate>>;

/** Makes the bytes of the simd build: all of it, or without the walk back. */
export type CoreBytes = () => Uint8Array<ArrayBuffer>;

const modules = new Map<CoreBytes, (WebAssembly.Module | undefined)[]>();

/**
 * A fresh instance. `deterministic`: separate multiplications and additions, the same bits on every engine; else as MLP chooses, fused where
 * the engine has relaxed SIMD. `given`: the module to make it of.
 * @throws ERR_UNSUPPORTED without WebAssembly SIMD, or where nothing may be compiled; ERR_MEMORY.
 */
export function newCore(deterministic: boolean, bytes: CoreBytes = coreBytes, given?: WebAssembly.Module): PredictCore {
  try {
    const forms = modules.get(bytes) ?? [];
    modules.set(bytes, forms);
    let module = given;
    module ??= forms[Number(deterministic)] ??= compile(deterministic, bytes());
    return new WebAssembly.Instance(module).exports as unknown as PredictCore;
  } catch (error) {
    throw new FeedforwardError(
      (error as Error).name === 'RangeError' ? 'ERR_MEMORY' : 'ERR_UNSUPPORTED',
      `A predictor could not start WebAssembly: ${(error as Error).message}. It needs SIMD (Chrome 91, Firefox 89, Safari 16.4), and leave to compile ` +
        '(wasm-unsafe-eval) or "feedforward/predict.wasm": loadPredictor(bytes, { module }).',
      {},
      error,
    );
  }
}

/** The form that runs here. */
function compile(deterministic: boolean, bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  if (!deterministic)
    try {
      return new WebAssembly.Module(fuse(bytes.slice()));
    } catch {} // no relaxed SIMD here
  return new WebAssembly.Module(bytes);
}

/** The simd build without the walk back. */
const coreBytes: CoreBytes = () => readText(core);

/** Bytes as scripts/print-core.mjs prints them: a character a byte, but two where the first is one of the last two of the alphabet. */
export function readText({ text, alphabet, first, size }: typeof core): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const ranks = new Uint8Array(128);
  encoder.encode(alphabet).forEach((code, rank) => {
    ranks[code] = rank;
  });
  return readCodes(encoder.encode(text), ranks, alphabet.length, first, size);
}

/** A loop over local names alone: it runs once, before the engine has made anything fast of it. */
function readCodes(codes: Uint8Array, ranks: Uint8Array, length: number, least: number, end: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(end);
  const single = length - 2;
  for (let i = 0, at = 0; at < end; i++, at++) {
    let rank = ranks[codes[i]!]!;
    if (rank >= single) rank = single + (rank - single) * length + ranks[codes[++i]!]!;
    bytes[at] = least + rank;
  }
  return bytes;
}

/** Every `local.set t, f32x4.mul, local.get t, f32x4.add` as f32x4.relaxed_madd, and nothing for the bytes that are left. */
function fuse(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  for (let at = bytes.indexOf(0x21); at >= 0; at = bytes.indexOf(0x21, at + 1))
    if (
      bytes[at + 2] === 0xfd &&
      bytes[at + 3] === 0xe6 &&
      bytes[at + 5] === 0x20 &&
      bytes[at + 6] === bytes[at + 1] &&
      bytes[at + 8] === 0xe4
    )
      bytes.set([0xfd, 0x85, 2, 1, 1, 1, 1, 1, 1, 1], at);
  return bytes;
}
