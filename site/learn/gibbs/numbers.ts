// A jump from -1 to 1 by sines: one neuron on the odd harmonics, whose weights are Fourier's.

import { dense } from 'feedforward';
import { MLP as PlainMLP } from 'feedforward/baseline';
import { grid } from '../kit/oneLayer';

export const points = grid(-Math.PI, Math.PI, 3000);

export interface Wave {
  readonly values: readonly number[];
  /** The first peak beside the jump: where, how high, and by what share of the jump above it. */
  readonly peak: number;
  readonly top: number;
  readonly overshoot: number;
}

/** The sum of n sines. It has its highest peak at pi / (2 n), where its derivative is first 0. */
export function wave(n: number): Wave {
  const neuron = new PlainMLP({ inputs: n, layers: [dense(1, { bias: false })] }, { precision: 'float64' });
  neuron.parameters()[0]!.set(Array.from({ length: n }, (_, k) => 4 / (Math.PI * (2 * k + 1))));
  const peak = Math.PI / (2 * n);
  const { data } = neuron.predict([...points, peak].map((x) => Array.from({ length: n }, (_, k) => Math.sin((2 * k + 1) * x))));
  const values = [...data];
  const top = values.pop()!;
  return { values, peak, top, overshoot: (top - 1) / 2 };
}

/** The limit of the overshoot: the integral of sin t / t up to pi, over pi, less a half. */
export const limit = (): number => {
  const parts = 2000;
  const sum = Array.from({ length: parts }, (_, i) => ((i + 0.5) * Math.PI) / parts).reduce((s, t) => s + Math.sin(t) / t, 0);
  return sum / parts - 0.5;
};
