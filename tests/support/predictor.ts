// loadPredictor with all of its parts, for tests that ask for whatever a file holds.

import type { Prediction } from '../../src/predict/answering.js';
import { loadPredictor as load, type PredictorOptions } from '../../src/predict/load.js';
import { everything } from '../../src/predict/parts/everything.js';
import type { Predictor } from '../../src/predict/predictor.js';

export function loadPredictor<Answer extends Prediction = Prediction>(
  bytes: Uint8Array | ArrayBuffer,
  options: PredictorOptions = {},
): Predictor<Answer> {
  return load<Answer>(bytes, { ...everything, ...options });
}
