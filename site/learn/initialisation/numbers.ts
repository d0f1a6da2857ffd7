// How large signals are after each of many ReLU layers, for first weights of different sizes.

import { dense, MLP, Random } from 'feedforward';

export const depth = 30;
const width = 64;
const random = new Random(1, 'data');
const X = Array.from({ length: 16 }, () => Array.from({ length: width }, () => random.normal()));

/** Root mean square of the activations of each layer; weights are normal with variance v / width. */
export function spreadsOf(v: number): number[] {
  const weightInit = { name: 'normal', deviation: Math.sqrt(v / width) } as const;
  const layers = Array.from({ length: depth }, () => dense(width, { activation: 'relu', weightInit }));
  const model = new MLP({ inputs: width, layers, seed: 3 });
  return model
    .activations(X)
    .map(({ activations }) => Math.sqrt(activations.data.reduce((sum, a) => sum + a * a, 0) / activations.data.length));
}

/** What a layer multiplies the spread by, from the slope of its logarithm. */
export function factorOf(spreads: readonly number[]): number {
  const points = spreads.map((spread, i) => [i, Math.log(spread)] as const).filter(([, log]) => Number.isFinite(log));
  const mean = [0, 1].map((d) => points.reduce((sum, p) => sum + p[d]!, 0) / points.length);
  const over = points.reduce((sum, [x, log]) => sum + (x - mean[0]!) * (log - mean[1]!), 0);
  return Math.exp(over / points.reduce((sum, [x]) => sum + (x - mean[0]!) ** 2, 0));
}

const corners = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];

/** How many of eight hidden units differ after learning exclusive or, and the loss. */
export function unitsOf(equal: boolean): { units: number; loss: number } {
  const weightInit = equal ? ({ name: 'constant', value: 0.5 } as const) : 'glorotUniform';
  const model = new MLP({
    inputs: 2,
    layers: [dense(8, { activation: 'tanh', weightInit, biasInit: 'zeros' }), dense(1, { weightInit })],
    seed: 1,
  });
  const y = [[0], [1], [1], [0]];
  model.fitSync(corners, y, { epochs: 1500, batchSize: 4, reportMetrics: false });
  const { values } = model.parameters()[0]!;
  const units = new Set(Array.from({ length: 8 }, (_, j) => `${values[j]} ${values[8 + j]}`));
  return { units: units.size, loss: model.evaluate(corners, y).loss };
}
