// The playground in Chromium: how fast it trains while it shows itself, against a worker that does nothing else and against an engine
// with an object for each neuron, in the same browser; what its map costs; and how soon somebody can use it.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { bundle } from '../../site/bundle.mjs';

const executablePath = '/usr/bin/chromium';
const builder = fileURLToPath(new URL('../../site/build.mjs', import.meta.url));
const seconds = 4;
const rounds = 5;

export async function page() {
  if (!existsSync(executablePath)) {
    console.log('\nThe playground: Chromium is not installed.');
    return {};
  }
  const folder = mkdtempSync(join(tmpdir(), 'site-'));
  execFileSync(process.execPath, [builder, folder], { stdio: 'ignore', env: { ...process.env, SITE: 'play' } });
  const bare = await bundle('measure/bareWorker.ts');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const found = [];
  const first = [];
  try {
    for (let round = 0; round < rounds; round++) first.push(await opening(browser, folder));
    for (let round = 0; round < rounds; round++)
      found.push({ ...(await playing(browser, folder)), ...(await alone(browser, bare)) });
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
  const middle = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const median = (name) => middle(found.map((figures) => figures[name]));
  // Of each round its own: a machine that is shared has rounds that are slow in everything.
  const against = (name) => middle(found.map((figures) => figures.playing / figures[name]));
  const figures = {
    rowsPerSecond: median('playing'),
    ofBare: against('bare'),
    timesObjects: against('objects'),
    timesObjectEpochs: against('objectEpochs'),
    mapMilliseconds: median('map'),
    longTasks: median('long'),
    firstAnswerMilliseconds: middle(first.map(({ answered }) => answered)),
    firstPictureMilliseconds: middle(first.map(({ pictured }) => pictured)),
  };
  const millions = (value) => `${(value / 1e6).toFixed(2)} M`;
  console.log(`
The playground (2-8-8-1, batches of 10, spirals), Chromium ${browser.version()}, medians of ${rounds} rounds
  rows a second while it shows itself    ${millions(figures.rowsPerSecond)}
  a worker that does nothing else        ${millions(median('bare'))}   (${Math.round(100 * figures.ofBare)} %)
  objects, as TensorFlow Playground      ${millions(median('objectEpochs'))}   (${figures.timesObjectEpochs.toFixed(1)}x)
    their steps alone, without losses    ${millions(median('objects'))}   (${figures.timesObjects.toFixed(1)}x)
  a map of 256 x 256, painted            ${figures.mapMilliseconds.toFixed(1)} ms
  tasks of the page above 50 ms          ${figures.longTasks} in ${seconds} s
  opened at 10 Mbit/s and 40 ms, the processor slowed four times:
    a press is answered after            ${figures.firstAnswerMilliseconds.toFixed(0)} ms
    a network has learnt and is shown    ${figures.firstPictureMilliseconds.toFixed(0)} ms`);
  return figures;
}

/** The page at full speed. */
async function playing(browser, folder) {
  const tab = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await tab.goto(pathToFileURL(join(folder, 'index.html')).href);
  await tab.locator('.train select').first().selectOption('0');
  await tab.waitForTimeout(3000); // the compiler is done, as it is in the others' first turns
  const figures = await tab.evaluate(
    (milliseconds) =>
      new Promise((resolve) => {
        let long = 0;
        new PerformanceObserver((list) => {
          long += list.getEntries().length;
        }).observe({ type: 'longtask' });
        const epoch = () => Number(document.querySelector('.time output').textContent);
        const first = epoch();
        const start = performance.now();
        setTimeout(
          () => resolve({ long, playing: (1000 * 300 * (epoch() - first)) / (performance.now() - start) }),
          milliseconds,
        );
      }),
    1000 * seconds,
  );
  await tab.close();
  return figures;
}

/** The first visit: when a press of a button is answered, and when there is a picture of something that learns. */
async function opening(browser, folder) {
  const server = createServer((request, response) => {
    const path = join(folder, request.url === '/' ? 'index.html' : request.url.split('?')[0]);
    if (!existsSync(path)) return response.writeHead(404).end();
    const type = { html: 'text/html', js: 'text/javascript', css: 'text/css' }[path.split('.').at(-1)];
    response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip' });
    return response.end(compressed(path));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  for (const file of readdirSync(folder)) if (/\.(html|js|css)$/.test(file)) compressed(join(folder, file));
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const tab = await context.newPage();
  const tools = await context.newCDPSession(tab);
  await tools.send('Network.enable');
  await tools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 40,
    downloadThroughput: 10e6 / 8,
    uploadThroughput: 10e6 / 8,
  });
  await tools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await tab.addInitScript(() => {
    globalThis.opened = {};
    const look = () => {
      const buttons = [...document.querySelectorAll('.data .chip')];
      const moons = buttons.find((button) => button.textContent === 'Moons');
      const { opened } = globalThis;
      if (moons && opened.pressed === undefined) {
        opened.pressed = performance.now();
        moons.click();
      }
      if (moons?.getAttribute('aria-pressed') === 'true') opened.answered ??= performance.now();
      if (Number(document.querySelector('.time output')?.textContent) > 0) opened.pictured ??= performance.now();
      if (opened.pictured === undefined) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await tab.goto(`http://127.0.0.1:${server.address().port}/`);
  await tab.waitForFunction(() => globalThis.opened.pictured !== undefined, undefined, { timeout: 60_000 });
  const found = await tab.evaluate(() => globalThis.opened);
  await context.close();
  server.close();
  return found;
}

const ready = new Map();
const compressed = (path) => {
  if (!ready.has(path)) ready.set(path, gzipSync(readFileSync(path)));
  return ready.get(path);
};

async function alone(browser, text) {
  const tab = await browser.newPage();
  const figures = await tab.evaluate(
    (source) =>
      new Promise((resolve) => {
        const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
        worker.onmessage = ({ data }) => resolve(data);
        worker.postMessage('start');
      }),
    text,
  );
  await tab.close();
  return figures;
}
