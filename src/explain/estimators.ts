// Estimators among what is explained or drawn, told without their classes.

import type { MLPClassifier } from '../estimators/classifier.js';
import { kindOf } from '../estimators/kinds.js';
import type { MLPRegressor } from '../estimators/regressor.js';

export const isClassifier = (value: unknown): value is MLPClassifier => kindOf(value) === 'MLPClassifier';

export const isRegressor = (value: unknown): value is MLPRegressor => kindOf(value) === 'MLPRegressor';
