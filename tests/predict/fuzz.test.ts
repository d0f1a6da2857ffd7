// Damaged and hostile model files: the predictor reads them, or refuses them with a FeedforwardError, and what it reads predicts numbers.

import { expect, test } from 'vitest';
import { Table } from '../../src/data/table.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { readModelFile } from '../../src/formats/modelFile.js';
import { MLP } from '../../src/mlp/mlp.js';
import { batchNorm, dense, embedding, layerNorm, rescale, residual } from '../../src/plan/layers.js';
import { mutants, readAll, tampered } from '../support/fuzz.js';
import { changeFile } from '../support/modelFiles.js';

const runs = Number(process.env['FUZZ_RUNS'] ?? 400);
const records = Array.from({ length: 24 }, (_, i) => ({
  size: i % 5 === 1 ? null : i,
  colour: ['red', 'blue'][i % 2],
  day: new Date(i * 1e8),
  price: i * i,
}));
const quiet = { onWarning: false, epochs: 1, hiddenLayers: [3] } as const;
const files = {
  model: new MLP({
    inputs: 3,
    layers: [
      rescale({ center: 1, scale: 2 }),
      embedding({ column: 1, categories: 3, size: 2 }),
      dense(4, { activation: 'elu' }),
      batchNorm(),
      residual([layerNorm(), dense(5)]),
      dense(1),
    ],
  }).save(),
  classifier: new MLPClassifier(quiet).fitSync(Table.fromRecords(records), 'colour').save(),
  regressor: new MLPRegressor({ ...quiet, scale: 'robust' }).fitSync(Table.fromRecords(records), 'price').save(),
};

function use(bytes: Uint8Array): void {
  const predictor = loadPredictor(bytes);
  const width = predictor.inputs;
  const out = predictor.predictInto(new Float32Array(2 * width).fill(0.5), new Float32Array(2 * predictor.outputs));
  expect(out.length).toBe(2 * predictor.outputs);
  predictor.predict([new Array(width).fill(1)]);
  if (predictor.kind !== 'model') predictor.predict(records.slice(0, 3));
}

test.each(Object.entries(files))('bytes of a %s changed, cut and doubled: refused, or the same file', (_, file) => {
  expect([...readAll(use, [file]).keys()]).toEqual(['read']);
  const outcomes = readAll(use, mutants(file, runs));
  expect(outcomes.get('ERR_FORMAT')).toBeGreaterThan(runs / 3);
});

test.each(
  Object.entries(files).flatMap(([kind, file]) =>
    ['model', 'estimator', 'scaler', 'targetScaler', 'labels']
      .filter((name) => changedSections(file).has(name))
      .map((name) => [kind, name, file] as const),
  ),
)('a %s whose section %s holds anything, with a checksum that fits', (_, name, file) => {
  const state = JSON.parse(changedSections(file).get(name)!);
  const changed = function* () {
    for (const text of tampered(state, runs))
      yield changeFile(file, ({ metadata }) => metadata.set(name, new TextDecoder().decode(text)));
  };
  const outcomes = readAll(use, changed());
  expect(outcomes.get('ERR_FORMAT')! + (outcomes.get('ERR_UNSUPPORTED') ?? 0)).toBeGreaterThan(runs / 20);
});

test('what the strict reader of model files refuses as no whole, unchanged file, the predictor refuses too', () => {
  const verdict = (read: () => unknown): string => {
    try {
      read();
      return 'read';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  let refused = 0;
  for (const bytes of mutants(files.model, runs, 7)) {
    const strict = verdict(() => readModelFile(bytes));
    if (strict === 'read') continue;
    refused++;
    expect(verdict(() => loadPredictor(bytes))).not.toBe('read');
  }
  expect(refused).toBeGreaterThan(runs / 2);
});

function changedSections(file: Uint8Array): Map<string, string> {
  let found = new Map<string, string>();
  changeFile(file, ({ metadata }) => {
    found = new Map(metadata);
  });
  return found;
}
