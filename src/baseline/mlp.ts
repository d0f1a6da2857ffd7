// MLP: the public model on plain JavaScript.

import { encodeModel, loadModel, type LoadOptions, type SaveOptions } from '../formats/modelFile.js';
import { Model } from '../model/model.js';
import { checkChoice, checkKeys } from '../options.js';
import { resolveNetwork, type MLPOptions, type NetworkPlan } from '../plan/network.js';
import { PlainBackend, type Precision } from './backend.js';

export interface PlainSettings {
  /** What weights and activations are stored in; sums are float64 either way. Default 'float32', as in the core. */
  readonly precision?: Precision;
}

/**
 * The MLP of the main entry without WebAssembly: the same options, methods, files and results (up to rounding), an order
 * of magnitude slower on large layers. With `precision: 'float64'` it computes in doubles.
 * @throws ERR_OPTION, ERR_SHAPE for options that do not fit; ERR_MEMORY.
 *
 * @example
 * import { MLP, adam, dense } from 'feedforward/baseline';
 * const model = new MLP({ inputs: 2, layers: [dense(8, { activation: 'tanh' }), dense(1)], optimizer: adam() });
 * model.fitSync([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]], { epochs: 500 });
 */
export class MLP extends Model {
  readonly precision: Precision;

  /** @param plan The options, resolved already: for load. */
  constructor(options: MLPOptions, settings: PlainSettings = {}, plan: NetworkPlan = resolveNetwork(options)) {
    checkKeys(settings, ['precision'], 'MLP settings');
    const precision = checkChoice(settings.precision ?? 'float32', ['float32', 'float64'], 'precision');
    super(new PlainBackend(plan, { precision }));
    this.precision = precision;
  }

  /**
   * The model as a file, which the core's MLP loads too; with `optimizer: true` everything that a training goes on from.
   * @throws ERR_TYPE for sections that are not JSON.
   */
  save(options: SaveOptions = {}): Uint8Array {
    return encodeModel(this.state(), options);
  }

  /**
   * The model that save() wrote, here or on the core.
   * @throws ERR_FORMAT for anything but a whole, unchanged model file; ERR_NONFINITE for weights that are NaN or infinite.
   */
  static load(bytes: Uint8Array | ArrayBuffer, options: LoadOptions & PlainSettings = {}): MLP {
    checkKeys(options, ['precision', 'allowNonFinite', 'loss', 'learningRate'], 'load');
    const { precision, ...rest } = options;
    return loadModel(bytes, rest, (o, plan) => new MLP(o, precision === undefined ? {} : { precision }, plan));
  }

  protected override sibling(options: MLPOptions): Model {
    return new MLP(options, { precision: this.precision });
  }
}
