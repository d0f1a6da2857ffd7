// inputGradient of exported code: the derivatives that the predictor gives, in the units of the rows and of the answers, for every activation, kind of
// layer and scaler; and what has none is refused by name.

import { describe, expect, test } from 'vitest';
import { Table } from '../../src/data/table.js';
import { MinMaxScaler, RobustScaler, StandardScaler } from '../../src/data/scalers/index.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import type { ModuleOptions } from '../../src/formats/network.js';
import { exportModule } from '../../src/formats/standalone.js';
import { exportWasm } from '../../src/predict/standalone/wasm.js';
import { MLP } from '../../src/mlp/mlp.js';
import { activationNames } from '../../src/plan/activations.js';
import { dense } from '../../src/plan/layers.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { activationNetwork, everyNetwork, randomRows } from '../support/network.js';
import { largestDifference, load, randomModel, rowsOf, start, type Exported } from '../support/standalone.js';

type Source = Parameters<typeof exportWasm>[0];
interface WithGradient extends Exported {
  inputGradient(rows: readonly unknown[], output?: number): (number[] & Record<string, number>)[];
}
interface Exporter {
  open(source: Source, options?: ModuleOptions): Promise<WithGradient>;
  /** How far a derivative may be from the model's, relative to it where it is beyond 1. */
  readonly tolerance: number;
}
const gradient = true;
const exporters: Record<string, Exporter> = {
  exportWasm: {
    open: async (source, options) => start(exportWasm(source, { ...options, gradient })) as Promise<WithGradient>,
    tolerance: 0,
  },
  exportModule: {
    open: async (source, options) => (await load(exportModule(source, { ...options, gradient }).code)) as WithGradient,
    tolerance: 2e-5, // derivatives of the core are float32 from layer to layer
  },
};
const flat = (name: string) => name === 'sign' || name === 'step';
const model = (options: MLPOptions) => randomModel({ ...options, deterministic: true });

describe.each(Object.entries(exporters))('%s', (exporter, { open, tolerance }) => {
  test.each([
    ...activationNames.filter((name) => !flat(name)).map((name) => [name, activationNetwork(name)] as const),
    ...Object.entries(everyNetwork),
  ])('%s: has the derivatives of the model, of every output', async (_, options) => {
    const source = model(options);
    const { inputGradient } = await open(source);
    const x = randomRows(70, source.inputs);
    for (let output = 0; output < source.outputs; output++) {
      const want = source.inputGradient({ data: x, shape: [70, source.inputs] }, output).data;
      expect(largestDifference(inputGradient(rowsOf(x, source.inputs), output).flat(), want)).toBeLessThanOrEqual(tolerance);
    }
    expect(inputGradient([])).toEqual([]);
  });

  test('at kinks, at 0 and far from it, of every activation', async () => {
    for (const name of activationNames.filter((name) => !flat(name))) {
      const source = new MLP({ inputs: 1, layers: [dense(1, { activation: name, bias: false })], deterministic: true });
      source.parameters()[0]!.set([1]);
      // At its kinks hardSwish has two slopes, of which core and code take one each.
      const kinks = name === 'hardSwish' ? [2.999, -3.001] : [3, -3];
      const x = Float32Array.from([0, -0, ...kinks, 1e-20, -1e-20, 0.5, -7, 30, -30, 1e3, -1e3, 1e20, -1e20]);
      const { inputGradient } = await open(source);
      const want = source.inputGradient({ data: x, shape: [x.length, 1] }).data;
      expect([name, largestDifference(inputGradient(rowsOf(x, 1)).flat(), want) <= tolerance]).toEqual([name, true]);
    }
  });

  test.each([new StandardScaler(), new MinMaxScaler({ range: [-1, 1], clip: true }), new RobustScaler()])(
    'in the units of rows and answers: differences of the answers themselves (%#)',
    async (scaler) => {
      const rows = Array.from({ length: 30 }, (_, i) => [Math.sin(i) * 40 + 1e5, Math.cos(3 * i)]);
      scaler.fit(rows.slice(0, 20));
      const targetScaler = new StandardScaler().fit(rows.map((_, i) => [100 * i, i / 7]));
      const source = model({ inputs: 2, layers: [dense(7, { activation: 'tanh' }), dense(2)] });
      const { inputGradient, predict } = await open(source, { scaler, targetScaler });
      for (const output of [0, 1])
        for (const [j, step] of [0.5, 0.02].entries()) {
          const moved = (by: number) =>
            predict(rows.map((row) => row.map((x, k) => (k === j ? x + by : x)))).map((y) => y[output]!);
          const [above, below] = [moved(step), moved(-step)];
          const spread = Math.max(...above) - Math.min(...above);
          inputGradient(rows, output).forEach((slopes, i) => {
            const difference = (above[i]! - below[i]!) / (2 * step);
            // A row that a clipped scaler holds at its limit on one side only has a kink there.
            const kink =
              'clip' in scaler &&
              [-step, step].some((by) => held(scaler, rows[i]![j]! + by, j) !== held(scaler, rows[i]![j]! - by, j));
            if (!kink)
              expect(Math.abs(slopes[j]! - difference), `row ${i}, column ${j}`).toBeLessThan(
                0.02 * (Math.abs(difference) + spread / 50),
              );
          });
        }
    },
  );

  const passengers = Array.from({ length: 60 }, (_, i) => ({
    Sex: i % 3 === 0 ? 'male' : 'female',
    Age: i % 7 === 2 ? null : 20 + ((i * 7) % 41),
    Fare: 5 + ((i * 13) % 29),
    Alone: i % 5 === 1,
    Survived: (i * 7) % 41 > 20 ? 'yes' : 'no',
    Price: 1000 + 50 * ((i * 13) % 29) - i,
  }));
  const quiet = { hiddenLayers: [8], activation: 'tanh', epochs: 20, seed: 1, deterministic: true, onWarning: false } as const;

  test('of records by the names of the columns that are numbers, in the units of the table', async () => {
    const regressor = new MLPRegressor(quiet).fitSync(Table.fromRecords(passengers).drop(['Survived']), 'Price');
    const { inputGradient } = await open(regressor as never);
    const predictor = loadPredictor(regressor.save());
    const want = predictor.inputGradient(passengers);
    const names = ['Age', 'Fare'];
    const got = inputGradient(passengers);
    expect(got.map((row) => Object.keys(row))).toEqual(passengers.map(() => names));
    const columns = names.map((name) => predictor.featureNames!.indexOf(name));
    expect(
      largestDifference(
        got.flatMap((row) => names.map((name) => row[name]!)),
        passengers.flatMap((_, i) => columns.map((j) => want.row(i)[j]!)),
      ),
    ).toBeLessThanOrEqual(tolerance);
    expect(Math.max(...want.data.map(Math.abs))).toBeGreaterThan(1); // prices, not what the network was trained on
  });

  test.each([false, 'temperature', 'platt'] as const)(
    'of a classifier with calibrate: %s it is that of the probability',
    async (calibrate) => {
      const classifier = new MLPClassifier({ ...quiet, calibrate, earlyStopping: true, epochs: 40 }).fitSync(
        Table.fromRecords(passengers).drop(['Price']),
        'Survived',
      );
      const { inputGradient, predict } = await open(classifier as never);
      const records = passengers.filter(({ Age }) => Age !== null);
      const step = 0.25;
      const moved = (by: number) =>
        predict(records.map((record) => ({ ...record, Age: record.Age! + by })) as never).map(([p]) => p!);
      const [above, below] = [moved(step), moved(-step)];
      inputGradient(records).forEach(({ Age }, i) => {
        expect(Math.abs(Age! - (above[i]! - below[i]!) / (2 * step))).toBeLessThan(2e-3);
      });
      if (calibrate === false)
        expect(
          largestDifference(
            inputGradient(records).map(({ Fare }) => Fare!),
            records.map(
              (_, i) =>
                loadPredictor(classifier.save()).inputGradient(records, 1).row(i)[classifier.featureNames.indexOf('Fare')]!,
            ),
          ),
        ).toBeLessThanOrEqual(tolerance);
    },
  );

  test('is there on request alone, and refuses outputs there are not, and networks without derivatives, by name', async () => {
    const source = model({ inputs: 2, layers: [dense(3, { activation: 'tanh' }), dense(2)] });
    const { inputGradient } = await open(source);
    for (const output of [2, -1, 0.5, '0'])
      expect(() => inputGradient([[1, 2]], output as number)).toThrow(`output: expected 0 to 1, got ${output}`);
    expect(() => inputGradient([[1]])).toThrow('rows[0]: expected 2 numbers, got 1');
    const stepped = model({ inputs: 2, layers: [dense(3), dense(1, { activation: 'step' })] });
    const { code, message } = await open(stepped).then(
      () => ({ code: 'opened', message: '' }),
      (error: { code: string; message: string }) => error,
    );
    expect([code, message]).toEqual([
      'ERR_OPTION',
      expect.stringMatching(new RegExp(`${exporter}\\.gradient: layers\\.1 has the activation "step"`)),
    ]);
  });
});

function held(scaler: MinMaxScaler, x: number, j: number): boolean {
  const y = x * scaler.scale[j]! + scaler.min[j]!;
  return y <= scaler.range[0] || y >= scaler.range[1];
}

test('without gradient the code has none of it', () => {
  const source = model({ inputs: 2, layers: [dense(1)] });
  const { code, declaration, wasm } = exportWasm(source);
  const script = exportModule(source);
  for (const text of [code, declaration, script.code, script.declaration]) expect(text).not.toContain('inputGradient');
  expect(WebAssembly.Module.exports(new WebAssembly.Module(wasm)).map(({ name }) => name)).toEqual(['memory', 'heap', 'predict']);
});
