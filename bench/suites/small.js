// What small networks are asked for over and over: many rows through one, and steps row by row. Microseconds, beside the baseline.

import { MLP, Random, dense } from '../../dist/index.js';
import { MLP as BaselineMLP } from '../../dist/baseline.js';
import { dataOf, optionsOf } from '../support/nets.js';
import { medians, microseconds, table } from '../support/report.js';

const ROWS = 4096;

async function compare(title, cases) {
  const lines = [[title, 'baseline', 'core', 'core / baseline']];
  const figures = {};
  for (const [name, task] of Object.entries(cases)) {
    const times = await medians({ baseline: task(BaselineMLP), core: task(MLP) });
    lines.push([name, microseconds(times.baseline), microseconds(times.core), `${(times.baseline / times.core).toFixed(1)}x`]);
    figures[name] = times;
  }
  console.log(`\n${table(lines)}`);
  return figures;
}

/** predictInto on 4,096 rows: decision maps, Shapley values, simulations. */
export function rows() {
  const through = (widths, activation) => (Model) => {
    const layers = widths.slice(1).map((units, i) => dense(units, i < widths.length - 2 ? { activation } : {}));
    const model = new Model({ inputs: widths[0], layers, seed: 1 });
    const random = new Random(1, 'rows');
    const x = Float32Array.from({ length: ROWS * widths[0] }, () => random.between(-1, 1));
    const out = new Float32Array(ROWS);
    return () => model.predictInto(x, out);
  };
  return compare('4,096 rows predicted, us', {
    '2-8-8-1, tanh': through([2, 8, 8, 1], 'tanh'),
    '2-16-16-1, tanh': through([2, 16, 16, 1], 'tanh'),
    '10-64-64-1, relu': through([10, 64, 64, 1], 'relu'),
    '13-128-128-1, relu': through([13, 128, 128, 1], 'relu'),
  });
}

/**
 * A training step on one row, each time another of 256. Every row comes with two targets, and inputs are centred: where rows are known by
 * heart, or units die, slots pass through subnormal numbers for some hundred steps, which are slow anywhere and not what is measured here.
 */
export function batch1() {
  const step = (name) => (Model) => {
    const model = new Model(optionsOf(name, false));
    const data = Array.from({ length: 256 }, (_, i) => {
      const { data: x, shape } = dataOf(name, 1, i % 128).X;
      return { X: { data: x.map((value) => 2 * value - 1), shape }, y: dataOf(name, 1, i).y };
    });
    let t = 0;
    return () => {
      const { X, y } = data[t++ & 255];
      model.trainStep(X, y);
    };
  };
  const names = ['2-16-16-1', '10-64-64-1', '784-128-10', '784-512-512-10'];
  return compare('training step on one row, us', Object.fromEntries(names.map((name) => [name, step(name)])));
}
