// Least squares with two weights on 200 rows: paths of the library's steps on all rows, on batches and on single rows.

import { dense, MLP, Random, sgd } from 'feedforward/baseline';
import type { Point } from '../descent/valley.js';

export const rows = 200;
const random = new Random(1, 'data');
const X = Array.from({ length: rows }, (): Point => [2 * random.normal(), 0.8 * random.normal()]);
const y = X.map(([a, b]) => [a - 2 * b + 0.5 * random.normal()]);

const sum = (of: (row: Point, r: number) => number) => X.reduce((total, row, r) => total + of(row, r), 0);
const [aa, ab, bb] = [sum(([a]) => a * a), sum(([a, b]) => a * b), sum(([, b]) => b * b)];
const [ay, by] = [sum(([a], r) => a * y[r]![0]!), sum(([, b], r) => b * y[r]![0]!)];
const determinant = aa * bb - ab * ab;

/** The least of the loss, by the normal equations. */
export const best: Point = [(bb * ay - ab * by) / determinant, (aa * by - ab * ay) / determinant];

/** The mean squared error of two weights. */
export const lossAt = ([u, v]: Point): number => sum(([a, b], r) => (a * u + b * v - y[r]![0]!) ** 2) / rows;

/** Its second derivatives: 2/n X^T X. */
export const curvature = { aa: (2 * aa) / rows, ab: (2 * ab) / rows, bb: (2 * bb) / rows };

/** Weights after each step of one or more epochs, each of which has every row once in a new order. */
export function path(start: Point, batch: number, rate: number, epochs: number, seed: number): Point[] {
  const model = new MLP(
    { inputs: 2, layers: [dense(1, { bias: false })], optimizer: sgd({ learningRate: rate }), seed },
    { precision: 'float64' },
  );
  model.setVector(start);
  const points: Point[] = [start];
  const order = new Random(seed, 'order');
  for (let epoch = 0; epoch < epochs; epoch++) {
    const shuffled = order.permutation(rows);
    for (let from = 0; from < rows; from += batch) {
      const picked = Array.from(shuffled.slice(from, from + batch));
      model.trainStep(
        picked.map((i) => [...X[i]!]),
        picked.map((i) => y[i]!),
      );
      const [u, v] = model.getVector();
      points.push([u!, v!]);
      if (!(Math.hypot(u!, v!) < 1e3)) return points;
    }
  }
  return points;
}
