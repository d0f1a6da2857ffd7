// A hidden layer of ReLUs on points of a line, with biases that can be pushed down until no point reaches them.

import { dense, leakyRelu, MLP, sgd } from 'feedforward';

export const units = 8;
export const xs = Array.from({ length: 41 }, (_, i) => -2 + i / 10);
const X = xs.map((x) => [x]);
const y = xs.map((x) => [Math.abs(x)]);

export type Kind = 'relu' | 'leakyRelu';

export interface Trained {
  /** What each unit puts out at each x, before training. */
  readonly lines: readonly (readonly number[])[];
  /** Units that put out 0 (leaky: next to nothing passes) for every x. */
  readonly dead: number;
  /** How far the first layer's weights have moved, over their length. */
  readonly moved: number;
  readonly loss: number;
  readonly outputs: readonly number[];
}

function modelOf(kind: Kind, bias: number): MLP {
  const activation = kind === 'relu' ? kind : leakyRelu({ slope: 0.2 });
  return new MLP({
    inputs: 1,
    layers: [dense(units, { activation, biasInit: { name: 'constant', value: bias } }), dense(1)],
    optimizer: sgd({ learningRate: 0.05 }),
    seed: 4,
  });
}

/** What the library says of the network before training. */
export const verdictOn = (kind: Kind, bias: number): string => modelOf(kind, bias).diagnose(X, y).verdict;

export function train(kind: Kind, bias: number): Trained {
  const model = modelOf(kind, bias);
  const [first] = model.activations(X);
  const lines = Array.from({ length: units }, (_, j) => xs.map((_, i) => first!.activations.data[i * units + j]!));
  const dead = Array.from({ length: units }, (_, j) => xs.every((_, i) => first!.netInputs.data[i * units + j]! < 0)).filter(
    Boolean,
  ).length;
  const before = model.parameters()[0]!.values;
  const history = model.fitSync(X, y, { epochs: 300, batchSize: 8, reportMetrics: false });
  const after = model.parameters()[0]!.values;
  const length = Math.sqrt(before.reduce((sum, w) => sum + w * w, 0));
  const moved = Math.sqrt(after.reduce((sum, w, k) => sum + (w - before[k]!) ** 2, 0)) / length;
  return { lines, dead, moved, loss: history.last!.loss, outputs: [...model.predict(X).data] };
}
