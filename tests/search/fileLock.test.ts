import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { gridSearch, MLPRegressor } from '../../src/entries/parts/estimators.js';
import { lockFile } from '../../src/search/fileLock.js';
import { rejection } from '../support/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'lock-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'results.jsonl');

describe('a results file has one search at a time', () => {
  test('a second search is refused while the first writes, and the file is whole', async () => {
    const X = Array.from({ length: 40 }, (_, i) => [i / 40, (i % 7) / 7]);
    const y = X.map(([a, b]) => a! + b!);
    const search = () =>
      gridSearch(new MLPRegressor({ epochs: 3, hiddenLayers: [4], earlyStopping: false }), { l2: [0, 0.1, 1] }, X, y, {
        folds: 2,
        results: path,
      });
    const [first, second] = await Promise.allSettled([search(), search()]);
    const failed = [first, second].find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect([first, second].filter(({ status }) => status === 'fulfilled').length).toBe(1);
    expect(failed.reason).toMatchObject({ code: 'ERR_FILE' });
    expect((failed.reason as Error).message).toMatch(/results\.jsonl is in use by another search/);
    expect(readFileSync(path, 'utf8').trim().split('\n').length).toBe(1 + 3 * 2);
    expect(readdirSync(folder)).toEqual(['results.jsonl']);
    await search(); // nothing is left to do, and nothing in the way
  }, 30_000);

  test('the lock of a process that has ended is no lock, that of a running one is', async () => {
    const ended = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(`${path}.lock`, String(ended));
    const unlock = await lockFile(path);
    expect(readFileSync(`${path}.lock`, 'utf8')).toBe(String(process.pid));
    expect((await rejection(lockFile(path))).message).toContain(`process ${process.pid}`);
    await unlock();
    expect(existsSync(`${path}.lock`)).toBe(false);
    expect((await rejection(lockFile(join(folder, 'none', 'x')))).code).toBe('ERR_FILE');
  });
});
