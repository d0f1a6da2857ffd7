// The runner that runs jobs one after the other on this thread, which stays responsive: training yields to it.

import { inTime, late } from './grace.js';
import { importFunction } from './objective.js';
import type { Checkpoints, Job, Runner, RunOptions, Session, Study } from './runner.js';
import { Workplace } from './workplace.js';

/**
 * Runs a search on this thread: in a page, in a test, where an objective is a function of the caller's own.
 *
 * @example
 * here().name;  // 'this thread'
 */
export function here(): Runner {
  return { name: 'this thread', open: async (study, checkpoints) => new Here(study, checkpoints) };
}

class Here implements Session {
  private readonly workplace: Promise<Workplace>;

  constructor(
    private readonly study: Study,
    private readonly checkpoints: Checkpoints,
  ) {
    this.workplace = openHere(study);
    this.workplace.catch(() => undefined); // run() rejects with it
  }

  async run(jobs: readonly Job[], { signal, ended, gaveUp }: RunOptions): Promise<void> {
    const { checkpoints, study } = this;
    for (const job of jobs) {
      signal.throwIfAborted();
      const work = this.workplace.then((workplace) =>
        workplace.run(job, { checkpoints, checkpointSeconds: study.checkpointSeconds, signal }),
      );
      const result = await inTime(work, signal);
      if (result !== late) await ended(result);
      else gaveUp?.(job);
    }
    signal.throwIfAborted();
  }

  async forget(jobs: readonly string[]): Promise<void> {
    for (const job of jobs) await this.checkpoints.remove(job);
  }

  async close(): Promise<void> {}
}

async function openHere({ id, bytes, data, module, local }: Study): Promise<Workplace> {
  const functions = module === undefined ? {} : await importFunction(module);
  return Workplace.open({ id, bytes }, data?.bytes, { functions, local });
}
