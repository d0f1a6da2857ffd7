// The model's public names.

export { Model } from './model.js';
export type { EvaluateOptions, Evaluation, PartialFitOptions } from './model.js';
export type { Backend, TrainRequest } from './backend.js';
export type { BatchLog, Callbacks } from './callbacks.js';
export type { Diagnosis, LayerDiagnosis, Problem, ProblemKind } from './diagnosis.js';
export type { EarlyStoppingOptions } from './earlyStopping.js';
export type { CheckpointOptions, ClassWeight, FitOptions, LabelledRows } from './fitOptions.js';
export { gradientCheck, type GradientCheck, type GradientCheckOptions, type GradientGroup } from './gradientCheck.js';
export { findLearningRate, type LearningRateOptions, type LearningRateTest } from './learningRate.js';
export { History, type EpochLog, type StopReason } from './history.js';
export type { PredictOptions, StepOptions } from './stepLoop.js';
export type { TargetsLike } from './feeding.js';
export type { ParameterValues, ParameterView } from './parameters.js';
export type { ModelState, TensorState } from './state.js';
export type { BatchSource } from './streams.js';
