// How sure answers are, on the command line: rows that train keeps for it, how often it holds on the rows that judge, and the columns
// that predict writes.

import type { Cell } from '../data/column.js';
import type { Label } from '../data/labels.js';
import { holdOut, type Fold } from '../data/split.js';
import type { Table } from '../data/table.js';
import { fail, FeedforwardError } from '../errors.js';
import { MLPRegressor } from '../estimators/regressor.js';
import { formatFigure } from '../training/history.js';
import { count, type Dataset } from './dataset.js';
import { classesOf } from './integerModel.js';
import type { OpenAnswering } from './modelFile.js';
import type { Model, Targets } from '../report/facts/scores.js';

// ---- train ----------------------------------------------------------------------------------------------------------

/** What a report says of intervals or sets. */
export interface Certainty {
  /** Rows that were kept for them. */
  readonly rows: number;
  readonly confidence: number;
  /** Share of the rows that judged whose truth they held; undefined where no rows judged. */
  readonly coverage: number | undefined;
  /** Mean width of intervals in the units of the target, or mean number of classes in a set. */
  readonly meanSize: number | undefined;
}

/** Parts some rows (all where there is no list) into those that train and those that are kept. */
export function keepRows({ task, y, rows }: Dataset, among: Uint32Array | undefined, share: number, seed: number): Fold {
  const labels = task === 'classification' ? (y as Label[]) : undefined;
  const own = among === undefined ? labels : labels && Array.from(among, (i) => labels[i]!);
  let parts: Fold;
  try {
    parts = holdOut(among?.length ?? rows, share, seed, own);
  } catch (error) {
    if (!(error instanceof FeedforwardError)) throw error;
    return fail(error.code, error.message.replaceAll('testSize', '--calibration-size'), error.details);
  }
  const { train, test } = parts;
  return among === undefined ? parts : { train: train.map((i) => among[i]!), test: test.map((i) => among[i]!) };
}

/** Calibrates a model on rows that were kept, and counts on rows that judge, where there are some. */
export function calibrated(
  model: Model,
  kept: { readonly X: Table; readonly y: Targets },
  judge: { readonly X: Table; readonly y: Targets } | undefined,
): Certainty {
  const rows = kept.y.length;
  if (model instanceof MLPRegressor) model.conformalize(kept.X, kept.y as Float64Array);
  else model.conformalize(kept.X, kept.y as Label[]);
  const confidence = 0.9;
  if (judge === undefined || rows < 9) return { rows, confidence, coverage: undefined, meanSize: undefined };
  const { y, X } = judge;
  let [held, size] = [0, 0];
  if (model instanceof MLPRegressor) {
    const intervals = model.predictInterval(X, { confidence });
    for (let i = 0; i < y.length; i++) {
      const [low, high] = intervals.row(i) as unknown as [number, number];
      if (low <= (y[i] as number) && (y[i] as number) <= high) held++;
      size += high - low;
    }
  } else
    model.predictSet(X, { confidence }).forEach((set, i) => {
      if (set.includes(y[i]!)) held++;
      size += set.length;
    });
  return { rows, confidence, coverage: held / y.length, meanSize: size / y.length };
}

export function certaintyLines({ rows, confidence, coverage, meanSize }: Certainty, regression: boolean): string[] {
  const [what, flag] = regression ? ['intervals', 'interval'] : ['sets of classes', 'set'];
  if (rows < 9) return [`${what}: ${count(rows, 'row')} kept from training, too few for confidence ${confidence}, which needs 9`];
  const held =
    coverage === undefined
      ? 'no rows judge them'
      : `${(100 * coverage).toFixed(1)} % of the rows that judge lie within; ${regression ? 'mean width' : 'mean size'} ${formatFigure(meanSize!)}`;
  return [`${what} from ${count(rows, 'row')} kept from training (predict --${flag} ${confidence}): ${held}`];
}

// ---- predict --------------------------------------------------------------------------------------------------------

interface Asked {
  readonly proba: boolean;
  readonly quantiles: boolean;
  readonly std: boolean;
  readonly interval: number | undefined;
  readonly set: number | undefined;
}

/** @throws ERR_OPTION for what this kind of model cannot say, or this model not; before any row is read. */
export function checkAsked({ model, estimator }: OpenAnswering, { proba, quantiles, std, interval, set }: Asked): void {
  const numbers = classesOf(model) === undefined;
  const { head } = estimator;
  if (proba && numbers) fail('ERR_OPTION', '--proba: this model predicts numbers, not classes.');
  for (const [flag, asked] of [
    ['--quantiles', quantiles],
    ['--std', std],
  ] as const)
    if (asked && !numbers) fail('ERR_OPTION', `${flag}: this model predicts classes, not numbers. Use --proba.`);
  if (quantiles && head['levels'] === undefined)
    fail('ERR_OPTION', '--quantiles: this model learnt none. Train it with --quantiles 0.05,0.5,0.95.');
  if (std && head['gaussian'] !== true)
    fail('ERR_OPTION', '--std: this model learnt no deviations. Train it with --loss gaussianNll.');
  if (std && !('predictStd' in model))
    fail('ERR_OPTION', '--std: a model of whole numbers gives none. Give the model that it was made of.');
  if (set !== undefined && numbers) fail('ERR_OPTION', '--set: this model predicts numbers, not classes. Use --interval.');
  if (interval !== undefined && !numbers) fail('ERR_OPTION', '--interval: this model predicts classes, not numbers. Use --set.');
  const confidence = interval ?? set;
  if (confidence === undefined) return;
  const flag = numbers ? '--interval' : '--set';
  if (!(confidence > 0 && confidence < 1)) fail('ERR_OPTION', `${flag}: expected a number between 0 and 1, got ${confidence}.`);
  if (head[numbers ? 'intervals' : 'sets'] === undefined && !(numbers && head['gaussian'] === true))
    fail('ERR_OPTION', `${flag}: no rows were kept for that when this model was trained. Train it with --calibration-size 0.2.`);
}

/** Columns beside the answers, and their cells for the rows of a table. */
interface Beside {
  readonly names: readonly string[];
  of(table: Table): readonly (readonly Cell[])[];
}

/** What is asked for beside the answers, from left to right. */
export function certainty({ model, estimator }: OpenAnswering, { quantiles, std, interval, set }: Asked): Beside {
  const parts: Beside[] = [];
  const classes = classesOf(model);
  if (quantiles && 'predictQuantiles' in model)
    parts.push({
      names: (estimator.head['levels'] as readonly number[]).map((level) => `quantile(${level})`),
      of: (table) => cellsOf(model.predictQuantiles(table)),
    });
  if (std && 'predictStd' in model)
    parts.push({
      names: ['std'],
      of: (table) => Array.from(model.predictStd(table) as Float64Array, (deviation) => [tenDigits(deviation)]),
    });
  if (interval !== undefined && 'predictInterval' in model)
    parts.push({
      names: [`low(${interval})`, `high(${interval})`],
      of: (table) => cellsOf(model.predictInterval(table, { confidence: interval })),
    });
  if (set !== undefined && classes !== undefined && 'predictSet' in model)
    parts.push({
      names: classes.map((label) => `in(${String(label)})`),
      of: (table) =>
        model.predictSet(table, { confidence: set }).map((labels) => classes.map((label) => (labels.includes(label) ? 1 : 0))),
    });
  return {
    names: parts.flatMap(({ names }) => names),
    of: (table) => {
      const cells = parts.map((part) => part.of(table));
      return Array.from({ length: table.rows }, (_, i) => cells.flatMap((rows) => rows[i]!));
    },
  };
}

const cellsOf = (rows: { toArray(): number[][] }): Cell[][] => rows.toArray().map((row) => row.map(tenDigits));
const tenDigits = (value: number) => Number(value.toPrecision(10));
