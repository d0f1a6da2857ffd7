// A page as a much quicker or a much slower machine would show it: PACE=quick lets what plays come to its end between any two looks of a
// test, PACE=slow slows the page's own processor down ten times (Chromium).

import type { BrowserPage } from './browsers.mjs';

const { PACE } = process.env;

/** How many times slower than here the page's own thread is. */
export const slowness = PACE === 'slow' ? 10 : 1;

/** Frames follow each other at once, and each is told that a tenth of a second has passed. */
const hurry = () => {
  let ahead = 0;
  const clock = performance.now.bind(performance);
  performance.now = () => clock() + ahead;
  globalThis.requestAnimationFrame = (draw) =>
    setTimeout(() => {
      ahead += 100;
      draw(performance.now());
    }) as unknown as number;
};

/** The page, which is open already, by the pace that the environment asks for. */
export async function paced(page: BrowserPage): Promise<BrowserPage> {
  if (slowness > 1) await page.slowDown?.(slowness);
  if (PACE !== 'quick') return page;
  await page.evaluate(hurry);
  return {
    ...page,
    evaluate: (work, ...args) => new Promise((resolve) => setTimeout(resolve, 300)).then(() => page.evaluate(work, ...args)),
  };
}
