// report: one page about a model and its data, as a file of its own.

import { driftBetween } from '../data/drift.js';
import { isLeftOut, noteOf, type Finding } from '../data/findings.js';
import { dateText, Table, type Column } from '../data/table.js';
import { isFloat64 } from '../brands.js';
import { fail, show } from '../errors.js';
import { extremeFindings } from '../estimators/extremeTargets.js';
import type { Features } from '../estimators/features.js';
import { silently } from '../estimators/warnings.js';
import { flag, given, list, number, readOptions, text, whole, type Read, type Schema } from '../options.js';
import type { History } from '../training/history.js';
import { Drawing } from './page/drawing.js';
import { dealtOf, type JudgedByFolds, type Dealt } from './judgeByFolds.js';
import type { DataFacts, Facts } from './facts/facts.js';
import { importanceOf } from './facts/importance.js';
import { digestOf, makingOf } from './facts/makingFacts.js';
import { loadPeers } from './page/peers.js';
import { renderReport } from './render.js';
import { judgedTargets, type KnownRows } from './facts/rivals.js';
import { countRows, modelRows, rowsAt, someRows, tableOf, type ModelRows } from './facts/rows.js';
import { namedAnswers, pickTargets, type Targets } from './facts/scores.js';
import { lookAgain, type SecondLook } from './facts/secondLook.js';
import { subjectOf, type Reportable, type Subject } from './facts/subject.js';
import { trainingOf } from './facts/trainingFacts.js';

/** Options of report. */
export interface ReportOptions {
  /** The page's title (default: the kind of model and its target). */
  readonly title?: string;
  /** The rows that trained and what is true of them: what the model must beat is trained on them, and they are compared with the rows that judge. */
  readonly trainingData?: readonly [X: Features, y: unknown];
  /**
   * What judgeByFolds found on these rows: X and y are then the rows that trained the model, all of them, and it is judged by what models of the
   * folds answered to them. Leave trainingData, judgedBy and baselines out: it says how the rows judged, and beside what.
   */
  readonly byFolds?: JudgedByFolds;
  /** What the target is called, or the targets (default: the column that was learnt, else y, or y0, y1, …). */
  readonly target?: string | readonly string[];
  /** What the columns of a matrix are called (default: the names that an estimator knows, else x0, x1, …). */
  readonly featureNames?: readonly string[];
  /** What fit of a network returned: its loss curves. Estimators know theirs. */
  readonly history?: History;
  /** How the rows that judge came about, in words (default 'held-out rows'). */
  readonly judgedBy?: string;
  /** Sentences to add to the page's notes. */
  readonly notes?: readonly string[];
  /** How the model was made: a command, or code. */
  readonly command?: string;
  /** Files to name with their SHA-256, by name. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** Whether a linear model and the quick preset are trained to compare with, where there is trainingData (default true). */
  readonly baselines?: boolean;
  /** Of everything drawn at random, a whole number (default 0). */
  readonly seed?: number;
  /** Seconds for the explanations of single rows, > 0 (default 10), counted as explain counts them. */
  readonly budget?: number;
  /** The module @observablehq/plot, where it cannot be loaded by its name: in bundles and pages. */
  readonly plot?: object;
  /** A document to draw with (default: the page's own, else one of linkedom). */
  readonly document?: object;
}

const reportRows = {
  title: text(),
  trainingData: given<readonly [Features, unknown]>(),
  byFolds: given<JudgedByFolds>(),
  target: given<string | readonly string[]>(),
  featureNames: list(text(), "['size']"),
  history: given<History>(),
  judgedBy: text('held-out rows'),
  notes: list(text(), "['…']"),
  command: text(),
  files: given<Readonly<Record<string, Uint8Array>>>(),
  baselines: flag(true),
  seed: whole({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1, default: 0 }),
  budget: number({ min: 0, minExclusive: true, default: 10 }),
  plot: given<object>(),
  document: given<object>(),
} satisfies Schema<ReportOptions>;

/** Rows that stand for "not known" in explanations. */
const backgroundRows = 100;

/**
 * One HTML page about a model and its data, as text to write to a file: what the data is, how good the model is beside what it must beat, how it
 * learnt, what it takes for what or how far it misses, whether its probabilities hold, thresholds, what it relies on, how answers go with columns,
 * the rows it was surest about and wrong, intervals, notes, and how to make it again. The page is one file below 400 kB that fetches nothing and
 * runs no script; it is for light and dark, paper, keyboards and screen readers.
 *
 * `X` and `y` are rows the model has not seen, as it takes them. Pass the rows that trained as `trainingData` to see what the model must beat, and
 * whether the two are alike. Needs the packages @observablehq/plot and linkedom (npm install @observablehq/plot linkedom).
 *
 * @throws ERR_UNSUPPORTED without these packages, and for several yes-or-no answers per row; ERR_TYPE for anything but an MLP, MLPClassifier,
 * MLPRegressor or Perceptron; ERR_STATE before fit; ERR_OPTION; ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_LABEL for rows and targets
 * that are not the model's.
 *
 * @example
 * const page = report(clf, XTest, yTest, { trainingData: [XTrain, yTrain], target: 'species' });
 * page.startsWith('<!doctype html>');  // true
 */
export function report(model: Reportable, X: Features, y: unknown, options: ReportOptions = {}): string {
  return reportWithFacts(model, X, y, options).page;
}

/** What a report says, for programs that show some of it beside the page. */
export interface ReportFacts {
  /** What another figure says where the main one finds the model no better than always the same answer, or than a linear model; undefined elsewhere. */
  readonly secondLook: SecondLook | undefined;
  /** Columns that were left out, and why, as the page lists them. */
  readonly leftOut: readonly string[];
  /** The notes of the page. */
  readonly notes: readonly string[];
}

/**
 * The page that `report` makes of a model and its data, and beside it what the page says, as data: whether a second figure speaks for a model
 * that its main figure finds no better than the constant answer, what was left out, and the notes. Takes what `report` takes.
 *
 * @throws ERR_UNSUPPORTED without @observablehq/plot and linkedom, and for several yes-or-no answers per row; ERR_TYPE for anything but an MLP,
 * MLPClassifier, MLPRegressor or Perceptron; ERR_STATE before fit; ERR_OPTION; ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_LABEL for rows
 * and targets that are not the model's.
 *
 * @example
 * const { page, facts } = reportWithFacts(clf, XTest, yTest);
 * if (facts.secondLook?.beaten === 'the constant') console.log(facts.secondLook.text);
 */
export function reportWithFacts(
  model: Reportable,
  X: Features,
  y: unknown,
  options: ReportOptions = {},
): {
  /** The HTML page. */
  readonly page: string;
  /** What it says. */
  readonly facts: ReportFacts;
} {
  const read = readOptions(reportRows, options, 'report', 'report.');
  if (read.byFolds !== undefined) refuseBesideFolds(options);
  const drawing = new Drawing(loadPeers(read));
  const subject = subjectOf(model, { target: read.target, features: read.featureNames });
  return silently(model, () => {
    const facts = factsOf(subject, X, y, read);
    const { data, notes } = facts;
    return { page: renderReport(facts, drawing), facts: { secondLook: lookAgain(facts), leftOut: data.leftOut, notes } };
  });
}

function factsOf(subject: Subject, X: Features, y: unknown, options: Read<typeof reportRows>): Facts {
  const { seed, budget, notes, judgedBy: by, baselines, history } = options;
  const given = knownRows(subject, X, y, 'X');
  const dealt = options.byFolds && dealtOf(options.byFolds);
  const judge = dealt === undefined ? given : inOrder(given, dealt);
  const trained = dealt ? given : options.trainingData && knownRows(subject, ...pairOf(options.trainingData), 'trainingData X');
  const table = describedTable(subject, judge);
  const trainTable = trained && describedTable(subject, trained);
  const rows = countRows(judge.rows);
  const { model } = subject;
  const encoder = 'encoder' in model ? model.encoder : undefined;
  const own = 'findings' in model ? model.findings : (history?.notes ?? []).map(ofTraining);
  const strange = encoder === undefined || !(judge.rows instanceof Table) ? [] : encoder.check(judge.rows);
  const where = (row: number) => (table.lines === undefined ? `Row ${dealt?.order[row] ?? row}` : `Line ${table.lines[row]}`);
  const seen = dealt !== undefined || own.some(({ kind }) => kind === 'extremeTarget'); // of folds the model's findings tell
  const extreme = seen
    ? []
    : judge.truth.flatMap((list, k) => {
        const what = `${show(subject.targets[k])} of the rows that judge`;
        const text = judge.isDate ? dateText : undefined;
        return isFloat64(list)
          ? extremeFindings(list, { what, where: (row) => where(row).toLowerCase(), text, robust: true })
          : [];
      });
  const data: DataFacts = {
    source: undefined,
    described: trained === undefined ? 'the rows that judge' : 'the rows that trained',
    rows: trainTable?.rows ?? rows,
    columns: (trainTable ?? table).summary(),
    used: new Set(subject.features.map(({ name }) => name)),
    trainedOn: trained && countRows(trained.rows),
    leftOut: own.filter(isLeftOut).map(noteOf),
  };
  return {
    ...{ subject, rows: judge.rows, table, data, seed, budget },
    title: options.title ?? `${subject.kind} for ${subject.targets.slice(0, 3).join(', ')}`,
    where,
    background: someRows((trained ?? judge).rows, backgroundRows, seed, 'background'),
    judgement:
      dealt === undefined
        ? { by, rows, unseen: true, targets: judgedTargets(subject, judge, trained, { seed, baselines }) }
        : { ...judgedByFolds(dealt, subject, judge.isDate), rows },
    training: trainingOf(model, history),
    importance: importanceOf(subject, judge, seed),
    drift: trainTable && dealt === undefined ? driftBetween(trainTable, table) : undefined,
    notes: [
      ...[...own.filter((finding) => !isLeftOut(finding)), ...extreme].map(noteOf),
      ...strange.map(({ message }) => message),
      ...(notes ?? []),
    ],
    making: makingOf(model, {
      command: options.command,
      files: Object.entries(options.files ?? {}).map(([name, bytes]) => digestOf(name, bytes)),
    }),
  };
}

const ofTraining = (message: string): Finding => ({ kind: 'training', message });

/** @throws ERR_OPTION for options that byFolds leaves nothing to. */
function refuseBesideFolds({ trainingData, judgedBy, baselines }: ReportOptions): void {
  if (trainingData !== undefined)
    fail('ERR_OPTION', 'report: with byFolds, X and y are the rows that trained: leave trainingData out.');
  if (judgedBy !== undefined) fail('ERR_OPTION', 'report: byFolds says how its rows judged: leave judgedBy out.');
  if (baselines !== undefined)
    fail('ERR_OPTION', 'report: byFolds holds what the model must beat, judged on the same folds: leave baselines out.');
}

/** Rows that folds judged, in the order of the answers. @throws ERR_SHAPE, ERR_OPTION for rows and targets that they were not. */
function inOrder({ rows, truth, isDate }: KnownRows, { judged, order }: Dealt): KnownRows {
  if (countRows(rows) !== order.length)
    fail('ERR_SHAPE', `X has ${countRows(rows)} rows, but byFolds judged ${order.length}: pass the same rows.`);
  if (truth.length !== 1)
    fail('ERR_SHAPE', `report.byFolds: judgeByFolds judged one target, but this model predicts ${truth.length}.`);
  const ordered = pickTargets(truth[0]!, order);
  const known = judged.answers.truth; // of each deal in turn; the order is that of the first
  const kind = (targets: Targets) => (isFloat64(targets) ? 'numbers of a regressor' : 'labels of a classifier');
  if (kind(known) !== kind(ordered))
    fail('ERR_OPTION', `report.byFolds: judgeByFolds judged ${kind(known)}, but this model learns ${kind(ordered)}.`);
  const other = order.findIndex((_, i) => ordered[i] !== known[i]);
  if (other >= 0)
    fail(
      'ERR_OPTION',
      `report.byFolds: y is not what judgeByFolds judged: row ${order[other]} is ${show(ordered[other])}, but was ${show(known[other])}. Pass the same rows and target.`,
    );
  return { rows: rowsAt(rows, order), truth: [ordered], isDate };
}

function judgedByFolds({ judged: { by, answers, foldScores } }: Dealt, { targets }: Subject, isDate: boolean) {
  return {
    by,
    unseen: false,
    targets: [{ name: targets[0]!, truth: answers.truth, isDate, answers: namedAnswers(answers) }],
    foldScores,
  };
}

function pairOf(pair: readonly [Features, unknown]): readonly [Features, unknown] {
  if (!Array.isArray(pair) || pair.length !== 2)
    fail('ERR_OPTION', 'report.trainingData: expected [X, y], the rows that trained and their targets.');
  return pair;
}

/** Rows with what is true of them; of a table the columns that the model reads. */
function knownRows(subject: Subject, X: Features, y: unknown, name: string): KnownRows {
  const rows = modelRows(X, name);
  const truth = subject.truth(rows, y);
  const count = countRows(rows);
  for (const list of truth)
    if (list.length !== count) fail('ERR_SHAPE', `${name} has ${count} rows, but its targets are ${list.length}.`);
  const isDate =
    subject.classes === undefined && typeof y === 'string' && rows instanceof Table && rows.column(y).type === 'date';
  return { rows: withoutTarget(rows, subject), truth, isDate };
}

function withoutTarget(rows: ModelRows, { features }: Subject): ModelRows {
  if (!(rows instanceof Table)) return rows;
  return rows.select(features.map(({ name }) => name).filter((name) => rows.has(name)));
}

/** The columns that the model reads and the targets, as a table. */
function describedTable(subject: Subject, { rows, truth, isDate }: KnownRows): Table {
  const table = tableOf(
    rows,
    subject.features.map(({ name }) => name),
  );
  const free = subject.targets.map((name) => (table.has(name) ? `${name} (target)` : name));
  const targets = Table.from(Object.fromEntries(free.map((name, k) => [name, targetColumn(truth[k]!)])));
  const own = targets.columns.map(
    (column): Column => (isDate && column.type === 'numeric' ? { ...column, type: 'date' } : column),
  );
  return new Table([...table.columns, ...own], {
    rows: table.rows,
    ...(table.lines === undefined ? {} : { lines: table.lines }),
  });
}

/** Labels as text, so that classes that are numbers are told as classes. */
function targetColumn(truth: Targets): ArrayLike<unknown> {
  return isFloat64(truth) ? truth : truth.map(String);
}
