// What answers are, and how outputs of the network become some.

import type { Calibration } from '../data/certainty/calibration.js';
import type { Intervals } from '../data/certainty/intervals.js';
import type { PredictionSets } from '../data/certainty/predictionSets.js';
import type { Spread } from '../data/certainty/spread.js';
import type { Label } from '../data/labels.js';
import type { Float64Rows, Matrix } from '../data/matrix.js';

/** What `predict` gives: a Matrix for models; labels, or rows of 0 and 1 (multilabel), for classifiers; numbers for regressors. */
export type Prediction = Matrix | Label[] | number[][] | Float64Array | Float64Rows;

/** How outputs of the network become answers. */
export interface Answers {
  /** In order; undefined where there are none. */
  readonly classes?: readonly Label[] | undefined;
  /** Two classes that share one output, the probability of the second. */
  readonly binary: boolean;
  /** Classes with an order: outputs are the probabilities that the class is at most each of them but the last. */
  readonly ordinal: boolean;
  /** Whether outputs are probabilities. */
  readonly probabilities: boolean;
  /** Corrects probabilities [from, to) of a list of them, all classes of a row side by side, in place. */
  readonly calibrate?: ((data: Float32Array | Float64Array, from: number, to: number) => void) | undefined;
  /** Whether a row's classes exclude each other. */
  readonly exclusive: boolean;
  /** What `calibrate` goes by. */
  readonly calibration?: Calibration | undefined;
  /** Labels from probabilities, where the network's own outputs do not decide. */
  readonly decide?: ((proba: Matrix) => Label[]) | undefined;
  readonly intervals?: Intervals | undefined;
  /** What outputs of a regressor say of each target. */
  readonly spread?: Spread;
  readonly sets?: PredictionSets | undefined;
  /** Outputs of a row in the units of the targets, in place. */
  readonly inUnits?: ((outputs: Float64Array) => void) | undefined;
  /** What a derivative of output j is multiplied by for it. */
  unit(j: number): number;
  /** Of the network's outputs [rows][outputs]. */
  predict(outputs: Matrix): Prediction;
}
