// The honest way to tell whether a network learns: let copies of it train for a while, as it is and with changes, and see how far
// below the best constant answer each gets.

import { FeedforwardError } from '../errors.js';
import type { MLPOptions, NetworkPlan } from '../plan/network.js';
import type { OptimizerSpec } from '../plan/optimizers.js';
import { Fit } from '../training/fit.js';
import type { FitRules } from '../training/fitOptions.js';
import type { Rows } from '../training/rows.js';
import { runThrough } from '../training/slices.js';
import type { Trainer } from '../training/trainer.js';
import { applyChange, changeRows, type Change } from './changes.js';
import { referenceOf } from './constant.js';

/** How long the training is that a verdict is about: this many passes over the rows, in batches of this many rows. */
export const trialEpochs = 30;
const batchRows = 32;

/** Multiplications that one training may take, roughly, where that leaves it this many steps. */
const work = 1e9;
const fewestSteps = 48;
/** A training with a change that is still undecided then may go on this many times as long. */
const patience = 4;
/** The network as it is may take this many multiplications, for it is called sick only for good reasons. */
const ownWork = 3e10;

/** Below this share of the best constant's loss a network has learnt something. */
export const learnt = 0.9;

export interface Outcome {
  /** Loss before the first step, and of the last epoch. NaN or infinite where training diverged. */
  readonly before: number;
  readonly last: number;
  /** Epochs trained. */
  readonly epochs: number;
  /** Loss of the best constant answer; undefined for a loss of the user's own, where the loss at first takes its place. */
  readonly constant: number | undefined;
  /** Where the loss ends, or is bound for, after all epochs: 0 is the least there can be, 1 the best constant answer. */
  readonly ratio: number;
}

export class Trials {
  private readonly known = new Map<string, Outcome>();
  /** The optimizer in use, at its present learning rate. */
  readonly optimizer: OptimizerSpec;

  /** `trainer`: a copy's, of the model as it is; `make` gives one of other options, with fresh weights. */
  constructor(
    private readonly trainer: Trainer,
    private readonly rows: Rows,
    private readonly make: (options: MLPOptions) => Trainer,
  ) {
    const { name, options } = trainer.plan.optimizer;
    this.optimizer = { name, ...options, learningRate: trainer.progress.rate.spec } as OptimizerSpec;
  }

  /** Trains the copy of the model as it is: its weights are used up. */
  asItIs(before: number): Outcome {
    return outcomeOf(this.trainer, this.rows, before, true);
  }

  /** Trains a new model with the change. */
  with(change: Change): Outcome {
    const key = JSON.stringify(change);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const trainer = this.fresh(change);
    const { inputs, targetColumns } = trainer.plan;
    const outcome = outcomeOf(trainer, changeRows(this.rows, inputs, targetColumns, change));
    this.known.set(key, outcome);
    return outcome;
  }

  get count(): number {
    return this.known.size;
  }

  /** A new model with the change; what was frozen stays frozen where its tensors are still there. */
  fresh(change: Change): Trainer {
    const { plan, rules } = this.trainer;
    const made = this.make(applyChange(plan.options, change, this.optimizer));
    if (made.plan.tensors.length === plan.tensors.length)
      rules.forEach(({ learningRateScale, frozen }, i) => {
        const own = made.rules[i]!;
        if (own.learningRateScale !== learningRateScale || own.frozen !== frozen) made.setRule(i, learningRateScale, frozen);
      });
    return made;
  }
}

/** Steps of one epoch, and the multiplications of a step, roughly. */
function effort(plan: NetworkPlan, rows: number): { steps: number; step: number } {
  const size = plan.optimizer.fullBatch ? rows : Math.min(batchRows, rows);
  let units = 0;
  for (const layer of plan.layers) units += layer.outputs;
  const passes = plan.optimizer.searches ? 3 : 1;
  return {
    steps: Math.ceil(rows / size),
    step: passes * (size * (6 * plan.parameterCount + 40 * units) + 2e4 * plan.layers.length),
  };
}

function outcomeOf(trainer: Trainer, rows: Rows, known?: number, own = false): Outcome {
  const { plan } = trainer;
  const before = known ?? lossOf(trainer, rows);
  const reference = referenceOf(rows, plan);
  const { constant, least } = reference ?? { constant: before, least: 0 };
  // Where all targets are alike the best constant has no loss: then the loss need not fall below their size by more than this.
  const unit = Math.max(constant - least, 1e-4 * sizeOf(rows.y), 1e-30);
  const { steps, step } = effort(plan, rows.rows);
  const first = Math.min(trialEpochs, Math.ceil(Math.max(fewestSteps, work / step) / steps));
  const most = Math.min(trialEpochs, Math.max(patience * first, own ? Math.floor(ownWork / (step * steps)) : 0));
  const losses: number[] = [before];
  let ratio = Infinity;
  for (let epochs = first; Number.isFinite(losses[losses.length - 1]!); ) {
    const start = losses.length - 1;
    train(trainer, rows, epochs, losses);
    const done = losses.length - 1;
    const last = (losses[done]! - least) / unit;
    ratio = Number.isFinite(last) ? boundFor(losses, least, unit) : Infinity;
    if (done >= most || done < start + epochs || last < learnt || (!own && ratio >= learnt)) break;
    epochs = Math.min(done, most - done);
  }
  return { before, last: losses[losses.length - 1]!, epochs: losses.length - 1, constant: reference?.constant, ratio };
}

/** Where the loss is bound for: on along the line of its second half, while it is above the best constant on that of its logarithm. */
function boundFor(losses: readonly number[], least: number, unit: number): number {
  const done = losses.length - 1;
  const middle = done >> 1;
  const now = (losses[done]! - least) / unit;
  const then = (losses[middle]! - least) / unit;
  const left = (trialEpochs - done) / (done - middle);
  if (left <= 0 || !(then > now)) return now;
  return now > 1 ? now * (now / then) ** left : Math.max(0, now - left * (then - now));
}

/** More epochs, and the loss of each. A loss that is not finite is the last one. */
function train(trainer: Trainer, data: Rows, epochs: number, losses: number[]): void {
  const batchSize = trainer.plan.optimizer.fullBatch ? data.rows : Math.min(batchRows, data.rows);
  const rules: FitRules = { ...quiet, epochs, batchSize };
  const fit = new Fit(undefined, trainer, { data }, undefined, rules, false);
  let failed = false;
  try {
    runThrough(fit.run(), 'diagnose');
  } catch (error) {
    if (!(error instanceof FeedforwardError && (error.code === 'ERR_DIVERGED' || error.code === 'ERR_NONFINITE'))) throw error;
    failed = true;
  }
  for (const { loss } of fit.history.epochs) losses.push(loss);
  if (failed) losses.push(NaN);
}

const quiet = {
  shuffle: true,
  callbacks: [],
  signal: undefined,
  timeBudget: Infinity,
  earlyStopping: undefined,
  accumulate: 1,
  gradientTolerance: undefined,
  ignoreDivergence: false,
  checkpoint: undefined,
  verbose: false,
  reportMetrics: false,
  sliceMilliseconds: Infinity,
  plateauMonitor: 'loss',
} as const satisfies Omit<FitRules, 'epochs' | 'batchSize'>;

function lossOf(trainer: Trainer, rows: Rows): number {
  const { backend } = trainer;
  const n = rows.rows;
  const counters = backend.readCounters();
  trainer.roomToTrain(n, n);
  trainer.loadRows(rows, undefined, 0, n);
  backend.forward(0, n, true);
  const loss = trainer.loss(n, rows.weights !== undefined, n);
  backend.writeCounters(counters); // the same masks again
  return loss;
}

function sizeOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value * value, 0) / values.length;
}
