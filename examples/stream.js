// More rows than fit into memory: a CSV file read in two passes, learnt from in portions. The file here is made up as it is read; a real
// one comes from createReadStream.
//
//   node examples/stream.js

import { MLPRegressor, Random, scanCsv, streamCsv, TableEncoder } from '../dist/index.js';

const rows = 200_000;

/** Text of the file, a thousand lines at a time. */
function* file() {
  const random = new Random(4);
  yield 'distance,weather,hour,minutes\n';
  for (let k = 0; k < rows / 1000; k++) {
    const lines = Array.from({ length: 1000 }, () => {
      const distance = random.between(1, 20);
      const weather = ['dry', 'rain', 'snow'][random.below(3)];
      const hour = random.below(24);
      const rush = hour === 8 || hour === 17 ? 1.8 : 1;
      const minutes = 3 * distance * rush * { dry: 1, rain: 1.2, snow: 1.7 }[weather] + random.normal();
      return `${distance.toFixed(2)},${weather},${hour},${minutes.toFixed(1)}`;
    });
    yield `${lines.join('\n')}\n`;
  }
}

// First pass: types, ranges and categories. Memory does not grow with the number of rows.
const schema = await scanCsv(file(), { types: { hour: 'categorical' } });
for (const { name, type, min, max, categories } of schema.columns)
  console.log(
    `${name.padEnd(10)}${type.padEnd(13)}${type === 'categorical' ? `${categories.length} categories` : `${min} to ${max}`}`,
  );
const encoder = new TableEncoder().fitSummaries(schema.columns.filter(({ name }) => name !== 'minutes'));

// Second pass: chunks of 8,192 rows; every tenth chunk judges, the others teach.
const model = new MLPRegressor({ hiddenLayers: [32, 16], seed: 1 });
const scores = [];
let chunk = 0;
const began = performance.now();
for await (const table of streamCsv(file(), schema.columns, schema.dialect)) {
  const X = encoder.transform(table);
  const minutes = table.numbers('minutes');
  if (chunk++ % 8 === 7) scores.push(model.score(X, minutes));
  else model.partialFit(X, minutes);
}
console.log(
  `\n${rows} rows in ${((performance.now() - began) / 1000).toFixed(1)} s; R^2 on chunks it had not seen: ${scores.map((score) => score.toFixed(3)).join(', ')}`,
);
console.log(
  `a rainy ride of 10 km at 8: ${model.predict(encoder.transform64(await tableOf('10,rain,8')))[0].toFixed(0)} minutes (expected 65)`,
);

async function tableOf(line) {
  for await (const table of streamCsv(`distance,weather,hour\n${line}\n`, encoder.columns)) return table;
}
