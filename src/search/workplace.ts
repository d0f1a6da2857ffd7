// Where jobs are done: a study and its data, read once, and one job after the other. Runs wherever a runner puts it: on this thread, on a
// worker thread, in a process of another machine.

import { isError, isUint8 } from '../brands.js';
import { fail, FeedforwardError, show } from '../errors.js';
import { Perceptron } from '../estimators/perceptron.js';
import { estimatorKinds, type Estimator, type Trainable } from '../estimators/trainable.js';
import { workOf } from '../model/inspections.js';
import { utf8 } from '../platform.js';
import { canonical, fromBytes, sha256 } from './canonical.js';
import type { Candidate } from './contract.js';
import { decodeDataSet, type DataSet } from './dataSet.js';
import { withCandidate, type JobSpec, type LocalObjective, type ObjectiveFunction, type StudySpec } from './objective.js';
import type { Checkpoints, Job, JobResult } from './runner.js';
import { scoreBy } from './scores.js';
import { saved, train } from './training.js';
import { TrialRows } from './trialData.js';

/** What a job came to: equal to the byte wherever it ran. */
export interface Outcome {
  readonly job: string;
  /** The score on the rows held out; null when training failed, and in the last training. */
  readonly score: number | null;
  /** The study's measures by name, those that are equal everywhere. */
  readonly values: Readonly<Record<string, number>>;
  /** Epochs that the trial has behind it. */
  readonly epochs: number;
  /** Whether the trial has come to its own end: later steps train no further. */
  readonly finished: boolean;
  /** SHA-256 of the model's file, in the last training. */
  readonly model?: string;
  /** SHA-256 of the trained model's file, of an estimator that was scored: what tells two trainings apart whose scores are equal. */
  readonly trained?: string;
  /** Why the training failed, if it did. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** What differs from run to run. */
export interface Measured {
  /** Of this job; where it went on from a checkpoint, without what came before. */
  readonly seconds: number;
  readonly microsecondsPerRow?: number;
}

/** What a workplace runs: the functions it may, by name, and what cannot travel. */
export interface Allowed {
  readonly functions: Readonly<Record<string, ObjectiveFunction>>;
  readonly local?: LocalObjective | undefined;
}

/** What a job is done with. */
export interface JobRun {
  readonly checkpoints: Pick<Checkpoints, 'load' | 'save'>;
  /** Seconds of training after which a checkpoint is saved. */
  readonly checkpointSeconds: number;
  /** Aborted when the search stops. */
  readonly signal: AbortSignal;
}

/** Rows that are timed at most, and for how long in milliseconds at least. */
const timing = { rows: 1000, milliseconds: 20 };

export class Workplace {
  private readonly rows: TrialRows | undefined;

  private constructor(
    private readonly study: string,
    private readonly spec: StudySpec,
    private readonly set: DataSet | undefined,
    private readonly allowed: Allowed,
  ) {
    this.rows = set && new TrialRows(set.data);
  }

  /**
   * Ready for the jobs of a study.
   * @throws ERR_OPTION for a function that is not allowed here, ERR_FORMAT for bytes that are no study, or data that are not the study's.
   */
  static open(
    study: { readonly id: string; readonly bytes: Uint8Array },
    data: Uint8Array | undefined,
    allowed: Allowed,
  ): Workplace {
    const spec = fromBytes(study.bytes) as StudySpec;
    if (spec.format !== 1)
      fail('ERR_FORMAT', `This search was made by another version of the library, whose studies have format ${spec.format}.`);
    const { objective } = spec;
    if ('function' in objective && !Object.hasOwn(allowed.functions, objective.function))
      fail(
        'ERR_OPTION',
        `objective: this worker has no function "${objective.function}". It has ${listed(Object.keys(allowed.functions))}.`,
      );
    if ('local' in objective && allowed.local === undefined)
      fail('ERR_OPTION', `objective: ${objective.local} cannot be sent to where trials run. Use runner: here().`);
    if ((spec.data === null) !== (data === undefined)) fail('ERR_FORMAT', 'The study and its data do not go together.');
    return new Workplace(study.id, spec, data && decodeDataSet(data), allowed);
  }

  /**
   * Does a job. A training that fails is an outcome; wrong data and options are not.
   * @throws what an estimator refuses; the signal's reason when it is aborted, with a checkpoint saved where training had begun.
   */
  async run(job: Pick<Job, 'id' | 'bytes' | 'previous'>, run: JobRun): Promise<JobResult> {
    const spec = fromBytes(job.bytes) as JobSpec;
    if (spec.study !== this.study) fail('ERR_FORMAT', 'This job belongs to another study.');
    const started = performance.now();
    const earlier = job.previous === undefined ? undefined : () => run.checkpoints.load(job.previous!);
    const checkpoint = (await run.checkpoints.load(job.id)) ?? (await earlier?.());
    const done = await this.attempt(job.id, spec, checkpoint, run);
    const { model, microsecondsPerRow, ...result } = done;
    const outcome: Outcome = { job: job.id, ...result, ...(model === undefined ? {} : { model: await sha256(model) }) };
    const measured: Measured = {
      seconds: (performance.now() - started) / 1000,
      ...(microsecondsPerRow === undefined ? {} : { microsecondsPerRow }),
    };
    return {
      id: job.id,
      outcome: utf8(canonical(outcome, 'outcome')),
      measured: utf8(canonical(measured, 'measured')),
      ...(model === undefined ? {} : { model }),
    };
  }

  private async attempt(id: string, spec: JobSpec, checkpoint: Uint8Array | undefined, run: JobRun): Promise<Done> {
    try {
      return this.runsFunction
        ? await this.runFunction(id, spec, checkpoint, run)
        : await this.runEstimator(id, spec, checkpoint, run);
    } catch (error) {
      if (run.signal.aborted) throw error;
      const failed = (code: string, message: string): Done => ({
        ...{ score: null, values: {}, epochs: 0, finished: true },
        error: { code, message },
      });
      if (error instanceof FeedforwardError) {
        if (error.code !== 'ERR_DIVERGED' && error.code !== 'ERR_MEMORY') throw error;
        return failed(error.code, error.message);
      }
      if (!this.runsFunction) throw error;
      return failed('ERR_OBJECTIVE', isError(error) ? `${error.name}: ${error.message}` : show(error)); // someone else's code
    }
  }

  private get runsFunction(): boolean {
    return 'function' in this.spec.objective || this.allowed.local?.run !== undefined;
  }

  private part(fold: number | null): { readonly train: Rows | undefined; readonly test: Rows | undefined } {
    const { rows, set } = this;
    if (rows === undefined || set === undefined) return { train: undefined, test: undefined };
    if (fold === null) return { train: rows.all(), test: undefined };
    const { train, test } = set.folds[fold] ?? fail('ERR_FORMAT', `This job is on fold ${fold}, which the study does not have.`);
    return { train: rows.take(train), test: rows.take(test) };
  }

  // ---- estimators ------------------------------------------------------------------------------------------------------------

  private make(candidate: Candidate): Estimator {
    const { objective } = this.spec;
    if ('estimator' in objective) {
      const quiet = objective.estimator === 'Perceptron' ? {} : { onWarning: false };
      return estimatorKinds[objective.estimator]({ ...withCandidate(objective.options, candidate), ...quiet });
    }
    return this.allowed.local?.make?.(candidate) ?? fail('ERR_FORMAT', 'This study has no estimator.');
  }

  private async runEstimator(id: string, spec: JobSpec, checkpoint: Uint8Array | undefined, run: JobRun): Promise<Done> {
    const { train: rows, test } = this.part(spec.fold);
    const fresh = this.make(spec.candidate);
    const save = (bytes: Uint8Array) => run.checkpoints.save(id, bytes);
    const names = fresh instanceof Perceptron ? undefined : this.rows!.names;
    const { estimator, epochs, finished } =
      this.allowed.local === undefined
        ? await train(
            fresh,
            { ...rows!, names },
            {
              epochs: spec.epochs ?? undefined,
              checkpoint,
              seconds: run.checkpointSeconds,
              save,
              signal: run.signal,
            },
          )
        : await trainInOneGo(fresh, { ...rows!, names }, run.signal);
    if (spec.epochs !== null && !(estimator instanceof Perceptron)) await save(saved(estimator, epochs));
    if (test === undefined) return { score: null, values: {}, epochs, finished, model: estimator.save() };
    const scoring = this.spec.scoring ?? undefined;
    const rowsHeldOut = this.set?.folds[spec.fold!]?.test.length;
    const score = (this.allowed.local?.score ?? scoreBy)(scoring, estimator, test.X, test.y);
    const trained = this.allowed.local === undefined ? { trained: await sha256(estimator.save()) } : {};
    const shared = { epochs, finished, values: this.measure(estimator), ...trained, ...this.timed(estimator, test.X) };
    if (Number.isFinite(score)) return { score, ...shared };
    return {
      ...shared,
      score: null,
      error: {
        code: 'ERR_NONFINITE',
        message: `The score is ${score}.${Number.isNaN(score) && scoring === undefined && rowsHeldOut === 1 ? ' R^2 needs 2 rows to score on in each fold, got 1: use fewer folds, or a scoring such as meanAbsoluteError.' : ''}`,
      },
    };
  }

  /** Figures that are equal wherever they are taken. */
  private measure(estimator: Estimator): Record<string, number> {
    const figures: Record<string, () => number> = {
      bytes: () => estimator.save().length,
      multiplyAdds: () => (estimator instanceof Perceptron ? estimator.weights.length : workOf(estimator).predict.multiplyAdds),
    };
    return Object.fromEntries(
      this.spec.measures.flatMap((name) => (Object.hasOwn(figures, name) ? [[name, figures[name]!()]] : [])),
    );
  }

  /** Time of a prediction, the shortest of some. */
  private timed(estimator: Estimator, X: unknown): { readonly microsecondsPerRow?: number } {
    if (!this.spec.measures.includes('microsecondsPerRow')) return {};
    const { set } = this;
    const some = Uint32Array.from(
      { length: Math.min(timing.rows, set!.folds[0]!.test.length) },
      (_, i) => set!.folds[0]!.test[i]!,
    );
    const rows = some.length === 0 ? X : this.rows!.take(some).X;
    const trainable: Trainable = estimator;
    trainable.predict(rows);
    let best = Infinity;
    const from = performance.now();
    do {
      const started = performance.now();
      trainable.predict(rows);
      best = Math.min(best, performance.now() - started);
    } while (performance.now() - from < timing.milliseconds);
    return { microsecondsPerRow: (1000 * best) / some.length };
  }

  // ---- functions -------------------------------------------------------------------------------------------------------------

  private async runFunction(id: string, spec: JobSpec, checkpoint: Uint8Array | undefined, run: JobRun): Promise<Done> {
    const { objective, seed, measures } = this.spec;
    const objectiveFunction = 'function' in objective ? this.allowed.functions[objective.function]! : this.allowed.local!.run!;
    const { train: rows, test } = this.part(spec.fold);
    run.signal.throwIfAborted();
    const answer = await objectiveFunction(spec.candidate, {
      train: rows,
      test,
      fold: spec.fold ?? undefined,
      seed,
      epochs: spec.epochs ?? undefined,
      checkpoint,
      save: async (bytes) => {
        if (!isUint8(bytes)) refuseAnswer('a checkpoint that it saves', 'bytes (Uint8Array)', bytes);
        await run.checkpoints.save(id, bytes);
      },
      signal: run.signal,
    });
    const failed = (code: string, message: string, epochs: number): Done => ({
      ...{ score: null, values: {}, epochs, finished: true },
      error: { code, message },
    });
    if (typeof answer !== 'number' && (typeof answer !== 'object' || answer === null || Array.isArray(answer))) {
      const what = answer === undefined ? 'nothing' : `${typeof answer === 'string' ? 'text, ' : ''}${show(answer)}`;
      return failed('ERR_OBJECTIVE', `The objective returned ${what}: expected a number, or { score }.`, 0);
    }
    const { score, values = {}, epochs = 0, model } = typeof answer === 'number' ? { score: answer } : answer;
    if (typeof values !== 'object' || values === null) refuseAnswer('values', 'an object of numbers', values);
    if (!Number.isFinite(epochs) || epochs < 0) refuseAnswer('epochs', 'a number >= 0', epochs);
    if (model !== undefined && !isUint8(model)) refuseAnswer('model', 'bytes (Uint8Array)', model);
    const finished = spec.epochs === null;
    if (spec.fold === null) return { score: null, values: {}, epochs, finished, ...(model === undefined ? {} : { model }) };
    // An infinity would win every comparison, or lose it, whatever it stands for: it counts as a failure, as NaN does.
    if (typeof score !== 'number' || !Number.isFinite(score))
      return failed('ERR_NONFINITE', `The objective's score is ${show(score)}.`, epochs);
    for (const name of measures) {
      const value = values[name];
      if (typeof value !== 'number')
        fail('ERR_OPTION', `objectives: the objective function returned no number as values.${name}, but ${show(value)}.`);
      if (!Number.isFinite(value)) return failed('ERR_NONFINITE', `The objective's values.${name} is ${value}.`, epochs);
    }
    const own = measures.map((name) => [name, values[name]!] as const);
    return { score, values: Object.fromEntries(own), epochs, finished };
  }
}

type Rows = { readonly X: unknown; readonly y: unknown };

type Done = Omit<Outcome, 'job' | 'model'> & { readonly model?: Uint8Array; readonly microsecondsPerRow?: number };

/** For what has no bytes to pause to: a subclass, options that are functions. */
async function trainInOneGo(
  estimator: Estimator,
  { X, y, names }: Rows & { readonly names: readonly string[] | undefined },
  signal: AbortSignal,
) {
  signal.throwIfAborted();
  const options = estimator instanceof Perceptron ? [] : [{ signal, ...(names === undefined ? {} : { featureNames: names }) }];
  await (estimator as Trainable).fit(X, y, ...options);
  return { estimator, epochs: estimator.epochs, finished: true };
}

/** An answer that is not what its name says is a fault of the objective, which no other candidate would do better with. */
function refuseAnswer(what: string, expected: string, got: unknown): never {
  fail('ERR_OPTION', `objective: expected ${what} to be ${expected}, got ${show(got)}.`);
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `"${name}"`).join(', ');
}
