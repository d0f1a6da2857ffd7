// Estimators on tables: records as JSON and forms give them, columns that count rows, calendars, and what is said about the data.

import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../src/data/csv/index.js';
import { Random } from '../../src/data/random.js';
import { Table } from '../../src/data/table.js';
import { TableEncoder } from '../../src/data/tabular.js';
import { MLPClassifier, type MLPClassifierOptions } from '../../src/estimators/classifier.js';
import { permutationImportance } from '../../src/estimators/importance.js';
import type { Warning } from '../../src/estimators/options.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { codeOf, refusal } from '../support/errors.js';

const quiet = { epochs: 3, onWarning: false, hiddenLayers: [4] } as const satisfies MLPClassifierOptions;

describe('records', () => {
  const random = new Random(1);
  const records = Array.from({ length: 60 }, () => {
    const age = Math.floor(random.uniform() * 50);
    return { age, sex: random.uniform() < 0.5 ? 'male' : 'female', since: new Date(Date.UTC(2020, 0, 1 + age)) };
  });
  const y = records.map(({ age, sex }) => (age > 20 === (sex === 'male') ? 'yes' : 'no'));
  const table = Table.fromRecords(records);

  test('fit, predict, predictProba, score and partialFit take them as they take the table of them', () => {
    const given = new MLPClassifier(quiet).fitSync(records, y);
    const tabled = new MLPClassifier(quiet).fitSync(table, y);
    expect(given.predictProba(records)).toEqual(tabled.predictProba(table));
    expect(given.predict(records)).toEqual(tabled.predict(table));
    expect(given.score(records, y)).toBe(tabled.score(table, y));
    given.partialFit(records.slice(0, 30), y.slice(0, 30));
    tabled.partialFit(table.take(Array.from({ length: 30 }, (_, i) => i)), y.slice(0, 30));
    expect(given.predictProba(records)).toEqual(tabled.predictProba(table));
    const rows = records.map((record, i) => ({ ...record, answer: y[i]! }));
    expect(new MLPClassifier(quiet).fitSync(rows, 'answer').predictProba(rows)).toEqual(
      new MLPClassifier(quiet).fitSync(table, y).predictProba(table),
    );
    const columns = {
      age: records.map(({ age }) => age),
      sex: records.map(({ sex }) => sex),
      since: records.map(({ since }) => since),
    };
    expect(new MLPClassifier(quiet).fitSync(columns, y).predictProba(columns)).toEqual(
      tabled.clone().fitSync(table, y).predictProba(table),
    );
  });

  test('text from a form stands for the number it spells, and a misspelt key is refused', () => {
    const model = new MLPClassifier(quiet).fitSync(
      records.map(({ age, sex }) => ({ age, sex })),
      y,
    );
    const one = model.predictProba([{ age: 22, sex: 'male' }]).toArray();
    expect(model.predictProba([{ age: '22', sex: 'male' }]).toArray()).toEqual(one);
    expect(refusal(() => model.predict([{ aeg: 22, sex: 'male' }])).message).toContain('Did you mean "aeg"?');
    expect(refusal(() => model.predict([{ age: 'old', sex: 'male' }])).message).toContain(
      '"old" is not a number, as in training',
    );
  });
});

describe('what new records lack', () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({ a: (i * i) % 23, c: i % 3 === 0 ? 'x' : 'y' }));
  const y = rows.map(({ a, c }) => a + (c === 'x' ? 5 : 0));
  const fitted = () => {
    const warnings: Warning[] = [];
    const model = new MLPRegressor({ ...quiet, onWarning: (warning) => void warnings.push(warning) }).fitSync(rows, y);
    warnings.length = 0;
    return { model, warnings };
  };

  test('a column that no record has is refused by name, with the nearest: in predict, score and validationData', () => {
    const { model } = fitted();
    for (const [given, name] of [
      [[{}], 'a'],
      [[{ c: 'x' }], 'a'],
      [[{ a: 3 }], 'c'],
      [[{ A: 3, c: 'x' }], 'a'],
    ] as const) {
      const error = refusal(() => model.predict(given));
      expect(error.code).toBe('ERR_SHAPE');
      expect(error.message).toContain(`has no column "${name}"`);
      expect(codeOf(() => model.score(given, [1]))).toBe('ERR_SHAPE');
      expect(codeOf(() => new MLPRegressor(quiet).fitSync(rows, y, { validationData: [given, [1]] }))).toBe('ERR_SHAPE');
    }
    expect(refusal(() => model.predict([{ A: 3, c: 'x' }])).message).toContain('Did you mean "A"?');
  });

  test('a key that some records have is a missing cell in the others, as null is: told of once in each call', () => {
    const { model, warnings } = fitted();
    const mean = rows.reduce((sum, { a }) => sum + a, 0) / rows.length;
    const [filled] = model.predict([{ a: mean, c: 'x' }]);
    for (const given of [
      [
        { A: 3, c: 'x' },
        { a: 3, c: 'x' },
      ],
      [
        { a: null, c: 'x' },
        { a: 3, c: 'x' },
      ],
      [{ a: Number.NaN, c: 'x' }],
    ]) {
      expect(model.predict(given)[0]).toBe(filled);
      expect(warnings).toEqual([
        {
          code: 'WARN_DATA',
          message: expect.stringContaining(
            `Column "a": missing cells, of which the training data had none, in 1 of ${given.length}`,
          ),
        },
      ]);
      model.score(given, given.length === 1 ? [1] : [1, 2]);
      expect(warnings.length).toBe(2);
      warnings.length = 0;
    }
    model.predict([
      { a: 3, c: 'x' },
      { a: 3, c: null },
    ]);
    expect(warnings.map(({ code }) => code)).toEqual(['WARN_DATA']);
    warnings.length = 0;
    const watched = [{ a: null, c: 'x' }];
    model.clone().fitSync(rows, y, { validationData: [watched, [1]] });
    expect(warnings.filter(({ message }) => message.includes('"a": missing cells')).length).toBe(1);
  });

  test('permutationImportance tells of missing cells once, not once for each shuffle', () => {
    const { model, warnings } = fitted();
    const given = rows.map((row, i) => ({ ...row, a: i % 5 === 0 ? null : row.a }));
    permutationImportance(model, given, y, { repeats: 3 });
    expect(warnings.map(({ code }) => code)).toEqual(['WARN_DATA']);
    expect(warnings[0]!.message).toContain('Column "a": missing cells');
    model.predict(given); // and later calls are told of theirs
    expect(warnings.length).toBe(2);
  });

  test('a resumed fit tells of missing cells among the rows held out, of which the training rows had none', async () => {
    const warnings: Warning[] = [];
    const stop = new AbortController();
    const model = new MLPRegressor({
      ...quiet,
      epochs: 6,
      earlyStopping: true,
      onWarning: (warning) => void warnings.push(warning),
    });
    await expect(model.fit(rows, y, { signal: stop.signal, onEpochEnd: () => stop.abort() })).rejects.toThrow('aborted');
    const gapped = (k: number) => rows.map((row, i) => ({ ...row, a: i === k ? null : row.a }));
    warnings.length = 0;
    let held = 0;
    for (let k = 0; k < rows.length && held === 0; k++) {
      // A training row that changed is refused; one of those held out is filled.
      const end = new AbortController();
      const again = model.fit(gapped(k), y, { resume: true, signal: end.signal, onTrainBegin: () => end.abort() });
      const error = await again.then(
        () => new Error('it was not aborted'),
        (thrown: unknown) => thrown as Error,
      );
      if (error.name === 'AbortError') held++;
      else expect(error.message).toContain('not the rows');
    }
    expect(held).toBe(1);
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining('Column "a": missing cells')]);
  });

  test('a column with gaps in training is filled as it was then, without a word, also after save and load', () => {
    const warnings: Warning[] = [];
    const onWarning = (warning: Warning) => void warnings.push(warning);
    const gaps = rows.map((row, i) => ({ ...row, a: i % 7 === 0 ? null : row.a }));
    const model = new MLPRegressor({ ...quiet, onWarning }).fitSync(gaps, y);
    warnings.length = 0;
    const given = [{ a: null, c: 'x' }];
    expect(MLPRegressor.load(model.save(), { onWarning }).predict(given)).toEqual(model.predict(given));
    expect(warnings).toEqual([]);
  });

  test('getters of class instances are columns, own ones and those of their classes', () => {
    class Base {
      #a: number;
      constructor(a: number) {
        this.#a = a;
      }
      get a() {
        return this.#a;
      }
    }
    class Row extends Base {
      constructor({ a, c }: { a: number; c: string }) {
        super(a);
        Object.defineProperty(this, 'c', { get: () => c });
      }
    }
    const instances = rows.map((row) => new Row(row)) as unknown as Record<string, unknown>[];
    const { model } = fitted();
    expect(model.predict(instances)).toEqual(model.predict(rows));
    const taught = new MLPRegressor(quiet).fitSync(instances, y);
    const swapped = rows.map(({ a, c }) => ({ c, a })); // own getters come first
    expect(taught.predict(rows)).toEqual(new MLPRegressor(quiet).fitSync(swapped, y).predict(rows));
  });
});

describe('columns that count the rows', () => {
  const random = new Random(2);
  const noise = Array.from({ length: 150 }, (_, i) => ({ x: Math.floor(random.uniform() * 9), y: i < 75 ? 'a' : 'b' }));
  const csv = (name: string, id: (i: number) => number) =>
    parseCsv(`${name},x,y\n${noise.map(({ x, y }, i) => `${id(i)},${x},${y}`).join('\n')}\n`);

  test.each([
    ['Id', (i: number) => i + 1],
    ['', (i: number) => i],
    ['PassengerId', (i: number) => 1000 + 7 * i],
    ['Row ID', (i: number) => 150 - i],
    ['S.No', (i: number) => i + 1],
    ['whatever', (i: number) => (i * 37) % 150],
  ])('%s is left out with a note that says how to keep it; noise then has no score', (name, id) => {
    const table = csv(name, id);
    const model = new MLPClassifier({ seed: 1, onWarning: false }).fitSync(table, 'y');
    expect(model.featureNames).toEqual(['x']);
    expect(model.notes.join()).toContain(`Column "${name === '' ? 'column 1' : name}" was left out`);
    expect(model.notes.join()).toContain('pass keep: [');
    expect(model.score(table, 'y')).toBeLessThan(0.75);
    const kept = new MLPClassifier(quiet).fitSync(table, 'y', { keep: [table.names[0]!] });
    expect(kept.featureNames.length).toBe(2);
  });

  test('declared types, years, measurements, a part of the rows with gaps, and a lone column stay', () => {
    const inputsOf = (table: Table) => new TableEncoder().fit(table).featureNames;
    const id = (i: number) => i + 1;
    const text = `Id,x\n${noise.map(({ x }, i) => `${id(i)},${x}`).join('\n')}\n`;
    expect(inputsOf(parseCsv(text, { types: { Id: 'numeric' } }))).toEqual(['Id', 'x']);
    expect(inputsOf(csv('year', (i) => 1850 + i).drop(['y']))).toEqual(['year', 'x']);
    expect(inputsOf(csv('weight', (i) => 17 * ((i * 37) % 150)).drop(['y']))).toEqual(['weight', 'x']);
    expect(inputsOf(Table.from({ n: Array.from({ length: 50 }, (_, i) => i) }))).toEqual(['n']);
    const part = csv('n', id).take(Array.from({ length: 150 }, (_, i) => i).filter((i) => i % 5 !== 0));
    expect(inputsOf(part.drop(['y']))).toEqual(['x']); // the training part of a split still counts rows
    expect(codeOf(() => new TableEncoder({ keep: ['nothing'] }).fit(part))).toBe('ERR_OPTION');
  });
});

test('text that is different in almost every row is kept where it is asked for, and refused beyond 1000 values', () => {
  const named = (rows: number) =>
    Table.from({ who: Array.from({ length: rows }, (_, i) => `n${i}`), x: Array.from({ length: rows }, (_, i) => i % 7) });
  expect(new TableEncoder().fit(named(150)).featureNames).toEqual(['x']);
  const encoder = new TableEncoder({ keep: ['who'] }).fit(named(150));
  expect(encoder.groups.map(({ name, from, to }) => [name, to - from])).toEqual([
    ['who', 101], // the most frequent, and the others
    ['x', 1],
  ]);
  expect(encoder.notes.join()).toMatch(/^Column "who": the 100 most frequent of 150 categories were kept/);
  expect(new TableEncoder({ keep: ['who'], maxCategories: 150 }).fit(named(150)).outputs).toBe(151);
  const { code, message } = refusal(() => new TableEncoder({ keep: ['who'] }).fit(named(1200)));
  expect(code).toBe('ERR_OPTION');
  expect(message).toMatch(/^keep: column "who" holds more than 1000 different texts, so it cannot be kept/);
});

describe('the calendar', () => {
  test('month and weekday become an input each, day of the year and hour a place on a circle', () => {
    const table = parseCsv('d\n2024-05-17\n2023-12-31T18:00\n2024-12-31\n\nNA\n');
    const encoder = new TableEncoder({ dateFeatures: ['month', 'weekday', 'dayOfYear', 'hour', 'year'] }).fit(table);
    const X = encoder.transform64(table);
    expect(encoder.outputs).toBe(1 + 12 + 7 + 2 + 2 + 1);
    const at = (name: string, row: number) => X.data[row * encoder.outputs + encoder.featureNames.indexOf(name)];
    expect([at('d_month 5', 0), at('d_month 12', 0), at('d_month 12', 1)]).toEqual([1, 0, 1]);
    expect([at('d_Friday', 0), at('d_Sunday', 1), at('d_Tuesday', 2)]).toEqual([1, 1, 1]); // as calendars have it
    expect(at('d_dayOfYear (cos)', 0)).toBeCloseTo(Math.cos((2 * Math.PI * 137) / 366), 12); // the 138th day
    expect(at('d_dayOfYear (sin)', 0)).toBeCloseTo(Math.sin((2 * Math.PI * 137) / 366), 12);
    expect([at('d_hour (cos)', 1), at('d_hour (sin)', 1)]).toEqual([0, -1]); // 18:00 is three quarters round
    expect(at('d_year', 2)).toBe(2024);
    expect([...X.data.subarray(3 * encoder.outputs + 1)].every((value) => value === 0)).toBe(true); // a missing date has none
    expect(encoder.groups).toEqual([{ name: 'd', from: 0, to: encoder.outputs }]);
    expect(TableEncoder.fromJSON(JSON.parse(JSON.stringify(encoder))).transform64(table)).toEqual(X);
    expect(codeOf(() => new TableEncoder({ dateFeatures: ['moon'] as never }))).toBe('ERR_OPTION');
  });

  test('an estimator learns a weekly rhythm by them, and keeps them in its file', () => {
    const rows = Array.from(
      { length: 280 },
      (_, i) => `${new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10)},${i % 7 < 5 ? 10 : 2}`,
    );
    const table = parseCsv(`d,y\n${rows.join('\n')}\n`);
    const model = new MLPRegressor({ dateFeatures: ['weekday'], seed: 1, epochs: 100, onWarning: false }).fitSync(table, 'y');
    expect(model.score(table, 'y')).toBeGreaterThan(0.99);
    const loaded = MLPRegressor.load(model.save(), { onWarning: false });
    expect(loaded.predict(table)).toEqual(model.predict(table));
  });

  test('how cells were written in training travels with the model', () => {
    const text = (rows: string[]) => parseCsv(`d;p;y\n${rows.join('\n')}\n`);
    const rows = Array.from({ length: 40 }, (_, i) => `${1 + (i % 28)}/${1 + (i % 12)}/2024;${i},5;${i % 3}`);
    const model = new MLPRegressor(quiet).fitSync(text(rows), 'y');
    const loaded = MLPRegressor.load(model.save(), { onWarning: false });
    expect(loaded.encoder!.columns).toEqual([
      { name: 'd', type: 'date', spelling: { dateFormat: 'D/M/YYYY' } },
      { name: 'p', type: 'numeric', spelling: { decimal: ',' } },
    ]);
    // One row alone does not tell day from month; the model knows.
    expect(loaded.predict(text(['3/4/2024;3,5;0'])).length).toBe(1);
    expect(loaded.predict(text(['3/4/2024;3,5;0']))[0]).toBeCloseTo(loaded.predict([{ d: '3/4/2024', p: '3,5' }])[0]!, 12);
  });
});

describe('what is said about the data', () => {
  const said = (table: Table, target: string) => {
    const warnings: Warning[] = [];
    const model = new MLPClassifier({ ...quiet, onWarning: (warning) => void warnings.push(warning) }).fitSync(table, target);
    expect(warnings.filter(({ code }) => code === 'WARN_DATA').length).toBe(model.notes.length > 0 ? 1 : 0);
    return model.notes;
  };
  const random = new Random(3);
  const survived = Array.from({ length: 200 }, () => ({
    age: Math.floor(80 * random.uniform()),
    fare: random.uniform(),
    survived: random.uniform() < 0.4 ? 1 : 0,
  }));

  test('a column that alone tells the target is named: text, a number, a truth value', () => {
    const told = [
      { alive: (s: number): unknown => (s === 1 ? 'yes' : 'no') },
      { alive: (s: number): unknown => s === 1 },
      { alive: (s: number, i: number): unknown => 100 * s + (i % 17) / 20 },
    ];
    for (const { alive } of told) {
      const table = Table.fromRecords(survived.map((row, i) => ({ ...row, alive: alive(row.survived, i) })));
      expect(said(table, 'survived')).toEqual([
        'Column "alive" alone tells "survived" in every row. If it is not known before the answer is, leave it out.',
      ]);
    }
    expect(said(Table.fromRecords(survived), 'survived')).toEqual([]);
  });

  test('of numbers, a column that goes up or down with them in every row, or a category that has one value', () => {
    const rows = survived.map((row, i) => ({ age: row.age, cents: 100 * row.fare, group: `g${i % 4}`, y: row.fare, z: i % 4 }));
    const notes = (target: string) =>
      new MLPRegressor(quiet).fitSync(Table.fromRecords(rows).select(['age', 'cents', 'group', target]), target).notes;
    expect(notes('y').join()).toContain('Column "cents" alone tells "y"');
    expect(notes('z').join()).toContain('Column "group" alone tells "z"');
  });

  test('a classification with more classes than a tenth of the rows is questioned', () => {
    const table = Table.from({ x: survived.map(({ age }) => age), y: survived.map((_, i) => i % 50) });
    expect(said(table, 'y').join()).toContain(
      '"y" has 50 classes in 200 rows, fewer than ten rows each. If they are numbers, use MLPRegressor',
    );
    const few = Table.from({ x: survived.map(({ age }) => age), y: survived.map((_, i) => i % 5) });
    expect(said(few, 'y')).toEqual([]);
  });
});

test('a million rows of two classes train an epoch, class proportions kept in the rows held out', async () => {
  const rows = 1_000_000;
  const data = new Float32Array(rows);
  const y = new Array<number>(rows);
  for (let i = 0; i < rows; i++) {
    data[i] = i % 2 === 0 ? 1 : -1;
    y[i] = i % 2;
  }
  const model = new MLPClassifier({
    hiddenLayers: [],
    epochs: 1,
    batchSize: 4096,
    learningRate: 0.05,
    earlyStopping: { validationFraction: 0.3 },
  });
  await model.fit({ data, shape: [rows, 1] }, y);
  expect(model.rows).toBe(rows);
  expect(model.score({ data: data.subarray(0, 1000), shape: [1000, 1] }, y.slice(0, 1000))).toBe(1);
});
