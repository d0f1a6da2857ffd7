// Parquet files as tables, through the package hyparquet, which users install who need it.

import { isArrayBuffer } from '../brands.js';
import { FeedforwardError, fail, show } from '../errors.js';
import { given, list, readOptions, text, type Schema } from '../options.js';
import type { ColumnType } from './column.js';
import { Table } from './table.js';

/** Options of readParquet. */
export interface ParquetOptions {
  /** What the file is called in messages (default 'Parquet'). */
  readonly source?: string;
  /** Only these columns (default: all). */
  readonly columns?: readonly string[];
  /** Types by column name; others are those of the cells. */
  readonly types?: Readonly<Record<string, ColumnType>>;
  /**
   * The module hyparquet itself, where it cannot be imported by its name: pages without a bundler, and bundlers that must see the import
   * (`hyparquet: await import('hyparquet')`).
   */
  readonly hyparquet?: object;
  /** More compression than hyparquet brings, as its own option: the `compressors` of hyparquet-compressors. */
  readonly compressors?: object;
}

const optionRows = {
  source: text('Parquet'),
  columns: list(text(), "['size']"),
  types: given<ParquetOptions['types']>(),
  hyparquet: given<object>(),
  compressors: given<object>(),
} satisfies Schema<ParquetOptions>;

type ReadObjects = (options: object) => Promise<Record<string, unknown>[]>;

/**
 * A table from the bytes of a Parquet file: numbers (64-bit whole numbers must fit a double), text, booleans, dates and times. Needs the package
 * hyparquet (npm install hyparquet).
 * @throws ERR_UNSUPPORTED without hyparquet, ERR_FORMAT for what is no Parquet file it reads, ERR_OPTION for an unknown column, ERR_TYPE for cells
 * that are lists or objects, ERR_EMPTY without rows.
 *
 * @example
 * const table = await readParquet(await readFile('houses.parquet'));
 */
export async function readParquet(bytes: Uint8Array | ArrayBuffer, options: ParquetOptions = {}): Promise<Table> {
  const { source, columns, types = {}, compressors } = readOptions(optionRows, options, 'readParquet');
  const file = bufferOf(bytes);
  const { parquetReadObjects } = (options.hyparquet ?? (await load())) as { parquetReadObjects?: ReadObjects };
  if (typeof parquetReadObjects !== 'function')
    fail('ERR_OPTION', `readParquet.hyparquet: expected the module hyparquet, got ${show(options.hyparquet)}.`);
  let records: Record<string, unknown>[];
  try {
    records = await parquetReadObjects({
      file,
      ...(columns === undefined ? {} : { columns }),
      ...(compressors === undefined ? {} : { compressors }),
    });
  } catch (error) {
    throw new FeedforwardError('ERR_FORMAT', `${source} cannot be read as Parquet: ${(error as Error).message}.`, {}, error);
  }
  if (records.length === 0) fail('ERR_EMPTY', `${source} has no rows.`);
  const table = Table.fromRecords(records, types);
  return new Table(columns === undefined ? table.columns : table.select(columns).columns, { source, rows: table.rows });
}

function bufferOf(bytes: unknown): ArrayBuffer {
  if (isArrayBuffer(bytes)) return bytes;
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).slice().buffer;
  return fail('ERR_TYPE', `readParquet: expected the bytes of a file (Uint8Array or ArrayBuffer), got ${show(bytes)}.`);
}

/** By a name that bundlers do not follow: it need not be installed. */
async function load(): Promise<object> {
  const name = 'hyparquet';
  try {
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as object;
  } catch (error) {
    const text = 'readParquet needs the package hyparquet: npm install hyparquet, or pass the module as the option hyparquet.';
    throw new FeedforwardError('ERR_UNSUPPORTED', text, {}, error);
  }
}
