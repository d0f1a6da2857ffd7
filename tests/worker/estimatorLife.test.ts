// The life of an estimator's worker in Node: what happens when it dies, is terminated, cannot start, or is forgotten.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  folder,
  library,
  worker,
  mortal,
  classifier,
  regressor,
  rejection,
  X,
  names,
  sums,
  records,
  quick,
  bytes,
  buildWorkers,
  endAll,
} from '../support/workerEstimators.js';

beforeAll(() => buildWorkers('worker-estimators-life-test'), 60_000);
afterEach(endAll);

describe('the worker', () => {
  test('fault 45: a worker that dies rejects what is under way; restart() has what was learnt before', async () => {
    const there = classifier({ ...quick, epochs: 1e6, earlyStopping: false }, { url: mortal });
    await there.fit(X, names, { onEpochEnd: ({ epoch }, given) => void (epoch === 6 && given.stop()) });
    const before = await there.predictProba(X);
    await new Promise((resolve) => setTimeout(resolve, 300)); // its file comes over within a tenth of a second
    let running!: () => void;
    const begun = new Promise<void>((resolve) => {
      running = resolve;
    });
    const fit = rejection(() => there.fit(X, names, { onEpochEnd: ({ epoch }) => void (epoch === 3 && running()) }));
    await begun;
    const channel = new BroadcastChannel('die');
    channel.postMessage('now');
    channel.close();
    const error = await fit;
    expect(error.code).toBe('ERR_WORKER');
    expect(error.message).toBe(
      'The worker of this classifier died (it exited with code 7). restart() starts another one, from what the last fit that ended had learnt.',
    );
    expect(await rejection(() => there.predict(X))).toBe(error);
    await there.restart();
    expect([there.epochs, there.stoppedBy, there.offThread]).toEqual([6, 'callback', true]);
    expect(await there.predictProba(X)).toEqual(before);
  });

  test('restart() of a worker that was never fitted starts anew, and takes its calls down', async () => {
    const there = regressor({ ...quick, epochs: 1e6, earlyStopping: false });
    const fit = rejection(() => there.fit(X, sums));
    await there.restart();
    expect((await fit).message).toBe('The worker of this regressor was restarted while this call was under way.');
    expect(there.isFitted).toBe(false);
    expect((await rejection(() => there.predict(X))).code).toBe('ERR_STATE');
  });

  test('fault 41: after terminate() every method rejects with ERR_DISPOSED', async () => {
    const there = await classifier(quick).fit(X, names);
    const running = rejection(() => there.fit(X, names));
    await there.terminate();
    await there.terminate();
    expect((await running).code).toBe('ERR_DISPOSED');
    for (const name of ['fit', 'partialFit', 'predict', 'predictProba', 'score', 'save', 'stop', 'restart'] as const) {
      const { code, message } = await rejection(() => (there[name] as (...args: unknown[]) => unknown).call(there, X, names));
      expect([code, message]).toEqual([
        'ERR_DISPOSED',
        `${name}: terminate() ended this classifier's worker. Make a new WorkerClassifier; save() before terminate() keeps what it learnt.`,
      ]);
    }
  });

  test('fault 46: where no worker can start it works on this thread, with one warning', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    try {
      const url = pathToFileURL(join(folder, 'nowhere.js'));
      const there = classifier(quick, { url });
      const here = await new library.MLPClassifier(quick).fit(records, 'species');
      const epochs: number[] = [];
      await there.fit(records, 'species', { onEpochEnd: ({ epoch }) => epochs.push(epoch) });
      expect(there.offThread).toBe(false);
      expect(epochs.length).toBe(here.epochs);
      expect(bytes(await there.save())).toBe(bytes(here.save()));
      await there.restart();
      expect(await there.predict(records)).toEqual(here.predict(records));
      expect(warn.mock.calls.length).toBe(1);
      const refused = await rejection(() => regressor(quick, { url, fallback: false }).fit(X, sums));
      expect([refused.code, refused.message]).toEqual([
        'ERR_WORKER',
        expect.stringContaining('new WorkerRegressor(options, { url })'),
      ]);
    } finally {
      warn.mockRestore();
    }
  });

  test('fault 86: sixty workers, some in the middle of a fit, leave no thread, no port and no memory behind', async () => {
    const threads = () => readdirSync('/proc/self/task').length;
    const handles = () => process.getActiveResourcesInfo().filter((name) => /port|worker|timeout/i.test(name)).length;
    const life = async (i: number) => {
      const there = new worker.WorkerClassifier({ ...quick, epochs: 2 });
      await there.fit(records, 'species', { onEpochEnd: () => {} });
      if (i % 2 === 0) await there.predict(records);
      const cut = i % 3 === 1 ? rejection(() => there.fit(X, names)) : undefined;
      await there.terminate();
      expect(cut === undefined || (await cut).code === 'ERR_DISPOSED').toBe(true);
    };
    for (let i = 0; i < 8; i += 4) await Promise.all([0, 1, 2, 3].map((k) => life(i + k)));
    const before = { threads: threads(), handles: handles(), bytes: process.memoryUsage().rss };
    for (let i = 0; i < 60; i += 4) await Promise.all([0, 1, 2, 3].map((k) => life(i + k)));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(threads()).toBeLessThanOrEqual(before.threads);
    expect(handles()).toBeLessThanOrEqual(before.handles);
    // Each worker takes several MB while it lives; sixty leaked ones would take hundreds.
    expect((process.memoryUsage().rss - before.bytes) / 2 ** 20).toBeLessThan(150);
  });

  test('fault 42: a program that forgets terminate() ends by itself, and dropped estimators end their workers', async () => {
    writeFileSync(
      join(folder, 'forgetful.js'),
      `import { readdirSync } from 'node:fs';
       import { WorkerClassifier } from './worker.js';
       const threads = () => readdirSync('/proc/self/task').length;
       const options = ${JSON.stringify({ ...quick, epochs: 2 })};
       const X = ${JSON.stringify(X.slice(0, 9))}, y = ${JSON.stringify(names.slice(0, 9))};
       const kept = new WorkerClassifier(options);
       await kept.fit(X, y, { onEpochEnd() {} });
       const before = threads();
       await (async () => {
         for (let i = 0; i < 4; i++) await new WorkerClassifier(options).fit(X, y, { onEpochEnd() {} });
       })();
       const most = threads();
       for (let i = 0; i < 100 && threads() > before; i++) {
         gc();
         await new Promise((resolve) => setTimeout(resolve, 20));
       }
       console.log(JSON.stringify({ grew: most > before, left: threads() - before, epochs: kept.epochs }));`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', join(folder, 'forgetful.js')], {
      timeout: 50_000,
    });
    expect(JSON.parse(stdout)).toEqual({ grew: true, left: 0, epochs: 2 });
  });

  test('every public member of the estimators has its counterpart, or a reason to have none', () => {
    // Objects of another thread, which MLPClassifier.load(await save()) has here; what blocks; what a constructor does as well.
    const without = ['model', 'encoder', 'scaler', 'targetScaler', 'fitSync', 'clone'];
    const source = (file: string) => readFileSync(join(import.meta.dirname, '../../src', file), 'utf8');
    const shared = ['estimators/mlpEstimator.ts', 'estimators/estimatorKind.ts', 'estimators/fitted.ts'];
    const members = (files: string[]) =>
      files.flatMap((file) => [...source(file).matchAll(/^ {2}(?:async |get )?(\w+)[(<]/gm)].map(([, name]) => name!));
    for (const kind of ['Classifier', 'Regressor']) {
      const there = members([`worker/worker${kind}.ts`, 'worker/workerEstimator.ts']);
      const here = members([`estimators/${kind.toLowerCase()}.ts`, ...shared]);
      expect(here).toEqual(expect.arrayContaining(['fit', 'predict', 'save', 'lossCurve']));
      expect([kind, here.filter((name) => ![...there, ...without].includes(name))]).toEqual([kind, []]);
    }
  });
});
