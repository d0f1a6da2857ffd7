// Creates and drops models of changing shapes in one synchronous loop, a training step each, and prints the process's memory.
//
//   node tests/support/manyModels.mjs [count = 100000] [path of the library]
//
// The last line is JSON: { count, early, late } with the largest resident size, in MB, of the second and of the last fifth.

import { pathToFileURL } from 'node:url';

const count = Number(process.argv[2] ?? 100_000);
const library = process.argv[3] ?? new URL('../../dist/index.js', import.meta.url).pathname;
const { MLP, dense } = await import(pathToFileURL(library).href);

const row = new Float32Array(40).fill(0.5);
const largest = [0, 0, 0, 0, 0];
const start = performance.now();
for (let i = 0; i < count; i++) {
  const inputs = 1 + (i % 40);
  const model = new MLP({ inputs, layers: [dense(1 + (i % 33), { activation: 'relu' }), dense(1)], seed: i });
  model.trainStep({ data: row.subarray(0, inputs), shape: [1, inputs] }, [[1]]);
  if (i % 50 === 0) {
    const fifth = Math.floor((5 * i) / count);
    largest[fifth] = Math.max(largest[fifth], process.memoryUsage.rss() / 1e6);
  }
}
console.log(
  `${count} models in ${((performance.now() - start) / 1000).toFixed(1)} s; resident MB by fifths: ${largest.map(Math.round).join(' ')}`,
);
console.log(JSON.stringify({ count, early: largest[1], late: largest[4] }));
