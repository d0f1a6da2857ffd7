// Second derivatives of an output in the inputs: Hessians times vectors by second-order passes, where a network has them. Elsewhere
// (normalization, activations of straight pieces) central differences of exact gradients, in float64 where an oracle computes in it, else
// by Richardson's extrapolation over wide steps, which keeps float32's rounding small.

import { doubles, floats } from '../data/allocate.js';
import type { Matrix } from '../data/matrix.js';
import { fail } from '../errors.js';
import { whyNoCurvature } from '../training/derivatives.js';
import { checkOutput, copyChecked, copyInputs, count, countInputs } from '../training/feeding.js';
import { toMatrix } from '../training/rows.js';
import type { Trainer } from '../training/trainer.js';

/** Most inputs a Hessian is made for. */
const maxInputs = 32;

/** hessianAt of every row of X, as one matrix per row. @throws ERR_SHAPE for more than 32 inputs, or an output there is not. */
export function inputHessians(trainer: Trainer, X: unknown, output: number): Matrix[] {
  const { plan } = trainer;
  trainer.refuseFlat();
  checkOutput(output, plan);
  const { inputs } = plan;
  if (inputs > maxInputs) fail('ERR_SHAPE', `inputHessian: made for up to ${maxInputs} inputs, but this model has ${inputs}.`);
  const rows = countInputs(X, plan);
  if (trainer.backend.derivatives !== undefined && whyNoCurvature(plan) === undefined) return exact(trainer, X, rows, output);
  const points = doubles(rows * inputs, 'inputHessian');
  copyChecked(points, inputs, X, 0, rows, inputs, 'X', false);
  return Array.from({ length: rows }, (_, i) =>
    toMatrix(hessianAt(trainer, points.subarray(i * inputs, (i + 1) * inputs), output), inputs, inputs, inputs),
  );
}

/** Columns of the Hessians: products with the unit vectors. The two estimates of a mixed derivative differ by rounding: their mean. */
function exact(trainer: Trainer, X: unknown, rows: number, output: number): Matrix[] {
  const { inputs } = trainer.plan;
  const hessians = Array.from({ length: rows }, () => doubles(inputs * inputs, 'inputHessian'));
  forwardRows(trainer, X, rows, (first, n, place) => {
    for (let j = 0; j < inputs; j++) {
      place((_, k) => Number(k === j));
      const products = trainer.backend.derivatives!.hessianProduct(output);
      for (let i = 0; i < n; i++)
        for (let k = 0; k < inputs; k++) {
          const hessian = hessians[first + i]!;
          hessian[j * inputs + k]! += products[i * inputs + k]! / 2;
          hessian[k * inputs + j]! += products[i * inputs + k]! / 2;
        }
    }
  });
  return hessians.map((hessian) => toMatrix(hessian, inputs, inputs, inputs));
}

/**
 * The Hessian of an output in the inputs times a vector, at every row. @throws ERR_OPTION for a network that has no second derivatives;
 * ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE for X and vectors.
 */
export function hessianProducts(trainer: Trainer, X: unknown, vectors: unknown, output: number): Matrix {
  const { plan } = trainer;
  const { inputs } = plan;
  checkOutput(output, plan);
  const reason = whyNoCurvature(plan);
  if (reason !== undefined) fail('ERR_OPTION', `hessianVectorProduct: ${reason}`);
  const rows = countInputs(X, plan);
  const found = countInputs(vectors, plan, 'vectors');
  if (found !== rows) fail('ERR_SHAPE', `X has ${count(rows, 'row')}, but vectors has ${found}.`, { expected: rows, got: found });
  const directions = doubles(rows * inputs, 'vectors');
  copyChecked(directions, inputs, vectors, 0, rows, inputs, 'vectors', false);
  const products = doubles(rows * inputs, 'hessianVectorProduct');
  forwardRows(trainer, X, rows, (first, _, place) => {
    place((i, k) => directions[(first + i) * inputs + k]!);
    products.set(trainer.backend.derivatives!.hessianProduct(output), first * inputs);
  });
  return toMatrix(products, inputs, rows, inputs);
}

/** Rows of X forward, as the network predicts, in chunks of `n` from `first` on; `place` writes a vector for each row. */
function forwardRows(
  trainer: Trainer,
  X: unknown,
  rows: number,
  use: (first: number, n: number, place: (value: (i: number, k: number) => number) => void) => void,
): void {
  const { backend, chunk, plan } = trainer;
  trainer.wantDerivatives();
  trainer.stage = 'none';
  for (let first = 0; first < rows; first += chunk) {
    const n = Math.min(chunk, rows - first);
    trainer.roomToTrain(n, n);
    copyInputs(backend.x, backend.xStride, X, first, n, plan, false);
    backend.forward(0, n, false);
    use(first, n, (value) => {
      const { targets, stride } = backend.derivatives!;
      for (let i = 0; i < n; i++) for (let k = 0; k < plan.inputs; k++) targets[i * stride + k] = value(i, k);
    });
  }
}

/**
 * d^2 output / d x_i d x_j [inputs][inputs] at one point, symmetric. Relative error about 1e-8 in float64; in float32 about
 * 1e-5 of the largest entry for networks that are smooth over a tenth of an input's scale.
 */
function hessianAt(trainer: Trainer, point: ArrayLike<number>, output: number): Float64Array {
  const { inputs } = trainer.plan;
  trainer.roomToTrain(1, 1);
  const double = trainer.backend.x instanceof Float64Array;
  // Powers of two, so that points and differences of points are exact.
  const step = double ? 2 ** -13 : 2 ** -4;
  const levels = double ? 2 : 3;
  const hessian = doubles(inputs * inputs, 'inputHessian');
  // Where a rescale layer comes first, distances from its center in units of its scale are what counts.
  const { inputCenter, layers } = trainer.plan;
  const front = layers.find((layer) => layer.rescale?.centered)?.rescale;
  for (let i = 0; i < inputs; i++) {
    const unit = front === undefined ? 1 : 2 ** Math.round(Math.log2(Math.abs(front.scale[i]!)));
    const distance = Math.abs(point[i]! - (inputCenter?.[i] ?? 0)) / unit;
    const scale = unit * 2 ** Math.max(0, Math.ceil(Math.log2(distance + 1e-300)));
    const row = extrapolated(trainer, point, output, i, step * scale, levels, double);
    for (let j = 0; j < inputs; j++) {
      // Half from each of the two estimates of a mixed derivative.
      hessian[i * inputs + j]! += row[j]! / 2;
      hessian[j * inputs + i]! += row[j]! / 2;
    }
  }
  return hessian;
}

/** Row i of the Hessian from differences over steps h, 2h, 4h, …: the h^2, h^4, … terms of the error cancel. */
function extrapolated(
  trainer: Trainer,
  point: ArrayLike<number>,
  output: number,
  i: number,
  step: number,
  levels: number,
  double: boolean,
): Float64Array {
  const { inputs, inputCenter } = trainer.plan;
  const rows = 2 * levels;
  const X = doubles(rows * inputs, 'inputHessian');
  // As the network's first layer sees them: less the center, and in float32 unless it computes in float64.
  const seen = double ? doubles(rows * inputs, 'inputHessian') : floats(rows * inputs, 'inputHessian');
  const widths: number[] = [];
  for (let level = 0; level < levels; level++) {
    const h = step * 2 ** level;
    for (const [side, sign] of [1, -1].entries()) {
      const at = (2 * level + side) * inputs;
      for (let j = 0; j < inputs; j++) {
        const center = inputCenter?.[j] ?? 0;
        seen[at + j] = point[j]! - center + (j === i ? sign * h : 0);
        X[at + j] = center + seen[at + j]!;
      }
    }
    widths.push(seen[2 * level * inputs + i]! - seen[(2 * level + 1) * inputs + i]!);
  }
  const gradients = doubles(rows * inputs, 'inputHessian');
  trainer.inputGradient({ data: X, shape: [rows, inputs] }, rows, output, gradients, true);
  const estimates = widths.map((width, level) => {
    const estimate = doubles(inputs, 'inputHessian');
    for (let j = 0; j < inputs; j++)
      estimate[j] = (gradients[2 * level * inputs + j]! - gradients[(2 * level + 1) * inputs + j]!) / width;
    return estimate;
  });
  for (let order = 1; order < levels; order++)
    for (let level = 0; level + order < levels; level++)
      for (let j = 0; j < inputs; j++) {
        const fine = estimates[level]![j]!;
        estimates[level]![j] = fine + (fine - estimates[level + 1]![j]!) / (4 ** order - 1);
      }
  return estimates[0]!;
}
