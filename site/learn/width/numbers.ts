// One hidden layer of tanh units without an output bias, trained on 200 points of a wave, a few sweeps of L-BFGS a frame.

import { dense, lbfgs, MLP } from 'feedforward';
import { grid } from '../kit/oneLayer';

export const points = grid(0, 1, 199);
const rows = points.map((x) => [x]);
export const wave = points.map((x) => Math.sin(2 * Math.PI * x) + 0.5 * Math.sin(6 * Math.PI * x));
const targets = wave.map((y) => [y]);

/** Sweeps after which training ends. */
export const last = 1000;

export interface Fit {
  readonly units: number;
  readonly epochs: number;
  readonly error: number;
  readonly values: readonly number[];
  /** Whether nothing is left to gain, or all sweeps are done. */
  readonly ended: boolean;
}

/** A network of so many hidden units, and what trains it on: each call some sweeps. */
export function begin(units: number, seed: number): { tensors: number; advance(sweeps: number): Fit } {
  const layers = [dense(units, { activation: 'tanh' }), dense(1, { bias: false })];
  const model = new MLP({ inputs: 1, layers, optimizer: lbfgs(), seed });
  let epochs = 0;
  return {
    tensors: model.parameters().length,
    advance(sweeps) {
      const asked = Math.min(sweeps, last - epochs);
      const { length } = asked > 0 ? model.fitSync(rows, targets, { epochs: asked, reportMetrics: false }).epochs : [];
      epochs += length;
      const values = [...model.predict(rows).data];
      const error = Math.sqrt(values.reduce((sum, v, i) => sum + (v - wave[i]!) ** 2, 0) / values.length);
      return { units, epochs, error, values, ended: length < asked || epochs >= last };
    },
  };
}
