// The options of MLPClassifier, checked apart from it: a page whose classifier works in a worker checks them without the class.

import { CALIBRATION_METHODS, type Calibration } from '../data/certainty/calibration.js';
import type { Label } from '../data/labels.js';
import { fail, show } from '../errors.js';
import { choice, given, number, type Schema } from '../options.js';
import { estimatorRows, type EstimatorOptions } from './options.js';

/** 'balanced': rows / (classes x rows of the class), of the rows trained on (those held out by early stopping are not). Else weights by label, 1 where none is given. */
export type ClassWeights = 'balanced' | Readonly<Record<string, number>> | ReadonlyMap<Label, number>;

/** Options of MLPClassifier. */
export interface MLPClassifierOptions extends EstimatorOptions {
  /** How much the rows of each class count (default 1 each). */
  readonly classWeight?: ClassWeights;
  /** The share of each target that is spread over all classes in training, in [0, 1) (default: 0.1 in a preset's nets, else 0). */
  readonly labelSmoothing?: number;
  /**
   * That the classes have an order: their labels from the lowest to the highest, or true for that of `classes` (numbers ascending). One number of
   * each row is then held against ordered thresholds (a cumulative link, trained as CORAL): P(class <= k) = sigmoid(threshold k - f(x)). `classes` and
   * predictProba keep the order. No preset, labelSmoothing or calibration by 'platt' and 'isotonic'. See docs/shapes.md.
   */
  readonly ordinal?: boolean | readonly Label[];
  /**
   * What probabilities are corrected with after training, so that of rows told with 0.8 eight in ten are right: fitted on the rows that early
   * stopping watched (or validationData). 'temperature' divides logits by a number and never changes which class is likeliest; 'platt' (a sigmoid)
   * and 'isotonic' (a step function, for a thousand rows and more) are for two classes and may. Default: 'temperature' from 100 watched rows on, none
   * with compat; a preset has its temperature within the network, and takes 'temperature' or false; one that is named needs watched rows, however few. See docs/uncertainty.md.
   */
  readonly calibrate?: Calibration['method'] | false;
}

/** A row for each option, which checks it. */
export const classifierRows = {
  ...estimatorRows,
  classWeight: given<ClassWeights>((value, name) => {
    if (value !== 'balanced' && (typeof value !== 'object' || value === null))
      fail('ERR_OPTION', `${name}: expected 'balanced' or weights by label, got ${show(value)}.`);
  }),
  ordinal: (value, name) => {
    if (value === undefined || typeof value === 'boolean') return value;
    const fine = Array.isArray(value) && value.length >= 2 && new Set(value).size === value.length;
    if (!fine || !value.every((label) => typeof label === typeof value[0] && /string|number|boolean/.test(typeof label)))
      fail(
        'ERR_OPTION',
        `${name}: expected true, or different labels of one kind from the lowest to the highest, got ${show(value)}.`,
      );
    return value as readonly Label[];
  },
  labelSmoothing: number({ min: 0, max: 1, maxExclusive: true }),
  calibrate: (value, name) => (value === false ? false : choice(CALIBRATION_METHODS)(value, name)),
} satisfies Schema<MLPClassifierOptions>;
