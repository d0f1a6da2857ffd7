// Checks and measurements of a public model that are functions and not methods, so that a bundle holds them only where they
// are used. The model stays as it is: what trains works on a copy.

import type { Matrix, MatrixLike } from '../data/matrix.js';
import { checkGradients, type GradientCheck, type GradientCheckOptions } from '../inspect/gradientCheck.js';
import { droppedBy, type Dropped } from '../inspect/dropped.js';
import { hessianProducts } from '../inspect/hessian.js';
import { tryLearningRates, type LearningRateOptions, type LearningRateTest } from '../inspect/learningRate.js';
import { preciseTrainer } from '../inspect/precise.js';
import { countWork, type Work } from '../inspect/work.js';
import { readOptions, whole, type Schema } from '../options.js';
import type { TargetsLike } from '../training/feeding.js';
import type { Model } from './model.js';
import { trainerOf } from './stepLoop.js';

/**
 * Compares gradients of the loss on X [rows, inputs] and y (as in training: dropout with one fixed mask, statistics of the
 * batch) with central differences, or with one-sided ones (`differences: 'forward'`), whose number of forward passes is that of the parameters and one.
 * L1, L2 and weight decay are no part of that loss. The model stays as it is.
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
 * The Hessian of one output (its number, from 0) in the inputs times a vector, at every row of X [rows, inputs]: H(x) v [rows, inputs], v the
 * row of `vectors` [rows, inputs]. Exact but for float32's rounding, by one pass forward and three more, whatever the number of inputs:
 * where inputHessian needs a pass for each. Of networks of dense, activation, residual and rescale layers whose activations have second
 * derivatives. See: Pearlmutter 1994, Fast exact multiplication by the Hessian.
 * @throws ERR_OPTION for another network; ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE for X and vectors; ERR_SHAPE for an output there is not.
 *
 * @example
 * const smooth = new MLP({ inputs: 2, layers: [dense(8, { activation: 'softplus' }), dense(1)] });
 * hessianVectorProduct(smooth, [[0.5, -1]], [[1, 0]]).shape;  // [1, 2]
 */
export function hessianVectorProduct(model: Model, X: MatrixLike, vectors: MatrixLike, output = 0): Matrix {
  return hessianProducts(trainerOf(model), X, vectors, output);
}

const droppedRows = { rows: whole({ min: 1, default: 1 }) } satisfies Schema<DroppedOptions>;

/** Options of dropped. */
export interface DroppedOptions {
  /** Rows of the step to give units for, from its first on, a whole number >= 1. Default 1. */
  readonly rows?: number;
}

/**
 * Which units and connections the last pass in training dropped (of forward(X), trainStep or the last step of fit): one entry for each dropout
 * layer, kept [rows, units], and each dense layer with dropConnect, kept [inputs, units]; 1 was kept, 0 dropped. Masks are functions of
 * the seed, the layer and the number of the step, so this costs training nothing.
 * @throws ERR_STATE before the model has trained or gone forward in training, ERR_OPTION.
 *
 * @example
 * const net = new MLP({ inputs: 2, layers: [dense(8, { activation: 'relu' }), dropout(0.5), dense(1, { dropConnect: 0.2 })] });
 * net.trainStep([[0, 1], [1, 0]], [[1], [1]]);
 * dropped(net, { rows: 2 }).map(({ layer, kept }) => [layer, kept.shape]); // [['layers.1', [2, 8]], ['layers.2', [8, 1]]]
 */
export function dropped(model: Model, options: DroppedOptions = {}): Dropped[] {
  return droppedBy(trainerOf(model), readOptions(droppedRows, options, 'dropped', 'dropped.').rows);
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

/** Options of workOf. */
export interface WorkOptions {
  /** Rows of the prediction and of the step, a whole number >= 1 (default 1). */
  readonly rows?: number;
}

const workRows = { rows: whole({ min: 1, default: 1 }) } satisfies Schema<WorkOptions>;

/**
 * What a prediction and a training step of `rows` rows cost, counted exactly: multiply-adds of the matrix products, bytes that operations read and
 * bytes that they write, 4 a number. An operation (a dense layer's product with its bias, an activation, a normalisation, the loss, the way back of
 * each, the optimizer's sweep) counts each element of its operands and of its result once: what stays in cache between two uses is not counted
 * twice, and neither are copies that a processor's kernels make for themselves. Frozen layers are not learnt, and nothing goes back below the
 * lowest one that learns. Additions, activations and the optimizer's arithmetic are no multiply-adds; their traffic is in the bytes. A step of
 * L-BFGS counts one evaluation of loss and gradient, of which its line search takes one or more.
 *
 * `model` is a model, or an estimator that was fitted.
 * @throws ERR_OPTION for rows that are no whole number >= 1; ERR_STATE for an estimator before fit.
 *
 * @example
 * const { predict } = workOf(new MLP({ inputs: 4, layers: [dense(64, { activation: 'relu' }), dense(1)] }));
 * predict.multiplyAdds;  // 320
 */
export function workOf(model: Model | { readonly model: Model }, options: WorkOptions = {}): Work {
  const { rows } = readOptions(workRows, options, 'workOf');
  const { plan, rules } = trainerOf('model' in model ? model.model : model);
  return countWork(plan, rules, rows);
}
