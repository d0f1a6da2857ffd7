// What a search goes by: its score, and beside it whatever else is to be small or large.

import { fail, show } from '../errors.js';
import type { Recorded } from './recorded.js';

/** Figures of an estimator beside its score. microsecondsPerRow is measured: it differs from run to run, so no sampler is told of it. */
const figures = ['bytes', 'multiplyAdds', 'microsecondsPerRow'];

/** An objective by name: 'score', a figure of an estimator, or what an objective function returns among its values. */
export type ObjectiveName = 'score' | 'bytes' | 'multiplyAdds' | 'microsecondsPerRow' | (string & {});

/** An objective, and which way is better. */
export interface Goal {
  /** Which figure. */
  readonly name: ObjectiveName;
  /** Which way is better. */
  readonly goal: 'minimize' | 'maximize';
}

/** An objective as the search goes by it. */
export interface ResolvedObjective extends Goal {
  /** Whether it is a timing, which differs from run to run. */
  readonly measured: boolean;
  /** Its value in an outcome. */
  readonly valueOf: (recorded: Recorded) => number;
  /** The value turned so that less is better. */
  readonly lossOf: (recorded: Recorded) => number;
}

/**
 * The objectives of a search; the first decides.
 * @param errors whether less of the score is better
 * @param estimator whether the figures are those of estimators
 */
export function readGoals(given: unknown, errors: boolean, estimator: boolean): readonly ResolvedObjective[] {
  const list = given ?? ['score'];
  if (!Array.isArray(list) || list.length === 0)
    fail('ERR_OPTION', `objectives: expected a list such as ['score', 'bytes'], got ${show(given)}.`);
  const goals = list.map((one: unknown, i) => readGoal(one, `objectives[${i}]`, errors, estimator));
  goals.forEach(({ name }, i) => {
    if (goals.findIndex((other) => other.name === name) !== i) fail('ERR_OPTION', `objectives: "${name}" is listed twice.`);
  });
  if (goals[0]!.measured)
    fail('ERR_OPTION', `objectives[0]: "${goals[0]!.name}" differs from run to run, so it cannot decide. Put 'score' first.`);
  return goals;
}

function readGoal(given: unknown, at: string, errors: boolean, estimator: boolean): ResolvedObjective {
  const { name, goal } = (typeof given === 'string' ? { name: given } : (given ?? {})) as { name?: unknown; goal?: unknown };
  const known = ['score', ...(estimator ? figures : [])];
  if (typeof name !== 'string' || name === '' || (estimator && !known.includes(name)))
    fail(
      'ERR_OPTION',
      `${at}: expected ${estimator ? `one of ${known.join(', ')}` : 'a name'}, or { name, goal }, got ${show(name ?? given)}.`,
    );
  if (goal !== undefined && goal !== 'minimize' && goal !== 'maximize')
    fail('ERR_OPTION', `${at}.goal: expected 'minimize' or 'maximize', got ${show(goal)}.`);
  const usual = name === 'score' ? (errors ? 'minimize' : 'maximize') : estimator ? 'minimize' : undefined;
  const chosen =
    goal ??
    usual ??
    fail('ERR_OPTION', `${at}: say which way is better: { name: ${show(name)}, goal: 'minimize' | 'maximize' }.`);
  const measured = estimator && name === 'microsecondsPerRow';
  const read = (recorded: Recorded): number =>
    (name === 'score' ? recorded.score : measured ? recorded.microsecondsPerRow : recorded.values[name]) ?? Number.NaN;
  return { name, goal: chosen, measured, valueOf: read, lossOf: (one) => (chosen === 'minimize' ? read(one) : -read(one)) };
}
