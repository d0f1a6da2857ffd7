// |x| by ReLU networks that are too narrow and just wide enough: trained from twenty starts.

import { adam, dense, MLP } from 'feedforward';
import { grid } from '../kit/oneLayer';

export const points = grid(-1, 1, 80);
const rows = points.map((x) => [x]);
const targets = points.map((x) => [Math.abs(x)]);

export interface Trial {
  readonly seed: number;
  readonly values: readonly number[];
  /** Mean squared error. */
  readonly loss: number;
}

/** One start, trained. */
export function tryOnce(width: number, layers: number, seed: number): Trial {
  const hidden = Array.from({ length: layers }, () => dense(width, { activation: 'relu' }));
  const model = new MLP({ inputs: 1, layers: [...hidden, dense(1)], optimizer: adam({ learningRate: 0.02 }), seed });
  model.fitSync(rows, targets, { epochs: 600, batchSize: rows.length, reportMetrics: false });
  return { seed, values: [...model.predict(rows).data], loss: model.evaluate(rows, targets).loss };
}

/**
 * The least mean squared error that a curve without a turn can have here: the best one that never falls, by pooling neighbours that would. A ReLU network of
 * width 1 over one input has no turn, however deep.
 */
export function withoutTurn(): { values: number[]; loss: number } {
  const pools: { sum: number; count: number }[] = [];
  for (const x of points) {
    pools.push({ sum: Math.abs(x), count: 1 });
    while (pools.length > 1 && mean(pools.at(-1)!) < mean(pools.at(-2)!)) {
      const { sum, count } = pools.pop()!;
      pools.push({ sum: pools.at(-1)!.sum + sum, count: pools.pop()!.count + count });
    }
  }
  const values = pools.flatMap((pool) => new Array<number>(pool.count).fill(mean(pool)));
  return { values, loss: points.reduce((sum, x, i) => sum + (values[i]! - Math.abs(x)) ** 2, 0) / points.length };
}
const mean = ({ sum, count }: { sum: number; count: number }): number => sum / count;
