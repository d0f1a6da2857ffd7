// The worth of every coalition of a game, summed over its background rows: what exact Shapley values and interactions are made of. The two
// ends, no feature and all of them, are f at the background row and at the row itself, as the model answers: parts made of them add up to
// the answer however the coalitions between them were rounded.

import { doubles, type Floats } from '../data/allocate.js';
import { gamesOf, type Game } from './games.js';
import type { InputRows, Subject } from './subject.js';

/** Rows and their answers. */
export interface Answered extends InputRows {
  readonly answers: Float64Array;
}

/** Adds f at every coalition of a game to `worth`, for one background row after the other. The two ends are left to whoever asks. */
export interface Coalitions {
  /** `worth` holds 2^p numbers. What it adds may be there only after settle(). */
  add(X: InputRows, i: number, background: InputRows, b: number, players: readonly number[], worth: Float64Array): void;
  settle(): void;
}

/** Coalitions of one game in the window: rows from `row` on are those of steps `first`, `first` + 1, … of its Gray code. */
interface Stretch {
  readonly worth: Float64Array;
  readonly first: number;
  readonly row: number;
  readonly count: number;
}

/**
 * Coalitions as rows of inputs, each through the whole model. In the order of a Gray code a single player comes or goes from one coalition to
 * the next, so a row is the one before with one feature changed.
 */
export function wholeRows({ inputs, groups, evaluator }: Subject): Coalitions {
  const out = new Float64Array(evaluator.chunk);
  const stretches: Stretch[] = [];
  let rows = 0;
  let window = evaluator.window();
  let current: Floats = new Float32Array(0);
  const settle = () => {
    if (rows === 0) return;
    evaluator.run(rows, out);
    for (const { worth, first, row, count } of stretches)
      for (let k = 0; k < count; k++) worth[(first + k) ^ ((first + k) >>> 1)]! += out[row + k]!;
    rows = stretches.length = 0;
    window = evaluator.window();
  };
  return {
    add: (X, i, background, b, players, worth) => {
      current = background.data.slice(b * inputs, (b + 1) * inputs);
      const steps = 2 ** players.length;
      for (let step = 1; step < steps; ) {
        const count = Math.min(steps - step, evaluator.chunk - rows);
        stretches.push({ worth, first: step, row: rows, count });
        const { x, stride } = window;
        for (let at = rows * stride, end = step + count; step < end; step++, at += stride) {
          const k = trailingZeros(step);
          const { from, to } = groups[players[k]!]!;
          const comes = ((step ^ (step >>> 1)) >>> k) & 1;
          const source = comes === 1 ? X.data : background.data;
          const shift = (comes === 1 ? i : b) * inputs;
          for (let j = from; j < to; j++) current[j] = source[shift + j]!;
          for (let j = 0; j < inputs; j++) x[at + j] = current[j]!;
        }
        rows += count;
        if (rows === evaluator.chunk) settle();
      }
    },
    settle,
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
