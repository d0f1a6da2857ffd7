// What exported code checks itself against: three rows, and what the model gave for them when it was exported.

import { calibrateRows } from '../data/certainty/calibration.js';
import { Random } from '../data/random.js';
import type { Network, PredictingSource } from './network.js';

export interface TestVector {
  /** Rows as a user has them: before any scaler. Multiples of 1/64 where the network starts with neither a scaler nor a rescale layer. */
  readonly rows: readonly (readonly number[])[];
  /** Rows of outputs, after any target scaler. */
  readonly outputs: readonly (readonly number[])[];
}

const ROWS = 3;

export function testVector(model: PredictingSource, network: Network): TestVector {
  const { plan, before, first, after } = network;
  const { inputs, outputs } = plan;
  const random = new Random(1, 'self-test');
  const rows = Array.from({ length: ROWS }, () =>
    Array.from({ length: inputs }, (_, j) => {
      const value = Math.round(random.normal() * 64) / 64;
      // A gain of 0 has no way back: any value does.
      return first && first.factor[j] !== 0 ? (value - first.shift[j]!) / first.factor[j]! + first.center[j]! : value;
    }),
  );
  const hold = (x: number) => (before ? Math.min(before.high, Math.max(before.low, x)) : x);
  const scaled = rows.flatMap((row) =>
    row.map((x, j) => (before ? hold((x - before.center[j]!) * before.factor[j]! + before.shift[j]!) : x)),
  );
  const answered = model.predict({ data: (before ? Float32Array : Float64Array).from(scaled), shape: [ROWS, inputs] });
  const data = Float64Array.from(answered.data);
  const exclusive = plan.layers[plan.layers.length - 1]!.activation.name === 'softmax';
  if (network.calibrator !== undefined)
    calibrateRows(network.calibrator, data, { from: 0, to: data.length, columns: outputs, exclusive });
  const plain = (y: number, j: number) => (after ? (y - after.center[j]!) * after.factor[j]! + after.shift[j]! : y);
  return {
    rows,
    outputs: rows.map((_, i) => Array.from({ length: outputs }, (_, j) => Math.fround(plain(data[i * outputs + j]!, j)))),
  };
}
