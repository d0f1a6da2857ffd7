// Where commands write. Every file is written beside its name and takes it when it is whole; what is also an input is refused, whatever
// it is called there, and so is what cannot be written, before any work is done.

import { fstatSync, unlinkSync, type BigIntStats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FeedforwardError } from '../errors.js';
import { refuseFile } from '../formats/fileErrors.js';
import { PendingFile } from '../formats/pendingFile.js';
import { Exit } from './exit.js';
import type { Interrupt } from './interrupt.js';

/** A file that a command reads or writes. */
export interface InUse {
  /** "the data", "the model". */
  readonly what: string;
  /** '-' for standard input. */
  readonly path: string;
}

/** Bytes that must fit on the disk before work begins. */
const room = 65_536;

export class Output {
  private readonly forget: () => void;

  private constructor(
    readonly path: string,
    private readonly file: PendingFile,
    private readonly interrupt: Interrupt,
  ) {
    const { temporary } = file;
    this.forget = interrupt.onExit(() => {
      if (temporary !== undefined)
        try {
          unlinkSync(temporary);
        } catch {
          // it was never made, or has its name already
        }
    });
  }

  /** Ready to be written. @throws Exit 2 for a file that the command reads; ERR_FILE for one that cannot be written. */
  static async open(path: string, inUse: readonly InUse[], interrupt: Interrupt): Promise<Output> {
    await refuseInUse(path, inUse);
    const found = await stat(path).catch(() => undefined);
    if (found?.isBlockDevice()) throw new FeedforwardError('ERR_FILE', `Cannot write ${path}: it is a disk, not a file.`);
    let file: PendingFile;
    try {
      file = await PendingFile.open(path);
    } catch (error) {
      throw inWords(path, error);
    }
    const output = new Output(path, file, interrupt);
    try {
      await file.probe(room);
    } catch (error) {
      await output.discard();
      throw inWords(path, error);
    }
    return output;
  }

  /** Whether nobody sees the file before commit. */
  get isWhole(): boolean {
    return this.file.temporary !== undefined;
  }

  async write(content: string | Uint8Array): Promise<void> {
    try {
      await this.file.write(typeof content === 'string' ? new TextEncoder().encode(content) : content);
    } catch (error) {
      if ((error as { code?: string }).code === 'EPIPE') return; // the reader has seen enough
      await this.discard();
      throw inWords(this.path, error);
    }
  }

  /** Gives the file its name. Returns its size in bytes. */
  async commit(): Promise<number> {
    try {
      await this.interrupt.saving(() => this.file.commit());
    } catch (error) {
      throw inWords(this.path, error);
    } finally {
      this.forget();
    }
    return this.file.size;
  }

  /** Leaves what was there before. No harm after commit. */
  async discard(): Promise<void> {
    this.forget();
    await this.file.discard();
  }
}

/** @throws Exit 2 when `path` is one of these files, under this or another name. */
export async function refuseInUse(path: string, inUse: readonly InUse[]): Promise<void> {
  for (const used of inUse) if (await isSameFile(path, used.path)) refuse(path, used);
}

/** @throws Exit 2 when two of the files that a command will write are one, whether it is there already or not. */
export async function refuseShared(outputs: readonly InUse[]): Promise<void> {
  const places = await Promise.all(outputs.map(({ path }) => placeOf(path)));
  for (const [i, { path }] of outputs.entries())
    for (const [j, other] of outputs.slice(0, i).entries())
      if ((places[i] !== undefined && places[i] === places[j]) || (await isSameFile(path, other.path))) refuse(path, other);
}

function refuse(path: string, used: InUse): never {
  const itself = used.path === path || used.path === '-';
  throw new Exit(
    2,
    `Cannot write ${path}: it is ${itself ? `${used.what} itself` : `another name of ${used.what}, ${used.path}`}, which would be lost. Name another file.`,
    'ERR_OPTION',
  );
}

/** Where a file is or will be, its folder without links; undefined for a device. */
async function placeOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && !found.isFile()) return undefined;
  const folder = dirname(resolve(path));
  return join(await realpath(folder).catch(() => folder), basename(path));
}

/** @throws Exit 2 when standard output is a file that the command reads: `feedforward predict m.ff x.csv >> x.csv`. */
export async function refuseStandardOutput(inUse: readonly InUse[]): Promise<void> {
  const out = fstatSync(1, { bigint: true });
  if (!out.isFile()) return;
  for (const used of inUse) {
    const found = await identityOf(used.path);
    if (found !== undefined && isOne(out, found))
      throw new Exit(2, `Standard output is ${used.what} itself, ${used.path}. Send it to another file.`, 'ERR_OPTION');
  }
}

/** Whether two paths are one file: through links, hard links, another spelling, another case where the disk does not tell them apart. */
export async function isSameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([identityOf(a), identityOf(b)]);
  return one !== undefined && other !== undefined && isOne(one, other);
}

async function identityOf(path: string): Promise<BigIntStats | undefined> {
  try {
    const found = path === '-' ? fstatSync(0, { bigint: true }) : await stat(path, { bigint: true });
    return found.isFile() ? found : undefined;
  } catch {
    return undefined;
  }
}

function isOne(a: BigIntStats, b: BigIntStats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

function inWords(path: string, error: unknown): FeedforwardError {
  const { code, path: where = path } = error as { code?: string; path?: string };
  // Of a link, the folder of the file that it leads to.
  const folder = dirname(where) === resolve(dirname(path)) ? dirname(path) : dirname(where);
  if (code === 'ENOENT')
    return new FeedforwardError('ERR_FILE', `Cannot write ${path}: there is no folder ${folder} (ENOENT).`, {}, error);
  try {
    return refuseFile('write', path, error);
  } catch (refusal) {
    return refusal as FeedforwardError;
  }
}
