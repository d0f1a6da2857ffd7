// The matrix products against the triple loop, in every tile. The order of each sum is fixed, so both builds must agree
// with it bit for bit: the simd128 build rounds products and sums, the relaxed build once (where the engine fuses).

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Tile } from '../../assembly/abi.js';
// @ts-expect-error a script without types
import { generate } from '../../scripts/tiles.mjs';
import { builds, loadProbe, type ProbeMemory } from '../support/loadProbe.js';

// Pointers and sizes are numbers; strides in floats.
type Pointer = number;
type Size = number;
interface Products {
  chooseTiles(forward: Tile, gradient: Tile): void;
  forwardProduct(y: Pointer, yStride: Size, x: Pointer, xStride: Size, w: Pointer, bias: Pointer, ...sizes: Size[]): void;
  weightGradient(dw: Pointer, x: Pointer, xStride: Size, dy: Pointer, dyStride: Size, ...sizes: (Size | boolean)[]): void;
  inputGradient(dx: Pointer, dxStride: Size, dy: Pointer, dyStride: Size, wt: Pointer, ...sizes: (Size | boolean)[]): void;
  biasGradient(db: Pointer, dy: Pointer, dyStride: Size, rows: Size, outputs: Size, accumulate: boolean): void;
  packPanels(w: Pointer, source: Pointer, inputs: Size, outputs: Size): void;
  unpackPanels(target: Pointer, w: Pointer, inputs: Size, outputs: Size): void;
  transposePanels(wt: Pointer, w: Pointer, inputs: Size, outputs: Size): void;
  transposePanelRange(wt: Pointer, w: Pointer, inputs: Size, outputs: Size, fromPanel: Size, toPanel: Size): void;
  panelFloats(inputs: Size, outputs: Size): Size;
  transposedFloats(inputs: Size, outputs: Size): Size;
}
type Core = ProbeMemory & Products;

const tiles = Object.values(Tile).filter((tile): tile is Tile => typeof tile === 'number');
const f = Math.fround;
const padded = (width: number) => (width + 3) & ~3;

/** One term added to a running sum, as a build rounds it. */
type Term = (a: number, b: number, sum: number) => number;
const separate: Term = (a, b, sum) => f(f(a * b) + sum);
const fused: Term = (a, b, sum) => {
  const product = a * b; // exact: two 24-bit mantissas
  const total = product + sum;
  const near = f(total);
  const off = total - near;
  const far = near + 2 * off;
  if (off === 0 || f(far) !== far) return near;
  // The double lies midway between two floats: what it lost itself decides.
  const back = total - product;
  const lost = product - (total - back) + (sum - back);
  return lost !== 0 && lost > 0 === off > 0 ? far : near;
};

test('the emulation of a fused multiply-add rounds once, ties included', () => {
  expect(fused(1 + 2 ** -23, 1 + 2 ** -23, -1)).toBe(f(2 ** -22 + 2 ** -46));
  expect(fused(1, 1 + 2 ** -23, 2 ** -24)).toBe(1 + 2 ** -22); // a tie, to even
  expect(fused(1 + 2 ** -12, 1 + 2 ** -12, 2 ** -25 - 2 ** -70)).toBe(f(1 + 2 ** -11 + 2 ** -24 + 2 ** -25));
  expect(fused(2 ** -12, 2 ** -12, 1 + 2 ** -23)).toBe(1 + 2 ** -22);
  expect(fused(2 ** -12, 2 ** -12 * (1 - 2 ** -23), 1 + 2 ** -23)).toBe(1 + 2 ** -23);
});

type Elements = (row: number, column: number) => number;
const zeros: Elements = () => 0;

/** start + a . b as a matrix [rows][columns]: the slow reference of all three products. */
function product(
  term: Term,
  rows: number,
  terms: number,
  columns: number,
  start: Elements,
  a: Elements,
  b: Elements,
): Float32Array {
  const c = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < columns; j++) {
      let sum = start(r, j);
      for (let k = 0; k < terms; k++) sum = term(a(r, k), b(k, j), sum);
      c[r * columns + j] = sum;
    }
  }
  return c;
}

const CANARY = f(12345.678);

/** Buffers in a core's memory, with canaries around each. */
class Room {
  readonly floats: Float32Array;
  readonly bits: Int32Array;
  #top = 0;
  #guards: number[] = [];

  constructor(readonly core: Core) {
    core.reserve(16 << 20);
    this.floats = new Float32Array(core.memory.buffer);
    this.bits = new Int32Array(core.memory.buffer);
    this.clear();
  }

  clear(): void {
    this.#top = 1 << 14;
    this.#guards = [];
  }

  /** A new buffer of `length` floats; returns its address. */
  buffer(length: number, value: (i: number) => number): Pointer {
    this.#guard();
    const at = this.#top;
    for (let i = 0; i < length; i++) this.floats[at + i] = value(i);
    this.#top += length;
    this.#guard();
    return at * 4;
  }

  /** A matrix with a stride, given or to be written; padding lanes up to padded(columns) are zeros or to be written. */
  matrix(rows: number, columns: number, stride: number, values?: Float32Array): Pointer {
    return this.buffer(rows * stride, (i) => {
      const column = i % stride;
      if (!values || column >= padded(columns)) return CANARY;
      return column < columns ? values[Math.floor(i / stride) * columns + column]! : 0;
    });
  }

  /** Where the matrix differs in a bit from what is wanted, padding and the canaries past it included; '' if nowhere. */
  difference(at: Pointer, rows: number, columns: number, stride: number, wanted: Float32Array): string {
    for (let r = 0; r < rows; r++) {
      for (let j = 0; j < stride; j++) {
        const value = this.floats[at / 4 + r * stride + j]!;
        const expected = j < columns ? wanted[r * columns + j]! : j < padded(columns) && stride > columns ? 0 : CANARY;
        if (!Object.is(value, expected)) return `row ${r}, column ${j}: ${value} instead of ${expected}`;
      }
    }
    return this.#guards.every((guard) => this.floats[guard] === CANARY) ? '' : 'wrote over a canary';
  }

  same(a: Pointer, b: Pointer, length: number): boolean {
    for (let i = 0; i < length; i++) if (this.bits[a / 4 + i] !== this.bits[b / 4 + i]) return false;
    return true;
  }

  /** The zeros at address 0 that a null start reads. */
  zerosIntact(): boolean {
    return this.bits.subarray(0, 32).every((word) => word === 0);
  }

  #guard(): void {
    for (let i = 0; i < 16; i++) {
      this.floats[this.#top] = CANARY;
      this.#guards.push(this.#top++);
    }
  }
}

// Full mantissas and both signs, so that products round and sums cancel.
let state = 1;
const randoms = (length: number) => {
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
};

/** Every function of the products at one size, in the given tiles; '' or what is wrong. */
function check(
  room: Room,
  term: Term,
  rows: number,
  inputs: number,
  outputs: number,
  gap: number,
  tiles: readonly Tile[],
): string {
  const { core } = room;
  const xStride = padded(inputs) + gap;
  const yStride = padded(outputs) + gap;
  const at =
    (values: Float32Array, columns: number): Elements =>
    (r, c) =>
      values[r * columns + c]!;
  const turned =
    (elements: Elements): Elements =>
    (r, c) =>
      elements(c, r);
  const [x, dy, w, bias] = [randoms(rows * inputs), randoms(rows * outputs), randoms(inputs * outputs), randoms(outputs)];
  const [oldDx, oldDw, oldDb] = [randoms(rows * inputs), randoms(inputs * outputs), randoms(outputs)];
  const [X, DY, W] = [at(x, inputs), at(dy, outputs), at(w, outputs)];

  room.clear();
  const xAt = room.matrix(rows, inputs, xStride, x);
  const dyAt = room.matrix(rows, outputs, yStride, dy);
  const wAt = room.matrix(inputs, outputs, outputs, w);
  const biasAt = room.matrix(1, outputs, padded(outputs), bias);
  const panels = room.buffer(core.panelFloats(inputs, outputs), () => CANARY);
  const back = room.buffer(inputs * outputs, () => CANARY);
  const weightBuffer = () => room.buffer(core.panelFloats(inputs, outputs), () => CANARY);
  let wrong = '';
  const expectMatrix = (name: string, pointer: Pointer, height: number, width: number, stride: number, wanted: Float32Array) => {
    const difference = room.difference(pointer, height, width, stride, wanted);
    if (difference && !wrong) wrong = `${name}, ${difference}`;
  };
  const expectPanels = (name: string, pointer: Pointer, wanted: Float32Array) => {
    core.unpackPanels(back, pointer, inputs, outputs);
    expectMatrix(name, back, inputs, outputs, outputs, wanted);
    const again = weightBuffer(); // packing writes zeros into the padding lanes
    core.packPanels(again, back, inputs, outputs);
    if (!wrong && !room.same(again, pointer, core.panelFloats(inputs, outputs))) wrong = `${name}: padding lanes are not zero`;
  };

  core.packPanels(panels, wAt, inputs, outputs);
  expectPanels('packPanels', panels, w);

  const transposed = room.buffer(core.transposedFloats(inputs, outputs), () => CANARY);
  const inParts = room.buffer(core.transposedFloats(inputs, outputs), () => CANARY);
  const count = Math.ceil(inputs / 16);
  core.transposePanels(transposed, panels, inputs, outputs);
  core.transposePanelRange(inParts, panels, inputs, outputs, count >> 1, count);
  core.transposePanelRange(inParts, panels, inputs, outputs, 0, count >> 1);
  if (!room.same(transposed, inParts, core.transposedFloats(inputs, outputs))) wrong ||= 'transposePanelRange';

  const db = room.matrix(1, outputs, padded(outputs));
  const columnSum = (start: number, j: number) => {
    let sum = start;
    for (let r = 0; r < rows; r++) sum = f(sum + DY(r, j));
    return sum;
  };
  core.biasGradient(db, dyAt, yStride, rows, outputs, false);
  expectMatrix(
    'biasGradient',
    db,
    1,
    outputs,
    padded(outputs),
    oldDb.map((_, j) => columnSum(0, j)),
  );
  const dbMore = room.matrix(1, outputs, padded(outputs), oldDb);
  core.biasGradient(dbMore, dyAt, yStride, rows, outputs, true);
  expectMatrix('biasGradient accumulating', dbMore, 1, outputs, padded(outputs), oldDb.map(columnSum));

  const y = product(term, rows, inputs, outputs, (_, j) => bias[j]!, X, W);
  const yNoBias = product(term, rows, inputs, outputs, zeros, X, W);
  const dx = product(term, rows, outputs, inputs, zeros, DY, turned(W));
  const dxMore = product(term, rows, outputs, inputs, at(oldDx, inputs), DY, turned(W));
  const dw = product(term, inputs, rows, outputs, zeros, turned(X), DY);
  const dwMore = product(term, inputs, rows, outputs, at(oldDw, outputs), turned(X), DY);
  const oldPanels = weightBuffer();
  core.packPanels(oldPanels, room.matrix(inputs, outputs, outputs, oldDw), inputs, outputs);
  const cut = Math.floor(inputs * 0.4);

  for (const tile of tiles) {
    core.chooseTiles(tile, tile);
    const name = Tile[tile];
    const out = room.matrix(rows, outputs, yStride);
    core.forwardProduct(out, yStride, xAt, xStride, panels, biasAt, rows, inputs, outputs);
    expectMatrix(`forwardProduct ${name}`, out, rows, outputs, yStride, y);
    core.forwardProduct(out, yStride, xAt, xStride, panels, 0, rows, inputs, outputs);
    expectMatrix(`forwardProduct ${name} without bias`, out, rows, outputs, yStride, yNoBias);

    const dxAt = room.matrix(rows, inputs, xStride);
    core.inputGradient(dxAt, xStride, dyAt, yStride, transposed, rows, inputs, outputs, false);
    expectMatrix(`inputGradient ${name}`, dxAt, rows, inputs, xStride, dx);
    const dxMoreAt = room.matrix(rows, inputs, xStride, oldDx);
    core.inputGradient(dxMoreAt, xStride, dyAt, yStride, transposed, rows, inputs, outputs, true);
    expectMatrix(`inputGradient ${name} accumulating`, dxMoreAt, rows, inputs, xStride, dxMore);

    const packedAt = room.buffer(160 * 16, () => Number.NaN);
    const dwAt = weightBuffer();
    const dwMoreAt = weightBuffer();
    room.floats.copyWithin(dwMoreAt / 4, oldPanels / 4, oldPanels / 4 + core.panelFloats(inputs, outputs));
    for (const [from, to] of [
      [cut, inputs],
      [0, cut],
    ]) {
      core.weightGradient(dwAt, xAt, xStride, dyAt, yStride, rows, inputs, outputs, from!, to!, false, 0);
      core.weightGradient(dwMoreAt, xAt, xStride, dyAt, yStride, rows, inputs, outputs, from!, to!, true, packedAt);
    }
    expectPanels(`weightGradient ${name}`, dwAt, dw);
    expectPanels(`weightGradient ${name} accumulating`, dwMoreAt, dwMore);
  }
  return wrong;
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe.each(builds)('the products of the %s build', (build) => {
  const core = loadProbe<Products>(build);
  const room = new Room(core);
  // Whether this engine fuses: 1 + 2^-11 + 2^-24 has no float, the exact square less 1 + 2^-11 has.
  const a = 1 + 2 ** -12;
  const [aAt, oneAt, resultAt] = [
    room.buffer(4, (i) => (i ? 0 : a)),
    room.buffer(4, (i) => (i ? 0 : -1 - 2 ** -11)),
    room.buffer(4, () => 0),
  ];
  core.forwardProduct(resultAt, 4, aAt, 4, aAt, oneAt, 1, 1, 1);
  const fuses = room.floats[resultAt / 4] === 2 ** -24;
  const term = fuses ? fused : separate;

  test('round every product in the simd128 build', () => {
    if (build === 'simd') expect(fuses).toBe(false);
  });

  test('match the triple loop bit for bit for every size 1..9 x 1..9 x 1..9', () => {
    for (const rows of upTo(9)) {
      for (const inputs of upTo(9)) {
        for (const outputs of upTo(9)) {
          const gap = ((rows + inputs + outputs) % 3) * 4;
          expect(check(room, term, rows, inputs, outputs, gap, tiles), `${rows} x ${inputs} x ${outputs}`).toBe('');
        }
      }
    }
  });

  // Around the tiles' rows, the panels' 16 columns, the blocks' 128 and 320 terms and 240 rows.
  const edges = [
    10, 11, 12, 13, 15, 16, 17, 19, 31, 32, 33, 47, 48, 49, 63, 64, 65, 127, 128, 129, 160, 161, 239, 240, 241, 255, 256, 257,
    258, 320, 321, 641,
  ];
  test.each(edges)('match it around tile and block edges: %i rows, inputs or outputs', (edge) => {
    for (const [rows, inputs, outputs] of [
      [edge, 5, 9],
      [3, edge, 18],
      [14, 7, edge],
      [edge, 17, 2],
      // One output, whose weights get their gradient by vectors of inputs, and one term.
      [edge, 32, 1],
      [3, edge, 1],
      [14, edge, 1],
      [edge, 1, 16],
      [7, 1, edge],
    ] as const) {
      for (const gap of [0, 4])
        expect(check(room, term, rows, inputs, outputs, gap, tiles), `${rows} x ${inputs} x ${outputs}`).toBe('');
    }
  });

  test.each([
    [33, 65, 47],
    [130, 40, 36],
    [31, 257, 65],
    [1, 330, 70],
    [2, 130, 77],
  ])('match it at %i x %i x %i', (rows, inputs, outputs) => {
    expect(check(room, term, rows, inputs, outputs, 8, tiles)).toBe('');
  });

  test('give a row the same bits alone and in a batch', () => {
    const [rows, inputs, outputs] = [37, 70, 45];
    const stride = 72;
    room.clear();
    const x = room.matrix(rows, inputs, stride, randoms(rows * inputs));
    const panels = room.buffer(core.panelFloats(inputs, outputs), () => 0);
    core.packPanels(panels, room.matrix(inputs, outputs, outputs, randoms(inputs * outputs)), inputs, outputs);
    const [all, alone] = [room.matrix(rows, outputs, stride), room.matrix(1, outputs, stride)];
    core.forwardProduct(all, stride, x, stride, panels, 0, rows, inputs, outputs);
    for (let r = 0; r < rows; r++) {
      core.forwardProduct(alone, stride, x + r * stride * 4, stride, panels, 0, 1, inputs, outputs);
      expect(room.same(alone, all + r * stride * 4, outputs)).toBe(true);
    }
  });

  test('never write the zeros at address 0', () => {
    expect(room.zerosIntact()).toBe(true);
  });
});

test('the core was built from the tiles that scripts/tiles.mjs gives now', () => {
  expect(readFileSync(new URL('../../assembly/kernels/tiles.generated.ts', import.meta.url), 'utf8')).toBe(generate());
});
