// Cooperative games behind explanations: for a row x and a background row b, the players are the features in which the two differ, and a
// coalition S is worth f at the row that has x's features in S and b's elsewhere. Features that do not differ change nothing, so they are
// no players: their values are exactly 0, and each of them halves the work.

import type { InputRows, Subject } from './subject.js';

/** Background rows that differ from a row in the same features. */
export interface Game {
  /** Features in which they differ, ascending: player k is bit k of a coalition. */
  readonly players: readonly number[];
  /** The background rows. */
  readonly rows: readonly number[];
}

/** The most players whose coalitions are all looked at: 2^20 numbers are 8 MB. */
export const mostPlayers = 20;

/** Background rows by the features in which they differ from row i of X, in order of first appearance. Rows equal to it are in none. */
export function gamesOf(subject: Subject, X: InputRows, i: number, background: InputRows): Game[] {
  const { inputs, groups } = subject;
  const games = new Map<number | string, { players: number[]; rows: number[] }>();
  const differs = new Uint8Array(groups.length);
  for (let b = 0; b < background.rows; b++) {
    let bits = 0; // the players, where there are at most 31 features
    let count = 0;
    for (let g = 0; g < groups.length; g++) {
      const { from, to } = groups[g]!;
      differs[g] = 0;
      for (let j = from; j < to && differs[g] === 0; j++)
        if (X.data[i * inputs + j] !== background.data[b * inputs + j]) differs[g] = 1;
      bits |= differs[g]! << g;
      count += differs[g]!;
    }
    if (count === 0) continue;
    const key = groups.length < 32 ? bits : differs.join('');
    const game = games.get(key);
    if (game === undefined) games.set(key, { players: playersOf(differs, count), rows: [b] });
    else game.rows.push(b);
  }
  return [...games.values()];
}

function playersOf(differs: Uint8Array, count: number): number[] {
  const players = new Array<number>(count);
  for (let g = 0, k = 0; g < differs.length; g++) if (differs[g] === 1) players[k++] = g;
  return players;
}

/**
 * Shapley values of a game of p players from the worth of all 2^p coalitions, into phi[0 … p-1]:
 *
 *   phi_j = sum over S without j of |S|! (p - |S| - 1)! / p! (v(S and j) - v(S))
 *
 * Each v(S) counts for its members with the weight of S less a member, against the others with its own. Written as the sum over S with j
 * of both weights together, less the sum over all S of the second, it takes 2^(p+1) additions: halves are folded player by player.
 * v is used up. See: Shapley, "A value for n-person games" (1953).
 */
export function shapleyOf(v: Float64Array, p: number, phi: Float64Array): void {
  const weights = coalitionWeights(p);
  const size = 1 << p;
  let against = 0;
  for (let S = 0; S < size; S++) {
    const members = membersOf(S);
    const without = weights[members]!; // 0 for all players
    against += without * v[S]!;
    v[S] = (without + (members === 0 ? 0 : weights[members - 1]!)) * v[S]!;
  }
  for (let j = p - 1; j >= 0; j--) {
    const half = 1 << j;
    let sum = 0;
    for (let S = 0; S < half; S++) {
      sum += v[half + S]!;
      v[S]! += v[half + S]!;
    }
    phi[j] = sum - against;
  }
}

/** weights[s] = s! (p - s - 1)! / p! for s < p, and 0 for s = p. */
function coalitionWeights(p: number): Float64Array {
  const weights = new Float64Array(p + 1);
  let binomial = 1; // (p - 1) choose s
  for (let s = 0; s < p; s++) {
    weights[s] = 1 / (p * binomial);
    binomial = (binomial * (p - 1 - s)) / (s + 1);
  }
  return weights;
}

/**
 * Shapley interaction indices of all pairs of players from the worth of all coalitions, into index[i * p + j], symmetric, 0 on the diagonal:
 *
 *   I_ij = sum over S without i and j of |S|! (p - |S| - 2)! / (p - 1)! (v(S, i, j) - v(S, i) - v(S, j) + v(S))
 *
 * See: Grabisch & Roubens, "An axiomatic approach to the concept of interaction" (1999).
 */
export function interactionsOf(v: Float64Array, p: number, index: Float64Array): void {
  const weights = coalitionWeights(p - 1);
  for (let i = 0; i < p; i++)
    for (let j = i + 1; j < p; j++) {
      const [bi, bj] = [1 << i, 1 << j];
      let sum = 0;
      for (let S = 0; S < 1 << p; S++) {
        if ((S & bi) !== 0 || (S & bj) !== 0) continue;
        sum += weights[membersOf(S)]! * (v[S | bi | bj]! - v[S | bi]! - v[S | bj]! + v[S]!);
      }
      index[i * p + j] = sum;
      index[j * p + i] = sum;
    }
}

/** Members of a coalition: bits that are set. */
function membersOf(S: number): number {
  S -= (S >>> 1) & 0x55555555;
  S = (S & 0x33333333) + ((S >>> 2) & 0x33333333);
  return Math.imul((S + (S >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
