// Interactions of two features: how much two of them together change the answer beyond what each changes alone.

import { doubles } from '../data/allocate.js';
import { Rows64 } from '../data/rows64.js';
import { fail } from '../errors.js';
import type { Features } from '../estimators/features.js';
import { given, readOptions, whole, type Schema } from '../options.js';
import { answeredRows, meanOf } from './background.js';
import { chooseMethod } from './budget.js';
import { playGames, wholeRows } from './coalitions.js';
import { interactionsOf, shapleyOf } from './games.js';
import { kernelCoalitions } from './kernel.js';
import { outputRows, subjectOf, type Explainable, type OutputOptions } from './subject.js';

/** Options of interactions. */
export interface InteractionOptions extends OutputOptions {
  /** Rows that stand for "not known", as in explain. Default: the rows of X, or 100 of them drawn by the seed. */
  readonly background?: Features;
  /** Of the background rows drawn from X (default 0). */
  readonly seed?: number;
}

/** What interactions found. */
export interface Interactions {
  /** The mean answer over the background rows. */
  readonly base: number;
  /**
   * One symmetric matrix [features, features] for each row of X. Off the diagonal: the Shapley interaction index of the two features. On it:
   * what is left of the feature's Shapley value without half of its interactions.
   */
  readonly values: readonly Rows64[];
  /** The model's answer to each row: base + the diagonal + every pair once. */
  readonly predictions: Float64Array;
  /** What the rows and columns of values are called. */
  readonly featureNames: readonly string[];
}

const interactionRows = () =>
  ({
    ...outputRows(),
    background: given<Features>(),
    seed: whole({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1, default: 0 }),
  }) satisfies Schema<InteractionOptions>;

const mostFeatures = 16;

/**
 * Shapley interaction indices of every two features, for each row of X, over all coalitions and all background rows: for features i and j
 *
 *   I_ij = sum over S without i and j of |S|! (M - |S| - 2)! / (M - 1)! (v(S, i, j) - v(S, i) - v(S, j) + v(S))
 *
 * where v(S) is the mean answer when the features of S are known, as in explain. The diagonal holds the Shapley value less half of the
 * feature's interactions, so that a feature's value is the diagonal + half of its pairs, and base + diagonal + every pair once is the
 * prediction. (Some libraries give half of the index off the diagonal, each pair then counting twice.)
 *
 * @throws ERR_OPTION for options out of range, or more than 16 features that differ from the background; what explain throws.
 * See: Grabisch & Roubens 1999, https://doi.org/10.1007/s001820050125
 *
 * @example
 * const { values, featureNames } = interactions((X) => X.toArray().map(([a, b]) => a * b), [[1, 1]], { background: [[0, 0]] });
 * values[0].toArray(); // [[0, 1], [1, 0]]: nothing of either alone, 1 of both together
 */
export function interactions(model: Explainable, X: Features, options: InteractionOptions = {}): Interactions {
  const { background, seed, ...rest } = readOptions(interactionRows(), options, 'interactions', 'interactions.');
  const subject = subjectOf(model, rest as OutputOptions, X, 'interactions');
  const [rows, unknown] = answeredRows(subject, X, background, seed);
  const asked = { budget: undefined, method: 'exact', pairs: undefined, secondsPerRow: undefined } as const;
  chooseMethod(subject, rows, unknown, asked, 'interactions');
  const coalitions = kernelCoalitions(subject, unknown) ?? wholeRows(subject);
  const features = subject.groups.length;
  const values = Array.from({ length: rows.rows }, (_, i) => {
    const matrix = doubles(features * features, 'interactions');
    playGames(subject, coalitions, rows, i, unknown, ({ players }, worth) => {
      const p = players.length;
      if (p > mostFeatures)
        fail(
          'ERR_OPTION',
          `interactions: ${p} features differ between a row and its background, and pairs are made of up to ${mostFeatures}. Put features together with groups.`,
        );
      const index = doubles(p * p, 'interactions');
      const phi = doubles(p, 'interactions');
      interactionsOf(worth, p, index);
      shapleyOf(worth, p, phi);
      for (const [a, i] of players.entries()) {
        let own = phi[a]!;
        for (const [b, j] of players.entries()) {
          matrix[i * features + j]! += index[a * p + b]! / unknown.rows;
          own -= index[a * p + b]! / 2;
        }
        matrix[i * features + i]! += own / unknown.rows;
      }
    });
    return new Rows64(matrix, features, features);
  });
  return {
    base: meanOf(unknown.answers),
    values,
    predictions: rows.answers,
    featureNames: subject.groups.map(({ name }) => name),
  };
}
