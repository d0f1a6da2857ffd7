// The part of WorkerMLP that asks and no more: the stages of a step, and the parameters. How the worker is reached, and what crosses to it,
// is the other part.

import type { Matrix, MatrixLike } from '../data/matrix.js';
import type { FeedforwardError } from '../errors.js';
import { forwardRows, type ForwardOptions, type StepOptions } from '../model/callOptions.js';
import { readValues, type ParameterValues, type ParameterView } from '../model/parameters.js';
import { readOptions } from '../options.js';
import type { NetworkPlan } from '../plan/network.js';
import type { TargetsLike } from '../training/feeding.js';
import type { ModelState } from '../training/state.js';
import { terminated } from './arguments.js';
import type { CallArguments, Connection } from './connection.js';
import { copyInputs, matrixOf } from './crossing.js';
import type { ModelCalls } from './modelHost.js';
import type { Standing } from './protocol.js';

export type ModelConnection = Connection<ModelCalls, ModelState, Standing>;

/** A parameter as ParameterView has it; set() returns a promise. */
export interface WorkerParameter extends Omit<ParameterView, 'set'> {
  /** Overwrites it in the worker's model. @throws ERR_SHAPE, ERR_TYPE, ERR_NONFINITE, ERR_BUSY while it trains. */
  set(values: ParameterValues): Promise<void>;
}

/** The stages of a step, and the parameters, of the worker's model. Every method rejects with ERR_DISPOSED after terminate(). */
export abstract class WorkerStepLoop {
  protected abstract connection: ModelConnection;
  protected disposed = false;

  protected constructor(
    /** The network as resolved from the options. */
    readonly plan: NetworkPlan,
  ) {}

  // ---- the step loop ---------------------------------------------------------------------------------------

  /** Sets all gradients to 0, so that backward() adds to nothing. Rejects with ERR_BUSY while training. */
  zeroGrad(): Promise<void> {
    return this.ask('zeroGrad', []);
  }

  /** Outputs [rows, outputs] for X [rows, inputs], kept for loss(); dropout, noise and batch statistics work as in training unless `training` is false. Rejects with ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_BATCH, ERR_BUSY. */
  async forward(X: MatrixLike, options: ForwardOptions = {}): Promise<Matrix> {
    this.refuseDisposed('forward');
    const { training, checkFinite } = readOptions(forwardRows, options, 'forward');
    const x = copyInputs(X, this.plan, checkFinite);
    return matrixOf(await this.connection.ask('forward', [x, { training, checkFinite: false }], x), this.plan.outputs);
  }

  /** The mean loss of the last forward's outputs against y; backward() comes next. Rejects with ERR_STATE without a forward, ERR_SHAPE, ERR_TYPE, ERR_LABEL. */
  loss(y: TargetsLike, options: StepOptions = {}): Promise<number> {
    return this.ask('loss', [y, options]);
  }

  /** Adds the gradients of the last loss to those accumulated; zeroGrad() clears them. Rejects with ERR_STATE without a loss. */
  backward(): Promise<void> {
    return this.ask('backward', []);
  }

  /** One optimizer step along the accumulated gradients. Rejects with ERR_STATE without gradients. */
  step(): Promise<void> {
    return this.ask('step', []);
  }

  /** The gradient of the last loss with respect to its inputs: d loss / d inputs [rows, inputs]. Rejects with ERR_STATE unless loss or backward came before. */
  async lossInputGradient(): Promise<Matrix> {
    this.refuseDisposed('lossInputGradient');
    return matrixOf(await this.connection.ask('lossInputGradient', []), this.plan.inputs);
  }

  // ---- parameters ------------------------------------------------------------------------------------------

  /** Every tensor by name, running statistics included: copies of the values, and set() to replace them. */
  async parameters(): Promise<WorkerParameter[]> {
    this.refuseDisposed('parameters');
    const views = await this.connection.ask('parameters', []);
    return views.map((view, i) => {
      const parameter = {
        ...view,
        set: async (values: ParameterValues) => {
          this.refuseDisposed(`${view.name}.set`);
          const checked = readValues(values, view.name, view.shape, false);
          await this.connection.ask('setParameter', [i, checked]);
          parameter.values = checked as typeof view.values;
        },
      };
      return parameter;
    });
  }

  /** The accumulated gradients, same names and order as parameters(). */
  gradients(): Promise<Omit<ParameterView, 'set'>[]> {
    return this.ask('gradients', []);
  }

  /** What L1 and L2 add to the loss. `rows`: of a batch, for compat 'sklearn', whose alpha is divided by them. */
  penalty(rows?: number): Promise<number> {
    return this.ask('penalty', [rows]);
  }

  /** Keeps tensors as they are while others train: all, or those of 'layers.0' or 'layers.0.weight'. */
  freeze(name?: string): Promise<void> {
    return this.ask('freeze', [name]);
  }

  /** Lets them train again. */
  unfreeze(name?: string): Promise<void> {
    return this.ask('unfreeze', [name]);
  }

  /** Layers, shapes and parameter counts, as a table. */
  summary(): Promise<string> {
    return this.ask('summary', []);
  }

  /** Asks the worker's model for what its method of that name gives. `own`: what may be moved there instead of copied. */
  protected async ask<Name extends keyof ModelCalls>(
    name: Name,
    args: CallArguments<ModelCalls[Name]>,
    own?: unknown,
  ): Promise<ReturnType<ModelCalls[Name]>> {
    this.refuseDisposed(name);
    return this.connection.ask(name, args, own);
  }

  protected refuseDisposed(what: string): void {
    if (this.disposed) throw gone(what);
  }
}

/** What is said after terminate(). */
export function gone(what: string): FeedforwardError {
  return terminated(what, 'model', 'Make a new WorkerMLP; save() or state() before terminate() keeps its weights.');
}
