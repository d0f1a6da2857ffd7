// The live pages in a browser: each loads, is accessible, does what its gestures say, and checks its question. Needs a build in dist.
// LEARN=NAME,NAME drives those pages alone, PACE=quick and PACE=slow as on other machines (pace.ts).

/// <reference types="vite/client" />

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { learnPages } from '../../site/learn/contents.mjs';
import { violationsOf } from './axe.js';
import { type Browser, type EngineName, isInstalled, openBrowser, waitFor } from './browsers.mjs';
import { builtSite } from './builtSite.js';
import { LearnPage } from './learnPage.js';
import { paced } from './pace.js';
import { serveFolder, type Site } from './site.js';

const gestures = import.meta.glob<{ default?: (page: LearnPage) => Promise<void> }>('../../site/learn/*/gestures.ts');
const asked = process.env['LEARN']?.split(',');
/** Those that are asked for, or all. */
export const drivenPages = learnPages.filter(({ name }) => asked?.includes(name) ?? true);

const watchErrors = () => {
  const errors: string[] = [];
  Object.assign(globalThis, { learnErrors: errors });
  addEventListener('error', (event) => errors.push(event.message));
  addEventListener('unhandledrejection', (event) => errors.push(String(event.reason)));
  const told = console.error;
  console.error = (...words: unknown[]) => {
    errors.push(words.map(String).join(' '));
    told(...words);
  };
};

/** Moves each slider of the picture to both ends and back; what then stands there that is no number. What the page throws, its errors say. */
const toTheEnds = async () => {
  const sliders = () => document.querySelectorAll<HTMLInputElement>('#picture input[type="range"]');
  const move = async (slider: HTMLInputElement, to: string) => {
    slider.value = to;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve));
  };
  const odd: string[] = [];
  for (let i = 0; i < sliders().length; i++)
    for (const end of ['min', 'max'] as const) {
      const slider = sliders()[i];
      if (slider === undefined) continue;
      const before = slider.value;
      await move(slider, slider[end]);
      const found = /.{0,30}(NaN|undefined|Infinity).{0,20}/.exec(document.getElementById('picture')!.textContent ?? '');
      if (found !== null) odd.push(`slider ${i + 1} at its ${end}: ${found[0]}`);
      await move(slider, before);
    }
  return odd;
};

/** The tests of all live pages in one browser: its file of tests calls this once. */
export function driveLearnPages(engine: EngineName): void {
  let folder: string;
  let site: Site;
  beforeAll(async () => {
    if (asked !== undefined) process.env['SITE'] = 'learn';
    folder = await builtSite();
    site = await serveFolder(folder);
  }, 600_000);
  afterAll(() => site?.close());

  const here = isInstalled(engine);
  let browser: Browser;
  beforeAll(async () => {
    if (here) browser = await openBrowser(engine, { width: 1280, height: 800 });
  }, 120_000);
  afterAll(() => browser?.close());

  test.skipIf(!here).each(drivenPages)('$name: $title', { timeout: 300_000 }, async ({ name, rows, question, hasPicture }) => {
    const page = await browser.newPage();
    try {
      // Chromium opens it from the folder, as a double click does; the others from a server.
      await page.goto(
        engine === 'Chromium' ? pathToFileURL(join(folder, `learn/${name}.html`)).href : `${site.origin}/learn/${name}.html`,
      );
      await waitFor(page, () => 'ready' in document.documentElement.dataset);
      await page.evaluate(watchErrors);
      const learn = new LearnPage(await paced(page));
      if (hasPicture) {
        const drive = gestures[`../../site/learn/${name}/gestures.ts`];
        if (drive === undefined) throw new Error(`site/learn/${name}/gestures.ts is missing.`);
        await (await drive()).default!(learn);
      }
      expect(
        [...learn.rowsRead].sort((a, b) => a - b),
        'rows whose numbers the gestures read',
      ).toEqual(hasPicture ? rows : []);
      if (question !== undefined) await learn.answerQuestion(question);
      for (const theme of engine === 'Chromium' ? (['light', 'dark'] as const) : (['dark'] as const))
        expect(await violationsOf(page, theme), theme).toEqual([]);
      if (engine === 'Chromium' && hasPicture) expect(await page.evaluate(toTheEnds)).toEqual([]);
      const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map((entry) => entry.name));
      for (const address of loaded) expect(address).toMatch(/^(file|data|blob):|^http:\/\/localhost:/);
      expect(page.errors).toEqual([]);
      expect(await page.evaluate(() => (globalThis as unknown as { learnErrors: string[] }).learnErrors)).toEqual([]);
    } finally {
      await page.close(); // one that plays on would take time from the others
    }
  });
}
