// Derivatives through float64: the baseline's backend, with the weights of a model on the core. Apart from MLP, so that only
// who asks for them bundles the baseline.

import { PlainBackend } from '../baseline/backend.js';
import type { Matrix, MatrixLike } from '../data/matrix.js';
import { checkGradients, type GradientCheck, type GradientCheckOptions } from '../inspect/gradientCheck.js';
import { inputHessians } from '../inspect/hessian.js';
import { preciseTrainer } from '../inspect/precise.js';
import type { Model } from '../model/model.js';
import { trainerOf } from '../model/stepLoop.js';
import type { TargetsLike } from '../training/feeding.js';
import type { Trainer } from '../training/trainer.js';

const inFloat64 = (trainer: Trainer) => preciseTrainer(trainer, new PlainBackend(trainer.plan, { precision: 'float64' }));

/**
 * Compares gradients of the loss on X [rows, inputs] and y (as in training: dropout with one fixed mask, statistics of the
 * batch) with central differences taken in float64, or with one-sided ones (`differences: 'forward'`), whose number of forward passes is that of the
 * parameters and one. L1, L2 and weight decay are no part of that loss. The model stays as it is.
 * @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_BATCH for X and y; ERR_OPTION.
 *
 * @example
 * console.log(gradientCheck(model, X, y).toString());
 */
export function gradientCheck(model: Model, X: MatrixLike, y: TargetsLike, options: GradientCheckOptions = {}): GradientCheck {
  const own = trainerOf(model.clone());
  return checkGradients(own, inFloat64(own), X, y, options);
}

/**
 * d^2 output / d x_i d x_j at every row of X, one [inputs, inputs] matrix per row, for networks of up to 32 inputs: what
 * model.inputHessian(X, output) gives, through float64: where that takes differences, to a relative error of about 1e-8.
 * @throws ERR_SHAPE for more inputs, or an output there is not.
 *
 * @example
 * const [hessian] = inputHessian(model, X);  // Matrix [model.inputs, model.inputs], at row 0
 */
export function inputHessian(model: Model, X: MatrixLike, output = 0): Matrix[] {
  return inputHessians(inFloat64(trainerOf(model)), X, output);
}
