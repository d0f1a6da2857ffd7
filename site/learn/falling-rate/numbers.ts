// Stochastic descent on least squares whose rows are seen once: a fixed rate stalls, rates c / k go on. One run at a time, so that a page can add
// runs while it is looked at.

import { dense, inverseTimeDecay, MLP, Random, sgd } from 'feedforward';

/** Variances of the inputs: curvatures are twice that. */
const spreads = [1, 0.5, 0.15];
const noise = 1;

/** Steps at which the loss is read. */
export const marks = [...new Set(Array.from({ length: 19 }, (_, i) => Math.round(10 ** (1 + i / 6))))];

export interface Rates {
  readonly first: number;
  /** Undefined keeps the first rate; else they fall like c / k. */
  readonly c: number | undefined;
}

/** The loss above its least at each of the marks. */
export function run({ first, c }: Rates, seed: number): number[] {
  const random = new Random(seed, 'rows');
  const learningRate = c === undefined ? first : inverseTimeDecay(first, { decay: first / c, per: 'step' });
  const model = new MLP({
    inputs: spreads.length,
    layers: [dense(1, { bias: false, weightInit: 'zeros' })],
    optimizer: sgd({ learningRate }),
    seed,
  });
  return marks.map((until, i) => {
    const count = until - (marks[i - 1] ?? 0);
    const data = new Float32Array(count * spreads.length);
    const targets = new Float32Array(count);
    for (let r = 0; r < count; r++) {
      let sum = noise * random.normal();
      for (let j = 0; j < spreads.length; j++) {
        const value = Math.fround(Math.sqrt(spreads[j]!) * random.normal());
        data[r * spreads.length + j] = value;
        sum += value;
      }
      targets[r] = sum;
    }
    model.partialFit(
      { data, shape: [count, spreads.length] },
      { data: targets, shape: [count, 1] },
      { batchSize: 1, shuffle: false },
    );
    return model.getVector().reduce((sum, w, j) => sum + spreads[j]! * (w - 1) ** 2, 0);
  });
}

/**
 * Where a fixed rate stalls. With normal inputs of variances s, the variances C of the weights are at rest where C (1 - 2 rate s) = rate (G + noise^2), G being
 * the loss above its least, the sum of s C. See: Bottou, Curtis & Nocedal 2018, section 4.2.
 */
export function floorOf(rate: number): number {
  const share = spreads.reduce((sum, s) => sum + (rate * s) / (1 - 2 * rate * s), 0);
  return (share * noise ** 2) / (1 - share);
}

/** The power of k that points fall with, by least squares on logarithms, over the last half of the marks. */
export function powerOf(gaps: readonly number[]): number {
  const points = marks.map((k, i) => [Math.log(k), Math.log(gaps[i]!)] as const).slice(-10);
  const mean = [0, 1].map((d) => points.reduce((sum, p) => sum + p[d]!, 0) / points.length);
  const over = points.reduce((sum, [x, g]) => sum + (x - mean[0]!) * (g - mean[1]!), 0);
  return over / points.reduce((sum, [x]) => sum + (x - mean[0]!) ** 2, 0);
}
