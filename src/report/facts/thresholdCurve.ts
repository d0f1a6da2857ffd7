// What every threshold of a probability comes to: the points of the ROC curve and of precision and recall.

/** What a threshold comes to, rows above it being told positive. */
export interface ThresholdPoint {
  readonly threshold: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly recall: number;
  readonly falsePositiveRate: number;
  /** NaN where no row is told positive. */
  readonly precision: number;
  readonly accuracy: number;
  readonly f1: number;
}

/** A point for each different score, from none told positive to all: thresholds lie in the middle between scores. */
export function thresholdCurve(scores: Float64Array, positive: readonly boolean[]): ThresholdPoint[] {
  const order = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]!);
  const ones = positive.filter(Boolean).length;
  const counts = { rows: scores.length, ones };
  const points = [pointOf(1, 0, 0, counts)];
  let [hits, alarms] = [0, 0];
  order.forEach((row, k) => {
    if (positive[row]) hits++;
    else alarms++;
    const next = order[k + 1];
    if (next !== undefined && scores[next] === scores[row]) return;
    points.push(pointOf(next === undefined ? 0 : (scores[row]! + scores[next]!) / 2, hits, alarms, counts));
  });
  return points;
}

/** One threshold of one's own. */
export function outcomesAt(scores: Float64Array, positive: readonly boolean[], threshold: number): ThresholdPoint {
  let [hits, alarms] = [0, 0];
  for (let i = 0; i < scores.length; i++)
    if (scores[i]! > threshold) {
      if (positive[i]) hits++;
      else alarms++;
    }
  return pointOf(threshold, hits, alarms, { rows: scores.length, ones: positive.filter(Boolean).length });
}

/** Area under the ROC curve, by trapezoids. */
export function areaUnder(curve: readonly ThresholdPoint[]): number {
  return curve.reduce((sum, d, k) => {
    const before = curve[k - 1];
    return before === undefined ? 0 : sum + ((d.falsePositiveRate - before.falsePositiveRate) * (d.recall + before.recall)) / 2;
  }, 0);
}

/** The mean precision over the steps of recall, not interpolated, as scikit-learn's average_precision_score. */
export function averagePrecision(curve: readonly ThresholdPoint[]): number {
  return curve.reduce((sum, d, k) => (k === 0 ? 0 : sum + (d.recall - curve[k - 1]!.recall) * d.precision), 0);
}

function pointOf(
  threshold: number,
  hits: number,
  alarms: number,
  { rows, ones }: { readonly rows: number; readonly ones: number },
): ThresholdPoint {
  return {
    ...{ threshold, truePositives: hits, falsePositives: alarms, falseNegatives: ones - hits },
    recall: hits / ones,
    falsePositiveRate: alarms / (rows - ones),
    precision: hits / (hits + alarms),
    accuracy: (hits + rows - ones - alarms) / rows,
    f1: (2 * hits) / (hits + alarms + ones),
  };
}
