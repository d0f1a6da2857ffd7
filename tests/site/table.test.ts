// A table in the page: dropped, learnt, judged and reported on in its worker. Needs a build in dist; makes the site itself.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { violationsOf } from '../support/axe.js';
import { type EngineName, engines, isInstalled, openBrowser, waitFor } from '../support/browsers.mjs';
import { builtSite } from '../support/builtSite.js';
import { serveFolder } from '../support/site.js';
import { root } from '../support/tarball.js';

const shown = (id: string) => {
  const node = document.getElementById(id);
  return node === null || node.hidden ? '' : (node.textContent ?? '');
};
const press = (id: string) => document.getElementById(id)!.click();
const choose = (id: string, value: string) => {
  const list = document.getElementById(id) as HTMLSelectElement;
  list.value = value;
  list.dispatchEvent(new Event('change'));
};
/** Bytes of the file that a link saves. */
const saved = async (id: string) => [
  ...new Uint8Array(await (await fetch((document.getElementById(id) as HTMLAnchorElement).href)).arrayBuffer()),
];

test('every engine learns the irises to the same bits', { timeout: 400_000 }, async () => {
  const site = await serveFolder(await builtSite());
  const files: string[] = [];
  try {
    for (const name of (Object.keys(engines) as EngineName[]).filter(isInstalled)) {
      const browser = await openBrowser(name, { width: 1000, height: 900 });
      try {
        const page = await browser.newPage();
        await page.goto(`${site.origin}/table.html`);
        await page.evaluate(press, 'example');
        await waitFor(page, shown, { args: ['question'], seconds: 60 });
        await page.evaluate(choose, 'preset', 'quick');
        await page.evaluate(press, 'train');
        await waitFor(page, shown, { args: ['result'], seconds: 120 });
        const { loadEstimator } = (await import(pathToFileURL(join(root, 'dist/index.js')).href)) as typeof import('feedforward');
        const file = loadEstimator(Uint8Array.from(await page.evaluate(saved, 'model')));
        files.push((file as unknown as { model: { getVector(): Float32Array } }).model.getVector().join(' '));
        expect(page.errors, name).toEqual([]);
      } finally {
        await browser.close();
      }
    }
  } finally {
    site.close();
  }
  expect(new Set(files).size).toBeLessThanOrEqual(1);
});

describe.skipIf(!isInstalled('Chromium'))('in Chromium, opened from the folder', () => {
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let page: Awaited<ReturnType<typeof browser.newPage>>;
  let made: string;
  beforeAll(async () => {
    const site = await builtSite();
    made = mkdtempSync(join(tmpdir(), 'table-'));
    browser = await openBrowser('Chromium', { width: 1000, height: 900 });
    page = await browser.newPage();
    await page.goto(pathToFileURL(join(site, 'table.html')).href);
  }, 600_000);
  afterAll(async () => {
    await browser.close();
    rmSync(made, { recursive: true });
  });

  const train = async () => {
    await page.evaluate(choose, 'preset', 'quick');
    await page.evaluate(press, 'train');
    await waitFor(page, shown, { args: ['result'], seconds: 120 });
  };

  test('irises are learnt, judged and reported on, and the code prints the same score in Node', {
    timeout: 240_000,
  }, async () => {
    await page.evaluate(press, 'example');
    await waitFor(page, shown, { args: ['question'], seconds: 60 });
    expect(await page.evaluate(shown, 'shape')).toContain('150 rows, 5 columns');
    expect(await page.evaluate(() => (document.getElementById('task') as HTMLSelectElement).value)).toBe('classes');
    await train();
    const [, right] = /Right on ([\d.]+) % of 30 rows/.exec(await page.evaluate(shown, 'verdict'))!.map(Number);
    expect(right).toBeGreaterThan(85);
    // The page says where the command judges otherwise, and from how many rows on it does not.
    const [, few] = /fewer than (\d+) rows npx feedforward train/.exec(await page.evaluate(shown, 'few'))!;
    expect(readFileSync(join(root, 'src/cli/train.ts'), 'utf8')).toContain(`const fewRows = ${few};`);

    const report = await page.evaluate(() => document.querySelector('iframe')!.srcdoc);
    expect(report).toMatch(/^<!doctype html>/);
    expect(report).toContain('species of iris.csv');
    expect(report).toMatch(/linear model/);

    await page.evaluate(press, 'code');
    const code = (await page.evaluate(shown, 'listing')).split('Or, in a terminal')[0]!;
    const irises = readFileSync(join(root, 'examples/pages/iris.csv'), 'utf8');
    writeFileSync(join(made, 'iris.csv'), irises);
    writeFileSync(join(made, 'package.json'), '{ "type": "module" }');
    symlinkSync(join(root, 'node_modules'), join(made, 'node_modules'));
    const local = code.replace(
      /from 'feedforward(\/report)?'/g,
      (_, entry?: string) => `from '${pathToFileURL(join(root, `dist/${entry === undefined ? 'index' : 'report'}.js`)).href}'`,
    );
    writeFileSync(join(made, 'iris.js'), local);
    const printed = Number(execFileSync(process.execPath, ['iris.js'], { cwd: made, encoding: 'utf8' }));
    expect(code).toContain(`// ${printed}\n`);
    expect(100 * printed).toBeCloseTo(right!, 0);

    // The file that the page saves holds the weights that Node came to.
    const { loadEstimator } = (await import(pathToFileURL(join(root, 'dist/index.js')).href)) as typeof import('feedforward');
    const vector = (bytes: Uint8Array) => [
      ...(loadEstimator(bytes) as unknown as { model: { getVector(): Float32Array } }).model.getVector(),
    ];
    expect(vector(Uint8Array.from(await page.evaluate(saved, 'model')))).toEqual(vector(readFileSync(join(made, 'iris.ff'))));
    expect(page.errors).toEqual([]);
  });

  test('a dropped file with a number to learn, and one that cannot be learnt from', { timeout: 240_000 }, async () => {
    const rows = Array.from({ length: 120 }, (_, i) => `${i % 12},${(i * 7) % 10},${3 * (i % 12) - ((i * 7) % 10)}`);
    const drop = (text: string, name: string) => {
      const files = new DataTransfer();
      files.items.add(new File([text], name));
      dispatchEvent(new DragEvent('drop', { dataTransfer: files, cancelable: true }));
    };
    await page.evaluate(drop, ['area,age,price', ...rows].join('\n'), 'houses.csv');
    await waitFor(page, () => /120 rows, 3 columns/.test(document.getElementById('shape')?.textContent ?? ''));
    expect(await page.evaluate(() => (document.getElementById('task') as HTMLSelectElement).value)).toBe('numbers');
    await train();
    const [, explained] = /R² ([\d.]+) on 24 rows/.exec(await page.evaluate(shown, 'verdict'))!.map(Number);
    expect(explained).toBeGreaterThan(0.9);

    // A column that counts the rows is left out, which is said, and taken back by a button.
    await page.evaluate(drop, ['a,b,y', ...rows.map((_, a) => `${a},${(a * 7919) % 13},${3 * a + 2}`)].join('\n'), 'line.csv');
    await waitFor(page, () => document.getElementById('name')?.textContent === 'line.csv');
    await train();
    expect(await page.evaluate(shown, 'verdict')).toMatch(/^No better than always the same answer, on 24 rows/);
    expect(await page.evaluate(shown, 'left')).toMatch(
      /^Column "a" was left out: it counts .* the order of the rows\. Keep a, train again$/,
    );
    await page.evaluate(() => document.querySelector<HTMLButtonElement>('#left button')!.click());
    await waitFor(page, shown, { args: ['result'], seconds: 120 }); // which the click has hidden
    expect(await page.evaluate(shown, 'verdict')).toMatch(/^R² (1\.000|0\.99)/);
    expect(await page.evaluate(shown, 'left')).toBe('');
    expect(await page.evaluate(() => document.getElementById('text')!.textContent)).toContain("{ keep: ['a'] }");

    await page.evaluate(drop, 'a,b\n1,2\n3,4', 'small.csv');
    await waitFor(page, () => /small\.csv has 2 rows/.test(document.getElementById('trouble')?.textContent ?? ''));
    expect(page.errors).toEqual([]);
  });

  test('axe finds nothing, light and dark', async () => {
    await page.evaluate(press, 'example');
    await waitFor(page, shown, { args: ['question'] });
    for (const theme of ['light', 'dark'] as const) expect(await violationsOf(page, theme)).toEqual([]);
  });
});
