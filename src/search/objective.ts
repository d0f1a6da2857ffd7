// What a search makes better: an estimator, given as plain data, or a function of a module, by name. A worker runs nothing that comes from
// outside: estimators are the library's own, and a function is one that whoever started the worker listed.

import { isUrl } from '../brands.js';
import type { FunctionModule } from '../approximate/options.js';
import { fail, show } from '../errors.js';
import { MLPClassifier } from '../estimators/classifier.js';
import { Perceptron } from '../estimators/perceptron.js';
import { MLPRegressor } from '../estimators/regressor.js';
import type { Estimator, EstimatorKind } from '../estimators/trainable.js';
import type { Candidate } from './contract.js';
import type { Scoring, scoreBy } from './scores.js';

/** Rows of a search's data, as estimators take them. */
export interface ObjectiveRows {
  /** Rows of numbers, or a Table. */
  readonly X: unknown;
  /** Targets, one for each row, or the name of a column of X. */
  readonly y: unknown;
}

/** What an objective function is given beside the candidate. */
export interface ObjectiveContext {
  /** The rows to train on, as estimators take them; undefined in a search without data. */
  readonly train: ObjectiveRows | undefined;
  /** The rows to score on; undefined without data, and in the last training, which is on all rows. */
  readonly test: ObjectiveRows | undefined;
  /** Number of the fold, from 0; undefined in the last training. */
  readonly fold: number | undefined;
  /** The search's seed: whatever is random should be drawn from it, so that a trial gives the same answer every time. */
  readonly seed: number;
  /** Train up to so many epochs in all, save a checkpoint and return the score as it is then; undefined: to the end. */
  readonly epochs: number | undefined;
  /** What this trial saved last, here or on another worker; undefined at its beginning. */
  readonly checkpoint: Uint8Array | undefined;
  /** Keeps a checkpoint: what a trial needs to go on from here. */
  readonly save: (bytes: Uint8Array) => Promise<void>;
  /** Aborted when the search stops: save a checkpoint and reject. */
  readonly signal: AbortSignal;
}

/** What an objective function returns: its score, for which more is better unless the search's objectives say otherwise; or more than that. */
export type ObjectiveAnswer =
  | number
  | {
      /** The score. */
      readonly score: number;
      /** Figures by name, for searches with several objectives. */
      readonly values?: Readonly<Record<string, number>>;
      /** Epochs that the trial has behind it. */
      readonly epochs?: number;
      /** The trained model as bytes, in the last training. */
      readonly model?: Uint8Array;
    };

/** A trial as a function: a candidate in, its score out. */
export type ObjectiveFunction = (candidate: Candidate, context: ObjectiveContext) => ObjectiveAnswer | Promise<ObjectiveAnswer>;

/** A function of a module, by name, as worker threads import it. */
export interface ModuleFunction {
  /** The module's file, as a URL (file:). */
  readonly module: string;
  /** The name of the export. It is what workers elsewhere know the function by. */
  readonly name: string;
}

/** Where the objective is, read. @throws ERR_OPTION for anything but a file's URL and a name. */
export function readModule({ module, name = 'default' }: FunctionModule): ModuleFunction {
  const href = isUrl(module) ? module.href : module;
  if (typeof href !== 'string' || !/^file:\/\//.test(href))
    fail(
      'ERR_OPTION',
      `objective.module: expected the URL of a file, such as new URL('./objective.js', import.meta.url), got ${show(module)}.`,
    );
  if (typeof name !== 'string' || !/^[\w$-]+$/.test(name))
    fail('ERR_OPTION', `objective.name: expected the name of an export, got ${show(name)}.`);
  return { module: href, name };
}

/** What a study says of its objective: plain data. */
export type ObjectiveSpec =
  | { readonly estimator: EstimatorKind; readonly options: Readonly<Record<string, unknown>> }
  | { readonly function: string }
  /** Something that only the thread that has it can run. */
  | { readonly local: string };

/** What a study is about: everything that decides what its trials come to. */
export interface StudySpec {
  /** Of this record. */
  readonly format: 1;
  readonly objective: ObjectiveSpec;
  readonly scoring: Scoring | null;
  /** Figures beside the score: 'bytes', 'multiplyAdds', 'microsecondsPerRow', or names of what a function returns. */
  readonly measures: readonly string[];
  readonly seed: number;
  /** SHA-256 of the data set; null without data. */
  readonly data: string | null;
}

/** What a job's bytes say. */
export interface JobSpec {
  readonly study: string;
  readonly candidate: Candidate;
  /** Number of the fold; null: all rows, nothing to score on, the model is the result. */
  readonly fold: number | null;
  /** The step of the trial that this is. */
  readonly step: number;
  /** Epochs in all that the trial has behind it at the end of the step; null: to its own end. */
  readonly epochs: number | null;
  /** Set where the same has been done before, to compare both. */
  readonly again?: true;
}

/** An objective that cannot leave this thread: a subclass, options that are functions, a function of the caller's own. */
export interface LocalObjective {
  /** Makes the estimator of a candidate. */
  readonly make?: (candidate: Candidate) => Estimator;
  /** Scores a fitted one in the caller's own way. */
  readonly score?: typeof scoreBy;
  /** Runs a whole trial. */
  readonly run?: ObjectiveFunction;
}

/** Which estimator it is; undefined for a subclass. @throws ERR_TYPE for what is none. */
export function kindOf(estimator: unknown): EstimatorKind | undefined {
  if (typeof estimator !== 'object' || estimator === null || typeof (estimator as Estimator).clone !== 'function')
    fail('ERR_TYPE', `estimator: expected an MLPClassifier, an MLPRegressor or a Perceptron, got ${show(estimator)}.`);
  if (estimator.constructor === MLPClassifier) return 'MLPClassifier';
  if (estimator.constructor === MLPRegressor) return 'MLPRegressor';
  if (estimator.constructor === Perceptron) return 'Perceptron';
  return undefined;
}

/** The function of a module, by its name. @throws ERR_OPTION where the module has no such function. */
export async function importFunction({ module, name }: ModuleFunction): Promise<Record<string, ObjectiveFunction>> {
  const exported = ((await import(/* @vite-ignore */ /* webpackIgnore: true */ module)) as Record<string, unknown>)[name];
  if (typeof exported !== 'function') fail('ERR_OPTION', `objective: ${module} exports no function "${name}".`);
  return { [name]: exported as ObjectiveFunction };
}

/**
 * Options of an estimator with those of a candidate in their place. A name with dots is that of a member: 'optimizer.momentum' is
 * `momentum` in the object `optimizer`.
 */
export function withCandidate(options: Readonly<Record<string, unknown>>, candidate: Candidate): Record<string, unknown> {
  const all: Record<string, unknown> = { ...options };
  for (const [name, value] of Object.entries(candidate)) {
    const path = name.split('.');
    const last = path.pop()!;
    let inner = all;
    for (const part of path) {
      const given = inner[part];
      // An option that is a name in short stands for an object with that name.
      const own = typeof given === 'string' ? { name: given } : typeof given === 'object' && given !== null ? { ...given } : {};
      inner[part] = own;
      inner = own as Record<string, unknown>;
    }
    inner[last] = value;
  }
  return all;
}
