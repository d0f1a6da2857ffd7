// The product of sin pi x over one, two or three inputs, by one hidden layer of the same width: what more inputs cost.

import { dense, lbfgs, MLP, Random } from 'feedforward';

export const inputCounts = [1, 2, 3] as const;
export const last = 300;

/** 800 points of the cube [-1, 1]^inputs, and the product there. */
function sample(inputs: number): { X: number[][]; y: number[][] } {
  const random = new Random(5, 'data');
  const X = Array.from({ length: 800 }, () => Array.from({ length: inputs }, () => random.between(-1, 1)));
  return { X, y: X.map((row) => [row.reduce((product, x) => product * Math.sin(Math.PI * x), 1)]) };
}
const samples = inputCounts.map(sample);

/** Three networks side by side; each call trains all of them on and says the root mean square errors. */
export function begin(units: number): (sweeps: number) => { epochs: number; errors: number[] } {
  const models = inputCounts.map(
    (inputs) => new MLP({ inputs, layers: [dense(units, { activation: 'tanh' }), dense(1)], optimizer: lbfgs(), seed: 1 }),
  );
  let epochs = 0;
  return (sweeps) => {
    const asked = Math.min(sweeps, last - epochs);
    epochs += asked;
    const errors = models.map((model, i) => {
      const { X, y } = samples[i]!;
      if (asked > 0) model.fitSync(X, y, { epochs: asked, reportMetrics: false });
      return Math.sqrt(model.evaluate(X, y).loss);
    });
    return { epochs, errors };
  };
}
