// The queue of many machines on real servers, with workers in this process: what is kept, who is told, what fails and how.

import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { datasets, MLPClassifier } from '../../../src/entries/index.js';
import { checkpointsInMemory } from '../../../src/search/checkpoints.js';
import { here } from '../../../src/search/here.js';
import { bullmq } from '../../../src/search/queue/bullmq.js';
import { ByteStore } from '../../../src/search/queue/byteStore.js';
import { readConnection } from '../../../src/search/queue/connection.js';
import { load } from '../../../src/search/queue/packages.js';
import { reach } from '../../../src/search/queue/reach.js';
import type { TrialNews } from '../../../src/search/queue/shift.js';
import type { SearchFindings } from '../../../src/search/findings.js';
import { search } from '../../../src/search/search.js';
import { queueWorker, type QueueWorkerOptions } from '../../../src/search/queue/worker.js';
import { refusal, rejection } from '../../support/errors.js';
import { found, startPostgres, startRedis, type Server } from '../../support/servers.mjs';
import { functionStudy, jobsOf, moons, ran, same } from './studies.js';

const objectives = new URL('./objectives.mjs', import.meta.url);

/** Workers that end with the test. */
async function working<T>(count: number, options: QueueWorkerOptions, work: (news: TrialNews[]) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const news: TrialNews[] = [];
  const all = Array.from({ length: count }, () =>
    queueWorker({ lockSeconds: 2, ...options, signal: stop.signal, onTrial: (one) => news.push(one) }),
  );
  try {
    return await work(news);
  } finally {
    stop.abort();
    await Promise.all(all);
  }
}

describe.each(['redis', 'valkey', 'postgres'] as const)('a queue on %s', (kind) => {
  const missing = found[kind] === undefined;
  let server: Server;
  beforeAll(async () => {
    if (!missing) server = await (kind === 'postgres' ? startPostgres() : startRedis({ program: found[kind] }));
  }, 60_000);
  afterAll(async () => server?.stop());

  const onServer = (name: string, work: (connection: string) => Promise<void>) =>
    test(name, async ({ skip }) => {
      if (missing) skip(`there is no ${kind} server here`);
      await work(server.url);
    }, 300_000);

  onServer(
    'gives the outcomes and models of one thread, byte for byte, and keeps them for the next search',
    async (connection) => {
      const study = await moons(20);
      const jobs = await jobsOf(study, 12);
      const alone = await ran(here(), study, jobs);
      const runner = bullmq({ connection, queue: 'alike', inQueue: 5 });
      await working(2, { connection, queue: 'alike' }, async (news) => {
        expect(same(await ran(runner, study, jobs))).toEqual(same(alone));
        expect(news.filter(({ state }) => state === 'done').length).toBeGreaterThanOrEqual(12);
      });
      expect(same(await ran(runner, study, jobs))).toEqual(same(alone)); // nobody works any more
    },
  );

  onServer(
    'runs a whole search: the candidates, the decisions, the best and the bytes of its model of one thread',
    async (connection) => {
      const { X, y } = datasets.moons({ samples: 90, seed: 2 });
      const space = { learningRate: { logUniform: [1e-3, 0.3] }, l2: { logUniform: [1e-6, 1e-1] } } as const;
      const clf = new MLPClassifier({ epochs: 10, hiddenLayers: [6], earlyStopping: false, onWarning: false, seed: 1 });
      const settings = { data: { X, y: y.data }, folds: 3, trials: 12, roundSize: 4, seed: 3, verify: 0.3 };
      for (const pruner of ['racing', 'halving'] as const) {
        const alone = await search(space, clf, { ...settings, pruner, runner: here() });
        await working(2, { connection, queue: 'whole' }, async (news) => {
          const runner = bullmq({ connection, queue: 'whole' });
          const far = await search(space, clf, { ...settings, pruner, runner });
          const told = ({ trials, best, paretoFront, ...rest }: SearchFindings) => ({
            ...rest,
            trials: trials.map(({ seconds: _, ...trial }) => trial),
            best: [best.number, best.sha256],
          });
          expect(told(far)).toEqual(told(alone));
          expect(far.verified).toBeGreaterThan(0);
          expect(far.trials.some(({ state }) => state === 'pruned')).toBe(true);
          expect(news.every(({ state }) => state === 'done')).toBe(true);
          const before = news.length;
          expect(told(await search(space, clf, { ...settings, pruner, runner }))).toEqual(told(alone));
          expect(news.length).toBe(before); // the queue's server holds all outcomes
        });
      }
    },
  );

  onServer('has no more jobs of a search in it than it may', async (connection) => {
    const study = await functionStudy('square');
    const jobs = await jobsOf(study, 60);
    const link = await reach(readConnection(connection, 'test'), 'pressed');
    const queue = link.queue({});
    const seen: number[] = [];
    await working(1, { connection, queue: 'pressed', objectives }, async () => {
      const look = setInterval(() => void queue.count().then((count) => seen.push(count)), 5);
      const results = await ran(bullmq({ connection, queue: 'pressed', inQueue: 7 }), study, jobs);
      clearInterval(look);
      expect(same(results)).toEqual(
        same(await ran(here(), { ...study, module: { module: objectives.href, name: 'square' } }, jobs)),
      );
    });
    expect(Math.max(...seen)).toBeGreaterThan(0);
    expect(Math.max(...seen)).toBeLessThanOrEqual(7);
    await queue.close();
    await link.values.close();
  });

  onServer('refuses a function that the operator of the worker did not list', async (connection) => {
    const study = await functionStudy('elsewhere');
    const jobs = await jobsOf(study, 2);
    await working(1, { connection, queue: 'unlisted', objectives }, async () => {
      const refused = await rejection(ran(bullmq({ connection, queue: 'unlisted' }), study, jobs));
      expect(refused.code).toBe('ERR_OPTION');
      expect(refused.message).toMatch(
        /no function "elsewhere". It has deadly, endless, fickle, square: start it with --objectives MODULE/,
      );
    });
  });

  onServer('takes trials of a worker that stops to another one, from where they stood', async (connection) => {
    const study = await moons(4000, 0.05);
    const jobs = await jobsOf(study, 1);
    const stop = new AbortController();
    const news: TrialNews[] = [];
    const options = { connection, queue: 'stopped', lockSeconds: 2, onTrial: (one: TrialNews) => news.push(one) };
    const first = queueWorker({ ...options, signal: stop.signal });
    const results = ran(bullmq({ connection, queue: 'stopped' }), study, jobs);
    const link = await reach(readConnection(connection, 'test'), 'stopped');
    const store = new ByteStore(link.values);
    while (!(await store.has('checkpoint', jobs[0]!.id))) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    expect(await first).toEqual({ trials: 0 });
    expect(news.map(({ state }) => state)).toEqual(['returned']);
    await working(1, options, async () => {
      expect(same(await results)).toEqual(same(await ran(here(), study, jobs)));
    });
    await store.close();
  });

  onServer('goes on with a search that was stopped, and takes back what waits when one stops', async (connection) => {
    const study = await moons(10);
    const jobs = await jobsOf(study, 10);
    const stop = new AbortController();
    const runner = bullmq({ connection, queue: 'resumed' });
    const link = await reach(readConnection(connection, 'test'), 'resumed');
    const queue = link.queue({});
    let ended = 0;
    await working(1, { connection, queue: 'resumed' }, async () => {
      const stopped = ran(runner, study, jobs, stop.signal, () => void (++ended === 3 && stop.abort(new Error('enough'))));
      await expect(stopped).rejects.toThrow('enough');
    });
    // The one trial at work is given back by its worker; none of those that waited is left.
    expect(await queue.count()).toBeLessThanOrEqual(1);
    await working(1, { connection, queue: 'resumed' }, async (news) => {
      expect(same(await ran(runner, study, jobs))).toEqual(same(await ran(here(), study, jobs)));
      expect(news.length).toBeLessThanOrEqual(7);
    });
    await queue.close();
    await link.values.close();
  });

  onServer('leaves nothing behind when nothing is to be kept', async (connection) => {
    const study = await moons(5);
    const jobs = await jobsOf(study, 4);
    await working(1, { connection, queue: 'tidy' }, () => ran(bullmq({ connection, queue: 'tidy', keepDays: 0 }), study, jobs));
    expect(await ownKeys(connection, 'tidy')).toEqual([]);
    await working(1, { connection, queue: 'kept' }, () => ran(bullmq({ connection, queue: 'kept' }), study, jobs));
    expect((await ownKeys(connection, 'kept')).length).toBe(3 + 4 + 1); // study, its fingerprint, data; outcomes; one model
  });

  onServer('notices when a trial that was done twice came to two outcomes', async (connection) => {
    const study = await functionStudy('fickle');
    const [job] = await jobsOf(study, 1);
    const link = await reach(readConnection(connection, 'test'), 'fickle');
    const store = new ByteStore(link.values);
    await working(1, { connection, queue: 'fickle', objectives }, async (news) => {
      const result = ran(bullmq({ connection, queue: 'fickle' }), study, [job!]).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 300));
      const other = Buffer.from(`${JSON.stringify({ job: job!.id, score: 1 })}\n{"seconds":1}`);
      while (news.length === 0) {
        await store.putOnce('outcome', job!.id, other, 1);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await result;
      if (news[0]!.state === 'failed') expect(news[0]!.reason).toMatch(/trial 0 was done twice and came to two outcomes/);
      else expect(news[0]!.state).toBe('known'); // it came after the other had ended
    });
    await store.close();
  });

  onServer('takes no trial from a worker that trains to other bits than the first', async (connection) => {
    const study = await moons(5);
    const jobs = await jobsOf(study, 2);
    const link = await reach(readConnection(connection, 'test'), 'bits');
    const store = new ByteStore(link.values);
    await store.put('fingerprint', study.id, new Uint8Array(64), 1);
    await working(1, { connection, queue: 'bits' }, async () => {
      const refused = await rejection(ran(bullmq({ connection, queue: 'bits' }), study, jobs));
      expect(refused.code).toBe('ERR_UNSUPPORTED');
      expect(refused.message).toMatch(/trains to other bits than the worker that began this search.*deterministic: true/);
    });
    await store.close();
  });

  onServer('keeps what is longer than a part in parts, and forgets the parts with it', async (connection) => {
    const link = await reach(readConnection(connection, 'test'), 'parts');
    const store = new ByteStore(link.values, 100);
    const bytesOf = (length: number, first: number) => Uint8Array.from({ length }, (_, i) => (first + 7 * i) % 256);
    for (const length of [0, 1, 99, 100, 101, 200, 1234]) {
      await store.put('data', 'd', bytesOf(length, 3), 1);
      expect(await store.one('data', 'd')).toEqual(bytesOf(length, 3));
      await store.put('data', 'd', bytesOf(length, 4), 1);
      expect((await store.get('data', ['d', 'none'])).map((one) => one && Array.from(one))).toEqual([
        Array.from(bytesOf(length, 4)),
        undefined,
      ]);
    }
    expect((await ownKeys(connection, 'parts')).length).toBe(1 + 13);
    expect(await store.putOnce('outcome', 'o', bytesOf(5, 1), 1)).toBeUndefined();
    expect(await store.putOnce('outcome', 'o', bytesOf(5, 2), 1)).toEqual(bytesOf(5, 1));
    await store.remove('data', ['d', 'none']);
    await store.remove('outcome', ['o']);
    expect(await ownKeys(connection, 'parts')).toEqual([]);
    await store.close();
  });
});

/** Names of what the library keeps beside BullMQ's own. */
async function ownKeys(connection: string, queue: string): Promise<string[]> {
  if (connection.startsWith('redis')) {
    const client = new Redis(connection);
    const keys = await client.keys(`feedforward:${queue}:*`);
    client.disconnect();
    return keys;
  }
  const { Pool } = await load('pg', 'postgres');
  const pool = new Pool({ connectionString: connection });
  const { rows } = await pool.query<{ key: string }>('select key from feedforward.kept where queue = $1', [queue]);
  await pool.end();
  return rows.map(({ key }) => key);
}

test('a limit is refused where there are no threads that could be ended', async () => {
  const refused = await rejection(queueWorker({ connection: 'redis://127.0.0.1:1', limitSeconds: 5 }));
  expect(refused.code).toBe('ERR_UNSUPPORTED');
  expect(refused.message).toMatch(/limitSeconds: .* on a thread of its own/);
});

describe('a connection', () => {
  test('is read from its URL, and named without what opens it', () => {
    const named = (url: string) => bullmq({ connection: url, queue: 'prices' }).name;
    expect(named('redis://:secret@10.0.0.5:6379/2')).toBe('queue prices at redis://10.0.0.5:6379/2');
    expect(named('valkeys://worker:secret@cache.example')).toBe('queue prices at valkeys://cache.example');
    expect(named('postgres://me:secret@db.example/lab?sslmode=verify-full')).toBe('queue prices at postgres://db.example/lab');
  });

  test.each([
    [{}, /connection: a URL is missing/],
    [{ connection: 'mysql://me:secret@db' }, /expected a URL that begins with redis:/],
    [{ connection: 'secret' }, /expected a URL that begins with redis:/],
    [{ connection: { host: 'secret' } }, /expected a URL, or an object/],
    [{ connection: 'redis://h', queue: 'a:b' }, /queue: expected up to 60 letters, digits/],
    [{ connection: 'redis://h', inQueue: 0 }, /inQueue/],
    [{ connection: 'redis://h', keepDays: -1 }, /keepDays/],
  ])('%j is refused', (options, message) => {
    const refused = refusal(() => bullmq(options as never));
    expect(refused.code).toBe('ERR_OPTION');
    expect(refused.message).toMatch(message);
    expect(refused.message).not.toContain('secret');
  });

  test('that fails is told without its password', async ({ skip }) => {
    if (found.redis === undefined) skip('there is no redis server here');
    const server = await startRedis({ password: 'right-and-long' });
    const wrong = server.url.replace('right', 'wrong');
    const study = await functionStudy('square');
    const refused = await rejection(bullmq({ connection: wrong }).open(study, checkpointsInMemory()));
    expect(refused.code).toBe('ERR_WORKER');
    expect(refused.message).toMatch(/^The queue at redis:\/\/127.0.0.1:\d+ cannot be used: .*WRONGPASS/);
    expect(JSON.stringify([refused.message, refused.stack, refused])).not.toContain('and-long');
    expect(refused.cause).toBeUndefined();
    await server.stop();
    const gone = await rejection(bullmq({ connection: wrong }).open(study, checkpointsInMemory()));
    expect(gone.message).toMatch(/ECONNREFUSED/);
  });
});
