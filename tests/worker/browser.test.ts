// feedforward/worker in Chromium: the built files as they are, and a page that Vite bundled.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MLP, type MLPOptions } from '../../src/entries/index.js';
import type * as WorkerPackage from '../../src/entries/worker.js';
import { buildPackage } from '../support/workerBuild.js';

/** What the pages put on window. */
interface OnPage {
  worker: typeof WorkerPackage;
  model: WorkerPackage.WorkerMLP;
  outcome: Promise<unknown>;
  ready: boolean;
}
declare const window: OnPage;

const executablePath = '/usr/bin/chromium';
const page =
  '<!doctype html><script type="module">import * as worker from "/worker.js"; window.worker = worker; window.ready = true;</script>';

let folder: string;
let server: Server;
let browser: Browser;
let origin: string;
const tabs: Page[] = [];

/** The build's files. /strict/ has the page with a policy that forbids workers, /bundle/ is what Vite made. */
async function serve(): Promise<Server> {
  const made = createServer(async (request, response) => {
    const path = new URL(request.url!, 'http://localhost').pathname;
    const html = path.endsWith('/');
    response.setHeader('Content-Type', html ? 'text/html' : 'text/javascript');
    if (path === '/strict/') response.setHeader('Content-Security-Policy', "worker-src 'none'");
    try {
      response.end(path === '/' || path === '/strict/' ? page : await readFile(join(folder, html ? `${path}index.html` : path)));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return made;
}

describe.skipIf(!existsSync(executablePath))('Chromium', () => {
  beforeAll(async () => {
    folder = buildPackage('worker-browser-test');
    server = await serve();
    origin = `http://localhost:${(server.address() as { port: number }).port}`;
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });

  afterEach(async () => {
    await Promise.all(tabs.splice(0).map((tab) => tab.close()));
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  /** A page, and what it says on its console. */
  async function open(path = '/'): Promise<{ tab: Page; said: string[] }> {
    const tab = await browser.newPage();
    const said: string[] = [];
    tab.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
    tabs.push(tab);
    await tab.goto(origin + path);
    await tab.waitForFunction(() => window.ready === true);
    return { tab, said };
  }

  const X = Array.from({ length: 120 }, (_, i) => [Math.sin(i), Math.cos(3 * i), ((7 * i) % 11) / 11]);
  const y = X.map(([a, b, c]) => [a! * b! - c!]);
  const options: MLPOptions = {
    inputs: 3,
    layers: [
      { type: 'dense', units: 20, activation: 'gelu' },
      { type: 'batchNorm' },
      { type: 'dropout', rate: 0.1 },
      { type: 'residual', layers: [{ type: 'dense', units: 9, activation: 'tanh' }] },
      { type: 'dense', units: 1 },
    ],
    seed: 6,
    deterministic: true,
  };
  const given = { X, y, options };
  const bitsAfter = async (epochs: number) => {
    const model = new MLP(options);
    await model.fit(X, y, { epochs });
    return Array.from(model.predict(X).data);
  };

  test('a model in a Web Worker trains to the bits of Node, tells its progress, and leaves the page free', async () => {
    const { tab } = await open();
    const result = await tab.evaluate(async ({ X, y, options }) => {
      const model = await window.worker.WorkerMLP.create(options);
      const epochs: number[] = [];
      let ticks = 0;
      const timer = setInterval(() => ticks++, 1);
      const history = await model.fit(X, y, {
        epochs: 20,
        onEpochEnd: async ({ epoch }, given) => {
          if (given === model) epochs.push(epoch);
          await new Promise((resolve) => setTimeout(resolve, 5));
        },
      });
      clearInterval(timer);
      const { data } = await model.predict(X);
      const found = { data: Array.from(data), epochs, ticks, offThread: model.offThread, last: history.last!.epoch };
      await model.terminate();
      return found;
    }, given);
    expect(result.data).toEqual(await bitsAfter(20));
    expect(result.epochs).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(result.ticks).toBeGreaterThan(5);
    expect([result.offThread, result.last]).toEqual([true, 20]);
    await expect.poll(() => tab.workers().length).toBe(0); // the browser tells of an end a moment later
  });

  test('cancellation, transfer and refusals', async () => {
    const { tab } = await open();
    const result = await tab.evaluate(async ({ X, y, options }) => {
      const model = new window.worker.WorkerMLP(options);
      const caught = (promise: Promise<unknown>) =>
        promise.then(
          () => 'nothing',
          (error) => `${error.name} ${error.code} ${error.message}`,
        );
      const inCallback = new AbortController();
      const aborted = await caught(
        model.fit(X, y, {
          epochs: 1000,
          signal: inCallback.signal,
          onBatchEnd: ({ batch }) => {
            if (batch === 2) inCallback.abort();
          },
        }),
      );
      const steps = model.steps;
      const outside = new AbortController();
      setTimeout(() => outside.abort(), 50);
      const later = await caught(model.fit(X, y, { epochs: 1e7, signal: outside.signal }));
      const moved = { data: Float32Array.from(X.flat()), shape: [120, 3] };
      const { shape } = await model.predict(moved, { transfer: true });
      const refused = await caught(model.predict([[1, 2]]));
      const again = await caught(model.predict(moved));
      await model.terminate();
      return { aborted, steps, later, left: moved.data.length, shape, refused, again, gone: await caught(model.predict(X)) };
    }, given);
    expect(result.aborted).toBe(
      'AbortError 20 Training was aborted in epoch 1 after 2 steps; the weights are those after the last one.',
    );
    expect(result.steps).toBe(2);
    expect(result.later).toMatch(/^AbortError/);
    expect([result.left, result.shape]).toEqual([0, [120, 1]]);
    expect(result.refused).toBe('FeedforwardError ERR_SHAPE X has 2 columns, but this model has 3 inputs.');
    expect(result.again).toMatch(/^FeedforwardError ERR_(TYPE|SHAPE|EMPTY)/);
    expect(result.gone).toMatch(/^FeedforwardError ERR_DISPOSED/);
  });

  test.each([
    ['ends without a word', 'self.close()', 'it ended without a word'],
    ['throws', "setTimeout(() => { throw new Error('out of luck'); })", 'Uncaught Error: out of luck'],
  ])('fault 45: a worker that %s rejects what is under way, and restart() goes on to the same bits', async (_, deed, cause) => {
    const { tab } = await open();
    await tab.evaluate(async ({ X, y, options }) => {
      const model = await window.worker.WorkerMLP.create(options);
      window.model = model;
      await model.fit(X, y, { epochs: 4 });
      await new Promise((resolve) => setTimeout(resolve, 200));
      window.outcome = model.fit(X, y, { epochs: 1e7 }).then(
        () => 'nothing',
        (error) => [error.name, error.code, error.message],
      );
      await model.predict(X); // under way
    }, given);
    await tab
      .workers()[0]!
      .evaluate(deed)
      .catch(() => {}); // the answer may be lost with the worker
    const [name, code, message] = (await tab.evaluate(() => window.outcome)) as string[];
    expect([name, code]).toEqual(['FeedforwardError', 'ERR_WORKER']);
    expect(message).toContain(`The worker of this model died (${cause})`);
    const { from, data } = await tab.evaluate(async ({ X, y }) => {
      const { model } = window;
      await model.restart();
      const from = model.epoch;
      await model.fit(X, y, { epochs: 2 });
      const data = Array.from((await model.predict(X)).data);
      await model.terminate();
      return { from, data };
    }, given);
    expect(from).toBeGreaterThanOrEqual(4);
    expect(data).toEqual(await bitsAfter(from + 2));
  });

  test.each([
    ['by a content security policy', '/strict/', undefined],
    ['for want of its script', '/', '/nowhere.js'],
  ])('fault 46: where a worker is kept from starting %s, the page trains, with one warning', async (_, path, url) => {
    const { tab, said } = await open(path);
    const result = await tab.evaluate(
      async ({ X, y, options, url }) => {
        const settings = url === undefined ? {} : { url };
        const model = await window.worker.WorkerMLP.create(options, settings);
        const other = await window.worker.WorkerMLP.create(options, settings);
        await model.fit(X, y, { epochs: 3 });
        return { offThread: [model.offThread, other.offThread], data: Array.from((await model.predict(X)).data) };
      },
      { ...given, url },
    );
    expect(result.offThread).toEqual([false, false]);
    expect(result.data).toEqual(await bitsAfter(3));
    expect(said.filter((line) => line.startsWith('warning: feedforward/worker: no worker could start')).length).toBe(1);
  });

  test('fifty workers, started and stopped, leave none behind', async () => {
    const { tab } = await open();
    await tab.evaluate(async ({ X, y, options }) => {
      for (let i = 0; i < 50; i++) {
        const model = await window.worker.WorkerMLP.create(options);
        const fit = model.fit(X, y, { epochs: 1e6 }).catch((error) => error.code);
        await model.predict(X);
        await model.terminate();
        if ((await fit) !== 'ERR_DISPOSED') throw new Error('the fit went on');
      }
    }, given);
    await expect.poll(() => tab.workers().length).toBe(0);
  });

  test('a page bundled by Vite finds the worker by itself', async () => {
    const source = join(folder, 'page');
    mkdirSync(source, { recursive: true });
    writeFileSync(join(source, 'index.html'), '<!doctype html><script type="module" src="./main.js"></script>');
    writeFileSync(
      join(source, 'main.js'),
      "import * as worker from 'feedforward/worker'; window.worker = worker; window.ready = true;",
    );
    const { build } = await import('vite');
    await build({
      root: source,
      base: '/bundle/',
      configFile: false,
      logLevel: 'error',
      resolve: { alias: { 'feedforward/worker': join(folder, 'worker.js') } },
      build: { outDir: join(folder, 'bundle'), emptyOutDir: true },
    });
    const { tab, said } = await open('/bundle/');
    const result = await tab.evaluate(async ({ X, y, options }) => {
      const model = await window.worker.WorkerMLP.create(options);
      await model.fit(X, y, { epochs: 5 });
      return { offThread: model.offThread, data: Array.from((await model.predict(X)).data) };
    }, given);
    expect([result.offThread, said]).toEqual([true, []]);
    expect(result.data).toEqual(await bitsAfter(5));
  });
});
