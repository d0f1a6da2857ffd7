// MLP: the public model on plain JavaScript.

import { encodeModel, type SaveOptions } from '../formats/encodeModel.js';
import { loadModel, loadOptionNames, type LoadOptions } from '../formats/modelFile.js';
import { Model } from '../model/model.js';
import { checkKeys, choice, readOptions, type Schema } from '../options.js';
import type { AnyMetrics, MetricLike } from '../plan/metrics.js';
import { resolveNetwork, type MLPOptions } from '../plan/network.js';
import { PlainBackend, type Precision } from './backend.js';

/** How the baseline computes: its precision and its products. */
export interface PlainSettings {
  /** What weights and activations are stored in; sums are float64 either way. Default 'float32', as in the core. */
  readonly precision?: Precision;
}

const settingRows = { precision: choice(['float32', 'float64'], 'float32') } satisfies Schema<PlainSettings>;

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
export class MLP<Metrics extends MetricLike = AnyMetrics> extends Model<Metrics> {
  /**
   * A multilayer perceptron in plain JavaScript, with the options and methods of the main entry's. `settings` say in which precision it
   * computes.
   * @throws ERR_OPTION, ERR_SHAPE for options that do not fit; ERR_MEMORY.
   */
  constructor(options: MLPOptions<Metrics>, settings: PlainSettings = {}) {
    super(new PlainBackend(resolveNetwork(options), readOptions(settingRows, settings, 'MLP settings')));
  }

  /** What weights and activations are stored in. */
  get precision(): Precision {
    return (this.trainer.backend as PlainBackend).precision;
  }

  /**
   * The model as a file, which the core's MLP loads too; with `optimizer: true` everything that a training goes on from.
   * @throws ERR_TYPE for sections that are not JSON.
   */
  save(options: SaveOptions = {}): Uint8Array<ArrayBuffer> {
    return encodeModel(this.state(), options);
  }

  /**
   * The model that save() wrote, here or on the core.
   * @throws ERR_FORMAT for anything but a whole, unchanged model file; ERR_NONFINITE for weights that are NaN or infinite.
   */
  static load(bytes: Uint8Array | ArrayBuffer, options: LoadOptions & PlainSettings = {}): MLP {
    checkKeys(options, [...Object.keys(settingRows), ...loadOptionNames], 'load');
    const { precision: asked, ...rest } = options;
    const { precision } = readOptions(settingRows, { precision: asked }, 'load');
    // Through Model's constructor alone: the plan is made and checked already, and MLP's would make it again.
    return loadModel(bytes, rest, (plan): MLP => Reflect.construct(Model, [new PlainBackend(plan, { precision })], MLP));
  }

  /** @internal */
  override sibling(options: MLPOptions): Model {
    return new MLP(options, { precision: this.precision });
  }
}
