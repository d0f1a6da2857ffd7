// The tree-structured Parzen estimator: candidates so far are split into the good and the rest, a density is laid over each, and of some
// points drawn from the good ones' density the one is tried where it exceeds the other's most. Settings are those of Optuna 5.
// See: Bergstra et al. 2011, https://proceedings.neurips.cc/paper/4443; Watanabe 2023, arXiv:2304.11127.

import { Random } from '../data/random.js';
import type { Json } from '../formats/json.js';
import type { Candidate, CandidateOutcome } from './contract.js';
import { frontNumbers, mostVolume, volumeShares } from './paretoFront.js';
import { coordinateOf, ParzenEstimator, valueOfCoordinate } from './parzen.js';
import { makeCandidate, valueAtIndex, type Parameter } from './space.js';

/** The settings of the sampler. */
export interface TpeSettings {
  /** So many candidates are drawn at random before the first that is not. */
  readonly startup: number;
  /** So many points are drawn for each candidate, of which the most promising is taken. */
  readonly points: number;
}

/** A candidate that has been tried, or is being tried in the same round. */
interface Tried {
  readonly candidate: Candidate;
  /** Less is better. Candidates are compared by `tier` first: those that ended, pruned ones by how far they came, those that failed, those under way. */
  readonly losses: readonly number[];
  readonly tier: number;
}

const UNDER_WAY = Number.POSITIVE_INFINITY;
const FAILED = Number.MAX_VALUE;
const COMPLETE = Number.NEGATIVE_INFINITY;

/**
 * The candidates of a round by their numbers. Those of the same round that come before count as the worst there are (the constant liar), so
 * that a round does not crowd where it looks best.
 */
export function proposeRound(
  parameters: readonly Parameter[],
  earlier: readonly CandidateOutcome[],
  numbers: readonly number[],
  seed: number,
  atRandom: (number: number) => Candidate,
  settings: TpeSettings,
): Candidate[] {
  const tried = earlier.flatMap(triedOf);
  const finished = tried.length;
  const groups = groupsOf(parameters);
  return numbers.map((number) => {
    const candidate =
      number < settings.startup || finished === 0
        ? atRandom(number)
        : propose(parameters, groups, tried, new Random(seed, `tpe ${number}`), settings.points);
    tried.push({ candidate, losses: [], tier: UNDER_WAY });
    return candidate;
  });
}

/** How a candidate of an earlier round counts: a loss that is no number is a failure, and one that the search was stopped in counts for nothing. */
function triedOf({ candidate, state, steps, losses }: CandidateOutcome): Tried[] {
  if (state === 'stopped') return [];
  if (state === 'failed' || !losses.every(Number.isFinite)) return [{ candidate, losses: [], tier: FAILED }];
  return [{ candidate, losses, tier: state === 'complete' ? COMPLETE : -steps.length }];
}

function propose(
  parameters: readonly Parameter[],
  groups: readonly (readonly Parameter[])[],
  tried: readonly Tried[],
  random: Random,
  points: number,
): Candidate {
  const { good, rest, weights } = split(tried);
  const values = new Map<Parameter, Json>();
  return makeCandidate(parameters, (parameter) => {
    if (parameter.count === 1) return valueAtIndex(parameter, 0);
    if (!values.has(parameter)) {
      const group = groups.find((members) => members.includes(parameter))!;
      const point = mostPromising(group, [good, rest], weights, random, points);
      group.forEach((member, j) => {
        values.set(member, valueOfCoordinate(member, point[j]!));
      });
    }
    return values.get(parameter)!;
  });
}

/** Of some points drawn from the density of the good candidates the one with the greatest ratio of it to that of the rest. */
function mostPromising(
  group: readonly Parameter[],
  [good, rest]: readonly [readonly Tried[], readonly Tried[]],
  weights: readonly number[] | undefined,
  random: Random,
  points: number,
): readonly number[] {
  const has = ({ candidate }: Tried) => Object.hasOwn(candidate, group[0]!.name);
  const pointOf = ({ candidate }: Tried) => group.map((parameter) => coordinateOf(parameter, candidate[parameter.name]));
  const below = new ParzenEstimator(
    group,
    good.filter(has).map(pointOf),
    weights?.filter((_, i) => has(good[i]!)),
  );
  const above = new ParzenEstimator(group, rest.filter(has).map(pointOf));
  let [best, most]: [readonly number[], number] = [[], Number.NEGATIVE_INFINITY];
  for (let i = 0; i < points; i++) {
    const point = below.sample(random);
    const ratio = below.logDensity(point) - above.logDensity(point);
    if (best.length === 0 || ratio > most) [best, most] = [point, ratio];
  }
  return best;
}

/** How many of n candidates are good: a tenth, at most 25. */
export function goodOf(n: number): number {
  return Math.min(Math.ceil(0.1 * n), 25);
}

/**
 * The good candidates, the rest, both in the order they were tried in. Of several objectives whole fronts are good; of the front that is too
 * large those that cover the greatest volume, and each weighs by what the volume of the good would be less without it.
 */
export function split(tried: readonly Tried[]): { good: Tried[]; rest: Tried[]; weights: number[] | undefined } {
  const size = goodOf(tried.reduce((count, { tier }) => count + (tier === UNDER_WAY ? 0 : 1), 0));
  const several = tried.some(({ losses }) => losses.length > 1);
  const chosen = new Set(several ? bestByFronts(tried, size) : bestByLoss(tried, size));
  const good = tried.filter((_, i) => chosen.has(i));
  const rest = tried.filter((_, i) => !chosen.has(i));
  return { good, rest, weights: several ? volumeShares(good.map(({ losses }) => losses)) : undefined };
}

function bestByLoss(tried: readonly Tried[], size: number): number[] {
  const order = tried.map((_, i) => i);
  const lossOf = (i: number) => tried[i]!.losses[0] ?? 0;
  order.sort((a, b) => compare(tried[a]!.tier, tried[b]!.tier) || compare(lossOf(a), lossOf(b)) || a - b);
  return order.slice(0, size);
}

/** Infinities are equal to themselves, where their difference is NaN. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Only candidates that ended are compared on several objectives: the losses of others are not of the same kind. */
function bestByFronts(tried: readonly Tried[], size: number): number[] {
  const ended = tried.flatMap(({ tier }, i) => (tier === COMPLETE ? [i] : []));
  const losses = ended.map((i) => tried[i]!.losses);
  const fronts = frontNumbers(losses);
  const chosen: number[] = [];
  for (let front = 0; chosen.length < Math.min(size, ended.length); front++) {
    const members = fronts.flatMap((number, i) => (number === front ? [i] : []));
    const room = size - chosen.length;
    if (members.length <= room) chosen.push(...members);
    else
      for (const i of mostVolume(
        members.map((member) => losses[member]!),
        room,
      ))
        chosen.push(members[i]!);
  }
  return chosen.map((i) => ended[i]!);
}

/** Parameters that always exist together are drawn together; those of one value alone are not drawn at all. */
function groupsOf(parameters: readonly Parameter[]): Parameter[][] {
  const groups = new Map<string, Parameter[]>();
  for (const parameter of parameters) {
    if (parameter.count === 1) continue;
    const condition = Object.entries(parameter.when ?? {})
      .map(([name, values]) => `${JSON.stringify(name)}: ${values.map((value) => JSON.stringify(value)).sort()}`)
      .sort()
      .join('; ');
    groups.set(condition, [...(groups.get(condition) ?? []), parameter]);
  }
  return [...groups.values()];
}
