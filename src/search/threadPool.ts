// A program of its own beside the library: the pool of worker threads, which stands apart so that no bundler for pages meets it. Its package
// notices when a thread dies, with an error or with exit, and starts another one.

import { pool as poolOf } from 'workerpool';
import type { OpenThreads, ThreadAnswer, ThreadNews } from './threadMessages.js';

export const openThreads: OpenThreads = (count, start) => {
  const script = new URL('./search-worker.js', import.meta.url); // as the build names it
  const pool = poolOf(fileOf(script), { workerType: 'thread', maxWorkers: count, workerThreadOpts: { workerData: start } });
  return {
    run: (job, onNews) =>
      new Promise<ThreadAnswer>((resolve, reject) => {
        const on = (news: unknown) => onNews(news as ThreadNews);
        pool.exec('run', [job], { on }).then((answer: unknown) => resolve(answer as ThreadAnswer), reject);
      }),
    end: async () => {
      await pool.terminate(true);
    },
  };
};

function fileOf(url: URL): string {
  const path = decodeURIComponent(url.pathname);
  return process.platform === 'win32' ? path.slice(1) : path;
}
