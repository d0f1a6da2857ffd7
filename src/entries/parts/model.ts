// The model's public names.

export { Model } from '../../model/model.js';
export type { EvaluateOptions, Evaluation, PartialFitOptions } from '../../model/model.js';
export type { Backend, TrainRequest } from '../../training/backend.js';
export type { BatchLog, Callbacks } from '../../training/callbacks.js';
export type { Diagnosis, LayerDiagnosis, Problem, ProblemKind } from '../../inspect/diagnosis.js';
export type { EarlyStoppingOptions } from '../../training/earlyStopping.js';
export type { CheckpointOptions, ClassWeight, FitOptions, LabelledRows } from '../../training/fitOptions.js';
export { gradientCheck, type GradientCheck, type GradientCheckOptions, type GradientGroup } from '../../inspect/gradientCheck.js';
export { findLearningRate, type LearningRateOptions, type LearningRateTest } from '../../inspect/learningRate.js';
export { History, type EpochLog, type StopReason } from '../../training/history.js';
export type { PredictOptions, StepOptions } from '../../model/stepLoop.js';
export type { TargetsLike } from '../../training/feeding.js';
export type { ParameterValues, ParameterView } from '../../model/parameters.js';
export type { ModelState, TensorState } from '../../training/state.js';
export type { BatchSource } from '../../training/streams.js';
