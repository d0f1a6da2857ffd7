// From which probability on a classifier of two classes says the second: the threshold that is best on rows held out, by a metric or by what
// mistakes cost.

import type { Label } from '../data/labels.js';
import { fail, show } from '../errors.js';
import { checkNumber, choice, given, group, number, type Schema } from '../options.js';

/** How often each thing happened at a threshold. */
export interface Outcomes {
  /** Positive rows told as such. */
  readonly truePositives: number;
  /** Negative rows told as positive. */
  readonly falsePositives: number;
  /** Negative rows told as such. */
  readonly trueNegatives: number;
  /** Positive rows told as negative. */
  readonly falseNegatives: number;
}

/** What each outcome of a row costs; gains are negative. */
export interface OutcomeCosts {
  /** A negative row told as positive (default 1). */
  readonly falsePositive?: number;
  /** A positive row told as negative (default 1). */
  readonly falseNegative?: number;
  /** A positive row told as such (default 0). */
  readonly truePositive?: number;
  /** A negative row told as such (default 0). */
  readonly trueNegative?: number;
}

/** Options of MLPClassifier's chooseThreshold. */
export interface ThresholdOptions {
  /** What is to be large: a name, or a function of the counts (default 'balancedAccuracy', unless there are costs). */
  readonly metric?: 'accuracy' | 'balancedAccuracy' | 'f1' | ((outcomes: Outcomes) => number);
  /** What is to be small: the sum of these over the rows. */
  readonly costs?: OutcomeCosts;
  /** The class that is positive (default: the second of `classes`). */
  readonly positive?: Label;
}

const costRows = {
  falsePositive: number({ default: 1 }),
  falseNegative: number({ default: 1 }),
  truePositive: number({ default: 0 }),
  trueNegative: number({ default: 0 }),
} satisfies Schema<OutcomeCosts>;

const METRICS = ['accuracy', 'balancedAccuracy', 'f1'] as const;

export const thresholdRows = {
  metric: (value, name) =>
    typeof value === 'function' ? (value as (outcomes: Outcomes) => number) : choice(METRICS)(value, name),
  costs: group(costRows),
  positive: given<Label>(),
} satisfies Schema<ThresholdOptions>;

/**
 * The threshold t for which telling the second class where its probability is above t is best; of equally good ones that nearest to a half. It
 * lies in the middle between two probabilities that occur, or at 0 or 1. `ids`: 1 for rows of the second class.
 * @throws ERR_LABEL when a class has no row; ERR_OPTION for options that do not go together, or a metric that gives no number.
 */
export function bestThreshold(
  second: ArrayLike<number>,
  ids: ArrayLike<number>,
  { metric, costs, positive }: { readonly [K in keyof ThresholdOptions]?: ThresholdOptions[K] | undefined },
  classes: readonly Label[],
): number {
  if (metric !== undefined && costs !== undefined)
    fail('ERR_OPTION', 'chooseThreshold: metric and costs are two ways to choose. Leave one of them out.');
  if (positive !== undefined && !classes.includes(positive))
    fail('ERR_OPTION', `positive: there is no class ${show(positive)}. Classes: ${classes.map(show).join(', ')}.`);
  const rows = second.length;
  const ones = Array.from(ids).filter((id) => id === 1).length;
  if (ones === 0 || ones === rows)
    fail(
      'ERR_LABEL',
      `chooseThreshold: every row of y is ${show(classes[ones === 0 ? 0 : 1])}, so there is nothing to tell apart.`,
    );
  const score = scorer(metric, costs);
  const flipped = positive === classes[0];
  const order = Array.from({ length: rows }, (_, i) => i).sort((a, b) => second[a]! - second[b]!);
  // Rows order[0 … k) are told the first class, the others the second.
  let [first, missed] = [0, 0];
  let best = { threshold: 0, score: Number.NEGATIVE_INFINITY };
  for (let k = 0; k <= rows; k++) {
    const [below, above] = [k === 0 ? undefined : second[order[k - 1]!]!, k === rows ? undefined : second[order[k]!]!];
    if (below === undefined || above === undefined || below < above) {
      const threshold = below === undefined ? (above! > 0 ? 0 : -1) : above === undefined ? 1 : (below + above) / 2;
      const told = { first: first, missed, hit: ones - missed, false: rows - ones - first };
      const outcomes: Outcomes = flipped
        ? { truePositives: told.first, falsePositives: told.missed, trueNegatives: told.hit, falseNegatives: told.false }
        : { truePositives: told.hit, falsePositives: told.false, trueNegatives: told.first, falseNegatives: told.missed };
      const value = score(outcomes);
      const nearer = Math.abs(threshold - 0.5) < Math.abs(best.threshold - 0.5);
      if (threshold >= 0 && (value > best.score || (value === best.score && nearer))) best = { threshold, score: value };
    }
    if (k < rows) {
      if (ids[order[k]!] === 1) missed++;
      else first++;
    }
  }
  return best.threshold;
}

function scorer(metric: ThresholdOptions['metric'], costs: OutcomeCosts | undefined): (outcomes: Outcomes) => number {
  if (costs !== undefined) {
    const { falsePositive = 1, falseNegative = 1, truePositive = 0, trueNegative = 0 } = costs;
    return (of) =>
      -(
        falsePositive * of.falsePositives +
        falseNegative * of.falseNegatives +
        truePositive * of.truePositives +
        trueNegative * of.trueNegatives
      );
  }
  if (typeof metric === 'function') return (of) => checkNumber(metric(of), 'metric: what it returned');
  return scores[metric ?? 'balancedAccuracy'];
}

const scores: Readonly<Record<(typeof METRICS)[number], (outcomes: Outcomes) => number>> = {
  accuracy: ({ truePositives, trueNegatives }) => truePositives + trueNegatives,
  balancedAccuracy: ({ truePositives, falsePositives, trueNegatives, falseNegatives }) =>
    truePositives / (truePositives + falseNegatives) + trueNegatives / (trueNegatives + falsePositives),
  f1: ({ truePositives, falsePositives, falseNegatives }) =>
    (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives),
};
