// Any estimator from its file.

import { fail } from '../errors.js';
import { readModelFile } from '../formats/modelFile.js';
import { MLPClassifier } from './classifier.js';
import type { Warning } from './options.js';
import { MLPRegressor } from './regressor.js';

/**
 * The classifier or regressor that save() wrote, whichever it is.
 * @throws ERR_FORMAT for anything else; ERR_NONFINITE for weights that are no numbers.
 *
 * @example
 * const saved = clf.save();
 * loadEstimator(saved).predict(XTest);   // the same labels as clf.predict(XTest)
 */
export function loadEstimator(
  bytes: Uint8Array | ArrayBuffer,
  options: { readonly onWarning?: ((warning: Warning) => void) | false } = {},
): MLPClassifier | MLPRegressor {
  const type = (readModelFile(bytes).sections['estimator'] as { type?: unknown } | undefined)?.type;
  if (type === 'MLPClassifier') return MLPClassifier.load(bytes, options);
  if (type === 'MLPRegressor') return MLPRegressor.load(bytes, options);
  return fail('ERR_FORMAT', 'This file holds a plain network, no estimator. Use MLP.load.');
}
