// A network as it lies in the memory of the core once it is built: what an exported module starts with, so that nothing has to build it again.

import { Address, LayerField, Measure } from '../../../assembly/abi.js';
import { newCore } from '../core.js';
import type { Layers, Tensor } from '../layers.js';
import { buildLayers, reserveRows } from '../network.js';

/** Memory after the network was built and its weights written, with room for `rows` rows at a time. Addresses are in bytes, strides in floats. */
export interface Image {
  readonly memory: Uint8Array;
  /** Rows that go through at a time. */
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly inputStride: number;
  readonly outputStride: number;
  /** Where the derivative of what is asked for in each output goes, `outputStride` floats a row. */
  readonly outputGradient: number;
  /** Where the walk back leaves the derivatives, `inputStride` floats a row. */
  readonly inputGradients: number;
}

/** Floats of the widest layer that a module takes through the network at a time: 64 kB of them. */
const WINDOW_FLOATS = 2 ** 14;

/** @throws ERR_MEMORY, ERR_UNSUPPORTED without WebAssembly SIMD. */
export function imageOf(layers: Layers, values: (tensor: Tensor) => ArrayLike<number>): Image {
  const core = newCore(true);
  buildLayers(core, layers, values);
  const widest = layers.records.reduce((most, record) => Math.max(most, record[LayerField.Outputs]!), layers.inputs);
  const rows = Math.min(64, Math.max(4, Math.floor(WINDOW_FLOATS / widest)));
  reserveRows(core, rows);
  const at = (what: Address) => core.address(what) >>> 0;
  return {
    memory: new Uint8Array(core.memory.buffer),
    rows,
    inputs: at(Address.Inputs),
    outputs: at(Address.Outputs),
    inputStride: core.measure(Measure.InputStride),
    outputStride: core.measure(Measure.OutputStride),
    outputGradient: at(Address.OutputGradient),
    inputGradients: at(Address.InputGradients),
  };
}

/** A stretch of bytes that are not all 0. */
export interface Segment {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** Engines take 100,000 segments at most; a list of many is slow to read. */
const MOST_SEGMENTS = 4096;

/** What of memory is not 0. Gaps shorter than a segment's own head are written out. */
export function segmentsOf(memory: Uint8Array, gap = 8): Segment[] {
  const words = new Uint32Array(memory.buffer, memory.byteOffset, memory.length >> 2);
  const segments: Segment[] = [];
  let start = -1;
  let end = 0; // of the last word that is not 0
  const close = () => {
    if (start >= 0) segments.push({ at: 4 * start, bytes: memory.subarray(4 * start, 4 * end) });
  };
  for (let i = 0; i < words.length; i++) {
    if (words[i] === 0) continue;
    if (start < 0 || 4 * (i - end) > gap) {
      close();
      start = i;
    }
    end = i + 1;
  }
  close();
  return segments.length > MOST_SEGMENTS ? segmentsOf(memory, 4 * gap) : segments;
}
