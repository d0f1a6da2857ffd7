// The model behind a WorkerMLP: an MLP, and what it can be asked by name. Runs in a worker, or, where none can start, on
// the same thread as the WorkerMLP; it cannot tell which.

import { transfer } from 'comlink/dist/esm/comlink.mjs';
import type { Matrix, MatrixLike } from '../data/matrix.js';
import { init } from '../engine/engine.js';
import type { SaveOptions } from '../formats/encodeModel.js';
import { MLP } from '../mlp/mlp.js';
import type { Diagnosis } from '../inspect/diagnosis.js';
import type { TargetsLike } from '../training/feeding.js';
import type { LabelledRows } from '../training/rows.js';
import type { History } from '../training/history.js';
import type { EvaluateOptions, PartialFitOptions, PredictOptions, StepOptions } from '../model/callOptions.js';
import type { Callbacks, FitOptions } from '../model/model.js';
import type { ParameterValues, ParameterView } from '../model/parameters.js';
import type { ModelState } from '../training/state.js';
import type { LearningRate } from '../plan/schedules.js';
import {
  buffersOf,
  packError,
  plainHistory,
  type CallRequest,
  type FitRequest,
  type HookAnswer,
  type HookName,
  type HostApi,
  type Listener,
  type Opening,
  type PlainHistory,
  type Reply,
  type Standing,
} from './protocol.js';

const plainView = ({ name, shape, trainable, values }: ParameterView) => ({ name, shape, trainable, values });
const dataOf = (matrix: Matrix): Float32Array => matrix.data;

/** What a model can be asked, by name. Arguments and results are plain data. */
const calls = {
  trainStep: (model: MLP, X: MatrixLike, y: TargetsLike, options?: StepOptions) => model.trainStep(X, y, options),
  partialFit: (model: MLP, X: MatrixLike, y: TargetsLike, options?: PartialFitOptions) => model.partialFit(X, y, options),
  predict: (model: MLP, X: MatrixLike, options?: PredictOptions) => dataOf(model.predict(X, options)),
  evaluate: (model: MLP, X: MatrixLike, y: TargetsLike, options?: EvaluateOptions) => model.evaluate(X, y, options),
  inputGradient: (model: MLP, X: MatrixLike, output: number, options?: PredictOptions) =>
    dataOf(model.inputGradient(X, output, options)),
  inputHessian: (model: MLP, X: MatrixLike, output: number) => model.inputHessian(X, output).map(dataOf),
  diagnose: (model: MLP, X: MatrixLike, y: TargetsLike) => plainDiagnosis(model.diagnose(X, y)),
  zeroGrad: (model: MLP) => model.zeroGrad(),
  forward: (model: MLP, X: MatrixLike, options?: { readonly training?: boolean; readonly checkFinite?: boolean }) =>
    dataOf(model.forward(X, options)),
  loss: (model: MLP, y: TargetsLike, options?: StepOptions) => model.loss(y, options),
  backward: (model: MLP) => model.backward(),
  step: (model: MLP) => model.step(),
  lossInputGradient: (model: MLP) => dataOf(model.lossInputGradient()),
  parameters: (model: MLP) => model.parameters().map(plainView),
  gradients: (model: MLP) => model.gradients().map(plainView),
  setParameter: (model: MLP, index: number, values: ParameterValues) => model.parameters()[index]!.set(values),
  setLearningRate: (model: MLP, rate: LearningRate) => {
    model.learningRate = rate as number; // the setter takes any rate
  },
  freeze: (model: MLP, name?: string) => model.freeze(name),
  unfreeze: (model: MLP, name?: string) => model.unfreeze(name),
  penalty: (model: MLP, rows?: number) => model.penalty(rows),
  summary: (model: MLP) => model.summary(),
  save: (model: MLP, options?: SaveOptions) => model.save(options),
  state: (model: MLP) => model.state(),
  restoreState: (model: MLP, state: ModelState) => model.restoreState(state),
  stop: (model: MLP) => model.stop(),
};

export type Calls = typeof calls;

/** After these the state to go on from is another. */
const changing: ReadonlySet<string> = new Set<keyof Calls>([
  'trainStep',
  'partialFit',
  'forward',
  'step',
  'setParameter',
  'setLearningRate',
  'freeze',
  'unfreeze',
  'restoreState',
]);

/** Milliseconds between two states sent over, at the least; twenty times what making one took, if that is more. */
const keepMilliseconds = 100;

function plainDiagnosis({ layers, problems, notes, healthy, verdict, loss, ...rest }: Diagnosis) {
  return { layers, problems, notes, healthy, verdict, loss, text: rest.toString() };
}

/** Stands for what a callback or a stream on the other side threw. */
class ThrownThere extends Error {}

export class Host implements HostApi {
  private model: MLP | undefined;
  private readonly fits = new Map<number, AbortController>();
  private stale = false;
  private sending = false;
  private sendAfter = 0;
  private timer: unknown;

  constructor(private readonly listener: Listener) {}

  /** Makes the model. The first thing to ask. */
  async open({ options, state, engine }: Opening): Promise<Reply<undefined>> {
    return this.reply(async () => {
      if (engine !== undefined) await init(engine);
      const model = new MLP(options);
      if (state !== undefined) model.restoreState(state);
      this.model = model;
      return undefined;
    });
  }

  async call({ name, args }: CallRequest): Promise<Reply<unknown>> {
    return this.reply((model) => {
      const value = (calls[name as keyof Calls] as (model: MLP, ...args: readonly unknown[]) => unknown)(model, ...args);
      if (changing.has(name)) this.keep();
      return value;
    });
  }

  async fit(request: FitRequest): Promise<Reply<PlainHistory>> {
    return this.reply(async (model) => {
      const { id, rows } = request;
      const controller = new AbortController();
      if (request.aborted) controller.abort();
      this.fits.set(id, controller);
      try {
        const options = this.fitOptions(request, controller);
        const history = await (rows === undefined
          ? model.fit((epoch) => this.stream(epoch, controller), options)
          : model.fit(rows.X as MatrixLike, rows.y as TargetsLike, options));
        return plainHistory(history);
      } finally {
        this.fits.delete(id);
        this.keep();
      }
    });
  }

  abort(id: number): void {
    this.fits.get(id)?.abort();
  }

  // ---- the other side's callbacks, while a fit runs -----------------------------------------------------------

  private fitOptions({ rows, options, hooks, checkpointEvery }: FitRequest, controller: AbortController): FitOptions {
    const ask = (name: HookName, value: unknown) => this.follow(this.listener.hook(name, value, this.standing()), controller);
    const asked = (name: HookName) => hooks.includes(name);
    const callbacks: Callbacks = {
      onEpochEnd: (log) => {
        this.keep();
        return asked('onEpochEnd') ? ask('onEpochEnd', log) : undefined;
      },
    };
    if (asked('onTrainBegin')) callbacks.onTrainBegin = () => ask('onTrainBegin', undefined);
    if (asked('onEpochBegin')) callbacks.onEpochBegin = (epoch) => ask('onEpochBegin', epoch);
    if (asked('onBatchEnd')) callbacks.onBatchEnd = (log) => ask('onBatchEnd', log);
    if (asked('onTrainEnd')) callbacks.onTrainEnd = (history: History) => ask('onTrainEnd', plainHistory(history));
    const checkpoint = checkpointEvery > 0 && {
      every: checkpointEvery,
      save: (state: ModelState, log: object) =>
        this.follow(this.listener.checkpoint(transfer(state, buffersOf(state)), log as never), controller),
    };
    return {
      ...options,
      ...(rows?.sampleWeight === undefined ? {} : { sampleWeight: rows.sampleWeight as ArrayLike<number> }),
      ...(checkpoint ? { checkpoint } : {}),
      signal: controller.signal,
      callbacks,
    };
  }

  /** Waits for what a callback on the other side answered, and does as it says: goes on, stops, or ends with its error. */
  private async follow(asked: HookAnswer | Promise<HookAnswer>, controller: AbortController): Promise<void> {
    const { stop, threw, aborted } = await asked;
    if (threw) throw new ThrownThere();
    if (aborted) controller.abort();
    if (stop) this.model?.stop();
  }

  /** The batches of an epoch, fetched one at a time. */
  private async *stream(epoch: number, controller: AbortController): AsyncGenerator<LabelledRows> {
    const { listener } = this;
    await this.follow(listener.batches(epoch), controller);
    try {
      for (;;) {
        const { batch, threw } = await listener.nextBatch();
        if (threw) throw new ThrownThere();
        if (batch === undefined) return;
        yield batch as LabelledRows;
      }
    } finally {
      listener.closeBatches();
    }
  }

  // ---- the state to go on from ----------------------------------------------------------------------------------

  /** The state is another: it is sent over now, or as soon as that takes no more than a twentieth of the time. */
  private keep(): void {
    this.stale = true;
    this.send();
  }

  private send(): void {
    const { model } = this;
    const now = performance.now();
    if (model === undefined || !this.stale || this.sending) return;
    if (now < this.sendAfter) {
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        if (this.fits.size === 0) this.send(); // a fit sends its own, between epochs
      }, this.sendAfter - now);
      return;
    }
    const state = model.state();
    this.stale = false;
    this.sending = true;
    const sent = () => {
      this.sending = false;
      if (this.fits.size === 0) this.send();
    };
    Promise.resolve(this.listener.keep(transfer(state, buffersOf(state))) as unknown).then(sent, sent);
    this.sendAfter = now + Math.max(keepMilliseconds, 20 * (performance.now() - now));
  }

  // ---- replies --------------------------------------------------------------------------------------------------

  private async reply<T>(work: (model: MLP) => T | Promise<T>): Promise<Reply<T>> {
    try {
      const value = await work(this.model as MLP);
      return transfer({ value, standing: this.standing() }, buffersOf(value));
    } catch (error) {
      return { error: packError(error), standing: this.standing() };
    }
  }

  private standing(): Standing | undefined {
    const { model } = this;
    return model && { epoch: model.epoch, steps: model.steps, learningRate: model.learningRate };
  }
}
