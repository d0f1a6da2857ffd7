// The labs, in the order of the first lecture's timetable.

import type { Lab } from '../lab.js';
import { backpropagationLab } from './backpropagation.js';
import { forwardLab } from './forward.js';

export const labs: readonly Lab[] = [forwardLab, backpropagationLab];
