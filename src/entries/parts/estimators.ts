// The public names of the estimators.

export {
  MLPClassifier,
  type ClassifierFitOptions,
  type ClassTargets,
  type ClassWeights,
  type MLPClassifierOptions,
  type SetOptions,
} from '../../estimators/classifier.js';
export type {
  Calibration,
  IsotonicCalibration,
  PlattCalibration,
  TemperatureCalibration,
} from '../../data/certainty/calibration.js';
export type { OutcomeCosts, Outcomes, ThresholdOptions } from '../../estimators/thresholds.js';
export type { ColumnGradients } from '../../data/columnGradients.js';
export type { ColumnShapes } from '../../estimators/shapeOptions.js';
export type { SetMethod } from '../../data/certainty/predictionSets.js';
export { MLPRegressor, type IntervalOptions, type MLPRegressorOptions, type NumberTargets } from '../../estimators/regressor.js';
export { Perceptron, type Hyperplane, type PerceptronFitOptions, type PerceptronOptions } from '../../estimators/perceptron.js';
export { findSeparator, type Separability } from '../../estimators/separability.js';
export type { EmbeddingOptions } from '../../estimators/embeddingOptions.js';
export type { EarlyStopping, EstimatorOptions, Preset, Warning } from '../../estimators/options.js';
export type { EstimatorFitOptions, SaveEstimatorOptions } from '../../estimators/fitOptions.js';
export type { Features } from '../../estimators/features.js';
export { loadEstimator } from '../../estimators/load.js';
export { permutationImportance, type Importance, type ImportanceOptions } from '../../estimators/importance.js';
export {
  crossValidate,
  gridSearch,
  randomSearch,
  type CrossValidation,
  type CrossValidationOptions,
  type ScoringLike,
  type SearchOptions,
  type SearchProgress,
  type SearchRange,
  type SearchResult,
  type SearchTrial,
} from '../../search/selection.js';
export type { Estimator } from '../../estimators/trainable.js';
export type { Scoring } from '../../search/scores.js';
export type { RandomSearchOptions, TrialOutcome } from '../../search/searchOptions.js';
