// A table in the page: dropped, learnt, judged and reported on in its worker. Needs a build in dist; makes the site itself.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { violationsOf } from '../support/axe.js';
import { type BrowserPage, type EngineName, engines, isInstalled, openBrowser, waitFor } from '../support/browsers.mjs';
import { builtSite } from '../support/builtSite.js';
import { paced } from '../support/pace.js';
import { serveFolder } from '../support/site.js';
import { tabs } from '../support/tabs.js';
import { root } from '../support/tarball.js';
import { verdictOf } from '../../site/table/verdict';

const shown = (id: string) => {
  const node = document.getElementById(id);
  return node === null || node.hidden ? '' : (node.textContent ?? '');
};
const press = (id: string) => document.getElementById(id)!.click();
/** Drops a file on the page; the question on the table before it is gone at once. */
const drop = (text: string, name: string) => {
  const files = new DataTransfer();
  files.items.add(new File([text], name));
  dispatchEvent(new DragEvent('drop', { dataTransfer: files, cancelable: true }));
};
/** Whether the question on that table is there. */
const asks = (name: string) =>
  !document.getElementById('question')!.hidden && document.getElementById('name')?.textContent === name;
const choose = (id: string, value: string) => {
  const list = document.getElementById(id) as HTMLSelectElement;
  list.value = value;
  list.dispatchEvent(new Event('change'));
};
/** Trains to the end. */
async function train(page: BrowserPage, preset: string): Promise<void> {
  await page.evaluate(choose, 'preset', preset);
  await page.evaluate(press, 'train'); // which hides what was shown before
  await waitFor(page, shown, { args: ['result'], seconds: 240 });
}
/** Bytes of the file that a link saves. */
const saved = async (id: string) => [
  ...new Uint8Array(await (await fetch((document.getElementById(id) as HTMLAnchorElement).href)).arrayBuffer()),
];

test('the verdict of numbers begins above R² 0, with a true minus sign', () => {
  const outcome = { judgedOn: 50, task: 'numbers', byFolds: 'Judged by folds.', stopped: false, secondLook: undefined } as const;
  const verdict = (score: number, constant: number) => verdictOf({ ...outcome, score, constant }, 'price');
  expect(verdict(-0.012, -0.034)).toMatch(/^No better than always the same answer, on 50 rows .* \(R² \u22120\.012\)\.$/);
  expect(verdict(-0.05, -0.034)).toMatch(/^No better/);
  expect(verdict(0, -0.034)).toMatch(/^No better/);
  expect(verdict(0.2, -0.034)).toMatch(/^R² 0\.200 on 50 rows .*: the share of what moves price that it explains\.$/);
  expect(verdictOf({ ...outcome, task: 'classes', score: 0.5, constant: 0.4 }, 'kind')).toMatch(/^Right on 50 % of 50 rows/);
  const secondLook = 'The mean absolute error says otherwise.';
  expect(verdictOf({ ...outcome, score: -1, constant: 0, secondLook }, 'fare')).toMatch(
    /^By R² alone no better than always the same answer, on 50 rows .* \(R² \u22121\.000\)\. The mean absolute error says otherwise\.$/,
  );
});

test('every engine learns the irises to the same bits', { timeout: 900_000 }, async () => {
  const site = await serveFolder(await builtSite());
  const files: string[] = [];
  try {
    for (const name of (Object.keys(engines) as EngineName[]).filter(isInstalled)) {
      const browser = await openBrowser(name, { width: 1000, height: 900 });
      try {
        const tab = await browser.newPage();
        await tab.goto(`${site.origin}/table.html`);
        const page = await paced(tab);
        await page.evaluate(press, 'example');
        await waitFor(page, asks, { args: ['iris.csv'] });
        await train(page, 'quick');
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

describe.skipIf(!isInstalled('Chromium'))('in Chromium, opened from the folder', { timeout: 600_000 }, () => {
  const openTab = tabs('Chromium', { width: 1000, height: 900 });
  let folder: string;
  let made: string;
  beforeAll(async () => {
    folder = await builtSite();
  }, 600_000);
  beforeEach(() => {
    made = mkdtempSync(join(tmpdir(), 'table-'));
  });
  afterEach(() => rmSync(made, { recursive: true }));
  const open = () => openTab(pathToFileURL(join(folder, 'table.html')).href);
  const openIrises = async (): Promise<BrowserPage> => {
    const page = await open();
    await page.evaluate(press, 'example');
    await waitFor(page, asks, { args: ['iris.csv'] });
    return page;
  };

  test('irises are learnt, judged and reported on, and the code prints the same score in Node', async () => {
    const page = await openIrises();
    expect(await page.evaluate(shown, 'shape')).toContain('150 rows, 5 columns');
    expect(await page.evaluate(() => (document.getElementById('task') as HTMLSelectElement).value)).toBe('classes');
    await train(page, 'quick');
    const [, right] = /Right on ([\d.]+) % of 150 rows/.exec(await page.evaluate(shown, 'verdict'))!.map(Number);
    expect(right).toBeGreaterThan(85);
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

  test('a dropped file with a number to learn, and one that cannot be learnt from', async () => {
    const page = await open();
    const rows = Array.from({ length: 120 }, (_, i) => `${i % 12},${(i * 7) % 10},${3 * (i % 12) - ((i * 7) % 10)}`);
    await page.evaluate(drop, ['area,age,price', ...rows].join('\n'), 'houses.csv');
    await waitFor(page, asks, { args: ['houses.csv'] });
    expect(await page.evaluate(shown, 'shape')).toContain('120 rows, 3 columns');
    expect(await page.evaluate(() => (document.getElementById('task') as HTMLSelectElement).value)).toBe('numbers');
    await train(page, 'quick');
    const [, explained] = /R² ([\d.]+) on 120 rows/.exec(await page.evaluate(shown, 'verdict'))!.map(Number);
    expect(explained).toBeGreaterThan(0.9);

    // A column that counts the rows is left out, which is said, and taken back by a button.
    await page.evaluate(drop, ['a,b,y', ...rows.map((_, a) => `${a},${(a * 7919) % 13},${3 * a + 2}`)].join('\n'), 'line.csv');
    await waitFor(page, asks, { args: ['line.csv'] });
    await train(page, 'quick');
    expect(await page.evaluate(shown, 'verdict')).toMatch(/^No better than always the same answer, on 120 rows/);
    expect(await page.evaluate(shown, 'left')).toMatch(
      /^Column "a" was left out: it counts .* the order of the rows\. Keep a, train again$/,
    );
    await page.evaluate(() => document.querySelector<HTMLButtonElement>('#left button')!.click());
    await waitFor(page, shown, { args: ['result'], seconds: 240 }); // which the click has hidden
    expect(await page.evaluate(shown, 'verdict')).toMatch(/^R² (1\.000|0\.99)/);
    expect(await page.evaluate(shown, 'left')).toBe('');
    expect(await page.evaluate(() => document.getElementById('text')!.textContent)).toContain("{ keep: ['a'] }");

    await page.evaluate(drop, 'a,b\n1,2\n3,4', 'small.csv');
    await waitFor(page, () => /small\.csv has 2 rows/.test(document.getElementById('trouble')?.textContent ?? ''));
    expect(page.errors).toEqual([]);
  });

  test('folds find what feedforward train prints, to the last digit; rows held out score what it prints', async () => {
    const page = await open();
    // Below this number the page judges by folds, as the command does.
    const source = (path: string) => readFileSync(join(root, path), 'utf8');
    const constant = (name: string, text: string) => new RegExp(`^(?:export )?const ${name} = (\\d+);`, 'm').exec(text)?.[1];
    for (const name of ['fewRows', 'deals']) {
      expect(constant(name, source('site/table/code.ts')), name).toMatch(/\d/);
      expect(constant(name, source('site/table/code.ts')), name).toBe(constant(name, source('src/cli/train.ts')));
    }
    const table = (rows: number) =>
      [
        'id,area,age,garden,price,dear',
        ...Array.from({ length: rows }, (_, i) => {
          const [area, age, garden] = [30 + ((i * 37) % 90), (i * 53) % 71, i % 3 === 0 ? 'yes' : 'no'];
          const price = 3 * area - age + (garden === 'yes' ? 40 : 0) + ((i * 7919) % 61);
          return `${i + 1},${area},${age},${garden},${price},${price > 220 ? 'dear' : 'cheap'}`;
        }),
      ].join('\n');
    for (const [rows, target, task] of [
      [120, 'dear', 'classification'],
      [120, 'price', 'regression'],
      [310, 'dear', 'classification'],
    ] as const) {
      const name = `houses-${rows}-${target}.csv`;
      writeFileSync(join(made, name), table(rows));
      await page.evaluate(drop, table(rows), name);
      await waitFor(page, asks, { args: [name] });
      await page.evaluate(choose, 'target', target);
      await train(page, 'quick');
      const { scores, baselines, standardErrors } = JSON.parse(
        execFileSync(
          process.execPath,
          [
            join(root, 'dist/cli.js'),
            'train',
            join(made, name),
            '--target',
            target,
            '--task',
            task,
            '--preset',
            'quick',
            '--deterministic',
            '--json',
            '--quiet',
            '-o',
            join(made, 'command.ff'),
          ],
          { encoding: 'utf8', maxBuffer: 1e8 },
        ),
      );
      const main = task === 'regression' ? 'r2' : 'accuracy';
      if (rows >= 300) {
        expect(await page.evaluate(shown, 'folds')).toBe('');
        expect(await page.evaluate(() => document.getElementById('text')!.textContent)).toContain(`// ${scores[main]}\n`);
        continue;
      }
      const words = await page.evaluate(shown, 'folds');
      const figure = (value: number) => String(Number(value.toPrecision(4)));
      expect(words).toContain('5-fold cross-validation, dealt twice: 10 models');
      expect(words).toContain(
        `${task === 'regression' ? 'R^2' : 'accuracy'} ${figure(scores[main])} ± ${figure(standardErrors.model)};`,
      );
      expect(words).toContain(`linear model ${figure(baselines.linear.scores[main])} ± ${figure(standardErrors.linear)},`);
      expect(words).toContain(`always the same ${figure(baselines.constant.scores[main])} ± ${figure(standardErrors.constant)}.`);
      expect(await page.evaluate(() => document.getElementById('text')!.textContent)).toContain(`// ${scores[main]}\n`);
      expect(await page.evaluate(() => document.querySelector('iframe')!.srcdoc)).toContain(
        '5-fold cross-validation, dealt twice',
      );
    }

    expect(page.errors).toEqual([]);
  });

  test('a model that is stopped after the folds has not their score, and no report; among the folds there is no model', async () => {
    const page = await openIrises();
    await page.evaluate(() => {
      const state = document.getElementById('state')!;
      const watch = new MutationObserver(() => {
        if (!/^Epoch \d+ of \d+ at most/.test(state.textContent!)) return;
        watch.disconnect();
        document.getElementById('stop')!.click();
      });
      watch.observe(state, { childList: true, characterData: true, subtree: true });
    });
    await train(page, 'best');
    expect(await page.evaluate(shown, 'state')).toMatch(/^You stopped it after \d+ epochs on 150 rows/);
    expect(await page.evaluate(shown, 'verdict')).toMatch(
      /^You stopped the model trained on all rows early: nothing has judged it, .*trained to their end: Right on [\d.]+ % of 150 rows/,
    );
    expect(await page.evaluate(shown, 'folds')).toContain('stopped early: the figures are not its');
    for (const id of ['report', 'save', 'code'])
      expect(await page.evaluate((id: string) => document.getElementById(id)!.hidden, id), id).toBe(true);

    // Stopped among the folds, there is no model; the question is there again.
    await page.evaluate(() => {
      for (const id of ['train', 'stop']) document.getElementById(id)!.click();
    });
    await waitFor(page, shown, { args: ['trouble'] });
    expect(await page.evaluate(shown, 'trouble')).toBe('Stopped before there was a model.');
    expect(await page.evaluate(() => document.getElementById('train')!.hidden)).toBe(false);
    expect(page.errors).toEqual([]);
  });

  test('a table that is dropped while another is learnt takes its place', async () => {
    const page = await openIrises();
    await page.evaluate(choose, 'preset', 'best');
    await page.evaluate(press, 'train');
    const rows = Array.from({ length: 120 }, (_, i) => `${i % 12},${(i * 7) % 10},${3 * (i % 12) - ((i * 7) % 10)}`);
    await page.evaluate(drop, ['area,age,price', ...rows].join('\n'), 'houses.csv');
    await waitFor(page, asks, { args: ['houses.csv'] });
    await train(page, 'quick');
    expect(await page.evaluate(shown, 'verdict')).toMatch(/^R² [01]\.\d+ on 120 rows/);
    expect(await page.evaluate(shown, 'state')).toMatch(/^Trained for \d+ epochs on 120 rows/);
    expect(await page.evaluate(() => document.querySelector('iframe')!.srcdoc)).toContain('price of houses.csv');
    expect(page.errors).toEqual([]);
  });

  test('axe finds nothing, light and dark', async () => {
    const page = await openIrises();
    for (const theme of ['light', 'dark'] as const) expect(await violationsOf(page, theme)).toEqual([]);
  });
});
