// The step loop, spelled out: zeroGrad, forward, loss, backward, step. What trainStep does in one call, a stage at a time, for
// training loops of one's own.

import { floats } from '../data/allocate.js';
import { Matrix, type MatrixLike } from '../data/matrix.js';
import { fail } from '../errors.js';
import { readOptions } from '../options.js';
import type { NetworkPlan } from '../plan/network.js';
import { refuseLoneRow } from '../training/batches.js';
import { checkTargetShape, countInputs, readSampleWeights, type TargetsLike } from '../training/feeding.js';
import type { Trainer } from '../training/trainer.js';
import { forwardRows, stepRows, type ForwardOptions, type StepOptions } from './callOptions.js';

const trainers = new WeakMap<StepLoop, Trainer>();

/** What does a model's work: for the library's own checks and measurements, not for users. */
export function trainerOf(model: StepLoop): Trainer {
  return trainers.get(model)!;
}

/**
 * The stages of a step. Predicting or evaluating in between takes the place of the rows: begin again with forward.
 *
 * @example
 * model.zeroGrad();
 * model.forward(X);
 * const loss = model.loss(y);
 * model.backward();
 * model.step();
 */
export class StepLoop {
  constructor(protected readonly trainer: Trainer) {
    trainers.set(this, trainer);
  }

  /** The network as resolved from the options. */
  get plan(): NetworkPlan {
    return this.trainer.plan;
  }

  /** Sets all gradients to 0, so that backward() adds to nothing. @throws ERR_BUSY while training. */
  zeroGrad(): void {
    this.trainer.refuseBusy('zeroGrad');
    this.trainer.backend.zeroGradients();
    this.trainer.backwardRows = 0;
  }

  /**
   * Outputs [rows, outputs] for X [rows, inputs], kept for loss(). With `training` (default true) dropout, noise and batch statistics work as in
   * training.
   * @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE; ERR_BATCH for a single row under batch norm; ERR_BUSY while training.
   */
  forward(X: MatrixLike, options: ForwardOptions = {}): Matrix {
    const { trainer, plan } = this;
    trainer.refuseBusy('forward');
    const { training, checkFinite } = readOptions(forwardRows, options, 'forward');
    const rows = countInputs(X, plan);
    if (training) refuseLoneRow(plan, rows);
    const out = new Matrix(floats(rows * plan.outputs, 'forward'), rows, plan.outputs); // before statistics change
    trainer.loadInputs(X, rows, !checkFinite);
    trainer.backend.forward(0, rows, training);
    trainer.stage = 'forward';
    trainer.loopTraining = training;
    trainer.keepOutputs(out.data, 0, rows);
    return out;
  }

  /**
   * The mean loss of the last forward's outputs against y, a row for each of its rows; backward() comes next.
   * @throws ERR_STATE without a forward; ERR_SHAPE, ERR_TYPE, ERR_NONFINITE, ERR_LABEL for y; ERR_BUSY while training.
   */
  loss(y: TargetsLike, options: StepOptions = {}): number {
    const { trainer, plan } = this;
    trainer.refuseBusy('loss');
    const { sampleWeight, checkFinite } = readOptions(stepRows, options, 'loss');
    if (trainer.stage === 'none') fail('ERR_STATE', 'loss: call forward(X) first.');
    const rows = trainer.loopRows;
    checkTargetShape(y, plan, rows);
    trainer.roomToTrain(rows, rows); // other models may have sent this one into hibernation since forward
    const weights = sampleWeight === undefined ? undefined : readSampleWeights(sampleWeight, rows);
    const { backend, loopWeighted } = trainer;
    // A loss before this one stays as it was when this one is refused: lossInputGradient() reads its targets again.
    const before = trainer.stage === 'forward' ? undefined : [backend.targets.slice(), backend.sampleWeights.slice()];
    try {
      trainer.loadTargets(y, rows, !checkFinite);
      if (weights !== undefined) backend.sampleWeights.set(weights);
      trainer.loopWeighted = weights !== undefined;
      const value = trainer.loss(rows, trainer.loopWeighted, rows);
      trainer.stage = 'loss';
      return value;
    } catch (error) {
      trainer.loopWeighted = loopWeighted;
      if (before !== undefined) {
        trainer.roomToTrain(rows, rows); // a loss of the user's may have used many other models
        backend.targets.set(before[0]!);
        backend.sampleWeights.set(before[1]!);
      }
      throw error;
    }
  }

  /**
   * Adds the gradients of the last loss to those that gradients() shows; zeroGrad() clears them.
   * @throws ERR_STATE without a loss, or a second time; ERR_OPTION for a network that cannot be trained; ERR_BUSY while training.
   */
  backward(): void {
    const { trainer } = this;
    trainer.refuseBusy('backward');
    trainer.refuseUntrainable();
    if (trainer.stage !== 'loss')
      fail(
        'ERR_STATE',
        trainer.stage === 'backward'
          ? 'backward: already done for this loss. Call forward and loss again.'
          : 'backward: call forward(X) and loss(y) first.',
      );
    trainer.backend.backward(false, true);
    trainer.backwardRows += trainer.loopRows;
    trainer.stage = 'backward';
  }

  /** One optimizer step along the accumulated gradients. @throws ERR_STATE without gradients, and with lbfgs; ERR_BUSY while training. */
  step(): void {
    const { trainer } = this;
    trainer.refuseBusy('step');
    trainer.refuseUntrainable();
    if (this.plan.optimizer.searches)
      fail('ERR_STATE', `step: "${this.plan.optimizer.name}" looks at the whole data set for each step. Use fit.`);
    if (trainer.backwardRows === 0) fail('ERR_STATE', 'step: there are no gradients. Call forward, loss and backward first.');
    trainer.step(trainer.backwardRows);
    trainer.stage = 'none';
  }

  /** The gradient of the last loss with respect to its inputs: d loss / d inputs [rows, inputs]. @throws ERR_STATE unless called after loss or backward and before step. */
  lossInputGradient(): Matrix {
    const { trainer } = this;
    if (trainer.stage !== 'loss' && trainer.stage !== 'backward')
      fail('ERR_STATE', 'lossInputGradient: call it after backward() (or loss()) and before step(), predict() or evaluate().');
    return trainer.lossInputGradient();
  }
}
