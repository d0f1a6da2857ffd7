// The file of a search, in Node: JSON lines, the first says which search this is, each other one is an outcome. Lines are added in one
// write and reach the disk about once a second; a last line that was cut off is dropped when the file is read again. Of a file without a
// whole line that goes only for what begins as this search's first line: any other file is somebody else's.

import { fail, show } from '../errors.js';
import { refuseStorage } from '../formats/fileErrors.js';
import { isNode, nodeModule, utf8 } from '../platform.js';
import { canonical, revive } from './canonical.js';
import { lockFile } from './fileLock.js';
import type { Recorded } from './recorded.js';

/** What a search is made of, by name, each as a hash: a file tells by them in what another search differs. */
export type Identity = Readonly<Record<string, string>>;

/** The first line. */
interface Head {
  readonly search: Identity;
  readonly version: 2;
}

/** Milliseconds after which what was written is sent to the disk. */
const syncEvery = 1000;

interface Handle {
  appendFile(text: string): Promise<void>;
  datasync(): Promise<void>;
  close(): Promise<void>;
}

export class Journal {
  private synced = performance.now();

  private constructor(
    private readonly path: string,
    /** What the file held when it was opened. */
    readonly outcomes: readonly Recorded[],
    private readonly handle: Handle,
    private readonly unlock: () => Promise<void>,
  ) {}

  /**
   * @param option what messages call the path
   * @throws ERR_FILE for a file that cannot be read or written, belongs to another search, or is being written by one.
   */
  static async open(path: string, search: Identity, option: string): Promise<Journal> {
    if (typeof path !== 'string' || path === '') fail('ERR_OPTION', `${option}: expected the path of a file, got ${show(path)}.`);
    if (!isNode()) fail('ERR_UNSUPPORTED', `${option}: files need Node.`);
    const unlock = await lockFile(path);
    try {
      return await Journal.read(path, search, unlock);
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  private static async read(path: string, search: Identity, unlock: () => Promise<void>): Promise<Journal> {
    const { open, readFile } = await nodeModule('node:fs/promises');
    const refuse = (error: unknown): never => refuseStorage(path, error);
    const text = await readFile(path, 'utf8').catch((error: { code?: string }) => (error.code === 'ENOENT' ? '' : refuse(error)));
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const lines = whole.split('\n').filter((line) => line !== '');
    const first = `${JSON.stringify({ search, version: 2 } satisfies Head)}\n`;
    if (lines.length > 0) checkHead(parse(lines[0]!), search, path);
    else if (!first.startsWith(text)) fail('ERR_FILE', `${path} is no file of a search. ${way}`);
    const outcomes = lines.slice(1).map((line, i) => readOutcome(line, `${path} line ${i + 2}`));
    const handle = await open(path, 'a').catch(refuse);
    try {
      if (whole.length < text.length) await handle.truncate(utf8(whole).length);
      if (lines.length === 0) await handle.appendFile(first);
    } catch (error) {
      await handle.close();
      refuse(error);
    }
    return new Journal(path, outcomes, handle, unlock);
  }

  /** @throws ERR_FILE when the disk is full, … */
  async append(outcome: Recorded): Promise<void> {
    try {
      await this.handle.appendFile(`${canonical(outcome, 'outcome')}\n`);
      if (performance.now() - this.synced < syncEvery) return;
      await this.handle.datasync();
      this.synced = performance.now();
    } catch (error) {
      refuseStorage(this.path, error);
    }
  }

  async close(): Promise<void> {
    await this.handle.datasync().catch(() => undefined);
    await this.handle.close();
    await this.unlock();
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value = revive(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const way = 'Remove it, or name another file.';

function checkHead(head: Record<string, unknown> | undefined, search: Identity, path: string): void {
  if (head === undefined || !('search' in head)) fail('ERR_FILE', `${path} is no file of a search. ${way}`);
  const found = head['search'];
  if (head['version'] !== 2 || typeof found !== 'object' || found === null)
    fail('ERR_FILE', `${path} was written by another version of the library, and belongs to another search. ${way}`);
  const names = [...new Set([...Object.keys(found), ...Object.keys(search)])];
  const other = names.filter((name) => (found as Identity)[name] !== search[name]);
  if (other.length > 0) fail('ERR_FILE', `${path} belongs to another search, which differs in its ${other.join(', ')}. ${way}`);
}

function readOutcome(line: string, where: string): Recorded {
  const read = parse(line) ?? {};
  const { job, trial, fold, step, score } = read;
  if (
    typeof job !== 'string' ||
    ![trial, fold, step].every(Number.isInteger) ||
    (score !== null && !Number.isFinite(score)) ||
    typeof read['candidate'] !== 'object'
  )
    fail('ERR_FILE', `${where} is no outcome of a search.`);
  return read as unknown as Recorded;
}
