// Metrics by name, measured on the rows of an epoch: sums over rows, so that batches add up exactly in any split.

import { activations, type ResolvedActivation } from './activations.js';
import type { ResolvedLoss } from './losses.js';
import { unknownName } from '../options.js';

export type MetricName =
  | 'accuracy'
  | 'meanSquaredError'
  | 'rootMeanSquaredError'
  | 'meanAbsoluteError'
  | 'meanAbsolutePercentageError'
  | 'maxError'
  | 'r2'
  | 'topKAccuracy';

interface MetricRow {
  /** Adds one row to the running sums (at most four numbers). */
  readonly add: (
    sums: Float64Array,
    yTrue: ArrayLike<number>,
    truth: number,
    yPred: ArrayLike<number>,
    at: number,
    outputs: number,
    rule: Rule,
  ) => void;
  readonly value: (sums: Float64Array, count: number, rule: Rule) => number;
}

/** How outputs become classes: by the largest, by a threshold, or by sign; `columns` of targets. */
interface Rule {
  readonly kind: 'class' | 'argmax' | 'threshold';
  readonly threshold: number;
  readonly columns: number;
}

function eachDifference(f: (sums: Float64Array, difference: number, target: number) => void): MetricRow['add'] {
  return (sums, yTrue, truth, yPred, at, outputs) => {
    for (let j = 0; j < outputs; j++) f(sums, yPred[at + j]! - yTrue[truth + j]!, yTrue[truth + j]!);
  };
}

function largest(values: ArrayLike<number>, at: number, count: number): number {
  let best = 0;
  for (let j = 1; j < count; j++) if (values[at + j]! > values[at + best]!) best = j;
  return best;
}

/** Rows of the true class whose probability is among the `k` largest. */
function inTop(
  k: number,
  yTrue: ArrayLike<number>,
  truth: number,
  yPred: ArrayLike<number>,
  at: number,
  outputs: number,
  rule: Rule,
): boolean {
  const target = rule.kind === 'class' ? yTrue[truth]! : largest(yTrue, truth, outputs);
  let above = 0;
  for (let j = 0; j < outputs; j++) if (yPred[at + j]! > yPred[at + target]!) above++;
  return above < k;
}

const perElement = (sums: Float64Array, rows: number, rule: Rule) => sums[0]! / (rows * rule.columns);

const table: Record<MetricName, MetricRow> = {
  accuracy: {
    add: (sums, yTrue, truth, yPred, at, outputs, rule) => {
      if (rule.kind === 'threshold') {
        for (let j = 0; j < outputs; j++)
          if (yPred[at + j]! > rule.threshold === yTrue[truth + j]! > rule.threshold) sums[0]! += 1 / outputs;
        return;
      }
      const target = rule.kind === 'class' ? yTrue[truth]! : largest(yTrue, truth, outputs);
      if (largest(yPred, at, outputs) === target) sums[0]! += 1;
    },
    value: (sums, rows) => sums[0]! / rows,
  },
  topKAccuracy: {
    add: (sums, yTrue, truth, yPred, at, outputs, rule) => {
      if (inTop(5, yTrue, truth, yPred, at, outputs, rule)) sums[0]! += 1;
    },
    value: (sums, rows) => sums[0]! / rows,
  },
  meanSquaredError: {
    add: eachDifference((s, d) => {
      s[0]! += d * d;
    }),
    value: perElement,
  },
  rootMeanSquaredError: {
    add: eachDifference((s, d) => {
      s[0]! += d * d;
    }),
    value: (s, n, r) => Math.sqrt(perElement(s, n, r)),
  },
  meanAbsoluteError: {
    add: eachDifference((s, d) => {
      s[0]! += Math.abs(d);
    }),
    value: perElement,
  },
  meanAbsolutePercentageError: {
    add: eachDifference((s, d, t) => {
      s[0]! += Math.abs(d) / Math.max(Math.abs(t), 2.220446049250313e-16);
    }),
    value: perElement,
  },
  maxError: {
    add: eachDifference((s, d) => {
      s[0] = Math.max(s[0]!, Math.abs(d));
    }),
    value: (s) => s[0]!,
  },
  /** One minus residual over total sum of squares, all outputs pooled. Running mean by Welford's method, in float64. */
  r2: {
    add: eachDifference((s, d, t) => {
      s[0]! += d * d;
      s[1]! += 1;
      const off = t - s[2]!;
      s[2]! += off / s[1]!;
      s[3]! += off * (t - s[2]!);
    }),
    value: (s) => (s[3] === 0 ? (s[0] === 0 ? 1 : 0) : 1 - s[0]! / s[3]!),
  },
};

const aliases: Record<string, MetricName> = {
  mse: 'meanSquaredError',
  mae: 'meanAbsoluteError',
  rmse: 'rootMeanSquaredError',
  mape: 'meanAbsolutePercentageError',
};

export const metricNames = Object.keys(table) as MetricName[];

/** @throws ERR_OPTION for an unknown metric. */
export function checkMetricNames(names: readonly unknown[]): readonly MetricName[] {
  if (!Array.isArray(names)) unknownName(names, metricNames, 'metrics', 'metric');
  return Array.from(names, (given, i) => {
    const name = typeof given === 'string' && Object.hasOwn(aliases, given) ? aliases[given] : given;
    if (!metricNames.includes(name as MetricName))
      unknownName(given, [...metricNames, ...Object.keys(aliases)], `metrics[${i}]`, 'metric');
    return name as MetricName;
  });
}

/** Adds up metrics over any number of batches. */
export class MetricSums {
  private rows = 0;
  private readonly sums: Float64Array[];
  private readonly rule: Rule;

  constructor(
    private readonly names: readonly MetricName[],
    loss: ResolvedLoss,
    output: ResolvedActivation,
    private readonly outputs: number,
  ) {
    this.sums = names.map(() => new Float64Array(4));
    const logits = loss.fromLogits || loss.targets === 'sign' || activations[output.name].range !== 'unit';
    this.rule =
      loss.targets === 'class'
        ? { kind: 'class', threshold: 0, columns: 1 }
        : loss.targets === 'simplex' || (outputs > 1 && loss.targets !== 'unit' && loss.targets !== 'sign')
          ? { kind: 'argmax', threshold: 0, columns: outputs }
          : { kind: 'threshold', threshold: logits && (loss.fromLogits || loss.targets === 'sign') ? 0 : 0.5, columns: outputs };
  }

  /** Adds `rows` rows; truths `trueStride` apart, predictions `predStride` apart. */
  add(yTrue: ArrayLike<number>, trueStride: number, yPred: ArrayLike<number>, predStride: number, rows: number): void {
    this.rows += rows;
    this.names.forEach((name, m) => {
      for (let i = 0; i < rows; i++)
        table[name].add(this.sums[m]!, yTrue, i * trueStride, yPred, i * predStride, this.outputs, this.rule);
    });
  }

  /** Rows and running sums as plain numbers: all there is to save. */
  read(): number[] {
    return [this.rows, ...this.sums.flatMap((sums) => [...sums])];
  }

  /** Goes on from what read() gave. */
  write(saved: readonly number[]): void {
    this.rows = saved[0] ?? 0;
    this.sums.forEach((sums, m) =>
      sums.forEach((_, k) => {
        sums[k] = saved[1 + m * 4 + k] ?? 0;
      }),
    );
  }

  /** The figures so far, by name. */
  values(): Record<string, number> {
    return Object.fromEntries(this.names.map((name, m) => [name, table[name].value(this.sums[m]!, this.rows, this.rule)]));
  }
}
