// explain: how much each feature of a row moves the model's answer away from the mean answer over background rows.

import { doubles } from '../data/allocate.js';
import { Rows64 } from '../data/rows64.js';
import type { Features } from '../estimators/features.js';
import { choice, given, number, readOptions, whole, type Schema } from '../options.js';
import { chooseMethod } from './budget.js';
import { answeredRows, meanOf } from './background.js';
import { playGames, wholeRows } from './coalitions.js';
import { shapleyOf } from './games.js';
import { kernelCoalitions } from './kernel.js';
import { permuted } from './permutations.js';
import { outputRows, subjectOf, type Explainable, type OutputOptions } from './subject.js';

/** Options of explain. */
export interface ExplainOptions extends OutputOptions {
  /**
   * Rows that stand for "not known": a feature that has not come yet is as in one of them, and the answer without any is their mean answer.
   * All of them are used; about 100 typical rows are usual. Default: the rows of X, or 100 of them drawn by the seed.
   */
  readonly background?: Features;
  /** Of the background rows drawn from X and of the random orders of permutations (default 0). */
  readonly seed?: number;
  /**
   * Seconds for all rows (default 10), > 0. They are counted at a nominal price per network, not measured, so that the same call gives the
   * same bits on every machine: see secondsPerRow.
   */
  readonly budget?: number;
  /** 'auto' (default) is exact where the budget allows, else permutations. */
  readonly method?: 'auto' | 'exact' | 'permutation';
  /** Pairs of permutations for each background row, at least 2 (default: as many as the budget allows). */
  readonly permutations?: number;
  /** The price that the budget is counted in: seconds that one row takes the model (default: by the size of a network; 2e-6 for a function). */
  readonly secondsPerRow?: number;
}

/** What explain found: parts that add up. */
export interface Explanation {
  /** The mean answer over the background rows. */
  readonly base: number;
  /** Shapley values [rows, features]: base + the sum of row i is predictions[i]. */
  readonly values: Rows64;
  /** The model's answer to each row, in the output and scale asked for. */
  readonly predictions: Float64Array;
  /** What the columns of values are called. */
  readonly featureNames: readonly string[];
  /** 'exact': over all coalitions of features. 'permutation': over random orders. */
  readonly method: 'exact' | 'permutation';
  /** Pairs of permutations for each background row, where that was the method. */
  readonly permutations?: number;
  /** Standard errors of values [rows, features], where permutations were the method: of the choice of orders, the background being given. */
  readonly standardErrors?: Rows64;
}

const explainRows = () =>
  ({
    ...outputRows(),
    background: given<Features>(),
    seed: whole({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1, default: 0 }),
    budget: number({ min: 0, minExclusive: true }),
    method: choice(['auto', 'exact', 'permutation'], 'auto'),
    permutations: whole({ min: 2, max: 1_000_000 }),
    secondsPerRow: number({ min: 0, minExclusive: true }),
  }) satisfies Schema<ExplainOptions>;

/**
 * How much each feature of each row of X moves the model's answer away from its mean over the background rows: interventional Shapley
 * values, exact where the budget allows. A feature that is not known yet takes its value from a background row; a feature's part is what
 * its becoming known changes, averaged over all orders in which the features may become known and over the background rows.
 *
 * `model` is an MLP, a fitted MLPClassifier or MLPRegressor (X and background as they take them; a table's column is one feature,
 * whatever its inputs) or a function that takes a Matrix and returns a number per row or rows of outputs.
 * `base + sum of the row = prediction` holds to rounding in float64, whatever the method.
 *
 * @throws ERR_OPTION for options out of range, or a budget that not even two permutations fit in; ERR_STATE before fit; ERR_SHAPE,
 * ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE for X and background.
 * See: Lundberg & Lee 2017, https://arxiv.org/abs/1705.07874; Janzing, Minorics & Blöbaum 2020, https://arxiv.org/abs/1910.13413
 *
 * @example
 * const { base, values, predictions, featureNames } = explain(clf, XTest, { background: XTrain.slice(0, 100), output: 1 });
 * values.row(0); // what each feature of the first row adds to, or takes from, the probability
 */
export function explain(model: Explainable, X: Features, options: ExplainOptions = {}): Explanation {
  const { background, seed, permutations, ...rest } = readOptions(explainRows(), options, 'explain', 'explain.');
  const subject = subjectOf(model, rest as OutputOptions, X, 'explain');
  const [rows, unknown] = answeredRows(subject, X, background, seed);
  const { budget, method: wanted, secondsPerRow } = rest;
  const method = chooseMethod(subject, rows, unknown, { budget, method: wanted, pairs: permutations, secondsPerRow }, 'explain');
  const features = subject.groups.length;
  const values = doubles(rows.rows * features, 'explain');
  const errors = doubles(method.name === 'exact' ? 0 : values.length, 'explain');
  const coalitions = kernelCoalitions(subject, unknown) ?? wholeRows(subject);
  for (let i = 0; i < rows.rows; i++) {
    const phi = values.subarray(i * features, (i + 1) * features);
    if (method.name === 'permutation')
      permuted(subject, coalitions, rows, i, unknown, {
        ...{ seed, phi, pairs: method.pairs },
        errors: errors.subarray(i * features, (i + 1) * features),
      });
    else
      playGames(subject, coalitions, rows, i, unknown, ({ players }, worth) => {
        const own = doubles(players.length, 'explain');
        shapleyOf(worth, players.length, own);
        for (const [k, player] of players.entries()) phi[player]! += own[k]! / unknown.rows;
      });
  }
  return {
    base: meanOf(unknown.answers),
    values: new Rows64(values, rows.rows, features),
    predictions: rows.answers,
    featureNames: subject.groups.map(({ name }) => name),
    method: method.name,
    ...(method.name === 'exact' ? {} : { permutations: method.pairs, standardErrors: new Rows64(errors, rows.rows, features) }),
  };
}
