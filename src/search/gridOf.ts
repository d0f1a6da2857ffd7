// Every combination of a space whose parameters have lists, whole numbers or steps.

import type { Json } from '../formats/json.js';
import { fail } from '../errors.js';
import type { Candidate } from './contract.js';
import { exists, valueAtIndex, type Parameter } from './space.js';

/** More combinations than a search could ever try. */
const MOST = 100_000;

/** Every candidate of a space, the last parameter changing fastest. @throws ERR_OPTION for a range without steps, or more than a hundred thousand candidates. */
export function gridOf(parameters: readonly Parameter[]): Candidate[] {
  let grid: Record<string, Json>[] = [{}];
  for (const parameter of parameters) {
    const { name, count } = parameter;
    if (count === Infinity)
      fail(
        'ERR_OPTION',
        `space.${name}: a grid needs a number of values, and any number of this range is one. List them, give { uniform: [low, high], step }, or take another sampler: 'tpe', 'sobol', 'random'.`,
      );
    const next: Record<string, Json>[] = [];
    for (const candidate of grid) {
      if (!exists(parameter, parameters, candidate)) next.push(candidate);
      else {
        if (next.length + count > MOST)
          fail(
            'ERR_OPTION',
            `space: this grid has more than ${MOST} candidates. Give steps or shorter lists, or take another sampler: 'tpe', 'sobol', 'random'.`,
          );
        for (let i = 0; i < count; i++) next.push({ ...candidate, [name]: valueAtIndex(parameter, i) });
      }
    }
    grid = next;
  }
  return grid;
}
