// Data for the commands. A plain file is opened once and read in two passes, so that what stays in memory is numbers only; what comes
// once (standard input, a pipe, <(command)) is kept as it comes, in memory and from 64 MB on in a temporary file.

import { createHash } from 'node:crypto';
import { constants, open as openPipe, openSync } from 'node:fs';
import { mkdtemp, open, rm, stat, type FileHandle } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { CsvSource } from '../data/csv/index.js';
import { fail } from '../errors.js';
import { refuseFile } from '../formats/fileErrors.js';
import type { Interrupt } from './interrupt.js';

export interface Input {
  /** What messages call it. */
  readonly name: string;
  /** Bytes, when they are known. */
  readonly size: number | undefined;
  /** Whether it is a plain file, beside which others can be written. */
  readonly isFile: boolean;
  /** The text from its beginning; `read` hears how many bytes have gone by. Every pass gives the bytes that the first one gave. */
  open(read?: (bytes: number) => void): CsvSource;
  close(): Promise<void>;
}

type Bytes = AsyncIterable<Uint8Array>;

/** A file by its path, or standard input for '-', to be read any number of times. @throws ERR_FILE. */
export async function openInput(path: string, interrupt: Interrupt): Promise<Input> {
  const { name, file, stream } = await find(path, interrupt);
  return file === undefined ? await kept(name, stream!, interrupt) : await plain(name, file);
}

/** A file by its path, or standard input for '-', to be read once: what comes through a pipe is not kept. @throws ERR_FILE. */
export async function openOnce(path: string, interrupt: Interrupt): Promise<Input> {
  const { name, file, stream } = await find(path, interrupt);
  if (file !== undefined) return plain(name, file);
  const close = async () => void stream!.destroy?.();
  return { name, size: undefined, isFile: false, open: (read) => counted(stream!, read), close };
}

interface Found {
  readonly name: string;
  /** A plain file, or … */
  readonly file?: FileHandle;
  /** … what comes once. */
  readonly stream?: Bytes & { destroy?(): void };
}

async function find(path: string, interrupt: Interrupt): Promise<Found> {
  if (path === '-' || path === '/dev/stdin') return { name: 'standard input', stream: process.stdin };
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
    if (found.isFile()) return { name: basename(path), file: await open(path) };
    return { name: path, stream: found.isFIFO() ? await pipe(path, interrupt) : (await open(path)).createReadStream() };
  } catch (error) {
    return refuseFile('read', path, error);
  }
}

/** A named pipe. Opening one waits for a writer, in a thread that a program cannot end without: a writer of our own wakes it. */
async function pipe(path: string, interrupt: Interrupt): Promise<Bytes & { destroy(): void }> {
  const awake = interrupt.onExit(() => void openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
  const fd = await promisify(openPipe)(path, 'r');
  awake();
  return new Socket({ fd, readable: true, writable: false });
}

/** Every pass ends where the first one did, and must have read the same. */
async function plain(name: string, file: FileHandle): Promise<Input> {
  const { size } = await file.stat();
  let first: { bytes: number; digest: string } | undefined;
  async function* pass(read?: (bytes: number) => void): AsyncGenerator<Uint8Array, void, undefined> {
    if (first?.bytes === 0) return;
    const hash = createHash('sha1');
    let bytes = 0;
    const end = first === undefined ? {} : { end: first.bytes - 1 };
    for await (const piece of file.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 20, ...end })) {
      const part = piece as Uint8Array;
      hash.update(part);
      bytes += part.length;
      read?.(bytes);
      yield part;
    }
    const digest = hash.digest('hex');
    first ??= { bytes, digest };
    if (first.bytes !== bytes || first.digest !== digest)
      fail('ERR_FILE', `${name} changed while it was read. Try again when nothing writes to it, or with a copy.`);
  }
  return { name, size, isFile: true, open: pass, close: () => file.close() };
}

// ---- what comes once ------------------------------------------------------------------------------------------------

const mostInMemory = 64_000_000; // bytes

async function kept(name: string, source: Bytes, interrupt: Interrupt): Promise<Input> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let spool: FileHandle | undefined;
  for await (const piece of source) {
    pieces.push(piece);
    size += piece.length;
    if (size <= mostInMemory) continue;
    spool ??= await unnamedFile(interrupt);
    for (const part of pieces.splice(0)) await spool.writeFile(part);
  }
  if (spool !== undefined) return { ...(await plain(name, spool)), isFile: false };
  return { name, size, isFile: false, open: (read) => counted(pieces, read), close: async () => undefined };
}

/** A temporary file that goes with the program. */
async function unnamedFile(interrupt: Interrupt): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'feedforward-'));
  const file = await open(join(folder, 'data'), 'w+');
  await rm(folder, { recursive: true, force: true }).catch(() =>
    // Windows keeps a file that is open.
    interrupt.onExit(() => void rm(folder, { recursive: true, force: true }).catch(() => undefined)),
  );
  return file;
}

async function* counted(
  source: Iterable<Uint8Array> | Bytes,
  read?: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const piece of source) {
    bytes += piece.length;
    read?.(bytes);
    yield piece;
  }
}
