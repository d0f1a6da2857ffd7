// Regressors that say more than a number: quantiles, deviations, and intervals from them that hold the truth as often as they say.

import { describe, expect, test } from 'vitest';
import { normalQuantile } from '../../src/data/normal.js';
import { Random } from '../../src/data/random.js';
import { normalDistribution } from '../../src/data/special.js';
import { loadEstimator } from '../../src/estimators/load.js';
import { MLPRegressor, type MLPRegressorOptions } from '../../src/estimators/regressor.js';
import { explain } from '../../src/explain/explain.js';
import { exportModule } from '../../src/formats/standalone.js';
import { exportOnnx } from '../../src/formats/onnx/export.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { refusal } from '../support/errors.js';

const plain = { hiddenLayers: [12], activation: 'tanh', epochs: 200, earlyStopping: false, onWarning: false, seed: 1 } as const;
const levels = [0.05, 0.5, 0.95];

/** y = 100 sin(2 x) + 5000, and noise whose deviation is 10 (1 + x). */
function curve(rows: number, random: Random) {
  const X = Array.from({ length: rows }, () => [random.between(0, 3)]);
  return { X, y: X.map(([x]) => 5000 + 100 * Math.sin(2 * x!) + 10 * (1 + x!) * random.normal()) };
}
const data = curve(800, new Random(4, 'train'));
const fresh = curve(2000, new Random(5, 'fresh'));

describe('MLPRegressor with quantiles', () => {
  const reg = new MLPRegressor({ ...plain, quantiles: levels }).fitSync(data.X, data.y);

  test('gives them in the units of y, in order, each above its share of new rows; predict is the median', () => {
    const quantiles = reg.predictQuantiles(fresh.X);
    expect(quantiles.shape).toEqual([2000, 3]);
    for (const row of quantiles.toArray()) expect([...row].sort((a, b) => a - b)).toEqual(row);
    levels.forEach((level, k) => {
      const below = fresh.y.filter((y, i) => y <= quantiles.row(i)[k]!).length / 2000;
      expect(Math.abs(below - level)).toBeLessThan(0.05);
    });
    expect([...reg.predict(fresh.X)]).toEqual(quantiles.toArray().map((row) => row[1]));
    expect(reg.quantiles).toEqual(levels);
    expect(reg.score(fresh.X, fresh.y)).toBeGreaterThan(0.8);
  });

  test('far outside the data and at rows of every size they are in order to the last bit', () => {
    for (const size of [1e-6, 1, 1e3, 1e9])
      for (const row of reg.predictQuantiles(fresh.X.slice(0, 300).map(([x]) => [size * (x! - 1.5)])).toArray())
        expect(row[0]! <= row[1]! && row[1]! <= row[2]!).toBe(true);
  });

  test('without a half predict is the line between the levels beside it, or the nearest level', () => {
    const of = (quantiles: number[]) => new MLPRegressor({ ...plain, epochs: 5, quantiles }).fitSync(data.X, data.y);
    const beside = of([0.1, 0.4, 0.8]);
    beside
      .predictQuantiles(fresh.X)
      .toArray()
      .forEach((row, i) => {
        if (i < 50) expect(beside.predict(fresh.X)[i]).toBeCloseTo(0.75 * row[1]! + 0.25 * row[2]!, 8);
      });
    for (const [quantiles, k] of [
      [[0.7, 0.9], 0],
      [[0.1, 0.2], 1],
      [[0.8], 0],
    ] as const) {
      const one = of([...quantiles]);
      expect([...one.predict(fresh.X)]).toEqual(
        one
          .predictQuantiles(fresh.X)
          .toArray()
          .map((row) => row[k]),
      );
    }
  });

  test('intervals are wide where the truth scatters, and those of a predictor and of a loaded one', () => {
    const kept = curve(300, new Random(6, 'kept'));
    const own = (loadEstimator(reg.save()) as MLPRegressor).conformalize(kept.X, kept.y);
    const intervals = own.predictInterval(fresh.X);
    const width = (x: number) => {
      const [low, high] = own.predictInterval([[x]]).row(0);
      return high! - low!;
    };
    expect(width(2.8) / width(0.2)).toBeGreaterThan(1.5); // 3.8 / 1.2 of the truth
    const held = fresh.y.filter((y, i) => intervals.row(i)[0]! <= y && y <= intervals.row(i)[1]!).length / 2000;
    expect(Math.abs(held - 0.9)).toBeLessThan(0.04);
    const predictor = loadPredictor(own.save());
    expect(predictor.predictInterval(fresh.X)).toEqual(intervals);
    expect(predictor.predictQuantiles(fresh.X)).toEqual(own.predictQuantiles(fresh.X));
    expect(predictor.predict(fresh.X)).toEqual(own.predict(fresh.X));
    expect(loadEstimator(own.save())).toBeInstanceOf(MLPRegressor);
    expect((loadEstimator(own.save()) as MLPRegressor).predictInterval(fresh.X)).toEqual(intervals);
    expect(refusal(() => own.predictInterval(fresh.X, { confidence: 0.999 })).message).toContain('needs at least 999 rows');
  });

  test('several targets have their own, side by side', () => {
    const both = data.y.map((y, i) => [y, -data.X[i]![0]! * 1e-3]);
    const own = new MLPRegressor({ ...plain, quantiles: levels }).fitSync(data.X, both);
    const quantiles = own.predictQuantiles(fresh.X);
    expect(quantiles.shape).toEqual([2000, 6]);
    const points = own.predict(fresh.X) as never as { data: Float64Array; shape: number[] };
    expect(points.shape).toEqual([2000, 2]);
    expect([points.data[0], points.data[1]]).toEqual([quantiles.row(0)[1], quantiles.row(0)[4]]);
    expect(Math.abs(quantiles.row(0)[4]! + fresh.X[0]![0]! * 1e-3)).toBeLessThan(2e-4);
    own.conformalize(
      fresh.X,
      fresh.y.map((y, i) => [y, -fresh.X[i]![0]! * 1e-3]),
    );
    expect(own.predictInterval(fresh.X).shape).toEqual([2000, 4]);
    expect(loadPredictor(own.save()).predictInterval(fresh.X)).toEqual(own.predictInterval(fresh.X));
  });

  test('rise with monotone columns, every one of them', () => {
    const own = new MLPRegressor({
      ...plain,
      hiddenLayers: [12, 12],
      quantiles: levels,
      monotone: { x0: 1 },
      epochs: 10,
    }).fitSync(data.X, data.y);
    const line = own.predictQuantiles(Array.from({ length: 200 }, (_, i) => [i / 20 - 3])).toArray();
    for (let i = 1; i < 200; i++) line[i]!.forEach((q, k) => expect(q - line[i - 1]![k]!).toBeGreaterThanOrEqual(-1e-3));
    for (const k of [0, 1, 2]) expect(Math.min(...own.model.inputGradient(fresh.X, k).data)).toBeGreaterThanOrEqual(0);
  });

  test('are explained by the median, exported in the units of y, and learnt on', async () => {
    const { base, values, predictions } = explain(reg, fresh.X.slice(0, 5), { background: data.X.slice(0, 40) });
    predictions.forEach((p, i) => expect(Math.abs(base + values.row(i)[0]! - p)).toBeLessThan(1e-3));
    expect(predictions[0]).toBeCloseTo(reg.predict(fresh.X.slice(0, 1))[0]!, 1);
    const { predict } = (await import(`data:text/javascript,${encodeURIComponent(exportModule(reg).code)}`)) as {
      predict(rows: number[][]): number[][];
    };
    const [row] = reg.predictQuantiles(fresh.X).toArray();
    Array.from(predict(fresh.X.slice(0, 1))[0]!).forEach((q, k) => expect(q).toBeCloseTo(row![k]!, 1));
    expect(exportOnnx(reg).length).toBeGreaterThan(100);
    const more = loadEstimator(reg.save({ optimizer: true })) as MLPRegressor;
    more.partialFit(data.X, data.y);
    expect(more.predictQuantiles(fresh.X).shape).toEqual([2000, 3]);
  });
});

test('conformalised quantiles and deviations cover as often as they say: 200 draws, within three standard errors of the beta-binomial', () => {
  const random = new Random(12, 'draws');
  const [n, m, confidence] = [39, 40, 0.8];
  const rank = Math.ceil((n + 1) * confidence);
  const [a, b] = [rank, n + 1 - rank];
  for (const options of [{ quantiles: [0.2, 0.7] }, { loss: 'gaussianNll' }] as MLPRegressorOptions[]) {
    const reg = new MLPRegressor({ ...plain, epochs: 15, ...options }).fitSync(data.X, data.y);
    const shares = Array.from({ length: 200 }, () => {
      const [kept, rest] = [curve(n, random), curve(m, random)];
      const intervals = reg.conformalize(kept.X, kept.y).predictInterval(rest.X, { confidence });
      return rest.y.filter((y, i) => intervals.row(i)[0]! <= y && y <= intervals.row(i)[1]!).length / m;
    });
    const variance = (a * b * (a + b + m)) / ((a + b) ** 2 * (a + b + 1) * m);
    const covered = shares.reduce((sum, share) => sum + share, 0) / 200;
    expect(Math.abs(covered - a / (a + b))).toBeLessThan(3 * Math.sqrt(variance / 200));
  }
});

test('CQR is its definition: ends moved by the ranked score of max(low - y, y - high), of the pair of levels nearest to the confidence', () => {
  const reg = new MLPRegressor({ ...plain, epochs: 10, quantiles: [0.05, 0.2, 0.5, 0.8, 0.95] }).fitSync(data.X, data.y);
  const kept = curve(57, new Random(8, 'kept'));
  reg.conformalize(kept.X, kept.y);
  const q = reg.predictQuantiles(kept.X);
  for (const [confidence, low, high] of [
    [0.9, 0, 4],
    [0.6, 1, 3],
    [0.7, 1, 3],
    [0.5, 1, 3],
    [0.8, 0, 4],
  ] as const) {
    const scores = kept.y.map((y, i) => Math.max(q.row(i)[low]! - y, y - q.row(i)[high]!)).sort((x, y) => x - y);
    const reach = scores[Math.ceil(58 * confidence - 1e-9) - 1]!;
    const [lower, upper] = reg.predictInterval(fresh.X.slice(0, 1), { confidence }).row(0);
    const [own] = reg.predictQuantiles(fresh.X.slice(0, 1)).toArray();
    expect(lower).toBeCloseTo(own![low]! - reach, 8);
    expect(upper).toBeCloseTo(own![high]! + reach, 8);
  }
});

describe("MLPRegressor with loss 'gaussianNll'", () => {
  const reg = new MLPRegressor({ ...plain, epochs: 150, loss: 'gaussianNll' }).fitSync(data.X, data.y);

  test('learns the mean and the deviation, in the units of y', () => {
    const [mean, std] = [reg.predict([[0.5], [2.5]]), reg.predictStd([[0.5], [2.5]])];
    expect(Math.abs(mean[0]! - (5000 + 100 * Math.sin(1)))).toBeLessThan(15);
    expect(Math.abs(std[0]! - 15)).toBeLessThan(5);
    expect(Math.abs(std[1]! - 35)).toBeLessThan(9);
  });

  test('has the Gaussian band without conformalize, and with it multiples of the deviation', () => {
    const [low, high] = reg.predictInterval([[1]], { confidence: 0.95 }).row(0);
    const [mean, std] = [reg.predict([[1]])[0]!, reg.predictStd([[1]])[0]!];
    expect((high! - mean) / std).toBeCloseTo(1.959963984540054, 10);
    expect((mean - low!) / std).toBeCloseTo(1.959963984540054, 10);
    const predictor = loadPredictor(reg.save());
    expect(predictor.predictInterval(fresh.X)).toEqual(reg.predictInterval(fresh.X));
    expect(predictor.predict(fresh.X)).toEqual(reg.predict(fresh.X));
    expect(refusal(() => predictor.inputGradient([[1]], 1)).message).toContain('output 1 is a deviation');
    const own = (loadEstimator(reg.save()) as MLPRegressor).conformalize(fresh.X.slice(0, 400), fresh.y.slice(0, 400));
    const again = loadPredictor(own.save());
    expect(again.predictInterval(fresh.X)).toEqual(own.predictInterval(fresh.X));
    const [scaledLow, scaledHigh] = own.predictInterval([[1]]).row(0);
    expect((scaledLow! + scaledHigh!) / 2).toBeCloseTo(mean, 6);
  });

  test('is refused by exporters, and explained by its mean', () => {
    expect(refusal(() => exportModule(reg)).message).toContain("loss 'gaussianNll'");
    expect(explain(reg, fresh.X.slice(0, 2), { background: data.X.slice(0, 20) }).predictions[0]).toBeCloseTo(
      reg.predict(fresh.X)[0]!,
      1,
    );
  });

  test('constant targets and few rows are no trouble', () => {
    const flat = new MLPRegressor({ ...plain, loss: 'gaussianNll' }).fitSync(
      data.X.slice(0, 9),
      data.X.slice(0, 9).map(() => 7),
    );
    for (const number of [...flat.predict(data.X), ...flat.predictStd(data.X)]) expect(Number.isFinite(number)).toBe(true);
  });
});

test('the normal quantile is the inverse of the normal distribution', () => {
  for (const p of [1e-12, 1e-4, 0.025, 0.3, 0.5, 0.500001, 0.75, 0.9, 0.975, 0.9995, 1 - 1e-9])
    expect(Math.abs(normalDistribution(normalQuantile(p)) - p)).toBeLessThan(2e-15 + 1e-13 * p);
});

test('what does not go together is refused by name', () => {
  const of = (options: object) => refusal(() => new MLPRegressor(options)).message;
  for (const quantiles of [[], [0.5, 0.1], [0, 0.5], [1.5], 0.5, 'all'])
    expect(of({ quantiles })).toContain('quantiles: expected numbers between 0 and 1 in ascending order');
  expect(of({ quantiles: levels, loss: 'huber' })).toContain("loss: quantiles are learnt by the pinball loss, not by 'huber'");
  expect(of({ quantiles: levels, preset: 'quick' })).toContain("quantiles: preset: 'quick' settles it");
  expect(of({ loss: 'gaussianNll', preset: 'quick' })).toContain("loss: preset: 'quick' settles it");
  expect(of({ loss: 'gaussianNll', monotone: { x0: 1 } })).toContain('the deviation would take the shape of the mean');
  const { X, y } = curve(40, new Random(1, 'few'));
  const numbers = new MLPRegressor({ ...plain, epochs: 2 }).fitSync(X, y);
  expect(refusal(() => numbers.predictQuantiles(X)).message).toContain('learnt no quantiles');
  expect(refusal(() => numbers.predictStd(X)).message).toContain('learnt no deviations');
  expect(refusal(() => numbers.predictInterval(X)).code).toBe('ERR_STATE');
  const one = new MLPRegressor({ ...plain, epochs: 2, quantiles: [0.9] }).fitSync(X, y);
  expect(refusal(() => one.conformalize(X, y)).message).toContain('one quantile is no interval');
  expect(
    refusal(() => new MLPRegressor({ ...plain, activation: 'relu', quantiles: levels, convex: { x0: 1 } }).fitSync(X, y)).message,
  ).toContain('convex: quantiles');
  expect(refusal(() => loadPredictor(numbers.save()).predictQuantiles(X)).code).toBe('ERR_STATE');
});
