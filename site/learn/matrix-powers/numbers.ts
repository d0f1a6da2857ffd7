// k equal linear layers with W = P diag(l1, l2) P^-1.

import { dense, MLP } from 'feedforward/baseline';
import type { Point } from '../descent/valley.js';

/** The two eigenvectors (of rows: x W), of length 1. */
export const eigenvectors: readonly [Point, Point] = [
  [Math.cos(0.35), Math.sin(0.35)],
  [Math.cos(2.1), Math.sin(2.1)],
];

function weights([l1, l2]: Point): number[][] {
  // Rows of V are eigenvectors: V W = diag V, so W = V^-1 diag V.
  const [[a, b], [c, d]] = eigenvectors;
  const determinant = a * d - b * c;
  const inverse = [
    [d / determinant, -b / determinant],
    [-c / determinant, a / determinant],
  ];
  return inverse.map(([p, q]) => [p! * l1 * a + q! * l2 * c, p! * l1 * b + q! * l2 * d]);
}

export interface Powers {
  /** The vector after 0, 1, … k layers. */
  readonly path: readonly Point[];
  /** The trace of the Jacobian of all k layers, by the library's derivative of outputs by inputs. */
  readonly trace: number;
}

export function powersOf(eigenvalues: Point, k: number, start: Point): Powers {
  const model = new MLP(
    { inputs: 2, layers: Array.from({ length: k }, () => dense(2, { bias: false })) },
    { precision: 'float64' },
  );
  const W = weights(eigenvalues);
  for (const parameter of model.parameters()) parameter.set(W);
  const path = [
    start,
    ...model.activations([[...start]]).map(({ activations }): Point => [activations.data[0]!, activations.data[1]!]),
  ];
  const trace = [0, 1].reduce((sum, output) => sum + model.inputGradient([[...start]], output).data[output]!, 0);
  return { path, trace };
}
