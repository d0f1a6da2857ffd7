// Partial dependence: the mean answer when one feature has a certain value in every row, over a grid of its values; and each row's own
// curve. Grids as scikit-learn 1.2 makes them; categories, truth values and few different numbers as they are.

import { doubles } from '../data/allocate.js';
import type { Column, ColumnType } from '../data/column.js';
import { float64Rows, type Float64Rows, type MatrixLike } from '../data/matrix.js';
import { Rows64 } from '../data/rows64.js';
import { Table } from '../data/table.js';
import { fail, show } from '../errors.js';
import { asFeatures, type Features } from '../estimators/features.js';
import { flag, given, readOptions, unknownName, whole, type Schema } from '../options.js';
import { meanOf } from './background.js';
import { valuesOf } from './evaluators.js';
import { outputRows, subjectOf, type Explainable, type FeatureGroup, type OutputOptions, type Subject } from './subject.js';

/** Options of partialDependence. */
export interface PartialDependenceOptions extends OutputOptions {
  /** Values on the grid, at least 2 (default 100). A column with fewer different values has these for its grid. */
  readonly grid?: number;
  /** Between which quantiles of the column the grid lies (default [0.05, 0.95]). */
  readonly percentiles?: readonly [low: number, high: number];
  /** Each row's own curve too (default false). */
  readonly individual?: boolean;
}

/** A value of a feature: a number (dates are days since 1970-01-01), a category, true or false, or the inputs of a group. */
export type GridValue = number | string | boolean | readonly number[];

/** What partialDependence found. */
export interface PartialDependence {
  /** The feature's name. */
  readonly feature: string;
  /** What its values are; 'group' for several inputs of a matrix. */
  readonly type: ColumnType | 'group';
  /** Its values, ascending. */
  readonly grid: readonly GridValue[];
  /** The mean answer over the rows with each of them. */
  readonly values: Float64Array;
  /** Each row's answers [rows, grid], with `individual`. */
  readonly individual?: Rows64;
}

const dependenceRows = () =>
  ({
    ...outputRows(),
    grid: whole({ min: 2, max: 100_000, default: 100 }),
    percentiles: given<readonly [number, number]>(),
    individual: flag(false),
  }) satisfies Schema<PartialDependenceOptions>;

/**
 * How the mean answer over the rows of X depends on one feature: at each value of the grid, every row takes that value and keeps its other
 * features. `feature` is a name, or a place among the features from 0. `model` and X are as in explain; missing cells are not on the grid.
 *
 * @throws ERR_OPTION for a feature there is not, options out of range, or percentiles that are one value; what explain throws for X.
 * See: Friedman 2001, https://doi.org/10.1214/aos/1013203451; for individual curves Goldstein et al. 2015, https://arxiv.org/abs/1309.6392
 *
 * @example
 * const { grid, values } = partialDependence(model, X, 0, { grid: 20 });  // of column 0; of a table, a column's name
 */
export function partialDependence(
  model: Explainable,
  X: Features,
  feature: string | number,
  options: PartialDependenceOptions = {},
): PartialDependence {
  const {
    grid: resolution,
    percentiles = [0.05, 0.95],
    individual,
    ...rest
  } = readOptions(dependenceRows(), options, 'partialDependence', 'partialDependence.');
  checkPercentiles(percentiles);
  const subject = subjectOf(model, rest as OutputOptions, X, 'partialDependence');
  const group = groupOf(subject, feature);
  subject.read(X, 'X'); // refused before anything is made of it
  const features = asFeatures(X);
  const axis =
    features instanceof Table
      ? columnAxis(features, group.name, resolution, percentiles)
      : inputAxis(float64Rows(features, { name: 'X' }), group, resolution, percentiles);
  const rows = features instanceof Table ? features.rows : float64Rows(features).shape[0];
  const curves = doubles(rows * axis.grid.length, 'partialDependence');
  const values = new Float64Array(axis.grid.length);
  for (let k = 0; k < axis.grid.length; k++) {
    const answers = valuesOf(subject.evaluator, subject.read(axis.at(k), 'X').data, rows, subject.inputs);
    values[k] = meanOf(answers);
    for (let i = 0; i < rows; i++) curves[i * axis.grid.length + k] = answers[i]!;
  }
  return {
    feature: group.name,
    type: axis.type,
    grid: axis.grid,
    values,
    ...(individual ? { individual: new Rows64(curves, rows, axis.grid.length) } : {}),
  };
}

/** A grid, and all rows with its k-th value. */
interface Axis {
  readonly type: ColumnType | 'group';
  readonly grid: readonly GridValue[];
  at(k: number): Table | MatrixLike;
}

function groupOf({ groups }: Subject, feature: unknown): FeatureGroup {
  const found = typeof feature === 'number' ? groups[feature] : groups.find(({ name }) => name === feature);
  if (found !== undefined) return found;
  if (typeof feature === 'number')
    fail('ERR_OPTION', `partialDependence: expected a feature from 0 to ${groups.length - 1}, got ${feature}.`);
  return unknownName(
    feature,
    groups.map(({ name }) => name),
    'partialDependence',
    'feature',
  );
}

function columnAxis(table: Table, name: string, resolution: number, percentiles: readonly [number, number]): Axis {
  const column = table.column(name);
  const withColumn = (own: Column) =>
    new Table(
      table.columns.map((other) => (other === column ? own : other)),
      { lines: table.lines, source: table.source, rows: table.rows },
    );
  if (column.type === 'categorical') {
    const used = new Set(column.codes);
    const codes = column.categories.map((_, code) => code).filter((code) => used.has(code));
    codes.sort((a, b) => (column.categories[a]! < column.categories[b]! ? -1 : 1));
    if (codes.length === 0) refuseEmpty(name);
    return {
      type: 'categorical',
      grid: codes.map((code) => column.categories[code]!),
      at: (k) => withColumn({ ...column, codes: new Int32Array(table.rows).fill(codes[k]!) }),
    };
  }
  const numbers = numberGrid(column.values, resolution, percentiles, name);
  return {
    type: column.type,
    grid: column.type === 'boolean' ? Array.from(numbers, (value) => value === 1) : Array.from(numbers),
    at: (k) => withColumn({ ...column, values: new Float64Array(table.rows).fill(numbers[k]!) }),
  };
}

function inputAxis(
  { data, shape }: Float64Rows,
  group: FeatureGroup,
  resolution: number,
  percentiles: readonly [number, number],
): Axis {
  const [rows, columns] = shape;
  const { from, to, name } = group;
  const setTo = (values: ArrayLike<number>) => {
    const out = data.slice();
    for (let i = 0; i < rows; i++) for (let j = from; j < to; j++) out[i * columns + j] = values[j - from]!;
    return { data: out, shape };
  };
  if (to - from > 1) {
    const different = new Map<string, number[]>();
    for (let i = 0; i < rows; i++) {
      const inputs = Array.from(data.subarray(i * columns + from, i * columns + to));
      different.set(inputs.join(), inputs);
    }
    const grid = [...different.values()].sort((a, b) => {
      const first = a.findIndex((value, j) => value !== b[j]);
      return a[first]! - b[first]!;
    });
    return { type: 'group', grid, at: (k) => setTo(grid[k]!) };
  }
  const numbers = numberGrid(
    Float64Array.from({ length: rows }, (_, i) => data[i * columns + from]!),
    resolution,
    percentiles,
    name,
  );
  return { type: 'numeric', grid: Array.from(numbers), at: (k) => setTo([numbers[k]!]) };
}

/** The different values where they are fewer than the resolution, else evenly spaced ones between two quantiles: scikit-learn's grid. */
function numberGrid(
  values: Float64Array,
  resolution: number,
  percentiles: readonly [number, number],
  name: string,
): Float64Array {
  const sorted = values.filter((value) => value === value).sort();
  if (sorted.length === 0) refuseEmpty(name);
  const different = sorted.filter((value, k) => k === 0 || value !== sorted[k - 1]);
  if (different.length < resolution) return different;
  const [low, high] = percentiles.map((share) => quantile(sorted, share)) as [number, number];
  if (Math.abs(high - low) <= 1e-8 + 1e-5 * Math.abs(high))
    fail(
      'ERR_OPTION',
      `partialDependence: the quantiles ${percentiles.join(' and ')} of ${show(name)} are both ${low}, so there is no grid between them. Pass percentiles: [0, 1].`,
    );
  const step = (high - low) / (resolution - 1);
  return Float64Array.from({ length: resolution }, (_, k) => (k === resolution - 1 ? high : low + k * step));
}

/** The quantile that scikit-learn cuts grids at: Hyndman & Fan's with alpha = beta = 0.4, approximately free of bias for any distribution. */
function quantile(sorted: Float64Array, share: number): number {
  const { length } = sorted;
  const position = length * share + 0.4 + 0.2 * share;
  const below = Math.floor(Math.min(Math.max(position, 1), length - 1));
  const part = Math.min(Math.max(position - below, 0), 1);
  return (1 - part) * sorted[below - 1]! + part * sorted[Math.min(below, length - 1)]!;
}

function checkPercentiles(percentiles: unknown): void {
  const fine =
    Array.isArray(percentiles) &&
    percentiles.length === 2 &&
    percentiles.every((share) => typeof share === 'number' && share >= 0 && share <= 1) &&
    percentiles[0] < percentiles[1];
  if (!fine)
    fail(
      'ERR_OPTION',
      `partialDependence.percentiles: expected two numbers in [0, 1], the smaller first, got ${show(percentiles)}.`,
    );
}

function refuseEmpty(name: string): never {
  return fail('ERR_EMPTY', `partialDependence: ${show(name)} has no value in any row.`);
}
