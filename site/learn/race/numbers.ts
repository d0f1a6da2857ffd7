// The optimizers that race: each from the library, in its usual form.

import { adagrad, adam, rmsprop, sgd, type OptimizerLike } from 'feedforward/baseline';

export const racers = ['gradient descent', 'momentum', 'Adagrad', 'RMSprop', 'Adam'] as const;
export type Racer = (typeof racers)[number];

/** With rates that suit curvatures 1 to kappa where the method needs to know them, and one rate for all curvatures where it does not. */
export function optimizerOf(racer: Racer, kappa: number, rate: number): OptimizerLike {
  switch (racer) {
    case 'gradient descent':
      return sgd({ learningRate: 2 / (kappa + 1) });
    case 'momentum':
      return sgd({ learningRate: 1 / kappa, momentum: 0.8 });
    case 'Adagrad':
      return adagrad({ learningRate: rate, initialAccumulator: 0 });
    case 'RMSprop':
      return rmsprop({ learningRate: rate, rho: 0.9 });
    case 'Adam':
      return adam({ learningRate: rate });
  }
}
