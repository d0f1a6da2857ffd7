// MLP: the public model on the WebAssembly core.

import { Model } from '../model/model.js';
import { resolveNetwork, type MLPOptions } from '../spec/plan.js';
import { CoreBackend } from './backend.js';

/**
 * A multilayer perceptron that trains and predicts in WebAssembly. Ready at once: nothing to await, nothing to dispose.
 * @throws ERR_OPTION, ERR_SHAPE for options that do not fit; ERR_UNSUPPORTED without WebAssembly SIMD; ERR_MEMORY.
 */
export class MLP extends Model {
  constructor(options: MLPOptions) {
    super(new CoreBackend(resolveNetwork(options)));
  }
}
