// The public names of the estimators.

export {
  MLPClassifier,
  type ClassifierFitOptions,
  type ClassTargets,
  type ClassWeights,
  type MLPClassifierOptions,
} from './classifier.js';
export { MLPRegressor, type MLPRegressorOptions, type NumberTargets } from './regressor.js';
export { Perceptron, type Hyperplane, type PerceptronFitOptions, type PerceptronOptions } from './perceptron.js';
export { findSeparator, type Separability } from './separability.js';
export type { EarlyStopping, EstimatorOptions, Warning } from './options.js';
export type { EstimatorFitOptions, SaveEstimatorOptions } from './mlpEstimator.js';
export type { Features } from './inputs.js';
export { loadEstimator } from './load.js';
export { permutationImportance, type Importance, type ImportanceOptions } from './importance.js';
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
} from './selection.js';
export type { Estimator, Scoring, TrialOutcome } from './trial.js';
