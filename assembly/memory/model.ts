// The model as data in linear memory: its structs and the memory map, drawn once, here. One instance holds one model,
// so the model stands at a fixed place and every mutable thing is inside it: a copy of memory is a copy of the model.
//
//   | Model | scratch | optimizer | request | Layer[] | Tensor[] | parameters | gradients | slot 0 | slot 1 | slot 2 | average | workspace … |
//                                  W0 b0 W1 b1 … then running statistics
//
// Parameters, gradients, slots and averages share one layout (`Tensor.offset` bytes from the region's start); gradients,
// slots and averages stop before the running statistics and exist only once the model trains. Every tensor starts on a
// cache line and is padded with zeros to one: weights are panels (kernels/panels.ts), all else is a row.
// Invariant: padding lanes of weights, gradients and deltas are zero; those of activations may hold anything finite.
//
//   workspace: | window: x | targets | weights | rates | losses | outputs | per layer: z, y, delta, caches | W^T |

import { Activation, LayerKind, Loss, Optimizer } from '../abi';
import { TRAINS } from '../build';
import { padded } from '../kernels/lanes';

/** Bytes of a cache line: every buffer starts on one. */
export const LINE: u64 = 64;

@unmanaged
@final
export class Model {
  layerCount: i32;
  tensorCount: i32;
  inputs: i32;
  outputs: i32;
  targetColumns: i32;
  scratch: usize; // each thread's room to work in: THREAD_SCRATCH bytes each
  optimizer: usize; // the optimizer's record (OptimizerField)
  request: usize; // what train() is asked to do (TrainField)
  layers: usize;
  tensors: usize;

  // regions
  parameters: usize;
  parameterBytes: usize; // with statistics
  trainableBytes: usize;
  gradients: usize;
  slots: usize; // slot s at slots + s * trainableBytes
  average: usize;
  workspace: usize; // where what a reservation places begins
  training: bool; // gradients and slots exist

  // windows and their strides (in floats)
  windowRows: i32;
  batchRows: i32;
  x: usize;
  xStride: i32;
  targets: usize;
  targetStride: i32;
  sampleWeights: usize;
  lastOutputs: usize; // the last layer's y
  outputStride: i32;
  windowOutputs: usize;
  stepRecords: usize; // StepField.Count f64 per step, and one for each constant that changes
  losses: usize; // f64 per batch
  rowLosses: usize; // f64 per row of a batch
  inputDelta: usize; // d loss / d x of the batch
  derivatives: bool; // there is room for training on input gradients (network/derivatives.ts), whose buffers follow
  derivativeTargets: usize; // rows of outputs x inputs
  derivativeStride: i32;
  derivativeWeights: usize; // of each column of those rows
  inputAdjoint: usize; // d output / d x of the batch, then the direction
  bends: bool; // backward() adds what second derivatives make of the last direction
  packed: usize; // what weightGradient packs in, PACKED_BYTES for each thread; 0: batches too small for that

  // the batch in hand
  first: i32; // its first row in the window
  rows: i32;
  base: usize; // weights of the last forward: parameters, or averages
  evaluating: bool; // the last forward was for prediction
  fusedDelta: bool; // the last layer's delta is already with respect to its pre-activation
  effectiveRow: i32; // rows already seen of the effective batch (gradient accumulation)
  needsZero: bool; // gradients are to be overwritten, not added to
  dropsWeights: bool; // some dense layer drops connections
  branches: bool; // some layer reads others than the one before it
  inputEdge: i32; // the last edge that leaves the inputs, 0: none
  batchStatistics: bool; // some layer takes statistics over the batch

  // loss
  loss: Loss;
  lossParameter: f32;
  lossLevels: usize; // where pinball's levels stand, one for each output; 0: one for all, its parameter
  lossIsFused: bool; // it reads the last layer's pre-activation
  lossScale: f64; // times the loss and its gradient

  // optimizer
  rule: Optimizer;
  slotCount: i32;
  changes: u32; // a bit for each field of the optimizer's record that a step brings anew
  decaysApart: bool; // weight decay shrinks the weights themselves and stays out of the gradient
  clipValue: f32; // Infinity: no limit, here and in the two below
  clipNorm: f64; // of each tensor
  clipGlobalNorm: f64; // of all tensors together
  clipFactor: f64; // global clipping, of the step in hand
  averagingDecay: f32; // 0: no averages
  averagingWarmsUp: bool; // early steps keep less of the average
  averagingShare: f32; // how far the step in hand moves averages towards the weights
  boundsWeights: bool; // some tensor has a maxNorm or keeps signs
  pairs: usize; // L-BFGS's vectors (functions/optimizers/lbfgs.ts)
  historySize: i32; // pairs it keeps at most; 0 for other rules
  pairCount: i32;
  pairLength: i32; // numbers in a vector
  diverged: bool; // a weight stopped being finite
  stopped: bool; // train() is to stop: all threads read it after a barrier

  // counters: read and written as one block, in the order of Counter in abi.ts
  steps: f64;
  draws: f64;
  power1: f64;
  power2: f64;
  momentumProduct: f64;
  fadePower: f64;

  // threads (network/threads.ts)
  threads: i32;
  arrived: i32; // at the barrier
  generation: i32; // of the barrier
  lost: i32; // some thread never came
  mayWait: bool; // thread 0 may sleep
  patience: i32; // tenths of a second before a missing thread is given up
}

@unmanaged
@final
export class Layer {
  kind: LayerKind;
  inputs: i32;
  outputs: i32;
  activation: Activation;
  activationA: f32; // the activation's own numbers
  activationB: f32;
  coefficient0: f32; // of a polynomial activation, side by side
  coefficient1: f32;
  coefficient2: f32;
  coefficient3: f32;
  coefficient4: f32;
  coefficient5: f32;
  coefficient6: f32;
  coefficient7: f32;
  sharesSlope: bool; // PReLU: one slope
  dropRate: f64; // dropout: share of elements set to 0; dense: share of connections
  deviation: f64; // noise
  statisticsMomentum: f64; // batch norm: how far running statistics move towards a batch's
  biasedVariance: bool; // batch norm: the running variance divides by rows, not by rows - 1
  epsilon: f32; // batch and layer norm
  partner: i32; // residual begin <-> end; edge: the layer it comes from, -1: the network's inputs
  edge: i32; // the last edge that leaves it, 0: none (the first layer is never one) …
  nextEdge: i32; // … and of an edge the one before it with the same source
  projects: bool; // residual end: the block's input goes through a matrix
  key0: u32; // generator key of this layer's masks
  key1: u32;

  // tensors, bytes from the region's start; NONE where there is none
  weight: usize;
  bias: usize;
  slope: usize;
  gamma: usize;
  beta: usize;
  runningMean: usize;
  runningVariance: usize;
  gain: usize;
  constants: usize; // of a rescale: see layers/rescale.ts
  signs: usize; // of a dense layer: which sign each weight keeps, panels as the weights
  column: i32; // edge: where its columns begin; embedding: of x, the one with categories
  categories: i32; // embedding: how many there are
  trainable: bool; // some tensor of this layer is not frozen

  // the batch's buffers; strides in floats
  inPlace: bool; // y is x: nothing is computed
  keepsInput: bool; // z apart from y: where the derivative or a fused loss reads it
  x: usize; // input: the y of the layer before
  xStride: i32;
  z: usize; // pre-activation; = y where nothing reads it later, = x in an activation layer
  y: usize;
  stride: i32; // of z, y, delta, cache
  delta: usize; // d loss / d y, then (dense) d loss / d z in place; a residual begin has that of the layer before
  cache: usize; // normalisation: (x - mean) / deviation
  scales: usize; // normalisation: 1 / deviation, per column or per row
  // for training on input gradients; strides as of z
  slopes: usize; // f'(z)
  curves: usize; // f''(z)
  adjoint: usize; // d output / d y, then (dense) d output / d z in place; changes places with delta
  bend: usize; // f''(z) d output / d y
  tangent: usize; // the derivative of y along a direction in the inputs
  turned: usize; // what second derivatives add to d loss / d z
  dropped: usize; // dense with a dropRate: the weights kept in training, and behind them room for a gradient; else 0
  transposed: usize; // W^T panels; layers share the room, unless threads share the work
}

@unmanaged
@final
export class Tensor {
  offset: usize; // bytes
  bytes: usize; // padded to a line
  inputs: i32; // rows of a weight, 1 for a row
  outputs: i32;
  isWeight: bool; // panels, and max-norm applies
  trainable: bool; // not a running statistic
  frozen: bool;
  layer: i32; // its owner
  l1: f32;
  l2: f32;
  l2PerRow: f64; // (l2PerRow / rows) w joins the gradient: scikit-learn's alpha
  maxNorm: f32;
  rateScale: f32; // times the learning rate
}

/** Bytes each thread has to work in, for the stages of tanh (kernels/tanh.ts) and for the constants of a step (functions/optimizers/step.ts): whole cache lines. */
export const THREAD_SCRATCH: usize = TRAINS ? 512 : 256;

/** Most threads a model can be shared by. */
export const MAX_THREADS: i32 = 16;

export const NONE: usize = usize.MAX_VALUE;

/** The model of this instance. */
export function theModel(): Model {
  return changetype<Model>((__heap_base + 63) & ~63);
}

export function layerAt(model: Model, i: i32): Layer {
  return changetype<Layer>(model.layers + (i as usize) * offsetof<Layer>());
}

export function tensorAt(model: Model, i: i32): Tensor {
  return changetype<Tensor>(model.tensors + (i as usize) * offsetof<Tensor>());
}

/** Whether the layer works in the buffers of the one before it: where a residual block begins, and a reader's second edge and those that follow. */
export function sharesBuffers(layer: Layer): bool {
  return layer.kind == LayerKind.ResidualBegin || (layer.kind == LayerKind.Edge && layer.column > 0);
}

/** Whether the layer holds a weight matrix: dense, or a residual end with a projection. */
export function hasMatrix(layer: Layer): bool {
  return layer.kind == LayerKind.Dense || layer.projects;
}

/** Floats from one row of an activation buffer to the next: whole vectors, and no large power of two (cache conflicts). */
export function strideOf(width: i32): i32 {
  const stride = padded(width);
  return (stride & 63) == 0 ? stride + 16 : stride;
}
