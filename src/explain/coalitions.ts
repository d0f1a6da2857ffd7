// The worth of every coalition of a game, summed over its background rows: what exact Shapley values and interactions are made of. The two
// ends, no feature and all of them, are f at the background row and at the row itself, as the model answers: parts made of them add up to
// the answer however the coalitions between them were rounded.

import { doubles } from '../data/allocate.js';
import { RowQueue } from './evaluators.js';
import { gamesOf, type Game } from './games.js';
import type { InputRows, Subject } from './subject.js';

/** Rows and their answers. */
export interface Answered extends InputRows {
  readonly answers: Float64Array;
}

/** Adds f at every coalition of a game, the two ends left out, to `worth`, for one background row after the other. */
export interface Coalitions {
  /** `worth` holds 2^p numbers. What it adds may be there only after settle(). */
  add(X: InputRows, i: number, background: InputRows, b: number, players: readonly number[], worth: Float64Array): void;
  settle(): void;
}

/** Coalitions as rows of inputs, each through the whole model. */
export function wholeRows(subject: Subject): Coalitions {
  const { inputs, groups } = subject;
  const queue = new RowQueue(subject.evaluator);
  const known = new Uint8Array(inputs);
  return {
    add: (X, i, background, b, players, worth) => {
      known.fill(0);
      const all = 2 ** players.length - 1;
      // In the order of a Gray code, from one coalition to the next a single player comes or goes.
      for (let step = 1, S = 0; step <= all; step++) {
        const k = trailingZeros(step);
        S ^= 1 << k;
        const { from, to } = groups[players[k]!]!;
        known.fill((S >>> k) & 1, from, to);
        if (S !== all) queue.add(inputs, X.data, i * inputs, background.data, b * inputs, known, worth, S);
      }
    },
    settle: () => queue.flush(),
  };
}

const trailingZeros = (n: number) => 31 - Math.clz32(n & -n);

/** Numbers of coalitions that may wait for their values at a time: 8 MB. */
const mostWaiting = 2 ** 20;

/** Calls `take` for each game of row i with the mean worth of its coalitions over its background rows, times their number. */
export function playGames(
  subject: Subject,
  coalitions: Coalitions,
  X: Answered,
  i: number,
  background: Answered,
  take: (game: Game, worth: Float64Array) => void,
): void {
  const waiting: { readonly game: Game; readonly worth: Float64Array }[] = [];
  let numbers = 0;
  const settle = () => {
    coalitions.settle();
    for (const { game, worth } of waiting) {
      worth[0] = 0;
      for (const b of game.rows) worth[0]! += background.answers[b]!;
      worth[worth.length - 1] = game.rows.length * X.answers[i]!;
      take(game, worth);
    }
    waiting.length = numbers = 0;
  };
  for (const game of gamesOf(subject, X, i, background)) {
    const worth = doubles(2 ** game.players.length, 'explain');
    if (numbers > 0 && numbers + worth.length > mostWaiting) settle();
    for (const b of game.rows) coalitions.add(X, i, background, b, game.players, worth);
    waiting.push({ game, worth });
    numbers += worth.length;
  }
  settle();
}
