// Looks for a change that makes a network learn, by trying: single changes first, then several at once, of which only those stay
// that it cannot do without.

import type { Change } from './changes.js';
import { combinations, remediesFor, type Findings, type Traits } from './remedies.js';
import { learnt, type Outcome, type Trials } from './trials.js';

export interface Cure {
  readonly change: Change;
  readonly outcome: Outcome;
}

/** A cure brings the loss below this share of the best constant's: some way below what counts as having learnt something. */
const healed = 0.85;
/** One that brings it here, with signs that speak for it, is as good as any. */
const good = 0.3;
/** A network that learns is sick all the same if a change brings its loss to less than a tenth; below the first share nobody looks. */
const worthLooking = 0.2;
const tenth = 1 / 12;
/** Changes tried at most; fewer where each takes long. */
const mostTrials = 24;
const mostSlowTrials = 10;
/** Of these, single changes. */
const singles = 0.6;

/** The change that heals; undefined for a network that needs none; an empty one where nothing helped. */
export function findCure(findings: Findings, traits: Traits, own: Outcome, trials: Trials, slow: boolean): Cure | undefined {
  const sick = !(own.ratio < learnt);
  if (!sick && (slow || !(own.ratio > worthLooking))) return undefined;
  if (sick && (findings.frozen || traits.targets.most === 0)) return { change: {}, outcome: own };
  const goal = sick ? healed : tenth * own.ratio;
  const most = slow ? mostSlowTrials : mostTrials;
  const cures: Cure[] = [];
  for (const { change, evident } of remediesFor(findings, traits)) {
    if (trials.count >= singles * most || (!sick && !evident && change.optimizer === undefined)) continue;
    const outcome = trials.with(change);
    if (!(outcome.ratio < goal)) continue;
    cures.push({ change, outcome });
    if (evident && outcome.ratio < Math.min(goal, good)) break;
  }
  const best = Math.min(...cures.map((cure) => cure.outcome.ratio));
  const first = cures.find((cure) => cure.outcome.ratio <= Math.max(good, 3 * best)) ?? cures[0];
  if (first !== undefined || !sick) return first;
  for (const change of combinations(findings, traits)) {
    if (trials.count >= most) break;
    const outcome = trials.with(change);
    if (outcome.ratio < healed) return leaner({ change, outcome }, trials);
  }
  return { change: {}, outcome: own };
}

/** Without what the cure can do without. */
function leaner(cure: Cure, trials: Trials): Cure {
  const enough = Math.min(healed, Math.max(good, 3 * cure.outcome.ratio));
  let kept = cure;
  for (const parts of [
    ['hidden'],
    ['residual', 'batchNorm'],
    ['activation'],
    ['regularisation'],
    ['scaleTargets'],
    ['scaleInputs'],
    ['weightInit', 'biasInit'],
    ['outputActivation'],
    ['optimizer'],
  ]) {
    const rest = Object.fromEntries(Object.entries(kept.change).filter(([name]) => !parts.includes(name))) as Change;
    const left = Object.keys(rest).length;
    if (left === 0 || left === Object.keys(kept.change).length) continue;
    const outcome = trials.with(rest);
    if (outcome.ratio < enough) kept = { change: rest, outcome };
  }
  return kept;
}
