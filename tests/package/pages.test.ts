// Pages without a bundler in Chromium and Firefox: the entries by their addresses, by an import map, the one ready file as a module and
// as a classic script, from another origin, and opened by double click. Needs a build in dist.

import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as library from '../../src/entries/page.js';
import { engines, isInstalled, openBrowser } from '../support/browsers.mjs';
import { outcomes } from '../support/realms.js';
import { learnXor } from '../environments/page/learnXor.js';
import { reporter, serveFolder, type Site } from '../support/site.js';
import { packTarball, root, type Tarball } from '../support/tarball.js';

/** What a page does with the library: runs there, refers to nothing outside but what is handed over. */
async function tryAll(
  library: typeof import('../../src/entries/page.js'),
  settings: object,
  learnXor: typeof import('../environments/page/learnXor.js').learnXor,
) {
  const { MLP, baseline, build, exportModule, exportOnnx, importOnnx } = library;
  const { model, options, fit, X, y, ...learnt } = await learnXor(library, settings);
  const outputs = model.predict(X).data;
  const plain = new baseline.MLP({ ...options, deterministic: false });
  await plain.fit(X, y, fit);
  const again = build(MLP, importOnnx(exportOnnx(model))).predict(X).data;
  return {
    ...learnt,
    plain: Array.from(plain.predict(X).data, Math.round).join(' '),
    onnx: again.every((value: number, i: number) => Math.abs(value - outputs[i]!) < 1e-5),
    code: exportModule(model).code.includes('export'),
  };
}

const works = {
  xor: '0 1 1 0',
  plain: '0 1 1 0',
  same: true,
  offThread: true,
  labels: 'yes no yes no',
  onnx: true,
  code: true,
};

const doors = ['index', 'worker', 'onnx', 'safetensors', 'standalone'];

let pack: Tarball;
let site: Site;
let elsewhere: Site; // another origin
beforeAll(async () => {
  pack = packTarball();
  site = await serveFolder(pack.folder);
  elsewhere = await serveFolder(pack.folder);
}, 60_000);
afterAll(() => {
  site?.close();
  elsewhere?.close();
  rmSync(pack.folder, { recursive: true, force: true });
});

/** The pages, by name: what stands in each, and what its worker is told. */
function pages(browser: string): Record<string, string> {
  const dist = 'node_modules/feedforward/dist';
  const go = (library: string, settings = '{}') =>
    `(${tryAll.toString()})(${library}, ${settings}, ${learnXor.toString()}).then(report);`;
  const modules = (from: (door: string) => string, settings?: string) => `<script type="module">
    ${doors.map((door) => `import * as ${door} from '${from(door)}';`).join('\n')}
    import * as baseline from '${from('baseline')}';
    ${go(`{ ${doors.map((door) => `...${door}`).join(', ')}, baseline }`, settings)}</script>`;
  const all = {
    addresses: modules((door) => `./${dist}/${door}.js`),
    map: `<script type="importmap">{ "imports": { "feedforward": "./${dist}/index.js", ${[...doors.slice(1), 'baseline']
      .map((door) => `"feedforward/${door}": "./${dist}/${door}.js"`)
      .join()} } }</script>${modules((door) => (door === 'index' ? 'feedforward' : `feedforward/${door}`))}`,
    foreign: modules((door) => `${elsewhere.origin}/${dist}/${door}.js`),
    'foreign-worker': modules((door) => `./${dist}/${door}.js`, `{ url: '${elsewhere.origin}/${dist}/worker-entry.js' }`),
    one: `<script type="module">import * as feedforward from '${elsewhere.origin}/${dist}/feedforward.min.js';${go('feedforward')}</script>`,
    script: `<script src="${elsewhere.origin}/${dist}/feedforward.global.min.js"></script><script>${go('feedforward')}</script>`,
    policy: `<meta http-equiv="Content-Security-Policy" content="default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src blob:; connect-src 'self'">
      <script type="module">import * as feedforward from './${dist}/feedforward.min.js';${go('feedforward')}</script>`,
    iframe: `<iframe></iframe><script type="module">import * as feedforward from './${dist}/feedforward.min.js';
      (${outcomes.toString()})(feedforward, document.querySelector('iframe').contentWindow).then(report);</script>`,
    file: `<script src="./${dist}/feedforward.global.min.js"></script><script>${go('feedforward')}</script>`,
  };
  return Object.fromEntries(
    Object.entries(all).map(([name, body]) => [
      name,
      `<!doctype html><meta charset="utf-8">${reporter(`${browser} ${name}`, site.origin)}${body}`,
    ]),
  );
}

/** WebKitGTK's driver opens one window at a time, and these pages answer by themselves: the other two show what is asked here. */
const names = (Object.keys(engines) as (keyof typeof engines)[]).filter((name) => name !== 'WebKit' && isInstalled(name));

describe.each(names)('%s', (browser) => {
  let opened: Awaited<ReturnType<typeof openBrowser>>;
  beforeAll(async () => {
    const written = pages(browser);
    for (const [name, text] of Object.entries(written)) pack.write(`${browser}-${name}.html`, text);
    opened = await openBrowser(browser);
    for (const name of Object.keys(written)) {
      const file = `${browser}-${name}.html`;
      await (await opened.newPage()).goto(
        name === 'file' ? pathToFileURL(join(pack.folder, file)).href : `${site.origin}/${file}`,
      );
    }
  }, 120_000);
  afterAll(() => opened?.close());

  test.each([
    ['addresses', 'every entry by its address, in a bare module script'],
    ['map', 'every entry by its name, through an import map'],
    ['foreign', 'every entry from another origin, such as a CDN, the worker too'],
    ['foreign-worker', "a worker whose script is given as another origin's"],
    ['one', 'the one ready file as a module, from another origin'],
    ['script', 'the one ready file as a classic script, from another origin'],
    ['file', 'a page opened by double click'],
    ['policy', 'the one ready file under a content security policy, its worker by blob:'],
  ])('%s: %s', async (name) => {
    expect(await site.found(`${browser} ${name}`)).toEqual(works);
  });

  test('values from an iframe, which are of other classes, give the results of values from here', async () => {
    const there = (await site.found(`${browser} iframe`)) as Record<string, unknown>;
    const here = await outcomes(library, globalThis);
    expect(Object.keys(there)).toEqual(Object.keys(here));
    const close = (a: unknown, b: unknown): void => {
      if (Array.isArray(a)) a.forEach((one, i) => close(one, (b as unknown[])[i]));
      else if (typeof a === 'number')
        expect(a).toBeCloseTo(b as number, 4); // fused multiply-add may differ in the last bits
      else expect(a).toBe(b);
    };
    for (const [name, outcome] of Object.entries(here)) close(there[name], outcome);
  });
});

describe('files for browsers', () => {
  const dist = () => join(pack.folder, 'node_modules/feedforward/dist');
  const nodeOnly = /^(cli|program-.*|search-pool|search-worker|files)\.js$/;

  test('import each other alone: no package by its name', () => {
    const names = readdirSync(dist()).filter((name) => name.endsWith('.js') && !nodeOnly.test(name));
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      const text = readFileSync(join(dist(), name), 'utf8').replace(/`[^`]*`/g, '');
      const imported = [
        ...text.matchAll(/^\s*(?:import|export)\b[^'"\n;]*?(?:from\s*)?['"]([^'"]+)['"];?$|\bimport\(\s*['"]([^'"]+)['"]/gm),
      ];
      for (const [, first, second] of imported) expect(first ?? second, name).toMatch(/^\.\.?\//);
    }
  });

  test.each(['js', 'cjs'])('import each other in no circle (.%s), so that each is whole when it is asked for', (ending) => {
    const names = readdirSync(dist()).filter((name) => name.endsWith(`.${ending}`) && !name.includes('.min.'));
    const imports = new Map(
      names.map((name) => [
        name,
        [
          ...readFileSync(join(dist(), name), 'utf8').matchAll(/(?:from\s*|^import\s*|= ?require\()["'`]\.\/([\w.-]+)["'`]/gm),
        ].map(([, to]) => to!),
      ]),
    );
    expect(imports.get(`index.${ending}`)!.length).toBeGreaterThan(3);
    const done = new Set<string>();
    const visit = (name: string, above: readonly string[]): void => {
      expect(above, [...above, name].join(' -> ')).not.toContain(name);
      if (done.has(name)) return;
      for (const next of imports.get(name) ?? []) visit(next, [...above, name]);
      done.add(name);
    };
    for (const name of names) visit(name, []);
  });

  test('name the licences of all that they hold of others', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      devDependencies: Record<string, string>;
    };
    const held = readdirSync(join(dist(), 'licenses')).sort();
    expect(held).toEqual(['assemblyscript', 'comlink', 'papaparse', 'pbf', 'workerpool']);
    for (const name of held) expect(devDependencies[name], name).toBeDefined();
  });

  test('are named by the fields that CDNs read', () => {
    const { jsdelivr, unpkg } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, string>;
    for (const path of [jsdelivr!, unpkg!])
      expect(readFileSync(join(dist(), '..', path), 'utf8')).toMatch(/globalThis\.feedforward=/);
  });
});
