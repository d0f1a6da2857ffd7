// What a page that only predicts pays: `{ loadPredictor }` of both entries as a bundler makes it of the build in dist, its weight, that it runs alone
// and that nothing of training came along; and a page of it in each browser.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { MLP } from '../../src/mlp/mlp.js';
import { dense } from '../../src/plan/layers.js';
import { Table } from '../../src/data/table.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { engines, isInstalled, openBrowser, waitFor } from '../support/browsers.mjs';
import { bundle } from '../support/bundle.js';

const root = join(import.meta.dirname, '../..');
const pages = {
  predict: bundle(root, "export { loadPredictor } from './dist/predict.js';"),
  'predict/light': bundle(root, "export { loadPredictor } from './dist/predict-light.js';"),
};
const entries = Object.keys(pages) as (keyof typeof pages)[];

/** Bytes, minified and gzipped. Of the light one: the core 6.2 kB, edges between layers 0.9, calibration and thresholds 1.0; the other has all parts. */
const budgets = { predict: 36_000, 'predict/light': 20_000 };

test.each(entries)(
  'the predictor of feedforward/%s and its core stay within their budget, minified and gzipped',
  async (entry) => {
    const { code } = await pages[entry];
    const size = gzipSync(code, { level: 9 }).length;
    console.log(`{ loadPredictor } of feedforward/${entry}, minified and gzipped: ${(size / 1000).toFixed(1)} kB`);
    expect(size, `${size} bytes`).toBeLessThanOrEqual(budgets[entry]);
    for (const other of ['learningRate:', 'optimizer:', 'Adam', 'papaparse', 'fitSync', 'process.'])
      expect(code.includes(other), other).toBe(false);
  },
);

test('each part is in a bundle only where it is handed over', async () => {
  const most = { gradients: 3_900, intervals: 2_500, dates: 2_400, integers: 6_200, approximations: 700 };
  const weigh = ({ code }: { code: string }) => gzipSync(code, { level: 9 }).length;
  const alone = weigh(await pages['predict/light']);
  for (const [part, bytes] of Object.entries(most)) {
    const more = weigh(await bundle(root, `export { loadPredictor, ${part} } from './dist/predict-light.js';`)) - alone;
    console.log(`${part}: ${(more / 1000).toFixed(1)} kB`);
    expect(more, `${part}: ${more} bytes`).toBeLessThanOrEqual(bytes);
    expect(more, part).toBeGreaterThan(300);
  }
});

test.each(entries)('a page with the predictor of feedforward/%s alone predicts the bits of MLP', async (entry) => {
  const { code } = await pages[entry];
  const folder = mkdtempSync(join(tmpdir(), 'predict-'));
  try {
    writeFileSync(join(folder, 'page.mjs'), code);
    const { loadPredictor } = (await import(
      /* @vite-ignore */ pathToFileURL(join(folder, 'page.mjs')).href
    )) as typeof import('../../src/entries/predict.js');
    for (const deterministic of [true, false]) {
      const model = new MLP({ inputs: 2, layers: [dense(16, { activation: 'tanh' }), dense(1)], deterministic });
      expect([
        ...(
          loadPredictor(model.save()).predict([
            [1, 2],
            [3, 4],
          ]) as { data: Float32Array }
        ).data,
      ]).toEqual([
        ...model.predict([
          [1, 2],
          [3, 4],
        ]).data,
      ]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const people = Array.from({ length: 40 }, (_, i) => ({
  Sex: i % 3 === 0 ? 'male' : 'female',
  Age: i % 7 === 2 ? null : 20 + i,
  Survived: i % 2 === 0 ? 'yes' : 'no',
}));

for (const name of Object.keys(engines) as (keyof typeof engines)[])
  test.skipIf(!isInstalled(name))(
    `in ${name} a page with nothing but the predictor answers records as the estimator does here`,
    async () => {
      const model = new MLPClassifier({ hiddenLayers: [8], epochs: 5, seed: 1, deterministic: true, onWarning: false });
      model.fitSync(Table.fromRecords(people), 'Survived');
      const asked = [{ Sex: 'male', Age: 22 }, { Sex: 'other', Age: null }, { Age: '31' }];
      const { code } = await bundle(
        root,
        `import { loadPredictor } from './dist/predict.js';
    const predictor = loadPredictor(await (await fetch('/model.ff')).arrayBuffer());
    const asked = ${JSON.stringify(asked)}.map((record) => [{ Sex: null, ...record }]);
    globalThis.answer = asked.map((records) => [predictor.predict(records)[0], ...predictor.predictProba(records).data]);`,
      );
      const files: Record<string, [type: string, body: string | Uint8Array]> = {
        '/': ['text/html', '<!doctype html><script type="module" src="/page.js"></script>'],
        '/page.js': ['text/javascript', code],
        '/model.ff': ['application/octet-stream', model.save()],
      };
      const server = createServer((request, response) => {
        const [type, body] = files[request.url!] ?? ['text/plain', ''];
        response.setHeader('Content-Type', type);
        response.end(body);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const browser = await openBrowser(name);
      try {
        const tab = await browser.newPage();
        await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
        const answer = await waitFor(tab, () => (globalThis as { answer?: unknown }).answer);
        const wanted = asked.map((record) => {
          const records = [{ Sex: null, ...record }];
          return [model.predict(records)[0], ...model.predictProba(records).data];
        });
        expect(answer).toEqual(wanted);
      } finally {
        await browser.close();
        server.close();
      }
    },
    120_000,
  );
