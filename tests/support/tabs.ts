// Pages of tests in one browser: each test opens its own, so that none depends on what an earlier one did or left undone, and all are
// closed when it ends, whatever became of it: a page that plays on would take time from the others.

import { afterAll, afterEach, beforeAll } from 'vitest';
import { type Browser, type BrowserPage, type BrowserSettings, type EngineName, openBrowser } from './browsers.mjs';
import { paced } from './pace.js';

/** For a `describe`: starts the browser for its tests, and gives the function that opens an address in a page of its own. */
export function tabs(engine: EngineName, settings?: BrowserSettings): (address: string) => Promise<BrowserPage> {
  let browser: Browser | undefined;
  const open: BrowserPage[] = [];
  beforeAll(async () => {
    browser = await openBrowser(engine, settings);
  }, 300_000);
  afterEach(async () => {
    for (const page of open.splice(0)) await page.close();
  });
  afterAll(() => browser?.close());
  return async (address) => {
    const page = await browser!.newPage();
    open.push(page);
    await page.goto(address);
    return paced(page);
  };
}
