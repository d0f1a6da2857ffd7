import { describe, expect, test } from 'vitest';
import { MLP } from '../../src/mlp/mlp.js';
import { MinMaxScaler, StandardScaler } from '../../src/data/scalers/index.js';
import { exportModule } from '../../src/formats/standalone.js';
import { exportWasm } from '../../src/predict/standalone/wasm.js';
import { activationNames } from '../../src/plan/activations.js';
import { dense } from '../../src/plan/layers.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { codeOf, refusal } from '../support/errors.js';
import { activationNetwork, everyNetwork, randomRows } from '../support/network.js';
import { largestDifference, randomModel, rowsOf, start, type Exported } from '../support/standalone.js';

/** On the plain simd128 build. */
const model = (options: MLPOptions) => randomModel({ ...options, deterministic: true });

const tolerance = 1e-6;

describe('standalone .wasm', () => {
  test.each(activationNames)('%s: gives the very bits of the model', async (name) => {
    const source = model(activationNetwork(name));
    const { predict, selfTest } = await start(exportWasm(source));
    const x = randomRows(40, 6);
    expect(Float32Array.from(predict(rowsOf(x, 6)).flat())).toEqual(source.predict({ data: x, shape: [40, 6] }).data);
    expect(selfTest()).toBe(0);
  });

  test.each(Object.entries(everyNetwork))('%s: gives the very bits of the model', async (_, options) => {
    const source = model(options);
    const { inputs } = source;
    const exported = exportWasm(source);
    expect(WebAssembly.validate(exported.wasm as BufferSource)).toBe(true);
    const { predict, selfTest } = await start(exported);
    // More rows than go through at a time.
    for (const rows of [1, 2, 3, 70]) {
      const x = randomRows(rows, inputs);
      expect(Float32Array.from(predict(rowsOf(x, inputs)).flat()), `${rows} rows`).toEqual(
        source.predict({ data: x, shape: [rows, inputs] }).data,
      );
    }
    expect(selfTest()).toBe(0);
  });

  test('and so do dense layers of every width from 1 to 40', async () => {
    for (let width = 1; width <= 40; width++) {
      const source = model({ inputs: (width * 7) % 41 || 1, layers: [dense(width, { activation: 'relu' }), dense(41 - width)] });
      const { predict } = await start(exportWasm(source));
      const x = randomRows(3, source.inputs);
      expect(Float32Array.from(predict(rowsOf(x, source.inputs)).flat())).toEqual(
        source.predict({ data: x, shape: [3, source.inputs] }).data,
      );
    }
  });

  test('extreme inputs give the model’s limits', async () => {
    for (const name of activationNames) {
      const source = new MLP({ inputs: 1, layers: [dense(1, { activation: name, bias: false })] });
      source.parameters()[0]!.set([1]);
      // The square of 3e38 is infinite, on both sides.
      const far = name === 'polynomial' ? [1e18, -1e18] : [3e38, -3e38];
      const x = Float32Array.from([0, 1e-30, -1e-30, 20, -20, 90, -90, 1e4, -1e4, ...far]);
      const { predict } = await start(exportWasm(source));
      expect([
        name,
        largestDifference(predict(rowsOf(x, 1)).flat(), source.predict({ data: x, shape: [11, 1] }).data) < tolerance,
      ]).toEqual([name, true]);
    }
  });

  test('many rows make the memory grow, no rows are no rows, and a row never depends on its neighbours', async () => {
    const source = model(everyNetwork['nested residual']!);
    const { predict } = await start(exportWasm(source));
    const x = rowsOf(randomRows(20_000, 4), 4);
    const all = predict(x);
    expect(all.length).toBe(20_000);
    for (const i of [0, 1, 7777, 19_999]) expect(predict([x[i]!])).toEqual([all[i]]);
    expect(predict([])).toEqual([]);
    for (const rows of [[[1, 2, 3]], [5], [undefined]])
      expect(() => predict(rows as number[][])).toThrow('rows[0]: expected 4 numbers');
  });

  test('scalers and labels are built in; bytes, modules and responses are taken', async () => {
    const source = model(everyNetwork['a classifier']!);
    const rows = Array.from({ length: 30 }, (_, i) => [Math.sin(i) + 5, 1e6 + 3 * Math.cos(i), i, -i / 7]);
    const given = rows.map((row) => Array.from(Float32Array.from(row)));
    const targetScaler = new StandardScaler().fit(Array.from({ length: 30 }, (_, i) => [i, Math.sin(i), 100 + i]));
    for (const scaler of [new StandardScaler(), new MinMaxScaler({ range: [-1, 1], clip: true })]) {
      scaler.fit(rows.slice(0, 20));
      const labels = ['a', 'b', 3];
      const exported = exportWasm(source, { scaler, targetScaler, labels });
      const net = await start(exported);
      const want = targetScaler.inverseTransform(source.predict(scaler.transform(given)));
      expect(largestDifference(net.predict(given).flat(), want.data)).toBeLessThan(tolerance);
      expect(net.selfTest()).toBeLessThan(tolerance);
      expect(net.classify(given)).toEqual(want.toArray().map((y) => labels[y.indexOf(Math.max(...y))]));
      const { load } = (await import(`data:text/javascript;base64,${Buffer.from(exported.code).toString('base64')}`)) as {
        load(source: unknown): Promise<Exported>;
      };
      for (const form of [
        new WebAssembly.Module(exported.wasm as BufferSource),
        new Response(exported.wasm as BodyInit),
        Promise.resolve(new Response(exported.wasm as BodyInit)),
      ])
        expect((await load(form)).predict(given)).toEqual(net.predict(given));
      expect(exported.declaration).toContain('readonly ["a","b",3]');
    }
  });

  test('a 10-64-64-1 network is its weights and 6.2 kB', () => {
    const source = model(everyNetwork['one hidden layer']!);
    const { wasm, code } = exportWasm(source);
    const weights = 4 * source.plan.parameterCount;
    console.log(
      `standalone .wasm 10-64-64-1: ${wasm.length} bytes (${weights} of weights), loader ${code.length}; module ${exportModule(source).code.length}`,
    );
    expect(wasm.length - weights).toBeLessThan(6200); // 0.8 of it are the three columns that fill up the last layer's four
  });

  test('it needs nothing from outside and exports memory, heap and predict', () => {
    const module = new WebAssembly.Module(exportWasm(model(everyNetwork['layer norm']!)).wasm as BufferSource);
    expect(WebAssembly.Module.imports(module)).toEqual([]);
    expect(WebAssembly.Module.exports(module).map(({ name, kind }) => `${name}: ${kind}`)).toEqual([
      'memory: memory',
      'heap: global',
      'predict: function',
    ]);
  });

  test('fault 83: what cannot be exported is refused by name', () => {
    const source = model(everyNetwork['a classifier']!);
    const forged = (change: object) => ({
      plan: { ...source.plan, layers: source.plan.layers.map((layer) => ({ ...layer, ...change })) },
      parameters: () => source.parameters(),
      predict: () => ({ data: [] }),
    });
    expect(refusal(() => exportWasm(forged({ kind: 99 }))).message).toContain('layers.0 is of a kind (99)');
    expect(refusal(() => exportWasm(forged({ activation: { name: 'constructor', a: 0, b: 0 } }))).message).toContain(
      '"constructor"',
    );
    expect(codeOf(() => exportWasm(source, { scalar: {} } as never))).toBe('ERR_OPTION');
  });
});
