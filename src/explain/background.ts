// The rows that are explained, and those that stand for what is not known, with the model's answers to both.

import { isFloat64 } from '../brands.js';
import { Random } from '../data/random.js';
import type { Features } from '../estimators/features.js';
import type { Answered } from './coalitions.js';
import { valuesOf } from './evaluators.js';
import type { InputRows, Subject } from './subject.js';

/** Rows drawn from X where no background is given. */
const drawnRows = 100;

/** The rows of X, and the background: what was given, or rows of X drawn by the seed. @throws what reading them throws. */
export function answeredRows(
  subject: Subject,
  X: Features,
  background: Features | undefined,
  seed: number,
): readonly [rows: Answered, background: Answered] {
  const rows = subject.read(X, 'X');
  const unknown = background === undefined ? drawn(subject, rows, seed) : subject.read(background, 'background');
  return [answered(subject, rows), answered(subject, unknown)];
}

/** Rows with the model's answers to them. */
function answered(subject: Subject, { data, rows }: InputRows): Answered {
  return { data, rows, answers: valuesOf(subject.evaluator, data, rows, subject.inputs) };
}

/** The rows themselves, or some of them by the seed, in their order. */
function drawn({ inputs }: Subject, { data, rows }: InputRows, seed: number): InputRows {
  if (rows <= drawnRows) return { data, rows };
  const chosen = new Random(seed, 'explain background').permutation(rows).slice(0, drawnRows).sort();
  const out = isFloat64(data) ? new Float64Array(drawnRows * inputs) : new Float32Array(drawnRows * inputs);
  for (const [k, i] of chosen.entries()) out.set(data.subarray(i * inputs, (i + 1) * inputs), k * inputs);
  return { data: out, rows: drawnRows };
}

/** The mean of some numbers. */
export function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
