// JSON lines: an object per line, as logs, APIs and exports of databases write tables.

import { fail, show } from '../errors.js';
import { given, readOptions, text, type Schema } from '../options.js';
import { isRecord } from './columnSources.js';
import type { ColumnType } from './column.js';
import { textOf, type CsvSource } from './text.js';
import { Table } from './table.js';

/** Options of parseJsonLines and readJsonLines. */
export interface JsonLinesOptions {
  /** What the text is called in messages (default 'JSON lines'). */
  readonly source?: string;
  /** Types by column name; others are those of the first cell that is there. */
  readonly types?: Readonly<Record<string, ColumnType>>;
}

const optionRows = { source: text('JSON lines'), types: given<JsonLinesOptions['types']>() } satisfies Schema<JsonLinesOptions>;

/**
 * A table from JSON lines: an object per line, blank lines skipped; keys that a line leaves out, and null, are missing cells. Text in columns of
 * numbers is refused, as in Table.fromRecords.
 * @throws ERR_FORMAT with the line for what is no JSON object, ERR_EMPTY, ERR_TYPE with the row and the column.
 *
 * @example
 * parseJsonLines('{"size": 1.5, "color": "red"}\n{"size": 2}\n').records();  // [{ size: 1.5, color: 'red' }, { size: 2, color: null }]
 */
export function parseJsonLines(text: string, options: JsonLinesOptions = {}): Table {
  if (typeof text !== 'string') fail('ERR_TYPE', `parseJsonLines: expected text, got ${show(text)}.`);
  const { source, types = {} } = readOptions(optionRows, options, 'parseJsonLines');
  const records: Readonly<Record<string, unknown>>[] = [];
  const lines: number[] = [];
  text.split('\n').forEach((line, i) => {
    if (line.trim() === '') return;
    let record: unknown;
    try {
      record = JSON.parse(line);
    } catch (error) {
      fail('ERR_FORMAT', `${source} line ${i + 1} is not JSON: ${(error as Error).message}.`, { line: i + 1 });
    }
    if (!isRecord(record))
      fail('ERR_FORMAT', `${source} line ${i + 1}: expected an object, got ${show(record)}.`, { line: i + 1 });
    records.push(record);
    lines.push(i + 1);
  });
  if (records.length === 0) fail('ERR_EMPTY', `${source} is empty.`);
  const { columns } = Table.fromRecords(records, types);
  return new Table(columns, { source, rows: records.length, lines: Uint32Array.from(lines) });
}

/**
 * A table from JSON lines that come in pieces, or compressed by gzip: as parseJsonLines.
 * @throws what parseJsonLines throws, ERR_FORMAT for bytes that are no UTF-8, and whatever the source throws.
 *
 * @example
 * const table = await readJsonLines(await fetch('houses.jsonl'));
 */
export async function readJsonLines(source: CsvSource, options: JsonLinesOptions = {}): Promise<Table> {
  const parts: string[] = [];
  for await (const text of textOf(source, { source: options.source ?? 'JSON lines' })) parts.push(text);
  return parseJsonLines(parts.join('').replace(/^\uFEFF/, ''), options);
}
