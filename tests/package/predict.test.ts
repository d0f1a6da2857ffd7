// What a page that only predicts pays: `{ loadPredictor }` as a bundler makes it of the build in dist, its weight, that it runs alone and that
// nothing of training came along.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { MLP } from '../../src/mlp/mlp.js';
import { dense } from '../../src/plan/layers.js';
import { bundle } from '../support/bundle.js';

const root = join(import.meta.dirname, '../..');
const page = bundle(root, "export { loadPredictor } from './dist/predict.js';");

test('the predictor and its core weigh at most 20 kB, minified and gzipped', async () => {
  const { code } = await page;
  const size = gzipSync(code, { level: 9 }).length;
  console.log(`{ loadPredictor } minified and gzipped: ${(size / 1000).toFixed(1)} kB`);
  expect(size, `${size} bytes`).toBeLessThanOrEqual(20_000);
  for (const other of ['learningRate:', 'optimizer:', 'Adam', 'papaparse', 'fitSync', 'process.'])
    expect(code.includes(other), other).toBe(false);
});

test('a page with the predictor alone predicts the bits of MLP', async () => {
  const { code } = await page;
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
