// The training of a preset's nets, one after the other: rows and options of each, when each has learnt enough, what becomes of them.
// What targets and outputs mean is the estimator's (Judge).

import type { Finding } from '../data/findings.js';
import { Matrix } from '../data/matrix.js';
import type { Callbacks, Model } from '../model/model.js';
import type { EpochLog, StopReason } from '../training/history.js';
import type { EstimatorFitOptions } from './fitOptions.js';
import type { Fitted } from './fitted.js';
import { pickRows } from './inputs.js';
import type { Fold } from '../data/holdOut.js';
import { LinearModels } from './linearModels.js';
import { holdsLinear, meanCurve, memberFold, memberSeed, tensorsOf, together, type Member, type Watched } from './members.js';
import { answersOutOfFold, type OutOfFold } from './outOfFold.js';
import { leastRows, linearPart, type LinearPart } from './rival.js';
import type { TeamWork } from './teamWork.js';
import { temperatureOf } from './temperature.js';
import type { Judge } from './judge.js';
import { mergedModel } from './mergedModel.js';
import {
  countsRight,
  endsEarly,
  memberModel,
  memberRate,
  recipeBatchSize,
  recipeFolds,
  recipeSmoothing,
  wholeBelow,
  type MemberTask,
} from './presets.js';
import { spreadScaler } from './scaling.js';
import { callbacksOf, pick, pickValues, type Run, type WatchedRows } from './run.js';
import { rowsAsked, shortfallFindings } from './warnings.js';

/** A training that was interrupted: the nets that are done, and the one in hand. */
export interface Unfinished {
  readonly done: readonly Member[];
  readonly model: Model;
  readonly logs: readonly EpochLog[];
  /** How the nets that are done ended: 'epochs', or what cut one of them short. */
  readonly ended: StopReason;
  readonly fingerprint: number;
}

export class Team<Head> {
  private readonly done: Member[];
  private readonly epochs: number;
  private readonly deadline: number;
  private ended: StopReason;
  private rowsDone = 0;
  /** Of the net in hand. */
  private fold: Fold | undefined;
  private logs: EpochLog[] = [];
  private sated = false;
  private readonly linear: LinearModels<Head>;

  constructor(
    readonly work: TeamWork<Head>,
    private readonly judge: Judge<Head>,
    private before?: Unfinished,
  ) {
    this.done = [...(before?.done ?? [])];
    this.ended = before?.ended ?? 'epochs';
    this.epochs = work.recipe.epochs;
    this.deadline = work.started + 1000 * (work.fitOptions.timeBudget ?? Infinity);
    this.linear = new LinearModels(work, judge, this.classes ? work.options.calibrate !== false : undefined);
  }

  private get classes(): boolean {
    return this.multilabel || this.work.targets.strata !== undefined;
  }

  private get multilabel(): boolean {
    const { strata, columns } = this.work.targets;
    const { loss } = this.judge.network(this.work.head, 0);
    return strata === undefined && columns > 1 && loss === 'binaryCrossEntropy';
  }

  /** Whether the nets learn every row: a part of so few is too little to choose an epoch by, and much to learn without. */
  private get whole(): boolean {
    return this.work.watched === undefined && this.work.X.shape[0] < wholeBelow;
  }

  private get smoothing(): number {
    return this.classes ? recipeSmoothing(this.work.options) : 0;
  }

  /** The training of the next net; undefined when all are done, or time is up. */
  next(): Run<Head> | undefined {
    const { work, judge, before, done } = this;
    const { recipe, options, head, targets, X, weights, fitOptions } = work;
    const index = done.length;
    if (index >= recipe.members || this.ended === 'callback') return undefined;
    if (index > 0 && performance.now() >= this.deadline) {
      this.ended = 'timeBudget';
      return undefined;
    }
    const { smoothing } = this;
    const rows = X.shape[0];
    const fold = work.watched === undefined && !this.whole ? this.foldOf(index) : undefined;
    this.fold = fold;
    const train = fold?.train;
    const validation = this.watchedRows(fold?.test, smoothing);
    const budget = (this.deadline - performance.now()) / (recipe.members - index);
    const begun = performance.now();
    const elapsed = budget === Infinity ? undefined : () => Math.min(1, (performance.now() - begun) / budget);
    const task = this.task(index, train?.length ?? rows, validation, elapsed);
    const model = before?.model ?? memberModel(judge, options, recipe, task);
    if (before !== undefined) model.learningRate = memberRate(options, recipe, task);
    this.logs = [...(before?.logs ?? [])];
    // One that was interrupted where it ends early has no epoch left.
    this.sated = this.logs.length > 0 && endsEarly(this.logs, this.epochs);
    this.before = undefined;
    const epochs = this.sated ? 0 : Math.max(0, this.epochs - model.epoch);
    return {
      ...{ model, columns: work.columns, scaler: work.scaler, head, rows, fingerprint: work.fingerprint, validation },
      logs: this.logs,
      findings: work.findings,
      restores: validation !== undefined,
      X: pickRows(X, train),
      y: judge.encode(head, pickValues(targets, train), targets.columns, smoothing),
      before: undefined,
      started: work.started,
      options: {
        ...this.callbacks(fitOptions, index),
        batchSize: recipeBatchSize(options, task.rows),
        ...(options.shuffle === undefined ? {} : { shuffle: options.shuffle }),
        epochs,
        ...(budget === Infinity ? {} : { timeBudget: Math.max(0.001, budget / 1000) }),
        ...(weights === undefined ? {} : { sampleWeight: train === undefined ? weights : pick(weights, train) }),
        reportMetrics: false,
        ...(validation === undefined ? {} : this.watching(validation, task.counts)),
      },
    };
  }

  private foldOf(index: number): Fold {
    const { X, options, targets } = this.work;
    return memberFold(X.shape[0], index, recipeFolds, options.seed ?? 0, targets.strata);
  }

  private task(index: number, rows: number, watched: WatchedRows | undefined, elapsed: (() => number) | undefined): MemberTask {
    const { head, columns, options, bins } = this.work;
    return {
      ...this.judge.network(head, this.smoothing),
      ...{ classes: this.classes, columns, bins, rows, elapsed },
      counts: countsRight(this.classes && !this.multilabel, watched?.values.length ?? 0),
      seed: memberSeed(options.seed ?? 0, index),
    };
  }

  private watchedRows(test: Uint32Array | undefined, smoothing: number): WatchedRows | undefined {
    const { work, judge } = this;
    const { head, targets, X, weights, watched } = work;
    const encode = (values: Float64Array) => judge.encode(head, values, targets.columns, smoothing);
    if (watched !== undefined) return { ...watched, y: encode(watched.values) };
    if (test === undefined || test.length === 0) return undefined;
    const values = pickValues(targets, test);
    return { X: pickRows(X, test), y: encode(values), values, weights: weights && pick(weights, test) };
  }

  private watching({ X, y, weights }: WatchedRows, counts: boolean) {
    const monitor = counts ? 'valAccuracy' : 'valLoss';
    return {
      validationData: { X, y, ...(weights === undefined ? {} : { sampleWeight: weights }) },
      earlyStopping: { monitor, ties: 'last', patience: this.epochs + 1, restoreBest: true } as const,
    };
  }

  /** The user's callbacks see one training of all nets: epochs count on, it begins and ends once. */
  private callbacks(options: EstimatorFitOptions, index: number) {
    const { callbacks, onTrainBegin, onTrainEnd, onEpochBegin, onEpochEnd, onBatchEnd, ...rest } = options;
    const offset = index * this.epochs;
    const last = index === this.work.recipe.members - 1;
    const own = { onTrainBegin, onTrainEnd, onEpochBegin, onEpochEnd, onBatchEnd } as Callbacks;
    const shifted = [...(callbacks === undefined ? [] : [callbacks].flat()), own].map(
      (of): Callbacks => ({
        onTrainBegin: (model) => (index === 0 ? of.onTrainBegin?.(model) : undefined),
        onEpochBegin: (epoch, model) => of.onEpochBegin?.(epoch + offset, model),
        onEpochEnd: (log, model) => of.onEpochEnd?.({ ...log, epoch: log.epoch + offset }, model),
        ...([...[callbacks].flat(), own].some((one) => one?.onBatchEnd !== undefined)
          ? { onBatchEnd: (log, model) => of.onBatchEnd?.({ ...log, epoch: log.epoch + offset }, model) }
          : {}),
        onTrainEnd: (history, model) => (last ? of.onTrainEnd?.(history, model) : undefined),
      }),
    );
    const fitted = callbacksOf({ ...rest, callbacks: shifted }, this.logs);
    const enough: Callbacks = {
      onEpochEnd: (_, model) => {
        if (!endsEarly(this.logs, this.epochs)) return;
        this.sated = true;
        model.stop();
      },
    };
    return { ...fitted, callbacks: [...fitted.callbacks, enough] };
  }

  /** Takes in a net whose training ended. */
  finish(run: Run<Head>, stoppedBy: StopReason, bestEpoch: number): void {
    // A net that was interrupted after its last epoch trained for none now.
    this.done.push(this.memberOf(run, bestEpoch > 0 ? bestEpoch : bestOf(this.logs)));
    this.rowsDone += this.logs.length * run.y.shape[0];
    if ((stoppedBy === 'callback' || stoppedBy === 'epochs') && this.sated)
      this.ended = this.ended === 'epochs' ? 'earlyStopping' : this.ended;
    else if (stoppedBy !== 'epochs') this.ended = stoppedBy;
  }

  private memberOf(run: Run<Head>, bestEpoch: number): Member {
    const { model, validation } = run;
    const { logs, work } = this;
    const watched = validation && this.answersTo(validation, model);
    return {
      tensors: tensorsOf(model),
      losses: logs.map(({ loss }) => loss),
      validationLosses: logs.flatMap(({ valLoss }) => (valLoss === undefined ? [] : [valLoss])),
      bestEpoch: bestEpoch > 0 ? bestEpoch : work.recipe.epochs,
      score: watched === undefined ? Number.NaN : this.scoreOf(watched, validation!.values),
      watched,
      rivals:
        watched === undefined || this.ended === 'abort'
          ? undefined
          : this.linear.answers(this.fold?.train, validation!.X, this.done[0]),
    };
  }

  /** What a net answers to rows that it did not learn. */
  private answersTo({ X, y, values, weights }: WatchedRows, model: Model): Watched {
    const { data, shape } = model.predict(X);
    return {
      ...{ outputs: data, columns: shape[1], weights, numbers: !this.classes },
      truth: this.classes ? values : y.data,
    };
  }

  private scoreOf({ outputs, columns, weights }: Watched, values: Float64Array): number {
    return this.judge.rate(this.work.head, values, new Matrix(outputs, outputs.length / columns, columns), weights);
  }

  /** What an interrupted training leaves: to use, and to go on from. */
  interrupted(run: Run<Head>): { fitted: Fitted<Head>; unfinished: Unfinished } {
    const unfinished = {
      done: [...this.done],
      model: run.model,
      logs: [...this.logs],
      ended: this.ended,
      fingerprint: this.work.fingerprint,
    };
    this.ended = 'abort';
    if (this.done.length === 0) this.done.push(this.memberOf(run, 0));
    return { fitted: this.mean(run.model, undefined, 0), unfinished };
  }

  /** The nets as one, with a share of a linear model where that helps, or that alone where it is as good. `like`: one of the nets. */
  fitted(like: Model): Fitted<Head> {
    const { kinds, calibrates } = this.linear;
    const oneHot = this.work.reshapes ? indicatorsUpTo : 0;
    const partOf = (judged: readonly OutOfFold[] | readonly Member[]) =>
      linearPart(judged, kinds, calibrates, holdsLinear(like.plan));
    if (!this.whole) return this.mean(like, partOf(this.done), oneHot);
    const judged = this.outOfFold();
    const part = partOf(judged);
    const values = Float64Array.from(judged.flatMap((of) => [...of.values]));
    const score = judged.length === 0 ? Number.NaN : this.scoreOf(together(judged.map(({ watched }) => watched)), values);
    const rows = values.length / this.work.targets.columns;
    const undecided = part === undefined && rows < leastRows && kinds.length > 0;
    return this.mean(like, part, oneHot, { judged, score, findings: undecided ? [tooFew(this.work.X.shape[0])] : [] });
  }

  /** Where the nets learn every row: what others like them, each without a fold, answer to that fold. */
  private outOfFold(): OutOfFold[] {
    const { work, judge, smoothing, linear, deadline } = this;
    return answersOutOfFold(work, judge, linear, {
      ...{ folds: recipeFolds, smoothing, deadline },
      foldOf: (f) => this.foldOf(f),
      held: (test) => this.watchedRows(test, smoothing),
      task: (f, rows) => this.task(f, rows, undefined, undefined),
      answersTo: (rows, model) => this.answersTo(rows, model),
    });
  }

  /** Of the logits; undefined for numbers. */
  private temperatureOf(judged: readonly Pick<Member, 'watched'>[], part: LinearPart | undefined): number | undefined {
    if (this.linear.calibrates !== true) return undefined;
    return part?.temperature ?? temperatureOf(judged.flatMap(({ watched }) => watched ?? []));
  }

  /** `outside`: what was judged out of the folds, where the nets themselves watched nothing. */
  private mean(
    like: Model,
    part: LinearPart | undefined,
    oneHot: number,
    outside?: {
      readonly judged: readonly OutOfFold[];
      readonly score: number;
      readonly findings: readonly Finding[];
    },
  ): Fitted<Head> {
    const { work, done } = this;
    const { head, findings, fingerprint, started } = work;
    const { columns, from } = work.columns.oneHot(oneHot);
    const scaler = columns === work.columns ? work.scaler : spreadScaler(work.scaler, from);
    const losses = meanCurve(done.map((member) => member.losses));
    const validationLosses = meanCurve(done.map((member) => member.validationLosses));
    const scores = (outside === undefined ? done : [outside]).map(({ score }) => score).filter((score) => !Number.isNaN(score));
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const temperature = this.ended === 'abort' ? undefined : this.temperatureOf(outside?.judged ?? done, part);
    const straight = part && this.linear.straightFor(part);
    const alone = part?.share === 1;
    const shared = straight && !alone ? { plan: straight.plan, tensors: tensorsOf(straight), share: part.share } : undefined;
    const merging = { temperature: temperature ?? 1, oneHot, ...(shared === undefined ? {} : { straight: shared }) };
    const nets = alone ? [{ tensors: tensorsOf(straight!) }] : done;
    const model = mergedModel(alone ? straight! : like, nets, work.options, this.judge, head, merging);
    const score = scores.length === 0 ? undefined : mean(scores);
    const askable = score !== undefined && columns === work.columns && this.ended !== 'abort';
    // R^2 on all rows is about the extreme ones among them.
    const short = askable && !findings.some(({ kind }) => kind === 'extremeTarget') ? this.shortfall(model, score) : [];
    const seconds = (performance.now() - started) / 1000;
    return {
      ...{ model, columns, scaler, head, losses, validationLosses, fingerprint, seconds },
      findings: [
        ...findings,
        ...(part === undefined ? [] : [alone ? linearAlone : linearShare(part.share)]),
        ...(outside?.findings ?? []),
        ...short,
      ],
      bestEpoch: Math.max(1, Math.min(losses.length, Math.round(mean(done.map(({ bestEpoch }) => bestEpoch))))),
      bestValidationScore: score,
      stoppedBy: this.ended,
      rows: work.X.shape[0],
      samplesPerSecond: this.rowsDone / seconds,
      members: done.length,
      temperature,
    };
  }

  /** A finding where the finished network knows its own rows far worse than its nets those that they watched. */
  private shortfall(model: Model, score: number): Finding[] {
    const { X, head, targets, weights } = this.work;
    const asked = rowsAsked(X.shape[0]);
    const own = this.judge.rate(
      head,
      pickValues(targets, asked),
      model.predict(pickRows(X, asked)),
      weights && pick(weights, asked),
    );
    return shortfallFindings(own, score, X.shape[0]);
  }
}

/** The best epoch as early stopping sees it: the last with most rows right where these are counted, else the first with the least loss. */
function bestOf(logs: readonly EpochLog[]): number {
  let best: EpochLog | undefined;
  for (const log of logs) {
    const { valAccuracy: right, valLoss = Number.NaN } = log as EpochLog & { readonly valAccuracy?: number };
    const most = (best as { readonly valAccuracy?: number } | undefined)?.valAccuracy;
    if (best === undefined || (right === undefined ? valLoss < best.valLoss! : right >= (most ?? 0))) best = log;
  }
  return best?.valLoss === undefined ? 0 : best.epoch;
}

/** Columns of so many categories are one-hot in the finished network, however they were learnt: every exporter and explanation takes it. */
const indicatorsUpTo = 100;

/** Of an estimator whose nets a linear model took the place of. */
const linearAlone: Finding = {
  kind: 'linearModel',
  message:
    'On rows that were held out a linear model was as good as the nets or better, so this is a linear model, trained on all rows.',
};

const linearShare = (share: number): Finding => ({
  kind: 'linearShare',
  message: `On rows that were held out the nets answered better with ${Math.round(100 * share)} % of a linear model, which they have.`,
});

const tooFew = (rows: number): Finding => ({
  kind: 'fewRows',
  message: `${rows} rows are too few to tell whether a linear model would answer better, as it often does on so few: compare with hiddenLayers: [].`,
});
