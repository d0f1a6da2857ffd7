// How many products it takes to come within eps of the least loss: all rows a step, or one.

import { dense, inverseTimeDecay, MLP, Random, sgd, workOf } from 'feedforward';

const sample = 400;
const random = new Random(1, 'data');
const X = Array.from({ length: sample }, () => [2 * random.normal(), 0.8 * random.normal()]);
const y = X.map(([a, b]) => [a! - 2 * b! + 0.5 * random.normal()]);

const sum = (of: (a: number, b: number, t: number) => number) => X.reduce((all, [a, b], r) => all + of(a!, b!, y[r]![0]!), 0);
const [aa, ab, bb] = [sum((a) => a * a), sum((a, b) => a * b), sum((_, b) => b * b)];
const [ay, by] = [sum((a, _, t) => a * t), sum((_, b, t) => b * t)];
const best = [(bb * ay - ab * by) / (aa * bb - ab * ab), (aa * by - ab * ay) / (aa * bb - ab * ab)];

const gapOf = (model: MLP) => {
  const [u, v] = Array.from(model.getVector(), (w, j) => w - best[j]!);
  return (aa * u! * u! + 2 * ab * u! * v! + bb * v! * v!) / sample;
};
const line = (optimizer: ReturnType<typeof sgd>, seed = 1) =>
  new MLP({ inputs: 2, layers: [dense(1, { bias: false, weightInit: 'zeros' })], optimizer, seed });

/** Loss above its least after each step on all rows. */
export function wholeGaps(): number[] {
  const model = line(sgd({ learningRate: 0.1 }));
  return Array.from({ length: 70 }, () => {
    model.trainStep(X, y);
    return gapOf(model);
  });
}

/** Steps at which runs on single rows are read. */
export const marks = [...new Set(Array.from({ length: 60 }, (_, i) => Math.round(1.19 ** i)))];

/** Loss above its least at the marks, in one run on single rows with rates c / k. */
export function singleGaps(seed: number): number[] {
  const model = line(sgd({ learningRate: inverseTimeDecay(0.08, { decay: 0.08, per: 'step' }) }), seed);
  const order = new Random(seed, 'single');
  return marks.map((mark, m) => {
    const picked = Array.from({ length: mark - (marks[m - 1] ?? 0) }, () => order.below(sample));
    model.partialFit(
      picked.map((i) => X[i]!),
      picked.map((i) => y[i]!),
      { batchSize: 1, shuffle: false },
    );
    return gapOf(model);
  });
}

/** Multiply-adds of one step of SGD on so many rows of two columns. */
export function productsOf(rows: number): number {
  return workOf(line(sgd({ learningRate: 0.1 })), { rows }).step.multiplyAdds;
}
