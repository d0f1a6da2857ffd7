// Which options are best: a search over a space, by trials that are bytes, on this thread or many machines, with one result.

import type { FunctionModule } from '../approximate/options.js';
import type { Fold } from '../data/split.js';
import { Table } from '../data/table.js';
import { fail, show } from '../errors.js';
import { asFeatures } from '../estimators/features.js';
import { Perceptron } from '../estimators/perceptron.js';
import { MLPRegressor } from '../estimators/regressor.js';
import { freshOf, type Estimator } from '../estimators/trainable.js';
import { readOptions, type Read } from '../options.js';
import { asNeeded } from './asNeeded.js';
import { baselinesOf } from './baselines.js';
import { plain } from './candidates.js';
import { hashed, isPlain, sha256 } from './canonical.js';
import { conduct } from './conduct.js';
import type { Candidate } from './contract.js';
import { encodeDataSet, type DataSet } from './dataSet.js';
import { bestOf, findingsOf, type SearchFindings } from './findings.js';
import { readGoals, type ResolvedObjective } from './goals.js';
import { here } from './here.js';
import {
  kindOf,
  readModule,
  withCandidate,
  type LocalObjective,
  type ModuleFunction,
  type ObjectiveFunction,
  type ObjectiveSpec,
  type StudySpec,
} from './objective.js';
import { Progress } from './progress.js';
import { readPruner } from './pruners.js';
import { recordOf } from './recorded.js';
import { makeJob } from './rounds.js';
import type { Session, Study } from './runner.js';
import { readSampler } from './samplers.js';
import { checkScoring, isError, type scoreBy, type Scoring } from './scores.js';
import { settingRows, type SearchSettings } from './settings.js';
import { checkCandidates, readSpace, type Space } from './space.js';
import { usefulWorkers } from './threads.js';
import { readData, readFolds } from './trialData.js';
import type { Outcome } from './workplace.js';

/** What a search makes better: an estimator, whose options the space names; the function of a module; or, on this thread alone, a function. */
export type Objective = Estimator | FunctionModule | ObjectiveFunction;

type Settings = Read<typeof settingRows>;

/** Of the trials of an estimator so many run twice. */
const usualShare = 0.02;

/**
 * Searches a space for the candidate that makes an objective best, by cross-validation. Candidates are drawn in rounds of a fixed size, from
 * the seed and the outcomes of earlier rounds; decisions are made when all that runs has ended, in the order of candidates. So a search comes to
 * the same trials, the same best candidate and the same bytes of its model on one thread, on many, and resumed from its storage after any interruption.
 * @param space the range of each option, by name; 'optimizer.momentum' is the option momentum inside of optimizer
 * @param objective an estimator, { module, name } of a function, or a function (with runner: here())
 * @throws ERR_OPTION for a space, an option or a candidate that is wrong, before trials run; ERR_FILE for a storage that is in use or of
 * another search; ERR_OPTION for a budget that no candidate ends within; ERR_DIVERGED when no candidate can be trained; ERR_LABEL, ERR_SHAPE and whatever else fit throws for the data; AbortError by
 * `signal`; ERR_WORKER.
 *
 * @example
 * const space = { learningRate: { logUniform: [1e-3, 1e-1] }, hiddenLayers: [[8], [16, 16]] };
 * const { best, trials } = await search(space, new MLPClassifier({ epochs: 10 }), { data: { X, y }, trials: 4, folds: 2, seed: 1 });
 * trials.length;  // 4
 * loadEstimator(best.model).predict(X);
 */
export async function search(space: Space, objective: Objective, options: SearchSettings = {}): Promise<SearchFindings> {
  const settings = readOptions(settingRows, options, 'search');
  const { seed, roundSize, signal, budget, storage } = settings;
  const subject = subjectOf(objective, settings);
  const sampler = readSampler(settings.sampler ?? 'tpe', space);
  const begin = settings.begin === undefined ? [] : checkCandidates(readSpace(space), settings.begin, 'begin');
  const pruner = readPruner(settings.pruner ?? 'none');
  const { study, folds, set } = await studyOf(subject, settings);
  const trials = settings.trials ?? (budget !== undefined || settings.sampler === 'grid' ? Infinity : 20);
  const identity = {
    data: study.data?.id ?? 'none',
    'objective, score or folds': study.id,
    'space or sampler': (await hashed(sampler.settings, 'sampler.settings')).id,
    ...(begin.length === 0 ? {} : { begin: (await hashed(begin, 'begin')).id }),
    objectives: subject.objectives.map(({ name, goal }) => `${goal} ${name}`).join(', '),
    ...(settings.epochs === undefined ? {} : { epochs: String(settings.epochs) }),
    pruner: (await hashed(pruner.settings, 'pruner.settings')).id,
    ...{ seed: String(seed), roundSize: String(roundSize) },
  };
  const { objectives } = subject;
  const runner = settings.runner ?? (study.local === undefined && (await usefulWorkers()) > 1 ? asNeeded() : here());
  const progress = new Progress(settings, trials, objectives);
  const course = {
    ...{ study, sampler, begin, pruner, folds, epochs: subject.epochs, trials, roundSize, seed, objectives },
    verify: settings.verify ?? ('estimator' in subject.spec ? usualShare : 0),
    check: subject.check,
  };
  const { candidates, ending, verified, last } = await conduct(
    course,
    {
      ...{ runner, storage, storageName: 'storage', identity, signal, budget },
      ended: (recorded, rounds, fresh) => progress.ended(recorded, rounds, fresh),
    },
    async (session, tracked, stop) => {
      const number = bestOf(tracked, objectives);
      const trained =
        settings.refit && subject.trains
          ? await trainBest(study, tracked[number]!.candidate, session, stop)
          : { model: undefined, sha256: undefined };
      return { number, ...trained };
    },
  );
  const { scoring, baselines: wanted } = settings;
  const baselines =
    wanted && set !== undefined && subject.estimator
      ? await baselinesOf(set, { classes: subject.classes === true, scoring, seed, signal })
      : [];
  return findingsOf(candidates, last, { objectives, folds, ending, space, baselines, verified });
}

// ---- the objective ------------------------------------------------------------------------------------------------------------

/** An objective as a search needs it. */
interface Subject {
  readonly spec: ObjectiveSpec;
  readonly local: LocalObjective | undefined;
  readonly module: ModuleFunction | undefined;
  /** Whether targets are labels; undefined: by what they are. */
  readonly classes: boolean | undefined;
  readonly epochs: number | undefined;
  readonly objectives: readonly ResolvedObjective[];
  /** Whether it is an estimator. */
  readonly estimator: boolean;
  /** Whether there is a model to train on all rows. */
  readonly trains: boolean;
  readonly check: (candidate: Candidate) => void;
}

function subjectOf(objective: unknown, settings: Settings): Subject {
  const { scoring, data } = settings;
  if (typeof objective === 'function' || isModule(objective)) {
    if (scoring !== undefined)
      fail('ERR_OPTION', 'scoring: an objective that is a function scores by itself. Leave scoring out.');
    const module = typeof objective === 'function' ? undefined : readModule(objective);
    const run = objective as ObjectiveFunction;
    return {
      ...(module === undefined
        ? { spec: { local: `function ${run.name}: ${run}` }, local: { run }, module }
        : { spec: { function: module.name }, local: undefined, module }),
      ...{ classes: undefined, estimator: false, epochs: settings.epochs, trains: data !== undefined, check: () => {} },
      objectives: readGoals(settings.objectives, false, false),
    };
  }
  const estimator = objective as Estimator;
  const kind = kindOf(objective);
  if (settings.epochs !== undefined) fail('ERR_OPTION', 'epochs: an estimator has its own. Give it to the estimator.');
  if (data === undefined) fail('ERR_OPTION', 'data: expected { X, y } to train on, got nothing.');
  const classes = !(estimator instanceof MLPRegressor);
  checkScoring(scoring, classes);
  const shared = {
    ...{ module: undefined, classes, estimator: true, trains: true },
    objectives: readGoals(settings.objectives, isError(scoring), true),
    check: (candidate: Candidate) => void freshOf(estimator, withCandidate(plain(estimator.options), candidate)),
  };
  if (kind !== undefined && typeof scoring !== 'function' && isPlain(plain(estimator.options))) {
    const epochs = estimator instanceof Perceptron ? undefined : estimator.plannedEpochs;
    return { ...shared, spec: { estimator: kind, options: plain(estimator.options) }, local: undefined, epochs };
  }
  const make = (candidate: Candidate) => freshOf(estimator, withCandidate(plain(estimator.options), candidate));
  const score: typeof scoreBy | undefined =
    typeof scoring === 'function' ? (_, fitted, X, y) => scoring(fitted, X as never, y as never) : undefined;
  const local: LocalObjective = { make, ...(score === undefined ? {} : { score }) };
  return {
    ...shared,
    spec: {
      local: `a ${estimator.constructor.name} with functions, or a subclass: ${textOf([plain(estimator.options), scoring])}`,
    },
    local,
    epochs: undefined,
  };
}

function isModule(objective: unknown): objective is FunctionModule {
  return typeof objective === 'object' && objective !== null && 'module' in objective && !('clone' in objective);
}

/** What is tried. Functions of this thread are told from others by their text: outcomes of one must not be taken for those of another. */
async function identified(spec: Subject['spec']): Promise<Subject['spec']> {
  if (!('local' in spec)) return spec;
  const hash = await sha256(new TextEncoder().encode(spec.local));
  return { local: `${spec.local.split(':')[0]} (${hash.slice(0, 12)})` };
}

/** Options as text, functions by their own. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'function' ? String(part) : part)) ?? '';

async function studyOf(
  subject: Subject,
  settings: Settings,
): Promise<{ readonly study: Study; readonly folds: number; readonly set: DataSet | undefined }> {
  const { seed, scoring, checkpointSeconds } = settings;
  const set = settings.data === undefined ? undefined : readSet(settings.data, subject.classes, settings);
  if (set === undefined && settings.folds !== undefined) fail('ERR_OPTION', 'folds: there are none without data.');
  const bytes = set && encodeDataSet(set);
  const data = bytes && { id: await sha256(bytes), bytes };
  const spec: StudySpec = {
    ...{ format: 1, objective: await identified(subject.spec), seed, data: data?.id ?? null },
    scoring: typeof scoring === 'string' ? (scoring satisfies Scoring) : null,
    measures: subject.objectives.map(({ name }) => name).filter((name) => name !== 'score'),
  };
  return {
    study: { ...(await hashed(spec, 'objective')), data, checkpointSeconds, module: subject.module, local: subject.local },
    folds: set?.folds.length ?? 1,
    set,
  };
}

function readSet(data: NonNullable<SearchSettings['data']>, classes: boolean | undefined, { folds, seed }: Settings) {
  if (typeof data !== 'object' || !('X' in data) || !('y' in data))
    fail('ERR_OPTION', `data: expected { X, y }, got ${show(data)}.`);
  const X = asFeatures(data.X);
  const labels =
    classes ?? (X instanceof Table && typeof data.y === 'string' ? X.column(data.y).type === 'categorical' : isLabels(data.y));
  const rows = readData(X, data.y, labels);
  const drawn: readonly Fold[] = readFolds(folds ?? 5, rows, labels, seed);
  return { data: rows, folds: drawn };
}

/** Whether targets are names of classes and no numbers. */
const isLabels = (y: unknown): boolean => Array.isArray(y) && (typeof y[0] === 'string' || typeof y[0] === 'boolean');

// ---- the last training --------------------------------------------------------------------------------------------------------

async function trainBest(study: Study, candidate: Candidate, session: Session, signal: AbortSignal) {
  const job = await makeJob(study, { candidate, fold: null, step: 0, epochs: null }, undefined, 'the best on all rows');
  let model: Uint8Array | undefined;
  let failed: Outcome['error'];
  await session.run([job], {
    signal,
    ended: async (result) => {
      failed = recordOf(result, { trial: 0, fold: 0, step: 0, candidate }).error;
      if (!('reason' in result)) model = result.model;
    },
  });
  if (failed !== undefined)
    fail(
      failed.code === 'ERR_WORKER' ? 'ERR_WORKER' : 'ERR_DIVERGED',
      `The best candidate could not be trained on all rows: ${failed.message.replace(/\.?$/, '.')} With refit: false it is told without a model.`,
    );
  await session.forget([job.id]);
  return { model, sha256: model && (await sha256(model)) };
}
