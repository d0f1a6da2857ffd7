// One step: forward, loss, backward, update; a window is a loop of steps. Each function runs as thread `t` of `n`.

import { LayerKind } from '../abi';
import { advance, averageWeights, globalScale, sweep, SWEEP_SCRATCH } from '../functions/optimizers';
import { lossRows, sumRows } from '../functions/losses';
import { padded } from '../kernels/lanes';
import { rowAt } from '../layers/rows';
import { layerAt, Model, Tensor, tensorAt } from '../memory/model';
import { backward, forward } from './passes';
import { barrier, lost, shareEnd, shareStart } from './threads';

/** Rows [first, first + rows) of the window forward; evaluation reads averaged weights where there are any. */
export function startForward(model: Model, first: i32, rows: i32, training: bool): void {
  model.first = first;
  model.rows = rows;
  model.evaluating = !training;
  model.base = !training && model.averagingDecay > 0 && model.training ? model.average : model.parameters;
}

/**
 * Losses of the batch's rows against targets from row model.first on, and d loss / d output (or pre-activation, fused) in
 * the last layer's delta, divided by `divisor`. Returns the batch's mean loss (thread 0; the others 0).
 */
export function lossOf(model: Model, weighted: bool, divisor: f64, t: i32, n: i32): f64 {
  const last = layerAt(model, model.layerCount - 1);
  const from = shareStart(model.rows, t, n, 8);
  const to = shareEnd(model.rows, t, n, 8);
  const weights = weighted ? model.sampleWeights + (((model.first + from) as usize) << 2) : 0;
  lossRows(model.loss, rowAt(last.delta, from, last.stride), last.stride, rowAt(last.y, from, last.stride), rowAt(model.fused ? last.z : last.y, from, last.stride),
    last.stride, rowAt(model.targets, model.first + from, model.targetStride), model.targetStride, weights,
    model.rowLosses + ((from as usize) << 3), to - from, model.outputs, (1 / divisor) as f32, model.lossA, 0);
  barrier(model, n);
  if (t != 0) return 0;
  model.fusedDelta = model.fused;
  return sumRows(model.rowLosses, model.rows) / (model.rows as f64);
}

/** One optimizer step on the gradients as they stand. */
export function update(model: Model, rate: f64, rows: i32, t: i32, n: i32): void {
  if (t == 0) {
    advance(model);
    model.clipFactor = globalScale(model);
  }
  barrier(model, n);
  const bytes = model.trainableBytes as i32;
  const from = shareStart(bytes >> 6, t, n, 4) << 6;
  const to = t == n - 1 ? bytes : shareEnd(bytes >> 6, t, n, 4) << 6;
  const scratch = changetype<usize>(model) + offsetof<Model>('scratch') + (t as usize) * SWEEP_SCRATCH;
  if (sweep(model, rate, rows, model.clipFactor, from as usize, to as usize, scratch) != 0) model.diverged = true;
  barrier(model, n);
  if (t == 0 && model.boundsNorms) {
    boundNorms(model);
    if (model.averagingDecay > 0) averageWeights(model);
  }
}

/** Max-norm: each unit's incoming weights at most `maxNorm` long. Four units at a time, down the panel. */
function boundNorms(model: Model): void {
  for (let i = 0; i < model.tensorCount; i++) {
    const tensor = tensorAt(model, i);
    if (!tensor.weight || tensor.frozen || tensor.maxNorm == Infinity) continue;
    const width = padded(tensor.outputs);
    for (let c = 0; c < width; c += 4) {
      const panel = c & ~15;
      const panelWidth = min(16, width - panel);
      const start = model.parameters + tensor.offset + (((panel * tensor.inputs + (c & 15)) as usize) << 2);
      boundFour(start, (panelWidth as usize) << 2, tensor);
    }
  }
}

function boundFour(start: usize, step: usize, tensor: Tensor): void {
  let squares = f32x4.splat(0);
  let w = start;
  for (let i = 0; i < tensor.inputs; i++, w += step) squares = f32x4.add(squares, f32x4.mul(v128.load(w), v128.load(w)));
  const limit = f32x4.splat(tensor.maxNorm);
  const norm = f32x4.sqrt(squares);
  const scale = f32x4.div(limit, f32x4.max(norm, limit));
  w = start;
  for (let i = 0; i < tensor.inputs; i++, w += step) v128.store(w, f32x4.mul(v128.load(w), scale));
}

/**
 * Trains on the first `rows` rows of the window: batches of `batchSize`, a step after every `accumulate` of them (and at
 * the end), with the rates and into the losses of the window. A last batch of one row joins the one before where the
 * network takes statistics over the batch. Stops before the step of a batch whose loss is not finite and after a step
 * that made a weight non-finite. Returns the number of batches done.
 */
export function train(model: Model, rows: i32, batchSize: i32, accumulate: i32, weighted: bool, keepOutputs: bool, ignoreDivergence: bool, t: i32, n: i32): i32 {
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
      const loss = lossOf(model, weighted, divisor as f64, t, n);
      if (t == 0) {
        f64.store(model.losses + ((batch as usize) << 3), loss);
        model.stopped = !ignoreDivergence && loss - loss != 0;
        if (keepOutputs) memory.copy(rowAt(model.windowOutputs, first, model.outputStride), model.outputs_, ((size * model.outputStride) as usize) << 2);
      }
      barrier(model, n);
      if (model.stopped || (n > 1 && lost(model))) return batch;
      backward(model, false, true, t, n);
      if (t == 0) model.needsZero = false;
      batch++;
      first += size;
    }
    update(model, f64.load(model.rates + ((step as usize) << 3)), divisor, t, n);
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

/** Whether some layer takes statistics over the batch. */
export function takesBatchStatistics(model: Model): bool {
  for (let i = 0; i < model.layerCount; i++) if (layerAt(model, i).kind == LayerKind.BatchNorm) return true;
  return false;
}
