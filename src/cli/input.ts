// Data for the commands: a CSV file, or standard input. Files are read in two passes, so that what stays in memory is numbers only;
// standard input is kept as it came, since it comes once.

import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { CsvSource } from '../data/csv.js';
import { fail } from '../errors.js';

export interface Input {
  /** What messages call it. */
  readonly name: string;
  /** Bytes, when they are known. */
  readonly size: number | undefined;
  /** The text from its beginning; `read` hears how many bytes have gone by. */
  open(read?: (bytes: number) => void): CsvSource;
}

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'part of the path is no folder',
};

/** A file by its path, or standard input for '-'. @throws ERR_FILE. */
export async function openInput(path: string): Promise<Input> {
  if (path === '-') return standardInput();
  try {
    const handle = await open(path);
    await handle.close();
    const { size, isDirectory } = await stat(path).then((found) => ({ size: found.size, isDirectory: found.isDirectory() }));
    if (isDirectory) throw Object.assign(new Error('folder'), { code: 'EISDIR' });
    return { name: basename(path), size, open: (read) => counted(createReadStream(path, { highWaterMark: 1 << 20 }), read) };
  } catch (error) {
    const { code = '' } = error as { code?: string };
    return fail('ERR_FILE', `Cannot read ${path}: ${causes[code] ?? String(error)}${code === '' ? '' : ` (${code})`}.`);
  }
}

/** The same for data that passes once: standard input is not kept. */
export async function openOnce(path: string): Promise<Input> {
  return path === '-'
    ? { name: 'standard input', size: undefined, open: (read) => counted(process.stdin, read) }
    : openInput(path);
}

async function standardInput(): Promise<Input> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of process.stdin) {
    pieces.push(piece as Uint8Array);
    size += (piece as Uint8Array).length;
  }
  return { name: 'standard input', size, open: (read) => counted(pieces, read) };
}

async function* counted(
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  read?: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const piece of source) {
    bytes += piece.length;
    read?.(bytes);
    yield piece;
  }
}
