// Files on disk, for Node alone: nothing that runs in a browser imports this one. A save is all or nothing: the bytes go
// to a temporary file in the same folder, reach the disk (fsync), and take the name in one rename; whoever is killed on
// the way leaves the old file as it was.

import { constants } from 'node:fs';
import { access, type FileHandle, open, readdir, readFile, realpath, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FeedforwardError, fail, show } from '../errors.js';

/**
 * Writes a file so that it holds either what it held before or all of `bytes`, whatever happens: a crash, a full disk, a
 * kill. Follows links, keeps the permissions of the file it replaces, and leaves no temporary file behind when it fails.
 * Something that is not a plain file (a pipe, /dev/stdout) is written to directly.
 * @throws ERR_FILE naming path and cause: no such folder, no permission, no space, a folder of that name.
 * @example
 * await writeFileAtomic('model.ff', model.save());
 */
export async function writeFileAtomic(path: string | URL, bytes: Uint8Array): Promise<void> {
  const given = pathOf(path);
  if (!(bytes instanceof Uint8Array)) fail('ERR_TYPE', `writeFileAtomic: expected bytes (Uint8Array), got ${show(bytes)}.`);
  try {
    const target = await realpath(given).catch(() => resolve(given));
    const old = await stat(target).catch(ignoring('ENOENT'));
    if (old === undefined) return await replace(target, bytes, undefined);
    if (old.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
    await access(target, constants.W_OK);
    if (!old.isFile()) return await writeFile(target, bytes);
    await replace(target, bytes, old.mode & 0o7777);
  } catch (error) {
    refuse('write', given, error);
  }
}

/** The bytes of a file. @throws ERR_FILE naming path and cause. */
export async function readFileBytes(path: string | URL): Promise<Uint8Array> {
  const given = pathOf(path);
  try {
    const bytes = await readFile(given);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    return refuse('read', given, error);
  }
}

async function replace(target: string, bytes: Uint8Array, mode: number | undefined): Promise<void> {
  const folder = dirname(target);
  await removeStale(folder, prefixOf(target));
  const { handle, path } = await openTemporary(target);
  try {
    try {
      await handle.writeFile(bytes);
      if (mode !== undefined) await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(path, target);
  } catch (error) {
    await unlink(path).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
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
    return codeOf(error) !== 'ESRCH';
  }
}

/** The rename itself reaches the disk. Windows cannot open folders, and need not. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

// ---- errors ---------------------------------------------------------------------------------------------------------------

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'part of the path is a file, not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than allowed',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many links point at each other',
};

function refuse(verb: 'read' | 'write', path: string, error: unknown): never {
  const code = codeOf(error);
  const cause = (code !== undefined && Object.hasOwn(causes, code) ? causes[code] : undefined) ?? String(error);
  const kept = verb === 'write' && code !== 'EISDIR' && code !== 'ENOENT' ? ' What was there before is unchanged.' : '';
  throw new FeedforwardError(
    'ERR_FILE',
    `Cannot ${verb} ${path}: ${cause}${code === undefined ? '' : ` (${code})`}.${kept}`,
    { path, cause: code },
    error,
  );
}

function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** For catch(): undefined instead of this one error. */
function ignoring(code: string): (error: unknown) => undefined {
  return (error) => {
    if (codeOf(error) !== code) throw error;
    return undefined;
  };
}

function pathOf(path: unknown): string {
  if (path instanceof URL && path.protocol === 'file:') return fileURLToPath(path);
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    return fail('ERR_TYPE', `Expected the path of a file, got ${show(path instanceof URL ? path.href : path)}.`);
  return path;
}
