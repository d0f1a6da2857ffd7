// Ctrl-C, and the signals that ask a program to end. While nothing is at stake the program ends at once, and what it had begun to write
// goes; while something watches (a training that will save a checkpoint, a file that is being written) the signal is passed on to that.

import { Exit } from './exit.js';
import type { Terminal } from './terminal.js';

/** Each means the same: end now, and keep what was learnt. */
const signals: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Milliseconds before a second Ctrl-C is a second one: `timeout` and shells send one signal to a program and again to its group. */
const again = 1000;

export class Interrupt {
  private readonly controller = new AbortController();
  private readonly undone = new Set<() => void>();
  private watchers = 0;
  private savers = 0;
  private first = 0;

  constructor(private readonly terminal: Terminal) {
    for (const name of signals) process.on(name, this.heard);
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Runs what watches `signal`, and ends by itself when it is aborted. */
  async watching<T>(work: () => Promise<T>): Promise<T> {
    this.watchers++;
    try {
      return await work();
    } finally {
      this.watchers--;
    }
  }

  /** Runs what must come to its end: a file being written. */
  async saving<T>(work: () => Promise<T>): Promise<T> {
    this.savers++;
    try {
      return await work();
    } finally {
      this.savers--;
    }
  }

  /** Called when the program ends at once. Returns what takes it back. */
  onExit(undo: () => void): () => void {
    this.undone.add(undo);
    return () => void this.undone.delete(undo);
  }

  /** Lets a signal be heard that came during a long calculation. @throws Exit 130. */
  async check(): Promise<void> {
    await new Promise((turn) => setImmediate(turn));
    if (this.signal.aborted) throw interrupted();
  }

  /** The work is done. After a signal, further ones are passed over while the program ends: it has an answer and an exit code already. */
  end(): void {
    for (const name of signals) {
      if (this.signal.aborted) process.on(name, passedOver);
      process.off(name, this.heard);
    }
  }

  private readonly heard = (name: NodeJS.Signals): void => {
    const second = this.signal.aborted && performance.now() - this.first > again;
    if (!this.signal.aborted) this.first = performance.now();
    this.controller.abort();
    if (this.savers > 0 || (this.watchers > 0 && !(second && name === 'SIGINT'))) return;
    for (const undo of this.undone) undo();
    const failure = interrupted();
    this.terminal.failure(failure);
    process.exit(failure.exitCode);
  };
}

function passedOver(): void {}

export function interrupted(): Exit {
  return new Exit(130, 'Interrupted; nothing was saved.', 'ABORTED');
}
