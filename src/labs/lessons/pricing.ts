// Lab 6: a network in place of a costly pricing function.

import type { Check, Lab } from '../lab.js';
import { skeleton } from '../skeletons/pricing.js';
import { costCases } from './pricing/costs.js';
import { curveCases } from './pricing/curves.js';
import { scalerCases, simulationCases } from './pricing/data.js';
import { networkCases } from './pricing/networks.js';

const checks: readonly Check[] = [
  { function: 'monteCarlo', title: 'the costly function: a call by simulation, antithetic', cases: simulationCases },
  { function: 'fitScaler', title: 'means and deviations of columns', cases: scalerCases },
  { function: 'price', title: 'of a network on scaled values', cases: (seed) => networkCases(seed, 'price') },
  { function: 'delta', title: 'by the chain rule through the scalers', cases: (seed) => networkCases(seed, 'delta') },
  { function: 'errorsByRows', title: 'error against rows of training', cases: curveCases },
  { function: 'breakEven', title: 'prices after which the proxy pays, in seconds or joules', cases: costCases },
];

export const pricingLab: Lab = { number: 6, title: 'pricing', file: 'lab6-pricing', skeleton, checks };
