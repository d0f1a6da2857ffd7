// What a Model needs from whatever does the arithmetic. Two implementations: src/core (the WebAssembly core) and
// src/baseline (plain JS). Everything here is synchronous and numeric; checks and shapes are left to the Model.

import type { Key } from '../data/random.js';
import type { NetworkPlan } from '../plan/network.js';

/** What train() does beside training. */
export interface TrainRequest {
  /** Rows of the window to train on, from its start. */
  readonly rows: number;
  /** Rows per batch; the last batch of the window may be smaller. */
  readonly batchSize: number;
  /** Batches whose gradients are added up before each optimizer step (>= 1). */
  readonly accumulate: number;
  /** Whether `sampleWeights` count. */
  readonly weighted: boolean;
  /** Whether outputs of every row are kept in `windowOutputs`. */
  readonly keepOutputs: boolean;
  /** Go on when the loss is not finite. */
  readonly ignoreDivergence: boolean;
  /** Whether the loss has the part on input gradients, see Derivatives. Default false. */
  readonly derivatives?: boolean;
}

/** A step and what it changed in the gradient. */
export interface CurvaturePair {
  /** The step: weights after it minus weights before it. */
  readonly s: Float64Array;
  /** The difference of the gradients after and before the step. */
  readonly y: Float64Array;
}

/**
 * What L-BFGS knows of the loss's curvature: the last `historySize` pairs, oldest first, and what they say of a gradient.
 * Vectors are float64, all of one length, that of the tensors being trained. Other optimizers keep no pairs.
 */
export interface Curvature {
  /** Pairs kept. */
  readonly count: number;
  /** Numbers in each vector of the pairs. */
  readonly length: number;
  /** -H g by the two-loop recursion, a new array. See: Nocedal & Wright, algorithm 7.4. */
  direction(gradient: Float64Array): Float64Array;
  /** Keeps the pair, unless the curvature along it is not positive; the oldest goes when there are too many. */
  remember(s: Float64Array, y: Float64Array): void;
  /** Drops all pairs. */
  forget(): void;
  /** Copies of the pairs. */
  read(): CurvaturePair[];
  /** Replaces the pairs; all are left out when they cannot be of this network (of several lengths, or too long). */
  write(pairs: readonly CurvaturePair[]): void;
}

/**
 * Training on input gradients: the loss gains the mean over rows, outputs and inputs of weight x (d output / d input - target)^2.
 * Of networks that have second derivatives alone; the caller checks.
 */
export interface Derivatives {
  /** Rows of the window beside those of x: d output o / d input j of row i is targets[i * stride + o * inputs + j]. */
  targets: Float32Array | Float64Array;
  /** Numbers from one row of targets to the next. */
  stride: number;
  /** The weight of each of the outputs x inputs columns. */
  weights: Float32Array | Float64Array;
  /** From the next reserve() on there is room for all this. */
  want(): void;
  /**
   * The part of the loss on input gradients, for the rows of the last forward against the rows of targets from `first` on; after
   * loss(), or the gradient of a custom loss. With `learns`, its gradient in the parameters, divided by `divisor`, is added by
   * this call and the backward() after it.
   */
  loss(first: number, weighted: boolean, divisor: number, learns: boolean): number;
  /** The Hessian of an output in the inputs times the rows of `targets` from the first on: rows x inputs, for the rows of the last forward. */
  hessianProduct(output: number): Float32Array | Float64Array;
}

/**
 * Rows live in windows: arrays the backend owns and the Model fills. `reserve` may replace them; nothing else does, so a
 * step makes no objects. Element (i, j) of `x` is `x[i * xStride + j]`, likewise for targets and outputs.
 */
export interface Backend {
  /** The network: tensors, layers, loss and optimizer, resolved. */
  readonly plan: NetworkPlan;
  /** The pairs that L-BFGS keeps; none for other optimizers. */
  readonly curvature: Curvature;

  /** Training on input gradients, where this kind can. */
  readonly derivatives?: Derivatives;

  /** A new backend of the same network that computes in float64, where this kind has one: for differences. */
  precise?(): Backend;

  /** Rows of inputs: element (i, j) is x[i * xStride + j]. */
  x: Float32Array | Float64Array;
  /** Numbers from one row of x to the next. */
  xStride: number;
  /** Rows of targets: element (i, j) is targets[i * targetStride + j]. */
  targets: Float32Array | Float64Array;
  /** Numbers from one row of targets to the next. */
  targetStride: number;
  /** The weight of each row of the window, for calls that ask for weights. */
  sampleWeights: Float32Array | Float64Array;
  /** The rows of the last forward pass. */
  outputs: Float32Array | Float64Array;
  /** Numbers from one row of outputs to the next. */
  outputStride: number;
  /** Outputs of the rows of the last train(), same stride as `outputs`, when they were asked for. */
  windowOutputs: Float32Array | Float64Array;
  /** A record for each coming optimizer step of a window, filled before train(): its learning rate and, in the order of the plan, its optimizer's changing constants. */
  rates: Float64Array;
  /** Mean loss of each batch of the window, over the batch's own rows whatever `accumulate`: filled by train(). */
  losses: Float64Array;
  /** After a train() that stopped early: a weight, not only a loss, is no longer finite. */
  readonly weightsDiverged: boolean;

  /**
   * Makes room for windows of `rows` rows run in batches of `batchSize` (or one of batchSize + 1, see train), for training
   * (loss, deltas, gradients) or only for prediction. Never shrinks: room for training stays when prediction asks for
   * more. Contents of the windows are lost when it grows. @throws ERR_MEMORY, leaving everything as it was.
   */
  reserve(rows: number, batchSize: number, training: boolean): void;

  /**
   * How often the windows were made anew: what lay in them before is gone. With orderRows and gatherRows, where this kind can keep rows: until
   * then they stay as they are, in train() too, and those behind the rows to train on are brought to the front in any order.
   */
  readonly windowsMade?: number;
  /**
   * Draws an order of the `rows` rows of the window from row `kept` >= rows + 4 on, that of Random.shuffle with this key; the window has
   * kept + rows rows. The order lies in `losses`, from number `kept` on.
   */
  orderRows?(kept: number, rows: number, key: Key): void;
  /**
   * Rows [from, from + rows) of that order to the start of the window; with `weighted` their weights too, and then up to three numbers
   * behind theirs are overwritten.
   */
  gatherRows?(kept: number, from: number, rows: number, weighted: boolean): void;

  /**
   * Rows [first, first + rows) of the window through the network. In training: dropout, noise, batch statistics. With room
   * for training, loss() and backward() may follow either kind, and are those of the kind it was: after prediction,
   * running statistics are constants and dropout is the identity.
   */
  forward(first: number, rows: number, training: boolean): void;

  /**
   * Mean loss of the last forward's rows against rows [first, …) of the targets; its gradient, summed over the rows and
   * divided by `divisor` (rows of the whole effective batch), is ready for backward(). Not for custom losses.
   */
  loss(first: number, weighted: boolean, divisor: number): number;

  /** The gradient of the loss with respect to the outputs of the last forward, given from outside (custom losses, inputGradient). Stride `outputStride`. */
  setOutputGradient(gradient: ArrayLike<number>): void;

  /** Adds the last batch's gradients to the accumulated ones. With `inputs`, also leaves d loss / d x in `inputGradients()`. */
  backward(inputs: boolean, parameters: boolean): void;

  /** d loss / d x of the last backward(true, …): rows x inputs, tightly packed, a copy. */
  inputGradients(): Float32Array | Float64Array;

  /** Sets the accumulated gradients to zero. */
  zeroGradients(): void;

  /** One optimizer step with the gradients as they stand; counts the step. `rows`: rows of the effective batch. Changing constants are in the first record of `rates`. */
  step(rate: number, rows: number): void;

  /**
   * Trains on the window: forward, loss, backward and step for each batch, with `rates` and into `losses`. A window is
   * whole effective batches, or ends the epoch; gradients start from zero. Where batch statistics are used, a last batch
   * of one row is merged into the one before it.
   * Returns the number of batches done: fewer than asked when a loss or a weight stopped being finite; then losses[done]
   * is the loss that did, and readActivations are those of its batch.
   */
  train(request: TrainRequest): number;

  /** A copy of tensor i of plan.tensors in its public shape. */
  readTensor(i: number): Float32Array | Float64Array;
  /** The accumulated gradient of tensor i, public shape, a copy. */
  readGradient(i: number): Float32Array | Float64Array;
  /** Overwrites tensor i (public shape, already checked). */
  writeTensor(i: number, values: ArrayLike<number>): void;
  /** The exponential average of tensor i, when weights are averaged. */
  readAverage(i: number): Float32Array | Float64Array;
  /** Overwrites the exponential average of tensor i (public shape, already checked). */
  writeAverage(i: number, values: ArrayLike<number>): void;
  /** Optimizer slot s of tensor i, public shape. */
  readSlot(s: number, i: number): Float32Array | Float64Array;
  /** Overwrites optimizer slot s of tensor i (public shape, already checked). */
  writeSlot(s: number, i: number, values: ArrayLike<number>): void;

  /** By Counter (assembly/abi.ts): steps taken, and the running products some rules keep. With the slots, the optimizer's whole state. */
  readCounters(): Float64Array;
  /** Overwrites the counters with what readCounters gave. */
  writeCounters(values: ArrayLike<number>): void;

  /** Changes learning-rate scale and frozen flag of tensor i. */
  setTensorRule(i: number, learningRateScale: number, frozen: boolean): void;

  /** All weights, statistics, slots and counters, as one opaque copy; restore() takes it back, bit for bit. Written into `room`, if that has its length. */
  snapshot(room?: ArrayBuffer): ArrayBuffer;
  /** Puts back what snapshot() copied, bit for bit. */
  restore(snapshot: ArrayBuffer): void;

  /** Activations of layer i of plan.layers after the last training forward: rows x outputs, tightly packed, a copy. */
  readActivations(i: number): Float32Array | Float64Array;
  /** After the last backward: of dense layers d loss / d net inputs (x W + b), of others d loss / d output, likewise. */
  readDeltas(i: number): Float32Array | Float64Array;
}
