// The way in for pages that count bytes: a predictor from the bytes of a file, with what was handed over and no more.

import type { Prediction } from './answering.js';
import { fail, show } from '../errors.js';
import { openFile } from './file.js';
import type { PredictorParts } from './parts.js';
import { Predictor } from './predictor.js';

/** What every predictor may be given: a compiled core. */
export interface PredictorOptions {
  /**
   * The module "feedforward/predict.wasm", compiled, where WebAssembly may not be compiled from bytes (edge workers, strict content security
   * policies). It adds and multiplies separately, so answers are those of a model with `deterministic: true`.
   */
  readonly module?: WebAssembly.Module;
}

/** Options of loadPredictor of feedforward/predict/light: parts that few files and callers need, each exported beside it, and a compiled core. */
export interface LightPredictorOptions extends PredictorOptions, PredictorParts {}

/**
 * A predictor from the bytes of a model file (.ff) that save of MLP, MLPClassifier or MLPRegressor wrote. It gives the bits that MLP gives on the same
 * engine, and holds nothing that trains. What few files and callers need are parts, exported beside it and handed over in `options`: `gradients`
 * for inputGradient, `intervals` for predictInterval, predictQuantiles and predictSet, `dates` for columns of dates, `integers` for files of quantize,
 * `approximations` for those of approximate. loadPredictor of feedforward/predict has them all.
 * @throws ERR_FORMAT for anything but a whole, unchanged model file; ERR_UNSUPPORTED for a file that needs a part which was not handed over, or
 * with something that this version does not know, by its name, and for an engine without WebAssembly SIMD; ERR_NONFINITE for weights that are NaN or infinite; ERR_OPTION for an option that there is not; ERR_MEMORY; ERR_TYPE.
 * @example
 * import { gradients, loadPredictor } from 'feedforward/predict/light';
 * const predictor = loadPredictor(clf.save(), { gradients });  // in a page: await (await fetch('model.ff')).arrayBuffer()
 * predictor.predict([[1, 0.5]]);  // [1]
 */
export function loadPredictor<Answer extends Prediction = Prediction>(
  bytes: Uint8Array | ArrayBuffer,
  options: LightPredictorOptions = {},
): Predictor<Answer> {
  const known = 'module gradients intervals integers dates approximations';
  for (const name of Object.keys(options))
    if (!known.split(' ').includes(name))
      fail('ERR_OPTION', `loadPredictor: unknown option ${show(name)}. Expected one of: ${known}.`);
  return new Predictor<Answer>(openFile(bytes, options));
}
