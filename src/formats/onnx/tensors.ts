// Tensors of ONNX files: the numbers behind each of the ways a file may hold them. Raw bytes, lists (in the field that belongs
// to the data type), sparse lists, or bytes in a file beside the model. Everything is checked against the shape first.
// See: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, TensorProto

import { fail, show } from '../../errors.js';
import type { Fields } from './fields.js';

// biome-ignore format: a table
export const DataType = {
  Float: 1, Uint8: 2, Int8: 3, Uint16: 4, Int16: 5, Int32: 6, Int64: 7, String: 8, Bool: 9, Float16: 10, Double: 11, Uint32: 12,
  Uint64: 13, BFloat16: 16,
} as const;

export interface TensorMessage {
  name: string;
  dataType: number;
  dims: number[];
  /** The values, however the file held them; strings are in `strings`. */
  values: ArrayLike<number>;
  strings: string[];
}

/** Bytes of files beside the model, by the name the model calls them. */
export type ExternalData = (location: string) => Uint8Array | undefined;

/** Lists of numbers by the number of their field. */
type Field = 4 | 5 | 7 | 10 | 11;

interface Kind {
  readonly bytes: number;
  /** The field of lists: float_data, int32_data, int64_data, double_data or uint64_data. */
  readonly field: Field;
  readonly raw: (view: DataView, at: number) => number;
  /** What a number in the list stands for. */
  readonly listed?: (value: number) => number;
}

const signed = (bits: number) => (value: number) => (value << (32 - bits)) >> (32 - bits);
const unsigned = (bits: number) => (value: number) => (bits === 32 ? value >>> 0 : value & ((1 << bits) - 1));

// biome-ignore format: a table
const kinds: Readonly<Record<number, Kind>> = {
  [DataType.Float]:    { bytes: 4, field: 4,  raw: (view, at) => view.getFloat32(at, true) },
  [DataType.Double]:   { bytes: 8, field: 10, raw: (view, at) => view.getFloat64(at, true) },
  [DataType.Float16]:  { bytes: 2, field: 5,  raw: (view, at) => float16(view.getUint16(at, true)), listed: float16 },
  [DataType.BFloat16]: { bytes: 2, field: 5,  raw: (view, at) => bfloat16(view.getUint16(at, true)), listed: bfloat16 },
  [DataType.Int64]:    { bytes: 8, field: 7,  raw: (view, at) => Number(view.getBigInt64(at, true)) },
  [DataType.Int32]:    { bytes: 4, field: 5,  raw: (view, at) => view.getInt32(at, true) },
  [DataType.Int16]:    { bytes: 2, field: 5,  raw: (view, at) => view.getInt16(at, true), listed: signed(16) },
  [DataType.Int8]:     { bytes: 1, field: 5,  raw: (view, at) => view.getInt8(at), listed: signed(8) },
  [DataType.Uint64]:   { bytes: 8, field: 11, raw: (view, at) => Number(view.getBigUint64(at, true)) },
  [DataType.Uint32]:   { bytes: 4, field: 11, raw: (view, at) => view.getUint32(at, true), listed: unsigned(32) },
  [DataType.Uint16]:   { bytes: 2, field: 5,  raw: (view, at) => view.getUint16(at, true), listed: unsigned(16) },
  [DataType.Uint8]:    { bytes: 1, field: 5,  raw: (view, at) => view.getUint8(at), listed: unsigned(8) },
  [DataType.Bool]:     { bytes: 1, field: 5,  raw: (view, at) => Number(view.getUint8(at) !== 0), listed: (value) => Number(value !== 0) },
};

/** The number that sixteen bits are as IEEE half precision. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The number that sixteen bits are as the upper half of a float32. */
function bfloat16(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, bits & 0xffff);
  return view.getFloat32(0);
}

/** The nearest number with `digits` binary digits whose exponent is at least `lowest` (ties to even). */
function rounded(value: number, digits: number, lowest: number, largest: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), lowest);
  const unit = 2 ** (exponent - digits + 1);
  const steps = value / unit;
  const low = Math.floor(steps);
  const nearest = steps - low === 0.5 ? low + (low % 2 === 0 ? 0 : 1) : Math.round(steps);
  const result = nearest * unit;
  return Math.abs(result) > largest ? Math.sign(value) * Infinity : result;
}

/** A number as another data type keeps it; undefined for types that are not numbers. */
export function castTo(dataType: number): ((value: number) => number) | undefined {
  const whole = (wrap: (value: number) => number) => (value: number) => wrap(Math.trunc(value));
  switch (dataType) {
    case DataType.Float:
      return Math.fround;
    case DataType.Double:
      return (value) => value;
    case DataType.Float16:
      return (value) => rounded(value, 11, -14, 65504);
    case DataType.BFloat16:
      return (value) => rounded(value, 8, -126, 3.3895313892515355e38);
    case DataType.Bool:
      return (value) => Number(value !== 0);
    case DataType.Int64:
    case DataType.Uint64:
      return Math.trunc;
    case DataType.Int32:
      return whole(signed(32));
    case DataType.Uint32:
      return whole(unsigned(32));
    case DataType.Int16:
      return whole(signed(16));
    case DataType.Uint16:
      return whole(unsigned(16));
    case DataType.Int8:
      return whole(signed(8));
    case DataType.Uint8:
      return whole(unsigned(8));
    default:
      return undefined;
  }
}

export const isFloat = (dataType: number): boolean =>
  dataType === DataType.Float || dataType === DataType.Double || dataType === DataType.Float16 || dataType === DataType.BFloat16;

const FIELDS: readonly number[] = [4, 5, 7, 10, 11];

/** Numbers that a sparse tensor may spread out to. */
const MAX_DENSE = 2 ** 26;

export function readTensor(fields: Fields, external?: ExternalData): TensorMessage {
  const tensor: TensorMessage = { name: '', dataType: 0, dims: [], values: [], strings: [] };
  const lists = new Map<number, number[]>();
  const beside = new Map<string, string>();
  let raw: Uint8Array | undefined;
  let elsewhere = false;
  fields.each((field, f) => {
    if (FIELDS.includes(field)) {
      const list = lists.get(field) ?? [];
      lists.set(field, list);
      if (field === 4) f.floats(list, 4);
      else if (field === 10) f.floats(list, 8);
      else f.wholes(list);
    } else if (field === 1) f.wholes(tensor.dims);
    else if (field === 2) tensor.dataType = f.whole();
    else if (field === 6) tensor.strings.push(f.text());
    else if (field === 8) tensor.name = f.string();
    else if (field === 9) raw = f.bytes();
    else if (field === 13) f.message().entry(beside);
    else if (field === 14) elsewhere = f.whole() !== 0;
  });
  const count = countOf(tensor);
  if (elsewhere || beside.size > 0) raw = fromBeside(tensor, beside, external);
  if (tensor.dataType === DataType.String) {
    if (tensor.strings.length !== count) misfit(tensor, tensor.strings.length, count);
    return tensor;
  }
  const kind = kinds[tensor.dataType];
  if (kind === undefined)
    return fail(
      'ERR_UNSUPPORTED',
      `ONNX: tensor ${show(tensor.name)} is of data type ${tensor.dataType}; numbers of 8 to 64 bits are supported. Export the model in float32.`,
    );
  if (raw === undefined) {
    const [other] = [...lists].find(([field, list]) => field !== kind.field && list.length > 0) ?? [];
    if (other !== undefined)
      refuse(`tensor ${show(tensor.name)} of data type ${tensor.dataType} has its numbers in the field of another type`);
    const list = lists.get(kind.field) ?? [];
    tensor.values = kind.listed === undefined ? list : list.map(kind.listed);
  } else tensor.values = fromRaw(raw, kind, tensor);
  if (tensor.values.length !== count) misfit(tensor, tensor.values.length, count);
  return tensor;
}

/** A sparse tensor: values, where they stand, and the shape they stand in. */
export function readSparse(fields: Fields, external?: ExternalData): TensorMessage {
  let values: TensorMessage | undefined;
  let indices: TensorMessage | undefined;
  const dims: number[] = [];
  fields.each((field, f) => {
    if (field === 1) values = readTensor(f.message(), external);
    else if (field === 2) indices = readTensor(f.message(), external);
    else if (field === 3) f.wholes(dims);
  });
  const empty: TensorMessage = { name: '', dataType: DataType.Int64, dims: [0], values: [], strings: [] };
  const { name, dataType, values: given } = values ?? { ...empty, dataType: DataType.Float };
  const { dims: shape, values: where } = indices ?? empty;
  const tensor: TensorMessage = { name, dataType, dims, values: [], strings: [] };
  const count = countOf(tensor);
  if (count > MAX_DENSE)
    fail('ERR_UNSUPPORTED', `ONNX: the sparse tensor ${show(name)} has ${count} places; at most ${MAX_DENSE} are read.`);
  const linear = shape.length < 2;
  if (where.length !== given.length * (linear ? 1 : dims.length))
    refuse(`the sparse tensor ${show(name)} has ${given.length} values and ${where.length} numbers that say where they stand`);
  const dense = new Float64Array(count);
  for (let i = 0; i < given.length; i++) {
    let at = 0;
    if (linear) at = where[i]!;
    else
      for (let axis = 0; axis < dims.length; axis++) {
        const index = where[i * dims.length + axis]!;
        at = index >= 0 && index < dims[axis]! ? at * dims[axis]! + index : Number.NaN;
      }
    if (!(at >= 0 && at < count)) refuse(`a value of the sparse tensor ${show(name)} stands outside of its shape`);
    dense[at] = given[i]!;
  }
  return { ...tensor, values: dense };
}

function countOf({ name, dims }: TensorMessage): number {
  let count = 1;
  for (const dim of dims) {
    count *= dim;
    if (!(dim >= 0 && count <= Number.MAX_SAFE_INTEGER)) refuse(`tensor ${show(name)} has the shape [${dims.join(', ')}]`);
  }
  return count;
}

function misfit({ name, dims }: TensorMessage, got: number, count: number): never {
  refuse(`tensor ${show(name)} has ${got} values, but its shape [${dims.join(', ')}] needs ${count}`);
}

function fromRaw(raw: Uint8Array, { bytes, raw: read }: Kind, { name, dataType }: TensorMessage): ArrayLike<number> {
  if (raw.length % bytes !== 0) refuse(`tensor ${show(name)} ends in the middle of a value`);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
  const values = dataType === DataType.Float ? new Float32Array(raw.length / bytes) : new Float64Array(raw.length / bytes);
  for (let i = 0; i < values.length; i++) values[i] = read(view, i * bytes);
  return values;
}

function fromBeside({ name }: TensorMessage, entry: ReadonlyMap<string, string>, external?: ExternalData): Uint8Array {
  const location = entry.get('location') ?? '';
  const file = external?.(location);
  if (file === undefined)
    return fail(
      'ERR_UNSUPPORTED',
      `ONNX: the weights are in another file, ${show(location)}. Pass its bytes: importOnnx(bytes, { externalData: { ${JSON.stringify(location)}: … } }), or export the model with its weights inside.`,
      { location },
    );
  const offset = Number(entry.get('offset') ?? 0);
  const length = Number(entry.get('length') ?? file.length - offset);
  if (
    !(
      Number.isSafeInteger(offset) &&
      Number.isSafeInteger(length) &&
      offset >= 0 &&
      length >= 0 &&
      offset + length <= file.length
    )
  )
    return refuse(`tensor ${show(name)} lies beyond the ${file.length} bytes of ${show(location)}`);
  return file.subarray(offset, offset + length);
}

function refuse(problem: string): never {
  return fail('ERR_FORMAT', `Not an ONNX model: ${problem}.`);
}
