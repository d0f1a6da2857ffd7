// What a fitted estimator knows and tells: its network, its columns, how training went, and the network's outputs for rows as given.

import { notFitted } from '../data/columns.js';
import { noteOf, type Finding } from '../data/findings.js';
import type { Matrix, MatrixLike } from '../data/matrix.js';
import { readWeight } from '../data/metrics/reading.js';
import type { Scaler } from '../data/scalers/index.js';
import { Table } from '../data/table.js';
import type { TableEncoder } from '../data/tabular.js';
import { fail, show } from '../errors.js';
import type { Model } from '../model/model.js';
import { readOptions } from '../options.js';
import type { StopReason } from '../training/history.js';
import type { Features } from './features.js';
import { scoreRows } from './fitOptions.js';
import type { InputColumns } from './inputs.js';
import type { EstimatorOptions } from './options.js';
import type { Targets } from './targets.js';
import { estimatorKind } from './kinds.js';
import { Warnings } from './warnings.js';

/** What training leaves behind. */
export interface Fitted<Head> {
  readonly model: Model;
  readonly columns: InputColumns;
  readonly scaler: Scaler | undefined;
  readonly head: Head;
  readonly losses: readonly number[];
  readonly validationLosses: readonly number[];
  readonly bestEpoch: number;
  readonly bestValidationScore: number | undefined;
  readonly stoppedBy: StopReason;
  readonly rows: number;
  readonly fingerprint: number;
  readonly seconds: number;
  readonly samplesPerSecond: number;
  readonly findings: readonly Finding[];
  /** Nets that the network is the mean of. */
  readonly members: number;
  /** What the logits of those nets were divided by, in the network's weights. */
  readonly temperature?: number | undefined;
}

/** The part of an estimator that does not train: what it tells, what its network says to rows, and how right that is. */
export abstract class Fittable<Head> {
  protected state: Fitted<Head> | undefined;

  protected readonly warnings: Warnings;

  protected constructor(
    protected readonly kind: string,
    onWarning: EstimatorOptions['onWarning'],
  ) {
    this.warnings = new Warnings(this, kind, onWarning);
  }

  /** @internal */
  get [estimatorKind](): string {
    return this.kind;
  }

  // ---- what a head knows -------------------------------------------------------------------------------------

  /** Reads y, a list or the column `target` of a table; with `known`, as that head does. */
  protected abstract readTargets(y: unknown, rows: number, options: object, known?: Head): Targets<Head>;
  /** Score of network outputs against targets. */
  protected abstract rate(head: Head, values: Float64Array, outputs: Matrix, weights: ArrayLike<number> | undefined): number;
  protected abstract readColumn(table: Table, name: string): unknown;
  /** Outputs by which answers are told right or wrong. */
  protected decisions(scaled: MatrixLike): Matrix {
    return this.model.predict(scaled);
  }

  // ---- what training left ------------------------------------------------------------------------------------

  protected get fitted(): Fitted<Head> {
    return this.state ?? notFitted(this.kind);
  }
  protected get head(): Head {
    return this.fitted.head;
  }
  /** Whether there is a model to predict with. */
  get isFitted(): boolean {
    return this.state !== undefined;
  }
  /** The network. Training it directly changes the estimator. @throws ERR_STATE before fit, as everything below. */
  get model(): Model {
    return this.fitted.model;
  }
  /** Nets that the network is the mean of, as a preset makes it; 1 for a plain one. */
  get members(): number {
    return this.fitted.members;
  }
  /** Columns of X. */
  get inputs(): number {
    return this.fitted.columns.count;
  }
  /** What the columns of X are called: of a table, one name per category. */
  get featureNames(): readonly string[] {
    return this.fitted.columns.featureNames;
  }
  /** What turned the table into numbers; undefined after training on a matrix. */
  get encoder(): TableEncoder | undefined {
    return this.fitted.columns.encoder;
  }
  /** The column of the table that was learnt, when it was named. */
  get target(): string | undefined {
    return this.fitted.columns.target;
  }
  /** What the columns were scaled with. */
  get scaler(): Scaler | undefined {
    return this.fitted.scaler;
  }
  /** Mean training loss of each epoch. */
  get lossCurve(): readonly number[] {
    return this.fitted.losses;
  }
  /** Loss on the held-out rows after each epoch; empty without early stopping. */
  get validationLossCurve(): readonly number[] {
    return this.fitted.validationLosses;
  }
  /** Epochs trained. */
  get epochs(): number {
    return this.fitted.losses.length;
  }
  /** The epoch whose weights these are, from 1: the last, or early stopping's best. */
  get bestEpoch(): number {
    return this.fitted.bestEpoch;
  }
  /** Score on the rows early stopping watched, or, of a preset's table below 50 rows, of models of four fifths on the others; undefined without either. */
  get bestValidationScore(): number | undefined {
    return this.fitted.bestValidationScore;
  }
  /** Why training ended: 'epochs', 'earlyStopping', 'timeBudget', 'abort', …. */
  get stoppedBy(): StopReason {
    return this.fitted.stoppedBy;
  }
  /** Rows trained on, those that early stopping watched included. */
  get rows(): number {
    return this.fitted.rows;
  }
  /** Seconds of training; 0 after load: files hold nothing that differs from run to run. */
  get seconds(): number {
    return this.fitted.seconds;
  }
  /**
   * What is worth knowing about the data that was learnt, in words: columns that were left out, a target with too many classes, columns that alone
   * tell the target, and what the fit's history notes (inputs too large for `scale: 'none'`, a schedule that ended midway). Empty after load.
   */
  get notes(): readonly string[] {
    return this.findings.map(noteOf);
  }
  /**
   * What is worth knowing about the data that was learnt, for programs: each finding has a `kind` to go by ('leak', 'extremeTarget', …), the column
   * that it is about, and what `notes` says in words. Empty after load.
   *
   * @example
   * const leaks = clf.findings.filter(({ kind }) => kind === 'leak');
   */
  get findings(): readonly Finding[] {
    return this.fitted.findings;
  }
  /** Rows trained per second. */
  get samplesPerSecond(): number {
    return this.fitted.samplesPerSecond;
  }

  // ---- use ---------------------------------------------------------------------------------------------------

  /** What the network says to rows of X. */
  protected outputs(X: Features, warn: boolean): Matrix {
    return this.fitted.model.predict(this.scaledRows(X, warn));
  }

  /** Rows of X as the network takes them. */
  protected scaledRows(X: Features, warn: boolean): MatrixLike {
    return this.givenRows(X, warn).scaled;
  }

  /** Rows of X as the columns give them, and as the network takes them. */
  protected givenRows(X: Features, warn: boolean): { readonly rows: MatrixLike; readonly scaled: MatrixLike } {
    const { columns, scaler } = this.fitted;
    const read = columns.features(X);
    const rows = columns.read(read);
    if (warn) {
      this.warnings.checkMissing(read, columns);
      this.warnings.checkRange(read, rows, columns);
    }
    return { rows, scaled: scaler === undefined ? rows : scaler.transform(rows) };
  }

  /** y itself, or the column of that name. @throws ERR_TYPE for a name without a table. */
  protected targetsOf(X: MatrixLike | Table, y: unknown): unknown {
    if (typeof y !== 'string') return y;
    if (!(X instanceof Table))
      fail('ERR_TYPE', `y: ${show(y)} would be a column of a table, but X is a matrix. Pass one target per row.`);
    return this.readColumn(X, y);
  }

  /** The head's score for rows and their targets. */
  protected scoreOf(given: Features, y: unknown, options: { readonly sampleWeight?: ArrayLike<number> }): number {
    readOptions(scoreRows, options, 'score');
    const X = this.fitted.columns.features(given);
    this.warnings.checkMissing(X, this.fitted.columns);
    const outputs = this.decisions(this.scaledRows(X, false));
    const { values } = this.readTargets(this.targetsOf(X, y), outputs.shape[0], {}, this.head);
    return this.rate(this.head, values, outputs, readWeight(options.sampleWeight, outputs.shape[0]));
  }

  /** Takes over what was fitted to answers. */
  protected setHead(head: Head): this {
    this.state = { ...this.fitted, head };
    return this;
  }
}
