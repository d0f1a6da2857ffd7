// The heavy ball, written in five ways, beside the library's optimizer for each.

import { sgd, type OptimizerLike } from 'feedforward/baseline';
import { gradientAt, type Point, type Valley } from '../descent/valley.js';

export const forms = ['velocity', 'differences', 'sum', 'average', 'schedule'] as const;
export type Form = (typeof forms)[number];

export interface Settings {
  readonly rate: number;
  readonly beta: number;
}

/** beta(k) of the form 'schedule', k from 0. */
export const scheduled = (k: number): number => 1 - 2 / (k + 3);

/** The library's own. */
export function optimizerOf(form: Form, { rate, beta }: Settings): OptimizerLike {
  if (form === 'average') return sgd({ learningRate: rate, momentum: beta, form: 'ema' });
  return sgd({ learningRate: rate, momentum: form === 'schedule' ? scheduled : beta });
}

/** theta by the form's formula, after 0, 1, … steps. */
export function written(form: Form, { rate, beta }: Settings, valley: Valley, start: Point, steps: number): Point[] {
  const path: Point[] = [start];
  const past: Point[] = [];
  let v: Point = [0, 0];
  const each = (of: (j: 0 | 1) => number): Point => [of(0), of(1)];
  for (let k = 0; k < steps; k++) {
    const theta = path[k]!;
    const before = path[k - 1] ?? theta;
    const g = gradientAt(valley, theta);
    past.push(g);
    if (form === 'differences') path.push(each((j) => theta[j] - rate * g[j] + beta * (theta[j] - before[j])));
    else if (form === 'sum')
      path.push(each((j) => theta[j] - rate * past.reduce((sum, old, i) => sum + beta ** (k - i) * old[j], 0)));
    else if (form === 'schedule')
      path.push(each((j) => theta[j] - rate * g[j] + (k === 0 ? 0 : scheduled(k)) * (theta[j] - before[j])));
    else {
      const share = form === 'average' ? 1 - beta : 1;
      v = each((j) => beta * v[j] + share * g[j]);
      path.push(each((j) => theta[j] - rate * v[j]));
    }
  }
  return path;
}

/** How far two paths are apart at most. */
export const apart = (one: readonly Point[], other: readonly Point[]): number =>
  one.reduce((most, point, k) => Math.max(most, Math.hypot(point[0] - other[k]![0], point[1] - other[k]![1])), 0);
