// Any function by pieces: steps out of sigmoids, or sides of a polygon out of ReLUs, set by hand from the function's own heights.

import type { MLP } from 'feedforward';
import { grid, oneLayer, valuesAt } from '../kit/oneLayer';

export type Kind = 'steps' | 'sides';

/** Points at which the function is kept, and looked at. */
export const points = grid(0, 1, 2000);

const wave = (x: number): number => Math.sin(2 * Math.PI * x) + 0.5 * Math.sin(6 * Math.PI * x);
/** Functions to begin with; a hand draws others. */
export const functions: Record<string, (x: number) => number> = {
  wave,
  parabola: (x) => 4 * x * (1 - x) - 0.5,
  corner: (x) => 2 * Math.abs(x - 0.4) - 0.5,
  jump: (x) => (x < 0.5 ? -0.8 : 0.8),
};

/** The drawn function between its points: straight lines. */
function heightAt(heights: readonly number[], x: number): number {
  const at = x * (heights.length - 1);
  const left = Math.min(heights.length - 2, Math.floor(at));
  return heights[left]! + (at - left) * (heights[left + 1]! - heights[left]!);
}

/** n steps of width 1 / n, each as high as the function in its middle: n - 1 sigmoids that climb from one to the next. */
function staircase(heights: readonly number[], n: number): MLP {
  const steep = 2000 * n;
  const middles = Array.from({ length: n }, (_, i) => heightAt(heights, (i + 0.5) / n));
  const edges = Array.from({ length: n - 1 }, (_, i) => (i + 1) / n);
  return oneLayer({
    activation: 'sigmoid',
    weights: edges.map(() => steep),
    biases: edges.map((edge) => -steep * edge),
    outputs: edges.map((_, i) => middles[i + 1]! - middles[i]!),
    shift: middles[0]!,
  });
}

/** The polygon through the function at 0, 1 / n, …, 1: a ReLU for each change of slope. */
function polygon(heights: readonly number[], n: number): MLP {
  const knots = grid(0, 1, n);
  const slopes = knots.slice(1).map((x, i) => (heightAt(heights, x) - heightAt(heights, knots[i]!)) * n);
  return oneLayer({
    activation: 'relu',
    weights: slopes.map(() => 1),
    biases: slopes.map((_, i) => -knots[i]!),
    outputs: slopes.map((slope, i) => slope - (slopes[i - 1] ?? 0)),
    shift: heights[0]!,
  });
}

export interface Followed {
  readonly values: number[];
  readonly units: number;
  /** The largest distance; of steps away from their cliffs, which are 1 / (100 n) wide. */
  readonly error: number;
}

export function follow(heights: readonly number[], kind: Kind, n: number): Followed {
  const values = valuesAt(kind === 'steps' ? staircase(heights, n) : polygon(heights, n), points);
  const near = (x: number): boolean => kind === 'steps' && Math.abs(x * n - Math.round(x * n)) < 0.01;
  const error = points.reduce((most, x, i) => (near(x) ? most : Math.max(most, Math.abs(values[i]! - heights[i]!))), 0);
  return { values, units: kind === 'steps' ? n - 1 : n, error };
}

const counts = [8, 16, 32, 64, 128];
/** The largest error by the number of pieces, and the power of n it goes with: the slope of a straight line through the logarithms. */
export function order(heights: readonly number[], kind: Kind): { errors: [number, number][]; power: number } {
  const errors = counts.map((n): [number, number] => [n, follow(heights, kind, n).error]);
  const logs = errors.map(([n, error]) => [Math.log(n), Math.log(Math.max(error, 1e-12))] as const);
  const mean = (k: 0 | 1): number => logs.reduce((sum, pair) => sum + pair[k], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const across = logs.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return { errors, power: across / logs.reduce((sum, [a]) => sum + (a - x) ** 2, 0) };
}
