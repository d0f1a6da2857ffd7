// The live pages in Chromium, on a desktop and on a phone. Needs a build in dist.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, isInstalled, openBrowser } from '../support/browsers.mjs';
import { builtSite } from '../support/builtSite.js';
import { driveLearnPages, drivenPages } from '../support/driveLearn.js';

driveLearnPages('Chromium');

describe.skipIf(!isInstalled('Chromium'))('on a phone', () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    folder = await builtSite();
    browser = await openBrowser('Chromium', { width: 390, height: 844 });
  }, 600_000);
  afterAll(() => browser.close());

  test('no page is wider than the screen, and its picture comes before its text', { timeout: 300_000 }, async () => {
    const page = await browser.newPage();
    for (const name of ['index', ...drivenPages.map(({ name }) => name)]) {
      await page.goto(pathToFileURL(join(folder, `learn/${name}.html`)).href);
      const { wide, picture, text } = await page.evaluate(() => ({
        wide: document.documentElement.scrollWidth,
        picture: document.getElementById('picture')?.getBoundingClientRect().top ?? 0,
        text: document.getElementById('text')!.getBoundingClientRect().top,
      }));
      expect.soft(wide, name).toBeLessThanOrEqual(390);
      expect.soft(picture, name).toBeLessThan(text);
    }
  });
});
