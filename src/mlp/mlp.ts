// MLP: the public model on the WebAssembly core.

import { encodeModel, loadModel, type LoadOptions, type SaveOptions } from '../formats/modelFile.js';
import { Model } from '../model/model.js';
import { resolveNetwork, type MLPOptions, type NetworkPlan } from '../plan/network.js';
import { CoreBackend } from './backend.js';

/**
 * A multilayer perceptron that trains and predicts in WebAssembly. Ready at once: nothing to await, nothing to dispose.
 * @throws ERR_OPTION, ERR_SHAPE for options that do not fit; ERR_UNSUPPORTED without WebAssembly SIMD; ERR_MEMORY.
 */
export class MLP extends Model {
  /** @param plan The options, resolved already: for load. */
  constructor(options: MLPOptions, plan: NetworkPlan = resolveNetwork(options)) {
    super(new CoreBackend(plan));
  }

  /**
   * The model as a file: options, weights, running statistics; with `optimizer: true` everything that a training goes on
   * from, to the same bits. A loss or a learning rate that is a function is left out.
   * @throws ERR_TYPE for sections that are not JSON.
   */
  save(options: SaveOptions = {}): Uint8Array {
    return encodeModel(this.state(), options);
  }

  /**
   * The model that save() wrote: it predicts the same bits.
   * @throws ERR_FORMAT for anything but a whole, unchanged model file; ERR_NONFINITE for weights that are NaN or infinite.
   */
  static load(bytes: Uint8Array | ArrayBuffer, options: LoadOptions = {}): MLP {
    return loadModel(bytes, options, (o, plan) => new MLP(o, plan));
  }
}
