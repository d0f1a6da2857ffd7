// What there is to say of a search: gathered once, shown by the sections.

import type { SearchFindings, TriedCandidate } from '../../search/findings.js';
import { parameterImportance, type ParameterImportance } from '../../search/parameterImportance.js';
import { readSpace, type Parameter } from '../../search/space.js';

/** What a page says of a search beside what it found. */
export interface SearchPageOptions {
  readonly title: string;
  /** What the score is: 'accuracy', 'R^2'. */
  readonly score: string;
  readonly folds: number;
  readonly seed: number;
  /** What was typed. */
  readonly command: string | undefined;
}

/** All that the sections show. */
export interface SearchFacts extends SearchPageOptions {
  readonly findings: SearchFindings;
  readonly parameters: readonly Parameter[];
  readonly importance: readonly ParameterImportance[];
  /** Candidates that ran to their end. */
  readonly complete: readonly TriedCandidate[];
  /** The first objective: its name as people say it, its value, and whether more is better. */
  readonly first: { readonly label: string; readonly of: (trial: TriedCandidate) => number; readonly more: boolean };
}

export function factsOf(findings: SearchFindings, options: SearchPageOptions): SearchFacts {
  const { trials, objectives, space } = findings;
  const [goal] = objectives;
  const more = goal!.goal === 'maximize';
  const of = (trial: TriedCandidate) => trial.values[goal!.name] ?? Number.NaN;
  const complete = trials.filter((trial) => trial.state === 'complete');
  const parameters = readSpace(space);
  // What was stopped early counts by the folds or epochs that it ran: those candidates are most of what is known of bad ones.
  const judged = trials.filter(({ state }) => state === 'complete' || state === 'pruned');
  const tried = judged.map((trial) => ({ candidate: trial.candidate, loss: (more ? -1 : 1) * valueSoFar(trial, of) }));
  return {
    ...{ ...options, findings, parameters, complete },
    first: { label: goal!.name === 'score' ? options.score : goal!.name, of, more },
    importance: parameterImportance(parameters, tried, options.seed),
  };
}

/** The first objective of a candidate over all that it ran. */
export function valueSoFar(trial: TriedCandidate, of: (trial: TriedCandidate) => number): number {
  const value = of(trial);
  return Number.isNaN(value) ? (trial.steps.at(-1)?.value ?? Number.NaN) : value;
}
