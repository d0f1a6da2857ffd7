// From figures to words: what counts as a problem, and what to do about it. Thresholds are orders of magnitude, chosen so
// that nets that train well pass and the textbook failures do not.

import { LayerKind } from '../../assembly/abi.js';
import { activationRow } from '../plan/activations.js';
import type { LayerPlan } from '../plan/network.js';
import type { RateProbe } from './rateProbe.js';
import { formatFigure } from '../training/history.js';
import type { Numbers } from '../training/feeding.js';
import type { Rows } from '../training/rows.js';

/** Figures of one layer on the rows given. */
export interface LayerDiagnosis {
  /** 'layers.0', 'layers.2.layers.1', … */
  readonly layer: string;
  /** 'dense relu', 'batchNorm', … */
  readonly kind: string;
  /** Norm of the gradient of the layer's parameters; NaN without any. */
  readonly gradientNorm: number;
  /** The same for each weight: its root mean square, to compare layers of different size. */
  readonly gradientPerWeight: number;
  /** Norm of what one step changes over the norm of the weights; NaN without any. A healthy one is near 1e-3. */
  readonly updateRatio: number;
  readonly activationMean: number;
  readonly activationDeviation: number;
  /** Share of outputs where a bounded activation is flat; NaN for unbounded ones. */
  readonly saturated: number;
  /** Share of units that put out 0 for every row; NaN where that means nothing. */
  readonly dead: number;
}

export type ProblemKind =
  | 'vanishing'
  | 'exploding'
  | 'dyingRelu'
  | 'saturated'
  | 'unscaledInputs'
  | 'unscaledTargets'
  | 'learningRateTooHigh'
  | 'learningRateTooLow'
  | 'notFinite';

export interface Problem {
  readonly kind: ProblemKind;
  readonly text: string;
  readonly fix: string;
}

/** Everything the verdicts are drawn from. */
export interface Findings {
  readonly layers: readonly LayerDiagnosis[];
  readonly plans: readonly LayerPlan[];
  readonly rates: RateProbe | undefined;
  readonly loss: number;
  readonly rows: Rows;
  /** What the network's first weights see, rows x inputs: X, or what a rescale layer in front makes of it. */
  readonly seen: Numbers;
  readonly rescaled: boolean;
  readonly inputs: number;
}

/** The gradient may shrink or grow this much on its way through the network. */
const gradientRange = 1e4;
/** Activations may grow or shrink this much through plain layers; residual blocks add up, and more than the note is worth saying. */
const growthLimit = 1e4;
const growthLimitOfBlocks = 1e7;
const growthNote = 300;
const shrinkLimit = 1e-6;
/** Dead units in one layer, or in all ReLU layers together. Deep healthy nets have half of them dead here and there. */
const deadLimit = 0.8;
const deadOverall = 0.6;
const saturatedLimit = 0.5;
/** A step that gains less than the first, where another would gain more than the second, is too short. */
const leastGain = 5e-4;
const worthwhile = 0.05;
/** Columns whose spread, or whose distance from 0 in spreads, is beyond this want scaling. */
const inputLimit = 30;
const imbalance = 1000;

/** Problems, the most basic first, and notes that are none. */
export function findProblems(findings: Findings): { problems: Problem[]; notes: string[] } {
  if (!Number.isFinite(findings.loss)) return { problems: [...unscaled(findings), notFinite(findings)], notes: [] };
  const problems = [
    ...unscaled(findings),
    ...gradientFlow(findings),
    ...dying(findings),
    ...saturation(findings),
    ...learningRate(findings),
  ];
  return { problems, notes: growthNotes(findings) };
}

function notFinite({ layers, loss }: Findings): Problem {
  const first = layers.find((layer) => !Number.isFinite(layer.activationMean) || !Number.isFinite(layer.activationDeviation));
  return {
    kind: 'notFinite',
    text: `The loss is ${loss}${first === undefined ? '' : `: the outputs of ${first.layer} are the first that are not finite`}.`,
    fix: 'Scale the inputs, lower the learning rate, and start from fresh weights.',
  };
}

/** How the gradient fares from the last layer with weights to the first. */
function gradientFlow({ layers, plans }: Findings): Problem[] {
  const learning = layers.filter((layer) => !Number.isNaN(layer.gradientPerWeight));
  if (learning.length < 2) return [];
  const first = learning[0]!;
  const last = learning[learning.length - 1]!;
  if (!(last.gradientPerWeight > 0)) return [];
  const ratio = first.gradientPerWeight / last.gradientPerWeight;
  if (ratio < 1 / gradientRange) {
    const squashing = plans.find((layer) => activationRow(layer.activation.name).bounds !== undefined);
    const change =
      squashing === undefined
        ? "Start the weights by the activation's own rule (leave weightInit out)"
        : 'Use "relu" (its weights start by He\'s rule)';
    return [
      {
        kind: 'vanishing',
        text: `Vanishing gradients: a weight of ${first.layer} gets ${times(ratio)} the gradient of one of ${last.layer}, so the early layers hardly learn.`,
        fix: `${squashing === undefined ? '' : `Each ${squashing.activation.name} layer passes on a fraction. `}${change}, put batchNorm() between layers, or wrap layers in residual([…]).`,
      },
    ];
  }
  const shrink = shrinkOf(layers);
  if (shrink < shrinkLimit) {
    const text = `Vanishing signal: what the inputs tell apart is ${times(shrink)} as large in the last layers as in the first.`;
    const fix =
      "Start the weights by the activation's own rule (leave weightInit out), or put batchNorm() or layerNorm() between layers.";
    return [{ kind: 'vanishing', text, fix }];
  }
  const growth = growthOf(layers);
  if (!(ratio > gradientRange) && !(growth > limitOf(plans))) return [];
  const text =
    ratio > gradientRange
      ? `Exploding gradients: a weight of ${first.layer} gets ${formatFigure(Number(ratio.toPrecision(2)))} times the gradient of one of ${last.layer}.`
      : `Exploding activations: they grow ${formatFigure(Number(growth.toPrecision(2)))}-fold through the layers.`;
  const fix =
    "Start the weights by the activation's own rule (leave weightInit out), add batchNorm() or layerNorm(), or clip: { globalNorm: 1 }.";
  return [{ kind: 'exploding', text, fix }];
}

/** Spread of the narrowest hidden layer over that of the first; dead layers are another matter. */
function shrinkOf(layers: readonly LayerDiagnosis[]): number {
  const first = layers[0]!.activationDeviation;
  const hidden = layers.slice(0, -1).filter((layer) => !(layer.dead > deadLimit));
  return first > 0 ? Math.min(...hidden.map((layer) => layer.activationDeviation)) / first : 1;
}

function limitOf(plans: readonly LayerPlan[]): number {
  return plans.some((layer) => layer.kind === LayerKind.ResidualEnd) ? growthLimitOfBlocks : growthLimit;
}

function growthNotes({ layers, plans }: Findings): string[] {
  const growth = growthOf(layers);
  if (!(growth > growthNote) || growth > limitOf(plans)) return [];
  return [
    `Activations grow ${formatFigure(Number(growth.toPrecision(2)))}-fold through the layers; layerNorm() or batchNorm() would keep them level.`,
  ];
}

/** Spread of the widest layer over that of the first. */
function growthOf(layers: readonly LayerDiagnosis[]): number {
  const most = layers.reduce((widest, layer) => Math.max(widest, layer.activationDeviation), 0);
  return most / Math.max(layers[0]!.activationDeviation, 1e-30);
}

function times(ratio: number): string {
  return ratio === 0 ? 'nothing of' : `${ratio.toExponential(0)} times`;
}

function dying({ layers }: Findings): Problem[] {
  const worst = worstOf(layers, (layer) => layer.dead);
  if (worst === undefined) return [];
  const rectified = layers.filter((layer) => !Number.isNaN(layer.dead));
  const overall = rectified.reduce((sum, layer) => sum + layer.dead, 0) / rectified.length;
  if (!(worst.dead > deadLimit || overall > deadOverall)) return [];
  return [
    {
      kind: 'dyingRelu',
      text: `Dying ReLU: ${percent(worst.dead)} of the units of ${worst.layer} put out 0 for every row, and no gradient can wake them.`,
      fix: 'Lower the learning rate and start again, use "leakyRelu" or "elu", and check that inputs are scaled.',
    },
  ];
}

/** Flat units are a problem where they feed on: an output near 0 or 1 is only sure of itself, and skips pass gradients by. */
function saturation({ layers, plans }: Findings): Problem[] {
  const hidden = layers.filter((_, i) => i < layers.length - 1 && !plans[i]!.path.includes('.layers.'));
  const worst = worstOf(hidden, (layer) => layer.saturated);
  if (worst === undefined || !(worst.saturated > saturatedLimit)) return [];
  return [
    {
      kind: 'saturated',
      text: `Saturated units: ${percent(worst.saturated)} of the outputs of ${worst.layer} are at the ends of their range, where the derivative is nearly 0.`,
      fix: 'Scale the inputs, start from smaller weights (glorotUniform), lower the learning rate, or put batchNorm() before the activation.',
    },
  ];
}

function worstOf(layers: readonly LayerDiagnosis[], figure: (layer: LayerDiagnosis) => number): LayerDiagnosis | undefined {
  let worst: LayerDiagnosis | undefined;
  for (const layer of layers)
    if (!Number.isNaN(figure(layer)) && (worst === undefined || figure(layer) > figure(worst))) worst = layer;
  return worst;
}

function percent(share: number): string {
  const hundredths = 100 * Math.max(0, share);
  return `${hundredths < 1 ? formatFigure(Number(hundredths.toPrecision(1))) : Math.round(hundredths)} %`;
}

function unscaled({ rows, seen, rescaled, inputs, layers }: Findings): Problem[] {
  const problems: Problem[] = [];
  let least = Infinity;
  let most = 0;
  let worst = -1;
  let worstSize = 0;
  for (let j = 0; j < inputs; j++) {
    const { size, deviation } = columnSize(seen, rows.rows, inputs, j);
    if (size > worstSize) {
      worstSize = size;
      worst = j;
    }
    if (deviation > 0) {
      least = Math.min(least, deviation);
      most = Math.max(most, deviation);
    }
  }
  const behind = rescaled ? ' behind the rescale layer' : '';
  if (worstSize > inputLimit || most / least > imbalance)
    problems.push({
      kind: 'unscaledInputs',
      text:
        worstSize > inputLimit
          ? `Unscaled inputs: column ${worst} of X reaches ${formatFigure(Number(worstSize.toPrecision(2)))}${behind}.`
          : `Unscaled inputs: the columns of X spread${behind} from ${formatFigure(Number(least.toPrecision(2)))} to ${formatFigure(Number(most.toPrecision(2)))}.`,
      fix: rescaled
        ? 'Give the rescale layer the center and scale of this X: rescale(new StandardScaler().fit(X)).'
        : "Scale them: new StandardScaler().fitTransform(X), or scale: 'standard' in an estimator.",
    });
  const last = layers[layers.length - 1];
  const target = targetSize(rows);
  if (last !== undefined && target > 1000)
    problems.push({
      kind: 'unscaledTargets',
      text: `Large targets: y reaches ${formatFigure(Number(target.toPrecision(2)))}, far from where the network starts.`,
      fix: 'Scale y too (StandardScaler) and scale predictions back with inverseTransform.',
    });
  return problems;
}

/** Largest magnitude and deviation of a column; one far from 0 counts by its distance. */
function columnSize(x: Numbers, rows: number, columns: number, j: number): { size: number; deviation: number } {
  let sum = 0;
  let size = 0;
  for (let i = 0; i < rows; i++) {
    const value = x[i * columns + j]!;
    sum += value;
    size = Math.max(size, Math.abs(value));
  }
  const mean = sum / rows;
  let squares = 0;
  for (let i = 0; i < rows; i++) squares += (x[i * columns + j]! - mean) ** 2;
  return { size, deviation: Math.sqrt(squares / rows) };
}

function targetSize({ y }: Rows): number {
  let size = 0;
  for (let k = 0; k < y.length; k++) size = Math.max(size, Math.abs(y[k]!));
  return size;
}

/** By what one step does to the loss, at the rate and around it. */
function learningRate({ rates, loss }: Findings): Problem[] {
  if (rates === undefined) return [];
  const { rate, tenth, once, bestFactor, best } = rates;
  if (once > loss * 1.05 && tenth < once) {
    const fix = `Try ${formatFigure(Number((rate / 10).toPrecision(1)))}${tenth < loss ? `, which takes it to ${formatFigure(tenth)}` : ' or less'}, or findLearningRate(model, X, y).`;
    return [
      {
        kind: 'learningRateTooHigh',
        text: `Learning rate too high: one step at ${formatFigure(rate)} takes the loss from ${formatFigure(loss)} to ${formatFigure(once)}.`,
        fix,
      },
    ];
  }
  const gain = (loss - once) / Math.abs(loss);
  const reach = (loss - best) / Math.abs(loss);
  if (!(bestFactor >= 100 && gain < leastGain && reach > worthwhile)) return [];
  return [
    {
      kind: 'learningRateTooLow',
      text: `Learning rate too low: one step at ${formatFigure(rate)} lowers the loss by ${percent(gain)}, one at ${formatFigure(rate * bestFactor)} by ${percent(reach)}.`,
      fix: `Try ${formatFigure(Number((rate * bestFactor).toPrecision(1)))}, or findLearningRate(model, X, y).`,
    },
  ];
}
