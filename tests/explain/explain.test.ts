import { describe, expect, test } from 'vitest';
import { MLP as PlainMLP } from '../../src/entries/baseline.js';
import {
  batchNorm,
  dense,
  dropout,
  explain,
  layerNorm,
  type Matrix,
  MLP,
  MLPClassifier,
  MLPRegressor,
  Random,
  rescale,
  residual,
  Rows64,
  type LayerSpec,
} from '../../src/entries/index.js';
import type { ErrorCode } from '../../src/errors.js';
import { refusal } from '../support/errors.js';
import { meanWorth, plainShapley } from './plain.js';

const random = (seed: number, rows: number, columns: number, spread = 1): number[][] => {
  const numbers = new Random(seed, 'explain test');
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => spread * numbers.normal()));
};

function expectError(action: () => unknown, code: ErrorCode, message: RegExp): void {
  const error = refusal(action);
  expect(error.code).toBe(code);
  expect(error.message).toMatch(message);
}

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

/** base + row sum = prediction, to 1e-6 x max(1, |f|). */
function expectAdditive({ base, values, predictions }: ReturnType<typeof explain>): void {
  for (const [i, f] of predictions.entries())
    expect(Math.abs(base + sum(values.row(i)) - f)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(f)));
}

/** Values equal to the definition over all subsets of f. */
function expectDefinition(
  found: ReturnType<typeof explain>,
  f: (rows: number[][]) => ArrayLike<number>,
  X: number[][],
  background: number[][],
  tolerance: number,
  groups?: { from: number; to: number }[],
): void {
  const features = groups?.length ?? X[0]!.length;
  for (const [i, x] of X.entries()) {
    const plain = plainShapley(features, meanWorth(f, x, background, groups));
    for (let j = 0; j < features; j++)
      expect(Math.abs(found.values.row(i)[j]! - plain[j]!), `row ${i}, feature ${j}`).toBeLessThan(tolerance);
  }
}

const networks: Record<string, { inputs: number; layers: LayerSpec[] }> = {
  'one hidden layer of tanh': { inputs: 5, layers: [dense(7, { activation: 'tanh' }), dense(1)] },
  'one hidden layer of relu, three softmax outputs': {
    inputs: 4,
    layers: [dense(9, { activation: 'relu' }), dense(3, { activation: 'softmax' })],
  },
  'two hidden layers, sigmoid output': {
    inputs: 6,
    layers: [dense(8, { activation: 'gelu' }), dense(5, { activation: 'silu' }), dense(2, { activation: 'sigmoid' })],
  },
  'batch norm, dropout, a residual block and layer norm': {
    inputs: 3,
    layers: [dense(6), batchNorm(), dropout(0.3), residual([dense(6, { activation: 'tanh' }), layerNorm()]), dense(1)],
  },
  'rescale in front, and one feature': {
    inputs: 1,
    layers: [rescale({ center: 3, scale: 2 }), dense(5, { activation: 'tanh' }), dense(1)],
  },
  'no hidden layer': { inputs: 9, layers: [dense(2)] },
};

describe('explain', () => {
  test.each(Object.entries(networks))('gives the Shapley values of the definition: %s', (_, { inputs, layers }) => {
    const model = new MLP({ inputs, layers, seed: 4 });
    const X = random(1, 3, inputs);
    const background = random(2, 7, inputs);
    for (let output = 0; output < model.outputs; output++) {
      const found = explain(model, X, { background, output });
      expect(found.method).toBe('exact');
      expect(found.standardErrors).toBeUndefined();
      expectAdditive(found);
      const f = (rows: number[][]) =>
        model
          .predict(rows)
          .toArray()
          .map((row) => row[output]!);
      expect(Array.from(found.predictions)).toEqual(f(X));
      // Float32 in the network: each answer is some 1e-7 off, whichever way its sums were taken.
      expectDefinition(found, f, X, background, 2e-6);
    }
  });

  test('is right to 1e-12 on a network in float64', () => {
    const model = new PlainMLP(
      { inputs: 4, layers: [dense(6, { activation: 'tanh' }), dense(1)], seed: 2 },
      { precision: 'float64' },
    );
    const [w0, b0, w1, b1] = model.parameters().map(({ values }) => values);
    const f = (rows: number[][]) =>
      rows.map((row) => {
        let y = b1![0]!;
        for (let h = 0; h < 6; h++) {
          let z = b0![h]!;
          for (let j = 0; j < 4; j++) z += row[j]! * w0![j * 6 + h]!;
          y += Math.tanh(z) * w1![h]!;
        }
        return y;
      });
    const X = random(3, 2, 4);
    const background = random(4, 5, 4);
    expectDefinition(explain(model, X, { background }), f, X, background, 1e-12);
  });

  test('of a linear network is weight times distance from the mean of the background', () => {
    const model = new MLP({ inputs: 8, layers: [dense(1)], seed: 1 });
    const weights = model.parameters()[0]!.values;
    const X = random(5, 20, 8);
    const background = random(6, 30, 8);
    const found = explain(model, X, { background });
    for (const [i, x] of X.entries())
      for (let j = 0; j < 8; j++) {
        const mean = sum(background.map((row) => row[j]!)) / 30;
        expect(found.values.row(i)[j]).toBeCloseTo(weights[j]! * (x[j]! - mean), 5);
      }
  });

  test('takes functions that answer with numbers, with rows, and with any matrix', () => {
    const product = (rows: number[][]) => rows.map(([a, b, c]) => a! * b! + 2 * c!);
    const X = [
      [1, 2, 3],
      [0.5, -1, 4],
    ];
    const background = [
      [0, 0, 0],
      [1, 1, 1],
      [2, 0, -1],
    ];
    const asNumbers = explain((M) => product(M.toArray()), X, { background });
    expectDefinition(asNumbers, product, X, background, 1e-12);
    expectAdditive(asNumbers);
    const asRows = explain((M) => M.toArray().map((row) => [0, product([row])[0]!]), X, { background, output: 1 });
    expect(asRows).toEqual(asNumbers);
    const asMatrix = explain((M) => ({ data: Float64Array.from(product(M.toArray())), shape: [M.shape[0], 1] }), X, {
      background,
    });
    expect(asMatrix).toEqual(asNumbers);
    expect(asNumbers.featureNames).toEqual(['x0', 'x1', 'x2']);
  });

  test('hands a function rows that it may keep', () => {
    const kept: Matrix[] = [];
    const summing = (M: Matrix) => {
      kept.push(M);
      return M.toArray().map((row) => sum(row));
    };
    explain(summing, random(1, 4, 11), { background: random(2, 3, 11) });
    const all = kept.flatMap((M) => M.toArray().map((row) => row.join()));
    expect(new Set(all).size).toBe(4 + 3 + 4 * 3 * (2 ** 11 - 2));
  });

  test('treats grouped inputs as one feature', () => {
    const model = new MLP({ inputs: 6, layers: [dense(8, { activation: 'tanh' }), dense(1)], seed: 9 });
    const X = random(7, 2, 6);
    const background = random(8, 6, 6);
    const groups = [
      { name: 'colour', from: 1, to: 4 },
      { name: 'place', from: 4, to: 6 },
    ];
    const found = explain(model, X, { background, groups });
    expect(found.featureNames).toEqual(['x0', 'colour', 'place']);
    const f = (rows: number[][]) => model.predict(rows).data;
    expectDefinition(found, f, X, background, 2e-6, [{ from: 0, to: 1 }, ...groups]);
    expectAdditive(found);
  });

  test('gives exactly 0 to features that do not differ from the background, however many', () => {
    const model = new MLP({ inputs: 40, layers: [dense(8, { activation: 'tanh' }), dense(1)], seed: 9 });
    const [x] = random(1, 1, 40);
    const background = [0, 1, 2].map((b) => x!.map((value, j) => (j % 13 === b ? value + 1 : value)));
    const found = explain(model, [x!], { background });
    expect(found.method).toBe('exact');
    expectAdditive(found);
    for (const [j, part] of found.values.row(0).entries()) expect(part !== 0).toBe(j % 13 < 3);
    const equal = explain(model, [x!], { background: [x!] });
    expect(Array.from(equal.values.data)).toEqual(new Array(40).fill(0));
    expect(equal.base).toBe(equal.predictions[0]);
  });

  test('adds up on 10,000 random rows of random networks, values of many sizes', () => {
    for (const [seed, spread] of [
      [1, 1],
      [2, 100],
      [3, 1e4],
      [4, 1e-3],
    ] as const) {
      const model = new MLP({
        inputs: 5,
        layers: [dense(16, { activation: seed % 2 === 0 ? 'relu' : 'tanh' }), dense(8, { activation: 'elu' }), dense(1)],
        seed,
      });
      const found = explain(model, random(seed, 2500, 5, spread), { background: random(9, 4, 5, spread) });
      expect(found.method).toBe('exact');
      expectAdditive(found);
    }
  });
});

describe('explain of estimators', () => {
  test('knows subclasses and proxies of them, as frameworks of pages make', () => {
    class Own extends MLPRegressor {}
    const X = [[1], [2], [3], [4]];
    const regressor = new Own({ preset: 'none', hiddenLayers: [3], epochs: 2, seed: 1 }).fitSync(X, [2, 4, 6, 8]);
    const { predictions } = explain(regressor, X, { background: X });
    expect(explain(new Proxy(regressor, {}), X, { background: X }).predictions).toEqual(predictions);
    expect(refusal(() => explain(Object.create(null) as never, X, { background: X })).code).toBe('ERR_TYPE');
  });

  const colours = ['red', 'green', 'blue', 'grey'];
  const table = (seed: number, rows: number) => {
    const numbers = new Random(seed, 'table');
    return Array.from({ length: rows }, () => ({
      size: numbers.between(1, 9),
      colour: colours[numbers.below(4)]!,
      old: numbers.below(2) === 1,
      rooms: numbers.below(5),
    }));
  };
  type Row = ReturnType<typeof table>[number];
  const names = ['size', 'colour', 'old', 'rooms'] as const;
  const price = ({ size, colour, old, rooms }: Row) =>
    1e5 + 2e4 * size * (colour === 'red' ? 2 : 1) - (old ? 3e4 : 0) + 1e4 * rooms + (old && colour === 'blue' ? 5e4 : 0);

  /** The definition in the table's own columns: whatever the inputs, a category is one feature. */
  const plainOf = (f: (rows: Row[]) => ArrayLike<number>, x: Row, background: Row[]) =>
    plainShapley(names.length, (S) => {
      const rows = background.map((row) => ({ ...row, ...Object.fromEntries(S.map((g) => [names[g]!, x[names[g]!]])) }) as Row);
      return sum(f(rows)) / rows.length;
    });

  test("a regressor on records: the table's own columns, in the units of the target", async () => {
    const rows = table(1, 300);
    const model = await new MLPRegressor({ seed: 1, epochs: 60, hiddenLayers: [16, 8], onWarning: false }).fit(
      rows,
      rows.map(price),
    );
    const background = rows.slice(0, 20);
    const X = table(2, 4);
    const found = explain(model, X, { background });
    expect(found.featureNames).toEqual(names);
    expect(found.method).toBe('exact');
    expect(Array.from(found.predictions)).toEqual(Array.from(model.predict(X)));
    expectAdditive(found);
    for (const [i, x] of X.entries()) {
      const plain = plainOf((some) => model.predict(some), x, background);
      // Prices are some 2e5 with a deviation of 7e4, and float32 keeps 1e-7 of it.
      for (const [j, part] of plain.entries()) expect(Math.abs(found.values.row(i)[j]! - part)).toBeLessThan(0.2);
    }
  });

  test('a classifier of two classes: both probabilities, by column and by label, and the logit', async () => {
    const rows = table(3, 300);
    const labels = rows.map((row) => (price(row) > 2.2e5 ? 'dear' : 'cheap'));
    const model = await new MLPClassifier({ seed: 1, epochs: 60, hiddenLayers: [12], onWarning: false }).fit(rows, labels);
    const background = rows.slice(0, 15);
    const X = table(4, 5);
    const dear = explain(model, X, { background, output: 1 });
    expect(explain(model, X, { background, output: 'dear' })).toEqual(dear);
    const cheap = explain(model, X, { background });
    const proba = model.predictProba(X);
    for (let i = 0; i < X.length; i++) {
      expect(dear.predictions[i]).toBeCloseTo(proba.row(i)[1]!, 6);
      expect(cheap.predictions[i]).toBeCloseTo(proba.row(i)[0]!, 6);
      for (let j = 0; j < 4; j++) expect(cheap.values.row(i)[j]).toBeCloseTo(-dear.values.row(i)[j]!, 12);
      const plain = plainOf(
        (some) =>
          model
            .predictProba(some)
            .toArray()
            .map(([, p]) => p!),
        X[i]!,
        background,
      );
      for (const [j, part] of plain.entries()) expect(dear.values.row(i)[j]).toBeCloseTo(part, 6);
    }
    expectAdditive(dear);
    const logit = explain(model, X, { background, output: 1, scale: 'logit' });
    expectAdditive(logit);
    for (let i = 0; i < X.length; i++) {
      const [q, p] = proba.row(i);
      expect(logit.predictions[i]).toBeCloseTo(Math.log(p!) - Math.log(q!), 5);
      const logits = (some: Row[]) =>
        model
          .predictProba(some)
          .toArray()
          .map(([b, a]) => Math.log(a!) - Math.log(b!));
      for (const [j, part] of plainOf(logits, X[i]!, background).entries()) expect(logit.values.row(i)[j]).toBeCloseTo(part, 4);
    }
    const other = explain(model, X, { background, output: 'cheap', scale: 'logit' });
    for (const [k, part] of other.values.data.entries()) expect(part).toBeCloseTo(-logit.values.data[k]!, 12);
  });

  test('a classifier of three classes: each probability and its log odds', async () => {
    const rows = table(5, 300);
    const labels = rows.map((row) => (price(row) > 2.6e5 ? 30 : price(row) > 1.8e5 ? 20 : 10));
    const model = await new MLPClassifier({ seed: 1, epochs: 40, onWarning: false }).fit(rows, labels);
    const background = rows.slice(0, 8);
    const X = table(6, 3);
    const parts = [0, 1, 2].map((output) => explain(model, X, { background, output }));
    for (let k = 0; k < 12; k++) expect(sum(parts.map(({ values }) => values.data[k]!))).toBeCloseTo(0, 6);
    for (const scale of ['output', 'logit'] as const) {
      const found = explain(model, X, { background, output: 2, scale });
      expectAdditive(found);
      const f = (some: Row[]) =>
        model
          .predictProba(some)
          .toArray()
          .map((row) => (scale === 'output' ? row[2]! : Math.log(row[2]! / (row[0]! + row[1]!))));
      for (const [i, x] of X.entries()) {
        expect(found.predictions[i]).toBeCloseTo(f([x])[0]!, 5);
        for (const [j, part] of plainOf(f, x, background).entries()) expect(found.values.row(i)[j]).toBeCloseTo(part, 4);
      }
    }
  });

  test('refuses what it cannot explain, by name', async () => {
    const model = new MLP({ inputs: 2, layers: [dense(3), dense(1)] });
    const X = [[1, 2]];
    expectError(() => explain(model, X, { output: 1 }), 'ERR_SHAPE', /explain.output: expected 0 to 0, got 1/);
    expectError(() => explain(model, X, { scale: 'logit' }), 'ERR_OPTION', /needs outputs that are probabilities/);
    expectError(() => explain(model, [[1]]), 'ERR_SHAPE', /X has 1 column, but this model has 2 inputs/);
    expectError(() => explain(model, X, { background: [[1]] }), 'ERR_SHAPE', /background has 1 column/);
    expectError(() => explain(model, [[1, NaN]]), 'ERR_NONFINITE', /row 0, column 1/);
    expectError(() => explain(model, [{ a: 1, b: 2 }]), 'ERR_TYPE', /a table, but a network takes rows/);
    expectError(() => explain(model, X, { budget: 0 }), 'ERR_OPTION', /explain.budget/);
    expectError(
      () => explain(model, X, { groups: [{ name: 'a', from: 1, to: 3 }] }),
      'ERR_OPTION',
      /groups: "a" is inputs 1 to 3/,
    );
    expectError(() => explain(model, X, { backgroud: X } as object), 'ERR_OPTION', /Did you mean "background"/);
    expectError(() => explain({} as MLP, X), 'ERR_TYPE', /or a function of rows/);
    expectError(() => explain(() => Promise.resolve([1]) as never, X), 'ERR_TYPE', /promise/);
    expectError(() => explain(() => [1, 2, 3], X), 'ERR_SHAPE', /3 rows, but it was given 1/);
    expectError(() => explain(() => [NaN], X), 'ERR_NONFINITE', /function's answer/);
    expectError(() => explain(new MLPClassifier(), X), 'ERR_STATE', /not fitted/);
    const wide = new MLP({ inputs: 25, layers: [dense(1)] });
    const rows = random(1, 2, 25);
    expectError(() => explain(wide, rows, { background: random(2, 3, 25), method: 'exact' }), 'ERR_OPTION', /25 features differ/);
    expectError(() => explain(wide, rows, { background: random(2, 3, 25), budget: 1e-9 }), 'ERR_OPTION', /fewer background rows/);
    const clf = await new MLPClassifier({ epochs: 1, onWarning: false }).fit(
      [
        [0, 1],
        [1, 0],
      ],
      ['a', 'b'],
    );
    expectError(() => explain(clf, X, { output: 'logit' }), 'ERR_OPTION', /no class "logit"\. Classes: "a", "b".*scale: 'logit'/);
    const reg = await new MLPRegressor({ epochs: 1, onWarning: false }).fit(
      [
        [0, 1],
        [1, 0],
      ],
      [1, 2],
    );
    expectError(() => explain(reg, X, { scale: 'logit' }), 'ERR_OPTION', /gives numbers/);
    expectError(() => explain(reg, [{ x0: 1, x1: 2 }]), 'ERR_TYPE', /trained on a matrix/);
  });
});

describe('permutations', () => {
  const model = new MLP({ inputs: 12, layers: [dense(20, { activation: 'tanh' }), dense(1)], seed: 3 });
  const X = random(11, 3, 12, 2);
  const background = random(12, 10, 12, 2);

  test('add up, and lie about their standard errors from the exact values', () => {
    const exact = explain(model, X, { background, method: 'exact' });
    const found = explain(model, X, { background, method: 'permutation', permutations: 20 });
    expect(found.method).toBe('permutation');
    expect(found.permutations).toBe(20);
    expectAdditive(found);
    const scores = Array.from(found.values.data, (part, k) => (part - exact.values.data[k]!) / found.standardErrors!.data[k]!);
    // 36 standardised errors: their mean square is about 1, and none is far out.
    const square = sum(scores.map((z) => z * z)) / scores.length;
    expect(square).toBeGreaterThan(0.4);
    expect(square).toBeLessThan(2);
    expect(Math.max(...scores.map(Math.abs))).toBeLessThan(4);
    const more = explain(model, X, { background, method: 'permutation', permutations: 80 });
    expect(sum(more.standardErrors!.data) / sum(found.standardErrors!.data)).toBeCloseTo(0.5, 1);
  });

  test("are the same bits for the same seed, others for another, and a row's own whatever rows stand beside it", () => {
    const options = { background, method: 'permutation', permutations: 4, seed: 5 } as const;
    const found = explain(model, X, options);
    expect(explain(model, X, options)).toEqual(found);
    expect(explain(model, X, { ...options, seed: 6 }).values.data).not.toEqual(found.values.data);
    expect(explain(model, [X[2]!], options).values.row(0)).toEqual(found.values.row(2));
  });

  test('come where the budget does not allow all coalitions, more of them for a larger one', () => {
    const long = explain(model, X, { background, budget: 100 });
    expect(long.method).toBe('exact');
    const short = explain(model, X, { background, budget: 0.002 });
    const shorter = explain(model, X, { background, budget: 0.001 });
    expect([short.method, shorter.method]).toEqual(['permutation', 'permutation']);
    expect(short.permutations!).toBeGreaterThan(shorter.permutations!);
    expect(explain(model, X, { background, budget: 0.002 })).toEqual(short);
    expect(explain(model, X, { background, budget: 10_000, secondsPerRow: 1 }).method).toBe('permutation');
  });

  test('are exact, with no error, for background rows that differ in a few features', () => {
    const near = X.map((row) => row.map((value, j) => (j < 3 ? value + 1 : value)));
    const found = explain(model, X.slice(0, 1), { background: [near[0]!], method: 'permutation', permutations: 5 });
    expect(Array.from(found.standardErrors!.data)).toEqual(new Array(12).fill(0));
    expect(found.values).toEqual(explain(model, X.slice(0, 1), { background: [near[0]!], method: 'exact' }).values);
  });

  test('explain 60 features', () => {
    const wide = new MLP({ inputs: 60, layers: [dense(10, { activation: 'relu' }), dense(1)], seed: 3 });
    const found = explain(wide, random(1, 2, 60), { background: random(2, 10, 60), budget: 0.5 });
    expect(found.method).toBe('permutation');
    expectAdditive(found);
  });

  test('draw 100 background rows from X by the seed where none are given', () => {
    const rows = random(20, 300, 3);
    const small = new MLP({ inputs: 3, layers: [dense(4, { activation: 'tanh' }), dense(1)] });
    const found = explain(small, rows, { seed: 1 });
    expect(explain(small, rows, { seed: 1 })).toEqual(found);
    expect(explain(small, rows, { seed: 2 }).base).not.toBe(found.base);
    expectAdditive(found);
    expect(found.values).toBeInstanceOf(Rows64);
    expect(explain(small, rows.slice(0, 50)).base).toBeCloseTo(sum(small.predict(rows.slice(0, 50)).data) / 50, 12);
  });
});
