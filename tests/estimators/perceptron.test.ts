import { describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { datasets } from '../../src/entries/parts/data.js';
import { Perceptron } from '../../src/estimators/perceptron.js';
import { findSeparator } from '../../src/estimators/separability.js';
import { codeOf, refusal } from '../support/errors.js';

const square = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];

/** Random rows with labels by a random hyperplane, none closer to it than `margin`. */
function separableRows(random: Random, rows: number, columns: number, margin: number) {
  const weights = Array.from({ length: columns }, () => random.normal());
  const size = Math.hypot(...weights);
  const bias = random.normal();
  const X: number[][] = [];
  const y: number[] = [];
  while (X.length < rows) {
    const row = Array.from({ length: columns }, () => 3 * random.normal());
    const distance = (row.reduce((sum, x, j) => sum + x * weights[j]!, 0) + bias) / size;
    if (Math.abs(distance) < margin) continue;
    X.push(row);
    y.push(distance > 0 ? 1 : 0);
  }
  return { X, y, weights, bias };
}

describe('Perceptron', () => {
  test('learns AND, OR and NOT', () => {
    for (const [X, y] of [
      [square, [0, 0, 0, 1]],
      [square, [0, 1, 1, 1]],
      [
        [[0], [1]],
        [1, 0],
      ],
    ] as const) {
      const perceptron = new Perceptron().fitSync(X, y);
      expect(perceptron.predict(X)).toEqual(y);
      expect(perceptron.score(X, y)).toBe(1);
      expect(perceptron.converged).toBe(true);
      expect(perceptron.separable).toBe(true);
      expect(perceptron.mistakesByEpoch.at(-1)).toBe(0);
      expect(perceptron.mistakes).toBeLessThanOrEqual(perceptron.bound!);
    }
  });

  test("makes Rosenblatt's steps: AND by hand, epoch by epoch", () => {
    // Rows 00 01 10 11, y = - - - +. A sum of 0 is a mistake. (w1, w2, b) after each mistake of the first epoch:
    // 00: (0, 0, -1); 11: (1, 1, 0). Of the second: 00: (1, 1, -1); 01: (1, 0, -2); 11: (2, 1, -1).
    const perceptron = new Perceptron({ epochs: 2 }).fitSync(square, [0, 0, 0, 1]);
    expect(perceptron.mistakesByEpoch).toEqual([2, 3]);
    expect([...perceptron.weights, perceptron.bias]).toEqual([2, 1, -1]);
    expect(perceptron.converged).toBe(false);
    expect(perceptron.separable).toBe(true);
    expect(perceptron.verdict).toMatch(/^Separable, but not learnt after 5 mistakes in 2 epochs/);
  });

  test('reports XOR as not separable instead of looping for ever, with a proof', () => {
    const { X, y } = datasets.xor();
    const perceptron = new Perceptron({ epochs: 1e9 }).fitSync(X, y);
    expect(perceptron.separable).toBe(false);
    expect(perceptron.converged).toBe(false);
    expect(perceptron.bound).toBeUndefined();
    expect(perceptron.epochs).toBe(20);
    expect(perceptron.verdict).toMatch(/^Not separable: no hyperplane/);
    // The proof: shares > 0 of y (x, 1) / |(x, 1)| that cancel out.
    const answer = perceptron.separability!;
    if (answer.separable) throw new Error('expected a proof');
    const sum = [0, 0, 0];
    answer.proof.rows.forEach((i, k) => {
      const point = [...square[i]!, 1];
      const sign = y.data[i] === 1 ? 1 : -1;
      expect(answer.proof.shares[k]).toBeGreaterThan(0);
      point.forEach((x, j) => {
        sum[j]! += (answer.proof.shares[k]! * sign * x) / Math.hypot(...point);
      });
    });
    expect(Math.hypot(...sum)).toBeLessThan(1e-12);
  });

  test('never makes more mistakes than the bound allows, on 3,000 random separable sets', () => {
    const random = new Random(7);
    for (let trial = 0; trial < 3000; trial++) {
      const columns = 1 + random.below(6);
      const { X, y, weights, bias } = separableRows(random, 2 + random.below(30), columns, 0.05 + random.uniform());
      if (new Set(y).size < 2) continue;
      const perceptron = new Perceptron({
        epochs: 1e6,
        shuffle: trial % 2 === 1,
        seed: trial,
        learningRate: trial % 3 === 0 ? 0.1 : 1,
      });
      perceptron.fitSync(X, y, { separator: { weights, bias } });
      expect(perceptron.converged).toBe(true);
      expect(perceptron.mistakes).toBeLessThanOrEqual(perceptron.bound!);
      expect(perceptron.predict(X)).toEqual(y);
    }
  });

  test('tells separable from not separable on random labels, as trying for long would', () => {
    const random = new Random(11);
    const seen = { yes: 0, no: 0 };
    for (let trial = 0; trial < 300; trial++) {
      const columns = 1 + random.below(4);
      const rows = 3 + random.below(8);
      const X = Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.below(7) - 3));
      const y = Array.from({ length: rows }, () => random.below(2));
      const points = Float64Array.from(X.flatMap((row, i) => [...row, 1].map((x) => (y[i] === 1 ? x : -x))));
      const answer = findSeparator(points, rows, columns + 1)!;
      expect(answer).toBeDefined();
      if (answer.separable) {
        seen.yes++;
        for (let i = 0; i < rows; i++)
          expect(answer.weights.reduce((sum, w, j) => sum + w * points[i * (columns + 1) + j]!, 0)).toBeGreaterThan(0);
      } else {
        seen.no++;
        const sum = new Float64Array(columns + 1);
        answer.proof.rows.forEach((i, k) => {
          const point = points.subarray(i * (columns + 1), (i + 1) * (columns + 1));
          const size = Math.hypot(...point);
          point.forEach((x, j) => {
            sum[j]! += (answer.proof.shares[k]! * x) / size;
          });
        });
        expect(Math.hypot(...sum)).toBeLessThan(1e-9);
      }
    }
    expect(seen.yes).toBeGreaterThan(50);
    expect(seen.no).toBeGreaterThan(50);
  });

  test('takes labels of any kind, the second in order being the positive one', () => {
    const perceptron = new Perceptron().fitSync(square, ['no', 'no', 'no', 'yes']);
    expect(perceptron.classes).toEqual(['no', 'yes']);
    expect(perceptron.predict([[1, 1]])).toEqual(['yes']);
    expect(new Perceptron().fitSync(square, [false, true, true, true]).predict([[0, 0]])).toEqual([false]);
  });

  test('learns in portions, and is saved to the last bit', () => {
    const random = new Random(3);
    const { X, y } = separableRows(random, 40, 3, 0.3);
    const perceptron = new Perceptron();
    for (let pass = 0; pass < 200; pass++) {
      perceptron.partialFit(X.slice(0, 20), y.slice(0, 20), { classes: [0, 1] });
      perceptron.partialFit(X.slice(20), y.slice(20));
    }
    expect(perceptron.score(X, y)).toBe(1);
    const loaded = Perceptron.load(perceptron.save());
    expect(loaded.weights).toEqual(perceptron.weights);
    expect(loaded.bias).toBe(perceptron.bias);
    expect(loaded.predict(X)).toEqual(perceptron.predict(X));
    expect(loaded.mistakes).toBe(perceptron.mistakes);
    expect(codeOf(() => Perceptron.load(new TextEncoder().encode('{"type":"MLP"}')))).toBe('ERR_FORMAT');
    expect(codeOf(() => Perceptron.load(new TextEncoder().encode('no JSON')))).toBe('ERR_FORMAT');
  });

  test('a saved option out of range is a fault of the file, ERR_FORMAT', async () => {
    const perceptron = await new Perceptron().fit([[0], [1]], ['a', 'b']);
    const saved = new TextDecoder().decode(perceptron.save());
    for (const [name, value] of [
      ['learningRate', -1],
      ['learningRate', 0],
      ['epochs', 0],
    ] as const) {
      const changed = saved.replace(new RegExp(`"${name}":[^,}]+`), `"${name}":${value}`);
      expect([name, value, codeOf(() => Perceptron.load(new TextEncoder().encode(changed)))]).toEqual([
        name,
        value,
        'ERR_FORMAT',
      ]);
    }
  });

  test('refuses what it cannot do, and is then as before', () => {
    const perceptron = new Perceptron().fitSync(square, [0, 0, 0, 1]);
    const before = perceptron.weights;
    expect(codeOf(() => perceptron.fitSync(square, [0, 1, 2, 1]))).toBe('ERR_LABEL');
    expect(codeOf(() => perceptron.fitSync(square, [1, 1, 1, 1]))).toBe('ERR_LABEL');
    expect(codeOf(() => perceptron.fitSync(square, [0, 1]))).toBe('ERR_SHAPE');
    expect(codeOf(() => perceptron.fitSync([[Number.NaN]], [0]))).toBe('ERR_NONFINITE');
    expect(codeOf(() => perceptron.partialFit(square, [0, 0, 0, 7]))).toBe('ERR_LABEL');
    expect(codeOf(() => perceptron.predict([[1]]))).toBe('ERR_SHAPE');
    expect(refusal(() => perceptron.fitSync(square, [0, 0, 0, 1], { separator: { weights: [1, 1] } })).message).toMatch(
      /row 0 lies on the wrong side/,
    );
    expect(perceptron.weights).toEqual(before);
    expect(codeOf(() => new Perceptron().predict(square))).toBe('ERR_STATE');
    expect(refusal(() => new Perceptron({ epoch: 3 } as object)).message).toMatch(/Did you mean "epochs"/);
  });
});
