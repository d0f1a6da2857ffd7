// Early stopping: training that watches rows it does not learn from, ends when those have not got better for `patience` epochs, and goes back
// to the best weights. Beside it what would have come.

import { adam, datasets, dense, type History, MLP } from 'feedforward';

export const longest = 700;

const network = (seed: number): MLP =>
  new MLP({
    inputs: 2,
    layers: [dense(100, { activation: 'relu' }), dense(100, { activation: 'relu' }), dense(1, { activation: 'sigmoid' })],
    ...{ loss: 'binaryCrossEntropy', optimizer: adam({ learningRate: 3e-4 }), seed },
  });

const moons = (samples: number, seed: number) => datasets.moons({ samples, noise: 0.3, seed });
const test = moons(1000, 1000);

export interface Run {
  readonly training: readonly number[];
  readonly watched: readonly number[];
  readonly bestEpoch: number;
  /** Loss of a thousand further rows with the weights that are kept. */
  readonly test: number;
}

function run(draw: number, patience: number | undefined): Run {
  const [rows, held] = [moons(60, draw), moons(60, 500 + draw)];
  const model = network(draw);
  const history: History = model.fitSync(rows.X, rows.y, {
    ...{ epochs: longest, batchSize: 20, reportMetrics: false, validationData: [held.X, held.y] },
    ...(patience === undefined ? {} : { earlyStopping: { patience } }),
  });
  const losses = history.epochs.map(({ valLoss }) => valLoss!);
  return {
    training: history.epochs.map(({ loss }) => loss),
    watched: losses,
    bestEpoch: history.bestEpoch ?? losses.indexOf(Math.min(...losses)) + 1,
    test: model.evaluate(test.X, test.y).loss,
  };
}

export const stopped = (draw: number, patience: number): Run => run(draw, patience);
/** The same network, trained to the bitter end. */
export const unstopped = (draw: number): Run => run(draw, undefined);
