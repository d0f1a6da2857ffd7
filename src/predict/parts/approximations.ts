// The box that an approximation was made for.

import { Domain } from '../../data/domain.js';
import type { ApproximationPart } from '../parts.js';

/**
 * The part of loadPredictor of feedforward/predict/light that reads files of approximate, and guards their domain.
 * @example
 * import { approximations, loadPredictor } from 'feedforward/predict/light';
 * const wave = await approximate(({ x }) => Math.sin(x), { domain: { x: [0, 3] }, tolerance: 1, samples: 64 });
 * loadPredictor(wave.save(), { approximations }).predict([{ x: 1 }]).shape;  // [1, 1]
 */
export const approximations: ApproximationPart = { domain: Domain.fromJSON };
