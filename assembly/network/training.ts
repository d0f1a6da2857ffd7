// One step: forward, loss, backward, update; a window is a loop of steps. Each function runs as thread `t` of `n`.

import { StepField, TrainField } from '../abi';
import { lossRows, sumRows } from '../functions/losses';
import { boundWeights } from '../functions/optimizers/afterwards';
import { globalScale } from '../functions/optimizers/clipping';
import { advance, sweep } from '../functions/optimizers/step';
import { rowAt } from '../kernels/rows';
import { Model, THREAD_SCRATCH } from '../memory/model';
import { backward, forward } from './passes';
import { derivativeLoss } from './derivatives';
import { barrier, lost, shareEnd, shareStart } from './threads';

/** The batch in hand: rows [first, first + rows) of the window; evaluation reads averaged weights where there are any. */
function startForward(model: Model, first: i32, rows: i32, training: bool): void {
  model.first = first;
  model.rows = rows;
  model.evaluating = !training;
  model.base = !training && model.averagingDecay > 0 && model.training ? model.average : model.parameters;
}

/** Rows [first, first + rows) of the window through the network, one batch on its own; the outputs are at model.lastOutputs. */
export function forwardBatch(model: Model, first: i32, rows: i32, training: bool, t: i32, n: i32): void {
  if (t == 0) {
    startForward(model, first, rows, training);
    model.effectiveRow = 0;
  }
  barrier(model, n);
  forward(model, t, n);
  barrier(model, n);
  if (t == 0 && training) model.draws += 1;
}

/** Back through the last forwardBatch's rows: adds to the gradients; with `inputs` leaves d loss / d x at model.inputDelta. */
export function backwardBatch(model: Model, inputs: bool, parameters: bool): void {
  // The mask of the forward pass being walked back was drawn before the counter moved on.
  if (!model.evaluating) model.draws -= 1;
  backward(model, inputs, parameters, 0, 1);
  if (!model.evaluating) model.draws += 1;
  if (parameters) model.needsZero = false;
  model.bends = false;
}

export function zeroGradients(model: Model): void {
  memory.fill(model.gradients, 0, model.trainableBytes);
  model.needsZero = true;
}

/**
 * Losses of the batch's rows against targets from row `target` on, and d loss / d output (or pre-activation, fused) in
 * the last layer's delta, divided by `divisor`. Returns the batch's mean loss (thread 0; the others 0).
 */
export function lossOf(model: Model, target: i32, weighted: bool, divisor: f64, t: i32, n: i32): f64 {
  const from = shareStart(model.rows, t, n, 8);
  const to = shareEnd(model.rows, t, n, 8);
  lossRows(model, target, weighted, (model.lossScale / divisor) as f32, from, to);
  barrier(model, n);
  if (t != 0) return 0;
  model.fusedDelta = model.lossIsFused;
  return (model.lossScale * sumRows(model.rowLosses, model.rows)) / (model.rows as f64);
}

/** One optimizer step on the gradients as they stand, on its own, by the window's first step record. `rows`: rows of the effective batch. */
export function stepAlone(model: Model, rows: i32): void {
  model.diverged = false;
  update(model, 0, rows, 0, 1);
}

/** By the window's step record number `step`. */
function update(model: Model, step: i32, rows: i32, t: i32, n: i32): void {
  const scratch = model.scratch + (t as usize) * THREAD_SCRATCH;
  const record = model.stepRecords + ((step * (StepField.Count + popcnt(model.changes))) << 3);
  const rate = f64.load(record + (StepField.Rate << 3));
  if (t == 0) {
    takeConstants(model, record + (StepField.Count << 3));
    advance(model, scratch);
    model.clipFactor = globalScale(model);
  }
  barrier(model, n);
  const bytes = model.trainableBytes as i32;
  const from = shareStart(bytes >> 6, t, n, 4) << 6;
  const to = t == n - 1 ? bytes : shareEnd(bytes >> 6, t, n, 4) << 6;
  if (sweep(model, rate, rows, model.clipFactor, from as usize, to as usize, scratch) != 0) model.diverged = true;
  barrier(model, n);
  if (t == 0 && model.boundsWeights) boundWeights(model);
}

/**
 * Trains as model.request says on the first `rows` rows of the window: batches of `batchSize`, a step after every
 * `accumulate` of them (and at the end), with the step records and into the losses of the window. A last batch of one row
 * joins the one before where the network takes statistics over the batch. Stops before the step of a batch whose loss is
 * not finite and after a step that made a weight non-finite. Returns the number of batches done. As thread t of n: all n
 * call it.
 */
export function train(model: Model, t: i32, n: i32): i32 {
  barrier(model, n);
  const rows = asked(model, TrainField.Rows) as i32;
  const batchSize = asked(model, TrainField.BatchSize) as i32;
  const accumulate = asked(model, TrainField.Accumulate) as i32;
  const weighted = asked(model, TrainField.Weighted) != 0;
  const keepOutputs = asked(model, TrainField.KeepOutputs) != 0;
  const ignoreDivergence = asked(model, TrainField.IgnoreDivergence) != 0;
  const derivatives = asked(model, TrainField.Derivatives) != 0; // one thread's work
  let batch = 0;
  let step = 0;
  let first = 0;
  if (t == 0) model.diverged = false;
  while (first < rows) {
    const wanted = min(batchSize * accumulate, rows - first);
    const divisor = rows - first - wanted == 1 && model.batchStatistics ? wanted + 1 : wanted;
    const end = first + divisor;
    const start = first;
    if (t == 0) model.needsZero = true;
    while (first < end) {
      let size = min(batchSize, end - first);
      if (end - first - size == 1 && model.batchStatistics) size++;
      if (t == 0) {
        startForward(model, first, size, true);
        model.effectiveRow = first - start;
      }
      barrier(model, n);
      forward(model, t, n);
      let loss = lossOf(model, first, weighted, divisor as f64, t, n);
      if (derivatives) loss += derivativeLoss(model, first, weighted, divisor as f64, true);
      if (t == 0) {
        f64.store(model.losses + ((batch as usize) << 3), loss);
        model.stopped = !ignoreDivergence && loss - loss != 0;
        if (keepOutputs)
          memory.copy(
            rowAt(model.windowOutputs, first, model.outputStride),
            model.lastOutputs,
            ((size * model.outputStride) as usize) << 2,
          );
      }
      barrier(model, n);
      if (model.stopped || (n > 1 && lost(model))) return batch;
      backward(model, false, true, t, n);
      if (t == 0) model.needsZero = model.bends = false;
      batch++;
      first += size;
    }
    update(model, step, divisor, t, n);
    step++;
    if (t == 0) {
      model.draws += 1;
      model.effectiveRow = 0;
      model.stopped = !ignoreDivergence && model.diverged;
    }
    barrier(model, n);
    if (model.stopped || (n > 1 && lost(model))) return batch;
  }
  return batch;
}

/** A field of the request. */
function asked(model: Model, field: TrainField): f64 {
  return f64.load(model.request + ((field as usize) << 3));
}

/** The constants that change with every step, from its record into the optimizer's. */
function takeConstants(model: Model, from: usize): void {
  for (let left = model.changes; left != 0; left &= left - 1) {
    f64.store(model.optimizer + ((ctz(left) as usize) << 3), f64.load(from));
    from += 8;
  }
}
