// The loop over epochs: orders, windows, validation, history, and everything that watches or may end it. A generator, so
// that fit and fitSync are the same code; between two yields the weights are those after the last full step.

import { abortError } from '../platform.js';
import { derive, type Key } from '../data/random.js';
import { fail } from '../errors.js';
import type { Sums } from '../data/metrics/sums.js';
import { isThenable, type Callbacks } from './callbacks.js';
import { explainDivergence } from './divergence.js';
import { observe, observePlateau, type EarlyStoppingRule } from './earlyStopping.js';
import { Fallback } from './fallback.js';
import type { FitRules } from './fitOptions.js';
import { figuresOf, describeEpoch, History, validationName, type EpochLog, type StopReason } from './history.js';
import { StepGradient } from './gradientNorm.js';
import { LbfgsRun } from './lbfgs.js';
import type { EpochShape } from './progress.js';
import { scheduleNotes } from './notes.js';
import { penaltyOf } from './penalty.js';
import type { Rows } from './rows.js';
import { runThrough, Slices, type Work } from './slices.js';
import { saveState } from './state.js';
import { openStream, type Stream } from './streams.js';
import type { Trainer } from './trainer.js';
import { evaluateRows, WindowLoop, type Divergence } from './windows.js';

/** What is trained on: rows in memory, or batches that come one by one. */
export type Source = { readonly data: Rows } | { readonly stream: Stream };

/** One run of fit on a trainer. `M`: what callbacks are handed. */
export class Fit<M> {
  readonly history = new History();
  /** Set by model.stop(). */
  stopped = false;
  readonly signal: AbortSignal | undefined;
  private readonly slices: Slices;
  private readonly metrics: Sums | undefined;
  private readonly lastEpoch: number;
  private readonly deadline: number;
  private leastLoss = Infinity;
  private readonly measuresTraining: boolean;
  private readonly shape: EpochShape;
  /** What the keys of all epochs' orders begin with. */
  private readonly key: Key;
  private reason: StopReason | undefined;
  private readonly fallback: Fallback | undefined;
  /** Walks over the rows that are in memory. */
  private windows: WindowLoop | undefined;
  private rowsDone = 0;
  private secondsDone = 0;
  private readonly lbfgs: LbfgsRun | undefined;
  /** The length of the last step, where gradient descent looks for it. */
  private searched: number | undefined;

  constructor(
    private readonly model: M,
    private readonly trainer: Trainer,
    private readonly source: Source,
    private readonly validation: Rows | undefined,
    private readonly rules: FitRules<M>,
    private readonly paced: boolean,
  ) {
    this.signal = rules.signal;
    const { batchSize, accumulate, shuffle } = rules;
    this.shape = { rows: 'data' in source ? source.data.rows : 0, batchSize, accumulate, shuffle };
    this.key = derive(trainer.plan.key, 'epoch ');
    this.slices = new Slices(paced ? rules.sliceMilliseconds : Infinity);
    this.metrics = rules.reportMetrics && trainer.plan.metrics.length > 0 ? trainer.newMetrics() : undefined;
    this.lastEpoch = trainer.progress.epoch + rules.epochs;
    this.fallback = rules.ignoreDivergence ? undefined : new Fallback(trainer);
    this.deadline = performance.now() + 1000 * rules.timeBudget;
    // What is called best, or saved with its figures, is measured on the weights that an epoch ends with.
    const early = rules.earlyStopping;
    const watchesTraining = early !== undefined && !early.monitor.startsWith('val');
    if (watchesTraining && early.restoreBest && 'stream' in source)
      fail(
        'ERR_OPTION',
        `earlyStopping: the rows of a stream are gone when an epoch ends, so its best epoch by "${early.monitor}" cannot be measured. Pass validationData, or restoreBest: false.`,
      );
    this.measuresTraining = 'data' in source && (watchesTraining || (rules.checkpoint !== undefined && validation === undefined));
    const { name, searches } = trainer.plan.optimizer;
    if (searches) {
      if (!('data' in source)) fail('ERR_OPTION', `${name}: needs all rows in memory. Pass X and y, or use "adam" for a stream.`);
      this.lbfgs = new LbfgsRun(trainer, source.data, this.slices, rules.gradientTolerance);
    }
  }

  *run(): Work<History> {
    const { progress } = this.trainer;
    progress.metrics = this.metrics;
    try {
      return yield* this.epochs();
    } finally {
      if (this.metrics !== undefined) progress.metricSums = progress.position > 0 ? this.metrics.read() : [];
      progress.metrics = undefined;
    }
  }

  private *epochs(): Work<History> {
    const { trainer, history, rules } = this;
    const { progress } = trainer;
    this.checkAborted();
    yield* this.hook('onTrainBegin', this.model);
    this.reason = this.verdict();
    if (this.reason === undefined && progress.epoch < this.lastEpoch) {
      this.fallback?.begin();
      const early = rules.earlyStopping;
      const { measuresBefore } = trainer.plan.defaults.earlyStopping;
      if (measuresBefore && early?.restoreBest === true && Number.isNaN(progress.earlyWatch.best))
        yield* this.measureBefore(early);
    }
    while (progress.epoch < this.lastEpoch && !this.stops()) {
      const started = performance.now();
      if (!progress.interrupted(this.shape)) progress.beginEpoch(this.shape);
      this.metrics?.write(progress.metricSums);
      if (rules.callbacks.length > 0) yield* this.hook('onEpochBegin', progress.epoch + 1, this.model);
      const complete = yield* this.epoch(started);
      if (!complete) break;
    }
    history.stoppedBy = this.reason ?? (this.stopped ? 'callback' : 'epochs');
    if (this.reason !== 'earlyStopping') for (const note of scheduleNotes(progress.rate.spec, progress)) history.notes.push(note);
    history.samplesPerSecond = this.secondsDone > 0 ? this.rowsDone / this.secondsDone : 0;
    if (rules.verbose) for (const note of history.notes) console.log(`note: ${note}`);
    this.finishStopping();
    yield* this.hook('onTrainEnd', history, this.model);
    return history;
  }

  /** One epoch, or the rest of an interrupted one. False when it ended early. */
  private *epoch(started: number): Work<boolean> {
    const { trainer, source, rules } = this;
    const { progress } = trainer;
    let rows: number;
    if (this.lbfgs !== undefined) {
      const result = yield* this.lbfgs.iterate(() => this.stops());
      if (result === undefined) return false;
      if (!rules.ignoreDivergence && !Number.isFinite(result.loss))
        this.diverge({ batch: 1, loss: result.loss, first: 0, rows: 1 });
      rows = this.lbfgs.rows;
      progress.lossSum = result.loss * rows;
      this.secondsDone += (performance.now() - started) / 1000;
      this.rowsDone += rows * result.evaluations;
      this.searched = result.step;
      if (result.converged) this.reason ??= result.converged;
    } else if ('data' in source) {
      const { data } = source;
      rows = data.rows;
      // The order of an epoch: a function of the seed and the number of epochs before it, and of nothing else.
      const key = rules.shuffle && rules.batchSize < rows ? derive(this.key, progress.epoch) : undefined;
      this.windows ??= this.loop(rules.batchSize);
      const watched = rules.gradientTolerance === undefined ? undefined : new StepGradient(trainer, rows);
      yield* this.pass(this.windows, data, key, progress.position);
      if (progress.position < rows) return false;
      if (watched !== undefined && watched.norm() <= rules.gradientTolerance!) this.reason ??= 'gradientTolerance';
    } else {
      const whole = yield* this.passStream(source.stream);
      if (!whole) return false;
      rows = progress.position;
    }
    yield* this.endEpoch(rows, started);
    return true;
  }

  private loop(batchSize: number, sizes?: readonly number[]): WindowLoop {
    const { trainer, rules } = this;
    const events = {
      stops: () => this.stops(),
      spent: (seconds: number, rows: number) => {
        this.secondsDone += seconds;
        this.rowsDone += rows;
      },
      diverged: (divergence: Divergence) => this.diverge(divergence),
    };
    const paced = this.paced || rules.timeBudget < Infinity;
    return new WindowLoop(trainer, this.slices, { ...rules, batchSize, paced }, events, sizes);
  }

  private pass(windows: WindowLoop, data: Rows, key: Key | undefined, from: number): Work<void> {
    const wantsBatches = this.rules.callbacks.some((callback) => callback.onBatchEnd !== undefined);
    const batchDone = wantsBatches
      ? (loss: number, rows: number, learningRate: number) => this.batchDone(loss, rows, learningRate)
      : undefined;
    return windows.run(data, key, from, this.metrics, batchDone);
  }

  /** Batches as they come; those of an interrupted epoch that were trained on are passed over. */
  private *passStream(stream: Stream): Work<boolean> {
    const { trainer, rules } = this;
    const { progress } = trainer;
    const done = progress.position;
    let seen = 0;
    const items = openStream(stream, progress.epoch);
    try {
      for (;;) {
        const item = yield* items.next(trainer.plan, rules.accumulate);
        if (item === undefined) break;
        const { data, sizes } = item;
        const from = Math.max(0, done - seen);
        seen += data.rows;
        if (from >= data.rows) continue;
        const windows =
          rules.batchSize > 0
            ? this.loop(rules.batchSize)
            : this.loop(
                sizes.reduce((most, size) => Math.max(most, size), 0),
                sizes,
              );
        yield* this.pass(windows, data, undefined, from);
        if (progress.position < seen) return false;
      }
    } finally {
      items.close();
    }
    if (seen === 0)
      fail(
        'ERR_EMPTY',
        `The stream had no batches in epoch ${progress.epoch + 1}. A generator runs only once: pass a function that returns a new one for each epoch.`,
      );
    return true;
  }

  private *batchDone(loss: number, rows: number, learningRate: number): Work<void> {
    const { progress } = this.trainer;
    yield* this.hook('onBatchEnd', { epoch: progress.epoch + 1, batch: progress.batches, rows, loss, learningRate }, this.model);
  }

  /** Counts the epoch, measures, records, and lets everything that watches look. */
  private *endEpoch(rows: number, started: number): Work<void> {
    const { trainer, rules, history, validation } = this;
    const { progress } = trainer;
    const epoch = progress.epoch + 1;
    const running = progress.lossSum / rows;
    let loss = running;
    const steps = progress.batches;
    const learningRate = this.searched ?? trainer.rateAt(-1);
    const figures: Record<string, number> = {};
    const trained = this.measuresTraining && 'data' in this.source ? this.source.data : this.lbfgs?.data;
    if (trained !== undefined && (this.measuresTraining || this.metrics !== undefined)) {
      // Line searches pass the rows many times: their metrics are those of the weights they end at.
      const measured = yield* evaluateRows(trainer, trained, this.slices, undefined, false);
      if (this.measuresTraining) loss = measured.loss;
      if (this.metrics !== undefined) Object.assign(figures, measured.metrics);
    } else if (this.metrics !== undefined) Object.assign(figures, this.metrics.values());
    if (validation !== undefined) {
      const measured = yield* evaluateRows(trainer, validation, this.slices);
      figures['valLoss'] = measured.loss;
      for (const [name, value] of Object.entries(measured.metrics)) figures[validationName(name)] = value;
    }
    progress.endEpoch();
    this.metrics?.write([]);
    this.fallback?.epochEnded(running, rows);
    const log: EpochLog = { epoch, loss, ...figures, learningRate, seconds: (performance.now() - started) / 1000 };
    history.epochs.push(log);
    this.watch(log, running, steps);
    if (rules.verbose) console.log(describeEpoch(log, this.lastEpoch));
    if (rules.callbacks.length > 0) yield* this.hook('onEpochEnd', log, this.model);
    if (rules.checkpoint !== undefined && epoch % rules.checkpoint.every === 0) {
      const saved = rules.checkpoint.save(saveState(this.trainer), log);
      if (isThenable(saved)) yield saved;
    }
  }

  /** Plateau, early stopping, best epoch. `running`: the mean loss while the weights moved. */
  private watch(log: EpochLog, running: number, steps: number): void {
    const { trainer, rules, history } = this;
    const { progress, plan } = trainer;
    const { plateau } = progress.rate;
    if (
      plateau !== undefined &&
      observePlateau(progress.plateauWatch, figuresOf(log)[rules.plateauMonitor]!, log.epoch, {
        ...plateau,
        monitor: rules.plateauMonitor,
      })
    )
      progress.plateau = Math.max(progress.plateau * plateau.factor, plateau.minRate / plateau.rate);
    const early = rules.earlyStopping;
    const { plateauStop } = plan.defaults;
    if (early !== undefined) {
      const better = observe(progress.earlyWatch, figuresOf(log)[early.monitor]!, log.epoch, early);
      if (better && early.restoreBest) progress.best = trainer.backend.snapshot(progress.best);
    } else if (plateauStop !== undefined && this.lbfgs === undefined) {
      // scikit-learn compares losses that are means over the outputs and include half alpha W^2 / rows of each batch.
      const { name } = plan.loss;
      const outputs = name === 'meanSquaredError' ? plan.outputs : 1;
      const loss = running / outputs + penaltyOf(trainer, progress.shape.rows / steps);
      observe(progress.stallWatch, loss, log.epoch, { minDelta: plateauStop.tolerance, maximise: false, asSklearn: true });
    }
    this.reason ??= this.verdict();
    if (early !== undefined) {
      if (early.monitor.startsWith('val') || this.measuresTraining) history.bestEpoch = progress.earlyWatch.bestEpoch;
    } else {
      const figure = this.validation !== undefined ? log['valLoss'] : this.measuresTraining ? log.loss : undefined;
      if (figure !== undefined && figure < this.leastLoss) {
        this.leastLoss = figure;
        history.bestEpoch = log.epoch;
      }
    }
  }

  /** Whether what was watched says to stop. A state saved at the end of such an epoch says so at once. */
  private verdict(): StopReason | undefined {
    const { trainer, rules } = this;
    const { earlyWatch, stallWatch } = trainer.progress;
    const { plateauStop } = trainer.plan.defaults;
    if (rules.earlyStopping !== undefined) return earlyWatch.bad >= badEpochs(rules.earlyStopping) ? 'earlyStopping' : undefined;
    return plateauStop !== undefined && this.lbfgs === undefined && stallWatch.bad > plateauStop.patience ? 'plateau' : undefined;
  }

  /** Measures what early stopping watches on the weights before training: an epoch counts as the best only if it is better. */
  private *measureBefore({ monitor, ...rule }: EarlyStoppingRule): Work<void> {
    const { trainer, validation, source } = this;
    const { progress } = trainer;
    const rows = monitor.startsWith('val') ? validation! : (source as { readonly data: Rows }).data;
    const { loss, metrics } = yield* evaluateRows(trainer, rows, this.slices, undefined, rows === validation);
    const figures = Object.entries({ loss, ...metrics });
    const [, figure = NaN] = figures.find(([name]) => name === monitor || validationName(name) === monitor) ?? [];
    if (observe(progress.earlyWatch, figure, progress.epoch, rule)) progress.best = trainer.backend.snapshot();
    progress.earlyWatch.bad = 0;
  }

  /** Back to the best epoch, if that was asked; an ended stopping watch starts anew next time. */
  private finishStopping(): void {
    const { trainer, rules, reason } = this;
    const { progress } = trainer;
    const restores = rules.earlyStopping?.restoreBest ?? false;
    if (restores && progress.best !== undefined && (progress.earlyWatch.bestEpoch < progress.epoch || progress.position > 0)) {
      trainer.backend.restore(progress.best);
      trainer.readSteps();
      progress.beginEpoch(progress.shape); // what an interrupted epoch did is gone
    }
    if (restores || reason === 'earlyStopping' || reason === 'plateau') progress.forgetStopping();
  }

  // ---- ending ----------------------------------------------------------------------------------------------

  private stops(): boolean {
    if (this.reason !== undefined) return true;
    this.checkAborted();
    if (this.stopped) this.reason = 'callback';
    else if (this.deadline < Infinity && performance.now() >= this.deadline) this.reason = 'timeBudget';
    return this.reason !== undefined;
  }

  private checkAborted(): void {
    if (this.signal?.aborted) throw this.abortError();
  }

  /** What an aborted fit rejects with. */
  abortError(): Error {
    const { epoch, batches } = this.trainer.progress;
    const message = `Training was aborted in epoch ${epoch + 1} after ${batches} steps; the weights are those after the last one.`;
    return abortError(message);
  }

  private *hook<Name extends keyof Callbacks<M>>(name: Name, ...values: Parameters<NonNullable<Callbacks<M>[Name]>>): Work<void> {
    for (const callback of this.rules.callbacks) {
      const call = callback[name] as ((...values: unknown[]) => unknown) | undefined;
      if (call === undefined) continue;
      const answer = call.apply(callback, values);
      if (isThenable(answer)) yield answer;
    }
  }

  // ---- divergence ------------------------------------------------------------------------------------------

  private diverge({ batch, loss, first, rows }: Divergence): never {
    const { trainer, history, rules } = this;
    const { backend, progress } = trainer;
    const epoch = progress.epoch + 1;
    const learningRate = trainer.largestRate();
    history.stoppedBy = 'divergence';
    const where = `epoch ${epoch}, batch ${batch}`;
    const details = { epoch, batch, rows, history };
    const explain = explainDivergence(trainer, { where, loss, first, rows, learningRate, details });
    let kept: string;
    if (rules.earlyStopping?.restoreBest === true && progress.best !== undefined) {
      const { bestEpoch } = progress.earlyWatch;
      backend.restore(progress.best);
      progress.beginEpoch(progress.shape);
      progress.forgetStopping();
      kept = bestEpoch === 0 ? 'training began with' : `of the best epoch, ${bestEpoch}`;
    } else kept = this.fallback?.recover(() => this.measured(first, rows)) ?? 'of the last step before it';
    trainer.readSteps();
    throw explain(kept);
  }

  /** The loss of the weights as they stand: on all rows, or of a stream on those of the batch in the window. NaN where it cannot be told. */
  private measured(first: number, rows: number): number {
    const { trainer, source } = this;
    try {
      if ('data' in source) return runThrough(evaluateRows(trainer, source.data, new Slices(Infinity)), 'fit').loss;
      trainer.backend.forward(first, rows, false);
      return trainer.plan.loss.custom === undefined ? trainer.backend.loss(first, false, rows) : trainer.loss(rows, false, rows);
    } catch {
      return NaN; // a loss of the user's that throws: the divergence is what to tell
    }
  }
}

/** Epochs without a gain after which training stops. */
function badEpochs({ patience, asSklearn }: EarlyStoppingRule): number {
  return asSklearn ? patience + 1 : Math.max(1, patience);
}
