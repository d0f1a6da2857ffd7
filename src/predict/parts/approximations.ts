// A network in place of a costly function: what it was made for, and how far it may be off.

import { SavedState } from '../../data/columns.js';
import { Domain } from '../../data/domain.js';
import { plain } from '../answers.js';
import { refuseOthers } from '../layers.js';
import type { ApproximationPart } from '../parts.js';

/**
 * The part of loadPredictor of feedforward/predict/light that reads files of approximate, and guards their domain.
 * @example
 * import { approximations, loadPredictor } from 'feedforward/predict/light';
 * const wave = await approximate(({ x }) => Math.sin(x), { domain: { x: [0, 3] }, tolerance: 1, samples: 64 });
 * loadPredictor(wave.save(), { approximations }).predict([{ x: 1 }]).shape;  // [1, 1]
 */
export const approximations: ApproximationPart = {
  open(json, inputs, outputs, parts) {
    const saved = new SavedState(json, 'approximation', true);
    refuseOthers(saved.fields, 'names low high outside intervals certificate', 'its approximation');
    const domain = Domain.fromJSON(saved);
    if (domain.names.length !== inputs) saved.refuse('names', `${inputs} names, as the network has inputs`, domain.names);
    const intervals = parts.intervals?.readIntervals(saved.inner('intervals', saved.raw('intervals')), outputs);
    return { answers: { ...plain, intervals }, featureNames: domain.names, domain, kind: 'Approximation', parts };
  },
};
