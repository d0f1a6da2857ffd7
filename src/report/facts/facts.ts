// Everything a report is made of, gathered before the first word is written. Sections read it, and ask the model where they need more.

import type { ColumnSummary } from '../../data/table.js';
import type { Drift } from '../../data/drift.js';
import type { Table } from '../../data/table.js';
import type { Importance } from '../../estimators/importance.js';
import type { ModelRows } from './rows.js';
import type { Predictions, Targets } from './scores.js';
import type { Subject } from './subject.js';

/** What somebody answered to the rows that judge. */
export interface Answered {
  /** "this model", "linear model", "always no". */
  readonly name: string;
  readonly predictions: Predictions;
}

/** One target, what is true, and what everybody said; the model first. */
export interface JudgedTarget {
  readonly name: string;
  /** Whether its numbers are days since 1970-01-01. */
  readonly isDate?: boolean;
  readonly truth: Targets;
  readonly answers: readonly Answered[];
}

/** How good the model is on rows it has not seen. */
interface Judgement {
  /** "held-out rows", "5-fold cross-validation". */
  readonly by: string;
  /** Whether this very model has not seen these rows; folds are judged by models of their own. */
  readonly unseen: boolean;
  /** Different rows; folds dealt twice have two answers to each. */
  readonly rows: number;
  readonly targets: readonly JudgedTarget[];
  /** The main score of each fold. */
  readonly foldScores?: readonly number[] | undefined;
}

/** What the data is. */
export interface DataFacts {
  /** The file, where it was one. */
  readonly source: string | undefined;
  /** Which rows are described: "all rows", "the rows that trained", "the rows that judge". */
  readonly described: string;
  readonly rows: number;
  readonly columns: readonly ColumnSummary[];
  /** The columns that the model reads. */
  readonly used: ReadonlySet<string>;
  /** Rows that trained, where that is known. */
  readonly trainedOn: number | undefined;
  readonly leftOut: readonly string[];
}

/** How training went. */
export interface TrainingFacts {
  /** What is counted in each epoch. */
  readonly what: 'loss' | 'mistakes';
  readonly curve: readonly number[];
  readonly heldOut: readonly number[];
  readonly bestEpoch: number;
  readonly ended: string;
  /** 0: not known. */
  readonly seconds: number;
  /** Nets that the network is the mean of. */
  readonly members: number;
}

/** A file that the report is about, by its contents. */
export interface FileDigest {
  readonly name: string;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string | undefined;
}

/** How to make it again. */
export interface Making {
  /** A command of a shell, or lines of code. */
  readonly command: string | undefined;
  readonly seed: number;
  /** What runs: names and versions. */
  readonly versions: readonly (readonly [name: string, version: string])[];
  readonly files: readonly FileDigest[];
  /** The options of the estimator, as JSON. */
  readonly options: string | undefined;
  /** The network, layer by layer. */
  readonly network: string | undefined;
}

export interface Facts {
  readonly title: string;
  readonly subject: Subject;
  /** The rows that judge, as the model takes them, in the order of the judgement. */
  readonly rows: ModelRows;
  /** The same for people. */
  readonly table: Table;
  /** Where a row is, in words. */
  readonly where: (row: number) => string;
  /** Rows that stand for "not known" in explanations. */
  readonly background: ModelRows;
  readonly data: DataFacts;
  readonly judgement: Judgement | undefined;
  readonly training: TrainingFacts;
  readonly importance: readonly Importance[];
  /** Between the rows that trained and those that judge; undefined where only one of them is known. */
  readonly drift: readonly Drift[] | undefined;
  readonly notes: readonly string[];
  readonly making: Making;
  readonly seed: number;
  /** Seconds for the explanations of rows. */
  readonly budget: number;
}
