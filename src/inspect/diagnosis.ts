// What is wrong with a network, measured on real rows: one training pass and one step on a copy, figures per layer, and a
// verdict in words with a way out for each problem.

import { LayerKind } from '../../assembly/abi.js';
import { activationRow } from '../plan/activations.js';
import { describeActivation, type LayerPlan } from '../plan/network.js';
import type { Numbers } from '../training/feeding.js';
import { formatFigure } from '../training/history.js';
import { probeRates } from './rateProbe.js';
import type { Rows } from '../training/rows.js';
import { table } from './summary.js';
import type { Trainer } from '../training/trainer.js';
import { findProblems, type LayerDiagnosis, type Problem } from './verdicts.js';

export interface Diagnosis {
  readonly layers: readonly LayerDiagnosis[];
  readonly problems: readonly Problem[];
  /** Worth knowing, but no problem. */
  readonly notes: readonly string[];
  readonly healthy: boolean;
  /** In words: the problems, or that there are none. */
  readonly verdict: string;
  /** Mean loss on the rows, as in training. */
  readonly loss: number;
  toString(): string;
}

/** Rows looked at, at most. */
export const diagnosisRows = 1024;

/** Measures on `trainer`, a copy's: its weights are used up. */
export function diagnose(trainer: Trainer, rows: Rows): Diagnosis {
  const { backend, plan } = trainer;
  const n = rows.rows;
  trainer.roomToTrain(n, n);
  trainer.loadRows(rows, undefined, 0, n);
  backend.zeroGradients();
  const counters = backend.readCounters();
  backend.forward(0, n, true);
  const loss = trainer.loss(n, rows.weights !== undefined, n);
  const activations = plan.layers.map((_, i) => backend.readActivations(i));
  backend.backward(false, true);
  const gradients = plan.tensors.map((tensor, i) => (tensor.trainable ? normOf(backend.readGradient(i)) : 0));
  const before = plan.tensors.map((_, i) => backend.readTensor(i));
  const snapshot = backend.snapshot();
  trainer.step(n);
  const changes = plan.tensors.map((_, i) => normOf(backend.readTensor(i), before[i]));
  backend.restore(snapshot);
  backend.writeCounters(counters); // the same masks again
  const rates = plan.optimizer.name === 'lbfgs' || !Number.isFinite(loss) ? undefined : probeRates(trainer, rows, loss);

  const layers: LayerDiagnosis[] = [];
  const plans: LayerPlan[] = [];
  plan.layers.forEach((layer, i) => {
    if (layer.kind === LayerKind.ResidualBegin || layer.kind === LayerKind.Dropout || layer.kind === LayerKind.Noise) return;
    const own = Object.values(layer.tensors).filter((t) => plan.tensors[t]!.trainable);
    const weight = [layer.tensors.weight, layer.tensors.gamma, layer.tensors.gain].find(
      (t) => t !== undefined && plan.tensors[t]!.trainable,
    );
    const { mean, deviation } = spread(activations[i]!);
    plans.push(layer);
    layers.push({
      layer: layer.path,
      kind: kindOf(layer),
      gradientNorm: own.length === 0 ? NaN : Math.hypot(...own.map((t) => gradients[t]!)),
      gradientPerWeight: weight === undefined ? NaN : gradients[weight]! / Math.sqrt(before[weight]!.length),
      updateRatio: weight === undefined ? NaN : changes[weight]! / Math.max(normOf(before[weight]!), 1e-30),
      activationMean: mean,
      activationDeviation: deviation,
      saturated: saturatedShare(layer, activations[i]!),
      dead: deadShare(layer, activations[i]!),
    });
  });
  const front = plan.layers.findIndex((layer) => layer.rescale?.centered);
  const rescaled = front >= 0;
  const seen = rescaled ? activations[front]! : rows.x;
  const { problems, notes } = findProblems({ layers, plans, rates, loss, rows, seen, rescaled, inputs: plan.inputs });
  const healthy = problems.length === 0;
  const through = plan.layers.some((layer) => layer.kind === LayerKind.ResidualEnd) ? ' through the residual blocks' : '';
  const verdict = healthy
    ? `Healthy: gradients reach every layer${through}, units are alive, and the learning rate fits.`
    : problems.map((problem) => `${problem.text} ${problem.fix}`).join('\n');
  const list = [...(healthy ? [verdict] : problems.map((problem) => `- ${problem.text}\n  ${problem.fix}`)), ...notes];
  return { layers, problems, notes, healthy, verdict, loss, toString: () => describe(layers, list, loss, n) };
}

function kindOf(layer: LayerPlan): string {
  const activation = layer.activation.name === 'identity' ? '' : describeActivation(layer.activation);
  switch (layer.kind) {
    case LayerKind.Dense:
      return `dense ${activation}`.trim();
    case LayerKind.BatchNorm:
      return 'batchNorm';
    case LayerKind.LayerNorm:
      return 'layerNorm';
    case LayerKind.Rescale:
      return 'rescale';
    case LayerKind.ResidualEnd:
      return 'residual';
    default:
      return activation;
  }
}

/** |a|, or |a - b|. */
function normOf(a: Numbers, b?: Numbers): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k]! - (b?.[k] ?? 0)) ** 2;
  return Math.sqrt(sum);
}

function spread(values: Numbers): { mean: number; deviation: number } {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k]!;
  const mean = sum / values.length;
  let squares = 0;
  for (let k = 0; k < values.length; k++) squares += (values[k]! - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

/** How near a bound counts as saturated: 2 % of the range. */
const nearBound = 0.02;

function saturatedShare({ activation }: LayerPlan, values: Numbers): number {
  const { bounds } = activationRow(activation.name);
  if (bounds === undefined) return NaN;
  const [low, high] = bounds;
  const margin = nearBound * (high - low);
  let count = 0;
  for (let k = 0; k < values.length; k++) if (values[k]! < low + margin || values[k]! > high - margin) count++;
  return count / values.length;
}

function deadShare({ activation, outputs }: LayerPlan, values: Numbers): number {
  if (!activationRow(activation.name).canDie) return NaN;
  let dead = 0;
  for (let j = 0; j < outputs; j++) {
    let alive = false;
    for (let k = j; k < values.length && !alive; k += outputs) alive = values[k]! !== 0;
    if (!alive) dead++;
  }
  return dead / outputs;
}

function describe(layers: readonly LayerDiagnosis[], list: readonly string[], loss: number, rows: number): string {
  const share = (value: number) => (Number.isNaN(value) ? '' : `${Math.round(100 * value)} %`);
  const figure = (value: number) => (Number.isNaN(value) ? '' : formatFigure(Number(value.toPrecision(2))));
  const body = layers.map((l) => [
    l.layer,
    l.kind,
    figure(l.gradientNorm),
    figure(l.updateRatio),
    `${figure(l.activationMean) || 'NaN'} ± ${figure(l.activationDeviation) || 'NaN'}`,
    share(l.saturated),
    share(l.dead),
  ]);
  const head = ['layer', 'kind', 'gradient norm', 'update/weight', 'activation', 'saturated', 'dead'];
  return [...table([head, ...body]), '', `Loss ${formatFigure(loss)} on ${rows} rows.`, ...list].join('\n');
}
