// The presets of MLPClassifier and MLPRegressor on tables, beside scikit-learn's MLP, a linear model, HistGradientBoosting and RealMLP-TD-S in
// PyTorch: errors, log losses and seconds, in one run, on the same splits. What they are: bench/tables.py. One core each; one seed for each split.
//
//   node bench/tables.js [--presets quick,default,best] [--splits 0,1,2] [--only iris,wine] [--dir FOLDER] [--json FILE] [--python PATH]
//
// Without --dir, eleven tables that scikit-learn has or makes. FOLDER holds NAME.csv and tables.json, { NAME: { target, task } }, task
// 'classification' or 'regression'. An error is the share of test rows wrong, or their root mean squared error over their deviation.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { engineInfo, MLPClassifier, MLPRegressor, parseCsv } from '../dist/index.js';
import { machine } from './support/report.js';
import { errorsOf, isTest, python, splitRows } from './support/tables.js';

const { values: options } = parseArgs({
  options: {
    presets: { type: 'string', default: 'quick,default,best' },
    splits: { type: 'string', default: '0,1,2' },
    only: { type: 'string' },
    dir: { type: 'string' },
    json: { type: 'string' },
    python: { type: 'string', default: '/usr/bin/python3' },
  },
});
const presets = options.presets.split(',');
const splits = options.splits.split(',').map(Number);

/** Error, log loss and seconds of one preset on one split. */
function ours(table, { target, task }, preset, split) {
  const [train, test] = splitRows(table, split);
  const began = performance.now();
  const classes = task === 'classification';
  const model = new (classes ? MLPClassifier : MLPRegressor)({ preset, seed: split, onWarning: false });
  model.fitSync(train, target);
  model.predict(test.drop([target]));
  const seconds = (performance.now() - began) / 1000; // of a fit and its predictions
  return { ...errorsOf(model, test, target), seconds };
}

const folder = options.dir ?? mkdtempSync(join(tmpdir(), 'tables-'));
if (options.dir === undefined) python(options.python, 'write', folder);
const tables = JSON.parse(readFileSync(join(folder, 'tables.json'), 'utf8'));
const names = options.only?.split(',') ?? Object.keys(tables);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const geometric = (values) => Math.exp(mean(values.map(Math.log)));

const { processor, runtime, date } = machine();
console.log(`${processor}, ${runtime}, ${engineInfo().build}, ${date}; splits ${splits.join(', ')}`);
console.log('error (log loss) seconds of a fit and its predictions; means over the splits\n');
const results = {};
const columns = ['linear', 'sklearnMLP', 'histGB', 'realMLP', ...presets];
console.log(['table'.padEnd(14), ...columns.map((name) => name.padStart(24))].join(''));
for (const name of names) {
  const file = join(folder, `${name}.csv`);
  const table = parseCsv(readFileSync(file, 'utf8'));
  const testRows = Array.from({ length: table.rows }, (_, i) => i).filter((i) => isTest(i, splits[0])).length;
  const runs = splits.map((split) => ({
    ...JSON.parse(python(options.python, 'score', file, tables[name].target, tables[name].task, String(split))),
    ...Object.fromEntries(presets.map((preset) => [preset, ours(table, tables[name], preset, split)])),
  }));
  const of = (model, figure) => mean(runs.map((run) => run[model][figure]));
  results[name] = Object.fromEntries(
    columns.map((model) => [model, { error: of(model, 'error'), logLoss: of(model, 'logLoss'), seconds: of(model, 'seconds') }]),
  );
  // An error of nothing counts as half a row, so that ratios have a meaning.
  for (const result of Object.values(results[name])) result.counted = Math.max(result.error, 0.5 / testRows);
  const shown = ({ error, logLoss, seconds }) =>
    `${error.toFixed(4)}${Number.isNaN(logLoss) ? '' : ` (${logLoss.toFixed(3)})`} ${seconds.toFixed(1)} s`;
  console.log([name.padEnd(14), ...columns.map((model) => shown(results[name][model]).padStart(24))].join(''));
}
if (options.dir === undefined) rmSync(folder, { recursive: true });

console.log('\ngeometric means over the tables');
const all = Object.values(results);
for (const preset of presets)
  for (const rival of ['linear', 'sklearnMLP', 'histGB', 'realMLP']) {
    const errors = geometric(all.map((of) => of[preset].counted / of[rival].counted));
    const judged = all.filter((of) => !Number.isNaN(of[preset].logLoss));
    const losses = judged.length === 0 ? '-' : geometric(judged.map((of) => of[preset].logLoss / of[rival].logLoss)).toFixed(3);
    const seconds = all.reduce((sum, of) => sum + of[preset].seconds, 0) / all.reduce((sum, of) => sum + of[rival].seconds, 0);
    console.log(`${preset} / ${rival}: error ${errors.toFixed(3)}, log loss ${losses}, seconds ${seconds.toFixed(2)}`);
  }
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 1)}\n`);
