// What a network is made of, for the public faces of the core and of the baseline.

export {
  celu,
  elu,
  leakyRelu,
  linear,
  polynomial,
  prelu,
  type ActivationLike,
  type ActivationName,
  type ActivationSpec,
  type CustomActivation,
} from '../../plan/activations.js';
export type { Placed } from '../../plan/edges.js';
export type { Compat } from '../../plan/compat.js';
export type { InitializerLike, InitializerName, InitializerSpec } from '../../plan/initializers.js';
export { activation, batchNorm, dense, dropout, embedding, layerNorm, noise, rescale, residual } from '../../plan/layers.js';
export type {
  ActivationLayerSpec,
  BatchNormSpec,
  DenseSpec,
  DropoutSpec,
  EmbeddingSpec,
  LayerNormSpec,
  LayerSpec,
  NoiseSpec,
  RescaleSpec,
  ResidualSpec,
} from '../../plan/layers.js';
export type { SignBlocks, WeightSign } from '../../plan/signs.js';
export type { FittedScaler } from '../../plan/scalers.js';
export {
  binaryCrossEntropy,
  categoricalCrossEntropy,
  gaussianNll,
  huber,
  pinball,
  sparseCategoricalCrossEntropy,
  type CustomLoss,
  type LossLike,
  type LossName,
  type LossSpec,
} from '../../plan/losses.js';
export { orderedOutputs } from '../../plan/ordered.js';
export type { MetricLike, MetricName } from '../../plan/metrics.js';
export * from '../../plan/optimizers.js'; // the makers and the types; not its table, which is the default export
export type { ClipOptions, MLPOptions, WeightAveragingOptions } from '../../plan/modelOptions.js';
export * from '../../plan/schedules.js'; // the makers and the types; not its table
