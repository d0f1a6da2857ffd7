// The way in: a predictor from the bytes of a file.

import type { Prediction } from './answering.js';
import { openFile } from './file.js';
import type { PredictorParts } from './parts.js';
import { Predictor } from './predictor.js';

/** Options of loadPredictor: parts that few files and callers need, each exported beside it under its name, and a compiled core. */
export interface PredictorOptions extends PredictorParts {
  /**
   * The module "feedforward/predict.wasm", compiled, where WebAssembly may not be compiled from bytes (edge workers, strict content security
   * policies). It adds and multiplies separately, so answers are those of a model with `deterministic: true`.
   */
  readonly module?: WebAssembly.Module;
}

/**
 * A predictor from the bytes of a model file (.ff) that save of MLP, MLPClassifier or MLPRegressor wrote. It gives the bits that MLP gives on the same
 * engine, and holds nothing that trains. What few files and callers need are parts, exported beside it and handed over in `options`: `gradients`
 * for inputGradient, `intervals` for predictInterval, predictQuantiles and predictSet, `dates` for columns of dates, `integers` for files of quantize,
 * `approximations` for those of approximate; or `everything`.
 * @throws ERR_FORMAT for anything but a whole, unchanged model file; ERR_UNSUPPORTED for a file that needs a part which was not handed over, or
 * with something that this version does not know, by its name, and for an engine without WebAssembly SIMD; ERR_NONFINITE for weights that are NaN or infinite; ERR_MEMORY; ERR_TYPE.
 * @example
 * const predictor = loadPredictor(clf.save());  // in a page: await (await fetch('model.ff')).arrayBuffer()
 * predictor.predict([[1, 0.5]]);  // [1]
 */
export function loadPredictor<Answer extends Prediction = Prediction>(
  bytes: Uint8Array | ArrayBuffer,
  options: PredictorOptions = {},
): Predictor<Answer> {
  return new Predictor<Answer>(openFile(bytes, options, options.module));
}
