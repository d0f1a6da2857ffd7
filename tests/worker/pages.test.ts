// Estimators in a Web Worker, in each engine that pages run in: the built files as they are, without a bundler.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MLPClassifier, MLPRegressor } from '../../src/entries/index.js';
import type * as WorkerPackage from '../../src/entries/worker.js';
import {
  engines,
  isInstalled,
  openBrowser,
  waitFor,
  type Browser,
  type BrowserPage,
  type EngineName,
} from '../support/browsers.mjs';
import { buildPackage } from '../support/workerBuild.js';

/** What the page puts on window. */
declare const window: { worker: typeof WorkerPackage };

const html = '<!doctype html><script type="module">import * as worker from "/worker.js"; window.worker = worker;</script>';

let server: Server;
let origin: string;

beforeAll(async () => {
  const folder = buildPackage('worker-pages-test');
  server = createServer(async (request, response) => {
    const path = new URL(request.url!, 'http://localhost').pathname;
    response.setHeader('Content-Type', path === '/' ? 'text/html' : 'text/javascript');
    try {
      response.end(path === '/' ? html : await readFile(join(folder, path)));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://localhost:${(server.address() as { port: number }).port}/`;
});

afterAll(() => server?.close());

const records = Array.from({ length: 300 }, (_, i) => {
  const [size, weight] = [Math.sin(1 + 7.3 * i), Math.cos(2.1 * i)];
  return {
    size: i % 19 === 0 ? null : size,
    weight,
    color: ['red', 'green', 'blue'][i % 3]!,
    price: 1e5 * (2 + size * weight),
    species: size * weight > 0 ? 'even' : 'odd',
  };
});
const options = { hiddenLayers: [12], epochs: 25, deterministic: true, seed: 5, onWarning: false } as const;
const sha256 = (bytes: Uint8Array | readonly number[]) => createHash('sha256').update(Uint8Array.from(bytes)).digest('hex');

describe.each(Object.keys(engines) as EngineName[])('%s', (name) => {
  let browser: Browser;
  let page: BrowserPage;
  beforeAll(async () => {
    if (!isInstalled(name)) return;
    browser = await openBrowser(name);
    page = await browser.newPage();
    await page.goto(origin);
    await waitFor(page, () => window.worker !== undefined);
  });
  afterAll(() => browser?.close());

  test.skipIf(!isInstalled(name))(
    'fault 68, 87: a classifier in a worker writes the file of Node and leaves the page free',
    async () => {
      const here = await new MLPClassifier(options).fit(records, 'species');
      const there = await page.evaluate(
        async (records, options) => {
          const estimator = new window.worker.WorkerClassifier(options);
          let longest = 0;
          let last = performance.now();
          const timer = setInterval(() => {
            longest = Math.max(longest, performance.now() - last);
            last = performance.now();
          }, 5);
          const epochs: number[] = [];
          await estimator.fit(records, 'species', {
            onEpochEnd: async ({ epoch }, given) => {
              if (given === estimator) epochs.push(epoch);
              await new Promise((resolve) => setTimeout(resolve, 5));
            },
          });
          clearInterval(timer);
          const file = Array.from(await estimator.save());
          const proba = Array.from((await estimator.predictProba(records)).data);
          const labels = await estimator.predict(records);
          const { classes, offThread } = estimator;
          await estimator.terminate();
          return { epochs, file, proba, labels, classes, offThread, ticked: longest > 0 };
        },
        records,
        options,
      );
      expect(there.offThread).toBe(true);
      expect(sha256(there.file)).toBe(sha256(here.save()));
      expect(there.proba).toEqual(Array.from(here.predictProba(records).data));
      expect(there.labels).toEqual(here.predict(records));
      expect([there.classes, there.ticked]).toEqual([['even', 'odd'], true]);
      expect(there.epochs).toEqual(Array.from({ length: here.epochs }, (_, i) => i + 1));
    },
  );

  test.skipIf(!isInstalled(name))('fault 67: a regressor takes typed rows and leaves them, is aborted, and goes on', async () => {
    const here = await new MLPRegressor(options).fit(
      records.map(({ weight, price }) => [weight, price]),
      records.map(({ price }) => price),
    );
    const there = await page.evaluate(
      async (records, options) => {
        const estimator = new window.worker.WorkerRegressor(options);
        const X = { data: Float64Array.from(records.flatMap(({ weight, price }) => [weight, price])), shape: [300, 2] };
        const y = Float64Array.from(records, ({ price }) => price);
        const controller = new AbortController();
        const error = await estimator
          .fit(X, y, { signal: controller.signal, onEpochEnd: ({ epoch }) => void (epoch === 4 && controller.abort()) })
          .then(
            () => 'nothing',
            (error: Error) => error.name,
          );
        const { stoppedBy, epochs } = estimator;
        await estimator.fit(X, y, { resume: true });
        const found = Array.from((await estimator.predict(X)) as Float64Array);
        const refused = await estimator.predict([[1, 2, 3]]).then(
          () => 'nothing',
          (error) => error.code,
        );
        const lengths = [X.data.length, y.length];
        await estimator.terminate();
        return { error, stoppedBy, epochs, found, refused, lengths };
      },
      records,
      options,
    );
    expect([there.error, there.stoppedBy, there.epochs, there.refused]).toEqual(['AbortError', 'abort', 4, 'ERR_SHAPE']);
    expect(there.lengths).toEqual([600, 300]);
    expect(there.found).toEqual(Array.from(here.predict(records.map(({ weight, price }) => [weight, price]))));
  });
});
