// Under, right, over: one hidden layer of so many units on noisy rows, and its error on those and on fresh ones.

import { dense, lbfgs, MLP } from 'feedforward';
import { drawRows, type Rows } from '../kit/noisyRows';
import { grid } from '../kit/oneLayer';

export const noise = 0.2;
export const points = grid(-2, 2, 400);
const rows = points.map((x) => [x]);
const fresh = drawRows(4000, noise, 9);
export const last = 1500;

export interface Fit {
  readonly units: number;
  readonly sweeps: number;
  readonly values: readonly number[];
  /** Root mean squared errors. */
  readonly training: number;
  readonly test: number;
}

/** Trains on the rows, some sweeps of L-BFGS a call. */
export function begin(units: number, { X, y }: Rows): (sweeps: number) => Fit {
  const layers = [dense(units, { activation: 'tanh' }), dense(1)];
  const model = new MLP({ inputs: 1, layers, optimizer: lbfgs(), seed: 0 });
  let sweeps = 0;
  return (more) => {
    const asked = Math.min(more, last - sweeps);
    if (asked > 0) model.fitSync(X, y, { epochs: asked, reportMetrics: false });
    sweeps += asked;
    return {
      ...{ units, sweeps, values: [...model.predict(rows).data] },
      training: Math.sqrt(model.evaluate(X, y).loss),
      test: Math.sqrt(model.evaluate(fresh.X, fresh.y).loss),
    };
  };
}
