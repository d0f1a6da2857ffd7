// safetensors: named tensors in one file, as strict as the reference implementation (huggingface/safetensors 0.4).
//
//     | n: u64 | header: n bytes of JSON, padded with spaces to 8 | tensor bytes, little-endian, without holes |
//     header = { "__metadata__"?: { string: string }, name: { "dtype", "shape", "data_offsets": [begin, end] }, … }
//
// Everything is checked before anything is copied: the header's length, its JSON, that the tensors lie end to end and fill
// the file, that shape times dtype is the length. Names are keys of a Map and nothing else. Assumes a little-endian machine,
// as WebAssembly does.

import { brandOf, isArrayBuffer, isMap, isSharedBuffer } from '../brands.js';
import { textDecoder, utf8 } from '../platform.js';
import { bytes, sizeOf } from '../data/allocate.js';
import { fail, show } from '../errors.js';
import { fromFloat16 } from './float16.js';
import { JsonReader } from './json.js';

interface DtypeRow {
  readonly bytes: number;
  readonly array: new (buffer: ArrayBuffer) => TensorData;
}

/** What the values of a tensor come in. F16 and BF16 come as their bits, BOOL as bytes. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

// In the reference's order: by alignment.
const dtypes = {
  BOOL: { bytes: 1, array: Uint8Array },
  U8: { bytes: 1, array: Uint8Array },
  I8: { bytes: 1, array: Int8Array },
  I16: { bytes: 2, array: Int16Array },
  U16: { bytes: 2, array: Uint16Array },
  F16: { bytes: 2, array: Uint16Array },
  BF16: { bytes: 2, array: Uint16Array },
  I32: { bytes: 4, array: Int32Array },
  U32: { bytes: 4, array: Uint32Array },
  F32: { bytes: 4, array: Float32Array },
  F64: { bytes: 8, array: Float64Array },
  I64: { bytes: 8, array: BigInt64Array },
  U64: { bytes: 8, array: BigUint64Array },
} satisfies Record<string, DtypeRow>;

/** The types of numbers that safetensors files hold. */
export type Dtype = keyof typeof dtypes;
const dtypeNames = Object.keys(dtypes) as Dtype[];

/** A tensor of a safetensors file. */
export interface SafeTensor {
  /** The type its numbers had in the file. */
  readonly dtype: Dtype;
  /** The length of each side; [] for one number. */
  readonly shape: readonly number[];
  /** The numbers, row-major. */
  readonly data: TensorData;
}

/** A tensor to be written. The dtype follows from the array; F16, BF16 (as Uint16Array) and BOOL (as Uint8Array) must be said. */
export interface TensorInput {
  /** The length of each side. */
  readonly shape: readonly number[];
  /** As many numbers as the shape has places, row-major. */
  readonly data: TensorData;
  /** The type to store them in; by default that of the array. */
  readonly dtype?: Dtype;
}

/** What a safetensors file holds: tensors by name, and notes. */
export interface SafetensorsFile {
  /** By name, in the order of the file. */
  readonly tensors: Map<string, SafeTensor>;
  /** Notes by name, all text. */
  readonly metadata: Map<string, string>;
}

const MAX_HEADER_BYTES = 100_000_000;

/**
 * Reads a safetensors file. `convert: 'float32'` turns F16, BF16 and F64 into float32; without it F16 and BF16 come as bits.
 * @throws ERR_FORMAT for a file that is not what it says, or a dtype this reader does not know; ERR_RANGE when a double
 * does not fit float32; ERR_TYPE unless given bytes.
 * @example
 * const bytes = writeSafetensors(new Map([['weight', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }]]));
 * const { tensors } = readSafetensors(bytes, { convert: 'float32' });
 * tensors.get('weight');  // { dtype: 'F32', shape: [2, 2], data: [1, 2, 3, 4] }
 */
export function readSafetensors(bytes: Uint8Array | ArrayBuffer, options: { convert?: 'float32' } = {}): SafetensorsFile {
  const file = asBytes(bytes, 'readSafetensors');
  if (options.convert !== undefined && options.convert !== 'float32')
    fail('ERR_OPTION', `readSafetensors.convert: expected 'float32', got ${show(options.convert)}.`);
  const { entries, metadata } = readHeader(file);
  const tensors = new Map<string, SafeTensor>();
  for (const entry of entries) {
    const tensor = readTensor(file, entry);
    tensors.set(entry.name, options.convert === 'float32' ? toFloat32(entry.name, tensor) : tensor);
  }
  return { tensors, metadata };
}

/** A copy of one tensor of a file whose header was read. */
export function readTensor(file: Uint8Array, { dtype, shape, begin, end }: TensorEntry): SafeTensor {
  const copy = new Uint8Array(end - begin); // at the start of a buffer of its own: aligned for every array
  copy.set(file.subarray(begin, end));
  return { dtype, shape, data: new dtypes[dtype].array(copy.buffer) };
}

/** The bytes of a file. @throws ERR_TYPE for anything that is not bytes. */
export function asBytes(bytes: unknown, who: string): Uint8Array {
  if (isArrayBuffer(bytes) || isSharedBuffer(bytes)) return asBytes(new Uint8Array(bytes), who);
  if (ArrayBuffer.isView(bytes)) {
    const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // Shared memory can change between a check and the use of what was checked: read a copy.
    return isArrayBuffer(bytes.buffer) ? view : view.slice();
  }
  return fail('ERR_TYPE', `${who}: expected the bytes of a file (Uint8Array or ArrayBuffer), got ${show(bytes)}.`);
}

export interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Its bytes in the file, [begin, end). */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** In the order of the file. */
  readonly entries: readonly TensorEntry[];
  readonly metadata: Map<string, string>;
  /** Where the tensors begin. */
  readonly start: number;
}

/** Checks a whole file but for the values of its tensors, copying none. @throws ERR_FORMAT. */
export function readHeader(file: Uint8Array): SafetensorsHeader {
  if (file.length < 8) refuse(`${file.length} bytes are too few for a header`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) refuse(`its header claims ${length} bytes, more than the ${MAX_HEADER_BYTES} allowed`);
  const start = 8 + Number(length);
  if (start > file.length) refuse(`it is cut off: it has ${file.length} bytes, and its header needs ${start}`);

  const entries: TensorEntry[] = [];
  const metadata = new Map<string, string>();
  const text = textOf(file.subarray(8, start));
  if (text[0] !== '{') refuse(`its header does not begin with {`);
  const json = new JsonReader(text, 'safetensors header');
  json.object((name) => {
    if (name === '__metadata__') readMetadata(json, metadata);
    else entries.push(readEntry(json, name));
  });
  json.end();

  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let reached = 0;
  for (const { name, dtype, shape, begin, end } of entries) {
    if (begin !== reached || end < begin)
      refuse(
        `${show(name)} lies at bytes ${begin} to ${end}, but the tensor before it ends at ${reached}: holes and overlaps are not allowed`,
      );
    reached = end;
    let expected = dtypes[dtype].bytes;
    for (const size of shape) expected = checkedProduct(expected, size, name);
    if (end - begin !== expected)
      refuse(`${show(name)} has ${end - begin} bytes, but ${dtype} [${shape.join(', ')}] needs ${expected}`);
  }
  if (start + reached !== file.length) refuse(`its tensors end at byte ${start + reached}, but the file at ${file.length}`);
  return { entries: entries.map((e) => ({ ...e, begin: start + e.begin, end: start + e.end })), metadata, start };
}

function readMetadata(json: JsonReader, metadata: Map<string, string>): void {
  if (json.null()) return;
  json.object((key) => {
    metadata.set(key, json.string());
  });
}

function readEntry(json: JsonReader, name: string): TensorEntry {
  let dtype: Dtype | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  json.object((key) => {
    if (key === 'dtype') dtype = readDtype(json.string(), name);
    else if (key === 'shape') shape = readCounts(json);
    else if (key === 'data_offsets') offsets = readCounts(json);
    else json.skip();
  });
  if (dtype === undefined || shape === undefined || offsets === undefined || offsets.length !== 2)
    return refuse(`${show(name)} needs dtype, shape and data_offsets [begin, end]`);
  return { name, dtype, shape, begin: offsets[0]!, end: offsets[1]! };
}

function readDtype(text: string, name: string): Dtype {
  if (!Object.hasOwn(dtypes, text)) refuse(`${show(name)} has the dtype ${show(text)}; known are ${dtypeNames.join(', ')}`);
  return text as Dtype;
}

function readCounts(json: JsonReader): number[] {
  const counts: number[] = [];
  json.array(() => counts.push(json.count()));
  return counts;
}

function checkedProduct(a: number, b: number, name: string): number {
  const product = a * b;
  if (product > Number.MAX_SAFE_INTEGER) refuse(`${show(name)} has a shape whose size overflows`);
  return product;
}

function textOf(bytes: Uint8Array): string {
  const decoder = textDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    return decoder.decode(bytes);
  } catch {
    return refuse('its header is not UTF-8');
  }
}

function refuse(problem: string): never {
  return fail('ERR_FORMAT', `Not a safetensors file: ${problem}.`);
}

// ---- conversion -------------------------------------------------------------------------------------------------------

function toFloat32(name: string, tensor: SafeTensor): SafeTensor {
  const { dtype, shape } = tensor;
  if (dtype === 'F16') return { dtype: 'F32', shape, data: Float32Array.from(tensor.data as Uint16Array, fromFloat16) };
  if (dtype === 'BF16') {
    const bits = Uint32Array.from(tensor.data as Uint16Array, (b) => (b << 16) >>> 0);
    return { dtype: 'F32', shape, data: new Float32Array(bits.buffer) };
  }
  if (dtype !== 'F64') return tensor;
  const wide = tensor.data as Float64Array;
  const data = Float32Array.from(wide);
  for (let i = 0; i < data.length; i++)
    if (!Number.isFinite(data[i]!) && Number.isFinite(wide[i]!))
      fail('ERR_RANGE', `${show(name)}[${i}] is ${wide[i]}, beyond the largest float32 (3.4e38).`, { name, index: i });
  return { dtype: 'F32', shape, data };
}

// ---- writing ----------------------------------------------------------------------------------------------------------

/**
 * Writes a safetensors file: widest dtypes first, then by name, as the reference implementation does.
 * @throws ERR_SHAPE when a shape does not fit its data, ERR_TYPE for data or metadata of another kind.
 *
 * @example
 * const bytes = writeSafetensors({ weight: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } }, { made: 'by hand' });
 * readSafetensors(bytes).metadata.get('made');  // 'by hand'
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, TensorInput> | Readonly<Record<string, TensorInput>>,
  metadata: ReadonlyMap<string, string> | Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const given: [string, TensorInput][] = isMap(tensors)
    ? [...(tensors as ReadonlyMap<string, TensorInput>)]
    : Object.entries(tensors);
  const sorted = given.map(([name, tensor]) => ({ name, tensor, dtype: dtypeOf(name, tensor) }));
  sorted.sort((a, b) => dtypeNames.indexOf(b.dtype) - dtypeNames.indexOf(a.dtype) || (a.name < b.name ? -1 : 1));

  const members: string[] = [];
  const notes: [string, string][] = isMap(metadata) ? [...(metadata as ReadonlyMap<string, string>)] : Object.entries(metadata);
  if (notes.length > 0)
    members.push(`"__metadata__":{${notes.map(([key, value]) => `${quote(key)}:${quote(value)}`).join(',')}}`);
  let end = 0;
  for (const { name, tensor, dtype } of sorted) {
    const begin = end;
    end += tensor.data.byteLength;
    members.push(`${quote(name)}:{"dtype":"${dtype}","shape":[${tensor.shape.join(',')}],"data_offsets":[${begin},${end}]}`);
  }
  const header = utf8(`{${members.join(',')}}`);
  const padded = Math.ceil(header.length / 8) * 8;
  if (padded > MAX_HEADER_BYTES)
    fail('ERR_UNSUPPORTED', `writeSafetensors: a header of ${padded} bytes; the format allows ${MAX_HEADER_BYTES}.`);

  const file = bytes(8 + padded + end, 'writeSafetensors');
  new DataView(file.buffer).setUint32(0, padded, true);
  file.set(header, 8);
  file.fill(SPACE, 8 + header.length, 8 + padded);
  let at = 8 + padded;
  for (const { tensor } of sorted) {
    file.set(new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength), at);
    at += tensor.data.byteLength;
  }
  return file;
}

const SPACE = 0x20;

function quote(text: unknown): string {
  if (typeof text !== 'string') fail('ERR_TYPE', `writeSafetensors: names and metadata are strings, got ${show(text)}.`);
  if (/\p{Surrogate}/u.test(text)) fail('ERR_TYPE', `writeSafetensors: ${show(text)} has half of a surrogate pair.`);
  return JSON.stringify(text);
}

function dtypeOf(name: string, { data, shape, dtype }: TensorInput): Dtype {
  if (name === '__metadata__') fail('ERR_OPTION', 'writeSafetensors: a tensor cannot be called __metadata__.');
  const brand = ArrayBuffer.isView(data) ? brandOf(data) : '';
  const own = dtypeNames.find((d) => d !== 'BOOL' && dtypes[d].array.name === brand && d !== 'F16' && d !== 'BF16');
  if (own === undefined) fail('ERR_TYPE', `writeSafetensors: ${show(name)}: expected a typed array, got ${show(data)}.`);
  if (dtype !== undefined && !(Object.hasOwn(dtypes, dtype) && dtypes[dtype].array.name === brand))
    fail('ERR_TYPE', `writeSafetensors: ${show(name)}: ${show(data)} cannot hold ${show(dtype)}.`);
  if (!Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && n >= 0) || sizeOf(shape) !== data.length)
    fail(
      'ERR_SHAPE',
      `writeSafetensors: ${show(name)}: shape ${Array.isArray(shape) ? `[${shape.join(', ')}]` : show(shape)} does not fit ${data.length} values.`,
    );
  return dtype ?? own;
}
