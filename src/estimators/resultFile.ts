// The file that a search adds its outcomes to, so that it goes on where it was interrupted.

import { isMap } from '../brands.js';
import { fail, show } from '../errors.js';
import { crc32 } from '../formats/checksum.js';
import { isNode, nodeModule, utf8 } from '../platform.js';
import { lockFile } from './fileLock.js';
import type { ScoringLike } from './searchOptions.js';
import type { Trial, TrialData, TrialOutcome } from './trial.js';

/** What makes two searches the same: data, candidates, folds, score. */
export function fingerprintOf(data: TrialData, trials: readonly Trial[], scoring: ScoringLike | undefined): string {
  const { X, y } = data;
  let crc = crc32(
    utf8(
      JSON.stringify(
        [
          typeof scoring === 'function' ? scoring.toString() : scoring,
          trials.map(({ options, estimator }) => [estimator, options]),
        ],
        (_, value: unknown) => (isMap(value) ? [...value] : value),
      ),
    ),
  );
  for (const { train, test } of trials.slice(0, trials.filter(({ trial }) => trial === 0).length))
    crc = crc32(bytesOf(test), crc32(bytesOf(train), crc));
  if ('columns' in X)
    for (const column of X.columns) crc = crc32(bytesOf(column.type === 'categorical' ? column.codes : column.values), crc);
  else crc = crc32(bytesOf(X.data), crc);
  crc = crc32(typeof y === 'object' && 'data' in y ? bytesOf(y.data) : utf8(JSON.stringify(y)), crc);
  return crc.toString(16).padStart(8, '0');
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** JSON lines: first what search this is, then one outcome per line. A last line that was cut off is dropped. */
export class ResultFile {
  private constructor(
    readonly outcomes: readonly TrialOutcome[],
    private readonly handle: { appendFile(text: string): Promise<void>; close(): Promise<void> },
    private readonly unlock: () => Promise<void>,
  ) {}

  /** @throws ERR_FILE for a file that cannot be read or written, belongs to another search, or is being written by one. */
  static async open(path: string, fingerprint: string): Promise<ResultFile> {
    if (typeof path !== 'string' || path === '') fail('ERR_OPTION', `results: expected the path of a file, got ${show(path)}.`);
    if (!isNode()) fail('ERR_UNSUPPORTED', 'results: files need Node.');
    const unlock = await lockFile(path);
    try {
      return await ResultFile.read(path, fingerprint, unlock);
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  private static async read(path: string, fingerprint: string, unlock: () => Promise<void>): Promise<ResultFile> {
    const { open, readFile } = await nodeModule('node:fs/promises');
    const refuse = (error: unknown): never => fail('ERR_FILE', `Cannot use ${path}: ${(error as Error).message}.`);
    const text = await readFile(path, 'utf8').catch((error: { code?: string }) => (error.code === 'ENOENT' ? '' : refuse(error)));
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const lines = whole.split('\n').filter((line) => line !== '');
    const outcomes = lines.slice(1).map((line, i) => readOutcome(line, `${path} line ${i + 2}`));
    if (lines.length > 0 && parse(lines[0]!)?.['search'] !== fingerprint)
      fail(
        'ERR_FILE',
        `${path} belongs to another search: data, options, folds or score differ. Remove it, or name another file.`,
      );
    const handle = await open(path, 'a').catch(refuse);
    if (whole.length < text.length) await handle.truncate(utf8(whole).length);
    if (lines.length === 0) await handle.appendFile(`${JSON.stringify({ search: fingerprint, version: 1 })}\n`);
    return new ResultFile(outcomes, handle, unlock);
  }

  async append(outcome: TrialOutcome, options: object): Promise<void> {
    await this.handle.appendFile(`${JSON.stringify({ ...outcome, options })}\n`);
  }

  async close(): Promise<void> {
    await this.handle.close();
    await this.unlock();
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function readOutcome(line: string, where: string): TrialOutcome {
  const { trial, fold, score, epochs, fitSeconds, error } = parse(line) ?? {};
  if (!Number.isInteger(trial) || !Number.isInteger(fold) || (typeof score !== 'number' && score !== null))
    fail('ERR_FILE', `${where} is no outcome of a search.`);
  return { trial, fold, score, epochs, fitSeconds, ...(error === undefined ? {} : { error }) } as TrialOutcome;
}
