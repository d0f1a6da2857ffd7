// One writer at a time for a file, in Node: a second file beside it, results.jsonl.lock, holds the number of the process that writes. A
// lock whose process has ended is no lock.

import { fail } from '../errors.js';
import { nodeModule } from '../platform.js';

/**
 * Takes the lock of a file. Returns what gives it back.
 * @throws ERR_FILE when another search, of this process or another, has it; or when it cannot be written.
 */
export async function lockFile(path: string): Promise<() => Promise<void>> {
  const { readFile, unlink, writeFile } = await nodeModule('node:fs/promises');
  const lock = `${path}.lock`;
  for (let attempt = 0; ; attempt++) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
      return () => unlink(lock).catch(() => undefined);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code !== 'EEXIST') fail('ERR_FILE', `Cannot use ${path}: ${message}.`);
      const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
      if (attempt > 0 || runs(owner))
        fail(
          'ERR_FILE',
          `${path} is in use by another search${owner > 0 ? ` (process ${owner})` : ''}: two would spoil each other's results. Name another file, or wait; remove ${lock} if there is none.`,
        );
      await unlink(lock).catch(() => undefined);
    }
  }
}

function runs(pid: number): boolean {
  if (!(pid > 0)) return true; // it is being written
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== 'ESRCH';
  }
}
