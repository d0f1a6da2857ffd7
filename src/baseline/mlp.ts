// MLP: the public model on plain JavaScript.

import { encodeModel, loadModel, type LoadOptions, type SaveOptions } from '../formats/modelFile.js';
import { Model } from '../model/model.js';
import { checkChoice, checkKeys } from '../options.js';
import { resolveNetwork, type MLPOptions, type NetworkPlan } from '../spec/plan.js';
import { PlainBackend, type Precision } from './backend.js';

/**
 * The MLP of the main entry without WebAssembly: the same options, methods and results (up to rounding), an order of
 * magnitude slower on large layers. `precision: 'float64'` computes in doubles.
 * @throws ERR_OPTION, ERR_SHAPE for options that do not fit; ERR_MEMORY.
 *
 * @example
 * import { MLP, adam, dense } from 'feedforward/baseline';
 * const model = new MLP({ inputs: 2, layers: [dense(8, { activation: 'tanh' }), dense(1)], optimizer: adam() });
 * model.fitSync([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]], { epochs: 500 });
 */
export class MLP extends Model {
  /** @param plan The options, resolved already: for load. */
  constructor(options: MLPOptions, settings: { precision?: Precision } = {}, plan: NetworkPlan = resolveNetwork(options)) {
    checkKeys(settings, ['precision'], 'MLP settings');
    const precision = checkChoice(settings.precision ?? 'float32', ['float32', 'float64'], 'precision');
    super(new PlainBackend(plan, { precision }));
  }

  /** The model as a file, the same format as the main entry's. @throws ERR_TYPE for sections that are not JSON. */
  save(options: SaveOptions = {}): Uint8Array {
    return encodeModel(this.state(), options);
  }

  /** The model that save() wrote, here or on WebAssembly. @throws ERR_FORMAT, ERR_NONFINITE. */
  static load(bytes: Uint8Array | ArrayBuffer, options: LoadOptions & { precision?: Precision } = {}): MLP {
    const { precision = 'float32', ...rest } = options;
    return loadModel(bytes, rest, (o, plan) => new MLP(o, { precision }, plan));
  }
}
