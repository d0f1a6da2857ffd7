// Which parameters of a space mattered: a forest learns from the candidates that ended how good a candidate is, and of what it says over
// the whole space each parameter alone explains a share. First-order indices of an analysis of variance, on a surrogate.
// See: Hutter, Hoos & Leyton-Brown 2014, https://proceedings.mlr.press/v32/hutter14.html; Sobol' 1993.

import { Random } from '../data/random.js';
import type { Candidate } from './contract.js';
import { forest } from './forest.js';
import { makeCandidate, drawValue, indexOf, type Parameter } from './space.js';

/** How much one parameter explains. */
export interface ParameterImportance {
  readonly name: string;
  /** Share of the variance, in [0, 1], that goes with this parameter alone. Shares add up to less than 1 where parameters act together. */
  readonly share: number;
}

/** Candidates that are asked of the forest. */
const DRAWN = 2048;
/** Parts that a parameter's range is cut into. */
const PARTS = 16;
/** Fewer candidates than this say nothing. */
const LEAST = 8;

/**
 * The importance of each parameter that could be one thing or another, the greatest first. Losses count by their ranks, so that a candidate
 * which failed badly is the worst and not worse than that.
 * @returns none of them where fewer than eight candidates ended, or all with the same loss
 */
export function parameterImportance(
  parameters: readonly Parameter[],
  tried: readonly { readonly candidate: Candidate; readonly loss: number }[],
  seed: number,
): ParameterImportance[] {
  const known = tried.filter(({ loss }) => !Number.isNaN(loss));
  const changing = parameters.filter(({ count }) => count > 1);
  if (known.length < LEAST || changing.length === 0) return [];
  const random = new Random(seed, 'importance of parameters');
  const sorted = known.map(({ loss }) => loss).sort((a, b) => a - b);
  const rank = ({ loss }: { readonly loss: number }) => (sorted.indexOf(loss) + sorted.lastIndexOf(loss)) / 2 / known.length;
  const rowOf = (candidate: Candidate) => changing.map((parameter) => coordinate(parameter, candidate));
  const answer = forest(
    known.map(({ candidate }) => rowOf(candidate)),
    known.map(rank),
    random,
  );
  const rows = Array.from({ length: DRAWN }, () => rowOf(makeCandidate(parameters, (parameter) => drawValue(parameter, random))));
  const answers = rows.map(answer);
  const all = moments(answers);
  if (all.variance < 1e-12) return [];
  return changing
    .map(({ name }, j) => ({
      name,
      share: explained(
        rows.map((row) => row[j]!),
        answers,
        all,
      ),
    }))
    .sort((a, b) => b.share - a.share);
}

/** Where a value lies in its range, from 0 to 1; the number of a category; -1 where the parameter does not exist. */
function coordinate(parameter: Parameter, candidate: Candidate): number {
  const value = candidate[parameter.name];
  if (!Object.hasOwn(candidate, parameter.name)) return -1;
  if (parameter.kind === 'categorical') return indexOf(parameter, value);
  const { low, high, logarithmic } = parameter;
  return logarithmic ? Math.log((value as number) / low) / Math.log(high / low) : ((value as number) - low) / (high - low);
}

/** The variance of the mean answer at each value (or part of the range), less what so many means vary by chance, as a share of all variance. */
function explained(
  values: readonly number[],
  answers: readonly number[],
  all: { readonly mean: number; readonly variance: number },
): number {
  const groups = new Map<number, number[]>();
  const different = new Set(values).size;
  values.forEach((value, i) => {
    const part = different <= PARTS ? value : value < 0 ? -1 : Math.min(PARTS - 1, Math.floor(value * PARTS));
    groups.set(part, [...(groups.get(part) ?? []), answers[i]!]);
  });
  let [between, chance] = [0, 0];
  for (const group of groups.values()) {
    const { mean, variance } = moments(group);
    between += (group.length / answers.length) * (mean - all.mean) ** 2;
    chance += variance / answers.length;
  }
  return Math.min(1, Math.max(0, (between - chance) / all.variance));
}

function moments(values: readonly number[]): { readonly mean: number; readonly variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}
