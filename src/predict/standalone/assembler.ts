// A small WebAssembly assembler: instructions as lists of bytes that leave a value on the stack, and the parts of a module. Just what stands
// around the core in exported networks: rows in, answers out. See: https://webassembly.github.io/spec/core/binary/

import { utf8 } from '../../platform.js';

export type Code = readonly number[];

export const Type = { i32: 0x7f, f64: 0x7c } as const;
export type ValueType = (typeof Type)[keyof typeof Type];

/** Unsigned LEB128. */
export function uleb(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value % 128;
    value = Math.floor(value / 128);
    bytes.push(value > 0 ? low | 0x80 : low);
  } while (value > 0);
  return bytes;
}

/** Signed LEB128 of 32 bits. */
function sleb(value: number): number[] {
  const bytes: number[] = [];
  for (value |= 0; ; value >>= 7) {
    const low = value & 127;
    if (value >> 6 === 0 || value >> 6 === -1) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

const unary =
  (...op: number[]) =>
  (a: Code): Code => [...a, ...op];
const binary =
  (...op: number[]) =>
  (a: Code, b: Code): Code => [...a, ...b, ...op];
const load =
  (align: number, op: number) =>
  (address: Code, offset = 0): Code => [...address, op, align, ...uleb(offset)];
const store =
  (align: number, op: number) =>
  (address: Code, value: Code, offset = 0): Code => [...address, ...value, op, align, ...uleb(offset)];

export const get = (local: number): Code => [0x20, ...uleb(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...uleb(local)];
export const call = (index: number, ...args: Code[]): Code => [...args.flat(), 0x10, ...uleb(index)];
/** a where the condition is not 0, else b: both are computed. */
export const select = (condition: Code, a: Code, b: Code): Code => [...a, ...b, ...condition, 0x1b];

export const i32 = {
  const: (value: number): Code => [0x41, ...sleb(value)],
  and: binary(0x71),
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  shl: binary(0x74),
  ltU: binary(0x49),
};

export const f32 = {
  load: load(2, 0x2a),
  store: store(2, 0x38),
  ofF64: unary(0xb6),
};

export const f64 = {
  const: (value: number): Code => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)],
  load: load(3, 0x2b),
  store: store(3, 0x39),
  add: binary(0xa0),
  sub: binary(0xa1),
  mul: binary(0xa2),
  div: binary(0xa3),
  min: binary(0xa4),
  max: binary(0xa5),
  lt: binary(0x63),
  gt: binary(0x64),
  ofF32: unary(0xbb),
};

/** for (local = 0; local < end; local += step) body; `end` at least 1. */
export function loop(local: number, end: Code, step: number, body: Code): Code {
  const next = set(local, i32.add(get(local), i32.const(step)));
  return [...set(local, i32.const(0)), 0x03, 0x40, ...body, ...next, ...i32.ltU(get(local), end), 0x0d, 0x00, 0x0b];
}

/** A function of whole numbers that gives nothing, with its locals. */
export class FunctionBuilder {
  private readonly locals: ValueType[] = [];

  constructor(readonly parameters: number) {}

  local(type: ValueType): number {
    this.locals.push(type);
    return this.parameters + this.locals.length - 1;
  }

  /** Its entry of the type section. */
  get type(): number[] {
    return [0x60, ...vector(Array.from({ length: this.parameters }, () => [Type.i32])), 0];
  }

  /** Its entry of the code section. */
  encode(body: Code): number[] {
    const locals = this.locals.flatMap((type) => [1, type]);
    return sized([...uleb(this.locals.length), ...locals, ...body, 0x0b]);
  }
}

const sized = (bytes: readonly number[]): number[] => [...uleb(bytes.length), ...bytes];
export const vector = (items: readonly Code[]): number[] => [...uleb(items.length), ...items.flat()];
export const section = (id: number, content: readonly number[]): number[] => [id, ...sized(content)];
export const name = (text: string): number[] => sized([...utf8(text)]);
