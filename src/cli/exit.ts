// How commands end: exit codes, and errors as one line without a stack.

import { FeedforwardError, type ErrorCode } from '../errors.js';

/** Exit codes and what they mean: stable, for scripts. */
export const exitCodes = [
  [0, 'done'],
  [1, 'lab: something in the file is wrong; of other commands a fault of the program itself, please report it'],
  [2, 'usage: an unknown command, option, value or column'],
  [
    3,
    'data: a file that is no table, a cell that is not what its column is, targets that cannot be learnt, columns that do not fit the model',
  ],
  [4, 'files: one that is not there, or cannot be read or written'],
  [5, 'model file: damaged, or no model of this command line'],
  [6, 'training: it diverged, memory ran out, or workers or their queue cannot be reached'],
  [7, 'not supported here, or not yet'],
  [130, 'interrupted (Ctrl-C, SIGTERM, SIGHUP); what a training had learnt is in the checkpoint'],
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

export interface Failure {
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly message: string;
}

/** Codes of the file system that are nobody's fault. */
const ofFiles = new Set([
  'ENOSPC',
  'EDQUOT',
  'EACCES',
  'EPERM',
  'EROFS',
  'EIO',
  'EFBIG',
  'EMFILE',
  'ENFILE',
  'ENOENT',
  'EISDIR',
  'ENOTDIR',
]);

/** What to tell of an error: one line, and the exit code. */
export function failureOf(error: unknown): Failure {
  const line = (message: string) => message.replace(/\s*\n\s*/g, ' ');
  if (error instanceof Exit) return { exitCode: error.exitCode, code: error.code, message: line(error.message) };
  if (isRefusal(error)) return { exitCode: byError[error.code], code: error.code, message: line(inFlags(error)) };
  const { name, message = String(error), code } = (error ?? {}) as { name?: string; message?: string; code?: unknown };
  if (name === 'AbortError') return { exitCode: 130, code: 'ABORTED', message: 'Interrupted; nothing was saved.' };
  if (ofFiles.has(code as string)) return { exitCode: 4, code: 'ERR_FILE', message: line(message) };
  return {
    exitCode: 1,
    code: 'ERR_INTERNAL',
    message: line(`${message} (a fault of feedforward; set FEEDFORWARD_DEBUG=1 to see where)`),
  };
}

/** Whether an error is the library's, of whichever copy: pages of the course run on the one that they import. */
function isRefusal(error: unknown): error is FeedforwardError {
  const { name, code } = (error ?? {}) as { name?: string; code?: string };
  return error instanceof FeedforwardError || (name === 'FeedforwardError' && Object.hasOwn(byError, String(code)));
}

/** A refusal whose way out is an option of the library, with the flag that passes it. */
function inFlags({ message, details }: FeedforwardError): string {
  const { problem, fix, value } = details;
  if (typeof problem !== 'string' || !Array.isArray(fix)) return message;
  const ways = (fix as Record<string, unknown>[]).flatMap((options) =>
    Object.entries(options).map(([name, option]) => flagFor(name, option, value)),
  );
  const known = ways.filter((way) => way !== undefined);
  if (known.length === 0) return message;
  const either = [...(value === undefined ? [] : ['correct it']), ...known].join(', or ');
  return `${problem} ${either[0]!.toUpperCase()}${either.slice(1)}.`;
}

function flagFor(name: string, option: unknown, value: unknown): string | undefined {
  switch (name) {
    case 'header':
      return option === true ? 'pass --header when these are names' : 'pass --no-header when the file has no header';
    case 'missing':
      return `pass --missing ${quoted(String(value))} if it stands for an empty cell`;
    case 'types':
      return Object.entries(option as Record<string, string>)
        .map(([column, type]) => `pass --types ${quoted(`${column}=${type}`)} if that is what the column holds`)
        .join(', ');
    case 'dateFormat':
      return `pass --date-format ${words(option)}`;
    case 'inputType':
      return option === 'float64'
        ? 'pass --input-type float64 for a graph whose input is float64'
        : 'pass --input-type float32 to round all the same';
    case 'decimal':
    case 'delimiter':
    case 'encoding':
      return `pass --${name} ${words(option)}`;
    default:
      return undefined;
  }
}

/** A value, or those of columns: "price=,". */
function words(option: unknown): string {
  if (typeof option !== 'object' || option === null) return quoted(String(option));
  return Object.entries(option)
    .map(([column, value]) => quoted(`${column}=${String(value)}`))
    .join(' ');
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w./,=:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Text as it may be seen: URLs without their passwords. */
export function withoutPasswords(text: string): string {
  return text.split(/(\s+)/).map(withoutPassword).join('');
}

/** A word, which may be or hold a URL, without the password of it. */
export function withoutPassword(word: string): string {
  return word
    .replace(/([a-z][a-z\d+.-]*:\/\/[^\s@:/]*):[\s\S]*@/i, '$1:…@')
    .replace(/([?&][^=&]*(?:pass|secret|token)[^=&]*=)[^&#]+/gi, '$1…');
}
