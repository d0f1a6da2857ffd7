// A network trained with and without dropout, and what each of its units is worth: by how much the loss rises where it is cut.

import { adam, datasets, dense, dropout, type Matrix, MLP } from 'feedforward';
import { grid } from '../kit/oneLayer';

export const units = 16;
const sample = datasets.moons({ samples: 400, noise: 0.2, seed: 2 });
export const rows = sample.X;
export const labels = sample.y;

export const side = 60;
export const across = { from: -1.6, to: 2.6 };
export const upwards = { from: -1.2, to: 1.7 };
const squares = grid(upwards.to, upwards.from, side - 1).flatMap((v) =>
  grid(across.from, across.to, side - 1).map((u) => [u, v]),
);

/** Trained for 100 epochs with that rate of dropout. */
export function train(rate: number): MLP {
  const layers = [
    dense(units, { activation: 'tanh' }),
    ...(rate > 0 ? [dropout(rate)] : []),
    dense(1, { activation: 'sigmoid' }),
  ];
  const model = new MLP({ inputs: 2, layers, loss: 'binaryCrossEntropy', optimizer: adam({ learningRate: 0.01 }), seed: 1 });
  model.fitSync(rows, labels, { epochs: 100, batchSize: 50, reportMetrics: false });
  return model;
}

/** What `look` sees where the units are cut: their weights to the output are 0 meanwhile. */
function without<T>(model: MLP, cut: readonly number[], look: () => T): T {
  const out = model.parameters().find(({ shape }) => shape[0] === units)!;
  const before = out.values;
  out.set([...before].map((w, i) => (cut.includes(i) ? 0 : w)));
  const seen = look();
  out.set(before);
  return seen;
}

export const lossWithout = (model: MLP, cut: readonly number[]): number =>
  without(model, cut, () => model.evaluate(rows, labels).loss);
export const mapWithout = (model: MLP, cut: readonly number[]): Matrix => without(model, cut, () => model.predict(squares));
const fresh = datasets.moons({ samples: 2000, noise: 0.2, seed: 77 });
/** With all units, on rows that it has not seen. */
export const lossOfFresh = (model: MLP): number => model.evaluate(fresh.X, fresh.y).loss;
/** What cutting each unit alone adds to the loss. */
export function worth(model: MLP): number[] {
  const whole = lossWithout(model, []);
  return Array.from({ length: units }, (_, unit) => lossWithout(model, [unit]) - whole);
}
