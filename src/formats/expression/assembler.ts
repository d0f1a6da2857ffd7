// A small WebAssembly assembler: instructions as lists of bytes that leave a value on the stack, functions and one memory put
// together into a module. Just what exported networks need. See: https://webassembly.github.io/spec/core/binary/

import { utf8 } from '../../platform.js';

export type Code = readonly number[];

export const Type = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = (typeof Type)[keyof typeof Type];

/** Unsigned LEB128. */
function uleb(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value % 128;
    value = Math.floor(value / 128);
    bytes.push(value > 0 ? low | 0x80 : low);
  } while (value > 0);
  return bytes;
}

/** Signed LEB128. */
function sleb(value: bigint): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = Number(value & 127n);
    value >>= 7n;
    if ((value === 0n && low < 64) || (value === -1n && low >= 64)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

const simd = (op: number): number[] => [0xfd, ...uleb(op)];
const unary =
  (...op: number[]) =>
  (a: Code): Code => [...a, ...op];
const binary =
  (...op: number[]) =>
  (a: Code, b: Code): Code => [...a, ...b, ...op];
const load =
  (align: number, ...op: number[]) =>
  (address: Code, offset = 0): Code => [...address, ...op, align, ...uleb(offset)];
const store =
  (align: number, ...op: number[]) =>
  (address: Code, value: Code, offset = 0): Code => [...address, ...value, ...op, align, ...uleb(offset)];

export const get = (local: number): Code => [0x20, ...uleb(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...uleb(local)];
export const call = (index: number, ...args: Code[]): Code => [...args.flat(), 0x10, ...uleb(index)];
/** a where the condition is not 0, else b: both are computed. */
export const select = (condition: Code, a: Code, b: Code): Code => [...a, ...b, ...condition, 0x1b];

export const i32 = {
  const: (value: number): Code => [0x41, ...sleb(BigInt(value))],
  add: binary(0x6a),
  shl: binary(0x74),
  ltU: binary(0x49),
};

export const i64 = {
  const: (value: bigint): Code => [0x42, ...sleb(value)],
  add: binary(0x7c),
  and: binary(0x83),
  or: binary(0x84),
  shl: binary(0x86),
  shrU: binary(0x88),
  /** The bits of a double. */
  bits: unary(0xbd),
  /** A double as a whole number. */
  truncate: unary(0xfc, 0x06),
};

export const f32 = {
  load: load(2, 0x2a),
  store: store(2, 0x38),
  ofF64: unary(0xb6),
};

export const f64 = {
  const: (value: number): Code => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)],
  load: load(3, 0x2b),
  abs: unary(0x99),
  neg: unary(0x9a),
  nearest: unary(0x9e),
  sqrt: unary(0x9f),
  add: binary(0xa0),
  sub: binary(0xa1),
  mul: binary(0xa2),
  div: binary(0xa3),
  min: binary(0xa4),
  max: binary(0xa5),
  lt: binary(0x63),
  gt: binary(0x64),
  ge: binary(0x66),
  ofF32: unary(0xbb),
  ofI32: unary(0xb7),
  ofI64: unary(0xb9),
  ofBits: unary(0xbf),
};

export const f32x4 = {
  load: load(4, ...simd(0x00)),
  loadSplat: load(2, ...simd(0x09)),
  store: store(4, ...simd(0x0b)),
  zero: [...simd(0x0c), ...new Array<number>(16).fill(0)] as Code,
  add: binary(...simd(0xe4)),
  mul: binary(...simd(0xe6)),
  max: binary(...simd(0xe9)),
};

/** for (local = 0; local < end; local += step) body; `end` at least 1. */
export function loop(local: number, end: Code, step: number, body: Code): Code {
  const next = set(local, i32.add(get(local), i32.const(step)));
  return [...set(local, i32.const(0)), 0x03, 0x40, ...body, ...next, ...i32.ltU(get(local), end), 0x0d, 0x00, 0x0b];
}

export class FunctionBuilder {
  private readonly locals: ValueType[] = [];

  constructor(
    readonly parameters: readonly ValueType[],
    readonly result: ValueType | undefined,
  ) {}

  local(type: ValueType): number {
    this.locals.push(type);
    return this.parameters.length + this.locals.length - 1;
  }

  /** The entry of the code section. */
  encode(body: Code): number[] {
    const locals = this.locals.flatMap((type) => [1, type]);
    return sized([...uleb(this.locals.length), ...locals, ...body, 0x0b]);
  }
}

export interface ModuleFunction {
  readonly builder: FunctionBuilder;
  readonly body: Code;
}

/**
 * A module with one memory that starts with `data`: exports `memory`, `heap` (the first byte behind data and buffers) and the
 * function `exported` under its name.
 */
export function encodeModule(
  functions: readonly ModuleFunction[],
  exported: { name: string; index: number },
  data: Uint8Array,
  heap: number,
): Uint8Array<ArrayBuffer> {
  const signatures = functions.map(({ builder }) => [
    0x60,
    ...vector(builder.parameters.map((t) => [t])),
    ...vector(builder.result === undefined ? [] : [[builder.result]]),
  ]);
  const pages = Math.max(1, Math.ceil(heap / 65536));
  const head = [
    0x00,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...section(1, vector(signatures)),
    ...section(3, vector(functions.map((_, i) => uleb(i)))),
    ...section(5, vector([[0x00, ...uleb(pages)]])),
    ...section(6, vector([[Type.i32, 0x00, ...i32.const(heap), 0x0b]])),
    ...section(
      7,
      vector([
        [...name('memory'), 0x02, 0],
        [...name('heap'), 0x03, 0],
        [...name(exported.name), 0x00, ...uleb(exported.index)],
      ]),
    ),
    ...section(10, vector(functions.map(({ builder, body }) => builder.encode(body)))),
  ];
  // The data section, without a list of numbers as long as the weights.
  const segment = [1, 0x00, ...i32.const(0), 0x0b, ...uleb(data.length)];
  const dataHead = [11, ...uleb(segment.length + data.length), ...segment];
  const bytes = new Uint8Array(head.length + dataHead.length + data.length);
  bytes.set(head);
  bytes.set(dataHead, head.length);
  bytes.set(data, head.length + dataHead.length);
  return bytes;
}

const vector = (items: readonly Code[]): number[] => [...uleb(items.length), ...items.flat()];
const sized = (bytes: readonly number[]): number[] => [...uleb(bytes.length), ...bytes];
const section = (id: number, content: readonly number[]): number[] => [id, ...sized(content)];
const name = (text: string): number[] => sized([...utf8(text)]);
