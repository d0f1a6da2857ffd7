// The rows of a search and their folds as one run of bytes, which goes to a worker once and is known by its hash.
//
//   | "FFDATA1\0" | length of the head, 8 bytes little-endian | head: JSON, filled with spaces to a multiple of 8 | arrays, each from a multiple of 8 |
//
// The head says which array is what. A fold's training rows stand there only where they are not simply all others in order.

import { isSharedBuffer } from '../brands.js';
import type { Fold } from '../data/split.js';
import type { Label } from '../data/labels.js';
import type { Column } from '../data/table.js';
import { fail } from '../errors.js';
import { textDecoder, utf8 } from '../platform.js';
import type { TrialData } from './trialData.js';

const MAGIC = utf8('FFDATA1\0');
const kinds = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u32: Uint32Array } as const;
type Numbers = Float32Array | Float64Array | Int32Array | Uint32Array;

/** Where an array lies: what its numbers are, from which byte after the head, how many. */
interface Place {
  readonly kind: keyof typeof kinds;
  readonly at: number;
  readonly length: number;
}

interface Head {
  readonly X:
    | { readonly data: Place; readonly shape: readonly [number, number] }
    | {
        readonly columns: readonly (Omit<Column, 'values' | 'codes'> & { readonly values?: Place; readonly codes?: Place })[];
        readonly rows: number;
      };
  readonly y:
    | string
    | { readonly labels: readonly Label[] }
    | { readonly numbers: Place; readonly shape?: readonly [number, number] };
  readonly featureNames?: readonly string[] | undefined;
  readonly folds: readonly { readonly train: Place | null; readonly test: Place }[];
}

/** Rows and folds, as trials take them. */
export interface DataSet {
  readonly data: TrialData;
  readonly folds: readonly Fold[];
}

/** The bytes of rows and folds. */
export function encodeDataSet({ data, folds }: DataSet): Uint8Array<ArrayBuffer> {
  const arrays: Numbers[] = [];
  let length = 0;
  const place = (array: Numbers): Place => {
    const kind = (Object.keys(kinds) as Place['kind'][]).find((name) => array instanceof kinds[name])!;
    const at = length;
    arrays.push(array);
    length += 8 * Math.ceil(array.byteLength / 8);
    return { kind, at, length: array.length };
  };
  const { X, y, featureNames } = data;
  const rows = 'columns' in X ? X.rows : X.shape[0];
  const head: Head = {
    X:
      'columns' in X
        ? {
            columns: X.columns.map((column) =>
              column.type === 'categorical'
                ? { ...column, codes: place(column.codes) }
                : { ...column, values: place(column.values) },
            ),
            rows: X.rows,
          }
        : { data: place(X.data), shape: X.shape },
    y: encodeTargets(y, place),
    featureNames,
    folds: folds.map(({ train, test }) => ({ train: isRest(train, test, rows) ? null : place(train), test: place(test) })),
  };
  const text = utf8(JSON.stringify(head));
  const from = 16 + 8 * Math.ceil(text.length / 8);
  const bytes = new Uint8Array(from + length).fill(0x20, 16, from);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setBigUint64(8, BigInt(from - 16), true);
  bytes.set(text, 16);
  let at = from;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += 8 * Math.ceil(byteLength / 8);
  }
  return bytes;
}

function encodeTargets(y: TrialData['y'], place: (array: Numbers) => Place): Head['y'] {
  if (typeof y === 'string') return y;
  if ('data' in y) return { numbers: place(y.data), shape: y.shape };
  if (y.length > 0 && y.every((value) => typeof value === 'number')) return { numbers: place(Float64Array.from(y as number[])) };
  return { labels: y };
}

/** Whether the training rows of a fold are all but its test rows, in order. */
function isRest(train: Uint32Array, test: Uint32Array, rows: number): boolean {
  const rest = restOf(test, rows);
  return rest.length === train.length && rest.every((row, i) => row === train[i]);
}

function restOf(test: Uint32Array, rows: number): Uint32Array {
  const held = new Uint8Array(rows);
  for (const row of test) held[row] = 1;
  const rest: number[] = [];
  for (let row = 0; row < rows; row++) if (held[row] === 0) rest.push(row);
  return Uint32Array.from(rest);
}

/** What the bytes hold: arrays are views of them where they lie well. @throws ERR_FORMAT for other bytes. */
export function decodeDataSet(given: Uint8Array): DataSet {
  const wrong = (): never => fail('ERR_FORMAT', 'These bytes are no data set of a search, or not all of it.');
  const bytes = given.byteOffset % 8 === 0 ? given : given.slice();
  if (bytes.length < 16 || !MAGIC.every((byte, i) => bytes[i] === byte)) wrong();
  const from = 16 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(8, true));
  if (!(from <= bytes.length)) wrong();
  const text = isSharedBuffer(bytes.buffer) ? bytes.slice(16, from) : bytes.subarray(16, from); // decoders take no shared memory
  const head = JSON.parse(textDecoder().decode(text as Uint8Array<ArrayBuffer>)) as Head;
  const read = ({ kind, at, length }: Place): Numbers => {
    const size = length * kinds[kind].BYTES_PER_ELEMENT;
    if (!(at % 8 === 0 && at >= 0 && from + at + size <= bytes.length)) wrong();
    return new kinds[kind](bytes.buffer as ArrayBuffer, bytes.byteOffset + from + at, length);
  };
  const X = 'columns' in head.X ? readTable(head.X, read) : { data: read(head.X.data) as Float64Array, shape: head.X.shape };
  const rows = 'columns' in X ? X.rows : X.shape[0];
  return {
    data: { X, y: readTargets(head.y, read), featureNames: head.featureNames },
    folds: head.folds.map(({ train, test: place }) => {
      const test = read(place) as Uint32Array;
      return { train: train === null ? restOf(test, rows) : (read(train) as Uint32Array), test };
    }),
  };
}

function readTable({ columns, rows }: Extract<Head['X'], { columns: unknown }>, read: (place: Place) => Numbers) {
  return {
    columns: columns.map((column): Column => {
      const { values, codes, ...rest } = column;
      return (codes === undefined ? { ...rest, values: read(values!) } : { ...rest, codes: read(codes) }) as Column;
    }),
    rows,
  };
}

function readTargets(y: Head['y'], read: (place: Place) => Numbers): TrialData['y'] {
  if (typeof y === 'string') return y;
  if ('labels' in y) return y.labels;
  const numbers = read(y.numbers) as Float64Array;
  return y.shape === undefined ? Array.from(numbers) : { data: numbers, shape: y.shape };
}

/** The bytes in memory that threads share, so that none of them copies it. */
export function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
