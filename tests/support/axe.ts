// What axe-core finds wrong with a page for those who use a keyboard or a screen reader.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BrowserPage } from './browsers.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Each violation with the first element that has it: of the page as it is, or in one of its themes. */
export function violationsOf(page: BrowserPage, theme?: 'light' | 'dark'): Promise<string[]> {
  return page.evaluate(
    async (source: string, theme: string | null) => {
      if (theme !== null) document.documentElement.dataset['theme'] = theme;
      if (!('axe' in globalThis)) new Function(source)();
      const { violations } = await (
        globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }
      ).axe.run();
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    },
    axe,
    theme ?? null,
  );
}
