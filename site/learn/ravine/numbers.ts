// Why momentum helps in a ravine: gradients of one sign add up, alternating ones cancel.

import { dense, MLP, sgd } from 'feedforward/baseline';

/**
 * The last step over the learning rate, after many gradients of size 1, all of one sign or alternating: a single weight under the mean absolute error, whose
 * gradient is the sign of the error.
 */
export function settled(beta: number, alternating: boolean): number {
  const rate = 1e-3;
  const model = new MLP(
    {
      inputs: 1,
      layers: [dense(1, { bias: false, weightInit: 'zeros' })],
      loss: 'meanAbsoluteError',
      optimizer: sgd({ learningRate: rate, momentum: beta }),
    },
    { precision: 'float64' },
  );
  const steps = Math.ceil(40 / (1 - beta) / 2) * 2;
  let before = 0;
  let last = 0;
  for (let k = 0; k < steps; k++) {
    model.trainStep([[1]], [[alternating && k % 2 === 1 ? -1e6 : 1e6]]);
    const now = model.getVector()[0]!;
    last = Math.abs(now - before) / rate;
    before = now;
  }
  return last;
}
