// Runs a student's file in a worker thread, which may end in many ways: with a verdict, with an error, without end.

import { Worker } from 'node:worker_threads';
import { FeedforwardError } from '../errors.js';
import { brokenOff, type Failure, type Verdict } from '../labs/checkLab.js';
import type { Findings } from '../labs/experiment.js';
import type { Lab } from '../labs/lab.js';

/** What the worker is given. */
export interface LabTask {
  readonly lab: number;
  /** The student's file, and where a copy that Node takes as a module may stand. */
  readonly path: string;
  readonly copy: string;
  readonly seed: number;
  /** Whether a finished lab goes on to what it finds out. */
  readonly explore: boolean;
}

/** What the worker says: before it loads the file, before each call, and in the end. */
export type LabMessage =
  | { readonly kind: 'loading' }
  | { readonly kind: 'call'; readonly name: string; readonly about: string }
  /** With more to come: what the finished lab finds out. */
  | { readonly kind: 'verdict'; readonly verdict: Verdict; readonly more: boolean }
  | { readonly kind: 'findings'; readonly findings: Findings | undefined }
  /** The file cannot be loaded. */
  | { readonly kind: 'broken'; readonly failure: Failure }
  /** TypeScript, and nothing here that runs it. */
  | { readonly kind: 'unsupported'; readonly message: string };

/** Megabytes that a student's code may hold. */
const memory = 512;
/** Seconds that what a finished lab finds out may take. */
const exploring = 120;
/** Characters of what a student prints. */
const printed = 20_000;

export interface LabRun {
  readonly lab: Lab;
  readonly path: string;
  readonly copy: string;
  readonly seed: number;
  /** Seconds for each call. */
  readonly timeLimit: number;
  readonly explore: boolean;
  /** Hears what the student's code prints. */
  readonly say: (text: string) => void;
}

export interface Outcome {
  readonly verdict: Verdict;
  /** What a finished lab found out, where it does and came to it. */
  readonly findings?: Findings | undefined;
}

/** A file that changes what all programs share can make its judge see nothing. */
const meddled: Failure = {
  about: '',
  message: 'The file changes what all programs share, such as Array.prototype: its answers cannot be judged.',
  hint: 'Take out what assigns to prototypes and to built-in objects.',
};

/** Whether every function of the lab was judged, by name and in order. */
const isWhole = (lab: Lab, { checks, passed }: Verdict): boolean =>
  checks.length === lab.checks.length &&
  lab.checks.every(({ function: name }, i) => checks[i]?.function === name && (!passed || checks[i]?.status === 'passed'));

/** @throws FeedforwardError ERR_UNSUPPORTED for TypeScript where nothing runs it. */
export async function runLab({ lab, path, copy, seed, timeLimit, explore, say }: LabRun): Promise<Outcome> {
  const worker = new Worker(new URL('./lab-worker.js', import.meta.url), {
    workerData: { lab: lab.number, path, copy, seed, explore } satisfies LabTask,
    stdout: true,
    stderr: true,
    execArgv: ['--no-warnings', '--enable-source-maps'],
    resourceLimits: { maxOldGenerationSizeMb: memory },
  });
  let room = printed;
  for (const stream of [worker.stdout, worker.stderr])
    stream.on('data', (text: Buffer) => {
      if (room <= 0) return;
      say(text.toString().slice(0, room));
      room -= text.length;
      if (room <= 0) say('\n… (your code prints more, which is left out)\n');
    });
  let current: { name?: string; about: string } = { about: '' };
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Outcome>((done, refuse) => {
      let reached: Verdict | undefined;
      const broken = (failure: Omit<Failure, 'about'>) =>
        done({ verdict: reached ?? brokenOff(lab, current.name, { ...failure, about: current.about }) });
      const what = () => current.name ?? 'the file';
      const patience = (seconds = timeLimit) => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          broken({
            message: `${what()} did not ${current.name === undefined ? 'load' : 'return'} within ${timeLimit} s.`,
            hint: 'Is there a loop that never ends? Look at what each of them counts, and where it stops.',
          });
        }, 1000 * seconds);
      };
      worker.on('message', (message: LabMessage) => {
        switch (message.kind) {
          case 'loading':
            return patience();
          case 'call':
            current = message;
            return patience();
          case 'verdict':
            if (!isWhole(lab, message.verdict)) return done({ verdict: brokenOff(lab, undefined, meddled) });
            if (!message.more) return done(message);
            reached = message.verdict;
            return patience(exploring);
          case 'findings':
            return done({ verdict: reached!, findings: message.findings });
          case 'broken':
            return done({ verdict: brokenOff(lab, undefined, message.failure) });
          case 'unsupported':
            return refuse(new FeedforwardError('ERR_UNSUPPORTED', message.message));
        }
      });
      worker.on('error', (error: Error & { code?: string }) => {
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
          broken({
            message: `${what()} used more than ${memory} MB of memory.`,
            hint: 'Is there a list that grows without end?',
          });
        else broken({ message: `${what()} ended with ${String(error).replace(/\s+/g, ' ')}.` });
      });
      worker.on('exit', () => broken({ message: `${what()} ended the program.`, hint: 'Leave process.exit() out.' }));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
