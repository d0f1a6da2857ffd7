// Every kind of estimator and of layer through every way out: the predictor, the JavaScript module, the WebAssembly module and ONNX. The same answers
// on records with missing cells and unknown categories, or a refusal by name. A kind without a row fails.

import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, test } from 'vitest';
import { CALIBRATION_METHODS } from '../../src/data/certainty/calibration.js';
import { Random } from '../../src/data/random.js';
import { Table } from '../../src/data/table.js';
import * as estimatorNames from '../../src/entries/parts/estimators.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { MLPClassifier, MLPRegressor, Perceptron } from '../../src/entries/parts/estimators.js';
import { exportOnnx } from '../../src/formats/onnx/export.js';
import { exportModule } from '../../src/formats/standalone.js';
import { estimators } from '../../src/predict/answers.js';
import { kinds } from '../../src/predict/layers.js';
import { exportWasm } from '../../src/predict/standalone/wasm.js';
import { everyNetwork, randomRows } from '../support/network.js';
import { largestDifference, load, randomModel, rowsOf, start } from '../support/standalone.js';

const random = new Random(8, 'kinds');
const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
const people = Array.from({ length: 120 }, (_, i) => {
  const age = 20 + random.below(50);
  const town = pick(['Aa', 'Bb', 'Cc']);
  return {
    age: i % 9 === 4 ? null : age,
    fare: Math.exp(2 + random.normal()),
    town: i % 13 === 2 ? null : town,
    yes: age + 12 * random.normal() > 45 ? 'yes' : 'no',
    class: pick(['first', 'second', 'third']),
    price: 1000 * age + 300 * random.normal(),
    weight: 60 + age / 9 + random.normal(),
  };
});
const table = Table.fromRecords(people);
const X = table.drop(['yes', 'class', 'price', 'weight']);
const column = <K extends keyof (typeof people)[number]>(name: K) => people.map((person) => person[name]);
/** A missing number, a missing category, one that training did not see, and all at once. */
const records = [
  ...people.slice(0, 9),
  { age: null, fare: 12, town: 'Bb' },
  { age: 31, fare: 8, town: null },
  { age: 44.5, fare: 30, town: 'Zz' },
  { age: null, fare: 1, town: undefined },
];

const quiet = { hiddenLayers: [9], epochs: 4, seed: 3, deterministic: true, onWarning: false } as const;
const held = { ...quiet, epochs: 15, earlyStopping: true } as const;
const binary = (options: object = quiet) => new MLPClassifier(options).fitSync(X, column('yes'));
const regressor = (options: object = quiet) => new MLPRegressor(options).fitSync(X, column('price'));

type Estimator = MLPClassifier | MLPRegressor;
interface Row {
  readonly make: () => Estimator;
  /** What is refused, by the way out, and how. */
  readonly refused?: Readonly<Partial<Record<Way, RegExp>>>;
}
type Way = 'predictor' | 'exportModule' | 'exportWasm' | 'exportOnnx';

const code = (refusal: RegExp) => ({ exportModule: refusal, exportWasm: refusal, exportOnnx: refusal });
const rows: Readonly<Record<string, Row>> = {
  'MLPClassifier of two classes': { make: () => binary() },
  'MLPClassifier of three classes': { make: () => new MLPClassifier(quiet).fitSync(X, column('class')) },
  'MLPClassifier of several labels': {
    make: () =>
      new MLPClassifier(quiet).fitSync(
        X,
        people.map(({ price, weight }) => [Number(price > 40_000), Number(weight > 65)]),
      ),
  },
  'MLPClassifier, calibrate: temperature': { make: () => binary({ ...held, calibrate: 'temperature' }) },
  'MLPClassifier, calibrate: platt': { make: () => binary({ ...held, calibrate: 'platt' }) },
  'MLPClassifier, calibrate: isotonic': {
    make: () => binary({ ...held, calibrate: 'isotonic' }),
    refused: code(/isotonic regression, which cannot be exported/),
  },
  'MLPClassifier with a threshold': {
    make: () => binary().chooseThreshold(X, column('yes'), { costs: { falseNegative: 9, falsePositive: 1 } }),
    refused: code(/says "yes" from a probability of 0\.\d+ on \(chooseThreshold\)/),
  },
  'MLPClassifier with prediction sets': { make: () => binary().conformalize(X, column('yes')) },
  'MLPRegressor of one target': { make: () => regressor() },
  'MLPRegressor of two targets': {
    make: () =>
      new MLPRegressor(quiet).fitSync(
        X,
        people.map(({ price, weight }) => [price, weight]),
      ),
  },
  'MLPRegressor with intervals': { make: () => regressor().conformalize(X, column('price')) },
  'MLPRegressor of quantiles': { make: () => regressor({ ...quiet, quantiles: [0.1, 0.5, 0.9] }) },
  "MLPRegressor, loss: 'gaussianNll'": {
    make: () => regressor({ ...quiet, loss: 'gaussianNll' }),
    refused: code(/means and deviations \(loss 'gaussianNll'\)/),
  },
  'MLPRegressor, scale: smoothClip': {
    make: () => regressor({ ...quiet, scale: 'smoothClip' }),
    refused: code(/a SmoothClipScaler bends values/),
  },
  ...Object.fromEntries(
    (['quick', 'default', 'best'] as const).flatMap((preset): [string, Row][] => {
      const options = { preset, members: 2, epochs: 2, seed: 1, deterministic: true, onWarning: false };
      return [
        [`MLPClassifier, preset: ${preset}`, { make: () => binary(options) }],
        [`MLPRegressor, preset: ${preset}`, { make: () => regressor(options) }],
      ];
    }),
  ),
};

/** What an estimator says of records, as the exporters give it: probabilities (of two classes that of the second), or numbers. */
function answersOf(estimator: Estimator): number[] {
  if ('predictProba' in estimator) {
    const proba = estimator.predictProba(records).toArray();
    return proba.flatMap((row) => (estimator.model.plan.outputs === 1 ? row.slice(1) : row));
  }
  const given = (estimator.quantiles === undefined ? estimator.predict(records) : estimator.predictQuantiles(records)) as
    | Float64Array
    | { data: ArrayLike<number> };
  return Array.from('data' in given ? given.data : given);
}

/** What `model` says of records by that method; 'refused' where it does. */
function saidBy(model: object, name: string): unknown {
  try {
    return (model as Record<string, (rows: unknown, options: object) => unknown>)[name]!(records, { confidence: 0.8 });
  } catch (error) {
    expect((error as { code: string }).code).toMatch(/^ERR_(STATE|UNSUPPORTED)$/);
    return 'refused';
  }
}

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
});

describe.each(Object.entries(rows))('%s', (_, { make, refused = {} }) => {
  const estimator = make();
  const wanted = answersOf(estimator);
  const ways: Readonly<Record<Way, () => Promise<ArrayLike<number>>>> = {
    async predictor() {
      const predictor = loadPredictor(estimator.save());
      expect(predictor.predict(records)).toEqual(estimator.predict(records));
      if ('predictProba' in estimator) expect(predictor.predictProba(records)).toEqual(estimator.predictProba(records));
      // How sure it is, to the bit, or refused by both.
      for (const name of ['predictInterval', 'predictQuantiles', 'predictSet'] as const)
        if (name in estimator) expect(saidBy(predictor, name)).toEqual(saidBy(estimator, name));
      return wanted;
    },
    async exportModule() {
      const { predict, classify } = await load(exportModule(estimator as never).code);
      if (classify) expect(classify(records as never)).toEqual(estimator.predict(records));
      return predict(records as never).flat();
    },
    async exportWasm() {
      const { predict, classify } = await start(exportWasm(estimator as never));
      if (classify) expect(classify(records as never)).toEqual(estimator.predict(records));
      const answers = predict(records as never).flat();
      // The network's own bits, but where a calibration stands in the weights of its last layer.
      if (!('calibration' in estimator && estimator.calibration !== undefined)) expect(answers).toEqual(wanted);
      return answers;
    },
    async exportOnnx() {
      const encoded = estimator.encoder!.transform64(Table.fromRecords(records));
      const session = await ort.InferenceSession.create(exportOnnx(estimator as never, { inputType: 'float64' }));
      const name = session.inputNames[0]!;
      const got = await session.run({ [name]: new ort.Tensor('float64', Float64Array.from(encoded.data), [...encoded.shape]) });
      const output = got[session.outputNames[session.outputNames.length - 1]!]!;
      await session.release();
      return output.data as Float32Array;
    },
  };

  test.each(Object.keys(ways) as Way[])('through %s', async (way) => {
    const refusal = refused[way];
    if (refusal !== undefined)
      await expect(ways[way]()).rejects.toThrow(
        expect.objectContaining({ code: 'ERR_UNSUPPORTED', message: expect.stringMatching(refusal) }),
      );
    else expect(largestDifference(await ways[way](), wanted)).toBeLessThan(1e-4);
  });
});

test('a Perceptron is refused by its name, everywhere', () => {
  const perceptron = new Perceptron().fitSync(
    [
      [0, 1],
      [1, 0],
    ],
    ['a', 'b'],
  );
  expect(() => loadPredictor(perceptron.save())).toThrow(/as Perceptron\.save writes it\. Perceptron\.load reads that/);
  for (const way of [exportModule, exportWasm, exportOnnx])
    expect(() => way(perceptron as never)).toThrow(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED', message: expect.stringMatching(/: a Perceptron is not exported/) }),
    );
});

describe('what the library has is here', () => {
  test('every estimator that can be saved, and every way of calibrating', () => {
    const classes = Object.entries(estimatorNames).flatMap(([name, value]) =>
      typeof value === 'function' && 'load' in value ? [name] : [],
    );
    expect([...Object.keys(estimators), 'Perceptron'].sort()).toEqual(classes.sort());
    for (const name of Object.keys(estimators))
      expect(
        Object.keys(rows).some((row) => row.startsWith(name)),
        name,
      ).toBe(true);
    for (const method of CALIBRATION_METHODS) expect(Object.keys(rows)).toContain(`MLPClassifier, calibrate: ${method}`);
  });

  test('every kind of layer, through the predictor and both modules', async () => {
    const types = new Set<string>();
    const visit = (layers: readonly { type: string; layers?: readonly never[] }[]): void => {
      for (const layer of layers) {
        types.add(layer.type);
        visit(layer.layers ?? []);
      }
    };
    for (const options of Object.values(everyNetwork)) visit(options.layers as never);
    expect([...types].sort()).toEqual(Object.keys(kinds).sort());
    for (const [name, options] of Object.entries(everyNetwork)) {
      const model = randomModel({ ...options, deterministic: true });
      const x = rowsOf(randomRows(5, model.inputs), model.inputs);
      const want = model.predict(x);
      expect(loadPredictor(model.save()).predict(x), name).toEqual(want);
      expect(Float32Array.from((await start(exportWasm(model))).predict(x).flat()), name).toEqual(want.data);
      expect(largestDifference((await load(exportModule(model).code)).predict(x).flat(), want.data), name).toBeLessThan(3e-6);
    }
  });
});
