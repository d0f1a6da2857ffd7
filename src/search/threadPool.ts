// A program of its own beside the library: the pool of worker threads, which stands apart so that no bundler for pages meets it. Its package
// notices when a thread dies, with an error or with exit, and starts another one.

import { pool as poolOf, Promise as Cancellable } from 'workerpool';
import { begun, type OpenThreads, type ThreadAnswer, type ThreadNews } from './threadMessages.js';

/** Looks at a job until its limit. They are counted, so that a machine that slept does not end what had no time. */
const looks = 20;

export const openThreads: OpenThreads = (count, start) => {
  const script = new URL('./search-worker.js', import.meta.url); // as the build names it
  const pool = poolOf(fileOf(script), { workerType: 'thread', maxWorkers: count, workerThreadOpts: { workerData: start } });
  return {
    run: (job, onNews, limit) =>
      new Promise<ThreadAnswer>((resolve, reject) => {
        let looked = 0;
        let looking: ReturnType<typeof setInterval> | undefined;
        const on = (news: unknown) => {
          looked = 0;
          if (news !== begun) onNews(news as ThreadNews);
          else if (limit !== undefined) looking ??= setInterval(look, (1000 * limit) / looks);
        };
        const running = pool.exec('run', [job], { on });
        const look = () => {
          if (++looked >= looks) running.cancel(); // ends its thread, if need be by force
        };
        const ended = <T>(report: (value: T) => void) => {
          return (value: T) => {
            clearInterval(looking);
            report(value);
          };
        };
        running.then(
          ended((answer: unknown) => resolve(answer as ThreadAnswer)),
          ended((error: Error) => reject(error)),
        );
      }),
    overdue: (error) => error instanceof Cancellable.CancellationError,
    end: async () => {
      await pool.terminate(true);
    },
  };
};

function fileOf(url: URL): string {
  const path = decodeURIComponent(url.pathname);
  return process.platform === 'win32' ? path.slice(1) : path;
}
