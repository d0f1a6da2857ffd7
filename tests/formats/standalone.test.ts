import { gzipSync } from 'node:zlib';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { MLP } from '../../src/mlp/mlp.js';
import { MinMaxScaler, RobustScaler, StandardScaler } from '../../src/data/scalers/index.js';
import type { PredictingSource, ExportOptions } from '../../src/formats/network.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { exportOnnx } from '../../src/formats/onnx/export.js';
import { importOnnx } from '../../src/formats/onnx/import.js';
import { exportModule } from '../../src/formats/standalone.js';
import { exportWasm } from '../../src/predict/standalone/wasm.js';
import { activationNames } from '../../src/plan/activations.js';
import { dense } from '../../src/plan/layers.js';
import { codeOf, refusal } from '../support/errors.js';
import { activationNetwork, everyNetwork, randomRows } from '../support/network.js';
import { largestDifference, load, randomModel as model, rowsOf, start } from '../support/standalone.js';

// Between layers both are float32; sums inside a layer differ by float32 rounding.
const tolerance = 1e-6;

describe('standalone module', () => {
  test.each(activationNames)('%s: predicts what the model predicts', async (name) => {
    const source = model(activationNetwork(name));
    const { predict, selfTest } = await load(exportModule(source).code);
    const x = randomRows(40, 6);
    expect(largestDifference(predict(rowsOf(x, 6)).flat(), source.predict({ data: x, shape: [40, 6] }).data)).toBeLessThan(
      tolerance,
    );
    expect(selfTest()).toBeLessThan(tolerance);
  });

  test.each(Object.entries(everyNetwork))('%s: predicts what the model predicts', async (_, options) => {
    const source = model(options);
    const { inputs } = source;
    const exported = await load(exportModule(source).code);
    const x = randomRows(20, inputs);
    expect(
      largestDifference(exported.predict(rowsOf(x, inputs)).flat(), source.predict({ data: x, shape: [20, inputs] }).data),
    ).toBeLessThan(3 * tolerance);
    expect(exported.selfTest()).toBeLessThan(3 * tolerance);
    expect([exported.inputs, exported.outputs]).toEqual([inputs, source.outputs]);
  });

  test('extreme inputs give the model’s limits', async () => {
    for (const name of activationNames) {
      const source = new MLP({ inputs: 1, layers: [dense(1, { activation: name, bias: false })] });
      source.parameters()[0]!.set([1]);
      const x = Float32Array.from([0, 1e-30, -1e-30, 20, -20, 90, -90, 1e4, -1e4]);
      const { predict } = await load(exportModule(source).code);
      expect([
        name,
        largestDifference(predict(rowsOf(x, 1)).flat(), source.predict({ data: x, shape: [9, 1] }).data) < tolerance,
      ]).toEqual([name, true]);
    }
  });

  test('a 10-64-64-1 network is below 30 kB gzipped', () => {
    const { code } = exportModule(model(everyNetwork['one hidden layer']!));
    const size = gzipSync(code).length;
    console.log(`standalone 10-64-64-1: ${code.length} bytes, ${size} gzipped`);
    expect(size).toBeLessThan(30_000);
  });

  test('only the functions a network needs are in its module', () => {
    const { code } = exportModule(model(everyNetwork['a lone unit']!));
    for (const name of ['softmax', 'layerNorm', 'normalCdf', 'softplus', 'batchNorm', 'add('])
      expect(code).not.toContain(`function ${name}`);
    expect(code).not.toMatch(/\b(import|require|eval|Function)\b/);
  });

  test('scalers before and behind, labels and feature names are built in', async () => {
    const source = model(everyNetwork['a classifier']!);
    const rows = Array.from({ length: 30 }, (_, i) => [Math.sin(i) + 5, 1e6 + 3 * Math.cos(i), i, -i / 7]);
    const given = rows.map((row) => Array.from(Float32Array.from(row)));
    const targetScaler = new StandardScaler().fit(Array.from({ length: 30 }, (_, i) => [i, Math.sin(i), 100 + i]));
    for (const scaler of [new StandardScaler(), new MinMaxScaler({ range: [-1, 1], clip: true }), new RobustScaler()]) {
      scaler.fit(rows.slice(0, 20));
      const around: ExportOptions = { scaler, targetScaler, labels: ['a', '</script>', 3], featureNames: ['w', 'x', 'y', 'ü'] };
      const { code } = exportModule(source, around);
      expect(code).not.toContain('</script>');
      const exported = await load(code);
      const want = targetScaler.inverseTransform(source.predict(scaler.transform(given)));
      expect(largestDifference(exported.predict(given).flat(), want.data)).toBeLessThan(tolerance);
      expect(exported.selfTest()).toBeLessThan(tolerance);
      expect(exported.labels).toEqual(around.labels);
      expect(exported.featureNames).toEqual(around.featureNames);
      expect(exported.classify(given)).toEqual(want.toArray().map((y) => around.labels![y.indexOf(Math.max(...y))]));
    }
    const binary = model(everyNetwork['a binary classifier']!);
    const { classify, predict } = await load(exportModule(binary, { labels: [false, true] }).code);
    const x = rowsOf(randomRows(20, 4), 4);
    expect(classify(x)).toEqual(predict(x).map(([p]) => p! > 0.5));
  });

  test('a fitted estimator goes out with its scaler, its classes and the names of its columns', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => [Math.sin(i) * 30, (i % 3) + Math.cos(i) / 4, i]);
    for (const names of [
      ['a', 'b', 'c'],
      ['no', 'yes'],
    ]) {
      const y = rows.map((_, i) => names[i % names.length]!);
      const clf = new MLPClassifier({ hiddenLayers: [8], epochs: 30, scale: 'standard', seed: 1 }).fitSync(rows, y);
      const exported = await load(exportModule(clf).code);
      const net = await start(exportWasm(clf));
      expect(exported.labels).toEqual(clf.classes);
      for (const { classify, predict } of [exported, net]) {
        expect(classify(rows)).toEqual(clf.predict(rows));
        const p = clf.predictProba(rows).toArray();
        expect(
          largestDifference(
            predict(rows).flat(),
            p.flatMap((row) => (row.length === 2 ? row.slice(1) : row)),
          ),
        ).toBeLessThan(tolerance);
      }
      expect(importOnnx(exportOnnx(clf)).labels).toEqual(clf.classes);
    }
    const regressor = new MLPRegressor({ hiddenLayers: [8], epochs: 30, scale: 'standard', seed: 1 }).fitSync(
      rows,
      rows.map(([a, b]) => 1000 + a! * b!),
    );
    const { predict } = await load(exportModule(regressor).code);
    const want = regressor.predict(rows) as unknown as ArrayLike<number>;
    expect(largestDifference(predict(rows).flat(), Array.from(want))).toBeLessThan(tolerance);
  });

  test('averaged weights are what predict uses, so they are what is exported', async () => {
    const source = new MLP({ inputs: 3, layers: [dense(4, { activation: 'tanh' }), dense(1)], weightAveraging: { decay: 0.9 } });
    const x = { data: randomRows(20, 3), shape: [20, 3] as const };
    source.fitSync(x, { data: randomRows(20, 1, 5), shape: [20, 1] }, { epochs: 20 });
    const { predict } = await load(exportModule(source).code);
    expect(largestDifference(predict(rowsOf(x.data, 3)).flat(), source.predict(x).data)).toBeLessThan(tolerance);
  });

  test('the self-test finds a changed weight, and predict refuses rows of another length', async () => {
    const source = model(everyNetwork['a classifier']!);
    const { code } = exportModule(source);
    const broken = await load(code.replace(/decode\("[^"]{64}/, `decode("${'A'.repeat(64)}`)); // the first twelve weights are 0
    expect(() => broken.selfTest()).toThrow('self-test: output');
    const { predict } = await load(code);
    for (const rows of [[[1, 2, 3]], [[1, 2, 3, 4, 5]], [5], [undefined]])
      expect(() => predict(rows as number[][])).toThrow('rows[0]: expected 4 numbers');
  });

  test('the declaration and the module type-check together, strictly', () => {
    const { declaration } = exportModule(model(everyNetwork['a classifier']!), { labels: ['a', 'b', 3] });
    const files: Record<string, string> = {
      '/model.d.ts': declaration,
      '/use.ts': `import { classify, inputs, labels, outputs, predict, selfTest } from './model.js';
        const four: 4 = inputs; const three: 3 = outputs; const y: number[][] = predict([[1, 2, 3, 4], new Float32Array(4)]);
        const label: 'a' | 'b' | 3 = classify([])[0]!; const difference: number = selfTest(); export { four, three, y, label, difference, labels };`,
    };
    const host = ts.createCompilerHost({});
    const { getSourceFile, fileExists, readFile } = host;
    host.getSourceFile = (name, target) =>
      name in files ? ts.createSourceFile(name, files[name]!, target) : getSourceFile.call(host, name, target);
    host.fileExists = (name) => name in files || fileExists.call(host, name);
    host.readFile = (name) => files[name] ?? readFile.call(host, name);
    const program = ts.createProgram(
      ['/use.ts'],
      {
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        types: [],
      },
      host,
    );
    expect(ts.getPreEmitDiagnostics(program).map((d) => ts.flattenDiagnosticMessageText(d.messageText, '\n'))).toEqual([]);
  });

  test('fault 83: what cannot be exported is refused by name', () => {
    const source = model(everyNetwork['a classifier']!);
    const forged = (change: (layer: (typeof source.plan.layers)[number]) => object): PredictingSource => ({
      plan: { ...source.plan, layers: source.plan.layers.map((layer) => ({ ...layer, ...change(layer) })) },
      parameters: () => source.parameters(),
      predict: (X) => source.predict(X),
    });
    expect(refusal(() => exportModule(forged(() => ({ kind: 99 })))).message).toContain('layers.0 is of a kind (99)');
    expect(
      refusal(() => exportModule(forged((l) => ({ activation: { ...l.activation, name: 'constructor' } })))).message,
    ).toContain('"constructor"');
    expect(codeOf(() => exportModule(source, { label: [] } as never))).toBe('ERR_OPTION');
    expect(codeOf(() => exportModule(source, { labels: ['a'] }))).toBe('ERR_SHAPE');
    expect(codeOf(() => exportModule(undefined as never))).toBe('ERR_TYPE');
  });
});
