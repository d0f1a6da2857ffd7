// Whether bins of numbers pay: a preset with them over the preset without, on tables; errors, log losses and seconds of a fit. One core.
//
//   node bench/bins.js FOLDER [--preset quick] [--bins none,4,8,16] [--splits 0,1,2] [--seeds 0,1] [--only NAME,NAME] [--json FILE]
//
// FOLDER holds NAME.csv and tables.json or references.json, { NAME: { target, task } }, task 'classification' or 'regression'. An error is the
// share of test rows wrong, or their root mean squared error over their deviation.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { engineInfo, MLPClassifier, MLPRegressor, parseCsv } from '../dist/index.js';
import { machine } from './support/report.js';
import { errorsOf, splitRows } from './support/tables.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    preset: { type: 'string', default: 'quick' },
    bins: { type: 'string', default: 'none,4,8,16' },
    splits: { type: 'string', default: '0,1,2' },
    seeds: { type: 'string', default: '0,1' },
    only: { type: 'string' },
    json: { type: 'string' },
  },
});
const [folder] = positionals;
const kinds = options.bins.split(',');
const [splits, seeds] = [options.splits, options.seeds].map((list) => list.split(',').map(Number));

/** Error, log loss and seconds of a fit. */
function scored(train, test, { target, task }, kind, seed) {
  const classes = task === 'classification';
  const more = kind === 'none' ? {} : { bins: Number(kind) };
  const model = new (classes ? MLPClassifier : MLPRegressor)({ preset: options.preset, seed, onWarning: false, ...more });
  const began = performance.now();
  model.fitSync(train, target);
  const seconds = (performance.now() - began) / 1000;
  const { error, logLoss } = errorsOf(model, test, target);
  // An error of nothing counts as half a row, so that ratios have a meaning.
  return { error: classes ? Math.max(error, 0.5 / test.rows) : error, logLoss, seconds };
}

const listed = ['tables.json', 'references.json'].map((file) => join(folder, file)).find(existsSync);
const read = JSON.parse(readFileSync(listed, 'utf8'));
const tables = read.tables ?? read;
const names = options.only?.split(',') ?? Object.keys(tables);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

const { processor, runtime, date } = machine();
console.log(`${processor}, ${runtime}, ${engineInfo().build}, ${date}`);
console.log(`${options.preset}, splits ${options.splits}, seeds ${options.seeds}: error (log loss) seconds, means\n`);
console.log(['table'.padEnd(12), ...kinds.map((kind) => kind.padStart(24))].join(''));
const results = {};
for (const name of names) {
  const table = parseCsv(readFileSync(join(folder, `${name}.csv`), 'utf8'));
  const runs = splits.flatMap((split) => {
    const [train, test] = splitRows(table, split);
    return seeds.map((seed) => kinds.map((kind) => scored(train, test, tables[name], kind, seed)));
  });
  results[name] = kinds.map((_, k) => {
    const of = (figure) => (runs[0][k][figure] === undefined ? undefined : mean(runs.map((run) => run[k][figure])));
    return { error: of('error'), logLoss: of('logLoss'), seconds: of('seconds') };
  });
  const shown = results[name].map(({ error, logLoss, seconds }) =>
    `${error.toFixed(4)}${logLoss === undefined ? '' : ` (${logLoss.toFixed(3)})`} ${seconds.toFixed(2)} s`.padStart(24),
  );
  console.log([name.padEnd(12), ...shown].join(''));
}

console.log(`\ngeometric means over ${kinds[0]}`);
for (const figure of ['error', 'logLoss', 'seconds']) {
  const judged = Object.values(results).filter(([first]) => first[figure] !== undefined);
  if (judged.length === 0) continue;
  const ratios = kinds.map((_, k) => Math.exp(mean(judged.map((of) => Math.log(of[k][figure] / of[0][figure])))));
  console.log([figure.padEnd(12), ...ratios.map((ratio) => ratio.toFixed(3).padStart(24))].join(''));
}
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ kinds, results }, null, 1)}\n`);
