// A file on its way, for Node alone: written to a temporary file in the folder of its name, which takes the name in one rename once
// it is whole and on the disk. Until then whatever had the name before is untouched. What is no plain file (a pipe, a device) cannot be
// replaced and is written to directly.

import { constants } from 'node:fs';
import { access, type FileHandle, open, readdir, readlink, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

export class PendingFile {
  /** Bytes written so far. */
  size = 0;
  private done = false;

  private constructor(
    /** The file that is replaced in the end: links are followed. */
    readonly target: string,
    private readonly handle: FileHandle,
    /** Where the bytes are until then; undefined for a pipe or a device. */
    readonly temporary: string | undefined,
    /** Permissions of the file that is replaced. */
    private readonly mode: number | undefined,
  ) {}

  /**
   * Ready to be written. Temporary files that killed processes left under this name are removed.
   * @throws the error of the file system, with its `code`: no such folder, no permission, a folder of that name.
   */
  static async open(path: string): Promise<PendingFile> {
    const target = await targetOf(path);
    const old = await stat(target).catch(ignoring('ENOENT'));
    if (old?.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
    if (old !== undefined) await access(target, constants.W_OK);
    if (old !== undefined && !old.isFile()) return new PendingFile(target, await open(target, 'w'), undefined, undefined);
    await removeStale(dirname(target), prefixOf(target));
    const { handle, path: temporary } = await openTemporary(target);
    return new PendingFile(target, handle, temporary, old === undefined ? undefined : old.mode & 0o7777);
  }

  /** @throws the error of the file system: no space, … */
  async write(bytes: Uint8Array): Promise<void> {
    await this.handle.writeFile(bytes);
    this.size += bytes.length;
  }

  /**
   * Whether the disk takes `bytes` more, tried by writing and forgetting them. Pipes and devices are not asked.
   * @throws the error of the file system when it does not.
   */
  async probe(bytes: number): Promise<void> {
    if (this.temporary === undefined) return;
    // A disk takes what it has room for, and complains at the next byte.
    for (let at = 0; at < bytes; )
      at += (await this.handle.write(new Uint8Array(bytes - at), 0, bytes - at, this.size + at)).bytesWritten;
    await this.handle.sync();
    await this.handle.truncate(this.size);
  }

  /** The bytes reach the disk, and the file its name. @throws the error of the file system; then nothing has changed. */
  async commit(): Promise<void> {
    if (this.temporary === undefined) return this.close();
    try {
      try {
        if (this.mode !== undefined) await this.handle.chmod(this.mode);
        await this.handle.sync();
      } finally {
        await this.close();
      }
      await rename(this.temporary, this.target);
    } catch (error) {
      await unlink(this.temporary).catch(() => undefined);
      throw error;
    }
    await syncFolder(dirname(this.target));
  }

  /** Forgets it: the temporary file goes, whatever had the name stays. */
  async discard(): Promise<void> {
    await this.close();
    if (this.temporary !== undefined) await unlink(this.temporary).catch(() => undefined);
  }

  private async close(): Promise<void> {
    if (this.done) return;
    this.done = true;
    await this.handle.close();
  }
}

/** The file that a path leads to through links; of a link that leads to no file, the one it would make, as a shell's > does. */
async function targetOf(path: string): Promise<string> {
  const real = await realpath(path).catch(ignoring('ENOENT'));
  if (real !== undefined) return real;
  const full = resolve(path);
  const link = await readlink(full).catch(() => undefined);
  if (link === undefined) return full;
  const folder = await realpath(dirname(full)).catch(() => dirname(full));
  return targetOf(resolve(folder, link));
}

// ---- temporary files: .model.ff.4711.0.tmp, 4711 being the process that writes it -----------------------------------------

const STALE_SECONDS = 10;

function prefixOf(target: string): string {
  return `.${basename(target).slice(0, 60)}.`;
}

async function openTemporary(target: string): Promise<{ handle: FileHandle; path: string }> {
  for (let n = 0; ; n++) {
    const path = join(dirname(target), `${prefixOf(target)}${process.pid}.${n}.tmp`);
    const handle = await open(path, 'wx').catch(ignoring('EEXIST'));
    if (handle !== undefined) return { handle, path };
  }
}

/** Removes what processes that were killed left behind: their temporary files, untouched for a while. */
async function removeStale(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const process = name.startsWith(prefix) ? /^(\d+)\.\d+\.tmp$/.exec(name.slice(prefix.length)) : null;
    if (process === null || isRunning(Number(process[1]))) continue;
    const path = join(folder, name);
    const { mtimeMs } = (await stat(path).catch(() => undefined)) ?? { mtimeMs: Infinity };
    if (Date.now() - mtimeMs > STALE_SECONDS * 1000) await unlink(path).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== 'ESRCH';
  }
}

/** The rename itself reaches the disk. Windows cannot open folders, and need not. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** For catch(): undefined instead of this one error. */
function ignoring(code: string): (error: unknown) => undefined {
  return (error) => {
    if ((error as { code?: string } | null)?.code !== code) throw error;
    return undefined;
  };
}
