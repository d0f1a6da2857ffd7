// A search over processes that die and a server that starts again: the same best candidate and the same bytes of its model as on one thread.

import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../src/search/canonical.js';
import { checkpointsInMemory } from '../../../src/search/checkpoints.js';
import { conduct } from '../../../src/search/conduct.js';
import { readGoals } from '../../../src/search/goals.js';
import { here } from '../../../src/search/here.js';
import { readPruner } from '../../../src/search/pruners.js';
import { bullmq } from '../../../src/search/queue/bullmq.js';
import { recordOf, type Recorded } from '../../../src/search/recorded.js';
import { makeJob, type Tracked } from '../../../src/search/rounds.js';
import type { Runner, Study } from '../../../src/search/runner.js';
import { readSampler } from '../../../src/search/samplers.js';
import { feedforward, program } from '../../support/cli.js';
import { found, startPostgres, startRedis } from '../../support/servers.mjs';
import { functionStudy, jobsOf, moons, ran, same } from './studies.js';

const space = { learningRate: { logUniform: [1e-3, 1e-1] }, l2: { logUniform: [1e-6, 1e-2] } } as const;
const objectives = readGoals(undefined, false, true);
const trials = 8;
const folds = 3;

/** Mean loss of a candidate over its folds. */
const lossOf = ({ final }: Tracked) => [...final.values()].reduce((sum, one) => sum + objectives[0]!.lossOf(one), 0) / final.size;

/** A search by TPE in two rounds of four, and the last training of the best. */
async function searched(study: Study, runner: Runner, ended: (recorded: Recorded) => void = () => undefined) {
  const sampler = readSampler('tpe', space as never);
  const shared = {
    sampler,
    pruner: readPruner('none'),
    folds,
    epochs: undefined,
    roundSize: 4,
    seed: 1,
    objectives,
    verify: 0.2,
    check: () => {},
  };
  const { candidates, last } = await conduct(
    { study, trials, ...shared },
    { runner, storage: undefined, storageName: 'storage', identity: {}, signal: undefined, budget: undefined, ended },
    async (session, tracked, signal) => {
      const best = tracked.reduce((one, other) => (lossOf(other) < lossOf(one) ? other : one));
      const job = await makeJob(study, { candidate: best.candidate, fold: null, step: 0, epochs: null }, undefined, 'the best');
      let model: Uint8Array | undefined;
      await session.run([job], {
        signal,
        ended: async (result) => {
          model = 'model' in result ? result.model : undefined;
        },
      });
      return { candidate: best.candidate, sha256: await sha256(model!) };
    },
  );
  return { best: last, states: candidates.map(({ state }) => state), losses: candidates.map(lossOf) };
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Workers that die at random moments are for the machine of whoever changes this, not for what every change waits for. */
const notHere = (kind: keyof typeof found) =>
  process.env['CI'] ? 'CI kills no workers' : found[kind] === undefined ? `there is no ${kind} server here` : undefined;

describe.each(['redis', 'valkey', 'postgres'] as const)('four worker processes at a queue on %s', (kind) => {
  test('of which two are killed, while the server starts again, find what one thread finds', async ({ skip }) => {
    const why = notHere(kind);
    if (why !== undefined) skip(why);
    const study = await moons(600, 0.1);
    const alone = await searched(study, here());
    const server = await (kind === 'postgres' ? startPostgres() : startRedis({ program: found[kind] }));
    const words = [
      ...process.execArgv.filter((flag) => flag.includes('relaxed')),
      program,
      'worker',
      '--connection',
      server.url,
      '--lock',
      '1.5',
      '--quiet',
    ];
    const processes = Array.from({ length: 4 }, (): ChildProcess => spawn(process.execPath, words, { stdio: 'ignore' }));
    const gone = processes.map(
      (child) => new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal))),
    );
    try {
      const counted: string[] = [];
      let disturbed: Promise<void> | undefined;
      const disturb = async () => {
        for (const child of processes.slice(0, 2)) {
          await sleep(600 * Math.random());
          child.kill('SIGKILL');
        }
        await sleep(600 * Math.random());
        await server.kill();
        await sleep(300);
        await server.begin();
      };
      const far = await searched(study, bullmq({ connection: server.url, inQueue: 8 }), ({ job }) => {
        counted.push(job);
        disturbed ??= disturb();
      });
      await disturbed;
      expect(far).toEqual(alone);
      expect(far.states).toEqual(Array(trials).fill('complete'));
      expect(counted.length).toBe(trials * folds);
      expect(new Set(counted).size).toBe(trials * folds);
      for (const child of processes.slice(2)) child.kill('SIGTERM');
      expect(await Promise.all(gone)).toEqual(['SIGKILL', 'SIGKILL', 0, 0]);
    } finally {
      for (const child of processes) child.kill('SIGKILL');
      await server.stop();
    }
  }, 400_000); // a machine with other work takes long, and comes to the same
});

test('a search is told when the server of its queue is away', async ({ skip }) => {
  if (found.redis === undefined) skip('there is no redis server here');
  const server = await startRedis();
  try {
    let told: (message: string) => void = () => {};
    const message = new Promise<string>((resolve) => {
      told = resolve;
    });
    const runner = bullmq({ connection: server.url, onTrouble: (text) => told(text) });
    const session = await runner.open(await functionStudy('square'), checkpointsInMemory());
    await server.kill();
    expect(await message).toMatch(/^redis:\/\/\S+ is away \(.*\): waiting for it$/);
    await server.begin();
    await session.close();
  } finally {
    await server.stop();
  }
}, 60_000);

describe('feedforward worker', () => {
  const cwd = tmpdir();

  test('leaves a trial alone that killed three of its kind, and ends the others', async ({ skip }) => {
    const why = notHere('redis');
    if (why !== undefined) skip(why);
    const server = await startRedis();
    const module = join(import.meta.dirname, 'objectives.mjs');
    const words = [program, 'worker', '--connection', server.url, '--lock', '0.5', '--objectives', module];
    let child: ChildProcess | undefined;
    let deaths = 0;
    let over = false;
    const start = () => {
      child = spawn(process.execPath, words, { stdio: 'ignore' });
      child.once('exit', (_, signal) => {
        if (over) return;
        if (signal === 'SIGKILL') deaths++;
        start();
      });
    };
    start();
    try {
      const study = await functionStudy('deadly');
      const jobs = await jobsOf(study, 3);
      const results = await ran(bullmq({ connection: server.url }), study, jobs);
      expect(results[1]).toMatchObject({ id: jobs[1]!.id, attempts: 3, reason: expect.stringMatching(/without a word/) });
      expect(results.filter((result) => 'outcome' in result).length).toBe(2);
      expect(deaths).toBe(3);
    } finally {
      over = true;
      child?.kill('SIGKILL');
      await server.stop();
    }
  }, 300_000);

  test('ends a trial that never does, a loop or a promise, at its limit, reports it by name, and takes the next', async ({
    skip,
  }) => {
    if (found.redis === undefined) skip('there is no redis server here');
    const server = await startRedis();
    const module = join(import.meta.dirname, 'objectives.mjs');
    const words = ['--connection', server.url, '--objectives', module, '--concurrency', '2', '--limit', '2'];
    const child = spawn(process.execPath, [program, 'worker', ...words], { stdio: 'ignore' });
    try {
      const study = await functionStudy('endless');
      const jobs = await jobsOf(study, 8);
      const results = await ran(bullmq({ connection: server.url }), study, jobs);
      const reason = 'Time limit: it neither ended nor saved a checkpoint for 2 seconds';
      const never = { attempts: 1, reason, overdue: true };
      expect(results.slice(1, 3)).toEqual([1, 2].map((i) => ({ id: jobs[i]!.id, ...never })));
      expect(results.filter((result) => 'outcome' in result).map(({ id }) => id)).toEqual(
        [0, 3, 4, 5, 6, 7].map((i) => jobs[i]!.id),
      );
      expect(recordOf(results[1]!, { trial: 1, fold: 0, step: 0, candidate: {} }).error).toEqual({
        code: 'ERR_WORKER',
        message: `Its worker ended it. ${reason}`,
      });
    } finally {
      child.kill('SIGKILL');
      await server.stop();
    }
  }, 300_000);

  test('ends with all its threads after several searches', async ({ skip }) => {
    if (found.redis === undefined) skip('there is no redis server here');
    const server = await startRedis();
    const flags = process.execArgv.filter((flag) => flag.includes('relaxed'));
    const words = [...flags, program, 'worker', '--connection', server.url, '--concurrency', '2'];
    const child = spawn(process.execPath, words, { stdio: 'ignore' });
    const gone = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
    try {
      for (const epochs of [1, 2, 3, 4, 5]) {
        const study = await moons(epochs);
        const jobs = await jobsOf(study, 4);
        expect(same(await ran(bullmq({ connection: server.url }), study, jobs))).toEqual(same(await ran(here(), study, jobs)));
      }
      child.kill('SIGTERM');
      expect(await gone).toBe(0); // a thread that is left would keep the process
    } finally {
      child.kill('SIGKILL');
      await server.stop();
    }
  }, 300_000);

  test('ends when nothing came for as long as it was told, and says how many trials it ended', async ({ skip }) => {
    if (found.redis === undefined) skip('there is no redis server here');
    const server = await startRedis({ password: 'a-long-password' });
    try {
      const { code, stdout, stderr } = await feedforward(['worker', '--connection', server.url, '--idle', '0.3', '--json'], {
        cwd,
      });
      expect(stderr).toMatch(/^feedforward: worker \S+ takes trials from queue feedforward at redis:\/\/127\.0\.0\.1:\d+\n$/);
      expect(code).toBe(0);
      expect(JSON.parse(stdout).trials).toBe(0);
    } finally {
      await server.stop();
    }
  });

  test('says what is wrong with a connection or a module, without the password', async () => {
    const refused = async (...words: string[]) => {
      const { code, stderr } = await feedforward(['worker', ...words], { cwd });
      expect(stderr).not.toContain('secret');
      return `${code} ${stderr}`;
    };
    expect(await refused()).toMatch(
      /^2 feedforward: worker: name the queue's server with --connection, .* or in FEEDFORWARD_CONNECTION/,
    );
    expect(await refused('--connection', 'redis://:secret@127.0.0.1:1')).toMatch(
      /^6 .*queue at redis:\/\/127.0.0.1:1 cannot be used: .*ECONNREFUSED/,
    );
    expect(await refused('--connection', 'postgres://me:secret@127.0.0.1:1/db')).toMatch(
      /^6 .*postgres:\/\/127.0.0.1:1\/db cannot be used/,
    );
    expect(await refused('--connection', 'http://:secret@h')).toMatch(/^2 .*expected a URL that begins with redis/);
    expect(await refused('--connection', 'redis://h', '--objectives', 'none.js')).toMatch(
      /^4 .*objectives: .*none\.js cannot be loaded/,
    );
  });

  test.each([
    ['redis', 'bullmq ioredis'],
    ['postgres', 'bullmq pg'],
  ])('of %s names the packages to install where they are missing', async (kind, packages) => {
    const folder = mkdtempSync(join(tmpdir(), 'feedforward-bare-'));
    try {
      cpSync(join(program, '..'), join(folder, 'dist'), { recursive: true });
      mkdirSync(join(folder, 'node_modules'));
      const modules = join(import.meta.dirname, '..', '..', '..', 'node_modules');
      for (const name of [
        'commander',
        'cli-progress',
        'string-width',
        'strip-ansi',
        'ansi-regex',
        'is-fullwidth-code-point',
        'emoji-regex',
      ])
        symlinkSync(join(modules, name), join(folder, 'node_modules', name));
      const bare = { cwd: folder, program: join(folder, 'dist', 'cli.js') };
      const { code, stderr } = await feedforward(['worker', '--connection', `${kind}://127.0.0.1:1`], bare);
      expect(stderr).toMatch(/needs the package bullmq, which is not installed: npm install /);
      expect(stderr).toContain(`npm install ${packages}.`);
      expect(code).toBe(7);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
