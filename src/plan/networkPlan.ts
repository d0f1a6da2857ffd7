// A network as plain data: its layers in the order of the walk, its tensors, and all that a step needs to know. Both backends (the WebAssembly
// core and the plain-JS baseline) are built from it.

import type { LayerKind } from '../../assembly/abi.js';
import type { Key } from '../data/random.js';
import type { ResolvedActivation } from './activations.js';
import type { CompatDefaults } from './compat.js';
import type { ResolvedInitializer } from './initializers.js';
import type { ResolvedLoss } from './losses.js';
import type { MetricName } from './metrics.js';
import type { MLPOptions } from './modelOptions.js';
import type { RescalePlan } from './rescale.js';
import type { ResolvedOptimizer } from './resolveOptimizer.js';

export type TensorRole = 'weight' | 'bias' | 'slope' | 'gamma' | 'beta' | 'gain' | 'runningMean' | 'runningVariance';

/** One named tensor of a layer. */
export interface TensorPlan {
  /** 'layers.0.weight', 'layers.2.projection.weight', … */
  readonly name: string;
  readonly role: TensorRole;
  /** [inputs, outputs] or [outputs]. */
  readonly shape: readonly number[];
  /** false for running statistics and fixed gains: read and set like parameters, but no optimizer touches them. */
  readonly trainable: boolean;
  /** The layer that owns it (index into plan.layers). */
  readonly layer: number;
  readonly init: ResolvedInitializer;
  readonly fanIn: number;
  readonly fanOut: number;
  /** How many of the numbers there are, in (0, 1], where a mask or sparse leaves some out: starting weights go by it. */
  readonly density: number;
  readonly l1: number;
  readonly l2: number;
  /** L2 that is divided by the rows of the step: scikit-learn's alpha, in compat 'sklearn'. */
  readonly l2PerRow: number;
  readonly maxNorm: number;
  readonly learningRateScale: number;
  readonly frozen: boolean;
  /** A number for each weight: 1 it stays >= 0, -1 <= 0, 0 either, 2 it stays 0. Undefined where all are 0. */
  readonly signs: Int8Array | undefined;
}

/**
 * One step of the walk: residual blocks are a ResidualBegin and a ResidualEnd with the block's layers between; a layer that reads others than the one
 * before it has as many Edges in front of it.
 */
export interface LayerPlan {
  readonly kind: LayerKind;
  /** 'layers.0', 'layers.2.layers.1', … */
  readonly path: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Dense and Activation; identity elsewhere. */
  readonly activation: ResolvedActivation;
  readonly bias: boolean;
  /** Dropout: share of the elements set to 0 in training; dense: share of the weights (dropConnect); 0 elsewhere. */
  readonly dropRate: number;
  /** Noise: standard deviation of what is added in training; 0 elsewhere. */
  readonly deviation: number;
  /** BatchNorm: how far running statistics move towards a batch's; 0 elsewhere. */
  readonly momentum: number;
  readonly epsilon: number;
  /** BatchNorm: the running variance divides by the rows of the batch, not by rows - 1. */
  readonly biasedVariance: boolean;
  /** ResidualBegin and ResidualEnd: index of the other. Edge: of the layer it comes from, -1 for the model's inputs. */
  readonly partner: number;
  /** ResidualEnd: x goes through a learned matrix. */
  readonly projection: boolean;
  /** Rescale: its fixed numbers. */
  readonly rescale: RescalePlan | undefined;
  /** Edge: where its columns begin. Embedding: of x, the column with categories, and how many there are. 0 elsewhere. */
  readonly column: number;
  readonly categories: number;
  /** Indices into plan.tensors, by role. */
  readonly tensors: Partial<Record<TensorRole, number>>;
}

export interface NetworkPlan {
  readonly inputs: number;
  readonly outputs: number;
  /**
   * What is subtracted from each column of X, in float64, as rows are read: the center of a rescale layer that comes first,
   * or after noise alone. Undefined where there is none, or it is 0 throughout.
   */
  readonly inputCenter: Float64Array | undefined;
  readonly layers: readonly LayerPlan[];
  readonly tensors: readonly TensorPlan[];
  readonly loss: ResolvedLoss;
  readonly targetColumns: number;
  readonly optimizer: ResolvedOptimizer;
  readonly metrics: readonly MetricName[];
  readonly seed: number;
  readonly key: Key;
  readonly deterministic: boolean;
  readonly clip: { readonly value: number; readonly norm: number; readonly globalNorm: number };
  /** 0: no averaging. */
  readonly averagingDecay: number;
  /** Whether early steps keep less of the average. */
  readonly averagingWarmsUp: boolean;
  /** Why no derivative gets through the network, if none does (sign or step inside). */
  readonly untrainable: string | undefined;
  /** Statistics over the batch: a batch of one row cannot be trained on. */
  readonly usesBatchStatistics: boolean;
  /** Trainable numbers. */
  readonly parameterCount: number;
  readonly defaults: CompatDefaults;
  /** The options as given, for saving and cloning. */
  readonly options: MLPOptions;
}
