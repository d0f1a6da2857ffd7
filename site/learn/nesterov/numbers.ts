// Heavy ball and Nesterov's momentum: where the gradient is taken, and how many steps each needs.

import { sgd, type OptimizerLike } from 'feedforward/baseline';
import { descend, gradientAt, stepsTo, type Point, type Valley } from '../descent/valley.js';

export interface Step {
  readonly theta: Point;
  /** theta + beta v: where momentum alone would lead. */
  readonly ahead: Point;
  /** Where the gradient is taken. */
  readonly asked: Point;
  readonly next: Point;
}

export interface Settings {
  readonly valley: Valley;
  readonly start: Point;
  readonly rate: number;
  readonly beta: number;
  readonly steps: number;
}

/** v = beta v - rate g; theta = theta + v. The gradient g is that at theta + beta v (Nesterov) or at theta (heavy ball). */
export function written({ valley, start, rate, beta, steps }: Settings, lookAhead: boolean): Step[] {
  let theta = start;
  let v: Point = [0, 0];
  return Array.from({ length: steps }, () => {
    const ahead: Point = [theta[0] + beta * v[0], theta[1] + beta * v[1]];
    const asked = lookAhead ? ahead : theta;
    const g = gradientAt(valley, asked);
    v = [beta * v[0] - rate * g[0], beta * v[1] - rate * g[1]];
    const next: Point = [theta[0] + v[0], theta[1] + v[1]];
    const step = { theta, ahead, asked, next };
    theta = next;
    return step;
  });
}

/**
 * The library's weights after 0, 1, … steps; without momentum both are plain descent, which the library asks for by its own name. Under Nesterov it keeps the point ahead, as Keras and PyTorch do: after k steps the one where step k + 1 asks for
 * its gradient.
 */
function kept({ valley, start, rate, beta, steps }: Settings, nesterov: boolean): Point[] {
  return descend(
    valley,
    start,
    sgd({ learningRate: rate, momentum: beta, nesterov: nesterov && beta > 0, form: 'velocity' }),
    steps,
  );
}

/** How far the library's weights are from the points that the formulas give. */
export function apart(settings: Settings, nesterov: boolean): number {
  const points = kept(settings, nesterov);
  return written(settings, nesterov).reduce((most, { asked }, k) => {
    const [u, v] = points[k]!;
    return Math.max(most, Math.hypot(u - asked[0], v - asked[1]));
  }, 0);
}

/** The three ways down at their best rates for curvatures 1 to kappa. See: Polyak 1964; Nesterov 2004, section 2.2. */
function methods(kappa: number): readonly (readonly [name: string, optimizer: OptimizerLike])[] {
  const root = Math.sqrt(kappa);
  const ratio = (root - 1) / (root + 1);
  return [
    ['gradient descent', sgd({ learningRate: 2 / (kappa + 1) })],
    ['heavy ball', sgd({ learningRate: 4 / (root + 1) ** 2, momentum: ratio ** 2, form: 'velocity' })],
    ['Nesterov', sgd({ learningRate: 1 / kappa, momentum: ratio, form: 'velocity', nesterov: true })],
  ];
}

/** Steps until the loss stays within a millionth of what it was, from (1, 1). */
export function stepsOf(kappa: number): readonly (readonly [name: string, steps: number | undefined])[] {
  const valley: Valley = { curvatures: [1, kappa] };
  return methods(kappa).map(([name, optimizer]) => [name, stepsTo(1e-6, valley, descend(valley, [1, 1], optimizer, 8 * kappa))]);
}
