// What callers hand in, as rows of float64 in the columns of the network: numbers as they are, records through the encoder of the file.

import type { Encoding } from '../data/encodedColumns.js';
import type { Float64Rows, MatrixLike } from '../data/matrix.js';
import { fail, show } from '../errors.js';
import type { PredictorParts } from './parts.js';
import { encodeRecords, isRecord, type Records } from './records.js';

/** Rows of numbers, or records. */
export type PredictorInput = MatrixLike | Records;

/** The columns of a file. */
export interface InputColumns {
  readonly encoding: Encoding | undefined;
  readonly inputs: number;
  readonly featureNames: readonly string[] | undefined;
  /** For columns of dates. */
  readonly parts?: PredictorParts;
}

/** Rows of X [rows][inputs], before any scaler. @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY. */
export function readRows(X: PredictorInput, columns: InputColumns): Float64Rows {
  const { encoding, inputs } = columns;
  if (Array.isArray(X) && isRecord(X[0])) {
    if (encoding === undefined)
      fail(
        'ERR_TYPE',
        'X holds records, but this model was trained on a matrix. Pass rows of numbers in the order of featureNames.',
      );
    return encodeRecords(encoding, X as Records, columns.parts?.dates);
  }
  const rows = Array.isArray(X) ? (X as readonly unknown[]) : rowsOf(X);
  if (rows.length === 0) fail('ERR_EMPTY', 'X has no rows.');
  const data = new Float64Array(rows.length * inputs);
  for (let i = 0, at = 0; i < rows.length; i++) {
    const row = rows[i];
    if (!isNumbers(row)) fail('ERR_TYPE', `X[${i}]: expected a row of numbers, got ${show(row)}.`, { row: i });
    if (row.length !== inputs) refuseWidth(i, row.length, columns);
    for (let j = 0; j < inputs; j++) {
      const value: unknown = row[j];
      if (typeof value !== 'number')
        fail('ERR_TYPE', `X: row ${i}, column ${j} is ${show(value)}, not a number.`, { row: i, column: j, value });
      data[at++] = value;
    }
  }
  return { data, shape: [rows.length, inputs] };
}

/** The rows of { data, shape }. Strides, an offset or a mark of column-major order would be further keys: such rows are refused. */
function rowsOf(X: unknown): ArrayLike<number>[] {
  const { data, shape } = (X ?? {}) as { data?: number[]; shape?: readonly number[] };
  if (!isNumbers(data) || shape?.length !== 2 || data.length !== shape[0]! * shape[1]! || Object.keys(X as object).length > 2)
    fail('ERR_TYPE', `X: expected rows of numbers, records, or { data, shape: [rows, columns] } alone, got ${show(X)}.`);
  return Array.from({ length: shape[0]! }, (_, i) => data.slice(i * shape[1]!, (i + 1) * shape[1]!));
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);
}

function refuseWidth(row: number, got: number, { inputs, featureNames }: InputColumns): never {
  const names = featureNames === undefined ? '' : ` (${featureNames.slice(0, 10).join(', ')}${inputs > 10 ? ', ...' : ''})`;
  return fail('ERR_SHAPE', `X: row ${row} has ${got} columns, but this model has ${inputs} inputs${names}.`, {
    expected: inputs,
    got,
  });
}
