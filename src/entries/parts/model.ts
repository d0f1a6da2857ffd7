// The model's public names.

export { Model } from '../../model/model.js';
export type { Callbacks, Evaluation, FitOptions } from '../../model/model.js';
export type { Backend, Curvature, CurvaturePair, Derivatives, TrainRequest } from '../../training/backend.js';
export type { BatchLog } from '../../training/callbacks.js';
export type { Diagnosis } from '../../inspect/diagnosis.js';
export type { LayerActivations } from '../../inspect/layerActivations.js';
export type { Change } from '../../inspect/changes.js';
export type { LayerDiagnosis } from '../../inspect/layerFigures.js';
export type { Problem, ProblemKind } from '../../inspect/verdicts.js';
export type { EarlyStoppingOptions } from '../../training/earlyStopping.js';
export type { CheckpointOptions } from '../../training/fitOptions.js';
export type { ClassWeight, LabelledRows } from '../../training/rows.js';
export {
  dropped,
  findLearningRate,
  gradientCheck,
  hessianVectorProduct,
  workOf,
  type DroppedOptions,
  type WorkOptions,
} from '../../model/inspections.js';
export type { Dropped } from '../../inspect/dropped.js';
export type { Work, WorkCount } from '../../inspect/work.js';
export { measureEnergy, type Energy, type EnergyOptions } from '../../inspect/energy.js';
export type { GradientCheck, GradientCheckOptions, GradientGroup } from '../../inspect/gradientCheck.js';
export type { LearningRateOptions, LearningRateTest } from '../../inspect/learningRate.js';
export { History, type EpochLog, type StopReason } from '../../training/history.js';
export type {
  EvaluateOptions,
  ForwardOptions,
  PartialFitOptions,
  PredictOptions,
  StepOptions,
  TrainStepOptions,
} from '../../model/callOptions.js';
export type { DerivativeOptions, DerivativeWeight } from '../../training/derivatives.js';
export type { TargetsLike } from '../../training/feeding.js';
export type { ParameterValues, ParameterView } from '../../model/parameters.js';
export type { ModelState, TensorState } from '../../training/state.js';
export type { EpochShape, ProgressNumbers } from '../../training/progress.js';
export type { BatchSource } from '../../training/streams.js';
