// What a gradient costs and how good it is: by differences, and by one backward pass.

import { dense, MLP, workOf } from 'feedforward/baseline';

const inputs = 784;
const outputs = 10;

export interface Cost {
  readonly weights: number;
  /** Forward passes of central differences. */
  readonly central: number;
  /** Products of forward, backward and update over those of a forward pass. */
  readonly ratio: number;
}

/** Of a network 784-units-10. */
export function costOf(units: number): Cost {
  const model = new MLP({ inputs, layers: [dense(units), dense(outputs)], optimizer: 'sgd' });
  const work = workOf(model, { rows: 1 });
  const weights = model.getVector().length;
  return { weights, central: 2 * weights, ratio: work.step.multiplyAdds / work.predict.multiplyAdds };
}

const small = new MLP(
  { inputs: 3, layers: [dense(4, { activation: 'tanh' }), dense(2, { activation: 'sigmoid' })], seed: 2 },
  { precision: 'float64' },
);
const X = Array.from({ length: 4 }, (_, r) => Array.from({ length: 3 }, (_, j) => Math.round(64 * Math.cos(2 * r + 5 * j)) / 64));
const y = X.map(([a, b]) => [(a! + 1) / 2, (b! + 1) / 2]); // numbers that float32 has too

/** Backpropagation's gradient of the small network. */
function gradient(): number[] {
  small.zeroGrad();
  small.forward(X, { training: true });
  small.loss(y);
  small.backward();
  return small.gradients().flatMap(({ values }) => [...values]);
}
const exact = gradient();
const largest = exact.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
const kept = [...small.getVector()];

function lossWith(k: number, w: number): number {
  small.setVector(kept.map((own, i) => (i === k ? w : own)));
  const { loss } = small.evaluate(X, y);
  small.setVector(kept);
  return loss;
}

/** How far differences of step h are from backpropagation at most, relative to the largest derivative, over all weights. */
export function errorOf(kind: 'one-sided' | 'central', h: number): number {
  const here = lossWith(0, kept[0]!);
  const off = exact.map((g, k) => {
    const above = kept[k]! + h; // rounded as it is
    const below = kept[k]! - h;
    const found =
      kind === 'central'
        ? (lossWith(k, above) - lossWith(k, below)) / (above - below)
        : (lossWith(k, above) - here) / (above - kept[k]!);
    return Math.abs(found - g);
  });
  return off.reduce((most, one) => Math.max(most, one), 0) / largest;
}
