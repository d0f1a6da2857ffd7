// Quadratic valleys for the pages on descent: a linear network without bias whose mean squared error is 1/2 sum of curvature times (distance along an
// axis)^2, on the library's float64 baseline. Its steps are the library's.

import { dense, MLP, type OptimizerLike } from 'feedforward/baseline';

export type Point = readonly [number, number];

export interface Valley {
  readonly curvatures: Point;
  /** Degrees that its axes are turned by. */
  readonly angle?: number;
}

/** Two rows, one along each axis: the mean of (row . theta)^2 is the loss. */
function rowsOf({ curvatures: [flat, steep], angle = 0 }: Valley): [number, number][] {
  const [c, s] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
  return [
    [Math.sqrt(flat) * c, Math.sqrt(flat) * s],
    [-Math.sqrt(steep) * s, Math.sqrt(steep) * c],
  ];
}

const zeros = [[0], [0]];

function modelOf(optimizer: OptimizerLike, start: Point): MLP {
  const model = new MLP({ inputs: 2, layers: [dense(1, { bias: false })], optimizer }, { precision: 'float64' });
  model.setVector(start);
  return model;
}

/** theta after 0, 1, … `steps` steps; ends early beyond `far`. */
export function descend(valley: Valley, start: Point, optimizer: OptimizerLike, steps: number, far = 1e6): Point[] {
  const X = rowsOf(valley);
  const model = modelOf(optimizer, start);
  const path: Point[] = [start];
  for (let k = 0; k < steps; k++) {
    model.trainStep(X, zeros);
    const [u, v] = model.getVector();
    path.push([u!, v!]);
    if (!(Math.hypot(u!, v!) < far)) break;
  }
  return path;
}

export function lossAt(valley: Valley, [u, v]: Point): number {
  return rowsOf(valley).reduce((sum, [a, b]) => sum + (a * u + b * v) ** 2 / 2, 0);
}

/** The gradient of the loss at a point, by the library's backward pass. */
export function gradientAt(valley: Valley, at: Point): Point {
  probe.setVector(at);
  probe.zeroGrad();
  probe.forward(rowsOf(valley), { training: true });
  probe.loss(zeros);
  probe.backward();
  const [u, v] = probe.gradients()[0]!.values;
  return [u!, v!];
}

const probe = modelOf('sgd', [0, 0]);

/** Steps of the library's fit until the gradient is no longer than `tolerance`; undefined where 600 are not enough. */
export function stepsUntil(tolerance: number, valley: Valley, start: Point, optimizer: OptimizerLike): number | undefined {
  const settings = {
    epochs: 600,
    batchSize: 2,
    gradientTolerance: tolerance,
    reportMetrics: false,
    onDivergence: 'continue',
  } as const;
  const history = modelOf(optimizer, start).fitSync(rowsOf(valley), zeros, settings);
  return history.stoppedBy === 'gradientTolerance' ? history.epochs.length : undefined;
}

/** Steps until the loss first is within `share` of what it was, or undefined. */
export function stepsToReach(share: number, valley: Valley, path: readonly Point[]): number | undefined {
  const first = lossAt(valley, path[0]!);
  const found = path.findIndex((point) => lossAt(valley, point) <= share * first);
  return found < 0 ? undefined : found;
}

/** Steps after which the loss stays within `share` of what it was for the rest of the path, or undefined. */
export function stepsTo(share: number, valley: Valley, path: readonly Point[]): number | undefined {
  const first = lossAt(valley, path[0]!);
  const above = path.findLastIndex((point) => !(lossAt(valley, point) <= share * first));
  return above === path.length - 1 ? undefined : above + 1;
}
