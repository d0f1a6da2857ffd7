// Permutation importance of whatever a report is about, networks included.

import { permutationImportance, type Importance } from '../../estimators/importance.js';
import type { Estimator } from '../../estimators/trainable.js';
import { Table } from '../../data/table.js';
import { Model } from '../../model/model.js';
import { asTargets, type KnownRows } from './rivals.js';
import { countRows, someOf, rowsAt, type ModelRows } from './rows.js';
import { pickTargets, scoresOf } from './scores.js';
import type { Subject } from './subject.js';

const mostRows = 2000;
const repeats = 3;
/** More columns would take minutes. */
const mostColumns = 500;

/** How much the main score falls when a column is shuffled; of several targets the mean of theirs. None where all rows are of one truth. */
export function importanceOf(subject: Subject, { rows, truth }: KnownRows, seed: number): readonly Importance[] {
  const chosen = someOf(countRows(rows), mostRows, seed, 'importance');
  const X = chosen === undefined ? rows : rowsAt(rows, chosen);
  const targets = truth.map((list) => pickTargets(list, chosen));
  if (subject.features.length > mostColumns || targets.some((list) => list.every((value) => value === list[0]))) return [];
  const { model } = subject;
  const groups = X instanceof Table ? {} : { groups: subject.features };
  const asked = model instanceof Model ? scoring(subject) : model;
  return permutationImportance(asked, X, model instanceof Model ? targets : asTargets(targets), { ...groups, repeats, seed });
}

/** A network as something that scores rows. */
function scoring(subject: Subject): Estimator {
  const score = (rows: ModelRows, truth: readonly Float64Array[]) => {
    const answers = subject.answer(rows);
    return truth.reduce((sum, list, k) => sum + Object.values(scoresOf(list, answers[k]!))[0]! / truth.length, 0);
  };
  return { score } as unknown as Estimator;
}
