// The predictor on files of estimators: records with missing cells, unknown categories, dates and text for numbers give the answers that the
// estimator itself gives; so do matrices through every scaler.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { Table } from '../../src/data/table.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { exportModule } from '../../src/formats/standalone.js';
import { changeSection } from '../support/modelFiles.js';

const random = new Random(5, 'passengers');
const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;

/** Passengers with cells missing here and there. */
const passengers = Array.from({ length: 120 }, (_, i) => {
  const age = Math.round(20 + 15 * random.normal());
  return {
    sex: i % 11 === 3 ? null : pick(['male', 'female']),
    age: i % 7 === 2 ? null : age,
    fare: Math.exp(2 + random.normal()),
    alone: random.below(2) === 1,
    since: new Date(Date.UTC(2020, random.below(12), 1 + random.below(28), random.below(24))),
    deck: pick(['A', 'B', 'C', 'D', 'E']),
    port: pick(['C', 'Q', 'S']),
    survived: pick(['no', 'yes']),
    class: pick(['first', 'second', 'third']),
  };
});
const without = (...names: string[]) =>
  Table.fromRecords(passengers).drop(['survived', 'class', 'fare', 'deck'].filter((name) => !names.includes(name)));

const moduleOf = async (model: Parameters<typeof exportModule>[0]) =>
  (await import(`data:text/javascript,${encodeURIComponent(exportModule(model).code)}`)) as { predict(rows: unknown): unknown };

const quiet = {
  onWarning: false,
  epochs: 4,
  seed: 3,
  hiddenLayers: [9],
  dateFeatures: ['month', 'weekday', 'dayOfYear', 'hour', 'year'],
} as const;

/** Records as a form or JSON would give them. */
const strange: Record<string, unknown>[] = [
  { sex: 'male', age: 22, alone: true, since: '2024-05-17', port: 'S' },
  { sex: 'other', age: '22.5', alone: 'yes', since: '2024-05-17 13:30', port: 'X' },
  { sex: null, age: undefined, alone: null, since: null, port: null },
  { sex: 'female', age: Number.NaN, alone: false, since: undefined, port: 'C', extra: 7 },
  { sex: '', age: ' NA ', alone: 'false', since: '?', port: 'Q' },
];
/** One by one: a column of text beside one of numbers is refused by both. */
const each = strange.map((record) => [record]);

describe('records give the answers of the estimator', () => {
  const binary = new MLPClassifier(quiet).fitSync(without('survived'), 'survived');
  const many = new MLPClassifier(quiet).fitSync(without('class'), 'class');
  const regressor = new MLPRegressor(quiet).fitSync(without('fare'), 'fare');

  test('of two classes, labels and probabilities', () => {
    const predictor = loadPredictor<string[]>(binary.save());
    expect(predictor.predict(passengers)).toEqual(binary.predict(passengers));
    expect(predictor.predictProba(passengers)).toEqual(binary.predictProba(passengers));
    expect(predictor.classes).toEqual(binary.classes);
    expect(predictor.featureNames).toEqual(binary.featureNames);
    expect([predictor.kind, predictor.inputs, predictor.outputs]).toEqual(['MLPClassifier', binary.inputs, 2]);
  });

  test('of three classes', () => {
    const predictor = loadPredictor(many.save());
    expect(predictor.predict(passengers)).toEqual(many.predict(passengers));
    expect(predictor.predictProba(passengers)).toEqual(many.predictProba(passengers));
  });

  test('of numbers', () => {
    expect(loadPredictor(regressor.save()).predict(passengers)).toEqual(regressor.predict(passengers));
  });

  test.each(each.map((records) => [records]))(
    'with missing cells, unknown categories, dates and numbers as text: %j',
    (records) => {
      for (const model of [binary, many])
        expect(loadPredictor(model.save()).predictProba(records)).toEqual(model.predictProba(records));
      expect(loadPredictor(regressor.save()).predict(records)).toEqual(regressor.predict(records));
    },
  );

  test('of whatever mixture of cells, or both refuse them', () => {
    const cells: Record<string, unknown[]> = {
      sex: ['male', 'female', 'x', '', null, undefined, 7, true, 12n],
      age: [1, 1.5, -3, '4', '4,5', '1,234.5', '0x10', 'old', null, Number.NaN, Infinity, true, 3n, 2n ** 60n],
      alone: [true, false, 'true', 'Y', 'maybe', 0, 1, 2, null],
      since: [new Date(0), new Date(Number.NaN), '2024-02-30', '2024-02-28', 'Fri, 2024-03-01', 19000, true, null],
      port: ['C', 'Q', 'S', 'c', 3, null, new Date(0)],
    };
    const predictor = loadPredictor(binary.save());
    const draws = new Random(9, 'cells');
    let answered = 0;
    for (let round = 0; round < 600; round++) {
      const records = Array.from({ length: 1 + draws.below(3) }, () =>
        Object.fromEntries(
          Object.entries(cells)
            .filter(() => draws.below(12) > 0)
            .map(([name, list]) => [name, list[draws.below(draws.below(3) > 0 ? 3 : list.length)]]),
        ),
      );
      const answer = (predict: () => unknown): unknown => {
        try {
          return predict();
        } catch (error) {
          expect((error as { code: string }).code).toMatch(/^ERR_(TYPE|SHAPE)$/);
          return 'refused';
        }
      };
      const wanted = answer(() => binary.predictProba(records));
      expect(
        answer(() => predictor.predictProba(records)),
        JSON.stringify(records, (_, v) => (typeof v === 'bigint' ? `${v}n` : v)),
      ).toEqual(wanted);
      if (typeof wanted === 'object') answered++;
    }
    expect(answered).toBeGreaterThan(100);
  });

  test('from objects of a class with getters, and from prototypes nobody asked for', () => {
    class Passenger {
      constructor(readonly sex: string) {}
      get age() {
        return 30;
      }
    }
    const record = Object.assign(new Passenger('male'), { alone: true, since: new Date(0), port: 'C' });
    expect(loadPredictor(binary.save()).predictProba([record] as never)).toEqual(binary.predictProba([record] as never));
  });

  test('a record without a column, and what is no record, are refused by name', () => {
    const predictor = loadPredictor(binary.save());
    expect(() => predictor.predict([{ sex: 'male' }])).toThrow(
      expect.objectContaining({
        code: 'ERR_SHAPE',
        message: expect.stringMatching(/no column "alone".* Give null for a missing cell/),
      }),
    );
    expect(() => predictor.predict([passengers[0]!, 7 as never])).toThrow(/records\[1\]: expected an object, got 7/);
    expect(() => predictor.predict([{ ...passengers[0], age: 'old' }])).toThrow(/records\[0\]\.age: "old" is not a number/);
  });

  test('a key that no record has is a missing cell where training had some, unless another key may be it misspelt', async () => {
    const [given] = passengers;
    const { age: _, survived: __, class: ___, fare: ____, deck: _____, ...rest } = given!;
    const predictor = loadPredictor(binary.save());
    const wanted = binary.predictProba([{ ...rest, age: null }]);
    expect(binary.predictProba([rest])).toEqual(wanted);
    expect(binary.predictProba([rest, { ...rest, age: null }]).row(0)).toEqual(wanted.row(0));
    expect(predictor.predictProba([rest])).toEqual(wanted);
    expect(predictor.predictProba([rest, rest]).row(1)).toEqual(wanted.row(0));
    const { predict } = await moduleOf(binary);
    expect(predict([rest])).toEqual(predict([{ ...rest, age: null }]));

    const misspelt = [{ ...rest, Age: 30 }];
    const refused = { code: 'ERR_SHAPE', message: expect.stringMatching(/no column "age".* Give null for a missing cell/) };
    expect(() => binary.predict(misspelt as never)).toThrow(expect.objectContaining(refused));
    expect(() => predictor.predict(misspelt)).toThrow(expect.objectContaining(refused));
    expect(() => predict(misspelt)).toThrow(/no record has "age"; give null for a missing cell/);
    // Of a column that had no missing cell nothing is known that could stand for one, and a table that lacks a column is another table.
    const { port, ...portless } = rest;
    for (const ask of [() => binary.predict([portless]), () => predictor.predict([portless]), () => predict([portless])])
      expect(ask).toThrow(/"port"/);
    const table = Table.from({ sex: ['male'], alone: [true], since: [new Date(0)], port: [port] });
    expect(() => binary.predict(table)).toThrow(/no column "age"/);
  });

  test('predictInto takes encoded rows and gives probabilities, or numbers in the units of the targets', () => {
    const table = without();
    const encoded = binary.encoder!.transform64(table);
    const out = new Float32Array(2 * table.rows);
    expect(loadPredictor(binary.save()).predictInto(encoded.data, out)).toEqual(binary.predictProba(table).data);
    const prices = loadPredictor(regressor.save()).predictInto(encoded.data, new Float64Array(table.rows));
    expect(prices).toEqual(regressor.predict(table));
  });
});

describe('matrices', () => {
  const rows = Array.from({ length: 80 }, () => [1e6 + 40 * random.normal(), random.normal() ** 3, 3]);
  const y = rows.map(([a, b]) => a! - 1e6 + 10 * b!);

  test.each(['standard', 'robust', 'minMax', 'smoothClip', 'none'] as const)('through scale: %s', (scale) => {
    const model = new MLPRegressor({ ...quiet, dateFeatures: [], scale, activation: 'tanh' }).fitSync(rows, y);
    const predictor = loadPredictor<Float64Array>(model.save());
    expect(predictor.predict(rows)).toEqual(model.predict(rows));
    // The derivative, against differences of the answers themselves.
    const at = rows.slice(0, 8);
    const gradient = predictor.inputGradient(at);
    for (const [j, step] of [
      [0, 0.5],
      [1, 0.02],
    ] as const) {
      const moved = (by: number) => predictor.predict(at.map((row) => row.map((x, k) => (k === j ? x + by : x))));
      const [above, below] = [moved(step), moved(-step)];
      if (scale === 'none') continue; // nothing to chain, and differences of millions in float32 say little
      at.forEach((_, i) => {
        const difference = (above[i]! - below[i]!) / (2 * step);
        expect(Math.abs(gradient.row(i)[j]! - difference), `row ${i}, column ${j}`).toBeLessThan(
          0.02 * Math.max(1, Math.abs(difference)),
        );
      });
    }
  });

  test('of several targets, several labels, and labels that are numbers or truth values', () => {
    const two = new MLPRegressor({ ...quiet, dateFeatures: [] }).fitSync(
      rows,
      y.map((v) => [v, -v]),
    );
    expect(loadPredictor(two.save()).predict(rows)).toEqual(two.predict(rows));
    const multi = new MLPClassifier({ ...quiet, dateFeatures: [] }).fitSync(
      rows,
      y.map((v) => [Number(v > 0), Number(v > 5), 1]),
    );
    expect(loadPredictor(multi.save()).predict(rows)).toEqual(multi.predict(rows));
    expect(loadPredictor(multi.save()).predictProba(rows)).toEqual(multi.predictProba(rows));
    for (const labels of [y.map((v) => (v > 0 ? 7 : -2)), y.map((v) => v > 0)]) {
      const model = new MLPClassifier({ ...quiet, dateFeatures: [] }).fitSync(rows, labels);
      expect(loadPredictor(model.save()).predict(rows)).toEqual(model.predict(rows));
      const predictor = loadPredictor(model.save());
      const [first, second] = [0, 1].map((output) => predictor.inputGradient(rows.slice(0, 3), output).data);
      expect([...first!]).toEqual([...second!].map((g) => -g));
    }
  });

  test('probabilities of the unlikely class keep their digits', () => {
    const far = rows.map((_, i) => [i < 40 ? -60 : 60, 0, 0]);
    const model = new MLPClassifier({ ...quiet, dateFeatures: [], epochs: 200, scale: 'none', earlyStopping: false }).fitSync(
      far,
      far.map(([a]) => (a! > 0 ? 'b' : 'a')),
    );
    const wanted = model.predictProba(far);
    expect(Math.min(...wanted.data)).toBeGreaterThan(0);
    expect(loadPredictor(model.save()).predictProba(far)).toEqual(wanted);
  });

  test.each(['quick', 'default', 'best'] as const)('nets averaged by preset %s answer as the estimator does', (preset) => {
    const options = { preset, members: 3, epochs: 3, seed: 1, onWarning: false } as const;
    const clf = new MLPClassifier(options).fitSync(without('class'), 'class');
    expect(loadPredictor(clf.save()).predictProba(passengers)).toEqual(clf.predictProba(passengers));
    expect(loadPredictor(clf.save({ optimizer: true })).predict(passengers)).toEqual(clf.predict(passengers));
    const reg = new MLPRegressor(options).fitSync(without('fare'), 'fare');
    expect(loadPredictor(reg.save()).predict(passengers)).toEqual(reg.predict(passengers));
  });

  test('a preset in the middle of its training is refused, and taken as soon as it is saved as it is', async () => {
    const controller = new AbortController();
    const clf = new MLPClassifier({ preset: 'quick', members: 3, epochs: 4, onWarning: false });
    const onEpochEnd = ({ epoch }: { epoch: number }) => void (epoch === 6 && controller.abort());
    await clf.fit(without('class'), 'class', { signal: controller.signal, onEpochEnd }).catch(() => undefined);
    expect(() => loadPredictor(clf.save({ optimizer: true }))).toThrow(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED', message: expect.stringMatching(/middle of a training/) }),
    );
    expect(loadPredictor(clf.save()).predictProba(passengers)).toEqual(clf.predictProba(passengers));
  });

  test('an estimator with something that this version does not know is refused by its name', () => {
    const file = new MLPRegressor({ ...quiet, dateFeatures: [] }).fitSync(rows, y).save();
    const refused = (message: RegExp) =>
      expect.objectContaining({ code: 'ERR_UNSUPPORTED', message: expect.stringMatching(message) });
    expect(() => loadPredictor(changeSection(file, 'estimator', (e) => (e['intervals'] = [1])))).toThrow(
      refused(/its MLPRegressor has "intervals"/),
    );
    expect(() =>
      loadPredictor(changeSection(file, 'estimator', (e) => ((e['head'] as Record<string, unknown>)['depths'] = [0.1]))),
    ).toThrow(refused(/its head has "depths"/));
    expect(() => loadPredictor(changeSection(file, 'scaler', (s) => (s['type'] = 'PowerScaler')))).toThrow(
      refused(/its scaler is a "PowerScaler"/),
    );
  });
});
