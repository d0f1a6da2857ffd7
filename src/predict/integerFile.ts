// A model file of whole numbers opened for prediction.

import type { SavedState } from '../data/columns.js';
import type { IntegerBuild } from '../integer/kernel.js';
import { integerLayers } from '../integer/layers.js';
import { IntegerNetwork } from '../integer/network.js';
import type { ModelFile } from './container.js';
import { surroundings, type Opened } from './surroundings.js';

/** `model`: the section of that name. @throws ERR_FORMAT, ERR_UNSUPPORTED, ERR_NONFINITE, ERR_MEMORY. */
export function openInteger(file: ModelFile, model: SavedState, build?: IntegerBuild): Opened {
  const layers = integerLayers(model, file.tensors);
  return { ...surroundings(file, layers), network: new IntegerNetwork(layers, build) };
}
