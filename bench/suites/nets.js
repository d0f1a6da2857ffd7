// One training step and one prediction, microseconds: the baseline and both builds on the same nets and batches.

import { MLP, engineInfo } from '../../dist/index.js';
import { MLP as BaselineMLP } from '../../dist/baseline.js';
import { dataOf, nets, optionsOf } from '../support/nets.js';
import { medians, microseconds, table } from '../support/report.js';

function models(name) {
  const made = { baseline: new BaselineMLP(optionsOf(name, false)), simd: new MLP(optionsOf(name, true)) };
  if (engineInfo().build === 'relaxed') made.relaxed = new MLP(optionsOf(name, false));
  return made;
}

async function suite(title, task) {
  const rows = [[title, 'baseline', 'simd', 'relaxed', 'best / baseline']];
  const figures = {};
  for (const name of Object.keys(nets))
    for (const batch of [1, 32, 256]) {
      const data = dataOf(name, batch);
      const tasks = Object.fromEntries(
        Object.entries(models(name)).map(([engine, model]) => [engine, task(model, data, name, batch)]),
      );
      const times = await medians(tasks);
      const cell = (engine) => (times[engine] === undefined ? '-' : microseconds(times[engine]));
      rows.push([
        `${name}, batch ${batch}`,
        cell('baseline'),
        cell('simd'),
        cell('relaxed'),
        `${(times.baseline / (times.relaxed ?? times.simd)).toFixed(1)}x`,
      ]);
      figures[`${name} ${batch}`] = times;
    }
  const ratios = Object.values(figures).map((times) => times.baseline / (times.relaxed ?? times.simd));
  console.log(`\n${table(rows)}`);
  console.log(`${Math.min(...ratios).toFixed(1)} to ${Math.max(...ratios).toFixed(1)} times as fast as the baseline`);
  return figures;
}

export function training() {
  return suite('training step, us', (model, { X, y }) =>
    () =>
      model.trainStep(X, y));
}

export function predict() {
  return suite('prediction, us', (model, { X }, name, batch) => {
    const out = new Float32Array(batch * nets[name].widths.at(-1));
    return () => model.predictInto(X.data, out);
  });
}
