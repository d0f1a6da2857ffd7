// The defaults of other frameworks, for `compat`: the same network, started and stepped the way that framework does. Those of optimizers
// are in their rows (optimizers.ts).
// See: https://scikit-learn.org/1.2/modules/generated/sklearn.neural_network.MLPClassifier.html, https://keras.io/api/,
// https://pytorch.org/docs/1.13/

import type { ActivationDefaults, ActivationName } from './activations.js';
import type { InitializerLike } from './initializers.js';
import type { LossName } from './losses.js';

/**
 * The framework whose defaults a network has: scikit-learn 1.2, Keras or PyTorch 1.13. It names initialisation, optimizer
 * options and penalties.
 */
export type Compat = 'sklearn' | 'keras' | 'pytorch';

export interface CompatDefaults {
  readonly name: Compat | 'feedforward';
  /** undefined: by the activation's own rule. `hidden`: for the output layer, the activation of the last hidden one. */
  readonly weightInit: (activation: ActivationName, hidden: ActivationName | undefined) => InitializerLike | undefined;
  readonly biasInit: (activation: ActivationName, hidden: ActivationName | undefined) => InitializerLike;
  /** Parameters of activations. */
  readonly activation: ActivationDefaults;
  readonly batchNorm: {
    readonly momentum: number;
    readonly epsilon: number;
    /** The running variance takes the sum of squares over the rows of a batch, not over rows - 1. */
    readonly biasedVariance: boolean;
  };
  readonly layerNorm: { readonly epsilon: number };
  /** What a loss of our table, a mean over rows and outputs, is multiplied by to be this framework's. */
  readonly lossScale: (loss: LossName, outputs: number) => number;
  /** Rows per batch for n rows of data. */
  readonly batchSize: (rows: number) => number;
  readonly epochs: number | undefined;
  /** The penalty on weights where none is given. `perRow`: l2 is written as scikit-learn's alpha, half alpha W^2 / rows of the batch. */
  readonly l2: { readonly preset: number; readonly perRow: boolean };
  /** What earlyStopping: true and its silent options mean. */
  readonly earlyStopping: {
    readonly patience: number;
    readonly minDelta: number;
    readonly restoreBest: boolean;
    /** Whether the weights before training are measured too, so that an epoch must beat them to be the best. */
    readonly measuresBefore: boolean;
    /**
     * scikit-learn's count: the best follows every gain however small, an epoch that gains less than minDelta is a bad one, training stops
     * after more than `patience` bad ones, and a score on the validation rows (accuracy, R^2) is watched where there is one.
     */
    readonly asSklearn: boolean;
  };
  /** Stops when for more than `patience` epochs the training loss was not `tolerance` below the least so far. */
  readonly plateauStop: { readonly tolerance: number; readonly patience: number } | undefined;
  /** Validation rows: the last ones as given (Keras), or drawn at random. */
  readonly validationRows: 'last' | 'random';
}

/** scikit-learn goes by its one hidden activation in every layer, the output's too. */
const sklearnInit = (activation: ActivationName, hidden = activation): InitializerLike => ({
  name: 'glorotUniform',
  factor: hidden === 'sigmoid' ? 2 : 6,
});

const meanOverOutputs = () => 1;

/** scikit-learn steps along sums over the outputs, means over the rows, and its squared error is halved. */
const sumOverOutputs = (loss: LossName, outputs: number): number => {
  if (loss === 'meanSquaredError') return outputs / 2;
  return loss === 'binaryCrossEntropy' ? outputs : 1;
};

const noPenalty = { preset: 0, perRow: false } as const;

/**
 * Hidden units of these learn nothing but straight lines for long when all of them bend at the same place, and inputs are small: their biases
 * start from U(-1/sqrt(inputs), 1/sqrt(inputs)). Figures: docs/defaults.md.
 */
const straightAt0: ReadonlySet<ActivationName> = new Set(['tanh', 'softsign']);

const feedforward: CompatDefaults = {
  name: 'feedforward',
  weightInit: () => undefined,
  biasInit: (activation, hidden) => (hidden === undefined && straightAt0.has(activation) ? 'fanInUniform' : 'zeros'),
  activation: {},
  batchNorm: { momentum: 0.1, epsilon: 1e-5, biasedVariance: false },
  layerNorm: { epsilon: 1e-5 },
  lossScale: meanOverOutputs,
  batchSize: () => 32,
  epochs: undefined,
  l2: noPenalty,
  earlyStopping: { patience: 10, minDelta: 0, restoreBest: true, measuresBefore: true, asSklearn: false },
  plateauStop: undefined,
  validationRows: 'last',
};

export const compatDefaults: Readonly<Record<Compat | 'feedforward', CompatDefaults>> = {
  feedforward,
  sklearn: {
    ...feedforward,
    name: 'sklearn',
    weightInit: sklearnInit,
    biasInit: sklearnInit,
    lossScale: sumOverOutputs,
    batchSize: (rows) => Math.min(200, rows),
    epochs: 200,
    l2: { preset: 1e-4, perRow: true },
    earlyStopping: { patience: 10, minDelta: 1e-4, restoreBest: true, measuresBefore: false, asSklearn: true },
    plateauStop: { tolerance: 1e-4, patience: 10 },
    validationRows: 'random',
  },
  keras: {
    ...feedforward,
    name: 'keras',
    weightInit: () => 'glorotUniform',
    biasInit: () => 'zeros',
    activation: { leakyRelu: { slope: 0.3 }, prelu: { init: 0, shared: false } },
    // Keras writes momentum as the share kept (0.99); ours is the share of the new batch.
    batchNorm: { momentum: 0.01, epsilon: 1e-3, biasedVariance: true },
    layerNorm: { epsilon: 1e-3 },
    epochs: 1,
    earlyStopping: { patience: 0, minDelta: 0, restoreBest: false, measuresBefore: false, asSklearn: false },
  },
  pytorch: {
    ...feedforward,
    name: 'pytorch',
    weightInit: () => 'fanInUniform',
    biasInit: () => 'fanInUniform',
  },
};
