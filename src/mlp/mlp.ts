// MLP: the public model on the WebAssembly core.

import { encodeModel, type SaveOptions } from '../formats/encodeModel.js';
import { loadModel, type LoadOptions } from '../formats/modelFile.js';
import { Model } from '../model/model.js';
import type { AnyMetrics, MetricLike } from '../plan/metrics.js';
import { resolveNetwork, type MLPOptions } from '../plan/network.js';
import { CoreBackend } from '../core/backend.js';

/**
 * A multilayer perceptron that trains and predicts in WebAssembly. Ready at once: nothing to await, nothing to dispose.
 * @throws ERR_OPTION, ERR_SHAPE for options that do not fit; ERR_UNSUPPORTED without WebAssembly SIMD; ERR_MEMORY.
 */
export class MLP<Metrics extends MetricLike = AnyMetrics> extends Model<Metrics> {
  /**
   * A multilayer perceptron that trains and predicts in WebAssembly, ready at once. `options` are its inputs, layers, loss, optimizer and
   * metrics; weights start from `seed`.
   * @throws ERR_OPTION, ERR_SHAPE for options that do not fit; ERR_UNSUPPORTED without WebAssembly SIMD; ERR_MEMORY.
   *
   * @example
   * const model = new MLP({ inputs: 2, layers: [dense(16, { activation: 'tanh' }), dense(1)], optimizer: adam() });
   */
  constructor(options: MLPOptions<Metrics>) {
    super(new CoreBackend(resolveNetwork(options)));
  }

  /**
   * The model as a file: options, weights, running statistics; with `optimizer: true` everything that a training goes on
   * from, to the same bits. A loss or a learning rate that is a function is left out.
   * @throws ERR_TYPE for sections that are not JSON.
   */
  save(options: SaveOptions = {}): Uint8Array<ArrayBuffer> {
    return encodeModel(this.state(), options);
  }

  /**
   * The model that save() wrote: it predicts the same bits.
   * @throws ERR_FORMAT for anything but a whole, unchanged model file; ERR_NONFINITE for weights that are NaN or infinite.
   */
  static load(bytes: Uint8Array | ArrayBuffer, options: LoadOptions = {}): MLP {
    // Through Model's constructor alone: the plan is made and checked already, and MLP's would make it again.
    return loadModel(bytes, options, (plan): MLP => Reflect.construct(Model, [new CoreBackend(plan)], MLP));
  }
}
