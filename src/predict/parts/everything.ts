// All parts, for programs that do not count bytes.

import type { PredictorParts } from '../parts.js';
import { approximations } from './approximations.js';
import { dates } from './dates.js';
import { gradients } from './gradients.js';
import { integers } from './integers.js';
import { intervals } from './intervals.js';

/** Every part of loadPredictor, for programs that do not count bytes: loadPredictor(bytes, everything) reads whatever feedforward saves for prediction. */
export const everything: Required<PredictorParts> = { gradients, intervals, integers, dates, approximations };
