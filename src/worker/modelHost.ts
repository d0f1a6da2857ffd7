// The model behind a WorkerMLP: an MLP, and what it can be asked by name.

import { transfer } from 'comlink/dist/esm/comlink.mjs';
import type { Matrix, MatrixLike } from '../data/matrix.js';
import type { SaveOptions } from '../formats/encodeModel.js';
import { MLP } from '../mlp/mlp.js';
import type { Diagnosis } from '../inspect/diagnosis.js';
import type { TargetsLike } from '../training/feeding.js';
import type { LabelledRows } from '../training/rows.js';
import type { EvaluateOptions, PartialFitOptions, PredictOptions, StepOptions, TrainStepOptions } from '../model/callOptions.js';
import type { FitOptions } from '../model/model.js';
import type { ParameterValues, ParameterView } from '../model/parameters.js';
import type { ModelState } from '../training/state.js';
import type { MLPOptions } from '../plan/network.js';
import type { LearningRate } from '../plan/schedules.js';
import { Host, ThrownThere } from './host.js';
import { buffersOf, plainHistory, type FitRequest, type Opening, type PlainHistory, type Standing } from './protocol.js';

const plainView = ({ name, shape, trainable, values }: ParameterView) => ({ name, shape, trainable, values });
const dataOf = (matrix: Matrix): Float32Array => matrix.data;

/** What a model can be asked, by name. Arguments and results are plain data. */
const calls = {
  trainStep: (model: MLP, X: MatrixLike, y: TargetsLike, options?: TrainStepOptions) => model.trainStep(X, y, options),
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

export type ModelCalls = typeof calls;

/** After these the state to go on from is another. */
const changing: ReadonlySet<string> = new Set<keyof ModelCalls>([
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

function plainDiagnosis({ layers, problems, notes, healthy, verdict, loss, ...rest }: Diagnosis) {
  return { layers, problems, notes, healthy, verdict, loss, text: rest.toString() };
}

export class ModelHost extends Host<MLP, ModelState, Standing> {
  protected readonly calls = calls;
  protected readonly changing = changing;

  protected make({ options, state }: Opening): MLP {
    const model = new MLP(options as MLPOptions);
    if (state !== undefined) model.restoreState(state as ModelState);
    return model;
  }

  protected snapshot(model: MLP): ModelState {
    return model.state();
  }

  protected standing(model: MLP): Standing {
    return { epoch: model.epoch, steps: model.steps, learningRate: model.learningRate };
  }

  protected stop(): void {
    this.subject?.stop();
  }

  protected async train(model: MLP, request: FitRequest, controller: AbortController): Promise<PlainHistory> {
    const { rows } = request;
    const options = this.fitOptions(request, controller);
    const history = await (rows === undefined
      ? model.fit((epoch) => this.stream(epoch, controller), options)
      : model.fit(rows.X as MatrixLike, rows.y as TargetsLike, options));
    return plainHistory(history);
  }

  private fitOptions({ rows, options, hooks, checkpointEvery }: FitRequest, controller: AbortController): FitOptions {
    const checkpoint = checkpointEvery > 0 && {
      every: checkpointEvery,
      save: (state: ModelState, log: object) =>
        this.follow(this.listener.checkpoint(transfer(state, buffersOf(state)), log as never), controller),
    };
    return {
      ...options,
      ...(rows?.sampleWeight === undefined ? {} : { sampleWeight: rows.sampleWeight as ArrayLike<number> }),
      ...(rows?.inputGradients === undefined ? {} : { inputGradients: rows.inputGradients as MatrixLike }),
      ...(checkpoint ? { checkpoint } : {}),
      signal: controller.signal,
      callbacks: this.callbacksOf(hooks, controller, () => this.keep()),
    };
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
}
