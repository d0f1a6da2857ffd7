// Tables that models are judged on: a folder of CSV files, or those that scikit-learn has or makes, and their splits.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metrics, parseCsv } from '../../dist/index.js';

const script = new URL('../tables.py', import.meta.url).pathname;

/** What bench/tables.py prints. */
export const python = (interpreter, ...given) => execFileSync(interpreter, [script, ...given], { encoding: 'utf8' });

/** Whether row i (from 0) is a test row of split s: a 32-bit mix of both, a fifth of the rows. */
export function isTest(i, s) {
  let h = (i + Math.imul(s, 0x9e3779b9)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b) >>> 0;
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35) >>> 0;
  return ((h ^ (h >>> 16)) >>> 0) % 5 === 0;
}

/** Training rows and test rows of one split. */
export function splitRows(table, split) {
  const rows = Array.from({ length: table.rows }, (_, i) => i);
  return [rows.filter((i) => !isTest(i, split)), rows.filter((i) => isTest(i, split))].map((some) => table.take(some));
}

/** What a fitted model errs on test rows: the share that is wrong and the log loss, or the root mean squared error over the deviation of the targets. */
export function errorsOf(model, test, target) {
  const inputs = test.drop([target]);
  const predicted = model.predict(inputs);
  if (model.classes === undefined) {
    const truth = test.numbers(target);
    const mean = truth.reduce((sum, y) => sum + y, 0) / truth.length;
    const deviation = Math.sqrt(truth.reduce((sum, y) => sum + (y - mean) ** 2, 0) / truth.length);
    return { error: metrics.rootMeanSquaredError(truth, predicted) / deviation };
  }
  const truth = test.labels(target);
  const { data, shape } = model.predictProba(inputs);
  const p = truth.map((label, i) => data[i * shape[1] + model.classes.indexOf(label)] ?? 0);
  const logLoss = p.reduce((sum, value) => sum - Math.log(Math.max(value, 1e-6)), 0) / p.length;
  return { error: 1 - metrics.accuracy(truth, predicted), logLoss };
}

/**
 * Tables: of `folder` every NAME.csv, else those of scikit-learn. Where tables.json says target and task it is asked, else the target is the
 * last column, and holds classes when it holds text.
 */
function tablesOf(folder) {
  const own = folder === undefined;
  const from = folder ?? mkdtempSync(join(tmpdir(), 'tables-'));
  if (own) python('/usr/bin/python3', 'write', from);
  const facts = existsSync(join(from, 'tables.json')) ? JSON.parse(readFileSync(join(from, 'tables.json'), 'utf8')) : {};
  const files = readdirSync(from).filter((file) => file.endsWith('.csv'));
  const read = files.map((file) => {
    const name = file.slice(0, -'.csv'.length);
    const table = parseCsv(readFileSync(join(from, file), 'utf8'));
    const target = facts[name]?.target ?? table.names.at(-1);
    const task = facts[name]?.task ?? (table.column(target).type === 'numeric' ? 'regression' : 'classification');
    return { name, table, target, task };
  });
  if (own) rmSync(from, { recursive: true });
  return read;
}

/** The tables of classes. */
export function classTables(folder) {
  const wanted = tablesOf(folder).filter(({ task }) => task === 'classification');
  if (wanted.length === 0) throw new Error(`${folder} has no table of classes: expected NAME.csv with text in its last column.`);
  return wanted;
}

/**
 * Those of scikit-learn that `names` lists, or the smallest of a folder, as many; of one with more than `mostRows` rows so many, spread evenly over
 * all of them.
 */
export function someTables(folder, names, mostRows) {
  const all = tablesOf(folder);
  const small = [...all].sort((a, b) => a.table.rows - b.table.rows).slice(0, names.length);
  const wanted = folder === undefined ? names.map((name) => all.find((one) => one.name === name)) : small;
  if (wanted.length === 0) throw new Error(`${folder} has no table: expected NAME.csv.`);
  return wanted.map((one) => {
    const { rows } = one.table;
    const some = Array.from({ length: Math.min(rows, mostRows) }, (_, i) => Math.floor((i * rows) / Math.min(rows, mostRows)));
    return { ...one, table: one.table.take(some) };
  });
}
