// The page of a report as a file: checked before the work begins, written whole.

import { createHash } from 'node:crypto';
import { driftBetween } from '../data/drift.js';
import { Table, type Column } from '../data/table.js';
import type { TableEncoder } from '../data/tabular.js';
import type { Importance } from '../estimators/importance.js';
import { silently } from '../estimators/warnings.js';
import { Drawing } from '../report/page/drawing.js';
import type { FileDigest } from '../report/facts/facts.js';
import type { Judged } from '../report/facts/folds.js';
import { makingOf } from '../report/facts/makingFacts.js';
import type { Peers } from '../report/page/peers.js';
import { renderReport } from '../report/render.js';
import { someRows } from '../report/facts/rows.js';
import { namedAnswers, pickTargets, type Model } from '../report/facts/scores.js';
import { subjectOf } from '../report/facts/subject.js';
import { trainingOf } from '../report/facts/trainingFacts.js';
import type { Dataset } from './dataset.js';
import { quoted, withoutPassword } from './exit.js';
import type { Input } from './input.js';
import type { Notes } from './notes.js';

/** What a training was, for its page. */
export interface Trained {
  readonly model: Model;
  readonly encoder: TableEncoder;
  readonly data: Dataset;
  readonly input: Input;
  readonly target: string;
  readonly dropped: readonly string[];
  /** Rows of the data that trained; undefined for all. */
  readonly trainRows: Uint32Array | undefined;
  /** Rows that judged, in the order of the answers; undefined where none did. */
  readonly judgeRows: Uint32Array | undefined;
  readonly judged: Judged | undefined;
  /** Whether the model itself had not seen the rows that judged. */
  readonly unseen: boolean;
  readonly importance: readonly Importance[];
  readonly notes: Notes;
  readonly saved: FileDigest;
  readonly seed: number;
}

const backgroundRows = 100;
const budget = 10;

/** The page about a training, with the SHA-256 of the data it read. */
export async function trainingPage(trained: Trained, peers: Peers): Promise<string> {
  const { model, encoder, data, input, target, dropped, trainRows, judgeRows, judged, importance, seed } = trained;
  const subject = subjectOf(model, { target, features: undefined });
  const columns = encoder.columns.map(({ name }) => name);
  const own = data.table.select(columns);
  const rows = judgeRows === undefined ? own : own.take(judgeRows);
  const training = trainRows === undefined ? own : own.take(trainRows);
  const part = (indices: Uint32Array | undefined, table: Table) =>
    new Table([...table.columns, targetColumn(data, target, indices)], { rows: table.rows });
  const { leftOut, others } = trained.notes.parts;
  const facts = {
    ...{ subject, rows, table: rows, seed, budget, importance },
    title: `${target} of ${input.name}`,
    where: (row: number) => `Row ${(judgeRows?.[row] ?? row) + 1}`,
    background: someRows(training, backgroundRows, seed, 'background'),
    data: {
      ...{ source: input.name, described: 'all rows of the file', rows: data.target.rows, columns: data.summaries },
      used: new Set(columns),
      trainedOn: training.rows,
      leftOut: [...leftOut, ...dropped.map((name) => `Column ${JSON.stringify(name)} was left out: it was asked for (--drop).`)],
    },
    judgement: judged && {
      by: judged.by,
      rows: Math.min(judged.answers.truth.length, data.rows),
      unseen: trained.unseen,
      targets: [{ name: target, truth: judged.answers.truth, isDate: isDate(data), answers: namedAnswers(judged.answers) }],
      foldScores: judged.foldScores,
    },
    training: trainingOf(model, undefined),
    drift: trained.unseen && judgeRows !== undefined ? driftBetween(part(trainRows, training), part(judgeRows, rows)) : undefined,
    notes: others,
    making: makingOf(model, {
      command: commandLine(),
      files: input.isFile ? [await digestOfInput(input)] : [],
      saved: trained.saved,
    }),
  };
  return silently(model, () => renderReport(facts, new Drawing(peers)));
}

/** The target as a column beside the others. */
function targetColumn(data: Dataset, name: string, indices: Uint32Array | undefined): Column {
  const { y, task } = data;
  const values = pickTargets(y, indices);
  const { columns } = Table.from({ target: task === 'regression' ? values : (values as readonly unknown[]).map(String) });
  return { ...columns[0]!, name: `${name} (target)` };
}

const isDate = ({ task, target: { type } }: Dataset) => task === 'regression' && type === 'date';

/** What was typed, as a shell takes it, without passwords: it is printed, and stands on pages. */
export function commandLine(): string {
  return ['feedforward', ...process.argv.slice(2).map((word) => quoted(withoutPassword(word)))].join(' ');
}

async function digestOfInput(input: Input): Promise<FileDigest> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of input.open() as AsyncIterable<Uint8Array>) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { name: input.name, bytes, sha256: hash.digest('hex') };
}
