// Any estimator from its file.

import { MLPClassifier } from './classifier.js';
import { estimatorKind } from './estimatorFile.js';
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
  return (estimatorKind(bytes) === 'MLPClassifier' ? MLPClassifier : MLPRegressor).load(bytes, options);
}
