// MLP: the public model on plain JavaScript.

import { Model } from '../model/model.js';
import { checkChoice, checkKeys } from '../options.js';
import { resolveNetwork, type MLPOptions } from '../spec/plan.js';
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
  constructor(options: MLPOptions, settings: { precision?: Precision } = {}) {
    checkKeys(settings, ['precision'], 'MLP settings');
    const precision = checkChoice(settings.precision ?? 'float32', ['float32', 'float64'], 'precision');
    super(new PlainBackend(resolveNetwork(options), { precision }));
  }
}
