// A search from beginning to end: its file, its checkpoints, its runner, its rounds; and what is told on the way.

import { isError } from '../brands.js';
import { abortError } from '../platform.js';
import { checkpointsInFolder, checkpointsInMemory } from './checkpoints.js';
import { Journal, type Identity } from './journal.js';
import type { Recorded } from './recorded.js';
import { Rounds, type Course, type Ending, type Tracked } from './rounds.js';
import type { Runner, Session } from './runner.js';

/** How a search is done, which makes no difference to what it finds. */
export interface Conduct {
  readonly runner: Runner;
  /** The search's file; undefined: in memory. */
  readonly storage: string | undefined;
  /** What messages call the file. */
  readonly storageName: string;
  readonly identity: Identity;
  readonly signal: AbortSignal | undefined;
  /** Seconds after which no more trials run; undefined: all of them do. */
  readonly budget: number | undefined;
  /** Told after each job that ended, and of those that the file held. */
  readonly ended: (recorded: Recorded, rounds: Rounds, fresh: number) => void;
}

/** What is left to do when the rounds are over, with the runner still there. */
export type Last<T> = (session: Session, candidates: readonly Tracked[], signal: AbortSignal) => Promise<T>;

/** Where a search stands when it is over. */
export interface Conducted<T> {
  readonly candidates: readonly Tracked[];
  readonly ending: Ending;
  /** Jobs that were done twice and came to the same. */
  readonly verified: number;
  readonly last: T;
}

const never = new AbortController().signal;

/** Runs a search. @throws what its runner and its file throw; an AbortError by `signal`, with the file as it stands. */
export async function conduct<T>(course: Course, how: Conduct, last: Last<T>): Promise<Conducted<T>> {
  const signal = how.signal ?? never;
  if (signal.aborted) throw aborted();
  const journal = how.storage === undefined ? undefined : await Journal.open(how.storage, how.identity, how.storageName);
  const known = new Map((journal?.outcomes ?? []).map((one) => [one.job, one]));
  const checkpoints = how.storage === undefined ? checkpointsInMemory() : checkpointsInFolder(`${how.storage}.checkpoints`);
  let session: Session | undefined;
  const clock = new AbortController();
  const cancel = how.budget === undefined ? undefined : after(1000 * how.budget, () => clock.abort());
  const stop = () => clock.abort();
  signal.addEventListener('abort', stop, { once: true });
  // A signal may come from a timer that does not keep the process alive, and neither does an objective that waits for ever.
  const alive = how.signal === undefined ? undefined : setInterval(() => undefined, longestWait);
  let fresh = 0;
  let givenUp: readonly string[] = [];
  try {
    session = await how.runner.open(course.study, checkpoints);
    const rounds: Rounds = new Rounds(course, {
      ...{ known, session },
      signal: clock.signal,
      ended: async (recorded) => {
        await journal?.append(recorded);
        how.ended(recorded, rounds, ++fresh);
      },
    });
    givenUp = rounds.givenUp;
    const ending = await rounds.run().catch((error: unknown): Ending => {
      if (signal.aborted || !clock.signal.aborted || !isAbort(error)) throw error;
      return 'stopped';
    });
    for (const tracked of rounds.candidates)
      if (tracked.state === 'running') tracked.state = tracked.final.size === course.folds ? 'complete' : 'stopped';
    const { candidates, verified } = rounds;
    return { candidates, ending, verified, last: await last(session, candidates, signal) };
  } catch (error) {
    if (signal.aborted && isAbort(error)) throw aborted(givenUp);
    throw error;
  } finally {
    cancel?.();
    clearInterval(alive);
    signal.removeEventListener('abort', stop);
    await session?.close();
    await journal?.close();
  }
}

/** Milliseconds that a timer is given at most: one that is to wait for 2^31 or more does not wait at all. */
const longestWait = 2 ** 30;

/** Does something after some milliseconds, however many. Returns what cancels that. */
function after(milliseconds: number, act: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const wait = (left: number) => {
    const part = Math.min(left, longestWait);
    timer = setTimeout(() => (left > part ? wait(left - part) : act()), part);
  };
  wait(milliseconds);
  return () => clearTimeout(timer);
}

const isAbort = (error: unknown): boolean => isError(error) && error.name === 'AbortError';

function aborted(givenUp: readonly string[] = []): Error {
  const late = givenUp.length === 0 ? '' : ` Given up, since they did not end by its signal: ${givenUp.join('; ')}.`;
  return abortError(`The search was aborted; what had ended is in its file, if it has one.${late}`);
}
