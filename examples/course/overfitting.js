// Overfitting, and what each regulariser does about it: sixty noisy points, a network with ten thousand weights.
//
//   node examples/course/overfitting.js [--svg FILE] [--json]
//
// Without help the network learns the noise by heart: the training loss goes to nothing while the test loss grows past that of
// guessing (ln 2 = 0.69). Two thousand fresh points are the test; all figures are means over three draws of the data. The
// strengths of the regularisers are common values, not tuned.

import { MLP, activation, adam, adamw, batchNorm, binaryCrossEntropy, datasets, dense, dropout } from '../../dist/index.js';
import { pageOptions, show, table } from '../support/page.js';

const options = pageOptions();
const units = 100;
const epochs = 400;
const draws = 3;
const learningRate = 3e-3;

const hidden = () => dense(units, { activation: 'relu' });
const output = () => dense(1, { activation: 'sigmoid' });
const plain = () => [hidden(), hidden(), output()];
const normalised = () => [dense(units, { bias: false }), batchNorm(), activation('relu')];

/** Options of the model, and of fit, for each way of training. */
const ways = {
  nothing: [{ layers: plain() }],
  'L1, 0.001': [{ layers: plain(), l1: 1e-3 }],
  'L2, 0.01': [{ layers: plain(), l2: 1e-2 }],
  'weight decay, 0.5': [{ layers: plain(), optimizer: adamw({ learningRate, weightDecay: 0.5 }) }],
  'dropout, half': [{ layers: [hidden(), dropout(0.5), hidden(), dropout(0.5), output()] }],
  'input noise, 0.3': [{ layers: plain(), inputNoise: 0.3 }],
  'max-norm, 0.5': [{ layers: plain(), maxNorm: 0.5 }],
  'label smoothing, 0.1': [{ layers: plain(), loss: binaryCrossEntropy({ labelSmoothing: 0.1 }) }],
  'batch norm': [{ layers: [...normalised(), ...normalised(), output()] }],
  'early stopping': [{ layers: plain() }, { earlyStopping: { patience: 30 } }],
};

const facts = {};
const rows = [['60 points, 2-100-100-1', 'training loss', 'test loss', 'test error']];
const curves = {};
for (const [name, [network, fit = {}]] of Object.entries(ways)) {
  const mean = { trainLoss: 0, testLoss: 0, testError: 0 };
  for (let seed = 0; seed < draws; seed++) {
    const train = datasets.moons({ samples: 60, noise: 0.3, seed });
    const held = datasets.moons({ samples: 60, noise: 0.3, seed: 500 + seed }); // what early stopping looks at
    const test = datasets.moons({ samples: 2000, noise: 0.3, seed: 1000 + seed });
    const common = { inputs: 2, loss: 'binaryCrossEntropy', metrics: ['accuracy'], optimizer: adam({ learningRate }), seed };
    const model = new MLP({ ...common, ...network });
    const watches = fit.earlyStopping !== undefined;
    const part = { data: test.X.data.subarray(0, 600), shape: [300, 2] }; // enough for the picture's curves
    const validationData = watches ? [held.X, held.y] : [part, { data: test.y.data.subarray(0, 300), shape: [300, 1] }];
    const watched = watches || seed === 0 ? { validationData } : {};
    const history = model.fitSync(train.X, train.y, { epochs, batchSize: 20, reportMetrics: false, ...watched, ...fit });
    if (seed === 0) curves[name] = history.epochs.map(({ epoch, loss, valLoss }) => [epoch, loss, valLoss]);
    const judge = new MLP({ ...common, layers: network.layers }); // the same weights with the same loss for all
    const trained = model.parameters();
    for (const [i, parameter] of judge.parameters().entries()) parameter.set(trained[i].values);
    const after = judge.evaluate(test.X, test.y);
    mean.trainLoss += judge.evaluate(train.X, train.y).loss / draws;
    mean.testLoss += after.loss / draws;
    mean.testError += (1 - after.accuracy) / draws;
  }
  facts[name] = mean;
  rows.push([name, mean.trainLoss.toFixed(3), mean.testLoss.toFixed(3), `${(100 * mean.testError).toFixed(1)} %`]);
}
console.log(table(rows));

const lossesOf = (name, column) => curves[name].map((point) => [point[0], point[column]]);
show(
  options,
  [
    {
      title: 'Learning the noise by heart',
      x: { label: 'epoch' },
      y: { label: 'loss', log: true, from: 0.02 },
      series: [
        { name: 'nothing: training', points: lossesOf('nothing', 1) },
        { name: 'test', points: lossesOf('nothing', 2) },
        { name: 'L2: training', points: lossesOf('L2, 0.01', 1) },
        { name: 'test', points: lossesOf('L2, 0.01', 2) },
      ],
    },
    {
      title: 'Test loss with each regulariser',
      x: { label: 'epoch' },
      y: { label: 'test loss', log: true },
      series: ['nothing', 'L1, 0.001', 'L2, 0.01', 'dropout, half', 'input noise, 0.3', 'max-norm, 0.5', 'batch norm'].map(
        (name) => ({
          name,
          points: lossesOf(name, 2),
        }),
      ),
    },
  ],
  facts,
);
