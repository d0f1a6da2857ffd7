// The pages of examples/pages, opened by double click (file://) in each engine, and used as people use them. Needs a build in dist.

import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MLPClassifier, parseCsv } from '../src/entries/index.js';
import {
  engines,
  isInstalled,
  openBrowser,
  waitFor,
  type Browser,
  type BrowserPage,
  type EngineName,
} from './support/browsers.mjs';

const root = join(import.meta.dirname, '..');
/** A clone after `npm ci` and a build, as far as the pages know: node_modules may stand elsewhere. */
const clone = join(root, 'build', 'example-pages');
const find = createRequire(import.meta.url);
const axe = find.resolve('axe-core/axe.min.js');

/** Customers with gaps and text; who buys depends on both. */
const customers = [
  'age;source;newsletter;buys',
  ...Array.from({ length: 260 }, (_, i) => {
    const [age, source] = [18 + ((7 * i) % 60), ['search', 'friend', 'advert'][i % 3]!];
    const buys = source === 'friend' || (source === 'search' && age < 40);
    return [i % 13 === 0 ? '' : age, source, i % 2 === 0, buys ? 'yes' : 'no'].join(';');
  }),
].join('\n');
const houses = `area,rooms,price\n${Array.from({ length: 240 }, (_, i) => {
  const area = 40 + ((37 * i) % 160);
  return `${area},${1 + (i % 6)},${1500 * area + 20000 * (i % 6) + ((i * 991) % 7000)}`;
}).join('\n')}`;

beforeAll(() => {
  rmSync(clone, { recursive: true, force: true });
  mkdirSync(join(clone, 'dist'), { recursive: true });
  cpSync(join(root, 'examples', 'pages'), join(clone, 'examples', 'pages'), { recursive: true });
  cpSync(join(root, 'dist', 'feedforward.global.min.js'), join(clone, 'dist', 'feedforward.global.min.js'));
  cpSync(dirname(find.resolve('uplot/dist/uPlot.min.css')), join(clone, 'node_modules', 'uplot', 'dist'), { recursive: true });
  writeFileSync(join(clone, 'customers.csv'), customers);
  const classifier = new MLPClassifier({ epochs: 60, seed: 2, onWarning: false });
  writeFileSync(join(clone, 'customers.ff'), classifier.fitSync(parseCsv(customers), 'buys').save());
  writeFileSync(join(clone, 'broken.ff'), 'nothing of the kind');
});

const address = (page: string) => pathToFileURL(join(clone, 'examples', 'pages', page)).href;
const textOf = (page: BrowserPage, id: string) => page.evaluate((id: string) => document.getElementById(id)!.textContent, id);

describe.each(Object.keys(engines) as EngineName[])('%s', (name) => {
  let browser: Browser;
  let page: BrowserPage;
  beforeAll(async () => {
    if (!isInstalled(name)) return;
    browser = await openBrowser(name, { width: 460, height: 900 });
    page = await browser.newPage();
  });
  afterAll(() => browser?.close());

  /** Writes into a field as a person does. */
  const fill = (field: string, value: string) =>
    page.evaluate(
      (field: string, value: string) => {
        const input = document.querySelector(`[name="${field}"]`) as HTMLInputElement;
        input.value = value;
        input.dispatchEvent(new Event('input', { bubbles: true }));
      },
      field,
      value,
    );
  /** Nothing sticks out of a narrow screen. */
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

  test.skipIf(!isInstalled(name))('answer.html tells irises apart, and asks another classifier', async () => {
    await page.goto(address('answer.html'));
    const irises = { setosa: [5, 3.4, 1.5, 0.2], versicolor: [5.9, 2.8, 4.3, 1.3], virginica: [6.6, 3, 5.6, 2.1] };
    for (const [species, sizes] of Object.entries(irises)) {
      for (const [k, field] of ['sepal length', 'sepal width', 'petal length', 'petal width'].entries())
        await fill(field, String(sizes[k]));
      expect(await textOf(page, 'answer')).toBe(species);
    }
    const shares = await page.evaluate(() => [...document.querySelectorAll('progress')].map(({ value }) => value));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
    await page.chooseFiles('#file', join(clone, 'customers.ff'));
    await waitFor(page, () => document.querySelector('[name="source"]') !== null);
    await fill('source', 'friend');
    expect(await textOf(page, 'answer')).toBe('yes');
    await fill('source', 'advert');
    expect(await textOf(page, 'answer')).toBe('no');
    await fill('age', '');
    expect(await textOf(page, 'answer')).toBe('no'); // as it was: what is not filled in is not asked
    await page.chooseFiles('#file', join(clone, 'broken.ff'));
    await waitFor(page, () => /not|no /.test(document.getElementById('answer')!.textContent!));
    expect(await fits()).toBe(true);
    expect(page.errors).toEqual([]);
  });

  const ended = () => waitFor(page, () => !document.getElementById('result')!.hidden, { seconds: 60 });

  test.skipIf(!isInstalled(name))(
    'train.html trains on a chosen and on a dropped file, off the page’s thread, and saves',
    async () => {
      await page.goto(address('train.html'));
      await page.chooseFiles('#file', join(clone, 'customers.csv'));
      await ended();
      expect(await textOf(page, 'shape')).toBe('260 rows, 4 columns');
      const right = Number(/Right on (\d+)/.exec((await textOf(page, 'score'))!)![1]);
      expect(right).toBeGreaterThan(75);
      expect(await textOf(page, 'status')).toMatch(/epochs and .* seconds in a worker; the best was epoch \d+\.$/);
      const saved = await page.evaluate(async () => {
        const link = document.getElementById('save') as HTMLAnchorElement;
        const bytes = await (await fetch(link.href)).arrayBuffer();
        return { name: link.download, bytes: Array.from(new Uint8Array(bytes)) };
      });
      expect(saved.name).toBe('customers.ff');
      const rows = [{ age: 30, source: 'friend', newsletter: true }];
      expect(MLPClassifier.load(Uint8Array.from(saved.bytes)).predict(rows)).toEqual(['yes']);

      await page.evaluate((text: string) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([text], 'houses.csv', { type: 'text/csv' }));
        const drop = document.getElementById('drop')!;
        for (const type of ['dragenter', 'dragover', 'drop'])
          drop.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
      }, houses);
      await waitFor(page, () => document.getElementById('name')!.textContent === 'houses.csv');
      await ended();
      expect(Number(/R² ([\d.]+)/.exec((await textOf(page, 'score'))!)![1])).toBeGreaterThan(0.8);
      const drawn = () => {
        const canvas = document.querySelector('canvas');
        if (canvas === null) return false;
        return canvas
          .getContext('2d')!
          .getImageData(0, 0, canvas.width, canvas.height)
          .data.some((value) => value > 0);
      };
      expect(await waitFor(page, drawn)).toBe(true);
      expect(await fits()).toBe(true);
      expect(page.errors).toEqual([]);
    },
  );

  test.skipIf(!isInstalled(name))(
    'train.html is stopped, trains on another column, and says what is wrong with a file',
    async () => {
      await page.goto(address('train.html'));
      await page.evaluate(() => document.getElementById('example')!.click());
      await ended();
      expect(await textOf(page, 'score')).toMatch(/^Right on/);
      await page.evaluate(() => {
        (document.getElementById('target') as HTMLSelectElement).value = 'petal width';
        document.getElementById('go')!.click();
        document.getElementById('stop')!.click();
      });
      await waitFor(page, () => document.getElementById('stop')!.hidden);
      await page.evaluate(() => document.getElementById('go')!.click());
      await ended();
      expect(await textOf(page, 'score')).toMatch(/^R²/);
      writeFileSync(join(clone, 'empty.csv'), 'a,b\n');
      await page.chooseFiles('#file', join(clone, 'empty.csv'));
      await waitFor(page, () => !document.getElementById('alarm')!.hidden);
      expect(await textOf(page, 'alarm')).toMatch(/empty\.csv/);
      expect(page.errors).toEqual([]);
    },
  );
});

describe.skipIf(!isInstalled('Chromium'))('for everybody', () => {
  test.each(['light', 'dark'] as const)('axe finds nothing to mend in any page (%s)', async (colorScheme) => {
    const browser = await openBrowser('Chromium', { colorScheme });
    try {
      for (const file of ['answer.html', 'train.html']) {
        const page = await browser.newPage();
        await page.goto(address(file));
        if (file === 'train.html') {
          await page.evaluate(() => document.getElementById('example')!.click());
          await waitFor(page, () => !document.getElementById('result')!.hidden, { seconds: 60 });
        }
        const violations = await page.evaluate(async (script: string) => {
          await new Promise((resolve) =>
            document.head.append(Object.assign(document.createElement('script'), { src: script, onload: resolve })),
          );
          const { axe } = globalThis as unknown as {
            axe: { run(): Promise<{ violations: { id: string; nodes: unknown[] }[] }> };
          };
          return (await axe.run()).violations.map(({ id, nodes }) => `${id} ${nodes.length}`);
        }, pathToFileURL(axe).href);
        expect([file, violations]).toEqual([file, []]);
      }
    } finally {
      await browser.close();
    }
  });
});
