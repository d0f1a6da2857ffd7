// A sawtooth by depth: each layer folds what comes in, so that pieces multiply; one hidden layer can only add them.

import { dense, MLP } from 'feedforward';
import { grid, valuesAt } from '../kit/oneLayer';

/** g(x) = sum of outputs[i] relu(x - i / folds): up and down `folds` times between 0 and 1. */
const outputs = (folds: number): number[] =>
  Array.from({ length: folds }, (_, i) => (i === 0 ? folds : i % 2 === 1 ? -2 * folds : 2 * folds));
const biases = (folds: number): number[] => Array.from({ length: folds }, (_, i) => -i / folds);

/** `layers` hidden layers, each of which folds `folds` times, set by hand. */
export function deep(folds: number, layers: number): MLP {
  const model = new MLP({
    inputs: 1,
    layers: [...Array.from({ length: layers }, () => dense(folds, { activation: 'relu' })), dense(1)],
  });
  const vector = [...Array.from({ length: folds }, () => 1), ...biases(folds)];
  for (let layer = 1; layer < layers; layer++)
    vector.push(...outputs(folds).flatMap((w) => new Array<number>(folds).fill(w)), ...biases(folds));
  model.setVector([...vector, ...outputs(folds), 0]);
  return model;
}

/** Straight pieces of a curve: places where its slope turns, and one. */
export function pieces(values: readonly number[]): number {
  let count = 1;
  let before = 0;
  for (let i = 1; i < values.length; i++) {
    const way = Math.sign(values[i]! - values[i - 1]!);
    if (way === 0) continue;
    if (before !== 0 && way !== before) count++;
    before = way;
  }
  return count;
}

export interface Curve {
  readonly points: readonly number[];
  readonly values: readonly number[];
}

/** Over [0, 1], at all of `corners` equal parts' ends and some between. */
export function curve(model: MLP, corners: number): Curve {
  const points = grid(0, 1, corners * Math.ceil(1000 / corners));
  return { points, values: valuesAt(model, points) };
}
