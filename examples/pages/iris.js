// Trains the classifier that answer.html asks, on the irises of R. A. Fisher (1936), and writes its file, and the table for train.html, as
// scripts: a page opened by double click may run scripts that stand beside it, and may not fetch files.
//
//   node examples/pages/iris.js

import { readFileSync, writeFileSync } from 'node:fs';
import { MLPClassifier, parseCsv } from '../../dist/index.js';

const here = (name) => new URL(name, import.meta.url);
const csv = readFileSync(here('iris.csv'), 'utf8');
const table = parseCsv(csv);
const classifier = new MLPClassifier({ hiddenLayers: [8], learningRate: 0.01, epochs: 150, deterministic: true, seed: 1 });
await classifier.fit(table, 'species');
const file = Buffer.from(classifier.save()).toString('base64');
writeFileSync(here('iris.ff.js'), `// The file of a classifier of irises, made by iris.js.\nglobalThis.iris =\n  '${file}';\n`);
writeFileSync(here('iris.csv.js'), `// The table iris.csv, made by iris.js.\nglobalThis.irises = \`${csv}\`;\n`);
console.log(`right on ${(100 * classifier.score(table, 'species')).toFixed(1)} % of the ${table.rows} irises it was trained on`);
