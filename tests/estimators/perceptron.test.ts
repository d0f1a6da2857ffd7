import { describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { datasets } from '../../src/entries/parts/data.js';
import { Perceptron } from '../../src/estimators/perceptron.js';
import { findSeparator } from '../../src/estimators/separability.js';
import { codeOf, refusal } from '../support/errors.js';
import { fixture } from '../support/fixtures.js';

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

  test('from given weights does what scikit-learn does, for any rate', () => {
    const { x, y, starts } = fixture<{
      x: number[][];
      y: number[];
      starts: { weights: number[]; bias: number; epochs: number; learningRate: number; learnt: number[] }[];
    }>('course-rows.json');
    for (const { weights, bias, epochs, learningRate, learnt } of starts) {
      const perceptron = new Perceptron({ epochs, learningRate }).fitSync(x, y, { start: { weights, bias } });
      [...perceptron.weights, perceptron.bias].forEach((w, j) => expect(w).toBeCloseTo(learnt[j]!, 7));
    }
  });

  test('the bound from given weights holds, is the old one from 0, and is the root of its equation', () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = new Random(seed, 'starts');
      const { X, y, weights, bias } = separableRows(random, 30, 3, 0.2);
      const separator = { weights, bias };
      const start = { weights: weights.map(() => 5 * random.normal()), bias: 5 * random.normal() };
      const learningRate = random.between(0.1, 2);
      const perceptron = new Perceptron({ learningRate, epochs: 1e5 }).fitSync(X, y, { separator, start });
      expect(perceptron.converged).toBe(true);
      expect(perceptron.mistakes).toBeLessThanOrEqual(perceptron.bound!);
      const fromZero = new Perceptron({ learningRate }).fitSync(X, y, { separator }).bound!;
      expect(new Perceptron().fitSync(X, y, { separator, start: { weights: [0, 0, 0] } }).bound).toBe(fromZero);
      // (w0 . w* + k eta delta)^2 = |w*|^2 (|w0|^2 + k (eta R)^2)
      const points = X.map((row, i) => [...row, 1].map((v) => (y[i] === 1 ? v : -v)));
      const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, j) => sum + v * b[j]!, 0);
      const w = [...weights, bias];
      const w0 = [...start.weights, start.bias];
      const delta = Math.min(...points.map((p) => dot(p, w)));
      const longest = Math.max(...points.map((p) => dot(p, p)));
      const k = perceptron.bound!;
      const left = (dot(w0, w) + k * learningRate * delta) ** 2;
      const right = dot(w, w) * (dot(w0, w0) + k * learningRate ** 2 * longest);
      if (k > 0) expect(left / right).toBeCloseTo(1, 8);
    }
  });

  test('strict: a row on the line is no mistake, so that weights of 0 are never left, and it says so', () => {
    const or = [0, 1, 1, 1];
    const stuck = new Perceptron({ strict: true }).fitSync(square, or);
    expect([...stuck.weights, stuck.bias]).toEqual([0, 0, 0]);
    expect([stuck.mistakes, stuck.epochs, stuck.converged]).toEqual([0, 1, true]);
    expect(stuck.separable).toBe(true); // which was looked for: it has not been learnt
    expect(stuck.verdict).toMatch(
      /^Stopped after 0 mistakes in 1 epochs: no row is on the wrong side, but 4 lie on the line itself/,
    );
    expect(stuck.verdict).toMatch(/all weights are 0: start from others, or leave strict out/);
    const { X, y } = datasets.xor();
    expect(new Perceptron({ strict: true }).fitSync(X, y).separable).toBe(false);
    // From (-1, -1 | 0.5) by hand: rows 01, 10 and 11 have y w.x = -0.5, -0.5 … until none is below 0.
    const start = { weights: [-1, -1], bias: 0.5 };
    const learnt = new Perceptron({ strict: true }).fitSync(square, or, { start });
    expect(learnt.mistakesByEpoch.at(-1)).toBe(0);
    expect(learnt.score(square, or)).toBe(1);
    expect([learnt.separable, learnt.separability?.separable]).toEqual([true, true]);
    const loaded = Perceptron.load(learnt.save());
    expect([loaded.options.strict, loaded.separable, loaded.verdict]).toEqual([true, true, learnt.verdict]);
    expect(Perceptron.load(stuck.save()).verdict).toBe(stuck.verdict);
  });

  test('both rules walk alike where no row is ever on the line, by the listing of the course', () => {
    const { X, y } = separableRows(new Random(4, 'rule'), 25, 2, 0.1);
    const start = { weights: [0.3, -0.7], bias: 0.11 };
    // while some rho_j sign(theta x_j) < 0: theta += rho_j x_j, row after row
    const theta = [...start.weights, start.bias];
    for (let wrong = true; wrong; ) {
      wrong = false;
      X.forEach((row, j) => {
        const x = [...row, 1];
        const rho = y[j] === 1 ? 1 : -1;
        if (rho * Math.sign(x.reduce((sum, v, k) => sum + v * theta[k]!, 0)) >= 0) return;
        x.forEach((v, k) => (theta[k]! += rho * v));
        wrong = true;
      });
    }
    for (const strict of [true, false]) {
      const perceptron = new Perceptron({ strict }).fitSync(X, y, { start });
      expect([...perceptron.weights, perceptron.bias].map((w) => w.toFixed(10))).toEqual(theta.map((w) => w.toFixed(10)));
    }
  });

  test('refuses starts of another width, and a bias where there is none', () => {
    const or = [0, 1, 1, 1];
    expect(refusal(() => new Perceptron().fitSync(square, or, { start: { weights: [1] } })).message).toMatch(/^start\.weights/);
    expect(
      refusal(() => new Perceptron({ bias: false }).fitSync(square, or, { start: { weights: [1, 1], bias: 1 } })).message,
    ).toMatch(/^start\.bias/);
  });
});
