// From figures and what was tried to words: what keeps a network from learning, and what to do about it.

import { activationRow } from '../plan/activations.js';
import type { LayerPlan } from '../plan/network.js';
import { formatFigure } from '../training/history.js';
import type { Change } from './changes.js';
import type { Cure } from './cure.js';
import type { LayerDiagnosis } from './layerFigures.js';
import { imbalance, inputLimit, inputsUnscaled, targetsUnscaled, type Findings, type Traits } from './remedies.js';
import type { Outcome } from './trials.js';

/** The problems that diagnose names. */
export type ProblemKind =
  | 'vanishing'
  | 'exploding'
  | 'dyingRelu'
  | 'saturated'
  | 'straight'
  | 'equalUnits'
  | 'badStart'
  | 'unscaledInputs'
  | 'unscaledTargets'
  | 'outOfRange'
  | 'overRegularised'
  | 'learningRateTooHigh'
  | 'learningRateTooLow'
  | 'tooSmall'
  | 'notFinite'
  | 'stuck';

/** Something that keeps a network from learning, and what to do about it. */
export interface Problem {
  /** Which problem it is: programs may decide by it. */
  readonly kind: ProblemKind;
  /** What was found, in words. */
  readonly text: string;
  /** What to do, in words. */
  readonly fix: string;
  /**
   * What was tried on a copy and made it learn, as data: all of it, so that problems that only go away together share one. Empty where
   * nothing that was tried helped.
   */
  readonly change: Change;
}

type Symptom = Omit<Problem, 'change'>;

/** The gradient may shrink or grow this much on its way through the network. */
const gradientRange = 1e4;
/** Activations may grow or shrink this much before it counts as a reason; the note is for growth in networks that learn. */
const growthLimit = 100;
const growthNote = 300;
const shrinkLimit = 0.01;
/** Dead units in one layer, or in all ReLU layers together. Deep healthy nets have half of them dead here and there. */
const deadLimit = 0.8;
const deadOverall = 0.6;
const saturatedLimit = 0.5;
const straightLimit = 0.6;
/** Rows are alike where this share of the mean square of a layer's outputs is common to all of them. */
const alikeLimit = 0.98;

/** The problems that the change solves, the most basic first; or why the network does not learn, where none was found. */
export function problemsOf(findings: Findings, traits: Traits, own: Outcome, cure: Cure): Problem[] {
  const { change } = cure;
  const course = courseOf(own);
  const symptoms: Symptom[] = [];
  if (!Number.isFinite(findings.loss)) symptoms.push(notFinite(findings));
  else if (change.freshWeights) symptoms.push(signal(findings) ?? spoilt);
  if (change.outputActivation) symptoms.push(outOfRange(findings));
  if (change.scaleInputs) symptoms.push(unscaledInputs(findings, traits));
  if (change.scaleTargets) symptoms.push(unscaledTargets(traits));
  if (change.regularisation) symptoms.push(overRegularised);
  if (change.weightInit && Number.isFinite(findings.loss)) symptoms.push(start(findings, change));
  if (change.hidden) symptoms.push(tooSmall(findings, change));
  if (change.activation || change.residual || change.batchNorm) symptoms.push(shape(findings, change));
  if (change.optimizer) symptoms.push(learningRate(findings, own, cure));
  if (symptoms.length === 0) symptoms.push(hopeless(findings, traits));
  const helped = Object.keys(change).length > 0 ? ` Tried: ${courseOf(cure.outcome)}` : '';
  return symptoms.map(({ kind, text, fix }, i) => ({
    kind,
    text: i === 0 ? `${text} ${course}` : text,
    fix: i === symptoms.length - 1 ? fix + helped : fix,
    change,
  }));
}

/** Worth knowing of a network that learns. */
export function notesOf(findings: Findings, traits: Traits): string[] {
  const notes: string[] = [];
  const growth = growthOf(findings.layers);
  if (growth > growthNote)
    notes.push(`Activations grow ${figure(growth)}-fold through the layers; layerNorm() or batchNorm() would keep them level.`);
  if (inputsUnscaled(traits.inputs)) {
    const { text, fix } = unscaledInputs(findings, traits);
    notes.push(`${text} The network learns all the same. ${fix}`);
  }
  const worst = worstOf(findings.layers, (layer) => layer.dead);
  if (worst !== undefined && worst.dead > deadLimit)
    notes.push(`${percent(worst.dead)} of the units of ${worst.layer} put out 0 for every row; the others learn all the same.`);
  return notes;
}

/** What training came to, in words. */
export function courseOf({ before, last, epochs, constant }: Outcome): string {
  const passes = `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`;
  if (!Number.isFinite(last)) return `Within ${passes} the loss, ${figure(before)} at first, is no longer finite.`;
  const best = constant === undefined ? '' : `; the best answer that is the same for every row has ${figure(constant)}`;
  return `${passes} ${epochs === 1 ? 'takes' : 'take'} the loss of a copy from ${figure(before)} to ${figure(last)}${best}.`;
}

// ---- the signal on its way through the layers -----------------------------------------------------------------------------

/** What the layers' figures say, the most definite first. */
function signal(findings: Findings): Symptom | undefined {
  return equalUnits(findings) ?? dying(findings) ?? saturation(findings) ?? gradientFlow(findings) ?? straight(findings);
}

function equalUnits({ layers }: Findings): Symptom | undefined {
  const equal = layers.slice(0, -1).find((layer) => layer.unitsEqual && !(layer.dead === 1));
  if (equal === undefined) return undefined;
  return {
    kind: 'equalUnits',
    text: `Equal units: all units of ${equal.layer} put out the same, so they get the same gradients and stay one unit for ever.`,
    fix: "Start the weights at random, by the activation's own rule (leave weightInit out).",
  };
}

function dying({ layers }: Findings): Symptom | undefined {
  const worst = worstOf(layers, (layer) => layer.dead);
  if (worst === undefined) return undefined;
  const rectified = layers.filter((layer) => !Number.isNaN(layer.dead));
  const overall = rectified.reduce((sum, layer) => sum + layer.dead, 0) / rectified.length;
  if (!(worst.dead > deadLimit || overall > deadOverall)) return undefined;
  return {
    kind: 'dyingRelu',
    text: `Dying ReLU: ${percent(worst.dead)} of the units of ${worst.layer} put out 0 for every row, and no gradient can wake them.`,
    fix: 'Start again from fresh weights and biases of 0, with a lower learning rate if they died in training, or use "leakyRelu" or "elu".',
  };
}

/** Flat units are a problem where they feed on: an output near 0 or 1 is only sure of itself, and skips pass gradients by. */
function saturation({ layers, plans }: Findings): Symptom | undefined {
  const hidden = layers.filter((_, i) => i < layers.length - 1 && !plans[i]!.path.includes('.layers.'));
  const worst = worstOf(hidden, (layer) => layer.saturated);
  if (worst === undefined || !(worst.saturated > saturatedLimit)) return undefined;
  return {
    kind: 'saturated',
    text: `Saturated units: ${percent(worst.saturated)} of the outputs of ${worst.layer} are at the ends of their range, where the derivative is nearly 0.`,
    fix: 'Scale the inputs, start from smaller weights (glorotUniform), lower the learning rate, or put batchNorm() before the activation.',
  };
}

/** How the gradient fares from the last layer with weights to the first, and the signal from the first to the last. */
function gradientFlow({ layers, plans }: Findings): Symptom | undefined {
  const learning = layers.filter((layer) => !Number.isNaN(layer.gradientPerWeight));
  if (learning.length < 2) return undefined;
  const first = learning[0]!;
  const last = learning[learning.length - 1]!;
  const ratio = last.gradientPerWeight > 0 ? first.gradientPerWeight / last.gradientPerWeight : 1;
  const wayOut =
    "Start the weights by the activation's own rule (leave weightInit out), put batchNorm() or layerNorm() between layers, or wrap layers in residual([…]).";
  if (ratio < 1 / gradientRange) {
    const squashing = plans.find((layer) => activationRow(layer.activation.name).bounds !== undefined);
    return {
      kind: 'vanishing',
      text: `Vanishing gradients: a weight of ${first.layer} gets ${times(ratio)} the gradient of one of ${last.layer}, so the early layers hardly learn.`,
      fix:
        squashing === undefined
          ? wayOut
          : `Each ${squashing.activation.name} layer passes on a fraction. Use "relu" (its weights start by He's rule), put batchNorm() between layers, or wrap layers in residual([…]).`,
    };
  }
  const growth = growthOf(layers);
  if (ratio > gradientRange || growth > growthLimit)
    return {
      kind: 'exploding',
      text:
        ratio > gradientRange
          ? `Exploding gradients: a weight of ${first.layer} gets ${figure(ratio)} times the gradient of one of ${last.layer}.`
          : `Exploding activations: they grow ${figure(growth)}-fold through the layers.`,
      fix: "Start the weights by the activation's own rule (leave weightInit out), add batchNorm() or layerNorm(), or clip: { globalNorm: 1 }.",
    };
  const shrink = shrinkOf(layers);
  if (shrink < shrinkLimit)
    return {
      kind: 'vanishing',
      text: `Vanishing signal: what the inputs tell apart is ${times(shrink)} as large in the last layers as in the first.`,
      fix: wayOut,
    };
  const alike = layers.slice(0, -1).findLast((layer) => layer.rowsAlike > alikeLimit);
  if (alike === undefined) return undefined;
  return {
    kind: 'vanishing',
    text: `Vanishing signal: ${percent(alike.rowsAlike)} of the size of what ${alike.layer} puts out is the same for every row, so the layers after it can hardly tell rows apart.`,
    fix: wayOut,
  };
}

function straight({ layers }: Findings): Symptom | undefined {
  const worst = worstOf(layers.slice(0, -1), (layer) => layer.straight);
  if (worst === undefined || !(worst.straight > straightLimit)) return undefined;
  return {
    kind: 'straight',
    text: `Straight units: ${percent(worst.straight)} of what ${worst.layer} (${worst.kind}) puts out comes from where its activation is all but a straight line, so the network is little more than a linear model.`,
    fix: 'Give the units inputs of size 1 (StandardScaler), larger weights or biases that differ (weightInit and biasInit "fanInUniform"), or use "relu", which bends at 0.',
  };
}

/** Spread of the narrowest hidden layer over that of the first; dead layers are another matter. */
function shrinkOf(layers: readonly LayerDiagnosis[]): number {
  const first = layers[0]!.activationDeviation;
  const hidden = layers.slice(0, -1).filter((layer) => !(layer.dead > deadLimit));
  return first > 0 ? Math.min(...hidden.map((layer) => layer.activationDeviation)) / first : 1;
}

/** Spread of the widest layer over that of the first. */
function growthOf(layers: readonly LayerDiagnosis[]): number {
  const most = layers.reduce((widest, layer) => Math.max(widest, layer.activationDeviation), 0);
  return most / Math.max(layers[0]!.activationDeviation, 1e-30);
}

// ---- one symptom for each part of a change ----------------------------------------------------------------------------------

const spoilt: Symptom = {
  kind: 'badStart',
  text: 'The weights are spoilt: from where they are training gets nowhere, from fresh ones it does.',
  fix: 'Make the model anew with the same options.',
};

const linear: Symptom = {
  kind: 'straight',
  text: 'Straight units: no hidden layer has an activation, so the network is a linear model however many layers it has.',
  fix: 'Give hidden layers an activation that bends: "relu".',
};

/** Why the network does not learn, where nothing was found that helps. */
function hopeless(findings: Findings, { targets }: Traits): Symptom {
  if (findings.frozen)
    return { kind: 'stuck', text: 'Stuck: every layer is frozen.', fix: 'Let some of them learn again: model.unfreeze().' };
  if (targets.most === 0)
    return { kind: 'stuck', text: 'Nothing to learn: y is the same in every row.', fix: 'Give rows whose targets differ.' };
  return signal(findings) ?? (isLinear(findings) ? linear : stuck);
}

function isLinear({ plans }: Findings): boolean {
  return plans.slice(0, -1).every((layer) => layer.activation.name === 'identity');
}

const stuck: Symptom = {
  kind: 'stuck',
  text: 'Stuck: the network learns nothing that a constant answer does not know.',
  fix: 'Other learning rates, initial weights, scales and activations were tried on copies and did not help. See whether X says anything about y (shuffled rows? a column missing?), and whether the network is large enough.',
};

const overRegularised: Symptom = {
  kind: 'overRegularised',
  text: 'Held back: penalties, limits, noise or dropout keep the network from learning.',
  fix: 'Take them away (l1, l2, maxNorm, clip, weightDecay, dropout, dropConnect, noise), and bring back a little once it learns.',
};

function notFinite({ layers, loss }: Findings): Symptom {
  const first = layers.find((layer) => !Number.isFinite(layer.activationMean) || !Number.isFinite(layer.activationDeviation));
  return {
    kind: 'notFinite',
    text: `The loss is ${loss}${first === undefined ? '' : `: the outputs of ${first.layer} are the first that are not finite`}.`,
    fix: 'Scale the inputs, lower the learning rate, and start from fresh weights.',
  };
}

function tooSmall({ plan }: Findings, { hidden }: Change): Symptom {
  const { layers, units } = hidden!;
  return {
    kind: 'tooSmall',
    text: `The wrong shape: ${plan.parameterCount} weights in these layers cannot draw what separates the rows.`,
    fix: `Try ${layers} hidden layers of ${units} units with "relu".`,
  };
}

function outOfRange({ plan }: Findings): Symptom {
  const { name } = plan.layers[plan.layers.length - 1]!.activation;
  return {
    kind: 'outOfRange',
    text: `Out of range: the last activation, "${name}", cannot give some of the targets.`,
    fix: 'Leave the last layer\'s activation out ("identity"), or scale y into its range.',
  };
}

function unscaledInputs({ rescaled }: Findings, { inputs }: Traits): Symptom {
  const { size, worst, least, most, shift } = inputs;
  const what =
    size > inputLimit
      ? `column ${worst} of X reaches ${figure(size)}`
      : most / least > imbalance
        ? `the columns of X spread from ${figure(least)} to ${figure(most)}`
        : shift > 3
          ? `the columns of X lie up to ${figure(shift)} deviations from 0`
          : `the columns of X have deviations from ${figure(least)} to ${figure(most)}`;
  return {
    kind: 'unscaledInputs',
    text: `Unscaled inputs: ${what}${rescaled ? ' behind the rescale layer' : ''}.`,
    fix: rescaled
      ? 'Give the rescale layer the center and scale of this X: rescale(new StandardScaler().fit(X)).'
      : "Scale them: new StandardScaler().fitTransform(X), or scale: 'standard' in an estimator.",
  };
}

function unscaledTargets({ targets }: Traits): Symptom {
  return {
    kind: 'unscaledTargets',
    text: targetsUnscaled(targets)
      ? `${targets.size > 1 ? 'Large' : 'Small'} targets: y reaches ${figure(targets.size)}, far from where the network starts.`
      : `Unscaled targets: y reaches ${figure(targets.size)} with deviations from ${figure(targets.least)} to ${figure(targets.most)}.`,
    fix: 'Scale y too (StandardScaler) and scale predictions back with inverseTransform.',
  };
}

function start(findings: Findings, { weightInit }: Change): Symptom {
  const { kind, text } = signal(findings) ?? { kind: 'badStart', text: 'A bad start: from these weights training gets nowhere.' };
  return {
    kind,
    text,
    fix:
      weightInit === 'default'
        ? "Start weights by the activation's own rule and biases at 0 (leave weightInit and biasInit out)."
        : 'Start weights and biases at random within 1 / sqrt(inputs), so that units bend in different places (weightInit and biasInit "fanInUniform").',
  };
}

function shape(findings: Findings, { activation, residual }: Change): Symptom {
  const found = signal(findings);
  if (activation !== undefined && isLinear(findings)) return linear;
  const fix =
    activation !== undefined
      ? 'Use "relu" in hidden layers (its weights start by He\'s rule), or put batchNorm() between layers, or wrap layers in residual([…]).'
      : residual
        ? 'Wrap hidden layers in residual([…]), so that the signal gets past each of them, or put batchNorm() between layers.'
        : 'Put batchNorm() between the weights and the activation of each hidden layer.';
  if (found === undefined)
    return { kind: 'vanishing', text: `Too deep for its activations: ${activationsOf(findings.plans)} lose the signal.`, fix };
  return { kind: found.kind, text: found.text, fix: found.kind === 'vanishing' && activation !== undefined ? found.fix : fix };
}

function activationsOf(plans: readonly LayerPlan[]): string {
  return `${plans.length - 1} layers of ${[...new Set(plans.slice(0, -1).map(({ activation }) => activation.name))].join(', ')}`;
}

function learningRate({ rate, plan }: Findings, own: Outcome, { change }: Cure): Symptom {
  const { name, learningRate } = change.optimizer!;
  if (name !== undefined && name !== plan.optimizer.name)
    return {
      kind: 'learningRateTooLow',
      text: `Too slow: "${plan.optimizer.name}" at ${figure(rate)} gets nowhere on this ground.`,
      fix: `Try "${name}" at ${figure(learningRate)}, which gives each weight a step of its own.`,
    };
  const high = learningRate < rate;
  return {
    kind: high ? 'learningRateTooHigh' : 'learningRateTooLow',
    text: high
      ? `Learning rate too high: steps at ${figure(rate)} ${Number.isFinite(own.last) ? 'jump about' : 'throw the weights out'}.`
      : `Learning rate too low: steps at ${figure(rate)} hardly move the loss.`,
    fix: `Try ${figure(learningRate)}, or findLearningRate(model, X, y).`,
  };
}

function worstOf(layers: readonly LayerDiagnosis[], of: (layer: LayerDiagnosis) => number): LayerDiagnosis | undefined {
  let worst: LayerDiagnosis | undefined;
  for (const layer of layers) if (!Number.isNaN(of(layer)) && (worst === undefined || of(layer) > of(worst))) worst = layer;
  return worst;
}

function times(ratio: number): string {
  return ratio === 0 ? 'nothing of' : `${ratio.toExponential(0)} times`;
}

function figure(value: number): string {
  return formatFigure(Number(value.toPrecision(3)));
}

function percent(share: number): string {
  const hundredths = 100 * Math.max(0, share);
  return `${hundredths < 1 ? formatFigure(Number(hundredths.toPrecision(1))) : Math.round(hundredths)} %`;
}
