// A program of its own beside the library: the pool of worker threads, which stands apart so that no bundler for pages meets it. Its package
// notices when a thread dies, with an error or with exit, and starts another one.

import { pool as poolOf, Promise as Cancellable } from 'workerpool';
import { begun, type OpenThreads, type ThreadAnswer, type ThreadNews } from './threadMessages.js';

/**
 * Looks at a job until its limit, at least so many, and milliseconds between two at most: a timer that is to wait for 2^31 or more does not wait at all.
 * They are counted, so that a machine that slept does not end what had no time; the first after a checkpoint may come at once, and is one more.
 */
const fewest = 20;
const longest = 60_000;

function looksUntil(seconds: number): { readonly looks: number; readonly pause: number } {
  const milliseconds = Math.min(1000 * seconds, Number.MAX_VALUE);
  const looks = Math.max(fewest, Math.ceil(milliseconds / longest));
  return { looks, pause: milliseconds / looks };
}

export const openThreads: OpenThreads = (count, start) => {
  const script = new URL('./search-worker.js', import.meta.url); // as the build names it
  const pool = poolOf(fileOf(script), { workerType: 'thread', maxWorkers: count, workerThreadOpts: { workerData: start } });
  return {
    run: (job, onNews, limit) =>
      new Promise<ThreadAnswer>((resolve, reject) => {
        const { looks, pause } = looksUntil(limit ?? Infinity);
        let looked = 0;
        let looking: ReturnType<typeof setInterval> | undefined;
        const on = (news: unknown) => {
          looked = 0;
          if (news !== begun) onNews(news as ThreadNews);
          else if (limit !== undefined) looking ??= setInterval(look, pause);
        };
        const running = pool.exec('run', [job], { on });
        const look = () => {
          if (++looked > looks) running.cancel(); // ends its thread, if need be by force
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
