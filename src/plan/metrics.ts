// A model's metrics by name: which there are, and how its outputs become classes. The formulas stand in data/metrics/sums.ts.

import { type ClassRule, foundClasses, formulas, type SummedMetric, Sums } from '../data/metrics/sums.js';
import { fail } from '../errors.js';
import { has, unknownName } from '../options.js';
import type { ResolvedLoss } from './losses.js';

/** Metrics that a model can report while it trains and when it is evaluated. */
export type MetricName = SummedMetric;

const aliases = {
  mse: 'meanSquaredError',
  mae: 'meanAbsoluteError',
  rmse: 'rootMeanSquaredError',
  mape: 'meanAbsolutePercentageError',
} as const satisfies Record<string, MetricName>;

type Aliases = typeof aliases;

/** What a model's option `metrics` takes: a metric's name, or a short one. */
export type MetricLike = MetricName | keyof Aliases;

/** Metrics of a model that is not known to measure these or those: loaded from a file, handed on as plain `MLP`. */
// biome-ignore lint/suspicious/noExplicitAny: the one type that a model of any metrics may be passed as, and passed for
export type AnyMetrics = any;

/** The name of a metric's figure: 'meanSquaredError' for 'mse'. Any metric's, where it is not known which. */
export type FigureOf<Metric extends MetricLike> = string extends Metric
  ? MetricName
  : Metric extends keyof Aliases
    ? Aliases[Metric]
    : Metric;

export const metricNames = Object.keys(formulas) as MetricName[];

/** @throws ERR_OPTION for an unknown metric. */
export function checkMetricNames(names: unknown): readonly MetricName[] {
  if (!Array.isArray(names)) unknownName(names, metricNames, 'metrics', 'metric');
  return Array.from(names, (given, i) => {
    const name = has(aliases, given) ? aliases[given] : given;
    if (!metricNames.includes(name as MetricName))
      unknownName(given, [...metricNames, ...Object.keys(aliases)], `metrics[${i}]`, 'metric');
    return name as MetricName;
  });
}

/** How outputs become classes under a loss: its kind of targets says so, or where these are any numbers, the targets themselves. */
function classRule(loss: ResolvedLoss): ClassRule {
  if (loss.targets === 'class') return { kind: 'ids' };
  if (loss.targets === 'simplex') return { kind: 'largest' };
  if (loss.targets === 'unit') return { kind: 'cut', truth: 0.5, predicted: loss.fromLogits ? 0 : 0.5 };
  if (loss.targets === 'sign') return { kind: 'cut', truth: 0, predicted: 0 };
  return { kind: 'found' };
}

/** Sums of a network's metrics over batches: nothing added yet. */
export function metricSums(names: readonly MetricName[], loss: ResolvedLoss, outputs: number): Sums {
  return new Sums(names, outputs, classRule(loss));
}

/**
 * @throws ERR_LABEL when a metric that counts classes is asked of targets that are none: with a loss of numbers they must be
 * 0 and 1, -1 and +1, or one-hot rows.
 */
export function checkMetricTargets(
  names: readonly MetricName[],
  loss: ResolvedLoss,
  targets: ArrayLike<number>,
  rows: number,
  columns: number,
): void {
  const name = names.find((metric) => metric === 'accuracy' || metric === 'topKAccuracy');
  if (name === undefined || classRule(loss).kind !== 'found') return;
  const sums = new Float64Array(formulas.accuracy.size(columns));
  const whole = { truth: targets, predicted: targets, columns, weight: 1, total: 1, classes: { kind: 'found' } as const };
  for (let i = 0; i < rows; i++) {
    formulas.accuracy.add(sums, { ...whole, t: i * columns, p: i * columns });
    const found = foundClasses(sums, columns);
    if (found === undefined || (name === 'topKAccuracy' && found !== 'largest'))
      fail(
        'ERR_LABEL',
        `metrics: "${name}" counts classes, but the target of row ${i} is ${describe(targets, i * columns, columns)}. With the loss ` +
          `"${loss.name}" targets that are classes are ${name === 'accuracy' ? '0 and 1, -1 and +1, or ' : ''}one-hot rows; ` +
          'for numbers use "r2" or "meanAbsoluteError".',
        { row: i },
      );
  }
}

function describe(values: ArrayLike<number>, at: number, columns: number): string {
  const shown = Array.from({ length: Math.min(columns, 4) }, (_, j) => values[at + j]);
  return columns === 1 ? String(shown[0]) : `[${shown.join(', ')}${columns > 4 ? ', …' : ''}]`;
}
