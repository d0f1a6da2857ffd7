// Checks and measurements of a public model that are functions and not methods, so that a bundle holds them only where they
// are used. Each works on a copy: the model stays as it is.

import type { MatrixLike } from '../data/matrix.js';
import { checkGradients, type GradientCheck, type GradientCheckOptions } from '../inspect/gradientCheck.js';
import { tryLearningRates, type LearningRateOptions, type LearningRateTest } from '../inspect/learningRate.js';
import { preciseTrainer } from '../inspect/precise.js';
import type { TargetsLike } from '../training/feeding.js';
import type { Model } from './model.js';
import { trainerOf } from './stepLoop.js';

/**
 * Compares gradients of the loss on X [rows, inputs] and y (as in training: dropout with one fixed mask, statistics of the
 * batch) with central differences. L1, L2 and weight decay are no part of that loss. The model stays as it is.
 * @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_BATCH for X and y; ERR_OPTION.
 *
 * @example
 * console.log(gradientCheck(model, X, y).toString());
 */
export function gradientCheck(model: Model, X: MatrixLike, y: TargetsLike, options: GradientCheckOptions = {}): GradientCheck {
  const own = trainerOf(model.clone());
  return checkGradients(own, preciseTrainer(own), X, y, options);
}

/**
 * The range test for learning rates: trains a copy of the model for some steps, the rate growing from step to step, and says
 * where the loss falls fastest. The model stays as it is. See: Smith 2015, https://arxiv.org/abs/1506.01186
 * @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_BATCH for X and y; ERR_OPTION.
 *
 * @example
 * const { suggestion } = findLearningRate(model, X, y);
 * model.learningRate = suggestion;
 */
export function findLearningRate(
  model: Model,
  X: MatrixLike,
  y: TargetsLike,
  options: LearningRateOptions = {},
): LearningRateTest {
  return tryLearningRates(trainerOf(model.clone()), X, y, options);
}
