// Trains an estimator on a table and writes the report on it. Everything happens in this worker: the table stays in the page.

import * as plot from '@observablehq/plot';
import { type Finding, MLPClassifier, MLPRegressor, parseCsv, type Table, trainTestSplit } from 'feedforward';
import { type JudgedByFolds, judgeByFolds, type Judgement, reportWithFacts, type SecondLook } from 'feedforward/report';
import { parseHTML } from 'linkedom/worker';
import { codeFor, commandFor, deals, fewRows, seed, testSize } from './code';
import type { Order, Outcome, Report, Task } from './messages';

const fewestRows = 20;
const mostClasses = 100;

let table: Table | undefined;
let file = 'table.csv';
let stopping: AbortController | undefined;
/** Counts tables and trainings: what is still said of an earlier one is of no use. */
let turn = 0;

const say = (message: Report, buffers: Transferable[] = []) => postMessage(message, { transfer: buffers });

/** What a column is to learn: text, yes or no, and few whole numbers that come again and again are classes. */
function taskOf(table: Table, name: string): Task | undefined {
  const { type } = table.column(name);
  if (type === 'date') return undefined;
  const present = table.dropMissing([name]);
  const different = new Set(present.labels(name));
  if (different.size < 2) return undefined;
  if (type === 'numeric') {
    const few = different.size <= 10 && different.size <= present.rows / 5;
    return few && [...different].every((value) => Number.isInteger(Number(value))) ? 'classes' : 'numbers';
  }
  return different.size <= mostClasses && different.size < present.rows ? 'classes' : undefined;
}

function read(name: string, text: string): void {
  turn++;
  stopping?.abort();
  table = parseCsv(text, { source: name });
  file = name;
  const { columns, rows, notes } = table;
  if (rows < fewestRows) throw new Error(`${name} has ${rows} rows; a model and a judgement of it need ${fewestRows} at least.`);
  const known = table;
  say({
    type: 'table',
    rows,
    notes: [...notes],
    columns: columns.map(({ name, type }) => ({
      name,
      type,
      missing: rows - known.dropMissing([name]).rows,
      task: taskOf(known, name),
    })),
  });
}

async function train({ target, task, preset, keep }: Extract<Order, { type: 'train' }>): Promise<void> {
  const own = ++turn;
  const name = file;
  const rows = table!.dropMissing([target]);
  const options = { preset, deterministic: true, seed, onWarning: false } as const;
  const create = () => (task === 'classes' ? new MLPClassifier(options) : new MLPRegressor(options));
  stopping = new AbortController();
  const { signal } = stopping;
  const byFolds = rows.rows < fewRows;
  /** Tells how far it is, at the start and a few times a second. `at`: the fold, from 1; the model itself comes after the last one. */
  const telling = (at: number, folds: number, of: number) => {
    let told = Number.NEGATIVE_INFINITY;
    return ({ epoch, loss }: { readonly epoch: number; readonly loss: number }) => {
      if (performance.now() - told < 80) return;
      told = performance.now();
      const what = at > folds ? '' : `Fold ${at} of ${folds}: `;
      say({ type: 'progress', ...{ what, epoch, of, loss }, share: (at - 1 + epoch / of) / (folds + 1) });
    };
  };

  let tell = telling(1, 0, 1);
  let folds = 0;
  const judged = byFolds
    ? await judgeByFolds(create, rows, target, {
        ...{ deals, seed },
        fit: { signal, keep, onEpochEnd: (log) => tell(log) },
        onFoldStart: ({ fold, of, epochs }) => {
          folds = of;
          tell = telling(fold, of, epochs);
        },
      })
    : undefined;

  const classes = task === 'classes' ? rows.labels(target) : undefined;
  const counts = new Map<unknown, number>();
  for (const label of classes ?? []) counts.set(label, (counts.get(label) ?? 0) + 1);
  const stratify = classes !== undefined && [...counts.values()].every((count) => count > 1);
  const { XTrain, XTest } = byFolds
    ? { XTrain: rows, XTest: rows }
    : trainTestSplit(rows, target, { testSize, ...(stratify && { stratify }), seed });
  const model = create();
  const onEpochEnd = telling(folds + 1, folds, model.plannedEpochs);
  let stopped = false;
  try {
    await model.fit(XTrain, target, { signal, keep, onEpochEnd });
  } catch (error) {
    if ((error as Error).name !== 'AbortError' || !model.isFitted) throw error;
    stopped = true;
  }
  if (own !== turn) return;
  // What folds found says nothing of a model stopped early.
  const reported = judged === undefined || !stopped;
  if (reported) say({ type: 'doing', text: 'Writing the report' });
  const main = task === 'classes' ? 'accuracy' : 'r2';
  const score = judged?.scores[main] ?? model.score(XTest, target);
  const made = { file: name, target, task, preset, stratify, keep, score, folds: byFolds };
  const command = commandFor(made);
  const written = reported
    ? reportWithFacts(model, XTest, target, {
        ...{ plot, document: parseHTML('<!doctype html><html><body></body></html>').document, seed, target },
        ...(judged === undefined ? { trainingData: [XTrain, target] as const } : { byFolds: judged }),
        title: `${target} of ${name}`,
        ...(stopped ? {} : { command }),
      })
    : undefined;
  const bytes = model.save() as Uint8Array<ArrayBuffer>;
  const outcome = {
    ...{ score, task, stopped, file: name, page: written?.page, model: bytes, command, code: stopped ? '' : codeFor(made) },
    byFolds: judged && wordsOf(judged, main, stopped),
    leftOut: leftOutOf(model.findings),
    secondLook: secondLookOf(written?.facts.secondLook),
    constant: judged?.baselines.constant.scores[main] ?? (classes === undefined ? 0 : shareOf(XTest, XTrain, target)),
    trainedOn: XTrain.rows,
    judgedOn: XTest.rows,
    epochs: model.epochs,
    seconds: model.seconds,
  };
  say({ type: 'done', outcome }, [bytes.buffer]);
}

/** What folds found, in the words and figures of `feedforward train`. */
function wordsOf({ judgedBy, foldScores, baselines, ...own }: JudgedByFolds, main: string, stopped: boolean): string {
  const figure = ({ scores, standardError }: Judgement) =>
    [scores[main]!, standardError].map((value) => String(Number(value.toPrecision(4)))).join(' ± ');
  const others = { 'linear model': baselines.linear, 'quick preset': baselines.quick, 'always the same': baselines.constant };
  const rivals = Object.entries(others).flatMap(([name, of]) => (of === undefined ? [] : [`${name} ${figure(of)}`]));
  const name = main === 'r2' ? 'R^2' : main;
  return `Judged by ${judgedBy}: ${foldScores.length} models, each by the rows it had not seen, and then one was trained on all rows${stopped ? ', which was stopped early: the figures are not its' : ''}. ${name} ${figure(own)}; ${rivals.join(', ')}.`;
}

/** What an estimator says of columns that it left out or whose categories it merged, and the name of one that `keep` takes back. */
function leftOutOf(findings: readonly Finding[]): Outcome['leftOut'] {
  return findings.flatMap(({ kind, message, column }) => {
    if (kind !== 'columnLeftOut' && kind !== 'rowNumber' && kind !== 'mergedCategories') return [];
    return [{ why: message, column: kind === 'rowNumber' ? column : undefined }];
  });
}

/** What another figure says, where that puts the model before always the same answer. */
const secondLookOf = (look: SecondLook | undefined) =>
  look?.beaten === 'the constant' ? look.text.replaceAll('R^2', 'R²') : undefined;

/** How many of the rows that judge are of the class that most rows are that trained. */
function shareOf(judges: Table, trained: Table, target: string): number {
  const counts = new Map<unknown, number>();
  for (const label of trained.labels(target)) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [usual] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most));
  return judges.labels(target).filter((label) => label === usual).length / judges.rows;
}

globalThis.onmessage = async ({ data }: MessageEvent<Order>) => {
  const before = turn;
  try {
    if (data.type === 'read') read(data.name, data.text);
    else if (data.type === 'stop') stopping?.abort();
    else await train(data);
  } catch (error) {
    const { name, message } = error as Error;
    if (data.type === 'train' && turn > before + 1) return; // another table came meanwhile
    say({ type: 'error', text: name === 'AbortError' ? 'Stopped before there was a model.' : message });
  }
};
