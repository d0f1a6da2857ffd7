// What might be wrong, each with the change that would mend it: those with signs of it in the figures first.

import type { Floats } from '../data/allocate.js';
import { activationRow } from '../plan/activations.js';
import type { LayerPlan, NetworkPlan } from '../plan/network.js';
import { optimizerRow } from '../plan/resolveOptimizer.js';
import type { Rows } from '../training/rows.js';
import { columnFigures, type Change } from './changes.js';
import type { Measured } from './layerFigures.js';

/** Everything the remedies and verdicts are drawn from. */
export interface Findings extends Measured {
  readonly plan: NetworkPlan;
  readonly rows: Rows;
  /** The learning rate of the next step. */
  readonly rate: number;
  /** Whether no tensor learns: all are frozen, or their learning rate is scaled by 0. */
  readonly frozen: boolean;
  /** Whether the weights are those that a new model would have. */
  readonly fresh: boolean;
}

export interface Remedy {
  readonly change: Change;
  /** Whether the figures speak for it, and not the lack of anything better. */
  readonly evident: boolean;
}

/** Columns beyond this size, or whose deviations differ by this factor, call for scaling; below this deviation too. */
export const inputLimit = 30;
export const imbalance = 1000;
const smallInputs = 0.05;
/** So do targets of more than one size, or less than the other. */
const targetLimit = 30;
const smallTargets = 0.03;
/** A rate this many times beyond the usual ones is out of place by itself. */
const usualRange = 30;
const deepFrom = 6;
const veryDeepFrom = 12;

export interface Columns {
  /** Largest magnitude, and the column it is in. */
  readonly size: number;
  readonly worst: number;
  /** Least and largest deviation of the columns that vary. */
  readonly least: number;
  readonly most: number;
  /** Largest distance of a mean from 0, in deviations. */
  readonly shift: number;
}

function columnsOf(values: Floats, rows: number, columns: number): Columns {
  const found = { size: 0, worst: 0, least: Infinity, most: 0, shift: 0 };
  for (let j = 0; j < columns; j++) {
    const { mean, deviation, size } = columnFigures(values, rows, columns, j);
    if (size > found.size) Object.assign(found, { size, worst: j });
    if (!(deviation > 1e-6 * Math.abs(mean))) continue;
    found.least = Math.min(found.least, deviation);
    found.most = Math.max(found.most, deviation);
    found.shift = Math.max(found.shift, Math.abs(mean) / deviation);
  }
  return found;
}

export const inputsUnscaled = (c: Columns): boolean =>
  c.size > inputLimit || c.most / c.least > imbalance || c.most < smallInputs || c.shift > 10;
export const targetsUnscaled = (c: Columns): boolean =>
  c.size > targetLimit || c.most < smallTargets || c.most / c.least > imbalance;

/** About mean 0 and deviation 1 already: scaling would change nothing. */
const isStandard = (c: Columns): boolean => c.least > 0.8 && c.most < 1.25 && c.shift < 0.2;

/** Learning rates that suit most networks, the likeliest first. */
function usualRates({ name, options }: NetworkPlan['optimizer']): readonly number[] {
  const { usualRates = [0.01, 3e-3, 1e-3, 1e-4] } = optimizerRow(name);
  return typeof usualRates === 'function' ? usualRates(options) : usualRates;
}

/** Beside the usual ones, a rate worth trying is this many times away from the one in use. */
const another = 2.5;

function ratesFor({ plan, rate }: Findings): number[] {
  return usualRates(plan.optimizer).filter((usual) => !(usual < rate * another && usual > rate / another));
}

/** Whether the rate is far from all that suit. */
function rateUnusual({ plan, rate }: Findings): boolean {
  const usual = usualRates(plan.optimizer);
  return usual.length > 0 && (rate > usualRange * Math.max(...usual) || rate < Math.min(...usual) / usualRange);
}

export interface Traits {
  readonly inputs: Columns;
  readonly targets: Columns;
  readonly hidden: readonly LayerPlan[];
  /** weightInit or biasInit is given somewhere. */
  readonly initGiven: boolean;
  readonly regularised: boolean;
  /** Targets that the last activation cannot reach. */
  readonly outOfRange: boolean;
  readonly realTargets: boolean;
}

export function traitsOf({ plan, plans, rows, seen }: Findings): Traits {
  const { loss, outputs, targetColumns } = plan;
  const inputs = columnsOf(seen, rows.rows, plan.inputs);
  const targets = columnsOf(rows.y, rows.rows, targetColumns);
  const { options } = plan;
  const text = JSON.stringify(options.layers);
  const last = plan.layers[plan.layers.length - 1]!.activation.name;
  const { bounds } = activationRow(last);
  const realTargets = loss.targets === 'real' && loss.custom === undefined && targetColumns === outputs;
  const [low, high] = bounds ?? (last === 'relu' || last === 'softplus' ? [0, Infinity] : [-Infinity, Infinity]);
  const margin = 0.05 * (targets.size || 1);
  const outOfRange = realTargets && rows.y.some((t) => t < low - margin || t > high + margin);
  const regularised =
    plan.tensors.some((t) => t.l1 > 0 || t.l2 > 0 || t.maxNorm < Infinity) ||
    /"type":"(dropout|noise)"|"dropConnect":(?!0[,}])/.test(text) ||
    options.clip !== undefined ||
    options.inputNoise !== undefined ||
    plan.optimizer.weightDecay > 0;
  return {
    inputs,
    targets,
    hidden: plans.slice(0, -1).filter((layer) => layer.kind === plans[0]!.kind || layer.activation.name !== 'identity'),
    initGiven: /"(weightInit|biasInit)":/.test(text),
    regularised,
    outOfRange,
    realTargets,
  };
}

/** Single changes, the likeliest first. */
export function remediesFor(findings: Findings, traits: Traits): Remedy[] {
  const { plan, layers } = findings;
  const { inputs, targets, hidden, initGiven, regularised, outOfRange, realTargets } = traits;
  const remedies: Remedy[] = [];
  const add = (when: boolean, change: Change, evident = true) => {
    if (when) remedies.push({ change, evident });
  };
  const rates = ratesFor(findings).map((learningRate): Change => ({ optimizer: { learningRate } }));
  const unusual = rateUnusual(findings);
  const squashing = hidden.some(({ activation }) => activationRow(activation.name).bounds !== undefined);
  const lines = hidden.length > 0 && hidden.every(({ activation }) => activation.name === 'identity');
  const unlikeRelu = hidden.some(({ activation }) => activation.name !== 'relu');
  const shallow = layers.some((layer) => layer.straight > 0.8 || layer.rowsAlike > 0.98);
  add(!findings.fresh, { freshWeights: true });
  add(outOfRange, { outputActivation: 'identity' });
  if (unusual) for (const change of rates) add(true, change);
  add(inputsUnscaled(inputs), { scaleInputs: true });
  add(realTargets && targetsUnscaled(targets), { scaleTargets: true });
  add(initGiven, { weightInit: 'default', biasInit: 'default' });
  add(regularised, { regularisation: 'none' });
  add(lines, { activation: 'relu' });
  add(squashing && hidden.length >= deepFrom, { activation: 'relu' });
  const deep = hidden.length >= veryDeepFrom && !plan.usesBatchStatistics && findings.rows.rows > 1;
  add(deep, { batchNorm: true });
  if (!unusual) for (const change of rates) add(true, change, false);
  add(!isStandard(inputs) && !inputsUnscaled(inputs), { scaleInputs: true }, shallow);
  add(hidden.length > 0, { weightInit: 'fanInUniform', biasInit: 'fanInUniform' }, false);
  add(unlikeRelu && !lines, { activation: 'relu' }, false);
  add(hidden.length >= deepFrom, { residual: true }, false);
  add(hidden.length >= deepFrom && !deep && findings.rows.rows > 1, { batchNorm: true }, false);
  add(realTargets && !targetsUnscaled(targets) && !isStandard(targets), { scaleTargets: true }, false);
  add(!optimizerRow(plan.optimizer.name).adaptive, { optimizer: { name: 'adam', learningRate: 0.01 } }, false);
  return remedies;
}

/** Several changes at once, for where no single one helps: all that might, with one learning rate or another. */
export function combinations(findings: Findings, traits: Traits): Change[] {
  const { plan, rate } = findings;
  const { inputs, targets, hidden, initGiven, regularised, outOfRange, realTargets } = traits;
  const base: Change = {
    ...(isStandard(inputs) ? {} : { scaleInputs: true }),
    ...(realTargets && !isStandard(targets) ? { scaleTargets: true } : {}),
    ...(initGiven ? { weightInit: 'default', biasInit: 'default' } : {}),
    ...(regularised ? { regularisation: 'none' } : {}),
    ...(outOfRange ? { outputActivation: 'identity' } : {}),
  };
  const rectified: Change = hidden.some(({ activation }) => activation.name !== 'relu') ? { activation: 'relu' } : {};
  const deep: Change = hidden.length >= deepFrom ? { residual: true } : {};
  const speeds: Change[] = usualRates(plan.optimizer)
    .slice(0, 3)
    .map((learningRate) => (learningRate === rate ? {} : { optimizer: { learningRate } }));
  const adam: Change = plan.optimizer.name === 'adam' ? {} : { optimizer: { name: 'adam', learningRate: 0.01 } };
  const slowAdam: Change = { optimizer: { name: 'adam', learningRate: 1e-3 } };
  const list: Change[] = [base];
  for (const speed of speeds) list.push({ ...base, ...speed });
  for (const speed of [...speeds.slice(0, 2), adam]) list.push({ ...base, ...rectified, ...speed });
  for (const speed of [adam, slowAdam]) list.push({ ...base, ...rectified, ...deep, ...speed });
  if (hidden.length >= deepFrom) list.push({ ...base, ...rectified, batchNorm: true, ...adam });
  const larger: Change = { hidden: { layers: 2, units: 64 } };
  const swift: Change = { optimizer: { name: 'adam', learningRate: 0.01 } };
  list.push({ ...base, ...larger }, { ...base, ...larger, ...swift });
  const seen = new Set<string>();
  return list.filter(
    (change) => Object.keys(change).length > 1 && !seen.has(JSON.stringify(change)) && seen.add(JSON.stringify(change)),
  );
}
