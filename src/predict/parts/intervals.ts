// What a file says of how sure its answers are: intervals, quantiles and sets of classes.

import { confidenceRow } from '../../data/certainty/conformal.js';
import { intervalsAround, intervalsFromJSON } from '../../data/certainty/intervals.js';
import { setRows, setsFromJSON, setsOf } from '../../data/certainty/predictionSets.js';
import type { Float64Rows, Matrix } from '../../data/matrix.js';
import { Rows64 } from '../../data/rows64.js';
import { fail } from '../../errors.js';
import { readOptions } from '../../options.js';
import type { Answers } from '../answering.js';
import type { IntervalPart } from '../parts.js';

/**
 * The part of loadPredictor of feedforward/predict/light that gives predictors predictInterval, predictQuantiles and predictSet.
 * @example
 * import { intervals, loadPredictor } from 'feedforward/predict/light';
 * clf.conformalize(X, y);
 * loadPredictor(clf.save(), { intervals }).predictSet([[1, 0.5]]).length;  // 1
 */
export const intervals: IntervalPart = {
  readIntervals: intervalsFromJSON,
  readSets: setsFromJSON,
  around(answers, outputs, options) {
    const { intervals: kept, spread } = answers;
    if (kept === undefined && !(spread && 'gaussian' in spread)) refuseUncalibrated('predictInterval', 'MLPRegressor');
    const { confidence } = readOptions({ confidence: confidenceRow }, options, 'predictInterval');
    return intervalsAround(kept, numbersOf(answers, outputs()), confidence, spread);
  },
  quantiles(answers, outputs) {
    const { spread } = answers;
    if (!(spread && 'levels' in spread))
      fail('ERR_STATE', 'predictQuantiles: this file has none. Train an MLPRegressor with the option quantiles.');
    const { data, shape } = numbersOf(answers, outputs());
    return new Rows64(data as Float64Array, shape[0]!, shape[1]!);
  },
  sets({ sets, classes }, proba, options) {
    if (sets === undefined) refuseUncalibrated('predictSet', 'MLPClassifier');
    const { confidence, method } = readOptions(setRows, options, 'predictSet');
    return setsOf(sets, proba(), confidence, method).map((ids) => ids.map((id) => classes![id]!));
  },
};

/** Outputs in the units of the targets. */
function numbersOf(answers: Answers, { data, shape }: Matrix): Float64Rows {
  const numbers = Float64Array.from(data);
  answers.inUnits?.(numbers);
  return { data: numbers, shape };
}

function refuseUncalibrated(what: string, kind: string): never {
  return fail('ERR_STATE', `${what}: this file has nothing for it. Call conformalize(X, y) of an ${kind} before it is saved.`);
}
