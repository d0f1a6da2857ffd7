// What the file system says, in words.

import { FeedforwardError } from '../errors.js';

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'part of the path is a file, not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than allowed',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many links point at each other',
};

/** The error of the file system as ERR_FILE, in words. */
export function refuseFile(verb: 'read' | 'write', path: string, error: unknown): never {
  const code = codeOf(error);
  const kept = verb === 'write' && code !== 'EISDIR' && code !== 'ENOENT' ? ' What was there before is unchanged.' : '';
  throw new FeedforwardError('ERR_FILE', `Cannot ${verb} ${path}: ${causeOf(error)}.${kept}`, { path, cause: code }, error);
}

/** The file of a search that cannot be read, written or locked, as ERR_FILE; the error may speak of a file beside it. */
export function refuseStorage(path: string, error: unknown): never {
  const code = codeOf(error);
  const name = path.search(/[^/\\]*$/);
  const folder = name === 0 ? '.' : path.slice(0, Math.max(1, name - 1));
  const cause = code === 'ENOENT' ? `there is no folder ${folder} (ENOENT)` : causeOf(error);
  throw new FeedforwardError('ERR_FILE', `Cannot use ${path}: ${cause}.`, { path, cause: code }, error);
}

function causeOf(error: unknown): string {
  const code = codeOf(error);
  const cause = (code !== undefined && Object.hasOwn(causes, code) ? causes[code] : undefined) ?? String(error);
  return `${cause}${code === undefined ? '' : ` (${code})`}`;
}

/** The system's code of an error, such as 'ENOENT'. */
function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
