// The labs, in the order of the first lecture's timetable.

import type { Lab } from '../lab.js';
import { backpropagationLab } from './backpropagation.js';
import { forwardLab } from './forward.js';
import { l2Lab } from './l2.js';
import { minibatchLab } from './minibatch.js';
import { momentumLab } from './momentum.js';
import { pricingLab } from './pricing.js';

/**
 * The six labs: forward propagation, backpropagation, mini-batches, momentum, L2, and pricing by a proxy.
 *
 * @example
 * import { labs } from 'feedforward/labs';
 * labs.length;  // 6
 * labs[1]!.checks.map((check) => check.function).join();  // 'derivative,backward,step,sgd'
 */
export const labs: readonly Lab[] = [forwardLab, backpropagationLab, minibatchLab, momentumLab, l2Lab, pricingLab];
