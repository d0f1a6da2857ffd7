// Exported networks whose columns lie far from 0: what stands in front of them, a scaler or a rescale layer, subtracts in float64.

import { describe, expect, test } from 'vitest';
import { MinMaxScaler, StandardScaler } from '../../src/data/scalers/index.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { build } from '../../src/formats/imported.js';
import { exportModule } from '../../src/formats/standalone.js';
import { exportWasm } from '../../src/predict/standalone/wasm.js';
import { MLP } from '../../src/mlp/mlp.js';
import { dense, noise, rescale, type LayerSpec } from '../../src/plan/layers.js';
import { codeOf } from '../support/errors.js';
import { largestDifference, load, randomModel, start, type Exported } from '../support/standalone.js';

/** Ten minutes of unix seconds (float32 has one number in 128 of them), and a column around 0. */
const rows = Array.from({ length: 40 }, (_, i) => [1_700_000_000 + 15.1 * i, Math.sin(i)]);
const center = [1_700_000_300.5, 0.1];
const scale = [175, 0.7];
const behind: LayerSpec[] = [dense(5, { activation: 'tanh' }), dense(2)];
const front = rescale({ center, scale, gain: [2, 0.5] });
const tolerance = 1e-6;

const exporters: [
  string,
  (model: Parameters<typeof exportWasm>[0], around?: Parameters<typeof exportWasm>[1]) => Promise<Exported>,
][] = [
  ['the JavaScript module', (model, around) => load(exportModule(model, around).code)],
  ['the WebAssembly module', (model, around) => start(exportWasm(model, around))],
];

describe.each(exporters)('%s', (_, open) => {
  test.each([
    ['first', [front, ...behind]],
    ['behind noise', [noise(0.1), front, ...behind]],
    ['alone', [front]],
    ['twice', [front, rescale({ center: 0.5, scale: 2 }), ...behind]],
  ])('predicts what a network with a rescale layer %s predicts', async (_where, layers) => {
    const source = randomModel({ inputs: 2, layers });
    const { predict, selfTest } = await open(source);
    expect(largestDifference(predict(rows).flat(), source.predict(rows).data)).toBeLessThan(tolerance);
    expect(selfTest()).toBeLessThan(tolerance);
  });

  test('a gain of 0 leaves its column out and the self-test passes', async () => {
    const source = new MLP({ inputs: 2, layers: [rescale({ center, scale, gain: [0, 1] }), ...behind] });
    const { predict, selfTest } = await open(source);
    expect(largestDifference(predict(rows).flat(), source.predict(rows).data)).toBeLessThan(tolerance);
    expect(selfTest()).toBeLessThan(tolerance);
  });

  test('a scaler and a rescale layer behind it work one after the other', async () => {
    const source = randomModel({ inputs: 2, layers: [rescale({ center: [-0.5, 1], scale: [2, 3] }), ...behind] });
    for (const scaler of [new StandardScaler(), new MinMaxScaler({ clip: true })]) {
      scaler.fit(rows.slice(0, 30));
      const { predict, selfTest } = await open(source, { scaler });
      expect(largestDifference(predict(rows).flat(), source.predict(scaler.transform(rows)).data)).toBeLessThan(tolerance);
      expect(selfTest()).toBeLessThan(tolerance);
    }
  });

  test('an estimator is exported with its scaler, and one that scales by a rescale layer with that', async () => {
    const y = rows.map(([t]) => Math.sin((t! - 1_700_000_000) / 90));
    const fit = { epochs: 20, seed: 1 };
    for (const estimator of [
      new MLPRegressor({ hiddenLayers: [8], ...fit }),
      new MLPRegressor({ hiddenLayers: [rescale({ center, scale }), 8], scale: 'none', ...fit }),
    ]) {
      estimator.fitSync(rows, y);
      const { predict } = await open(estimator as never);
      expect(largestDifference(predict(rows).flat(), estimator.predict(rows) as Float64Array)).toBeLessThan(1e-5);
    }
  });
});

test('an estimator without a scaler hands its rows to a rescale layer as they are', () => {
  const y = rows.map(([t]) => Math.sin((t! - 1_700_000_000) / 90));
  const options = {
    epochs: 60,
    seed: 1,
    hiddenLayers: [rescale(new StandardScaler().fit(rows)), 8],
    scale: 'none',
    l2: 0,
  } as const;
  const mine = new MLPRegressor(options).fitSync(rows, y);
  // The weights start by the names of their layers: a layer that does nothing keeps those alike.
  const theirs = new MLPRegressor({ ...options, hiddenLayers: [rescale({}), 8], scale: 'standard' }).fitSync(rows, y);
  expect(largestDifference(mine.predict(rows) as Float64Array, theirs.predict(rows) as Float64Array)).toBeLessThan(1e-4);
  const loaded = MLPRegressor.load(mine.save());
  expect(loaded.predict(rows)).toEqual(mine.predict(rows));
});

test('a .wasm says what its rows are made of', () => {
  expect(exportWasm(randomModel({ inputs: 2, layers: [front, ...behind] })).inputType).toBe('float64');
  expect(exportWasm(randomModel({ inputs: 2, layers: behind }), { scaler: new StandardScaler().fit(rows) }).inputType).toBe(
    'float64',
  );
  const around0 = new StandardScaler({ withMean: false }).fit(rows);
  expect(exportWasm(randomModel({ inputs: 2, layers: behind }), { scaler: around0 }).inputType).toBe('float64');
  expect(exportWasm(randomModel({ inputs: 2, layers: behind })).inputType).toBe('float32');
  expect(exportWasm(randomModel({ inputs: 2, layers: [rescale({ scale: 2 }), ...behind] })).inputType).toBe('float32');
});

test('build takes an imported network whose gains are in its options, and no other without its tensors', () => {
  const dense1 = new Map([
    ['layers.1.weight', { shape: [2, 1], values: Float32Array.of(1, 1) }],
    ['layers.1.bias', { shape: [1], values: Float32Array.of(0) }],
  ]);
  const layers = [rescale({ center: [100, 10], scale: [5, 2], gain: [1, 3] }), dense(1)];
  const model = build(MLP, { options: { inputs: 2, layers }, parameters: dense1 });
  expect([
    ...model.predict([
      [100, 10],
      [110, 14],
    ]).data,
  ]).toEqual([0, 8]);
  expect([
    ...model.forward(
      [
        [100, 10],
        [110, 14],
      ],
      { training: true },
    ).data,
  ]).toEqual([0, 8]);
  expect(codeOf(() => build(MLP, { options: { inputs: 2, layers }, parameters: new Map([...dense1].slice(0, 1)) }))).toBe(
    'ERR_SHAPE',
  );
});
