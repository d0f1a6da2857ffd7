// Checkpoints of running trials: in memory, or as files in a folder beside the search's own, which goes when it is empty.

import { refuseStorage } from '../formats/fileErrors.js';
import { nodeModule } from '../platform.js';
import type { Checkpoints } from './runner.js';

/** In memory: gone with the process. */
export function checkpointsInMemory(): Checkpoints {
  const kept = new Map<string, Uint8Array>();
  return {
    load: async (job) => kept.get(job),
    save: async (job, bytes) => void kept.set(job, bytes),
    remove: async (job) => void kept.delete(job),
  };
}

/** As files, in Node. A checkpoint takes the place of the one before it in one step. */
export function checkpointsInFolder(folder: string): Checkpoints {
  const fs = () => nodeModule('node:fs/promises');
  const pathOf = (job: string) => `${folder}/${job}.ff`;
  return {
    load: async (job) => {
      const { readFile } = await fs();
      return readFile(pathOf(job)).catch((error: { code?: string }) => {
        if (error.code === 'ENOENT') return undefined;
        return refuseStorage(pathOf(job), error);
      });
    },
    save: async (job, bytes) => {
      const { mkdir, rename, writeFile } = await fs();
      const temporary = `${pathOf(job)}.tmp`; // one writer: the search has its file locked
      const write = async () => {
        await mkdir(folder, { recursive: true });
        await writeFile(temporary, bytes);
        await rename(temporary, pathOf(job));
      };
      // The folder may just have been removed, with another trial's last checkpoint.
      await write()
        .catch(write)
        .catch((error: unknown) => refuseStorage(temporary, error));
    },
    remove: async (job) => {
      const { rm, rmdir } = await fs();
      await rm(pathOf(job), { force: true });
      await rm(`${pathOf(job)}.tmp`, { force: true });
      await rmdir(folder).catch(() => undefined); // others are in it, or it is not there
    },
  };
}
