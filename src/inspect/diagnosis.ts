// What is wrong with a network, if anything: whether copies of it learn, as it is and with changes, and figures per layer that say
// why. The verdict is what the training says; the figures are its reasons.

import type { MLPOptions } from '../plan/network.js';
import { formatFigure } from '../training/history.js';
import type { Rows } from '../training/rows.js';
import type { Trainer } from '../training/trainer.js';
import { findCure } from './cure.js';
import { measureLayers, type LayerDiagnosis } from './layerFigures.js';
import { traitsOf, type Findings } from './remedies.js';
import { table } from './summary.js';
import { trialEpochs, Trials } from './trials.js';
import { courseOf, notesOf, problemsOf, type Problem } from './verdicts.js';

/** What diagnose found: whether a copy of the network learns on the rows, the problems with a way out for each, and figures per layer. */
export interface Diagnosis {
  /** Figures of each layer, from the input on. */
  readonly layers: readonly LayerDiagnosis[];
  /** What keeps the network from learning, the most basic first; empty when it learns. */
  readonly problems: readonly Problem[];
  /** Worth knowing, but no problem. */
  readonly notes: readonly string[];
  /** Whether a copy of the network learns. */
  readonly healthy: boolean;
  /** In words: the problems, or that there are none. */
  readonly verdict: string;
  /** Mean loss on the rows, as in training. */
  readonly loss: number;
  /** The figures as a table, then the problems in words. */
  toString(): string;
}

/** Rows looked at, at most. */
export const diagnosisRows = 1024;

/** Measures on `trainer`, a copy's: its weights are used up. `make` gives a trainer of a new model of other options. */
export function diagnose(trainer: Trainer, rows: Rows, make: (options: MLPOptions) => Trainer): Diagnosis {
  const { plan } = trainer;
  const trials = new Trials(trainer, rows, make);
  const fresh = equalWeights(trainer, trials.fresh({}));
  const rate = trainer.rateAt(0);
  const measured = measureLayers(trainer, rows);
  const { layers, loss } = measured;
  const frozen = trainer.rules.every((rule, i) => rule.frozen || rule.learningRateScale === 0 || !plan.tensors[i]!.trainable);
  const findings: Findings = { ...measured, plan, rows, rate, frozen, fresh };
  const traits = traitsOf(findings);
  const own = trials.asItIs(loss);
  const cure = findCure(findings, traits, own, trials, own.epochs < trialEpochs);
  const healthy = cure === undefined;
  const problems = healthy ? [] : problemsOf(findings, traits, own, cure);
  const notes = healthy ? notesOf(findings, traits) : [];
  const verdict = healthy
    ? `Healthy: the network learns. ${courseOf(own)}`
    : problems.map((problem) => `${problem.text} ${problem.fix}`).join('\n');
  const list = [...(healthy ? [verdict] : problems.map((problem) => `- ${problem.text}\n  ${problem.fix}`)), ...notes];
  return { layers, problems, notes, healthy, verdict, loss, toString: () => describe(layers, list, loss, rows.rows) };
}

function equalWeights(a: Trainer, b: Trainer): boolean {
  return a.plan.tensors.every((_, i) => {
    const other = b.backend.readTensor(i);
    return a.backend.readTensor(i).every((value, k) => value === other[k]);
  });
}

function describe(layers: readonly LayerDiagnosis[], list: readonly string[], loss: number, rows: number): string {
  const share = (value: number) => (Number.isNaN(value) ? '' : `${Math.round(100 * value)} %`);
  const number = (value: number) => (Number.isNaN(value) ? '' : formatFigure(Number(value.toPrecision(2))));
  const body = layers.map((l) => [
    l.layer,
    l.kind,
    number(l.gradientNorm),
    number(l.updateRatio),
    `${number(l.activationMean) || 'NaN'} ± ${number(l.activationDeviation) || 'NaN'}`,
    share(l.saturated),
    share(l.dead),
  ]);
  const head = ['layer', 'kind', 'gradient norm', 'update/weight', 'activation', 'saturated', 'dead'];
  return [...table([head, ...body]), '', `Loss ${formatFigure(loss)} on ${rows} rows.`, ...list].join('\n');
}
