// The way in: a predictor from the bytes of any file. It is the light one with all of its parts.

import type { Prediction } from '../answering.js';
import { loadPredictor as loadLight, type PredictorOptions } from '../light.js';
import type { PredictorParts } from '../parts.js';
import { approximations } from './approximations.js';
import { dates } from './dates.js';
import { gradients } from './gradients.js';
import { integers } from './integers.js';
import { intervals } from './intervals.js';
import type { Predictor } from '../predictor.js';

const all: Required<PredictorParts> = { gradients, intervals, integers, dates, approximations };

/**
 * A predictor from the bytes of any model file (.ff): of a model, a classifier, a regressor, a model of whole numbers (quantize) or an approximation. It
 * gives the bits that MLP gives on the same engine, answers everything that the file has (probabilities, intervals, sets, quantiles, derivatives), and
 * holds nothing that trains. Pages that need less of it load a smaller one: loadPredictor of feedforward/predict/light.
 * @throws ERR_FORMAT for anything but a whole, unchanged model file; ERR_UNSUPPORTED for one with something that this version does not know, by its
 * name, and for an engine without WebAssembly SIMD; ERR_OPTION for an option that there is not; ERR_NONFINITE for weights that are NaN or infinite; ERR_MEMORY; ERR_TYPE.
 * @example
 * const predictor = loadPredictor(clf.save());  // in a page: await (await fetch('model.ff')).arrayBuffer()
 * predictor.predict([[1, 0.5]]);  // [1]
 */
export function loadPredictor<Answer extends Prediction = Prediction>(
  bytes: Uint8Array | ArrayBuffer,
  options: PredictorOptions = {},
): Predictor<Answer> {
  return loadLight<Answer>(bytes, { ...all, ...options });
}
