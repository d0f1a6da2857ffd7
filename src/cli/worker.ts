// The command worker: takes trials from a queue until it is told to end.

import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import type { TrialNews } from '../search/queue/shift.js';
import { queueWorker } from '../search/queue/worker.js';
import { count } from './dataset.js';
import { Interrupt } from './interrupt.js';
import { connectionOf, connectionVariable, tlsOptions, troubleTeller, type QueueFlags } from './queueFlags.js';
import { Terminal } from './terminal.js';
import { number, whole } from './values.js';

interface WorkerFlags extends QueueFlags {
  concurrency?: number;
  objectives?: string;
  lock?: number;
  idle?: number;
  limit?: number;
  json?: boolean;
  quiet?: boolean;
}

/** Milliseconds between two lines about trials that went well. */
const patience = 5000;

/** Adds the command's options, help and action. */
export function defineWorker(command: Command): void {
  command
    .description('run trials of searches on this machine, taken from a queue on Redis, Valkey or PostgreSQL')
    .option(
      '--connection <url>',
      `redis://, rediss:// (TLS), valkey://, valkeys:// (TLS) or postgres:// (default: the variable ${connectionVariable})`,
    );
  tlsOptions(command)
    .option('--queue <name>', 'the queue (default: feedforward)')
    .option('--concurrency <n>', 'trials that run at a time, each on a thread (default: 1)', whole)
    .option(
      '--objectives <module>',
      'a module whose exports are the functions that trials may run, by name (default: estimators only)',
    )
    .option(
      '--lock <seconds>',
      'without a sign of life for so long, another worker takes a trial over; the same for all workers of a queue (default: 30)',
      number,
    )
    .option(
      '--limit <seconds>',
      'a trial that goes on for so long without a checkpoint is ended, and reported as failed; estimators have at least twice the checkpointSeconds of their search, so 20 s or more as a rule (default: 3600)',
      number,
    )
    .option('--idle <seconds>', 'end when no trial came for so long (default: wait for more)', number)
    .addHelpText(
      'after',
      `
Start one on each machine, before or after the search. Ctrl-C and SIGTERM end it: running trials save a checkpoint and go back into the queue,
where another worker goes on from there, to the same bits. A worker that dies costs the epochs since the last checkpoint.
Nothing is executed that comes from the queue. Needs the package bullmq, and ioredis (Redis, Valkey) or pg (PostgreSQL).

Examples:
  feedforward worker --connection redis://10.0.0.5:6379
  feedforward worker --concurrency 4 --queue prices   # the server in ${connectionVariable}
  feedforward worker --connection rediss://worker@10.0.0.5:6380 --cacert ca.crt --cert me.crt --key me.key
  feedforward worker --objectives ./objectives.js --idle 600`,
    )
    .action((flags: WorkerFlags) => worker(flags));
}

async function worker({
  json = false,
  quiet = false,
  objectives,
  lock,
  idle,
  limit,
  queue,
  concurrency,
  ...flags
}: WorkerFlags): Promise<void> {
  const terminal = new Terminal({ json, quiet });
  const interrupt = new Interrupt(terminal);
  const started = performance.now();
  let told = started;
  let ended = 0;
  const connection = await connectionOf(flags, 'worker');
  const { trials } = await interrupt.watching(() =>
    queueWorker({
      ...{ connection, queue, concurrency },
      objectives: objectives === undefined ? undefined : pathToFileURL(objectives),
      ...{ lockSeconds: lock, idleSeconds: idle, limitSeconds: limit, signal: interrupt.signal },
      onReady: (name, queue) => terminal.note(`worker ${name} takes trials from ${queue}`),
      onTrial: ({ title, state, seconds, reason }: TrialNews) => {
        if (state === 'failed') terminal.note(`${title} failed: ${reason}`);
        else if (state === 'returned') terminal.note(`${title} went back into the queue`);
        else {
          ended++;
          if (performance.now() - told < patience) return;
          terminal.note(`${count(ended, 'trial')} ended; the last, ${title}, took ${seconds.toFixed(1)} s`);
          told = performance.now();
        }
      },
      onTrouble: troubleTeller(terminal),
    }),
  );
  interrupt.end();
  const seconds = (performance.now() - started) / 1000;
  terminal.result(() => `${count(trials, 'trial')} ended in ${seconds.toFixed(0)} s`, { trials, seconds });
}
