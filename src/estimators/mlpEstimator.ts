// What classifier and regressor share: columns, scaling, the held-out rows of early stopping, training in one go, in portions or
// resumed, and the file. What targets and outputs mean is theirs (Head).

import { dateText } from '../data/column.js';
import type { Finding } from '../data/findings.js';
import { float64Rows, matrix, RowReader, type MatrixLike } from '../data/matrix.js';
import { holdOut } from '../data/split.js';
import { Table } from '../data/table.js';
import { fail, show } from '../errors.js';
import { crc32 } from '../formats/checksum.js';
import type { SavedModel } from '../formats/modelFile.js';
import { readOptions } from '../options.js';
import type { EpochLog, History, StopReason } from '../training/history.js';
import { binsOf } from './bins.js';
import { encodeEstimator, restoreFitted } from './estimatorFile.js';
import { asFeatures, type Features } from './features.js';
import { EstimatorKind } from './estimatorKind.js';
import type { Fitted } from './fitted.js';
import { fitRows, saveRows, scoreRows, type EstimatorFitOptions, type SaveEstimatorOptions } from './fitOptions.js';
import { type InputColumns, pickRows, rowsOf } from './inputs.js';
import { batchSizeFor, epochsOf, portionBatchSize, stoppingRule, type EstimatorOptions } from './options.js';
import { callbacksOf, combineWeights, pick, pickValues, rowsToWatch, watching, type Run, type WatchedRows } from './run.js';
import { fitTo, namingPreset, recipeOf, type Recipe } from './presets.js';
import { fitScaler, recipeScaler } from './scaling.js';
import type { Targets } from './targets.js';
import { Team, type Unfinished } from './team.js';
import type { TeamWork } from './teamWork.js';

type FitEnd = Pick<History, 'stoppedBy' | 'bestEpoch' | 'samplesPerSecond' | 'notes'>;

const aborted: FitEnd = { stoppedBy: 'abort', bestEpoch: 0, samplesPerSecond: 0, notes: [] };

export abstract class MLPEstimator<Head, Options extends EstimatorOptions = EstimatorOptions> extends EstimatorKind<
  Head,
  Options
> {
  private busy = false;
  /** The nets of a preset, while they are trained. */
  private team: Team<Head> | undefined;
  /** What a preset's training left when it was interrupted. */
  private unfinished: Unfinished | undefined;

  // ---- training ----------------------------------------------------------------------------------------------

  protected async train(X: Features, y: unknown, options: EstimatorFitOptions): Promise<this> {
    let run = this.begin(X, y, options);
    try {
      while (run !== undefined) run = this.end(run, await run.model.fit(run.X, run.y, run.options));
    } catch (error) {
      if ((error as Error)?.name === 'AbortError') this.end(run!, aborted);
      throw error;
    } finally {
      this.busy = false;
      this.team = undefined;
    }
    return this;
  }

  protected trainSync(X: Features, y: unknown, options: EstimatorFitOptions): this {
    let run = this.begin(X, y, options);
    try {
      while (run !== undefined) run = this.end(run, run.model.fitSync(run.X, run.y, run.options));
    } finally {
      this.busy = false;
      this.team = undefined;
    }
    return this;
  }

  /** Checks and scales everything; from here on the estimator is busy. undefined where nothing is left to train. */
  private begin(features: Features, y: unknown, options: EstimatorFitOptions): Run<Head> | undefined {
    this.refuseBusy('fit');
    this.team = undefined;
    const recipe = recipeOf(this.options);
    if (recipe !== undefined) return this.beginTeam(recipe, features, y, options);
    const { resume } = readOptions({ ...fitRows, ...this.moreFitRows }, options, 'fit');
    const before = resume ? this.fitted : undefined;
    const { X, read, rows, targets } = this.readRows(features, y, options, before);
    const watched = options.validationData;
    const rule = stoppingRule(this.options, rows, watched !== undefined);
    const split =
      rule === undefined || watched !== undefined
        ? undefined
        : holdOut(rows, rowsToWatch(rows, rule), this.options.seed ?? 0, targets.strata);
    this.checkWatched(watched !== undefined || split !== undefined);
    const weights = combineWeights(options.sampleWeight, this.weighClasses(targets, targets, split?.train), rows);
    // Columns are learnt from the training rows alone: what is held out must judge, not teach.
    const fresh = before === undefined ? this.learnColumns(X, y, options, split?.train) : undefined;
    const columns = fresh?.columns ?? before!.columns;
    const all = fresh?.rows ?? read!;
    const scaler = before === undefined ? fitScaler(this.options, pickRows(all, split?.train), columns.numbered) : before.scaler;
    const head = before === undefined ? this.fitHead(targets, split?.train) : this.bareHead(before.head);
    const model = before?.model ?? this.createModel(this.plainNetwork(head, columns));
    // A rescale layer in front subtracts in float64: nothing may be rounded before it.
    const asGiven = model.plan.inputCenter === undefined ? matrix : float64Rows;
    const scaled = (part: MatrixLike) => (scaler === undefined ? asGiven(part, { name: 'X' }) : scaler.transform(part));
    const trainX = scaled(pickRows(all, split?.train));
    const trainY = this.encode(head, pickValues(targets, split?.train), targets.columns, this.smoothing);

    let validation: WatchedRows | undefined;
    if (watched !== undefined) validation = this.readWatched(watched, { columns, head, targets, scaled, options });
    else if (split !== undefined) {
      const values = pickValues(targets, split.test);
      validation = {
        X: scaled(pickRows(all, split.test)),
        y: this.encode(head, values, targets.columns, this.smoothing),
        values,
        weights: weights && pick(weights, split.test),
      };
    }

    const fingerprint = crc32(new Uint8Array(trainY.data.buffer), crc32(new Uint8Array(trainX.data.buffer)));
    if (before !== undefined && before.fingerprint !== fingerprint) refuseOtherRows();
    if (before !== undefined) this.warnings.checkMissing(X, columns);
    const logs: EpochLog[] = [];
    const batchSize = batchSizeFor(this.options, trainX.shape[0]);
    const { shuffle } = this.options;
    const run: Run<Head> = {
      model,
      columns,
      scaler,
      head,
      rows,
      fingerprint,
      validation,
      logs,
      findings: this.findOut(columns, all, targets, before, fresh !== undefined),
      restores: validation !== undefined && (rule?.restoreBest ?? false),
      X: trainX,
      y: trainY,
      before: before && { losses: before.losses, validationLosses: before.validationLosses, seconds: before.seconds },
      started: performance.now(),
      options: {
        ...callbacksOf(options, logs),
        ...(batchSize === undefined ? {} : { batchSize }),
        ...(shuffle === undefined ? {} : { shuffle }),
        epochs: Math.max(0, epochsOf(this.options) - model.epoch),
        ...(weights === undefined ? {} : { sampleWeight: split === undefined ? weights : pick(weights, split.train) }),
        ...(validation === undefined ? {} : watching(validation, rule)),
      },
    };
    this.busy = true;
    return run;
  }

  /** The first net of a preset, or the one that was interrupted. */
  private beginTeam(recipe: Recipe, features: Features, y: unknown, options: EstimatorFitOptions): Run<Head> | undefined {
    const { resume } = readOptions({ ...fitRows, ...this.moreFitRows }, options, 'fit');
    const before = resume ? this.unfinished : undefined;
    if (resume && before === undefined && this.fitted.stoppedBy !== 'abort') return undefined;
    // A training goes on with what it learnt of the columns.
    const known = before === undefined ? undefined : this.fitted;
    const { X, read, rows, targets } = this.readRows(features, y, options, known);
    const weights = combineWeights(options.sampleWeight, this.weighClasses(targets, targets), rows);
    // Every row teaches some nets and is watched by another, so all of them teach what the nets share.
    const fresh = known === undefined ? this.learnColumns(X, y, options) : undefined;
    const columns = fresh?.columns ?? known!.columns;
    const all = fresh?.rows ?? read!;
    const scaler = known === undefined ? recipeScaler(this.options, all, columns.numbered) : known.scaler;
    const scaled = (part: MatrixLike) => (scaler === undefined ? matrix(part, { name: 'X' }) : scaler.transform(part));
    const head = known?.head ?? this.fitHead(targets, undefined);
    const scaledX = scaled(all);
    const watched =
      options.validationData === undefined
        ? undefined
        : this.readWatched(options.validationData, { columns, head, targets, scaled, options });
    const fingerprint = crc32(new Uint8Array(targets.values.slice().buffer), crc32(new Uint8Array(scaledX.data.buffer)));
    if (before !== undefined && before.fingerprint !== fingerprint) refuseOtherRows();
    const work: TeamWork<Head> = {
      ...{ recipe: fitTo(recipe, this.options, rows), options: this.options, fitOptions: options },
      ...{ columns, scaler, head, targets, weights, fingerprint },
      X: scaledX,
      bins: this.options.bins === undefined ? undefined : binsOf(scaledX, this.options.bins, columns.numbered),
      reshapes: X instanceof Table,
      watched: watched as TeamWork<Head>['watched'],
      findings: this.findOut(columns, all, targets, known, true, true),
      started: performance.now(),
    };
    this.team = new Team(work, this.judge, before);
    this.busy = true;
    return this.team.next();
  }

  /** The rows and targets of a training, read as those of the one before where it goes on from that. */
  private readRows(features: Features, y: unknown, options: object, before: Fitted<Head> | undefined) {
    const X = before?.columns.features(features) ?? asFeatures(features);
    const read = before?.columns.read(X);
    const rows = read === undefined ? rowsOf(X) : new RowReader(read, { name: 'X' }).shape[0];
    const where = (row: number) => (X instanceof Table ? X.where(row) : `row ${row}`);
    const targets = this.readTargets(this.targetsOf(X, y), rows, options, before?.head);
    const text = X instanceof Table && typeof y === 'string' && X.column(y).type === 'date' ? dateText : undefined;
    return { X, read, rows, targets: { ...targets, where, text } };
  }

  /** Rows that the user gave to watch, read as those of training. */
  private readWatched(
    [givenX, givenY]: readonly [X: Features, y: unknown],
    training: {
      readonly columns: InputColumns;
      readonly head: Head;
      readonly targets: Targets<Head>;
      readonly scaled: (part: MatrixLike) => MatrixLike;
      readonly options: EstimatorFitOptions;
    },
  ): WatchedRows {
    const { columns, head, targets, scaled, options } = training;
    const X = columns.features(givenX);
    const read = columns.read(X);
    this.warnings.checkMissing(X, columns);
    const count = new RowReader(read, { name: 'validationData X' }).shape[0];
    const held = this.readTargets(this.targetsOf(X, givenY), count, options, head);
    return {
      X: scaled(read),
      y: this.encode(head, held.values, held.columns, this.smoothing),
      values: held.values,
      weights: this.weighClasses(held, targets),
    };
  }

  /** Takes over what a training left; the next one where a preset has more nets. */
  private end(run: Run<Head>, { stoppedBy, bestEpoch, samplesPerSecond, notes: said }: FitEnd): Run<Head> | undefined {
    if (this.team !== undefined) return this.endOfTeam(this.team, run, stoppedBy, bestEpoch);
    const { model, columns, scaler, head, rows, fingerprint, validation, before, logs } = run;
    const named = (note: string) => note.replace(/(?<=^Column )\d+(?= of X)/, (j) => show(columns.featureNames[Number(j)]));
    const more = said.map((note): Finding => ({ kind: 'training', message: named(note) }));
    const findings = [...run.findings, ...more];
    this.warnings.tell(more);
    const losses = [...(before?.losses ?? []), ...logs.map(({ loss }) => loss)];
    const validationLosses = [
      ...(before?.validationLosses ?? []),
      ...logs.flatMap(({ valLoss }) => (valLoss === undefined ? [] : [valLoss])),
    ];
    const score =
      validation === undefined ? undefined : this.rate(head, validation.values, model.predict(validation.X), validation.weights);
    this.state = {
      model,
      columns,
      scaler,
      head: stoppedBy === 'abort' ? head : this.finishedHead(head, model, validation),
      rows,
      fingerprint,
      stoppedBy,
      losses,
      validationLosses,
      samplesPerSecond,
      findings,
      members: 1,
      bestEpoch: run.restores && stoppedBy !== 'abort' && bestEpoch > 0 ? bestEpoch : losses.length,
      bestValidationScore: score,
      seconds: (before?.seconds ?? 0) + (performance.now() - run.started) / 1000,
    };
    this.warnings.renew();
  }

  private endOfTeam(team: Team<Head>, run: Run<Head>, stoppedBy: StopReason, bestEpoch: number): Run<Head> | undefined {
    this.warnings.renew();
    if (stoppedBy === 'abort') {
      const { fitted, unfinished } = team.interrupted(run);
      this.state = fitted;
      this.unfinished = unfinished;
      return undefined;
    }
    team.finish(run, stoppedBy, bestEpoch);
    const next = team.next();
    if (next !== undefined) return next;
    this.state = team.fitted(run.model);
    this.unfinished = undefined;
    return undefined;
  }

  /** One pass over more rows, going on from the weights there are. */
  protected trainMore(given: Features, y: unknown, options: { readonly sampleWeight?: ArrayLike<number> }): this {
    this.refuseBusy('partialFit');
    readOptions({ ...scoreRows, ...this.moreFitRows }, options, 'partialFit');
    const before = this.state;
    if (before === undefined && this.options.bins !== undefined)
      fail(
        'ERR_OPTION',
        'bins: partialFit before fit trains a plain network, which has none. Call fit first, or leave bins out.',
      );
    const { X, read, rows, targets } = this.readRows(given, y, options, before);
    if (before !== undefined) this.warnings.checkMissing(X, before.columns);
    const fresh = before === undefined ? this.learnColumns(X, y, {}) : undefined;
    const columns = fresh?.columns ?? before!.columns;
    const all = fresh?.rows ?? read!;
    const scaler = before === undefined ? fitScaler(this.options, all, columns.numbered) : before.scaler;
    const head = before === undefined ? this.fitHead(targets, undefined) : this.bareHead(before.head);
    const model = before?.model ?? this.createModel(this.plainNetwork(head, columns));
    const sampleWeight = combineWeights(options.sampleWeight, this.weighClasses(targets, targets), rows);
    const findings = this.findOut(columns, all, targets, before, true);
    const started = performance.now();
    const mean = model.partialFit(
      scaler === undefined ? all : scaler.transform(all),
      this.encode(head, targets.values, targets.columns, this.smoothing),
      {
        ...(sampleWeight === undefined ? {} : { sampleWeight }),
        batchSize: portionBatchSize(this.options, rows),
        shuffle: this.options.shuffle ?? true,
      },
    );
    if (before !== undefined) columns.widen(new RowReader(all, { name: 'X' }));
    const losses = [...(before?.losses ?? []), mean];
    const seconds = (performance.now() - started) / 1000;
    this.state = {
      model,
      columns,
      scaler,
      head,
      losses,
      validationLosses: before?.validationLosses ?? [],
      bestEpoch: losses.length,
      bestValidationScore: undefined,
      stoppedBy: 'epochs',
      rows: (before?.rows ?? 0) + rows,
      fingerprint: 0,
      seconds: (before?.seconds ?? 0) + seconds,
      samplesPerSecond: rows / seconds,
      findings,
      members: before?.members ?? 1,
    };
    this.unfinished = undefined;
    return this;
  }

  private refuseBusy(what: string): void {
    if (this.busy)
      fail(
        'ERR_BUSY',
        `${what}: this ${this.kind} is being fitted. Wait for it to end, abort it with its signal, or use another one.`,
      );
  }

  // ---- use ---------------------------------------------------------------------------------------------------

  /** Rows that were kept from training, as the network takes them, and their targets. `what` is the method that asks. */
  protected keptRows(given: Features, y: unknown, what: string): { readonly scaled: MatrixLike; readonly values: Float64Array } {
    this.refuseBusy(what);
    const X = this.fitted.columns.features(given);
    this.warnings.checkMissing(X, this.fitted.columns);
    const scaled = this.scaledRows(X, false);
    const { values } = this.readTargets(this.targetsOf(X, y), rowsOf(scaled), {}, this.head);
    return { scaled, values };
  }

  // ---- files -------------------------------------------------------------------------------------------------

  /**
   * The fitted estimator as a model file: weights, scaler, labels, names and ranges of the columns. Read by `load`, and its network alone by MLP.load.
   * @throws ERR_STATE before fit; ERR_BUSY during one.
   */
  save(options: SaveEstimatorOptions = {}): Uint8Array<ArrayBuffer> {
    this.refuseBusy('save');
    const { optimizer, sections } = readOptions(saveRows, options, 'save');
    const own = { kind: this.kind, options: namingPreset(this.options), ...this.headToJSON(this.head) };
    return encodeEstimator(this.fitted, own, optimizer ? { unfinished: this.unfinished } : undefined, sections);
  }

  /** Takes over what a file holds. @throws ERR_FORMAT. */
  protected restore(file: SavedModel): this {
    const { fitted, unfinished } = restoreFitted(file, {
      ...{ kind: this.kind, options: this.options, judge: this.judge },
      headFromJSON: (saved, sections) => this.headFromJSON(saved, sections),
    });
    this.state = fitted;
    this.unfinished = unfinished;
    return this;
  }
}

function refuseOtherRows(): never {
  return fail(
    'ERR_STATE',
    'resume: these are not the rows that the interrupted training had. Pass the same X and y, or fit without resume.',
  );
}
