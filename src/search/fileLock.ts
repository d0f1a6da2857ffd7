// One writer at a time for a file, in Node: a second file beside it, results.jsonl.lock, holds the number of the process that writes. A
// lock whose process has ended is no lock. The lock appears with its content in one step, and whoever removes a dead one looks again at
// what it took away: of two that find the same dead lock one gets it.

import { fail } from '../errors.js';
import { refuseStorage } from '../formats/fileErrors.js';
import { nodeModule } from '../platform.js';

/**
 * Takes the lock of a file. Returns what gives it back.
 * @throws ERR_FILE when another search, of this process or another, has it; or when it cannot be written.
 */
export async function lockFile(path: string): Promise<() => Promise<void>> {
  const { link, readFile, rename, unlink, writeFile } = await nodeModule('node:fs/promises');
  const lock = `${path}.lock`;
  const own = `${lock}.${process.pid}.${serial++}`;
  const remove = (file: string) => unlink(file).catch(() => undefined);
  const ownerOf = async (file: string) => Number(await readFile(file, 'utf8').catch(() => ''));
  const refuse = (owner: number): never =>
    fail(
      'ERR_FILE',
      `${path} is in use by another search${owner > 0 ? ` (process ${owner})` : ''}: two would spoil each other's results. Name another file, or wait; remove ${lock} if there is none.`,
    );
  try {
    await writeFile(own, String(process.pid));
    for (let attempt = 0; ; attempt++) {
      try {
        await link(own, lock);
        return () => remove(lock);
      } catch (error) {
        const { code } = error as { code?: string };
        if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') {
          await writeFile(lock, String(process.pid), { flag: 'wx' }); // a disk without links
          return () => remove(lock);
        }
        if (code !== 'EEXIST') throw error;
      }
      const owner = await ownerOf(lock);
      if (attempt > 2 || runs(owner)) refuse(owner);
      const dead = `${own}.dead`;
      await rename(lock, dead).catch(() => undefined);
      const taken = await ownerOf(dead);
      if (taken > 0 && taken !== owner) await link(dead, lock).catch(() => undefined); // another one was faster: it is theirs
      await remove(dead);
    }
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ERR_FILE') throw error;
    return code === 'EEXIST' ? refuse(await ownerOf(lock)) : refuseStorage(path, error);
  } finally {
    await remove(own);
  }
}

let serial = 0;

function runs(pid: number): boolean {
  if (!(pid > 0)) return true; // it is being written
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== 'ESRCH';
  }
}
