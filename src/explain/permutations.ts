// Shapley values by permutations in pairs: the features of the row come in one after the other in a random order, and again in the reverse
// order, and each is credited with what its coming changed. Every background row gets as many pairs, so the parts still add up exactly.
// See: Mitchell, Cooper, Frank & Holmes, "Sampling permutations for Shapley value estimation" (2022), on reversed ("antithetic") pairs.

import { doubles } from '../data/allocate.js';
import { Random } from '../data/random.js';
import type { Answered, Coalitions } from './coalitions.js';
import { RowQueue } from './evaluators.js';
import { gamesOf, shapleyOf } from './games.js';
import type { Subject } from './subject.js';

/** Evaluations of a background row that differs in `players` features: its coalitions where they are no more, else its pairs. */
export function evaluationsOf(players: number, pairs: number): number {
  if (players < 2) return 0;
  return Math.min(2 ** players - 2, pairs * 2 * (players - 1));
}

/** Whether all coalitions are looked at: no more work than the pairs, and no error. */
const isExact = (players: number, pairs: number) => 2 ** players - 2 <= pairs * 2 * (players - 1);

/**
 * Estimated Shapley values of row i, into phi, and their standard errors, into errors (both one for each feature). The random orders are
 * those of (seed, background row, pair), whatever the row, so a row's values do not depend on the rows around it.
 */
export function permuted(
  subject: Subject,
  coalitions: Coalitions,
  X: Answered,
  i: number,
  background: Answered,
  options: { readonly seed: number; readonly pairs: number; readonly phi: Float64Array; readonly errors: Float64Array },
): void {
  const { seed, pairs, phi, errors } = options;
  const variances = doubles(phi.length, 'explain');
  const queue = new RowQueue(subject.evaluator);
  const share = 1 / background.rows;
  for (const { players, rows } of gamesOf(subject, X, i, background)) {
    const p = players.length;
    const own = doubles(p, 'explain');
    if (isExact(p, pairs)) {
      const worth = doubles(2 ** p, 'explain');
      for (const b of rows) coalitions.add(X, i, background, b, players, worth);
      coalitions.settle();
      for (const b of rows) worth[0]! += background.answers[b]!;
      worth[worth.length - 1] = rows.length * X.answers[i]!;
      shapleyOf(worth, p, own);
      for (const [k, player] of players.entries()) phi[player]! += own[k]! * share;
      continue;
    }
    const squares = doubles(p, 'explain');
    const credit = doubles(p, 'explain');
    for (const b of rows) {
      const orders = new Random(seed, `explain ${b}`);
      const walks = walk(subject, queue, X, i, background, b, players, orders, pairs);
      own.fill(0);
      squares.fill(0);
      for (const [pair, { order, values }] of walks.entries()) {
        credit.fill(0);
        credited(order, values, background.answers[b]!, X.answers[i]!, credit);
        // Welford's running mean and sum of squares.
        for (let k = 0; k < p; k++) {
          const off = credit[k]! - own[k]!;
          own[k]! += off / (pair + 1);
          squares[k]! += off * (credit[k]! - own[k]!);
        }
      }
      for (const [k, player] of players.entries()) {
        phi[player]! += own[k]! * share;
        variances[player]! += (squares[k]! / (pairs - 1) / pairs) * share * share;
      }
    }
  }
  for (let g = 0; g < phi.length; g++) errors[g] = Math.sqrt(variances[g]!);
}

interface Walk {
  /** Players in the order of their coming. */
  readonly order: Uint32Array;
  /** f after each but the last, in this order and then in the reverse one. */
  readonly values: Float64Array;
}

/** f along `pairs` random orders of the players and their reverses. */
function walk(
  subject: Subject,
  queue: RowQueue,
  X: Answered,
  i: number,
  background: Answered,
  b: number,
  players: readonly number[],
  random: Random,
  pairs: number,
): Walk[] {
  const { inputs, groups } = subject;
  const p = players.length;
  const known = new Uint8Array(inputs);
  const walks = Array.from({ length: pairs }, (): Walk => {
    const order = random.permutation(p);
    const values = doubles(2 * (p - 1), 'explain');
    for (const back of [false, true]) {
      known.fill(0);
      for (let n = 0; n < p - 1; n++) {
        const { from, to } = groups[players[order[back ? p - 1 - n : n]!]!]!;
        known.fill(1, from, to);
        queue.add(inputs, X.data, i * inputs, background.data, b * inputs, known, values, (back ? p - 1 : 0) + n);
      }
    }
    return { order, values };
  });
  queue.flush();
  return walks;
}

/** What each player's coming changed, the mean of both orders, added to credit. */
function credited(order: Uint32Array, values: Float64Array, start: number, end: number, credit: Float64Array): void {
  const p = order.length;
  for (const back of [false, true]) {
    let before = start;
    for (let n = 0; n < p; n++) {
      const after = n < p - 1 ? values[(back ? p - 1 : 0) + n]! : end;
      credit[order[back ? p - 1 - n : n]!]! += (after - before) / 2;
      before = after;
    }
  }
}
