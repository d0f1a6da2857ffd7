// What a fitted estimator tells of itself: plain data that comes over once after each change.

import type { Calibration } from '../data/certainty/calibration.js';
import type { Finding } from '../data/findings.js';
import type { Label } from '../data/labels.js';
import { MLPClassifier } from '../estimators/classifier.js';
import type { MLPRegressor } from '../estimators/regressor.js';
import type { StopReason } from '../training/history.js';

export interface EstimatorFacts {
  readonly options: object;
  readonly inputs: number;
  readonly featureNames: readonly string[];
  readonly target: string | undefined;
  readonly lossCurve: readonly number[];
  readonly validationLossCurve: readonly number[];
  readonly bestEpoch: number;
  readonly bestValidationScore: number | undefined;
  readonly stoppedBy: StopReason;
  readonly rows: number;
  readonly seconds: number;
  readonly samplesPerSecond: number;
  readonly findings: readonly Finding[];
  readonly members: number;
  /** Of a classifier. */
  readonly classes: readonly Label[];
  readonly multilabel: boolean;
  readonly ordered: boolean;
  readonly calibrator: Calibration | undefined;
  readonly temperature: number | undefined;
  readonly threshold: number | undefined;
  /** Of a regressor. */
  readonly targets: number;
  readonly quantiles: readonly number[] | undefined;
}

export function factsOf(estimator: MLPClassifier | MLPRegressor): EstimatorFacts {
  const options = Object.fromEntries(Object.entries(estimator.options).filter(([, value]) => typeof value !== 'function'));
  const { inputs, featureNames, target, lossCurve, validationLossCurve, bestEpoch, bestValidationScore } = estimator;
  const { stoppedBy, rows, seconds, samplesPerSecond, findings, members } = estimator;
  const own =
    estimator instanceof MLPClassifier
      ? {
          classes: estimator.classes,
          multilabel: estimator.multilabel,
          ordered: estimator.ordered,
          calibrator: estimator.calibrator,
          temperature: estimator.networkTemperature,
          threshold: estimator.threshold,
          targets: 1,
          quantiles: undefined,
        }
      : {
          classes: [],
          multilabel: false,
          ordered: false,
          calibrator: undefined,
          temperature: undefined,
          threshold: undefined,
          targets: estimator.targets,
          quantiles: estimator.quantiles,
        };
  return {
    options,
    inputs,
    featureNames,
    target,
    lossCurve,
    validationLossCurve,
    bestEpoch,
    bestValidationScore,
    stoppedBy,
    rows,
    seconds,
    samplesPerSecond,
    findings,
    members,
    ...own,
  };
}
