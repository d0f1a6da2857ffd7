// The documentation: blocks that run print what stands below them, links lead somewhere, and pages are read, searched and run in a
// browser. Needs a build in dist. UPDATE=1 writes the outputs anew.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isInstalled, waitFor } from '../support/browsers.mjs';
import { violationsOf } from '../support/axe.js';
import { builtSite } from '../support/builtSite.js';
import { tabs } from '../support/tabs.js';
import { root } from '../support/tarball.js';

const pages = join(root, 'site/pages');
const block = /```js run\n([\s\S]*?)```(?:\s*```text output\n([\s\S]*?)```)?/g;

const folder = mkdtempSync(join(tmpdir(), 'docs-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('blocks that run', () => {
  const blocks = readdirSync(pages).flatMap((file) =>
    [...readFileSync(join(pages, file), 'utf8').matchAll(block)].map(
      ([, code, output], i) => [file, i + 1, code!, output] as const,
    ),
  );
  test.each(blocks)('%s, number %d, prints what stands below it', (file, number, code, output) => {
    const script = join(folder, `${file}-${number}.mjs`);
    writeFileSync(script, code.replace("from 'feedforward'", `from '${pathToFileURL(join(root, 'dist/index.js')).href}'`));
    const printed = execFileSync(process.execPath, [script], { encoding: 'utf8' });
    if (process.env['UPDATE'] === undefined) expect(printed).toBe(output);
    else {
      const path = join(pages, file);
      const text = readFileSync(path, 'utf8');
      writeFileSync(
        path,
        text.replace(code + '```\n\n```text output\n' + output, () => `${code}\`\`\`\n\n\`\`\`text output\n${printed}`),
      );
    }
  });
});

describe('the built site', () => {
  let site: string;
  beforeAll(async () => {
    site = await builtSite();
  }, 600_000);
  const htmlOf = (part: string) => readdirSync(join(site, part)).filter((file) => file.endsWith('.html'));
  const built = () => htmlOf('docs');

  test('every link and picture of every page is there, and every heading that a link names', () => {
    const broken: string[] = [];
    const read = (path: string) => parseHTML(readFileSync(path, 'utf8')).document;
    const files = ['docs', 'learn'].flatMap((part) => htmlOf(part).map((name) => join(part, name)));
    for (const file of [...files, 'index.html', 'measure.html'])
      for (const node of read(join(site, file)).querySelectorAll('a[href], img[src], script[src], link[href]')) {
        const address = node.getAttribute('href') ?? node.getAttribute('src')!;
        if (/^(https?|data|mailto):/.test(address)) continue;
        const [path, anchor] = address.split('#');
        const target = path === '' ? join(site, file) : join(site, file, '..', path!);
        if (!existsSync(target)) broken.push(`${file}: ${address}`);
        // The page of labs opens the lab of that number.
        else if (/learn\/labs\.html#[1-6]$/.test(`${target}#${anchor}`)) continue;
        else if (anchor && target.endsWith('.html') && read(target).getElementById(decodeURIComponent(anchor)) === null)
          broken.push(`${file}: ${address}`);
      }
    expect(broken).toEqual([]);
  });

  test('every page has one title, and stands in the contents', () => {
    for (const file of built()) {
      const { document } = parseHTML(readFileSync(join(site, 'docs', file), 'utf8'));
      expect.soft(document.querySelectorAll('h1').length, file).toBe(1);
      expect.soft(document.querySelector(`.contents a[aria-current]`)?.getAttribute('href'), file).toBe(file);
    }
  });

  test('machines find a list of the pages, each as Markdown, and all of them as one text', () => {
    const list = readFileSync(join(site, 'llms.txt'), 'utf8');
    const addresses = [...list.matchAll(/\]\((.*?)\)/g)].map(([, address]) => address!);
    expect(addresses).toHaveLength(built().length + htmlOf('learn').length - 1); // of which one is the list
    for (const address of addresses) expect(existsSync(join(site, address))).toBe(true);
    expect(readFileSync(join(site, 'llms-full.txt'), 'utf8')).toContain('# Start in two minutes');
  });

  test('the reference has a page for each public class', () => {
    for (const name of ['index.MLP', 'index.MLPClassifier', 'worker.WorkerMLP'])
      expect(existsSync(join(site, `api/classes/${name}.html`))).toBe(true);
  });

  describe.skipIf(!isInstalled('Chromium'))('in Chromium, opened from the folder', { timeout: 300_000 }, () => {
    const openTab = tabs('Chromium', { width: 1200, height: 900 });
    const open = (file: string) => openTab(pathToFileURL(join(site, file)).href);

    test('a block runs in the page and prints what stands below it', async () => {
      const page = await open('docs/start.html');
      await page.evaluate(() => document.querySelector<HTMLElement>('button.run')!.click());
      await waitFor(page, () => /\d/.test(document.querySelector('pre.output')?.textContent ?? ''));
      expect(await page.evaluate(() => document.querySelector('pre.output')?.textContent)).toBe('0.00 1.00 1.00 0.00');
      expect(page.errors).toEqual([]);
    });

    const search = (words: string) => {
      const field = document.querySelector<HTMLInputElement>('#search')!;
      field.value = words;
      field.dispatchEvent(new Event('input'));
    };
    const found = () =>
      [...document.querySelectorAll<HTMLAnchorElement>('#found:not([hidden]) a')].map((a) => a.getAttribute('href')!);

    test.each(['docs/start.html', 'learn/index.html', 'table.html', 'measure.html', 'index.html'])(
      '%s: the search finds a page by a word of its text',
      async (file) => {
        const page = await open(file);
        await page.evaluate(search, 'conformal');
        await waitFor(page, () => document.querySelectorAll('#found a').length > 0);
        const addresses = await page.evaluate(found);
        expect(addresses).toContainEqual(expect.stringContaining('docs/uncertainty.html'));
        const here = pathToFileURL(join(site, file));
        for (const address of addresses) expect(existsSync(new URL(address.split('#')[0]!, here)), address).toBe(true);
        await page.evaluate(search, 'qxzvwjq');
        await waitFor(page, () => document.getElementById('found')!.textContent === 'Nothing found.');
        expect(page.errors).toEqual([]);
      },
    );

    test('the search of the playground is used by keys, which do nothing else there, and axe finds nothing in its list', async () => {
      const page = await open('index.html');
      await waitFor(page, () => document.querySelector('.data .chip') !== null);
      const key = (name: string) =>
        document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
      const focused = () => document.activeElement?.id || document.activeElement?.getAttribute('href');
      await page.evaluate(key, '/');
      expect(await page.evaluate(focused)).toBe('search');
      await page.evaluate(search, 'conformal');
      await waitFor(page, () => document.querySelectorAll('#found a').length > 1);
      const [first, second] = await page.evaluate(found);
      await page.evaluate(key, 'ArrowDown');
      await page.evaluate(key, 'ArrowDown');
      expect(await page.evaluate(focused)).toBe(second);
      await page.evaluate(key, 'ArrowUp');
      expect(await page.evaluate(focused)).toBe(first);
      for (const theme of ['light', 'dark'] as const) expect(await violationsOf(page, theme)).toEqual([]);
      await page.evaluate(key, '2');
      expect(await page.evaluate(() => document.querySelector('.data .chip[aria-pressed=true]')?.textContent)).toBe('Spirals');
      await page.evaluate(key, 'Escape');
      expect(await page.evaluate(focused)).toBe('search');
      expect(await page.evaluate(() => document.getElementById('found')!.hidden)).toBe(true);
      expect(page.errors).toEqual([]);
    });

    test.each(['docs/start.html', 'docs/command-line.html', 'docs/course.html', 'learn/index.html', 'measure.html'])(
      '%s: axe finds nothing, light and dark',
      async (file) => {
        const page = await open(file);
        for (const theme of ['light', 'dark'] as const) expect(await violationsOf(page, theme)).toEqual([]);
        expect(page.errors).toEqual([]);
      },
    );

    test('the benchmark fills its tables', async () => {
      const page = await open('measure.html');
      await page.evaluate(() => document.getElementById('start')!.click());
      await waitFor(page, () => /^Done/.test(document.getElementById('state')?.textContent ?? ''), { seconds: 240 });
      expect(await page.evaluate(() => document.querySelectorAll('#tables td').length)).toBeGreaterThan(30);
      expect(await page.evaluate(() => [...document.querySelectorAll('#tables caption')].map((c) => c.textContent))).toHaveLength(
        4,
      );
      expect(page.errors).toEqual([]);
    });
  });
});
