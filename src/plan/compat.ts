// The defaults of other frameworks, for `compat`: the same network, started and stepped the way that framework does.
// See: https://scikit-learn.org/1.2/modules/generated/sklearn.neural_network.MLPClassifier.html, https://keras.io/api/,
// https://pytorch.org/docs/1.13/

import type { ActivationName } from './activations.js';
import type { InitializerLike } from './initializers.js';
import type { OptimizerDefaults } from './optimizers.js';

export type Compat = 'sklearn' | 'keras' | 'pytorch';

export interface CompatDefaults {
  readonly name: Compat | 'feedforward';
  /** undefined: by the activation's own rule. */
  readonly weightInit: (activation: ActivationName) => InitializerLike | undefined;
  readonly biasInit: (activation: ActivationName) => InitializerLike;
  readonly optimizer: OptimizerDefaults;
  readonly batchNorm: { readonly momentum: number; readonly epsilon: number };
  /** Rows per batch for n rows of data. */
  readonly batchSize: (rows: number) => number;
  readonly epochs: number | undefined;
  /** L2 written as scikit-learn does: half alpha W^2 / rows of the batch. */
  readonly alpha: number;
  /** Stops when the training loss has not improved by `tolerance` for `patience` epochs. */
  readonly plateauStop: { readonly tolerance: number; readonly patience: number } | undefined;
  /** Validation rows: the last ones as given (Keras), or drawn at random. */
  readonly validationRows: 'last' | 'random';
}

const sklearnInit = (activation: ActivationName): InitializerLike => ({
  name: 'glorotUniform',
  factor: activation === 'sigmoid' ? 2 : 6,
});

export const compatDefaults: Readonly<Record<Compat | 'feedforward', CompatDefaults>> = {
  feedforward: {
    name: 'feedforward',
    weightInit: () => undefined,
    biasInit: () => 'zeros',
    optimizer: {},
    batchNorm: { momentum: 0.1, epsilon: 1e-5 },
    batchSize: () => 32,
    epochs: undefined,
    alpha: 0,
    plateauStop: undefined,
    validationRows: 'last',
  },
  sklearn: {
    name: 'sklearn',
    weightInit: sklearnInit,
    biasInit: sklearnInit,
    optimizer: {
      sgd: { learningRate: 1e-3, momentum: 0.9, nesterov: true, form: 'velocity' },
      adam: { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, epsilonHat: true },
    },
    batchNorm: { momentum: 0.1, epsilon: 1e-5 },
    batchSize: (rows) => Math.min(200, rows),
    epochs: 200,
    alpha: 1e-4,
    plateauStop: { tolerance: 1e-4, patience: 10 },
    validationRows: 'random',
  },
  keras: {
    name: 'keras',
    weightInit: () => 'glorotUniform',
    biasInit: () => 'zeros',
    optimizer: {
      sgd: { learningRate: 0.01, momentum: 0, form: 'velocity' },
      adam: { epsilon: 1e-7, epsilonHat: true },
      adamw: { epsilon: 1e-7, epsilonHat: true, weightDecay: 0.004 },
      rmsprop: { learningRate: 1e-3, rho: 0.9, epsilon: 1e-7, epsilonInside: true },
      adagrad: { learningRate: 1e-3, initialAccumulator: 0.1, epsilon: 1e-7, epsilonInside: true },
      adadelta: { learningRate: 1e-3, rho: 0.95, epsilon: 1e-7 },
      adamax: { learningRate: 1e-3, epsilon: 1e-7 },
      nadam: { learningRate: 1e-3, epsilon: 1e-7 },
      lion: { learningRate: 1e-3 },
    },
    // Keras writes momentum as the share kept (0.99); ours is the share of the new batch.
    batchNorm: { momentum: 0.01, epsilon: 1e-3 },
    batchSize: () => 32,
    epochs: 1,
    alpha: 0,
    plateauStop: undefined,
    validationRows: 'last',
  },
  pytorch: {
    name: 'pytorch',
    weightInit: () => 'fanInUniform',
    biasInit: () => 'fanInUniform',
    optimizer: {
      sgd: { learningRate: 1e-3 },
      adam: { epsilon: 1e-8 },
      adamw: { epsilon: 1e-8, weightDecay: 0.01 },
      rmsprop: { learningRate: 0.01, rho: 0.99, epsilon: 1e-8 },
      adagrad: { learningRate: 0.01, initialAccumulator: 0, epsilon: 1e-10 },
    },
    batchNorm: { momentum: 0.1, epsilon: 1e-5 },
    batchSize: () => 32,
    epochs: undefined,
    alpha: 0,
    plateauStop: undefined,
    validationRows: 'last',
  },
};
