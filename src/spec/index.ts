// What a network is made of, for the public faces of the core and of the baseline.

export {
  celu,
  elu,
  leakyRelu,
  linear,
  prelu,
  type ActivationLike,
  type ActivationName,
  type ActivationSpec,
} from './activations.js';
export type { Compat } from './compat.js';
export type { InitializerLike, InitializerName, InitializerSpec } from './initializers.js';
export { activation, batchNorm, dense, dropout, layerNorm, noise, residual, type LayerSpec } from './layers.js';
export {
  binaryCrossEntropy,
  categoricalCrossEntropy,
  huber,
  sparseCategoricalCrossEntropy,
  type CustomLoss,
  type LossLike,
  type LossName,
  type LossSpec,
} from './losses.js';
export type { MetricName } from './metrics.js';
export {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  gd,
  lbfgs,
  lion,
  nadam,
  rmsprop,
  sgd,
  type OptimizerLike,
  type OptimizerName,
  type OptimizerSpec,
} from './optimizers.js';
export type { MLPOptions } from './plan.js';
export {
  cosineDecay,
  cosineRestarts,
  exponentialDecay,
  inverseTimeDecay,
  oneCycle,
  polynomialDecay,
  reduceOnPlateau,
  stepDecay,
  warmup,
  type LearningRate,
  type RateFunction,
  type ScheduleSpec,
} from './schedules.js';
