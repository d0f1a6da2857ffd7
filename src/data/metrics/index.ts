// Metrics: how good predictions are. All take (yTrue, yPred), count in float64 and never change their inputs. Values, averages and
// special cases are those of scikit-learn 1.2 (tests/fixtures/sklearn-metrics.json).
//
// Classes come as a list of labels (strings, numbers, booleans), as a matrix with one column of them, as one-hot rows, or, for
// predictions, as rows of scores, whose largest column counts as the class id. Several columns of 0 and 1 that are not one-hot are
// multilabel: every column a yes or no of its own.

export {
  accuracy,
  balancedAccuracy,
  classificationReport,
  confusionMatrix,
  f1,
  precision,
  recall,
  type Average,
  type AverageOptions,
  type ClassReport,
  type ConfusionMatrix,
  type ConfusionOptions,
  type ReportOptions,
} from './classes.js';
export {
  maxError,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  r2,
  rootMeanSquaredError,
} from './numbers.js';
export type { MetricOptions, Numbers } from './reading.js';
export {
  brierScore,
  calibrationTable,
  expectedCalibrationError,
  logLoss,
  rocAuc,
  topKAccuracy,
  type CalibrationBin,
  type BrierOptions,
  type CalibrationErrorOptions,
  type CalibrationOptions,
  type ProbabilityOptions,
  type RocAucOptions,
  type TopKOptions,
} from './scores.js';
