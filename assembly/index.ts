// The ABI: every export of the core. Numeric parameters only; there is one model per instance, so none is passed.
//
// A model is described (describe: records of float64, see abi.ts and description.ts) and built (build), given room (reserve),
// and then driven: fill the windows at `address(…)`, and train, or call forward, loss, backward and step.
// Calls with `t` and `n` run as thread t of n: all n make them, each with its own t; thread 0 then asks takeThreadsLost().

import { madd } from './kernels/lanes';
import * as derivatives from './network/derivatives';
import * as epochs from './network/epochs';
import * as lbfgs from './functions/optimizers/lbfgs';
import { theModel } from './memory/model';
import { takeLost } from './network/threads';
import * as training from './network/training';

export { build, describe, setTensorRule } from './description';
export { checkTile, measureTile } from './calibrate';
export { chooseTiles } from './kernels/products';
export { allFinite } from './kernels/rows';
export { address, layerRows, layerStride, measure, tensorOffset } from './memory/addresses';
export { bytesNeeded, reserve } from './memory/layout';

/** Whether multiply-adds round once here: in the relaxed build, where the machine can. The square of 1 + 2^-12 ends in 2^-24. */
export function fuses(): bool {
  const x = f32x4.splat(1.000244140625);
  return f32x4.extract_lane(madd(x, x, f32x4.splat(-1.00048828125)), 0) != 0;
}

/** Rows [first, first + rows) of the window through the network; the outputs are at Address.Outputs. */
export function forward(first: i32, rows: i32, inTraining: bool, t: i32, n: i32): void {
  training.forwardBatch(theModel(), first, rows, inTraining, t, n);
}

/** The last forward's mean loss against the targets from row `first` on, and its gradient divided by `divisor`. */
export function loss(first: i32, weighted: bool, divisor: f64): f64 {
  return training.lossOf(theModel(), first, weighted, divisor, 0, 1);
}

/**
 * What input gradients add to the last loss(), against the rows from `first` on at Address.DerivativeTargets; with `learns` also
 * to the gradients, part of it here and the rest by backward().
 */
export function derivativeLoss(first: i32, weighted: bool, divisor: f64, learns: bool): f64 {
  return derivatives.derivativeLoss(theModel(), first, weighted, divisor, learns);
}

/** The last forward's Hessian of an output times the rows at Address.DerivativeTargets, at Address.InputGradients. */
export function hessianProduct(output: i32): void {
  derivatives.hessianProduct(theModel(), output);
}

/** After writing d loss / d output at Address.OutputGradient. */
export function outputGradientGiven(): void {
  theModel().fusedDelta = false;
}

/** Back through the last forward's rows: adds to the gradients; with `inputs` leaves d loss / d x at Address.InputGradients. */
export function backward(inputs: bool, parameters: bool): void {
  training.backwardBatch(theModel(), inputs, parameters);
}

export function zeroGradients(): void {
  training.zeroGradients(theModel());
}

/** One optimizer step on the gradients as they stand, by the window's first step record. `rows`: rows of the effective batch. */
export function step(rows: i32): void {
  training.stepAlone(theModel(), rows);
}

/** Trains on the window as the record at Address.TrainRequest says; returns the number of batches done. */
export function train(t: i32, n: i32): i32 {
  return training.train(theModel(), t, n);
}

/** A random order of the `rows` rows that are kept in the window from row `kept` on. */
export function orderRows(kept: i32, rows: i32, key0: i32, key1: i32): void {
  epochs.orderRows(theModel(), kept, rows, key0, key1);
}

/** Rows [from, from + rows) of that order to the start of the window; with `weighted` their weights too. */
export function gatherRows(kept: i32, from: i32, rows: i32, weighted: bool): void {
  epochs.gatherRows(theModel(), kept, from, rows, weighted);
}

/** Whether a thread went missing in the last call; forgets it, so that the next call starts afresh. */
export function takeThreadsLost(): bool {
  return takeLost(theModel());
}

/** L-BFGS: the direction, at Address.Direction in place of the gradient of `length` float64 there. */
export function findDirection(length: i32): void {
  lbfgs.findDirection(theModel(), length);
}

/** L-BFGS: where the step of pair k is, oldest first; pair Measure.Pairs is the next one's place. */
export function pairAt(k: i32): usize {
  return lbfgs.pairAt(theModel(), k);
}

/** L-BFGS: keeps the pair at the next place, unless the curvature along it is not positive. */
export function keepPair(length: i32): void {
  lbfgs.keepPair(theModel(), length);
}

/** L-BFGS: forgets all pairs. */
export function forgetPairs(): void {
  theModel().pairCount = 0;
}
