// Any of the estimators: what all of them do, and one of a kind by its name.

import { MLPClassifier } from './classifier.js';
import { Perceptron } from './perceptron.js';
import { MLPRegressor } from './regressor.js';

/** What there is to predict with. */
export type Estimator = MLPClassifier | MLPRegressor | Perceptron;

/** What every estimator does, whatever it takes as X and y: it refuses what it does not take. */
export interface Trainable {
  /** Epochs of the last training. */
  readonly epochs: number;
  fit(X: unknown, y: unknown, options?: object): Promise<unknown>;
  predict(X: unknown): unknown;
  score(X: unknown, y: unknown): number;
  /** An unfitted one with the options of this one, or some others. */
  clone(options?: object): this;
}

/** A fresh estimator of the same class. @throws ERR_OPTION. */
export function freshOf<E extends Estimator>(estimator: E, options: object): E {
  const trainable: Trainable = estimator;
  return trainable.clone(options) as E; // the compiler loses sight of `this` in a union of classes
}

export const estimatorKinds = {
  MLPClassifier: (options: object): Estimator => new MLPClassifier(options),
  MLPRegressor: (options: object): Estimator => new MLPRegressor(options),
  Perceptron: (options: object): Estimator => new Perceptron(options),
};
export type EstimatorKind = keyof typeof estimatorKinds;
