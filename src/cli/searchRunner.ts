// Who runs the trials of feedforward search, and what is said while nobody does.

import { fail } from '../errors.js';
import { here } from '../search/here.js';
import { bullmq } from '../search/queue/bullmq.js';
import type { Runner } from '../search/runner.js';
import type { SearchNews } from '../search/settings.js';
import { workers } from '../search/threads.js';
import { connectionOf, troubleTeller, type QueueFlags } from './queueFlags.js';
import type { Terminal } from './terminal.js';

/** The flags that say who runs the trials. */
export interface RunnerFlags extends QueueFlags {
  /** Worker threads; 0: this one. undefined: as many as the machine has cores. */
  readonly workers: number | undefined;
}

/** The runner of a command; undefined: worker threads where they are of use. @throws ERR_OPTION, Exit. */
export async function runnerOf(flags: RunnerFlags, terminal: Terminal): Promise<Runner | undefined> {
  const { workers: count, connection, queue } = flags;
  if (connection !== undefined) {
    if (count !== undefined)
      fail('ERR_OPTION', '--connection: the workers of a queue are started by feedforward worker. Leave --workers out.');
    const found = await connectionOf(flags, 'search');
    return bullmq({ connection: found, ...(queue === undefined ? {} : { queue }), onTrouble: troubleTeller(terminal) });
  }
  for (const name of ['queue', 'cacert', 'cert', 'key'] as const)
    if (flags[name] !== undefined) fail('ERR_OPTION', `--${name}: needs --connection, the URL of its server.`);
  return count === undefined ? undefined : count === 0 ? here() : workers(count);
}

/** Milliseconds without a trial that ended before a terminal is told: at first, and in trials of the longest kind so far. */
const silence = { first: 15_000, trials: 10 };

/** Tells a terminal when no trial of a queue ends: maybe nobody works. */
export class Lookout {
  private last = performance.now();
  private longest = 0;
  private told = false;
  private readonly timer: ReturnType<typeof setInterval> | undefined;

  constructor(runner: Runner | undefined, { connection }: QueueFlags, terminal: Terminal) {
    if (runner === undefined || connection === undefined) return;
    this.timer = setInterval(() => {
      const quiet = performance.now() - this.last;
      if (this.told || quiet < Math.max(silence.first, silence.trials * this.longest)) return;
      this.told = true;
      terminal.note(
        `no trial has ended for ${Math.round(quiet / 1000)} s. Trials wait in ${runner.name} until a worker takes them: where none runs, start one, feedforward worker with the same --connection.`,
      );
    }, 1000);
  }

  /** A trial ended. */
  heard({ last }: SearchNews): void {
    this.last = performance.now();
    this.longest = Math.max(this.longest, 1000 * last.seconds);
    this.told = false;
  }

  end(): void {
    clearInterval(this.timer);
  }
}
