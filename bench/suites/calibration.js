// Whether probabilities hold, before and after what corrects them: expected calibration error (15 bins) and log loss on test rows, which no
// training, early stopping or correction has seen. Means over three splits; each figure is of a classifier trained with that option.
//
//   npm run bench -- calibration [--tables FOLDER]    without it, tables that scikit-learn has or makes: bench/support/tables.js

import { metrics, MLPClassifier } from '../../dist/index.js';
import { table as lines } from '../support/report.js';
import { classTables, splitRows } from '../support/tables.js';

const SPLITS = [0, 1, 2];
const presets = {
  none: { options: { preset: 'none', earlyStopping: true }, methods: [false, 'temperature', 'platt', 'isotonic'] },
  quick: { options: { preset: 'quick' }, methods: [false, 'temperature'] },
};
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const percent = (value) => `${(100 * value).toFixed(2)} %`;

/** One classifier for each correction, on one split; all are the same network under another correction. */
function judged({ table, target }, { options, methods }, split) {
  const [train, test] = splitRows(table, split);
  const truth = test.labels(target);
  const inputs = test.drop([target]);
  const figures = {};
  let plain;
  for (const calibrate of methods) {
    const model = new MLPClassifier({ ...options, calibrate, seed: split, onWarning: false }).fitSync(train, target);
    if (calibrate !== false && model.calibration !== calibrate) throw new Error(`${calibrate} was not fitted`);
    const answers = model.predict(inputs);
    plain ??= answers;
    if (calibrate === 'temperature' && answers.some((label, i) => label !== plain[i]))
      throw new Error('a temperature changed a label');
    const { classes } = model;
    const proba = model.predictProba(inputs);
    figures[calibrate === false ? 'before' : calibrate] = {
      calibrationError: metrics.expectedCalibrationError(truth, proba, { classes }),
      logLoss: metrics.logLoss(truth, proba, { classes }),
      accuracy: metrics.accuracy(truth, answers),
    };
  }
  return figures;
}

export function calibration({ tables: folder }) {
  const result = {};
  const rows = [['error (log loss)', 'preset', 'classes', 'before', 'temperature', 'platt', 'isotonic']];
  for (const one of classTables(folder)) {
    const classes = new Set(one.table.labels(one.target)).size;
    for (const [preset, { options, methods }] of Object.entries(presets)) {
      const allowed = classes === 2 ? methods : methods.filter((method) => method === false || method === 'temperature');
      const runs = SPLITS.map((split) => judged(one, { options, methods: allowed }, split));
      const of = (method, figure) => mean(runs.map((run) => run[method][figure]));
      const figures = Object.fromEntries(
        Object.keys(runs[0]).map((method) => [
          method,
          {
            calibrationError: of(method, 'calibrationError'),
            logLoss: of(method, 'logLoss'),
            accuracy: of(method, 'accuracy'),
          },
        ]),
      );
      const cell = (method) =>
        figures[method] === undefined
          ? '-'
          : `${percent(figures[method].calibrationError)} (${figures[method].logLoss.toFixed(4)})`;
      rows.push([one.name, preset, classes, ...['before', 'temperature', 'platt', 'isotonic'].map(cell)]);
      result[`${one.name} ${preset}`] = figures;
    }
  }
  console.log(`\n${lines(rows)}`);
  return result;
}
