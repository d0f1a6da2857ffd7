// How commands end: exit codes, and errors as one line without a stack.

import { FeedforwardError, type ErrorCode } from '../errors.js';

/** Exit codes and what they mean: stable, for scripts. */
export const exitCodes = [
  [0, 'done'],
  [1, 'a fault of the program itself; please report it'],
  [2, 'usage: an unknown command, option, value or column'],
  [
    3,
    'data: a file that is no table, a cell that is not what its column is, targets that cannot be learnt, columns that do not fit the model',
  ],
  [4, 'files: one that is not there, or cannot be read or written'],
  [5, 'model file: damaged, or no model of this command line'],
  [6, 'training: it diverged, or memory ran out'],
  [7, 'not supported here, or not yet'],
  [130, 'interrupted (Ctrl-C); what was learnt is in the checkpoint'],
] as const;

export type ExitCode = (typeof exitCodes)[number][0];

const byError: Readonly<Record<ErrorCode, ExitCode>> = {
  ERR_OPTION: 2,
  ERR_SHAPE: 3,
  ERR_EMPTY: 3,
  ERR_TYPE: 3,
  ERR_NONFINITE: 3,
  ERR_RANGE: 3,
  ERR_LABEL: 3,
  ERR_BATCH: 3,
  ERR_FORMAT: 3,
  ERR_FILE: 4,
  ERR_DIVERGED: 6,
  ERR_MEMORY: 6,
  ERR_WORKER: 6,
  ERR_UNSUPPORTED: 7,
  ERR_STATE: 1,
  ERR_BUSY: 1,
  ERR_DISPOSED: 1,
};

/** Ends a command with a message and a code of its choice. */
export class Exit extends Error {
  constructor(
    readonly exitCode: ExitCode,
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

/** Ways out as the library names them, and as the command line does. */
const inFlags: readonly (readonly [RegExp, string])[] = [
  [
    /Correct it, add it to the option missing, or declare types: \{ "(.*)": 'categorical' \}\./,
    'Correct it, pass it with --missing if it stands for an empty cell, or pass --types "$1=categorical" if these are no numbers.',
  ],
  [
    /Pass header: false when the file has no header, header: true when these are names\./,
    'Pass --no-header when the file has no header, --header when these are names.',
  ],
];

export interface Failure {
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly message: string;
}

/** What to tell of an error: one line, and the exit code. */
export function failureOf(error: unknown): Failure {
  const line = (message: string) =>
    inFlags.reduce((text, [words, flags]) => text.replace(words, flags), message.replace(/\s*\n\s*/g, ' '));
  if (error instanceof Exit) return { exitCode: error.exitCode, code: error.code, message: line(error.message) };
  if (error instanceof FeedforwardError) return { exitCode: byError[error.code], code: error.code, message: line(error.message) };
  const { message = String(error), code } = (error ?? {}) as { message?: string; code?: unknown };
  if (code === 'ENOSPC' || code === 'EACCES' || code === 'EIO') return { exitCode: 4, code: 'ERR_FILE', message: line(message) };
  return {
    exitCode: 1,
    code: 'ERR_INTERNAL',
    message: line(`${message} (a fault of feedforward; set FEEDFORWARD_DEBUG=1 to see where)`),
  };
}
