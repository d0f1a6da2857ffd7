// The matrix products against the triple loop. The order of every sum is fixed, so the simd128 build must agree bit for
// bit; in the relaxed build an engine may fuse, so terms may differ by the rounding of a product, and tiles not at all.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface Probe {
  memory: WebAssembly.Memory;
  reserve(bytes: number): void;
  forwardProduct(y: number, yStride: number, x: number, xStride: number, w: number, bias: number, rows: number, inputs: number, outputs: number): void;
  weightGradient(dw: number, x: number, xStride: number, dy: number, dyStride: number, rows: number, inputs: number, outputs: number, fromInput: number, toInput: number, accumulate: boolean): void;
  inputGradient(dx: number, dxStride: number, dy: number, dyStride: number, wt: number, rows: number, inputs: number, outputs: number, accumulate: boolean): void;
  biasGradient(db: number, dy: number, dyStride: number, rows: number, outputs: number, accumulate: boolean): void;
  packPanels(w: number, source: number, inputs: number, outputs: number): void;
  unpackPanels(target: number, w: number, inputs: number, outputs: number): void;
  transposePanels(wt: number, w: number, inputs: number, outputs: number): void;
  transposePanelRange(wt: number, w: number, inputs: number, outputs: number, fromPanel: number, toPanel: number): void;
  panelFloats(inputs: number, outputs: number): number;
  transposedFloats(inputs: number, outputs: number): number;
}

function load(build: 'simd' | 'relaxed'): Probe {
  const bytes = readFileSync(new URL(`../build/probe-${build}.wasm`, import.meta.url));
  const abort = () => { throw new Error('abort'); };
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { abort } }).exports as unknown as Probe;
}

const f = Math.fround;
const padded = (width: number) => (width + 3) & ~3;

/** One term added to a running sum, as each build rounds it. */
type Term = (a: number, b: number, sum: number) => number;
const separate: Term = (a, b, sum) => f(f(a * b) + sum);
// The product of two floats is exact in a double; the sum is rounded twice, which is off by an ulp only when the double
// lands on the middle between two floats.
const fused: Term = (a, b, sum) => f(a * b + sum);

/** c[r][j] = start[r][j] + sum over k of a(r, k) * b(k, j): the slow reference of all three products. */
function product(term: Term, rows: number, depth: number, columns: number, start: (r: number, j: number) => number, a: (r: number, k: number) => number, b: (k: number, j: number) => number): Float32Array {
  const c = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < columns; j++) {
      let sum = start(r, j);
      for (let k = 0; k < depth; k++) sum = term(a(r, k), b(k, j), sum);
      c[r * columns + j] = sum;
    }
  }
  return c;
}

const CANARY = 12345.678;

/** Buffers in the probe's memory with canaries around each: `check()` after a call finds the ones it wrote over. */
class Bench {
  #top = 1 << 16;
  #guards: number[] = [];
  constructor(readonly probe: Probe) {
    probe.reserve(48 << 20);
    this.floats = new Float32Array(probe.memory.buffer);
  }
  floats: Float32Array;
  reset() {
    this.#top = 1 << 16;
    this.#guards.length = 0;
  }
  buffer(length: number, fill: (i: number) => number): number {
    const guard = () => {
      for (let i = 0; i < 16; i++) {
        this.#guards.push(this.#top >> 2);
        this.floats[this.#top >> 2] = CANARY;
        this.#top += 4;
      }
    };
    guard();
    const pointer = this.#top;
    for (let i = 0; i < length; i++) this.floats[(pointer >> 2) + i] = fill(i);
    this.#top += length * 4;
    guard();
    return pointer;
  }
  check(): boolean {
    return this.#guards.every((at) => this.floats[at] === f(CANARY)) && this.floats.subarray(0, 16).every((v) => v === 0);
  }
}

// Values with a full mantissa and mixed signs: products round, sums cancel.
let state = 1;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return f(state / 2 ** 31);
};
const randoms = (length: number) => Float32Array.from({ length }, random);

/** A matrix stored with a stride; padding lanes up to padded(columns) are zero, the rest of the row is a canary. */
function strided(bench: Bench, values: Float32Array | null, rows: number, columns: number, stride: number): number {
  return bench.buffer(rows * stride, (i) => {
    const column = i % stride;
    if (column < columns) return values ? values[((i / stride) | 0) * columns + column]! : CANARY;
    return column < padded(columns) ? (values ? 0 : CANARY) : CANARY;
  });
}

const bits = (values: Float32Array) => new Int32Array(values.buffer, values.byteOffset, values.length);

/** Every element of the strided matrix at `pointer` equals `wanted`; padding lanes are zero, the gap is untouched. */
function compare(bench: Bench, pointer: number, wanted: Float32Array, rows: number, columns: number, stride: number, tolerance: number): string {
  const at = pointer >> 2;
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < stride; j++) {
      const value = bench.floats[at + r * stride + j]!;
      const expected = j < columns ? wanted[r * columns + j]! : j < padded(columns) ? 0 : f(CANARY);
      const near = Object.is(value, expected) || (j < columns && Math.abs(value - expected) <= tolerance);
      if (!near) return `row ${r}, column ${j}: ${value} instead of ${expected}`;
    }
  }
  return '';
}

function products(bench: Bench, term: Term, rows: number, inputs: number, outputs: number, extra: number): string {
  const { probe } = bench;
  const tolerance = term === separate ? 0 : 1e-6 * Math.max(rows, inputs, outputs) ** 0.5;
  const xStride = padded(inputs) + extra;
  const yStride = padded(outputs) + extra;
  const x = randoms(rows * inputs);
  const dy = randoms(rows * outputs);
  const weights = randoms(inputs * outputs);
  const bias = randoms(outputs);
  const oldDx = randoms(rows * inputs);
  const oldDw = randoms(inputs * outputs);
  const oldDb = randoms(outputs);
  const X = (r: number, k: number) => x[r * inputs + k]!;
  const DY = (r: number, k: number) => dy[r * outputs + k]!;
  const W = (k: number, j: number) => weights[k * outputs + j]!;
  const zero = () => 0;
  bench.reset();
  const xAt = strided(bench, x, rows, inputs, xStride);
  const dyAt = strided(bench, dy, rows, outputs, yStride);
  const rowMajor = strided(bench, weights, inputs, outputs, outputs);
  const biasAt = strided(bench, bias, 1, outputs, padded(outputs));
  const w = bench.buffer(probe.panelFloats(inputs, outputs), () => CANARY);
  const wt = bench.buffer(probe.transposedFloats(inputs, outputs), () => CANARY);
  const unpacked = bench.buffer(inputs * outputs, () => CANARY);
  const y = strided(bench, null, rows, outputs, yStride);
  const dx = strided(bench, null, rows, inputs, xStride);
  const db = strided(bench, null, 1, outputs, padded(outputs));
  const old = (values: Float32Array, r: number, c: number, stride: number) => strided(bench, values, r, c, stride);

  probe.packPanels(w, rowMajor, inputs, outputs);
  probe.unpackPanels(unpacked, w, inputs, outputs);
  let wrong = compare(bench, unpacked, weights, inputs, outputs, outputs, 0);
  if (wrong) return `unpackPanels ${wrong}`;

  const wanted = product(term, rows, inputs, outputs, (_, j) => bias[j]!, X, W);
  probe.forwardProduct(y, yStride, xAt, xStride, w, biasAt, rows, inputs, outputs);
  wrong = compare(bench, y, wanted, rows, outputs, yStride, tolerance);
  if (wrong) return `forwardProduct ${wrong}`;
  probe.forwardProduct(y, yStride, xAt, xStride, w, 0, rows, inputs, outputs);
  wrong = compare(bench, y, product(term, rows, inputs, outputs, zero, X, W), rows, outputs, yStride, tolerance);
  if (wrong) return `forwardProduct without bias ${wrong}`;

  probe.transposePanels(wt, w, inputs, outputs);
  const transposed = bench.floats.slice(wt >> 2, (wt >> 2) + probe.transposedFloats(inputs, outputs));
  const halves = bench.buffer(probe.transposedFloats(inputs, outputs), () => CANARY);
  const panels = Math.ceil(inputs / 16);
  probe.transposePanelRange(halves, w, inputs, outputs, 0, panels >> 1);
  probe.transposePanelRange(halves, w, inputs, outputs, panels >> 1, panels);
  if (bits(transposed).some((v, i) => v !== bits(bench.floats)[(halves >> 2) + i])) return 'transposePanelRange';
  probe.inputGradient(dx, xStride, dyAt, yStride, wt, rows, inputs, outputs, false);
  wrong = compare(bench, dx, product(term, rows, outputs, inputs, zero, DY, (k, j) => W(j, k)), rows, inputs, xStride, tolerance);
  if (wrong) return `inputGradient ${wrong}`;
  const dxOld = old(oldDx, rows, inputs, xStride);
  probe.inputGradient(dxOld, xStride, dyAt, yStride, wt, rows, inputs, outputs, true);
  wrong = compare(bench, dxOld, product(term, rows, outputs, inputs, (r, j) => oldDx[r * inputs + j]!, DY, (k, j) => W(j, k)), rows, inputs, xStride, tolerance);
  if (wrong) return `inputGradient accumulating ${wrong}`;

  for (const accumulate of [false, true]) {
    const source = old(oldDw, inputs, outputs, outputs);
    const dw = bench.buffer(probe.panelFloats(inputs, outputs), () => CANARY);
    if (accumulate) probe.packPanels(dw, source, inputs, outputs);
    const cut = Math.floor(inputs * 0.4);
    probe.weightGradient(dw, xAt, xStride, dyAt, yStride, rows, inputs, outputs, cut, inputs, accumulate);
    probe.weightGradient(dw, xAt, xStride, dyAt, yStride, rows, inputs, outputs, 0, cut, accumulate);
    const expected = product(term, inputs, rows, outputs, (r, j) => (accumulate ? oldDw[r * outputs + j]! : 0), (r, k) => X(k, r), DY);
    probe.unpackPanels(unpacked, dw, inputs, outputs);
    wrong = compare(bench, unpacked, expected, inputs, outputs, outputs, tolerance);
    if (wrong) return `weightGradient accumulate ${accumulate} ${wrong}`;
    // Packing what was unpacked restores every lane, padding included.
    const again = bench.buffer(probe.panelFloats(inputs, outputs), () => CANARY);
    probe.packPanels(again, unpacked, inputs, outputs);
    for (let i = 0; i < probe.panelFloats(inputs, outputs); i++) {
      if (!Object.is(bench.floats[(again >> 2) + i], bench.floats[(dw >> 2) + i])) return `weightGradient padding at ${i}`;
    }
  }

  const plain: Term = (a, _, sum) => f(a + sum);
  probe.biasGradient(db, dyAt, yStride, rows, outputs, false);
  wrong = compare(bench, db, product(plain, 1, rows, outputs, zero, () => 0, DY).fill(0).map((_, j) => sumColumn(dy, rows, outputs, j, 0)), 1, outputs, padded(outputs), 0);
  if (wrong) return `biasGradient ${wrong}`;
  const dbOld = old(oldDb, 1, outputs, padded(outputs));
  probe.biasGradient(dbOld, dyAt, yStride, rows, outputs, true);
  wrong = compare(bench, dbOld, oldDb.map((v, j) => sumColumn(dy, rows, outputs, j, v)), 1, outputs, padded(outputs), 0);
  if (wrong) return `biasGradient accumulating ${wrong}`;

  return bench.check() ? '' : 'a canary is dead';
}

function sumColumn(values: Float32Array, rows: number, columns: number, column: number, start: number): number {
  let sum = start;
  for (let r = 0; r < rows; r++) sum = f(sum + values[r * columns + column]!);
  return sum;
}

const small: [number, number, number][] = [];
for (let rows = 1; rows <= 9; rows++) for (let i = 1; i <= 9; i++) for (let o = 1; o <= 9; o++) small.push([rows, i, o]);

describe.each([['simd', separate], ['relaxed', fused]] as const)('the products of the %s build', (build, term) => {
  const bench = new Bench(load(build));

  test('match the triple loop for every size 1..9 x 1..9 x 1..9, at any stride', () => {
    for (const [rows, inputs, outputs] of small) {
      const wrong = products(bench, term, rows, inputs, outputs, ((rows + inputs + outputs) % 3) * 4);
      expect(wrong, `${rows} x ${inputs} x ${outputs}`).toBe('');
    }
  });
});
