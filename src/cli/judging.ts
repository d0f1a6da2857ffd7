// How a training is judged: rows held out, folds, and what the model relies on.

import type { Finding } from '../data/findings.js';
import type { Label } from '../data/labels.js';
import { Random } from '../data/random.js';
import { holdOut, splitIndices, type Fold } from '../data/split.js';
import { fail, FeedforwardError } from '../errors.js';
import type { Table } from '../data/table.js';
import { rowsAsked, shortfallFindings } from '../estimators/warnings.js';
import { permutationImportance, type Importance } from '../estimators/importance.js';
import { rowsOf, type Dataset } from './dataset.js';
import { Exit } from './exit.js';
import type { Interrupt } from './interrupt.js';
import { answersToFold, dealFolds, judgedByFolds, rowsOfDeal, trainOnFold, type Judged } from '../report/facts/folds.js';
import {
  pickTargets,
  predictAll,
  scoresOf,
  type Answers,
  type Model,
  type Predictions,
  type Targets,
} from '../report/facts/scores.js';
import type { Terminal } from './terminal.js';

const importanceRows = 2000;

export function splitRows({ task, y, rows, order }: Dataset, testSize: number, seed: number): Fold {
  if (order !== undefined) return inFlags(() => splitIndices(rows, { testSize, splitBy: order }));
  return inFlags(() => holdOut(rows, testSize, seed, task === 'classification' ? (y as Label[]) : undefined));
}

/** Refusals that name the options of a split name their flags. */
function inFlags(split: () => Fold): Fold {
  try {
    return split();
  } catch (error) {
    if (!(error instanceof FeedforwardError)) throw error;
    const message = error.message.replaceAll('splitBy', '--split-by').replaceAll('testSize', '--test-size');
    return fail(error.code, message, error.details);
  }
}

/** Folds, how often they are dealt, and what they are drawn from. */
export interface Dealing {
  readonly folds: number;
  readonly deals: number;
  readonly seed: number;
}

/** Every row predicted by models of the folds it is not in. `order`: rows of the data, each once, in the order of the answers. */
export async function crossValidated(
  { table, y, rows }: Dataset,
  { folds, deals, seed }: Dealing,
  make: () => Model,
  fitOptions: object,
  terminal: Terminal,
  interrupt: Interrupt,
): Promise<{ judged: Judged; order: Uint32Array }> {
  if (folds > rows) fail('ERR_OPTION', `--cv: ${folds} folds need at least as many rows, but there are ${rows}.`);
  const dealt = dealFolds(y, folds, deals, seed);
  const parts: Answers[] = [];
  for (const [f, fold] of dealt.entries()) {
    await interrupt.check();
    const model = make();
    const progress = terminal.training(`fold ${f + 1} of ${dealt.length}`, model.plannedEpochs);
    try {
      await interrupt.watching(() =>
        trainOnFold(model, table, y, fold, { ...fitOptions, signal: interrupt.signal, onEpochEnd: (log) => progress(log) }),
      );
    } catch (error) {
      if ((error as Error).name !== 'AbortError') throw error;
      throw new Exit(130, `Interrupted in fold ${f + 1} of ${dealt.length}; nothing was saved.`, 'ABORTED');
    } finally {
      terminal.stop();
    }
    parts.push(answersToFold(model, table, y, fold));
  }
  return { judged: judgedByFolds(parts, folds, deals), order: rowsOfDeal(dealt, folds) };
}

/** What is found of a model that errs far more on its own rows, or on 2000 of them, than the models that were judged on theirs. */
export function shortfall(model: Model, X: Table, y: Targets, { truth, model: judged }: Answers): Finding[] {
  const some = rowsAsked(y.length);
  const main = (of: Targets, predictions: Predictions) => Object.values(scoresOf(of, predictions))[0]!;
  return shortfallFindings(main(pickTargets(y, some), predictAll(model, X.take(some))), main(truth, judged), y.length);
}

/** On at most 2000 of the rows `judges`, or of all when there are that many. */
export function importanceOf(model: Model, data: Dataset, judges: Uint32Array | undefined, seed: number): Importance[] {
  const candidates = judges ?? (data.rows > importanceRows ? Uint32Array.from({ length: data.rows }, (_, i) => i) : undefined);
  const rows =
    candidates !== undefined && candidates.length > importanceRows
      ? new Random(seed, 'importance rows').shuffle(candidates.slice()).slice(0, importanceRows)
      : candidates;
  const truth = pickTargets(data.y, rows);
  if (truth instanceof Float64Array && truth.every((value) => value === truth[0])) return [];
  return permutationImportance(model, rowsOf(data, rows), truth, { repeats: 3, seed });
}
