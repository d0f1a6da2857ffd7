// Sets of classes that hold the true one with a given confidence, from rows that a classifier did not learn from.
//
// LAC scores a class by 1 - p: a set holds every class whose probability is high enough, and is the smallest on average; where nothing is
// likely enough it is empty. APS scores a class by the probabilities of all classes at least as likely, its own included: sets grow where
// the classifier is unsure. The likeliest class is always in. Nothing is drawn: where no scores are equal the classes within reach hold the true
// one exactly as often as asked (as a score of its own, not as the randomised rule of the paper), and the likeliest class, put into a set that
// would be empty, only adds to that.
// See: Sadinle, Lei & Wasserman 2019, https://arxiv.org/abs/1609.00451; Romano, Sesia & Candès 2020, https://arxiv.org/abs/2006.02544

import type { SavedState } from '../columns.js';
import { ConformalScores, confidenceRow } from './conformal.js';
import type { Matrix } from '../matrix.js';
import { fail } from '../../errors.js';
import { choice, type Schema } from '../../options.js';

/** How classes are scored: see above. */
export type SetMethod = 'lac' | 'aps';

/** Options of MLPClassifier's predictSet. */
export interface SetOptions {
  /** Probability that a set holds the true class, in (0, 1) (default 0.9). */
  readonly confidence?: number;
  /** 'lac': the smallest sets on average, empty for rows unlike any class; 'aps': larger where the classifier is unsure, never empty (default 'lac'). */
  readonly method?: SetMethod;
}

export const setRows = { confidence: confidenceRow, method: choice(['lac', 'aps'], 'lac') } satisfies Schema<SetOptions>;

/** The scores of the true classes of all rows. */
export type PredictionSets = Readonly<Record<SetMethod, ConformalScores>>;

/** `truth`: a class id for each row. @throws ERR_EMPTY without a row. */
export function fitSets(truth: ArrayLike<number>, proba: Matrix): PredictionSets {
  const [rows] = proba.shape;
  if (rows === 0) fail('ERR_EMPTY', 'conformalize: X has no rows.');
  const of = (method: SetMethod) => {
    const scores = Float64Array.from({ length: rows }, (_, i) => scoresOf(proba.row(i), method)[truth[i]!]!);
    return ConformalScores.of(scores);
  };
  return { lac: of('lac'), aps: of('aps') };
}

/** For each row the ids of its classes, the likeliest first. @throws ERR_OPTION for a confidence that there were too few rows for. */
export function setsOf(sets: PredictionSets, proba: Matrix, confidence: number, method: SetMethod): number[][] {
  const reach = sets[method].quantile(confidence, 'conformalize');
  return Array.from({ length: proba.shape[0] }, (_, i) => {
    const row = proba.row(i);
    const scores = scoresOf(row, method);
    const order = byProbability(row);
    const inside = order.filter((id) => scores[id]! <= reach);
    return inside.length === 0 && method === 'aps' ? [order[0]!] : inside;
  });
}

function scoresOf(row: Float32Array, method: SetMethod): Float64Array {
  const scores = Float64Array.from(row, (p) => 1 - p);
  if (method === 'lac') return scores;
  let sum = 0;
  for (const id of byProbability(row)) scores[id] = sum += row[id]!;
  return scores;
}

/** Ids, the likeliest first, of equals the first. */
function byProbability(row: Float32Array): number[] {
  return Array.from(row.keys()).sort((a, b) => row[b]! - row[a]! || a - b);
}

export function setsToJSON({ lac, aps }: PredictionSets) {
  return { lac: lac.toJSON(), aps: aps.toJSON() };
}

/** @throws ERR_FORMAT for anything but what setsToJSON makes. */
export function setsFromJSON(saved: SavedState): PredictionSets {
  const of = (method: SetMethod) => ConformalScores.fromJSON(saved.inner(method, saved.raw(method)));
  return { lac: of('lac'), aps: of('aps') };
}
