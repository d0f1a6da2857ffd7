// Files on disk, for Node alone: nothing that runs in a browser imports this one. A save is all or nothing: the bytes go
// to a temporary file in the same folder, reach the disk (fsync), and take the name in one rename; whoever is killed on
// the way leaves the old file as it was.

import { isUint8, isUrl } from '../brands.js';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { fail, show } from '../errors.js';
import { refuseFile } from './fileErrors.js';
import { PendingFile } from './pendingFile.js';

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
  if (!isUint8(bytes)) fail('ERR_TYPE', `writeFileAtomic: expected bytes (Uint8Array), got ${show(bytes)}.`);
  try {
    const file = await PendingFile.open(given);
    try {
      await file.write(bytes);
    } catch (error) {
      await file.discard();
      throw error;
    }
    await file.commit();
  } catch (error) {
    refuseFile('write', given, error);
  }
}

/**
 * The bytes of a file, for MLP.load and the like.
 * @throws ERR_FILE naming path and cause.
 *
 * @example
 * await writeFileAtomic('model.ff', model.save());
 * const back = MLP.load(await readFileBytes('model.ff'));
 */
export async function readFileBytes(path: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  const given = pathOf(path);
  try {
    return await wholeFile(given);
  } catch (error) {
    return refuseFile('read', given, error);
  }
}

/** Node's own readFile ends at 2 GiB. */
async function wholeFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    let bytes = new Uint8Array(size);
    let length = 0;
    for (;;) {
      if (length === bytes.length) {
        // A pipe has no size, and a file may have grown.
        const more = new Uint8Array(1 << 16);
        const { bytesRead } = await handle.read(more, 0, more.length, null);
        if (bytesRead === 0) return bytes;
        const longer = new Uint8Array(Math.max(length + bytesRead, Math.ceil(1.5 * length)));
        longer.set(bytes);
        longer.set(more.subarray(0, bytesRead), length);
        bytes = longer;
        length += bytesRead;
      } else {
        const { bytesRead } = await handle.read(bytes, length, Math.min(bytes.length - length, LONGEST_READ), null);
        if (bytesRead === 0) return bytes.slice(0, length);
        length += bytesRead;
      }
    }
  } finally {
    await handle.close();
  }
}

const LONGEST_READ = 2 ** 30; // bytes in one call: the system takes no more than 2^31 - 1

function pathOf(path: unknown): string {
  if (isUrl(path) && path.protocol === 'file:') return fileURLToPath(path.href);
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    return fail('ERR_TYPE', `Expected the path of a file, got ${show(isUrl(path) ? path.href : path)}.`);
  return path;
}
