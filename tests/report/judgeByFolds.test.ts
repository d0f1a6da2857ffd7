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

test('what cannot be judged is refused by name', async () => {
  const model = await create().fit(table, 'price');
  const found = await judgeByFolds(create, table, 'price');
  await expect(judgeByFolds(create, X, [1, 2])).rejects.toMatchObject({ code: 'ERR_SHAPE' });
  await expect(judgeByFolds(create, table, 'price', { folds: 41 })).rejects.toMatchObject({ code: 'ERR_SHAPE' });
  await expect(judgeByFolds(create, table, 'price', { folds: 1 })).rejects.toMatchObject({ code: 'ERR_OPTION' });
  await expect(judgeByFolds((() => 1) as never, table, 'price')).rejects.toMatchObject({ code: 'ERR_TYPE' });
  await expect(judgeByFolds(create, [[1, 2]] as never, [1])).rejects.toMatchObject({ code: 'ERR_TYPE' });
  expect(codeOf(() => report(model, table, 'price', { byFolds: { ...found } }))).toBe('ERR_TYPE');
  expect(codeOf(() => report(model, table.take(Uint32Array.of(0, 1, 2)), 'price', { byFolds: found }))).toBe('ERR_SHAPE');
  expect(codeOf(() => report(model, table, 'price', { byFolds: found, trainingData: [table, 'price'] }))).toBe('ERR_OPTION');
});
