// Which columns a model relies on: how much its score falls when one column's values are shuffled among the rows. See: Breiman,
// "Random forests" (2001), section 10.

import { float64Rows, type Float64Rows } from '../data/matrix.js';
import { Random } from '../data/random.js';
import { Table, type Column } from '../data/table.js';
import { fail } from '../errors.js';
import { checkKeys, checkNumber } from '../options.js';
import { asFeatures, type Features } from './features.js';
import { MLPClassifier } from './classifier.js';
import { silently } from './warnings.js';
import { MLPRegressor } from './regressor.js';
import type { Estimator, Trainable } from './trainable.js';

/** Options of permutationImportance. */
export interface ImportanceOptions {
  /** Shuffles per column, at least 1 (default 5). */
  readonly repeats?: number;
  /** What the shuffles are drawn from, a whole number (default 0). */
  readonly seed?: number;
  /** Columns of a matrix that belong together and are shuffled as one: [from, to). */
  readonly groups?: readonly {
    /** What the group is called in the result. */
    readonly name: string;
    /** Its first column. */
    readonly from: number;
    /** One past its last column. */
    readonly to: number;
  }[];
}

/** How much the score falls when one column, or one group of columns, is shuffled. */
export interface Importance {
  /** The column, or the group. */
  readonly name: string;
  /** How much the score fell, on average; about 0 for a column the model does not use. */
  readonly mean: number;
  /** Standard deviation over the shuffles. */
  readonly deviation: number;
}

/**
 * Permutation importance of every column, the most important first. Take held-out rows: on training rows a model also relies on what it
 * merely learnt by heart. Columns that say the same share their importance.
 * @throws ERR_STATE before fit; ERR_SHAPE, ERR_TYPE, ERR_LABEL, ERR_NONFINITE for rows and targets that the estimator's score refuses; ERR_OPTION.
 *
 * @example
 * const [first] = permutationImportance(clf, XTest, yTest);
 * first;  // the most important column: its name, how far the score fell, and the deviation
 */
export function permutationImportance(
  estimator: Estimator,
  given: Features,
  y: unknown,
  options: ImportanceOptions = {},
): Importance[] {
  const X = asFeatures(given);
  checkKeys(options, ['repeats', 'seed', 'groups'], 'permutationImportance');
  const { repeats = 5, seed = 0 } = options;
  checkNumber(repeats, 'repeats', { min: 1, integer: true });
  const trainable: Trainable = estimator;
  const score = (rows: Features) => trainable.score(rows, y);
  const random = new Random(seed, 'importance');
  const whole = score(X);
  const parts =
    X instanceof Table
      ? tableParts(X, y, estimator)
      : matrixParts(float64Rows(X, { name: 'X' }), options.groups ?? namesOf(estimator));
  return parts
    .map(({ name, shuffled }) => {
      // Whatever there is to warn of was said of X as it came.
      const falls = silently(estimator, () => Array.from({ length: repeats }, () => whole - score(shuffled(random))));
      const mean = falls.reduce((a, b) => a + b, 0) / repeats;
      return { name, mean, deviation: Math.sqrt(falls.reduce((sum, fall) => sum + (fall - mean) ** 2, 0) / repeats) };
    })
    .sort((a, b) => b.mean - a.mean);
}

interface Part {
  readonly name: string;
  /** X with this column in another order. */
  readonly shuffled: (random: Random) => Features;
}

function tableParts(table: Table, target: unknown, estimator: Estimator): Part[] {
  const encoder = 'encoder' in estimator ? estimator.encoder : undefined;
  const used = encoder?.columns.map(({ name }) => name);
  return table.columns
    .filter(({ name }) => name !== target && (used === undefined || used.includes(name)))
    .map((column) => ({
      name: column.name,
      shuffled: (random) => {
        const order = random.permutation(table.rows);
        const moved: Column =
          column.type === 'categorical'
            ? { ...column, codes: Int32Array.from(order, (i) => column.codes[i]!) }
            : { ...column, values: Float64Array.from(order, (i) => column.values[i]!) };
        return new Table(
          table.columns.map((other) => (other === column ? moved : other)),
          { lines: table.lines, source: table.source, rows: table.rows },
        );
      },
    }));
}

function matrixParts({ data, shape }: Float64Rows, groups: NonNullable<ImportanceOptions['groups']>): Part[] {
  const [rows, columns] = shape;
  return groups.map(({ name, from, to }) => {
    if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= columns))
      fail('ERR_OPTION', `groups: "${name}" is columns ${from} to ${to}, but there are ${columns}.`);
    return {
      name,
      shuffled: (random) => {
        const order = random.permutation(rows);
        const out = data.slice();
        for (let i = 0; i < rows; i++) for (let j = from; j < to; j++) out[i * columns + j] = data[order[i]! * columns + j]!;
        return { data: out, shape };
      },
    };
  });
}

/** One group per column; the categories of a column that an encoder spread are one. */
function namesOf(estimator: Estimator): { name: string; from: number; to: number }[] {
  if (!(estimator instanceof MLPClassifier) && !(estimator instanceof MLPRegressor))
    return Array.from(estimator.weights, (_, j) => ({ name: `x${j}`, from: j, to: j + 1 }));
  return estimator.encoder?.groups ?? estimator.featureNames.map((name, j) => ({ name, from: j, to: j + 1 }));
}
