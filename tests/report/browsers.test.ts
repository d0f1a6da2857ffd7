// Reports of two tables, and the page of a search, in real browsers: nothing is fetched, nothing fails, and axe finds no barrier, in light and in dark.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { loadPeers } from '../../src/report/page/peers.js';
import { report } from '../../src/report/report.js';
import { searchPage } from '../../src/report/search/searchPage.js';
import { here } from '../../src/search/here.js';
import { search } from '../../src/search/search.js';
import { engines, isInstalled, openBrowser } from '../support/browsers.mjs';
import { flats, passengers } from './tables.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'pages-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Pages, and how many pictures each has at the least. */
const names = { passengers: 9, flats: 9, search: 4 };
beforeAll(async () => {
  const options = { hiddenLayers: [8], epochs: 20, seed: 1, onWarning: false } as const;
  const clf = new MLPClassifier(options).fitSync(passengers(300, 1), 'survived').conformalize(passengers(120, 2), 'survived');
  const reg = new MLPRegressor(options).fitSync(flats(200, 1), 'rent').conformalize(flats(100, 2), 'rent');
  const shifted = flats(120, 3)
    .records()
    .map((row) => ({ ...row, size: (row['size'] as number) + 20 }));
  const pages = {
    passengers: report(clf, passengers(150, 3), 'survived', { trainingData: [passengers(300, 1), 'survived'], budget: 1 }),
    // With a table of drift in it.
    flats: report(
      reg,
      shifted,
      Float64Array.from(shifted, (row) => (row as Record<string, unknown>)['rent'] as number),
      {
        ...{ trainingData: [flats(200, 1), 'rent'], target: 'rent', baselines: false, budget: 1 },
      },
    ),
    search: await searched(),
  };
  for (const [name, page] of Object.entries(pages)) {
    expect(page.length).toBeLessThan(400_000);
    writeFileSync(join(folder, `${name}.html`), page);
  }
}, 120_000);

/** The page of a search in which some fail, some are stopped early, and one parameter depends on another; its best is judged by two objectives. */
async function searched(): Promise<string> {
  const space = {
    hiddenLayers: [[4], [8], [4, 4]],
    learningRate: { logUniform: [1e-3, 1e25] },
    'optimizer.name': ['adam', 'sgd'],
    'optimizer.momentum': { uniform: [0, 0.9], when: { 'optimizer.name': ['sgd'] } },
  } as const;
  const findings = await search(space, new MLPClassifier({ epochs: 6, seed: 1, onWarning: false }), {
    ...{ data: { X: passengers(120, 4), y: 'survived' }, trials: 28, folds: 3, seed: 2, pruner: 'racing', runner: here() },
    objectives: ['score', 'bytes'],
  });
  expect(new Set(findings.trials.map(({ state }) => state))).toEqual(new Set(['complete', 'pruned', 'failed']));
  const command = 'feedforward search passengers.csv -t survived --objectives bytes --report search.html';
  return searchPage(
    findings,
    { title: 'survived of passengers: a search', score: 'accuracy', folds: 3, seed: 2, command },
    loadPeers(),
  );
}

interface Seen {
  readonly pictures: number;
  readonly empty: number;
  readonly wide: number;
  readonly fetched: readonly string[];
  readonly dark: boolean;
  readonly barriers: readonly string[];
}

/** Runs in the page: what is there to see, what was fetched, and what axe says. */
async function look(source: string): Promise<Seen> {
  document.head.append(Object.assign(document.createElement('script'), { textContent: source }));
  const { violations } = await (
    globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> };
    }
  ).axe.run();
  const pictures = Array.from(document.querySelectorAll('figure svg[role="img"]'));
  return {
    pictures: pictures.length,
    empty: pictures.filter((svg) => svg.getBoundingClientRect().height < 40).length,
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    fetched: performance.getEntriesByType('resource').map(({ name }) => name),
    dark: matchMedia('(prefers-color-scheme: dark)').matches,
    barriers: violations.map(
      ({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 120)} ${nodes[0]!.failureSummary.slice(0, 160)}`,
    ),
  };
}

describe.each(Object.keys(engines) as (keyof typeof engines)[])('in %s', (name) => {
  test.skipIf(!isInstalled(name)).each(['light', 'dark'] as const)(
    'reports and the page of a search open offline without an error and without a barrier (%s)',
    async (colorScheme) => {
      const browser = await openBrowser(name, { width: 1000, height: 900, colorScheme });
      try {
        for (const [report, pictures] of Object.entries(names)) {
          const page = await browser.newPage();
          await page.goto(pathToFileURL(join(folder, `${report}.html`)).href);
          const seen = (await page.evaluate(look as never, axe as never)) as unknown as Seen;
          expect(seen).toMatchObject({ empty: 0, wide: 0, fetched: [], barriers: [], dark: colorScheme === 'dark' });
          expect(seen.pictures).toBeGreaterThanOrEqual(pictures);
          expect(page.errors).toEqual([]);
          await page.close();
        }
      } finally {
        await browser.close();
      }
    },
    180_000,
  );
});
