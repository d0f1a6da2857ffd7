// Trains a digit classifier, 784-128-10, on the 60,000 MNIST images in WebAssembly, tests it on 10,000 others, and times
// the plain-JavaScript baseline on the same work.
//
//   npm start                      five epochs with a progress bar
//   npm start -- --json            the last line is one JSON object
//   npm start -- --hidden 300 --epochs 10 --seed 1

import { parseArgs } from 'node:util';
import cliProgress from 'cli-progress';
import { MLP, adam, cosineDecay, dense, engineInfo } from '../dist/index.js';
import { MLP as BaselineMLP } from '../dist/baseline.js';
import { drawDigit, loadMnist } from './support/mnist.js';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    epochs: { type: 'string', default: '5' },
    hidden: { type: 'string', default: '128' },
    seed: { type: 'string', default: '0' },
    deterministic: { type: 'boolean', default: false },
  },
});
const epochs = Number(options.epochs);
const batchSize = 32;
// The rate falls to 0 along half a cosine: at a fixed one the last epochs jump about the minimum.
const learningRate = cosineDecay(1e-3, { over: epochs * Math.ceil(60_000 / batchSize), per: 'step' });
const network = {
  inputs: 784,
  layers: [dense(Number(options.hidden), { activation: 'relu' }), dense(10, { activation: 'softmax' })],
  loss: 'sparseCategoricalCrossEntropy',
  optimizer: adam({ learningRate }),
  metrics: ['accuracy'],
  seed: Number(options.seed),
  deterministic: options.deterministic,
};

const { XTrain, yTrain, XTest, yTest } = loadMnist();
const model = new MLP(network);
const { build } = engineInfo();
console.log(model.summary());
console.log(
  `\nTraining on ${XTrain.shape[0]} images, batches of ${batchSize}, Adam, the ${options.deterministic ? 'simd' : build} build.`,
);

const bar = new cliProgress.SingleBar(
  { format: ' {bar} epoch {value}/{total}  loss {loss}  accuracy {accuracy}', hideCursor: true },
  cliProgress.Presets.shades_classic,
);
bar.start(epochs, 0, { loss: '-', accuracy: '-' });
const started = performance.now();
const history = await model.fit(XTrain, yTrain, {
  epochs,
  batchSize,
  copy: false, // nobody changes XTrain meanwhile: half the memory
  onEpochEnd: ({ epoch, loss, accuracy }) => bar.update(epoch, { loss: loss.toFixed(4), accuracy: accuracy.toFixed(4) }),
});
const seconds = (performance.now() - started) / 1000;
bar.stop();

const { accuracy: testAccuracy } = model.evaluate(XTest, yTest);
const { samplesPerSecond } = history;

// The same network, data and batches in plain JavaScript, for a few seconds.
const baseline = new BaselineMLP(network);
const part = 3200;
const slice = (m, columns) => ({ data: m.data.subarray(0, part * columns), shape: [part, columns] });
const [XPart, yPart] = [slice(XTrain, 784), slice(yTrain, 1)];
baseline.fitSync(XPart, yPart, { epochs: 1, batchSize });
const { samplesPerSecond: baselineSamplesPerSecond } = baseline.fitSync(XPart, yPart, { epochs: 2, batchSize });

console.log(
  `\nTest accuracy ${(100 * testAccuracy).toFixed(2)} % after ${epochs} epochs in ${seconds.toFixed(1)} s: ${Math.round(samplesPerSecond)} images a second.`,
);
console.log(
  `Plain JavaScript on the same work: ${Math.round(baselineSamplesPerSecond)} images a second. WebAssembly was ${(samplesPerSecond / baselineSamplesPerSecond).toFixed(1)} times as fast.`,
);

const predicted = model.predict(XTest);
const classOf = (row) => row.indexOf(Math.max(...row));
const wrong = [];
const confusion = Array.from({ length: 10 }, () => new Array(10).fill(0));
for (let i = 0; i < yTest.shape[0]; i++) {
  const guess = classOf(predicted.row(i));
  confusion[yTest.data[i]][guess]++;
  if (guess !== yTest.data[i]) wrong.push({ i, guess, sure: predicted.row(i)[guess] });
}
console.log('\nConfusion (rows: the digit; columns: what the network said):\n');
console.log(`      ${[...Array(10).keys()].map((d) => String(d).padStart(5)).join('')}`);
confusion.forEach((row, d) => console.log(`   ${d}  ${row.map((n) => (n === 0 ? '·' : String(n)).padStart(5)).join('')}`));

wrong.sort((a, b) => b.sure - a.sure);
console.log('\nThe mistakes it was surest of:\n');
const shown = wrong.slice(0, 4);
const pictures = shown.map(({ i }) => drawDigit(XTest.data.subarray(i * 784, (i + 1) * 784)));
for (let line = 0; line < 14; line++) console.log(`  ${pictures.map((p) => p[line]).join('  ')}`);
console.log(`  ${shown.map(({ i, guess }) => `a ${yTest.data[i]}, taken for a ${guess}`.padEnd(28)).join('  ')}`);

if (options.json)
  console.log(
    JSON.stringify({
      testAccuracy,
      seconds,
      samplesPerSecond,
      baselineSamplesPerSecond,
      build: options.deterministic ? 'simd' : build,
      epochs,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    }),
  );
