// A step out of two sigmoids: one rises where the step begins, the other, taken away, where it ends.

import { grid, oneLayer, valuesAt } from '../kit/oneLayer';

export interface Step {
  /** The weight of both sigmoids: how steep they are. */
  readonly weight: number;
  /** Where the step begins, and where it ends. */
  readonly from: number;
  readonly to: number;
}

export const points = grid(-1, 2, 1200);

/** The network of two sigmoids, and what each of them adds. */
export function curves({ weight, from, to }: Step): { whole: number[]; up: number[]; down: number[] } {
  const network = oneLayer({
    activation: 'sigmoid',
    weights: [weight, weight],
    biases: [-weight * from, -weight * to],
    outputs: [1, -1],
  });
  const hidden = network.activations(points.map((x) => [x]))[0]!.activations;
  return {
    whole: valuesAt(network, points),
    up: points.map((_, i) => hidden.data[2 * i]!),
    down: points.map((_, i) => -hidden.data[2 * i + 1]!),
  };
}

/** The step's height before, in the middle of, and after 0 to 1. */
export const heights = ({ weight, from, to }: Step): number[] =>
  valuesAt(
    oneLayer({ activation: 'sigmoid', weights: [weight, weight], biases: [-weight * from, -weight * to], outputs: [1, -1] }),
    [(3 * from - to) / 2, (from + to) / 2, (3 * to - from) / 2],
  );
