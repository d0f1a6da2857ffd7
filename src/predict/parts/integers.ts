// A model file of whole numbers opened for prediction.

import { fail } from '../../errors.js';
import { integerLayers } from '../../integer/layers.js';
import { IntegerNetwork } from '../../integer/network.js';
import type { IntegerPart, GradientPart } from '../parts.js';
import { surroundings } from '../surroundings.js';

/**
 * The part of loadPredictor of feedforward/predict/light that reads files of models of whole numbers, which quantize made.
 * @example
 * import { integers, loadPredictor } from 'feedforward/predict/light';
 * loadPredictor(quantize(clf, X, { maxLoss: 1 }).save(), { integers }).predict([[1, 0.5]]);  // [1]
 */
export const integers: IntegerPart = {
  open(file, model, parts) {
    const layers = integerLayers(model, file);
    const around = surroundings(file, layers, parts);
    return { ...around, parts: { ...parts, gradients: noGradients }, network: new IntegerNetwork(layers) };
  },
};

/** What a model of whole numbers has in the place of derivatives. */
export const noGradients: GradientPart = {
  core: undefined,
  of: () =>
    fail('ERR_UNSUPPORTED', 'inputGradient: a model of whole numbers has no derivatives. Ask the model that it was made of.'),
};
