// The core that only predicts: its text read back into bytes, and compiled once for each of its two forms. The text holds the simd build,
// without the walk back (wholeCore.ts has that); where the engine can fuse a multiply-add, the bytes are made to do so as they are read.

import type { instantiate } from '../../build/predict.js';
import { FeedforwardError } from '../errors.js';
import { core } from './core.generated.js';
import { readText } from './reading.js';

/** The exports of an instance. */
export type PredictCore = Awaited<ReturnType<typeof instantiate>>;

/** A core: all of it, or without the walk back. */
export interface CoreBytes {
  /** Makes its bytes: of the simd build, or of that with its multiply-adds fused. */
  read(fused: boolean): Uint8Array<ArrayBuffer>;
  /** Compiled: for what is deterministic, and for all else. */
  readonly compiled: [deterministic?: WebAssembly.Module, other?: WebAssembly.Module];
}

/**
 * A fresh instance. `deterministic`: separate multiplications and additions, the same bits on every engine; else as MLP chooses, fused where
 * the engine has relaxed SIMD. `given`: the module to make it of.
 * @throws ERR_UNSUPPORTED without WebAssembly SIMD, or where nothing may be compiled; ERR_MEMORY.
 */
export function newCore(deterministic: boolean, bytes: CoreBytes = light, given?: WebAssembly.Module): PredictCore {
  try {
    let module = given;
    module ??= bytes.compiled[deterministic ? 0 : 1] ??= compile(deterministic, bytes);
    return new WebAssembly.Instance(module).exports as unknown as PredictCore;
  } catch (error) {
    throw new FeedforwardError(
      (error as Error).name === 'RangeError' ? 'ERR_MEMORY' : 'ERR_UNSUPPORTED',
      `A predictor could not start WebAssembly: ${(error as Error).message}. It needs SIMD, and leave to compile ` +
        '(wasm-unsafe-eval) or "feedforward/predict.wasm": loadPredictor(bytes, { module }).',
      {},
      error,
    );
  }
}

/** The form that runs here. */
function compile(deterministic: boolean, bytes: CoreBytes): WebAssembly.Module {
  if (!deterministic)
    try {
      return new WebAssembly.Module(bytes.read(true));
    } catch {} // no relaxed SIMD here
  return new WebAssembly.Module(bytes.read(false));
}

/** Without the walk back. */
const light: CoreBytes = { read: (fused) => readText(core, fused), compiled: [] };
