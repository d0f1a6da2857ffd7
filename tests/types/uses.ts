// What must compile, under the strictest settings: bytes go where the web takes bytes, and models go where a model is asked for.

import {
  adam,
  dense,
  MLP,
  MLPClassifier,
  MLPRegressor,
  Perceptron,
  polynomial,
  sgd,
  warmup,
  type History,
  type Model,
  type MLPOptions,
} from 'feedforward';
import { MLP as PlainMLP } from 'feedforward/baseline';
import { exportOnnx } from 'feedforward/onnx';
import { writeSafetensors } from 'feedforward/safetensors';
import { report, type ReportOptions } from 'feedforward/report';
import { exportWasm } from 'feedforward/standalone';
import type { WorkerMLP } from 'feedforward/worker';

export const graph = [
  dense(4, { name: 'a', mask: [[1, 0, 1, 1]], dropConnect: 0.1 }),
  dense(1, { from: ['input', 'a'], sparse: 0.5 }),
];
const net = { inputs: 2, layers: [dense(4, { activation: 'relu' }), dense(1)] };
const X = [[0, 1]];
const y = [[1]];
const model = new MLP({ ...net, metrics: ['accuracy', 'mse'], optimizer: { name: 'adam', learningRate: 1e-3, beta1: 0.9 } });

export const figures: number[] = [
  model.evaluate(X, y).loss,
  model.evaluate(X, y).accuracy,
  model.evaluate(X, y).meanSquaredError,
  MLP.load(model.save()).evaluate(X, y).r2,
];
export const byName: Record<string, number> = model.evaluate(X, y);

const pageOptions: ReportOptions = { trainingData: [X, y], target: ['price'], files: { 'a.csv': new Uint8Array(3) } };
export const page: string = report(model, X, y, pageOptions);

export async function trained(): Promise<(number | undefined)[]> {
  const history = await model.fit(X, y, {
    epochs: 2,
    validationSplit: 0.5,
    onEpochEnd: (log, trained) => trained.summary() + log.valAccuracy,
  });
  const any: History = history;
  return [history.last?.accuracy, history.last?.valMeanSquaredError, any.epochs[0]?.valR2, ...history.values('valLoss')];
}

/** A model of any metrics, whichever it has. */
export function score(any: MLP, general: Model): number {
  return any.evaluate(X, y).accuracy + general.evaluate(X, y).r2;
}
score(model, new PlainMLP(net));
score(new MLP(net), model.clone());

export function made(options: MLPOptions): MLP {
  return new MLP(options);
}
export const waves = new PlainMLP({
  ...net,
  layers: [dense(4, { activation: { name: 'sine', value: Math.sin, derivative: Math.cos } })],
});
export const cubic = dense(4, { activation: polynomial([0, 1, 0, -0.5]) });
export const optimizers = [
  adam({ beta1: (step, epoch) => 0.9 - 0.1 / (1 + step + epoch), weightDecay: warmup(0.1, { steps: 3 }) }),
  sgd({ momentum: 0.9, nesterov: true, learningRate: warmup(0.1, { steps: 10 }) }),
].map((optimizer) => made({ ...net, optimizer }));

/** Subclasses of one's own. */
export class Counted extends MLP {
  static made = 0;
  constructor(options: MLPOptions) {
    super(options);
    Counted.made++;
  }
}

/** Bytes, where the web takes bytes. */
export async function bytes(worker: WorkerMLP): Promise<unknown[]> {
  const classifier = new MLPClassifier();
  const all = [
    model.save(),
    new PlainMLP(net).save(),
    classifier.save(),
    new MLPRegressor().save(),
    new Perceptron().save(),
    await worker.save(),
    exportOnnx(model),
    exportWasm(model).wasm,
    writeSafetensors({ w: { shape: [1], data: Float32Array.of(1) } }),
  ];
  return all.flatMap((file) => [
    new Blob([file]),
    new Response(file),
    crypto.subtle.digest('SHA-256', file),
    new File([file], 'model.ff'),
  ]);
}
