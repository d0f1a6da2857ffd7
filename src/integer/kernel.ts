// Dense stages by the module of assembly/integer.ts: compiled once for each of its two forms, a stage's numbers laid out in its memory. The
// text holds the form that every engine with SIMD takes; where the engine has the relaxed dot product, it is put in place.

import type { instantiate } from '../../build/integer.js';
import { kernel } from './kernel.generated.js';
import { denseRows } from './product.js';
import type { DenseStage } from './stages.js';

type Exports = Awaited<ReturnType<typeof instantiate>>;

/** What computes dense stages. All give the same bits. */
export type IntegerBuild = 'relaxed' | 'simd' | 'javascript';

/** Of weights in 16 bits: what a second-level cache of today holds beside other things. */
const MOST_WIDE_BYTES = 2 ** 20;

const modules = new Map<boolean, WebAssembly.Module>();

/** An instance; undefined where this build does not run here. */
function instanceOf(relaxed: boolean): Exports | undefined {
  try {
    let module = modules.get(relaxed);
    if (module === undefined) {
      module = new WebAssembly.Module(bytesOf(relaxed));
      modules.set(relaxed, module);
    }
    return new WebAssembly.Instance(module).exports as unknown as Exports;
  } catch {
    return undefined;
  }
}

/** The bytes of the module. With `relaxed`, the dot products stand where scripts/relaxed-dots.mjs took them away. */
function bytesOf(relaxed: boolean): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(kernel.text), (c) => c.charCodeAt(0));
  if (relaxed) for (const at of kernel.places) bytes.set([0xfd, 0x93, 0x02], at);
  return bytes;
}

/** The module in the form that every engine with SIMD takes, and where in it relaxed dot products go. */
export const kernelModule = (): Uint8Array<ArrayBuffer> => bytesOf(false);
export const dotPlaces: readonly number[] = kernel.places;

/** The kernel and its memory; places of rows and stages are addresses in it. */
export class Kernel {
  private end: number;
  private readonly relaxed: boolean;
  private readonly exports: Exports;

  private constructor(exports: Exports, relaxed: boolean) {
    this.exports = exports;
    this.relaxed = relaxed;
    this.end = 16;
  }

  /** The fastest build that runs here, or the one that is asked for; undefined where it must be JavaScript. */
  static start(build?: IntegerBuild): Kernel | undefined {
    for (const relaxed of [true, false]) {
      if (build !== undefined && build !== (relaxed ? 'relaxed' : 'simd')) continue;
      const kernel = Kernel.of(relaxed);
      if (kernel !== undefined && (!relaxed || Kernel.isSound())) return kernel;
    }
    return undefined;
  }

  private static of(relaxed: boolean): Kernel | undefined {
    const exports = instanceOf(relaxed);
    return exports === undefined ? undefined : new Kernel(exports, relaxed);
  }

  private static sound: boolean | undefined;

  /**
   * Whether relaxed dot products are what they should be, tried once: the first compiler of V8 11.3 (Node 20 with a flag, the last Chrome before
   * they were on by default) mixes up their registers. Plain SIMD runs there.
   */
  private static isSound(): boolean {
    Kernel.sound ??= isRight(Kernel.of(true)!);
    return Kernel.sound;
  }

  get build(): IntegerBuild {
    return this.relaxed ? 'relaxed' : 'simd';
  }

  get buffer(): ArrayBuffer {
    return this.exports.memory.buffer as ArrayBuffer;
  }

  /** Room for so many bytes; its address is a multiple of 16. Views made before are void. False when memory refuses. */
  private room(bytes: number): number {
    const at = this.end;
    this.end = (at + bytes + 15) & ~15;
    if (this.end < at || bytes > 2 ** 31) throw new RangeError('beyond 2 GiB');
    const lacking = this.end - this.buffer.byteLength;
    if (lacking > 0) this.exports.memory.grow(Math.ceil(lacking / 65536));
    return at;
  }

  /** Rooms one after the other that take the place of those of the last call. */
  rooms(sizes: readonly number[]): number[] {
    this.first ??= this.end;
    this.end = this.first;
    return sizes.map((bytes) => this.room(bytes));
  }

  private first: number | undefined;

  /** Whether a stage is laid out in 16 bits for plain SIMD, which multiplies those: as long as its weights stay in a processor's cache. */
  widens({ inputs, outputs }: DenseStage): boolean {
    return !this.relaxed && 2 * inputs * outputs <= MOST_WIDE_BYTES;
  }

  /** Bytes that the steps of a row take. */
  stepBytes(stage: DenseStage): number {
    return this.widens(stage) ? 2 * stepBytes(stage) : stepBytes(stage);
  }

  /** Lays out a stage; returns the address of its record. `wide`: steps and weights in 16 bits. */
  lay(stage: DenseStage, wide = false): number {
    const { inputs, outputs, digits, integers, scale, bias, low, inverse, curve } = stage;
    const blocks = (inputs + 15) >> 4;
    const panels = (outputs + 3) >> 2;
    const floats = (values: Float32Array, length: number, fill = 0) => {
      const at = this.room(4 * length);
      new Float32Array(this.buffer, at, length).fill(fill).set(values);
      return at;
    };
    const { spans, size } = spansOf(stage, blocks, panels);
    const weights = this.room((wide ? 128 : 64) * size);
    const home = new (wide ? Int16Array : Int8Array)(this.buffer, weights, 64 * size).fill(0);
    for (let p = 0, to = 0; p < panels; p++)
      for (let k = spans[2 * p]!; k < spans[2 * p + 1]!; k++)
        for (let j = 4 * p; j < 4 * p + 4; j++, to += 16)
          if (j < outputs) home.set(integers.subarray(j * inputs + 16 * k, j * inputs + Math.min(inputs, 16 * k + 16)), to);
    const spansAt = this.room(4 * spans.length);
    new Int32Array(this.buffer, spansAt, spans.length).set(spans);
    const [form, values] =
      curve.form === 'bend'
        ? [1, floats(curve.slopes, 4 * panels, curve.slopes.length === 1 ? curve.slopes[0] : 0)]
        : curve.form === 'table'
          ? [2, floats(curve.table, curve.table.length)]
          : [0, 0];
    const record = [
      ...[blocks, panels, digits, form],
      ...[floats(low, 16 * blocks), floats(inverse, 16 * blocks), 0, spansAt, weights],
      ...[floats(scale, 4 * panels), floats(bias, 4 * panels), values, Number(wide)],
    ];
    const at = this.room(4 * record.length);
    new Int32Array(this.buffer, at, record.length).set(record);
    return at;
  }

  /** A copy of everything that was laid out. */
  image(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer, 0, this.end).slice();
  }

  /** Says where a stage's steps go: bytes for each row are stepBytes(stage). */
  setSteps(stage: number, at: number): void {
    new Int32Array(this.buffer)[(stage >> 2) + 6] = at;
  }

  /** Whether so many floats are finite: a multiple of 4. */
  finite(at: number, count: number): boolean {
    return Boolean(this.exports.finite(at, count >> 2));
  }

  dense(stage: number, x: number, xStride: number, y: number, yStride: number, rows: number): void {
    this.exports.dense(stage, x, xStride, y, yStride, rows, Number(this.relaxed));
  }
}

/** Whether a kernel gives the bits of JavaScript for a stage of two panels and three blocks. */
function isRight(kernel: Kernel): boolean {
  const [inputs, outputs] = [40, 7];
  const list = (length: number, of: (i: number) => number) => Float32Array.from({ length }, (_, i) => of(i));
  const stage: DenseStage = {
    kind: 'dense',
    inputs,
    outputs,
    digits: 1,
    integers: Int8Array.from({ length: inputs * outputs }, (_, i) => ((i * 97) % 255) - 127),
    scale: list(outputs, (j) => 1 + j),
    bias: list(outputs, (j) => j),
    low: new Float32Array(inputs),
    inverse: list(inputs, () => 1),
    curve: { form: 'none' },
  };
  const x = list(48, (i) => (i * 37) % 128);
  const record = kernel.lay(stage);
  const [from, to, steps] = kernel.rooms([192, 32, stepBytes(stage)]) as [number, number, number];
  kernel.setSteps(record, steps);
  new Float32Array(kernel.buffer, from, 48).set(x);
  kernel.dense(record, from, 48, to, 8, 1);
  const expected = new Float32Array(outputs);
  denseRows(stage, { data: expected, stride: 8 }, { data: x, stride: 48 }, 1, new Int32Array(inputs));
  return new Float32Array(kernel.buffer, to, outputs).every((y, j) => y === expected[j]);
}

/** Bytes that the steps of a row take. */
export const stepBytes = ({ inputs, digits }: DenseStage): number => digits * ((inputs + 15) & ~15);

/** The blocks of 16 inputs in which a panel of 4 outputs has weights: of networks side by side most have none. */
function spansOf({ inputs, outputs, integers }: DenseStage, blocks: number, panels: number): { spans: Int32Array; size: number } {
  const spans = new Int32Array(2 * panels);
  let size = 0;
  for (let p = 0; p < panels; p++) {
    let first = blocks;
    let end = 0;
    for (let j = 4 * p; j < Math.min(outputs, 4 * p + 4); j++)
      for (let i = 0; i < inputs; i++)
        if (integers[j * inputs + i] !== 0) {
          first = Math.min(first, i >> 4);
          end = Math.max(end, (i >> 4) + 1);
        }
    if (first > end) first = end;
    spans.set([first, end], 2 * p);
    size += end - first;
  }
  return { spans, size };
}
