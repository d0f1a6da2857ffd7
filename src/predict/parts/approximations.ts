// The box that an approximation was made for.

import { Domain } from '../../data/domain.js';
import type { ApproximationPart } from '../parts.js';

/** The part of loadPredictor that reads files of approximate, and guards their domain: loadPredictor(bytes, { approximations }). */
export const approximations: ApproximationPart = { domain: Domain.fromJSON };
