// The runner of many machines: jobs go into a BullMQ queue on Redis, Valkey or PostgreSQL, and whatever `feedforward worker` runs on takes
// them from there.

import { fail, show } from '../../errors.js';
import { handler, readOptions, text, whole, type Option, type Schema } from '../../options.js';
import type { Runner } from '../runner.js';
import { readConnection, type QueueServer } from './connection.js';
import { reach } from './reach.js';
import { QueueSession } from './session.js';

/** Options of bullmq(). */
export interface QueueOptions {
  /**
   * Where the queue is: redis://, rediss:// (TLS), valkey://, valkeys:// (TLS) or postgres://, or { url, options } with options for the client
   * (ioredis, or pg's pool).
   */
  readonly connection: string | QueueServer;
  /** Name of the queue: searches that share workers share it (default: 'feedforward'). */
  readonly queue?: string;
  /** How many jobs of this search are in the queue at a time, waiting or running; more than there are workers (default: 256). */
  readonly inQueue?: number;
  /**
   * Days that outcomes, models, checkpoints and data stay in the queue's server, for a search that goes on (default: 30). With 0 a search
   * that ended takes them out.
   */
  readonly keepDays?: number;
  /** Called when something is wrong that the search goes on after, such as a server that is away for a while. */
  readonly onTrouble?: (message: string) => void;
}

/** A name that both kinds of servers take. */
/* @__NO_SIDE_EFFECTS__ */
export function queueName(): Option<string> {
  const read = text('feedforward');
  return (value, name) => {
    const queue = read(value, name);
    if (!/^[\w.-]{1,60}$/.test(queue))
      fail('ERR_OPTION', `${name}: expected up to 60 letters, digits, ., _ or -, got ${show(value)}.`);
    return queue;
  };
}

const rows = {
  connection: (value: unknown) => value as QueueOptions['connection'],
  queue: queueName(),
  inQueue: whole({ min: 1, max: 100_000, default: 256 }),
  keepDays: whole({ min: 0, max: 3650, default: 30 }),
  onTrouble: handler<(message: string) => void>(),
} satisfies Schema<QueueOptions>;

/**
 * Runs a search on many machines: jobs go into a queue, and each process `feedforward worker --connection URL` takes jobs from it. A worker
 * that dies costs the epochs since its last checkpoint: another goes on from there, to the same bits. A job whose workers die three times
 * is reported as failed. Needs the packages bullmq and ioredis (Redis, Valkey), or bullmq and pg (PostgreSQL).
 * @throws ERR_OPTION for a connection that is no URL of such a server; when the search begins: ERR_UNSUPPORTED without the packages,
 * ERR_WORKER for a server that cannot be reached
 *
 * @example
 * bullmq({ connection: 'redis://127.0.0.1:6379', queue: 'prices' }).name;  // 'queue prices at redis://127.0.0.1:6379'
 */
export function bullmq(options: QueueOptions): Runner {
  const { connection: given, queue, inQueue, keepDays, onTrouble } = readOptions(rows, options, 'bullmq');
  const connection = readConnection(given, 'bullmq');
  return {
    name: `queue ${queue} at ${connection.name}`,
    open: async (study) => {
      if (study.local !== undefined)
        fail(
          'ERR_OPTION',
          'runner: a scoring function, a subclass, an option that is a function or a function that is no moduleFunction cannot be sent to another machine. Use runner: here().',
        );
      return QueueSession.open(study, await reach(connection, queue), { connection, inQueue, days: keepDays, onTrouble });
    },
  };
}
