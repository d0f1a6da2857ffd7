// Runs a student's file in a worker thread, which may end in many ways: with a verdict, with an error, without end.

import { Worker } from 'node:worker_threads';
import { FeedforwardError } from '../errors.js';
import { brokenOff, type Failure, type Verdict } from '../labs/checkLab.js';
import type { Lab } from '../labs/lab.js';

/** What the worker is given. */
export interface LabTask {
  readonly lab: number;
  /** The student's file, and where a copy that Node takes as a module may stand. */
  readonly path: string;
  readonly copy: string;
  readonly seed: number;
}

/** What the worker says: before it loads the file, before each call, and in the end. */
export type LabMessage =
  | { readonly kind: 'loading' }
  | { readonly kind: 'call'; readonly name: string; readonly about: string }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  /** The file cannot be loaded. */
  | { readonly kind: 'broken'; readonly failure: Failure }
  /** TypeScript, and nothing here that runs it. */
  | { readonly kind: 'unsupported'; readonly message: string };

/** Megabytes that a student's code may hold. */
const memory = 512;
/** Characters of what a student prints. */
const printed = 20_000;

export interface LabRun {
  readonly lab: Lab;
  readonly path: string;
  readonly copy: string;
  readonly seed: number;
  /** Seconds for each call. */
  readonly timeLimit: number;
  /** Hears what the student's code prints. */
  readonly say: (text: string) => void;
}

/** @throws FeedforwardError ERR_UNSUPPORTED for TypeScript where nothing runs it. */
export async function runLab({ lab, path, copy, seed, timeLimit, say }: LabRun): Promise<Verdict> {
  const worker = new Worker(new URL('./lab-worker.js', import.meta.url), {
    workerData: { lab: lab.number, path, copy, seed } satisfies LabTask,
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
    return await new Promise<Verdict>((done, refuse) => {
      const broken = (failure: Omit<Failure, 'about'>) =>
        done(brokenOff(lab, current.name, { ...failure, about: current.about }));
      const what = () => current.name ?? 'the file';
      const patience = () => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          broken({
            message: `${what()} did not ${current.name === undefined ? 'load' : 'return'} within ${timeLimit} s.`,
            hint: 'Is there a loop that never ends? Look at what each of them counts, and where it stops.',
          });
        }, 1000 * timeLimit);
      };
      worker.on('message', (message: LabMessage) => {
        switch (message.kind) {
          case 'loading':
            return patience();
          case 'call':
            current = message;
            return patience();
          case 'verdict':
            return done(message.verdict);
          case 'broken':
            return done(brokenOff(lab, undefined, message.failure));
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
