// What a fit says about its rows and its rate, and what it says nothing of.

import { describe, expect, test, vi } from 'vitest';
import { StandardScaler } from '../../src/data/scalers/index.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { MLP } from '../../src/mlp/mlp.js';
import { Random } from '../../src/data/random.js';
import { cosineDecay, oneCycle, warmup } from '../../src/plan/schedules.js';
import { dense, rescale } from '../../src/plan/layers.js';

const random = new Random(7);
const permuted = (count: number) => [...new Random(3).permutation(count)];
const noise = Array.from({ length: 100 }, () => [random.normal(), random.normal()]);
const classifier = () =>
  new MLP({ inputs: 2, layers: [dense(3, { activation: 'softmax' })], loss: 'sparseCategoricalCrossEntropy', seed: 1 });
const regression = (inputs = 2) => new MLP({ inputs, layers: [dense(1)], seed: 1 });
const split = { epochs: 1, validationSplit: 0.2 };

describe('rows that validationSplit holds out', () => {
  test('of a class that no row that trains has are noted, by the class', () => {
    const y = noise.map((_, i) => (i < 85 ? i % 2 : 2)); // rows 80 to 84 are of other classes
    expect(
      classifier().fitSync(
        noise,
        y.map((c, i) => (i < 85 ? c : 2)),
        split,
      ).notes,
    ).toEqual([
      'validationSplit holds out the last 20 rows, of which some are of class 2, and no row that trains is. Shuffle X and y together before fit, or pass validationData.',
    ]);
  });

  test('of one class, as those of a file sorted by class, are noted; the same rows shuffled are not', () => {
    const y = noise.map((_, i) => (i < 50 ? 0 : 1));
    const [note, ...others] = classifier().fitSync(noise, y, split).notes;
    expect(note).toContain('none is of class 0');
    expect(others).toEqual([]);
    const order = permuted(100);
    expect(
      classifier().fitSync(
        order.map((i) => noise[i]!),
        order.map((i) => y[i]!),
        split,
      ).notes,
    ).toEqual([]);
    const few = noise.slice(0, 12);
    expect(
      classifier().fitSync(
        few,
        few.map((_, i) => (i < 8 ? 0 : 1)),
        split,
      ).notes[0],
    ).toContain('all rows are sorted by class');
    expect(
      classifier().fitSync(
        few,
        few.map((_, i) => (i * 5) % 3),
        split,
      ).notes,
    ).toEqual([]);
  });

  test('of targets, or of a column, beyond the range of those that train are noted, once', () => {
    const sorted = noise.map((_, i) => i / 10);
    expect(regression().fitSync(noise, sorted, split).notes.join()).toContain('most have targets beyond those that train');
    const order = permuted(100);
    expect(
      regression().fitSync(
        noise,
        order.map((i) => i / 10),
        split,
      ).notes,
    ).toEqual([]);
    const X = noise.map(([a], i) => [a!, -i / 10]);
    const [note, ...others] = regression().fitSync(
      X,
      noise.map(([a]) => a!),
      split,
    ).notes;
    expect(note).toContain('most lie beyond those that train in column 1 of X');
    expect(others).toEqual([]);
  });

  test('are drawn at random by the preset of scikit-learn: sorted rows are no matter there', () => {
    const model = new MLP({
      inputs: 2,
      layers: [dense(3, { activation: 'softmax' })],
      loss: 'sparseCategoricalCrossEntropy',
      compat: 'sklearn',
    });
    expect(
      model.fitSync(
        noise,
        noise.map((_, i) => Math.floor(i / 34)),
        { ...split, epochs: 1 },
      ).notes,
    ).toEqual([]);
  });
});

describe('sizes', () => {
  const stamps = noise.map(([a], i) => [1.7e9 + 86400 * permuted(100)[i]!, a!]);
  const y = noise.map(([a]) => a!);

  test.each([
    ['timestamps in seconds', 1, 1.7e9],
    ['timestamps in milliseconds', 1000, 1.7e12],
    ['running numbers', 1e-3, 1.7e6],
  ])('%s fed to a network without a scale are noted with the column', (_, factor, size) => {
    const [note, ...others] = regression().fitSync(
      stamps.map(([t, a]) => [a!, t! * factor]),
      y,
      { epochs: 1, onDivergence: 'continue' },
    ).notes;
    expect(note).toMatch(/^Column 1 of X reaches /);
    expect(Number(/reaches (\S+) /.exec(note!)![1])).toBeCloseTo(size, -Math.log10(size) + 1);
    expect(others).toEqual([]);
  });

  test('columns behind a rescale layer, or of a common size, are not; nor are pixels from 0 to 255', () => {
    const center = rescale(new StandardScaler().fit(stamps));
    const model = new MLP({ inputs: 2, layers: [center, dense(1)], seed: 1 });
    expect(model.fitSync(stamps, y, { epochs: 1 }).notes).toEqual([]);
    expect(
      regression().fitSync(
        noise.map(([a, b]) => [Math.abs(a! * 80), b! * 100]),
        y,
        { epochs: 1 },
      ).notes,
    ).toEqual([]);
  });

  test('targets of 1e6 are noted: training alone has far to go', () => {
    const prices = y.map((value) => 5e5 + 1e5 * value);
    const history = regression().fitSync(noise, prices, { epochs: 20 });
    expect(history.notes.join()).toMatch(/^y reaches \d+: a network begins near 0/);
    const mean = prices.reduce((sum, value) => sum + value, 0) / 100;
    const constant = prices.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 100;
    expect(history.last!.loss).toBeGreaterThan(10 * constant); // what the note warns of
  });

  test('an estimator names the column, warns once, and keeps the note', () => {
    const other = noise.map(([a, b]) => a! + b!);
    const said: string[] = [];
    const model = new MLPRegressor({ scale: 'none', epochs: 1, onWarning: ({ message }) => said.push(message) });
    model.fitSync(stamps, other, { featureNames: ['time', 'size'] });
    expect(model.notes).toHaveLength(1);
    expect(model.notes[0]).toMatch(/^Column "time" of X reaches 17/);
    expect(said).toEqual(model.notes);
    expect(new MLPRegressor({ epochs: 1, onWarning: false }).fitSync(stamps, other).notes).toEqual([]);
  });
});

describe('schedules', () => {
  const y = noise.map(([a]) => a!);
  const notes = (learningRate: unknown, epochs: number, more = {}) =>
    new MLP({ inputs: 2, layers: [dense(1)], optimizer: { name: 'sgd', learningRate: learningRate as number }, seed: 1 }).fitSync(
      noise,
      y,
      { epochs, batchSize: 10, ...more },
    ).notes;

  test('that end with the training say nothing, counted in steps or epochs', () => {
    for (const over of [98, 100, 101]) expect(notes(oneCycle(0.01, { over }), 10)).toEqual([]);
    expect(notes(oneCycle(0.01, { over: 10, per: 'epoch' }), 10)).toEqual([]);
    expect(notes(cosineDecay(0.01, { over: 9 }), 10)).toEqual([]);
    expect(notes(warmup(cosineDecay(0.01, { over: 10 }), { steps: 20 }), 10)).toEqual([]);
    expect(notes(0.01, 3)).toEqual([]);
  });

  test('that end midway, or before the training does, are noted with both ways out', () => {
    expect(notes(oneCycle(0.01, { over: 1000 }), 10)).toEqual([
      'Training ended at step 100, "oneCycle" does at 1000: the rate was not where it should be by then. Let both end together.',
    ]);
    expect(notes(oneCycle(0.01, { over: 20 }), 10).join()).toContain('step 100, "oneCycle" did at 20');
    expect(notes(cosineDecay(0.01, { over: 40 }), 10).join()).toContain('epoch 10, "cosine" does at 40');
    expect(notes(cosineDecay(0.01, { over: 4 }), 10).join()).toContain('"cosine" did at 4: the rate was at its least');
    expect(notes(warmup(0.01, { steps: 500 }), 10).join()).toContain('step 100, "warmup" does at 500');
    expect(notes(warmup(cosineDecay(0.01, { over: 40 }), { steps: 5 }), 10).join()).toContain('"cosine" does at 40');
  });

  test('are printed with verbose, and not counted against a stopping that was asked for', () => {
    const print = vi.spyOn(console, 'log').mockImplementation(() => {});
    const said = notes(cosineDecay(0.01, { over: 4 }), 10, { verbose: true });
    expect(print.mock.calls.flat()).toContain(`note: ${said[0]}`);
    print.mockRestore();
    expect(notes(cosineDecay(1e-9, { over: 40 }), 30, { earlyStopping: { patience: 1, monitor: 'loss', minDelta: 1 } })).toEqual(
      [],
    );
  });
});
