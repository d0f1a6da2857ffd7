// The container of a model file, read as lightly as safety allows: JSON by the engine, the checksum of the whole file, and every tensor
// within it. src/formats/container.ts is the strict reader, which names what is wrong more closely; a test has both agree.

import { brandOf } from '../brands.js';
import { SavedState } from '../data/columns.js';
import { fail, show } from '../errors.js';
import { fromFloat16 } from '../formats/float16.js';
import { checksum } from './reading.js';

/** The numbers of a tensor. */
export type TensorValues = Float32Array | Float64Array | Int8Array;

/** Of each type that is read here what holds its numbers. */
const arrays = { F64: Float64Array, F32: Float32Array, F16: Uint16Array, I8: Int8Array } as const;

const CHECKSUM = '"checksum":"crc32:';

/** A model file whose header, version and checksum are checked, and nothing else yet. */
export class ModelFile {
  /** The names of its tensors. */
  readonly names: readonly string[];

  constructor(
    private readonly file: Uint8Array,
    /** Where the tensors begin. */
    private readonly start: number,
    private readonly header: Readonly<Record<string, unknown>>,
    private readonly metadata: SavedState,
  ) {
    this.names = Object.keys(header).filter((name) => name !== '__metadata__');
  }

  /** A section as plain JSON; undefined where there is none. */
  section(name: string): unknown {
    return this.metadata.raw(name) === undefined ? undefined : parse(this.metadata.string(name), name);
  }

  /**
   * How to read a tensor whose place in the file is sound: its numbers in a buffer of their own, halves as float32.
   * @throws ERR_FORMAT unless there is one of that name and shape, and of one of those types; when it is read, ERR_NONFINITE.
   */
  tensor(name: string, shape: readonly number[], types: string): () => TensorValues {
    const { file, start, header } = this;
    if (!Object.hasOwn(header, name)) damaged(`the tensor ${show(name)} is missing`);
    const { dtype, shape: own, data_offsets: place } = Object(header[name]);
    if (!types.split(' ').includes(dtype) || JSON.stringify(own) !== JSON.stringify(shape))
      damaged(`${show(name)} is ${show(dtype)} ${JSON.stringify(own)}, but the model needs ${types} ${JSON.stringify(shape)}`);
    const type = arrays[dtype as keyof typeof arrays];
    const begin = start + place?.[0];
    let end = type.BYTES_PER_ELEMENT;
    for (const side of shape) end *= side;
    end += begin;
    if (!(Number.isInteger(begin) && begin >= start && end === start + place[1] && end <= file.length))
      damaged(`${show(name)} has the data_offsets ${JSON.stringify(place)}`);
    return () => {
      const stored = new type(file.slice(begin, end).buffer as ArrayBuffer);
      const values = type === Uint16Array ? Float32Array.from(stored as Uint16Array, fromFloat16) : (stored as TensorValues);
      for (let k = 0; k < values.length; k++)
        if (values[k]! - values[k]! !== 0)
          fail('ERR_NONFINITE', `Model file: ${name}[${k}] is ${values[k]}, so it predicts nothing.`);
      return values;
    };
  }
}

/** @throws ERR_FORMAT for anything but a whole, unchanged model file of a version that is known here; ERR_TYPE unless given bytes. */
export function openModelFile(given: Uint8Array | ArrayBuffer): ModelFile {
  const file = bytesOf(given);
  if (file[0] === 0x7b) refuse('it is JSON, as Perceptron.save writes it. Perceptron.load reads that');
  if (file[8] !== 0x7b) refuse('it does not begin as one');
  const start = 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (start > file.length) refuse(`it is cut off: it has ${file.length} bytes, and its header needs ${start}`);
  const text = new TextDecoder().decode(file.subarray(8, start));
  const header = parse(text, 'its header') as Readonly<Record<string, unknown>>;
  const metadata = new SavedState(new SavedState(header, 'header', true).raw('__metadata__') ?? {}, 'metadata', true);
  if (metadata.raw('format') !== 'feedforward') refuse(`its format is ${show(metadata.raw('format'))}`);
  if (metadata.raw('version') !== '1')
    refuse(`it is of format version ${show(metadata.raw('version'))}, and this one reads 1: update feedforward`);
  const at = 8 + text.indexOf(CHECKSUM) + CHECKSUM.length; // what stands before it is ASCII
  const sum = checksum(file.slice().fill(0x30, at, at + 8)); // as it was when the sum was taken, with a 0 for each digit
  if (metadata.raw('checksum') !== `crc32:${sum.toString(16).padStart(8, '0')}`)
    refuse('its checksum does not fit: it was damaged or changed');
  return new ModelFile(file, start, header, metadata);
}

function bytesOf(given: Uint8Array | ArrayBuffer): Uint8Array {
  if (ArrayBuffer.isView(given)) return new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  if (brandOf(given) === 'ArrayBuffer') return new Uint8Array(given);
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

/** @throws ERR_FORMAT. */
export function damaged(problem: string): never {
  return fail('ERR_FORMAT', `Model file: ${problem}.`);
}
