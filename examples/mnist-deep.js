// Fifty layers on MNIST: the same layers train with skips around every two of them, and do not without.
//
//   node examples/mnist-deep.js                 two passes over 60,000 images, some ten seconds for each network
//   node examples/mnist-deep.js --images 9600   a second each
//   --epochs N, --seed N, --width N, --svg FILE, --json
//
// Both nets are dense(64), then 48 times batchNorm, relu, dense(64), then the softmax: 50 weight matrices, the same first weights,
// the same batches. A residual block adds its input to its output, so the gradient passes every block unharmed; without the skips
// batch norm keeps the activations level, but not the gradients. See: He et al. 2015, https://arxiv.org/abs/1512.03385

import { MLP, activation, batchNorm, dense, residual, sgd } from 'feedforward';
import { clock, pageOptions, say, show, table } from './course/support/page.js';
import { loadMnist } from './support/mnist.js';

const options = pageOptions({
  images: { type: 'string', default: '60000' },
  epochs: { type: 'string', default: '2' },
  seed: { type: 'string', default: '0' },
  width: { type: 'string', default: '64' },
});
const [images, epochs, seed, width] = [options.images, options.epochs, options.seed, options.width].map(Number);
const batchSize = 64;

const { XTrain, yTrain, XTest, yTest } = loadMnist();
const X = { data: XTrain.data.subarray(0, images * 784), shape: [images, 784] };
const y = { data: yTrain.data.subarray(0, images), shape: [images, 1] };
const some = Math.min(1024, images);
const rows = { data: X.data.subarray(0, some * 784), shape: [some, 784] };

const pair = () =>
  Array.from({ length: 2 }, () => [batchNorm(), activation('relu'), dense(width, { weightInit: 'heNormal' })]).flat();
const pairs = Array.from({ length: 24 }, pair);
const nets = {
  plain: [dense(width), ...pairs.flat(), dense(10, { activation: 'softmax' })],
  residual: [dense(width), ...pairs.map((layers) => residual(layers)), dense(10, { activation: 'softmax' })],
};

const facts = {};
const report = [[`50 layers, ${epochs} epochs of ${images}`, 'gradient, first / last', 'loss', 'test error']];
const series = Object.entries(nets).map(([name, layers]) => {
  const model = new MLP({
    inputs: 784,
    layers,
    loss: 'sparseCategoricalCrossEntropy',
    metrics: ['accuracy'],
    optimizer: sgd({ learningRate: 0.01, momentum: 0.9 }),
    seed,
  });
  const gradients = model
    .diagnose(rows, y.data.subarray(0, some))
    .layers.filter(({ kind }) => kind === 'dense' || kind === 'dense softmax');
  const ratio = gradients[0].gradientPerWeight / gradients.at(-1).gradientPerWeight;
  const points = [];
  let [sum, count] = [0, 0];
  const started = performance.now();
  const history = model.fitSync(X, y, {
    epochs,
    batchSize,
    reportMetrics: false,
    onBatchEnd: ({ loss }) => {
      sum += loss;
      if (++count % 15 !== 0) return;
      points.push([count, sum / 15]);
      sum = 0;
    },
  });
  const seconds = (performance.now() - started) / 1000;
  const testError = 100 * (1 - model.evaluate(XTest, yTest).accuracy);
  facts[name] = { weightMatrices: gradients.length, ratio, loss: history.last.loss, testError, steps: count, seconds };
  report.push([name, ratio.toExponential(1), history.last.loss.toFixed(3), `${testError.toFixed(2)} %`]);
  clock(`${name}: ${seconds.toFixed(1)} seconds`);
  return { name, points };
});
say(table(report));
await show([{ title: 'Fifty layers on MNIST', x: { label: 'step' }, y: { label: 'training loss', log: true }, series }], facts);
