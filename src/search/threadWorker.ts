// A worker thread of a search: reads study and data once, then does one job after the other.

import { workerData } from 'node:worker_threads';
import { worker, workerEmit } from 'workerpool';
import { FeedforwardError } from '../errors.js';
import { importFunction } from './objective.js';
import { begun, type ThreadAnswer, type ThreadJob, type ThreadNews, type ThreadStart } from './threadMessages.js';
import { Workplace } from './workplace.js';

const { study, data, module, checkpointSeconds, timed, stop } = workerData as ThreadStart;

/** Milliseconds between two looks at whether the search has stopped. */
const lookEvery = 20;

const open = async () => Workplace.open(study, data, { functions: module === undefined ? {} : await importFunction(module) });
let workplace: Promise<Workplace> | undefined;

async function run({ job, checkpoint }: ThreadJob): Promise<ThreadAnswer> {
  if (timed) workerEmit(begun);
  const stopping = new AbortController();
  const look = () => void (Atomics.load(stop, 0) === 1 && stopping.abort());
  look();
  const looking = setInterval(look, lookEvery);
  try {
    workplace ??= open();
    const result = await (await workplace).run(
      { ...job, previous: undefined },
      {
        checkpoints: {
          load: async () => checkpoint,
          save: async (_, bytes) => workerEmit({ checkpoint: bytes } satisfies ThreadNews),
        },
        checkpointSeconds,
        signal: stopping.signal,
      },
    );
    return { result };
  } catch (error) {
    if (stopping.signal.aborted) return { stopped: true };
    const { message, stack } = error as Error;
    return {
      error: error instanceof FeedforwardError ? { code: error.code, message } : { code: undefined, message: stack ?? message },
    };
  } finally {
    clearInterval(looking);
  }
}

worker({ run });
