import { Random } from 'feedforward';

/** The truth that rows are drawn from, on [-2, 2]. */
export const truth = (x: number): number => Math.sin(3 * x) + 0.3 * x;

export interface Rows {
  readonly X: number[][];
  readonly y: number[][];
}

/** Rows with noise of that deviation: another seed, another draw. */
export function drawRows(count: number, deviation: number, seed: number): Rows {
  const random = new Random(seed, 'data');
  const X = Array.from({ length: count }, () => [random.between(-2, 2)]);
  return { X, y: X.map(([x]) => [truth(x!) + deviation * random.normal()]) };
}
