// Folds beside a plain loop over them, and what is refused.

import { expect, test } from 'vitest';
import { kFold, MLPClassifier, MLPRegressor, stratifiedKFold, Table } from '../../src/entries/index.js';
import { judgeByFolds, report } from '../../src/entries/report.js';
import { codeOf } from '../support/errors.js';

const records = Array.from({ length: 40 }, (_, i) => {
  const [area, age] = [20 + ((i * 7) % 50), (i * 3) % 11];
  return { area, age, price: 3 * area - age + ((i * 31) % 17) };
});
const table = Table.fromRecords(records);
const X = table.select(['area', 'age']);
const price = Float64Array.from(records, (row) => row.price);
const create = () => new MLPRegressor({ preset: 'quick', seed: 2, onWarning: false });

test('every row is answered by models of the folds it is not in, as a plain loop answers it', async () => {
  const starts: number[] = [];
  const found = await judgeByFolds(create, table, 'price', {
    ...{ folds: 4, deals: 2, seed: 5 },
    onFoldStart: ({ fold, of, epochs }) => {
      expect(of).toBe(8);
      expect(epochs).toBeGreaterThan(0);
      starts.push(fold);
    },
  });
  expect(starts).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(found.judgedBy).toBe('4-fold cross-validation, dealt twice');
  expect(found.rows).toBe(40);

  const truth: number[] = [];
  const said: number[] = [];
  const byFold: number[] = [];
  for (const seed of [5, 6])
    for (const { train, test } of kFold(40, { folds: 4, seed })) {
      const model = create().fitSync(
        X.take(train),
        Float64Array.from(train, (i) => price[i]!),
      );
      const y = Array.from(test, (i) => price[i]!);
      byFold.push(model.score(X.take(test), y));
      truth.push(...y);
      said.push(...model.predict(X.take(test)));
    }
  const mean = truth.reduce((a, b) => a + b) / truth.length;
  const squares = (of: (i: number) => number) => truth.reduce((sum, t, i) => sum + (t - of(i)) ** 2, 0);
  expect(found.scores['r2']).toBeCloseTo(1 - squares((i) => said[i]!) / squares(() => mean), 12);
  found.foldScores.forEach((score, f) => expect(score).toBeCloseTo(byFold[f]!, 12));
  expect(found.baselines.constant.scores['r2']).toBeLessThan(0);
  expect(found.baselines.quick).toBeUndefined(); // the estimator is one
  expect(found.standardError).toBeGreaterThan(0);

  const model = await create().fit(table, 'price');
  const page = report(model, table, 'price', { byFolds: found });
  expect(page).toContain('4-fold cross-validation, dealt twice');
});

test('labels, options of fit and a signal reach each fold', async () => {
  const size = records.map((row) => (row.area > 45 ? 'large' : 'small'));
  const make = () => new MLPClassifier({ preset: 'quick', onWarning: false });
  const found = await judgeByFolds(make, X, size);
  expect(found.judgedBy).toBe('5-fold cross-validation');
  const right = [...stratifiedKFold(size, { folds: 5 })].flatMap(({ train, test }) => {
    const model = make().fitSync(
      X.take(train),
      Array.from(train, (i) => size[i]!),
    );
    return model.predict(X.take(test)).map((label, k) => (label === size[test[k]!] ? 1 : 0));
  });
  expect(found.scores['accuracy']).toBeCloseTo(right.reduce<number>((a, b) => a + b, 0) / 40, 12);
  const stop = new AbortController();
  const going = judgeByFolds(make, X, size, { fit: { signal: stop.signal, onEpochEnd: () => stop.abort() } });
  await expect(going).rejects.toMatchObject({ name: 'AbortError' });
});

test('a report names rows by their place in records and matrices, not by the order of the folds', async () => {
  const count = Table.fromRecords(records.map(({ area, age }, i) => ({ area, age, count: 1000 + i })));
  const found = await judgeByFolds(create, count, 'count');
  const matrix = records.map(({ area, age }) => [area, age]);
  const counts = records.map((_, i) => 1000 + i);
  const pages = [
    report(await create().fit(count, 'count'), count, 'count', { byFolds: found, budget: 0.5 }),
    report(await create().fit(matrix, counts), matrix, counts, { byFolds: found, budget: 0.5 }),
  ];
  for (const page of pages) {
    const named = [...page.matchAll(/<strong>Row (\d+)<\/strong>\. \w+: said [\d.]+; the truth is ([\d,]+)\./g)];
    expect(named.length).toBeGreaterThan(3);
    for (const [, row, truth] of named) expect(1000 + Number(row)).toBe(Number(truth!.replace(',', '')));
  }
});

test("numbers are read as the regressor's fit reads them, and refused as it refuses them", async () => {
  for (const cell of ['0.5', true, null, Number.NaN, Number.POSITIVE_INFINITY]) {
    const y = records.map((row, i) => (i === 7 ? cell : row.price)) as number[];
    const refusal = await create()
      .fit(X, y)
      .catch((error: unknown) => error as { code: string; message: string });
    const { code, message } = refusal as { code: string; message: string };
    expect(code).toMatch(/^ERR_(TYPE|NONFINITE)$/);
    await expect(judgeByFolds(create, X, y)).rejects.toMatchObject({ code, message });
  }
  for (const y of [undefined, null, 3])
    await expect(judgeByFolds(create, X, y as never)).rejects.toMatchObject({ code: 'ERR_TYPE' });
  const pairs = records.map(({ area, age }) => [area, age]);
  await expect(judgeByFolds(create, X, pairs as never)).rejects.toMatchObject({ code: 'ERR_SHAPE' });
});

test('what cannot be judged is refused by name', async () => {
  const model = await create().fit(table, 'price');
  const found = await judgeByFolds(create, table, 'price');
  await expect(judgeByFolds(create, X, [1, 2])).rejects.toMatchObject({ code: 'ERR_SHAPE' });
  await expect(judgeByFolds(create, table, 'price', { folds: 41 })).rejects.toMatchObject({ code: 'ERR_SHAPE' });
  await expect(judgeByFolds(create, table, 'price', { folds: 1 })).rejects.toMatchObject({ code: 'ERR_OPTION' });
  await expect(judgeByFolds((() => 1) as never, table, 'price')).rejects.toMatchObject({ code: 'ERR_TYPE' });
  await expect(judgeByFolds(create, [[1, 2]] as never, [1])).rejects.toMatchObject({ code: 'ERR_TYPE' });
  for (const no of [create(), MLPRegressor, undefined])
    await expect(judgeByFolds(no as never, table, 'price')).rejects.toMatchObject({
      code: 'ERR_TYPE',
      message: expect.stringContaining('expected a function that makes an estimator'),
    });
  for (const fit of [3, null, [], { kep: ['id'] }, { signal: 3 }])
    await expect(judgeByFolds(create, table, 'price', { fit } as never)).rejects.toMatchObject({ code: 'ERR_OPTION' });
  expect(codeOf(() => report(model, table, 'price', { byFolds: { ...found } }))).toBe('ERR_TYPE');
  expect(codeOf(() => report(model, table.take(Uint32Array.of(0, 1, 2)), 'price', { byFolds: found }))).toBe('ERR_SHAPE');
  expect(codeOf(() => report(model, table, 'price', { byFolds: found, trainingData: [table, 'price'] }))).toBe('ERR_OPTION');
  expect(codeOf(() => report(model, table, 'price', { byFolds: found, judgedBy: 'folds' }))).toBe('ERR_OPTION');
  expect(codeOf(() => report(model, table, 'price', { byFolds: found, baselines: false }))).toBe('ERR_OPTION');

  // Of another target, of other rows of as many, of another kind, of several targets.
  const other = price.map((value, i) => (i === 11 ? value + 1 : value));
  const ofOther = () => report(model, X, other, { byFolds: found });
  expect(codeOf(ofOther)).toBe('ERR_OPTION');
  expect(ofOther).toThrow(`row 11 is ${other[11]}, but was ${price[11]}`);
  const classes = records.map((row) => row.area % 2);
  const classifier = await new MLPClassifier({ preset: 'quick', onWarning: false }).fit(X, classes);
  expect(codeOf(() => report(classifier, X, classes, { byFolds: found }))).toBe('ERR_OPTION');
  const pairs = records.map(({ area, age }) => [area, age]);
  const both = await create().fit(X, pairs);
  expect(codeOf(() => report(both, X, pairs, { byFolds: found }))).toBe('ERR_SHAPE');
});
