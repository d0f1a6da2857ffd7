// Makes site/learn/digits/digits-data.js, which the live page on softmax loads: a network 196-64-10 trained on MNIST's digits at half their size, its weights
// rounded to bytes, and a hundred digits of the test set. `node scripts/digits.mjs` (about a minute) prints what it is worth.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { MLP, adam, cosineDecay, dense } from '../dist/index.js';
import { loadMnist } from '../examples/support/mnist.js';

const epochs = 15;
const shown = 100;

/** Images of 28 x 28 as 14 x 14: means of four pixels. */
function halved({ data, shape: [rows] }) {
  const out = new Float32Array(rows * 196);
  for (let r = 0; r < rows; r++)
    for (let y = 0; y < 14; y++)
      for (let x = 0; x < 14; x++) {
        const at = r * 784 + 56 * y + 2 * x;
        out[r * 196 + 14 * y + x] = (data[at] + data[at + 1] + data[at + 28] + data[at + 29]) / 4;
      }
  return { data: out, shape: [rows, 196] };
}

const { XTrain, yTrain, XTest, yTest } = loadMnist();
const [train, test] = [halved(XTrain), halved(XTest)];
const network = (options = {}) =>
  new MLP({ inputs: 196, layers: [dense(64, { activation: 'relu' }), dense(10, { activation: 'softmax' })], ...options });
const model = network({
  loss: 'sparseCategoricalCrossEntropy',
  metrics: ['accuracy'],
  optimizer: adam({ learningRate: cosineDecay(0.003, { over: epochs, per: 'epoch' }) }),
  seed: 1,
});
model.fitSync(train, yTrain, { epochs, batchSize: 64, reportMetrics: false });

const bytes = [];
const scales = [];
const rounded = [];
for (const { values } of model.parameters()) {
  const scale = values.reduce((most, w) => Math.max(most, Math.abs(w)), 0) / 127;
  scales.push(Number(scale.toPrecision(6)));
  for (const w of values) {
    const byte = Math.round(w / scale);
    bytes.push(byte & 255);
    rounded.push(byte * scales.at(-1));
  }
}
const whole = model.evaluate(test, yTest).accuracy;
model.setVector(rounded);
const small = model.evaluate(test, yTest).accuracy;

const base64 = (numbers) => Buffer.from(Uint8Array.from(numbers)).toString('base64');
const text = `globalThis.digits = ${JSON.stringify({
  scales,
  weights: base64(bytes),
  right: Math.round(small * 10_000),
  images: base64([...test.data.slice(0, shown * 196)].map((p) => Math.round(p * 255))),
  labels: [...yTest.data.slice(0, shown)].join(''),
})};\n`;
writeFileSync(join(import.meta.dirname, '../site/learn/digits/digits-data.js'), text);
console.log(
  `Right on the test digits: ${(100 * whole).toFixed(2)} %, as bytes ${(100 * small).toFixed(2)} %. ${text.length} bytes, ${gzipSync(text).length} gzipped.`,
);
