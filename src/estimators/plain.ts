// Classifier and regressor on plain JavaScript, for engines without WebAssembly: those of the main entry on the baseline's model.

import { MLP } from '../baseline/mlp.js';
import type { Model } from '../model/model.js';
import { readOptions } from '../options.js';
import type { MLPOptions } from '../plan/network.js';
import { MLPClassifier as CoreClassifier, type MLPClassifierOptions } from './classifier.js';
import { estimatorKind, fromFile, readEstimator } from './estimatorFile.js';
import { loadRows, type Warning } from './options.js';
import { MLPRegressor as CoreRegressor, type MLPRegressorOptions } from './regressor.js';

/**
 * The MLPClassifier of the main entry without WebAssembly: the same options, methods, files and results (up to rounding), an order of
 * magnitude slower on large layers.
 *
 * @example
 * import { MLPClassifier } from 'feedforward/baseline';
 * const clf = await new MLPClassifier({ seed: 1 }).fit([[0], [1], [2], [3]], ['low', 'low', 'high', 'high']);
 */
export class MLPClassifier extends CoreClassifier {
  protected override createModel(options: MLPOptions): Model {
    return new MLP(options);
  }

  /** The classifier that save wrote, here or on the core. @throws ERR_FORMAT for anything else; ERR_NONFINITE for weights that are no numbers. */
  static override load(bytes: Uint8Array | ArrayBuffer, options: Pick<MLPClassifierOptions, 'onWarning'> = {}): MLPClassifier {
    readOptions(loadRows, options, 'load');
    const { file, options: saved } = readEstimator(bytes, 'MLPClassifier');
    return fromFile(() => new MLPClassifier({ ...saved, ...options }).restore(file));
  }
}

/**
 * The MLPRegressor of the main entry without WebAssembly: the same options, methods, files and results (up to rounding), an order of magnitude
 * slower on large layers.
 *
 * @example
 * import { MLPRegressor } from 'feedforward/baseline';
 * const reg = await new MLPRegressor({ seed: 1 }).fit([[0], [1], [2], [3]], [0, 1, 4, 9]);
 */
export class MLPRegressor extends CoreRegressor {
  protected override createModel(options: MLPOptions): Model {
    return new MLP(options);
  }

  /** The regressor that save wrote, here or on the core. @throws ERR_FORMAT for anything else; ERR_NONFINITE for weights that are no numbers. */
  static override load(bytes: Uint8Array | ArrayBuffer, options: Pick<MLPRegressorOptions, 'onWarning'> = {}): MLPRegressor {
    readOptions(loadRows, options, 'load');
    const { file, options: saved } = readEstimator(bytes, 'MLPRegressor');
    return fromFile(() => new MLPRegressor({ ...saved, ...options }).restore(file));
  }
}

/**
 * The classifier or regressor that save() wrote, whichever it is, on plain JavaScript.
 * @throws ERR_FORMAT for anything else; ERR_NONFINITE for weights that are no numbers.
 *
 * @example
 * const saved = clf.save();
 * loadEstimator(saved).predict(XTest);   // the labels that clf.predict(XTest) gives
 */
export function loadEstimator(
  bytes: Uint8Array | ArrayBuffer,
  options: { readonly onWarning?: ((warning: Warning) => void) | false } = {},
): MLPClassifier | MLPRegressor {
  return (estimatorKind(bytes) === 'MLPClassifier' ? MLPClassifier : MLPRegressor).load(bytes, options);
}
