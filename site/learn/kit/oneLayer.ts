import { dense, MLP } from 'feedforward';

/** One hidden layer over one input, with numbers given by hand: y = sum of outputs[i] g(weights[i] x + biases[i]) + shift. */
export interface OneLayer {
  readonly activation: 'sigmoid' | 'relu';
  readonly weights: readonly number[];
  readonly biases: readonly number[];
  readonly outputs: readonly number[];
  readonly shift?: number;
}

/** That network as a model of the library. */
export function oneLayer({ activation, weights, biases, outputs, shift = 0 }: OneLayer): MLP {
  const model = new MLP({ inputs: 1, layers: [dense(weights.length, { activation }), dense(1)] });
  model.setVector([...weights, ...biases, ...outputs, shift]);
  return model;
}

/** What a model of one input says at the points. */
export const valuesAt = (model: MLP, points: readonly number[]): number[] => [
  ...model.predict({ data: Float32Array.from(points), shape: [points.length, 1] }).data,
];

/** count + 1 points from one end to the other. */
export const grid = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count + 1 }, (_, i) => from + ((to - from) * i) / count);
