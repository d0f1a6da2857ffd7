// The container of a model file, read as lightly as safety allows: JSON by the engine, the checksum of the whole file, and every tensor
// within it. src/formats/container.ts is the strict reader, which names what is wrong more closely; a test has both agree.

import { SavedState } from '../data/columns.js';
import { fail, show } from '../errors.js';
import { crc32 } from '../formats/checksum.js';

/** A tensor of the file: its type, its shape and its bytes. */
export interface StoredTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** A copy of its bytes in a buffer of their own. */
  bytes(): ArrayBuffer;
}

export interface ModelFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** A section as plain JSON; undefined where there is none. */
  section(name: string): unknown;
}

/** Bytes of a number of each type that is read here. */
const SIZES: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, I8: 1 };
const CHECKSUM = '"checksum":"crc32:';

/** @throws ERR_FORMAT for anything but a whole, unchanged model file of a version that is known here; ERR_TYPE unless given bytes. */
export function openModelFile(given: Uint8Array | ArrayBuffer): ModelFile {
  const file = bytesOf(given);
  const length = file.length < 8 ? 0 : Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const start = 8 + length;
  if (file[0] === 0x7b) refuse('it is JSON, as Perceptron.save writes it. Perceptron.load reads that');
  if (file[8] !== 0x7b || start > file.length) refuse('it does not begin as one');
  const text = new TextDecoder().decode(file.subarray(8, start));
  const json = parse(text, 'its header');
  const header = new SavedState(json, 'header', true);
  const metadata = new SavedState(header.raw('__metadata__') ?? {}, 'metadata', true);
  if (metadata.raw('format') !== 'feedforward') refuse(`its format is ${show(metadata.raw('format'))}`);
  if (metadata.raw('version') !== '1')
    refuse(`it is of format version ${show(metadata.raw('version'))}, and this one reads 1: update feedforward`);
  const at = 8 + text.indexOf(CHECKSUM) + CHECKSUM.length; // what stands before it is ASCII
  const sum = crc32(file.subarray(at + 8), crc32(new Uint8Array(8).fill(0x30), crc32(file.subarray(0, at))));
  if (metadata.raw('checksum') !== `crc32:${sum.toString(16).padStart(8, '0')}`)
    refuse('its checksum does not fit: it was damaged or changed');

  const tensors = new Map<string, StoredTensor>();
  for (const name of Object.keys(json as object)) {
    if (name === '__metadata__') continue;
    const entry = header.inner(show(name), header.raw(name));
    const dtype = entry.string('dtype');
    const shape = [...entry.numbers('shape', undefined, 0)];
    const [begin, end] = [...entry.numbers('data_offsets', 2, 0)] as [number, number];
    const bytes = shape.reduce((product, side) => product * side, SIZES[dtype] ?? Number.NaN);
    if (end - begin !== bytes && dtype in SIZES) entry.refuse('data_offsets', `${bytes} bytes apart`, end - begin);
    if (!Number.isInteger(begin) || start + end > file.length) entry.refuse('data_offsets', 'within the file', end);
    tensors.set(name, { dtype, shape, bytes: () => file.slice(start + begin, start + end).buffer as ArrayBuffer });
  }
  return {
    tensors,
    section(name) {
      return metadata.raw(name) === undefined ? undefined : parse(metadata.string(name), name);
    },
  };
}

function bytesOf(given: Uint8Array | ArrayBuffer): Uint8Array {
  if (ArrayBuffer.isView(given)) return new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  if (Object.prototype.toString.call(given) === '[object ArrayBuffer]') return new Uint8Array(given);
  return fail('ERR_TYPE', `loadPredictor: expected the bytes of a model file (Uint8Array or ArrayBuffer), got ${show(given)}.`);
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse(`${what} is no JSON`);
  }
}

function refuse(problem: string): never {
  return fail('ERR_FORMAT', `loadPredictor: this is no model file of feedforward: ${problem}.`);
}
