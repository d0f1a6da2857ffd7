// The benchmark of the library against its plain-JavaScript baseline.
//
//   npm run bench                            all suites
//   npm run bench -- training --json FILE    some of: instances, products, predict, training, epochs, rows, batch1, losses, course, explain,
//                                            differential, graphs, approximations, energy, int8, page (needs Chromium), search, queue,
//                                            calibration (--tables FOLDER: CSV files to judge it on)

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import './support/relaxed.js';
import { engineInfo } from '../dist/index.js';
import { approximations } from './suites/approximations.js';
import { calibration } from './suites/calibration.js';
import { course } from './suites/course.js';
import { differential } from './suites/differential.js';
import { energy } from './suites/energy.js';
import { shapley } from './suites/explain.js';
import { epochs } from './suites/epochs.js';
import { graphsOfLayers } from './suites/graphs.js';
import { instances } from './suites/instances.js';
import { int8 } from './suites/int8.js';
import { losses } from './suites/losses.js';
import { predict, training } from './suites/nets.js';
import { page } from './suites/page.js';
import { products } from './suites/products.js';
import { queues } from './suites/queue.js';
import { searches } from './suites/search.js';
import { batch1, rows } from './suites/small.js';
import { machine } from './support/report.js';

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'string' },
    tables: { type: 'string' },
    seeds: { type: 'string' },
    trials: { type: 'string' },
    only: { type: 'string' },
    without: { type: 'boolean' },
  },
  allowPositionals: true,
});
const suites = {
  instances,
  products,
  predict,
  training,
  epochs,
  rows,
  batch1,
  losses,
  course,
  explain: shapley,
  differential,
  graphs: graphsOfLayers,
  approximations,
  energy,
  int8,
  page,
  calibration,
  search: searches,
  queue: queues,
};
const wanted = positionals.length === 0 ? Object.keys(suites) : positionals;
const unknown = wanted.filter((name) => !Object.hasOwn(suites, name));
if (unknown.length > 0) {
  console.error(`unknown suite ${unknown.join(', ')}: expected ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}

const result = { machine: machine(), engine: engineInfo(), microseconds: {} };
const { processor, cores, runtime, date, command } = result.machine;
console.log(
  `${processor}, ${cores} cores, ${runtime}, ${date}\n${command}\nengine: ${result.engine.build}, ${result.engine.tile}`,
);
for (const name of wanted) result.microseconds[name] = await suites[name](values);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
