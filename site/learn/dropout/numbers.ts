// What dropout leaves of a network in one pass of training: units, or connections. And that a prediction is untouched.

import { dense, dropout, dropped, MLP } from 'feedforward';

export type Kind = 'units' | 'connections';
const [inputs, hidden, outputs] = [3, 6, 2];
export const sizes = [inputs, hidden, outputs] as const;
const row = [[1, -0.5, 0.5]];

export interface Left {
  /** 1 for each hidden unit that is kept. */
  readonly units: readonly number[];
  /** Weights of both layers, [from][to], and 1 for each of the second that is kept. */
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly connections: readonly number[];
  /** What it predicts: of all units and connections. */
  readonly predicted: readonly number[];
}

/** A network that drops; each call is a pass in training with another mask, without the step that would follow. */
export function begin(kind: Kind, rate: number): () => Left {
  const layers =
    kind === 'units'
      ? [dense(hidden, { activation: 'tanh' }), dropout(rate), dense(outputs)]
      : [dense(hidden, { activation: 'tanh' }), dense(outputs, { dropConnect: rate })];
  const model = new MLP({ inputs, layers, seed: 2 });
  const target = model.predict(row).toArray();
  return () => {
    model.zeroGrad();
    model.forward(row, { training: true });
    model.loss(target);
    model.backward();
    const masks = rate > 0 ? dropped(model, { rows: 1 }) : [];
    const mask = masks.length > 0 ? [...masks[0]!.kept.data] : undefined;
    const parameters = model.parameters();
    return {
      units: kind === 'units' && mask !== undefined ? mask : new Array<number>(hidden).fill(1),
      connections: kind === 'connections' && mask !== undefined ? mask : new Array<number>(hidden * outputs).fill(1),
      first: [...parameters[0]!.values],
      second: [...parameters[2]!.values],
      predicted: [...model.predict(row).data],
    };
  };
}

/** Dropout of 20,000 activations of 1: the share that is 0, what the others are, and their mean. */
export function shareDropped(rate: number): { zeros: number; others: number; mean: number } {
  const model = new MLP({ inputs: 1000, layers: [dropout(rate), dense(1)], seed: 1 });
  const ones = Array.from({ length: 20 }, () => new Array<number>(1000).fill(1));
  model.zeroGrad();
  model.forward(ones, { training: true });
  model.loss(ones.map(() => [0]));
  model.backward();
  const { data } = model.activations(ones)[0]!.activations;
  const kept = data.filter((v) => v !== 0);
  return { zeros: 1 - kept.length / data.length, others: kept[0]!, mean: data.reduce((a, b) => a + b) / data.length };
}
