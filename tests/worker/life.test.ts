// The life of a worker in Node: what happens when it dies, is terminated or restarted, cannot start, or is forgotten.

import { execFile } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type * as WorkerPackage from '../../src/entries/worker.js';
import {
  folder,
  library,
  worker,
  mortal,
  create,
  die,
  rows,
  X,
  y,
  small,
  deep,
  slow,
  rejection,
  samePredictions,
  buildWorkers,
  endAll,
} from '../support/workerModels.js';

type WorkerMLP = WorkerPackage.WorkerMLP;

beforeAll(() => buildWorkers('worker-life-test'), 60_000);
afterEach(endAll);

describe('the life of a worker', () => {
  test('fault 40: after terminate() every method is ERR_DISPOSED', async () => {
    const there = await create(small);
    const [parameter] = await there.parameters();
    await there.terminate();
    const methods: (keyof WorkerMLP)[] = [
      'fit',
      'stop',
      'partialFit',
      'trainStep',
      'zeroGrad',
      'forward',
      'loss',
      'backward',
      'step',
      'lossInputGradient',
      'predict',
      'evaluate',
      'inputGradient',
      'inputHessian',
      'diagnose',
      'parameters',
      'gradients',
      'penalty',
      'freeze',
      'unfreeze',
      'summary',
      'save',
      'state',
      'restoreState',
      'clone',
      'restart',
      'setLearningRate',
    ];
    const { prototype } = worker.WorkerMLP;
    const own = [prototype, Object.getPrototypeOf(prototype) as object].flatMap((from) =>
      Object.entries(Object.getOwnPropertyDescriptors(from)).flatMap(([name, { value }]) =>
        typeof value === 'function' &&
        !['constructor', 'ask', 'terminate', 'connect', 'refuseDisposed', 'refuseTraining'].includes(name)
          ? [name]
          : [],
      ),
    );
    expect([...methods].sort()).toEqual(own.sort());
    for (const method of methods) {
      const error = await rejection((there[method] as (...args: unknown[]) => Promise<unknown>).call(there, X, y));
      expect([method, error.code, error.message.startsWith(`${method}: terminate() ended`)]).toEqual([
        method,
        'ERR_DISPOSED',
        true,
      ]);
    }
    expect((await rejection(parameter!.set(rows(3, 12)))).code).toBe('ERR_DISPOSED');
  });

  test('fault 41: terminate() twice does nothing; during a fit it ends it with ERR_DISPOSED', async () => {
    const there = await create(slow);
    const fit = rejection(there.fit(X, y, { epochs: 100_000 }));
    const evaluation = rejection(there.evaluate(X, y));
    await there.terminate();
    expect([(await fit).code, (await evaluation).code]).toEqual(['ERR_DISPOSED', 'ERR_DISPOSED']);
    await there.terminate();
    const lazy = new worker.WorkerMLP(small);
    await lazy.terminate(); // before it started
    const starting = new worker.WorkerMLP(small);
    const begun = rejection(starting.fit(X, y, { epochs: 100_000 }));
    await starting.terminate(); // while it starts
    expect((await begun).code).toBe('ERR_DISPOSED');
  });

  test.each([
    ['exit', 'it exited with code 7'],
    ['throw', 'out of luck'],
  ] as const)(
    'fault 45: a worker that dies (%s) mid-training rejects with the cause; restart() goes on to the same bits',
    async (how, cause) => {
      const there = await create(deep, { url: mortal });
      let epochs = 0;
      let told!: () => void;
      const running = new Promise<void>((resolve) => {
        told = resolve;
      });
      const fit = rejection(
        there.fit(X, y, {
          epochs: 100_000,
          onEpochEnd: () => {
            if (++epochs === 20) told();
          },
        }),
      );
      await running;
      die(how);
      const error = await fit;
      expect([error.code, error.name]).toEqual(['ERR_WORKER', 'FeedforwardError']);
      expect(error.message).toContain(`died (${cause})`);
      if (how === 'throw') expect((error.cause as Error).message).toBe(cause);
      expect(await rejection(there.predict(X))).toBe(error); // at once, not never

      await there.restart();
      const from = there.epoch;
      expect(from).toBeGreaterThan(0);
      expect(from).toBe(error.details['epoch']);
      const wanted = from + 3;
      await there.fit(X, y, { epochs: 3 });
      const here = new library.MLP(deep);
      await here.fit(X, y, { epochs: wanted });
      expect(await samePredictions(there, here)).toBe(true);
      expect(there.offThread).toBe(true);
    },
  );

  test('fault 45: steps and weights set by hand survive a death too', async () => {
    const there = await create(small, { url: mortal });
    const weights = rows(3, 12);
    await (await there.parameters())[0]!.set(weights);
    await there.trainStep(X, y);
    await new Promise((resolve) => setTimeout(resolve, 300)); // the state comes over within a tenth of a second
    const before = await there.predict(X);
    const dead = rejection(there.fit(X, y, { epochs: 1e6 }));
    die('exit');
    await dead;
    await there.restart();
    if (there.epoch === 0) expect((await there.predict(X)).data).toEqual(before.data);
    else expect(there.steps).toBeGreaterThan(1);
  });

  test('restart() of a living worker takes its calls down with ERR_WORKER', async () => {
    const there = await create(slow);
    const fit = rejection(there.fit(X, y, { epochs: 100_000 }));
    await there.restart();
    expect((await fit).message).toBe('The worker of this model was restarted while this call was under way.');
    expect((await there.predict(X)).shape).toEqual([160, 2]);
  });

  test('fault 46: where no worker can start the model works on this thread, with one warning', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    try {
      const url = pathToFileURL(join(folder, 'nowhere.js'));
      const first = await create(small, { url });
      const second = await create(small, { url });
      expect(warn.mock.calls.length).toBe(1);
      expect(warn.mock.calls[0]![0]).toMatch(
        /^feedforward\/worker: no worker could start \(Cannot find module .*nowhere\.js.*\)\. Models train on this thread/,
      );
      expect([first.offThread, second.offThread]).toEqual([false, false]);
      const here = new library.MLP(small);
      const epochs: number[] = [];
      await here.fit(X, y, { epochs: 3 });
      await first.fit(X, y, { epochs: 3, onEpochEnd: ({ epoch }) => epochs.push(epoch), transfer: true });
      expect(epochs).toEqual([1, 2, 3]);
      expect(await samePredictions(first, here)).toBe(true);
      expect((await rejection(first.predict([[1]]))).code).toBe('ERR_SHAPE');
      const mishap = new Error('mine');
      expect(
        await rejection(
          first.fit(X, y, {
            onEpochEnd: () => {
              throw mishap;
            },
          }),
        ),
      ).toBe(mishap);
      const controller = new AbortController();
      expect(
        (await rejection(second.fit(X, y, { epochs: 1000, signal: controller.signal, onBatchEnd: () => controller.abort() })))
          .name,
      ).toBe('AbortError');
      expect(second.steps).toBe(1);
      const before = await first.predict(X);
      await first.restart();
      expect((await first.predict(X)).data).toEqual(before.data);
      await first.terminate();
      expect((await rejection(first.predict(X))).code).toBe('ERR_DISPOSED');
      const error = await rejection(worker.WorkerMLP.create(small, { url, fallback: false }));
      expect([error.code, error.message.startsWith('No worker could start: Cannot find module')]).toEqual(['ERR_WORKER', true]);
    } finally {
      warn.mockRestore();
    }
  });

  test('a worker that dies as it starts is one that cannot start', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    try {
      writeFileSync(join(folder, 'stillborn.js'), 'process.exit(3);');
      const there = await create(small, { url: pathToFileURL(join(folder, 'stillborn.js')) });
      expect(there.offThread).toBe(false);
    } finally {
      warn.mockRestore();
    }
  });

  test('what the worker has against the options is what create rejects with', async () => {
    const error = await rejection(worker.WorkerMLP.create(small, { engine: { threads: 1000 } }));
    expect([error.code, error.message]).toEqual(['ERR_OPTION', 'init.threads: expected a whole number in [1, 16], got 1000.']);
  });

  test('a hundred workers, started and stopped, some in the middle of a fit, leave no thread and no port behind', async () => {
    const threads = () => readdirSync('/proc/self/task').length;
    const handles = () => process.getActiveResourcesInfo().filter((name) => /port|worker|timeout/i.test(name)).length;
    const life = async (i: number) => {
      const model = await worker.WorkerMLP.create(small);
      if (i % 3 === 0) await model.fit(X, y, { epochs: 2, onEpochEnd: () => {} });
      const cut = i % 3 === 1 ? rejection(model.fit(X, y, { epochs: 1e6, onEpochEnd: () => {} })) : undefined;
      if (i % 2 === 0) await model.predict(X);
      await model.terminate();
      expect(cut === undefined || (await cut).code === 'ERR_DISPOSED').toBe(true);
    };
    for (let i = 0; i < 8; i += 4) await Promise.all([0, 1, 2, 3].map((k) => life(i + k)));
    const before = { threads: threads(), handles: handles(), bytes: process.memoryUsage().rss };
    for (let i = 0; i < 100; i += 4) await Promise.all([0, 1, 2, 3].map((k) => life(i + k)));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(threads()).toBeLessThanOrEqual(before.threads);
    expect(handles()).toBeLessThanOrEqual(before.handles);
    // Each worker takes several MB while it lives; a hundred leaked ones would take hundreds.
    expect((process.memoryUsage().rss - before.bytes) / 2 ** 20).toBeLessThan(150);
  });

  test('fault 42: a program that forgets terminate() ends by itself, and dropped models end their workers', async () => {
    writeFileSync(
      join(folder, 'forgetful.js'),
      `import { readdirSync } from 'node:fs';
       import { WorkerMLP } from './worker.js';
       const threads = () => readdirSync('/proc/self/task').length;
       const options = ${JSON.stringify(small)};
       const X = ${JSON.stringify(X.slice(0, 8))}, y = ${JSON.stringify(y.slice(0, 8))};
       const kept = new WorkerMLP(options);
       await kept.fit(X, y, { onEpochEnd() {} });
       const before = threads();
       await (async () => {
         for (let i = 0; i < 4; i++) await new WorkerMLP(options).fit(X, y, { onEpochEnd() {} });
       })();
       const most = threads();
       for (let i = 0; i < 100 && threads() > before; i++) {
         gc();
         await new Promise((resolve) => setTimeout(resolve, 20));
       }
       console.log(JSON.stringify({ grew: most > before, left: threads() - before, epoch: kept.epoch }));`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', join(folder, 'forgetful.js')], {
      timeout: 50_000,
    });
    expect(JSON.parse(stdout)).toEqual({ grew: true, left: 0, epoch: 1 });
  });
});
