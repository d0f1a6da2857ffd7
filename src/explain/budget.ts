// Exact or permutations, and how many: what a budget in seconds allows. The seconds are counted, not measured: a nominal price for each
// made-up row, a function of the network's size alone. So the choice is the same on every machine and in every run, and with it the bits.

import { LayerKind } from '../../assembly/abi.js';
import { fail } from '../errors.js';
import { gamesOf, mostPlayers } from './games.js';
import { evaluationsOf } from './permutations.js';
import type { InputRows, Subject } from './subject.js';

/** How Shapley values are computed. */
export type Method = { readonly name: 'exact' } | { readonly name: 'permutation'; readonly pairs: number };

/** What was asked for. */
export interface MethodOptions {
  readonly budget: number | undefined;
  readonly method: 'auto' | 'exact' | 'permutation';
  readonly pairs: number | undefined;
  readonly secondsPerRow: number | undefined;
}

const defaultBudget = 10; // seconds
const leastPairs = 2; // a standard error needs two
const mostPairs = 10_000;

/** The nominal price of a made-up row, in seconds. */
function secondsPerRow(subject: Subject): number {
  const { network, inputs } = subject;
  if (network === undefined) return 2e-6;
  const { layers } = network.trainer.plan;
  let products = 0;
  let units = 0;
  for (const { kind, inputs: from, outputs, projection } of layers) {
    if (kind === LayerKind.Dense || projection) products += from * outputs;
    units += outputs;
  }
  const plain = network.trainer.backend.x instanceof Float64Array ? 10 : 1;
  return 5e-8 + 2e-9 * inputs + plain * (units * 1e-9 + products * 6e-11);
}

/** The method for all rows of X. @throws ERR_OPTION for what was asked for and cannot be done. */
export function chooseMethod(subject: Subject, X: InputRows, background: InputRows, options: MethodOptions, who: string): Method {
  const { budget, method, pairs, secondsPerRow: own = secondsPerRow(subject) } = options;
  if (method === 'permutation' && pairs !== undefined) return { name: 'permutation', pairs };
  const pairsOf = differences(subject, X, background);
  const most = pairsOf.length - 1;
  const limit = budget ?? defaultBudget;
  const exact = own * count(pairsOf, (players) => Math.max(0, 2 ** players - 2));
  if (method === 'exact') {
    if (most > mostPlayers)
      fail(
        'ERR_OPTION',
        `${who}: ${most} features differ between a row and its background; exact values look at all coalitions of up to ${mostPlayers}. Use method: 'permutation', or put features together with groups.`,
      );
    return { name: 'exact' };
  }
  if (method === 'auto' && most <= mostPlayers && exact <= limit) return { name: 'exact' };
  if (pairs !== undefined) return { name: 'permutation', pairs };
  const price = (n: number) => own * count(pairsOf, (players) => evaluationsOf(players, n));
  if (budget !== undefined && price(leastPairs) > budget)
    fail(
      'ERR_OPTION',
      `${who}.budget: ${X.rows} rows beside ${background.rows} background rows take about ${price(leastPairs).toPrecision(2)} seconds with the fewest permutations, and the budget is ${budget}. Pass fewer background rows (100 are usual), fewer rows, or a larger budget.`,
    );
  let n = leastPairs;
  while (n < mostPairs && price(2 * n) <= limit) n *= 2;
  return { name: 'permutation', pairs: Math.min(n, mostPairs) };
}

/** counts[p]: how often a row and a background row differ in p features; the last is not 0. */
function differences(subject: Subject, X: InputRows, background: InputRows): number[] {
  const counts = [0];
  for (let i = 0; i < X.rows; i++)
    for (const { players, rows } of gamesOf(subject, X, i, background)) {
      while (counts.length <= players.length) counts.push(0);
      counts[players.length]! += rows.length;
    }
  return counts;
}

function count(counts: readonly number[], evaluations: (players: number) => number): number {
  return counts.reduce((sum, n, players) => sum + n * evaluations(players), 0);
}
